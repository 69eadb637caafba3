import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SmallServer, startSmallServer } from '../small-server.ts'
import { rawConnection } from './raw-http.ts'

describe('A request to /graphql', () => {
  let server: SmallServer
  beforeAll(async () => {
    server = await startSmallServer({ production: true })
  })
  afterAll(() => server.stop())

  const body = JSON.stringify({ query: 'mutation { hello }' })
  const send = (init: RequestInit, path = '') => fetch(`${server.url}/graphql${path}`, init)
  const key = { authorization: 'Bearer admin' }

  it.each([
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${body}\r\n--x--\r\n`,
    ],
    ['application/x-www-form-urlencoded', 'query=mutation{hello}'],
    ['text/plain', body],
    ['text/plain; application/json', body],
    ['application/graphql', 'mutation { hello }'],
    ['application/jsonx', body],
    ['', body],
  ])('is refused with content type %s, with and without a credential (GQ-09)', async (type, content) => {
    for (const headers of [undefined, key, { 'x-latchkey-csrf': '1' }] as (Record<string, string> | undefined)[]) {
      const response = await send({ method: 'POST', headers: { ...headers, 'content-type': type }, body: content })
      expect([403, 415]).toContain(response.status)
      expect(await response.text()).not.toContain('world')
    }
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'application/graphql+json'])(
    'is accepted with content type %s',
    async (type) => {
      const response = await send({ method: 'POST', headers: { ...key, 'content-type': type }, body })
      expect(await response.json()).toEqual({ data: { hello: 'world' } })
    },
  )

  it('cannot be a mutation by GET (GQ-10)', async () => {
    const response = await send({ headers: key }, `?query=${encodeURIComponent('mutation { hello }')}`)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    expect(await response.text()).not.toContain('world')
  })

  it('by GET needs a header that triggers a preflight (GQ-10)', async () => {
    const query = `?query=${encodeURIComponent('{ hello }')}`
    const simple = await send({ headers: { accept: 'application/json' } }, query)
    expect(simple.status).toBe(403)
    for (const name of ['x-latchkey-csrf', 'apollo-require-preflight', 'x-graphql-yoga-csrf']) {
      // The header is enough, but there is no credential.
      const named = await send({ headers: { [name]: '1', accept: 'application/graphql-response+json' } }, query)
      expect(named.status, name).toBe(401)
    }
    expect(await (await send({ headers: key }, query)).json()).toEqual({ data: { hello: 'world' } })
  })

  it.each(['PUT', 'DELETE', 'PATCH', 'HEAD'])('is refused with method %s', async (method) => {
    const response = await send({ method, headers: key })
    expect([405, 415]).toContain(response.status)
  })

  it('is allowed from every origin, without cookies (GQ-23)', async () => {
    for (const origin of ['https://evil.example', 'null', 'https://app.example']) {
      const preflight = await send({
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      })
      const actual = await send({
        method: 'POST',
        headers: { ...key, origin, 'content-type': 'application/json' },
        body,
      })
      for (const { headers } of [preflight, actual]) {
        expect(headers.get('access-control-allow-origin')).toBe('*')
        expect(headers.get('access-control-allow-credentials')).toBeNull()
      }
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
    }
    const cookie = await send({
      method: 'POST',
      headers: { cookie: 'authorization=Bearer admin', 'content-type': 'application/json' },
      body,
    })
    expect(await cookie.text()).toContain('UNAUTHENTICATED')
  })

  it('gets headers against caching, framing and content sniffing', async () => {
    for (const path of ['/graphql', '/healthz', '/readyz', '/nothing']) {
      const { headers } = await fetch(`${server.url}${path}`, { headers: key })
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/)
    }
  })

  it('keeps the request id of the client if it is valid', async () => {
    const good = await send({ headers: { ...key, 'x-request-id': 'my-trace-0001' } }, '?query={hello}')
    expect(good.headers.get('x-request-id')).toBe('my-trace-0001')
    for (const id of ['short', 'with space and more', '"quoted"-0001', 'x'.repeat(65)]) {
      const { headers } = await send({ headers: { ...key, 'x-request-id': id } }, '?query={hello}')
      expect(headers.get('x-request-id')).not.toBe(id)
    }
  })

  it('is refused above 1 MiB, with a correct or wrong Content-Length (GQ-18)', async () => {
    const large = JSON.stringify({ query: '{ hello }', variables: { x: 'x'.repeat(1024 * 1024) } })
    const said = await send({ method: 'POST', headers: { ...key, 'content-type': 'application/json' }, body: large })
    expect(said.status).toBe(413)
    expect(await said.text()).toContain('"code":"INVALID_INPUT"')
    const head =
      'POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\nContent-Type: application/json\r\n'
    const lying = await rawConnection(server.port, `${head}Content-Length: 99999999999\r\n\r\n{`)
    expect(await lying.saw(/\r\n\r\n/)).toMatch(/^HTTP\/1.1 413 /)
    lying.socket.destroy()
    for (const length of ['1e3', '-1', '1, 1', '0x10']) {
      const connection = await rawConnection(server.port, `${head}Content-Length: ${length}\r\n\r\n{}`)
      expect(await connection.saw(/\r\n\r\n/), length).toMatch(/^HTTP\/1.1 400 /)
      connection.socket.destroy()
    }
  })

  it('is aborted above 1 MiB without a Content-Length (GQ-18)', async () => {
    let written = 0
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const endless = request(`${server.url}/graphql`, {
        method: 'POST',
        headers: { ...key, 'content-type': 'application/json' },
      })
      endless.on('response', (response) => resolve(response.statusCode))
      endless.on('error', reject)
      const chunk = ' '.repeat(64 * 1024)
      const write = () => {
        // Much more than the socket buffers.
        if (written > 256 * 1024 * 1024) endless.destroy(new Error('The server reads everything.'))
        written += chunk.length
        if (endless.write(chunk)) setImmediate(write)
        else endless.once('drain', write)
      }
      write()
    })
    expect(status).toBe(413)
    expect(written).toBeLessThan(64 * 1024 * 1024)
  })

  it.each([
    ['an invalid host', 'GET /graphql HTTP/1.1\r\nHost: a b:%%\r\n\r\n'],
    ['an invalid port', 'GET /healthz HTTP/1.1\r\nHost: x:99999999\r\n\r\n'],
    ['a bracket', 'GET /healthz HTTP/1.1\r\nHost: [\r\n\r\n'],
    ['an invalid path', 'GET // HTTP/1.1\r\nHost: \r\n\r\n'],
    ['an absolute target', 'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no host', 'GET /healthz HTTP/1.0\r\n\r\n'],
    ['no protocol', 'nonsense\r\n\r\n'],
    ['headers of 64 KiB', `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(64 * 1024)}\r\n\r\n`],
  ])('does no harm when it is malformed: %s', async (_what, text) => {
    const connection = await rawConnection(server.port, text)
    const answer = await connection.saw(/\r\n\r\n/)
    connection.socket.destroy()
    expect(answer).toMatch(/^HTTP\/1.1 (?:200|4\d\d) /)
    expect(answer).not.toMatch(/stack|Error:|\.ts|node:/)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  it.each(['//', '/%', '/graphql/x', '/other', '/graphqlx', 'http://['])(
    'does no harm when it is an upgrade of another path: %s',
    async (path) => {
      const head =
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
      const connection = await rawConnection(server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n`)
      expect(await connection.closed).toMatch(/^HTTP\/1.1 404 /)
      // A client that disconnects at once.
      const gone = await rawConnection(server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n`)
      gone.socket.resetAndDestroy()
      await gone.closed
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    },
  )
})

describe('A WebSocket handshake', () => {
  const handshake = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' }

  it('whose Upgrade header was removed by a proxy gets 426 and a message that says so', async () => {
    const server = await startSmallServer({ production: true, quick: true })
    // undici does not send an Upgrade header.
    const get = (headers: Record<string, string>) =>
      new Promise<{ status: number | undefined; upgrade: string | undefined; text: string }>((resolve, reject) => {
        const sent = request(`${server.url}/graphql`, { headers }, async (response) => {
          const text = (await response.setEncoding('utf8').toArray()).join('')
          resolve({ status: response.statusCode, upgrade: response.headers.upgrade, text })
        })
        sent.on('error', reject).end()
      })
    const handshakes: Record<string, string>[] = [
      { ...handshake, 'sec-websocket-protocol': 'graphql-transport-ws' },
      { ...handshake, upgrade: 'websocket', connection: 'close' },
      { 'sec-websocket-protocol': 'graphql-transport-ws' },
      { ...handshake, authorization: 'Bearer admin' },
    ]
    for (const headers of handshakes) {
      const { status, upgrade, text } = await get(headers)
      expect([status, upgrade]).toEqual([426, 'websocket'])
      expect(JSON.parse(text).errors[0]).toMatchObject({
        message: expect.stringMatching(/Upgrade.*proxy/),
        extensions: { code: 'INVALID_INPUT' },
      })
    }
    expect((await get({ authorization: 'Bearer admin' })).text).toContain('Must provide query string.')
    await server.stop()
  })
})

describe('The hash of a persisted query', () => {
  const persistedQuery = { version: 1, sha256Hash: 'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38' }
  const hash = { operationName: 'Hello', variables: {}, extensions: { persistedQuery } }
  const refusal = { message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }

  it('is answered as by Apollo Server, with status 200 by POST, GET and SSE, so that clients send the document', async () => {
    const server = await startSmallServer({ production: true, quick: true })
    const json = ['application/json', 'application/graphql-response+json,application/json;q=0.9']
    for (const accept of json) {
      for (const body of [hash, { ...hash, query: '' }, { ...hash, query: null }]) {
        const { status, json } = await server.post(body, { accept })
        expect([status, json]).toMatchObject([200, { errors: [refusal] }])
      }
      const parameters = new URLSearchParams({ operationName: 'Hello', extensions: JSON.stringify(hash.extensions) })
      const headers = { authorization: 'Bearer admin', accept }
      const response = await fetch(`${server.url}/graphql?${parameters}`, { headers })
      expect([response.status, await response.json()]).toMatchObject([200, { errors: [refusal] }])
    }
    const { status, text } = await server.post(hash, { accept: 'text/event-stream' })
    expect(status).toBe(200)
    expect(text).toContain('"code":"PERSISTED_QUERY_NOT_SUPPORTED"')
    // The document counts when it is there, also if it is sent with its hash.
    for (let time = 0; time < 3; time += 1) {
      const { json } = await server.post({ ...hash, query: 'query Hello { hello }' })
      expect(json).toEqual({ data: { hello: 'world' } })
    }
    await server.stop()
  })

  it('is refused over WebSocket by an error of its operation, and the socket stays open', async () => {
    const server = await startSmallServer({ production: true })
    const { socket, send, next } = await server.socket()
    send({ type: 'subscribe', id: '1', payload: hash })
    expect(await next()).toMatchObject({ id: '1', type: 'error', payload: [refusal] })
    send({ type: 'subscribe', id: '2', payload: { ...hash, query: 'query Hello { hello }' } })
    expect(await next()).toEqual({ id: '2', type: 'next', payload: { data: { hello: 'world' } } })
    expect((await next()).type).toBe('complete')
    send({ type: 'subscribe', id: '3', payload: { extensions: { 'a "persistedQuery"': 1 } } })
    await new Promise((resolve) => socket.once('close', resolve))
    await server.stop()
  })

  it('needs a credential in production, and parameters that have neither hash nor document are invalid', async () => {
    const server = await startSmallServer({ production: true })
    expect((await server.post(hash, { authorization: '' })).text).toContain('UNAUTHENTICATED')
    for (const body of [
      {},
      { extensions: {} },
      { extensions: { persistedQuery: 'x' } },
      { extensions: { persistedQuery: null } },
      { extensions: null },
    ]) {
      expect((await server.post(body)).json.errors?.[0]?.message).toBe('Must provide query string.')
    }
    expect((await server.post([hash])).json.errors?.[0]?.message).toBe('Batching is not supported.')
    await server.stop()
  })
})

describe('/readyz', () => {
  it('shows the parts to operators only, and the overall status to everyone', async () => {
    let works = true
    const server = await startSmallServer({
      readiness: {
        database: async () => undefined,
        queue: () => (works ? Promise.resolve() : Promise.reject(new Error('at db.internal:5432'))),
      },
    })
    const ask = async (key?: string) => {
      const response = await fetch(`${server.url}/readyz`, {
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      })
      return { status: response.status, body: await response.json(), retryAfter: response.headers.get('retry-after') }
    }
    for (const key of [undefined, 'admin', 'wrong']) {
      expect(await ask(key)).toEqual({ status: 200, body: { status: 'ok' }, retryAfter: null })
    }
    expect(await ask('operator')).toMatchObject({ body: { status: 'ok', database: 'ok', queue: 'ok' } })
    works = false
    expect(await ask()).toEqual({ status: 503, body: { status: 'unavailable' }, retryAfter: '1' })
    expect(await ask('operator')).toMatchObject({ status: 503, body: { database: 'ok', queue: 'unavailable' } })
    expect(server.log.join()).toContain('"unavailable":["queue"]')
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await server.stop()
  })
})

describe('A slow client', () => {
  it('is disconnected when it sends headers too slowly', async () => {
    const server = await startSmallServer({ server: { headersWithinMs: 200, checkEveryMs: 50 } })
    const slow = await rawConnection(server.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n')
    // Sending a byte from time to time does not help.
    const drip = setInterval(() => slow.socket.write('X-A: b\r\n'), 50)
    expect(await slow.closed).toMatch(/^HTTP\/1.1 408 /)
    clearInterval(drip)
    await server.stop()
  })

  it('is disconnected when it sends a body too slowly', async () => {
    const server = await startSmallServer({ server: { bodyWithinMs: 200 } })
    const head =
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer admin\r\nContent-Length: 1000\r\n\r\n'
    const slow = await rawConnection(server.port, head)
    const drip = setInterval(() => slow.socket.write(' '), 50)
    expect(await slow.closed).toMatch(/^HTTP\/1.1 408 /)
    clearInterval(drip)
    expect((await server.query('{ hello }')).data).toEqual({ hello: 'world' })
    await server.stop()
  })

  it('is disconnected when there is no traffic', async () => {
    const server = await startSmallServer({
      server: { idleMs: 200 },
      resolvers: { Query: { hello: () => new Promise(() => undefined) } },
    })
    const body = JSON.stringify({ query: '{ hello }' })
    const waiting = await rawConnection(
      server.port,
      `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer admin\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    expect(await waiting.closed).toBe('')
    await server.stop()
  })
})

describe('An address', () => {
  const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'

  it('cannot have more than a limit of connections open, and can open one when another has closed', async () => {
    const server = await startSmallServer({ server: { socketsPerAddress: 2 } })
    const [first, second] = [await rawConnection(server.port, HEALTH), await rawConnection(server.port, HEALTH)]
    await Promise.all([first.saw(/^HTTP\/1.1 200/), second.saw(/^HTTP\/1.1 200/)])
    expect(await (await rawConnection(server.port, HEALTH)).closed).toBe('')
    first.socket.destroy()
    await expect
      .poll(async () => (await rawConnection(server.port, `${HEALTH.trim()}\r\nConnection: close\r\n\r\n`)).closed)
      .toMatch(/^HTTP\/1.1 200/)
    second.socket.destroy()
    await server.stop()
  })

  it('of a trusted proxy may have any number of connections', async () => {
    const server = await startSmallServer({ server: { socketsPerAddress: 1, trustedProxies: ['127.0.0.0/8'] } })
    const opened = [await rawConnection(server.port, HEALTH), await rawConnection(server.port, HEALTH)]
    for (const connection of opened) {
      await connection.saw(/^HTTP\/1.1 200/)
      connection.socket.destroy()
    }
    await server.stop()
  })
})
