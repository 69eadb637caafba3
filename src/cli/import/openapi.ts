import { importOpenApi } from '../../catalog/import/openapi/openapi.ts'
import { runImport } from './import.ts'

interface OpenApiOptions {
  json: boolean
  /** Tags and beginnings of paths. Undefined: all operations. */
  only?: readonly string[] | undefined
}

/** `latchkey import openapi`. @returns the exit code */
export function runImportOpenApi(path: string, { json, only }: OpenApiOptions): Promise<number> {
  return runImport(path, { json }, (text) => importOpenApi(text, { only }))
}
