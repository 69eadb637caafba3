import { assertSeesConnection, assertWritesConnection, type Caller, notFound } from '../../access/caller.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import { ConflictError, InvalidInputError, NotFoundError, UnsupportedError } from '../../kit/errors.ts'
import { newId } from '../../kit/ids.ts'
import { untoldProgress } from '../run/progress-event.ts'
import { forgetJobTokens } from './job-tokens.ts'

export type SyncJobStatus = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLING' | 'CANCELLED'
type SyncTrigger = 'MANUAL' | 'ON_CREATE' | 'SCHEDULE'

export interface CreateSyncJob {
  workspaceId: string
  connectionId: string
  /** Of the connection's integration: its streams are what can be read. */
  definition: IntegrationDefinition
  trigger: SyncTrigger
  /** Names; absent or empty: all. Paths of errors begin with `input`, `streams`. */
  streams?: readonly string[] | null
  /** Reads everything again and marks what the source no longer has as deleted. Default: false. */
  fullRefresh?: boolean
  /** The job runs on a token given for it alone. Default: false. */
  credentialOverridden?: boolean
  /** What happens when the connection has an unfinished job. Default: REJECT. */
  onRunning?: 'REJECT' | 'RETURN_RUNNING'
}

/** `created` false: the connection's unfinished job was returned instead. */
interface CreatedSyncJob {
  syncJobId: string
  created: boolean
}

/** Between two statements the unfinished job may end, and the next one begin. */
const INSERT_ATTEMPTS = 5

/**
 * Creates a job, its stream rows, its first event and its place in the queue, all in the caller's transaction. None of
 * the errors aborts the transaction. Call it after the caller's own writes: it appends to the event log.
 *
 * @throws InvalidInputError for names of streams that there are not, all at once
 * @throws UnsupportedError when the integration has no streams
 * @throws NotFoundError when the connection is deleted
 * @throws ConflictError when the connection has an unfinished job (`onRunning: 'REJECT'`)
 */
export async function createSyncJob(
  tx: WriteTx,
  deps: { queue: Queue; bus: WakeBus },
  job: CreateSyncJob,
): Promise<CreatedSyncJob> {
  const streams = chooseStreams(job)
  await holdConnection(tx, job)
  const { id, created } = await insertJob(tx, job)
  if (!created) {
    if (job.onRunning === 'RETURN_RUNNING') return { syncJobId: id, created }
    throw new ConflictError('A sync job of this connection is not finished yet. Wait for it, or cancel it.', {
      details: { syncJobId: id },
    })
  }
  await tx.query(
    `INSERT INTO sync_job_stream (sync_job_id, name, workspace_id, position)
     SELECT $1::uuid, name, $2::uuid, place::int FROM unnest($3::text[]) WITH ORDINALITY AS s (name, place)`,
    [id, job.workspaceId, streams],
  )
  await deps.queue.enqueue(tx, 'sync', { syncJobId: id })
  tx.afterCommit(() => deps.bus.publish('queue', 'sync'))
  await appendEvents(tx, deps.bus, job.workspaceId, [
    { type: 'SYNC_QUEUED', connectionId: job.connectionId, syncJobId: id, payload: { trigger: job.trigger } },
  ])
  return { syncJobId: id, created }
}

/**
 * Keeps the connection and its workspace from being deleted until the transaction ends. Once they are, they have no
 * unfinished job, and none may begin.
 */
async function holdConnection(tx: WriteTx, { connectionId }: CreateSyncJob): Promise<void> {
  const rows = await tx.query(
    `SELECT 1 AS held FROM connection c JOIN workspace w ON w.id = c.workspace_id
     WHERE c.id = $1::uuid AND c.deleted_at IS NULL AND w.deleted_at IS NULL FOR SHARE OF c, w`,
    [connectionId],
  )
  if (rows.length === 0) throw new NotFoundError('There is no such connection. It may have been deleted.')
}

/** In the definition's order. */
function chooseStreams({ definition, streams: asked }: CreateSyncJob): string[] {
  const names = (definition.streams ?? []).map((stream) => stream.name)
  if (names.length === 0) throw new UnsupportedError('This integration has no streams: there is nothing to sync.')
  if (asked == null || asked.length === 0) return names
  const unknown = asked.flatMap((name, index) =>
    names.includes(name)
      ? []
      : [
          {
            path: ['input', 'streams', String(index)],
            message: `There is no such stream. There are: ${names.join(', ')}.`,
          },
        ],
  )
  if (unknown.length > 0) throw new InvalidInputError(unknown)
  return names.filter((name) => asked.includes(name))
}

