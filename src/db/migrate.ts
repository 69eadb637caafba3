import { createHash } from 'node:crypto'
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
/** Key of the advisory lock. Nothing else in the database may use it. */
const MIGRATION_LOCK = 7_214_550_117n
const NO_FILTER = { externalTables: [], externalEnums: [] }

interface MigrateOptions {
  /** Connection URL of a server, for the lock. Undefined: the database is embedded. */
  url?: string | undefined
  /** Folder with `schema.prisma` and `migrations`. Default: the package's own. */
  folder?: string
  /** Names of the migrations to apply. Default: all. */
  only?: ReadonlySet<string>
}

/**
 * Applies the missing migrations, in order. Processes that start at once wait for each other. A migration that fails changes
 * nothing and is tried again at the next start.
 * @returns names of the migrations that this call has applied
 * @throws Error with the name of the migration and the database's message
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<string[]> {
  const folder = options.folder ?? PRISMA_FOLDER
  const migrationsList = await readMigrations(folder, options.only)
  if (await isCurrent(database, migrationsList)) return []
  return withLock(options.url, database.adapter, async (adapter) => {
    const engine = await openSchemaEngine(adapter, await readFile(join(folder, 'schema.prisma'), 'utf8'))
    try {
      const state = await engine.diagnoseMigrationHistory({
        migrationsList,
        optInToShadowDatabase: false,
        filters: NO_FILTER,
      })
      // A script runs as one implicit transaction: a failed one has changed nothing and can run again.
      for (const migrationName of state.failedMigrationNames) await engine.markMigrationRolledBack({ migrationName })
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: NO_FILTER })
      return appliedMigrationNames
    } catch (error) {
      throw new Error(`The database could not be migrated. ${engineMessage(error)}`, { cause: error })
    } finally {
      engine.free()
    }
  })
}

/** Whether every migration has been applied as it is, and none has failed. Loading the engine takes far longer than this. */
async function isCurrent({ sql }: Database, { migrationDirectories }: MigrationList): Promise<boolean> {
  const [table] = await sql.query<{ exists: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`)
  if (table?.exists !== true) return false
  const rows = await sql.query<{ name: string; checksum: string; applied: boolean }>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS applied FROM _prisma_migrations
     WHERE rolled_back_at IS NULL`,
  )
  const checksums = new Map(rows.map(({ name, checksum }) => [name, checksum]))
  return (
    rows.every(({ applied }) => applied) &&
    migrationDirectories.every(
      ({ path, migrationFile: { content } }) =>
        content.tag === 'ok' && checksums.get(path) === createHash('sha256').update(content.value).digest('hex'),
    )
  )
}

export async function readMigrations(folder = PRISMA_FOLDER, only?: ReadonlySet<string>): Promise<MigrationList> {
  const base = join(folder, 'migrations')
  const names = (await readdir(base, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((e) => e.name)
  const lockfile = await readFile(join(base, 'migration_lock.toml'), 'utf8')
  return {
    baseDir: base,
    lockfile: { path: 'migration_lock.toml', content: lockfile },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names
        .sort()
        .filter((name) => only?.has(name) ?? true)
        .map(async (path) => ({
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
 * Runs `work` under an advisory lock on a dedicated connection, so that a process that dies releases the lock. `work` gets a
 * dedicated adapter too: the schema engine also takes a lock, which ends only with the connection of the adapter.
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
  // If the connection of the lock is lost, the migration itself reports what fails.
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

/** The database's message and the name of the migration, without the engine's stack trace. */
function engineMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const migration = /migration_name="([^"]+)"/.exec(error.message)?.[1]
  const [message = ''] = error.message.split(/\n\s+0: /)
  const cause = message.replace(/^external connector error\n/, '').trim()
  return migration === undefined ? cause : `${migration} failed and was rolled back: ${cause}`
}

type Glue = typeof import('@prisma/schema-engine-wasm/schema_engine_bg')

/** Loaded once: the glue code keeps views of one memory, so a second instance would read the memory of the first. */
let loaded: Promise<Glue> | undefined

async function load(): Promise<Glue> {
  // The package's entry imports the .wasm file as a module, which Node supports only with a flag.
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
 * Prisma's schema engine as WebAssembly, which needs no download and no process. Its version must match Prisma's.
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

/** SQL that changes the database's schema to that of the model; null when they agree. */
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
      filters: NO_FILTER,
    })
    return stdout === null || stdout.trim() === '' || stdout.includes('This is an empty migration') ? null : stdout
  } finally {
    engine.free()
  }
}
