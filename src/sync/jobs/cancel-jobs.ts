import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import type { NewEvent } from '../../events/event-types.ts'
import { untoldProgress } from '../run/progress-event.ts'
import { forgetJobTokens } from './job-tokens.ts'

/**
 * Ends the unfinished sync jobs of these connections, or of a workspace, at once. A worker that runs one of them finds it
 * taken away: it writes nothing more, whatever it has read. Lock the connections first, so that no job begins meanwhile.
 *
 * @returns the events of the jobs that were ended, to be appended last in the transaction
 */
export async function cancelOpenJobs(
  tx: WriteTx,
  bus: WakeBus,
  of: { connectionIds: readonly string[] } | { workspaceId: string },
): Promise<NewEvent[]> {
  const byConnection = 'connectionIds' in of
  const jobs = await tx.query<{ id: string; connection_id: string }>(
    `UPDATE sync_job SET status = 'CANCELLED', finished_at = clock_timestamp(), heartbeat_at = NULL
     WHERE ${byConnection ? 'connection_id = ANY($1::uuid[])' : 'workspace_id = $1::uuid'}
       AND status IN ('QUEUED', 'RUNNING', 'CANCELLING')
     RETURNING id, connection_id`,
    [byConnection ? [...of.connectionIds] : of.workspaceId],
  )
  if (jobs.length === 0) return []
  const ids = jobs.map((job) => job.id)
  const untold = await untoldProgress(tx, ids)
  await tx.query(
    `UPDATE sync_job_stream SET status = 'CANCELLED'
     WHERE sync_job_id = ANY($1::uuid[]) AND status IN ('QUEUED', 'RUNNING')`,
    [ids],
  )
  await forgetJobTokens(tx, ids)
  tx.afterCommit(() => {
    for (const job of jobs) bus.publish('jobs', job.id)
  })
  return [
    ...untold,
    ...jobs.map(({ id, connection_id }) => ({
      type: 'SYNC_CANCELLED' as const,
      connectionId: connection_id,
      syncJobId: id,
    })),
  ]
}
