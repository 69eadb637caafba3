import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { describeDatabases } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { hurriedClock } from '../read/read-fixture.ts'
import { pageOf, syncSuite } from './sync-suite.ts'

describeDatabases('a sync worker', (open) => {
  const suite = syncSuite(open)

  it('reads all pages of a stream and ends with its counters, its state and its events', async () => {
    const server = await suite.provider((request, response) => {
      const page = pageOf(request.url)
      const pages = [[{ id: 2 }, { id: 3 }], [{ id: 4 }, { id: 5 }], [{ id: 'last' }]]
      sendJson(response, pages[page - 1] ?? [], { 'x-total-count': '5' })
    })
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work()
    const id = await connection.sync()
    const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({
      status: 'SUCCEEDED',
      error: null,
      attempt: 1,
      records_read: 5,
      records_written: 5,
      pages_read: 4,
    })
    expect(Number(job.bytes_read)).toBeGreaterThan(40)
    expect((await connection.records()).map(({ data }) => data)).toEqual(
      [2, 3, 4, 5, 'last'].map((key) => JSON.stringify({ id: key })),
    )
    expect(await connection.state('items')).toMatchObject({ record_count: 5, last_synced_at: expect.any(Date) })
    const events = await connection.events()
    const last = events.findLast(({ type }) => type === 'SYNC_PROGRESSED')
    // On a busy machine there may be an event for an earlier page too.
    const lasting = events.filter((event) => event.type !== 'SYNC_PROGRESSED' || event === last)
    const counters = { recordsRead: 5, recordsWritten: 5, pagesRead: 4, total: 5 }
    const total = { recordsRead: 5, recordsWritten: 5, recordsDeleted: 0 }
    const cursors = { changedFrom: expect.any(String), changedTo: expect.any(String) }
    expect(lasting.map(({ type, payload }) => [type, payload])).toEqual([
      ['SYNC_QUEUED', { trigger: 'MANUAL' }],
      ['SYNC_STARTED', { attempt: 1, pagesRead: 0, recordsDeleted: 0 }],
      ['SYNC_PROGRESSED', { stream: 'items', ...counters, percent: 100, recordsPerSecond: expect.any(Number) }],
      ['SYNC_SUCCEEDED', { ...total, streams: [{ name: 'items', ...total, ...cursors }] }],
    ])
    expect(events.every((event) => event.syncJobId === id)).toBe(true)
  })

  it('writes new and changed records, and deletes records that the provider no longer returns', async () => {
    let items: { id: number; v?: number }[] = [{ id: 1 }, { id: 2 }, { id: 3 }]
    const server = await suite.provider((_request, response) => sendJson(response, items))
    const connection = await suite.fixture.connect(suite.paged(server, 100))
    suite.work({ clock: hurriedClock().clock })
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    const [one] = await connection.records()

    items = [{ id: 1 }, { id: 3, v: 2 }, { id: 4 }]
    const second = await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(second).toMatchObject({ records_read: 3, records_written: 2, records_deleted: 1 })
    const records = await connection.records()
    expect(records.map(({ data, deleted }) => [data, deleted])).toEqual([
      ['{"id":1}', false],
      ['{"id":3,"v":2}', false],
      ['{"id":4}', false],
      ['{"id":2}', true],
    ])
    expect(records[0]?.position).toBe(one?.position)
    expect(await connection.state('items')).toMatchObject({ record_count: 3 })

    items = [{ id: 2 }]
    const third = await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(third).toMatchObject({ records_read: 1, records_written: 1, records_deleted: 3 })
    expect(await connection.state('items')).toMatchObject({ record_count: 1 })

    items = []
    const fourth = await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(fourth).toMatchObject({ records_read: 0, records_deleted: 1 })
    expect(fourth.warnings).toMatchObject([{ stream: 'items', code: 'DELETIONS_HELD_BACK', count: 1 }])
    expect(await connection.state('items')).toMatchObject({ record_count: 0 })
  })

  it('counts a record once that is on two pages', async () => {
    const pages = [[{ id: 1 }, { id: 2 }], [{ id: 2, v: 1 }, { id: 3 }], [{ id: 3 }]]
    const server = await suite.provider((request, response) => sendJson(response, pages[pageOf(request.url) - 1] ?? []))
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work()
    expect(await suite.fixture.until(await connection.sync(), 'SUCCEEDED')).toMatchObject({
      records_read: 5,
      records_written: 4,
    })
    expect(await connection.state('items')).toMatchObject({ record_count: 3 })
    expect(await suite.fixture.until(await connection.sync(), 'SUCCEEDED')).toMatchObject({
      records_read: 5,
      records_deleted: 0,
    })
    expect(await connection.state('items')).toMatchObject({ record_count: 3 })
  })

  it('replaces the records of a stream without a primary key by those of each complete reading', async () => {
    let items: unknown[] = [{ a: 1 }, { a: 2, b: 0 }, { a: 2, b: 0 }]
    const server = await suite.provider((_request, response) => sendJson(response, items))
    const connection = await suite.fixture.connect(
      suite.paged(server, 1, { streams: [{ name: 'items', path: '/items' }] }),
    )
    suite.work()
    expect(await suite.fixture.until(await connection.sync(), 'SUCCEEDED')).toMatchObject({ records_written: 2 })
    expect(await suite.fixture.until(await connection.sync(), 'SUCCEEDED')).toMatchObject({ records_written: 0 })
    items = [{ b: 0, a: 2 }, { a: 3 }]
    expect(await suite.fixture.until(await connection.sync(), 'SUCCEEDED')).toMatchObject({ records_deleted: 1 })
    const present = (await connection.records()).filter(({ deleted }) => !deleted).map(({ data }) => JSON.parse(data))
    expect(present).toHaveLength(2)
    expect(present).toEqual(expect.arrayContaining([{ a: 2, b: 0 }, { a: 3 }]))
    expect(await connection.state('items')).toMatchObject({ record_count: 2 })
  })

  it('keeps records and cursor of a stream whose response is declared as skip', async () => {
    let off = false
    const server = await suite.provider(({ url }, response) => {
      if (off && url.searchParams.get('page') === '2') return sendJson(response, { error: 'module is off' }, {}, 403)
      return sendJson(
        response,
        off
          ? [{ id: 3, at: 50 }]
          : url.searchParams.get('page') === '1'
            ? [
                { id: 1, at: 30 },
                { id: 2, at: 40 },
              ]
            : [],
      )
    })
    const connection = await suite.fixture.connect(
      suite.paged(server, 1, {
        streams: [
          {
            name: 'items',
            path: '/items',
            primaryKey: ['id'],
            pagination: { type: 'page', param: 'page' },
            incremental: { cursorField: ['at'], param: 'since' },
            responses: [{ status: 403, as: 'skip' }],
          },
        ],
      }),
    )
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    off = true
    const job = await suite.fixture.until(await connection.sync({ fullRefresh: true }), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', error: null, records_read: 1, records_deleted: 0 })
    expect(job.warnings).toEqual([
      {
        stream: 'items',
        code: 'DELETIONS_HELD_BACK',
        count: 2,
        message: expect.stringMatching(/^The stream was skipped/),
      },
    ])
    expect(await connection.state('items')).toMatchObject({ cursor: '40', record_count: 3 })
    const progress = (await connection.events()).findLast(({ type }) => type === 'SYNC_PROGRESSED')
    expect(progress?.payload['warning']).toMatch(/^The stream was skipped/)
  })

  it('warns when every page is the same, because the provider may not know the parameter', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, [{ id: 1 }, { id: 2 }]))
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 2 })
    const progress = (await connection.events()).findLast(({ type }) => type === 'SYNC_PROGRESSED')
    expect(progress?.payload['warning']).toMatch(/^Every page of items is the same as its first page\./)
  })

  it('reads a stream with an incremental parameter after its highest cursor, and deletes nothing', async () => {
    const server = await suite.provider((request, response) => {
      const since = request.url.searchParams.get('since')
      sendJson(
        response,
        since === null
          ? [
              { id: 1, at: 30 },
              { id: 2, at: 20 },
            ]
          : [{ id: 3, at: 40 }],
      )
    })
    const connection = await suite.fixture.connect(
      suite.paged(server, 1, {
        streams: [
          { name: 'items', path: '/items', primaryKey: ['id'], incremental: { cursorField: ['at'], param: 'since' } },
        ],
      }),
    )
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(await connection.state('items')).toMatchObject({ cursor: '30', record_count: 2 })
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(await connection.state('items')).toMatchObject({ cursor: '40', record_count: 3 })
    const last = await suite.fixture.until(await connection.sync({ fullRefresh: true }), 'SUCCEEDED')
    expect(last).toMatchObject({ records_deleted: 1 })
    expect(server.requests.map(({ url }) => url.search)).toEqual(['', '?since=30', ''])
  })

  it('stores records with NUL and lone surrogates unchanged', async () => {
    const text = String.raw`{"id":"k\u0000\ud800","n":9007199254740993,"t":"\udfff"}`
    const server = await suite.provider((_request, response) => sendJson(response, `[${text}]`))
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect((await connection.records()).map(({ data }) => data)).toEqual([text])
  })

  it('reports progress at most twice a second, but always that of the last page', async () => {
    const server = await suite.provider((request, response) =>
      sendJson(response, pageOf(request.url) <= 30 ? [{ id: pageOf(request.url) }] : []),
    )
    const connection = await suite.fixture.connect(suite.paged(server, 1))
    const { clock } = hurriedClock()
    suite.work({ clock })
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    const progress = (await connection.events()).filter(({ type }) => type === 'SYNC_PROGRESSED')
    // This clock does not advance.
    expect(progress.map(({ payload }) => payload['pagesRead'])).toEqual([31])
  })

  it('runs no more jobs at once than its concurrency, and runs all of them', async () => {
    let atOnce = 0
    let most = 0
    const server = await suite.provider(async (_request, response) => {
      // Long enough for all concurrent jobs to arrive.
      most = Math.max(most, ++atOnce)
      await setTimeout(20)
      sendJson(response, [])
      atOnce -= 1
    })
    const connections = await Promise.all(Array.from({ length: 8 }, () => suite.fixture.connect(suite.paged(server))))
    const ids = []
    for (const connection of connections) ids.push(await connection.sync())
    suite.work({ concurrency: 2 })
    for (const id of ids) await suite.fixture.until(id, 'SUCCEEDED')
    expect(most).toBeLessThanOrEqual(2)
    expect(server.requests).toHaveLength(8)
  })
})
