import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEgress } from '../../src/egress/egress.ts'
import { createAdmission } from '../../src/http/graphql/limits/admission.ts'
import { createProxy } from '../../src/http/proxy.ts'
import { createCallerMeters } from '../../src/http/server/caller-meters.ts'
import { createPointLimits } from '../../src/http/server/point-limits.ts'
import { createLogger } from '../../src/kit/log.ts'
import { operator } from '../connections/connect-fixture.ts'
import { openedConnection } from '../support/opened-connection.ts'
import { sendJson } from '../support/provider-server.ts'
import { testSender } from '../support/test-sender.ts'
import { type RequestFixture, rowId, startRequestFixture } from '../tools/request-fixture.ts'

let fixture: RequestFixture
let upstream: Server
let connection: string
let handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
let seen: IncomingMessage[]

beforeAll(async () => {
  fixture = await startRequestFixture()
  upstream = createServer((request, response) => {
    seen.push(request)
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    void handler(request, response)
  })
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  connection = await fixture.connect({ definition: { baseUrl: `${originOf(upstream)}/api` } })
})
afterAll(async () => {
  upstream.closeAllConnections()
  upstream.close()
  await fixture.close()
})
beforeEach(() => {
  seen = []
  handler = (_request, response) => void response.end()
})

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const urlOf = (path: string, id = connection) => `${fixture.app.url}/proxy/${id}${path}`
const authorization = () => ({ authorization: `Bearer ${fixture.workspace.key}` })

