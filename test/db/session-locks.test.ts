import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServerLocks, type SessionLocks } from '../../src/db/session-locks.ts'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'

describe.skipIf(!serverAnswers)('createServerLocks', () => {
  let test: TestDatabase
  const opened: SessionLocks[] = []
  const warnings: string[] = []
  const onWarning = ({ message }: Error) => void warnings.push(message)
  beforeAll(async () => {
    test = await openTestDatabase('server')
    process.on('warning', onWarning)
  })
  afterAll(async () => {
    process.off('warning', onWarning)
    await Promise.all(opened.map((locks) => locks.close()))
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
