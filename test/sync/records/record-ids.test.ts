import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { claimJob } from '../../../src/sync/jobs/claim.ts'
import { recordIdMaker } from '../../../src/sync/records/record-ids.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { sendJson, startProvider } from '../../support/provider-server.ts'
import { createSyncFixture, type SyncFixture } from '../sync-fixture.ts'

const ONE = '01900000-0000-7000-8000-000000000001'
const TWO = '01900000-0000-7000-8000-000000000002'
const keys = Array.from({ length: 1_000 }, (_, id) => JSON.stringify([String(id)]))

describe('ids of records', () => {
  it('begin alike within a stream, and differ between streams and connections', () => {
    const starts = [
      [ONE, 'items'],
      [ONE, 'others'],
      [TWO, 'items'],
    ].map(([connectionId = '', stream = '']) => {
      const ids = keys.map(recordIdMaker(2, connectionId, stream))
      expect(new Set(ids).size).toBe(keys.length)
      expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true)
      const start = new Set(ids.map((id) => id.slice(0, 8)))
      expect(start.size).toBe(1)
      return [...start][0]
    })
    expect(new Set(starts).size).toBe(3)
  })

  it('are those of earlier versions where a connection has them', () => {
    // printf '36:01900000-0000-7000-8000-0000000000015:items5:["1"]' | sha256sum
    expect(recordIdMaker(1, ONE, 'items')('["1"]')).toBe('a6346bc5780a3ee51a6390b024322aa4')
    expect(new Set(keys.map(recordIdMaker(1, ONE, 'items')).map((id) => id.slice(0, 8))).size).toBe(keys.length)
  })
})

describeDatabases('record ids of a connection', (open) => {
  let base: TestDatabase
  let fixture: SyncFixture
  beforeAll(async () => {
    base = await open()
    fixture = await createSyncFixture(base.database)
  }, 60_000)
  afterAll(async () => {
    await fixture.close()
    await base.close()
  })

  const sql = () => fixture.database.sql

  /** Claims as a process of an earlier version does. */
  async function claimAsBefore(id: string): Promise<boolean> {
    const rows = await sql().query(
      `UPDATE sync_job SET attempt = attempt + 1, status = 'RUNNING', heartbeat_at = clock_timestamp(), started_at = clock_timestamp()
       WHERE id = $1::uuid RETURNING id`,
      [id],
    )
    return rows.length > 0
  }

  it('keep a process of an earlier version from claiming its jobs, also after their worker crashed', async () => {
    const connection = await fixture.connect(definition('http://127.0.0.1:1'))
    const id = await connection.sync()
    expect(await claimAsBefore(id)).toBe(false)
    expect(await fixture.job(id)).toMatchObject({ status: 'QUEUED', attempt: 0 })
    expect(await claimJob(fixture.database, fixture.bus, id, 60_000)).toMatchObject({ attempt: 1, recordIds: 2 })
    expect(await claimAsBefore(id)).toBe(false)
    await sql().query(`UPDATE sync_job SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE id = $1::uuid`, [id])
    expect(await claimJob(fixture.database, fixture.bus, id, 60_000)).toMatchObject({ attempt: 2, recordIds: 2 })
  })

  it('stay those of the earlier version for a connection that it created, whichever process runs the job', async () => {
    const connection = await fixture.connect(definition('http://127.0.0.1:1'), { recordIds: 1 })
    const id = await connection.sync()
    expect(await claimAsBefore(id)).toBe(true)
    await sql().query(`UPDATE sync_job SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE id = $1::uuid`, [id])
    expect(await claimJob(fixture.database, fixture.bus, id, 60_000)).toMatchObject({ attempt: 2, recordIds: 1 })
  })

  it.each([1, 2] as const)('are made in its way (%i) in every sync, so that no record is stored twice', async (way) => {
    let name = 'a'
    const source = await startProvider((_, response) => sendJson(response, [{ id: 1, name }, { id: 2 }]))
    const connection = await fixture.connect(definition(source.origin), { recordIds: way })
    const worker = fixture.worker()
    worker.start()
    for (const next of ['a', 'b']) {
      name = next
      await fixture.until(await connection.sync(), 'SUCCEEDED')
    }
    await worker.stop()
    const rows = await sql().query<{ id: string; data: string }>(
      `SELECT replace(id::text, '-', '') AS id, data::text AS data FROM record WHERE connection_id = $1::uuid ORDER BY data::text`,
      [connection.connectionId],
    )
    const idOf = recordIdMaker(way, connection.connectionId, 'items')
    expect(rows).toEqual([
      { id: idOf('["1"]'), data: '{"id":1,"name":"b"}' },
      { id: idOf('["2"]'), data: '{"id":2}' },
    ])
    await source.close()
  })
})

function definition(baseUrl: string): DefinitionInput {
  return {
    displayName: 'Provider',
    baseUrl,
    auth: { type: 'none' },
    streams: [{ name: 'items', path: '/items', primaryKey: ['id'] }],
  }
}
