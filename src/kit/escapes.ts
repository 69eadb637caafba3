/**
 * One way in which encoders write characters of a text. Each character may be escaped or not, and there are several escapes for
 * most of them, so that a text has too many forms to list.
 */
export interface Escaping {
  /** The bytes with which an escape begins. Twice the same when there is one. */
  readonly markers: readonly [number, number]
  /**
   * The escape that begins at a marker, as `16 * character + length in bytes`; 0 when there is none. The character is a Unicode code
   * point, or `BYTE` plus a byte of UTF-8.
   */
  readonly at: (bytes: Uint8Array, at: number) => number
  /** The beginning of an escape, from its marker to the end of what has arrived. */
  readonly incomplete: RegExp
}

export const BYTE = 0x200000

/** Length of the longest escape: of a character outside of the Basic Multilingual Plane, as two UTF-16 units. In bytes. */
export const MAX_ESCAPE = 12

/** Bytes of an escape for each byte of UTF-8 that it stands for, at most: `&#x10FFFF;` and `&#0000047;` have ten. */
export const MAX_GROWTH = 10

export const BACKSLASH = 0x5c
const PERCENT = 0x25
const AMPERSAND = 0x26
const PLUS = 0x2b
const HASH = 0x23
const SEMICOLON = 0x3b
const LETTER_U = 0x75
const LETTER_X = 0x78

const HEX = new Int8Array(256).fill(-1)
for (const [value, digits] of [...'0123456789abcdef'].map((digit) => [digit, digit.toUpperCase()]).entries()) {
  for (const digit of digits) HEX[digit.charCodeAt(0)] = value
}

/** The number in so many hexadecimal digits, or -1. */
function hex(bytes: Uint8Array, from: number, digits: number): number {
  let value = 0
  for (let at = from; at < from + digits; at += 1) {
    const digit = at < bytes.length ? (HEX[bytes[at] as number] as number) : -1
    if (digit < 0) return -1
    value = 16 * value + digit
  }
  return value
}

function escapeOf(character: number, length: number): number {
  return 16 * character + length
}

/** `%uXXXX` or `\uXXXX`, or two of them for one character. */
function utf16(bytes: Uint8Array, at: number): number {
  const unit = hex(bytes, at + 2, 4)
  if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff)) return 0
  if (unit < 0xd800 || unit > 0xdfff) return escapeOf(unit, 6)
  if (bytes[at + 6] !== bytes[at] || bytes[at + 7] !== LETTER_U) return 0
  const low = hex(bytes, at + 8, 4)
  return low >= 0xdc00 && low <= 0xdfff ? escapeOf(0x10000 + (unit - 0xd800) * 0x400 + low - 0xdc00, 12) : 0
}

function percentEscape(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] === LETTER_U) return utf16(bytes, at)
  const byte = hex(bytes, at + 1, 2)
  return byte < 0 ? 0 : escapeOf(byte < 0x80 ? byte : BYTE + byte, 3)
}

const INCOMPLETE_PERCENT = /^%(?:[\da-f]?|u[\da-f]{0,3}|ud[89ab][\da-f]{2}(?:%(?:u[\da-f]{0,3})?)?)$/i

/** `%2F` as in URLs, of the bytes of UTF-8. Also `%u20AC` of JavaScript's `escape`. */
export const PERCENT_ESCAPES: Escaping = {
  markers: [PERCENT, PERCENT],
  at: percentEscape,
  incomplete: INCOMPLETE_PERCENT,
}

/** As in forms, where a plus sign is a space. */
export const FORM_ESCAPES: Escaping = {
  markers: [PERCENT, PLUS],
  at: (bytes, at) => (bytes[at] === PLUS ? escapeOf(0x20, 1) : percentEscape(bytes, at)),
  incomplete: INCOMPLETE_PERCENT,
}

/** JavaScript's `escape`, in which `%FC` is the character U+00FC. */
export const LATIN1_ESCAPES: Escaping = {
  markers: [PERCENT, PERCENT],
  at(bytes, at) {
    if (bytes[at + 1] === LETTER_U) return utf16(bytes, at)
    const code = hex(bytes, at + 1, 2)
    return code < 0 ? 0 : escapeOf(code, 3)
  },
  incomplete: INCOMPLETE_PERCENT,
}

