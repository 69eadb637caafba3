import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEgress, type Egress } from '../../src/egress/egress.ts'
import { EgressError } from '../../src/egress/egress-error.ts'
import { CONNECTION_HEADERS } from '../../src/egress/request-headers.ts'
import { failureOf } from './failure-of.ts'
import { LOOPBACK_CERTIFICATE } from './loopback-certificate.ts'
import { startServer } from './loopback-server.ts'

let egress: Egress
beforeEach(() => {
  egress = createEgress({
    allow: ['127.0.0.1'],
    lookup: async () => [{ address: '93.184.215.14', family: 4 }],
    ca: LOOPBACK_CERTIFICATE,
    userAgent: 'Latchkey/test',
  })
})
afterEach(() => egress.close())

/** A TCP server that sends arbitrary bytes. */
async function startRawServer(onSocket: (socket: Socket) => void): Promise<{ origin: string; server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    onSocket(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` }
}

describe('a request', () => {
  it('sends method, path, query, headers and body, and returns status, headers and text', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(418, [...['X-Answer', 'yes'], ...['Set-Cookie', 'a=1'], ...['Set-Cookie', 'b=2']])
      response.end('\ufeffgrüße')
    })
    const answer = await egress.send({
      method: 'post',
      url: `${server.origin}/a/b?c=d%20e#gone`,
      headers: [
        ['X-One', '1'],
        ['x-one', '2'],
        ['Content-Type', 'text/plain'],
      ],
      body: 'hällo',
    })
    expect([answer.status, answer.redirected, answer.headers.get('x-answer')]).toEqual([418, false, 'yes'])
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(answer.url.href).toBe(`${server.origin}/a/b?c=d%20e`)
    expect(await answer.text()).toBe('grüße')
    expect(answer.bytesRead).toBe(10)
    const [seen] = server.seen
    expect(seen).toMatchObject({ method: 'POST', url: '/a/b?c=d%20e', body: Buffer.from('hällo') })
    expect(seen?.headers).toMatchObject({
      'x-one': '1, 2',
      'content-type': 'text/plain',
      'content-length': '6',
      'user-agent': 'Latchkey/test',
      'accept-encoding': 'gzip, deflate, br, zstd',
    })
  })

  it('keeps its own User-Agent', async () => {
    await using server = await startServer((_, response) => response.end())
    await egress.send({ method: 'GET', url: server.origin, headers: { 'User-Agent': 'own', 'Accept-Encoding': 'br' } })
    expect(server.seen[0]?.headers).toMatchObject({ 'user-agent': 'own', 'accept-encoding': 'br' })
  })

  it('streams a body of known or unknown length', async () => {
    await using server = await startServer((_, response) => response.end())
    async function* chunks() {
      yield Buffer.from('one ')
      yield Buffer.from('two')
    }
    const send = (contentLength?: number) =>
      egress.send({ method: 'PUT', url: server.origin, body: chunks(), contentLength })
    await send()
    await send(7)
    expect(server.seen.map(({ body }) => body.toString())).toEqual(['one two', 'one two'])
    expect(server.seen[0]?.headers['transfer-encoding']).toBe('chunked')
    expect(server.seen[1]?.headers['content-length']).toBe('7')
    expect(await failureOf(send(99))).toMatchObject({ kind: 'refused_request' })
  })

  it('fails as aborted if the uploaded stream fails', async () => {
    await using server = await startServer((_, response) => response.end())
    async function* chunks() {
      yield Buffer.from('one')
      throw new Error('the browser went away')
    }
    expect(await failureOf(egress.send({ method: 'PUT', url: server.origin, body: chunks() }))).toMatchObject({
      kind: 'aborted',
      sentBytes: true,
    })
  })

  it('works over TLS with a valid certificate for the host', async () => {
    await using server = await startServer((_, response) => response.end('safe'), { tls: true })
    const answer = await egress.send({ method: 'GET', url: server.origin })
    expect(await answer.text()).toBe('safe')
  })

  it('rejects a certificate of an unknown authority, and one for another name', async () => {
    await using server = await startServer((_, response) => response.end('safe'), { tls: true })
    const stranger = createEgress({ allow: ['127.0.0.1'] })
    const failure = await failureOf(stranger.send({ method: 'GET', url: server.origin }))
    expect(failure).toMatchObject({ kind: 'connect', retryable: false, sentBytes: false })
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const other = createEgress({ allow: ['127.0.0.1'], ca: LOOPBACK_CERTIFICATE, lookup })
    const url = `https://other.test:${server.port}/`
    expect(await failureOf(other.send({ method: 'GET', url }))).toMatchObject({ kind: 'connect', retryable: false })
    expect(server.seen).toEqual([])
  })
})

