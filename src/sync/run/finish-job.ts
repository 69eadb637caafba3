import type { Database } from '../../db/database.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import { type ClaimedJob, fencedTransaction } from '../jobs/claim.ts'
import { forgetJobTokens } from '../jobs/forget-tokens.ts'
import type { SyncError } from '../jobs/sync-error.ts'
import { cancelStreams } from '../jobs/sync-jobs.ts'
import { untoldProgress } from './progress-event.ts'
import type { StreamEnding } from './run-stream.ts'

export type JobOutcome =
  /** `ending`: of the last stream, written with it. */
  | { status: 'SUCCEEDED'; ending?: StreamEnding | undefined }
  | { status: 'CANCELLED' }
  | { status: 'FAILED'; error: SyncError }

const EVENTS = { SUCCEEDED: 'SYNC_SUCCEEDED', FAILED: 'SYNC_FAILED', CANCELLED: 'SYNC_CANCELLED' } as const

/**
 * Ends a job with its last event. One that was asked to stop ends as CANCELLED, whatever is wanted.
 * @throws RunStoppedError `lost` when it is another worker's
 */
export async function finishJob(
  deps: { database: Database; bus: WakeBus },
  job: ClaimedJob,
  wanted: JobOutcome,
): Promise<void> {
  await fencedTransaction(
    deps.database,
    job,
    async (tx, current) => {
      const outcome: JobOutcome = current === 'CANCELLING' ? { status: 'CANCELLED' } : wanted
      const error = outcome.status === 'FAILED' ? outcome.error : null
      const lastStream = outcome.status === 'SUCCEEDED' ? await outcome.ending?.(tx) : undefined
      const untold = outcome.status === 'SUCCEEDED' ? [] : await untoldProgress(tx, [job.id])
      const [counters] = await tx.query<{ records_read: number; records_written: number; records_deleted: number }>(
        `UPDATE sync_job SET status = $2::sync_job_status, error = $3::jsonb, finished_at = clock_timestamp(), heartbeat_at = NULL
         WHERE id = $1::uuid RETURNING records_read, records_written, records_deleted`,
        [job.id, outcome.status, error === null ? null : JSON.stringify(error)],
      )
      if (error?.stream !== undefined) {
        await tx.query(
          `UPDATE sync_job_stream SET status = 'FAILED' WHERE sync_job_id = $1::uuid AND name = $2 AND status <> 'SUCCEEDED'`,
          [job.id, error.stream],
        )
      }
      if (outcome.status !== 'SUCCEEDED') await cancelStreams(tx, job.id)
      if (job.credentialOverridden) await forgetJobTokens(tx, [job.id])
      await appendEvents(tx, deps.bus, job.workspaceId, [
        ...untold,
        ...(lastStream === undefined ? [] : [lastStream]),
        {
          type: EVENTS[outcome.status],
          connectionId: job.connectionId,
          syncJobId: job.id,
          payload:
            error === null
              ? {
                  recordsRead: counters?.records_read,
                  recordsWritten: counters?.records_written,
                  recordsDeleted: counters?.records_deleted,
                }
              : { error },
        },
      ])
    },
    { cancelling: 'allow' },
  )
}
