import { z } from 'zod'
import { compileTemplate, namesOf, type Template } from './template.ts'
import { pathTemplateProblem, urlTemplateProblem } from './url-template.ts'
import { isRecord, TemplateError } from './value.ts'

/** What every template may read: all that was supplied, the part that is not secret, and what the provider told. */
const commonNames = ['config', 'input', 'kept']

/** A template that may also read `extraNames`. It is read here, so that a fault in it is an error of its definition. */
export function templateSchema(
  extraNames: readonly string[] = [],
  alsoWrong?: (template: Template) => string | undefined,
) {
  return z.string().superRefine((source, context) => {
    const problem = problemOf(source, [...commonNames, ...extraNames], alsoWrong)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
}

export const template = templateSchema()

/** Makes an http(s) URL. */
export const urlTemplate = templateSchema([], urlTemplateProblem)

/** Makes a path under the base URL. */
export const pathTemplate = templateSchema([], pathTemplateProblem)

/** A JSON object with templates in its strings. */
export const jsonTemplates = jsonTemplatesSchema()

export function jsonTemplatesSchema(extraNames: readonly string[] = []) {
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    for (const { path, source } of stringsIn(value, [])) {
      const problem = problemOf(source, [...commonNames, ...extraNames])
      if (problem !== undefined) context.addIssue({ code: 'custom', path, message: problem })
    }
  })
}

function problemOf(
  source: string,
  names: readonly string[],
  alsoWrong?: (template: Template) => string | undefined,
): string | undefined {
  try {
    const compiled = compileTemplate(source)
    const unknown = namesOf(compiled).find((name) => !names.includes(name))
    if (unknown !== undefined) return `reads ${unknown}, which does not exist here. Known: ${names.join(', ')}`
    return alsoWrong?.(compiled)
  } catch (error) {
    if (error instanceof TemplateError) return error.message
    throw error
  }
}

/** The strings of a JSON value, each with its place. */
export function* stringsIn(
  value: unknown,
  path: (string | number)[],
): Generator<{ path: (string | number)[]; source: string }> {
  if (typeof value === 'string') yield { path, source: value }
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* stringsIn(item, [...path, index])
  else if (isRecord(value)) for (const [key, item] of Object.entries(value)) yield* stringsIn(item, [...path, key])
}
