import type { Database } from '../../db/database.ts'
import { type ClaimedJob, fencedTransaction } from '../jobs/claim.ts'

/** Records that one transaction looks at. */
const BATCH = 2_000

/** `$3` and `$4` bound the walk: what is deleted gets a higher position than `$4` and is not met again. */
const DELETE_BATCH = `
  WITH batch AS (
    SELECT id, position, stream = $2 AND NOT deleted AND seen_by IS DISTINCT FROM $5::uuid AS unseen
    FROM record WHERE connection_id = $1::uuid AND position > $3::bigint AND position <= $4::bigint
    ORDER BY position LIMIT $6::int
  ), gone AS (
    UPDATE record SET deleted = true, position = nextval('record_position_seq'), changed_at = clock_timestamp()
    WHERE id = ANY (ARRAY (SELECT id FROM batch WHERE unseen))
    RETURNING position
  ), counted AS (
    SELECT count(*)::int AS deleted, coalesce(max(position), 0) AS newest FROM gone
  ), job AS (
    UPDATE sync_job SET records_deleted = records_deleted + counted.deleted, heartbeat_at = clock_timestamp(),
      change_floor = greatest(change_floor, counted.newest)
    FROM counted WHERE id = $5::uuid
  ), stream AS (
    UPDATE sync_job_stream SET records_deleted = records_deleted + counted.deleted
    FROM counted WHERE sync_job_id = $5::uuid AND name = $2
  ), state AS (
    UPDATE stream_state SET record_count = greatest(0, record_count - counted.deleted)
    FROM counted WHERE connection_id = $1::uuid AND name = $2
  )
  SELECT (SELECT max(position) FROM batch) AS last, (SELECT count(*)::int FROM batch) AS looked_at`

/**
 * Marks the records of a stream that this job has not seen as deleted, in batches, each in a fenced transaction. May be
 * begun again from the start after a crash.
 * @throws RunStoppedError; the signal's reason between two batches
 */
export async function deleteUnseen(
  database: Database,
  job: ClaimedJob,
  stream: string,
  signal: AbortSignal,
): Promise<void> {
  const [{ newest } = { newest: 0n }] = await database.sql.query<{ newest: bigint }>(
    `SELECT coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0) AS newest`,
  )
  let after = 0n
  for (;;) {
    signal.throwIfAborted()
    const { last, lookedAt } = await fencedTransaction(database, job, async (tx) => {
      const [row] = await tx.query<{ last: bigint | null; looked_at: number }>(DELETE_BATCH, [
        job.connectionId,
        stream,
        after,
        newest,
        job.id,
        BATCH,
      ])
      return { last: row?.last ?? null, lookedAt: row?.looked_at ?? 0 }
    })
    if (last === null || lookedAt < BATCH) return
    after = last
  }
}
