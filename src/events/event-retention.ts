import type { Database } from '../db/database.ts'
import { createRetention, type Retention } from '../kit/loop.ts'
import { trimEvents } from './event-log.ts'

/** Removes, once an hour, events that are older than `keep`, an ISO 8601 duration. */
export function createEventRetention(
  database: Database,
  keep: string,
  onError: (error: unknown) => void,
  everyMs?: number,
): Retention {
  return createRetention({ keep, onError, everyMs, remove: (before, signal) => removeEvents(database, before, signal) })
}

async function removeEvents(database: Database, before: Date, signal: AbortSignal): Promise<void> {
  const logs = await database.sql.query<{ workspace_id: string }>(
    `SELECT l.workspace_id FROM event_log l
     JOIN event e ON e.workspace_id = l.workspace_id AND e.position = l.trimmed + 1
     WHERE e.occurred_at < $1::timestamptz`,
    [before],
  )
  for (const log of logs) {
    if (signal.aborted) return
    await trimEvents(database.bulkTransaction, log.workspace_id, before)
  }
}
