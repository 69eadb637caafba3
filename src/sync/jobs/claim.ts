import { type Database, INDEXES_ONLY } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { WaitingJob } from './backlog.ts'
import { RunStoppedError } from './sync-error.ts'

/** A job that this worker runs. All of its writes are fenced by `attempt`. */
export interface ClaimedJob {
  id: string
  workspaceId: string
  connectionId: string
  attempt: number
  fullRefresh: boolean
  /** A source that lost most of its records at once is believed. */
  confirmDeletes: boolean
  credentialOverridden: boolean
  /** The job was cancelled before this worker claimed it. */
  cancelling: boolean
  /** Milliseconds since the first claim, by the database's clock. */
  ageMs: number
  /** How many workers in a row claimed the job before and crashed before it made progress. */
  startsWithoutProgress: number
  /** The span that created the job; null: there was none. */
  traceparent: string | null
}

/** SQL: the newest change position of any record; 0: there is none yet. */
export const NEWEST_POSITION = `coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0)`

/**
 * SQL: how often job `j` was started from its present state since it was queued. All workers but the present one
 * crashed.
 */
const STARTS_WITHOUT_PROGRESS = `(
  SELECT count(*)::int FROM event e
  WHERE e.sync_job_id = j.id AND e.type = 'SYNC_STARTED'
    AND (e.payload->>'pagesRead')::int = j.pages_read AND (e.payload->>'recordsDeleted')::int = j.records_deleted
    AND e.position > coalesce(
      (SELECT max(q.position) FROM event q WHERE q.sync_job_id = j.id AND q.type = 'SYNC_QUEUED'), 0))`

/**
 * SQL condition: the worker of the running job `j` sent no heartbeat for the lease ($2, milliseconds). A job that
 * crashes its workers is left alone for longer each time, up to eight times the lease.
 */
const ABANDONED = `(j.heartbeat_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
  AND j.heartbeat_at < clock_timestamp() - $2::float8 * interval '1 millisecond' *
    CASE WHEN j.attempt < 3 OR j.status = 'CANCELLING' THEN 1 ELSE least(8, power(2, greatest(${STARTS_WITHOUT_PROGRESS} - 2, 0))) END)`

/**
 * Claims a job that is queued, or whose worker sent no heartbeat for longer than the lease. Two workers never both
 * claim it, and after the commit nothing that an earlier worker writes for it has any effect. A row that another
 * transaction is writing is skipped.
 *
 * Sets `change_floor` to the newest position: all records that the job writes get higher ones.
 *
 * @param leaseMs in milliseconds
 * @returns null when the job cannot be claimed
 */
export async function claimJob(
  database: Database,
  bus: WakeBus,
  syncJobId: string,
  leaseMs: number,
): Promise<ClaimedJob | null> {
  return database.bulkTransaction(async (tx) => {
    const [row] = await tx.query<{
      workspace_id: string
      connection_id: string
      attempt: number
      full_refresh: boolean
      confirm_deletes: boolean
      credential_overridden: boolean
      cancelling: boolean
      age_ms: number
      starts_without_progress: number
      pages_read: number
      records_deleted: number
      traceparent: string | null
    }>(
      `UPDATE sync_job j SET
         attempt = j.attempt + 1,
         status = (CASE j.status WHEN 'CANCELLING' THEN 'CANCELLING' ELSE 'RUNNING' END)::sync_job_status,
         heartbeat_at = clock_timestamp(),
         started_at = coalesce(j.started_at, clock_timestamp()),
         change_floor = greatest(j.change_floor, ${NEWEST_POSITION})
       WHERE j.id = (
         SELECT j.id FROM sync_job j
         WHERE j.id = $1::uuid AND (j.status = 'QUEUED' OR (j.status IN ('RUNNING', 'CANCELLING') AND ${ABANDONED}))
         FOR NO KEY UPDATE SKIP LOCKED)
       RETURNING j.workspace_id, j.connection_id, j.attempt, j.full_refresh, j.confirm_deletes,
         j.credential_overridden,
         j.status = 'CANCELLING' AS cancelling, j.pages_read, j.records_deleted, j.traceparent,
         extract(epoch FROM clock_timestamp() - j.started_at)::float8 * 1000 AS age_ms,
         CASE WHEN j.attempt > 1 THEN ${STARTS_WITHOUT_PROGRESS} ELSE 0 END AS starts_without_progress`,
      [syncJobId, leaseMs],
    )
    if (row === undefined) return null
    const { attempt, pages_read: pagesRead, records_deleted: recordsDeleted } = row
    const payload = { attempt, pagesRead, recordsDeleted }
    await appendEvents(tx, bus, row.workspace_id, [
      { type: 'SYNC_STARTED', connectionId: row.connection_id, syncJobId, payload },
    ])
    return {
      id: syncJobId,
      workspaceId: row.workspace_id,
      connectionId: row.connection_id,
      attempt,
      fullRefresh: row.full_refresh,
      confirmDeletes: row.confirm_deletes,
      credentialOverridden: row.credential_overridden,
      cancelling: row.cancelling,
      ageMs: row.age_ms,
      startsWithoutProgress: row.starts_without_progress,
      traceparent: row.traceparent,
    }
  })
}