describe('the egress refuses', () => {
  const nowhere = 'https://example.com/path?token=canary'
  const refuse = (request: Partial<Parameters<Egress['send']>[0]>) =>
    failureOf(egress.send({ method: 'GET', url: nowhere, ...request }))

  it.each([...CONNECTION_HEADERS, 'Transfer-Encoding', 'HOST'])('a header %s of the caller', async (name) => {
    const failure = await refuse({ headers: { [name]: 'canary' } })
    expect(failure).toMatchObject({ kind: 'refused_request', sentBytes: false, retryable: false })
    expect(String(failure)).not.toContain('canary')
  })

  it.each([
    ['x-a', 'canary\r\nx-b: 1'],
    ['x-a', 'canary\n'],
    ['x-a', 'canary\0'],
    ['x-a', 'canary\u{1f511}'],
    ['x-a\r\nx-b', 'canary'],
    ['x a', 'canary'],
    ['', 'canary'],
  ])('a header that would break the message: %j', async (name, value) => {
    const failure = await refuse({ headers: [[name, value]] })
    expect(failure).toMatchObject({ kind: 'refused_request', sentBytes: false })
    expect(String(failure)).not.toContain('canary')
  })

  it.each(['CONNECT', 'TRACE', 'trace', 'GE T', 'GET\r\n', ''])('the method %j', async (method) => {
    expect(await refuse({ method })).toMatchObject({ kind: 'refused_request' })
  })

  it('a buffered body above the limit', async () => {
    expect(await refuse({ method: 'POST', body: 'ä'.repeat(6 * 1024 * 1024) })).toMatchObject({
      kind: 'too_large',
      sentBytes: false,
      retryable: false,
    })
    const small = createEgress({ maxRequestBytes: 3 })
    const sent = small.send({ method: 'POST', url: nowhere, body: new Uint8Array(4) })
    expect(await failureOf(sent)).toMatchObject({ kind: 'too_large' })
  })

  it.each([
    ['not a URL canary', 'The URL is not valid.'],
    ['https://canary:secret@example.com/', 'user name'],
    ['http://example.com/canary', 'https'],
    ['https://example.com:6379/canary', 'Port 6379'],
    ['https://127.0.0.2/canary', 'LATCHKEY_EGRESS_ALLOW'],
  ])('a request to %s, with a message that does not contain the secret', async (url, part) => {
    const failure = await refuse({ url })
    expect(failure).toBeInstanceOf(EgressError)
    expect(failure).toMatchObject({ message: expect.stringContaining(part), sentBytes: false, retryable: false })
    expect(JSON.stringify([failure, String(failure)])).not.toContain('canary')
  })

  it('http and other ports, unless the host is allowed', async () => {
    await using server = await startServer((_, response) => response.end('ok'))
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const url = `http://app.test:${server.port}/`
    const named = createEgress({ allow: [`app.test:${server.port}`], lookup })
    expect((await named.send({ method: 'GET', url })).status).toBe(200)
    const byAddress = createEgress({ allow: ['127.0.0.0/8'], lookup })
    expect((await byAddress.send({ method: 'GET', url })).status).toBe(200)
    const otherPort = createEgress({ allow: ['app.test:1'], lookup })
    expect(await failureOf(otherPort.send({ method: 'GET', url }))).toMatchObject({ kind: 'refused_url' })
    const publicName = createEgress({
      allow: ['10.0.0.0/8'],
      lookup: async () => [{ address: '93.184.215.14', family: 4 }],
    })
    expect(await failureOf(publicName.send({ method: 'GET', url }))).toMatchObject({ kind: 'refused_url' })
    await Promise.all([named.close(), byAddress.close()])
  })
})

describe('connections', () => {
  it('are reused for the same origin, unless a new one is requested', async () => {
    await using server = await startServer((_, response) => response.end('ok'))
    const get = async (freshConnection = false) => {
      await (await egress.send({ method: 'GET', url: server.origin, freshConnection })).text()
      await setImmediate()
    }
    await get()
    await get()
    expect(server.sockets).toHaveLength(1)
    await get(true)
    await get(true)
    expect(server.sockets).toHaveLength(3)
  })

  it('that the server closed while idle are replaced', async () => {
    await using server = await startServer((_, response) => response.end('ok'))
    const get = async () => (await egress.send({ method: 'GET', url: server.origin })).text()
    await get()
    server.sockets[0]?.end()
    expect(await get()).toBe('ok')
    expect(server.sockets).toHaveLength(2)
  })

  it('that cannot be opened are an error with a readable message, and nothing was sent', async () => {
    const { origin, server } = await startRawServer(() => undefined)
    server.close()
    await once(server, 'close')
    const failure = await failureOf(egress.send({ method: 'POST', url: `${origin}/canary`, body: 'canary' }))
    expect(failure).toMatchObject({ kind: 'connect', sentBytes: false, retryable: true })
    expect(String(failure)).toContain('127.0.0.1')
    expect(String(failure)).not.toContain('canary')
  })

  it('that take too long time out', async () => {
    const slow = createEgress({ connectTimeoutMs: 20, lookup: () => new Promise(() => undefined) })
    const failure = await failureOf(slow.send({ method: 'GET', url: 'https://slow.test/' }))
    expect(failure).toMatchObject({ kind: 'timeout', sentBytes: false, retryable: true })
  })

  it('that break in the middle are a reset, with sentBytes set', async () => {
    const { origin, server } = await startRawServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const failure = await failureOf(egress.send({ method: 'POST', url: origin, body: 'x' }))
    expect(failure).toMatchObject({ kind: 'reset', sentBytes: true, retryable: true })
    server.close()
  })

  it('that carry something other than HTTP are distinguished from broken ones', async () => {
    const { origin, server } = await startRawServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')))
    const failure = await failureOf(egress.send({ method: 'GET', url: origin }))
    expect(failure).toMatchObject({ kind: 'bad_encoding', sentBytes: true, retryable: false })
    server.close()
  })

  it('are closed with the client, and requests in flight are aborted', async () => {
    await using server = await startServer(() => undefined)
    const failure = failureOf(egress.send({ method: 'GET', url: server.origin }))
    await expect.poll(() => server.seen.length).toBe(1)
    await egress.close()
    expect(await failure).toMatchObject({ kind: 'aborted', sentBytes: true })
    expect(await failureOf(egress.send({ method: 'GET', url: server.origin }))).toMatchObject({
      kind: 'aborted',
      sentBytes: false,
    })
  })
})

