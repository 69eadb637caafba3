import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { WaitingJob } from './backlog.ts'
import { RunStoppedError } from './sync-error.ts'

/** A job that this worker took. Every write for it is fenced by `attempt`. */
export interface ClaimedJob {
  id: string
  workspaceId: string
  connectionId: string
  attempt: number
  fullRefresh: boolean
  credentialOverridden: boolean
  /** It was asked to stop before this worker took it. */
  cancelling: boolean
  /** Since its first worker took it, by the database's clock. */
  ageMs: number
  /** How many workers before this one, in a row, took it and were gone before they had got any further. */
  fruitless: number
}

/** The sequence that gives records their change positions; nothing was given out yet: 0. */
const NEWEST_POSITION = `coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0)`

/**
 * Of a job `j`: how often it was started, since it was queued, from where it stands now. Whoever started it is gone.
 */
const FRUITLESS = `(
  SELECT count(*)::int FROM event e
  WHERE e.sync_job_id = j.id AND e.type = 'SYNC_STARTED'
    AND (e.payload->>'pagesRead')::int = j.pages_read AND (e.payload->>'recordsDeleted')::int = j.records_deleted
    AND e.position > coalesce(
      (SELECT max(q.position) FROM event q WHERE q.sync_job_id = j.id AND q.type = 'SYNC_QUEUED'), 0))`

/**
 * Whether the worker of a running job `j` is gone: it has given no sign of life for the lease ($2, milliseconds). A job
 * that brings workers down is left alone for longer each time, up to eight times that.
 */
const ABANDONED = `(j.heartbeat_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
  AND j.heartbeat_at < clock_timestamp() - $2::float8 * interval '1 millisecond' *
    CASE WHEN j.attempt < 3 OR j.status = 'CANCELLING' THEN 1 ELSE least(8, power(2, greatest(${FRUITLESS} - 2, 0))) END)`

/**
 * Takes a job that waits, or whose worker has given no sign of life for longer than the lease. Two workers never both
 * get it, and from the commit on nothing that an earlier worker writes for it has any effect. A row that somebody else
 * is writing is left to him.
 *
 * `change_floor` is set to the newest position there is: the job's records all get higher ones.
 *
 * @returns null when there is nothing to take
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
      credential_overridden: boolean
      cancelling: boolean
      age_ms: number
      fruitless: number
      pages_read: number
      records_deleted: number
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
       RETURNING j.workspace_id, j.connection_id, j.attempt, j.full_refresh, j.credential_overridden,
         j.status = 'CANCELLING' AS cancelling, j.pages_read, j.records_deleted,
         extract(epoch FROM clock_timestamp() - j.started_at)::float8 * 1000 AS age_ms,
         CASE WHEN j.attempt > 1 THEN ${FRUITLESS} ELSE 0 END AS fruitless`,
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
      credentialOverridden: row.credential_overridden,
      cancelling: row.cancelling,
      ageMs: row.age_ms,
      fruitless: row.fruitless,
    }
  })
}

/** Jobs whose worker is gone. Rows that somebody is writing are left out: their worker lives. */
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
 * Extends the lease, and moves `change_floor` up so that a slow job does not hold back those who read changes. While a
 * page is being written, its transaction holds the row, and this waits: no position below the floor can be uncommitted.
 *
 * @returns the job's status; null when the job is not this worker's any more
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
 * A transaction that begins by making sure that the job is still this worker's, and keeps it so until it ends.
 *
 * @param options.cancelling what happens when the job was asked to stop: by default nothing is written
 * @throws RunStoppedError `lost` or `cancelled`
 */
export async function fencedTransaction<T>(
  database: Database,
  job: ClaimedJob,
  work: (tx: WriteTx, status: 'RUNNING' | 'CANCELLING') => Promise<T>,
  options: { cancelling: 'refuse' | 'allow' } = { cancelling: 'refuse' },
): Promise<T> {
  return database.bulkTransaction(async (tx) => {
    // Plans are kept by the connection. One made while a table was small must not read all of it when it has grown.
    const [row] = await tx.query<{ status: 'RUNNING' | 'CANCELLING' }>(
      `UPDATE sync_job SET heartbeat_at = clock_timestamp()
       WHERE id = $1::uuid AND attempt = $2::int AND status IN ('RUNNING', 'CANCELLING')
       RETURNING status::text AS status, set_config('enable_seqscan', 'off', true)`,
      [job.id, job.attempt],
    )
    if (row === undefined) throw new RunStoppedError('lost')
    if (row.status === 'CANCELLING' && options.cancelling === 'refuse') throw new RunStoppedError('cancelled')
    return work(tx, row.status)
  })
}

/** Puts a job back for another worker, which goes on from its checkpoint. One that was asked to stop is not put back. */
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
