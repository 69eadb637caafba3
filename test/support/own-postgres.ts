import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import type { TestDatabase } from './databases.ts'
import { freePort } from './listening.ts'

/** A PostgreSQL server that only one test uses, which it can stop and start. */
export interface OwnPostgres extends AsyncDisposable {
  /** Connection URL. Every user may connect without a password. */
  urlOf(database: string, user?: string): string
  /** Opens its database, migrated and empty. */
  openDatabase(): Promise<TestDatabase>
  /** Stops the server without a checkpoint (`pg_ctl -m immediate`), as a power failure would. */
  stopAtOnce(): Promise<void>
  start(): Promise<void>
}

/** Returns the folder of initdb and pg_ctl; null when they are not installed. Rejects in CI in that case. */
export async function findPostgresBinaries(): Promise<string | null> {
  const configured = process.env['LATCHKEY_TEST_POSTGRES_BIN']
  if (configured !== undefined) return configured
  for await (const path of glob('/usr/lib/postgresql/*/bin/initdb')) return join(path, '..')
  const text = 'initdb was not found: install the package postgresql, or set LATCHKEY_TEST_POSTGRES_BIN to its folder.'
  if (process.env['CI'] === 'true') throw new Error(text)
  process.stderr.write(`\n*** TESTS ARE SKIPPED. ${text}\n\n`)
  return null
}

/** @param binaries the folder of initdb and pg_ctl */
export async function startOwnPostgres(binaries: string): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-postgres-'))
  const data = join(folder, 'data')
  const port = await freePort()
  const user = process.getuid?.() === 0 ? await postgresUser() : null
  if (user !== null) await chown(folder, user.uid, user.gid)
  const run = (name: string, args: string[]) => runAs(join(binaries, name), args, { cwd: folder, ...user })
  const control = (...args: string[]) => run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), ...args])
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1`
  const start = () => control('-o', settings, 'start')
  const stopAtOnce = () => control('-m', 'immediate', 'stop')
  await run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'])
  await start()
  const urlOf = (database: string, user = 'postgres') => `postgresql://${user}@127.0.0.1:${port}/${database}`
  return {
    urlOf,
    async openDatabase() {
      const url = urlOf('postgres')
      // Tests stop the server, so errors of idle connections are expected.
      const open = () => openDatabase({ url }, { onError: () => undefined })
      const database = await open()
      await migrate(database, { url })
      return { database, url, openAnother: open, close: () => database.close() }
    },
    stopAtOnce,
    start,
    async [Symbol.asyncDispose]() {
      await stopAtOnce().catch(() => undefined)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function runAs(file: string, args: string[], options: SpawnOptions): Promise<void> {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  // Not 'close': the server that pg_ctl starts keeps the pipe open.
  const [code] = await once(child, 'exit')
  child.stderr?.destroy()
  if (code !== 0) throw new Error(`${file} exited with ${code}. ${stderr}`)
}

/** Returns the ids of the user `postgres`: PostgreSQL and PgBouncer refuse to run as root. */
export async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8')) ?? []
  if (uid === undefined) throw new Error('There is no user postgres to run the server as.')
  return { uid: Number(uid), gid: Number(gid) }
}
