import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { definitionOf } from '../../catalog/catalog.ts'
import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import { databaseNow, type WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { LatchkeyError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { createLoop } from '../../kit/loop.ts'
import { nextAfterRun, scheduleOf } from './schedule.ts'
import { createSyncJob } from './sync-jobs.ts'

interface SyncSchedulerDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  logger: Logger
  /** Interval between two checks, in milliseconds. Default: 1,000. */
  everyMs?: number
  /** Default: the database's clock, because the clocks of processes may differ. */
  now?: () => Promise<Date>
  /** From 0 up to 1. Default: Math.random. */
  random?: () => number
}

export interface SyncScheduler {
  start(): void
  /** Creates the jobs of all connections that are due now. */
  createDueJobs(): Promise<void>
  /** Creates no more jobs. */
  stop(): Promise<void>
}

/** Connections that are read at once. */
const DUE_BATCH = 100
/** A connection whose job could not be created because of an internal error is tried again after this time. */
const POSTPONED_MS = 5 * 60_000
/** How often intervals are shortened that became too long because the clock was set back. */
const CLOCK_CHECK_MS = 60_000

/** Connections whose credential may work. The others keep their due time and run once when they work again. */
const RUNNABLE = `c.status IN ('ACTIVE', 'ERROR') AND c.deleted_at IS NULL`

/** Round-robin over workspaces, however many connections of each are due. */
const DUE = `
  SELECT id, next_run_at FROM (
    SELECT c.id, c.next_run_at, row_number() OVER (PARTITION BY c.workspace_id ORDER BY c.next_run_at) AS round
    FROM connection c WHERE c.next_run_at <= $1::timestamptz AND ${RUNNABLE}
  ) due ORDER BY round, next_run_at LIMIT $2::int`

/** No row: another process is creating the job, or has created it. */
const LOCK_DUE = `
  SELECT c.workspace_id, c.schedule_cron, c.schedule_interval_seconds, c.schedule_timezone, c.schedule_paused,
         i.id AS integration_id, i.updated_at, i.provider, i.definition
  FROM connection c JOIN integration i ON i.id = c.integration_id
  WHERE c.id = $1::uuid AND c.next_run_at = $2::timestamptz AND ${RUNNABLE} FOR NO KEY UPDATE OF c SKIP LOCKED`

/** Shortens waits that are longer than their interval, after the clock was set back. */
const SHORTEN_WAITS = `
  UPDATE connection c SET next_run_at = $1::timestamptz + c.schedule_interval_seconds * interval '1 second'
  WHERE c.next_run_at > $1::timestamptz + c.schedule_interval_seconds * interval '1.06 seconds' AND c.deleted_at IS NULL`

interface DueRow {
  [column: string]: unknown
  id: string
  next_run_at: Date
}

interface DueConnection {
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
 * Creates the sync jobs of connections whose schedule is due. Any number of processes may run it: the transaction that
 * creates a job also moves the due time, so that each time is handled once. Times are not made up for that pass while no
 * process runs, while the connection does not work, or while the connection has an unfinished job.
 */
export function createSyncScheduler(deps: SyncSchedulerDeps): SyncScheduler {
  const { database, logger, everyMs = 1_000 } = deps
  const random = deps.random ?? Math.random
  const now = deps.now ?? (() => databaseNow(database.sql))
  const loop = createLoop({
    work: createDueJobs,
    everyMs,
    maxBackoffMs: everyMs,
    runAtStart: false,
    onError: (err) => logger.warn({ err }, 'Due syncs could not be read. Trying again.'),
  })
  let clockCheckedAt = Number.NEGATIVE_INFINITY

  async function createDueJobs(signal?: AbortSignal): Promise<void> {
    const at = await now()
    if (Math.abs(at.getTime() - clockCheckedAt) >= CLOCK_CHECK_MS) {
      await database.sql.query(SHORTEN_WAITS, [at])
      clockCheckedAt = at.getTime()
    }
    for (;;) {
      const due = await database.sql.query<DueRow>(DUE, [at, DUE_BATCH])
      let handled = 0
      for (const row of due) {
        if (signal?.aborted === true) return
        if (await handleDue(row, at)) handled += 1
        // The embedded database never yields to the event loop by itself.
        await yieldToEventLoop()
      }
      // Rows that other processes have locked are left to them.
      if (due.length < DUE_BATCH || handled === 0) return
    }
  }

  /** @returns false when another process handles it */
  async function handleDue({ id, next_run_at: due }: DueRow, at: Date): Promise<boolean> {
    try {
      return await database.bulkTransaction(async (tx) => {
        const [row] = await tx.query<DueConnection>(LOCK_DUE, [id, due])
        if (row === undefined) return false
        await tx.query('UPDATE connection SET next_run_at = $2::timestamptz WHERE id = $1::uuid', [
          id,
          nextOf(row, due, at),
        ])
        await createJob(tx, id, row)
        return true
      })
    } catch (error) {
      logger.error(
        { err: error, connectionId: id },
        'A scheduled sync job could not be created. Trying again in five minutes.',
      )
      await database.sql.query(
        'UPDATE connection SET next_run_at = $3::timestamptz WHERE id = $1::uuid AND next_run_at = $2::timestamptz',
        [id, due, new Date(at.getTime() + POSTPONED_MS)],
      )
      return true
    }
  }

  function nextOf(row: DueConnection, due: Date, at: Date): Date | null {
    const schedule = scheduleOf({
      scheduleCron: row.schedule_cron,
      scheduleIntervalSeconds: row.schedule_interval_seconds,
      scheduleTimezone: row.schedule_timezone,
      schedulePaused: row.schedule_paused,
    })
    return schedule === null ? null : nextAfterRun(schedule, due, at, random())
  }

  async function createJob(tx: WriteTx, connectionId: string, row: DueConnection): Promise<void> {
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
      // The integration has no streams, or the connection is being deleted.
      if (!(error instanceof LatchkeyError)) throw error
      logger.warn({ err: error, connectionId }, 'A scheduled sync was skipped.')
    }
  }

  return { start: loop.start, createDueJobs: () => createDueJobs(), stop: loop.stop }
}
