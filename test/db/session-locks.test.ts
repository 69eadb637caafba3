import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLocalLocks, createServerLocks, type SessionLocks } from '../../src/db/session-locks.ts'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { startProcess } from '../support/program.ts'

describe.skipIf(!serverAnswers)('createServerLocks', () => {
  let test: TestDatabase
  const opened: SessionLocks[] = []
  const warnings: string[] = []
  const onWarning = ({ message }: Error) => void warnings.push(message)
  beforeAll(async () => {
    test = await openTestDatabase('server')
    process.on('warning', onWarning)
  })
  afterEach(() => Promise.all(opened.splice(0).map((locks) => locks.close())))
  afterAll(async () => {
    process.off('warning', onWarning)
    await test.close()
  })

  function open(): SessionLocks {
    const locks = createServerLocks(test.url ?? '', () => undefined)
    opened.push(locks)
    return locks
  }

  /** Ends the connections of all locks, and waits until `locks` has noticed. */
  async function dropConnections(locks: SessionLocks, name: string): Promise<void> {
    await test.database.sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'latchkey-locks' AND datname = current_database()`,
    )
    for (;;) {
      const release = await locks.tryLock(name).catch(() => null)
      if (release !== null) return release()
      await new Promise(setImmediate)
    }
  }

  it.each(['local', 'server'] as const)('tryLocks acquires all %s locks or none', async (kind) => {
    const locks = createLocalLocks()
    const [first, second] = kind === 'server' ? [open(), open()] : [locks, locks]
    const ab = await first.tryLocks(['b', 'a', 'a'])
    expect(ab).not.toBeNull()
    expect(await second.tryLocks(['b', 'c'])).toBeNull()
    expect(await second.tryLocks(['0', 'b'])).toBeNull()
    const others = await second.tryLocks(['0', 'c'])
    expect(others).not.toBeNull()
    await ab?.()
    await others?.()
    // Of concurrent callers with common names, one acquires all.
    for (let round = 0; round < 20; round += 1) {
      const tried = await Promise.all([first.tryLocks(['a', 'b', 'c']), second.tryLocks(['c', 'b', 'a'])])
      const acquired = tried.filter((release) => release !== null)
      expect(acquired).toHaveLength(1)
      await acquired[0]?.()
    }
  })

  it('combines concurrent changes into one statement', async () => {
    const statements: unknown[] = []
    class Client extends pg.Client {
      constructor(config: pg.ClientConfig) {
        super(config)
        const query = this.query.bind(this)
        Object.assign(this, {
          query: (...parts: Parameters<typeof query>) => {
            statements.push(parts[0])
            return query(...parts)
          },
        })
      }
    }
    const locks = createServerLocks(test.url ?? '', () => undefined, Client)
    opened.push(locks)
    await (await locks.tryLock('first'))?.()
    statements.length = 0
    const names = Array.from({ length: 100 }, (_, index) => `lock ${index}`)
    const tried = await Promise.all(names.map((name) => locks.tryLock(name)))
    await Promise.all(tried.map((release) => release?.()))
    expect(tried).not.toContain(null)
    expect(statements).toHaveLength(2)
  })

  it('knows how long the session has existed, and connects again without a request once it was opened', async () => {
    const locks = open()
    expect(locks.connectedForMs()).toBe(0)
    locks.open()
    await expect.poll(() => locks.connectedForMs()).toBeGreaterThan(50)
    await test.database.sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'latchkey-locks' AND datname = current_database()`,
    )
    const lostAt = performance.now()
    await expect.poll(() => locks.connectedForMs() < performance.now() - lostAt).toBe(true)
    await expect.poll(() => locks.connectedForMs(), { timeout: 10_000 }).toBeGreaterThan(0)
    expect(locks.connectedForMs()).toBeLessThan(performance.now() - lostAt)
    expect(createLocalLocks().connectedForMs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('a frozen process loses its locks and notices it; a process that is idle keeps them (RF-03)', async () => {
    const [idle, other] = [open(), open()]
    const kept = await idle.tryLock('of the idle')
    const frozen = await startProcess({
      args: ['test/db/lock-process.ts', test.url ?? '', 'of the frozen'],
      ready: /acquired\n/,
    })
    process.kill(frozen.pid, 'SIGSTOP')
    const frozenAt = performance.now()
    const taken = await expect
      .poll(() => other.tryLock('of the frozen'), { timeout: 30_000, interval: 100 })
      .not.toBeNull()
      .then(() => performance.now() - frozenAt)
    expect(taken).toBeGreaterThan(5_000)
    expect(taken).toBeLessThan(15_000)
    expect(await other.tryLock('of the idle')).toBeNull()
    expect(idle.connectedForMs()).toBeGreaterThan(taken)
    await other.close()
    process.kill(frozen.pid, 'SIGCONT')
    // It does not take its own lock for acquired, and asks a new session.
    const [, sessionMs] = await frozen.saw(/acquired again after (\d+) ms/)
    expect(Number(sessionMs)).toBeLessThan(5_000)
    expect(await frozen.ended()).toBe(0)
    await kept?.()
  }, 60_000)

  it('gives each lock to one holder at a time, and many locks over one connection with one statement after the other', async () => {
    const [first, second] = [open(), open()]
    const names = Array.from({ length: 50 }, (_, index) => `lock ${index}`)
    const tried = await Promise.all(names.flatMap((name) => [first.tryLock(name), second.tryLock(name)]))
    const had = tried.filter((release) => release !== null)
    expect(had).toHaveLength(names.length)
    const connections = await test.database.sql.query(
      `SELECT 1 AS one FROM pg_stat_activity WHERE application_name = 'latchkey-locks' AND datname = current_database()`,
    )
    expect(connections).toHaveLength(2)
    expect(await first.tryLock('lock 0')).toBeNull()
    await Promise.all(had.map((release) => release()))
    for (const name of names) await (await second.tryLock(name))?.()
    const left = await test.database.sql.query(
      `SELECT 1 AS one FROM pg_locks WHERE locktype = 'advisory'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    expect(left).toEqual([])
    await new Promise(setImmediate)
    expect(warnings).toEqual([])
  })

  it('loses all locks with the connection, and a late release does not affect the new holder', async () => {
    const [first, second] = [open(), open()]
    const lost = await first.tryLock('a lock')
    await dropConnections(first, 'another lock')
    const again = await first.tryLock('a lock')
    expect(again).not.toBeNull()
    await lost?.()
    expect(await first.tryLock('a lock')).toBeNull()
    expect(await second.tryLock('a lock').catch(() => null)).toBeNull()
    await again?.()
    const free = await second.tryLock('a lock').catch(() => second.tryLock('a lock'))
    expect(free).not.toBeNull()
    await free?.()
  })
})
