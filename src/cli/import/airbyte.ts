import { basename, dirname, extname, resolve } from 'node:path'
import { importAirbyte } from '../../catalog/import/airbyte/import-manifest.ts'
import { runImport } from './import.ts'

/** `latchkey import airbyte`. @returns the exit code */
export function runImportAirbyte(path: string, options: { json: boolean }): Promise<number> {
  return runImport(path, options, (text) => importAirbyte(text, { name: serviceName(path) }))
}

/** The service of a manifest: Airbyte keeps it in a folder such as `source-acme-crm`. */
function serviceName(path: string): string {
  const file = basename(path, extname(path))
  const slug = file === 'manifest' ? basename(dirname(resolve(path))) : file
  const words = slug.replace(/^source-/, '').split(/[-_\s]+/)
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' ')
}
