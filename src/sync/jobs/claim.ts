import { type Database, INDEXES_ONLY } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { RecordIds } from '../records/record-ids.ts'
import { QUEUED_COLUMNS, type QueuedJob, type QueuedRow, toQueuedJob } from './backlog.ts'
import type { JobWait } from './job-wait.ts'
import { RunStoppedError } from './sync-error.ts'

/** A job that this worker runs. All of its writes are fenced by `attempt`. */
export interface ClaimedJob {
  id: string
  workspaceId: string
  connectionId: string
  /** Null: a process of an earlier version created the job. */
  integrationId: string | null
  /** Host of the integration's base URL; null: unknown, or it depends on the connection. */
  host: string | null
  attempt: number
  fullRefresh: boolean
  /** A source that lost most of its records at once is believed. */
  confirmDeletes: boolean
  credentialOverridden: boolean
  /** The job was cancelled before this worker claimed it. */
  cancelling: boolean
  /** Milliseconds without progress, by the database's clock. Waits do not count. */
  idleMs: number
  /** How many workers in a row claimed the job before and crashed before it made progress. */
  startsWithoutProgress: number
  /** What the job waited for; null: nothing since it last made progress. */
  wait: JobWait | null
  /** The worker before this one put the job back to wait, so that nothing was interrupted. */
  resumed: boolean
  /** How long the job was queued before its first start, in milliseconds; null: this is not its first start. */
  queuedMs: number | null
  /** How the ids of the connection's records are made. */
  recordIds: RecordIds
  /** The span that created the job; null: there was none. */
  traceparent: string | null
}

/** SQL: the newest change position of any record; 0: there is none yet. */
export const NEWEST_POSITION = `coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0)`

/** SQL condition: job `j` made progress that its columns do not account for yet. Both counters only grow. */
const PROGRESSED = '(j.pages_read + j.records_deleted > j.progress_mark)'

/**
 * SQL condition: the worker of the running job `j` sent no heartbeat for the lease ($2, milliseconds). A job that
 * crashes its workers is left alone for longer each time, up to eight times the lease.
 */
const ABANDONED = `(j.heartbeat_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
  AND j.heartbeat_at < clock_timestamp() - $2::float8 * interval '1 millisecond' *
    CASE WHEN j.status = 'CANCELLING' OR ${PROGRESSED} THEN 1
    ELSE least(8, power(2, greatest(j.attempt - j.clean_attempts - 2, 0))) END)`

/** SQL condition: the queued job `j` was put back to wait by `putBackJob`. */
const WAS_PUT_BACK = `(j.status = 'QUEUED' AND j.wait->'putBack' IS NOT NULL AND NOT ${PROGRESSED})`

/** $1 jobs, $2 lease in milliseconds. The right sides of assignments are the values before the claim. */
const CLAIM = `
  WITH chosen AS MATERIALIZED (
    SELECT j.id, ${PROGRESSED} AS progressed, j.status = 'QUEUED' AS queued, ${WAS_PUT_BACK} AS put_back,
           CASE WHEN j.started_at IS NULL THEN extract(epoch FROM clock_timestamp() - j.queued_at)::float8 * 1000 END AS queued_ms
    FROM sync_job j
    WHERE j.id = ANY ($1::uuid[]) AND (
      (j.status = 'QUEUED' AND (j.not_before IS NULL OR j.not_before <= clock_timestamp()))
      OR (j.status IN ('RUNNING', 'CANCELLING') AND ${ABANDONED}))
    FOR NO KEY UPDATE SKIP LOCKED
  )
  UPDATE sync_job j SET
    attempt = j.attempt + 1,
    claimed_attempt = j.attempt + 1,
    status = (CASE j.status WHEN 'CANCELLING' THEN 'CANCELLING' ELSE 'RUNNING' END)::sync_job_status,
    heartbeat_at = clock_timestamp(),
    started_at = coalesce(j.started_at, clock_timestamp()),
    change_floor = greatest(j.change_floor, ${NEWEST_POSITION}),
    not_before = NULL,
    wait = CASE WHEN NOT c.progressed THEN j.wait - 'putBack' END,
    clean_attempts = CASE WHEN c.progressed OR (c.queued AND NOT c.put_back) THEN j.attempt ELSE j.clean_attempts END,
    progress_mark = j.pages_read + j.records_deleted,
    progress_at = CASE WHEN c.queued OR c.progressed THEN clock_timestamp()
      ELSE coalesce(j.progress_at, j.started_at, clock_timestamp()) END
  FROM chosen c WHERE j.id = c.id
  RETURNING j.id, j.workspace_id, j.connection_id, j.integration_id, j.host, j.attempt, j.full_refresh,
    j.confirm_deletes, j.credential_overridden, j.status = 'CANCELLING' AS cancelling, j.pages_read, j.records_deleted,
    j.traceparent, j.wait, c.put_back, c.queued_ms,
    (SELECT n.record_ids FROM connection n WHERE n.id = j.connection_id) AS record_ids,
    (j.wait->>'slotAt')::float8 - extract(epoch FROM clock_timestamp())::float8 * 1000 AS slot_in_ms,
    extract(epoch FROM clock_timestamp() - j.progress_at)::float8 * 1000 AS idle_ms,
    j.attempt - 1 - j.clean_attempts AS starts_without_progress`

