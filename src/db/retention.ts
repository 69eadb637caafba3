import { setTimeout as pause } from 'node:timers/promises'
import { createLoop, type Loop } from '../kit/loop.ts'
import { addDuration, parseDuration } from '../kit/time.ts'
import type { Database } from './database.ts'
import { databaseNow, type WriteTx } from './sql.ts'

const EVERY_MS = 60 * 60 * 1000

interface RetentionOptions {
  /** Its clock tells the age of rows, because the clocks of processes may differ. */
  database: Pick<Database, 'sql'>
  /** How long rows are kept, as an ISO 8601 duration. */
  keep: string
  /** Removes rows older than `before`, in batches. Must start no further batch once `signal` is aborted. */
  remove(before: Date, signal: AbortSignal): Promise<unknown>
  /** Called when a run fails. The next run continues. */
  onError(error: unknown): void
  /** Time between runs, in milliseconds. Default: 3,600,000 (one hour). */
  everyMs?: number | undefined
}

/**
 * A loop that removes old rows, at the start and then at an interval.
 * @throws InvalidDurationError when `keep` is not an ISO 8601 duration
 */
export function createRetention({ database, keep, remove, onError, everyMs = EVERY_MS }: RetentionOptions): Loop {
  const duration = parseDuration(keep)
  return createLoop({
    everyMs,
    onError,
    async work(signal) {
      const now = await databaseNow(database.sql)
      // Back from now by the length that the duration has forward from now. The difference is at most a leap day.
      await remove(new Date(now.getTime() - (addDuration(now, duration).getTime() - now.getTime())), signal)
    },
  })
}

interface RemovalOptions {
  /** What is removed. Processes that remove the same thing take turns. */
  name: string
  /** No further batch begins after it aborts. */
  signal?: AbortSignal | undefined
}

/** What a batch has removed, and whether there may be more. */
interface RemovedBatch {
  removed: number
  more: boolean
}

/** The longest pause between two batches, in milliseconds. */
const LONGEST_PAUSE_MS = 1_000

/**
 * Removes rows in batches, each in a transaction of its own. Ends early when another process removes the same thing. Rests after
 * each batch for as long as the batch took, so that the removal uses at most half of the time of one connection.
 * @returns how many rows were removed
 */
export async function removeInBatches(
  database: Pick<Database, 'bulkTransaction'>,
  { name, signal }: RemovalOptions,
  removeBatch: (tx: WriteTx) => Promise<RemovedBatch>,
): Promise<number> {
  let total = 0
  while (signal?.aborted !== true) {
    const beganMs = performance.now()
    const { removed, more } = await database.bulkTransaction(async (tx) => {
      const [lock] = await tx.query<{ held: boolean }>(
        `SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 0)) AS held`,
        [`latchkey retention of ${name}`],
      )
      return lock?.held === true ? removeBatch(tx) : { removed: 0, more: false }
    })
    total += removed
    if (!more) break
    // The pause also lets other work run: the embedded database never yields to the event loop by itself.
    await pause(Math.min(performance.now() - beganMs, LONGEST_PAUSE_MS))
  }
  return total
}
