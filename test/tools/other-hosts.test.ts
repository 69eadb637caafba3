import { createHmac } from 'node:crypto'
import { decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { boundTo } from '../../src/auth/external/account-receivers.ts'
import { askAfterConnect } from '../../src/connecting/oauth/exchange.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { openedAt } from '../../src/requests/target.ts'
import { problemsOf } from '../catalog/definition/problems-of.ts'
import { openedConnection } from '../support/opened-connection.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { testSender } from '../support/test-sender.ts'
import { type RequestFixture, startRequestFixture } from './request-fixture.ts'

const TOKEN = 'good-token-0123456789'
let fixture: RequestFixture
/** Another host of the provider, which definitions name. */
let other: ProviderServer
/** A host that no definition names. */
let stranger: ProviderServer
beforeAll(async () => {
  fixture = await startRequestFixture()
  other = await startProvider(({ url }, response) => {
    if (!url.pathname.startsWith('/leave')) return sendJson(response, { at: 'other' })
    response.writeHead(302, { location: `${stranger.origin}/caught` }).end()
  })
  stranger = await startProvider((_seen, response) => sendJson(response, { at: 'stranger' }))
})
afterAll(async () => {
  await other.close()
  await stranger.close()
  await fixture.close()
})
beforeEach(() => {
  fixture.answer((_seen, response) => sendJson(response, { at: 'main' }))
  other.requests.length = 0
  stranger.requests.length = 0
})

const hostOf = ({ origin }: ProviderServer) => new URL(origin).host
const connect = (definition: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  fixture.connect({ definition: { hosts: [hostOf(other)], ...definition }, ...more })
const seenBy = ({ requests }: ProviderServer) =>
  requests.map(({ url, headers }) => [url.pathname + url.search, headers.authorization])

describe('a test request at another host', () => {
  it('is sent there, with its own auth, query and headers', async () => {
    const connection = await connect({
      auths: { key: { type: 'api_key', value: '{{ config.token }}', placement: { in: 'header', name: 'X-Key' } } },
      testRequest: {
        baseUrl: `${other.origin}/v2`,
        auth: 'key',
        path: '/me',
        query: { fields: 'id' },
        headers: { 'X-Version': '2' },
      },
    })
    const { result } = await fixture.run('testConnection', { connectionId: connection })
    expect(result).toMatchObject({ ok: true, checked: true })
    expect(seenBy(other)).toEqual([['/v2/me?fields=id', undefined]])
    expect(other.requests[0]?.headers).toMatchObject({ 'x-key': TOKEN, 'x-version': '2' })
    expect(fixture.provider.requests).toEqual([])
  })

  it('that a value of the connection leads to an unnamed host is not sent', async () => {
    const connection = await connect(
      { inputFields: [{ name: 'place' }], testRequest: { baseUrl: 'http://{{ input.place }}', path: '/me' } },
      { more: { input: { place: hostOf(stranger) } } },
    )
    const result = await fixture.run('testConnection', { connectionId: connection })
    expect(result).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' })
    expect(result.fields[0].message).toContain(
      `Allowed are the host of the base URL of the integration and ${hostOf(other)}.`,
    )
    expect([...stranger.requests, ...other.requests, ...fixture.provider.requests]).toEqual([])
  })
})

it('A refusal at another host is checked with the test request at the host of the definition', async () => {
  const connection = await connect({
    testRequest: { path: '/me' },
    actions: [
      { name: 'there', input: { type: 'object' }, request: { method: 'GET', baseUrl: other.origin, path: '/refused' } },
    ],
    responseErrors: [{ path: 'at', equals: 'other', as: 'auth' }],
  })
  for (const _ of [1, 2]) {
    const { response } = await fixture.run('runAction', { connectionId: connection, action: 'there', arguments: {} })
    expect(response.body).toEqual({ at: 'other' })
  }
  expect(seenBy(fixture.provider)).toEqual(['/api/me', '/api/me'].map((path) => [path, `Bearer ${TOKEN}`]))
})

describe('an afterConnect request at another host', () => {
  const egress = createEgress({ allow: ['127.0.0.1', 'localhost'] })

  it('is sent there with its own auth, before values of the base URL are known', async () => {
    const opened = openedConnection({
      displayName: 'X',
      baseUrl: 'https://{{ kept.region }}.example.com',
      auth: { type: 'bearer' },
      auths: { basic: { type: 'basic', username: 'u', password: '{{ config.token }}' } },
      hosts: [hostOf(other)],
      afterConnect: [{ baseUrl: other.origin, auth: 'basic', path: '/region', keep: { region: 'at' } }],
    })
    // The base URL of the definition is not known, so only https may be used. The test has no certificate.
    const known = { ...opened, scope: { ...opened.scope, kept: { region: 'eu' } } }
    await expect(askAfterConnect(testSender(egress), known)).rejects.toThrow('at a host that gets no credential')
    const http = { ...known, definition: { ...opened.definition, baseUrl: 'http://{{ kept.region }}.example.com' } }
    expect(await askAfterConnect(testSender(egress), http)).toEqual({ region: 'other' })
    expect(seenBy(other)).toEqual([['/region', `Basic ${Buffer.from(`u:${TOKEN}`).toString('base64')}`]])
  })
})

describe('the credential of an auth provider', () => {
  const opened = openedConnection({
    displayName: 'X',
    baseUrl: 'https://x.example.com',
    auth: { type: 'bearer' },
    hosts: ['y.example.com'],
    auths: {
      other: { type: 'bearer', token: 'x-{{ config.token }}' },
      signed: { type: 'jwt', algorithm: 'HS256', key: '{{ config.token }}' },
    },
  })
  const bound = {
    ...opened,
    authenticator: boundTo(opened.authenticator, ({ host }: URL) => host === 'x.example.com'),
  }
  const draft = (url: string) => ({
    method: 'GET',
    url: new URL(url),
    headers: new Headers(),
    credentialHeaders: new Set<string>(),
  })

  it('is sent in another way only to the hosts of the auth provider', () => {
    const { authenticator } = openedAt(bound, { auth: 'other' })
    const sent = draft('https://x.example.com/a')
    authenticator.apply(sent)
    expect(sent.headers.get('authorization')).toBe(`Bearer x-${TOKEN}`)
    expect(() => authenticator.apply(draft('https://y.example.com/a'))).toThrow('does not name the host y.example.com')
  })

  it('signs nothing', () => {
    expect(() => openedAt(bound, { auth: 'signed' })).toThrow('cannot supply credentials for the auth signed')
  })
})

describe('an action with its own host and auth', () => {
  const action = (request: Record<string, unknown>) => ({
    name: 'send',
    input: { type: 'object', properties: { id: { type: 'string' } } },
    request: { method: 'POST', path: '/files/{{ args.id }}', json: { a: 1 }, ...request },
  })
  const run = (connectionId: string, args: Record<string, unknown> = { id: '7' }) =>
    fixture.run('runAction', { connectionId, action: 'send', arguments: args })

  it('sends a JWT that is signed with a field of the connection', async () => {
    const auths = {
      signed: { type: 'jwt', algorithm: 'HS256', key: '{{ config.token }}', lifetime: 'PT1M', claims: { iss: 'me' } },
    }
    const connection = await connect({ auths, actions: [action({ baseUrl: other.origin, auth: 'signed' })] })
    expect(await run(connection)).toMatchObject({ output: { at: 'other' } })
    const jwt = other.requests[0]?.headers.authorization?.replace('Bearer ', '') ?? ''
    expect(decodeJwt(jwt)).toMatchObject({ iss: 'me' })
    await jwtVerify(jwt, Buffer.from(TOKEN))
  })

  it('is signed with a field of the connection', async () => {
    const auths = {
      signed: {
        type: 'signature',
        method: 'hmac',
        key: '{{ config.token }}',
        hash: 'sha256',
        message: '{{ method }} {{ path }} {{ body }}',
        encoding: 'hex',
        placement: { in: 'header', name: 'X-Signature' },
      },
    }
    const connection = await connect({ auths, actions: [action({ auth: 'signed' })] })
    await run(connection)
    const expected = createHmac('sha256', TOKEN).update('POST /api/files/7 {"a":1}').digest('hex')
    expect(fixture.provider.requests[0]?.headers['x-signature']).toBe(expected)
  })

  it('takes no argument for its host', () => {
    const definition = { displayName: 'X', baseUrl: 'https://x.example.com', auth: { type: 'bearer' } }
    expect(problemsOf({ ...definition, actions: [action({ baseUrl: 'https://{{ args.id }}.example.com' })] })).toEqual([
      expect.stringContaining('actions.0.request.baseUrl: reads args'),
    ])
  })
})

describe('A caller', () => {
  const execute = (connectionId: string, path: string, key?: string, more: Record<string, unknown> = {}) =>
    fixture.run('executeRequest', { connectionId, method: 'GET', path, ...more }, key)
  const proxy = (connectionId: string, path: string, base: string, init: RequestInit & { key?: string } = {}) =>
    fetch(`${fixture.app.url}/proxy/${connectionId}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${init.key ?? fixture.workspace.key}`, 'x-latchkey-base-url': base },
    })

  it('reaches a host that the definition names, by executeRequest and by the proxy', async () => {
    const connection = await connect()
    const { response } = await execute(connection, `${other.origin}/files?a=1`, undefined, { query: { b: 2 } })
    expect(response).toMatchObject({ status: 200, body: { at: 'other' } })
    const answer = await proxy(connection, '/files/x%2Fy?a=1', other.origin)
    expect([answer.status, await answer.json()]).toEqual([200, { at: 'other' }])
    expect(seenBy(other)).toEqual([
      ['/files?a=1&b=2', `Bearer ${TOKEN}`],
      ['/files/x%2Fy?a=1', `Bearer ${TOKEN}`],
    ])
    expect(other.requests[1]?.headers['x-latchkey-base-url']).toBeUndefined()
  })

  it('does not reach another host: nothing is sent, and the error names those that are allowed', async () => {
    const connection = await connect()
    const result = await execute(connection, `${stranger.origin}/files`)
    expect(result).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path: ['input', 'path'] }] })
    expect(result.message).toContain(`Allowed are the host of the base URL of the integration and ${hostOf(other)}.`)
    const answer = await proxy(connection, '/files', stranger.origin)
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({
      error: { code: 'INVALID_INPUT', message: expect.stringContaining(hostOf(other)) },
    })
    expect([...stranger.requests, ...other.requests, ...fixture.provider.requests]).toEqual([])
  })

  it.each([
    ['a user name', (host: string) => `http://user@${host}/files`],
    ['a user name that looks like the host', (host: string) => `http://${host}@${hostOf(stranger)}/files`],
    ['a host before a backslash', (host: string) => `http://${hostOf(stranger)}\\@${host}/files`],
    ['a path that climbs', (host: string) => `http://${host}/a/../b`],
    ['an encoded path that climbs', (host: string) => `http://${host}/a/%2e%2e%2fb`],
    ['a fragment', (host: string) => `http://${host}/files#x`],
    ['a control character', (host: string) => `http://${host}/fi\tles`],
    ['another port', (host: string) => `http://${host.replace(/:\d+$/, '')}:${new URL(stranger.origin).port}/`],
    ['the default port', (host: string) => `http://${host.replace(/:\d+$/, '')}/`],
    ['no scheme', (host: string) => `//${host}/files`],
    ['a domain that begins like the host', () => 'https://files.example.com.attacker.example/'],
    ['a domain that looks alike', () => 'https://files.exаmple.com/'],
    ['the domain of a wildcard', () => 'https://cdn.example.com/'],
    ['a domain that ends like that of a wildcard', () => 'https://evilcdn.example.com/'],
  ])('sends nothing for a URL with %s', async (_name, url) => {
    const connection = await connect({ hosts: [hostOf(other), 'files.example.com', '*.cdn.example.com'] })
    expect(await execute(connection, url(hostOf(other)))).toMatchObject({ code: 'INVALID_INPUT' })
    expect([...stranger.requests, ...other.requests, ...fixture.provider.requests]).toEqual([])
  })

  it.each(['/v2', '?a=1', '#a', ' ', ', http://x.example.com'])(
    'names a host without %j in the header',
    async (more) => {
      const connection = await connect()
      const answer = await proxy(connection, '/files', other.origin + more)
      expect([answer.status, other.requests.length]).toEqual(more === ' ' ? [200, 1] : [422, 0])
    },
  )

  it('names no host of a definition without hosts', async () => {
    const connection = await fixture.connect()
    expect(await execute(connection, `${other.origin}/files`)).toMatchObject({ code: 'INVALID_INPUT' })
    expect((await proxy(connection, '/files', other.origin)).status).toBe(422)
    expect(other.requests).toEqual([])
  })

  it('stays below the base URL on its host', async () => {
    const connection = await connect({ hosts: [hostOf(other), hostOf(fixture.provider)] })
    expect((await proxy(connection, '/api/things', fixture.provider.origin)).status).toBe(200)
    expect((await proxy(connection, '/things', fixture.provider.origin)).status).toBe(422)
    expect(seenBy(fixture.provider)).toEqual([['/api/things', `Bearer ${TOKEN}`]])
  })

  it('does not take the credential along when the other host redirects', async () => {
    const connection = await connect()
    const { response } = await execute(connection, `${other.origin}/leave`)
    expect(response.body).toEqual({ at: 'stranger' })
    expect(seenBy(stranger)).toEqual([['/caught', undefined]])
  })

  it('of another workspace, or who may only read, gets no further than before', async () => {
    const connection = await connect()
    const { key } = await fixture.app.createWorkspace()
    expect(await execute(connection, `${other.origin}/files`, key)).toMatchObject({ code: 'NOT_FOUND' })
    expect((await proxy(connection, '/files', other.origin, { key })).status).toBe(404)
    const reader = await fixture.createKey('READER')
    const post = { method: 'POST' }
    expect(await execute(connection, `${other.origin}/files`, reader, post)).toMatchObject({ code: 'FORBIDDEN' })
    expect((await proxy(connection, '/files', other.origin, { ...post, key: reader })).status).toBe(403)
    expect(other.requests).toEqual([])
  })
})

