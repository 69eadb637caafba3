import { Temporal } from 'temporal-polyfill'

/** Time that passes, in calendar and clock units: how long a month is depends on where it begins. */
export type Duration = Temporal.Duration

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
