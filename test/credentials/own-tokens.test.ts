import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBroker } from '../../src/credentials/broker.ts'
import { openSealed, readCredentialRow } from '../../src/credentials/credential-store.ts'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { createLogger } from '../../src/kit/log.ts'
import { CALLER_REQUEST, responseFor, storedConnection } from '../../src/requests/send.ts'
import { problemsOf } from '../catalog/definition/problems-of.ts'
import { serverAnswers } from '../support/databases.ts'
import { type ProviderRequestSeen, sendJson } from '../support/provider-server.ts'
import { testSender } from '../support/test-sender.ts'
import { bearerOf, type RequestFixture, rowId, startRequestFixture } from '../tools/request-fixture.ts'

const PASSWORD = 'canary-password-5d1e7c'
const KEY = 'canary-api-key-0123456789'
const bearer = { in: 'header', name: 'Authorization', prefix: 'Bearer' } as const

describe.each(['embedded', 'server'] as const)('On the %s database, a token of auths', (kind) => {
  if (kind === 'server' && !serverAnswers) {
    it.skip('needs a PostgreSQL server')
    return
  }
  let fixture: RequestFixture
  beforeAll(async () => {
    fixture = await startRequestFixture(kind)
  })
  afterAll(() => fixture.close())

  const session = (more: object = {}) => ({
    type: 'session_token',
    login: { url: `${fixture.provider.origin}/login`, json: { user: 'u', password: '{{ config.password }}' } },
    tokenPath: 'token',
    lifetime: 'PT1H',
    placement: bearer,
    ...more,
  })
  const fields = [
    { name: 'key', secret: true, required: true },
    { name: 'password', secret: true, required: true },
  ]
  const action = (name: string, more: object = {}) => ({
    name,
    readOnly: true,
    input: { type: 'object' },
    request: { method: 'GET', path: `/${name}`, ...more },
  })
  const connect = (own: object = session(), definition: Record<string, unknown> = {}, password = PASSWORD) =>
    fixture.connect({
      auth: { type: 'api_key', fields, value: '{{ config.key }}', placement: { in: 'header', name: 'X-Key' } },
      definition: { auths: { own }, actions: [action('own', { auth: 'own' }), action('main')], ...definition },
      credential: { fields: { key: KEY, password } },
    })
  /** Logins get the tokens `token-1-…`, `token-2-…`; what else is sent gets `answered`, or a JSON with what was sent. */
  const answerWith = (answered: (seen: ProviderRequestSeen) => number = () => 200) => {
    let logins = 0
    fixture.answer((seen, response) => {
      if (seen.url.pathname !== '/login') {
        const status = answered(seen)
        return sendJson(response, { sent: seen.headers.authorization ?? null, status }, {}, status)
      }
      logins += 1
      sendJson(response, { token: `token-${logins}-0123456789` })
    })
  }
  const run = (connectionId: string, name = 'own') =>
    fixture.run('runAction', { connectionId, action: name, arguments: {} })
  const logins = () => fixture.provider.requests.filter(({ url }) => url.pathname === '/login')
  const sent = () =>
    fixture.provider.requests.filter(({ url }) => url.pathname !== '/login').map(({ headers }) => bearerOf(headers))
  const rowOf = (id: string) => readCredentialRow(fixture.app.database.sql, rowId(id))
  const storedOf = async (id: string) => openSealed(fixture.app.vault, await rowOf(id)) as Record<string, unknown>
  const statusOf = async (id: string) => (await rowOf(id)).status

  it('is obtained once for concurrent requests, stored beside the credential, and in no answer', async () => {
    answerWith()
    const connection = await connect()
    const results = await Promise.all([run(connection), run(connection), run(connection)])
    for (const { response } of results) expect(response.body).toEqual({ sent: 'Bearer [redacted]', status: 200 })
    await run(connection)
    expect(logins().map(({ body }) => JSON.parse(body))).toEqual([{ user: 'u', password: PASSWORD }])
    expect(sent()).toEqual(Array.from({ length: 4 }, () => 'token-1-0123456789'))
    expect(await storedOf(connection)).toMatchObject({
      type: 'api_key',
      fields: { key: KEY, password: PASSWORD },
      tokens: { own: { token: 'token-1-0123456789', expiresAt: expect.any(String) } },
    })
    // The credential itself is sent as before.
    await run(connection, 'main')
    expect(fixture.provider.requests.at(-1)?.headers).toMatchObject({ 'x-key': KEY })
  })

  it('is shared by processes', async () => {
    answerWith()
    const connection = await connect()
    const { database, vault } = fixture.app
    const egress = createEgress({ allow: ['127.0.0.1'] })
    const logger = createLogger({ level: 'silent' })
    const sender = testSender(egress)
    const ask = async () => {
      const broker = createBroker({ database, vault, bus: createLocalWakeBus(), egress, logger })
      const source = storedConnection(broker, rowId(connection), () => undefined)
      const request = { method: 'GET', target: { path: '/own' }, at: { auth: 'own' } }
      return responseFor(await sender.send(source, request, { policy: CALLER_REQUEST })).response.status
    }
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([200, 200, 200])
    expect(await ask()).toBe(200)
    expect(logins()).toHaveLength(1)
    expect(new Set(sent())).toEqual(new Set(['token-1-0123456789']))
  })

  it('that has expired is obtained again', async () => {
    answerWith()
    // Shorter than what is left for a request, so it has always expired.
    const connection = await connect(session({ lifetime: 'PT1S' }))
    await run(connection)
    await run(connection)
    expect(sent()).toEqual(['token-1-0123456789', 'token-2-0123456789'])
  })

  it('without an expiry in definition and answer is obtained for each request, and not stored', async () => {
    answerWith()
    const connection = await connect(session({ lifetime: undefined }))
    await run(connection)
    await run(connection)
    expect(sent()).toEqual(['token-1-0123456789', 'token-2-0123456789'])
    expect(await storedOf(connection)).not.toHaveProperty('tokens')
  })

  it('that the API refuses is obtained again, and nothing else is renewed or refused', async () => {
    let isRevoked = false
    answerWith(({ headers }) => (isRevoked && bearerOf(headers) === 'token-1-0123456789' ? 401 : 200))
    const connection = await connect()
    await run(connection)
    isRevoked = true
    fixture.provider.requests.length = 0
    const result = await run(connection)
    expect(result).toMatchObject({ refreshed: true, response: { status: 200 } })
    expect(sent()).toEqual(['token-1-0123456789', 'token-2-0123456789'])
    expect(await storedOf(connection)).toMatchObject({ tokens: { own: { token: 'token-2-0123456789' } } })
    expect(await statusOf(connection)).toBe('ACTIVE')
  })

  it('that the API refuses again and again is not obtained for each request', async () => {
    answerWith(() => 401)
    const connection = await connect()
    for (const _ of [1, 2, 3]) expect(await run(connection)).toMatchObject({ response: { status: 401 } })
    expect(logins()).toHaveLength(2)
    expect(await statusOf(connection)).toBe('ACTIVE')
  })

  it('whose login is refused fails its requests only, and the login is not repeated for each', async () => {
    fixture.answer(({ url }, response) =>
      url.pathname === '/login' ? sendJson(response, { error: `no ${PASSWORD}` }, {}, 401) : sendJson(response, {}),
    )
    const connection = await connect()
    const refused = { __typename: 'CredentialRefreshError', reason: 'INVALID_GRANT' }
    expect(await run(connection)).toMatchObject(refused)
    const again = await run(connection)
    expect(again).toMatchObject(refused)
    expect(JSON.stringify(again)).not.toContain(PASSWORD)
    expect(logins()).toHaveLength(1)
    expect(await run(connection, 'main')).toMatchObject({ response: { status: 200 } })
    expect(await statusOf(connection)).toBe('ACTIVE')
  })

  it('is not stored while a renewal of the credential is in flight, whose answer would be lost', async () => {
    answerWith()
    const connection = await connect()
    const { sql } = fixture.app.database
    const attempt = 'UPDATE credential SET attempt_id = $2::uuid WHERE connection_id = $1::uuid'
    await sql.query(attempt, [rowId(connection), '01900000-0000-7000-8000-000000000009'])
    const { version } = await rowOf(connection)
    expect(await run(connection)).toMatchObject({ response: { status: 200 } })
    expect((await rowOf(connection)).version).toBe(version)
    await sql.query(attempt, [rowId(connection), null])
    expect(await run(connection)).toMatchObject({ response: { status: 200 } })
    expect(new Set(sent())).toEqual(new Set(['token-1-0123456789']))
  })

  it('is not used with another definition of it, or with values of the connection that have changed', async () => {
    answerWith()
    const connection = await connect(session(), { inputFields: [{ name: 'site' }] })
    await run(connection)
    const { sql } = fixture.app.database
    await sql.query(`UPDATE connection SET input = '{"site": "other"}' WHERE id = $1::uuid`, [rowId(connection)])
    await run(connection)
    expect(sent()).toEqual(['token-1-0123456789', 'token-2-0123456789'])
  })

  it('is obtained with the client credentials of the connection', async () => {
    fixture.answer(({ url }, response) =>
      sendJson(response, url.pathname === '/token' ? { access_token: 'access-0123456789', expires_in: 3600 } : {}),
    )
    const connection = await connect({
      type: 'oauth2',
      grant: 'client_credentials',
      tokenUrl: `${fixture.provider.origin}/token`,
      clientId: 'reports',
      clientSecret: '{{ config.password }}',
      scopes: ['read'],
    })
    await run(connection)
    await run(connection)
    const [token, ...others] = fixture.provider.requests
    expect(Object.fromEntries(new URLSearchParams(token?.body))).toMatchObject({
      grant_type: 'client_credentials',
      scope: 'read',
    })
    expect(others.map(({ headers }) => bearerOf(headers))).toEqual(['access-0123456789', 'access-0123456789'])
  })

  it('is kept in memory for a credential that is only tested', async () => {
    answerWith()
    const { result } = await fixture.run('testIntegration', {
      workspaceId: fixture.workspace.id,
      definition: {
        displayName: 'X',
        baseUrl: fixture.provider.origin,
        auth: { type: 'api_key', fields, value: '{{ config.key }}', placement: { in: 'header', name: 'X-Key' } },
        auths: { own: session() },
        testRequest: { path: '/me', auth: 'own' },
      },
      credential: { fields: { key: KEY, password: PASSWORD } },
    })
    expect(result).toMatchObject({ ok: true, checked: true })
    expect(sent()).toEqual(['token-1-0123456789'])
  })
})

