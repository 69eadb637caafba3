import { assertWrites, type Caller, notFound, seesEndUser } from '../access/caller.ts'
import type { SessionError } from '../connections/connect-session-state.ts'
import type { ConnectDeps } from '../connections/deps.ts'
import { findWritableConnection, findWritableIntegration, findWritableWorkspace } from '../connections/lookups.ts'
import type { Queue } from '../db/queue.ts'
import type { Row, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { cancelOpenJobs } from '../sync/jobs/sync-jobs.ts'

interface MarkDeps {
  bus: WakeBus
  queue: Queue
}

/** Which connections: one, those of an integration, or those of an end user. */
type ConnectionsOf = { column: 'id' | 'integration_id' | 'end_user_id'; value: string }

/** Events of one statement. */
const EVENTS_AT_ONCE = 5_000

/**
 * Marks connections as deleted in the caller's transaction: from its commit on nobody finds them, their external ids are
 * free, their unfinished sync jobs are over, and so are the connect sessions that were about to bring them. The rows stay for
 * the deletion worker: records may be many, and a credential is still needed to be given back to its provider.
 *
 * Call it last: it appends to the event log.
 *
 * @returns how many there were
 */
export async function markConnectionsDeleted(
  tx: WriteTx,
  deps: MarkDeps,
  workspaceId: string,
  { column, value }: ConnectionsOf,
): Promise<number> {
  // In the order of their ids: who deletes an end user and who deletes an integration may meet in the same rows.
  const locked = await tx.query<{ id: string }>(
    `SELECT id FROM connection WHERE ${column} = $1::uuid AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
    [value],
  )
  if (locked.length === 0) return 0
  const connectionIds = locked.map((row) => row.id)
  const sessionEvents = await failSessionsOf(tx, deps.bus, connectionIds)
  // A statement of its own: its policies see what a transaction that held the rows before has committed.
  await tx.query(
    `UPDATE connection SET deleted_at = clock_timestamp(), next_run_at = NULL, updated_at = clock_timestamp()
     WHERE id = ANY($1::uuid[])`,
    [connectionIds],
  )
  const events: NewEvent[] = await cancelOpenJobs(tx, deps.bus, { connectionIds })
  events.push(...sessionEvents)
  for (const connectionId of connectionIds) events.push({ type: 'CONNECTION_DELETED', connectionId })
  await enqueueDeletion(tx, deps, workspaceId)
  for (let start = 0; start < events.length; start += EVENTS_AT_ONCE) {
    await appendEvents(tx, deps.bus, workspaceId, events.slice(start, start + EVENTS_AT_ONCE))
  }
  return connectionIds.length
}

/** Has what is marked in a workspace removed once the transaction is committed. */
export async function enqueueDeletion(tx: WriteTx, { queue, bus }: MarkDeps, workspaceId: string): Promise<void> {
  await queue.enqueue(tx, 'deletion', { workspaceId })
  tx.afterCommit(() => bus.publish('queue', 'deletion'))
}

const DELETED: SessionError = {
  code: 'NOT_FOUND',
  message:
    'The connection was deleted, alone or with its integration, while it was being connected. Ask for another link.',
  returnError: 'server_error',
}

/**
 * Fails the connect sessions whose person is at a provider on the way to one of these connections, which are about to be
 * deleted: with them goes the flow, and then nobody knows any more which session an answer was for. A session that has gone on
 * to another integration since then stays.
 * @returns their events, for the caller to append last
 */
async function failSessionsOf(tx: WriteTx, bus: WakeBus, connectionIds: readonly string[]): Promise<NewEvent[]> {
  // Locked in one order, all before the event log is.
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
    [held.map(({ id }) => id), JSON.stringify(DELETED)],
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

/** Deletes a connection with its credential and its records. @throws NotFoundError, ForbiddenError */
export async function deleteConnection(deps: ConnectDeps, caller: Caller, connectionId: string): Promise<void> {
  const { workspaceId } = await findWritableConnection(deps.database, caller, connectionId)
  const count = await deps.database.bulkTransaction((tx) =>
    markConnectionsDeleted(tx, deps, workspaceId, { column: 'id', value: connectionId }),
  )
  if (count === 0) throw notFound('connection')
}

/**
 * Deletes an end user with all of his connections.
 * @returns how many connections he had
 * @throws NotFoundError, ForbiddenError
 */
export async function deleteEndUser(deps: ConnectDeps, caller: Caller, endUserId: string): Promise<number> {
  const endUser = await deps.database.prisma.endUser.findUnique({
    where: { id: endUserId, workspace: { deletedAt: null } },
  })
  if (endUser === null || !seesEndUser(caller, endUserId)) throw notFound('end user')
  assertWrites(caller, endUser.workspaceId, 'end user')
  return deps.database.bulkTransaction(async (tx) => {
    // A connection that is being created for him is either there now, or finds him gone.
    const held = await tx.query('SELECT 1 AS held FROM end_user WHERE id = $1::uuid FOR UPDATE', [endUserId])
    if (held.length === 0) throw notFound('end user')
    // Those that are marked already too, which are taken from him below: who locks several does it in the order of ids.
    await tx.query('SELECT 1 AS held FROM connection WHERE end_user_id = $1::uuid ORDER BY id FOR NO KEY UPDATE', [
      endUserId,
    ])
    const count = await markConnectionsDeleted(tx, deps, endUser.workspaceId, {
      column: 'end_user_id',
      value: endUserId,
    })
    // The marked connections are his no longer: they go in the background, and do not go with his row here and now.
    await tx.query('UPDATE connection SET end_user_id = NULL WHERE end_user_id = $1::uuid', [endUserId])
    await tx.query('DELETE FROM end_user WHERE id = $1::uuid', [endUserId])
    tx.afterCommit(() => deps.bus.publish('access', endUserId))
    return count
  })
}

/** Deletes an integration with all of its connections. Its slug is free at once. @throws NotFoundError, ForbiddenError */
export async function deleteIntegration(deps: ConnectDeps, caller: Caller, integrationId: string): Promise<void> {
  const { workspaceId } = await findWritableIntegration(deps.database, caller, integrationId)
  await deps.database.bulkTransaction(async (tx) => {
    // No slug that anybody may choose begins with a tilde.
    const marked = await tx.query(
      `UPDATE integration SET deleted_at = clock_timestamp(), slug = '~' || id, updated_at = clock_timestamp()
       WHERE id = $1::uuid AND deleted_at IS NULL RETURNING id`,
      [integrationId],
    )
    if (marked.length === 0) throw notFound('integration')
    const of = { column: 'integration_id', value: integrationId } as const
    const count = await markConnectionsDeleted(tx, deps, workspaceId, of)
    if (count === 0) await enqueueDeletion(tx, deps, workspaceId)
  })
}

/**
 * Deletes a workspace with everything in it, its event log too. From the commit on it is not found by anybody, its keys
 * are refused, its live subscriptions end and its slug is free; the rows go in the background.
 * @throws NotFoundError, ForbiddenError
 */
export async function deleteWorkspace(deps: ConnectDeps, caller: Caller, workspaceId: string): Promise<void> {
  await findWritableWorkspace(deps.database, caller, workspaceId)
  await deps.database.bulkTransaction(async (tx) => {
    // No slug that anybody may choose begins with a tilde.
    const marked = await tx.query(
      `UPDATE workspace SET deleted_at = clock_timestamp(), slug = '~' || id, updated_at = clock_timestamp()
       WHERE id = $1::uuid AND deleted_at IS NULL RETURNING id`,
      [workspaceId],
    )
    if (marked.length === 0) throw notFound('workspace')
    // The log goes too, so that nobody will read of it.
    await cancelOpenJobs(tx, deps.bus, { workspaceId })
    await enqueueDeletion(tx, deps, workspaceId)
    tx.afterCommit(() => deps.bus.publish('access', workspaceId))
  })
}
