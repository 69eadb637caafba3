import { describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { describeDatabases } from '../../support/databases.ts'
import { brokerOf, openedConnection } from '../../support/opened-connection.ts'
import { type ProviderHandler, type ProviderServer, sendJson } from '../../support/provider-server.ts'
import { hurriedClock } from '../read/read-fixture.ts'
import type { TestConnection } from '../sync-fixture.ts'
import { pageOf, syncSuite } from './sync-suite.ts'

type Response = Parameters<ProviderHandler>[1]
type Streams = NonNullable<DefinitionInput['streams']>

const FORBIDDEN = { error: { message: 'The scope contacts.read is missing' } }
const pagination = { type: 'page', param: 'page', size: 1 } as const
const contacts = { name: 'contacts', path: '/contacts', primaryKey: ['id'] }
const deals = { name: 'deals', path: '/deals', primaryKey: ['id'], pagination }

describeDatabases('a stream that is answered 403', (open) => {
  const suite = syncSuite(open)
  const connect = (server: ProviderServer, streams: Streams, more: Partial<DefinitionInput> = {}) =>
    suite.fixture.connect(suite.paged(server, 1, { streams, ...more }))
  const streamsOf = (syncJobId: string) =>
    suite.fixture.database.sql.query<{ name: string; status: string; records_read: number }>(
      `SELECT name, status::text AS status, records_read FROM sync_job_stream WHERE sync_job_id = $1::uuid ORDER BY position`,
      [syncJobId],
    )
  const statusOf = async ({ connectionId }: TestConnection) =>
    suite.fixture.database.sql.query('SELECT status::text AS status FROM connection WHERE id = $1::uuid', [
      connectionId,
    ])

  it('fails by itself: the other stream is read to its end, and the next job tries the refused one again', async () => {
    let forbidden = true
    const server = await suite.provider(({ url }, response) => {
      if (url.pathname === '/deals') return sendJson(response, pageOf(url) <= 2 ? [{ id: pageOf(url) }] : [])
      return forbidden ? sendJson(response, FORBIDDEN, {}, 403) : sendJson(response, [{ id: 'Ada' }])
    })
    const connection = await connect(server, [contacts, deals])
    suite.work()
    const id = await connection.sync()
    const job = await suite.fixture.until(id, 'FAILED', 'SUCCEEDED')
    expect(job).toMatchObject({ status: 'FAILED', attempt: 1, records_read: 2, records_written: 2 })
    expect(job.error).toEqual({
      traceId: expect.any(String),
      code: 'PROVIDER',
      status: 502,
      providerStatus: 403,
      providerMessage: 'The scope contacts.read is missing',
      stream: 'contacts',
      message: expect.stringMatching(
        /^Stream contacts: The provider .*403.* It says: The scope contacts\.read is missing/,
      ),
    })
    expect(await streamsOf(id)).toEqual([
      { name: 'contacts', status: 'FAILED', records_read: 0 },
      { name: 'deals', status: 'SUCCEEDED', records_read: 2 },
    ])
    expect(await connection.state('deals')).toMatchObject({ record_count: 2, last_synced_at: expect.any(Date) })
    expect(await connection.state('contacts')).toBeUndefined()
    expect(await statusOf(connection)).toEqual([{ status: 'ACTIVE' }])
    const events = await connection.events()
    expect(events.at(-1)).toMatchObject({ type: 'SYNC_FAILED', payload: { error: { stream: 'contacts' } } })
    const warned = events.filter(({ payload }) => payload['warning'] !== undefined)
    expect(warned.map(({ type, payload }) => [type, payload['stream']])).toEqual([['SYNC_PROGRESSED', 'contacts']])

    forbidden = false
    const next = await connection.sync()
    expect(await suite.fixture.until(next, 'SUCCEEDED', 'FAILED')).toMatchObject({ status: 'SUCCEEDED' })
    expect(await streamsOf(next)).toMatchObject([{ status: 'SUCCEEDED' }, { status: 'SUCCEEDED' }])
    expect(await connection.records()).toHaveLength(3)
  })

  it('keeps the cursor of the streams that were read, and renews no credential', async () => {
    const server = await suite.provider(({ url }, response) =>
      url.pathname === '/contacts' ? sendJson(response, FORBIDDEN, {}, 403) : sendJson(response, [{ id: 1, at: 30 }]),
    )
    const incremental = { cursorField: ['at'], param: 'since' }
    const orders = { name: 'orders', path: '/orders', primaryKey: ['id'], incremental }
    const connection = await connect(server, [orders, contacts])
    const opened = openedConnection(suite.paged(server, 1, { streams: [orders, contacts] }), connection)
    const refusals: unknown[] = []
    const broker = {
      ...brokerOf(() => opened),
      refused: async (taken: unknown) => {
        refusals.push(taken)
        return null
      },
    }
    suite.work({ broker })
    expect((await suite.fixture.until(await connection.sync(), 'FAILED')).error?.stream).toBe('contacts')
    expect(await connection.state('orders')).toMatchObject({ cursor: '30' })
    await suite.fixture.until(await connection.sync(), 'FAILED')
    const orderRequests = server.requests.filter(({ url }) => url.pathname === '/orders')
    expect(orderRequests.map(({ url }) => url.search)).toEqual(['', '?since=30'])
    expect(refusals).toEqual([])
  })

  it('is named with the others when several streams are refused', async () => {
    const server = await suite.provider(({ url }, response) =>
      url.pathname === '/deals' ? sendJson(response, []) : sendJson(response, FORBIDDEN, {}, 403),
    )
    const leads = { ...contacts, name: 'leads', path: '/leads' }
    const connection = await connect(server, [contacts, deals, leads])
    suite.work()
    const id = await connection.sync()
    const { error } = await suite.fixture.until(id, 'FAILED')
    expect(error).toMatchObject({ stream: 'contacts', message: expect.stringContaining('leads') })
    expect((await streamsOf(id)).map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED', 'FAILED'])
  })

  it('fails the whole job where the definition declares 403 as a refused credential', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, FORBIDDEN, {}, 403))
    const connection = await connect(server, [contacts, deals], { responseErrors: [{ status: 403, as: 'auth' }] })
    suite.work()
    const id = await connection.sync()
    expect((await suite.fixture.until(id, 'FAILED')).error).toMatchObject({ code: 'RECONNECT_REQUIRED', status: 400 })
    expect((await streamsOf(id)).map(({ status }) => status)).toEqual(['FAILED', 'CANCELLED'])
    expect(server.requests.every(({ url }) => url.pathname === '/contacts')).toBe(true)
  })

  it.each([
    ['400', (response: Response) => sendJson(response, {}, {}, 400)],
    ['500 until it is given up', (response: Response) => sendJson(response, {}, {}, 500)],
    ['HTML', (response: Response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['no list', (response: Response) => sendJson(response, { message: 'none' })],
    ['only bad records', (response: Response) => sendJson(response, [{ x: 1 }])],
    ['nothing: the connection is lost', (response: Response) => void response.destroy()],
  ])('or that is answered %s does not end the other streams', async (_name, answer) => {
    const server = await suite.provider(({ url }, response) =>
      url.pathname === '/contacts'
        ? answer(response)
        : sendJson(response, pageOf(url) <= 2 ? [{ id: pageOf(url) }] : []),
    )
    const connection = await connect(server, [contacts, deals])
    suite.work({ clock: hurriedClock().clock })
    const id = await connection.sync()
    const job = await suite.fixture.until(id, 'FAILED', 'SUCCEEDED')
    expect(job).toMatchObject({ status: 'FAILED', error: { code: 'PROVIDER', stream: 'contacts' } })
    expect((await streamsOf(id)).map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED'])
    expect(await connection.state('deals')).toMatchObject({ record_count: 2, last_synced_at: expect.any(Date) })
  })

  it('or whose request cannot be made does not end the other streams', async () => {
    const server = await suite.provider(({ url }, response) =>
      sendJson(response, url.pathname === '/deals' ? [] : [{ id: 1 }]),
    )
    const connection = await connect(server, [{ ...contacts, path: '/{{ input.folder }}/contacts' }, deals], {
      inputFields: [{ name: 'folder' }],
    })
    suite.work()
    const id = await connection.sync()
    expect((await suite.fixture.until(id, 'FAILED', 'SUCCEEDED')).error).toMatchObject({ stream: 'contacts' })
    expect((await streamsOf(id)).map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED'])
  })

  it('ends the job when the provider is unavailable for two streams in a row', async () => {
    const server = await suite.provider((_request, response) => void response.destroy())
    const leads = { ...contacts, name: 'leads', path: '/leads' }
    const connection = await connect(server, [contacts, leads, deals])
    suite.work({ clock: hurriedClock().clock })
    const id = await connection.sync()
    expect((await suite.fixture.until(id, 'FAILED')).error).toMatchObject({
      stream: 'contacts',
      message: expect.stringContaining('Other streams that failed: leads.'),
    })
    expect((await streamsOf(id)).map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'CANCELLED'])
    expect(server.requests.some(({ url }) => url.pathname === '/deals')).toBe(false)
  })

  describe('and is the parent of a sub-stream', () => {
    it('fails by itself: the sub-stream is read for the stored parents, and the next job tries the parent again', async () => {
      let forbidden = false
      const server = await suite.provider(({ url }, response) => {
        if (url.pathname !== '/projects') return sendJson(response, [{ id: url.pathname }])
        return forbidden ? sendJson(response, FORBIDDEN, {}, 403) : sendJson(response, [{ id: 1 }, { id: 2 }])
      })
      const connection = await connect(server, [
        { name: 'projects', path: '/projects', primaryKey: ['id'] },
        { name: 'tasks', parent: { stream: 'projects' }, path: '/projects/{{ parent.id }}/tasks', primaryKey: ['id'] },
      ])
      suite.work()
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      forbidden = true
      const id = await connection.sync()
      const job = await suite.fixture.until(id, 'FAILED', 'SUCCEEDED')
      expect(job).toMatchObject({ status: 'FAILED', records_read: 2, records_deleted: 0 })
      expect(job.error).toMatchObject({ code: 'PROVIDER', providerStatus: 403, stream: 'projects' })
      expect(await streamsOf(id)).toEqual([
        { name: 'projects', status: 'FAILED', records_read: 0 },
        { name: 'tasks', status: 'SUCCEEDED', records_read: 2 },
      ])
      forbidden = false
      const next = await connection.sync()
      await suite.fixture.until(next, 'SUCCEEDED')
      expect((await streamsOf(next)).map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED'])
    })

    it('leaves a sub-stream without stored parents empty, with a warning', async () => {
      const server = await suite.provider((_request, response) => sendJson(response, FORBIDDEN, {}, 403))
      const connection = await connect(server, [
        { name: 'projects', path: '/projects', primaryKey: ['id'] },
        { name: 'tasks', parent: { stream: 'projects' }, path: '/projects/{{ parent.id }}/tasks', primaryKey: ['id'] },
      ])
      suite.work()
      const id = await connection.sync()
      expect((await suite.fixture.until(id, 'FAILED')).error).toMatchObject({ stream: 'projects' })
      expect((await streamsOf(id)).map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED'])
      const tasks = (await connection.events()).find(({ payload }) => payload['stream'] === 'tasks')
      expect(tasks?.payload['warning']).toContain('no records of projects')
    })

    it('does not stop the job where a page of the sub-stream is refused: the sub-stream fails and names the parent', async () => {
      const server = await suite.provider(({ url }, response) => {
        if (url.pathname === '/projects') return sendJson(response, [{ id: 1 }])
        return url.pathname === '/deals' ? sendJson(response, []) : sendJson(response, FORBIDDEN, {}, 403)
      })
      const connection = await connect(server, [
        { name: 'projects', path: '/projects', primaryKey: ['id'] },
        { name: 'tasks', parent: { stream: 'projects' }, path: '/projects/{{ parent.id }}/tasks', primaryKey: ['id'] },
        deals,
      ])
      suite.work()
      const id = await connection.sync()
      const { error } = await suite.fixture.until(id, 'FAILED')
      expect(error).toMatchObject({ stream: 'tasks', message: expect.stringContaining('record 1 of projects') })
      expect((await streamsOf(id)).map(({ status }) => status)).toEqual(['SUCCEEDED', 'FAILED', 'SUCCEEDED'])
    })
  })
})
