import { assertWritesConnection, type Caller, notFound } from '../../access/caller.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import type { Queue } from '../../db/queue.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { ConflictError, ReconnectRequiredError } from '../../kit/errors.ts'
import { checkJobToken, insertJobToken, type JobTokenDeps } from './job-tokens.ts'
import { createSyncJob } from './sync-jobs.ts'

interface SyncRequest {
  connectionId: string
  /** Null: all. */
  streams: string[] | null
  fullRefresh: boolean
  /** For this job alone, in the place of the connection's own; null: the connection's own is used. */
  accessToken: string | null
  onRunning: 'REJECT' | 'RETURN_RUNNING'
}

/**
 * Queues a sync job of a connection. With an access token of its own, a job also runs where only a person can mend the
 * connection's credential. A job that was there before cannot take one up, so that `RETURN_RUNNING` does not answer with it.
 * @throws NotFoundError; ForbiddenError; ConflictError when a job runs already, or the connection is disabled;
 * ReconnectRequiredError when only a person can mend the connection; UnsupportedError and InvalidInputError for a token
 * that the connection cannot use
 */
export async function triggerSync(
  deps: JobTokenDeps & { queue: Queue; bus: WakeBus },
  caller: Caller,
  { connectionId, streams, fullRefresh, accessToken, onRunning }: SyncRequest,
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
      credentialOverridden: accessToken !== null,
      onRunning,
    })
    if (accessToken !== null && !created) {
      throw new ConflictError(
        'A sync job of this connection is not finished yet, and it does not use this access token. Wait for it, or cancel it, or leave accessToken out to have the one that runs.',
        { details: { syncJobId } },
      )
    }
    if (accessToken !== null) await insertJobToken(tx, deps.vault, { syncJobId, workspaceId, accessToken })
    return { syncJobId }
  })
}
