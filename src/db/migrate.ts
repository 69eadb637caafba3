import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'
import type { Database } from './database.ts'
import { pgAdapter } from './pg-adapter.ts'

const PRISMA_FOLDER = fileURLToPath(new URL('../../prisma', import.meta.url))
/** Any fixed number will do, as long as nothing else in the database takes it. */
const MIGRATION_LOCK = 7_214_550_117n
/** What Prisma does not model (partial indexes, policies) is no drift, and neither are the queue's tables. */
const NO_FILTER = { externalTables: [], externalEnums: [] }

interface MigrateOptions {
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
      throw new Error(`The database could not be migrated. ${engineWords(error)}`, { cause: error })
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
function engineWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const migration = /migration_name="([^"]+)"/.exec(error.message)?.[1]
  const [words = ''] = error.message.split(/\n\s+0: /)
  const cause = words.replace(/^external connector error\n/, '').trim()
  return migration === undefined ? cause : `${migration} failed and was undone: ${cause}`
}

type Glue = typeof import('@prisma/schema-engine-wasm/schema_engine_bg')

/** The glue keeps views of one memory: a second instance in the process would read the first one's. */
let loaded: Promise<Glue> | undefined

async function load(): Promise<Glue> {
  // The package's own entry imports the .wasm file as a module, which Node does not do yet without a flag.
  const glueUrl = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const glue: Glue = await import(glueUrl)
  const bytes = await readFile(fileURLToPath(new URL('./schema_engine_bg.wasm', glueUrl)))
  const imports = { './schema_engine_bg.js': glue } as unknown as WebAssembly.Imports
  const { instance } = await WebAssembly.instantiate(bytes, imports)
  glue.__wbg_set_wasm(instance.exports)
  const start = instance.exports['__wbindgen_start']
  if (typeof start === 'function') start()
  return glue
}

/**
 * Prisma's schema engine as WebAssembly: nothing is downloaded and no process is started. The build must be the one that
 * belongs to the Prisma version.
 * @param datamodel text of schema.prisma
 */
async function openSchemaEngine(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  datamodel: string,
): Promise<SchemaEngine> {
  loaded ??= load()
  const { SchemaEngine: Engine } = await loaded
  return Engine.new(
    { datamodels: [['schema.prisma', datamodel]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter),
  )
}

/** SQL that leads from what the database holds now to the model, or null when they agree. */
export async function diffToModel(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  datamodel: string,
): Promise<string | null> {
  const engine = await openSchemaEngine(adapter, datamodel)
  try {
    const files = [{ path: 'schema.prisma', content: datamodel }]
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    return stdout === null || stdout.trim() === '' || stdout.includes('This is an empty migration') ? null : stdout
  } finally {
    engine.free()
  }
}
