import { Cron } from 'croner'
import type { InputCheck } from '../../kit/input.ts'

/** When sync jobs of a connection start. Exactly one of `cron` and `intervalSeconds` is set. */
export interface Schedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  cron: string | null
  intervalSeconds: number | null
  /** IANA time zone of the cron expression. */
  timezone: string
  paused: boolean
}

/** A change of a schedule. Absent or null: unchanged, or the default for a new schedule. */
export interface ScheduleChange {
  cron?: string | null | undefined
  intervalSeconds?: number | null | undefined
  /** Default: UTC. */
  timezone?: string | null | undefined
  /** Default: false. */
  paused?: boolean | null | undefined
}

const MIN_INTERVAL_SECONDS = 60
const MAX_INTERVAL_SECONDS = 366 * 24 * 60 * 60
const MAX_CRON = 200

/**
 * The next time after an instant at which the schedule is due; null when it is paused. An interval counts from that
 * instant. A local time that daylight saving skips is moved to the next time that exists; one that occurs twice counts
 * once.
 * @throws Error for an invalid cron expression or time zone, which `changeSchedule` rejects
 */
export function nextRunAt(schedule: Schedule, after: Date): Date | null {
  if (schedule.paused) return null
  if (schedule.intervalSeconds !== null) return new Date(after.getTime() + schedule.intervalSeconds * 1_000)
  if (schedule.cron === null) return null
  return new Cron(schedule.cron, { timezone: schedule.timezone, mode: '5-part', paused: true }).nextRun(after)
}

/**
 * Part of an interval by which it is varied, so that connections that were created together do not stay synchronised.
 */
const JITTER = 0.05

/**
 * The next time of a schedule that was due at `due` and is handled at `now`; null when it is paused. Missed times are
 * not made up for.
 * @param random from 0 up to 1
 * @throws as `nextRunAt`
 */
export function nextAfterRun(schedule: Schedule, due: Date, now: Date, random: number): Date | null {
  if (schedule.paused || schedule.intervalSeconds === null) return nextRunAt(schedule, now)
  const intervalMs = Math.round(schedule.intervalSeconds * 1_000 * (1 + JITTER * (2 * random - 1)))
  const next = due.getTime() + intervalMs
  return new Date(next > now.getTime() ? next : now.getTime() + intervalMs)
}

/** A schedule from its columns; null: there is none. */
export function scheduleOf(row: {
  scheduleCron: string | null
  scheduleIntervalSeconds: number | null
  scheduleTimezone: string | null
  schedulePaused: boolean
}): Schedule | null {
  if (row.scheduleCron === null && row.scheduleIntervalSeconds === null) return null
  return {
    cron: row.scheduleCron,
    intervalSeconds: row.scheduleIntervalSeconds,
    timezone: row.scheduleTimezone ?? 'UTC',
    paused: row.schedulePaused,
  }
}

/**
 * Applies a change to the stored schedule, if any. Problems are added to `check`; do not use the result when there are
 * any.
 */
export function changeSchedule(
  check: InputCheck,
  path: string[],
  stored: Schedule | null,
  change: ScheduleChange,
): Schedule {
  const cron = change.cron ?? null
  const intervalSeconds = change.intervalSeconds ?? null
  const given = cron !== null || intervalSeconds !== null
  const schedule: Schedule = {
    cron: given ? cron : (stored?.cron ?? null),
    intervalSeconds: given ? intervalSeconds : (stored?.intervalSeconds ?? null),
    timezone: change.timezone ?? stored?.timezone ?? 'UTC',
    paused: change.paused ?? stored?.paused ?? false,
  }
  if ((schedule.cron === null) === (schedule.intervalSeconds === null)) {
    check.wrong([...path, 'cron'], 'Give exactly one of cron and intervalSeconds.')
  }
  const zoneIsKnown = isTimezone(schedule.timezone)
  if (!zoneIsKnown) check.wrong([...path, 'timezone'], 'Must be an IANA time zone, such as UTC or Europe/Berlin.')
  const problem = cron === null ? undefined : cronProblem(cron, zoneIsKnown ? schedule.timezone : 'UTC')
  if (problem !== undefined) check.wrong([...path, 'cron'], problem)
  if (intervalSeconds !== null && (intervalSeconds < MIN_INTERVAL_SECONDS || intervalSeconds > MAX_INTERVAL_SECONDS)) {
    check.wrong([...path, 'intervalSeconds'], `Must be ${MIN_INTERVAL_SECONDS} to ${MAX_INTERVAL_SECONDS} seconds.`)
  }
  return schedule
}

function cronProblem(cron: string, timezone: string): string | undefined {
  const malformed =
    'Must be a cron expression of five fields (minute, hour, day of month, month, day of week), such as 0 6 * * 1-5.'
  // The library also accepts dates and names such as @daily.
  if (cron.length > MAX_CRON || cron.trim().split(/\s+/).length !== 5) return malformed
  try {
    const next = nextRunAt({ cron, intervalSeconds: null, timezone, paused: false }, new Date())
    return next === null ? 'Names a day that does not exist.' : undefined
  } catch {
    return malformed
  }
}

function isTimezone(name: string): boolean {
  try {
    // Intl also accepts offsets such as +02:00, which are not zones.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions() !== undefined
  } catch {
    return false
  }
}
