/**
 * JSON of third parties, read and written so that every value stays what it was. A JavaScript number holds 53 bits:
 * JSON.parse turns 9007199254740993 into …992 and 1e400 into Infinity, which JSON.stringify then writes as null.
 * Numbers that a JavaScript number cannot hold are kept as their text (`JSON.rawJSON`), all others are plain numbers.
 */
import { syntaxErrorPosition } from './json-syntax.ts'

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

/** A number kept as its text; made by `JSON.rawJSON` only, recognised by `isRawJson`. */
export interface RawJson {
  readonly rawJSON: string
}

declare global {
  // https://tc39.es/proposal-json-parse-with-source/: in Node since 21, not yet in TypeScript's library.
  interface JSON {
    rawJSON(text: string): RawJson
    isRawJSON(value: unknown): value is RawJson
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  }
}

/** Not JSON. `position` is an offset in UTF-16 units. Holds nothing of the text, which may be a secret. */
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

export class JsonTooDeepError extends Error {
  override readonly name = 'JsonTooDeepError'

  constructor() {
    super(`The JSON is nested more than ${MAX_DEPTH} levels deep.`)
  }
}

/**
 * As JSON.parse, but numbers that would change are kept (`isRawJson` tells them): too long, too large, too small, and
 * -0. What is equal in value is an ordinary number: 1.0 is 1, 1E2 is 100. Of two equal keys in one object the last
 * wins. A key `__proto__` becomes an own property as any other, so copy such objects by spread, never by Object.assign.
 *
 * @throws {JsonTooDeepError} above 200 levels, before anything is built.
 * @throws {JsonSyntaxError}
 */
export function parseJson(text: string): unknown {
  const exact = scan(text)
  try {
    return exact ? JSON.parse(text) : JSON.parse(text, keepNumber)
  } catch (error) {
    if (error instanceof SyntaxError) throw new JsonSyntaxError(syntaxErrorPosition(text), text.length)
    throw error
  }
}

/**
 * As JSON.stringify, with kept numbers in their own text.
 *
 * @throws {TypeError} for what JSON cannot hold: undefined, functions, cycles, bigint.
 */
export function stringifyJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError('The value has no JSON form.')
  return text
}

/** A number that was kept as text; `value.rawJSON` is that text. */
export function isRawJson(value: unknown): value is RawJson {
  return JSON.isRawJSON(value)
}

function keepNumber(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && source !== undefined && !survives(source) ? JSON.rawJSON(source) : value
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
 * One pass over a text that may not be JSON: measures the depth, and says whether every number survives as a JavaScript
 * number. Only when one does not is the reviver worth its price (it visits every value).
 */
function scan(text: string): boolean {
  const { length } = text
  let exact = true
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
      // Up to 15 digits always survive; an exponent needs a look because of its size, -0 because of its sign.
      const exponent = (text.charCodeAt(at) | BRACE_OR_CASE) === LETTER_E
      if (exponent) at = endOfDigits(text, at + 1)
      const negativeZero = code === MINUS && text.charCodeAt(start + 1) === ZERO
      if (exact && (exponent || negativeZero || at - start > 15)) exact = survives(text.slice(start, at))
    }
  }
  return exact
}

function endOfDigits(text: string, start: number): number {
  let at = start
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if ((code < ZERO || code > NINE) && code !== POINT && code !== PLUS && code !== MINUS) break
  }
  return at
}

/** Whether reading this number and writing it gives the same value, sign of zero included. */
function survives(source: string): boolean {
  const number = Number(source)
  const written = String(number)
  if (written === source) return true
  if (!Number.isFinite(number) || Object.is(number, -0)) return false
  const before = decimalOf(source)
  const after = decimalOf(written)
  if (before.digits === '' || after.digits === '') return before.digits === after.digits
  return before.digits === after.digits && before.exponent === after.exponent
}

/** The number as 0.digits × 10^exponent, digits without zeros at either end. */
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
