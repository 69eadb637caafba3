import { refusedImport } from '../../catalog/import/report.ts'
import { runImport } from './import.ts'

/** `latchkey import nango`. @returns the exit code */
export function runImportNango(
  path: string,
  options: { json: boolean; provider?: string | undefined },
): Promise<number> {
  return runImport(path, options, () => refusedImport('This version has no importer for it.'))
}
