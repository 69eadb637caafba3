import { BoundedMap } from './bounded-map.ts'
import { isRawJson } from './json.ts'
import { parseIsoInstant } from './time.ts'

/** The formats of instants that have a name. Every other format is a strftime pattern. */
export const INSTANT_FORMATS = ['seconds', 'milliseconds', 'epoch', 'epoch_ms', 'iso8601', 'rfc1123', 'dotnet'] as const

/**
 * Parses an instant in one format. `epoch` and `seconds` count seconds since 1970, `epoch_ms` and `milliseconds` count
 * milliseconds; the number may be text. `iso8601` is a date with or without a time, in UTC if it has no zone; `rfc1123` a date
 * of RFC 1123 or of HTTP; `dotnet` is `/Date(1704067200000)/`. Every other format is a strftime pattern, in UTC unless the
 * text has an offset (%z).
 * @returns undefined when the value has another format
 */
export function parseInstant(value: unknown, format: string): Date | undefined {
  const text = isRawJson(value) ? value.rawJSON : typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return undefined
  switch (format) {
    case 'seconds':
    case 'epoch':
      return sinceEpoch(numberOf(value), 1000)
    case 'milliseconds':
    case 'epoch_ms':
      return sinceEpoch(numberOf(value), 1)
    case 'iso8601':
      return typeof value === 'string' ? parseIsoInstant(text) : undefined
    case 'rfc1123':
      return parseRfc1123(text)
    case 'dotnet':
      return parseDotnetDate(text)
    default:
      return parseByPattern(text, format)
  }
}

/** Parses a text that cannot be anything but an instant: ISO 8601, RFC 1123, or a .NET date. */
export function recognizeInstant(text: string): Date | undefined {
  return parseIsoInstant(text) ?? parseRfc1123(text) ?? parseDotnetDate(text)
}

