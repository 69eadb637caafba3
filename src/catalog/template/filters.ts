import {
  bounded,
  checkLength,
  isTrue,
  Missing,
  missing,
  TemplateError,
  type TemplateValue,
  toNumber,
  toText,
} from './value.ts'

interface Filter {
  /** Names of the arguments in order, for calls such as `default('x', boolean=true)`. */
  parameters: readonly string[]
  /** How many arguments are required. */
  required: number
  apply(value: TemplateValue, args: readonly TemplateValue[]): TemplateValue
}

function filter(apply: Filter['apply'], parameters: readonly string[] = [], required = 0): Filter {
  return { apply, parameters, required }
}

function text(value: TemplateValue): string {
  return toText(value, 'The filtered value')
}

/**
 * The filters of templates, with Jinja's names and meaning. They have no side effects. Two differ from Jinja: `urlencode` also encodes
 * `/`, and `int` fails on a text that is not a whole number, unless it has a default.
 */
export const filters: ReadonlyMap<string, Filter> = new Map([
  ['upper', filter((value) => text(value).toUpperCase())],
  ['lower', filter((value) => text(value).toLowerCase())],
  ['trim', filter((value) => text(value).trim())],
  ['string', filter((value) => text(value))],
  ['length', filter(length)],
  ['first', filter((value) => itemOf(value, 0, 'first'))],
  ['last', filter((value) => itemOf(value, -1, 'last'))],
  ['join', filter(join, ['d'])],
  ['replace', filter(replace, ['old', 'new', 'count'], 2)],
  ['default', filter(defaultTo, ['default_value', 'boolean'])],
  ['int', filter(int, ['default'])],
  ['urlencode', filter((value) => urlEncode(text(value)))],
  ['b64encode', filter((value) => base64(text(value)))],
  ['base64encode', filter((value) => base64(text(value)))],
  ['tojson', filter(toJson)],
])

/** Percent-encodes everything except unreserved characters, as UTF-8 (RFC 3986, section 2.1). */
export function urlEncode(value: string): string {
  if (!value.isWellFormed()) throw new TemplateError('unusable', 'The text to encode is not well-formed Unicode.')
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function base64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64')
}

function length(value: TemplateValue): number {
  if (value instanceof Missing) throw missing(value)
  if (typeof value === 'object') return Array.isArray(value) ? value.length : Object.keys(value).length
  return [...text(value)].length
}

function itemOf(value: TemplateValue, index: number, name: string): TemplateValue {
  if (value instanceof Missing) throw missing(value)
  const items = Array.isArray(value) ? value : [...text(value)]
  return items.at(index) ?? new Missing(`The ${name} item of an empty list`)
}

function join(value: TemplateValue, [separator = '']: readonly TemplateValue[]): string {
  if (value instanceof Missing) throw missing(value)
  if (!Array.isArray(value)) return text(value)
  return bounded(
    value
      .map((item) => toText(item ?? new Missing('An item of the list'), 'An item of the list'))
      .join(text(separator)),
  )
}

function replace(value: TemplateValue, [before = '', after = '', count]: readonly TemplateValue[]): string {
  const parts = text(value).split(text(before))
  const most = count === undefined ? parts.length - 1 : Math.min(parts.length - 1, Math.max(0, toNumber(count)))
  const replacement = text(after)
  checkLength(text(value).length + most * replacement.length)
  const head = parts.slice(0, most + 1).join(replacement)
  return most === parts.length - 1 ? head : [head, ...parts.slice(most + 1)].join(text(before))
}

function defaultTo(value: TemplateValue, [fallback = '', whenFalse = false]: readonly TemplateValue[]): TemplateValue {
  const absent = value instanceof Missing || (isTrue(whenFalse) && !isTrue(value))
  return absent ? fallback : value
}

function int(value: TemplateValue, [fallback]: readonly TemplateValue[]): TemplateValue {
  if (typeof value === 'number') return Math.trunc(value)
  const source = text(value).trim()
  if (/^[+-]?\d+$/.test(source) && Number.isSafeInteger(Number(source))) return Number(source)
  if (fallback !== undefined) return fallback
  throw new TemplateError('unusable', 'The text given to the filter int is not a whole number.')
}

function toJson(value: TemplateValue): string {
  if (value instanceof Missing) throw missing(value)
  return bounded(JSON.stringify(value))
}
