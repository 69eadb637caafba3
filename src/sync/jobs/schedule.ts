import { Cron } from 'croner'
import type { InputCheck } from '../../kit/input.ts'

/** When the sync jobs of a connection begin by themselves. Exactly one of cron and interval. */
export interface Schedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  cron: string | null
  intervalSeconds: number | null
  /** IANA name: the zone in which the cron expression is read. */
  timezone: string
  paused: boolean
}

/** What of a schedule is to be another; what is absent or null stays as it is, or begins at its default. */
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
 * When the schedule is due next after an instant; null when it is paused. An interval counts from that instant. A time
 * that the change to summer time leaves out is taken at the next one that there is; one that comes twice counts once.
 * @throws Error for what is no cron expression or no time zone: `changeSchedule` lets none of them through
 */
export function nextRunAt(schedule: Schedule, after: Date): Date | null {
  if (schedule.paused) return null
  if (schedule.intervalSeconds !== null) return new Date(after.getTime() + schedule.intervalSeconds * 1_000)
  if (schedule.cron === null) return null
  return new Cron(schedule.cron, { timezone: schedule.timezone, mode: '5-part', paused: true }).nextRun(after)
}

/** Part of an interval by which it is shorter or longer, so that many that began together do not stay together. */
const JITTER = 0.05

/**
 * When a schedule is due again that was due at `due` and is looked at `now`. Times that went by meanwhile are not made up
 * for. Null when it is paused.
 * @param random from 0 up to 1
 * @throws as `nextRunAt`
 */
export function nextAfterRun(schedule: Schedule, due: Date, now: Date, random: number): Date | null {
  if (schedule.paused || schedule.intervalSeconds === null) return nextRunAt(schedule, now)
  const intervalMs = Math.round(schedule.intervalSeconds * 1_000 * (1 + JITTER * (2 * random - 1)))
  const next = due.getTime() + intervalMs
  return new Date(next > now.getTime() ? next : now.getTime() + intervalMs)
}

/** A stored schedule as its columns have it; null: there is none. */
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
 * The schedule that a change makes of the stored one, if any. What is wrong with it goes into `check`; the result is then
 * not to be used.
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
  // The library takes a date, and names such as @daily, too.
  if (cron.length > MAX_CRON || cron.trim().split(/\s+/).length !== 5) return malformed
  try {
    const next = nextRunAt({ cron, intervalSeconds: null, timezone, paused: false }, new Date())
    return next === null ? 'Names a day that never comes.' : undefined
  } catch {
    return malformed
  }
}

function isTimezone(name: string): boolean {
  try {
    // Offsets such as +02:00 are accepted too, but are no zones.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions() !== undefined
  } catch {
    return false
  }
}
