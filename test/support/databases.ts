import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { describe } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { migratedImage } from './migrated-image.ts'

export type DatabaseKind = Database['kind']

/** A migrated, empty database of the test file's own. */
export interface TestDatabase {
  database: Database
  /** Null when embedded. */
  url: string | null
  /** Another handle on the same server database: what a second process would have. */
  openAnother(): Promise<Database>
  /** Closes it and leaves nothing behind. */
  close(): Promise<void>
}

/** A server on which databases may be created and dropped. */
const SERVER_URL = process.env['LATCHKEY_TEST_DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'

export const serverAnswers = await probe()

if (!serverAnswers) {
  const text = 'No PostgreSQL server answers: set LATCHKEY_TEST_DATABASE_URL to one on which databases may be created.'
  if (process.env['CI'] === 'true') throw new Error(text)
  process.stderr.write(`\n*** TESTS ARE SKIPPED. ${text}\n\n`)
}

/** The same tests on the embedded database and on a server, the latter skipped where none answers (never in CI). */
export function describeDatabases(
  name: string,
  tests: (open: () => Promise<TestDatabase>, kind: DatabaseKind) => void,
) {
  for (const kind of ['embedded', 'server'] as const) {
    describe.skipIf(kind === 'server' && !serverAnswers)(`${name}, on the ${kind} database`, () =>
      tests(() => openTestDatabase(kind), kind),
    )
  }
}

export async function openTestDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  return kind === 'embedded' ? openEmbedded() : openOnServer()
}

async function openEmbedded(): Promise<TestDatabase> {
  const database = await openDatabase({ dataDir: null, image: await migratedImage() }, { onError })
  return {
    database,
    url: null,
    openAnother: () => Promise.reject(new Error('The embedded database is of one process.')),
    close: () => database.close(),
  }
}

async function openOnServer(): Promise<TestDatabase> {
  const name = `latchkey_test_${randomBytes(8).toString('hex')}`
  await administer(`CREATE DATABASE ${name} TEMPLATE template0`)
  const target = new URL(SERVER_URL)
  target.pathname = `/${name}`
  const url = target.href
  const opened: Database[] = []
  let closing = false
  const open = async () => {
    // What is left open is ended by the server when the database is dropped.
    const database = await openDatabase({ url }, { onError: (error) => closing || onError(error) })
    opened.push(database)
    return database
  }
  const database = await open()
  await migrate(database, { url })
  return {
    database,
    url,
    openAnother: open,
    async close() {
      closing = true
      for (const each of opened) await each.close()
      await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER_URL, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function probe(): Promise<boolean> {
  try {
    await administer('SELECT 1')
    return true
  } catch {
    return false
  }
}

function onError(error: Error): void {
  process.stderr.write(`database: ${error.message}\n`)
}
