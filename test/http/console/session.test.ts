import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { ensureOperatorKey } from '../../../src/access/api-keys.ts'
import { createConsoleCookie } from '../../../src/http/console/cookie.ts'
import { type GraphQLResult, startTestApp, type TestApp } from '../../support/app.ts'
import { serverAnswers } from '../../support/databases.ts'

const VIEWER = '{ viewer { kind role workspace { name } } }'
const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
  ... on CreateApiKeyPayload { key apiKey { id } } ... on Error { message } } }`

describe('The sign-in to the console', () => {
  let app: TestApp
  let acme: Awaited<ReturnType<TestApp['createWorkspace']>>

  beforeAll(async () => {
    app = await startTestApp({ kind: serverAnswers ? 'server' : 'embedded' })
    acme = await app.createWorkspace()
  })
  afterAll(() => app.stop())

  const own = () => ({ origin: app.url, 'x-latchkey-console': '1' })
  const session = (method: string, headers: Record<string, string>, body?: unknown) =>
    fetch(`${app.url}/console/session`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const signIn = async (key: string) => {
    const response = await session('POST', own(), { key })
    expect(response.status).toBe(200)
    return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  }
  const graphql = async (headers: Record<string, string>, query = VIEWER, variables = {}): Promise<GraphQLResult> => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as GraphQLResult
  }
  const newKey = (input: object = {}): Promise<{ key: string; apiKey: { id: string } }> =>
    app.mutate(CREATE_KEY, { workspaceId: acme.id, name: 'browser', role: 'ADMIN', ...input }, acme.key)
  const revoke = (apiKeyId: string) =>
    app.mutate(
      'mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on Error { message } } }',
      { apiKeyId },
    )
  const codeOf = ({ errors }: GraphQLResult) => errors?.[0]?.extensions['code']

  it('exchanges an API key for a cookie that scripts cannot read, and stores only its hash', async () => {
    const response = await session('POST', own(), { key: acme.key })
    expect(await response.json()).toEqual({ signedIn: true })
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^latchkey_console_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/)
    const value = /=([\w-]{43});/.exec(cookie)?.[1] ?? ''
    const rows = await app.database.sql.query<{ row: string }>('SELECT s::text AS row FROM console_session s', [])
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain(value)
    expect(app.log.join('\n')).not.toContain(value)
  })

  it('names the cookie for this host alone behind TLS', () => {
    const cookie = createConsoleCookie(() => 'https://latchkey.example.com')
    expect(cookie.set('x')).toBe('__Host-latchkey_console=x; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=43200')
  })

  it('lets the browser do what the key may', async () => {
    const cookie = await signIn(acme.key)
    const { data } = await graphql({ ...own(), cookie })
    expect(data.viewer).toEqual({ kind: 'API_KEY', role: 'ADMIN', workspace: { name: 'Acme' } })
    const reader = await signIn((await newKey({ role: 'READER' })).key)
    const refused = await graphql({ ...own(), cookie: reader }, CREATE_KEY, {
      input: { workspaceId: acme.id, name: 'more', role: 'READER' },
    })
    expect(refused.data.createApiKey.__typename).toBe('ForbiddenError')
  })

  it('says whether the browser is signed in', async () => {
    const cookie = await signIn(acme.key)
    expect(await (await session('GET', { ...own(), cookie })).json()).toEqual({
      signedIn: true,
      oidc: false,
      sandbox: true,
      docs: true,
    })
    expect(await (await session('GET', own())).json()).toMatchObject({ signedIn: false })
  })

  const FOREIGN: [string, (url: string) => Record<string, string>][] = [
    ['of another origin', () => ({ origin: 'https://evil.example', 'x-latchkey-console': '1' })],
    ['of another port of this host', (url) => ({ origin: url.replace(/\d+$/, '1'), 'x-latchkey-console': '1' })],
    ['of a page without an origin', () => ({ origin: 'null', 'x-latchkey-console': '1' })],
    ['that names no origin', () => ({ 'x-latchkey-console': '1' })],
    [
      'of another site, by Sec-Fetch-Site',
      (url) => ({ ...{ origin: url }, 'sec-fetch-site': 'cross-site', 'x-latchkey-console': '1' }),
    ],
    [
      'of the same site, by Sec-Fetch-Site',
      (url) => ({ ...{ origin: url }, 'sec-fetch-site': 'same-site', 'x-latchkey-console': '1' }),
    ],
    ['without the header of the console', (url) => ({ origin: url })],
  ]
  it.each(FOREIGN)('does not accept the cookie in a request %s', async (_title, headersOf) => {
    const cookie = await signIn(acme.key)
    const headers = { ...headersOf(app.url), cookie }
    expect(codeOf(await graphql(headers))).toBe('UNAUTHENTICATED')
    // A document that was executed before takes another way through the server.
    await graphql({ ...own(), cookie })
    expect(codeOf(await graphql(headers))).toBe('UNAUTHENTICATED')
    const events = await fetch(`${app.url}/graphql?query=${encodeURIComponent(VIEWER)}`, {
      headers: { 'x-latchkey-csrf': '1', accept: 'text/event-stream', ...headers },
    })
    expect(await events.text()).toContain('UNAUTHENTICATED')
    expect((await session('DELETE', headers)).status).toBe(403)
    expect((await session('GET', headers)).status).toBe(403)
    expect((await session('POST', headersOf(app.url), { key: acme.key })).status).toBe(403)
    expect((await graphql({ ...own(), cookie })).data.viewer.kind).toBe('API_KEY')
  })

  it('allows no page of another origin to send a request with cookies', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('prefers an Authorization header to the cookie', async () => {
    const cookie = await signIn(acme.key)
    const { data } = await graphql({ ...own(), cookie, authorization: `Bearer ${app.operatorKey}` })
    expect(data.viewer.kind).toBe('OPERATOR')
  })

  it('accepts the value of the cookie nowhere else', async () => {
    const value = (await signIn(acme.key)).split('=')[1] ?? ''
    expect(codeOf(await graphql({ authorization: `Bearer ${value}` }))).toBe('UNAUTHENTICATED')
    const cookie = await signIn(acme.key)
    const audit = await fetch(`${app.url}/audit-export/${acme.id}`, { headers: { ...own(), cookie } })
    expect(audit.status).toBe(401)
    const proxied = await fetch(`${app.url}/proxy/abc/x`, { headers: { ...own(), cookie } })
    expect(proxied.status).toBe(401)
  })

  /** The close code of a socket after `connection_init`, or `acknowledged`. */
  async function handshake(headers: Record<string, string>): Promise<number | 'acknowledged'> {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers })
    await once(socket, 'open')
    const result = Promise.withResolvers<number | 'acknowledged'>()
    socket.on('close', (code) => result.resolve(code))
    socket.on('message', () => result.resolve('acknowledged'))
    socket.send(JSON.stringify({ type: 'connection_init', payload: {} }))
    const outcome = await result.promise
    socket.terminate()
    return outcome
  }

  it('accepts the cookie in the WebSocket handshake of its own pages only', async () => {
    const cookie = await signIn(acme.key)
    expect(await handshake({ origin: app.url, cookie })).toBe('acknowledged')
    expect(await handshake({ origin: 'https://evil.example', cookie })).toBe(4403)
    expect(await handshake({ origin: app.url.replace(/\d+$/, '1'), cookie })).toBe(4403)
    expect(await handshake({ origin: 'null', cookie })).toBe(4403)
    expect(await handshake({ cookie })).toBe(4403)
    expect(await handshake({ origin: app.url })).toBe(4403)
  })

  /** Opens a socket with a cookie. `closed` resolves with its close code. */
  async function openSocket(cookie: string): Promise<{ closed: Promise<number> }> {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { origin: app.url, cookie },
    })
    const closed = once(socket, 'close').then(([code]) => code as number)
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init', payload: {} }))
    await once(socket, 'message')
    return { closed }
  }

  it('ends the session and its sockets when the browser signs out', async () => {
    const cookie = await signIn(acme.key)
    const { closed } = await openSocket(cookie)
    const response = await session('DELETE', { ...own(), cookie })
    expect(response.headers.get('set-cookie')).toMatch(/^latchkey_console_\d+=; Path=\/; .*Max-Age=0$/)
    expect(codeOf(await graphql({ ...own(), cookie }))).toBe('UNAUTHENTICATED')
    expect(await closed).toBe(4403)
  })

  it('ends the session when its key is revoked', async () => {
    const { key, apiKey } = await newKey()
    const cookie = await signIn(key)
    const { closed } = await openSocket(cookie)
    await revoke(apiKey.id)
    expect(codeOf(await graphql({ ...own(), cookie }))).toBe('UNAUTHENTICATED')
    expect(await closed).toBe(4403)
  })

  it('ends the session after twelve hours, with its sockets', async () => {
    const cookie = await signIn((await newKey({ name: 'late' })).key)
    const { closed } = await openSocket(cookie)
    const [row] = await app.database.sql.query<{ seconds: number }>(
      "SELECT extract(epoch FROM max(s.expires_at) - now())::int AS seconds FROM console_session s JOIN api_key k ON k.id = s.api_key_id WHERE k.name = 'late'",
      [],
    )
    expect(row?.seconds).toBeGreaterThan(43_100)
    expect(row?.seconds).toBeLessThanOrEqual(43_200)
    await app.database.sql.query(
      "UPDATE console_session SET expires_at = now() WHERE api_key_id IN (SELECT id FROM api_key WHERE name = 'late')",
      [],
    )
    expect(codeOf(await graphql({ ...own(), cookie }))).toBe('UNAUTHENTICATED')
    expect(await closed).toBe(4403)
  })

  it('ends the session when the value of LATCHKEY_OPERATOR_KEY changes', async () => {
    const [first, second] = ['a'.repeat(40), 'b'.repeat(40)]
    await ensureOperatorKey(app.database, first)
    const cookie = await signIn(first)
    expect((await graphql({ ...own(), cookie })).data.viewer.kind).toBe('OPERATOR')
    await ensureOperatorKey(app.database, second)
    expect(codeOf(await graphql({ ...own(), cookie }))).toBe('UNAUTHENTICATED')
  })

  it('keeps the 50 newest sessions of a key', async () => {
    const { key } = await newKey({ name: 'often' })
    const cookies: string[] = []
    for (let count = 0; count < 51; count += 1) cookies.push(await signIn(key))
    expect(codeOf(await graphql({ ...own(), cookie: cookies[0] ?? '' }))).toBe('UNAUTHENTICATED')
    expect((await graphql({ ...own(), cookie: cookies[1] ?? '' })).data.viewer.kind).toBe('API_KEY')
  })

  it('refuses what is not a valid API key', async () => {
    for (const body of [{ key: 'lk_unknown' }, { key: '' }, { key: `lkc_${'a'.repeat(43)}` }]) {
      const response = await session('POST', own(), body)
      expect(response.status).toBe(401)
      expect(response.headers.get('set-cookie')).toBeNull()
    }
    expect((await session('POST', own(), { key: 1 })).status).toBe(422)
    expect((await session('POST', own(), { key: 'x'.repeat(5_000) })).status).toBe(422)
    expect((await session('POST', { ...own(), 'content-type': 'text/plain' }, { key: acme.key })).status).toBe(422)
    expect((await session('PUT', own(), { key: acme.key })).status).toBe(405)
  })

  it('writes sign-ins, refused sign-ins of a known key and sign-outs into the audit log', async () => {
    const { key, apiKey } = await newKey({ name: 'audited' })
    await session('DELETE', { ...own(), cookie: await signIn(key) })
    const limited = await newKey({ name: 'limited', scopes: ['CONNECT'] })
    expect((await session('POST', own(), { key: limited.key })).status).toBe(403)
    const { data } = await app.request(
      `query ($id: ID!) { workspace(id: $id) { auditEvents(first: 5) {
         nodes { actor actorKind actorId action outcome address } } } }`,
      { id: acme.id },
    )
    const lines = data.workspace.auditEvents.nodes.filter((line: { action: string }) =>
      line.action.startsWith('console'),
    )
    expect(lines).toMatchObject([
      { action: 'consoleSignIn', outcome: 'FORBIDDEN', actor: expect.stringMatching(/^limited /) },
      { action: 'consoleSignOut', outcome: 'OK', actorId: apiKey.id, actorKind: 'API_KEY', address: '127.0.0.1' },
      { action: 'consoleSignIn', outcome: 'OK', actorId: apiKey.id, actorKind: 'API_KEY', address: '127.0.0.1' },
    ])
  })

  it('limits failed attempts by address', async () => {
    const small = await startTestApp()
    try {
      const attempt = () =>
        fetch(`${small.url}/console/session`, {
          method: 'POST',
          headers: { origin: small.url, 'x-latchkey-console': '1', 'content-type': 'application/json' },
          body: '{"key":"lk_wrong"}',
        })
      const answers = await Promise.all(Array.from({ length: 400 }, attempt))
      expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
    } finally {
      await small.stop()
    }
  })
})
