import { importOpenApi } from '../../catalog/import/openapi/openapi.ts'
import { runImport } from './import.ts'

/** `latchkey import openapi`. @returns the exit code */
export function runImportOpenApi(path: string, options: { json: boolean }): Promise<number> {
  return runImport(path, options, importOpenApi)
}
