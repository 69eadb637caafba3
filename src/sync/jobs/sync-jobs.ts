import { recordAudit } from '../../access/audit.ts'
import { assertSeesConnection, assertWritesConnection, type Caller, notFound } from '../../access/caller.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { NewEvent } from '../../events/event-types.ts'
import {
  ConflictError,
  InvalidInputError,
  NotFoundError,
  ReconnectRequiredError,
  UnsupportedError,
} from '../../kit/errors.ts'
import { newId } from '../../kit/ids.ts'
import { activeTraceparent } from '../../kit/tracing.ts'
import { checkJobToken, deleteJobTokens, insertJobToken, type JobTokenDeps } from './job-tokens.ts'
import { unreportedProgress } from './progress-event.ts'
import { type SyncWarning, warningsOfEvent } from './sync-warning.ts'

export type SyncJobStatus = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLING' | 'CANCELLED'
type SyncTrigger = 'MANUAL' | 'ON_CREATE' | 'SCHEDULE' | 'WEBHOOK'

interface SyncRequest {
  connectionId: string
  /** Names of streams; null: all. */
  streams: string[] | null
  fullRefresh: boolean
  confirmDeletes: boolean
  /** Used by this job in place of the connection's credential; null: the job uses the connection's credential. */
  accessToken: string | null
  onRunning: 'REJECT' | 'RETURN_RUNNING'
}

/**
 * Queues a sync job for a connection. A job with its own access token also runs while the connection needs to be
 * reconnected. `RETURN_RUNNING` does not return an unfinished job when an access token is given, because that job would
 * not use the token.
 * @throws NotFoundError
 * @throws ForbiddenError
 * @throws ConflictError when the connection has an unfinished job or is disabled
 * @throws ReconnectRequiredError when the connection needs to be reconnected
 * @throws UnsupportedError, InvalidInputError for an access token that the connection cannot use
 */
export async function triggerSync(
  deps: JobTokenDeps & { queue: Queue; bus: WakeBus },
  caller: Caller,
  { connectionId, streams, fullRefresh, confirmDeletes, accessToken, onRunning }: SyncRequest,
): Promise<{ syncJobId: string }> {
  const connection = await deps.database.prisma.connection.findUnique({
    where: { id: connectionId, deletedAt: null, workspace: { deletedAt: null } },
    include: { integration: true },
  })
  if (connection === null) throw notFound('connection')
  assertWritesConnection(caller, connection, 'connection')
  if (connection.status === 'DISABLED') throw new ConflictError('This connection is disabled. Enable it to sync it.')
  if (connection.status === 'PENDING') {
    throw new ReconnectRequiredError('This connection is not connected yet. Finish connecting the account.', {
      connectionId,
    })
  }
  if (connection.status === 'NEEDS_REAUTH' && accessToken === null) {
    const reason = connection.statusReason === null ? '' : ` ${connection.statusReason}`
    throw new ReconnectRequiredError(`This connection must be connected again.${reason}`, { connectionId })
  }
  if (accessToken !== null) await checkJobToken(deps, connectionId, accessToken)
  const { workspaceId } = connection
  return deps.database.transaction(async (tx) => {
    const { syncJobId, created } = await createSyncJob(tx, deps, {
      workspaceId,
      connectionId,
      definition: definitionOf(connection.integration),
      trigger: 'MANUAL',
      streams,
      fullRefresh,
      confirmDeletes,
      credentialOverridden: accessToken !== null,
      onRunning,
    })
    if (accessToken !== null && !created) {
      throw new ConflictError(
        'A sync job of this connection is not finished yet, and it does not use this access token. Wait for it or cancel it, or leave out accessToken to get the running job.',
        { details: { syncJobId } },
      )
    }
    if (created) await recordAudit(tx, { type: 'SyncJob', id: syncJobId, workspaceId })
    if (accessToken !== null) await insertJobToken(tx, deps.vault, { syncJobId, workspaceId, accessToken })
    return { syncJobId }
  })
}

export interface CreateSyncJob {
  workspaceId: string
  connectionId: string
  /** Definition of the connection's integration. It declares the streams. */
  definition: IntegrationDefinition
  trigger: SyncTrigger
  /** Names of streams; absent or empty: all. Paths of errors begin with `input`, `streams`. */
  streams?: readonly string[] | null
  /** Reads everything again and marks records that the provider no longer returns as deleted. Default: false. */
  fullRefresh?: boolean
  /** Believes a source that lost most of its records at once. Default: false. */
  confirmDeletes?: boolean
  /** The job has its own access token (`sync_job_token`). Default: false. */
  credentialOverridden?: boolean
  /** What happens when the connection has an unfinished job. Default: REJECT. */
  onRunning?: 'REJECT' | 'RETURN_RUNNING'
}

interface CreatedSyncJob {
  syncJobId: string
  /** False: `syncJobId` is the connection's unfinished job. */
  created: boolean
}