/** Like fetch, but sends path and headers unchanged. */
async function send(path: string, options: RequestOptions & { body?: string | Buffer | Readable; id?: string } = {}) {
  const { body, id, headers = {}, ...rest } = options
  const target = new URL(fixture.app.url)
  const request = httpRequest({
    host: target.hostname,
    port: target.port,
    path: `/proxy/${id ?? connection}${path}`,
    headers: { ...authorization(), ...(headers as Record<string, string>) },
    ...rest,
  })
  if (body instanceof Readable) pipeline(body, request).catch(() => undefined)
  // Node would write a string together with the headers and in their encoding.
  else request.end(typeof body === 'string' ? Buffer.from(body) : body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { request, response, status: response.statusCode, headers: response.headers }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('The proxy', () => {
  it('forwards every method with the credential and returns the answer', async () => {
    handler = async (request, response) => {
      const body = await textOf(request)
      response.writeHead(207, 'Multi', {
        'x-seen': `${request.method}:${body}`,
        'content-type': 'text/x',
        'set-cookie': 'a=b',
      })
      response.end(`answer to ${request.method}`)
    }
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT']) {
      const body = ['GET', 'DELETE', 'OPTIONS'].includes(method) ? '' : 'sent'
      const { response, status, headers } = await send('/a/b', {
        method,
        body,
        headers: { cookie: 'mine=1', 'x-mine': 'é', 'X-Latchkey-Workspace': 'acme' },
      })
      expect(await textOf(response)).toBe(`answer to ${method}`)
      expect({ status, headers }).toMatchObject({
        status: 207,
        headers: { 'x-seen': `${method}:${body}`, 'content-type': 'text/x' },
      })
      expect(headers).not.toHaveProperty('set-cookie')
      expect(headers['x-request-id']).toMatch(/^[\w-]{8,}$/)
    }
    expect(new Set(seen.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer good-token-0123456789']))
    expect(seen.every(({ headers }) => headers.cookie === undefined && headers['x-mine'] === 'é')).toBe(true)
    expect(seen.some(({ headers }) => 'x-latchkey-workspace' in headers)).toBe(false)
    expect(new Set(seen.map(({ url }) => url))).toEqual(new Set(['/api/a/b']))
  })

  it('answers HEAD, 204 and 304 with their headers and without a body', async () => {
    handler = (request, response) => {
      const status = Number(request.url?.split('/').at(-1))
      response.writeHead(status, status === 204 ? { 'x-a': '1' } : { 'x-a': '1', etag: '"e"', 'content-length': '12' })
      response.end(request.method === 'HEAD' || status !== 200 ? undefined : 'twelve bytes')
    }
    const head = await send('/200', { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '12', etag: '"e"' } })
    expect(await textOf(head.response)).toBe('')
    for (const status of [204, 304]) {
      const answer = await send(`/${status}`)
      expect(answer).toMatchObject({ status, headers: { 'x-a': '1' } })
      expect(await textOf(answer.response)).toBe('')
    }
    const { response } = await send('/200')
    expect(await textOf(response)).toBe('twelve bytes')
  })

  it('forwards path and query byte for byte if they are safe', async () => {
    for (const path of [
      '/a%2Fb/c%20d',
      '/a//b',
      '/%E2%82%AC?q=%2B+x&q=a%20b',
      '?only=query',
      '',
      '/:@!$&()*+,;=~',
      '/a%00b',
      '/x?u=http://a/../b',
    ]) {
      seen = []
      await send(path)
      expect(seen.map(({ url }) => url)).toEqual([`/api${path}`])
    }
  })

  it('refuses every path that would leave the base URL', async () => {
    const paths = [
      '//evil.example/',
      '///evil.example',
      '/\\evil.example',
      '/../admin',
      '/a/../../admin',
      '/%2e%2e/admin',
      '/.%2E/admin',
    ]
    paths.push('/a/..%2f..%2fadmin', '/a/%2e%2e%5cadmin', '/..;/admin', '/a#b', '/a%2f..%2f..%2fb')
    for (const path of paths) {
      const { status, response } = await send(path)
      expect(status, path).toBe(422)
      expect(JSON.parse(await textOf(response))).toMatchObject({
        error: { code: 'INVALID_INPUT', fields: [{ path: ['path'] }] },
      })
    }
    for (const path of ['/https://evil.example/', '/@evil.example/', '/:80@evil.example/', '/.evil.example/']) {
      expect((await send(path)).status, path).toBe(200)
    }
    expect(seen.map(({ url }) => url)).toEqual([
      '/api/https://evil.example/',
      '/api/@evil.example/',
      '/api/:80@evil.example/',
      '/api/.evil.example/',
    ])
  })

  it('forwards an encoded binary body unchanged and requests the encodings that the client accepts', async () => {
    const zipped = gzipSync('x'.repeat(1000))
    handler = (_request, response) =>
      void response
        .writeHead(200, { 'content-type': 'image/x', 'content-encoding': 'gzip', 'content-length': zipped.length })
        .end(zipped)
    const { response, headers } = await send('/', { headers: { 'accept-encoding': 'gzip' } })
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(zipped)).toBe(true)
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(zipped.length) })
    expect(seen[0]?.headers['accept-encoding']).toBe('gzip')
    await send('/')
    expect(seen[1]?.headers).not.toHaveProperty('accept-encoding')
  })

  it('does not let a header name another path than the one under the base URL', async () => {
    const paths = { 'X-Original-URL': '/admin', 'x-rewrite-url': '/admin', X_Original_URI: '/admin' }
    const { status } = await send('/a', { headers: { ...paths, 'x-original-title': 'kept' } })
    expect(status).toBe(200)
    expect(Object.entries(seen[0]?.headers ?? {}).filter(([name]) => name.includes('original'))).toEqual([
      ['x-original-title', 'kept'],
    ])
    expect(JSON.stringify(seen[0]?.headers)).not.toContain('/admin')
  })

  it('drops hop-by-hop headers in both directions', async () => {
    handler = (_request, response) =>
      void response
        .writeHead(200, {
          connection: 'keep-alive, x-theirs',
          'x-theirs': '1',
          'proxy-authenticate': 'Basic',
          upgrade: 'h2c',
          'x-kept': '1',
        })
        .end()
    const headers = {
      connection: 'keep-alive, x-ours',
      'x-ours': '1',
      te: 'trailers',
      'proxy-connection': 'keep-alive',
      'x-kept': '1',
    }
    const answer = await send('/', { headers })
    for (const name of ['x-theirs', 'proxy-authenticate', 'upgrade']) expect(answer.headers).not.toHaveProperty(name)
    expect(answer.headers['x-kept']).toBe('1')
    for (const name of ['x-ours', 'te', 'proxy-connection']) expect(seen[0]?.headers).not.toHaveProperty(name)
    expect(seen[0]?.headers).toMatchObject({ 'x-kept': '1', host: new URL(originOf(upstream)).host })
  })
})

