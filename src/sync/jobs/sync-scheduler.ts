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
  /** Creates the jobs that webhooks asked for. */
  createRequestedJobs(): Promise<void>
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

/**
 * Syncs that webhooks asked for, of connections without an unfinished job. A connection with one gets its job when that one has ended, so
 * that whatever was changed while it was running is read after it.
 */
const REQUESTED = `
  SELECT id FROM (
    SELECT c.id, row_number() OVER (PARTITION BY c.workspace_id ORDER BY c.id) AS round
    FROM sync_request r JOIN connection c ON c.id = r.connection_id
    WHERE ${RUNNABLE} AND NOT EXISTS (
      SELECT 1 FROM sync_job j WHERE j.connection_id = c.id AND j.status IN ('QUEUED', 'RUNNING', 'CANCELLING'))
  ) requested ORDER BY round, id LIMIT $1::int`

/** No row: another process is creating the job. */
const LOCK_REQUESTED = `
  SELECT c.workspace_id, i.id AS integration_id, i.updated_at, i.provider, i.definition
  FROM connection c JOIN integration i ON i.id = c.integration_id
  WHERE c.id = $1::uuid AND ${RUNNABLE} FOR NO KEY UPDATE OF c SKIP LOCKED`

/** Shortens waits that are longer than their interval, after the clock was set back. */
const SHORTEN_WAITS = `
  UPDATE connection c SET next_run_at = $1::timestamptz + c.schedule_interval_seconds * interval '1 second'
  WHERE c.next_run_at > $1::timestamptz + c.schedule_interval_seconds * interval '1.06 seconds' AND c.deleted_at IS NULL`

interface DueRow {
  [column: string]: unknown
  id: string
  next_run_at: Date
}

interface SyncedConnection {
  [column: string]: unknown
  workspace_id: string
  integration_id: string
  updated_at: Date
  provider: string | null
  definition: unknown
}

interface DueConnection extends SyncedConnection {
  schedule_cron: string | null
  schedule_interval_seconds: number | null
  schedule_timezone: string | null
  schedule_paused: boolean
}

/**
 * Creates the sync jobs of connections whose schedule is due, and those that webhooks requested. Any number of processes may run it:
 * the transaction that creates a job also moves the due time, so that each time is handled once. Times that pass while no process runs,
 * while the connection does not work, or while it has an unfinished job are not made up for.
 */
export function createSyncScheduler(deps: SyncSchedulerDeps): SyncScheduler {
  const { database, logger, everyMs = 1_000 } = deps
  const random = deps.random ?? Math.random
  const now = deps.now ?? (() => databaseNow(database.sql))
  const loop = createLoop({
    async work(signal) {
      await createDueJobs(signal)
      await createRequestedJobs(signal)
    },
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
        await createJob(tx, id, row, { trigger: 'SCHEDULE' })
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

  async function createRequestedJobs(signal?: AbortSignal): Promise<void> {
    for (;;) {
      const requested = await database.sql.query<{ id: string }>(REQUESTED, [DUE_BATCH])
      let handled = 0
      for (const { id } of requested) {
        if (signal?.aborted === true) return
        if (await handleRequested(id)) handled += 1
        await yieldToEventLoop()
      }
      if (requested.length < DUE_BATCH || handled === 0) return
    }
  }

  /** @returns false when it stays as it is: another process handles it, a job has begun meanwhile, or it failed */
  async function handleRequested(id: string): Promise<boolean> {
    try {
      return await database.bulkTransaction(async (tx) => {
        const [row] = await tx.query<SyncedConnection>(LOCK_REQUESTED, [id])
        if (row === undefined) return false
        // A webhook that asks again at this moment waits, and then asks for another job.
        const [request] = await tx.query<{ streams: string[] }>(
          'SELECT streams FROM sync_request WHERE connection_id = $1::uuid FOR UPDATE',
          [id],
        )
        if (request === undefined) return false
        const created = await createJob(tx, id, row, { trigger: 'WEBHOOK', streams: request.streams })
        if (created === false) return false
        await tx.query('DELETE FROM sync_request WHERE connection_id = $1::uuid', [id])
        return true
      })
    } catch (err) {
      logger.error({ err, connectionId: id }, 'A sync job for a webhook could not be created. Trying again.')
      return false
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

  /** @returns false when the connection has an unfinished job; null when there is nothing to sync */
  async function createJob(
    tx: WriteTx,
    connectionId: string,
    row: SyncedConnection,
    { trigger, streams = [] }: { trigger: 'SCHEDULE' | 'WEBHOOK'; streams?: readonly string[] },
  ): Promise<boolean | null> {
    const { integration_id: integrationId, updated_at: updatedAt, provider, definition: stored } = row
    try {
      const definition = definitionOf({ id: integrationId, updatedAt, provider, definition: stored })
      // The definition may have changed since the webhook.
      const known = streams.filter((name) => definition.streams?.some((stream) => stream.name === name))
      if (known.length === 0 && streams.length > 0) return null
      const { created } = await createSyncJob(tx, deps, {
        workspaceId: row.workspace_id,
        connectionId,
        definition,
        trigger,
        streams: known,
        onRunning: 'RETURN_RUNNING',
      })
      return created
    } catch (error) {
      // The integration has no streams, or the connection is being deleted.
      if (!(error instanceof LatchkeyError)) throw error
      logger.warn({ err: error, connectionId }, 'A sync was skipped.')
      return null
    }
  }

  return {
    start: loop.start,
    createDueJobs: () => createDueJobs(),
    createRequestedJobs: () => createRequestedJobs(),
    stop: loop.stop,
  }
}
