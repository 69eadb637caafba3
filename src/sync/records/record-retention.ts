import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { Database } from '../../db/database.ts'
import { createRetention } from '../../db/retention.ts'
import type { Loop } from '../../kit/loop.ts'

/** Records per transaction. */
const BATCH = 2_000

/** Advisory lock: any number that nothing else uses. */
const PURGE_LOCK = 7_214_550_119n

/**
 * Deletes a batch of old deleted records. Records that a job is writing are skipped: they are no longer deleted.
 * Records are deleted before the row of their stream is locked, the same order as in transactions that write pages.
 */
const PURGE = `
  WITH old AS (
    SELECT id FROM record WHERE deleted AND changed_at < $1::timestamptz
    ORDER BY changed_at LIMIT $2::int FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM record WHERE id = ANY (ARRAY (SELECT id FROM old)) RETURNING connection_id, stream, position
  ), streams AS (
    SELECT connection_id, stream, max(position) AS reached FROM gone GROUP BY connection_id, stream
  ), mark AS MATERIALIZED (
    SELECT nextval('record_position_seq') AS mark FROM (SELECT 1 FROM gone LIMIT 1) any_gone
  ), stored AS (
    UPDATE stream_state s SET purged_to = greatest(s.purged_to, streams.reached), purge_mark = mark.mark
    FROM streams, mark WHERE s.connection_id = streams.connection_id AND s.name = streams.stream
  )
  SELECT count(*)::int AS count FROM gone`

/**
 * Removes deleted records that last changed before `before`, oldest first, in batches. Stores per stream how far
 * records were removed, for clients that read changes later. Runs in one process at a time, so that marks become
 * visible in their order; does nothing while another process runs it.
 * @returns how many records were removed
 */
export async function purgeDeletedRecords(
  database: Database,
  before: Date,
  signal?: AbortSignal,
  batch = BATCH,
): Promise<number> {
  let purged = 0
  while (signal?.aborted !== true) {
    const count = await database.bulkTransaction(async (tx) => {
      const [lock] = await tx.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1::bigint) AS held', [
        PURGE_LOCK,
      ])
      if (lock?.held !== true) return 0
      const [row] = await tx.query<{ count: number }>(PURGE, [before, batch])
      return row?.count ?? 0
    })
    purged += count
    if (count < batch) break
    // The embedded database never yields to the event loop by itself.
    await yieldToEventLoop()
  }
  return purged
}

/** Removes, once an hour, records that have been deleted for longer than `keep`, an ISO 8601 duration. */
export function createRecordRetention(
  database: Database,
  keep: string,
  onError: (error: unknown) => void,
  everyMs?: number,
): Loop {
  return createRetention({
    database,
    keep,
    onError,
    everyMs,
    remove: (before, signal) => purgeDeletedRecords(database, before, signal),
  })
}
