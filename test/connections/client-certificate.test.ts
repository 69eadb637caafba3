import { createPrivateKey } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type Certified, createAuthority } from '../support/certificates.ts'
import { type CertifiedServer, hasOpenssl, startCertifiedServer, startOpenssl } from '../support/certified-server.ts'

const authority = createAuthority('Test Authority')
const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name) => authority.issue(name)) as [Certified, Certified, Certified]
const ERROR = '... on Error { code message } ... on InvalidInputError { fields { path message } }'

const fieldsOf = ({ certificate, key }: Certified, more: Record<string, string> = {}) => ({
  client_certificate: certificate,
  client_key: key,
  ...more,
})

/** Pieces of the private keys, which nothing that Latchkey shows may contain. */
const KEY_PARTS = [ada, bob, eve].map(({ key }) => key.split('\n')[1] ?? '')

describe('A connection with a client certificate', () => {
  let app: TestApp
  let server: CertifiedServer
  let workspace: { id: string; key: string }
  let tokens = 0
  let slugs = 0

  beforeAll(async () => {
    server = await startCertifiedServer(authority, {
      answer({ client, path, url, headers }, response) {
        const json = (body: unknown, status = 200) => {
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
          return true
        }
        if (url === '/token') {
          return json({
            access_token: `token-${client}-${++tokens}`,
            refresh_token: `again-${tokens}`,
            expires_in: 3600,
          })
        }
        if (url === '/login') return json({ token: `session-${client}` })
        if (url === '/revoke') return json({})
        if (path.startsWith('/api/items')) return json([{ id: `item-of-${client}` }])
        return json({ client, authorization: headers.authorization })
      },
    })
    app = await startTestApp({ ca: authority.certificate })
    workspace = await app.createWorkspace()
  })
  afterAll(async () => {
    await app.stop()
    await server[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    server.requests.length = 0
  })

  async function run(
    name: string,
    input: Record<string, unknown>,
    payload = '__typename',
    key = workspace.key,
    // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the document; the tests assert it
  ): Promise<any> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Payload { ${payload} } ${ERROR} } }`
    const { data, errors } = await app.request(query, { input }, key)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    expect(JSON.stringify(data)).not.toMatch(new RegExp(KEY_PARTS.join('|').replaceAll('+', '\\+')))
    return data[name]
  }

  async function integrate(auth: object, more: object = {}, own = workspace, oauthClient: object | null = null) {
    const definition = {
      displayName: 'Payroll',
      baseUrl: `${server.origin}/api`,
      auth,
      testRequest: { path: '/me' },
      streams: [{ name: 'items', path: '/items', primaryKey: ['id'] }],
      actions: [
        {
          name: 'read_me',
          input: { type: 'object', properties: {} },
          request: { method: 'GET', path: '/me' },
        },
      ],
      ...more,
    }
    const input = { workspaceId: own.id, slug: `payroll-${++slugs}`, definition, oauthClient }
    const made = await run('createIntegration', input, 'integration { id slug }', own.key)
    if (made.integration === undefined) throw new Error(JSON.stringify(made))
    return made.integration as { id: string; slug: string }
  }

  async function connect(slug: string, fields: Record<string, string>, own = workspace) {
    const input = { workspaceId: own.id, integration: slug, credential: { fields } }
    return run('createConnection', input, 'connection { id status }', own.key)
  }

  async function connected(auth: object, fields: Record<string, string>, more: object = {}): Promise<string> {
    const { slug } = await integrate(auth, more)
    const made = await connect(slug, fields)
    if (made.connection === undefined) throw new Error(JSON.stringify(made))
    return made.connection.id
  }

  const execute = (connectionId: string, path = '/me', own = workspace) =>
    run('executeRequest', { connectionId, method: 'GET', path }, 'response { status body }', own.key)

  async function sync(connectionId: string) {
    const { syncJob } = await run('triggerSync', { connectionId }, 'syncJob { id }')
    return vi.waitFor(async () => {
      const query = 'query ($id: ID!) { node(id: $id) { ... on SyncJob { status error { code message } } } }'
      const { data } = await app.request(query, { id: syncJob.id }, workspace.key)
      expect(data.node.status).toMatch(/SUCCEEDED|FAILED/)
      return data.node
    }, 20_000)
  }

  async function recordsOf(connectionId: string): Promise<string[]> {
    const query =
      'query ($id: ID!) { node(id: $id) { ... on Connection { records(stream: "items", first: 5) { nodes { data } } } } }'
    const { data } = await app.request(query, { id: connectionId }, workspace.key)
    return data.node.records.nodes.map(({ data: record }: { data: { id: string } }) => record.id)
  }

  async function statusOf(connectionId: string) {
    const query = 'query ($id: ID!) { node(id: $id) { ... on Connection { status statusReason } } }'
    return (await app.request(query, { id: connectionId }, workspace.key)).data.node
  }

  const everyKind: [string, object, Record<string, string>, string | undefined][] = [
    ['none', { type: 'none' }, {}, undefined],
    ['bearer', { type: 'bearer' }, { token: 'T0ken' }, 'Bearer T0ken'],
    ['basic', { type: 'basic' }, { username: 'u', password: 'p' }, 'Basic dTpw'],
    ['api_key', { type: 'api_key', placement: { in: 'header', name: 'Authorization' } }, { api_key: 'K3y' }, 'K3y'],
    [
      'jwt',
      {
        type: 'jwt',
        algorithm: 'HS256',
        key: '{{ config.secret }}',
        fields: [{ name: 'secret', secret: true, required: true }],
      },
      { secret: 'a-secret-for-hs256-of-some-length' },
      'Bearer eyJ',
    ],
    [
      'signature',
      {
        ...{ type: 'signature', method: 'hmac', hash: 'sha256', encoding: 'hex', message: '{{ path }}' },
        ...{ key: '{{ config.secret }}', fields: [{ name: 'secret', secret: true, required: true }] },
        placement: { in: 'header', name: 'Authorization', prefix: 'Sig ' },
      },
      { secret: 'a-secret' },
      'Sig ',
    ],
    [
      'oauth1',
      { type: 'oauth1' },
      { consumer_key: 'c', consumer_secret: 's', token: 't', token_secret: 'ts' },
      'OAuth ',
    ],
  ]
  it.each(everyKind)('presents it with requests of the type %s', async (_, auth, fields, authorization) => {
    const id = await connected({ ...auth, clientCertificate: {} }, fieldsOf(ada, fields))
    const { response } = await execute(id)
    expect(response).toMatchObject({ status: 200, body: { client: 'ada' } })
    if (authorization !== undefined) expect(server.requests[0]?.headers.authorization).toMatch(authorization)
  })

  it('presents it in every way in which requests are sent', async () => {
    const id = await connected({ type: 'none', clientCertificate: {} }, fieldsOf(ada))
    expect(await run('testConnection', { connectionId: id }, 'result { ok checked }')).toMatchObject({
      result: { ok: true, checked: true },
    })
    expect(await execute(id)).toMatchObject({ response: { body: { client: 'ada' } } })
    const proxied = await fetch(`${app.url}/proxy/${id}/me`, { headers: { authorization: `Bearer ${workspace.key}` } })
    expect(await proxied.json()).toMatchObject({ client: 'ada' })
    expect(
      await run('runAction', { connectionId: id, action: 'read_me', arguments: {} }, 'response { body }'),
    ).toMatchObject({
      response: { body: { client: 'ada' } },
    })
    expect(await sync(id)).toMatchObject({ status: 'SUCCEEDED' })
    expect(await recordsOf(id)).toEqual(['item-of-ada'])
    expect(new Set(server.requests.map(({ client }) => client))).toEqual(new Set(['ada']))
  })

  it('presents it to the token endpoint and to the API (OAuth 2.0 client credentials)', async () => {
    const auth = { type: 'oauth2', grant: 'client_credentials', tokenUrl: `${server.origin}/token` }
    const fields = { client_id: 'c', client_secret: 's3cret' }
    const id = await connected({ ...auth, clientCertificate: {} }, fieldsOf(ada, fields))
    expect(await execute(id)).toMatchObject({
      response: { body: { client: 'ada', authorization: expect.stringContaining('Bearer ') } },
    })
    expect(server.requests.map(({ client, path }) => `${client} ${path}`)).toEqual(['ada /token', 'ada /api/me'])
  })

  it('presents it to the login and to the API (session token), or only to the login whose auth has it', async () => {
    const session = {
      type: 'session_token',
      tokenPath: 'token',
      lifetime: 'PT1H',
      placement: { in: 'header', name: 'Authorization', prefix: 'Session ' },
    }
    const both = await connected(
      { ...session, fields: [], login: { url: `${server.origin}/login` }, clientCertificate: {} },
      fieldsOf(ada),
    )
    await execute(both)
    expect(server.requests.map(({ client, path }) => `${client} ${path}`)).toEqual(['ada /login', 'ada /api/me'])
    await using open = await startCertifiedServer(authority, { requires: false })
    const fields = ['client_certificate', 'client_key'].map((name) => ({ name, secret: true, required: true }))
    const login = { url: `${server.origin}/login`, auth: { type: 'none', clientCertificate: {} } }
    const first = await connected({ ...session, fields, login }, fieldsOf(bob), { baseUrl: `${open.origin}/api` })
    await execute(first)
    expect(server.requests.at(-1)).toMatchObject({ client: 'bob', path: '/login' })
    expect(open.requests).toMatchObject([{ client: undefined, headers: { authorization: 'Session session-bob' } }])
  })

  it('is that of the OAuth client with a consent: at the code exchange, at the API and for a revocation', async () => {
    const auth = {
      ...{ type: 'oauth2', grant: 'authorization_code', authorizationUrl: `${server.origin}/authorize` },
      ...{ tokenUrl: `${server.origin}/token`, revocation: { url: `${server.origin}/revoke` }, clientAuth: 'none' },
      clientCertificate: {},
    }
    const client = {
      ...{ clientId: 'app', clientSecret: `${ada.certificate}${ada.key}`.trim() },
      redirectUrl: 'http://127.0.0.1/callback',
    }
    const { slug } = await integrate(auth, {}, workspace, client)
    await run('updateWorkspace', { workspaceId: workspace.id, redirectUrls: ['http://127.0.0.1/done'] })
    const begun = await run(
      'startOAuth',
      { workspaceId: workspace.id, integration: slug, redirectUrl: 'http://127.0.0.1/done' },
      'authorizationUrl connection { id }',
    )
    expect(begun).toMatchObject({ __typename: 'StartOAuthPayload' })
    const state = new URL(begun.authorizationUrl).searchParams.get('state')
    const done = await run('completeOAuth', { state, code: 'c0de' }, 'connection { id status }')
    expect(done).toMatchObject({ connection: { status: 'ACTIVE' } })
    expect(server.requests).toMatchObject([{ client: 'ada', path: '/token' }])
    expect(server.requests[0]?.body).toContain('client_id=app')
    expect(server.requests[0]?.body).not.toContain('client_secret')
    expect(await execute(done.connection.id)).toMatchObject({ response: { body: { client: 'ada' } } })
    await run('deleteConnection', { connectionId: done.connection.id })
    await vi.waitFor(() => expect(server.requests.at(-1)).toMatchObject({ client: 'ada', path: '/revoke' }), 20_000)
  })

  it('is never that of another workspace or connection, at the same host at the same time', async () => {
    const other = await app.createWorkspace('Other')
    const auth = { type: 'none', clientCertificate: {} }
    const first = await connected(auth, fieldsOf(ada))
    const second = await connected(auth, fieldsOf(eve))
    const { slug } = await integrate(auth, {}, other)
    const third = (await connect(slug, fieldsOf(bob), other)).connection.id
    const rounds = Array.from({ length: 8 }, () => [
      execute(first),
      execute(second),
      execute(third, '/me', other),
    ]).flat()
    const clients = (await Promise.all(rounds)).map(({ response }) => response.body.client)
    expect(clients).toEqual(Array.from({ length: 8 }, () => ['ada', 'eve', 'bob']).flat())
    const ports = new Map<number | undefined, Set<string | undefined>>()
    for (const { port, client } of server.requests) ports.set(port, (ports.get(port) ?? new Set()).add(client))
    for (const owners of ports.values()) expect(owners.size).toBe(1)
  })

  it('is replaced at once', async () => {
    const id = await connected({ type: 'none', clientCertificate: {} }, fieldsOf(ada))
    expect(await execute(id)).toMatchObject({ response: { body: { client: 'ada' } } })
    await run('replaceCredential', { connectionId: id, credential: { fields: fieldsOf(bob) } }, 'connection { id }')
    expect(await execute(id)).toMatchObject({ response: { body: { client: 'bob' } } })
  })

  it('is not presented to another origin to which the API redirects', async () => {
    await using elsewhere = await startCertifiedServer(authority, { requires: false })
    await using redirecting = await startCertifiedServer(authority, {
      answer: (_, response) => {
        response.writeHead(302, { location: `${elsewhere.origin}/api/me` }).end()
        return true
      },
    })
    const more = { baseUrl: `${redirecting.origin}/api` }
    const id = await connected({ type: 'none', clientCertificate: {} }, fieldsOf(ada), more)
    expect(await execute(id)).toMatchObject({ response: { status: 200 } })
    expect([redirecting.seen, elsewhere.seen]).toEqual([['ada'], ['nobody']])
    expect(await sync(id)).toMatchObject({
      status: 'FAILED',
      error: { message: expect.stringContaining('another host') },
    })
    expect(elsewhere.seen).toEqual(['nobody'])
  })

  it('is presented by streams with an auth of their own', async () => {
    const more = {
      auths: { token: { type: 'bearer', token: '{{ config.client_certificate | length }}' } },
      streams: [{ name: 'items', path: '/items', primaryKey: ['id'], auth: 'token' }],
    }
    const id = await connected({ type: 'none', clientCertificate: {} }, fieldsOf(bob), more)
    expect(await sync(id)).toMatchObject({ status: 'SUCCEEDED' })
    expect(server.requests).toMatchObject(
      [{ client: 'bob', headers: { authorization: /Bearer \d+/ } }].map(({ client }) => ({ client })),
    )
    expect(server.requests[0]?.headers.authorization).toMatch(/^Bearer \d+$/)
  })

  const soon = () => authority.issue('soon', { validTo: new Date(Date.now() - 60_000) })
  const passphrase = 'LEAKED passphrase'
  const encrypted = String(
    createPrivateKey(ada.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
  )
  it.each<[string, () => Record<string, string>, string, RegExp]>([
    [
      'text that is no certificate',
      () => fieldsOf({ ...ada, certificate: 'LEAKED' }),
      'client_certificate',
      /not a certificate in PEM form/,
    ],
    [
      'the key of another certificate',
      () => fieldsOf({ ...ada, key: bob.key }),
      'client_key',
      /does not belong to the certificate/,
    ],
    [
      'an encrypted key without a passphrase',
      () => fieldsOf({ ...ada, key: encrypted }),
      'client_key',
      /needs a passphrase/,
    ],
    [
      'an encrypted key with a wrong passphrase',
      () => fieldsOf({ ...ada, key: encrypted }, { client_key_passphrase: 'LEAKED wrong' }),
      'client_key_passphrase',
      /is not the passphrase/,
    ],
    ['an expired certificate', () => fieldsOf(soon()), 'client_certificate', /has expired on 20\d\d-/],
    ['no key', () => ({ client_certificate: ada.certificate }), 'client_key', /is missing/],
  ])('is refused when connecting with %s', async (_, fields, name, message) => {
    const { slug } = await integrate({ type: 'bearer', clientCertificate: {} })
    const refused = await connect(slug, { token: 'LEAKED-token', ...fields() })
    expect(refused).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: ['input', 'credential', 'fields', name], message: expect.stringMatching(message) }],
    })
    expect(JSON.stringify(refused)).not.toContain('LEAKED')
  })

  it('is accepted with an encrypted key and its passphrase, and as env files have it', async () => {
    const fields = { ...fieldsOf({ ...ada, key: encrypted }), client_key_passphrase: passphrase }
    expect(await execute(await connected({ type: 'none', clientCertificate: {} }, fields))).toMatchObject({
      response: { body: { client: 'ada' } },
    })
    const written = {
      certificate: bob.certificate.replaceAll('\n', '\\n'),
      key: bob.key.replaceAll('\n', '\r\n'),
    }
    const id = await connected({ type: 'bearer', clientCertificate: {} }, fieldsOf(written, { token: 't' }))
    expect(await execute(id)).toMatchObject({ response: { body: { client: 'bob' } } })
  })

  it('is needed with an injected token too', async () => {
    const auth = {
      type: 'oauth2',
      grant: 'client_credentials',
      tokenUrl: `${server.origin}/token`,
      clientCertificate: {},
    }
    const { slug } = await integrate(auth)
    const input = { workspaceId: workspace.id, integration: slug, credential: { oauthToken: { accessToken: 'a' } } }
    expect(await run('createConnection', input)).toMatchObject({
      fields: [
        { path: ['input', 'credential', 'oauthToken'], message: expect.stringMatching(/no client certificate/) },
      ],
    })
  })

  it('makes the connection NEEDS_REAUTH with its date when it has expired, until it is replaced', async () => {
    const validTo = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000)
    const id = await connected({ type: 'none', clientCertificate: {} }, fieldsOf(authority.issue('short', { validTo })))
    expect(await execute(id)).toMatchObject({ response: { body: { client: 'short' } } })
    const said = `The client certificate has expired on ${validTo.toISOString().replace('.000Z', 'Z')}.`
    const { now } = Date
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + 2 * 3_600_000)
    try {
      expect(await execute(id)).toMatchObject({ code: 'PROVIDER', message: expect.stringContaining(said) })
    } finally {
      clock.mockRestore()
    }
    expect(await statusOf(id)).toMatchObject({ status: 'NEEDS_REAUTH', statusReason: expect.stringContaining(said) })
    await run('replaceCredential', { connectionId: id, credential: { fields: fieldsOf(ada) } }, 'connection { id }')
    expect(await execute(id)).toMatchObject({ response: { body: { client: 'ada' } } })
    expect(await statusOf(id)).toMatchObject({ status: 'ACTIVE' })
  })

  it('that has expired makes the connection NEEDS_REAUTH at the next renewal', async () => {
    const validTo = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000)
    const auth = { type: 'oauth2', grant: 'client_credentials', tokenUrl: `${server.origin}/token` }
    const fields = { client_id: 'c', client_secret: 's3cret' }
    const short = authority.issue('short', { validTo })
    const id = await connected({ ...auth, clientCertificate: {} }, fieldsOf(short, fields))
    const { now } = Date
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + 2 * 3_600_000)
    try {
      expect(await execute(id)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
    } finally {
      clock.mockRestore()
    }
    expect(await statusOf(id)).toMatchObject({
      status: 'NEEDS_REAUTH',
      statusReason: expect.stringContaining('The client certificate has expired on 20'),
    })
    expect(server.requests).toEqual([])
  })

  it.skipIf(!hasOpenssl())('is a refused credential where the server refuses it by an alert', async () => {
    await using strict = await startOpenssl(authority)
    const stranger = createAuthority('Stranger').issue('eve')
    const auth = { type: 'none', clientCertificate: {} }
    const id = await connected(auth, fieldsOf(stranger), { baseUrl: strict.origin })
    const said = 'refused the client certificate: it does not know the authority that issued it'
    expect(await run('testConnection', { connectionId: id }, 'result { ok message }')).toMatchObject({
      result: { ok: false, message: expect.stringContaining(said) },
    })
    expect(await statusOf(id)).toMatchObject({ status: 'NEEDS_REAUTH', statusReason: expect.stringContaining(said) })
    const failing = await connected(auth, fieldsOf(stranger), { baseUrl: strict.origin })
    expect(await sync(failing)).toMatchObject({
      status: 'FAILED',
      error: { code: 'RECONNECT_REQUIRED', message: expect.stringContaining(said) },
    })
  })

  it('is not in the log', () => {
    const log = app.log.join('\n')
    for (const part of KEY_PARTS) expect(log).not.toContain(part)
  })
})