/**
 * Creates a job, its stream rows, its first event and its queue entry in the caller's transaction. No error aborts the
 * transaction. Call it after the caller's own writes, because it appends to the event log.
 *
 * @throws InvalidInputError for unknown stream names, all at once
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
  const integrationId = await lockConnection(tx, job)
  const { id, created } = await insertJob(tx, job, integrationId)
  if (!created) {
    if (job.onRunning === 'RETURN_RUNNING') return { syncJobId: id, created }
    throw new ConflictError('A sync job of this connection is not finished yet. Wait for it or cancel it.', {
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

/** The requested streams in the order of the definition. */
function chooseStreams({ definition, streams: requested }: CreateSyncJob): string[] {
  const names = (definition.streams ?? []).map((stream) => stream.name)
  if (names.length === 0) throw new UnsupportedError('This integration has no streams: there is nothing to sync.')
  if (requested == null || requested.length === 0) return names
  const message = `There is no such stream. The streams are: ${names.join(', ')}.`
  const unknown = requested.flatMap((name, index) =>
    names.includes(name) ? [] : [{ path: ['input', 'streams', String(index)], message }],
  )
  if (unknown.length > 0) throw new InvalidInputError(unknown)
  return names.filter((name) => requested.includes(name))
}

/**
 * Keeps the connection and its workspace from being deleted until the transaction ends: a deleted connection must not
 * have an unfinished job.
 * @returns the id of its integration
 */
async function lockConnection(tx: WriteTx, { connectionId }: CreateSyncJob): Promise<string> {
  const [row] = await tx.query<{ integration_id: string }>(
    `SELECT c.integration_id FROM connection c JOIN workspace w ON w.id = c.workspace_id
     WHERE c.id = $1::uuid AND c.deleted_at IS NULL AND w.deleted_at IS NULL FOR SHARE OF c, w`,
    [connectionId],
  )
  if (row === undefined) throw new NotFoundError('There is no such connection. It may have been deleted.')
  return row.integration_id
}