/** A finite number, also as text; undefined: the value is not a number. */
export function numberOf(value: unknown): number | undefined {
  const text = isRawJson(value) ? value.rawJSON : value
  const number = typeof text === 'string' && /^\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : text
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function sinceEpoch(count: number | undefined, unitMs: number): Date | undefined {
  const instant = count === undefined ? undefined : new Date(Math.floor(count * unitMs))
  return instant === undefined || Number.isNaN(instant.getTime()) ? undefined : instant
}

const rfc1123 =
  /^(?:[a-z]{3,9},\s*)?(\d{1,2} [a-z]{3} (?:\d{4}|\d{2})) (\d{2}:\d{2}(?::\d{2})?) (GMT|UTC|UT|Z|[+-]\d{4})$/i

/** A date as in RFC 1123 section 5.2.14 and RFC 9110 section 5.6.7. The day of the week is ignored. */
function parseRfc1123(text: string): Date | undefined {
  const [, date = '', time = '', zone = ''] = rfc1123.exec(text.trim()) ?? []
  if (date === '') return undefined
  const year = /\d{4}$/.test(date) ? '%Y' : '%y'
  const seconds = time.length > 5 ? ':%S' : ''
  const offset = /^[+-]/.test(zone) ? zone : 'Z'
  return parseByPattern(`${date} ${time} ${offset}`, `%d %b ${year} %H:%M${seconds} %z`)
}

/** Milliseconds since 1970 in UTC. An offset says only in which zone the provider shows the instant. */
function parseDotnetDate(text: string): Date | undefined {
  const [, ms] = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/.exec(text.trim()) ?? []
  return ms === undefined ? undefined : sinceEpoch(Number(ms), 1)
}

/** Formats an instant for a provider. The formats are those of `parseInstant`. */
export function formatInstant(instant: Date, format: string): string {
  switch (format) {
    case 'seconds':
    case 'epoch':
      return String(Math.floor(instant.getTime() / 1000))
    case 'milliseconds':
    case 'epoch_ms':
      return String(instant.getTime())
    case 'iso8601':
      return instant.toISOString()
    case 'rfc1123':
      return instant.toUTCString()
    case 'dotnet':
      return `/Date(${instant.getTime()})/`
    default:
      return formatByPattern(instant, format)
  }
}

const isoParts =
  /^\d{4}(-?)\d{2}-?\d{2}(?:([T ])\d{2}:?\d{2}(:?\d{2}(?:([.,])(\d+))?)?(\s?)(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i

/**
 * Formats an instant like a text that `recognizeInstant` accepts: with the same separators, precision and offset. Digits that
 * the text does not have are cut off, so the result is never later than the instant.
 */
export function formatLike(text: string, instant: Date): string {
  const sample = text.trim()
  const dotnet = /^\/Date\(-?\d+([+-]\d{4})?\)\/$/.exec(sample)
  if (dotnet !== null) return `/Date(${instant.getTime()}${dotnet[1] ?? ''})/`
  const match = isoParts.exec(sample)
  if (match === null) return instant.toUTCString().replace('GMT', /[+-]\d{4}$/.test(sample) ? '+0000' : 'GMT')
  const [, dash = '', between, seconds, point = '.', fraction = '', space = '', zone = ''] = match
  const iso = new Date(instant.getTime() + zoneMinutes(zone) * 60_000).toISOString()
  const date = iso.slice(0, 10).replaceAll('-', dash)
  if (between === undefined) return date
  const time = iso.slice(11, seconds === undefined ? 16 : 19).replaceAll(':', dash === '' ? '' : ':')
  const digits =
    fraction === '' ? '' : `${point}${iso.slice(20, 23).padEnd(fraction.length, '0').slice(0, fraction.length)}`
  return `${date}${between}${time}${digits}${space}${zone}`
}

function zoneMinutes(zone: string): number {
  return /^[+-]/.test(zone) ? offsetOf(zone.length === 3 ? `${zone}00` : zone) : 0
}

/** The parsed parts of an instant. Missing parts are those of 1 January 1970, 00:00 UTC. */
interface InstantParts {
  year: number
  month: number
  day: number
  /** Day of the year; 0: month and day are used. */
  yearDay: number
  hour: number
  minute: number
  second: number
  millisecond: number
  offsetMinutes: number
  /** 0: 24-hour clock; 1: AM; 2: PM. */
  half: number
  /** -1: the calendar parts are used. */
  epochSeconds: number
}

const DEFAULT_PARTS: InstantParts = {
  ...{ year: 1970, month: 1, day: 1, yearDay: 0, hour: 0, minute: 0, second: 0, millisecond: 0 },
  ...{ offsetMinutes: 0, half: 0, epochSeconds: -1 },
}

interface Directive {
  pattern: string
  write(instant: Date): string
  /** Undefined: the text is matched and ignored. */
  part?: keyof InstantParts
  /** Default: the text as a number. */
  read?(text: string): number
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]
const short = (names: readonly string[]) => names.map((name) => name.slice(0, 3))
const monthOf = (text: string) =>
  months.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase())
const pad = (value: number, length = 2) => String(value).padStart(length, '0')

/** The directives of strftime, as in Python. */
const directives: Readonly<Record<string, Directive>> = {
  Y: { part: 'year', pattern: '\\d{4}', write: (at) => pad(at.getUTCFullYear(), 4) },
  y: {
    part: 'year',
    pattern: '\\d{2}',
    write: (at) => pad(at.getUTCFullYear() % 100),
    read: (text) => Number(text) + (Number(text) < 69 ? 2000 : 1900),
  },
  m: { part: 'month', pattern: '\\d{1,2}', write: (at) => pad(at.getUTCMonth() + 1) },
  b: {
    part: 'month',
    pattern: short(months).join('|'),
    write: (at) => short(months)[at.getUTCMonth()] ?? '',
    read: (text) => monthOf(text) + 1,
  },
  B: {
    part: 'month',
    pattern: months.join('|'),
    write: (at) => months[at.getUTCMonth()] ?? '',
    read: (text) => monthOf(text) + 1,
  },
  d: { part: 'day', pattern: '\\s?\\d{1,2}', write: (at) => pad(at.getUTCDate()) },
  e: { part: 'day', pattern: '\\s?\\d{1,2}', write: (at) => String(at.getUTCDate()).padStart(2) },
  j: {
    part: 'yearDay',
    pattern: '\\d{1,3}',
    write: (at) => pad(Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000) + 1, 3),
  },
  a: { pattern: short(days).join('|'), write: (at) => short(days)[at.getUTCDay()] ?? '' },
  A: { pattern: days.join('|'), write: (at) => days[at.getUTCDay()] ?? '' },
  H: { part: 'hour', pattern: '\\s?\\d{1,2}', write: (at) => pad(at.getUTCHours()) },
  I: { part: 'hour', pattern: '\\s?\\d{1,2}', write: (at) => pad(((at.getUTCHours() + 11) % 12) + 1) },
  p: {
    part: 'half',
    pattern: '[ap]\\.?m\\.?',
    write: (at) => (at.getUTCHours() < 12 ? 'AM' : 'PM'),
    read: (text) => (/^p/i.test(text) ? 2 : 1),
  },
  M: { part: 'minute', pattern: '\\d{1,2}', write: (at) => pad(at.getUTCMinutes()) },
  S: { part: 'second', pattern: '\\d{1,2}', write: (at) => pad(at.getUTCSeconds()) },
  f: {
    part: 'millisecond',
    pattern: '\\d{1,9}',
    write: (at) => `${pad(at.getUTCMilliseconds(), 3)}000`,
    read: (text) => Math.floor(Number(`0.${text}`) * 1000),
  },
  s: { part: 'epochSeconds', pattern: '\\d{1,12}', write: (at) => String(Math.floor(at.getTime() / 1000)) },
  z: { part: 'offsetMinutes', pattern: 'Z|[+-]\\d{2}:?\\d{2}', write: () => '+0000', read: offsetOf },
  Z: { pattern: '[a-z]{1,5}', write: () => 'UTC' },
  '%': { pattern: '%', write: () => '%' },
}

const composites: Readonly<Record<string, string>> = { F: '%Y-%m-%d', T: '%H:%M:%S', R: '%H:%M', D: '%m/%d/%y' }

/** Formats an instant by a strftime pattern, in UTC. */
function formatByPattern(instant: Date, pattern: string): string {
  return expand(pattern).replace(/%(.)/g, (all, letter: string) => directives[letter]?.write(instant) ?? all)
}

/** A part of a pattern: a directive, or a text that stands for itself. */
type PatternPart = { directive: Directive; matcher: RegExp } | { literal: string }

/** Definitions contain few patterns, and each record is parsed by one. */
const patterns = new BoundedMap<string, readonly PatternPart[]>({ max: 500 })

function partsOf(pattern: string): readonly PatternPart[] {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  const parts = (expand(pattern).match(/%.|[^%]+|%/gs) ?? []).map((piece): PatternPart => {
    const directive = piece.length === 2 && piece.startsWith('%') ? directives[piece.slice(1)] : undefined
    if (directive === undefined) return { literal: piece.toLowerCase() }
    return { directive, matcher: new RegExp(directive.pattern, 'iy') }
  })
  patterns.set(pattern, parts)
  return parts
}

/**
 * Parses a text by a strftime pattern, in UTC unless it has an offset (%z). A directive takes as many characters as it can,
 * without backtracking, so the time is linear in the length of the text. Undefined when the text does not match.
 */
function parseByPattern(text: string, pattern: string): Date | undefined {
  const trimmed = text.trim()
  const parts = { ...DEFAULT_PARTS }
  let at = 0
  for (const each of partsOf(pattern)) {
    if ('literal' in each) {
      if (trimmed.slice(at, at + each.literal.length).toLowerCase() !== each.literal) return undefined
      at += each.literal.length
      continue
    }
    const { directive, matcher } = each
    matcher.lastIndex = at
    const [found] = matcher.exec(trimmed) ?? []
    if (found === undefined) return undefined
    at += found.length
    const { part, read = Number } = directive
    if (part !== undefined) parts[part] = read(found)
  }
  return at === trimmed.length ? toDate(parts) : undefined
}

function expand(pattern: string): string {
  return pattern.replace(/%([%FTRD])/g, (all, letter: string) => composites[letter] ?? all)
}

function offsetOf(text: string): number {
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))
  if (/^z$/i.test(text)) return 0
  return text.startsWith('-') ? -minutes : minutes
}

function toDate({
  year,
  month,
  day,
  yearDay,
  half,
  minute,
  second,
  millisecond,
  ...parts
}: InstantParts): Date | undefined {
  if (parts.epochSeconds >= 0) return new Date(parts.epochSeconds * 1000)
  const hour = half === 0 ? parts.hour : (parts.hour % 12) + (half - 1) * 12
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(Date.UTC(year, yearDay > 0 ? 0 : month - 1, yearDay > 0 ? yearDay : day))
  if (date.getUTCFullYear() !== year || (yearDay === 0 && date.getUTCDate() !== day)) return undefined
  return new Date(date.getTime() + ((hour * 60 + minute - parts.offsetMinutes) * 60 + second) * 1000 + millisecond)
}
