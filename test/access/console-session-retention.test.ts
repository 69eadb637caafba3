import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createConsoleSessionRetention } from '../../src/access/console-sessions.ts'
import { newId } from '../../src/kit/ids.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'

describeDatabases('sessions of the console', (open) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test?.close())

  it('are removed by themselves when they have expired, and not before', async () => {
    const { sql } = test.database
    const insert = async (minutes: number) => {
      const id = newId()
      await sql.query(
        `INSERT INTO console_session (id, token_hash, role, issuer, subject, expires_at)
         VALUES ($1::uuid, $2::bytea, 'OPERATOR', 'https://login.example', 'ada', now() + $3::int * interval '1 minute')`,
        [id, randomBytes(32), minutes],
      )
      return id
    }
    await insert(-1)
    await insert(-100_000)
    const usable = await insert(10)
    const failures: unknown[] = []
    const retention = createConsoleSessionRetention(test.database, (error) => failures.push(error), 10)
    retention.start()
    await vi.waitFor(
      async () => expect(await sql.query('SELECT id FROM console_session')).toEqual([{ id: usable }]),
      20_000,
    )
    await retention.stop()
    expect(failures).toEqual([])
  })
})
