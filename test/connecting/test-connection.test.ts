import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendJson } from '../support/provider-server.ts'
import { bearerOf, type RequestFixture, rowId, startRequestFixture } from '../tools/request-fixture.ts'

let fixture: RequestFixture
beforeAll(async () => {
  fixture = await startRequestFixture()
})
afterAll(() => fixture.close())

const good = 'good-token-0123456789'
const meRequest = { testRequest: { path: '/me?x=1' } }
const test = (connectionId: string, key?: string) => fixture.run('testConnection', { connectionId }, key)
const set = (connectionId: string, assignments: string) =>
  fixture.app.database.sql.query(`UPDATE connection SET ${assignments} WHERE id = $1::uuid`, [rowId(connectionId)])

/** Accepts one token and returns an error for all others. */
function acceptOnly(token: string, newToken = 'new-access-token') {
  fixture.answer((seen, response) => {
    if (seen.url.pathname === '/token')
      sendJson(response, { access_token: newToken, token_type: 'bearer', expires_in: 3600 })
    else if (bearerOf(seen.headers) === token) sendJson(response, { id: 7 })
    else sendJson(response, { error: { message: `No such token: ${bearerOf(seen.headers)}` } }, {}, 401)
  })
}

/** Every row of every table, except the queue's tables, the audit log and `last_used_at`. */
async function dump(): Promise<string> {
  const { sql } = fixture.app.database
  const tables = await sql.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'audit_event'
     ORDER BY table_name`,
  )
  const parts: string[] = []
  for (const { name } of tables) {
    const rows = await sql.query<{ row: string }>(`SELECT to_jsonb(t) - 'last_used_at' AS row FROM "${name}" t`)
    parts.push(name, ...rows.map(({ row }) => JSON.stringify(row)).sort())
  }
  return parts.join('\n')
}

describe('testConnection', () => {
  it('sends the test request and returns the provider’s message', async () => {
    acceptOnly(good)
    const connection = await fixture.connect({ definition: meRequest })
    expect(await test(connection)).toMatchObject({
      connection: { id: connection, status: 'ACTIVE' },
      result: { ok: true, checked: true, providerStatus: 200 },
    })
    expect(fixture.provider.requests.map(({ method, url }) => `${method} ${url.pathname}${url.search}`)).toEqual([
      'GET /api/me?x=1',
    ])
    const wrong = await fixture.connect({ definition: meRequest, credential: { secretText: 'wrong-token-77' } })
    expect(await test(wrong)).toMatchObject({
      connection: {
        status: 'NEEDS_REAUTH',
        statusReason: 'The provider refused the credential (status 401). It says: No such token: [redacted]',
      },
      result: { ok: false, checked: true, providerStatus: 401, message: 'No such token: [redacted]' },
    })
  })

  it('applies the responseErrors of the definition', async () => {
    fixture.answer((_seen, response) => sendJson(response, { ok: false, error: 'account_inactive' }))
    const connection = await fixture.connect({
      definition: {
        testRequest: { method: 'POST', path: '/auth.test' },
        responseErrors: [{ path: ['ok'], equals: false, as: 'auth', message: ['error'] }],
      },
    })
    expect((await test(connection)).result).toEqual({
      ok: false,
      checked: true,
      providerStatus: 200,
      message: 'account_inactive',
    })
    expect(fixture.provider.requests[0]?.method).toBe('POST')
  })

  it('says that nothing was tested when the definition has no test request', async () => {
    acceptOnly(good)
    const connection = await fixture.connect()
    expect((await test(connection)).result).toMatchObject({ ok: true, checked: false, providerStatus: null })
    expect(fixture.provider.requests).toEqual([])
  })

  it('refreshes the credential when it is due, and when the provider rejects a valid one', async () => {
    acceptOnly('new-access-token')
    const ended = await fixture.connectOAuth({ expiresAt: '2020-01-01T00:00:00.000Z', definition: meRequest })
    expect((await test(ended)).result).toMatchObject({ ok: true, providerStatus: 200 })
    expect(fixture.provider.requests.map(({ url }) => url.pathname)).toEqual(['/token', '/api/me'])
    acceptOnly('new-access-token')
    const refused = await fixture.connectOAuth({ definition: meRequest })
    expect((await test(refused)).result).toMatchObject({ ok: true, providerStatus: 200 })
    expect(fixture.provider.requests.map(({ url }) => url.pathname)).toEqual(['/api/me', '/token', '/api/me'])
    const withoutRequest = await fixture.connectOAuth({ expiresAt: '2020-01-01T00:00:00.000Z' })
    expect((await test(withoutRequest)).result).toMatchObject({ ok: true, checked: false })
  })

  it('uses a single-use login for the test request', async () => {
    let logins = 0
    fixture.answer((seen, response) => {
      if (seen.url.pathname !== '/login') return sendJson(response, { token: bearerOf(seen.headers) })
      logins += 1
      return sendJson(response, { token: `session-${logins}` })
    })
    const connection = await fixture.connect({
      auth: {
        type: 'session_token',
        login: { url: `${fixture.provider.origin}/login`, method: 'POST', json: { user: "{{ config['username'] }}" } },
        fields: [{ name: 'username' }],
        tokenPath: ['token'],
        placement: { in: 'header', name: 'Authorization', prefix: 'Bearer' },
      },
      definition: meRequest,
      credential: { fields: { username: 'ada' } },
    })
    expect((await test(connection)).result).toMatchObject({ ok: true, checked: true })
    expect(logins).toBe(1)
  })

  it('makes a connection in ERROR active, and changes no other status', async () => {
    acceptOnly(good)
    const connection = await fixture.connect({ definition: meRequest })
    await set(connection, `status = 'ERROR', status_reason = 'It was away.'`)
    expect((await test(connection)).connection).toMatchObject({ status: 'ACTIVE', statusReason: null })
    const { data } = await fixture.app.request(
      'query ($id: ID!) { node(id: $id) { ... on Connection { events(first: 50) { nodes { type } } } } }',
      { id: connection },
      fixture.workspace.key,
    )
    const types = data.node.events.nodes.map((event: { type: string }) => event.type)
    expect(types.filter((type: string) => type === 'CONNECTION_ACTIVATED')).toHaveLength(2)

    await set(connection, `status = 'ERROR', status_reason = 'It was away.'`)
    fixture.answer((_seen, response) => sendJson(response, {}, {}, 500))
    expect(await test(connection)).toMatchObject({
      connection: { status: 'ERROR', statusReason: 'It was away.' },
      result: { ok: false },
    })
    await set(connection, `status = 'NEEDS_REAUTH', status_reason = 'It was revoked.'`)
    expect(await test(connection)).toMatchObject({
      __typename: 'ReconnectRequiredError',
      connection: { id: connection },
    })
  })

  it('requires write access to the connection', async () => {
    acceptOnly(good)
    const connection = await fixture.connect({ definition: meRequest })
    expect(await test(connection, await fixture.createKey('READER'))).toMatchObject({ __typename: 'ForbiddenError' })
    const other = await fixture.app.createWorkspace('Other')
    expect(await test(connection, other.key)).toMatchObject({ __typename: 'NotFoundError' })
    expect(fixture.provider.requests).toEqual([])
  })

  it('distinguishes an unreachable provider from a rejected credential', async () => {
    const connection = await fixture.connect({ definition: { ...meRequest, baseUrl: 'http://127.0.0.1:9' } })
    expect(await test(connection)).toMatchObject({ __typename: 'ProviderError', details: { kind: 'connect' } })
  })
})

describe('testIntegration', () => {
  const tryOut = (input: Record<string, unknown>, key?: string) =>
    fixture.run('testIntegration', { workspaceId: fixture.workspace.id, ...input }, key)
  const inline = (auth: Record<string, unknown> = { type: 'bearer' }) => ({
    definition: { displayName: 'Tried', baseUrl: `${fixture.provider.origin}/api`, auth, ...meRequest },
  })

  it('tests values against an integration and against a definition without writing anything', async () => {
    acceptOnly(good)
    await fixture.connect({ slug: 'tried', definition: meRequest })
    acceptOnly(good)
    await fixture.app.request('{ viewer { kind } }', {}, fixture.workspace.key)
    const before = await dump()
    expect(before).toContain('tried')
    const results = [
      await tryOut({ integration: 'tried', credential: { secretText: good } }),
      await tryOut({ integration: 'tried', credential: { secretText: 'canary-wrong-61' } }),
      await tryOut({ ...inline(), credential: { secretText: good } }),
      await tryOut({
        ...inline({ type: 'oauth2', grant: 'client_credentials', tokenUrl: `${fixture.provider.origin}/token` }),
        credential: { fields: { client_id: 'id-1', client_secret: 'canary-secret-62' } },
      }),
    ]
    expect(results.map(({ result }) => [result.ok, result.providerStatus])).toEqual([
      [true, 200],
      [false, 401],
      [true, 200],
      [false, 401],
    ])
    expect(results[1].result.message).toBe('No such token: [redacted]')
    expect(fixture.provider.requests.map(({ url }) => url.pathname)).toEqual([
      '/api/me',
      '/api/me',
      '/api/me',
      '/token',
      '/api/me',
    ])
    expect(await dump()).toBe(before)
    expect(fixture.app.log.join('')).not.toMatch(/canary-wrong-61|canary-secret-62/)
  })

  it('reads the first records of a stream without storing them, and redacts the credential in them', async () => {
    const { key } = await fixture.app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
        ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
      { workspaceId: fixture.workspace.id, name: 'settings', role: 'ADMIN', scopes: ['READ', 'ADMIN'] },
    )
    const people = Array.from({ length: 7 }, (_, index) => ({ id: index, note: `sent with ${good}` }))
    fixture.answer(({ url }, response) => sendJson(response, url.pathname === '/api/people' ? { data: people } : {}))
    await fixture.app.request('{ viewer { kind } }', {}, fixture.workspace.key)
    const before = await dump()
    const streams = [
      { name: 'people', path: '/people', recordsPath: 'data' },
      { name: 'others', path: '/others', recordsPath: 'data' },
      { name: 'notes', path: '/notes/{{ parent.id }}', parent: { stream: 'people' } },
    ]
    const definition = { ...inline().definition, streams }
    const read = (stream: string, key?: string) => tryOut({ definition, stream, credential: { secretText: good } }, key)
    const { result } = await read('people')
    expect(result).toMatchObject({ ok: true, checked: true, providerStatus: 200 })
    expect(result.message).toBe('The provider accepts the credential. The first page of people has 7 records.')
    expect(result.records).toEqual(people.slice(0, 5).map(({ id }) => ({ id, note: 'sent with [redacted]' })))
    const others = (await read('others')).result
    expect(others).toMatchObject({ ok: false, records: null })
    expect(others.message).toContain('page 1 has no list of records')
    for (const [stream, message] of [
      ['none', 'The definition has no such stream.'],
      ['notes', 'Choose a stream without a parent.'],
    ] as const) {
      expect(await read(stream)).toMatchObject({
        __typename: 'InvalidInputError',
        fields: [{ path: ['input', 'stream'], message }],
      })
    }
    expect(await read('people', key)).toMatchObject({ __typename: 'ForbiddenError' })
    expect(await dump()).toBe(before)
  })

  it('reports what the first page of a stream does not have although the definition names it', async () => {
    const tickets = [
      { id: 1, updated_at: '2026-01-01T00:00:00Z' },
      { id: 2, closed_at: null },
    ]
    const page = { data: tickets, meta: { pages: 2, count: 2 } }
    fixture.answer(({ url }, response) =>
      sendJson(response, url.pathname === '/api/tickets' ? page : { data: [], meta: {} }),
    )
    const read = async (more: object, path = '/tickets') => {
      const stream = { name: 'tickets', path, recordsPath: 'data', primaryKey: ['id'], ...more }
      const definition = { ...inline().definition, streams: [stream] }
      return (await tryOut({ definition, stream: 'tickets', credential: { secretText: good } })).result
    }
    const paged = (more: object) => ({ pagination: { type: 'page', param: 'page', size: 2, ...more } })
    const since = (cursorField: string) => ({ incremental: { cursorField, param: 'since' } })
    for (const [more, message] of [
      [{ primaryKey: ['key', 'id'] }, 'No record has key, which is its primaryKey.'],
      [since('updatedAt'), 'No record has updatedAt, which is its incremental.cursorField.'],
      [paged({ totalPages: 'meta.total_pages' }), 'The page has no meta.total_pages, which is pagination.totalPages.'],
      [paged({ total: 'header:x-total-count' }), 'The page has no header:x-total-count, which is pagination.total.'],
    ] as const) {
      const result = await read(more)
      expect(result).toMatchObject({ ok: false, checked: true, providerStatus: 200, records: tickets })
      expect(result.message).toContain(`${message} Correct the definition.`)
    }
    // Some records lack the first field, and the second one is null.
    for (const field of ['updated_at', 'closed_at']) {
      expect(
        await read({ ...since(field), ...paged({ totalPages: 'meta.pages', total: 'meta.count' }) }),
      ).toMatchObject({
        ok: true,
        message: 'The provider accepts the credential. The first page of tickets has 2 records.',
      })
    }
    expect(await read({ ...since('updatedAt'), ...paged({ total: 'meta.none' }) }, '/empty')).toMatchObject({
      ok: true,
    })
  })

  it('obtains a token with the values for the test only', async () => {
    acceptOnly('new-access-token')
    const auth = { type: 'oauth2', grant: 'client_credentials', tokenUrl: `${fixture.provider.origin}/token` }
    const credential = { fields: { client_id: 'id-1', client_secret: 'the-secret' } }
    expect((await tryOut({ ...inline(auth), credential })).result).toMatchObject({
      ok: true,
      checked: true,
      providerStatus: 200,
    })
    fixture.answer((_seen, response) => sendJson(response, { error: 'invalid_client' }, {}, 401))
    expect(await tryOut({ ...inline(auth), credential })).toMatchObject({
      __typename: 'CredentialRefreshError',
      reason: 'INVALID_CLIENT',
      providerStatus: 401,
    })
  })

  it('asks a token endpoint again that is not available for a moment', async () => {
    const failures = [502, 503]
    fixture.answer((seen, response) => {
      if (seen.url.pathname !== '/token') return sendJson(response, {})
      const status = failures.shift()
      if (status !== undefined) return sendJson(response, {}, {}, status)
      return sendJson(response, { access_token: 'new-access-token', token_type: 'bearer' })
    })
    const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: `${fixture.provider.origin}/token` }
    const credential = { oauthToken: { refreshToken: 'a-refresh-token' } }
    expect((await tryOut({ ...inline(auth), credential })).result).toMatchObject({ ok: true, providerStatus: 200 })
    expect(fixture.provider.requests.filter(({ url }) => url.pathname === '/token')).toHaveLength(3)
  })

  it('does not use up a refresh token that a connection has', async () => {
    acceptOnly(good)
    const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: `${fixture.provider.origin}/token` }
    const credential = { oauthToken: { refreshToken: 'a-refresh-token-in-use', accessToken: good } }
    const connectionId = await fixture.connect({ slug: 'in-use', definition: { auth, ...meRequest }, credential })
    const before = fixture.provider.requests.length
    const refused = await tryOut({ integration: 'in-use', credential })
    expect(refused).toMatchObject({ __typename: 'ConflictError', message: expect.stringContaining(connectionId) })
    expect(fixture.provider.requests.length).toBe(before)
  })

  it('uses the OAuth client of the integration', async () => {
    fixture.answer((seen, response) =>
      seen.url.pathname === '/token'
        ? sendJson(response, {
            access_token: `for-${new URLSearchParams(seen.body).get('client_secret')}`,
            token_type: 'bearer',
          })
        : sendJson(response, {}, {}, bearerOf(seen.headers) === 'for-client-secret-5' ? 200 : 401),
    )
    await fixture.app.mutate(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename ... on Error { message } } }`,
      {
        workspaceId: fixture.workspace.id,
        slug: 'with-client',
        oauthClient: { clientId: 'client-5', clientSecret: 'client-secret-5' },
        definition: inline({ type: 'oauth2', grant: 'refresh_token', tokenUrl: `${fixture.provider.origin}/token` })
          .definition,
      },
    )
    const credential = { oauthToken: { refreshToken: 'a-refresh-token' } }
    expect((await tryOut({ integration: 'with-client', credential })).result).toMatchObject({
      ok: true,
      providerStatus: 200,
    })
  })

  it('reports every wrong field', async () => {
    acceptOnly(good)
    const auth = { type: 'api_key', placement: { in: 'header', name: 'X-Key' } }
    const definition = { ...inline(auth).definition, inputFields: [{ name: 'region', required: true }] }
    const wrong = await tryOut({ definition, credential: { fields: { key: 'x' } }, input: { zone: 'eu' } })
    expect(wrong.fields.map(({ path }: { path: string[] }) => path.join('.')).sort()).toEqual([
      'input.credential.fields.api_key',
      'input.credential.fields.key',
      'input.input.region',
      'input.input.zone',
    ])
    const broken = await tryOut({ definition: { displayName: 'x' }, credential: { secretText: 'x' } })
    expect(broken.fields.every(({ path }: { path: string[] }) => path[0] === 'input' && path[1] === 'definition')).toBe(
      true,
    )
    for (const which of [{}, { integration: 'tried', provider: 'github' }, { ...inline(), integration: 'tried' }]) {
      expect(await tryOut({ ...which, credential: { secretText: 'x' } })).toMatchObject({
        fields: [{ path: ['input', 'integration'] }],
      })
    }
    for (const which of [{ integration: 'absent' }, { provider: 'absent-provider' }]) {
      expect(await tryOut({ ...which, credential: { secretText: 'x' } })).toMatchObject({ __typename: 'NotFoundError' })
    }
    expect(
      await tryOut({ ...inline(), credential: { secretText: 'x' } }, await fixture.createKey('READER')),
    ).toMatchObject({
      __typename: 'ForbiddenError',
    })
    expect(fixture.provider.requests).toEqual([])
  })
})

