import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { serverAnswers } from '../support/databases.ts'
import type { Program } from '../support/program.ts'
import { sendJson } from '../support/provider-server.ts'
import {
  type Cluster,
  eventLog,
  expectRecordsOf,
  jobState,
  openSetting,
  type Setting,
  type Source,
  untilSucceeded,
} from './cluster.ts'

const RECORDS = 1_000
const PAGE = 100
const LIMIT_MS = 240_000
const patience = { timeout: 120_000, interval: 20 }

describe.skipIf(!serverAnswers)('a worker that is suspended for longer than its lease', () => {
  let setting: Setting
  let database: Database
  let source: Source
  let cluster: Cluster
  let frozen: Program
  let connectionId: string
  let workspaceId: string

  beforeEach(async () => {
    setting = await openSetting(RECORDS, PAGE)
    ;({ database, source, cluster } = setting)
  }, LIMIT_MS)
  afterEach(async () => {
    await setting[Symbol.asyncDispose]()
  }, LIMIT_MS)

  async function trigger(): Promise<string> {
    const client = cluster.client(await cluster.start('gateway'))
    frozen = await cluster.start('worker')
    workspaceId = await cluster.workspace(client)
    connectionId = await cluster.connect(client, workspaceId, source)
    return cluster.trigger(client, connectionId)
  }
  const untilAttempt = (job: string, attempt: number) =>
    vi.waitFor(async () => expect(await jobState(database, job)).toMatchObject({ attempt }), patience)

  it(
    'writes nothing after another worker has taken over its job (QJ-02)',
    async () => {
      const requested = Promise.withResolvers<void>()
      const [toFrozen, toOther] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let seen = 0
      // The suspended worker gets its fourth page late, with records that must never be written. The second worker waits for
      // its sixth page, so that the first one resumes in the middle of the takeover.
      source.beforePage = async (offset) => {
        if (offset === 3 * PAGE && ++seen === 1) {
          requested.resolve()
          await toFrozen.promise
          const wrong = Array.from({ length: PAGE }, (_, index) => ({
            id: offset + index + 1,
            name: 'must not be written',
          }))
          return (response) => sendJson(response, wrong)
        }
        if (offset === 5 * PAGE) await toOther.promise
        return undefined
      }
      const job = await trigger()
      await requested.promise
      await vi.waitFor(async () => expect(await jobState(database, job)).toMatchObject({ pages_read: 3 }), patience)
      process.kill(frozen.pid, 'SIGSTOP')
      toFrozen.resolve()
      await cluster.start('worker')
      await untilAttempt(job, 2)
      await vi.waitFor(async () => expect(await jobState(database, job)).toMatchObject({ pages_read: 5 }), patience)
      const before = await jobState(database, job)

      process.kill(frozen.pid, 'SIGCONT')
      await frozen.saw(/Another worker has the sync job/)
      expect(await jobState(database, job)).toEqual(before)
      toOther.resolve()
      expect(await untilSucceeded(database, job)).toMatchObject({
        attempt: 2,
        records_read: RECORDS,
        records_written: RECORDS,
        pages_read: RECORDS / PAGE + 1,
      })
      await expectRecordsOf(source, database, connectionId)
      const ends = (await eventLog(database, workspaceId)).filter(({ type }) => /^SYNC_(SUCC|FAIL|CANC)/.test(type))
      expect(ends).toHaveLength(1)
    },
    LIMIT_MS,
  )

  it(
    'does not block the takeover when it was suspended in the middle of a transaction (QJ-02)',
    async () => {
      const job = await (async () => {
        const locker = new pg.Client({ connectionString: setting.url })
        const third = Promise.withResolvers<void>()
        source.beforePage = async (offset) => {
          if (offset === 3 * PAGE) await third.promise
          return undefined
        }
        await locker.connect()
        try {
          const triggered = await trigger()
          await vi.waitFor(
            async () => expect(await jobState(database, triggered)).toMatchObject({ pages_read: 3 }),
            patience,
          )
          // The transaction that writes the next page waits for this lock.
          await locker.query('BEGIN')
          await locker.query('LOCK TABLE record IN SHARE MODE')
          third.resolve()
          await vi.waitFor(async () => {
            const { rows } = await locker.query(
              `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'record'::regclass`,
            )
            expect(rows).toHaveLength(1)
          }, patience)
          process.kill(frozen.pid, 'SIGSTOP')
          return triggered
        } finally {
          await locker.end()
        }
      })()
      await cluster.start('worker')
      expect(await untilSucceeded(database, job)).toMatchObject({
        attempt: 2,
        records_read: RECORDS,
        records_written: RECORDS,
      })
      process.kill(frozen.pid, 'SIGCONT')
      await expectRecordsOf(source, database, connectionId)
      expect(await jobState(database, job)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 })
    },
    LIMIT_MS,
  )
})
