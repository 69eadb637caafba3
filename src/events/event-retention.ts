import type { Database } from '../db/database.ts'
import { addDuration, parseDuration } from '../lib/duration.ts'
import { trimEvents } from './event-log.ts'

const EVERY_MS = 60 * 60 * 1000

export interface EventRetention {
  start(): void
  stop(): void
}

/** Removes, once an hour, events that are older than `keep`, an ISO 8601 duration. */
export function createEventRetention(
  database: Database,
  keep: string,
  onError: (error: unknown) => void,
  everyMs = EVERY_MS,
): EventRetention {
  const duration = parseDuration(keep)
  let timer: NodeJS.Timeout | undefined
  let running = false
  const run = async () => {
    if (running) return
    running = true
    try {
      const now = new Date()
      // A calendar duration back from now is as long as the same one forward, to within a leap day.
      const before = new Date(now.getTime() - (addDuration(now, duration).getTime() - now.getTime()))
      const logs = await database.sql.query<{ workspace_id: string }>(
        `SELECT l.workspace_id FROM event_log l
         JOIN event e ON e.workspace_id = l.workspace_id AND e.position = l.trimmed + 1
         WHERE e.occurred_at < $1::timestamptz`,
        [before],
      )
      for (const log of logs) await trimEvents(database.bulkTransaction, log.workspace_id, before)
    } catch (error) {
      onError(error)
    } finally {
      running = false
    }
  }
  return {
    start() {
      timer = setInterval(run, everyMs)
      timer.unref()
      void run()
    },
    stop: () => clearInterval(timer),
  }
}
