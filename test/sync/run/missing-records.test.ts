import { describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { describeDatabases } from '../../support/databases.ts'
import { type ProviderHandler, sendJson } from '../../support/provider-server.ts'
import { hurriedClock } from '../read/read-fixture.ts'
import type { TestConnection } from '../sync-fixture.ts'
import { syncSuite } from './sync-suite.ts'

type Stream = NonNullable<DefinitionInput['streams']>[number]

const byOffset: Partial<Stream> = { pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 10 } }
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

describeDatabases('a record that a reading does not meet', (open) => {
  const suite = syncSuite(open)

  /** A source whose records are the numbers of a list, read by offset. */
  async function sourceOf(ids: number[], stream: Partial<Stream> = byOffset) {
    const source = {
      ids,
      headers: (): Record<string, string> => ({}),
      /** Called before each answer with the offset that is asked for. */
      before: (_offset: number) => {},
      status: (_offset: number) => 200,
      definition: undefined as unknown as DefinitionInput,
      connection: undefined as unknown as TestConnection,
      requests: 0,
    }
    const handler: ProviderHandler = ({ url }, response) => {
      source.requests += 1
      const offset = Number(url.searchParams.get('offset') ?? 0)
      source.before(offset)
      const limit = stream.pagination === undefined ? 10_000 : 10
      const page = source.ids.slice(offset, offset + limit).map((id) => ({ id, name: `n${id}` }))
      sendJson(response, page, source.headers(), source.status(offset))
    }
    const server = await suite.provider(handler)
    source.definition = suite.paged(server, 10, {
      streams: [{ name: 'items', path: '/items', primaryKey: ['id'], ...stream }],
    })
    source.connection = await suite.fixture.connect(source.definition)
    return source
  }
  const sync = async (connection: TestConnection, options: Parameters<TestConnection['sync']>[0] = {}) =>
    suite.fixture.until(await connection.sync(options), 'SUCCEEDED', 'FAILED')
  const present = async (connection: TestConnection) =>
    (await connection.records())
      .filter(({ deleted }) => !deleted)
      .map(({ data }): number => JSON.parse(data).id)
      .toSorted((a, b) => a - b)
  const retries = async (connection: TestConnection, syncJobId: unknown) =>
    (await connection.events()).filter((event) => event.type === 'SYNC_RETRYING' && event.syncJobId === syncJobId)
  const work = () => suite.work({ clock: hurriedClock().clock })

  it('is deleted when a second reading of the pages does not meet it either', async () => {
    const source = await sourceOf(range(1, 25))
    work()
    await sync(source.connection)
    const asked = source.requests
    source.ids = source.ids.filter((id) => id !== 5 && id !== 25)
    const job = await sync(source.connection)
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 23, records_deleted: 2, warnings: [] })
    expect(await present(source.connection)).toEqual(source.ids)
    expect(source.requests).toBeGreaterThanOrEqual(asked + 6)
    // A routine second reading is not an event.
    expect(await retries(source.connection, job['id'])).toEqual([])
    const before = source.requests
    expect(await sync(source.connection)).toMatchObject({ records_deleted: 0 })
    expect(source.requests - before).toBeLessThanOrEqual(4)
  })

  it.each([
    ['a token', (offset: number) => Buffer.from(`k:${'x'.repeat(offset)}`).toString('base64url'), 1],
    ['an offset in base64', (offset: number) => Buffer.from(`arrayconnection:${offset}`).toString('base64'), 2],
    ['an offset with a prefix', (offset: number) => `o${offset}`, 2],
  ])('is deleted after readings that depend on the cursor, which is %s', async (_name, write, readings) => {
    let ids = range(1, 25)
    const offsets = new Map([0, 10, 20].map((offset) => [write(offset), offset]))
    const server = await suite.provider(({ url }, response) => {
      const offset = offsets.get(url.searchParams.get('after') ?? '') ?? 0
      const next = offset + 10 < ids.length ? write(offset + 10) : null
      sendJson(response, { data: ids.slice(offset, offset + 10).map((id) => ({ id })), next })
    })
    const pagination = { type: 'cursor', path: 'next', param: 'after' } as const
    const streams = [{ name: 'items', path: '/items', primaryKey: ['id'], recordsPath: 'data', pagination }]
    const connection = await suite.fixture.connect(suite.paged(server, 10, { streams }))
    work()
    await sync(connection)
    ids = ids.filter((id) => id !== 12)
    expect(await sync(connection)).toMatchObject({ records_deleted: 1, pages_read: 3 * readings })
  })

  it('is deleted after one reading where the source has a single page', async () => {
    const source = await sourceOf(range(1, 4), {})
    work()
    await sync(source.connection)
    source.ids = [1, 2, 4]
    expect(await sync(source.connection)).toMatchObject({ records_deleted: 1, warnings: [] })
    expect(source.requests).toBe(2)
  })

  it('is kept when it only moved to a page that was read before, and what is gone is deleted', async () => {
    const source = await sourceOf(range(1, 35))
    work()
    await sync(source.connection)
    let shrunk = false
    source.before = (offset) => {
      if (offset !== 10 || shrunk) return
      shrunk = true
      source.ids = source.ids.slice(7)
    }
    const job = await sync(source.connection)
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: 7 })
    expect(await present(source.connection)).toEqual(range(8, 35))
    expect(job.warnings).toEqual([])
    expect(await retries(source.connection, job['id'])).toMatchObject([
      { payload: { stream: 'items', attempt: 2, reason: expect.stringContaining('changed while it was read') } },
    ])
    expect(await source.connection.state('items')).toMatchObject({ record_count: 28 })
  })

  it('is kept, with a warning, when the source changes during each reading', async () => {
    const source = await sourceOf(range(1, 60))
    work()
    await sync(source.connection)
    source.before = (offset) => {
      if (offset === 20) source.ids = source.ids.slice(3)
    }
    const job = await sync(source.connection)
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: 0 })
    expect(job.warnings).toMatchObject([{ stream: 'items', code: 'DELETIONS_HELD_BACK', count: expect.any(Number) }])
    source.before = () => {}
    await sync(source.connection)
    expect(await present(source.connection)).toEqual(range(10, 60))
  })

  it('is found in the first sync of a source whose total shrinks while it is read', async () => {
    const source = await sourceOf(range(1, 35))
    source.headers = () => ({ 'x-total-count': String(source.ids.length) })
    source.before = (offset) => {
      if (offset === 10 && source.ids.length === 35) source.ids = source.ids.slice(7)
    }
    work()
    const job = await sync(source.connection)
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: 7, warnings: [] })
    expect(await present(source.connection)).toEqual(range(8, 35))
  })

  it('is kept where the source states a higher total than it returned, unless the job confirms deletions', async () => {
    const source = await sourceOf(range(1, 13), {})
    work()
    await sync(source.connection)
    source.ids = range(1, 5)
    source.headers = () => ({ 'x-total-count': '13' })
    const job = await sync(source.connection)
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: 0 })
    expect(job.warnings).toMatchObject([
      { stream: 'items', code: 'TOTAL_DIFFERS', count: 8 },
      { stream: 'items', code: 'DELETIONS_HELD_BACK', count: 8, message: expect.stringContaining('confirmDeletes') },
    ])
    expect(await sync(source.connection, { confirmDeletes: true })).toMatchObject({
      records_deleted: 8,
      warnings: [{ code: 'TOTAL_DIFFERS' }],
    })
  })

  it('is deleted, where a field marks deleted records, only if the job reads all and confirms deletions', async () => {
    const source = await sourceOf(range(1, 5), { deletes: { path: ['gone'], equals: true } })
    work()
    await sync(source.connection)
    source.ids = range(1, 3)
    expect(await sync(source.connection, { fullRefresh: true })).toMatchObject({ records_deleted: 0 })
    expect(await sync(source.connection, { fullRefresh: true, confirmDeletes: true })).toMatchObject({
      records_deleted: 2,
    })
    expect(await present(source.connection)).toEqual(range(1, 3))
  })

  describe('because the source returns an empty list for an expired credential', () => {
    /** Answers an expired token with an empty list, and only the test request with 401. */
    async function expiring() {
      const options = { token: 'token-1-0123456789', version: 1 }
      const accepted = { token: options.token, renews: true }
      const server = await suite.provider(({ url, headers }, response) => {
        const good = headers.authorization === `Bearer ${accepted.token}`
        if (url.pathname !== '/me') return sendJson(response, good ? range(1, 5).map((id) => ({ id })) : [])
        if (good) return sendJson(response, {})
        if (accepted.renews) Object.assign(options, { token: accepted.token, version: 2 })
        return sendJson(response, { message: 'expired' }, {}, 401)
      })
      const definition = suite.paged(server, 10, {
        streams: [{ name: 'items', path: '/items', primaryKey: ['id'] }],
        testRequest: { path: '/me' },
      })
      return { accepted, connection: await suite.fixture.connect(definition, options) }
    }

    it('is met by a second reading, because the test request renews the credential', async () => {
      const { accepted, connection } = await expiring()
      work()
      await sync(connection)
      accepted.token = 'token-2-0123456789'
      const job = await sync(connection)
      expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: 0, warnings: [] })
      expect(await present(connection)).toEqual(range(1, 5))
      expect(await retries(connection, job['id'])).toMatchObject([
        { payload: { reason: expect.stringContaining('credential had expired') } },
      ])
    })

    it('is kept, and the job fails, when the credential cannot be renewed', async () => {
      const { accepted, connection } = await expiring()
      work()
      await sync(connection)
      Object.assign(accepted, { token: 'token-2-0123456789', renews: false })
      const job = await sync(connection)
      expect(job).toMatchObject({ status: 'FAILED', records_deleted: 0, error: { code: 'RECONNECT_REQUIRED' } })
      expect(await present(connection)).toEqual(range(1, 5))
    })
  })

  it('is never deleted in a stream with deletes: never', async () => {
    const source = await sourceOf(range(1, 4), { deletes: 'never' })
    work()
    await sync(source.connection)
    source.ids = [9]
    expect(await sync(source.connection, { fullRefresh: true })).toMatchObject({ records_deleted: 0, warnings: [] })
    expect(await present(source.connection)).toEqual([1, 2, 3, 4, 9])
  })

  describe('because the source lost most of its records at once', () => {
    it.each([
      ['all of 3', range(1, 3), [], {}],
      ['all of 130 pages by offset', range(1, 130), [], byOffset],
      ['more than half of 130', range(1, 130), range(1, 64), byOffset],
    ])('is deleted after a second reading that agrees: %s', async (_name, ids, left, stream) => {
      const source = await sourceOf(ids, stream)
      work()
      await sync(source.connection)
      source.ids = left
      const job = await sync(source.connection, { fullRefresh: true })
      const lost = ids.length - left.length
      expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: lost, records_read: left.length })
      expect(job.warnings).toMatchObject([{ stream: 'items', code: 'DELETIONS_HELD_BACK', count: lost }])
      expect(await present(source.connection)).toEqual(left)
      const [retry, ...more] = await retries(source.connection, job['id'])
      expect([retry, more]).toMatchObject([{ payload: { attempt: 1 } }, []])
      expect(Date.parse(String(retry?.payload['retryAt']))).toBeGreaterThan(retry?.occurredAt.getTime() ?? 0)
      const events = await source.connection.events()
      expect(events.at(-1)).toMatchObject({ type: 'SYNC_SUCCEEDED', payload: { warnings: job.warnings } })
    })

    it('is kept when the second reading meets it', async () => {
      const source = await sourceOf(range(1, 3), {})
      work()
      await sync(source.connection)
      source.before = () => {
        source.ids = source.requests === 2 ? [] : range(1, 3)
      }
      expect(await sync(source.connection)).toMatchObject({ records_deleted: 0, warnings: [] })
      expect(source.requests).toBe(3)
    })

    it('is deleted at once when the job confirms deletions', async () => {
      const source = await sourceOf(range(1, 130), {})
      const { clock, waitsMs } = hurriedClock()
      suite.work({ clock })
      await sync(source.connection)
      source.ids = []
      expect(await sync(source.connection, { fullRefresh: true, confirmDeletes: true })).toMatchObject({
        records_deleted: 130,
        warnings: [],
      })
      expect(waitsMs).toEqual([])
      expect(source.requests).toBe(2)
    })

    it('is deleted after one reading when half of the records or less are gone', async () => {
      const source = await sourceOf(range(1, 130), {})
      work()
      await sync(source.connection)
      source.ids = range(1, 65)
      expect(await sync(source.connection)).toMatchObject({ records_deleted: 65, warnings: [] })
      expect(source.requests).toBe(2)
    })

    it('is deleted by the next worker when the first one stops before the second reading', async () => {
      const source = await sourceOf(range(1, 3), {})
      const first = suite.fixture.worker()
      first.start()
      await sync(source.connection)
      source.ids = []
      const id = await source.connection.sync()
      await expect.poll(async () => (await retries(source.connection, id)).length, { timeout: 10_000 }).toBe(1)
      await first.stop()
      expect(await suite.fixture.job(id)).toMatchObject({ status: 'QUEUED', records_deleted: 0 })
      suite.work()
      const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
      expect(job).toMatchObject({ status: 'SUCCEEDED', attempt: 2, records_deleted: 3 })
      expect(job.warnings).toMatchObject([{ code: 'DELETIONS_HELD_BACK', count: 3 }])
      expect(source.requests).toBe(3)
    })
  })

  describe('because the reading was interrupted', () => {
    it('is met by a second reading when records moved between two workers', async () => {
      const source = await sourceOf(range(1, 25))
      const first = suite.fixture.worker()
      first.start()
      await sync(source.connection)
      let hold: (() => void) | undefined
      source.before = (offset) => {
        if (offset === 10) hold?.()
      }
      const reached = new Promise<void>((resolve) => {
        hold = resolve
      })
      const id = await source.connection.sync()
      await reached
      await first.stop()
      const job = await suite.fixture.job(id)
      source.ids = source.ids.slice(7)
      source.before = () => {}
      suite.work()
      const ended = job.status === 'QUEUED' ? await suite.fixture.until(id, 'SUCCEEDED') : await sync(source.connection)
      expect(ended).toMatchObject({ status: 'SUCCEEDED' })
      expect(await present(source.connection)).toEqual(range(8, 25))
    })
  })

  describe('because the job before failed', () => {
    it('is not read again: the next job continues from the checkpoint, and still finds what is gone', async () => {
      const source = await sourceOf(range(1, 35))
      work()
      await sync(source.connection)
      source.ids = source.ids.filter((id) => id !== 3)
      source.status = (offset) => (offset === 20 ? 503 : 200)
      const failed = await sync(source.connection, { fullRefresh: true })
      expect(failed).toMatchObject({ status: 'FAILED', pages_read: 2, records_deleted: 0 })
      const stillFailing = await sync(source.connection, { fullRefresh: true })
      expect(stillFailing).toMatchObject({ status: 'FAILED', pages_read: 0 })
      source.status = () => 200
      const offsets: number[] = []
      source.before = (offset) => void offsets.push(offset)
      const job = await sync(source.connection, { fullRefresh: true })
      expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 14, records_deleted: 1, warnings: [] })
      // The rest of the first reading, and a second one because records may have moved since.
      expect(offsets.slice(0, 2)).toEqual([20, 30])
      expect(offsets.indexOf(0)).toBeGreaterThan(1)
      expect(await present(source.connection)).toEqual(source.ids)
    })

    it('is read from the beginning when the source refused the page', async () => {
      const source = await sourceOf(range(1, 35))
      work()
      source.status = (offset) => (offset === 20 ? 422 : 200)
      expect(await sync(source.connection)).toMatchObject({ status: 'FAILED', pages_read: 2 })
      source.status = () => 200
      expect(await sync(source.connection)).toMatchObject({ status: 'SUCCEEDED', records_read: 35 })
    })

    it('continues an incremental stream, whose cursor is stored when the reading ends', async () => {
      const incremental = { cursorField: 'id', param: 'since' } satisfies Stream['incremental']
      const source = await sourceOf(range(1, 35), { ...byOffset, incremental })
      work()
      source.status = (offset) => (offset === 20 ? 503 : 200)
      expect(await sync(source.connection)).toMatchObject({ status: 'FAILED', records_read: 20 })
      expect(await source.connection.state('items')).toMatchObject({ cursor: null })
      source.status = () => 200
      expect(await sync(source.connection)).toMatchObject({ status: 'SUCCEEDED', records_read: 15 })
      expect(await source.connection.state('items')).toMatchObject({ cursor: '35', record_count: 35 })
    })
  })

  describe('because the definition changed', () => {
    const incremental = { cursorField: 'id', param: 'since' } satisfies Stream['incremental']

    it('is deleted: the stream is read anew under its new primary key', async () => {
      const source = await sourceOf(range(1, 5), { incremental })
      work()
      await sync(source.connection)
      expect(await source.connection.state('items')).toMatchObject({ cursor: '5', record_count: 5 })
      Object.assign(source.definition.streams?.[0] ?? {}, { primaryKey: ['name'] })
      const job = await sync(source.connection)
      expect(job).toMatchObject({ status: 'SUCCEEDED', records_written: 5, records_deleted: 5 })
      expect(job.warnings).toMatchObject([{ stream: 'items', code: 'DEFINITION_CHANGED', count: 1 }])
      expect(await present(source.connection)).toEqual(range(1, 5))
      expect(await source.connection.state('items')).toMatchObject({ cursor: '5', record_count: 5 })
      const next = await sync(source.connection)
      expect(next).toMatchObject({ records_written: 0, records_deleted: 0, warnings: [] })
    })

    it('is deleted also where a field marks deleted records', async () => {
      const source = await sourceOf(range(1, 5), { deletes: { path: ['gone'], equals: true } })
      work()
      await sync(source.connection)
      source.ids = range(1, 4)
      expect(await sync(source.connection)).toMatchObject({ records_deleted: 0, warnings: [] })
      Object.assign(source.definition.streams?.[0] ?? {}, { primaryKey: ['name'] })
      expect(await sync(source.connection)).toMatchObject({ records_written: 4, records_deleted: 5 })
      expect(await present(source.connection)).toEqual(range(1, 4))
    })

    it('is deleted also when the definition changes back before it was read completely', async () => {
      const source = await sourceOf(range(1, 25), { ...byOffset, incremental })
      work()
      await sync(source.connection)
      const stream = source.definition.streams?.[0] ?? { primaryKey: [] }
      stream.primaryKey = ['name']
      source.status = (offset) => (offset === 10 ? 400 : 200)
      expect(await sync(source.connection)).toMatchObject({ status: 'FAILED' })
      expect(await present(source.connection)).toHaveLength(35)
      source.status = () => 200
      stream.primaryKey = ['id']
      const job = await sync(source.connection)
      expect(job.warnings).toMatchObject([{ code: 'DEFINITION_CHANGED' }])
      expect(await present(source.connection)).toEqual(range(1, 25))
    })

    it('is kept when only the paging changed, and the cursor is used', async () => {
      const source = await sourceOf(range(1, 5), { incremental })
      work()
      await sync(source.connection)
      Object.assign(source.definition.streams?.[0] ?? {}, byOffset)
      expect(await sync(source.connection)).toMatchObject({ records_written: 0, warnings: [] })
    })
  })
})
