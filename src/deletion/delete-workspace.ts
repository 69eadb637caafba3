import { type Caller, notFound } from '../access/caller.ts'
import type { ConnectDeps } from '../connecting/deps.ts'
import { findWritableWorkspace } from '../connections/lookups.ts'
import { cancelOpenJobs } from '../sync/jobs/cancel-jobs.ts'
import { enqueueDeletion } from './mark-deleted.ts'

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
