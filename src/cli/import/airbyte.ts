import { refusedImport } from '../../catalog/import/report.ts'
import { runImport } from './import.ts'

/** `latchkey import airbyte`. @returns the exit code */
export function runImportAirbyte(path: string, options: { json: boolean }): Promise<number> {
  return runImport(path, options, () => refusedImport('This version has no importer for it.'))
}
