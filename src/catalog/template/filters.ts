import { createHmac, hash } from 'node:crypto'
import { formatInstant, INSTANT_FORMATS, numberOf, recognizeInstant } from '../../kit/instant.ts'
import { textSearch } from '../../kit/text-search.ts'
import { addDuration, InvalidDurationError, parseDuration } from '../../kit/time.ts'
import { patternProblem, searchPattern } from '../definition/pattern.ts'
import type { TemplateBudget } from './budget.ts'
import { isTrue, Missing, missing, TemplateError, type TemplateValue, toNumber, toText } from './value.ts'

/**
 * A filter. `applyFilter` pays for reading the value and the arguments, and checks `produces` before `apply` builds anything, so a
 * filter cannot exceed the budget of the request. A filter that reads more than these pays for that itself.
 */
interface Filter {
  /** Names of the arguments in order, for calls such as `default('x', boolean=true)`. */
  parameters: readonly string[]
  /** How many arguments are required. */
  required: number
  /** Largest length that the resulting text can have, in UTF-16 units. 0: the result is not a new text. */
  produces(value: TemplateValue, args: readonly TemplateValue[], budget: TemplateBudget): number
  apply(value: TemplateValue, args: readonly TemplateValue[], budget: TemplateBudget): TemplateValue
}

function filter(
  produces: Filter['produces'],
  apply: Filter['apply'],
  parameters: readonly string[] = [],
  required = 0,
): Filter {
  return { produces, apply, parameters, required }
}

/** Applies a filter within the budget. @throws TemplateError */
export function applyFilter(
  { produces, apply }: Filter,
  value: TemplateValue,
  args: readonly TemplateValue[],
  budget: TemplateBudget,
): TemplateValue {
  let size = sizeOf(value)
  for (const arg of args) size += sizeOf(arg)
  budget.read(size)
  budget.reserve(produces(value, args, budget))
  const result = apply(value, args, budget)
  if (typeof result === 'string' && result !== value) budget.produce(result.length)
  return result
}

function sizeOf(value: TemplateValue): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0
}

function text(value: TemplateValue): string {
  return toText(value, 'The filtered value')
}

/** A text that grows at most by this factor. */
function times(factor: number): Filter['produces'] {
  return (value) => factor * text(value).length
}

const nothingNew: Filter['produces'] = () => 0

/**
 * The filters of templates, with Jinja's names and meaning. They have no side effects. Two differ from Jinja: `urlencode` also encodes
 * `/`, and `int` and `float` fail on a text that is not a number, unless they have a default. `wrap`, `date`, `split`, `b64decode`,
 * `regex_search`, `sha256`, `hash`, `hmac_sha256` and the second argument of `trim` are not in Jinja.
 */
export const filters: ReadonlyMap<string, Filter> = new Map([
  // One UTF-16 unit becomes three in upper case at most, as in U+0390.
  ['upper', filter(times(3), (value) => text(value).toUpperCase())],
  ['lower', filter(times(3), (value) => text(value).toLowerCase())],
  ['trim', filter(times(1), trim, ['chars', 'side'])],
  ['string', filter(nothingNew, (value) => text(value))],
  ['length', filter(nothingNew, length)],
  ['first', filter(nothingNew, first)],
  ['last', filter(nothingNew, last)],
  ['join', filter(joinedLength, join, ['d'])],
  ['wrap', filter(nothingNew, wrap, ['key'], 1)],
  ['replace', filter(replacedLength, replace, ['old', 'new', 'count'], 2)],
  ['default', filter(nothingNew, defaultTo, ['default_value', 'boolean'])],
  ['int', filter(nothingNew, int, ['default'])],
  ['float', filter(nothingNew, float, ['default'])],
  ['regex_search', filter(times(1), regexSearch, ['pattern'], 1)],
  // One UTF-16 unit has three bytes in UTF-8 at most, each of them as %XX or as 4/3 of a character.
  ['urlencode', filter(times(9), (value) => urlEncode(text(value)))],
  ['b64encode', filter(base64Length, (value) => base64(text(value)))],
  ['base64encode', filter(base64Length, (value) => base64(text(value)))],
  ['tojson', filter(jsonLength, toJson)],
  ['date', filter(dateLength, date, ['format', 'shift'])],
  ['split', filter(times(1), split, ['separator'], 1)],
  ['b64decode', filter(times(1), base64Decoded)],
  ['sha256', filter(digestLength, sha256, ['encoding'])],
  ['hash', filter(longDigestLength, hashOf, ['algorithm', 'encoding'], 1)],
  ['hmac_sha256', filter(digestLength, hmacSha256, ['key', 'encoding'], 1)],
])

