import type { PGlite, Transaction as PGliteTransaction } from '@electric-sql/pglite'
import type {
  IsolationLevel,
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  Transaction,
} from '@prisma/driver-adapter-utils'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { scopedTransaction, scopeEntry } from './embedded-scope.ts'
import { runScript } from './run-script.ts'
import { currentScope } from './scope.ts'

/**
 * The Prisma driver adapter for PGlite, made to keep three promises that pglite-prisma-adapter 0.7.2 does not:
 * a script is awaited and its failure is told (else a broken migration counts as applied), a COMMIT that the database
 * refuses is an error (else a deferred constraint is dropped in silence), and an isolation level is applied.
 */
export function strictPGliteAdapter(pglite: PGlite): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPGlite(pglite)
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => strict(pglite, await factory.connect()),
    connectToShadowDb: async () => {
      const { PGlite: Embedded } = await import('@electric-sql/pglite')
      const shadow = new Embedded()
      return strict(shadow, await new PrismaPGlite(shadow).connect())
    },
  }
}

function strict(pglite: PGlite, adapter: SqlDriverAdapter): SqlDriverAdapter {
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    queryRaw: (query) => within(pglite, adapter, (bound) => bound.queryRaw(query)),
    executeRaw: (query) => within(pglite, adapter, (bound) => bound.executeRaw(query)),
    getConnectionInfo: () => ({ supportsRelationJoins: true }),
    dispose: () => adapter.dispose(),
    executeScript: (script) => runScript((text) => pglite.exec(text), script),
    startTransaction: (isolationLevel) => startTransaction(pglite, adapter, isolationLevel),
  }
}

/** One query: in a scope it has a transaction of its own, which is what the scope lasts for. */
function within<T>(
  pglite: PGlite,
  adapter: SqlDriverAdapter,
  work: (bound: SqlDriverAdapter) => Promise<T>,
): Promise<T> {
  if (currentScope() === null) return work(adapter)
  return scopedTransaction(pglite, async (tx) => work(await bindTo(tx)))
}

/**
 * Opens the transaction on PGlite itself, so that the outcome of COMMIT is known. The queries inside go through an
 * adapter bound to the open transaction: the one that the library would have made.
 */
async function startTransaction(
  pglite: PGlite,
  adapter: SqlDriverAdapter,
  isolationLevel: IsolationLevel | undefined,
): Promise<Transaction> {
  const opened = Promise.withResolvers<PGliteTransaction>()
  const ended = Promise.withResolvers<'commit' | 'rollback'>()
  const enterScope = scopeEntry()
  const outcome = pglite.transaction(async (tx) => {
    if (isolationLevel !== undefined) await tx.exec(`SET TRANSACTION ISOLATION LEVEL ${isolationLevel}`)
    await enterScope(tx)
    opened.resolve(tx)
    if ((await ended.promise) === 'rollback') await tx.rollback()
  })
  outcome.catch((error: unknown) => opened.reject(error))
  const tx = await opened.promise
  const bound = await bindTo(tx)
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    options: { usePhantomQuery: true },
    queryRaw: (query) => bound.queryRaw(query),
    executeRaw: (query) => bound.executeRaw(query),
    commit: async () => {
      ended.resolve('commit')
      await outcome
    },
    rollback: async () => {
      ended.resolve('rollback')
      await outcome
    },
    createSavepoint: async (name) => {
      await tx.exec(`SAVEPOINT ${name}`)
    },
    rollbackToSavepoint: async (name) => {
      await tx.exec(`ROLLBACK TO SAVEPOINT ${name}`)
    },
    releaseSavepoint: async (name) => {
      await tx.exec(`RELEASE SAVEPOINT ${name}`)
    },
  }
}

/** The library's adapter only ever calls `query` on what it is given, which a transaction has too. */
function bindTo(tx: PGliteTransaction): Promise<SqlDriverAdapter> {
  return new PrismaPGlite(tx as unknown as PGlite).connect()
}
