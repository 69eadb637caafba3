import { afterEach, describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../src/catalog/definition/definition.ts'
import type { OpenedConnection } from '../../src/credentials/credential-store.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { AFTER_CONNECT, type OutgoingRequest, responseFor, SYNC_PAGE } from '../../src/requests/send.ts'
import { readBody } from '../../src/wire/provider-response.ts'
import { openedConnection } from '../support/opened-connection.ts'
import { type ProviderHandler, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { testSender } from '../support/test-sender.ts'

const TOKEN = 'canary-token-0123456789'
const egress = createEgress({ allow: ['127.0.0.1', 'localhost'] })
const sender = testSender(egress)
const servers: ProviderServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function provider(handler: ProviderHandler, definition: Partial<DefinitionInput> = {}) {
  const server = await startProvider(handler)
  servers.push(server)
  const opened = openedConnection(
    { displayName: 'Provider', baseUrl: `${server.origin}/api`, auth: { type: 'bearer' }, ...definition },
    { token: TOKEN },
  )
  return { server, opened }
}

/** Sends the request as a sync job sends a page, but once. */
async function send(
  opened: OpenedConnection,
  url: string,
  request: Partial<OutgoingRequest> = {},
  signal?: AbortSignal,
) {
  const source = { open: async () => opened, refused: async () => null }
  return sender.send(
    source,
    { method: 'GET', target: new URL(url), ...request },
    {
      policy: { ...SYNC_PAGE, retry: { ...AFTER_CONNECT.retry, tries: 1 } },
      read: readBody,
      limits: { maxResponseBytes: 10_000 },
      signal,
    },
  )
}

describe('A request that stays within the origin of the base URL', () => {
  it('sends the credential, the definition’s headers and its own, and returns the response', async () => {
    const { server, opened } = await provider((_request, response) => sendJson(response, { n: 1 }, { 'x-a': 'b' }), {
      headers: { 'X-Definition': 'd {{ config.token }}', 'X-Both': 'definition' },
    })
    const outcome = await send(opened, `${server.origin}/other`, {
      method: 'POST',
      headerTemplates: { 'X-Both': 'request' },
      body: { type: 'json', value: { q: 1 } },
    })
    const { response, failure, content } = responseFor(outcome)
    expect([failure, content.json(), response.headers.get('x-a'), response.url.pathname, response.bytesRead]).toEqual([
      null,
      { n: 1 },
      'b',
      '/other',
      7,
    ])
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      body: '{"q":1}',
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'x-definition': `d ${TOKEN}`,
        'x-both': 'request',
        'content-type': 'application/json',
      },
    })
  })

  it('fails for another origin than that of the base URL', async () => {
    const { server, opened } = await provider((_request, response) => sendJson(response, {}))
    const outcome = await send(opened, 'http://localhost:1/')
    expect(outcome.failure).toEqual({
      ok: false,
      as: 'fail',
      message: 'The request leads to another host (localhost:1).',
    })
    expect(server.requests).toEqual([])
  })

  it('fails for a link of more than 64 Ki characters, which no server accepts', async () => {
    const { server, opened } = await provider((_request, response) => sendJson(response, {}))
    const outcome = await send(opened, `${server.origin}/?${'a&'.repeat(40_000)}`)
    expect(outcome.failure).toEqual({
      ok: false,
      as: 'fail',
      message: 'The request leads to a URL of more than 65536 characters.',
    })
    expect(server.requests).toEqual([])
  })

  it('follows redirects within the origin, with the credential, at most three', async () => {
    const { server, opened } = await provider((request, response) =>
      request.url.pathname === '/api/end'
        ? sendJson(response, {})
        : void response.writeHead(307, { location: request.url.searchParams.get('to') ?? '/api' }).end(),
    )
    const good = await send(opened, `${server.origin}/api?to=/api/end`, {
      method: 'POST',
      body: { type: 'json', value: 1 },
    })
    expect(good.failure).toBeNull()
    expect(server.requests[1]).toMatchObject({
      method: 'POST',
      body: '1',
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    expect((await send(opened, `${server.origin}/api`)).failure).toMatchObject({
      as: 'fail',
      message: expect.stringContaining('more than 3 times'),
    })
  })

  it.each([
    '/admin',
    '../admin',
    '/apiary',
    '/API/admin',
    '//HOST/admin',
    '/api/../admin',
    '/api/%2e%2E/admin',
    '/api/..%2fadmin',
    '/api/%2e%2e%5Cadmin',
    '/api/..;/admin',
    '/api/%252e%252e%252fadmin',
    '/%61pi/admin',
  ])('refuses a redirect to %s, which leaves the path of the base URL, and sends nothing there', async (location) => {
    const { server, opened } = await provider(
      (request, response) =>
        void response.writeHead(302, { location: location.replace('HOST', request.headers.host ?? '') }).end(),
    )
    const caller = { ...SYNC_PAGE, redirects: 'follow', retry: { ...AFTER_CONNECT.retry, tries: 1 } } as const
    const source = { open: async () => opened, refused: async () => null }
    const request = { method: 'GET', target: { path: '/start' } }
    const followed = await sender.send(source, request, { policy: caller })
    expect(followed).toMatchObject({ response: null, error: { kind: 'redirect' } })
    expect(followed.failure?.message).toContain('outside the base URL')
    const sync = await send(opened, `${server.origin}/api/start`)
    expect(sync.failure).toMatchObject({ as: 'fail', message: expect.stringContaining('outside the base URL') })
    expect(server.requests.map(({ url }) => url.pathname)).toEqual(['/api/start', '/api/start'])
  })

  it('follows redirects below the base URL, and anywhere on the origin of a base URL without a path', async () => {
    const { server, opened } = await provider((request, response) =>
      request.url.pathname.endsWith('/start')
        ? void response.writeHead(302, { location: `${request.url.pathname.slice(0, -5)}deep/end` }).end()
        : sendJson(response, {}),
    )
    const source = (each: OpenedConnection) => ({ open: async () => each, refused: async () => null })
    const policy = { ...AFTER_CONNECT, redirects: 'follow' } as const
    const start = { method: 'GET', target: { path: '/start' } }
    expect((await sender.send(source(opened), start, { policy })).failure).toBeNull()
    const root = openedConnection(
      { displayName: 'Provider', baseUrl: server.origin, auth: { type: 'bearer' } },
      { token: TOKEN },
    )
    expect((await sender.send(source(root), start, { policy })).failure).toBeNull()
    expect(server.requests.map(({ url, headers }) => [url.pathname, headers.authorization])).toEqual([
      ['/api/start', `Bearer ${TOKEN}`],
      ['/api/deep/end', `Bearer ${TOKEN}`],
      ['/start', `Bearer ${TOKEN}`],
      ['/deep/end', `Bearer ${TOKEN}`],
    ])
  })

  it('turns a POST into a GET after a 303', async () => {
    const { server, opened } = await provider((_request, response, count) =>
      count > 1 ? sendJson(response, {}) : void response.writeHead(303, { location: 'x' }).end(),
    )
    const sent = await send(opened, `${server.origin}/api/a`, { method: 'POST', body: { type: 'json', value: 1 } })
    expect(sent.failure).toBeNull()
    expect(server.requests[1]).toMatchObject({ method: 'GET', body: '' })
  })

  it('refuses a redirect to another host and sends nothing there', async () => {
    const other = await provider((_request, response) => sendJson(response, {}))
    const { server, opened } = await provider(
      (_request, response) => void response.writeHead(302, { location: `${other.server.origin}/?leak` }).end(),
    )
    const outcome = await send(opened, `${server.origin}/api`)
    expect(outcome.failure).toMatchObject({ as: 'fail', message: expect.stringContaining('to another host') })
    expect(JSON.stringify(outcome)).not.toContain('leak')
    expect(other.server.requests).toEqual([])
  })

  it('returns a retryable failure if the connection is refused', async () => {
    const { server, opened } = await provider(() => undefined)
    await server.close()
    servers.length = 0
    expect(await send(opened, `${server.origin}/api`)).toMatchObject({ response: null, failure: { as: 'retry' } })
  })

  it('fails if the response is too large', async () => {
    const { server, opened } = await provider((_request, response) => void response.end('x'.repeat(10_001)))
    expect(await send(opened, `${server.origin}/api`)).toMatchObject({
      response: null,
      failure: { as: 'fail' },
      error: { kind: 'too_large' },
    })
  })

  it('classifies an error page that is too large by its status', async () => {
    const { server, opened } = await provider(
      (_request, response) => void response.writeHead(502).end('x'.repeat(10_001)),
    )
    expect((await send(opened, `${server.origin}/api`)).failure).toEqual({
      ok: false,
      as: 'retry',
      providerStatus: 502,
      unavailable: true,
      message: expect.any(String),
    })
  })

  it('rejects with the signal’s reason', async () => {
    const abort = new AbortController()
    const { server, opened } = await provider(() => abort.abort(new Error('mine')))
    await expect(send(opened, `${server.origin}/api`, {}, abort.signal)).rejects.toThrow('mine')
  })

  it('rejects with the name of a header that cannot be sent', async () => {
    const { server, opened } = await provider((_request, response) => sendJson(response, {}))
    await expect(send(opened, `${server.origin}/api`, { headerTemplates: { 'X-A': 'a\nb' } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: ['headers', 'X-A'] }],
    })
  })
})
