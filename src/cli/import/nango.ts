import { importNango } from '../../catalog/import/nango/nango.ts'
import { runImport } from './import.ts'

interface NangoOptions {
  json: boolean
  /** The only provider to translate. Undefined: all of the file. */
  provider: string | undefined
}

/** `latchkey import nango`. @returns the exit code */
export function runImportNango(path: string, { json, provider }: NangoOptions): Promise<number> {
  return runImport(path, { json }, (text) => importNango(text, { provider }))
}
