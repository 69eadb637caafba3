import type { SessionError } from '../connecting/connect-session-state.ts'
import type { Row, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { NewEvent } from '../events/event-types.ts'

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
export async function failSessionsOf(tx: WriteTx, bus: WakeBus, connectionIds: readonly string[]): Promise<NewEvent[]> {
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
