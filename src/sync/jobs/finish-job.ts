import type { Database } from '../../db/database.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { NewEvent } from '../../events/event-types.ts'
import { encodeRecordCursor } from '../records/records.ts'
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
 * @returns the status of the job
 * @throws RunStoppedError `lost` when another worker has the job
 */
export async function finishJob(
  deps: { database: Database; bus: WakeBus },
  job: ClaimedJob,
  intended: JobOutcome,
): Promise<JobOutcome['status']> {
  return fencedTransaction(
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
      const streams = outcome.status === 'SUCCEEDED' ? { streams: await syncedStreams(tx, job) } : {}
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
            ...streams,
            ...warningsOfEvent(ended?.warnings),
          },
        },
      ])
      return outcome.status
    },
    { cancelling: 'allow' },
  )
}

/** What a job has done in one stream, as SYNC_SUCCEEDED has it. */
export interface SyncedStream {
  name: string
  recordsRead: number
  recordsWritten: number
  recordsDeleted: number
  /** Change cursors of the connection's list of records. Null: nothing has changed. */
  changedFrom: string | null
  changedTo: string | null
}

/** No one else writes records of the connection until the job has ended, so that the highest positions are those of this job. */
const SYNCED_STREAMS = `
  SELECT s.name, s.records_read, s.records_written, s.records_deleted, coalesce(s.changed_from, 0)::bigint AS changed_from,
    (SELECT r.position FROM record r
     WHERE r.connection_id = $2::uuid AND r.stream = s.name AND r.position > coalesce(s.changed_from, 0)
     ORDER BY r.position DESC LIMIT 1) AS changed_to
  FROM sync_job_stream s WHERE s.sync_job_id = $1::uuid ORDER BY s.position`

async function syncedStreams(tx: WriteTx, { id, connectionId }: ClaimedJob): Promise<SyncedStream[]> {
  const rows = await tx.query<{
    name: string
    records_read: number
    records_written: number
    records_deleted: number
    changed_from: bigint
    changed_to: bigint | null
  }>(SYNCED_STREAMS, [id, connectionId])
  return rows.map(({ name, changed_from: from, changed_to: to, ...counters }) => ({
    name,
    recordsRead: counters.records_read,
    recordsWritten: counters.records_written,
    recordsDeleted: counters.records_deleted,
    changedFrom: to === null ? null : encodeRecordCursor('change', connectionId, from),
    changedTo: to === null ? null : encodeRecordCursor('change', connectionId, to),
  }))
}