/** Percent-encodes everything except unreserved characters, as UTF-8 (RFC 3986, section 2.1). */
export function urlEncode(value: string): string {
  if (!value.isWellFormed()) throw new TemplateError('unusable', 'The text to encode is not well-formed Unicode.')
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Removes white space, or the characters of a text, from both sides, or from one (`start`, `end`). */
function trim(value: TemplateValue, [chars = '', side = '']: readonly TemplateValue[], budget: TemplateBudget): string {
  const source = text(value)
  const [removed, where] = [new Set(text(chars)), text(side)]
  if (where !== '' && where !== 'start' && where !== 'end')
    throw new TemplateError('unusable', 'The side given to the filter trim must be start or end.')
  if (removed.size === 0)
    return where === '' ? source.trim() : where === 'start' ? source.trimStart() : source.trimEnd()
  budget.step(source.length)
  const letters = [...source]
  const isKept = (letter: string) => !removed.has(letter)
  const from = where === 'end' ? 0 : letters.findIndex(isKept)
  const to = where === 'start' ? letters.length : letters.findLastIndex(isKept) + 1
  return from === -1 ? '' : letters.slice(from, to).join('')
}

/** The first group of the first match of a pattern, or the whole match; empty: nothing matches. */
function regexSearch(value: TemplateValue, [pattern = '']: readonly TemplateValue[], budget: TemplateBudget): string {
  const source = text(value)
  const wanted = text(pattern)
  const problem = patternProblem(wanted)
  if (problem !== undefined) throw new TemplateError('unusable', `The pattern given to regex_search ${problem}.`)
  return searchPattern(wanted, source, (steps) => budget.step(steps / STEPS_OF_MATCH)) ?? ''
}

/** The instructions of a pattern that take as long as one operation. */
const STEPS_OF_MATCH = 4

function base64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64')
}

function base64Length(value: TemplateValue): number {
  return 4 * text(value).length + 4
}

/** Characters, items or keys. */
function length(value: TemplateValue, _: readonly TemplateValue[], budget: TemplateBudget): number {
  if (value instanceof Missing) throw missing(value)
  if (Array.isArray(value)) return value.length
  if (typeof value === 'object') return keysOf(value, budget).length
  let count = 0
  for (const _char of text(value)) count += 1
  return count
}

function keysOf(value: Readonly<Record<string, unknown>> | readonly unknown[], budget: TemplateBudget): string[] {
  const keys = Object.keys(value)
  budget.step(keys.length)
  return keys
}

function first(value: TemplateValue): TemplateValue {
  if (Array.isArray(value)) return value.at(0) ?? noItem('first')
  const code = text(value).codePointAt(0)
  return code === undefined ? noItem('first') : String.fromCodePoint(code)
}

function last(value: TemplateValue): TemplateValue {
  if (Array.isArray(value)) return value.at(-1) ?? noItem('last')
  const end = text(value).slice(-2)
  return [...end].at(-1) ?? noItem('last')
}

function noItem(name: string): Missing {
  return new Missing(`The ${name} item of an empty list`)
}

function joinedLength(value: TemplateValue, [separator = '']: readonly TemplateValue[]): number {
  if (value instanceof Missing) throw missing(value)
  if (!Array.isArray(value)) return 0
  const between = text(separator).length * Math.max(0, value.length - 1)
  return value.reduce<number>((total, item) => total + itemText(item).length, between)
}

function join(value: TemplateValue, [separator = '']: readonly TemplateValue[], budget: TemplateBudget): string {
  if (!Array.isArray(value)) return text(value)
  budget.step(value.length)
  return value.map(itemText).join(text(separator))
}

function itemText(item: TemplateValue | null): string {
  return toText(item ?? new Missing('An item of the list'), 'An item of the list')
}

/** Makes each item of a list an object with this one key: `['a'] | wrap('email')` is `[{ email: 'a' }]`. */
function wrap(value: TemplateValue, [key = '']: readonly TemplateValue[], budget: TemplateBudget): TemplateValue {
  if (value instanceof Missing) throw missing(value)
  if (!Array.isArray(value)) throw new TemplateError('unusable', 'The value given to the filter wrap is not a list.')
  budget.step(value.length)
  const name = text(key)
  return value.map((item: unknown) => Object.fromEntries([[name, item]]))
}

