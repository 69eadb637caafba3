import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { startVerdaccio, type Verdaccio } from '../../support/verdaccio.ts'
import { itemsPage, itemsStream, type StrategyFixture, startStrategyFixture } from './strategy-fixture.ts'

let fixture: StrategyFixture
beforeAll(async () => {
  fixture = await startStrategyFixture()
})
afterAll(() => fixture[Symbol.asyncDispose]())

const loginFields = [
  { name: 'username', required: true },
  { name: 'password', secret: true, required: true },
]

describe('A package registry with a login', () => {
  let registry: Verdaccio
  beforeAll(async () => {
    registry = await startVerdaccio()
    await Promise.all(['one', 'two', 'three'].map((name) => registry.publish(`sample-${name}`, '1.0.0')))
  })
  afterAll(() => registry?.stop())

  const definition = () => ({
    displayName: 'Registry',
    baseUrl: registry.url,
    auth: {
      type: 'session_token' as const,
      login: {
        url: `${registry.url}/-/user/org.couchdb.user:{{ config.username }}`,
        method: 'PUT' as const,
        // For an existing user, like `npm login`.
        auth: { type: 'basic' as const },
        json: { name: '{{ config.username }}', password: '{{ config.password }}' },
      },
      fields: loginFields,
      tokenPath: 'token',
      lifetime: 'PT1H',
      placement: { in: 'header' as const, name: 'Authorization', prefix: 'Bearer ' },
    },
    streams: [
      {
        name: 'packages',
        path: '/-/v1/search',
        query: { text: 'sample' },
        recordsPath: 'objects',
        primaryKey: ['package.name'],
        pagination: { type: 'offset' as const, param: 'from', limitParam: 'size', size: 2 },
      },
    ],
  })

  it('is read with the user name and the password', async () => {
    const { job, credential } = await fixture.sync(definition(), {
      basic: { username: 'reader', password: 'correct horse battery' },
    })
    expect(job).toMatchObject({ status: 'SUCCEEDED', recordsRead: 3, error: null })
    // Exactly one login.
    expect(credential).toEqual({ type: 'SESSION_TOKEN', version: 2, refreshable: true, lastError: null })
  })

  it('rejects a wrong password, and the connection becomes NEEDS_REAUTH', async () => {
    const { job, connectionId } = await fixture.sync(definition(), {
      basic: { username: 'reader', password: 'wrong-pass-w0rd' },
    })
    expect(job).toMatchObject({ status: 'FAILED', error: { code: 'RECONNECT_REQUIRED' } })
    const { data } = await fixture.app.request('query ($id: ID!) { node(id: $id) { ... on Connection { status } } }', {
      id: connectionId,
    })
    expect(data.node.status).toBe('NEEDS_REAUTH')
    expect(fixture.app.log.join('')).not.toContain('wrong-pass-w0rd')
  })
})

describe('A session token', () => {
  const TOTAL = 5
  const SIZE = 2
  let logins: number
  let live: string
  let endsAtPage: string | null
  let server: ProviderServer
  beforeAll(async () => {
    server = await startProvider(({ url, headers }, response) => {
      if (url.pathname === '/login') {
        logins += 1
        live = `session-${logins}`
        return sendJson(response, { token: live })
      }
      if (url.searchParams.get('page') === endsAtPage) {
        endsAtPage = null
        live = 'of somebody else'
      }
      const good = headers['x-session'] === live
      return sendJson(response, good ? itemsPage(url, TOTAL, SIZE) : { error: 'expired' }, {}, good ? 200 : 401)
    })
  })
  afterAll(() => server.close())

  const definition = (lifetime: string | undefined, streams = [itemsStream(SIZE)]) => ({
    displayName: 'Session',
    baseUrl: server.origin,
    auth: {
      type: 'session_token' as const,
      login: {
        url: `${server.origin}/login`,
        json: { name: '{{ config.username }}', password: '{{ config.password }}' },
      },
      fields: loginFields,
      tokenPath: 'token',
      ...(lifetime === undefined ? {} : { lifetime }),
      placement: { in: 'header' as const, name: 'X-Session' },
    },
    streams,
  })
  const credential = { fields: { username: 'ada', password: 'l0velace' } }

  it.each<[string, string | undefined, string | null, number]>([
    ['is opened once for all pages', 'PT1H', null, 1],
    ['that ends during a job is opened once more, and the job continues', 'PT1H', '2', 2],
    ['without a lifetime is opened for every page', undefined, null, 3],
  ])('%s', async (_name, lifetime, ends, expected) => {
    logins = 0
    endsAtPage = ends
    const { job } = await fixture.sync(definition(lifetime), credential)
    expect(job).toMatchObject({ status: 'SUCCEEDED', recordsRead: TOTAL, error: null })
    expect(logins).toBe(expected)
  })

  it('that the person supplied is used first, and the login when it is refused', async () => {
    const { auth, ...rest } = definition('PT1H')
    const fields = [...loginFields, { name: 'session', secret: true }]
    const withToken = { ...rest, auth: { ...auth, fields, token: '{{ config.session }}' } }
    logins = 0
    endsAtPage = null
    live = 'their-own-session'
    const supplied = { fields: { username: 'ada', password: 'l0velace', session: live } }
    const { job, connectionId } = await fixture.sync(withToken, supplied)
    expect(job).toMatchObject({ status: 'SUCCEEDED', recordsRead: TOTAL, error: null })
    expect(logins).toBe(0)
    live = 'of somebody else'
    expect((await fixture.syncAgain(connectionId)).job.status).toBe('SUCCEEDED')
    expect((await fixture.syncAgain(connectionId)).job.status).toBe('SUCCEEDED')
    expect(logins).toBe(1)
  })

  it('is shared by two streams of a job, and by the next job', async () => {
    logins = 0
    endsAtPage = null
    const streams = [itemsStream(SIZE), itemsStream(SIZE, 'others')]
    const { job, connectionId } = await fixture.sync(definition('PT1H', streams), credential)
    expect(job).toMatchObject({ status: 'SUCCEEDED', recordsRead: 2 * TOTAL, error: null })
    expect((await fixture.syncAgain(connectionId)).job.status).toBe('SUCCEEDED')
    expect(logins).toBe(1)
  })

  it('that the API never accepts fails the job after one more login', async () => {
    logins = 0
    endsAtPage = null
    const { auth, ...rest } = definition('PT1H')
    const wrong = { ...auth, placement: { in: 'header' as const, name: 'X-Other' } }
    const { job, connectionId } = await fixture.sync({ ...rest, auth: wrong }, credential)
    expect(job).toMatchObject({ status: 'FAILED', error: { providerStatus: 401 } })
    expect(logins).toBe(2)
    // Not one login for each request: the new session was refused too, so the session is not the cause.
    expect((await fixture.syncAgain(connectionId)).job.status).toBe('FAILED')
    expect(logins).toBe(2)
  })
})
