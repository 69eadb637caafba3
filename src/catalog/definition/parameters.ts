import { z } from 'zod'
import { renderTemplate, type TemplateScope, templateValue } from '../template/template.ts'
import { TemplateError, toTemplateValue, toText } from '../template/value.ts'

const parameterName = z.string().min(1).max(256)

/** Parameters of a query or form, whose values are `template`. A list sends the parameter once for each of its values. */
export function parametersSchema<T extends z.ZodType<string>>(template: T) {
  const optional = z.strictObject({
    value: template,
    /** The parameter is not sent when the value is missing, null or empty. */
    whenEmpty: z.literal('omit'),
  })
  return z.record(parameterName, z.union([template, z.array(template).max(50), optional]))
}

export type Parameters = Readonly<
  Record<string, string | readonly string[] | { readonly value: string; readonly whenEmpty: 'omit' }>
>

/**
 * The parameters in order. A template that is one expression and gives a list is sent once for each item, and not at all for an empty
 * list.
 * @throws TemplateError for a missing input, and for a value that is no text, number or boolean
 */
export function renderParameters(parameters: Parameters, scope: TemplateScope): [name: string, value: string][] {
  return Object.entries(parameters).flatMap(([name, given]) => {
    const sources = typeof given === 'string' ? [given] : 'whenEmpty' in given ? [given.value] : given
    const mayBeEmpty = typeof given === 'object' && 'whenEmpty' in given
    const values = sources.flatMap((source) => textsOf(source, scope, mayBeEmpty))
    return values.map((value): [string, string] => [name, value])
  })
}

function textsOf(source: string, scope: TemplateScope, mayBeEmpty: boolean): string[] {
  try {
    const value = templateValue(source, scope)
    const texts = Array.isArray(value)
      ? value.map((item) => toText(toTemplateValue(item, 'An item of the list'), 'An item of the list'))
      : [renderTemplate(source, scope)]
    return mayBeEmpty ? texts.filter((text) => text !== '') : texts
  } catch (error) {
    if (mayBeEmpty && error instanceof TemplateError && error.fault === 'missing') return []
    throw error
  }
}