function replacedLength(
  value: TemplateValue,
  [before = '', after = '', count]: readonly TemplateValue[],
  budget: TemplateBudget,
): number {
  const source = text(value)
  const old = text(before)
  const found = occurrences(source, old, budget)
  const grows = Math.max(0, text(after).length - old.length)
  return source.length + replacements(found, count) * grows
}

function replace(value: TemplateValue, [before = '', after = '', count]: readonly TemplateValue[]): string {
  const source = text(value)
  const old = text(before)
  if (old === '') return replaceBetween(source, text(after), count)
  const find = textSearch(old)
  const most = replacements(Number.POSITIVE_INFINITY, count)
  const parts: string[] = []
  let from = 0
  for (let at = find(source); at >= 0 && parts.length < most; at = find(source, from)) {
    parts.push(source.slice(from, at))
    from = at + old.length
  }
  return [...parts, source.slice(from)].join(text(after))
}

/** Puts the text between the UTF-16 units of another. */
function replaceBetween(source: string, after: string, count: TemplateValue | undefined): string {
  const most = replacements(Math.max(0, source.length - 1), count)
  return source.slice(0, most).split('').concat(source.slice(most)).join(after)
}

function replacements(found: number, count: TemplateValue | undefined): number {
  return count === undefined ? found : Math.min(found, Math.max(0, Math.floor(toNumber(count))))
}

/** How often `replace` finds the text: the empty text stands between all UTF-16 units. */
function occurrences(source: string, old: string, budget: TemplateBudget): number {
  if (old === '') {
    budget.step(source.length)
    return Math.max(0, source.length - 1)
  }
  const find = textSearch(old)
  let found = 0
  for (let at = find(source); at >= 0; at = find(source, at + old.length)) found += 1
  budget.step(found)
  return found
}

function defaultTo(
  value: TemplateValue,
  [fallback = '', whenFalse = false]: readonly TemplateValue[],
  budget: TemplateBudget,
): TemplateValue {
  const absent = value instanceof Missing || (isTrue(whenFalse, budget) && !isTrue(value, budget))
  return absent ? fallback : value
}

function int(value: TemplateValue, [fallback]: readonly TemplateValue[]): TemplateValue {
  if (typeof value === 'number') return Math.trunc(value)
  const source = text(value).trim()
  if (/^[+-]?\d+$/.test(source) && Number.isSafeInteger(Number(source))) return Number(source)
  if (fallback !== undefined) return fallback
  throw new TemplateError('unusable', 'The text given to the filter int is not a whole number.')
}

function float(value: TemplateValue, [fallback]: readonly TemplateValue[]): TemplateValue {
  if (typeof value === 'number') return value
  const number = numberOf(text(value))
  if (number !== undefined) return number
  if (fallback !== undefined) return fallback
  throw new TemplateError('unusable', 'The text given to the filter float is not a number.')
}

function toJson(value: TemplateValue): string {
  return JSON.stringify(value)
}

/** An upper bound, because each character of a text may be escaped as `\u0000`. Stops when the budget does not allow as much. */
function jsonLength(value: TemplateValue, _: readonly TemplateValue[], budget: TemplateBudget): number {
  if (value instanceof Missing) throw missing(value)
  let total = 0
  const open: unknown[] = [value]
  while (open.length > 0) {
    const item = open.pop()
    budget.step(1)
    if (typeof item === 'string') total += 6 * item.length + 2
    else if (typeof item !== 'object' || item === null) total += 25
    else {
      const items: readonly unknown[] = Array.isArray(item) ? item : Object.values(item)
      budget.step(items.length)
      total += items.length + 2
      if (!Array.isArray(item)) for (const key of Object.keys(item)) total += 6 * key.length + 3
      for (const each of items) open.push(each)
    }
    budget.reserve(total)
  }
  return total
}

/** A digest of a short text, or a date, takes as long as this many operations. */
const SLOW_STEPS = 20

const maxFormatLength = 100
const maxInstantLength = 100
/** The longest result of a strftime directive, such as the name of a month. */
const maxDirectiveLength = 16

function dateLength(_: TemplateValue, __: readonly TemplateValue[], budget: TemplateBudget): number {
  budget.step(SLOW_STEPS)
  return maxFormatLength * maxDirectiveLength
}

/** Formats whose result is a number. */
const counted: ReadonlySet<string> = new Set(['seconds', 'milliseconds', 'epoch', 'epoch_ms'])

