import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { startSilentProxy } from '../support/silent-proxy.ts'
import { eventLog, expectRecordsOf, jobState, openSetting, untilSucceeded } from './cluster.ts'

/** How long packets are dropped. */
const LOST_MS = 12_000
/** Documented: 5 s. Longer here, because other test files use both cores. */
const STARTS_WITHIN_MS = 20_000
const RECORDS = 3_000
const PAGE = 100

describe.skipIf(!serverAnswers)('a worker whose packets to PostgreSQL are dropped', () => {
  it('starts jobs soon after the network is back, although its old connections stay silent (QJ-03)', async () => {
    await using setting = await openSetting(RECORDS, PAGE)
    const { database, source, cluster } = setting
    const url = new URL(setting.url)
    await using proxy = await startSilentProxy({ host: url.hostname, port: Number(url.port || 5432) })
    const gateway = await cluster.start('gateway')
    const client = cluster.client(gateway)
    const workspaceId = await cluster.workspace(client)
    const [running, waiting] = [
      await cluster.connect(client, workspaceId, source),
      await cluster.connect(client, workspaceId, source),
    ]
    url.hostname = '127.0.0.1'
    url.port = String(proxy.port)
    const worker = await cluster.start('worker', { DATABASE_URL: url.href })
    const middle = Promise.withResolvers<void>()
    source.beforePage = async (offset) => {
      if (offset >= RECORDS / 2) middle.resolve()
      await pause(20)
      return undefined
    }
    const first = await cluster.trigger(client, running)
    await middle.promise
    proxy.lose()
    const second = await cluster.trigger(client, waiting)
    await pause(LOST_MS)
    expect(await jobState(database, second)).toMatchObject({ status: 'QUEUED' })
    await proxy.heal()
    const healedAt = performance.now()
    await vi.waitFor(async () => expect(await jobState(database, second)).not.toMatchObject({ status: 'QUEUED' }), {
      timeout: 120_000,
      interval: 20,
    })
    const startedAfterMs = Math.round(performance.now() - healedAt)
    for (const job of [first, second]) {
      expect(await untilSucceeded(database, job)).toMatchObject({ records_read: RECORDS, records_written: RECORDS })
    }
    const endedAfterMs = Math.round(performance.now() - healedAt)
    process.stdout.write(`${JSON.stringify({ startedAfterMs, endedAfterMs })}\n`)
    expect(startedAfterMs).toBeLessThan(STARTS_WITHIN_MS)
    for (const each of [running, waiting]) await expectRecordsOf(source, database, each)
    const log = await eventLog(database, workspaceId)
    expect(log.filter(({ type }) => type === 'SYNC_SUCCEEDED')).toHaveLength(2)
    expect((await fetch(`${worker.url}/readyz`)).status).toBe(200)
  }, 300_000)
})
