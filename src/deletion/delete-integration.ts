import { type Caller, notFound } from '../access/caller.ts'
import type { ConnectDeps } from '../connecting/deps.ts'
import { findWritableIntegration } from '../connections/lookups.ts'
import { enqueueDeletion, markConnectionsDeleted } from './mark-deleted.ts'

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
