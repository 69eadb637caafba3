import { numberOf, parseInstant } from '../kit/instant.ts'
import { addDuration, InvalidDurationError, parseDuration } from '../kit/time.ts'

/** A later expiry is a mistake in the unit, or means never. */
const MAX_LIFETIME_MS = 100 * 365.25 * 24 * 3600 * 1000

/** No token lives for 31 years, so a number this large is an instant. */
const MIN_EPOCH_SECONDS = 1_000_000_000
const MIN_EPOCH_MS = 100_000_000_000

/**
 * Reads an expiry from a provider's response. Formats: `seconds` and `milliseconds` are durations from `now`; `epoch` and
 * `epoch_ms` (since 1970), `iso8601` (also a duration such as PT1H) and the other formats of `parseInstant` are instants.
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
  switch (format) {
    case 'seconds':
      return after(now, numberOf(value), 1000)
    case 'milliseconds':
      return after(now, numberOf(value), 1)
    case 'iso8601':
      return typeof value === 'string' && /^P/i.test(value) ? afterDuration(value, now) : parseInstant(value, format)
    default:
      return parseInstant(value, format)
  }
}

function readWithoutFormat(value: unknown, now: Date): Date | undefined {
  const number = numberOf(value)
  if (number === undefined) return readByFormat(value, 'iso8601', now)
  if (number >= MIN_EPOCH_MS) return after(new Date(0), number, 1)
  return number >= MIN_EPOCH_SECONDS ? after(new Date(0), number, 1000) : after(now, number, 1000)
}

function after(start: Date, count: number | undefined, unitMs: number): Date | undefined {
  const end = count === undefined ? undefined : new Date(start.getTime() + Math.floor(count * unitMs))
  return end === undefined || Number.isNaN(end.getTime()) ? undefined : end
}

function afterDuration(text: string, now: Date): Date | undefined {
  try {
    return addDuration(now, parseDuration(text.toUpperCase()))
  } catch (error) {
    if (error instanceof InvalidDurationError) return undefined
    throw error
  }
}