describe('cancelling', () => {
  it('before the request is sent sends nothing', async () => {
    await using server = await startServer((_, response) => response.end())
    const sent = egress.send({ method: 'GET', url: server.origin, signal: AbortSignal.abort() })
    expect(await failureOf(sent)).toMatchObject({ kind: 'aborted', sentBytes: false, retryable: false })
    expect(server.sockets).toEqual([])
  })

  it('while it waits for its connection sends nothing', async () => {
    await using server = await startServer((_, response) => response.end())
    const { promise, resolve } = Promise.withResolvers<{ address: string; family: number }[]>()
    const waiting = createEgress({ allow: ['127.0.0.1'], lookup: () => promise })
    const abort = new AbortController()
    const url = `http://late.test:${server.port}/`
    const sent = failureOf(waiting.send({ method: 'POST', url, body: 'x', signal: abort.signal }))
    abort.abort()
    expect(await sent).toMatchObject({ kind: 'aborted', sentBytes: false })
    resolve([{ address: '127.0.0.1', family: 4 }])
    // The connection is still opened. A second request shows that the first one was not sent over it.
    await (await waiting.send({ method: 'GET', url })).text()
    expect(server.seen.map(({ method }) => method)).toEqual(['GET'])
    await waiting.close()
  })

  it('while the response is awaited or read closes the connection', async () => {
    await using server = await startServer((request, response) => {
      if (request.url === '/half') response.write('half')
    })
    for (const path of ['/none', '/half']) {
      const abort = new AbortController()
      const sent = egress.send({ method: 'GET', url: server.origin + path, signal: abort.signal })
      const failure = failureOf(path === '/half' ? sent.then((answer) => answer.text()) : sent)
      await expect.poll(() => server.seen.at(-1)?.url).toBe(path)
      if (path === '/half') await sent
      abort.abort()
      expect(await failure).toMatchObject({ kind: 'aborted', sentBytes: true })
    }
    await expect.poll(() => server.sockets.every((socket) => socket.destroyed)).toBe(true)
  })

  it('a response closes its connection, also while a chunk of the stream is awaited', async () => {
    await using server = await startServer((_, response) => void response.write('first'))
    const unread = await egress.send({ method: 'GET', url: server.origin })
    await unread.cancel()
    await unread.cancel()
    await expect(unread.text()).rejects.toThrow('already')
    const streamed = await egress.send({ method: 'GET', url: server.origin })
    const reader = streamed.stream().getReader()
    expect(Buffer.from((await reader.read()).value ?? [])).toEqual(Buffer.from('first'))
    const pending = reader.read()
    await reader.cancel()
    expect(await pending).toEqual({ done: true, value: undefined })
    await expect.poll(() => server.sockets.filter((socket) => socket.destroyed).length).toBe(2)
  })
})

describe('the body of a response', () => {
  it('can be read once', async () => {
    await using server = await startServer((_, response) => response.end('x'))
    const answer = await egress.send({ method: 'GET', url: server.origin })
    expect(Buffer.from(await answer.bytes()).toString()).toBe('x')
    await expect(answer.bytes()).rejects.toThrow(TypeError)
    expect(() => answer.stream()).toThrow(TypeError)
  })

  it('is empty after HEAD, 204 and 304, whatever the headers promise', async () => {
    await using server = await startServer((request, response) => {
      const status = Number(request.url?.slice(1))
      response.writeHead(status, { 'content-encoding': 'unheard-of', ...(status === 200 && { 'content-length': 5 }) })
      response.end()
    })
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      const answer = await egress.send({ method, url: `${server.origin}/${status}` })
      expect([answer.status, await answer.text()]).toEqual([status, ''])
      expect(answer.headers.get('content-encoding')).toBe('unheard-of')
    }
  })

  it('is passed on undecoded, with its Content-Encoding, if decompress is false', async () => {
    const packed = gzipSync('packed')
    await using server = await startServer((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(packed)
    })
    const answer = await egress.send({ method: 'GET', url: server.origin, decompress: false })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(Buffer.from(await answer.bytes())).toEqual(packed)
    expect(server.seen[0]?.headers['accept-encoding']).toBeUndefined()
  })
})
