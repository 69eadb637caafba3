import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite, type Transaction as PGliteTransaction, types } from '@electric-sql/pglite'
import type {
  IsolationLevel,
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  Transaction,
} from '@prisma/driver-adapter-utils'
import { fromPglite } from 'pg-boss'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { assembleDatabase, type Database, type DatabaseOptions } from './database.ts'
import { runScript } from './pg-adapter.ts'
import { currentScope, ENTER_SCOPE, scopeValues } from './scope.ts'
import { createLocalLocks } from './session-locks.ts'
import type { Row, SqlRunner } from './sql.ts'

interface QueryHandle {
  query<R>(text: string, values?: unknown[], options?: { parsers: typeof parsers }): Promise<{ rows: R[] }>
}

export interface EmbeddedTarget {
  /** Folder of the data. Null: in memory, until the database is closed. */
  dataDir: string | null
  /** Initial content of a new database: a tar file that PGlite's `dumpDataDir` has made. Default: empty. */
  image?: Blob | undefined
}

const parsers = { [types.INT8]: (text: string) => BigInt(text) }

/**
 * Opens PGlite, which is PostgreSQL in this process, with its data in `<dataDir>/database`. Only one process may open it:
 * PGlite has one session, so its locks exclude nobody.
 * @throws Error when another process has opened the folder
 */
export async function openEmbedded({ dataDir, image }: EmbeddedTarget, options: DatabaseOptions): Promise<Database> {
  if (dataDir !== null) await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lock = dataDir === null ? null : await lockFolder(dataDir)
  try {
    const pglite = await PGlite.create({
      dataDir: dataDir === null ? undefined : join(dataDir, 'database'),
      loadDataDir: image,
    })
    await pglite.exec(`SET TIME ZONE 'UTC'`)
    return assembleDatabase({
      kind: 'embedded',
      adapter: strictPGliteAdapter(pglite),
      sql: {
        query: (text, values) =>
          currentScope() === null
            ? runner(pglite).query(text, values)
            : scopedTransaction(pglite, (tx) => runner(tx).query(text, values)),
      },
      bulk: (work) => scopedTransaction(pglite, (tx) => work(runner(tx))),
      boss: { backend: 'pglite', db: fromPglite(pglite) },
      locks: createLocalLocks(),
      options,
      close: async () => {
        await pglite.close()
        await lock?.release()
      },
    })
  } catch (error) {
    await lock?.release()
    throw error
  }
}

function runner(handle: QueryHandle): SqlRunner {
  return {
    query: async <R extends Row>(text: string, values: readonly unknown[] = []) =>
      (await handle.query<R>(text, [...values], { parsers })).rows,
  }
}

/**
 * The Prisma driver adapter for PGlite, with three corrections to pglite-prisma-adapter 0.7.2:
 * - a script is awaited and its failure reported; otherwise a broken migration counts as applied
 * - a COMMIT that the database refuses is an error; otherwise a violated deferred constraint is ignored
 * - the isolation level is applied
 */
function strictPGliteAdapter(pglite: PGlite): SqlMigrationAwareDriverAdapterFactory {
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
    queryRaw: (query) => runQuery(pglite, adapter, (bound) => bound.queryRaw(query)),
    executeRaw: (query) => runQuery(pglite, adapter, (bound) => bound.executeRaw(query)),
    getConnectionInfo: () => ({ supportsRelationJoins: true }),
    dispose: () => adapter.dispose(),
    executeScript: (script) => runScript((text) => pglite.exec(text), script),
    startTransaction: (isolationLevel) => startTransaction(pglite, adapter, isolationLevel),
  }
}

/** Runs one query. In a scope, the query gets its own transaction, because a scope lasts for one transaction. */
function runQuery<T>(
  pglite: PGlite,
  adapter: SqlDriverAdapter,
  work: (bound: SqlDriverAdapter) => Promise<T>,
): Promise<T> {
  if (currentScope() === null) return work(adapter)
  return scopedTransaction(pglite, async (tx) => work(await bindTo(tx)))
}

/**
 * Opens the transaction on PGlite itself, so that the outcome of COMMIT is known. Queries inside go through an adapter that
 * is bound to the open transaction, as the library's own transactions do.
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

/** The library's adapter calls only `query` on its client, which a transaction has too. */
function bindTo(tx: PGliteTransaction): Promise<SqlDriverAdapter> {
  return new PrismaPGlite(tx as unknown as PGlite).connect()
}

/** Holds a folder for this process until `release`. */
interface FolderLock {
  release(): Promise<void>
}

/**
 * Locks the folder of the embedded database for this process. PGlite has no lock of its own: a second process on the same
 * folder would destroy the data.
 * @throws Error that names the other process and says what to do
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, 'process.lock')
  // Linked into place with its content, so that the lock file always names a process.
  const own = `${path}.${process.pid}`
  await writeFile(own, String(process.pid), { mode: 0o600 })
  for (;;) {
    try {
      await link(own, path)
      await rm(own)
      return { release: () => rm(path, { force: true }) }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
      if (Number.isInteger(pid) && pid !== process.pid && isAlive(pid)) {
        await rm(own, { force: true })
        throw new Error(
          `The embedded database in ${folder} is in use by process ${pid}. Only one process may open it: stop that process, ` +
            'set LATCHKEY_DATA_DIR to another folder, or set DATABASE_URL to a PostgreSQL server, which any number of processes can share.',
        )
      }
      // The process that made the lock was killed.
      await rm(path, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * A transaction in the caller's scope. All callers share the one session of PGlite, so role and settings are set for the
 * transaction only.
 */
function scopedTransaction<T>(pglite: PGlite, work: (tx: PGliteTransaction) => Promise<T>): Promise<T> {
  const enter = scopeEntry()
  return pglite.transaction(async (tx) => {
    await enter(tx)
    return work(tx)
  })
}

/** Captures the current scope for a transaction that is opened later. The returned function must run before any query. */
function scopeEntry(): (tx: PGliteTransaction) => Promise<void> {
  const scope = currentScope()
  return async (tx) => {
    if (scope !== null) await tx.query(ENTER_SCOPE, scopeValues(scope, true))
  }
}