/** Names of ASCII characters in HTML. Each has at most seven letters. */
const HTML_NAMES = new Map(
  Object.entries({
    '\t': 'Tab',
    '\n': 'NewLine',
    '!': 'excl',
    '"': 'quot QUOT',
    '#': 'num',
    $: 'dollar',
    '%': 'percnt',
    '&': 'amp AMP',
    "'": 'apos',
    '(': 'lpar',
    ')': 'rpar',
    '*': 'ast midast',
    '+': 'plus',
    ',': 'comma',
    '.': 'period',
    '/': 'sol',
    ':': 'colon',
    ';': 'semi',
    '<': 'lt LT',
    '=': 'equals',
    '>': 'gt GT',
    '?': 'quest',
    '@': 'commat',
    '[': 'lsqb lbrack',
    '\\': 'bsol',
    ']': 'rsqb rbrack',
    '^': 'Hat',
    _: 'lowbar',
    '`': 'grave',
    '{': 'lcub lbrace',
    '|': 'verbar vert',
    '}': 'rcub rbrace',
  }).flatMap(([character, names]) => names.split(' ').map((name) => [name, character.charCodeAt(0)] as const)),
)
const MAX_NAME = 7

function htmlEscape(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== HASH) {
    let end = at + 1
    while (end <= at + MAX_NAME && ((bytes[end] as number) | 0x20) >= 0x61 && ((bytes[end] as number) | 0x20) <= 0x7a)
      end += 1
    if (bytes[end] !== SEMICOLON) return 0
    const code = HTML_NAMES.get(String.fromCharCode(...bytes.subarray(at + 1, end)))
    return code === undefined ? 0 : escapeOf(code, end + 1 - at)
  }
  const isHex = ((bytes[at + 2] as number) | 0x20) === LETTER_X
  const [base, from, most] = isHex ? [16, at + 3, 6] : [10, at + 2, 7]
  let code = 0
  let end = from
  for (; end < from + most && end < bytes.length; end += 1) {
    const digit = HEX[bytes[end] as number] as number
    if (digit < 0 || digit >= base) break
    code = base * code + digit
  }
  if (end === from || bytes[end] !== SEMICOLON || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0
  return escapeOf(code, end + 1 - at)
}

/** `&#47;`, `&#x2F;`, `&sol;` and the like, as in HTML and XML. */
export const HTML_ESCAPES: Escaping = {
  markers: [AMPERSAND, AMPERSAND],
  at: htmlEscape,
  incomplete: /^&(?:[a-z]{0,7}|#(?:\d{0,7}|x[\da-f]{0,6}))$/i,
}

const CONTROLS = new Map([...'bfnrtv'].map((letter, index) => [letter.charCodeAt(0), [8, 12, 10, 13, 9, 11][index]]))

function backslashEscape(bytes: Uint8Array, at: number): number {
  const next = bytes[at + 1]
  if (next === undefined) return 0
  if (next === LETTER_U) return utf16(bytes, at)
  if (next === LETTER_X) {
    const code = hex(bytes, at + 2, 2)
    return code < 0 ? 0 : escapeOf(code, 4)
  }
  const control = CONTROLS.get(next)
  if (control !== undefined) return escapeOf(control, 2)
  const isPunctuation = next > 0x20 && next < 0x7f && !/[A-Za-z0-9]/.test(String.fromCharCode(next))
  return isPunctuation ? escapeOf(next, 2) : 0
}

/** `\u002F`, `\x2F`, `\/` and the like, as in JSON and JavaScript. */
export const BACKSLASH_ESCAPES: Escaping = {
  markers: [BACKSLASH, BACKSLASH],
  at: backslashEscape,
  incomplete: /^\\(?:u[\da-f]{0,3}|x[\da-f]?|ud[89ab][\da-f]{2}(?:\\(?:u[\da-f]{0,3})?)?)?$/i,
}
