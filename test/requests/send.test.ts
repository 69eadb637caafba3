import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../src/catalog/definition/definition.ts'
import { createEgress, type Egress } from '../../src/egress/egress.ts'
import { InvalidInputError, ProviderError, RateLimitedError } from '../../src/kit/errors.ts'
import type { Clock } from '../../src/kit/time.ts'
import {
  AFTER_CONNECT,
  CALLER_REQUEST,
  type ConnectionSource,
  type OutgoingRequest,
  responseFor,
  type Sender,
} from '../../src/requests/send.ts'
import { openedConnection } from '../support/opened-connection.ts'
import { type ProviderHandler, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { testSender } from '../support/test-sender.ts'

let egress: Egress
let provider: ProviderServer
let handler: ProviderHandler
let waits: number[]
let now = 0
let sender: Sender

beforeAll(async () => {
  egress = createEgress({ allow: ['127.0.0.1'] })
  provider = await startProvider((seen, response, count) => handler(seen, response, count))
})
afterAll(async () => {
  await egress.close()
  await provider.close()
})
beforeEach(() => {
  waits = []
  provider.requests.length = 0
  const clock: Clock = {
    now: () => now,
    random: () => 0.5,
    sleep: async (ms, signal) => {
      signal.throwIfAborted()
      waits.push(ms)
      now += ms
    },
  }
  sender = testSender(egress, clock)
})

const definition = (more: Partial<DefinitionInput> = {}): DefinitionInput => ({
  displayName: 'Things',
  baseUrl: `${provider.origin}/api`,
  auth: { type: 'bearer' },
  ...more,
})
const opened = (token = 'token-1', more: Partial<DefinitionInput> = {}) => ({
  ...openedConnection(definition(more), { token }),
  version: 1,
})
const fixed = (connection = opened()): ConnectionSource => ({ open: async () => connection, refused: async () => null })
const send = async (source: ConnectionSource, request: Partial<OutgoingRequest> = {}) =>
  responseFor(
    await sender.send(source, { method: 'GET', target: { path: '/things' }, ...request }, { policy: CALLER_REQUEST }),
  )
const hangUp = (response: ServerResponse) => {
  response.destroy()
}
const failing = (status: number, headers: Record<string, string> = {}, times = Number.POSITIVE_INFINITY) => {
  handler = (_seen, response, count) =>
    count <= times ? sendJson(response, {}, headers, status) : sendJson(response, {})
}

describe('Retries:', () => {
  it('an idempotent request is repeated at most twice after 429, 502, 503 or 504', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      for (const status of [429, 502, 503, 504]) {
        provider.requests.length = 0
        waits = []
        failing(status)
        expect((await send(fixed(), { method })).response.status).toBe(status)
        expect(provider.requests, `${method} ${status}`).toHaveLength(3)
        expect(waits).toEqual([300, 600])
      }
    }
  })

  it('other requests and statuses are not repeated', async () => {
    for (const [method, status] of [
      ['POST', 503],
      ['PATCH', 503],
      ['GET', 500],
      ['GET', 404],
      ['GET', 501],
    ] as const) {
      provider.requests.length = 0
      failing(status)
      expect((await send(fixed(), { method })).response.status).toBe(status)
      expect(provider.requests).toHaveLength(1)
    }
    expect(waits).toEqual([])
  })

  it('a retry waits as long as the provider asks for, up to 10 seconds', async () => {
    failing(503, { 'retry-after': '7' }, 1)
    expect((await send(fixed())).response.status).toBe(200)
    expect(waits).toEqual([7_000])
    provider.requests.length = 0
    failing(429, { 'retry-after': '11' })
    const { response } = await send(fixed())
    expect(response.headers.get('retry-after')).toBe('11')
    expect(provider.requests).toHaveLength(1)
  })

  it('all retries together wait at most 20 seconds', async () => {
    handler = (_seen, response) => sendJson(response, {}, { 'retry-after': '10' }, 503)
    expect((await send(fixed())).response.status).toBe(503)
    expect(waits).toEqual([10_000, 10_000])
    provider.requests.length = 0
    waits = []
    const date = () => new Date(now + 9_000).toUTCString()
    handler = (_seen, response) => sendJson(response, {}, { 'retry-after': date() }, 503)
    now = 1_800_000_000_000
    expect((await send(fixed())).response.status).toBe(503)
    expect(waits).toEqual([9_000, 9_000])
  })

  it('a rule of the definition decides whether a response is retried', async () => {
    handler = (_seen, response, count) => sendJson(response, count === 1 ? { error: 'busy' } : { ok: true })
    const rules: Partial<DefinitionInput> = { responseErrors: [{ path: ['error'], equals: 'busy', as: 'retry' }] }
    const { body } = await send(fixed(opened('t', rules)))
    expect(String(body)).toBe('{"ok":true}')
    failing(503)
    provider.requests.length = 0
    await send(fixed(opened('t', { responseErrors: [{ status: 503, as: 'fail' }] })))
    expect(provider.requests).toHaveLength(1)
  })

  it('an idempotent request whose connection broke is repeated over a new connection', async () => {
    handler = (_seen, response, count) => (count < 3 ? hangUp(response) : sendJson(response, { count }))
    const { body } = await send(fixed())
    expect(Buffer.from(body ?? []).toString()).toBe('{"count":3}')
    provider.requests.length = 0
    await expect(send(fixed(), { method: 'POST' })).rejects.toMatchObject({
      name: 'ProviderError',
      details: { kind: 'reset' },
    })
    expect(provider.requests).toHaveLength(1)
    handler = (_seen, response) => hangUp(response)
    provider.requests.length = 0
    await expect(send(fixed(), { method: 'PUT' })).rejects.toThrow(ProviderError)
    expect(provider.requests).toHaveLength(3)
  })

  it('a retry uses the current credential', async () => {
    let opens = 0
    const source: ConnectionSource = {
      open: async () => {
        opens += 1
        return opened(`token-${opens}`)
      },
      refused: async () => null,
    }
    failing(503, {}, 1)
    await send(source)
    expect(provider.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('an aborted request is not repeated', async () => {
    const abort = new AbortController()
    const reason = new Error('gone')
    handler = (_seen, response) => {
      abort.abort(reason)
      sendJson(response, {}, {}, 503)
    }
    const sent = sender.send(
      fixed(),
      { method: 'GET', target: { path: '/' } },
      { policy: CALLER_REQUEST, read: async () => null, signal: abort.signal },
    )
    await expect(sent).rejects.toBe(reason)
    expect(provider.requests).toHaveLength(1)
  })
})

describe('A refused credential', () => {
  const source = (refusals: string[]): ConnectionSource => ({
    open: async () => opened('token-1'),
    refused: async (last) => {
      refusals.push(...last.authenticator.secrets)
      return opened('token-2')
    },
  })

  it('is renewed again only when it was accepted in between', async () => {
    const refusals: string[] = []
    const statuses = [401, 503, 401, 200]
    handler = (_seen, response, count) => sendJson(response, {}, {}, statuses[count - 1])
    expect((await send(source(refusals))).response.status).toBe(200)
    expect(refusals).toHaveLength(2)
    handler = (_seen, response) => sendJson(response, {}, {}, 401)
    expect((await send(source(refusals))).response.status).toBe(401)
    expect(refusals).toHaveLength(3)
  })

  it('is renewed once, and the request is repeated once', async () => {
    const refusals: string[] = []
    handler = (seen, response) =>
      sendJson(response, {}, {}, seen.headers.authorization === 'Bearer token-2' ? 200 : 401)
    const { response, refreshed } = await send(source(refusals), {
      method: 'POST',
      body: { type: 'json', value: { a: 1 } },
    })
    expect({ status: response.status, refreshed, refusals }).toEqual({
      status: 200,
      refreshed: true,
      refusals: ['token-1'],
    })
    expect(provider.requests.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}'])
  })

  it('is not renewed a second time', async () => {
    const refusals: string[] = []
    failing(401)
    const { response } = await send(source(refusals))
    expect(response.status).toBe(401)
    expect(refusals).toHaveLength(1)
    expect(provider.requests).toHaveLength(2)
  })

  it('is renewed, but a request with a streamed body is not repeated', async () => {
    const refusals: string[] = []
    failing(401)
    async function* stream() {
      yield Buffer.from('part')
    }
    const { response, refreshed } = await send(source(refusals), {
      method: 'POST',
      body: { type: 'raw', value: stream() },
    })
    expect({ status: response.status, refreshed, refusals: refusals.length }).toEqual({
      status: 401,
      refreshed: true,
      refusals: 1,
    })
    expect(provider.requests.map(({ body }) => body)).toEqual(['part'])
  })

  it('is not what a 403 means', async () => {
    const refusals: string[] = []
    failing(403)
    expect((await send(source(refusals))).response.status).toBe(403)
    expect(refusals).toEqual([])
  })
})

describe('A message of a failed request', () => {
  const secret = 'SeCret-0123456789'
  const inHost = (baseUrl: string) => openedConnection(definition({ baseUrl }), { token: secret })

  it('does not show a secret in the host name of the base URL', async () => {
    const source = fixed(inHost('http://{{ config.token }}.invalid'))
    const failure = await send(source).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ProviderError)
    expect((failure as ProviderError).message).toMatch(/\[redacted\]\.invalid/)
    const refused = await send(source, { target: { path: '/../x' } }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(InvalidInputError)
    expect(JSON.stringify((refused as InvalidInputError).fields).toLowerCase()).not.toContain(secret.toLowerCase())
  })

  it('does not show a secret that the provider puts into the host name of a redirect', async () => {
    handler = (_seen, response) => void response.writeHead(302, { location: `http://${secret}.invalid/` }).end()
    const request = { method: 'GET', target: { path: '/' } }
    const source = fixed(openedConnection(definition(), { token: secret }))
    for (const policy of [CALLER_REQUEST, AFTER_CONNECT]) {
      const { failure } = await sender.send(source, request, { policy })
      expect(failure?.message).toContain('[redacted].invalid')
    }
  })
})

describe('A streamed body', () => {
  async function* stream(parts: readonly string[]) {
    for (const part of parts) yield Buffer.from(part)
  }
  const body = (parts: readonly string[], contentType: string) => ({
    headers: [['content-type', contentType]] as const,
    body: { type: 'raw' as const, value: stream(parts) },
  })

  it('is read completely if the credential goes into it', async () => {
    handler = (_seen, response) => sendJson(response, {})
    const form = opened('key-1', { auth: { type: 'api_key', placement: { in: 'form', name: 'key' } } })
    await send(fixed(form), { method: 'POST', ...body(['a=1&', 'key=mine'], 'application/x-www-form-urlencoded') })
    const json = opened('key-1', { auth: { type: 'api_key', placement: { in: 'json', name: ['key'] } } })
    await send(fixed(json), { method: 'POST', ...body(['{"a":', '1}'], 'application/vnd.api+json') })
    expect(provider.requests.map((seen) => [seen.headers['content-type'], seen.body])).toEqual([
      ['application/x-www-form-urlencoded', 'a=1&key=key-1'],
      ['application/vnd.api+json', '{"a":1,"key":"key-1"}'],
    ])
  })

  it('of a caller is rejected if it has a value at the place of the credential', async () => {
    const form = opened('key-1', { auth: { type: 'api_key', placement: { in: 'form', name: 'key' } } })
    const given = body(['a=1&', 'key=mine'], 'application/x-www-form-urlencoded')
    const refused = send(fixed(form), { method: 'POST', ofCaller: true, ...given })
    await expect(refused).rejects.toMatchObject({ fields: [{ path: ['form', 'key'] }] })
    expect(provider.requests).toEqual([])
  })

  it('is rejected if the credential cannot go into it', async () => {
    handler = (_seen, response) => sendJson(response, {})
    const form = opened('key-1', { auth: { type: 'api_key', placement: { in: 'form', name: 'key' } } })
    await expect(send(fixed(form), { method: 'POST', ...body(['<a/>'], 'application/xml') })).rejects.toThrow(
      InvalidInputError,
    )
    const large = Array.from({ length: 11 }, () => 'a'.repeat(1024 * 1024))
    const tooLarge = send(fixed(form), { method: 'POST', ...body(large, 'application/x-www-form-urlencoded') })
    await expect(tooLarge).rejects.toMatchObject({ fields: [{ path: ['body'] }] })
    expect(provider.requests).toEqual([])
  })
})

describe('The rate of an integration', () => {
  it('is kept, and a request that would wait too long is rejected with a time to retry', async () => {
    handler = (_seen, response) => sendJson(response, {})
    const slow = fixed(opened('t', { rateLimit: { requestsPerSecond: 0.2 } }))
    await send(slow)
    await send(slow)
    expect(waits).toEqual([5_000])
    const slower = { ...opened('t', { rateLimit: { requestsPerSecond: 0.05 } }), integrationId: 'another' }
    await send(fixed(slower))
    await expect(send(fixed(slower))).rejects.toMatchObject({ name: RateLimitedError.name, retryAfterSeconds: 20 })
    expect(provider.requests).toHaveLength(3)
  })
})
