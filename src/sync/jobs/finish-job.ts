import type { Database } from '../../db/database.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { NewEvent } from '../../events/event-types.ts'
import { type ClaimedJob, fencedTransaction } from './claim.ts'
import { deleteJobTokens } from './job-tokens.ts'
import { unreportedProgress } from './progress-event.ts'
import type { SyncError } from './sync-error.ts'
import { cancelStreams } from './sync-jobs.ts'
import { type SyncWarning, warningsOfEvent } from './sync-warning.ts'

/** Writes the end of a stream in a fenced transaction. @returns the stream's last event, to be appended last */
export type StreamEnding = (tx: WriteTx) => Promise<NewEvent>

/** `ending`: end of the last stream that succeeded, written in the transaction that ends the job. */
export type JobOutcome =
  | { status: 'SUCCEEDED'; ending?: StreamEnding | undefined }
  | { status: 'CANCELLED' }
  | { status: 'FAILED'; error: SyncError; ending?: StreamEnding | undefined }

const EVENTS = { SUCCEEDED: 'SYNC_SUCCEEDED', FAILED: 'SYNC_FAILED', CANCELLED: 'SYNC_CANCELLED' } as const

/**
 * Ends a job and appends its last event. A job that is CANCELLING becomes CANCELLED whatever its outcome is.
 * @throws RunStoppedError `lost` when another worker has the job
 */
export async function finishJob(
  deps: { database: Database; bus: WakeBus },
  job: ClaimedJob,
  intended: JobOutcome,
): Promise<void> {
  await fencedTransaction(
    deps.database,
    job,
    async (tx, current) => {
      const outcome: JobOutcome = current === 'CANCELLING' ? { status: 'CANCELLED' } : intended
      const error = outcome.status === 'FAILED' ? outcome.error : null
      const streamEnd = outcome.status === 'CANCELLED' ? undefined : await outcome.ending?.(tx)
      const progress = outcome.status === 'SUCCEEDED' ? [] : await unreportedProgress(tx, [job.id])
      const [ended] = await tx.query<{
        records_read: number
        records_written: number
        records_deleted: number
        warnings: SyncWarning[]
      }>(
        `UPDATE sync_job SET status = $2::sync_job_status, error = $3::jsonb, finished_at = clock_timestamp(), heartbeat_at = NULL, wait = NULL
         WHERE id = $1::uuid RETURNING records_read, records_written, records_deleted, warnings`,
        [job.id, outcome.status, error === null ? null : JSON.stringify(error)],
      )
      if (error?.stream !== undefined) {
        await tx.query(
          `UPDATE sync_job_stream SET status = 'FAILED' WHERE sync_job_id = $1::uuid AND name = $2 AND status <> 'SUCCEEDED'`,
          [job.id, error.stream],
        )
      }
      if (outcome.status !== 'SUCCEEDED') await cancelStreams(tx, [job.id])
      if (job.credentialOverridden) await deleteJobTokens(tx, [job.id])
      await appendEvents(tx, deps.bus, job.workspaceId, [
        ...progress,
        ...(streamEnd === undefined ? [] : [streamEnd]),
        {
          type: EVENTS[outcome.status],
          connectionId: job.connectionId,
          syncJobId: job.id,
          payload: {
            ...(error === null
              ? {
                  recordsRead: ended?.records_read,
                  recordsWritten: ended?.records_written,
                  recordsDeleted: ended?.records_deleted,
                }
              : { error }),
            ...warningsOfEvent(ended?.warnings),
          },
        },
      ])
    },
    { cancelling: 'allow' },
  )
}
