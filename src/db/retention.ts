import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from './database.ts'
import type { WriteTx } from './sql.ts'

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
