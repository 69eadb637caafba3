import { setTimeout as delay } from 'node:timers/promises'
import { Temporal } from 'temporal-polyfill'

/** Time and chance, so that tests can do without waiting for either. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 up to 1. */
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

/** Time that passes, in calendar and clock units: how long a month is depends on where it begins. */
type Duration = Temporal.Duration

/** The text is no duration that can be used. The message says what can; it does not repeat the text. */
export class InvalidDurationError extends Error {
  override readonly name = 'InvalidDurationError'
}

const LONGEST_YEARS = 1000
const ACCEPTED = 'Expected an ISO 8601 duration longer than zero, such as PT1H, P14D, P2W, P1M or P1Y.'

/**
 * Reads an ISO 8601 duration, fractions of the smallest clock unit included (`PT1.5H`). Negative ones, zero (also what
 * is shorter than a millisecond) and more than 1000 years are refused.
 *
 * @throws {InvalidDurationError}
 */
export function parseDuration(text: string): Duration {
  const duration = read(text)
  if (duration.sign < 0) throw new InvalidDurationError(`A negative duration cannot be used. ${ACCEPTED}`)
  if (duration.sign === 0) throw new InvalidDurationError(`A duration of zero cannot be used. ${ACCEPTED}`)
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
 * The instant after the duration has passed, calendar units counted in UTC: a month after 31 January is the last day of
 * February. Cut to whole milliseconds.
 */
export function addDuration(instant: Date, duration: Duration): Date {
  const start = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO('UTC')
  return new Date(start.add(duration).epochMilliseconds)
}

/** Milliseconds from `relativeTo` until the duration has passed. */
export function durationMs(duration: Duration, relativeTo: Date): number {
  return addDuration(relativeTo, duration).getTime() - relativeTo.getTime()
}

const iso8601 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:[.,]\d+)?)?\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i

/** A date of ISO 8601, with or without time, in UTC where it has no zone. Undefined: it is none. */
export function parseIsoInstant(text: string): Date | undefined {
  const [, date, minutes = '00:00', seconds = ':00', zone = 'Z'] = iso8601.exec(text.trim()) ?? []
  if (date === undefined) return undefined
  const offset = /^(?:z|utc)$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : '00'}`
  const instant = new Date(`${date}T${minutes}${seconds.replace(',', '.')}${offset}`)
  return Number.isNaN(instant.getTime()) ? undefined : instant
}

/**
 * RFC 9110 section 10.2.3: seconds, or a date.
 * @returns milliseconds; undefined: there is none that can be read
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  const at = /^[A-Za-z]{3},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

/** GitHub, GitLab, SendGrid and many more; Okta and X; draft-ietf-httpapi-ratelimit-headers up to its version 7. */
const PREFIXES = ['x-ratelimit-', 'x-rate-limit-', 'ratelimit-']

/**
 * How long an answer that refuses more requests asks to wait: Retry-After, else until the window ends of which nothing
 * remains. That is told in seconds from now, or since 1970 by the provider's clock, in milliseconds too.
 * @returns milliseconds; undefined: it does not say
 */
export function parseRateLimitWait(headers: Headers, nowMs: number): number | undefined {
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), nowMs)
  if (retryAfterMs !== undefined) return retryAfterMs
  for (const prefix of PREFIXES) {
    const reset = headers.get(`${prefix}reset`)?.trim() ?? ''
    if (headers.get(`${prefix}remaining`)?.trim() !== '0' || !/^\d{1,13}(\.\d+)?$/.test(reset)) continue
    const told = Number(reset)
    if (told < 1e9) return Math.ceil(told * 1000)
    const theirNowMs = Date.parse(headers.get('date') ?? '')
    const waitMs = (told < 1e12 ? told * 1000 : told) - (Number.isNaN(theirNowMs) ? nowMs : theirNowMs)
    return Math.max(0, Math.ceil(waitMs))
  }
  return undefined
}
