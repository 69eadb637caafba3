import { randomUUID } from 'node:crypto'

/**
 * Parses and writes the JSON of third parties without changing numbers. A JavaScript number holds 53 bits: JSON.parse turns
 * 9007199254740993 into …992, and 1e400 into Infinity, which JSON.stringify writes as null. Numbers that a JavaScript number
 * cannot hold are kept as text (`JSON.rawJSON`); all others are plain numbers.
 */

type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

/** A number that is kept as text. `JSON.rawJSON` makes it, and `isRawJson` recognizes it. */
interface RawJson {
  readonly rawJSON: string
}

declare global {
  // https://tc39.es/proposal-json-parse-with-source/: in Node since 21, not yet in TypeScript's library.
  interface JSON {
    rawJSON(text: string): RawJson
    isRawJSON(value: unknown): value is RawJson
  }
}

/** The text is not JSON. `position` is an offset in UTF-16 units. Holds none of the text, which may be a secret. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
  readonly position: number

  constructor(position: number, length: number) {
    super(
      position >= length
        ? `The text is not JSON: it ends too early, at position ${position}.`
        : `The text is not JSON: unexpected character at position ${position}.`,
    )
    this.position = position
  }
}

const MAX_DEPTH = 200

/** Numbers of one text that are kept once for all of their places. */
const MAX_SHARED_NUMBERS = 10_000

export class JsonTooDeepError extends Error {
  override readonly name = 'JsonTooDeepError'

  constructor() {
    super(`The JSON is nested more than ${MAX_DEPTH} levels deep.`)
  }
}

/**
 * As JSON.parse, except that numbers which would change are kept as text (see `isRawJson`): too long, too large, too small,
 * and -0. A number of equal value is an ordinary number: 1.0 is 1, 1E2 is 100. Of two equal keys in one object, the last
 * wins. A key `__proto__` becomes an own property, so copy such objects by spread, never by Object.assign.
 *
 * @throws {JsonTooDeepError} above 200 levels, before anything is built
 * @throws {JsonSyntaxError}
 */
export function parseJson(text: string): unknown {
  const inexact = scan(text)
  try {
    return inexact.length === 0 ? JSON.parse(text) : parseKeeping(text, inexact)
  } catch (error) {
    if (error instanceof SyntaxError) throw new JsonSyntaxError(syntaxErrorPosition(text), text.length)
    throw error
  }
}

/**
 * As JSON.stringify. Numbers that were kept as text are written unchanged.
 * @throws {TypeError} for values that JSON cannot hold: undefined, functions, cycles, bigint
 */
export function stringifyJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError('The value has no JSON form.')
  return text
}

/** Whether a value is a number that was kept as text, in `value.rawJSON`. */
export function isRawJson(value: unknown): value is RawJson {
  return JSON.isRawJSON(value)
}

/**
 * Parses a text in which some numbers must be kept. They are parsed as strings with a mark that no other string of it begins with,
 * and are found in the value by it. A reviver of JSON.parse would see the text of numbers too, but costs 100 times as much
 * as parsing, and more than linear time.
 *
 * @param inexact start and end of each number to keep, one after the other
 * @throws SyntaxError
 */
function parseKeeping(text: string, inexact: readonly number[]): unknown {
  const mark = markFor(text)
  let marked = ''
  let done = 0
  for (let index = 0; index < inexact.length; index += 2) {
    const [start = 0, end = 0] = [inexact[index], inexact[index + 1]]
    if (!isNumberValue(text, start, end)) continue
    marked += `${text.slice(done, start)}"${mark}${text.slice(start, end)}"`
    done = end
  }
  return withKeptNumbers(JSON.parse(marked + text.slice(done)), mark, new Map())
}

/** A text that no string in the JSON contains: a rare control character, or what nobody can guess. */
function markFor(text: string): string {
  for (let code = 0x7f; code < 0xa0; code += 1) {
    const mark = String.fromCharCode(code)
    if (!text.includes(mark) && !new RegExp(`\\\\u00${code.toString(16)}`, 'i').test(text)) return mark
  }
  return randomUUID()
}

/** Whether this part of a text is a number in a place where JSON allows one. As a string it would also be allowed as a name. */
function isNumberValue(text: string, start: number, end: number): boolean {
  NUMBER.lastIndex = start
  if (NUMBER.exec(text)?.[0].length !== end - start) return false
  let at = end
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1
  return text.charAt(at) !== ':'
}

/** Replaces the marked strings of a value by their numbers, in place. `kept` has the short numbers, which may occur often. */
function withKeptNumbers(value: unknown, mark: string, kept: Map<string, RawJson>): unknown {
  if (typeof value === 'string') {
    if (!value.startsWith(mark)) return value
    const known = kept.get(value)
    if (known !== undefined) return known
    const number = JSON.rawJSON(value.slice(mark.length))
    if (kept.size < MAX_SHARED_NUMBERS && value.length < mark.length + 32) kept.set(value, number)
    return number
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index]
      if (typeof item === 'string' || typeof item === 'object') value[index] = withKeptNumbers(item, mark, kept)
    }
    return value
  }
  const object = value as Record<string, unknown>
  for (const name of Object.keys(object)) {
    const item = object[name]
    // An own property `__proto__`, which JSON.parse makes, is replaced by this like any other.
    if (typeof item === 'string' || typeof item === 'object') object[name] = withKeptNumbers(item, mark, kept)
  }
  return value
}

const QUOTE = 0x22
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const LETTER_E = 0x65
/** The one bit between [ and {, between ] and }, and between E and e. */
const BRACE_OR_CASE = 0x20

