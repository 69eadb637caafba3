import { assertWrites, type Caller, notFound, seesEndUser } from '../access/caller.ts'
import type { ConnectDeps } from '../connecting/deps.ts'
import { markConnectionsDeleted } from './mark-deleted.ts'

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
