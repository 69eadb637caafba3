import { randomBytes } from 'node:crypto'
import { describe } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { embeddedTemplate, serverTemplate, serverUrl } from './database-templates.ts'
import type { Contents } from './global-setup.ts'
import { administer, hasPostgres } from './services.ts'

export type DatabaseKind = Database['kind']

/** A migrated, empty database that only one test file uses. */
export interface TestDatabase {
  database: Database
  /** Connection URL; null when embedded. */
  url: string | null
  /** Opens another handle on the same server database, as a second process would. */
  openAnother(): Promise<Database>
  /** Closes the database and drops it. */
  close(): Promise<void>
}

/** Whether tests on a PostgreSQL server can run. In CI, importing this file fails when none answers. */
export const serverAnswers = await hasPostgres()

/** Runs the same tests on the embedded database and on a server. Without a server, its tests are skipped (in CI: an error). */
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

/** Opens a new database that holds the given contents. Default: the migrated, empty tables. */
export async function openTestDatabase(kind: DatabaseKind, contents: Contents = 'tables'): Promise<TestDatabase> {
  return kind === 'embedded' ? openEmbedded(contents) : openOnServer(contents)
}

async function openEmbedded(contents: Contents): Promise<TestDatabase> {
  const database = await openDatabase({ dataDir: null, image: await embeddedTemplate(contents) }, { onError })
  return {
    database,
    url: null,
    openAnother: () => Promise.reject(new Error('Only one process can open an embedded database.')),
    close: () => database.close(),
  }
}

async function openOnServer(contents: Contents): Promise<TestDatabase> {
  const name = `latchkey_test_${randomBytes(8).toString('hex')}`
  await administer(`CREATE DATABASE ${name} TEMPLATE ${await serverTemplate(contents)}`)
  const url = serverUrl(name)
  const opened: Database[] = []
  let closing = false
  const open = async () => {
    // Connections that are still open when the database is dropped end with an error.
    const database = await openDatabase({ url }, { onError: (error) => closing || onError(error) })
    opened.push(database)
    return database
  }
  return {
    database: await open(),
    url,
    openAnother: open,
    async close() {
      closing = true
      for (const each of opened) await each.close()
      await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

function onError(error: Error): void {
  process.stderr.write(`database: ${error.message}\n`)
}