async function insertJob(tx: WriteTx, job: CreateSyncJob): Promise<{ id: string; created: boolean }> {
  for (let attempt = 1; attempt <= INSERT_ATTEMPTS; attempt += 1) {
    const [inserted] = await tx.query<{ id: string }>(
      `INSERT INTO sync_job (id, workspace_id, connection_id, trigger, full_refresh, credential_overridden, queued_at)
       VALUES ($1::uuid, $2::uuid, $3::uuid, $4::sync_trigger, $5::boolean, $6::boolean, clock_timestamp())
       ON CONFLICT (connection_id) WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING') DO NOTHING
       RETURNING id`,
      [
        newId(),
        job.workspaceId,
        job.connectionId,
        job.trigger,
        job.fullRefresh ?? false,
        job.credentialOverridden ?? false,
      ],
    )
    if (inserted !== undefined) return { id: inserted.id, created: true }
    const [open] = await tx.query<{ id: string }>(
      `SELECT id FROM sync_job WHERE connection_id = $1::uuid AND status IN ('QUEUED', 'RUNNING', 'CANCELLING')`,
      [job.connectionId],
    )
    if (open !== undefined) return { id: open.id, created: false }
  }
  throw new ConflictError('Sync jobs of this connection come and go too quickly. Try again.')
}

/** A worker gives a sign of life every two seconds: one that has missed two of them cannot be asked to let go. */
const SILENT_AFTER = `interval '5 seconds'`

/**
 * Asks a job to stop. One that waits, or whose worker is silent, is cancelled at once; one that runs becomes CANCELLING,
 * writes no further page and is cancelled by its worker.
 *
 * @returns the status that the job has now
 * @throws NotFoundError; ConflictError when it is over
 */
export async function requestCancel(
  deps: { database: Database; bus: WakeBus },
  syncJobId: string,
): Promise<'CANCELLING' | 'CANCELLED'> {
  const nobodyRuns = `(status = 'QUEUED' OR heartbeat_at < clock_timestamp() - ${SILENT_AFTER})`
  return deps.database.bulkTransaction(async (tx) => {
    const [job] = await tx.query<{ workspace_id: string; connection_id: string; status: 'CANCELLING' | 'CANCELLED' }>(
      `UPDATE sync_job SET
         status = (CASE WHEN ${nobodyRuns} THEN 'CANCELLED' ELSE 'CANCELLING' END)::sync_job_status,
         finished_at = CASE WHEN ${nobodyRuns} THEN clock_timestamp() END,
         heartbeat_at = CASE WHEN NOT ${nobodyRuns} THEN heartbeat_at END
       WHERE id = $1::uuid AND status IN ('QUEUED', 'RUNNING', 'CANCELLING')
       RETURNING workspace_id, connection_id, status::text AS status`,
      [syncJobId],
    )
    if (job === undefined) throw await whyNotCancelled(tx, syncJobId)
    if (job.status === 'CANCELLED') {
      const untold = await untoldProgress(tx, [syncJobId])
      await cancelStreams(tx, syncJobId)
      await forgetJobTokens(tx, [syncJobId])
      await appendEvents(tx, deps.bus, job.workspace_id, [
        ...untold,
        { type: 'SYNC_CANCELLED', connectionId: job.connection_id, syncJobId },
      ])
    }
    tx.afterCommit(() => deps.bus.publish('jobs', syncJobId))
    return job.status
  })
}

async function whyNotCancelled(tx: WriteTx, syncJobId: string): Promise<Error> {
  const [job] = await tx.query<{ status: string }>('SELECT status::text AS status FROM sync_job WHERE id = $1::uuid', [
    syncJobId,
  ])
  if (job === undefined) return new NotFoundError('There is no such sync job.')
  return new ConflictError(`The sync job is over: it is ${job.status}.`)
}

/** The streams of a job that ends before they do. */
export async function cancelStreams(tx: WriteTx, syncJobId: string): Promise<void> {
  await tx.query(
    `UPDATE sync_job_stream SET status = 'CANCELLED' WHERE sync_job_id = $1::uuid AND status IN ('QUEUED', 'RUNNING')`,
    [syncJobId],
  )
}

/**
 * Asks a sync job to stop. One that waits is cancelled at once; one that runs is CANCELLING until its worker has let go.
 * @throws NotFoundError; ForbiddenError; ConflictError when it is over
 */
export async function cancelSync(
  deps: { database: Database; bus: WakeBus },
  caller: Caller,
  syncJobId: string,
): Promise<void> {
  await findWritableSyncJob(deps.database, caller, syncJobId)
  await requestCancel(deps, syncJobId)
}

/** A sync job that the caller may see: one of a connection that he sees. @throws NotFoundError */
export async function findSyncJob(database: Database, caller: Caller, id: string) {
  const job = await database.prisma.syncJob.findUnique({
    where: { id, connection: { deletedAt: null }, workspace: { deletedAt: null } },
    include: { connection: true },
  })
  if (job === null) throw notFound('sync job')
  assertSeesConnection(caller, job.connection, 'sync job')
  return job
}

/** A sync job that the caller may change. @throws NotFoundError, ForbiddenError */
async function findWritableSyncJob(database: Database, caller: Caller, id: string) {
  const job = await findSyncJob(database, caller, id)
  assertWritesConnection(caller, job.connection, 'sync job')
  return job
}
