import { refusedImport } from '../../catalog/import/report.ts'
import { runImport } from './import.ts'

/** `latchkey import openapi`. @returns the exit code */
export function runImportOpenApi(path: string, options: { json: boolean }): Promise<number> {
  return runImport(path, options, () => refusedImport('This version has no importer for it.'))
}