describe('A secret that the provider echoes', () => {
  const secret = 'good-token-0123456789'
  const escaped = encodeURIComponent(secret)
  const head = (type: string, more: Record<string, string | number> = {}) => ({ 'content-type': type, ...more })

  it('is redacted in texts of every type, split over chunks too, without a wrong length', async () => {
    for (const type of [
      'application/json',
      'text/html; charset=utf-8',
      'application/vnd.x.v1',
      'text/event-stream',
      '',
    ]) {
      const others = ['good&#45;token&#x2D;0123456789', 'good\\u002Dtoken\\x2d0123456789', 'good%2Dtoken%2d0123456789']
      const text = `{"a":"${secret}","b":"${escaped}","c":"${Buffer.from(`u:${secret}`).toString('base64')}","d":"${others}"}`
      handler = async (_request, response) => {
        response.writeHead(200, type === '' ? {} : head(type, { 'content-length': text.length }))
        for (const letter of text) {
          response.write(letter)
          await new Promise((resolve) => setImmediate(resolve))
        }
        response.end()
      }
      const { response, headers } = await send('/')
      expect(await textOf(response), type).toMatch(
        /^\{"a":"\[redacted\]","b":"\[redacted\]","c":"\S*\[redacted\]\S*","d":"\[redacted\],\[redacted\],\[redacted\]"\}$/,
      )
      expect(headers).not.toHaveProperty('content-length')
    }
  })

  it('is redacted in a short body, which is still sent with its length', async () => {
    const text = JSON.stringify({ token: secret, html: secret.replaceAll('-', '&#x2d;') })
    handler = (_request, response) =>
      void response.writeHead(200, head('application/json', { 'content-length': text.length })).end(text)
    const { response, headers } = await send('/')
    const body = await textOf(response)
    expect(body).toBe('{"token":"[redacted]","html":"[redacted]"}')
    expect(headers['content-length']).toBe(String(body.length))
  })

  it('is redacted in an encoded text, which is sent decoded, and in an error', async () => {
    const zipped = gzipSync(JSON.stringify({ token: secret }))
    handler = (_request, response) =>
      void response
        .writeHead(500, head('application/json', { 'content-encoding': 'gzip', 'content-length': zipped.length }))
        .end(zipped)
    const { status, response, headers } = await send('/', { headers: { 'accept-encoding': 'gzip' } })
    expect(await textOf(response)).toBe('{"token":"[redacted]"}')
    expect(status).toBe(500)
    expect(headers).not.toHaveProperty('content-encoding')
    expect(seen[0]?.headers['accept-encoding']).toBe('gzip')

    handler = (_request, response) =>
      void response.writeHead(200, head('text/plain', { 'content-encoding': 'unknown' })).end(secret)
    const unknown = await send('/')
    expect(unknown.status).toBe(502)
    expect(JSON.parse(await textOf(unknown.response))).toMatchObject({
      error: { code: 'PROVIDER', details: { kind: 'bad_encoding' } },
    })
  })

  it('is not searched in binary bodies, which keep their length', async () => {
    const bytes = Buffer.concat([Buffer.from([0x89, 0xff]), Buffer.from(secret)])
    for (const type of ['image/png', 'application/octet-stream', 'application/zip', 'application/vnd.ms-excel']) {
      handler = (_request, response) =>
        void response.writeHead(200, head(type, { 'content-length': bytes.length })).end(bytes)
      const { response, headers } = await send('/')
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      expect(Buffer.concat(chunks).equals(bytes), type).toBe(true)
      expect(headers['content-length']).toBe(String(bytes.length))
    }
  })

  it('cannot be read in parts: a text is sent completely, and a binary body in the range', async () => {
    const text = `token: ${secret}`
    const type = { value: 'text/plain' }
    handler = (request, response) => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      if (first === undefined) return void response.writeHead(200, head(type.value)).end(text)
      const part = text.slice(Number(first), Number(last) + 1)
      response.writeHead(206, head(type.value, { 'content-range': `bytes ${first}-${last}/${text.length}` })).end(part)
    }
    const part = await send('/', { headers: { range: 'bytes=5-12' } })
    expect([part.status, await textOf(part.response)]).toEqual([200, 'token: [redacted]'])
    expect(part.headers).not.toHaveProperty('content-range')
    type.value = 'image/png'
    const image = await send('/', { headers: { range: 'bytes=5-8' } })
    expect([image.status, await textOf(image.response)]).toEqual([206, text.slice(5, 9)])
    expect(image.headers['content-range']).toBe(`bytes 5-8/${text.length}`)
    const posted = await send('/', { method: 'POST', headers: { range: 'bytes=5-8' } })
    expect([posted.status, seen.at(-1)?.headers.range]).toEqual([200, undefined])
    await textOf(posted.response)
  })

  it('does not delay events that contain no secret', async () => {
    const release = Promise.withResolvers<void>()
    handler = async (_request, response) => {
      response.writeHead(200, head('text/event-stream')).write('data: 1\n\n')
      await release.promise
      response.end(`data: ${secret}\n\n`)
    }
    const { response } = await send('/')
    const [first] = (await once(response, 'data')) as [Buffer]
    expect(String(first)).toBe('data: 1\n\n')
    release.resolve()
    expect(await textOf(response)).toBe('data: [redacted]\n\n')
  })
})

