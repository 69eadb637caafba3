import { recordAudit } from '../access/audit.ts'
import { assertWrites, type Caller, notFound, seesEndUser } from '../access/caller.ts'
import type { ConnectionDeps } from '../connections/connection-deps.ts'
import { findWritableConnection, findWritableIntegration, findWritableWorkspace } from '../connections/lookups.ts'
import type { Queue } from '../db/queue.ts'
import type { Row, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import type { ErrorCode } from '../kit/errors.ts'
import { cancelOpenJobs } from '../sync/jobs/sync-jobs.ts'

interface MarkDeps {
  bus: WakeBus
  queue: Queue
}

type DeleteDeps = Pick<ConnectionDeps, 'database' | 'bus' | 'queue'>

/** Deletes a connection with its credential and its records. @throws NotFoundError, ForbiddenError */
export async function deleteConnection(deps: DeleteDeps, caller: Caller, connectionId: string): Promise<void> {
  const { workspaceId } = await findWritableConnection(deps.database, caller, connectionId)
  await deps.database.bulkTransaction(async (tx) => {
    const count = await markConnectionsDeleted(tx, deps, workspaceId, { column: 'id', value: connectionId })
    if (count === 0) throw notFound('connection')
    await recordAudit(tx, { type: 'Connection', id: connectionId, workspaceId })
  })
}

/**
 * Deletes an end user with all of their connections.
 * @returns how many connections they had
 * @throws NotFoundError, ForbiddenError
 */
export async function deleteEndUser(deps: DeleteDeps, caller: Caller, endUserId: string): Promise<number> {
  const endUser = await deps.database.prisma.endUser.findUnique({
    where: { id: endUserId, workspace: { deletedAt: null } },
  })
  if (endUser === null || !seesEndUser(caller, endUserId)) throw notFound('end user')
  assertWrites(caller, endUser.workspaceId, 'end user')
  return deps.database.bulkTransaction(async (tx) => {
    // A concurrent creation of a connection either committed before this lock, or finds no end user.
    const held = await tx.query('SELECT 1 AS held FROM end_user WHERE id = $1::uuid FOR UPDATE', [endUserId])
    if (held.length === 0) throw notFound('end user')
    // Their rows are changed twice below, and PostgreSQL checks the foreign keys of a row again that the same transaction has changed
    // before. So the integrations are locked before the connections, as by a deletion of an integration.
    await tx.query(
      `SELECT 1 AS held FROM integration WHERE id IN (SELECT integration_id FROM connection WHERE end_user_id = $1::uuid)
       ORDER BY id FOR KEY SHARE`,
      [endUserId],
    )
    // Connections that are already marked are updated below too. All are locked in the order of their ids.
    await tx.query('SELECT 1 AS held FROM connection WHERE end_user_id = $1::uuid ORDER BY id FOR NO KEY UPDATE', [
      endUserId,
    ])
    const count = await markConnectionsDeleted(tx, deps, endUser.workspaceId, {
      column: 'end_user_id',
      value: endUserId,
    })
    // The worker deletes the connections later. The foreign key would otherwise delete them here, with the end user.
    await tx.query('UPDATE connection SET end_user_id = NULL WHERE end_user_id = $1::uuid', [endUserId])
    await tx.query('DELETE FROM end_user WHERE id = $1::uuid', [endUserId])
    // Without connections too: stored webhooks have the external id of the user.
    if (count === 0) await enqueueDeletion(tx, deps, endUser.workspaceId)
    await recordAudit(tx, { type: 'EndUser', id: endUserId, workspaceId: endUser.workspaceId })
    tx.afterCommit(() => deps.bus.publish('access', endUserId))
    return count
  })
}

/** Deletes an integration with all of its connections. Its slug is free at once. @throws NotFoundError, ForbiddenError */
export async function deleteIntegration(deps: DeleteDeps, caller: Caller, integrationId: string): Promise<void> {
  const { workspaceId } = await findWritableIntegration(deps.database, caller, integrationId)
  await deps.database.bulkTransaction(async (tx) => {
    await markRowDeleted(tx, 'integration', integrationId)
    await recordAudit(tx, { type: 'Integration', id: integrationId, workspaceId })
    const selection = { column: 'integration_id', value: integrationId } as const
    const count = await markConnectionsDeleted(tx, deps, workspaceId, selection)
    if (count === 0) await enqueueDeletion(tx, deps, workspaceId)
  })
}

/**
 * Deletes a workspace with everything in it, its event log included. From the commit on nobody finds it, its API keys are
 * rejected, its live subscriptions end and its slug is free. The worker deletes the rows later.
 * @throws NotFoundError, ForbiddenError
 */
export async function deleteWorkspace(deps: DeleteDeps, caller: Caller, workspaceId: string): Promise<void> {
  await findWritableWorkspace(deps.database, caller, workspaceId)
  await deps.database.bulkTransaction(async (tx) => {
    await markRowDeleted(tx, 'workspace', workspaceId)
    await recordAudit(tx, { type: 'Workspace', id: workspaceId, workspaceId })
    // No events are appended, because the event log is deleted too.
    await cancelOpenJobs(tx, deps.bus, { workspaceId })
    await enqueueDeletion(tx, deps, workspaceId)
    tx.afterCommit(() => deps.bus.publish('access', workspaceId))
  })
}

/** Marks one row as deleted and frees its slug. @throws NotFoundError */
async function markRowDeleted(tx: WriteTx, table: 'integration' | 'workspace', id: string): Promise<void> {
  // Valid slugs do not start with a tilde, so the new slug collides with none.
  const marked = await tx.query(
    `UPDATE ${table} SET deleted_at = clock_timestamp(), slug = '~' || id, updated_at = clock_timestamp()
     WHERE id = $1::uuid AND deleted_at IS NULL RETURNING id`,
    [id],
  )
  if (marked.length === 0) throw notFound(table)
}

/** Selects one connection, or those of an integration or of an end user. */
type ConnectionSelection = { column: 'id' | 'integration_id' | 'end_user_id'; value: string }

/** Events per statement. */
const EVENTS_BATCH = 5_000

/**
 * Marks connections as deleted, in the caller's transaction. From the commit on nobody finds them, their external ids are
 * free, and their unfinished sync jobs and connect sessions have ended. The deletion worker deletes the rows later, because
 * there can be many records and because the credential has to be revoked at its provider first.
 *
 * Call it last in the transaction, because it appends to the event log.
 *
 * @returns how many connections were marked
 */
export async function markConnectionsDeleted(
  tx: WriteTx,
  deps: MarkDeps,
  workspaceId: string,
  { column, value }: ConnectionSelection,
): Promise<number> {
  // Locked in the order of the ids, because concurrent deletions of an end user and an integration can share connections.
  const locked = await tx.query<{ id: string }>(
    `SELECT id FROM connection WHERE ${column} = $1::uuid AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
    [value],
  )
  if (locked.length === 0) return 0
  const connectionIds = locked.map((row) => row.id)
  const sessionEvents = await failSessions(tx, deps.bus, connectionIds)
  // A separate statement, so that its policies see what was committed while this transaction waited for the locks.
  await tx.query(
    `UPDATE connection SET deleted_at = clock_timestamp(), next_run_at = NULL, updated_at = clock_timestamp()
     WHERE id = ANY($1::uuid[])`,
    [connectionIds],
  )
  const events: NewEvent[] = await cancelOpenJobs(tx, deps.bus, { connectionIds })
  events.push(...sessionEvents)
  for (const connectionId of connectionIds) events.push({ type: 'CONNECTION_DELETED', connectionId })
  await enqueueDeletion(tx, deps, workspaceId)
  for (let start = 0; start < events.length; start += EVENTS_BATCH) {
    await appendEvents(tx, deps.bus, workspaceId, events.slice(start, start + EVENTS_BATCH))
  }
  return connectionIds.length
}

/** Enqueues the deletion of everything that is marked in a workspace, for when the transaction is committed. */
export async function enqueueDeletion(tx: WriteTx, { queue, bus }: MarkDeps, workspaceId: string): Promise<void> {
  await queue.enqueue(tx, 'deletion', { workspaceId })
  tx.afterCommit(() => bus.publish('queue', 'deletion'))
}

/** Stored as the `SessionError` of a session (src/connecting/connect-sessions.ts). */
const CONNECTION_DELETED = {
  code: 'NOT_FOUND' satisfies ErrorCode,
  message: 'The connection or its integration was deleted while it was being connected. Get a new link.',
  returnError: 'server_error',
}

/**
 * Fails the connect sessions whose user is at a provider to connect one of these connections. The flows are deleted with the
 * connections, so that a later response could not be assigned to a session. A session that has since started a flow at
 * another integration is not failed.
 * @returns the events, which the caller appends last
 */
async function failSessions(tx: WriteTx, bus: WakeBus, connectionIds: readonly string[]): Promise<NewEvent[]> {
  // All sessions are locked in the order of their ids, before the event log is locked.
  const held = await tx.query<{ id: string }>(
    `SELECT s.id FROM connect_session s
     WHERE s.status = 'CONNECTING' AND s.id IN (
       SELECT f.connect_session_id FROM oauth_flow f
       WHERE f.connection_id = ANY($1::uuid[]) AND f.expires_at > clock_timestamp() AND NOT EXISTS (
         SELECT 1 FROM oauth_flow later
         WHERE later.connect_session_id = f.connect_session_id AND later.created_at > f.created_at
           AND later.connection_id <> ALL($1::uuid[])))
     ORDER BY s.id FOR NO KEY UPDATE OF s`,
    [connectionIds],
  )
  if (held.length === 0) return []
  const failed = await tx.query<Row & { id: string; end_user_id: string }>(
    `UPDATE connect_session SET status = 'FAILED', error = $2::jsonb, finished_at = clock_timestamp()
     WHERE id = ANY($1::uuid[]) AND status = 'CONNECTING' AND expires_at > clock_timestamp()
     RETURNING id, end_user_id`,
    [held.map(({ id }) => id), JSON.stringify(CONNECTION_DELETED)],
  )
  tx.afterCommit(() => {
    for (const { id } of failed) bus.publish('sessions', id)
  })
  return failed.map(({ id, end_user_id: endUserId }) => ({
    type: 'CONNECT_SESSION_FAILED',
    connectSessionId: id,
    endUserId,
  }))
}
