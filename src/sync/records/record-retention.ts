import { setImmediate as othersTurn } from 'node:timers/promises'
import type { Database } from '../../db/database.ts'
import { createRetention, type Loop } from '../../kit/loop.ts'

/** Records of one transaction. */
const BATCH = 2_000

/** Any number that nothing else locks: whoever purges holds it. */
const PURGE_LOCK = 7_214_550_119n

/**
 * What a job is just writing again is left to it: it is no deleted record any more. The records go before the row of
 * their stream is locked, which is the order of those who write pages.
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
    SELECT nextval('record_position_seq') AS mark FROM (SELECT 1 FROM gone LIMIT 1) something
  ), told AS (
    UPDATE stream_state s SET purged_to = greatest(s.purged_to, streams.reached), purge_mark = mark.mark
    FROM streams, mark WHERE s.connection_id = streams.connection_id AND s.name = streams.stream
  )
  SELECT count(*)::int AS count FROM gone`

/**
 * Removes records that were deleted, and last changed, before `before`, oldest first, in batches. Their streams remember
 * how far that went, for those who come back to read changes. One process at a time does so: marks are in the order in
 * which they can be seen. Where another is at it, nothing is done.
 * @returns how many records went
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
    // The embedded database answers without one turn of the event loop.
    await othersTurn()
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
  const remove = async (before: Date, signal: AbortSignal) => void (await purgeDeletedRecords(database, before, signal))
  return createRetention({ keep, onError, everyMs, remove })
}