/**
 * Measures the depth of a text, which may not be JSON, in one pass.
 * @returns start and end of each number that does not survive as a JavaScript number, one after the other
 */
function scan(text: string): readonly number[] {
  const { length } = text
  const inexact: number[] = []
  let depth = 0
  let at = 0
  while (at < length) {
    const code = text.charCodeAt(at)
    at += 1
    if (code === QUOTE) {
      let inside = text.charCodeAt(at)
      while (inside !== QUOTE && at < length) {
        at += inside === BACKSLASH ? 2 : 1
        inside = text.charCodeAt(at)
      }
      at += 1
    } else if (code >= OPEN_BRACKET) {
      const bracket = code & ~BRACE_OR_CASE
      if (bracket === OPEN_BRACKET) depth += 1
      else if (bracket === CLOSE_BRACKET) depth -= 1
      if (depth > MAX_DEPTH) throw new JsonTooDeepError()
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const start = at - 1
      at = endOfDigits(text, at)
      // Up to 15 digits always survive. Numbers with an exponent and -0 must be checked.
      const exponent = (text.charCodeAt(at) | BRACE_OR_CASE) === LETTER_E
      if (exponent) at = endOfDigits(text, at + 1)
      const negativeZero = code === MINUS && text.charCodeAt(start + 1) === ZERO
      if ((exponent || negativeZero || at - start > 15) && !survives(text.slice(start, at))) inexact.push(start, at)
    }
  }
  return inexact
}

function endOfDigits(text: string, start: number): number {
  let at = start
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if ((code < ZERO || code > NINE) && code !== POINT && code !== PLUS && code !== MINUS) break
  }
  return at
}

const INTEGER = /^-?[1-9][0-9]*$/

/** Whether parsing this number and writing it again gives the same value, including the sign of zero. */
export function survives(source: string): boolean {
  const number = Number(source)
  const written = String(number)
  if (written === source) return true
  if (!Number.isFinite(number) || Object.is(number, -0)) return false
  // Both are written without exponent and leading zeros, so the values differ.
  if (source.length <= 20 && INTEGER.test(source)) return false
  const before = decimalOf(source)
  const after = decimalOf(written)
  if (before.digits === '' || after.digits === '') return before.digits === after.digits
  return before.digits === after.digits && before.exponent === after.exponent
}

/** The number as 0.digits × 10^exponent. The digits have no zeros at either end. */
function decimalOf(source: string): { digits: string; exponent: number } {
  const [mantissa = '', exponent = '0'] = source.replace(/^-/, '').split(/e/i)
  const [whole = '', fraction = ''] = mantissa.split('.')
  const all = whole + fraction
  let start = 0
  let end = all.length
  while (start < end && all.charCodeAt(start) === ZERO) start += 1
  while (end > start && all.charCodeAt(end - 1) === ZERO) end -= 1
  return { digits: all.slice(start, end), exponent: Number(exponent) + whole.length - start }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const WORDS = ['true', 'false', 'null']

type ExpectedToken = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

/**
 * Finds the first character that is not valid JSON (RFC 8259). The messages of JSON.parse do not always hold the position, and
 * some quote the text, which may hold secrets. Called only for texts that JSON.parse has rejected.
 * @returns its offset in UTF-16 units; the length of the text when it ends too early
 */
function syntaxErrorPosition(text: string): number {
  const closers: string[] = []
  let expected: ExpectedToken = 'value'
  let at = 0

  const afterValue = (): ExpectedToken => (closers.length === 0 ? 'nothing' : 'comma or end')

  for (;;) {
    while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1
    if (at >= text.length) return text.length
    const char = text.charAt(at)

    if (expected.endsWith('or end') && char === closers.at(-1)) {
      closers.pop()
      expected = afterValue()
      at += 1
    } else if (expected === 'comma or end' && char === ',') {
      expected = closers.at(-1) === '}' ? 'key' : 'value'
      at += 1
    } else if (expected === 'colon' && char === ':') {
      expected = 'value'
      at += 1
    } else if (expected.startsWith('key') && char === '"') {
      const end = endOfString(text, at)
      if (!end.complete) return end.at
      at = end.at
      expected = 'colon'
    } else if (expected.startsWith('value') && (char === '[' || char === '{')) {
      closers.push(char === '[' ? ']' : '}')
      expected = char === '[' ? 'value or end' : 'key or end'
      at += 1
    } else if (expected.startsWith('value')) {
      const end = char === '"' ? endOfString(text, at) : endOfScalar(text, at)
      if (!end.complete) return end.at
      at = end.at
      expected = afterValue()
    } else {
      return at
    }
  }
}

/** `at` is the offset after a complete token, or the offset of the error in an incomplete one. */
interface TokenEnd {
  at: number
  complete: boolean
}

function endOfString(text: string, start: number): TokenEnd {
  let at = start + 1
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '"') return { at: at + 1, complete: true }
    if (char < ' ') return { at, complete: false }
    if (char === '\\') {
      ESCAPE.lastIndex = at
      const sequence = ESCAPE.exec(text)
      if (sequence === null) return { at, complete: false }
      at += sequence[0].length
    } else {
      at += 1
    }
  }
  return { at: text.length, complete: false }
}

function endOfScalar(text: string, start: number): TokenEnd {
  const word = WORDS.find((candidate) => candidate.startsWith(text.charAt(start)))
  if (word !== undefined) {
    let length = 0
    while (length < word.length && text.charAt(start + length) === word.charAt(length)) length += 1
    return { at: start + length, complete: length === word.length }
  }
  NUMBER.lastIndex = start
  const number = NUMBER.exec(text)
  return number === null ? { at: start, complete: false } : { at: start + number[0].length, complete: true }
}
