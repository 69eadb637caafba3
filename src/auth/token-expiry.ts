import { addDuration, InvalidDurationError, parseDuration } from '../kit/duration.ts'
import { parseIsoInstant } from '../kit/iso-instant.ts'
import { isRawJson } from '../kit/json.ts'
import { formatByPattern, parseByPattern } from './instant-format.ts'

/** Further away is a slip of units, or a way to say never. */
const longestMs = 100 * 365.25 * 24 * 3600 * 1000

/** No token lives 31 years: such a number is an instant. */
const smallestEpochSeconds = 1_000_000_000
const smallestEpochMs = 100_000_000_000

/**
 * When something ends, as a provider tells it. Formats: `seconds` and `milliseconds` are durations from `now`, `epoch`
 * and `epoch_ms` (since 1970) and `iso8601` are instants, else it is a strftime pattern, in UTC; numbers may be text.
 * No format: seconds, but a number that is too large for a duration is an instant, and so is a text in ISO 8601.
 *
 * Undefined: it is not told. That is also what a value in another format means, an end that is not in the future (0 and
 * -1 mean "never" at some providers; nobody issues a dead token on purpose), and one more than 100 years away.
 */
export function readExpiry(value: unknown, format: string | undefined, now: Date): Date | undefined {
  const end = format === undefined ? readByLooks(value, now) : readByFormat(value, format, now)
  const inMs = end === undefined ? Number.NaN : end.getTime() - now.getTime()
  return inMs > 0 && inMs <= longestMs ? end : undefined
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

function readByLooks(value: unknown, now: Date): Date | undefined {
  const number = numberOf(value)
  if (number === undefined) return readByFormat(value, 'iso8601', now)
  if (number >= smallestEpochMs) return after(new Date(0), number, 1)
  return number >= smallestEpochSeconds ? after(new Date(0), number, 1000) : after(now, number, 1000)
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

/** A date, with or without time, in UTC where it has no zone; or a duration such as PT1H. */
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

/** An instant as a provider wants to read it, in the formats of `readExpiry`. */
export function formatInstant(instant: Date, format: string): string {
  if (format === 'seconds' || format === 'epoch') return String(Math.floor(instant.getTime() / 1000))
  if (format === 'milliseconds' || format === 'epoch_ms') return String(instant.getTime())
  return format === 'iso8601' ? instant.toISOString() : formatByPattern(instant, format)
}