describe('An entry of auths that obtains a token', () => {
  const base = { displayName: 'X', baseUrl: 'https://x.example.com', auth: { type: 'bearer' } }
  const login = { url: 'https://x.example.com/login' }
  const session = { type: 'session_token', login, tokenPath: 'token', placement: bearer }
  const oauth2 = { type: 'oauth2', grant: 'client_credentials', tokenUrl: 'https://x.example.com/token' }

  it.each([
    [{ ...session, fields: [] }, 'auths.own.fields: fields is not a known key'],
    [
      { ...session, expiry: { path: 'token' } },
      'auths.own.expiry.path: must not be the place of a token, because the expiry is not secret',
    ],
    [
      { ...session, login: { ...login, auth: { type: 'bearer', fields: [{ name: 'a' }], token: 'x' } } },
      'auths.own.login.auth.fields: must be empty or left out',
    ],
    [
      { ...oauth2, grant: 'authorization_code' },
      'auths.own.grant: must be one of client_credentials, jwt_bearer, custom: a connection has one consent',
    ],
    [{ ...oauth2, grant: 'refresh_token' }, 'auths.own.grant: must be one of'],
    [oauth2, 'auths.own.clientId: is missing'],
    [{ type: 'oauth1' }, 'auths.own.type: must be one of none, basic, bearer, api_key, jwt, signature'],
  ])('is refused: %j', (own, problem) => {
    expect(problemsOf({ ...base, auths: { own } })).toEqual([expect.stringContaining(problem)])
  })
})
