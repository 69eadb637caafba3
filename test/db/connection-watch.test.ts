import { describe, expect, it, vi } from 'vitest'
import { openDatabase } from '../../src/db/open-database.ts'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { startSilentProxy } from '../support/silent-proxy.ts'

/** Long enough for several checks of a statement that returns no bytes. */
const LONG_SECONDS = 7

async function openThroughProxy() {
  const test = await openTestDatabase('server')
  const url = new URL(test.url ?? '')
  const proxy = await startSilentProxy({ host: url.hostname, port: Number(url.port || 5432) })
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  const errors: string[] = []
  const database = await openDatabase({ url: url.href }, { onError: ({ message }) => errors.push(message) })
  return {
    database,
    proxy,
    errors,
    async [Symbol.asyncDispose]() {
      const closed = database.close()
      await proxy[Symbol.asyncDispose]()
      await closed
      await test.close()
    },
  }
}

describe.skipIf(!serverAnswers)('A connection to PostgreSQL', () => {
  it('is kept while the server works on a long statement', async () => {
    await using opened = await openThroughProxy()
    const { database, errors } = opened
    const [rows] = await Promise.all([
      database.sql.query<{ done: string }>(`SELECT 'done' AS done FROM pg_sleep($1)`, [LONG_SECONDS]),
      database.bulkTransaction((tx) => tx.query('SELECT pg_sleep($1)::text', [LONG_SECONDS])),
      database.prisma.$queryRaw`SELECT pg_sleep(${LONG_SECONDS})::text`,
    ])
    expect(rows).toEqual([{ done: 'done' }])
    expect(errors).toEqual([])
  })

  it('that was lost without notice is destroyed and replaced once the server can be reached again', async () => {
    await using opened = await openThroughProxy()
    const { database, proxy, errors } = opened
    const release = await database.locks.tryLock('before')
    // Some connections are idle when the network fails, and some are in use.
    await Promise.all(Array.from({ length: 6 }, () => database.sql.query('SELECT pg_sleep(0.2)::text')))
    proxy.lose()
    const waiting = [
      database.sql.query('SELECT 1 AS one'),
      database.bulkTransaction((tx) => tx.query('SELECT 1 AS one')),
      database.prisma.$queryRaw`SELECT 1 AS one`,
      database.locks.tryLock('after'),
    ].map((each) =>
      each.then(
        () => 'answered',
        () => 'failed',
      ),
    )
    const settled = vi.fn()
    void Promise.race(waiting).then(settled)
    // Nothing is known while no new connection can be made.
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    expect(errors.filter((message) => message.includes('without notice'))).toEqual([])
    expect(settled).not.toHaveBeenCalled()
    await proxy.heal()
    expect(await Promise.all(waiting)).toEqual(['failed', 'failed', 'failed', 'failed'])
    expect(errors.join('\n')).toContain('lost without notice')
    await vi.waitFor(async () => expect(await database.sql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]), 20_000)
    const again = await database.locks.tryLock('after')
    expect(again).not.toBeNull()
    await again?.()
    await release?.()
  })
})
