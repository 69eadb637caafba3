import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { SyncedStream } from '../../../src/sync/jobs/finish-job.ts'
import { decodeRecordCursor, readNewestPosition, readRecords } from '../../../src/sync/records/records.ts'
import { describeDatabases } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { pageOf, syncSuite } from '../run/sync-suite.ts'
import type { TestConnection } from '../sync-fixture.ts'

/** No heartbeat is ever sent. */
const NEVER = 2 ** 30

describeDatabases('The streams of SYNC_SUCCEEDED', (open) => {
  const suite = syncSuite(open)
  const items = new Map<number, string>()
  const others = new Map<number, string>()
  /** Requests for this page of `items` are not answered until the test ends. */
  let held = 0
  const unanswered: ServerResponse[] = []
  let failing = false
  beforeEach(() => {
    for (const stored of [items, others]) {
      stored.clear()
      for (const id of [1, 2, 3, 4, 5]) stored.set(id, 'first')
    }
  })
  afterEach(() => {
    held = 0
    failing = false
    for (const response of unanswered.splice(0)) response.destroy()
  })

  async function connect(): Promise<TestConnection> {
    const provider = await suite.provider(({ url }, response) => {
      const page = pageOf(url)
      const isItems = url.pathname === '/items'
      if (isItems && page === held) {
        unanswered.push(response)
        return
      }
      if (!isItems && failing) return sendJson(response, { error: 'broken' }, {}, 400)
      const all = [...(isItems ? items : others)].map(([id, text]) => ({ id, text }))
      return sendJson(response, all.slice((page - 1) * 2, page * 2))
    })
    const stream = (name: string) => ({
      name,
      path: `/${name}`,
      primaryKey: ['id'],
      pagination: { type: 'page' as const, param: 'page', size: 2 },
    })
    return suite.fixture.connect(suite.paged(provider, 2, { streams: [stream('items'), stream('others')] }))
  }

  async function synced(connection: TestConnection): Promise<SyncedStream[]> {
    const last = (await connection.events()).at(-1)
    expect(last?.type).toBe('SYNC_SUCCEEDED')
    return last?.payload['streams'] as SyncedStream[]
  }

  async function sync(connection: TestConnection): Promise<SyncedStream[]> {
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    return synced(connection)
  }

  /** What a client gets that reads a stream from `changedFrom` on: the records up to `changedTo`, and those behind it. */
  async function changesOf(
    { connectionId }: TestConnection,
    { name, changedFrom, changedTo }: SyncedStream = nothing(),
  ) {
    const { sql } = suite.fixture.database
    const newest = await readNewestPosition(sql)
    const positionOf = (cursor: string | null) =>
      decodeRecordCursor('change', cursor ?? '', connectionId, newest, []).position
    const changes = await readRecords(
      sql,
      { connectionId: connectionId },
      { changedAfter: positionOf(changedFrom), stream: name, limit: 100 },
    )
    const upTo = changes.filter(({ position }) => position <= positionOf(changedTo))
    return {
      upTo: upTo.map(({ primaryKey, deleted }) => `${primaryKey}${deleted ? ' deleted' : ''}`),
      behind: changes.length - upTo.length,
      endsWithLast: upTo.at(-1)?.position === positionOf(changedTo),
    }
  }
  const nothing = (): SyncedStream => {
    throw new Error('The event does not have the stream.')
  }
  const exactly = (...upTo: string[]) => ({ upTo, behind: 0, endsWithLast: true })
  const counters = (recordsRead: number, recordsWritten: number, recordsDeleted = 0) => ({
    recordsRead,
    recordsWritten,
    recordsDeleted,
  })

  it('name exactly the records that the job added, changed or deleted', async () => {
    suite.work()
    const connection = await connect()
    const first = await sync(connection)
    expect(first).toMatchObject([
      { name: 'items', ...counters(5, 5) },
      { name: 'others', ...counters(5, 5) },
    ])
    for (const stream of first) expect(await changesOf(connection, stream)).toEqual(exactly('1', '2', '3', '4', '5'))

    items.set(2, 'second')
    items.set(6, 'first')
    items.delete(4)
    const second = await sync(connection)
    expect(second).toMatchObject([
      { name: 'items', ...counters(5, 2, 1) },
      { name: 'others', ...counters(5, 0), changedFrom: null, changedTo: null },
    ])
    expect(await changesOf(connection, second[0])).toEqual(exactly('2', '6', '4 deleted'))

    // Later changes are behind `changedTo`.
    items.set(1, 'third')
    await sync(connection)
    expect(await changesOf(connection, second[0])).toEqual({ ...exactly('2', '6', '4 deleted'), behind: 1 })
  })

  it('name the records of all workers of the job, also of those that crashed', async () => {
    const connection = await connect()
    held = 2
    suite.work({ times: { heartbeat: NEVER, lease: NEVER, sweep: NEVER } })
    const id = await connection.sync()
    await vi.waitFor(async () => {
      expect(await suite.fixture.job(id)).toMatchObject({ attempt: 1, pages_read: 1 })
      expect(unanswered).toHaveLength(1)
    }, 10_000)
    held = 0
    await suite.fixture.database.sql.query(
      `UPDATE sync_job SET heartbeat_at = clock_timestamp() - interval '1 hour' WHERE id = $1::uuid`,
      [id],
    )
    suite.work({ times: { sweep: 50 } })
    expect(await suite.fixture.until(id, 'SUCCEEDED')).toMatchObject({ attempt: 2 })
    const [stream] = await synced(connection)
    expect(stream).toMatchObject(counters(5, 5))
    expect(await changesOf(connection, stream)).toEqual(exactly('1', '2', '3', '4', '5'))
  })

  it('name what jobs before have changed that did not succeed, because no event has named it', async () => {
    suite.work()
    const connection = await connect()
    await sync(connection)
    items.set(3, 'second')
    failing = true
    await suite.fixture.until(await connection.sync(), 'FAILED')
    items.set(1, 'second')
    await suite.fixture.until(await connection.sync({ streams: ['others'] }), 'FAILED')
    failing = false
    const [stream] = await sync(connection)
    expect(stream).toMatchObject({ name: 'items', ...counters(5, 1) })
    expect(await changesOf(connection, stream)).toEqual(exactly('3', '1'))
    items.set(2, 'second')
    const [next] = await sync(connection)
    expect(await changesOf(connection, next)).toEqual(exactly('2'))
  })

  it('name all records of a stream that a process of an older version has begun', async () => {
    suite.work()
    const connection = await connect()
    await sync(connection)
    held = 2
    items.set(1, 'second')
    const id = await connection.sync({ streams: ['items'] })
    await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: 1 }), 10_000)
    // Older versions leave the column empty.
    await suite.fixture.database.sql.query(
      'UPDATE sync_job_stream SET changed_from = NULL WHERE sync_job_id = $1::uuid',
      [id],
    )
    held = 0
    await suite.fixture.database.sql.query(
      `UPDATE sync_job SET heartbeat_at = clock_timestamp() - interval '1 hour' WHERE id = $1::uuid`,
      [id],
    )
    suite.work({ times: { sweep: 50 } })
    expect(await suite.fixture.until(id, 'SUCCEEDED')).toMatchObject({ attempt: 2 })
    const [stream] = await synced(connection)
    expect(await changesOf(connection, stream)).toEqual(exactly('2', '3', '4', '5', '1'))
  })
})
