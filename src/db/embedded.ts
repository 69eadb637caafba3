import { access, constants, mkdir, readFile } from 'node:fs/promises'
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
import {
  assembleDatabase,
  type Database,
  type DatabaseOptions,
  FORBID_SCANS,
  UnusableDatabaseError,
} from './database.ts'
import { lockFolder } from './folder-lock.ts'
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
 * @throws Error when another process has opened the folder; UnusableDatabaseError when its files cannot be used
 */
export async function openEmbedded({ dataDir, image }: EmbeddedTarget, options: DatabaseOptions): Promise<Database> {
  if (dataDir !== null) await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lock = dataDir === null ? null : await lockFolder(dataDir)
  if (lock?.replaced != null) options.onNotice?.(lock.replaced)
  try {
    const pglite = await PGlite.create({
      dataDir: dataDir === null ? undefined : join(dataDir, 'database'),
      loadDataDir: image,
    }).catch(async (cause: unknown) => {
      throw dataDir === null ? cause : await explainFailure(dataDir, cause)
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
      bulk: (work, { indexesOnly = false }) =>
        scopedTransaction(pglite, async (tx) => {
          if (indexesOnly) await tx.exec(FORBID_SCANS)
          return work(runner(tx))
        }),
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

/** The major version of PostgreSQL that PGlite is. Its files are read by the same major version only. */
export const EMBEDDED_MAJOR = '18'

/** Why PGlite did not start, which its own message does not say. */
async function explainFailure(folder: string, cause: unknown): Promise<UnusableDatabaseError> {
  const subject = `The embedded database in ${folder} cannot be opened`
  const files = join(folder, 'database')
  const version = join(files, 'PG_VERSION')
  const mayWrite = await Promise.all(
    [files, version].map((path) => access(path, constants.R_OK | constants.W_OK)),
  ).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'EACCES'),
  )
  if (!mayWrite) {
    const remedy = `Give them to the user that runs Latchkey: chown -R <user> ${folder}`
    return new UnusableDatabaseError(`${subject}: this user may not read and write its files`, remedy, { cause })
  }
  const major = (await readFile(version, 'utf8').catch(() => '')).trim()
  if (major !== '' && major !== EMBEDDED_MAJOR) {
    const message = `${subject}: PostgreSQL ${major} wrote it, and this version of Latchkey embeds PostgreSQL ${EMBEDDED_MAJOR}`
    return new UnusableDatabaseError(message, 'Run the version of Latchkey that wrote it.', { cause })
  }
  const words = cause instanceof Error ? cause.message : String(cause)
  const remedy = 'Restore a backup of the folder, or set LATCHKEY_DATA_DIR to another folder.'
  return new UnusableDatabaseError(`${subject}: ${words}`, remedy, { cause })
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
