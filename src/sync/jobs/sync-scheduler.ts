import { setImmediate as othersTurn } from 'node:timers/promises'
import { definitionOf } from '../../catalog/catalog.ts'
import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { LatchkeyError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { nextAfterRun, scheduleOf } from './schedule.ts'
import { createSyncJob } from './sync-jobs.ts'

interface SyncSchedulerDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  logger: Logger
  /** How often to look for what is due. Default: 1,000. */
  everyMs?: number
  /** Default: the database's clock, since processes may disagree about the time. */
  now?: () => Promise<Date>
  /** From 0 up to 1. Default: Math.random. */
  random?: () => number
}

export interface SyncScheduler {
  start(): void
  /** Looks once, and begins all that is due. */
  look(): Promise<void>
  /** Begins no more jobs. */
  stop(): Promise<void>
}

/** Connections that are read at a time. */
const AT_ONCE = 100
/** One that could not be begun for a reason of ours is looked at again then. */
const POSTPONED_MS = 5 * 60_000
/** How often intervals are looked at that the clock has made too long. */
const MEND_EVERY_MS = 60_000

/** Whose credential can work. The others wait with the time that they were due: once healed, they run, once. */
const RUNNABLE = `c.status IN ('ACTIVE', 'ERROR') AND c.deleted_at IS NULL`

/** Workspaces take turns, however many of their connections are due. */
const DUE = `
  SELECT id, next_run_at FROM (
    SELECT c.id, c.next_run_at, row_number() OVER (PARTITION BY c.workspace_id ORDER BY c.next_run_at) AS turn
    FROM connection c WHERE c.next_run_at <= $1::timestamptz AND ${RUNNABLE}
  ) due ORDER BY turn, next_run_at LIMIT $2::int`

/** Somebody else has it, or has just begun it: then there is none. */
const TAKE = `
  SELECT c.workspace_id, c.schedule_cron, c.schedule_interval_seconds, c.schedule_timezone, c.schedule_paused,
         i.id AS integration_id, i.updated_at, i.provider, i.definition
  FROM connection c JOIN integration i ON i.id = c.integration_id
  WHERE c.id = $1::uuid AND c.next_run_at = $2::timestamptz AND ${RUNNABLE} FOR NO KEY UPDATE OF c SKIP LOCKED`

/** After the clock was set back, an interval must not last longer than it says. */
const MEND = `
  UPDATE connection c SET next_run_at = $1::timestamptz + c.schedule_interval_seconds * interval '1 second'
  WHERE c.next_run_at > $1::timestamptz + c.schedule_interval_seconds * interval '1.06 seconds' AND c.deleted_at IS NULL`

interface DueRow {
  [column: string]: unknown
  id: string
  next_run_at: Date
}

interface TakenRow {
  [column: string]: unknown
  workspace_id: string
  schedule_cron: string | null
  schedule_interval_seconds: number | null
  schedule_timezone: string | null
  schedule_paused: boolean
  integration_id: string
  updated_at: Date
  provider: string | null
  definition: unknown
}

/**
 * Begins the sync jobs of connections whose schedule is due. Any number of processes may do so: the transaction that
 * creates a job also moves the time of its schedule, so that each time is taken once. Times that pass while nobody looks,
 * while the connection cannot work, or while a job of it runs, are not made up for.
 */
export function createSyncScheduler(deps: SyncSchedulerDeps): SyncScheduler {
  const { database, logger } = deps
  const random = deps.random ?? Math.random
  const now = deps.now ?? (() => readClock(database))
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let stopped = false
  let mendedAt = Number.NEGATIVE_INFINITY

  async function lookOnce(): Promise<void> {
    const at = await now()
    if (Math.abs(at.getTime() - mendedAt) >= MEND_EVERY_MS) {
      await database.sql.query(MEND, [at])
      mendedAt = at.getTime()
    }
    for (;;) {
      const due = await database.sql.query<DueRow>(DUE, [at, AT_ONCE])
      let begun = 0
      for (const row of due) {
        if (stopped) return
        if (await begin(row, at)) begun += 1
        // The embedded database answers without one turn of the event loop.
        await othersTurn()
      }
      // What others hold is theirs.
      if (due.length < AT_ONCE || begun === 0) return
    }
  }

  /** @returns false when it is not ours to begin */
  async function begin({ id, next_run_at: due }: DueRow, at: Date): Promise<boolean> {
    try {
      return await database.bulkTransaction(async (tx) => {
        const [row] = await tx.query<TakenRow>(TAKE, [id, due])
        if (row === undefined) return false
        await tx.query('UPDATE connection SET next_run_at = $2::timestamptz WHERE id = $1::uuid', [
          id,
          nextOf(row, due, at),
        ])
        await createJob(tx, id, row)
        return true
      })
    } catch (error) {
      logger.error({ err: error, connectionId: id }, 'A scheduled sync could not be begun. It is put off.')
      await database.sql.query(
        'UPDATE connection SET next_run_at = $3::timestamptz WHERE id = $1::uuid AND next_run_at = $2::timestamptz',
        [id, due, new Date(at.getTime() + POSTPONED_MS)],
      )
      return true
    }
  }

  function nextOf(row: TakenRow, due: Date, at: Date): Date | null {
    const schedule = scheduleOf({
      scheduleCron: row.schedule_cron,
      scheduleIntervalSeconds: row.schedule_interval_seconds,
      scheduleTimezone: row.schedule_timezone,
      schedulePaused: row.schedule_paused,
    })
    return schedule === null ? null : nextAfterRun(schedule, due, at, random())
  }

  async function createJob(tx: WriteTx, connectionId: string, row: TakenRow): Promise<void> {
    const { integration_id: integrationId, updated_at: updatedAt, provider, definition } = row
    try {
      await createSyncJob(tx, deps, {
        workspaceId: row.workspace_id,
        connectionId,
        definition: definitionOf({ id: integrationId, updatedAt, provider, definition }),
        trigger: 'SCHEDULE',
        onRunning: 'RETURN_RUNNING',
      })
    } catch (error) {
      // It has no streams, or is just being deleted: this time there is nothing to do.
      if (!(error instanceof LatchkeyError)) throw error
      logger.warn({ err: error, connectionId }, 'A scheduled sync was left out.')
    }
  }

  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined
    })
    return looking
  }

  return {
    start() {
      const tick = () => look().catch((error: unknown) => logger.warn({ err: error }, 'Due syncs could not be read.'))
      timer = setInterval(() => void tick(), deps.everyMs ?? 1_000)
      timer.unref()
    },
    look,
    async stop() {
      stopped = true
      clearInterval(timer)
      await looking?.catch(() => undefined)
    },
  }
}

async function readClock(database: Database): Promise<Date> {
  const [row] = await database.sql.query<{ now: Date }>('SELECT clock_timestamp() AS now')
  if (row === undefined) throw new Error('The database does not tell the time.')
  return row.now
}
