import { setImmediate } from 'node:timers/promises'

/** The result for one id: what was found, or the error that its reader gets. Readers share it and must not change it. */
type Found<T> = T | Error

export interface Batcher {
  /**
   * Reads many ids with few statements: reads of one key that are asked for in the same turn of the event loop, or while
   * statements of that key run, are made together.
   * @param key identifies the statement with all of its values except the ids, and whose eyes it reads with
   * @param read one statement for many ids; its results are in the order of the ids
   * @returns the results of `ids`, in their order
   */
  load<T>(
    key: string,
    ids: readonly string[],
    read: (ids: readonly string[]) => Promise<readonly Found<T>[]>,
  ): Promise<Found<T>[]>
}

interface BatcherOptions {
  /** Ids of one statement. A call that asks for more gets a statement of its own. Default: 100. */
  maxIds?: number
  /** Statements of one key that run at once. Default: 2. */
  atOnce?: number
}

interface Batch {
  ids: Set<string>
  found: Promise<ReadonlyMap<string, unknown>>
}

interface Statement {
  /** The batch that the next statement reads; not yet begun. */
  next: Batch | undefined
  running: number
  /** Wake the batches that wait until a statement ends. */
  waiting: (() => void)[]
}

/**
 * Combines reads. Nothing is cached: no read is answered by a statement that had begun before the read was asked for.
 */
export function createBatcher({ maxIds = 100, atOnce = 2 }: BatcherOptions = {}): Batcher {
  const statements = new Map<string, Statement>()

  async function run<T>(
    key: string,
    statement: Statement,
    batch: { ids: Set<string> },
    read: (ids: readonly string[]) => Promise<readonly Found<T>[]>,
  ): Promise<ReadonlyMap<string, Found<T>>> {
    // Everything that comes in during this turn of the event loop joins the batch.
    await setImmediate()
    while (statement.running >= atOnce) {
      const turn = Promise.withResolvers<void>()
      statement.waiting.push(turn.resolve)
      await turn.promise
    }
    if (statement.next?.ids === batch.ids) statement.next = undefined
    statement.running += 1
    try {
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
    // Ids that the statement reads anyway take no room.
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
