import { setImmediate } from 'node:timers/promises'

/** The result for one id: a value, or the error for its reader. Readers share the value and must not change it. */
export type Found<T> = T | Error

export interface Batcher {
  /**
   * Reads many ids with few statements. Calls with one key are combined when they are made in the same turn of the event loop,
   * or while statements of that key run.
   * @param key identifies the statement, all of its values except the ids, and the scope in which it reads
   * @param read one statement for many ids; must return its results in the order of the ids
   * @returns the results for `ids`, in their order
   */
  load<T>(
    key: string,
    ids: readonly string[],
    read: (ids: readonly string[]) => Promise<readonly Found<T>[]>,
  ): Promise<Found<T>[]>
}

interface BatcherOptions {
  /** The most ids of one statement. A call with more ids gets its own statement. Default: 100. */
  maxIds?: number
  /** Concurrent statements of one key. Default: 2. */
  atOnce?: number
}

interface Batch {
  ids: Set<string>
  found: Promise<ReadonlyMap<string, unknown>>
}

interface Statement {
  /** The batch that collects ids for the next statement. */
  next: Batch | undefined
  running: number
  /** Resolve functions of the batches that wait for a statement to end. */
  waiting: (() => void)[]
}

/**
 * Combines reads. Nothing is cached: a read is never answered by a statement that began before the read.
 */
export function createBatcher({ maxIds = 100, atOnce = 2 }: BatcherOptions = {}): Batcher {
  const statements = new Map<string, Statement>()

  async function run<T>(
    key: string,
    statement: Statement,
    batch: { ids: Set<string> },
    read: (ids: readonly string[]) => Promise<readonly Found<T>[]>,
  ): Promise<ReadonlyMap<string, Found<T>>> {
    while (statement.running >= atOnce) {
      const free = Promise.withResolvers<void>()
      statement.waiting.push(free.resolve)
      await free.promise
    }
    statement.running += 1
    try {
      // Calls in this turn of the event loop join the batch, also those that the end of the last statement has caused.
      await setImmediate()
      if (statement.next?.ids === batch.ids) statement.next = undefined
      const ids = [...batch.ids]
      const found = await read(ids)
      return new Map(ids.map((id, index) => [id, found[index] as Found<T>]))
    } finally {
      statement.running -= 1
      const next = statement.waiting.shift()
      if (next !== undefined) next()
      else if (statement.running === 0 && statement.next === undefined) statements.delete(key)
    }
  }

  function hasRoom(taken: ReadonlySet<string>, ids: readonly string[]): boolean {
    // Ids that are in the batch already need no room.
    return taken.size < maxIds || ids.every((id) => taken.has(id))
  }

  return {
    async load(key, ids, read) {
      let statement = statements.get(key)
      if (statement === undefined) {
        statement = { next: undefined, running: 0, waiting: [] }
        statements.set(key, statement)
      }
      let batch = statement.next
      if (batch === undefined || !hasRoom(batch.ids, ids)) {
        const own = new Set(ids)
        batch = { ids: own, found: run(key, statement, { ids: own }, read) }
        statement.next = batch
      } else for (const id of ids) batch.ids.add(id)
      const found = await batch.found
      return ids.map((id) => found.get(id) as never)
    },
  }
}
