import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { parseGlobalId } from '../../src/graphql/kernel/global-id.ts'
import type { SyncedStream } from '../../src/sync/jobs/finish-job.ts'
import { decodeRecordCursor, readNewestPosition } from '../../src/sync/records/records.ts'
import { serverAnswers } from '../support/databases.ts'
import type { Program } from '../support/program.ts'
import { randomOf } from '../support/random.ts'
import { eventLog, expectRecordsOf, jobState, openSetting, storedRecords, untilSucceeded } from './cluster.ts'

/** The environment can set more kills, or a seed to repeat a run. */
const KILLS = Number(process.env['LATCHKEY_SYNC_KILLS'] ?? 4)
const SEED = Number(process.env['LATCHKEY_SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const RECORDS = 40_000
const PAGE = 400
/** Pages that may be requested after the one at which a worker is to be killed. */
const AT_MOST_PAST = 15
/** Documented: 15 s. Longer here, because other test files use both cores. */
const TAKEN_OVER_WITHIN_MS = 30_000
const TIME_LIMIT_MS = 180_000 + KILLS * 45_000

describe.skipIf(!serverAnswers)(`a sync whose workers are killed ${KILLS} times, with seed ${SEED}`, () => {
  it(
    'has every record of the source once, correct counters and a complete event log (QJ-01, F17)',
    async () => {
      const random = randomOf(SEED)
      await using setting = await openSetting(RECORDS, PAGE)
      const { database, source, cluster } = setting
      const [gateway, ...workers] = await Promise.all([
        cluster.start('gateway'),
        cluster.start('worker'),
        cluster.start('worker'),
      ])
      const client = cluster.client(gateway)
      const workspaceId = await cluster.workspace(client)
      const connectionId = await cluster.connect(client, workspaceId, source)
      // One kill in each equal part of the sync, at a random moment of a random page.
      const moments = Array.from({ length: KILLS }, (_, index) => ({
        page: 1 + Math.floor(((index + random()) * (RECORDS / PAGE - AT_MOST_PAST)) / KILLS),
        delayMs: random() * 60,
      }))
      let next = 0
      let reached = Promise.withResolvers<void>()
      let killed = Promise.withResolvers<void>()
      source.beforePage = async (offset) => {
        const pagesPast = offset / PAGE - (moments[next]?.page ?? Number.POSITIVE_INFINITY)
        if (pagesPast >= 0) reached.resolve()
        // On a busy machine, too, the kill must come before the sync ends.
        if (pagesPast >= AT_MOST_PAST) await killed.promise
        return undefined
      }
      const syncJobId = await cluster.trigger(client, connectionId)
      const killedAt: number[] = []
      const alive = [...workers]
      for (const { delayMs } of moments) {
        const attempt = killedAt.length + 1
        await vi.waitFor(async () => expect((await jobState(database, syncJobId)).attempt).toBe(attempt), {
          timeout: 120_000,
          interval: 20,
        })
        await reached.promise
        const victim = await findRunning(alive)
        await pause(delayMs)
        await victim.kill9()
        killedAt.push(await clockOf(database))
        next += 1
        reached = Promise.withResolvers()
        killed.resolve()
        killed = Promise.withResolvers()
        alive.splice(alive.indexOf(victim), 1, await cluster.start('worker'))
      }
      const job = await untilSucceeded(database, syncJobId)
      expect(job).toMatchObject({
        attempt: KILLS + 1,
        records_read: RECORDS,
        records_written: RECORDS,
        records_deleted: 0,
        pages_read: RECORDS / PAGE + 1,
      })
      await expectRecordsOf(source, database, connectionId)
      const log = await eventLog(database, workspaceId)
      expect(log.map(({ position }) => Number(position))).toEqual(log.map((_, index) => index + 1))
      const events = log.filter(({ sync_job_id }) => sync_job_id !== null)
      const started = events.filter(({ type }) => type === 'SYNC_STARTED')
      expect(started.map(({ payload }) => payload['attempt'])).toEqual(
        killedAt.map((_, index) => index + 1).concat(KILLS + 1),
      )
      expect(events[0]?.type).toBe('SYNC_QUEUED')
      expect(events.at(-1)?.type).toBe('SYNC_SUCCEEDED')
      const { streams } = (events.at(-1)?.payload ?? {}) as { streams?: SyncedStream[] }
      const [synced] = streams ?? []
      const newest = await readNewestPosition(database.sql)
      const rowId = parseGlobalId(connectionId)?.id ?? ''
      const [from, to] = [synced?.changedFrom, synced?.changedTo].map(
        (cursor) => decodeRecordCursor('change', cursor ?? '', rowId, newest, []).position,
      )
      const [changes] = await database.sql.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM record WHERE connection_id = $1::uuid AND position > $2 AND position <= $3',
        [rowId, from, to],
      )
      expect(changes?.count).toBe(RECORDS)
      expect(new Set(events.slice(1, -1).map(({ type }) => type))).toEqual(new Set(['SYNC_STARTED', 'SYNC_PROGRESSED']))
      const pages = events.flatMap(({ payload }) => payload['pagesRead'] ?? []).map(Number)
      expect(pages).toEqual(pages.toSorted((a, b) => a - b))

      const takeovers = killedAt.map((at, index) =>
        Math.round((started[index + 1]?.at_ms ?? Number.POSITIVE_INFINITY) - at),
      )
      process.stdout.write(`${JSON.stringify({ seed: SEED, takeoversMs: takeovers, max: Math.max(...takeovers) })}\n`)
      for (const takeover of takeovers) expect(takeover).toBeLessThan(TAKEN_OVER_WITHIN_MS)
    },
    TIME_LIMIT_MS,
  )

  it(
    'deletes only what the source no longer has, and writes only what has changed, when it had all records before (QJ-01)',
    async () => {
      const random = randomOf(SEED)
      await using setting = await openSetting(20 * PAGE, PAGE)
      const { database, source, cluster } = setting
      const [gateway, ...workers] = await Promise.all([
        cluster.start('gateway'),
        cluster.start('worker'),
        cluster.start('worker'),
      ])
      const client = cluster.client(gateway)
      const connectionId = await cluster.connect(client, await cluster.workspace(client), source)
      await untilSucceeded(database, await cluster.trigger(client, connectionId))
      // In place and at the end, so that most pages stay the same.
      source.records[5 * PAGE] = `{"id":${5 * PAGE + 1},"name":"changed"}`
      source.records.length -= 5
      const pages = [1 + Math.floor(random() * 8), 10 + Math.floor(random() * 8)]
      const holdAt = (page: number) => {
        return { offset: page * PAGE, reached: Promise.withResolvers<void>(), ended: Promise.withResolvers<void>() }
      }
      let hold = holdAt(pages[0] ?? 0)
      source.beforePage = async (offset) => {
        const { offset: from, reached, ended } = hold
        if (offset < from) return undefined
        reached.resolve()
        await ended.promise
        return undefined
      }
      const syncJobId = await cluster.trigger(client, connectionId)
      for (const index of pages.keys()) {
        const { reached, ended } = hold
        await reached.promise
        // Before or after the pages before it are committed, which is half a second after the first of them.
        await pause(random() * 1_000)
        const victim = await findRunning(workers)
        await victim.kill9()
        workers.splice(workers.indexOf(victim), 1, await cluster.start('worker'))
        hold = holdAt(pages[index + 1] ?? Number.POSITIVE_INFINITY)
        ended.resolve()
      }
      expect(await untilSucceeded(database, syncJobId)).toMatchObject({
        ...{ attempt: pages.length + 1, records_read: 20 * PAGE - 5, records_written: 1, records_deleted: 5 },
      })
      const { rows, deleted, texts } = await storedRecords(database, connectionId)
      expect({ rows, deleted }).toEqual({ rows: 20 * PAGE, deleted: 5 })
      expect(texts.slice(0, -5).join('\n') === source.records.join('\n')).toBe(true)
    },
    TIME_LIMIT_MS,
  )
})

async function clockOf(database: Database): Promise<number> {
  const [row] = await database.sql.query<{ ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms',
  )
  return row?.ms ?? Number.NaN
}

/** Finds the worker that runs the job, by its metrics. */
function findRunning(workers: readonly Program[]): Promise<Program> {
  return vi.waitFor(
    async () => {
      for (const worker of workers) {
        const metrics = await (await fetch(`${worker.url}/metrics`)).text()
        if (/^latchkey_sync_jobs_running 1$/m.test(metrics)) return worker
      }
      throw new Error('No worker reports that it runs the job.')
    },
    { timeout: 30_000, interval: 5 },
  )
}
