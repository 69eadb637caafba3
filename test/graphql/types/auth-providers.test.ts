import { createHmac, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import {
  type ProviderRequestSeen,
  type ProviderServer,
  sendJson,
  spaced,
  startProvider,
} from '../../support/provider-server.ts'

const SIGNING_BYTES = randomBytes(32)
const SIGNING_SECRET = `whsec_${SIGNING_BYTES.toString('base64')}`
const FAIL = '__typename ... on Error { code message } ... on InvalidInputError { fields { path message } }'

/** The next response of the auth provider, and the tokens that the API refuses. */
interface Script {
  answer: (request: ProviderRequestSeen) => { status?: number; body: unknown; headers?: Record<string, string> }
  refusedTokens: Set<string>
}

describe('An auth provider', () => {
  let app: TestApp
  let authServer: ProviderServer
  let api: ProviderServer
  let workspace: { id: string; slug: string; key: string }
  let script: Script
  let names = 0
  /** Whether the API repeats the token as it is, and not with spaces in it. */
  let echo = false

  beforeAll(async () => {
    app = await startTestApp()
    authServer = await startProvider((request, response) => {
      if (request.url.pathname === '/v1/oauth/token')
        return sendJson(response, { access_token: 'pd-access', expires_in: 3600 })
      const { status = 200, body, headers } = script.answer(request)
      return sendJson(response, body, headers, status)
    })
    api = await startProvider((request, response) => {
      const token = request.headers.authorization ?? String(request.headers['x-key'])
      sendJson(response, { token: echo ? token : spaced(token) }, {}, script.refusedTokens.has(token) ? 401 : 200)
    })
    workspace = await app.createWorkspace()
    for (const [slug, auth] of Object.entries({
      oauth: {
        type: 'oauth2',
        grant: 'authorization_code',
        authorizationUrl: 'https://a.example/a',
        tokenUrl: 'https://a.example/t',
      },
      bearer: { type: 'bearer' },
      key: { type: 'api_key', placement: { in: 'header', name: 'x-key' } },
      basic: { type: 'basic' },
      none: { type: 'none' },
    })) {
      const definition = { displayName: slug, baseUrl: api.origin, auth }
      await app.mutate(
        `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { ${FAIL} } }`,
        { workspaceId: workspace.id, slug, definition },
        workspace.key,
      )
    }
  })
  afterAll(async () => {
    await Promise.all([authServer.close(), api.close()])
    await app.stop()
  })
  beforeEach(() => {
    script = { answer: () => ({ body: { accessToken: 'first-token', expiresIn: 3600 } }), refusedTokens: new Set() }
    authServer.requests.length = 0
    api.requests.length = 0
  })

  const settings = {
    TOKEN_CALLBACK: { secret: SIGNING_SECRET, config: () => ({ url: `${authServer.origin}/token` }) },
    COMPOSIO: { secret: 'composio-project-key', config: () => ({ baseUrl: authServer.origin }) },
    PIPEDREAM: {
      secret: 'pipedream-client-secret',
      config: () => ({
        baseUrl: authServer.origin,
        projectId: 'proj_1',
        environment: 'development',
        clientId: 'client',
      }),
    },
  }

  async function createProvider(
    kind: keyof typeof settings,
    hosts = ['127.0.0.1'],
  ): Promise<{ id: string; name: string }> {
    names += 1
    const { secret, config } = settings[kind]
    const { authProvider } = await app.mutate(
      `mutation ($input: CreateAuthProviderInput!) { createAuthProvider(input: $input) {
        ${FAIL} ... on CreateAuthProviderPayload { authProvider { id name kind config hosts } } } }`,
      { workspaceId: workspace.id, name: `provider-${names}`, kind, secret, config: config(), hosts },
      workspace.key,
    )
    return authProvider
  }

  async function connect(integration: string, provider: string, accountId = 'account/1', extra = {}): Promise<string> {
    const { connection } = await app.mutate(
      `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) {
        ${FAIL} ... on CreateConnectionPayload { connection { id method credential { type refreshable expiresAt } } } } }`,
      { workspaceId: workspace.id, integration, credential: { authProvider: { provider, accountId } }, ...extra },
      workspace.key,
    )
    expect(connection).toMatchObject({
      method: 'AUTH_PROVIDER',
      credential: { type: 'AUTH_PROVIDER', refreshable: false, expiresAt: null },
    })
    return connection.id
  }

  async function call(connectionId: string) {
    const { data } = await app.request(
      `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) {
        ${FAIL} ... on ExecuteRequestPayload { refreshed response { status body } }
        ... on CredentialRefreshError { reason retryable providerStatus providerErrorDescription } } }`,
      { input: { connectionId, method: 'GET', path: '/me' } },
      workspace.key,
    )
    return data.executeRequest
  }

  it('gets one signed token request for concurrent calls, and none while the token is valid', async () => {
    const { name } = await createProvider('TOKEN_CALLBACK')
    const connectionId = await connect('oauth', name, 'account/1', { endUserExternalId: 'ada' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(connectionId)))
    for (const answer of answers) expect(answer.response.body).toEqual({ token: spaced('Bearer first-token') })
    expect(authServer.requests).toHaveLength(1)
    const [request] = authServer.requests
    const sent = JSON.parse(request?.body ?? '')
    const { data } = await app.request(
      'query ($id: ID!) { node(id: $id) { ... on Connection { integration { id } endUser { id } } } }',
      { id: connectionId },
      workspace.key,
    )
    // The ids are those of the API.
    expect(sent).toEqual({
      accountId: 'account/1',
      workspaceId: workspace.id,
      connectionId,
      integrationId: data.node.integration.id,
      integration: 'oauth',
      endUserId: data.node.endUser.id,
      endUserExternalId: 'ada',
    })
    const [id, timestamp] = [request?.headers['webhook-id'], request?.headers['webhook-timestamp']]
    const expected = createHmac('sha256', SIGNING_BYTES).update(`${id}.${timestamp}.${request?.body}`).digest('base64')
    expect(request?.headers['webhook-signature']).toBe(`v1,${expected}`)
    await call(connectionId)
    expect(authServer.requests).toHaveLength(1)
  })

  it('gets null for the ids that there are none of', async () => {
    const { name } = await createProvider('TOKEN_CALLBACK')
    const connectionId = await connect('bearer', name)
    await call(connectionId)
    const nobody = { endUserId: null, endUserExternalId: null }
    expect(JSON.parse(authServer.requests[0]?.body ?? '')).toMatchObject({
      connectionId,
      integration: 'bearer',
      ...nobody,
    })
    const definition = { displayName: 'D', baseUrl: api.origin, auth: { type: 'bearer' }, testRequest: { path: '/me' } }
    const credential = { authProvider: { provider: name, accountId: 'account/1' } }
    await app.mutate(
      `mutation ($input: TestIntegrationInput!) { testIntegration(input: $input) { ${FAIL} __typename } }`,
      { workspaceId: workspace.id, definition, credential },
      workspace.key,
    )
    const none = { connectionId: null, integrationId: null, integration: null, ...nobody }
    expect(JSON.parse(authServer.requests[1]?.body ?? '')).toEqual({
      accountId: 'account/1',
      workspaceId: workspace.id,
      ...none,
    })
  })

  it('supplies a token that is neither stored nor logged', async () => {
    script.answer = () => ({ body: { accessToken: 'never-stored-9f2c71', expiresIn: 3600 } })
    const { name } = await createProvider('TOKEN_CALLBACK')
    await call(await connect('bearer', name))
    const tables = await app.database.sql.query<{ name: string }>(
      `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    )
    for (const { name: table } of tables) {
      expect(
        await app.database.sql.query(`SELECT 1 AS hit FROM ${table} t WHERE t::text LIKE '%never-stored-9f2c71%'`),
      ).toEqual([])
    }
    expect(app.log.join()).not.toContain('never-stored-9f2c71')
    expect(app.log.join()).not.toContain(SIGNING_SECRET)
  })

  it('gets one more token request when the API refuses the token, and not one for each later refusal', async () => {
    const { name } = await createProvider('TOKEN_CALLBACK')
    const connectionId = await connect('bearer', name)
    await call(connectionId)
    script.refusedTokens.add('Bearer first-token')
    script.answer = () => ({ body: { accessToken: 'second-token', expiresIn: 3600 } })
    expect(await call(connectionId)).toMatchObject({
      refreshed: true,
      response: { status: 200, body: { token: spaced('Bearer second-token') } },
    })
    expect(authServer.requests).toHaveLength(2)
    script.refusedTokens.add('Bearer second-token')
    for (let time = 1; time <= 3; time += 1)
      expect(await call(connectionId)).toMatchObject({ response: { status: 401 } })
    expect(authServer.requests).toHaveLength(2)
  })

  it.each([
    [
      { state: { authScheme: 'OAUTH2', val: { status: 'ACTIVE', access_token: 'cmp-access-token' } } },
      'oauth',
      'Bearer cmp-access-token',
    ],
    [
      { state: { authScheme: 'BEARER_TOKEN', val: { token: 'cmp-bearer-token' } } },
      'bearer',
      'Bearer cmp-bearer-token',
    ],
    [{ state: { authScheme: 'API_KEY', val: { generic_api_key: 'cmp-api-key' } } }, 'key', 'cmp-api-key'],
    [{ state: { authScheme: 'BASIC', val: { username: 'u', password: 'p' } } }, 'basic', `Basic ${btoa('u:p')}`],
  ])('COMPOSIO: its response becomes the credential of the request: %j', async (account, integration, token) => {
    script.answer = () => ({ body: { id: 'account/1', status: 'ACTIVE', ...account } })
    const { name } = await createProvider('COMPOSIO')
    expect((await call(await connect(integration, name))).response.body).toEqual({ token: spaced(token) })
    const [request] = authServer.requests
    expect(request?.url.pathname).toBe('/api/v3/connected_accounts/account%2F1')
    expect(request?.headers['x-api-key']).toBe('composio-project-key')
  })

  it('PIPEDREAM: the account is requested with a token of the OAuth client and the environment', async () => {
    script.answer = () => ({
      body: {
        id: 'apn_1',
        healthy: true,
        dead: false,
        expires_at: '2999-01-01T00:00:00Z',
        credentials: { oauth_access_token: 'pd-account-token' },
      },
    })
    const { name } = await createProvider('PIPEDREAM')
    expect((await call(await connect('oauth', name, 'apn_1'))).response.body).toEqual({
      token: spaced('Bearer pd-account-token'),
    })
    const [forToken, forAccount] = authServer.requests
    expect(JSON.parse(forToken?.body ?? '')).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 'pipedream-client-secret',
    })
    expect(`${forAccount?.url.pathname}${forAccount?.url.search}`).toBe(
      '/v1/connect/proj_1/accounts/apn_1?include_credentials=1',
    )
    expect(forAccount?.headers).toMatchObject({ authorization: 'Bearer pd-access', 'x-pd-environment': 'development' })
  })

  const composioState = (val: object) => ({ body: { status: 'ACTIVE', state: { val } } })
  /** Only the user can go on, at the auth provider. */
  const gone = { code: 'RECONNECT_REQUIRED' }
  it.each<[string, keyof typeof settings, ReturnType<Script['answer']>, object]>([
    [
      'returns a masked secret',
      'COMPOSIO',
      composioState({ access_token: 'REDACTED' }),
      { reason: 'MALFORMED_RESPONSE', retryable: false },
    ],
    [
      'returns the beginning of a secret only',
      'COMPOSIO',
      composioState({ access_token: 'gho_...' }),
      { reason: 'MALFORMED_RESPONSE', retryable: false },
    ],
    ['has an expired account', 'COMPOSIO', { body: { status: 'EXPIRED' } }, gone],
    ['returns no credential', 'COMPOSIO', composioState({}), { reason: 'MALFORMED_RESPONSE' }],
    ['has a dead account', 'PIPEDREAM', { body: { dead: true, credentials: null } }, gone],
    ['returns an empty credential', 'PIPEDREAM', { body: { credentials: {} } }, { reason: 'MALFORMED_RESPONSE' }],
    ['returns no token', 'TOKEN_CALLBACK', { body: { token: 'x' } }, { reason: 'MALFORMED_RESPONSE', retryable: true }],
    [
      'returns an expired token',
      'TOKEN_CALLBACK',
      { body: { accessToken: 'x', expiresAt: '2001-01-01T00:00:00Z' } },
      { reason: 'MALFORMED_RESPONSE' },
    ],
    [
      'returns a token that no header can hold',
      'TOKEN_CALLBACK',
      { body: { accessToken: 'a\nb' } },
      { reason: 'MALFORMED_RESPONSE', retryable: false },
    ],
    ['returns a list', 'TOKEN_CALLBACK', { body: [] }, { reason: 'MALFORMED_RESPONSE' }],
    ['returns an HTML page', 'TOKEN_CALLBACK', { body: '<html>' }, { reason: 'MALFORMED_RESPONSE' }],
    [
      'redirects',
      'TOKEN_CALLBACK',
      { status: 307, body: {}, headers: { location: 'http://127.0.0.1:1/' } },
      { reason: 'MALFORMED_RESPONSE' },
    ],
    ['does not have the account', 'TOKEN_CALLBACK', { status: 404, body: {} }, gone],
    [
      'returns a server error',
      'TOKEN_CALLBACK',
      { status: 500, body: {} },
      { reason: 'PROVIDER_UNAVAILABLE', retryable: true, providerStatus: 500 },
    ],
    [
      'refuses the key and repeats it in its message',
      'COMPOSIO',
      { status: 401, body: { error: { message: 'bad key composio-project-key' } } },
      { reason: 'INVALID_CLIENT', retryable: false, providerErrorDescription: 'bad key [redacted]' },
    ],
  ])('that %s (%s) makes the request fail with the right reason', async (_what, kind, answer, expected) => {
    script.answer = () => answer
    const { name } = await createProvider(kind)
    const connectionId = await connect('bearer', name)
    expect(await call(connectionId)).toMatchObject({ code: 'CREDENTIAL_REFRESH', ...expected })
    expect(api.requests).toEqual([])
  })

  it('gets a new token request after updateAuthProvider, and is missing after deleteAuthProvider', async () => {
    const { id, name } = await createProvider('TOKEN_CALLBACK')
    const connectionId = await connect('bearer', name)
    await call(connectionId)
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    await app.mutate(
      `mutation ($input: UpdateAuthProviderInput!) { updateAuthProvider(input: $input) { ${FAIL} } }`,
      { authProviderId: id, secret },
      workspace.key,
    )
    script.answer = () => ({ body: { accessToken: 'after-update' } })
    expect((await call(connectionId)).response.body).toEqual({ token: spaced('Bearer after-update') })
    await app.mutate(
      `mutation ($input: DeleteAuthProviderInput!) { deleteAuthProvider(input: $input) { ${FAIL} } }`,
      { authProviderId: id },
      workspace.key,
    )
    expect(await call(connectionId)).toMatchObject({
      reason: 'INVALID_CLIENT',
      message: expect.stringContaining('Create it again'),
    })
  })

  it('gets a token request from refreshConnection when there is no token, or with force', async () => {
    const { name } = await createProvider('TOKEN_CALLBACK')
    const connectionId = await connect('bearer', name)
    const refresh = async (force: boolean) =>
      app.mutate(
        `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${FAIL} ... on RefreshConnectionPayload { refreshed } } }`,
        { connectionId, force },
        workspace.key,
      )
    expect(await refresh(false)).toMatchObject({ refreshed: true })
    expect(await refresh(false)).toMatchObject({ refreshed: false })
    expect(await refresh(true)).toMatchObject({ refreshed: true })
    expect(authServer.requests).toHaveLength(2)
  })

  it('replaces a stored secret with replaceCredential, and is replaced by one', async () => {
    const { name } = await createProvider('TOKEN_CALLBACK')
    const replace = async (connectionId: string, credential: object) =>
      (
        await app.mutate(
          `mutation ($input: ReplaceCredentialInput!) { replaceCredential(input: $input) {
            ${FAIL} ... on ReplaceCredentialPayload { connection { method credential { type } } } } }`,
          { connectionId, credential },
          workspace.key,
        )
      ).connection
    const connectionId = await connect('bearer', name)
    await call(connectionId)
    expect(await replace(connectionId, { secretText: 'own-token' })).toEqual({
      method: 'SECRET',
      credential: { type: 'BEARER' },
    })
    expect((await call(connectionId)).response.body).toEqual({ token: spaced('Bearer own-token') })
    const credential = { authProvider: { provider: name, accountId: 'b' } }
    expect(await replace(connectionId, credential)).toEqual({
      method: 'AUTH_PROVIDER',
      credential: { type: 'AUTH_PROVIDER' },
    })
    expect((await call(connectionId)).response.body).toEqual({ token: spaced('Bearer first-token') })
  })

  describe('whose hosts are named', () => {
    let evil: ProviderServer
    let hosts: string[]
    beforeAll(async () => {
      evil = await startProvider((_request, response) => sendJson(response, {}))
      hosts = [new URL(api.origin).host]
      const inputFields = [{ name: 'url', label: 'URL' }]
      await integrate('evil', { baseUrl: evil.origin })
      await integrate('anywhere', { baseUrl: '{{ input.url }}', inputFields })
    })
    afterAll(() => evil.close())

    const send = async (field: string, input: object, selection = '') => {
      const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`
      const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${FAIL} ${selection} } }`
      return (await app.request(query, { input }, workspace.key)).data[field]
    }
    const integrate = (slug: string, definition: object) =>
      send('createIntegration', {
        workspaceId: workspace.id,
        slug,
        definition: { displayName: slug, auth: { type: 'bearer' }, testRequest: { path: '/me' }, ...definition },
      })
    const account = (provider: string) => ({ authProvider: { provider, accountId: 'account/1' } })
    const refused = {
      code: 'INVALID_INPUT',
      fields: [{ path: ['input', 'credential', 'authProvider', 'provider'], message: expect.any(String) }],
    }

    it('has its credentials sent to no other host, whoever writes the definition or the input', async () => {
      const { name } = await createProvider('TOKEN_CALLBACK', hosts)
      const given = { workspaceId: workspace.id, credential: account(name) }
      const definition = {
        displayName: 'x',
        baseUrl: evil.origin,
        auth: { type: 'bearer' },
        testRequest: { path: '/' },
      }
      for (const [field, input] of [
        ['createConnection', { ...given, integration: 'evil' }],
        ['createConnection', { ...given, integration: 'anywhere', input: { url: evil.origin } }],
        ['testIntegration', { ...given, integration: 'evil' }],
        ['testIntegration', { ...given, definition }],
      ] as const) {
        const answer = await send(field, input)
        expect(answer).toMatchObject(refused)
        expect(answer.fields[0].message).toContain(`does not name the host ${new URL(evil.origin).host}`)
      }
      const secret = { workspaceId: workspace.id, credential: { secretText: 'own' }, integration: 'evil' }
      const { connection } = await send(
        'createConnection',
        secret,
        '... on CreateConnectionPayload { connection { id } }',
      )
      const replacement = { connectionId: connection.id, credential: account(name) }
      expect(await send('replaceCredential', replacement)).toMatchObject(refused)
      expect([evil.requests, authServer.requests]).toEqual([[], []])
      await connect('anywhere', name, 'account/1', { input: { url: api.origin } })
    })

    it('needs its secret for another host, and takes one back without it', async () => {
      const { id, name } = await createProvider('TOKEN_CALLBACK', [new URL(evil.origin).host])
      const connectionId = await connect('evil', name)
      expect(await call(connectionId)).toMatchObject({ response: { status: 200 } })
      const change = (more: object) => send('updateAuthProvider', { authProviderId: id, ...more })
      expect(await change({ hosts: ['*.example.com', new URL(evil.origin).host] })).toMatchObject({
        fields: [{ path: ['input', 'secret'] }],
      })
      expect(await change({ hosts: ['https://a'] })).toMatchObject({ fields: [{ path: ['input', 'hosts', '0'] }] })
      expect(await change({ hosts: [] })).toMatchObject({ fields: [{ path: ['input', 'secret'] }] })
      expect(await change({ hosts: ['a.example.com'] })).toMatchObject({ fields: [{ path: ['input', 'secret'] }] })
      const host = new URL(evil.origin).host
      const both = { hosts: [host, 'a.example.com'], secret: SIGNING_SECRET }
      expect(await change(both)).toMatchObject({ __typename: 'UpdateAuthProviderPayload' })
      expect(await change({ hosts: ['a.example.com'] })).toMatchObject({ __typename: 'UpdateAuthProviderPayload' })
      evil.requests.length = 0
      expect(await call(connectionId)).toMatchObject({
        reason: 'INVALID_CLIENT',
        message: expect.stringContaining('does not name the host'),
      })
      expect(evil.requests).toEqual([])
      const again = { hosts: [new URL(evil.origin).hostname], secret: SIGNING_SECRET }
      expect(await change(again)).toMatchObject({ __typename: 'UpdateAuthProviderPayload' })
      expect(await call(connectionId)).toMatchObject({ response: { status: 200 } })
    })

    it('serves the providers of the catalogue that have one fixed host without naming them', async () => {
      const { name } = await createProvider('TOKEN_CALLBACK', ['crm.example.com'])
      const given = { workspaceId: workspace.id, credential: account(name) }
      const connected = { __typename: 'CreateConnectionPayload' }
      expect(await send('createConnection', { ...given, provider: 'github' })).toMatchObject(connected)
      const chargebee = { ...given, provider: 'chargebee', input: { site: 'acme' } }
      expect(await send('createConnection', chargebee)).toMatchObject(refused)
      // A definition of the workspace at the same host could put the token into a text that others read there.
      await integrate('like-github', { baseUrl: 'https://api.github.com' })
      expect(await send('createConnection', { ...given, integration: 'like-github' })).toMatchObject(refused)
    })
  })

  describe('whose credentials the writer of a definition must not read', () => {
    // biome-ignore lint/suspicious/noExplicitAny: the result of an arbitrary document
    const send = async (field: string, input: object, key = workspace.key, selection = ''): Promise<any> => {
      const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`
      const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${FAIL} ${selection} } }`
      return (await app.request(query, { input }, key)).data[field]
    }
    const account = (provider: string) => ({ authProvider: { provider, accountId: 'account/1' } })
    const define = (auth: object, more: object = {}) => ({
      ...{ displayName: 'own', baseUrl: api.origin, auth: { type: 'bearer', ...auth }, testRequest: { path: '/me' } },
      ...more,
    })
    const token = { name: 'token', secret: true, required: true }
    const refused = { code: 'INVALID_INPUT', fields: [{ path: ['input', 'credential', 'authProvider', 'provider'] }] }
    const tests = '... on TestIntegrationPayload { result { ok message } }'

    it('are not compared with the patterns of a definition', async () => {
      const { name } = await createProvider('TOKEN_CALLBACK')
      const given = { workspaceId: workspace.id, credential: account(name) }
      const results = []
      for (const pattern of ['fir.*', 'sec.*']) {
        const definition = define({ fields: [{ ...token, pattern }] })
        results.push(await send('testIntegration', { ...given, definition }, workspace.key, tests))
      }
      expect(results[0]).toMatchObject({ result: { ok: true } })
      expect(results[1]).toEqual(results[0])
    })

    const whole = '{{ config.token }}'
    it.each<[string, object, object?]>([
      ['a condition in its auth', { token: "{{ input.none if config.token == 'a' else config.token }}" }],
      ['a condition in a header', {}, { headers: { 'x-a': "{{ input.none if config.token == 'a' else 'a' }}" } }],
      ['a part of it', { token: '{{ config.token | first }}' }],
      ['a filter', { token: '{{ config.token | upper }}' }],
      ['all of config', {}, { headers: { 'x-a': '{{ config | length }}' } }],
      [
        'a part in a test request',
        {},
        { testRequest: { method: 'POST', path: '/me', json: { a: '{{ config.token | length }}' } } },
      ],
      ['it in the base URL', {}, { baseUrl: 'https://{{ config.token }}.example.com' }],
      ['it in a path', {}, { testRequest: { path: '/{{ config.token }}' } }],
      ['a field of another name', { fields: [{ name: 'tok2', secret: true }], token: '{{ config.tok2 | first }}' }],
      ['a field that is not secret', { fields: [{ name: 'tok2' }], token: '{{ config.tok2 | first }}' }],
      [
        'it for a cursor',
        {},
        {
          streams: [
            {
              name: 's',
              path: '/s',
              primaryKey: ['id'],
              incremental: { cursorField: 'at', param: 'since', start: whole },
            },
          ],
        },
      ],
    ])('are refused to a definition that reads %s', async (_what, auth, more = {}) => {
      const { name } = await createProvider('TOKEN_CALLBACK')
      const given = { workspaceId: workspace.id, credential: account(name) }
      const definition = define(auth, more)
      const tested = await send('testIntegration', { ...given, definition })
      expect(tested).toMatchObject(refused)
      expect(tested.fields[0].message).toContain('must not be used with accounts of auth providers')
      names += 1
      const slug = `own-${names}`
      expect(await send('createIntegration', { workspaceId: workspace.id, slug, definition })).not.toHaveProperty(
        'code',
      )
      expect(await send('createConnection', { ...given, integration: slug })).toMatchObject(refused)
      const stored = { workspaceId: workspace.id, integration: slug, credential: { secretText: 'an-own-token' } }
      const made = await send(
        'createConnection',
        stored,
        workspace.key,
        '... on CreateConnectionPayload { connection { id } }',
      )
      const replacement = { connectionId: made.connection.id, credential: account(name) }
      expect(await send('replaceCredential', replacement)).toMatchObject(refused)
      expect([api.requests, authServer.requests]).toEqual([[], []])
    })

    it('are sent by a definition that reads them whole', async () => {
      const { name } = await createProvider('TOKEN_CALLBACK')
      const inputFields = [{ name: 'region' }]
      const headers = {
        'x-a': "{{ 'a:' ~ config.token }}",
        'x-b': '{{ config.token | b64encode }}',
        'x-r': '{{ config.region | upper }}',
      }
      const definition = define({ token: whole }, { headers, inputFields })
      const given = { workspaceId: workspace.id, credential: account(name), definition, input: { region: 'eu' } }
      expect(await send('testIntegration', given, workspace.key, tests)).toMatchObject({ result: { ok: true } })
      expect(api.requests[0]?.headers).toMatchObject({
        authorization: 'Bearer first-token',
        'x-a': 'a:first-token',
        'x-r': 'EU',
      })
    })

    it('are neither fetched nor sent after the definition of their connection has changed', async () => {
      const { name } = await createProvider('TOKEN_CALLBACK')
      names += 1
      const integration = `own-${names}`
      const create = { workspaceId: workspace.id, slug: integration, definition: define({ fields: [token] }) }
      const made = await send(
        'createIntegration',
        create,
        workspace.key,
        '... on CreateIntegrationPayload { integration { id } }',
      )
      const integrationId = made.integration.id
      const connectionId = await connect(integration, name)
      const limited = { workspaceId: workspace.id, name: integration, role: 'ADMIN', integrations: [integration] }
      const { key } = await send('createApiKey', limited, workspace.key, '... on CreateApiKeyPayload { key }')
      const change = async (definition: object) =>
        expect(await send('updateIntegration', { integrationId, definition }, key)).not.toHaveProperty('code')
      const refresh = () =>
        send('refreshConnection', { connectionId, force: true }, key, '... on RefreshConnectionPayload { refreshed }')

      await change(define({ fields: [{ ...token, pattern: 'sec.*' }] }))
      expect(await refresh()).toMatchObject({ refreshed: true })
      expect((await call(connectionId)).response.body).toEqual({ token: spaced('Bearer first-token') })

      const fields = [
        { ...token, required: false },
        { ...token, name: 'tok2' },
      ]
      const asked = authServer.requests.length
      const sent = api.requests.length
      const headers = { 'x-a': "{{ input.none if config.tok2 == 'a' else 'a' }}" }
      await change(define({ fields, token: '{{ config.tok2 }}' }, { headers }))
      for (const answer of [await call(connectionId), await refresh()]) {
        expect(answer).toMatchObject({
          code: 'CREDENTIAL_REFRESH',
          message: expect.stringContaining('headers.x-a could show a part of the credential'),
        })
      }
      expect([authServer.requests.length, api.requests.length]).toEqual([asked, sent])
      await change(define({ fields, token: '{{ config.tok2 }}' }))
      expect(await refresh()).toMatchObject({ refreshed: true })
      expect(await call(connectionId)).toMatchObject({ response: { status: 200 } })
    })

    it('are removed from responses and are not an input, whatever the definition says about its fields', async () => {
      const { name } = await createProvider('TOKEN_CALLBACK')
      names += 1
      const definition = define({ fields: [{ name: 'shown', required: true }], token: '{{ config.shown }}' })
      await send('createIntegration', { workspaceId: workspace.id, slug: `own-${names}`, definition })
      const connectionId = await connect(`own-${names}`, name)
      echo = true
      expect(JSON.stringify(await call(connectionId))).not.toContain('first-token')
      echo = false
      const shown = define(
        { fields: [{ name: 'shown' }], token: '{{ config.shown }}' },
        { headers: { 'x-a': '{{ input.shown }}' } },
      )
      const given = { workspaceId: workspace.id, credential: account(name), definition: shown }
      api.requests.length = 0
      await send('testIntegration', given)
      expect(api.requests).toEqual([])
    })

    it('are renewed by the auth provider alone, also when they have expired', async () => {
      script.answer = () => ({ body: { accessToken: 'a-short-token', expiresIn: 0.001 } })
      const { name } = await createProvider('TOKEN_CALLBACK')
      const tokenUrl = `${authServer.origin}/stolen?t={{ config.access_token }}`
      const auth = {
        type: 'oauth2',
        grant: 'refresh_token',
        refreshToken: 'x',
        clientId: 'x',
        clientSecret: 'x',
        tokenUrl,
      }
      const given = { workspaceId: workspace.id, credential: account(name), definition: define(auth) }
      await send('testIntegration', given)
      expect(authServer.requests.filter(({ url }) => url.pathname === '/stolen')).toEqual([])
    })
  })

  it('is validated when it is created, and the error contains no values', async () => {
    const create = async (input: object) =>
      (
        await app.request(
          `mutation ($input: CreateAuthProviderInput!) { createAuthProvider(input: $input) { ${FAIL} } }`,
          {
            input: {
              workspaceId: workspace.id,
              name: 'ok-name',
              kind: 'TOKEN_CALLBACK',
              secret: SIGNING_SECRET,
              ...input,
            },
          },
          workspace.key,
        )
      ).data.createAuthProvider
    const wrong = await create({
      name: 'Not OK',
      secret: 'not-a-secret-1234',
      config: { url: 'ftp://x', apiKey: 'leaked' },
    })
    expect(wrong.fields.map(({ path }: { path: string[] }) => path.join('.')).sort()).toEqual([
      'input.config.apiKey',
      'input.config.url',
      'input.name',
      'input.secret',
    ])
    expect(JSON.stringify(wrong)).not.toMatch(/leaked|not-a-secret|ftp:/)
    const { name } = await createProvider('COMPOSIO')
    expect(await create({ name, config: { url: 'https://a.example/' } })).toMatchObject({ code: 'CONFLICT' })
  })

  it('must exist in the workspace and suit the authentication of the integration', async () => {
    const create = async (integration: string, provider: string) =>
      (
        await app.request(
          `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { ${FAIL} } }`,
          {
            input: {
              workspaceId: workspace.id,
              integration,
              credential: { authProvider: { provider, accountId: 'a' } },
            },
          },
          workspace.key,
        )
      ).data.createConnection
    expect(await create('bearer', 'unknown')).toMatchObject({
      fields: [{ path: ['input', 'credential', 'authProvider', 'provider'] }],
    })
    const { name } = await createProvider('COMPOSIO')
    expect(await create('none', name)).toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('is listed without its secret, and not at all for a READER key', async () => {
    await createProvider('COMPOSIO')
    const { key } = await app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ${FAIL} ... on CreateApiKeyPayload { key } } }`,
      { workspaceId: workspace.id, name: 'reader', role: 'READER' },
    )
    const list = `{ viewer { workspace { authProviders(first: 100) { totalCount nodes { name kind config } } } } }`
    const seen = (await app.request(list, {}, workspace.key)).data.viewer.workspace.authProviders
    expect(seen.totalCount).toBeGreaterThan(0)
    expect(JSON.stringify(seen)).not.toContain('composio-project-key')
    expect((await app.request(list, {}, key)).data.viewer.workspace.authProviders.totalCount).toBe(0)
  })
})
