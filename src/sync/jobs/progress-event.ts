import type { SqlRunner } from '../../db/sql.ts'
import type { NewEvent } from '../../events/event-types.ts'
import type { StreamCounters } from '../records/write-page.ts'
import { type CountersRow, countersOf } from '../records/write-page.ts'

/**
 * A SYNC_PROGRESSED event with the counters of one stream of a job.
 * @param recordsPerSecond null: unknown
 */
export function progressEvent(stream: string, counters: StreamCounters, recordsPerSecond: number | null): NewEvent {
  const { recordsRead, recordsWritten, pagesRead } = counters
  // A total that is exceeded was none, such as the number of records on a page.
  const total = counters.total !== null && counters.total < recordsRead ? null : counters.total
  const percent = total === null ? null : total === 0 ? 100 : Math.min(100, rounded((100 * recordsRead) / total))
  const speed = recordsPerSecond === null ? null : rounded(recordsPerSecond)
  return {
    type: 'SYNC_PROGRESSED',
    payload: { stream, recordsRead, recordsWritten, pagesRead, total, percent, recordsPerSecond: speed },
  }
}

/** Rounds to one decimal place. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

/** Running streams whose last page is not in the last SYNC_PROGRESSED event of their job. */
const UNREPORTED = `
  SELECT s.sync_job_id, j.connection_id, s.name, s.records_read, s.records_written, s.pages_read, s.total
  FROM sync_job_stream s JOIN sync_job j ON j.id = s.sync_job_id
  LEFT JOIN LATERAL (
    SELECT payload->>'stream' AS stream, (payload->>'pagesRead')::int AS pages_read FROM event
    WHERE sync_job_id = s.sync_job_id AND type = 'SYNC_PROGRESSED' ORDER BY position DESC LIMIT 1
  ) reported ON true
  WHERE s.sync_job_id = ANY($1::uuid[]) AND s.status = 'RUNNING' AND s.pages_read > 0
    AND (reported.stream IS DISTINCT FROM s.name OR reported.pages_read IS DISTINCT FROM s.pages_read)`

/**
 * Progress of jobs since their last SYNC_PROGRESSED event, for jobs that end early. Call it before the status of their
 * streams changes.
 * @returns events, to be appended before the events that end the jobs
 */
export async function unreportedProgress(tx: SqlRunner, syncJobIds: readonly string[]): Promise<NewEvent[]> {
  const rows = await tx.query<CountersRow & { sync_job_id: string; connection_id: string; name: string }>(UNREPORTED, [
    [...syncJobIds],
  ])
  return rows.map((row) => ({
    ...progressEvent(row.name, countersOf(row), null),
    connectionId: row.connection_id,
    syncJobId: row.sync_job_id,
  }))
}
