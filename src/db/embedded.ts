import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite, types } from '@electric-sql/pglite'
import { fromPglite } from 'pg-boss'
import { assembleDatabase, type Database, type DatabaseOptions } from './database.ts'
import { scopedTransaction } from './embedded-scope.ts'
import { lockFolder } from './folder-lock.ts'
import { strictPGliteAdapter } from './pglite-adapter.ts'
import { currentScope } from './scope.ts'
import { createLocalLocks } from './session-locks.ts'
import type { Row, SqlRunner } from './sql.ts'

interface QueryHandle {
  query<R>(text: string, values?: unknown[], options?: { parsers: typeof parsers }): Promise<{ rows: R[] }>
}

/** Where the embedded database has its data; null: in memory, gone when it is closed. */
export interface EmbeddedTarget {
  dataDir: string | null
  /** What it begins with where there is nothing yet, a tar file as PGlite's `dumpDataDir` makes it. Default: empty. */
  image?: Blob | undefined
}

const parsers = { [types.INT8]: (text: string) => BigInt(text) }

/**
 * PostgreSQL in this process, its data in `<dataDir>/database`. One process only: PGlite has one session, so its locks
 * exclude nobody.
 */
export async function openEmbedded({ dataDir, image }: EmbeddedTarget, options: DatabaseOptions): Promise<Database> {
  if (dataDir !== null) await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lock = dataDir === null ? null : await lockFolder(dataDir)
  try {
    const pglite = await PGlite.create({
      ...(dataDir === null ? {} : { dataDir: join(dataDir, 'database') }),
      ...(image === undefined ? {} : { loadDataDir: image }),
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
