import { type Caller, notFound } from '../access/caller.ts'
import type { ConnectDeps } from '../connecting/deps.ts'
import { findWritableConnection } from '../connections/lookups.ts'
import { markConnectionsDeleted } from './mark-deleted.ts'

/** Deletes a connection with its credential and its records. @throws NotFoundError, ForbiddenError */
export async function deleteConnection(deps: ConnectDeps, caller: Caller, connectionId: string): Promise<void> {
  const { workspaceId } = await findWritableConnection(deps.database, caller, connectionId)
  const count = await deps.database.bulkTransaction((tx) =>
    markConnectionsDeleted(tx, deps, workspaceId, { column: 'id', value: connectionId }),
  )
  if (count === 0) throw notFound('connection')
}
