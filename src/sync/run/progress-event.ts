import type { SqlRunner } from '../../db/sql.ts'
import type { NewEvent } from '../../events/event-types.ts'
import type { StreamCounters } from '../records/write-page.ts'

/**
 * What a stream has got to in its job.
 * @param recordsPerSecond null: not known
 */
export function progressEvent(stream: string, counters: StreamCounters, recordsPerSecond: number | null): NewEvent {
  const { recordsRead, recordsWritten, pagesRead, total } = counters
  const percent = total === null ? null : total === 0 ? 100 : Math.min(100, rounded((100 * recordsRead) / total))
  const speed = recordsPerSecond === null ? null : rounded(recordsPerSecond)
  return {
    type: 'SYNC_PROGRESSED',
    payload: { stream, recordsRead, recordsWritten, pagesRead, total, percent, recordsPerSecond: speed },
  }
}

/** To one decimal place. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

/** A stream that is being read, where its last page was not told of. */
const UNTOLD = `
  SELECT s.sync_job_id, j.connection_id, s.name, s.records_read, s.records_written, s.pages_read, s.total
  FROM sync_job_stream s JOIN sync_job j ON j.id = s.sync_job_id
  LEFT JOIN LATERAL (
    SELECT payload->>'stream' AS stream, (payload->>'pagesRead')::int AS pages_read FROM event
    WHERE sync_job_id = s.sync_job_id AND type = 'SYNC_PROGRESSED' ORDER BY position DESC LIMIT 1
  ) told ON true
  WHERE s.sync_job_id = ANY($1::uuid[]) AND s.status = 'RUNNING' AND s.pages_read > 0
    AND (told.stream IS DISTINCT FROM s.name OR told.pages_read IS DISTINCT FROM s.pages_read)`

/**
 * The progress that jobs have made since they last told of it, so that it is known before they end early. Ask before their
 * streams are ended.
 * @returns the events, to be appended before those of the jobs' ends
 */
export async function untoldProgress(tx: SqlRunner, syncJobIds: readonly string[]): Promise<NewEvent[]> {
  const rows = await tx.query<{
    sync_job_id: string
    connection_id: string
    name: string
    records_read: number
    records_written: number
    pages_read: number
    total: number | null
  }>(UNTOLD, [[...syncJobIds]])
  return rows.map((row) => ({
    ...progressEvent(
      row.name,
      {
        recordsRead: row.records_read,
        recordsWritten: row.records_written,
        pagesRead: row.pages_read,
        total: row.total,
      },
      null,
    ),
    connectionId: row.connection_id,
    syncJobId: row.sync_job_id,
  }))
}
