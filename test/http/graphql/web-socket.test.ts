import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  openSocket,
  type SmallServer,
  type SmallServerOptions,
  startSmallServer,
  type TestSocket,
} from '../small-server.ts'

/** An endless source. */
function endless(ended: () => void) {
  const left = Promise.withResolvers<{ done: true; value: undefined }>()
  let first = true
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => {
      if (!first) return left.promise
      first = false
      return Promise.resolve({ done: false, value: 'one' })
    },
    return: () => {
      ended()
      left.resolve({ done: true, value: undefined })
      return left.promise
    },
  }
}

let ended = 0
const subscribable: SmallServerOptions = {
  typeDefs: 'type Query { hello: String! } type Mutation { hello: String! } type Subscription { endless: String! }',
  resolvers: {
    Query: { hello: () => 'world' },
    Mutation: { hello: () => 'world' },
    Subscription: { endless: { subscribe: () => endless(() => (ended += 1)), resolve: (value: unknown) => value } },
  },
}

describe('A WebSocket', () => {
  let server: SmallServer
  beforeAll(async () => {
    server = await startSmallServer({ ...subscribable, sockets: { initWithinMs: 200 } })
  })
  afterAll(() => server.stop())

  const init = { type: 'connection_init', payload: { Authorization: 'Bearer admin' } }
  const subscribe = (id: string, query = 'subscription { endless }') => ({ type: 'subscribe', id, payload: { query } })

  it('is closed with 4408 when it sends no connection_init', async () => {
    const { closed } = await server.socket(null)
    expect(await closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' })
  })

  it.each([{}, { authorization: 'Bearer wrong' }, { authorization: 5 }, { authorization: '' }, null])(
    'is closed with 4403 for an unknown caller: %j',
    async (payload) => {
      const { send, closed } = await server.socket(null)
      send({ type: 'connection_init', ...(payload === null ? {} : { payload }) })
      expect(await closed).toEqual({ code: 4403, reason: 'Forbidden' })
    },
  )

  it.each<[number, string, unknown[]]>([
    [4401, 'subscribes before the acknowledgement', [subscribe('1')]],
    [4429, 'sends connection_init twice', [init, init]],
    [4409, 'uses an id twice', [init, subscribe('1'), subscribe('1')]],
    [4400, 'sends something that is not JSON', ['{']],
    [4400, 'sends JSON that is not a message', ['5']],
    [4400, 'sends an unknown type', [{ type: '__proto__' }]],
    [4400, 'sends an invalid query', [init, { type: 'subscribe', id: '1', payload: { query: 5 } }]],
    [
      4400,
      'sends invalid variables',
      [init, { type: 'subscribe', id: '1', payload: { query: '{ hello }', variables: 'x' } }],
    ],
    [4400, 'sends an invalid id', [init, { type: 'subscribe', id: '', payload: { query: '{ hello }' } }]],
    [4400, 'sends a list', ['[]']],
    [
      1009,
      'sends more than 16 KiB before the acknowledgement',
      [{ type: 'ping', payload: { text: 'x'.repeat(20_000) } }],
    ],
    [4400, 'sends many messages before the acknowledgement', Array.from({ length: 11 }, () => ({ type: 'ping' }))],
    [4400, 'sends a large ping', [init, { type: 'ping', payload: { text: 'x'.repeat(2_000) } }]],
    [4400, 'sends a large pong', [init, { type: 'pong', payload: { text: 'x'.repeat(2_000) } }]],
    [1009, 'sends more than 256 KiB', [`"${'x'.repeat(256 * 1024)}"`]],
  ])('is closed with %i when it %s', async (code, _what, messages) => {
    const socket = await server.socket(null)
    for (const [index, message] of messages.entries()) {
      socket.send(message)
      if (message === init && index === 0) await socket.next()
    }
    // Other messages may arrive before the end.
    const end = await socket.closed
    expect(end.code).toBe(code)
    expect(end.reason).not.toMatch(/Unexpected|JSON|position/)
  })

  it('is closed with 1013 when its caller has too many, until one of them closes', async () => {
    const limited = await startSmallServer({ ...subscribable, sockets: { perCaller: 1 } })
    const first = await limited.socket()
    const second = await limited.socket(null)
    second.send(init)
    expect(await second.closed).toMatchObject({ code: 1013 })
    await limited.socket({ authorization: 'Bearer other' })
    for (const _ of [1, 2]) await limited.socket({ authorization: 'Bearer operator' })
    first.socket.close()
    await first.closed
    await limited.socket()
    await limited.stop()
  })

  it('is charged for every message, and nothing is read from it while its caller is below zero', async () => {
    // Ten points at once, and one per second.
    const limited = await startSmallServer({ ...subscribable, rateLimit: 60 })
    const noisy = await limited.socket()
    const quiet = await limited.socket({ authorization: 'Bearer other' })
    let pongs = 0
    noisy.socket.on('message', () => (pongs += 1))
    const large = JSON.stringify({ type: 'complete', id: '[{"\\u0061":'.repeat(10_000) })
    for (let sent = 0; sent < 200; sent += 1) noisy.send(large)
    noisy.send({ type: 'ping' })
    const codes: unknown[] = []
    // So few queries are within the limit by themselves.
    for (let sent = 0; sent < 4; sent += 1) {
      for (let pings = 0; pings < 20; pings += 1) {
        quiet.send({ type: 'ping' })
        expect((await quiet.next()).type).toBe('pong')
      }
      codes.push((await limited.query('{ hello }')).errors?.[0]?.extensions['code'])
    }
    expect(codes).toContain('RATE_LIMITED')
    expect(pongs).toBe(0)
    noisy.socket.terminate()
    quiet.socket.close()
    await limited.stop()
  })

  it('is closed with 4406 for another protocol', async () => {
    for (const protocol of ['graphql-ws', 'nonsense']) {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, protocol)
      const code = await new Promise((resolve) => {
        socket.once('close', resolve)
        socket.once('error', () => resolve('refused'))
      })
      expect([4406, 'refused']).toContain(code)
    }
  })

  it('is closed when it sends invalid UTF-8', async () => {
    const { socket, closed } = await server.socket()
    socket.send(Buffer.from([0xff, 0xfe, 0x00]))
    expect((await closed).code).toBe(4400)
    const other = await server.socket()
    other.send(subscribe('1', '{ hello }'))
    expect((await other.next()).payload).toEqual({ data: { hello: 'world' } })
    other.socket.close()
  })

  it('runs queries, mutations and subscriptions from any origin, and uses no cookies', async () => {
    const socket = await server.socket()
    for (const query of ['{ hello }', 'mutation { hello }']) {
      socket.send(subscribe(query, query))
      expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { hello: 'world' } } })
      expect(await socket.next()).toMatchObject({ type: 'complete' })
    }
    socket.socket.close()
    const foreign = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { origin: 'https://evil.example', cookie: 'authorization=Bearer admin', authorization: 'Bearer admin' },
    })
    await new Promise((resolve) => foreign.once('open', resolve))
    foreign.send(JSON.stringify({ type: 'connection_init' }))
    expect(await new Promise((resolve) => foreign.once('close', resolve))).toBe(4403)
  })

  it('answers pings of the GraphQL protocol and of WebSocket', async () => {
    const socket = await server.socket()
    socket.send({ type: 'ping', payload: { a: 1 } })
    expect(await socket.next()).toEqual({ type: 'pong', payload: { a: 1 } })
    const pong = new Promise((resolve) => socket.socket.once('pong', (data) => resolve(String(data))))
    socket.socket.ping('hello')
    expect(await pong).toBe('hello')
    socket.socket.close()
  })

  it('can run 50 operations at once, and any number in sequence', async () => {
    const socket = await server.socket()
    for (let id = 1; id <= 50; id += 1) {
      socket.send(subscribe(`${id}`))
      expect((await socket.next()).type).toBe('next')
    }
    socket.send(subscribe('51'))
    const refused = await socket.next()
    expect(refused).toMatchObject({
      type: 'error',
      id: '51',
      payload: [{ extensions: { code: 'RATE_LIMITED', status: 429 } }],
    })
    socket.send({ type: 'complete', id: '1' })
    socket.send(subscribe('52'))
    expect(await socket.next()).toMatchObject({ type: 'next', id: '52' })
    socket.socket.close()
    await socket.closed
  })

  it('ends its operations when it disconnects', async () => {
    const before = ended
    const socket = await server.socket()
    socket.send(subscribe('1'))
    await socket.next()
    expect(server.watched()).toBeGreaterThan(0)
    socket.socket.terminate()
    await socket.closed
    await expect.poll(() => ended).toBe(before + 1)
    await expect.poll(() => server.watched()).toBe(0)
  })

  it('is pinged, and disconnected when it does not answer', async () => {
    const small = await startSmallServer({ ...subscribable, sockets: { pingEveryMs: 50 } })
    const answering = await small.socket()
    const silent = await openSilent(small.url)
    expect((await silent.closed).code).toBe(1006)
    answering.send(subscribe('1', '{ hello }'))
    expect((await answering.next()).type).toBe('next')
    await small.stop()
    expect(await answering.closed).toEqual({ code: 1012, reason: 'Service Restart' })
  })
})

