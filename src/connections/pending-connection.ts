import type { Tx } from '../db/database.ts'
import type { Connection, ConnectionMethod, Integration } from '../db/generated/client.ts'
import { newId } from '../kit/ids.ts'
import { ensureCollection } from './collections.ts'
import { holdEndUser } from './connections.ts'
import { ensureEndUser } from './end-users.ts'

/** A connection that nobody has connected yet. */
export interface PendingConnection {
  method: ConnectionMethod
  /** At most one of the two. */
  endUserId: string | null
  endUserExternalId?: string | null
  /** Null: the integration's. */
  displayName: string | null
  externalId: string | null
  /** Created when it is new. */
  collection: string | null
  /** By the definition's inputFields, checked. */
  input: Record<string, unknown>
}

/** Inserts a connection that is PENDING: it has no credential and cannot be used. Its event is the caller's to append, last. */
export async function insertPendingConnection(
  tx: Tx,
  { id: integrationId, workspaceId, displayName: integrationName }: Integration,
  pending: PendingConnection,
): Promise<Connection> {
  const { method, endUserExternalId = null, displayName, externalId, collection, input } = pending
  if (pending.endUserId !== null) await holdEndUser(tx, workspaceId, pending.endUserId)
  const endUserId =
    endUserExternalId === null ? pending.endUserId : await ensureEndUser(tx, workspaceId, endUserExternalId)
  return tx.prisma.connection.create({
    data: {
      id: newId(),
      workspaceId,
      integrationId,
      endUserId,
      collectionId: collection === null ? null : await ensureCollection(tx, workspaceId, collection),
      displayName: displayName ?? integrationName,
      externalId,
      status: 'PENDING',
      method,
      input: input as object,
    },
  })
}
