import { describe, expect, it } from 'vitest'
import { movedPlaces } from '../../src/auth/credential-origins.ts'
import { authSchema } from '../../src/catalog/definition/auth.ts'
import { parseDefinition } from '../../src/catalog/definition/definition.ts'
import { receivedBy, useAttacked } from './recording-provider.ts'

const SECRETS = ['stored-access', 'stored-refresh', 'secret-of-the-workspace', 'password-of-ada']

const ownSession = {
  type: 'session_token',
  login: { url: 'https://login.example/', json: { key: 'k' } },
  tokenPath: 'token',
  lifetime: 'PT1H',
  placement: { in: 'header', name: 'X-Session' },
}

/** A way of `auths`, which has no fields of its own. */
const ownHmac = {
  type: 'signature',
  method: 'hmac',
  key: '{{ config.token }}',
  hash: 'sha256',
  message: '{{ path }}',
  encoding: 'hex',
  placement: { in: 'header', name: 'X-Signature' },
}

describe('A definition that moves an address to another origin', () => {
  const attacked = useAttacked()
  let slugs = 0

  const oauth2At = (origin: string, more: object = {}) => ({
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${origin}/authorize`,
    tokenUrl: `${origin}/token`,
    revocation: { url: `${origin}/revoke` },
    ...more,
  })
  const definitionOf = (more: object = {}) => ({
    displayName: 'CRM',
    baseUrl: `${attacked.good.origin}/api`,
    auth: oauth2At(attacked.good.origin),
    streams: [{ name: 'contacts', path: '/contacts' }],
    ...more,
  })

  async function integrate(
    definition: object = definitionOf(),
    client: object | null = { clientId: 'c', clientSecret: SECRETS[2] },
  ) {
    const input = { workspaceId: attacked.workspace.id, slug: `crm-${++slugs}`, definition, oauthClient: client }
    return (await attacked.send('createIntegration', input, 'integration { id slug }')).integration
  }
  let tokens = 0
  async function connect(slug: string, expiresAt = '2090-01-01T00:00:00Z'): Promise<string> {
    const oauthToken = { accessToken: 'stored-access', refreshToken: `stored-refresh-${++tokens}`, expiresAt }
    const input = { workspaceId: attacked.workspace.id, integration: slug, credential: { oauthToken } }
    return (await attacked.send('createConnection', input, 'connection { id }')).connection.id
  }
  const update = (integrationId: string, definition: object, more: object = {}) =>
    attacked.send(
      'updateIntegration',
      { integrationId, definition, ...more },
      'connectionsAffected integration { baseUrl }',
    )
  const call = (connectionId: string) => attacked.send('executeRequest', { connectionId, method: 'GET', path: '/me' })
  const withSecret = { oauthClient: { clientId: 'c', clientSecret: 'given-again' } }
  const expectNothingStolen = () => {
    for (const secret of SECRETS) expect(receivedBy(attacked.evil)).not.toContain(secret)
  }

  it('needs the client secret again', async () => {
    const { id, slug } = await integrate()
    const connection = await connect(slug)
    const evil = definitionOf({ auth: oauth2At(attacked.evil.origin) })
    expect(await update(id, evil)).toMatchObject({ fields: [{ path: ['input', 'oauthClient', 'clientSecret'] }] })
    expect(await call(connection)).toMatchObject({ __typename: 'ExecuteRequestPayload' })
    expect(attacked.evil.requests).toEqual([])
  })

  it('takes the credentials out of use for every kind of use, and moving back does not bring them back', async () => {
    const { id, slug } = await integrate()
    const [fresh, expired, deleted] = [
      await connect(slug),
      await connect(slug, '2020-01-01T00:00:00Z'),
      await connect(slug),
    ]
    const evil = definitionOf({ baseUrl: `${attacked.evil.origin}/api`, auth: oauth2At(attacked.evil.origin) })
    expect(await update(id, evil, { ...withSecret, dryRun: true })).toMatchObject({ connectionsAffected: 3 })
    expect(await attacked.connection(fresh)).toMatchObject({ status: 'ACTIVE' })
    expect(await update(id, evil, withSecret)).toMatchObject({ connectionsAffected: 3 })
    for (const connection of [fresh, expired]) {
      expect(await attacked.connection(connection)).toMatchObject({
        status: 'NEEDS_REAUTH',
        statusReason: expect.stringContaining('baseUrl, auth.authorizationUrl, auth.tokenUrl'),
      })
    }
    await attacked.send('deleteConnection', { connectionId: deleted }, 'deletedId')
    const useAll = async () => {
      for (const connectionId of [fresh, expired]) {
        expect(await call(connectionId)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
        expect(await attacked.send('refreshConnection', { connectionId, force: true })).toMatchObject({
          code: 'RECONNECT_REQUIRED',
        })
        expect(await attacked.send('testConnection', { connectionId })).not.toMatchObject({ result: { ok: true } })
        expect(await attacked.send('triggerSync', { connectionId })).toMatchObject({ code: 'RECONNECT_REQUIRED' })
      }
    }
    await useAll()
    expect(await update(id, definitionOf(), withSecret)).toMatchObject({ connectionsAffected: 0 })
    attacked.good.requests.length = 0
    await useAll()
    expect(attacked.good.requests).toEqual([])
    expectNothingStolen()
    const credential = { oauthToken: { accessToken: 'another-access' } }
    await attacked.send('replaceCredential', { connectionId: fresh, credential })
    expect(await call(fresh)).toMatchObject({ __typename: 'ExecuteRequestPayload' })
    expect(receivedBy(attacked.good)).toContain('another-access')
  })

  it('appends CONNECTION_NEEDS_REAUTH for each connection, and leaves other workspaces and integrations alone', async () => {
    const { id, slug } = await integrate()
    const neighbour = await integrate()
    const [moved, kept] = [await connect(slug), await connect(neighbour.slug)]
    await update(id, definitionOf({ baseUrl: attacked.evil.origin }), withSecret)
    const rows = await attacked.app.database.sql.query<{ type: string }>(
      `SELECT e.type FROM event e JOIN connection c ON c.id = e.connection_id JOIN integration i ON i.id = c.integration_id
       WHERE i.slug = $1::text ORDER BY e.position DESC LIMIT 1`,
      [slug],
    )
    expect(rows).toEqual([{ type: 'CONNECTION_NEEDS_REAUTH' }])
    expect([await attacked.connection(moved), await attacked.connection(kept)]).toMatchObject([
      { status: 'NEEDS_REAUTH' },
      { status: 'ACTIVE' },
    ])
    const other = await attacked.app.createWorkspace('Other')
    const foreign = await attacked.send(
      'updateIntegration',
      { integrationId: id, dryRun: true, definition: definitionOf() },
      'connectionsAffected',
      other.key,
    )
    expect(foreign).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('a change within the origins keeps the credentials and the client secret', async () => {
    const { id, slug } = await integrate()
    const connection = await connect(slug)
    const within = definitionOf({
      baseUrl: `${attacked.good.origin}/v2`,
      auth: oauth2At(`${attacked.good.origin}/other`),
    })
    expect(await update(id, within, { dryRun: true })).toMatchObject({ connectionsAffected: 0 })
    expect(await update(id, within)).toMatchObject({ connectionsAffected: 0 })
    expect(await call(connection)).toMatchObject({ __typename: 'ExecuteRequestPayload' })
  })

  const PART = { headers: { 'x-part': "{{ config.client_secret | default('') | first }}" } }

  it.each([
    ['an address that moves', () => definitionOf({ baseUrl: attacked.evil.origin })],
    ['a secret that is read in another way', () => definitionOf(PART)],
  ])('a renewal that is in flight is not stored: %s', async (_, changed) => {
    const { id, slug } = await integrate()
    const connection = await connect(slug, '2020-01-01T00:00:00Z')
    const [arrived, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    attacked.pause.before = () => {
      arrived.resolve()
      return answer.promise
    }
    const renewing = call(connection)
    await arrived.promise
    await update(id, changed(), withSecret)
    attacked.pause.before = async () => undefined
    answer.resolve()
    expect(await renewing).toMatchObject({ code: 'RECONNECT_REQUIRED' })
    expect(await attacked.connection(connection)).toMatchObject({ status: 'NEEDS_REAUTH' })
    expect(await call(connection)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
    expect(attacked.evil.requests).toEqual([])
  })

  it('a definition that shows a secret bit by bit takes it out of use, and one that puts it out as a whole does not', async () => {
    const definition = (value: string, more: object = {}) => ({
      ...definitionOf(),
      auth: {
        type: 'api_key',
        fields: [{ name: 'key', secret: true }],
        value,
        placement: { in: 'header', name: 'x-key' },
      },
      ...more,
    })
    const { id, slug } = await integrate(definition('{{ config.key }}'), null)
    const input = {
      workspaceId: attacked.workspace.id,
      integration: slug,
      credential: { fields: { key: 'k-12345678' } },
    }
    const { connection } = await attacked.send('createConnection', input, 'connection { id }')
    expect(await update(id, definition('Key {{ config.key }}'))).toMatchObject({ connectionsAffected: 0 })
    expect(await call(connection.id)).toMatchObject({ __typename: 'ExecuteRequestPayload' })
    const path = "/x/{{ config.key | replace('-', '.') }}"
    const showing = definition('Key {{ config.key }}', { testRequest: { path } })
    expect(await update(id, showing, { dryRun: true })).toMatchObject({ connectionsAffected: 1 })
    expect(await update(id, showing)).toMatchObject({ connectionsAffected: 1 })
    attacked.good.requests.length = 0
    expect(await attacked.send('testConnection', { connectionId: connection.id })).not.toMatchObject({
      result: { ok: true },
    })
    expect(await attacked.connection(connection.id)).toMatchObject({
      status: 'NEEDS_REAUTH',
      statusReason: expect.stringContaining('the secret in testRequest.path'),
    })
    expect(attacked.good.requests).toEqual([])
  })

  it('a definition that takes another value for the token takes the credentials out of use, and needs the client secret', async () => {
    const { id, slug } = await integrate()
    const connection = await connect(slug)
    const tokenResponse = { accessToken: 'refresh_token', keep: { a: 'data' } }
    const other = definitionOf({ auth: oauth2At(attacked.good.origin, { tokenResponse }) })
    expect(await update(id, other)).toMatchObject({
      fields: [
        {
          path: ['input', 'oauthClient', 'clientSecret'],
          message: expect.stringContaining('auth.tokenResponse.accessToken'),
        },
      ],
    })
    expect(await update(id, other, withSecret)).toMatchObject({ connectionsAffected: 1 })
    expect(await call(connection)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
  })

  it('a login, a disabled connection and a queued revocation do not reach the new origin', async () => {
    const login = (origin: string) => ({
      ...definitionOf(),
      auth: {
        type: 'session_token',
        fields: [{ name: 'user' }, { name: 'password', secret: true }],
        login: { url: `${origin}/login`, json: { u: '{{ config.user }}', p: '{{ config.password }}' } },
        tokenPath: ['access_token'],
        placement: { in: 'header', name: 'x-session' },
      },
    })
    const { id, slug } = await integrate(login(attacked.good.origin), null)
    const credential = { fields: { user: 'ada', password: SECRETS[3] } }
    const input = { workspaceId: attacked.workspace.id, integration: slug, credential }
    const { connection } = await attacked.send('createConnection', input, 'connection { id }')
    await attacked.send('updateConnection', { connectionId: connection.id, disabled: true })
    expect(await update(id, login(attacked.evil.origin))).toMatchObject({ connectionsAffected: 1 })
    await attacked.send('updateConnection', { connectionId: connection.id, disabled: false })
    expect(await attacked.connection(connection.id)).toMatchObject({ status: 'NEEDS_REAUTH' })
    expect(await call(connection.id)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
    expect(attacked.evil.requests).toEqual([])
  })

  it('takes 3,000 connections out of use with a few statements', async () => {
    const { id, slug } = await integrate()
    const first = await connect(slug)
    await attacked.app.database.sql.query(
      `WITH old AS (SELECT c.* FROM connection c JOIN integration i ON i.id = c.integration_id WHERE i.slug = $1::text),
       made AS (INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method)
         SELECT gen_random_uuid(), old.workspace_id, old.integration_id, 'x', old.status, old.method FROM old, generate_series(1, 2999)
         RETURNING id, workspace_id)
       INSERT INTO credential (connection_id, workspace_id, type, sealed, key_id)
       SELECT id, workspace_id, 'oauth2', '', 'test' FROM made`,
      [slug],
    )
    expect(await update(id, definitionOf({ baseUrl: attacked.evil.origin }), withSecret)).toMatchObject({
      connectionsAffected: 3_000,
    })
    expect(await attacked.connection(first)).toMatchObject({ status: 'NEEDS_REAUTH' })
    const left = await attacked.app.database.sql.query(
      `SELECT DISTINCT c.status::text AS status FROM connection c JOIN integration i ON i.id = c.integration_id WHERE i.slug = $1::text`,
      [slug],
    )
    expect(left).toEqual([{ status: 'NEEDS_REAUTH' }])
  })

  it('an auth provider that moves needs its key again, and its connections must be connected again', async () => {
    const { slug } = await integrate({ ...definitionOf(), auth: { type: 'bearer' } }, null)
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const urlAt = (origin: string) => ({ url: `${origin}/callback` })
    const create = {
      workspaceId: attacked.workspace.id,
      name: `hook-${slug}`,
      kind: 'TOKEN_CALLBACK',
      config: urlAt('https://hook.example'),
      secret,
      hosts: ['127.0.0.1'],
    }
    const { authProvider } = await attacked.send('createAuthProvider', create, 'authProvider { id }')
    const credential = { authProvider: { provider: `hook-${slug}`, accountId: 'account' } }
    const input = { workspaceId: attacked.workspace.id, integration: slug, credential }
    const { connection } = await attacked.send('createConnection', input, 'connection { id }')
    const change = (config: object, more: object = {}) =>
      attacked.send('updateAuthProvider', { authProviderId: authProvider.id, config, ...more })
    expect(await change(urlAt(attacked.evil.origin))).toMatchObject({ fields: [{ path: ['input', 'secret'] }] })
    expect(await change(urlAt('https://hook.example/elsewhere'))).toMatchObject({
      __typename: 'UpdateAuthProviderPayload',
    })
    expect(await attacked.connection(connection.id)).toMatchObject({ status: 'ACTIVE' })
    expect(await change(urlAt(attacked.evil.origin), { secret })).toMatchObject({
      __typename: 'UpdateAuthProviderPayload',
    })
    expect(await attacked.connection(connection.id)).toMatchObject({
      status: 'NEEDS_REAUTH',
      statusReason: expect.stringContaining('auth provider'),
    })
    expect(await call(connection.id)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
    expect(attacked.evil.requests).toEqual([])
  })
})

describe('movedPlaces', () => {
  const parse = (more: object) =>
    parseDefinition({ displayName: 'X', baseUrl: 'https://api.example', auth: { type: 'bearer' }, ...more })
  const oauth2 = { type: 'oauth2', grant: 'refresh_token', tokenUrl: 'https://id.example/token' }

  it.each([
    ['the scheme or port', {}, { baseUrl: 'https://api.example:8443' }, ['baseUrl']],
    ['a template', { baseUrl: 'https://{{ input.a }}' }, { baseUrl: 'https://{{ input.b }}' }, ['baseUrl']],
    [
      'a default',
      { baseUrl: "https://{{ input.a | default('a') }}" },
      { baseUrl: "https://{{ input.a | default('b') }}" },
      ['baseUrl'],
    ],
    [
      'a login, and another type',
      {},
      { auth: { ...oauth2, tokenUrl: 'https://api.example/token' } },
      ['auth.tokenUrl', 'auth.type'],
    ],
    [
      'the refresh URL',
      { auth: oauth2 },
      { auth: { ...oauth2, refreshUrl: 'https://evil.example' } },
      ['auth.refreshUrl'],
    ],
    [
      'the revocation',
      { auth: oauth2 },
      { auth: { ...oauth2, revocation: { url: 'https://evil.example' } } },
      ['auth.revocation.url'],
    ],
    ['the issuer', { auth: oauth2 }, { auth: { ...oauth2, issuer: 'https://evil.example' } }, ['auth.issuer']],
    ['a further host', {}, { hosts: ['evil.example'] }, ['hosts.0']],
    [
      'the base URL of a stream',
      { hosts: ['*.evil.example'] },
      { hosts: ['*.evil.example'], streams: [{ name: 'a', path: '/', baseUrl: 'https://a.evil.example' }] },
      ['streams.0.baseUrl'],
    ],
    [
      'another way of a stream',
      {},
      { auths: { a: { type: 'bearer', token: '{{ config.token }}' } } },
      ['the secret in auths.a.token'],
    ],
    [
      'the test request, an action and an afterConnect request at a further host',
      { hosts: ['*.evil.example'] },
      {
        hosts: ['*.evil.example'],
        testRequest: { path: '/', baseUrl: 'https://t.evil.example' },
        afterConnect: [{ path: '/', baseUrl: 'https://c.evil.example', keep: {} }],
        actions: [{ name: 'a', input: {}, request: { method: 'GET', path: '/', baseUrl: 'https://a.evil.example' } }],
      },
      ['afterConnect.0.baseUrl', 'testRequest.baseUrl', 'actions.0.request.baseUrl'],
    ],
    [
      'the key by which another way signs',
      { auths: { a: ownHmac } },
      { auths: { a: { ...ownHmac, keyEncoding: 'hex' } } },
      ['auths.a.key'],
    ],
    [
      'the login of another way',
      { auths: { a: ownSession } },
      { auths: { a: { ...ownSession, login: { ...ownSession.login, url: 'https://evil.example' } } } },
      ['auths.a.login.url'],
    ],
    [
      'the token of another way',
      { auths: { a: ownSession } },
      { auths: { a: { ...ownSession, tokenPath: 'name' } } },
      ['auths.a.tokenPath'],
    ],
    [
      'the type of another way',
      { auths: { a: ownHmac } },
      { auths: { a: { type: 'jwt', algorithm: 'HS256', key: ownHmac.key } } },
      ['auths.a.type'],
    ],
    ['afterConnect', {}, { afterConnect: [{ path: 'https://evil.example/me', keep: {} }] }, ['afterConnect.0.path']],
    [
      'the kept host',
      { baseUrl: 'https://{{ kept.h }}', auth: { ...oauth2, tokenResponse: { keep: { h: ['h'] } } } },
      { baseUrl: 'https://{{ kept.h }}', auth: { ...oauth2, tokenResponse: { keep: { h: ['name'] } } } },
      ['keep'],
    ],
    ['a secret field', {}, { auth: { type: 'bearer', fields: [{ name: 'token' }] } }, ['the field token']],
    [
      'a custom strategy',
      { auth: { type: 'custom', strategy: 'a' } },
      { auth: { type: 'custom', strategy: 'a', options: { url: 'https://evil.example' } } },
      ['auth'],
    ],
    [
      'a method',
      {},
      { auth: { type: 'selective', options: [{ key: 'a', label: 'A', auth: oauth2 }] } },
      ['auth.options.0.auth.tokenUrl', 'auth.type'],
    ],
  ])('names what moves: %s', (_, before, after, places) => {
    expect(movedPlaces(parse(before), parse(after))).toEqual(places)
  })

  // Older versions stored such URLs.
  const stored = (baseUrl: string) =>
    parseDefinition({ displayName: 'X', baseUrl, auth: { type: 'bearer' } }, { isStored: true })
  it.each([
    ['a comment in it', (host: string) => `http:{# #}//${host}/`],
    ['a comment in the host, and an expression', (host: string) => `http://x.{# #}${host}/{{ input.a }}`],
    ['a space before it', (host: string) => ` https://${host}/`],
    ['one slash', (host: string) => `https:/${host}/`],
    ['no slash', (host: string) => `https:${host}`],
    ['three slashes', (host: string) => `https:///${host}/`],
    ['three slashes and an expression', (host: string) => `https:///${host}/{{ input.a }}`],
    ['two slashes and a line break', (host: string) => `https://\n/${host}/{{ input.a }}`],
    ['a backslash', (host: string) => `https:\\${host}`],
    ['backslashes and an expression', (host: string) => `https://\\${host}\\{{ input.a }}`],
    ['a line break in the scheme', (host: string) => `ht\ntps://${host}`],
    ['a tab after the scheme', (host: string) => `https:\t//${host}`],
    ['a control character before it', (host: string) => `\u0001https://${host}`],
  ])('sees a host behind an unusual form of the URL: %s', (_, urlOf) => {
    expect(movedPlaces(stored(urlOf('good.example')), stored(urlOf('evil.example')))).toEqual(['baseUrl'])
    expect(movedPlaces(stored(urlOf('good.example')), stored('https://evil.example'))).toEqual(['baseUrl'])
  })

  const fields = [{ name: 'token', secret: true }, { name: 'other', secret: true }, { name: 'account' }]
  const header = (value: string) => ({ type: 'api_key', fields, value, placement: { in: 'header', name: 'X-Key' } })
  const key = header('{{ config.token }}')
  const certified = (clientCertificate: object) => ({
    ...{ type: 'none', clientCertificate },
    fields: ['cert', 'key', 'token'].map((name) => ({ name, secret: true })),
  })
  const login = (json: object, more: object = {}) => ({
    type: 'session_token',
    fields: [{ name: 'user' }, { name: 'password', secret: true }],
    login: { url: 'https://id.example/login', json: { p: '{{ config.password }}', ...json } },
    tokenPath: 'id',
    placement: { in: 'header', name: 'x-session' },
    ...more,
  })
  const jwt = { type: 'jwt', algorithm: 'ES256', key: '{{ config.token }}', fields, claims: { iss: 'me' } }
  const client = { ...oauth2, tokenRequest: { params: { a: 'b' } } }
  const stream = (more: object) => ({
    streams: [
      { name: 's', path: '/s' },
      { name: 't', path: '/t', ...more },
    ],
  })

  const act = (request: object) => ({
    actions: [{ name: 't', input: {}, request: { method: 'POST', path: '/t', ...request } }],
  })

  it('an action that reads only arguments and inputs changes nothing for stored credentials', () => {
    const request = {
      path: '/t/{{ args.id }}/{{ args.id | urlencode }}',
      query: { a: "{{ args.a | default('x') | upper }}", b: '{{ input.b }}' },
      headers: { 'X-A': '{{ args.a ~ input.b }}' },
      json: { a: ['{{ args.list }}', '{{ args[input.x] }}'] },
    }
    expect(movedPlaces(parse({ auth: key }), parse({ auth: key, ...act(request) }))).toEqual([])
  })

  it.each([
    [
      'a part of a secret',
      { auth: key },
      { auth: key, testRequest: { path: "/x/{{ config.token | replace('', '.') }}" } },
      'testRequest.path',
    ],
    ['a number', { auth: key }, { auth: key, headers: { 'X-N': '{{ config.token | int }}' } }, 'headers.X-N'],
    ['a first character', { auth: key }, { auth: header('{{ config.token | first }}') }, 'auth.value'],
    [
      'a comparison',
      { auth: key },
      { auth: key, ...stream({ query: { q: "{{ 'a' if config.token < 'm' else 'b' }}" } }) },
      'streams.t.query.q',
    ],
    [
      'a computed key',
      { auth: key },
      { auth: key, ...stream({ json: { a: ['{{ config[input.x] }}'] } }) },
      'streams.t.json.a.0',
    ],
    [
      'a part of a secret in an action',
      { auth: key },
      { auth: key, ...act({ json: { guess: '{{ config.token == args.guess }}' } }) },
      'actions.t.request.json.guess',
    ],
    [
      'a key of a secret that an argument selects',
      { auth: key, ...act({ query: { q: '{{ args.q }}' } }) },
      { auth: key, ...act({ query: { q: '{{ config[args.q] }}' } }) },
      'actions.t.request.query.q',
    ],
    [
      'a secret in the path of an action',
      { auth: key },
      { auth: key, ...act({ path: '/x/{{ config.token }}' }) },
      'actions.t.request.path',
    ],
    ...['query', 'headers', 'json', 'form'].map((part): [string, object, object, string] => [
      `a whole secret in the ${part} of an action`,
      { auth: key, ...act({}) },
      { auth: key, ...act({ [part]: { title: '{{ config.token }}' } }) },
      `actions.t.request.${part}.title`,
    ]),
    ...['query', 'headers', 'json'].map((part): [string, object, object, string] => [
      `a whole secret in the ${part} of a stream`,
      { auth: key },
      { auth: key, ...stream({ method: 'POST', [part]: { title: '{{ config.token }}' } }) },
      `streams.t.${part}.title`,
    ]),
    [
      'a whole secret in another parameter of an action',
      { auth: key, ...act({ path: '/t?key={{ config.token }}' }) },
      { auth: key, ...act({ path: '/t?title={{ config.token }}' }) },
      'actions.t.request.path',
    ],
    [
      'a whole secret in a parameter that an argument names',
      { auth: key, ...act({ path: '/t?key={{ config.token }}' }) },
      { auth: key, ...act({ path: '/t?{{ args.name }}key={{ config.token }}' }) },
      'actions.t.request.path',
    ],
    [
      'a whole secret in a test request',
      { auth: key },
      { auth: key, testRequest: { path: '/me', method: 'POST', json: { title: '{{ config.token }}' } } },
      'testRequest.json.title',
    ],
    [
      'a whole secret after connecting',
      { auth: key },
      { auth: key, afterConnect: [{ path: '/me', json: { title: '{{ config.token }}' }, keep: {} }] },
      'afterConnect.0.json.title',
    ],
    [
      'a whole secret in the query of a path',
      { auth: key },
      { auth: key, ...stream({ path: '/t?key={{ config.token }}' }) },
      'streams.t.path',
    ],
    [
      'a whole secret in a path, encoded',
      { auth: key },
      { auth: key, ...stream({ path: '/t/{{ config.token | urlencode }}' }) },
      'streams.t.path',
    ],
    [
      'a whole secret in a header of all requests',
      { auth: key },
      { auth: key, headers: { 'X-Api': '{{ config.token }}' } },
      'headers.X-Api',
    ],
    ['everything', { auth: key }, { auth: key, headers: { 'X-All': '{{ config | tojson }}' } }, 'headers.X-All'],
    ['a double encoding', { auth: key }, { auth: header('{{ config.token | b64encode | b64encode }}') }, 'auth.value'],
    ['a part in base64', { auth: key }, { auth: header('{{ (config.token | first) | b64encode }}') }, 'auth.value'],
    [
      'a default that depends on another secret',
      { auth: key },
      { auth: header("{{ 'x' | default(config.token | first, config.token == 'a') }}") },
      'auth.value',
    ],
    [
      'a secret that goes nowhere yet',
      { auth: key },
      { auth: key, headers: { 'X-Other': '{{ config.other }}' } },
      'headers.X-Other',
    ],
    [
      'a path',
      { auth: key },
      { auth: key, afterConnect: [{ path: '/{{ config.token }}', keep: {} }] },
      'afterConnect.0.path',
    ],
    [
      'a part of it in the body of a request after connecting',
      { auth: key },
      { auth: key, afterConnect: [{ path: '/me', json: { t: '{{ config.token | first }}' }, keep: {} }] },
      'afterConnect.0.json.t',
    ],
    [
      'an expression at another place',
      { auth: header('{{ config.token | trim }}') },
      { auth: header('{{ config.token | trim }}'), headers: { 'X-T': '{{ config.token | trim }}' } },
      'headers.X-T',
    ],
    [
      'the next page',
      { auth: key },
      {
        auth: key,
        ...stream({ incremental: { cursorField: 'at', param: 'since', start: '{{ config.token | last }}' } }),
      },
      'streams.t.incremental.start',
    ],
    [
      'a password at the API',
      { auth: login({}) },
      { auth: login({}), headers: { 'X-P': '{{ config.password }}' } },
      'headers.X-P',
    ],
    [
      'a password in a body whose keys look like a login',
      { auth: login({}) },
      { auth: login({}), ...stream({ method: 'POST', json: { login: { auth: '{{ config.password }}' } } }) },
      'streams.t.json.login.auth',
    ],
    [
      'a token in a parameter that looks like a revocation',
      { auth: { ...client, revocation: { url: 'https://elsewhere.example/revoke' } } },
      {
        auth: {
          ...client,
          tokenRequest: { params: { a: 'b', revocation: '{{ config.access_token }}' } },
          revocation: { url: 'https://elsewhere.example/revoke' },
        },
      },
      'auth.tokenRequest.params.revocation',
    ],
    [
      'a login',
      { auth: login({}) },
      { auth: login({ q: "{{ config.password | replace('a', '') }}" }) },
      'auth.login.json.q',
    ],
    [
      'a private key',
      { auth: jwt },
      { auth: { ...jwt, claims: { iss: 'me', sub: '{{ config.token }}' } } },
      'auth.claims.sub',
    ],
    [
      'a private key as a header',
      { auth: jwt },
      { auth: jwt, headers: { 'X-K': '{{ config.token }}' } },
      'headers.X-K',
    ],
    [
      'a client secret',
      { auth: client },
      { auth: { ...client, tokenRequest: { params: { a: '{{ config.client_secret | length }}' } } } },
      'auth.tokenRequest.params.a',
    ],
    ['a client id', { auth: client }, { auth: { ...client, clientId: '{{ config.refresh_token }}' } }, 'auth.clientId'],
    [
      'a token to revoke',
      { auth: { ...oauth2, revocation: { url: 'https://id.example/revoke' } } },
      { auth: { ...oauth2, revocation: { url: 'https://id.example/revoke', form: { a: '{{ token | first }}' } } } },
      'auth.revocation.form.a',
    ],
    [
      'an option',
      { auth: { type: 'selective', options: [{ key: 'k', label: 'K', auth: key }] } },
      { auth: { type: 'selective', options: [{ key: 'k', label: 'K', auth: header('{{ config.token | last }}') }] } },
      'auth.options.k.auth.value',
    ],
    [
      'the key of a client certificate',
      { auth: certified({ certificate: '{{ config.cert }}', key: '{{ config.key }}' }) },
      { auth: certified({ certificate: '{{ config.cert }}', key: '{{ config.token }}' }) },
      'auth.clientCertificate.key',
    ],
    [
      'a field that becomes a client certificate',
      { auth: certified({ certificate: '{{ config.cert }}', key: '{{ config.key }}' }) },
      { auth: certified({ certificate: '{{ config.token }}', key: '{{ config.key }}' }) },
      'auth.clientCertificate.certificate',
    ],
  ])('names a new way in which a secret is read: %s', (_, before, after, place) => {
    expect(movedPlaces(parse(before), parse(after))).toEqual([`the secret in ${place}`])
  })

  it.each([
    [
      'the access token',
      { auth: { ...oauth2, tokenResponse: { accessToken: 'scope' } } },
      'auth.tokenResponse.accessToken',
    ],
    [
      'the refresh token',
      { auth: { ...oauth2, tokenResponse: { refreshToken: 'x' } } },
      'auth.tokenResponse.refreshToken',
    ],
  ])('names the path of %s, in both directions', (_, other, place) => {
    expect(movedPlaces(parse({ auth: oauth2 }), parse(other))).toEqual([place])
    expect(movedPlaces(parse(other), parse({ auth: oauth2 }))).toEqual([place])
  })

  it('names nothing when a client certificate is added that no connection has yet', () => {
    const bearer = { type: 'bearer' }
    expect(movedPlaces(parse({ auth: bearer }), parse({ auth: { ...bearer, clientCertificate: {} } }))).toEqual([])
  })

  it('names a definition that loses the certificate which is all that authenticates', () => {
    const only = { type: 'none', clientCertificate: {} }
    const options = (...auths: object[]) => ({
      auth: { type: 'selective', options: auths.map((auth, at) => ({ key: `k${at}`, label: 'K', auth })) },
    })
    expect(movedPlaces(parse(options(key, only)), parse(options(key)))).toEqual(['auth.options.k1'])
    expect(movedPlaces(parse(options(key, { type: 'none' })), parse(options(key)))).toEqual([])
  })

  it('names a login whose token is elsewhere, and one that the definition loses', () => {
    const selective = (...auths: object[]) => ({
      auth: { type: 'selective', options: auths.map((auth, at) => ({ key: `k${at}`, label: 'K', auth })) },
    })
    const [id, name] = [login({}), login({}, { tokenPath: 'user.name' })]
    expect(movedPlaces(parse({ auth: id }), parse({ auth: name }))).toEqual(['auth.tokenPath'])
    expect(movedPlaces(parse(selective(id, name)), parse(selective(id)))).toEqual(['auth.options.k1'])
    expect(movedPlaces(parse(selective(id)), parse(selective(id, name)))).toEqual([])
  })

  /**
   * What of a definition's auth decides who gets what, and how it is compared. A field that is new must be put here, and be compared
   * where it needs it.
   */
  const COMPARED = {
    // By its origin, with what that gets (addressesOf).
    address: [
      ...['oauth2.issuer', 'oauth2.authorizationUrl', 'oauth2.tokenUrl', 'oauth2.refreshUrl', 'oauth2.revocation.url'],
      ...['oauth2.clientAuth', 'oauth2.revocation.auth', 'oauth2.revocation.clientAuth', 'session_token.login.url'],
      'signature.assumeRole.url',
      ...['oauth1.requestTokenUrl', 'oauth1.authorizationUrl', 'oauth1.accessTokenUrl', 'oauth1.signature'],
      ...['custom.strategy', 'custom.options'],
    ],
    // By what it reads (newSecretReads). Anything that is text is looked at.
    template: [
      ...['basic.username', 'basic.password', 'bearer.token', 'api_key.value', 'session_token.token'],
      ...['oauth2.clientId', 'oauth2.clientSecret', 'oauth2.refreshToken', 'oauth2.authorizationParams'],
      ...['oauth2.assertion.key', 'oauth2.assertion.headers', 'oauth2.assertion.claims'],
      ...[
        'oauth2.revocation.form',
        'oauth2.revocation.json',
        'oauth2.tokenRequest.params',
        'oauth2.tokenRequest.headers',
        'oauth2.tokenRequest.refreshParams',
      ],
      ...[
        'session_token.login.query',
        'session_token.login.headers',
        'session_token.login.form',
        'session_token.login.json',
      ],
      ...['jwt.key', 'jwt.passphrase', 'jwt.headers', 'jwt.claims'],
      ...['oauth2.assertion.passphrase', 'oauth2.clientKey.passphrase'],
      ...['signature.accessKeyId', 'signature.secretAccessKey', 'signature.sessionToken', 'signature.region'],
      ...['signature.service', 'signature.key', 'signature.message', 'signature.username', 'oauth1.realm'],
      ...['none', 'basic', 'bearer', 'api_key', 'oauth2', 'session_token', 'jwt', 'signature', 'oauth1'].flatMap(
        (type) => ['certificate', 'key', 'passphrase'].map((part) => `${type}.clientCertificate.${part}`),
      ),
      ...['signature.assumeRole.roleArn', 'signature.assumeRole.externalId', 'signature.assumeRole.sessionName'],
    ],
    // By its value (shownFields, deciding, sharedWays, keptIn).
    value: [
      ...[
        'none.fields',
        'basic.fields',
        'bearer.fields',
        'api_key.fields',
        'oauth2.fields',
        'session_token.fields',
        'jwt.fields',
      ],
      ...['signature.fields', 'signature.keyEncoding', 'signature.password', 'session_token.tokenPath', 'oauth2.grant'],
      ...['session_token.expiry.path', 'session_token.expiry.format'],
      ...['oauth2.tokenResponse.accessToken', 'oauth2.tokenResponse.refreshToken', 'oauth2.tokenResponse.keep'],
      ...['oauth2.tokenResponse.expiry.path', 'oauth2.tokenResponse.expiry.format', 'oauth2.callbackKeep'],
      ...['oauth2.tokenResponse.refreshTokenExpiry.path', 'oauth2.tokenResponse.refreshTokenExpiry.format'],
      ...['selective.options', 'session_token.login', 'session_token.login.auth', 'session_token.login.keep'],
    ],
    // Not: it sends nothing to another origin, and shows nothing of a secret. Messages of providers are redacted.
    not: [
      ...[
        'oauth2.grantType',
        'oauth2.assertion.algorithm',
        'oauth2.assertion.keyIsBase64',
        'oauth2.assertion.keyEncoding',
        'oauth2.assertion.lifetime',
      ],
      ...['oauth2.authorizationNames', 'oauth2.authorizationResponse.code', 'oauth2.revocation.method'],
      ...[
        'oauth2.callbackVerify.method',
        'oauth2.scopes',
        'oauth2.scopeSeparator',
        'oauth2.pkce',
        'oauth2.clientHosts',
      ],
      ...['oauth2.clientKey.alg', 'oauth2.clientKey.kid', 'oauth2.tokenRequest.format', 'oauth2.tokenRequest.names'],
      'oauth2.tokenRequest.in',
      'oauth2.tokenRequest.omit',
      ...['oauth2.tokenResponse.error', 'oauth2.tokenResponse.errorDescription', 'oauth2.tokenResponse.errorWhen.path'],
      ...['oauth2.tokenResponse.errorWhen.equals', 'oauth2.tokenLifetime', 'oauth2.refreshTokenLifetime'],
      ...['oauth2.permanentErrors', 'oauth2.rotation', 'oauth2.graceSeconds'],
      ...['oauth2.registration.url', 'oauth2.registration.metadata', 'oauth2.resource'],
      ...['session_token.login.method', 'session_token.login.retryStatuses', 'session_token.lifetime'],
      ...['jwt.algorithm', 'jwt.keyIsBase64', 'jwt.keyEncoding', 'jwt.lifetime'],
      ...['signature.method', 'signature.hash', 'signature.encoding', 'signature.timestamp.format'],
      ...['signature.digest', 'signature.nonceEncoding', 'signature.assumeRole.duration'],
    ],
  }

  it('knows of every field of an auth how it is compared', () => {
    const fieldsOfAuth = new Set(fieldsBelow(authSchema, ''))
    // A type is compared as a whole, and a place in a request says nothing about the value.
    const ofThemselves = /^[^.]*\.(?:type|(?:placement|timestamp|nonce)\.(?:in|name|prefix))$/
    expect([...fieldsOfAuth].filter((field) => !ofThemselves.test(field)).sort()).toEqual(
      Object.values(COMPARED).flat().sort(),
    )
  })

  it('reads the largest expressions quickly', () => {
    const chain = `{{ ${Array.from({ length: 250 }, () => 'config.token').join(' ~ ')} }}`
    const headers = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`X-${at}`, chain]))
    const [before, after] = [parse({ auth: key }), parse({ auth: key, headers })]
    const started = performance.now()
    expect(movedPlaces(before, after)).toHaveLength(10)
    // It takes 5 ms. A walk that looks at every node from each of its ancestors would take minutes.
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  const ways = (...auths: object[]) => ({
    auth: { type: 'selective', options: auths.map((auth, at) => ({ key: `k${at}`, label: 'K', auth })) },
  })
  const noClient = { ...oauth2, clientAuth: 'none' }
  const revoked = (more: object) => ({ ...oauth2, revocation: { url: 'https://revoke.example/r', ...more } })
  const hmac = (message: string, more: object = {}) => ({
    type: 'signature',
    method: 'hmac',
    fields,
    key: '{{ config.token }}',
    hash: 'sha256',
    message,
    encoding: 'hex',
    placement: { in: 'header', name: 'X-Sig' },
    ...more,
  })
  const inputKey = { inputFields: [{ name: 'key' }] }
  const customAuth = { type: 'custom', strategy: 'a' }
  const oauth1At = (origin: string) => ({
    type: 'oauth1',
    requestTokenUrl: `${origin}/r`,
    authorizationUrl: `${origin}/c`,
    accessTokenUrl: `${origin}/a`,
  })
  const loginBy = (auth: object) => login({}, { login: { url: 'https://id.example/login', json: {}, auth } })

  it.each<[string, object, object, string[]]>([
    [
      'a token URL at the host of a revocation without the client secret',
      { auth: revoked({ auth: 'token' }) },
      { auth: { ...revoked({ auth: 'token' }), tokenUrl: 'https://revoke.example/token' } },
      ['auth.tokenUrl'],
    ],
    [
      'a revocation that sends the client secret now',
      { auth: revoked({ auth: 'token' }) },
      { auth: revoked({ auth: 'client' }) },
      ['auth.revocation.url'],
    ],
    ['a token URL that gets the client secret now', { auth: noClient }, { auth: oauth2 }, ['auth.tokenUrl']],
    [
      'a token URL at that of another way',
      ways(oauth2, { ...oauth2, tokenUrl: 'https://other.example/t' }),
      ways({ ...oauth2, tokenUrl: 'https://other.example/t' }, { ...oauth2, tokenUrl: 'https://other.example/t' }),
      ['auth.options.0.auth.tokenUrl'],
    ],
    [
      'a field that is secret in another way only',
      ways(key, { ...key, value: '{{ config.other }}' }),
      ways({ ...key, fields: [{ name: 'token' }, { name: 'other', secret: true }] }, key),
      ['the field token', 'the secret in auth.options.k1.auth.value'],
    ],
    ['a way that is lost', ways(key, oauth2), ways(key), ['auth.options.k1']],
    [
      'another type',
      { auth: { ...oauth2, grant: 'authorization_code', authorizationUrl: 'https://id.example/c' } },
      {},
      ['auth.type'],
    ],
    [
      'the API at a host that did not get a secret of its headers',
      { auth: { ...client, fields }, headers: { 'X-Key': '{{ config.token }}' } },
      { auth: { ...client, fields }, headers: { 'X-Key': '{{ config.token }}' }, baseUrl: 'https://id.example' },
      ['the secret in headers.X-Key'],
    ],
    [
      'the usual template of a login',
      {
        auth: { ...loginBy({ type: 'none' }), fields: [{ name: 'token', secret: true }] },
        headers: { 'X-T': '{{ config.token }}' },
      },
      {
        auth: { ...loginBy({ type: 'bearer' }), fields: [{ name: 'token', secret: true }] },
        headers: { 'X-T': '{{ config.token }}' },
      },
      ['the secret in auth.login.auth.token'],
    ],
    [
      'a login that sends the secrets of OAuth 1.0a instead of a signature',
      { auth: loginBy(oauth1At('https://id.example')) },
      { auth: loginBy({ ...oauth1At('https://id.example'), signature: 'PLAINTEXT' }) },
      ['auth.login.auth.signature'],
    ],
    [
      'a signature over a body that a condition reads',
      { auth: hmac('{{ method }}{{ body }}') },
      { auth: hmac("{{ method }}{{ body }}{{ input.zz if body >= 'k' else '' }}") },
      ['the secret in auth.message'],
    ],
    [
      'a signature over the URL that a condition reads',
      { auth: hmac('{{ method }}') },
      { auth: hmac("{{ method }}{{ input.zz if 'a' in query or path == 'b' or url == 'c' else '' }}") },
      ['the secret in auth.message'],
    ],
    [
      'a signature with a key that is known',
      { auth: hmac('{{ body }}') },
      { auth: hmac('{{ body }}', { key: 'k' }) },
      ['auth.key'],
    ],
    [
      'a signature with a part of the key',
      { auth: hmac('{{ body }}') },
      { auth: hmac('{{ body }}', { keyEncoding: 'hex' }) },
      ['auth.key'],
    ],
    [
      'a field of a custom strategy that is declared as an input',
      { auth: customAuth },
      { auth: customAuth, ...inputKey, headers: { 'X-A': "{{ input.zz if config.key >= 'k' else 'a' }}" } },
      ['the secret in headers.X-A'],
    ],
    [
      'a field of a custom strategy with a usual name',
      { auth: customAuth },
      { auth: customAuth, headers: { 'X-A': '{{ config.client_id | first }}' } },
      ['the secret in headers.X-A'],
    ],
    [
      'a credential that goes into the body, where a header has it too',
      { auth: key, headers: { 'X-Api': '{{ config.token }}' } },
      { auth: { ...key, placement: { in: 'json', name: 'title' } }, headers: { 'X-Api': '{{ config.token }}' } },
      ['the secret in auth.placement'],
    ],
    [
      'a whole secret that is read as a time',
      { auth: key },
      { auth: key, ...stream({ incremental: { cursorField: 'at', param: 'since', start: '{{ config.token }}' } }) },
      ['the secret in streams.t.incremental.start'],
    ],
  ])('names what gets or shows more than before: %s', (_, before, after, places) => {
    expect(movedPlaces(parse(before), parse(after))).toEqual(places)
  })

  it('names an expiry that is read from a token, and a format of it', () => {
    const expiring = (auth: object) =>
      parseDefinition({ displayName: 'X', baseUrl: 'https://api.example', auth }, { isStored: true })
    const session = (expiry?: object) => expiring(login({}, { expiry }))
    const tokens = (tokenResponse: object) => expiring({ ...oauth2, tokenResponse })
    expect(movedPlaces(session(), session({ path: 'id', format: 'epoch' }))).toEqual(['auth.expiry'])
    expect(movedPlaces(session({ path: 'id' }), session({ path: 'id', format: 'epoch' }))).toEqual(['auth.expiry'])
    expect(movedPlaces(session(), session({ path: 'end' }))).toEqual([])
    expect(movedPlaces(tokens({}), tokens({ expiry: { path: 'access_token' } }))).toEqual(['auth.tokenResponse.expiry'])
    expect(movedPlaces(tokens({}), tokens({ expiry: { path: 'expires_at' } }))).toEqual([])
  })

  it('names what would send a secret that only signs today', () => {
    const signed = { ...oauth2, clientAuth: 'private_key_jwt', clientKey: { alg: 'ES256' } }
    expect(
      movedPlaces(parse({ auth: signed }), parse({ auth: { ...signed, clientAuth: 'client_secret_post' } })),
    ).toEqual(['auth.clientAuth', 'auth.revocation.clientAuth'])
    const revocation = { url: 'https://id.example/revoke', clientAuth: 'client_secret_post' }
    expect(movedPlaces(parse({ auth: signed }), parse({ auth: { ...signed, revocation } }))).toEqual([
      'auth.revocation.clientAuth',
    ])
    const urls = { requestTokenUrl: 'https://id.example/r', accessTokenUrl: 'https://id.example/a' }
    const oauth1 = { type: 'oauth1', authorizationUrl: 'https://id.example/c', ...urls }
    expect(movedPlaces(parse({ auth: oauth1 }), parse({ auth: { ...oauth1, signature: 'PLAINTEXT' } }))).toEqual([
      'auth.signature',
    ])
  })

  it.each([
    ['another path and default port', {}, { baseUrl: 'https://API.example:443/v2' }],
    [
      'a template with other spaces',
      { baseUrl: 'https://{{ input.a }}.x.example/1' },
      { baseUrl: 'https://{{input.a}}.x.example/2' },
    ],
    ['a stream', {}, { streams: [{ name: 's', path: '/s' }] }],
    ['another place of the credential', { auth: key }, { auth: { ...key, placement: { in: 'query', name: 'key' } } }],
    ['the API at the token endpoint', { auth: oauth2 }, { auth: oauth2, baseUrl: 'https://id.example' }],
    [
      'another text around a secret',
      { auth: header('Bearer {{ config.token }}') },
      { auth: header('Token {{ config.token }}') },
    ],
    [
      'a secret in base64',
      { auth: key },
      { auth: header("Basic {{ (config.account ~ ':' ~ config.token) | b64encode }}") },
    ],
    ['a secret with a default', { auth: key }, { auth: header("{{ config.token | default('') | urlencode }}") }],
    [
      'a template that was usual',
      { auth: { type: 'bearer' } },
      { auth: { type: 'bearer', token: '{{ config.token }}' } },
    ],
    [
      'an action whose secrets stay where they are, in another path',
      { auth: key, ...act({ headers: { 'X-Api': '{{ config.token }}' } }) },
      {
        auth: key,
        ...act({ path: '/u', headers: { 'X-Api': 'Key {{ config.token }}' }, json: { a: '{{ args.a }}' } }),
      },
    ],
    [
      'a new stream of a definition with a secret in its headers',
      { auth: key, headers: { 'X-Api': '{{ config.token }}' } },
      { auth: key, headers: { 'X-Api': '{{ config.token }}' }, ...stream({ method: 'POST', json: { a: 'b' } }) },
    ],
    [
      'values that are not secret',
      { auth: key },
      {
        auth: key,
        headers: { 'X-A': '{{ config.account | upper }}{{ input.b[kept.c] }}{{ input.f in input.d and not input.e }}' },
      },
    ],
    [
      'an expression that was there, in a stream that is now the second',
      { auth: key, streams: [{ name: 't', path: '/t', query: { q: '{{ config.token | lower }}' } }] },
      { auth: key, ...stream({ query: { q: 'v1-{{ config.token | lower }}' } }) },
    ],
    [
      'a secret field that is new',
      { auth: key },
      {
        auth: { ...key, fields: [...fields, { name: 'pin', secret: true }] },
        headers: { 'X-Pin': '{{ config.pin | first }}' },
      },
    ],
    [
      'a way that is new and sends the client secret where it was sent',
      ways(client),
      ways(client, { ...client, clientSecret: '{{ config.client_secret }}' }),
    ],
    [
      'an issuer with braces, which is no template',
      { auth: { ...oauth2, issuer: 'https://id.example/{{' } },
      { auth: { ...oauth2, issuer: 'https://id.example/{{a' } },
    ],
    ['a way without a credential that is gone', ways(key, { type: 'none' }), ways(key)],
    [
      'an input in a template',
      { auth: key, inputFields: [{ name: 'tenant' }] },
      { auth: key, inputFields: [{ name: 'tenant' }], ...stream({ path: '/{{ config.tenant | lower }}' }) },
    ],
    [
      'another order in a message that is signed',
      { auth: hmac('{{ method }}{{ body }}') },
      { auth: hmac('{{ body }}.{{ method }}.{{ timestamp }}') },
    ],
    [
      'the same login with its usual templates',
      { auth: login({}, { login: { url: 'https://id.example/login', auth: { type: 'basic' } } }) },
      {
        auth: login(
          {},
          {
            login: {
              url: 'https://id.example/v2/login',
              auth: { type: 'basic', username: "{{ config['username'] }}" },
            },
          },
        ),
      },
    ],
    [
      'a revocation that sends the token',
      { auth: oauth2 },
      { auth: { ...oauth2, revocation: { url: 'https://id.example/x' } } },
    ],
    [
      'the client secret in a token request',
      { auth: client },
      { auth: { ...client, tokenRequest: { params: { secret: '{{ config.client_secret }}' } } } },
    ],
    [
      'what is kept',
      { auth: oauth2 },
      { auth: { ...oauth2, tokenResponse: { accessToken: 'access_token', keep: { a: 'team.id' } } } },
    ],
  ])('is empty for %s', (_, before, after) => {
    expect(movedPlaces(parse(before), parse(after))).toEqual([])
  })
})

/** The fields of a schema, such as `oauth2.tokenResponse.expiry.path`. */
function* fieldsBelow(schema: unknown, path: string): Generator<string> {
  const { def } = schema as { def: Record<string, unknown> }
  if (def['innerType'] !== undefined) yield* fieldsBelow(def['innerType'], path)
  else if (def['type'] === 'pipe') yield* fieldsBelow(def['in'], path)
  else if (Array.isArray(def['options'])) for (const option of def['options']) yield* fieldsBelow(option, path)
  else if (def['type'] !== 'object') yield path
  else {
    const shape = def['shape'] as Record<string, { def: { values?: string[] } }>
    for (const [key, field] of Object.entries(shape)) {
      const below = `${path === '' ? shape['type']?.def.values?.[0] : path}.${key}`
      // The own authentication of a login is an auth again.
      if (below === 'session_token.login.auth') yield below
      else yield* fieldsBelow(field, below)
    }
  }
}
