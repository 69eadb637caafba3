import { expect } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { InvalidInputError } from '../../../src/kit/errors.ts'

const path = ['input', 'definition']

/** `path: message` of every invalid field, without the common prefix of the paths. */
export function problemsOf(definition: unknown): string[] {
  try {
    parseDefinition(definition, { path })
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.fields.map((field) => {
      expect(field.path.slice(0, 2)).toEqual(path)
      return `${field.path.slice(2).join('.')}: ${field.message}`
    })
  }
  return []
}