describe('a definition whose requests name a target', () => {
  const base = {
    displayName: 'X',
    baseUrl: 'https://x.example.com',
    auth: { type: 'bearer' },
    auths: { reports: { type: 'bearer', token: '{{ config.token }}' } },
  }
  const action = (request: object) => ({
    actions: [{ name: 'a', input: { type: 'object' }, request: { method: 'GET', path: '/', ...request } }],
  })
  const after = (request: object) => ({ afterConnect: [{ path: '/', keep: { a: 'a' }, ...request }] })
  const another = 'is at another host than the baseUrl of the definition: add y.example.com to hosts'

  it.each([
    ['testRequest', (more: object) => ({ testRequest: { path: '/', ...more } })],
    ['afterConnect.0', after],
    ['actions.0.request', action],
    ['streams.0', (more: object) => ({ streams: [{ name: 'a', path: '/', ...more }] })],
  ])('is checked: %s', (place, made) => {
    expect(problemsOf({ ...base, ...made({ baseUrl: 'https://y.example.com' }) })).toEqual([
      expect.stringContaining(`${place}.baseUrl: ${another}`),
    ])
    expect(problemsOf({ ...base, ...made({ auth: 'report' }) })).toEqual([
      `${place}.auth: report is not a key of auths. Did you mean reports?`,
    ])
    const hosts = ['y.example.com']
    expect(problemsOf({ ...base, hosts, ...made({ baseUrl: 'http://y.example.com' }) })).toEqual([
      `${place}.baseUrl: must begin with https://, as the baseUrl of the definition does`,
    ])
    expect(problemsOf({ ...base, hosts, ...made({ baseUrl: 'https://y.example.com', auth: 'reports' }) })).toEqual([])
  })

  it('must not set in a request what its own auth sets', () => {
    const auths = { key: { type: 'api_key', value: '{{ config.token }}', placement: { in: 'query', name: 'k' } } }
    const testRequest = { path: '/', auth: 'key', query: { k: '1' }, headers: { Authorization: 'x' } }
    expect(problemsOf({ ...base, auths, testRequest })).toEqual(['testRequest.query.k: k is set by auth'])
    expect(problemsOf({ ...base, auths, ...action({ auth: 'key', query: { k: '1' } }) })).toEqual([
      'actions.0.request.query.k: k is set by auth',
    ])
  })

  it('names a base URL or a whole URL for an afterConnect request, and not both', () => {
    const both = after({ path: 'https://x.example.com/a', baseUrl: 'https://x.example.com' })
    expect(problemsOf({ ...base, ...both })).toEqual([
      'afterConnect.0.baseUrl: must be left out, because the path is a whole URL',
    ])
  })
})
