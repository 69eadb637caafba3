import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { inject } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { createQueue } from '../../src/db/queue.ts'
import type { Contents } from './global-setup.ts'
import { POSTGRES_URL } from './services.ts'

/** The tar file that a new embedded database is loaded from, which is several times faster than the migrations. */
export async function embeddedTemplate(contents: Contents): Promise<Blob> {
  const path = join(inject('templates').folder, `${contents}.tar`)
  const image = await readFile(path).catch(async () => {
    await createEmbeddedTemplate(path, contents)
    return readFile(path)
  })
  return new Blob([image])
}

/** Test files that start at the same time each create it; the last one stays. */
async function createEmbeddedTemplate(path: string, contents: Contents): Promise<void> {
  const own = `${path}.${randomBytes(8).toString('hex')}`
  const database = await openDatabase({ dataDir: own }, { onError })
  try {
    await fill(database, contents)
  } finally {
    await database.close()
  }
  const pglite = await PGlite.create({ dataDir: join(own, 'database') })
  try {
    const image = await pglite.dumpDataDir('none')
    await writeFile(`${own}.tar`, new Uint8Array(await image.arrayBuffer()))
  } finally {
    await pglite.close()
  }
  await rename(`${own}.tar`, path)
  await rm(own, { recursive: true, force: true })
}

/** Name of the database that a new one on the server is copied from. */
export async function serverTemplate(contents: Contents): Promise<string> {
  const name = inject('templates').serverNames[contents]
  const client = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 5_000 })
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

/** It gets its name when it is complete, and nobody connects to it from then on: CREATE DATABASE requires that. */
async function createServerTemplate(client: pg.Client, name: string, contents: Contents): Promise<void> {
  const unfinished = `${name}_${randomBytes(4).toString('hex')}`
  await client.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`)
  const url = serverUrl(unfinished)
  const database = await openDatabase({ url }, { onError })
  try {
    await fill(database, contents, url)
  } finally {
    await database.close()
  }
  await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`)
}

/** @param url connection URL of the database, unless it is embedded */
async function fill(database: Database, contents: Contents, url?: string): Promise<void> {
  await migrate(database, { url })
  if (contents !== 'app') return
  const queue = createQueue(database, onError)
  await queue.start()
  await queue.stop()
}

export function serverUrl(databaseName: string): string {
  const url = new URL(POSTGRES_URL)
  url.pathname = `/${databaseName}`
  return url.href
}

function onError(error: Error): void {
  process.stderr.write(`database template: ${error.message}\n`)
}