/** The host of a base URL, with its port; null: it contains an expression. */
function hostOf({ baseUrl }: IntegrationDefinition): string | null {
  return /^https?:\/\/([^/?#{}]+)(?:[/?#]|$)/i.exec(baseUrl)?.[1]?.toLowerCase() ?? null
}

/** Between the two statements of an attempt the unfinished job can end and another one can begin. */
const INSERT_ATTEMPTS = 5

async function insertJob(
  tx: WriteTx,
  job: CreateSyncJob,
  integrationId: string,
): Promise<{ id: string; created: boolean }> {
  for (let attempt = 1; attempt <= INSERT_ATTEMPTS; attempt += 1) {
    const [inserted] = await tx.query<{ id: string }>(
      `INSERT INTO sync_job (
         id, workspace_id, connection_id, trigger, full_refresh, confirm_deletes, credential_overridden, traceparent,
         integration_id, host, requests_per_second, queued_at)
       VALUES ($1::uuid, $2::uuid, $3::uuid, $4::sync_trigger, $5::boolean, $6::boolean, $7::boolean, $8::text,
         $9::uuid, $10::text, $11::float8, clock_timestamp())
       ON CONFLICT (connection_id) WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING') DO NOTHING
       RETURNING id`,
      [
        newId(),
        job.workspaceId,
        job.connectionId,
        job.trigger,
        job.fullRefresh ?? false,
        job.confirmDeletes ?? false,
        job.credentialOverridden ?? false,
        activeTraceparent(),
        integrationId,
        hostOf(job.definition),
        job.definition.rateLimit?.requestsPerSecond ?? null,
      ],
    )
    if (inserted !== undefined) return { id: inserted.id, created: true }
    const [unfinished] = await tx.query<{ id: string }>(
      `SELECT id FROM sync_job WHERE connection_id = $1::uuid AND status IN ('QUEUED', 'RUNNING', 'CANCELLING')`,
      [job.connectionId],
    )
    if (unfinished !== undefined) return { id: unfinished.id, created: false }
  }
  throw new ConflictError('The sync jobs of this connection keep changing concurrently. Try again.')
}

/** A sync job whose connection the caller may see. @throws NotFoundError */
export async function findSyncJob(database: Database, caller: Caller, id: string) {
  const job = await database.prisma.syncJob.findUnique({
    where: { id, connection: { deletedAt: null }, workspace: { deletedAt: null } },
    include: { connection: true },
  })
  if (job === null) throw notFound('sync job')
  assertSeesConnection(caller, job.connection, 'sync job')
  return job
}

/**
 * Cancels a sync job as `requestCancel` does.
 * @throws NotFoundError
 * @throws ForbiddenError
 * @throws ConflictError when the job has ended
 */
export async function cancelSync(
  deps: { database: Database; bus: WakeBus },
  caller: Caller,
  syncJobId: string,
): Promise<void> {
  const job = await findSyncJob(deps.database, caller, syncJobId)
  assertWritesConnection(caller, job.connection, 'sync job')
  await requestCancel(deps, syncJobId)
}

/** Workers send a heartbeat every two seconds. One that missed two of them is not expected to react to CANCELLING. */
const SILENT_AFTER = `interval '5 seconds'`

/**
 * Cancels a job. A job that is queued, or whose worker sends no heartbeats, is cancelled at once. A running job becomes
 * CANCELLING: its worker writes no further page and then cancels it.
 *
 * @returns the status that the job has now
 * @throws NotFoundError
 * @throws ConflictError when the job has ended
 */
export async function requestCancel(
  deps: { database: Database; bus: WakeBus },
  syncJobId: string,
): Promise<'CANCELLING' | 'CANCELLED'> {
  const hasNoWorker = `(status = 'QUEUED' OR heartbeat_at < clock_timestamp() - ${SILENT_AFTER})`
  return deps.database.bulkTransaction(async (tx) => {
    const [job] = await tx.query<{
      workspace_id: string
      connection_id: string
      status: 'CANCELLING' | 'CANCELLED'
      warnings: SyncWarning[]
    }>(
      `UPDATE sync_job SET
         status = (CASE WHEN ${hasNoWorker} THEN 'CANCELLED' ELSE 'CANCELLING' END)::sync_job_status,
         finished_at = CASE WHEN ${hasNoWorker} THEN clock_timestamp() END,
         heartbeat_at = CASE WHEN NOT ${hasNoWorker} THEN heartbeat_at END
       WHERE id = $1::uuid AND status IN ('QUEUED', 'RUNNING', 'CANCELLING')
       RETURNING workspace_id, connection_id, status::text AS status, warnings`,
      [syncJobId],
    )
    if (job === undefined) throw await cancelError(tx, syncJobId)
    await recordAudit(tx, { type: 'SyncJob', id: syncJobId, workspaceId: job.workspace_id })
    if (job.status === 'CANCELLED') {
      const progress = await unreportedProgress(tx, [syncJobId])
      await cancelStreams(tx, [syncJobId])
      await deleteJobTokens(tx, [syncJobId])
      await appendEvents(tx, deps.bus, job.workspace_id, [
        ...progress,
        {
          type: 'SYNC_CANCELLED',
          connectionId: job.connection_id,
          syncJobId,
          payload: warningsOfEvent(job.warnings),
        },
      ])
    }
    tx.afterCommit(() => deps.bus.publish('jobs', syncJobId))
    return job.status
  })
}

async function cancelError(tx: WriteTx, syncJobId: string): Promise<Error> {
  const [job] = await tx.query<{ status: string }>('SELECT status::text AS status FROM sync_job WHERE id = $1::uuid', [
    syncJobId,
  ])
  if (job === undefined) return new NotFoundError('There is no such sync job.')
  return new ConflictError(`The sync job has ended: it is ${job.status}.`)
}

/**
 * Cancels the unfinished sync jobs of connections or of a workspace at once. A worker that runs one of them loses it and
 * writes nothing more. Lock the connections first, so that no job is created concurrently.
 *
 * @returns the events of the cancelled jobs, to be appended last in the transaction
 */
export async function cancelOpenJobs(
  tx: WriteTx,
  bus: WakeBus,
  of: { connectionIds: readonly string[] } | { workspaceId: string },
): Promise<NewEvent[]> {
  const byConnection = 'connectionIds' in of
  const jobs = await tx.query<{ id: string; connection_id: string; warnings: SyncWarning[] }>(
    `UPDATE sync_job SET status = 'CANCELLED', finished_at = clock_timestamp(), heartbeat_at = NULL
     WHERE ${byConnection ? 'connection_id = ANY($1::uuid[])' : 'workspace_id = $1::uuid'}
       AND status IN ('QUEUED', 'RUNNING', 'CANCELLING')
     RETURNING id, connection_id, warnings`,
    [byConnection ? [...of.connectionIds] : of.workspaceId],
  )
  if (jobs.length === 0) return []
  const ids = jobs.map((job) => job.id)
  const progress = await unreportedProgress(tx, ids)
  await cancelStreams(tx, ids)
  await deleteJobTokens(tx, ids)
  tx.afterCommit(() => {
    for (const job of jobs) bus.publish('jobs', job.id)
  })
  return [
    ...progress,
    ...jobs.map(({ id, connection_id, warnings }) => ({
      type: 'SYNC_CANCELLED' as const,
      connectionId: connection_id,
      syncJobId: id,
      payload: warningsOfEvent(warnings),
    })),
  ]
}

/**
 * Cancels the streams of jobs that end before their streams do. No job continues the readings of cancelled jobs, so what they
 * have met is deleted.
 */
export async function cancelStreams(tx: WriteTx, syncJobIds: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE sync_job_stream SET status = 'CANCELLED'
     WHERE sync_job_id = ANY($1::uuid[]) AND status IN ('QUEUED', 'RUNNING')`,
    [[...syncJobIds]],
  )
  await tx.query(
    `DELETE FROM met_records m USING sync_job j JOIN sync_job_stream s ON s.sync_job_id = j.id
     WHERE j.id = ANY($1::uuid[]) AND j.status = 'CANCELLED' AND m.connection_id = j.connection_id AND m.stream = s.name`,
    [[...syncJobIds]],
  )
}
