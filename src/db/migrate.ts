import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { MigrationList } from '@prisma/schema-engine-wasm'
import pg from 'pg'
import type { Database } from './database.ts'
import { pgAdapter } from './pg-adapter.ts'
import { openSchemaEngine } from './schema-engine.ts'

const PRISMA_FOLDER = fileURLToPath(new URL('../../prisma', import.meta.url))
/** Any fixed number will do, as long as nothing else in the database takes it. */
const MIGRATION_LOCK = 7_214_550_117n
/** What Prisma does not model (partial indexes, policies) is no drift, and neither are the queue's tables. */
const NO_FILTER = { externalTables: [], externalEnums: [] }

export interface MigrateOptions {
  /** Connection URL of a server, for the lock; undefined when embedded. */
  url?: string | undefined
  /** Folder with `schema.prisma` and `migrations`. Default: the package's own. */
  folder?: string
}

/**
 * Applies the migrations that are missing, in order. Processes that start at once wait for one another. A migration that
 * fails leaves nothing behind, is not recorded as applied, and is tried again at the next start.
 * @returns names of the migrations that were applied now
 * @throws Error with the name of the migration and the database's words
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<string[]> {
  const folder = options.folder ?? PRISMA_FOLDER
  return withLock(options.url, database.adapter, async (adapter) => {
    const engine = await openSchemaEngine(adapter, await readFile(join(folder, 'schema.prisma'), 'utf8'))
    try {
      const migrationsList = await readMigrations(folder)
      const state = await engine.diagnoseMigrationHistory({
        migrationsList,
        optInToShadowDatabase: false,
        filters: NO_FILTER,
      })
      // A script runs as one implicit transaction, so a failed one changed nothing: it may simply run again.
      for (const migrationName of state.failedMigrationNames) await engine.markMigrationRolledBack({ migrationName })
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: NO_FILTER })
      return appliedMigrationNames
    } catch (error) {
      throw new Error(`The database could not be migrated. ${wordsOf(error)}`, { cause: error })
    } finally {
      engine.free()
    }
  })
}

export async function readMigrations(folder = PRISMA_FOLDER): Promise<MigrationList> {
  const base = join(folder, 'migrations')
  const names = (await readdir(base, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((e) => e.name)
  const lockfile = await readFile(join(base, 'migration_lock.toml'), 'utf8')
  return {
    baseDir: base,
    lockfile: { path: 'migration_lock.toml', content: lockfile },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(join(base, path, 'migration.sql'), 'utf8') },
        },
      })),
    ),
  }
}

/**
 * Runs `work` under an advisory lock on a connection of its own, which a process that dies gives back with the connection,
 * and with an adapter of its own: the schema engine takes a lock too, on a connection of the adapter, and gives it back
 * only with that.
 */
async function withLock<T>(
  url: string | undefined,
  embedded: SqlMigrationAwareDriverAdapterFactory,
  work: (adapter: SqlMigrationAwareDriverAdapterFactory) => Promise<T>,
): Promise<T> {
  if (url === undefined) return work(embedded)
  const config = { connectionString: url, options: '-c TimeZone=UTC', application_name: 'latchkey-migrate' }
  const client = new pg.Client(config)
  const pool = new pg.Pool({ ...config, max: 4 })
  // The lock goes with the connection; what then happens to the migration is told by the migration itself.
  client.on('error', () => undefined)
  pool.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    return await work(pgAdapter(pool))
  } finally {
    await pool.end()
    await client.end().catch(() => undefined)
  }
}

/** The database's words and the migration's name, out of a message that also holds the engine's own trace. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const migration = /migration_name="([^"]+)"/.exec(error.message)?.[1]
  const [words = ''] = error.message.split(/\n\s+0: /)
  const cause = words.replace(/^external connector error\n/, '').trim()
  return migration === undefined ? cause : `${migration} failed and was undone: ${cause}`
}
