import { describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { openTestDatabase } from '../../support/databases.ts'
import { type ProviderHandler, type ProviderServer, sendJson } from '../../support/provider-server.ts'
import { pageOf, syncSuite } from '../run/sync-suite.ts'
import { failureOf, hurriedClock, readStream } from './read-fixture.ts'

/** The first half of a page of two records. */
const HALF = '[{"id":1},{"id"'

describe('a request', () => {
  it('that is never answered is given up after the timeout, and repeated', async () => {
    const silent = await readStream(
      (_request, response) => void response.writeHead(200).write(HALF),
      {},
      { requestTimeoutMs: 150 },
    )
    expect(failureOf(silent).message).toMatch(/took longer than 0\.15 s\. Gave up after 16 tries/)
    const once = await readStream(
      (_request, response, count) => (count === 1 ? undefined : sendJson(response, [{ id: 1 }])),
      {},
      { requestTimeoutMs: 150 },
    )
    expect(once.data).toEqual([{ id: 1 }])
  })

  it('that is answered 503 for a minute succeeds in the end', async () => {
    const { clock, waitsMs } = hurriedClock()
    const start = clock.now()
    const read = await readStream(
      (_request, response) =>
        clock.now() - start < 60_000
          ? sendJson(response, { error: 'slow down' }, {}, 429)
          : sendJson(response, [{ id: 1 }]),
      {},
      { clock },
    )
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([{ id: 1 }])
    expect(waitsMs.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(60_000)
  })

  it('that gets a Retry-After delays the other requests of the integration too, if the definition has a rate limit', async () => {
    const read = await readStream(
      (_request, response, count) =>
        count === 1 ? sendJson(response, {}, { 'retry-after': '30' }, 429) : sendJson(response, [{ id: 1 }]),
      {},
      { definition: { rateLimit: { requestsPerSecond: 1_000 } } },
    )
    // The wait of the request and its next place in the rate limit end at the same instant.
    expect(read.waitsMs).toEqual([30_000])
  })
})

describe('a provider', () => {
  const suite = syncSuite(() => openTestDatabase('embedded'))

  async function connectTo(
    server: ProviderServer,
    stream: Record<string, unknown>,
    more: Partial<DefinitionInput> = {},
  ) {
    const items = { name: 'items', path: '/items', primaryKey: ['id'], ...stream }
    suite.work({ clock: hurriedClock().clock })
    return suite.fixture.connect({
      displayName: 'P',
      baseUrl: server.origin,
      auth: { type: 'none' },
      streams: [items],
      ...more,
    })
  }

  /** Runs one sync job. @returns the stored records */
  async function syncFrom(handler: ProviderHandler, stream: Record<string, unknown> = {}) {
    const server = await suite.provider(handler)
    const connection = await connectTo(server, stream)
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    const records = await connection.records()
    return { job, server, connection, ids: records.map(({ data }) => JSON.parse(data).id), records }
  }

  const byPage = { pagination: { type: 'page', param: 'page', size: 2 } }
  const byOffset = { pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 2 } }
  const byCursor = { pagination: { type: 'cursor', path: ['c'], param: 'c', hasMore: ['more'] }, recordsPath: ['d'] }

  it('that closes the connection in the middle of a page gets the request again, without lost or repeated records', async () => {
    const { job, ids } = await syncFrom(({ url }, response, count) => {
      if (count === 2) {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write(HALF, () => response.destroy())
      } else sendJson(response, [[{ id: 1 }, { id: 2 }], [{ id: 3 }]][pageOf(url) - 1] ?? [])
    }, byPage)
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 3, records_written: 3 })
    expect(ids).toEqual([1, 2, 3])
  })

  it.each([
    [
      'whose JSON is cut off',
      (response: Parameters<ProviderHandler>[1]) => sendJson(response, HALF),
      /cannot be read\. The text is not JSON: it ends too early.*Gave up after 5 tries/,
    ],
    [
      'that responds with a page of HTML',
      (response: Parameters<ProviderHandler>[1]) =>
        void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /is text\/html, not JSON.*Gave up after 5 tries/,
    ],
    [
      'that nests JSON without end',
      (response: Parameters<ProviderHandler>[1]) => sendJson(response, `[{"id":3,"a":${'['.repeat(100_000)}`),
      /nested more than 200 levels/,
    ],
  ])('%s fails the job; records that were written stay, and nothing is deleted', async (_name, second, message) => {
    let broken = false
    const whole = [[{ id: 1 }, { id: 2 }], [{ id: 3 }, { id: 4 }], []]
    const server = await suite.provider(({ url }, response) =>
      broken && pageOf(url) === 2 ? second(response) : sendJson(response, whole[pageOf(url) - 1]),
    )
    const connection = await connectTo(server, byPage)
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    broken = true
    whole[0] = [{ id: 1 }]
    whole[0].push({ id: 5 })
    const job = await suite.fixture.until(await connection.sync({ fullRefresh: true }), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'FAILED', records_read: 2, records_written: 1, records_deleted: 0 })
    expect(job.error).toMatchObject({ code: 'PROVIDER', stream: 'items', message: expect.stringMatching(message) })
    const records = await connection.records()
    expect(records.map(({ data, deleted }) => [JSON.parse(data).id, deleted])).toEqual(
      [1, 2, 3, 4, 5].map((id) => [id, false]),
    )
  })

  it('that grows while it is read repeats records, which are stored once', async () => {
    const items = [1, 2, 3, 4].map((id) => ({ id }))
    const { job, ids } = await syncFrom(({ url }, response, count) => {
      if (count === 2) items.unshift({ id: 0 })
      const offset = Number(url.searchParams.get('offset'))
      sendJson(response, items.slice(offset, offset + 2))
    }, byOffset)
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 5, records_written: 4 })
    expect(ids.toSorted()).toEqual([1, 2, 3, 4])
  })

  it('that shrinks while it is read hides a record, which the next sync finds', async () => {
    let items = [1, 2, 3, 4, 5].map((id) => ({ id }))
    const { connection, ids } = await syncFrom(({ url }, response, count) => {
      if (count === 2) items = items.slice(1)
      const offset = Number(url.searchParams.get('offset'))
      sendJson(response, items.slice(offset, offset + 2))
    }, byOffset)
    expect(ids.toSorted()).toEqual([1, 2, 4, 5])
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    const left = (await connection.records()).filter(({ deleted }) => !deleted)
    expect(left.map(({ data }) => JSON.parse(data).id).toSorted()).toEqual([2, 3, 4, 5])
  })

  it('that has an empty page before the last page is read to its end', async () => {
    const pages: Record<string, unknown> = {
      '': { d: [], more: true, c: 'b' },
      b: { d: [{ id: 1 }], more: true, c: 'c' },
      c: { d: [], more: false },
    }
    const { job, ids } = await syncFrom(
      ({ url }, response) => sendJson(response, pages[url.searchParams.get('c') ?? '']),
      byCursor,
    )
    expect(job).toMatchObject({ status: 'SUCCEEDED', pages_read: 3 })
    expect(ids).toEqual([1])
  })

  it('whose ids change their type has the same records as before', async () => {
    const { connection } = await syncFrom((_request, response, count) =>
      sendJson(response, count === 1 ? [{ id: 1 }] : [{ id: '1' }]),
    )
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect((await connection.records()).map(({ data, deleted }) => [data, deleted])).toEqual([['{"id":"1"}', false]])
  })

  it('that has a primary key twice on a page: the last record is stored', async () => {
    const { job, records } = await syncFrom((_request, response) =>
      sendJson(response, [{ id: 1, v: 1 }, { id: 2 }, { id: 1, v: 2 }]),
    )
    expect(job).toMatchObject({ records_read: 3, records_written: 2 })
    expect(records.map(({ data }) => data).toSorted()).toEqual(['{"id":1,"v":2}', '{"id":2}'])
  })

  it('that sends 50 MB in one page fails the job as JSON, and is read as NDJSON', async () => {
    const filler = 'x'.repeat(50_000)
    const rows = Array.from({ length: 1_000 }, (_, id) => JSON.stringify({ id: id % 10, filler }))
    const asJson = await syncFrom((_request, response) => sendJson(response, `[${rows.join()}]`))
    expect(asJson.job.error?.message).toMatch(/too large: more than 10 MiB/)
    const asLines = await syncFrom(
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(rows.join('\n')),
    )
    expect(asLines.job).toMatchObject({ status: 'SUCCEEDED', records_read: 1_000, records_written: 10 })
  }, 60_000)

  describe('that responds with an empty list twice', () => {
    it.each([
      ['is trusted when there is no test request', undefined, 200, true],
      ['is trusted when the test request succeeds', { path: '/me' }, 200, true],
      ['is not trusted when the test request fails', { path: '/me' }, 403, false],
    ])('%s', async (_name, testRequest, status, trusted) => {
      let items = [{ id: 1 }, { id: 2 }]
      const server = await suite.provider(({ url }, response) =>
        url.pathname === '/me' ? sendJson(response, {}, {}, status) : sendJson(response, items),
      )
      const connection = await connectTo(server, {}, testRequest === undefined ? {} : { testRequest })
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      items = []
      const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
      expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: trusted ? 2 : 0 })
      expect((await connection.records()).map(({ deleted }) => deleted)).toEqual([trusted, trusted])
      const message = trusted ? /deleted after a second reading agreed/ : /the test request of the definition failed/
      expect(job.warnings).toEqual([
        { stream: 'items', code: 'DELETIONS_HELD_BACK', count: 2, message: expect.stringMatching(message) },
      ])
    })
  })
})