/** A client that does not answer pings. */
async function openSilent(url: string): Promise<Pick<TestSocket, 'closed'>> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { autoPong: false })
  return {
    closed: new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }))),
  }
}

describe('A caller that loses access', () => {
  let server: SmallServer
  beforeAll(async () => {
    server = await startSmallServer(subscribable)
  })
  afterAll(() => server.stop())

  it('has its socket closed with 4403 when its key is revoked, without effect on others', async () => {
    const mine = await server.socket({ authorization: 'Bearer admin' })
    const others = await server.socket({ authorization: 'Bearer other' })
    server.revoke('admin')
    expect(await mine.closed).toEqual({ code: 4403, reason: 'Forbidden' })
    others.send({ type: 'subscribe', id: '1', payload: { query: '{ hello }' } })
    expect((await others.next()).payload).toEqual({ data: { hello: 'world' } })
    // New sockets with the key are refused, and so are operations on existing sockets.
    const again = await openSocket(server.url)
    again.send({ type: 'connection_init', payload: { authorization: 'Bearer admin' } })
    expect((await again.closed).code).toBe(4403)
    others.socket.close()
  })

  it('has its socket closed with 4403 when the credential expires', async () => {
    const until = Date.now() + 400
    const socket = await server.socket({ authorization: `Bearer until-${until}` })
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' })
    expect(Date.now()).toBeGreaterThanOrEqual(until)
    await expect.poll(() => server.watched()).toBe(0)
  })
})

