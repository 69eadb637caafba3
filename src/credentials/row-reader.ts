import { setImmediate } from 'node:timers/promises'
import { notFound } from '../access/caller.ts'
import { currentScope } from '../db/scope.ts'
import type { SqlRunner } from '../db/sql.ts'
import { type CredentialRow, readCredentialRows, readRowStamps } from './credential-row.ts'

/** Reads connections with their credentials. Rejects with NotFoundError. */
type CredentialReader = (connectionId: string) => Promise<CredentialRow>

interface Batch {
  rows: Map<string, PromiseWithResolvers<CredentialRow>>
}

const MAX_BATCH = 200

/** Rows that are kept, as they are stored: sealed. */
const MAX_KEPT = 2_000

/**
 * Reads that are asked for while a statement runs are made together by the next one: many requests at once cost few
 * statements. No read is answered by a statement that had begun before it was asked for, so that nothing it tells is old:
 * of rows that were read before, the statement asks only whether they are still the same.
 */
export function createCredentialReader(sql: SqlRunner): CredentialReader {
  /** By scope: a statement sees with the eyes of one caller. */
  const waiting = new Map<string, Batch[]>()
  /** By connection, the longest unread first. */
  const kept = new Map<string, CredentialRow>()

  async function drain(scope: string, batches: Batch[]): Promise<void> {
    for (let batch = batches[0]; batch !== undefined; batch = batches[0]) {
      // All that comes in with this turn of the event loop goes along.
      await setImmediate()
      batches.shift()
      await answer(batch)
    }
    waiting.delete(scope)
  }

  async function answer({ rows }: Batch): Promise<void> {
    try {
      const found = await read([...rows.keys()])
      for (const [id, { resolve, reject }] of rows) {
        const row = found.get(id)
        if (row === undefined) reject(notFound('connection'))
        else resolve(row)
      }
    } catch (error) {
      for (const { reject } of rows.values()) reject(error)
    }
  }

  async function read(ids: readonly string[]): Promise<Map<string, CredentialRow>> {
    const [stamps, unread] = await Promise.all([
      readSome(
        ids.filter((id) => kept.has(id)),
        readRowStamps,
      ),
      readSome(
        ids.filter((id) => !kept.has(id)),
        readCredentialRows,
      ),
    ])
    const found = new Map(unread.map((row) => [row.connection_id, row]))
    const changed: string[] = []
    for (const { connection_id: id, print, now } of stamps) {
      const row = kept.get(id)
      if (row?.print === print) found.set(id, { ...row, now })
      else changed.push(id)
    }
    for (const row of await readSome(changed, readCredentialRows)) found.set(row.connection_id, row)
    for (const id of ids) keep(id, found.get(id))
    return found
  }

  async function readSome<R>(
    ids: readonly string[],
    reading: (sql: SqlRunner, ids: readonly string[]) => Promise<R[]>,
  ) {
    return ids.length === 0 ? [] : reading(sql, ids)
  }

  function keep(id: string, row: CredentialRow | undefined): void {
    kept.delete(id)
    if (row === undefined) return
    const [oldest] = kept.keys()
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(id, row)
  }

  return (connectionId) => {
    const scope = scopeKey()
    const batches = waiting.get(scope)
    const last = batches?.at(-1)
    const known = last?.rows.get(connectionId)
    if (known !== undefined) return known.promise
    const row = Promise.withResolvers<CredentialRow>()
    if (last !== undefined && last.rows.size < MAX_BATCH) last.rows.set(connectionId, row)
    else {
      const batch: Batch = { rows: new Map([[connectionId, row]]) }
      if (batches !== undefined) batches.push(batch)
      else {
        const fresh = [batch]
        waiting.set(scope, fresh)
        void drain(scope, fresh)
      }
    }
    return row.promise
  }
}

function scopeKey(): string {
  const scope = currentScope()
  return scope === null ? '' : `${scope.workspaceId} ${scope.endUserId ?? ''}`
}
