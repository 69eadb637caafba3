import { setTimeout as delay } from 'node:timers/promises'
import { Temporal } from 'temporal-polyfill'

/** Time and randomness, which tests replace. */
export interface Clock {
  /** Milliseconds since 1970 (UTC). */
  now(): number
  /** Rejects with the signal's reason when the signal is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** A random number in [0, 1). */
  random(): number
}

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    try {
      await delay(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw error
    }
  },
  random: Math.random,
}

/** A duration in calendar and clock units. The length of a month depends on when it begins. */
type Duration = Temporal.Duration

/** The text is not a usable duration. The message says what is accepted and does not quote the text. */
export class InvalidDurationError extends Error {
  override readonly name = 'InvalidDurationError'
}

const LONGEST_YEARS = 1000
const ACCEPTED = 'Expected an ISO 8601 duration longer than zero, such as PT1H, P14D, P2W, P1M or P1Y.'

/**
 * Parses an ISO 8601 duration, with fractions of the smallest clock unit (`PT1.5H`). It must be at least a millisecond and at
 * most 1,000 years.
 * @throws {InvalidDurationError}
 */
export function parseDuration(text: string): Duration {
  const duration = read(text)
  if (duration.sign < 0) throw new InvalidDurationError(`The duration is negative. ${ACCEPTED}`)
  if (duration.sign === 0) throw new InvalidDurationError(`The duration is zero. ${ACCEPTED}`)
  const ms = msFromEpoch(duration)
  if (ms === undefined || ms > Date.UTC(1970 + LONGEST_YEARS)) {
    throw new InvalidDurationError(`The duration is longer than ${LONGEST_YEARS} years. ${ACCEPTED}`)
  }
  if (ms === 0) throw new InvalidDurationError(`The duration is shorter than a millisecond. ${ACCEPTED}`)
  return duration
}

function read(text: string): Duration {
  try {
    return Temporal.Duration.from(text)
  } catch {
    throw new InvalidDurationError(ACCEPTED)
  }
}

function msFromEpoch(duration: Duration): number | undefined {
  try {
    return durationMs(duration, new Date(0))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * Adds a duration to an instant. Calendar units count in UTC: a month after 31 January is the last day of February. The result
 * is truncated to milliseconds.
 */
export function addDuration(instant: Date, duration: Duration): Date {
  const start = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO('UTC')
  return new Date(start.add(duration).epochMilliseconds)
}

/** The length of a duration that begins at `relativeTo`, in milliseconds. */
export function durationMs(duration: Duration, relativeTo: Date): number {
  return addDuration(relativeTo, duration).getTime() - relativeTo.getTime()
}

const iso8601 = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:[.,]\d+)?)?\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i
const basicIso8601 = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(?:(\d{2})([.,]\d+)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/i

/**
 * Parses an ISO 8601 date with or without a time, in UTC when it has no zone. In the basic form, 20240102T030405Z, it must
 * have a time.
 * @returns undefined when it is not one
 */
export function parseIsoInstant(text: string): Date | undefined {
  const extended = text
    .trim()
    .replace(basicIso8601, (_all, year, month, day, hour, minute, second, fraction, zone) =>
      [`${year}-${month}-${day}T${hour}:${minute}`, second && `:${second}`, fraction, zone].join(''),
    )
  const [, year = '', month = '', day = '', minutes = '00:00', seconds = ':00', zone = 'Z'] =
    iso8601.exec(extended) ?? []
  // Date accepts 30 February as 1 March.
  if (year === '' || Number(day) > daysOf(Number(year), Number(month))) return undefined
  const offset = /^(?:z|utc)$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : '00'}`
  const instant = new Date(`${year}-${month}-${day}T${minutes}${seconds.replace(',', '.')}${offset}`)
  return Number.isNaN(instant.getTime()) ? undefined : instant
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/**
 * Parses a Retry-After header (RFC 9110 section 10.2.3): seconds, or a date.
 * @returns milliseconds; undefined when the header is absent or invalid
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  const at = /^[A-Za-z]{3},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

/**
 * A wait as a provider states it: seconds from now, or a time since 1970 in seconds or milliseconds.
 * @returns milliseconds; undefined when it is none of them
 */
export function parseReset(text: string, nowMs: number): number | undefined {
  if (!/^\d{1,13}(\.\d+)?$/.test(text)) return undefined
  const value = Number(text)
  if (value < 1e9) return Math.ceil(value * 1000)
  return Math.max(0, Math.ceil((value < 1e12 ? value * 1000 : value) - nowMs))
}

/** In order: GitHub, GitLab, SendGrid and many more; Okta and X; draft-ietf-httpapi-ratelimit-headers up to version 7. */
const PREFIXES = ['x-ratelimit-', 'x-rate-limit-', 'ratelimit-']

/** The time by the clock of a provider, in milliseconds since 1970: its Date header, or else ours. */
export function clockOf(headers: Headers, nowMs: number): number {
  const theirMs = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(theirMs) ? nowMs : theirMs
}

/**
 * How long a response asks to wait: Retry-After, or else the time until the reset of a rate-limit window that has no requests
 * left. Providers give the reset as seconds from now, or as a time since 1970 by their clock, in seconds or milliseconds.
 * @returns milliseconds; undefined when the response does not say
 */
export function parseRateLimitWait(headers: Headers, nowMs: number): number | undefined {
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), nowMs)
  if (retryAfterMs !== undefined) return retryAfterMs
  for (const prefix of PREFIXES) {
    const reset = headers.get(`${prefix}reset`)?.trim() ?? ''
    if (headers.get(`${prefix}remaining`)?.trim() !== '0') continue
    const waitMs = parseReset(reset, clockOf(headers, nowMs))
    if (waitMs !== undefined) return waitMs
  }
  return undefined
}
