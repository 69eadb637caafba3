import type { Database } from '../../db/database.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { NewEvent } from '../../events/event-types.ts'
import { type ClaimedJob, fencedTransaction } from './claim.ts'
import type { JobWait } from './job-wait.ts'
import { unreportedProgress } from './progress-event.ts'

/**
 * A job with a slot of a rate limit is claimed this much earlier, in milliseconds, so that its request is sent in time:
 * longer than the interval at which workers read the queue.
 */
export const BEFORE_SLOT_MS = 1_500

/**
 * Puts a job back into the queue, to be claimed when its wait has ended. Its pages were written, and its checkpoint is
 * that of the last one. It does not count as a crash.
 *
 * @param waitMs from now; a slot of `wait` is then
 * @throws RunStoppedError `cancelled` when the job is CANCELLING
 */
export async function putBackJob(
  { database, bus }: { database: Database; bus: WakeBus },
  job: ClaimedJob,
  { wait, waitMs, event }: { wait: JobWait; waitMs: number; event: NewEvent | undefined },
): Promise<void> {
  const early = wait.slotAt === undefined ? 0 : BEFORE_SLOT_MS
  await fencedTransaction(database, job, async (tx) => {
    const events = event === undefined ? [] : [...(await unreportedProgress(tx, [job.id])), event]
    await tx.query(
      `UPDATE sync_job SET status = 'QUEUED', heartbeat_at = NULL,
         not_before = clock_timestamp() + $2::float8 * interval '1 millisecond',
         wait = $3::jsonb || jsonb_build_object('putBack', true) || CASE WHEN $3::jsonb ? 'slotAt' THEN
           jsonb_build_object('slotAt', extract(epoch FROM clock_timestamp())::float8 * 1000 + $4::float8) ELSE '{}' END,
         clean_attempts = CASE WHEN pages_read + records_deleted > progress_mark THEN attempt ELSE clean_attempts + 1 END,
         progress_mark = pages_read + records_deleted
       WHERE id = $1::uuid`,
      [job.id, Math.max(0, waitMs - early), JSON.stringify(wait), waitMs],
    )
    await appendEvents(
      tx,
      bus,
      job.workspaceId,
      events.map((each) => ({ ...each, connectionId: job.connectionId, syncJobId: job.id })),
    )
  })
}

/** Jobs whose wait ends together are made claimable in batches of this size. */
const DUE_BATCH = 1_000

/**
 * Makes the jobs claimable whose wait has ended. The time is that of the statement, so that the index is used.
 * @returns whether there were any, and after how many milliseconds the next wait ends; null: no job waits
 */
export async function endWaits(database: Database): Promise<{ ended: boolean; nextMs: number | null }> {
  const [row] = await database.sql.query<{ ended: number; next_ms: number | null }>(
    `WITH due AS MATERIALIZED (
       SELECT id FROM sync_job WHERE status = 'QUEUED' AND not_before IS NOT NULL AND not_before <= now()
       ORDER BY not_before LIMIT $1::int FOR NO KEY UPDATE SKIP LOCKED
     ), ended AS (
       UPDATE sync_job j SET not_before = NULL FROM due WHERE j.id = due.id AND j.status = 'QUEUED' RETURNING j.id
     )
     SELECT (SELECT count(*)::int FROM ended) AS ended,
            (SELECT extract(epoch FROM min(not_before) - now())::float8 * 1000 FROM sync_job
             WHERE status = 'QUEUED' AND not_before IS NOT NULL AND not_before > now()) AS next_ms`,
    [DUE_BATCH],
  )
  const { ended = 0, next_ms: nextMs = null } = row ?? {}
  return { ended: ended > 0, nextMs: ended === DUE_BATCH ? 0 : nextMs }
}