interface ClaimedRow {
  [column: string]: unknown
  id: string
  workspace_id: string
  connection_id: string
  integration_id: string | null
  host: string | null
  attempt: number
  full_refresh: boolean
  confirm_deletes: boolean
  credential_overridden: boolean
  cancelling: boolean
  pages_read: number
  records_deleted: number
  traceparent: string | null
  wait: JobWait | null
  put_back: boolean
  queued_ms: number | null
  record_ids: RecordIds
  slot_in_ms: number | null
  idle_ms: number
  starts_without_progress: number
}

/**
 * Claims those of the jobs that are queued, or whose worker sent no heartbeat for longer than the lease. Two workers
 * never both claim a job, and after the commit nothing that an earlier worker writes for it has any effect. A row that
 * another transaction is writing is skipped.
 *
 * Sets `change_floor` to the newest position: all records that the job writes get higher ones. A job that goes on after
 * a wait has no other SYNC_STARTED event.
 *
 * @param syncJobIds of one workspace, because the claim waits for its event log
 * @param leaseMs in milliseconds
 * @returns the jobs that were claimed
 */
export async function claimJobs(
  database: Database,
  bus: WakeBus,
  syncJobIds: readonly string[],
  leaseMs: number,
): Promise<ClaimedJob[]> {
  return database.bulkTransaction(async (tx) => {
    const rows = await tx.query<ClaimedRow>(CLAIM, [[...syncJobIds], leaseMs])
    const [first] = rows
    if (first === undefined) return []
    const started = rows.filter((row) => !row.put_back)
    await appendEvents(
      tx,
      bus,
      first.workspace_id,
      started.map(({ id, connection_id, attempt, pages_read: pagesRead, records_deleted: recordsDeleted }) => ({
        type: 'SYNC_STARTED',
        connectionId: connection_id,
        syncJobId: id,
        payload: { attempt, pagesRead, recordsDeleted },
      })),
    )
    return rows.map(toClaimedJob)
  })
}

function toClaimedJob(row: ClaimedRow): ClaimedJob {
  const slotAt = row.slot_in_ms === null ? undefined : Date.now() + row.slot_in_ms
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    connectionId: row.connection_id,
    integrationId: row.integration_id,
    host: row.host,
    attempt: row.attempt,
    fullRefresh: row.full_refresh,
    confirmDeletes: row.confirm_deletes,
    credentialOverridden: row.credential_overridden,
    cancelling: row.cancelling,
    idleMs: row.idle_ms,
    startsWithoutProgress: row.starts_without_progress,
    wait: row.wait === null ? null : { ...row.wait, slotAt },
    resumed: row.put_back,
    queuedMs: row.queued_ms,
    recordIds: row.record_ids,
    traceparent: row.traceparent,
  }
}

/** Claims one job, see `claimJobs`. @returns null when the job cannot be claimed */
export async function claimJob(
  database: Database,
  bus: WakeBus,
  syncJobId: string,
  leaseMs: number,
): Promise<ClaimedJob | null> {
  const [job] = await claimJobs(database, bus, [syncJobId], leaseMs)
  return job ?? null
}

