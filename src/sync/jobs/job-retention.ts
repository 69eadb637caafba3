import type { Database } from '../../db/database.ts'
import { createRetention, removeInBatches } from '../../db/retention.ts'
import { firstIdOf } from '../../kit/ids.ts'
import type { Loop } from '../../kit/loop.ts'

/** The newest jobs of each connection, which are always kept. */
const NEWEST_KEPT = 20
/** Jobs per transaction. Their streams are removed with them. */
const JOBS = 1_000
/** Connections per transaction. */
const CONNECTIONS = 500

/**
 * Removes jobs of the next connections behind $1. Ids are in the order of time, so the oldest jobs of a connection are at the
 * begin of its part of the index, and a connection without old jobs costs one lookup there. $2: the first id of the kept time,
 * $3: begin of the kept time.
 */
const REMOVE = `
  WITH walked AS (
    SELECT id FROM connection WHERE id > $1::uuid ORDER BY id LIMIT ${CONNECTIONS}
  ), old AS (
    SELECT job.id FROM walked w
    CROSS JOIN LATERAL (
      SELECT 1 FROM sync_job j WHERE j.connection_id = w.id AND j.id < $2::uuid LIMIT 1
    ) has_old
    CROSS JOIN LATERAL (
      SELECT id FROM sync_job j WHERE j.connection_id = w.id ORDER BY id DESC OFFSET ${NEWEST_KEPT - 1} LIMIT 1
    ) oldest_kept
    CROSS JOIN LATERAL (
      SELECT id FROM sync_job j
      WHERE j.connection_id = w.id AND j.id < oldest_kept.id AND j.id < $2::uuid
        AND j.status IN ('SUCCEEDED', 'FAILED', 'CANCELLED') AND j.finished_at < $3::timestamptz
      ORDER BY id LIMIT ${JOBS}
    ) job
    LIMIT ${JOBS}
  ), gone AS (
    DELETE FROM sync_job WHERE id = ANY (ARRAY (SELECT id FROM old)) RETURNING 1
  )
  SELECT (SELECT count(*) FROM gone)::int AS removed, (SELECT count(*) FROM walked)::int AS walked,
    (SELECT id FROM walked ORDER BY id DESC LIMIT 1) AS last`

/**
 * Removes finished jobs that ended before `before`, except the newest 20 jobs of each connection.
 * @returns how many jobs were removed
 */
export async function removeOldJobs(
  database: Pick<Database, 'bulkTransaction'>,
  before: Date,
  signal?: AbortSignal,
): Promise<number> {
  let after = '00000000-0000-0000-0000-000000000000'
  return removeInBatches(database, { name: 'sync jobs', signal }, async (tx) => {
    const [row] = await tx.query<{ removed: number; walked: number; last: string | null }>(REMOVE, [
      after,
      firstIdOf(before),
      before,
    ])
    const { removed = 0, walked = 0, last = null } = row ?? {}
    if (removed === JOBS) return { removed, more: true }
    after = last ?? after
    return { removed, more: walked === CONNECTIONS }
  })
}

/** Removes, once an hour, jobs that ended longer than `keep` ago, an ISO 8601 duration. */
export function createJobRetention(
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
    remove: (before, signal) => removeOldJobs(database, before, signal),
  })
}
