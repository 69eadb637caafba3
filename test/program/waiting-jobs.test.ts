import { describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { sendJson } from '../support/provider-server.ts'
import { eventLog, expectRecordsOf, localId, openSetting, untilSucceeded } from './cluster.ts'

const RECORDS = 400
const PAGE = 40
const patience = { timeout: 60_000, interval: 20 }

describe.skipIf(!serverAnswers)('a sync that waits for its provider, with two workers', () => {
  it('loses and duplicates nothing when its workers are killed while it waits and while it goes on', async () => {
    await using setting = await openSetting(RECORDS, PAGE)
    const { database, source, cluster } = setting
    const [gateway, first, second] = await Promise.all([
      cluster.start('gateway'),
      cluster.start('worker'),
      cluster.start('worker'),
    ])
    const client = cluster.client(gateway)
    const workspaceId = await cluster.workspace(client)
    const connectionId = await cluster.connect(client, workspaceId, source)
    const limited = new Set([3 * PAGE, 6 * PAGE])
    const goesOn = Promise.withResolvers<void>()
    const killed = Promise.withResolvers<void>()
    source.beforePage = async (offset) => {
      if (limited.delete(offset)) return (response) => sendJson(response, {}, { 'retry-after': '4' }, 429)
      if (offset !== 6 * PAGE) return undefined
      goesOn.resolve()
      await killed.promise
      return undefined
    }
    const syncJobId = await cluster.trigger(client, connectionId)
    const waits = (pages: number) =>
      vi.waitFor(async () => {
        const [row] = await database.sql.query(
          `SELECT status::text AS status, not_before IS NOT NULL AS waits, pages_read FROM sync_job WHERE id = $1::uuid`,
          [localId(syncJobId)],
        )
        expect(row).toEqual({ status: 'QUEUED', waits: true, pages_read: pages })
      }, patience)
    await waits(3)
    await first.kill9()
    await waits(6)
    await goesOn.promise
    await second.kill9()
    killed.resolve()
    await cluster.start('worker')
    expect(await untilSucceeded(database, syncJobId)).toMatchObject({
      records_read: RECORDS,
      records_written: RECORDS,
      pages_read: RECORDS / PAGE + 1,
    })
    await expectRecordsOf(source, database, connectionId)
    const types = (await eventLog(database, workspaceId)).map(({ type }) => type)
    expect(types.filter((type) => type === 'SYNC_RETRYING')).toHaveLength(2)
    // One start, and one after the crash.
    expect(types.filter((type) => type === 'SYNC_STARTED')).toHaveLength(2)
  }, 180_000)
})
