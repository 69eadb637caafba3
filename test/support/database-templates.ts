import { randomBytes } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { cp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { inject } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { createQueue } from '../../src/db/queue.ts'
import type { Contents } from './global-setup.ts'
import { POSTGRES_URL } from './services.ts'

/** The tar file that a new embedded database is loaded from, which is many times faster than initdb and the migrations. */
export async function embeddedTemplate(contents: Contents): Promise<Blob> {
  const path = join(inject('templates').folder, `${contents}.tar`)
  for (;;) {
    const image = await readFile(path).catch(() => null)
    if (image !== null) return new Tar(image)
    // One test file creates the template while the others wait.
    const lock = await open(`${path}.lock`, 'wx').catch(() => null)
    if (lock === null) {
      await pause(50)
      continue
    }
    try {
      await createEmbeddedTemplate(path, contents)
    } finally {
      await lock.close()
      await rm(`${path}.lock`)
    }
  }
}

/**
 * Copies an embedded database with the tables of the program into a data folder that has none yet. A first start spends most of
 * its time on initdb otherwise; `readme.test.ts` has one that does.
 */
export async function seedDataFolder(dataDir: string): Promise<void> {
  const target = join(dataDir, 'database')
  if (existsSync(target)) return
  await embeddedTemplate('app')
  await cp(join(inject('templates').folder, 'app.tar.data', 'database'), target, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
  })
}

/** PGlite reads an image only by `arrayBuffer()`, for which a plain Blob copies its 40 MB in small pieces. */
class Tar extends Blob {
  readonly #bytes: ArrayBuffer

  constructor({ buffer, byteOffset, byteLength }: Buffer<ArrayBuffer>) {
    super()
    this.#bytes = buffer.slice(byteOffset, byteOffset + byteLength)
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes
  }
}

async function createEmbeddedTemplate(path: string, contents: Contents): Promise<void> {
  const dataDir = `${path}.data`
  const image = contents === 'app' ? await embeddedTemplate('tables') : undefined
  const database = await openDatabase({ dataDir, image }, { onError })
  try {
    if (contents === 'tables') await migrate(database)
    else await createQueueTables(database)
    // PostgreSQL initializes its buffers at each start. At the default of 128 MB this takes longer than all the rest.
    await database.sql.query(`ALTER SYSTEM SET shared_buffers = '8MB'`)
  } finally {
    await database.close()
  }
  const pglite = await PGlite.create({ dataDir: join(dataDir, 'database') })
  try {
    const tar = await pglite.dumpDataDir('none')
    await writeFile(`${path}.new`, new Uint8Array(await tar.arrayBuffer()))
  } finally {
    await pglite.close()
  }
  await rename(`${path}.new`, path)
}

/** Name of the database that a new one on the server is copied from. */
export async function serverTemplate(contents: Contents): Promise<string> {
  const name = inject('templates').serverNames[contents]
  const client = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 20_000 })
  await client.connect()
  try {
    // One test file creates the template while the others wait. The lock ends with the connection.
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name])
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await createServerTemplate(client, name, contents)
    return name
  } finally {
    await client.end()
  }
}

/** Names the database when it is complete. No one connects to it after that, as CREATE DATABASE requires of a template. */
async function createServerTemplate(client: pg.Client, name: string, contents: Contents): Promise<void> {
  const unfinished = `${name}_${randomBytes(4).toString('hex')}`
  await client.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`)
  const url = serverUrl(unfinished)
  const database = await openDatabase({ url }, { onError })
  try {
    await migrate(database, { url })
    if (contents === 'app') await createQueueTables(database)
  } finally {
    await database.close()
  }
  await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`)
}

async function createQueueTables(database: Database): Promise<void> {
  const queue = createQueue(database, onError)
  await queue.start()
  await queue.stop()
}

/** Connection URL of a database on the server of the tests. */
export function serverUrl(databaseName: string): string {
  const url = new URL(POSTGRES_URL)
  url.pathname = `/${databaseName}`
  return url.href
}

function onError(error: Error): void {
  process.stderr.write(`database template: ${error.message}\n`)
}