describe('The subscriptions of a workspace', () => {
  it('are limited in number, over WebSocket and SSE together', async () => {
    const server = await startSmallServer({ ...subscribable, limits: { subscriptions: 3 } })
    const query = 'subscription { endless }'
    const socket = await server.socket()
    for (const id of ['1', '2']) {
      socket.send({ type: 'subscribe', id, payload: { query } })
      await socket.next()
    }
    const stream = (key: string, abort: AbortController) =>
      fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        signal: abort.signal,
      })
    const abort = new AbortController()
    const third = await stream('admin', abort)
    expect(third.headers.get('content-type')).toContain('text/event-stream')
    // The fourth is refused over either transport.
    socket.send({ type: 'subscribe', id: '4', payload: { query } })
    expect(await socket.next()).toMatchObject({
      type: 'next',
      payload: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] },
    })
    const fourth = await stream('admin', new AbortController())
    expect(fourth.headers.get('retry-after')).toBe('5')
    expect(await fourth.text()).toContain('RATE_LIMITED')
    // Another workspace is not affected.
    const other = new AbortController()
    const others = await stream('other', other)
    const reader = others.body?.getReader()
    let text = ''
    while (!text.includes('"endless":"one"')) text += new TextDecoder().decode((await reader?.read())?.value)
    other.abort()
    // A subscription that ends makes room for another.
    abort.abort()
    await socket.next()
    await expect
      .poll(async () => {
        const again = new AbortController()
        const response = await stream('admin', again)
        const limited = response.headers.has('retry-after')
        again.abort()
        return limited
      })
      .toBe(false)
    socket.socket.close()
    await server.stop()
  })
})
