import { setImmediate } from 'node:timers/promises'
import { currentScope } from '../../db/scope.ts'

/**
 * What stands for one id: its rows, or the error that its reader gets. Shared by all who ask for it at the same time, so
 * nobody changes it.
 */
type Found<T> = T | Error

export interface SharedReads {
  /**
   * What `read` finds for each of `ids`, in their order.
   * @param key of the statement, with all of its values but the ids: what has the same key finds the same
   * @param read one statement for many ids; finds in the same order
   */
  load<T>(
    key: string,
    ids: readonly string[],
    read: (ids: readonly string[]) => Promise<Found<T>[]>,
  ): Promise<Found<T>[]>
}

interface Batch {
  ids: Set<string>
  found: Promise<ReadonlyMap<string, unknown>>
}

interface Statement {
  /** What the next one reads; not yet begun. */
  next: Batch | undefined
  running: number
  /** Wake the batches that wait for their turn. */
  turns: (() => void)[]
}

/** Ids that one statement reads, and what a single operation asks for beyond it. */
const MAX_IDS = 100
/** A statement that is slow holds up those that come after it no more than this. */
const AT_ONCE = 2

/** What a statement reads anyway takes no room. */
function hasRoom(taken: ReadonlySet<string>, ids: readonly string[]): boolean {
  return taken.size < MAX_IDS || ids.every((id) => taken.has(id))
}

/**
 * Makes the same reads of many operations together: those that come in with one turn of the event loop, and those that
 * wait for a statement of their kind to end, are one statement. Callers share it only where they are held within the same
 * scope and their statements are the same to the last value. Nothing is kept: no read is answered by a statement that had
 * begun before it was asked for.
 */
export function createSharedReads(): SharedReads {
  const statements = new Map<string, Statement>()

  async function run<T>(
    key: string,
    statement: Statement,
    batch: { ids: Set<string> },
    read: (ids: readonly string[]) => Promise<Found<T>[]>,
  ): Promise<ReadonlyMap<string, Found<T>>> {
    // All that comes in with this turn of the event loop goes along.
    await setImmediate()
    while (statement.running >= AT_ONCE) {
      const turn = Promise.withResolvers<void>()
      statement.turns.push(turn.resolve)
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
      const turn = statement.turns.shift()
      if (turn !== undefined) turn()
      else if (statement.running === 0 && statement.next === undefined) statements.delete(key)
    }
  }

  return {
    async load(key, ids, read) {
      const scope = currentScope()
      const ownKey = scope === null ? key : `${scope.workspaceId} ${scope.endUserId ?? ''} ${key}`
      let statement = statements.get(ownKey)
      if (statement === undefined) {
        statement = { next: undefined, running: 0, turns: [] }
        statements.set(ownKey, statement)
      }
      let batch = statement.next
      if (batch === undefined || !hasRoom(batch.ids, ids)) {
        const own = new Set(ids)
        batch = { ids: own, found: run(ownKey, statement, { ids: own }, read) }
        statement.next = batch
      } else for (const id of ids) batch.ids.add(id)
      const found = await batch.found
      return ids.map((id) => found.get(id) as never)
    },
  }
}
