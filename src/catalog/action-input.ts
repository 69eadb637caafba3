/** One property of a JSON Schema 2020-12. */
export interface Property {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object'
  description: string
  [keyword: string]: JsonValue
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }
type Keywords = Readonly<Record<string, JsonValue>>
type Properties = Readonly<Record<string, Property>>

/** JSON Schema of an action's arguments. Arguments that it does not name are refused. */
export function input(required: Properties, optional: Properties = {}) {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  }
}

/** Not empty. */
export function text(description: string, keywords: Keywords = {}): Property {
  return { type: 'string', minLength: 1, ...keywords, description }
}

export function integer(description: string, keywords: Keywords = {}): Property {
  return { type: 'integer', ...keywords, description }
}

export function flag(description: string): Property {
  return { type: 'boolean', description }
}

export function choice(description: string, values: readonly string[]): Property {
  return { type: 'string', enum: values, description }
}

export function list(description: string, items: Keywords, keywords: Keywords = {}): Property {
  return { type: 'array', items, minItems: 1, ...keywords, description }
}

/** The pattern keeps out line breaks, commas and names: the address is written into headers of messages. */
export const EMAIL = { type: 'string', format: 'email', pattern: '^[^\\s,;<>]+@[^\\s,;<>]+$' } as const

export function email(description: string): Property {
  return { ...EMAIL, description }
}

/** An instant with its offset, such as 2026-07-01T09:00:00Z. */
export function instant(description: string): Property {
  return { type: 'string', format: 'date-time', description }
}

export function day(description: string): Property {
  return { type: 'string', format: 'date', description }
}

/** How many results a list returns; the action's template has the same default. */
export function limit(max: number, byDefault: number): Property {
  return integer(`How many results to return at most. Default: ${byDefault}.`, {
    minimum: 1,
    maximum: max,
    default: byDefault,
  })
}

export function page(): Property {
  return integer('Number of the page. Default: 1.', { minimum: 1, default: 1 })
}

/** @param from where the previous result has it */
export function cursor(from: string): Property {
  return text(`${from} of the previous result, to get the next page. Leave it out for the first page.`)
}

/**
 * A JSON value for `request.json` whose constants are sent only if this argument is given. Templates in it stay as they are. An object
 * of which nothing is left is not sent.
 */
export function onlyWith(argument: string, value: JsonValue): JsonValue {
  if (typeof value === 'string' && value.includes('{{')) return value
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return value.map((item: JsonValue) => onlyWith(argument, item))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, onlyWith(argument, item)]))
  }
  const literal = typeof value === 'string' ? `'${value}'` : String(value)
  return `{{ ${literal} if args.${argument} is defined else args.${argument} }}`
}
