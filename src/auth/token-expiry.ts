import { isRawJson } from '../kit/json.ts'
import { addDuration, InvalidDurationError, parseDuration, parseIsoInstant } from '../kit/time.ts'

/** A later expiry is a mistake in the unit, or means never. */
const MAX_LIFETIME_MS = 100 * 365.25 * 24 * 3600 * 1000

/** No token lives for 31 years, so a number this large is an instant. */
const MIN_EPOCH_SECONDS = 1_000_000_000
const MIN_EPOCH_MS = 100_000_000_000

/**
 * Reads an expiry from a provider's response. Formats: `seconds` and `milliseconds` are durations from `now`; `epoch` and
 * `epoch_ms` (since 1970) and `iso8601` are instants; anything else is a strftime pattern, in UTC. Numbers may be strings.
 * Without a format, a number is in seconds, but one too large for a duration is an instant; a string is read as ISO 8601.
 *
 * @returns undefined when the expiry is unknown: there is no value, it has another format, it is not in the future (0 and -1
 * mean "never" at some providers), or it is more than 100 years away
 */
export function readExpiry(value: unknown, format: string | undefined, now: Date): Date | undefined {
  const end = format === undefined ? readWithoutFormat(value, now) : readByFormat(value, format, now)
  const inMs = end === undefined ? Number.NaN : end.getTime() - now.getTime()
  return inMs > 0 && inMs <= MAX_LIFETIME_MS ? end : undefined
}

function readByFormat(value: unknown, format: string, now: Date): Date | undefined {
  const number = numberOf(value)
  switch (format) {
    case 'seconds':
      return after(now, number, 1000)
    case 'milliseconds':
      return after(now, number, 1)
    case 'epoch':
      return after(new Date(0), number, 1000)
    case 'epoch_ms':
      return after(new Date(0), number, 1)
    case 'iso8601':
      return typeof value === 'string' ? readIso8601(value, now) : undefined
    default: {
      const text = isRawJson(value) ? value.rawJSON : typeof value === 'number' ? String(value) : value
      return typeof text === 'string' ? parseByPattern(text, format) : undefined
    }
  }
}

function readWithoutFormat(value: unknown, now: Date): Date | undefined {
  const number = numberOf(value)
  if (number === undefined) return readByFormat(value, 'iso8601', now)
  if (number >= MIN_EPOCH_MS) return after(new Date(0), number, 1)
  return number >= MIN_EPOCH_SECONDS ? after(new Date(0), number, 1000) : after(now, number, 1000)
}

function numberOf(value: unknown): number | undefined {
  const text = isRawJson(value) ? value.rawJSON : value
  const number = typeof text === 'string' && /^\s*[+-]?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : text
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function after(start: Date, count: number | undefined, unitMs: number): Date | undefined {
  const end = count === undefined ? undefined : new Date(start.getTime() + Math.floor(count * unitMs))
  return end === undefined || Number.isNaN(end.getTime()) ? undefined : end
}

/** A date with or without a time, in UTC if it has no zone; or a duration such as PT1H. */
function readIso8601(text: string, now: Date): Date | undefined {
  return /^P/i.test(text) ? afterDuration(text, now) : parseIsoInstant(text)
}

function afterDuration(text: string, now: Date): Date | undefined {
  try {
    return addDuration(now, parseDuration(text.toUpperCase()))
  } catch (error) {
    if (error instanceof InvalidDurationError) return undefined
    throw error
  }
}

/** Formats an instant for a provider. The formats are those of `readExpiry`. */
export function formatInstant(instant: Date, format: string): string {
  if (format === 'seconds' || format === 'epoch') return String(Math.floor(instant.getTime() / 1000))
  if (format === 'milliseconds' || format === 'epoch_ms') return String(instant.getTime())
  return format === 'iso8601' ? instant.toISOString() : formatByPattern(instant, format)
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

/** Parses a text by a strftime pattern, in UTC unless it has an offset (%z). Undefined when the text does not match. */
function parseByPattern(text: string, pattern: string): Date | undefined {
  const readers: Directive[] = []
  const source = expand(pattern).replace(/%(.)|[\\^$.*+?()[\]{}|/-]/g, (all, letter: string | undefined) => {
    const directive = letter === undefined ? undefined : directives[letter]
    if (directive === undefined) return `\\${all}`
    readers.push(directive)
    return `(${directive.pattern})`
  })
  const match = new RegExp(`^${source}$`, 'i').exec(text.trim())
  if (match === null) return undefined
  const parts = { ...DEFAULT_PARTS }
  for (const [index, { part, read = Number }] of readers.entries()) {
    if (part !== undefined) parts[part] = read(match[index + 1] ?? '')
  }
  return toDate(parts)
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
