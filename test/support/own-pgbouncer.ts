import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from './listening.ts'
import { postgresUser } from './own-postgres.ts'
import { PGBOUNCER_PATH, POSTGRES_URL } from './services.ts'

/** A PgBouncer that only one test uses, in front of the PostgreSQL server of all tests. */
export interface OwnPgbouncer extends AsyncDisposable {
  /** Returns the URL of the same database through PgBouncer. */
  urlOf(serverUrl: string): string
}

/** @param settings of the section `[pgbouncer]`, besides address and authentication (none) */
export async function startPgbouncer(settings: Readonly<Record<string, string>>): Promise<OwnPgbouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-pgbouncer-'))
  const port = await freePort()
  const target = new URL(POSTGRES_URL)
  const login = [`user=${target.username}`, ...(target.password === '' ? [] : [`password=${target.password}`])]
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'any',
    default_pool_size: '60',
    ...settings,
  }
  const lines = [
    '[databases]',
    `* = host=${target.hostname} port=${target.port || '5432'} ${login.join(' ')}`,
    '[pgbouncer]',
    ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
  ]
  const config = join(folder, 'pgbouncer.ini')
  await writeFile(config, `${lines.join('\n')}\n`)
  const user = process.getuid?.() === 0 ? await postgresUser() : null
  if (user !== null) for (const path of [folder, config]) await chown(path, user.uid, user.gid)
  const child = spawn(PGBOUNCER_PATH, [config], { ...user, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const onExit = () => child.kill('SIGKILL')
  process.on('exit', onExit)
  const ended = once(child, 'exit')
  const failed = ended.then(() =>
    Promise.reject(new Error(`PgBouncer exited before it accepted connections.\n${stderr}`)),
  )
  await Promise.race([untilListening(port), failed])
  failed.catch(() => undefined)
  return {
    urlOf(serverUrl) {
      const url = new URL(serverUrl)
      url.host = `127.0.0.1:${port}`
      return url.href
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      process.off('exit', onExit)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    // The admin console answers without a server behind it.
    const client = new pg.Client({ host: '127.0.0.1', port, database: 'pgbouncer', user: 'pgbouncer' })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return
    } catch (error) {
      // A refusal shows that it listens, too.
      if (error instanceof pg.DatabaseError) return
      await pause(20)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}