/** Jobs whose worker crashed. Rows that a transaction is writing are skipped: their worker is alive. */
export async function findAbandonedJobs(
  database: Database,
  { leaseMs, limit }: { leaseMs: number; limit: number },
): Promise<QueuedJob[]> {
  const rows = await database.sql.query<QueuedRow>(
    `SELECT ${QUEUED_COLUMNS} FROM sync_job j WHERE j.status IN ('RUNNING', 'CANCELLING') AND ${ABANDONED}
     ORDER BY j.heartbeat_at LIMIT $1::int FOR NO KEY UPDATE SKIP LOCKED`,
    [limit, leaseMs],
  )
  return rows.map(toQueuedJob)
}

/** `LOST`: this worker no longer has the job, or the job is deleted. */
interface Heartbeat {
  status: 'RUNNING' | 'CANCELLING' | 'LOST'
  /** Milliseconds without progress. */
  idleMs: number
}

/** SQL: milliseconds that job `j` is without progress. */
const IDLE_MS = 'extract(epoch FROM clock_timestamp() - coalesce(j.progress_at, j.started_at))::float8 * 1000'

/**
 * Extends the leases and raises `change_floor`, so that a slow job does not hold back readers of changes. A job whose
 * row is locked is left out, because the transaction that writes its page sends a heartbeat too, and no position below
 * the floor may be uncommitted.
 */
const HEARTBEATS = `
  WITH mine AS MATERIALIZED (
    SELECT j.id FROM sync_job j JOIN unnest($1::uuid[], $2::int[]) AS own (id, attempt) USING (id, attempt)
    WHERE j.status IN ('RUNNING', 'CANCELLING') FOR NO KEY UPDATE OF j SKIP LOCKED
  )
  UPDATE sync_job j SET heartbeat_at = clock_timestamp(), change_floor = greatest(j.change_floor, ${NEWEST_POSITION}),
    progress_at = CASE WHEN ${PROGRESSED} THEN clock_timestamp() ELSE j.progress_at END,
    clean_attempts = CASE WHEN ${PROGRESSED} THEN j.attempt ELSE j.clean_attempts END,
    wait = CASE WHEN NOT ${PROGRESSED} THEN j.wait END,
    progress_mark = j.pages_read + j.records_deleted
  FROM mine WHERE j.id = mine.id
  RETURNING j.id, j.attempt, j.status::text AS status, ${IDLE_MS} AS idle_ms`

interface HeartbeatRow {
  [column: string]: unknown
  id: string
  attempt: number
  status: string
  idle_ms: number
}

/**
 * Sends the heartbeats of all jobs of a worker with one statement, and one more for those whose rows are locked.
 * @returns by job id
 */
export async function sendHeartbeats(
  database: Database,
  jobs: readonly ClaimedJob[],
): Promise<ReadonlyMap<string, Heartbeat>> {
  const sent = await database.sql.query<HeartbeatRow>(HEARTBEATS, [
    jobs.map(({ id }) => id),
    jobs.map(({ attempt }) => attempt),
  ])
  const rows = new Map(sent.map((row) => [row.id, row]))
  const others = jobs.filter(({ id }) => !rows.has(id))
  if (others.length > 0) {
    const read = await database.sql.query<HeartbeatRow>(
      `SELECT j.id, j.attempt, j.status::text AS status, ${IDLE_MS} AS idle_ms FROM sync_job j WHERE j.id = ANY ($1::uuid[])`,
      [others.map(({ id }) => id)],
    )
    for (const row of read) rows.set(row.id, row)
  }
  return new Map(jobs.map(({ id, attempt }) => [id, heartbeatOf(rows.get(id), attempt)]))
}

function heartbeatOf(row: HeartbeatRow | undefined, attempt: number): Heartbeat {
  const isOurs = row?.attempt === attempt && (row.status === 'RUNNING' || row.status === 'CANCELLING')
  return { status: isOurs ? (row.status as 'RUNNING' | 'CANCELLING') : 'LOST', idleMs: row?.idle_ms ?? 0 }
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
