import { z } from 'zod'
import { currentDefinitionBudget } from '../definition/definition-budget.ts'
import { compileCondition, compileTemplate, namesOf, type Template } from './template.ts'
import { pageUrlTemplateProblem, pathTemplateProblem, urlTemplateProblem } from './url-template.ts'
import { isRecord, TemplateError } from './value.ts'

/** Names that every template may read: all supplied values, the values that are not secret, and what the provider returned. */
const commonNames = ['config', 'input', 'kept']

/** A template that may also read `extraNames`. It is compiled here, so a fault is reported as an error of the definition. */
export function templateSchema(
  extraNames: readonly string[] = [],
  alsoWrong?: (template: Template) => string | undefined,
) {
  return z.string().superRefine((source, context) => {
    const problem = problemOf(source, [...commonNames, ...extraNames], alsoWrong)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
}

/** A template that may read these names only, none of which belongs to a connection. */
export function templateOver(names: readonly string[]) {
  return z.string().superRefine((source, context) => {
    const problem = problemOf(source, names)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
}

export const template = templateSchema()

/** A template that renders to an http(s) URL. */
export const urlTemplate = templateSchema([], urlTemplateProblem)

/** A template that renders to the URL of a page in a browser, which may have a fragment. */
export const pageUrlTemplate = templateSchema([], pageUrlTemplateProblem)

/** A template that renders to a path below the base URL. */
export const pathTemplate = templateSchema([], pathTemplateProblem)

/** A JSON object whose strings are templates. */
export const jsonTemplates = jsonTemplatesSchema()

export function jsonTemplatesSchema(extraNames: readonly string[] = []) {
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    for (const { path, source } of stringsIn(value, [])) {
      const problem = problemOf(source, [...commonNames, ...extraNames])
      if (problem !== undefined) context.addIssue({ code: 'custom', path, message: problem })
    }
  })
}

/** An expression, without `{{` and `}}`, that may read these names and is used as a condition. */
export function conditionSchema(names: readonly string[]) {
  return z.string().superRefine((source, context) => {
    currentDefinitionBudget().spendOnTemplate(source)
    const problem = faultOf(() => unknownName(namesOf(compileCondition(source)), names))
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
}

/** Whether a template reads a name. A template that does not parse is reported elsewhere. */
export function readsName(source: string, name: string): boolean {
  return namesRead(() => compileTemplate(source)).includes(name)
}

/** As `readsName`, for an expression without `{{` and `}}`. */
export function expressionReadsName(source: string, name: string): boolean {
  return namesRead(() => compileCondition(source)).includes(name)
}

function namesRead(compile: () => Pick<Template, 'references'>): string[] {
  try {
    return namesOf(compile())
  } catch (error) {
    if (error instanceof TemplateError) return []
    throw error
  }
}

function problemOf(
  source: string,
  names: readonly string[],
  alsoWrong?: (template: Template) => string | undefined,
): string | undefined {
  if (source.includes('{{') || source.includes('{#')) currentDefinitionBudget().spendOnTemplate(source)
  return faultOf(() => {
    const compiled = compileTemplate(source)
    return unknownName(namesOf(compiled), names) ?? alsoWrong?.(compiled)
  })
}

function unknownName(read: readonly string[], names: readonly string[]): string | undefined {
  const unknown = read.find((name) => !names.includes(name))
  return unknown === undefined ? undefined : `reads ${unknown}, which does not exist here. Known: ${names.join(', ')}`
}

/** The result of a check, or the message of the syntax error that it throws. */
function faultOf(check: () => string | undefined): string | undefined {
  try {
    return check()
  } catch (error) {
    if (error instanceof TemplateError) return error.message
    throw error
  }
}

/** The strings of a JSON value, each with its path. */
export function* stringsIn(
  value: unknown,
  path: (string | number)[],
): Generator<{ path: (string | number)[]; source: string }> {
  if (typeof value === 'string') yield { path, source: value }
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* stringsIn(item, [...path, index])
  else if (isRecord(value)) for (const [key, item] of Object.entries(value)) yield* stringsIn(item, [...path, key])
}
