import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'

const FAIL = '__typename ... on Error { code message }'
const REFRESH_FAIL = '... on CredentialRefreshError { reason retryable }'
const SECRET = `whsec_${randomBytes(32).toString('base64')}`

describe('An auth provider that gives no credential', () => {
  let app: TestApp
  let keeper: ProviderServer
  let workspace: { id: string; key: string }
  let answer: { status: number; body: unknown }
  /** The answers to the next requests, before `answer`. */
  const next: (typeof answer)[] = []
  /** How many requests the API refuses. */
  let refusals = 0
  const good = { status: 200, body: { accessToken: 'a-token', expiresIn: 3600 } }

  beforeAll(async () => {
    app = await startTestApp()
    keeper = await startProvider(({ url, headers }, response) => {
      if (url.pathname === '/me' && refusals > 0) {
        refusals -= 1
        return sendJson(response, {}, {}, 401)
      }
      if (url.pathname === '/me') return sendJson(response, { token: headers.authorization ?? null })
      const { body, status } = next.shift() ?? answer
      sendJson(response, body, {}, status)
    })
    workspace = await app.createWorkspace()
    const testRequest = { path: '/me' }
    const definition = { displayName: 'n', baseUrl: keeper.origin, auth: { type: 'bearer' }, testRequest }
    await run('createIntegration', { workspaceId: workspace.id, slug: 'api', definition })
    const config = { url: `${keeper.origin}/token` }
    await run('createAuthProvider', {
      workspaceId: workspace.id,
      name: 'keeper',
      kind: 'TOKEN_CALLBACK',
      secret: SECRET,
      config,
      hosts: ['127.0.0.1'],
    })
  })
  afterAll(async () => {
    await keeper.close()
    await app.stop()
  })
  beforeEach(() => {
    answer = good
    keeper.requests.length = 0
  })

  // biome-ignore lint/suspicious/noExplicitAny: the result of an arbitrary document
  async function run(field: string, input: object, selection = ''): Promise<any> {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`
    const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) { ${FAIL} ${selection} } }`
    const { data, errors } = await app.request(query, { input }, workspace.key)
    expect(errors).toBeUndefined()
    return data[field]
  }

  async function connect(): Promise<string> {
    const credential = { authProvider: { provider: 'keeper', accountId: 'a' } }
    const input = { workspaceId: workspace.id, integration: 'api', credential }
    const made = await run('createConnection', input, '... on CreateConnectionPayload { connection { id } }')
    return made.connection.id
  }

  const call = (connectionId: string) =>
    run(
      'executeRequest',
      { connectionId, method: 'GET', path: '/me' },
      `${REFRESH_FAIL} ... on ExecuteRequestPayload { response { status } }`,
    )
  const refresh = (connectionId: string) => run('refreshConnection', { connectionId, force: true }, REFRESH_FAIL)

  async function shown(id: string) {
    const query = `query ($id: ID!) { node(id: $id) { ... on Connection { status statusReason
      credential { failedRefreshes lastError { code reason message retryable providerStatus occurredAt } } } } }`
    const answered = await app.request(query, { id }, workspace.key)
    expect(answered.errors).toBeUndefined()
    return answered.data.node
  }

  async function events(id: string): Promise<string[]> {
    const where = { connectionId: parseGlobalId(id)?.id ?? '' }
    const rows = await app.database.prisma.event.findMany({ where, orderBy: { position: 'asc' } })
    return rows.map(({ type }) => type).filter((type) => /^CREDENTIAL_REFRESH|NEEDS_REAUTH|ACTIVATED/.test(type))
  }

  /** Repeats the call until the auth provider was called again. After a failure it is not called for a moment. */
  async function askAgain(connectionId: string) {
    const asked = () => keeper.requests.filter(({ url }) => url.pathname === '/token').length
    const before = asked()
    for (;;) {
      const payload = await call(connectionId)
      if (asked() > before) return payload
    }
  }

  it('sets the connection to ERROR with one event for each reason, and the next success makes it ACTIVE', async () => {
    const connectionId = await connect()
    const made = await events(connectionId)
    answer = { status: 503, body: {} }
    for (let time = 1; time <= 2; time += 1) {
      expect(await askAgain(connectionId)).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE', retryable: true })
    }
    expect(await shown(connectionId)).toMatchObject({
      status: 'ERROR',
      statusReason: 'The auth provider is not available now.',
      credential: {
        failedRefreshes: 2,
        lastError: { code: 'CREDENTIAL_REFRESH', reason: 'PROVIDER_UNAVAILABLE', providerStatus: 503 },
      },
    })
    expect((await events(connectionId)).slice(made.length)).toEqual(['CREDENTIAL_REFRESH_FAILED'])

    answer = { status: 401, body: {} }
    expect(await askAgain(connectionId)).toMatchObject({ reason: 'INVALID_CLIENT' })
    expect(await shown(connectionId)).toMatchObject({
      status: 'ERROR',
      statusReason: expect.stringContaining('does not accept the configured key'),
    })

    answer = good
    expect(await askAgain(connectionId)).toMatchObject({ response: { status: 200 } })
    expect(await shown(connectionId)).toEqual({
      status: 'ACTIVE',
      statusReason: null,
      credential: { failedRefreshes: 0, lastError: null },
    })
    expect((await events(connectionId)).slice(made.length)).toEqual([
      'CREDENTIAL_REFRESH_FAILED',
      'CREDENTIAL_REFRESH_FAILED',
      'CREDENTIAL_REFRESHED',
      'CONNECTION_ACTIVATED',
    ])
  })

  it('for a moment is asked again before the caller sees it', async () => {
    const connectionId = await connect()
    const made = await events(connectionId)
    next.push({ status: 502, body: {} }, { status: 503, body: {} })
    expect(await call(connectionId)).toMatchObject({ response: { status: 200 } })
    expect(keeper.requests.filter(({ url }) => url.pathname === '/token')).toHaveLength(3)
    expect((await events(connectionId)).slice(made.length)).toEqual([])
  })

  it('does not change a connection while an earlier credential is still valid', async () => {
    const connectionId = await connect()
    await call(connectionId)
    answer = { status: 500, body: {} }
    expect(await refresh(connectionId)).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE' })
    expect(await shown(connectionId)).toMatchObject({
      status: 'ACTIVE',
      credential: { lastError: { reason: 'PROVIDER_UNAVAILABLE' } },
    })
    expect(await call(connectionId)).toMatchObject({ response: { status: 200 } })
  })

  it('makes the connection NEEDS_REAUTH when the account is revoked, is not called for each request, and a refresh heals it', async () => {
    const connectionId = await connect()
    const made = await events(connectionId)
    await call(connectionId)
    answer = { status: 404, body: {} }
    const gone = { __typename: 'ReconnectRequiredError', message: expect.stringContaining('Connect it there again') }
    expect(await refresh(connectionId)).toMatchObject(gone)
    keeper.requests.length = 0
    for (let time = 1; time <= 3; time += 1) {
      expect(await call(connectionId)).toMatchObject({ __typename: 'ReconnectRequiredError' })
    }
    expect(keeper.requests).toEqual([])
    expect(await shown(connectionId)).toMatchObject({
      status: 'NEEDS_REAUTH',
      statusReason: expect.stringContaining('Connect it there again'),
    })
    answer = good
    expect(await refresh(connectionId)).toMatchObject({ __typename: 'RefreshConnectionPayload' })
    expect(await call(connectionId)).toMatchObject({ response: { status: 200 } })
    expect((await shown(connectionId)).status).toBe('ACTIVE')
    expect((await events(connectionId)).slice(made.length)).toEqual([
      'CREDENTIAL_REFRESH_FAILED',
      'CONNECTION_NEEDS_REAUTH',
      'CREDENTIAL_REFRESHED',
      'CONNECTION_ACTIVATED',
    ])
  })

  it.each([404, 410])(
    'answers the first call with RECONNECT_REQUIRED when the account is gone (status %i)',
    async (status) => {
      const connectionId = await connect()
      answer = { status, body: {} }
      const calls = await Promise.all([call(connectionId), call(connectionId), call(connectionId)])
      for (const payload of calls) {
        expect(payload).toMatchObject({ __typename: 'ReconnectRequiredError', code: 'RECONNECT_REQUIRED' })
      }
      expect(await shown(connectionId)).toMatchObject({
        status: 'NEEDS_REAUTH',
        credential: { lastError: { reason: 'REVOKED', retryable: false, providerStatus: status } },
      })
    },
  )

  it('answers a call whose credential the API refuses with RECONNECT_REQUIRED when the account is gone', async () => {
    const connectionId = await connect()
    expect(await call(connectionId)).toMatchObject({ response: { status: 200 } })
    answer = { status: 410, body: {} }
    refusals = 1
    expect(await call(connectionId)).toMatchObject({ __typename: 'ReconnectRequiredError' })
  })

  describe('testIntegration', () => {
    const authProvider = { provider: 'keeper', accountId: 'a' }
    const test = (input: object) =>
      run(
        'testIntegration',
        { workspaceId: workspace.id, ...input },
        `${REFRESH_FAIL} ... on TestIntegrationPayload { result { ok } }`,
      )

    it('calls it once, for an integration and for a definition, and stores nothing', async () => {
      const count = async () => ({
        connections: await app.database.prisma.connection.count(),
        credentials: await app.database.prisma.credential.count(),
        events: await app.database.prisma.event.count(),
      })
      const before = await count()
      const definition = { displayName: 'n', baseUrl: keeper.origin, auth: { type: 'bearer' } }
      for (const target of [{ integration: 'api' }, { definition: { ...definition, testRequest: { path: '/me' } } }]) {
        keeper.requests.length = 0
        expect(await test({ ...target, credential: { authProvider } })).toMatchObject({ result: { ok: true } })
        expect(keeper.requests.map(({ url }) => url.pathname)).toEqual(['/token', '/me'])
        expect(keeper.requests[1]?.headers.authorization).toBe('Bearer a-token')
        expect(JSON.parse(keeper.requests[0]?.body ?? '')).toMatchObject({
          connectionId: null,
          integration: target.integration ?? null,
          accountId: 'a',
        })
      }
      expect(await count()).toEqual(before)
    })

    it('reports an error of the auth provider, or of the input', async () => {
      answer = { status: 410, body: {} }
      expect(await test({ integration: 'api', credential: { authProvider } })).toMatchObject({ reason: 'REVOKED' })
      const unknown = { authProvider: { provider: 'nobody', accountId: 'a' } }
      expect(await test({ integration: 'api', credential: unknown })).toMatchObject({ code: 'INVALID_INPUT' })
      const definition = { displayName: 'n', baseUrl: keeper.origin, auth: { type: 'none' } }
      expect(await test({ definition, credential: { authProvider } })).toMatchObject({ code: 'UNSUPPORTED' })
    })
  })
})
