import type { Queue } from '../db/queue.ts'
import type { WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { cancelOpenJobs } from '../sync/jobs/cancel-jobs.ts'
import { failSessionsOf } from './fail-sessions.ts'

export interface MarkDeps {
  bus: WakeBus
  queue: Queue
}

/** Which connections: one, those of an integration, or those of an end user. */
export type ConnectionsOf = { column: 'id' | 'integration_id' | 'end_user_id'; value: string }

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
