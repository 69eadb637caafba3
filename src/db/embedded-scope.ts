import type { PGlite, Transaction as PGliteTransaction } from '@electric-sql/pglite'
import { currentScope, ENTER_SCOPE, scopeValues } from './scope.ts'

/**
 * A transaction in the scope of whoever opens it. PGlite has one session, which others use next: role and settings are of
 * the transaction alone, and go with it however it ends.
 */
export function scopedTransaction<T>(pglite: PGlite, work: (tx: PGliteTransaction) => Promise<T>): Promise<T> {
  const enter = scopeEntry()
  return pglite.transaction(async (tx) => {
    await enter(tx)
    return work(tx)
  })
}

/** Remembers the scope of now, for a transaction that is opened later. It must be entered before anything is read. */
export function scopeEntry(): (tx: PGliteTransaction) => Promise<void> {
  const scope = currentScope()
  return async (tx) => {
    if (scope !== null) await tx.query(ENTER_SCOPE, scopeValues(scope, true))
  }
}
