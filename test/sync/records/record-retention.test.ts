import { expect, it, vi } from 'vitest'
import { createRecordRetention, purgeDeletedRecords } from '../../../src/sync/records/record-retention.ts'
import { countRecords, readRecords } from '../../../src/sync/records/records.ts'
import { describeDatabases } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { pageOf, syncSuite } from '../run/sync-suite.ts'
import type { TestConnection } from '../sync-fixture.ts'

const SIZE = 10
const DAY_MS = 86_400_000

describeDatabases('deleted records', (open, kind) => {
  const suite = syncSuite(open)

  /** A connection to a provider that returns `items`. */
  async function connect(count: number) {
    const items = Array.from({ length: count }, (_, index) => ({ id: `i${index}` }))
    const server = await suite.provider(({ url }, response) =>
      sendJson(response, items.slice((pageOf(url) - 1) * SIZE, pageOf(url) * SIZE)),
    )
    const connection = await suite.fixture.connect(suite.paged(server, SIZE))
    return { items, connection }
  }

  const sync = async (connection: TestConnection) => suite.fixture.until(await connection.sync(), 'SUCCEEDED')
  const ids = (rows: { data: string }[]) => rows.map(({ data }) => JSON.parse(data).id).toSorted()

  /** As if they had been deleted that long ago. */
  async function age(connection: TestConnection, days: number, only: string[]): Promise<void> {
    await suite.fixture.database.sql.query(
      `UPDATE record SET changed_at = clock_timestamp() - $2::int * interval '1 day'
       WHERE connection_id = $1::uuid AND data->>'id' = ANY($3::text[])`,
      [connection.connectionId, days, only],
    )
  }

  it('are removed when they have been deleted for long enough, in batches; present records stay, however old', async () => {
    const { items, connection } = await connect(12)
    suite.work()
    await sync(connection)
    items.splice(0, 8)
    await sync(connection)
    const old = ['i0', 'i1', 'i2', 'i3', 'i4', 'i8', 'i9']
    await age(connection, 31, old)
    const { database } = suite.fixture
    expect(await purgeDeletedRecords(database, new Date(Date.now() - 30 * DAY_MS), undefined, 2)).toBe(5)
    expect(ids(await connection.records())).toEqual(['i10', 'i11', 'i5', 'i6', 'i7', 'i8', 'i9'])
    expect(await connection.state('items')).toMatchObject({ record_count: 4 })
    expect(await purgeDeletedRecords(database, new Date(Date.now() - 30 * DAY_MS), undefined, 2)).toBe(0)

    items.unshift({ id: 'i0' }, { id: 'i5' })
    expect(await sync(connection)).toMatchObject({ records_written: 2 })
    const there = (await connection.records()).filter(({ deleted }) => !deleted)
    expect(ids(there)).toEqual(['i0', 'i10', 'i11', 'i5', 'i8', 'i9'])
    expect(await connection.state('items')).toMatchObject({ record_count: 6 })
  })

  it('are removed by themselves while the program runs, and no longer after it was stopped', async () => {
    const { items, connection } = await connect(3)
    suite.work()
    await sync(connection)
    items.splice(0, 1)
    await sync(connection)
    await age(connection, 2, ['i0'])
    const failures: unknown[] = []
    const retention = createRecordRetention(suite.fixture.database, 'P1D', (error) => failures.push(error), 10)
    retention.start()
    await vi.waitFor(async () => expect(ids(await connection.records())).toEqual(['i1', 'i2']), 20_000)
    await retention.stop()
    items.splice(0, 1)
    await sync(connection)
    await age(connection, 2, ['i1'])
    expect(ids(await connection.records())).toEqual(['i1', 'i2'])
    expect(failures).toEqual([])
  })

  it('are never missed silently: a change cursor from before their removal is refused unless it has seen them', async () => {
    const { items, connection } = await connect(4)
    suite.work()
    await sync(connection)
    const { sql } = suite.fixture.database
    const scope = { connectionId: connection.connectionId }
    const read = (from: { position: bigint; purgesSeen: bigint } | null) =>
      readRecords(sql, scope, { limit: 10, changedAfter: from?.position, purgesSeen: from?.purgesSeen })
    const cursorOf = (rows: Awaited<ReturnType<typeof readRecords>>) => {
      const last = rows.at(-1)
      if (last === undefined) throw new Error('There is no record.')
      return { position: last.changePosition, purgesSeen: last.purgesSeen }
    }
    const tooOld = { code: 'INVALID_INPUT', details: { reason: 'CHANGES_NO_LONGER_KEPT' } }
    const away = cursorOf(await read(null))
    items.splice(1, 1)
    await sync(connection)
    const there = cursorOf(await read(away))

    await purgeDeletedRecords(suite.fixture.database, new Date(Date.now() + DAY_MS))
    await expect(read(away)).rejects.toMatchObject(tooOld)
    expect(await read(there)).toEqual([])
    // Its last record changed before the removed one.
    const anew = cursorOf(await read(null))
    expect(anew.position).toBe(away.position)
    expect(await read(anew)).toEqual([])
    expect(await countRecords(sql, scope, {})).toEqual({ count: 3, isExact: true })

    items.splice(0, 1)
    await sync(connection)
    for (const cursor of [there, anew]) {
      expect((await read(cursor)).map(({ primaryKey, deleted }) => [...primaryKey, deleted])).toEqual([['i0', true]])
    }
    await purgeDeletedRecords(suite.fixture.database, new Date(Date.now() + DAY_MS))
    for (const cursor of [away, there, anew]) await expect(read(cursor)).rejects.toMatchObject(tooOld)
    expect((await read(null)).map(({ primaryKey }) => primaryKey)).toEqual([['i2'], ['i3']])
  })

  if (kind === 'embedded') return

  it('that are written again while they are removed are present in the end, with several processes removing', async () => {
    const { items, connection } = await connect(40)
    suite.work()
    await sync(connection)
    const all = items.splice(1)
    await sync(connection)
    items.push(...all)
    const job = await connection.sync()
    const stop = new AbortController()
    const future = new Date(Date.now() + DAY_MS)
    const purging = [1, 2].map(async () => {
      while (!stop.signal.aborted) await purgeDeletedRecords(suite.fixture.database, future, stop.signal, 3)
    })
    await suite.fixture.until(job, 'SUCCEEDED')
    stop.abort()
    await Promise.all(purging)
    const rows = await connection.records()
    expect(rows.filter(({ deleted }) => !deleted)).toHaveLength(40)
    expect(await connection.state('items')).toMatchObject({ record_count: 40 })
  })
})