/** Writes an instant, moved by a duration such as `P1D` or `-P1D`, in a format of definitions. */
function date(value: TemplateValue, [format = '', shift = '']: readonly TemplateValue[]): TemplateValue {
  const wanted = format === '' ? 'iso8601' : text(format)
  const isNamed = INSTANT_FORMATS.some((name) => name === wanted)
  if (wanted.length > maxFormatLength || (!isNamed && !wanted.includes('%'))) {
    const known = INSTANT_FORMATS.join(', ')
    throw new TemplateError('unusable', `The format given to date must be one of ${known}, or a strftime pattern.`)
  }
  const instant = shifted(instantOf(value), text(shift).trim())
  const written = formatInstant(instant, wanted)
  return counted.has(wanted) ? Number(written) : written
}

function instantOf(value: TemplateValue): Date {
  const source = text(value)
  const isShort = source.length <= maxInstantLength
  const count = isShort ? numberOf(source) : undefined
  const instant = count === undefined ? isShort && recognizeInstant(source) : new Date(count * 1000)
  if (instant instanceof Date && !Number.isNaN(instant.getTime())) return instant
  throw new TemplateError(
    'unusable',
    'The value given to date must be a date of ISO 8601 or RFC 1123, or seconds since 1970.',
  )
}

function shifted(instant: Date, shift: string): Date {
  if (shift === '') return instant
  try {
    const duration = parseDuration(shift.replace(/^[+-]/, ''))
    return addDuration(instant, shift.startsWith('-') ? duration.negated() : duration)
  } catch (error) {
    if (!(error instanceof InvalidDurationError || error instanceof RangeError)) throw error
    throw new TemplateError('unusable', 'The shift given to date must be an ISO 8601 duration, such as P1D or -PT1H.')
  }
}

/** The parts between the separators. An empty text has one part, which is empty. */
function split(value: TemplateValue, [separator = '']: readonly TemplateValue[], budget: TemplateBudget): string[] {
  const [source, between] = [text(value), text(separator)]
  if (between === '') throw new TemplateError('unusable', 'The separator given to the filter split is empty.')
  budget.step(occurrences(source, between, budget))
  const find = textSearch(between)
  const parts: string[] = []
  let from = 0
  for (let at = find(source); at >= 0; at = find(source, from)) {
    parts.push(source.slice(from, at))
    from = at + between.length
  }
  return [...parts, source.slice(from)]
}

/** Decodes base64 or base64url, with or without padding. */
function base64Decoded(value: TemplateValue): string {
  const source = text(value).trim()
  const bytes = Buffer.from(source, 'base64url')
  // Buffer leaves out what is not base64.
  if (/^[\w+/-]*={0,2}$/.test(source)) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      // It is base64 of something else.
    }
  }
  throw new TemplateError('unusable', 'The value given to the filter b64decode is not base64 of UTF-8 text.')
}

/** In hexadecimal digits, the longest encoding. */
function digestLength(_: TemplateValue, __: readonly TemplateValue[], budget: TemplateBudget): number {
  budget.step(SLOW_STEPS)
  return 64
}

function sha256(value: TemplateValue, [encoding = '']: readonly TemplateValue[]): string {
  return hash('sha256', text(value), digestEncoding(encoding))
}

/** In hexadecimal digits, the longest encoding of the longest digest. */
function longDigestLength(value: TemplateValue, args: readonly TemplateValue[], budget: TemplateBudget): number {
  return 2 * digestLength(value, args, budget)
}

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512']

/** A digest for a provider that prescribes its algorithm. */
function hashOf(value: TemplateValue, [algorithm = '', encoding = '']: readonly TemplateValue[]): string {
  const name = text(algorithm)
  if (!ALGORITHMS.includes(name))
    throw new TemplateError(
      'unusable',
      `The algorithm given to the filter hash must be one of ${ALGORITHMS.join(', ')}.`,
    )
  return hash(name, text(value), digestEncoding(encoding))
}

function hmacSha256(value: TemplateValue, [key = '', encoding = '']: readonly TemplateValue[]): string {
  return createHmac('sha256', text(key)).update(text(value)).digest(digestEncoding(encoding))
}

function digestEncoding(encoding: TemplateValue): 'hex' | 'base64' | 'base64url' {
  if (encoding === '') return 'hex'
  if (encoding === 'hex' || encoding === 'base64' || encoding === 'base64url') return encoding
  throw new TemplateError('unusable', 'The encoding of a digest must be hex, base64 or base64url.')
}