/** Jobs whose worker crashed. Rows that a transaction is writing are skipped: their worker is alive. */
export async function findAbandonedJobs(
  database: Database,
  { leaseMs, limit }: { leaseMs: number; limit: number },
): Promise<WaitingJob[]> {
  const rows = await database.sql.query<{ id: string; workspace_id: string }>(
    `SELECT j.id, j.workspace_id FROM sync_job j WHERE j.status IN ('RUNNING', 'CANCELLING') AND ${ABANDONED}
     ORDER BY j.heartbeat_at LIMIT $1::int FOR NO KEY UPDATE SKIP LOCKED`,
    [limit, leaseMs],
  )
  return rows.map((row) => ({ id: row.id, workspaceId: row.workspace_id }))
}

/**
 * Extends the lease and raises `change_floor`, so that a slow job does not hold back readers of changes. Waits while a
 * page of the job is being written, because that transaction locks the row: no position below the floor can be
 * uncommitted.
 *
 * @returns the job's status; null when this worker no longer has the job
 */
export async function heartbeat(database: Database, job: ClaimedJob): Promise<'RUNNING' | 'CANCELLING' | null> {
  const [row] = await database.sql.query<{ status: 'RUNNING' | 'CANCELLING' }>(
    `UPDATE sync_job SET heartbeat_at = clock_timestamp(), change_floor = greatest(change_floor, ${NEWEST_POSITION})
     WHERE id = $1::uuid AND attempt = $2::int AND status IN ('RUNNING', 'CANCELLING')
     RETURNING status::text AS status`,
    [job.id, job.attempt],
  )
  return row?.status ?? null
}

/**
 * SQL of two common table expressions that fence a statement of the attempt $2 of the job $1. `fence` has no row: this worker
 * no longer has the job. `running` has no row: nothing may be written. The job stays so until the transaction ends.
 */
export const FENCE = `
  fence AS MATERIALIZED (
    SELECT id, status FROM sync_job WHERE id = $1::uuid AND attempt = $2::int AND status IN ('RUNNING', 'CANCELLING')
    FOR NO KEY UPDATE
  ), running AS (
    SELECT id FROM fence WHERE status = 'RUNNING'
  )`

/**
 * A transaction that first checks that this worker still has the job, and keeps it so until the transaction ends.
 *
 * @param options.cancelling what happens when the job is CANCELLING. Default: nothing is written.
 * @throws RunStoppedError `lost` or `cancelled`
 */
export async function fencedTransaction<T>(
  database: Database,
  job: ClaimedJob,
  work: (tx: WriteTx, status: 'RUNNING' | 'CANCELLING') => Promise<T>,
  options: { cancelling: 'refuse' | 'allow' } = { cancelling: 'refuse' },
): Promise<T> {
  return database.bulkTransaction(async (tx) => {
    const [row] = await tx.query<{ status: 'RUNNING' | 'CANCELLING' }>(
      `UPDATE sync_job SET heartbeat_at = clock_timestamp()
       WHERE id = $1::uuid AND attempt = $2::int AND status IN ('RUNNING', 'CANCELLING')
       RETURNING status::text AS status`,
      [job.id, job.attempt],
    )
    if (row === undefined) throw new RunStoppedError('lost')
    if (row.status === 'CANCELLING' && options.cancelling === 'refuse') throw new RunStoppedError('cancelled')
    return work(tx, row.status)
  }, INDEXES_ONLY)
}

/**
 * Puts a job back into the queue. The next worker continues it from its checkpoint.
 *
 * @throws RunStoppedError `cancelled` when the job is CANCELLING
 */
export async function handBackJob(
  deps: { database: Database; queue: Queue; bus: WakeBus },
  job: ClaimedJob,
): Promise<void> {
  await fencedTransaction(deps.database, job, async (tx) => {
    await tx.query(`UPDATE sync_job SET status = 'QUEUED', heartbeat_at = NULL WHERE id = $1::uuid`, [job.id])
    await deps.queue.enqueue(tx, 'sync', { syncJobId: job.id })
    tx.afterCommit(() => deps.bus.publish('queue', 'sync'))
    await appendEvents(tx, deps.bus, job.workspaceId, [
      {
        type: 'SYNC_QUEUED',
        connectionId: job.connectionId,
        syncJobId: job.id,
        payload: { attempt: job.attempt, handedBack: true },
      },
    ])
  })
}