describe('A streamed body', () => {
  it('arrives while it is still being sent, in both directions', async () => {
    const received: string[] = []
    const more = Promise.withResolvers<void>()
    handler = async (request, response) => {
      response.writeHead(200).write('first')
      for await (const chunk of request) response.write(`, got ${chunk}`)
      response.end(', last')
    }
    const parts = Readable.from(
      (async function* () {
        yield 'one'
        await more.promise
        yield 'two'
      })(),
    )
    const { response, request } = await send('/', { method: 'POST', body: parts })
    for await (const chunk of response) {
      received.push(String(chunk))
      if (!received.join('').endsWith('got one')) continue
      expect(request.writableFinished).toBe(false)
      more.resolve()
    }
    expect(received.join('')).toBe('first, got one, got two, last')
  })

  it('is preceded by the headers as soon as they are there', async () => {
    const release = Promise.withResolvers<void>()
    handler = async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      await release.promise
      response.end('data: 1\n\n')
    }
    const { headers, response } = await send('/')
    expect(headers['content-type']).toBe('text/event-stream')
    release.resolve()
    expect(await textOf(response)).toBe('data: 1\n\n')
  })

  it('of half a gigabyte needs little memory, in both directions', async () => {
    const size = 512 * 1024 ** 2
    const chunk = Buffer.alloc(256 * 1024, 'x')
    async function* body() {
      for (let sent = 0; sent < size; sent += chunk.length) yield chunk
    }
    let highest = 0
    let received = 0
    handler = async (request, response) => {
      for await (const part of request) {
        received += part.length
        highest = Math.max(highest, process.memoryUsage().rss)
      }
      response.writeHead(200, { 'content-length': size })
      pipeline(Readable.from(body()), response).catch(() => undefined)
    }
    const before = process.memoryUsage().rss
    const { response } = await send('/', {
      method: 'PUT',
      body: Readable.from(body()),
      headers: { 'content-length': String(size) },
    })
    expect(received).toBe(size)
    let read = 0
    for await (const part of response) {
      read += part.length
      highest = Math.max(highest, process.memoryUsage().rss)
    }
    expect(read).toBe(size)
    expect(seen[0]?.headers['content-length']).toBe(String(size))
    expect((highest - before) / 1024 ** 2).toBeLessThan(256)
  }, 300_000)

  it('stops while the client does not read, without buffering', async () => {
    let written = 0
    let stopped = false
    const chunk = Buffer.alloc(64 * 1024)
    handler = async (_request, response) => {
      response.once('close', () => {
        stopped = true
      })
      const closed = once(response, 'close')
      while (!stopped && written < 512 * 1024 ** 2) {
        written += chunk.length
        if (!response.write(chunk))
          await Promise.race([new Promise((resolve) => response.once('drain', resolve)), closed])
      }
    }
    const { response } = await send('/')
    response.pause()
    // The data fills the buffers of five sockets, then nothing moves.
    let last = -1
    while (last !== written) {
      last = written
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(written).toBeLessThan(64 * 1024 ** 2)
    response.destroy()
    while (!stopped) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('is aborted when the client disconnects, before or during the answer', async () => {
    const closed = Promise.withResolvers<void>()
    handler = (request) => void request.once('close', () => closed.resolve())
    const early = httpRequest(urlOf('/'), { headers: authorization() })
    early.on('error', () => undefined).end()
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    early.destroy()
    await closed.promise

    const cut = Promise.withResolvers<void>()
    handler = (_request, response) => {
      response.once('close', () => cut.resolve())
      response.writeHead(200).write('a part')
    }
    const { response } = await send('/')
    await once(response, 'data')
    response.destroy()
    await cut.promise
  })

  it('closes the connection when the provider disconnects, so that a partial answer is not mistaken for a complete one', async () => {
    handler = (_request, response) => void response.writeHead(200).write('a part', () => response.destroy())
    const { response } = await send('/')
    await expect(textOf(response)).rejects.toThrow('aborted')
  })

  it('is requested only when it is needed (Expect: 100-continue)', async () => {
    handler = async (request, response) => void response.end(await textOf(request))
    const expecting = { expect: '100-continue', 'content-length': '4' }
    const accepted = httpRequest(urlOf('/'), { method: 'POST', headers: { ...authorization(), ...expecting } })
    accepted.once('continue', () => accepted.end('body'))
    accepted.flushHeaders()
    const [answer] = (await once(accepted, 'response')) as [IncomingMessage]
    expect(await textOf(answer)).toBe('body')
    expect(seen[0]?.headers).not.toHaveProperty('expect')

    let continued = false
    const refused = httpRequest(urlOf('/../x'), {
      method: 'POST',
      headers: { ...authorization(), ...expecting },
      path: `/proxy/${connection}/../x`,
    })
    refused.once('continue', () => {
      continued = true
    })
    refused.flushHeaders()
    const [refusal] = (await once(refused, 'response')) as [IncomingMessage]
    expect(refusal.statusCode).toBe(422)
    expect(refusal.headers.connection).toBe('close')
    await textOf(refusal)
    expect(continued).toBe(false)
    const graphql = httpRequest(`${fixture.app.url}/graphql`, {
      method: 'POST',
      headers: {
        ...authorization(),
        expect: '100-continue',
        'content-type': 'application/json',
        'content-length': '27',
      },
    })
    graphql.once('continue', () => graphql.end('{"query":"{viewer{kind}}"}\n'))
    graphql.flushHeaders()
    const [elsewhere] = (await once(graphql, 'response')) as [IncomingMessage]
    expect(await textOf(elsewhere)).toContain('API_KEY')
  })
})

describe('A credential that the API refuses', () => {
  const old = 'Bearer old-access-token'
  it('is renewed, and the answer has the header x-latchkey-refreshed', async () => {
    fixture.answer((_seen, response) =>
      sendJson(response, { access_token: 'new-access-token', token_type: 'bearer', expires_in: 3600 }),
    )
    handler = (request, response) => void response.writeHead(request.headers.authorization === old ? 401 : 200).end()
    const id = await fixture.connectOAuth({ definition: { baseUrl: originOf(upstream) } })
    const first = await send('/', { id })
    expect(first).toMatchObject({ status: 200, headers: { 'x-latchkey-refreshed': 'true' } })
    const second = await send('/', { id })
    expect(second.status).toBe(200)
    expect(second.headers).not.toHaveProperty('x-latchkey-refreshed')
    expect(fixture.provider.requests).toHaveLength(1)
  })

  it('is renewed for the next request when the body was already sent', async () => {
    fixture.answer((_seen, response) =>
      sendJson(response, { access_token: 'new-access-token', token_type: 'bearer', expires_in: 3600 }),
    )
    handler = async (request, response) => {
      const body = await textOf(request)
      response.writeHead(request.headers.authorization === old ? 401 : 200).end(body)
    }
    const id = await fixture.connectOAuth({ definition: { baseUrl: originOf(upstream) } })
    const first = await send('/', { id, method: 'POST', body: 'once' })
    expect(first).toMatchObject({ status: 401, headers: { 'x-latchkey-refreshed': 'true' } })
    const second = await send('/', { id, method: 'POST', body: 'twice' })
    expect(second.status).toBe(200)
    expect(await textOf(second.response)).toBe('twice')
    expect(seen).toHaveLength(2)
  })
})

describe('A request that the proxy cannot forward', () => {
  it('is answered with code, status and trace id as JSON, and does not reach the provider', async () => {
    const reader = await fixture.createKey('READER')
    const other = await fixture.app.createWorkspace('Other')
    const disabled = await fixture.connect()
    await fixture.app.database.sql.query("UPDATE connection SET status = 'DISABLED' WHERE id = $1::uuid", [
      rowId(disabled),
    ])
    const pending = await fixture.connect()
    await fixture.app.database.sql.query("UPDATE connection SET status = 'PENDING' WHERE id = $1::uuid", [
      rowId(pending),
    ])
    const absent = Buffer.from('Connection:01900000-0000-7000-8000-000000000009').toString('base64url')
    const cases: [string, number, Parameters<typeof send>[1]][] = [
      ['UNAUTHENTICATED', 401, { headers: { authorization: 'Bearer lk_wrong' } }],
      ['UNAUTHENTICATED', 401, { headers: { authorization: '' } }],
      ['FORBIDDEN', 403, { headers: { authorization: `Bearer ${reader}` }, method: 'POST', body: 'x' }],
      ['FORBIDDEN', 403, { headers: { authorization: `Bearer ${reader}` }, method: 'OPTIONS' }],
      ['NOT_FOUND', 404, { headers: { authorization: `Bearer ${other.key}` } }],
      ['NOT_FOUND', 404, { id: absent }],
      ['NOT_FOUND', 404, { id: 'nonsense' }],
      ['NOT_FOUND', 404, { id: fixture.workspace.id }],
      ['CONFLICT', 409, { id: disabled }],
      ['RECONNECT_REQUIRED', 400, { id: pending }],
      ['UNSUPPORTED', 400, { method: 'TRACE' }],
    ]
    for (const [code, status, options] of cases) {
      const answer = await send('/x', {
        ...options,
        headers: { 'x-request-id': 'trace-0123', ...(options?.headers as object) },
      })
      const body = JSON.parse(await textOf(answer.response))
      expect(body, code).toMatchObject({ error: { code, status, traceId: 'trace-0123', message: expect.any(String) } })
      expect(answer).toMatchObject({
        status,
        headers: { 'x-request-id': 'trace-0123', 'content-type': 'application/json; charset=utf-8' },
      })
    }
    expect(seen).toEqual([])
    expect((await send('/x', { headers: { authorization: `Bearer ${reader}` } })).status).toBe(200)
    expect((await send('/x', { headers: { authorization: `Bearer ${reader}` }, method: 'HEAD' })).status).toBe(200)
  })

  it('gets the same answer for a missing connection and a connection of another workspace', async () => {
    const other = await fixture.app.createWorkspace('Third')
    const absent = Buffer.from('Connection:01900000-0000-7000-8000-000000000009').toString('base64url')
    const answers = await Promise.all(
      [connection, absent, 'nonsense'].map(async (id) => {
        const { response } = await send('/', {
          id,
          headers: { authorization: `Bearer ${other.key}`, 'x-request-id': 'trace-0123' },
        })
        const { error } = JSON.parse(await textOf(response))
        return { ...error, occurredAt: '' }
      }),
    )
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  it('is, for example, a connection upgrade', async () => {
    const socket = connect(Number(new URL(fixture.app.url).port), '127.0.0.1')
    const lines = [`GET /proxy/${connection}/ws HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket']
    lines.push(
      `Authorization: Bearer ${fixture.workspace.key}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    )
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    expect(await allOf(socket)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(seen).toEqual([])
  })

  it('is answered with 502 when the provider cannot be reached or closes the connection', async () => {
    const away = await fixture.connect({ definition: { baseUrl: 'http://127.0.0.1:9' } })
    const { status, response } = await send('/', { id: away, method: 'POST' })
    expect(status).toBe(502)
    expect(JSON.parse(await textOf(response))).toMatchObject({
      error: { code: 'PROVIDER', details: { kind: 'connect' } },
    })
    handler = (_request, answer) => void answer.destroy()
    expect((await send('/', { method: 'POST', body: 'x' })).status).toBe(502)
  })

  it('is answered after the client has sent its body, and the connection can be used again', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const body = Buffer.alloc(2 * 1024 * 1024)
    const refused = await send('/', { method: 'POST', body, agent, headers: { authorization: 'Bearer lk_wrong' } })
    expect(refused.status).toBe(401)
    expect(await textOf(refused.response)).toContain('UNAUTHENTICATED')
    const next = await send('/', { agent })
    expect({ status: next.status, reused: next.request.reusedSocket }).toEqual({ status: 200, reused: true })
    agent.destroy()
  })
})

describe('A body of many small chunks', () => {
  const sliver = '1\r\nx\r\n'
  const upload = (key: string, body = '', expects = '') => {
    const socket = connect(Number(new URL(fixture.app.url).port), '127.0.0.1').on('error', () => undefined)
    const head = [`POST /proxy/${connection}/x HTTP/1.1`, 'Host: x', 'Transfer-Encoding: chunked']
    socket.write(`${head.join('\r\n')}\r\nAuthorization: Bearer ${key}\r\n${expects}\r\n${body}`)
    return socket
  }

  it('ends the upload, which has no end of its own, whoever sends it', async () => {
    handler = () => undefined
    for (const [key, expects] of [
      [fixture.workspace.key, ''],
      [fixture.workspace.key, 'Expect: 100-continue\r\n'],
      ['lk_wrong', ''],
    ]) {
      const answer = await allOf(upload(key ?? '', sliver.repeat(10_000), expects))
      expect(answer).toMatch(/^HTTP\/1\.1 422 .*"code":"INVALID_INPUT".*too many small chunks/s)
    }
    // The provider has the request already.
    const reached = Promise.withResolvers<void>()
    handler = () => reached.resolve()
    const running = upload(fixture.workspace.key, sliver)
    await reached.promise
    running.write(sliver.repeat(10_000))
    expect(await allOf(running)).toContain('too many small chunks')
  })

  it.each([
    ['small chunks', sliver.repeat(10_000)],
    ['a lot', `10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(200)],
    ['many chunks that are not quite so small', `20\r\n${'x'.repeat(32)}\r\n`.repeat(20_000)],
  ])('is not read to its end after the request was refused: %s', async (_what, rest) => {
    const socket = upload('lk_wrong')
    await once(socket, 'data')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const startedMs = performance.now()
    socket.resume().write(rest)
    await closed
    // The client may send for ten seconds if it sends little.
    expect(performance.now() - startedMs).toBeLessThan(8_000)
  })

  it('is forwarded when they are events of a usual size, or few', async () => {
    handler = async (request, response) => void response.end(String((await textOf(request)).length))
    for (const [size, count] of [
      [40, 5_000],
      [1, 1_500],
    ] as const) {
      const body = `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`.repeat(count)
      const socket = upload(fixture.workspace.key, `${body}0\r\n\r\n`)
      let text = ''
      for await (const chunk of socket) {
        text += chunk
        if (text.includes(`\r\n\r\n${size * count}`)) break
      }
      expect(text).toContain(' 200 OK')
    }
  })
})

describe('A running answer', () => {
  it('ends when the caller’s key is revoked', async () => {
    const { key, apiKey } = await fixture.app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
        ... on CreateApiKeyPayload { key apiKey { id } } ... on Error { message } } }`,
      { workspaceId: fixture.workspace.id, name: 'short', role: 'READER' },
    )
    const cut = Promise.withResolvers<void>()
    handler = (_request, response) => {
      response.once('close', () => cut.resolve())
      response.writeHead(200).write('live')
    }
    const { response } = await send('/', { headers: { authorization: `Bearer ${key}` } })
    await once(response, 'data')
    await fixture.app.mutate(
      `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename
        ... on RevokeApiKeyPayload { apiKey { id } } ... on Error { message } } }`,
      { apiKeyId: apiKey.id },
    )
    await expect(textOf(response)).rejects.toThrow('aborted')
    await cut.promise
  })
})

describe('The log of the proxy', () => {
  it('has one line per request, without path, query or secrets', async () => {
    const id = await fixture.connect({
      definition: { baseUrl: originOf(upstream) },
      credential: { secretText: 'canary-token-5d1e8f' },
    })
    handler = (_request, response) =>
      void response.writeHead(500, { 'x-echo': 'canary-token-5d1e8f' }).end('canary-body')
    const { headers } = await send('/canary-path?canary=query', { id, headers: { 'x-request-id': 'trace-canary' } })
    expect(headers['x-echo']).toBe('[redacted]')
    const lines = fixture.app.log.filter((line) => line.includes('trace-canary'))
    expect(lines.some((line) => line.includes('"proxied"') && line.includes(rowId(id)))).toBe(true)
    const all = fixture.app.log.join('')
    for (const secret of ['canary-token-5d1e8f', 'canary-path', 'canary=query', 'canary-body', fixture.workspace.key]) {
      expect(all).not.toContain(secret)
    }
  })
})

describe('A stalled client', () => {
  it('is disconnected, whether it stops sending or stops reading', async () => {
    const egress = createEgress({ allow: ['127.0.0.1'] })
    const opened = openedConnection({ displayName: 'x', baseUrl: originOf(upstream), auth: { type: 'bearer' } })
    const lines: string[] = []
    const points = createPointLimits({ perCaller: 0 })
    const proxy = createProxy({
      points,
      meters: createCallerMeters({ points, admission: createAdmission() }),
      gate: { identify: async () => ({ caller: operator, callerError: null }) },
      clientAddress: () => null,
      database: { sql: { query: async () => [] } },
      broker: {
        open: async () => ({ ...opened, version: 1 }),
        refused: async () => null,
        rejected: async () => undefined,
        accepted: async () => undefined,
        refresh: async () => false,
        restore: async () => undefined,
        drain: async () => undefined,
      },
      sender: testSender(egress),
      liveCallers: {
        watch: () => ({ signal: new AbortController().signal, release: () => undefined }),
        close: () => undefined,
      },
      logger: createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } }),
      idleTimeoutMs: 200,
    })
    const server = createServer((request, response) => void proxy(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const target = `${originOf(server)}/proxy/${connection}/`

    const cut = Promise.withResolvers<void>()
    handler = (request) => void request.resume().once('close', () => cut.resolve())
    const silent = httpRequest(target, { method: 'POST', headers: { 'content-length': '10' } })
    silent.write('half')
    await expect(once(silent, 'response')).rejects.toThrow('socket hang up')
    await cut.promise

    const ended = Promise.withResolvers<void>()
    handler = (_request, response) => {
      response.once('close', () => ended.resolve())
      response.writeHead(200)
      void pipeline(Readable.from(Array.from({ length: 2_000 }, () => Buffer.alloc(64 * 1024))), response).catch(
        () => undefined,
      )
    }
    const deaf = httpRequest(target).end()
    const [response] = (await once(deaf, 'response')) as [IncomingMessage]
    response.pause()
    await ended.promise
    await expect(textOf(response)).rejects.toThrow('aborted')
    expect(lines).toHaveLength(2)
    server.close()
    await egress.close()
  })
})

async function allOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}