describe('refreshConnection', () => {
  const refresh = (connectionId: string, more: Record<string, unknown> = {}) =>
    fixture.run('refreshConnection', { connectionId, ...more })

  it('refreshes a credential that is due, and with force any credential', async () => {
    acceptOnly('any')
    const fresh = await fixture.connectOAuth()
    expect(await refresh(fresh)).toMatchObject({ refreshed: false, connection: { credential: { version: 1 } } })
    expect(await refresh(fresh, { force: true })).toMatchObject({
      refreshed: true,
      connection: { id: fresh, credential: { version: 2 } },
    })
    const ended = await fixture.connectOAuth({ expiresAt: '2020-01-01T00:00:00.000Z' })
    expect(await refresh(ended)).toMatchObject({ refreshed: true })
    expect(fixture.provider.requests).toHaveLength(2)
  })

  it('reports credentials that cannot be refreshed', async () => {
    acceptOnly('any')
    const fixed = await fixture.connect()
    expect(await refresh(fixed)).toMatchObject({ __typename: 'UnsupportedError', status: 400 })
    fixture.answer((_seen, response) => sendJson(response, { error: 'invalid_grant' }, {}, 400))
    const revoked = await fixture.connectOAuth()
    expect(await refresh(revoked, { force: true })).toMatchObject({
      __typename: 'ReconnectRequiredError',
      connection: { id: revoked },
    })
    expect(await refresh('nonsense')).toMatchObject({ __typename: 'NotFoundError' })
  })
})
