import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type SmallServer, startSmallServer } from '../small-server.ts'
import { type RawConnection, rawConnection } from './raw-http.ts'

const LIMIT = 3

/** Sources that are open, and operations that wait for `gate`. */
let open = 0
let waiting = 0
let changes = 0
let gate = Promise.withResolvers<void>()

/** A source that yields `values` and then nothing more. */
function source(values: readonly string[]) {
  const left = Promise.withResolvers<{ done: true; value: undefined }>()
  const rest = [...values]
  let isOpen = true
  open += 1
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => {
      const value = rest.shift()
      return value === undefined ? left.promise : Promise.resolve({ done: false, value })
    },
    return: () => {
      if (isOpen) open -= 1
      isOpen = false
      left.resolve({ done: true, value: undefined })
      return left.promise
    },
  }
}

const field = (subscribe: () => unknown) => ({ subscribe, resolve: (value: unknown) => value })
const typeDefs = `type Query { hello: String! } type Mutation { change: String! }
  type Subscription { silent: String! once: String! slow: String! slowOnce: String! throws: String! nothing: String! }`
const afterGate = async (values: readonly string[]) => {
  waiting += 1
  await gate.promise
  waiting -= 1
  return source(values)
}
const resolvers = {
  Query: { hello: () => 'world' },
  Mutation: {
    change: () => {
      changes += 1
      return 'changed'
    },
  },
  Subscription: {
    silent: field(() => source([])),
    once: field(() => source(['one'])),
    slow: field(() => afterGate([])),
    slowOnce: field(() => afterGate(['one'])),
    throws: field(() => Promise.reject(new Error('no source'))),
    nothing: field(() => null),
  },
}

let server: SmallServer
beforeAll(async () => {
  // Yoga pings every 300 ms in tests and every 12 s otherwise. A ping would free the place too.
  vi.stubEnv('NODE_ENV', 'production')
  server = await startSmallServer({ typeDefs, resolvers, quick: true, limits: { subscriptions: LIMIT } })
})
afterAll(async () => {
  await server.stop()
  vi.unstubAllEnvs()
})
beforeEach(() => {
  open = 0
  waiting = 0
  changes = 0
  gate = Promise.withResolvers()
})

const SSE = 'text/event-stream'
type Method = 'GET' | 'POST'

/** One request as text. */
function requestText(query: string, method: Method, headers: Record<string, string> = { accept: SSE }): string {
  const body = method === 'POST' ? JSON.stringify({ query }) : ''
  const lines = Object.entries({
    host: 'x',
    authorization: 'Bearer admin',
    ...(method === 'POST' ? { 'content-type': 'application/json', 'content-length': `${body.length}` } : {}),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  const target = method === 'POST' ? '/graphql' : `/graphql?query=${encodeURIComponent(query)}`
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

const stream = (query: string, method: Method = 'POST') => rawConnection(server.port, requestText(query, method))

/** Waits until no subscription is open or counted, by all counts. */
async function expectNothingOpen(): Promise<void> {
  await expect.poll(() => open).toBe(0)
  await expect
    .poll(
      async () => /latchkey_graphql_subscriptions (\d+)/.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1],
    )
    .toBe('0')
  const all: RawConnection[] = []
  for (let i = 0; i < LIMIT; i += 1) all.push(await stream('subscription { once }'))
  for (const each of all) expect(await each.saw(/"once":"one"|RATE_LIMITED/)).toContain('"once":"one"')
  for (const each of all) each.socket.destroy()
  await expect.poll(() => open).toBe(0)
}

describe('An operation whose answer the client does not accept', () => {
  it.each<[Method, string]>([
    ['POST', 'application/json'],
    ['POST', 'application/graphql-response+json, application/json;q=0.9'],
    ['POST', 'multipart/mixed'],
    ['POST', 'text/event-stream; charset=latin1'],
    ['GET', 'application/json'],
  ])(
    'is refused with 406 and the accepted type if it is a subscription, and leaves nothing open: %s, Accept: %s',
    async (method, accept) => {
      const query = 'subscription { once }'
      const target = method === 'GET' ? `?query=${encodeURIComponent(query)}` : ''
      for (let time = 0; time < 5 * LIMIT; time += 1) {
        const response = await fetch(`${server.url}/graphql${target}`, {
          method,
          headers: {
            authorization: 'Bearer admin',
            accept,
            ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
          },
          ...(method === 'POST' ? { body: JSON.stringify({ query }) } : {}),
        })
        expect(response.status).toBe(406)
        expect(response.headers.get('accept')).toContain(SSE)
        const { errors } = (await response.json()) as {
          errors: [{ message: string; extensions: Record<string, unknown> }]
        }
        expect(errors[0].message).toContain(SSE)
        expect(errors[0].extensions).toMatchObject({ code: 'INVALID_INPUT', traceId: expect.any(String) })
      }
      expect(open).toBe(0)
      await expectNothingOpen()
    },
  )

  it('is refused before a mutation has an effect', async () => {
    for (const accept of ['text/html', 'image/png, application/json; charset=latin1']) {
      const { status, headers, json } = await server.post({ query: 'mutation { change }' }, { accept })
      expect(status).toBe(406)
      expect(headers.get('accept')).toBe(`${SSE}, application/graphql-response+json, application/json, multipart/mixed`)
      expect(json.errors?.[0]?.message).toContain('application/json')
    }
    expect(changes).toBe(0)
    for (const accept of ['*/*', 'application/*', 'text/html, */*;q=0.8', SSE, 'multipart/mixed']) {
      expect((await server.post({ query: 'mutation { change }' }, { accept })).status, accept).toBe(200)
    }
    expect(changes).toBe(5)
  })

  it('is accepted by any range that includes events', async () => {
    for (const accept of ['*/*', 'text/*', 'application/json, text/event-stream', 'TEXT/Event-Stream; charset=utf-8']) {
      const connection = await rawConnection(server.port, requestText('subscription { once }', 'POST', { accept }))
      expect(await connection.saw(/"once":"one"|"errors"/), accept).toContain('"once":"one"')
      connection.socket.destroy()
      await expect.poll(() => open).toBe(0)
    }
    await expectNothingOpen()
  })
})

describe('An abandoned SSE stream', () => {
  const LEAVE: Record<string, (connection: RawConnection) => void> = {
    reset: ({ socket }) => void socket.resetAndDestroy(),
    closed: ({ socket }) => void socket.destroy(),
    ended: ({ socket }) => void socket.end(),
  }

  it.each(Object.keys(LEAVE))(
    'frees its place before and after its first event when its connection is %s',
    async (how) => {
      for (const [query, sees] of [
        ['subscription { silent }', /text\/event-stream/],
        ['subscription { once }', /"once":"one"/],
      ] as const) {
        for (let time = 0; time < 2 * LIMIT; time += 1) {
          const connection = await stream(query, time % 2 === 0 ? 'GET' : 'POST')
          expect(await connection.saw(sees)).toMatch(/^HTTP\/1.1 200 /)
          LEAVE[how]?.(connection)
          await expect.poll(() => open).toBe(0)
        }
      }
      await expectNothingOpen()
    },
  )

  it.each(Object.keys(LEAVE))('frees its place when its connection is %s while the subscription opens', async (how) => {
    for (const query of ['subscription { slow }', 'subscription { slowOnce }']) {
      const connections: RawConnection[] = []
      for (let i = 0; i < LIMIT; i += 1) connections.push(await stream(query, i === 0 ? 'GET' : 'POST'))
      await expect.poll(() => waiting).toBe(LIMIT)
      for (const connection of connections) LEAVE[how]?.(connection)
      await Promise.all(connections.map(({ closed }) => closed))
      gate.resolve()
      await expect.poll(() => waiting).toBe(0)
      await expectNothingOpen()
      gate = Promise.withResolvers()
    }
    expect(server.log.join()).not.toContain('a request failed')
  })

  it('frees its place when it waits behind another response on its connection', async () => {
    const pipeline = requestText('subscription { silent }', 'GET') + requestText('subscription { once }', 'GET')
    const connection = await rawConnection(server.port, pipeline + requestText('subscription { slow }', 'GET'))
    await expect.poll(() => [open, waiting]).toEqual([2, 1])
    connection.socket.destroy()
    await expect.poll(() => open).toBe(0)
    gate.resolve()
    await expectNothingOpen()
  })

  it('frees its place when it could not be opened', async () => {
    for (const query of ['subscription { throws }', 'subscription { nothing }']) {
      for (let time = 0; time < 2 * LIMIT; time += 1) {
        expect((await server.post({ query }, { accept: SSE })).text).toContain('"code":"INTERNAL"')
      }
    }
    await expectNothingOpen()
  })

  it('has headers against buffering and caching', async () => {
    for (const query of ['subscription { once }', '{ hello }', 'subscription { throws }']) {
      const connection = await stream(query)
      const head = (await connection.saw(/\r\n\r\n/)).toLowerCase()
      expect(head, query).toMatch(/\r\nx-accel-buffering: no\r\n/)
      expect(head, query).toMatch(/\r\ncache-control: no-store\r\n/)
      connection.socket.destroy()
    }
  })
})

describe('An abandoned operation over WebSocket', () => {
  const subscribe = (id: string, query: string) => ({ type: 'subscribe', id, payload: { query } })

  it('frees its place when it is completed while it opens', async () => {
    const { socket, send, next } = await server.socket()
    for (const id of ['1', '2', '3']) send(subscribe(id, 'subscription { slow }'))
    await expect.poll(() => waiting).toBe(LIMIT)
    for (const id of ['1', '2', '3']) send({ type: 'complete', id })
    send(subscribe('query', '{ hello }'))
    expect((await next()).payload).toEqual({ data: { hello: 'world' } })
    gate.resolve()
    await expect.poll(() => waiting).toBe(0)
    await expectNothingOpen()
    socket.close()
  })

  it('frees its place when its socket is closed or lost while it opens', async () => {
    for (const leave of ['close', 'terminate'] as const) {
      gate = Promise.withResolvers()
      const { socket, send, closed } = await server.socket()
      for (const id of ['1', '2', '3']) send(subscribe(id, 'subscription { slow }'))
      await expect.poll(() => waiting).toBe(LIMIT)
      socket[leave]()
      await closed
      gate.resolve()
      await expect.poll(() => waiting).toBe(0)
      await expectNothingOpen()
    }
  })

  it('frees its place with its socket when its id was used again while it opened', async () => {
    const { socket, send, closed } = await server.socket()
    send(subscribe('1', 'subscription { slow }'))
    await expect.poll(() => waiting).toBe(1)
    send({ type: 'complete', id: '1' })
    send(subscribe('1', 'subscription { slow }'))
    await expect.poll(() => waiting).toBe(2)
    gate.resolve()
    await expect.poll(() => waiting).toBe(0)
    socket.close()
    await closed
    await expectNothingOpen()
  })

  it('frees its place when it is refused', async () => {
    const { socket, send, next } = await server.socket()
    for (const query of [
      'subscription { throws }',
      'subscription { nothing }',
      'subscription { unknown }',
      'subscription {',
    ]) {
      for (let time = 0; time < 2 * LIMIT; time += 1) {
        send(subscribe('1', query))
        for (let message = await next(); message.type === 'next'; message = await next()) {
          expect(message.payload?.errors?.[0]?.extensions['code']).not.toBe('RATE_LIMITED')
        }
      }
    }
    await expectNothingOpen()
    socket.close()
  })

  it('leaves nothing watched when its socket is lost while the caller is identified', async () => {
    await expect.poll(() => server.watched()).toBe(0)
    for (let time = 0; time < 2; time += 1) {
      const { socket, send, closed } = await server.socket(null)
      send({ type: 'connection_init', payload: { authorization: 'Bearer slow' } })
      await expect.poll(() => server.identifying()).toBe(1)
      socket.terminate()
      await closed
      await expect.poll(() => server.identifying()).toBe(0)
    }
    expect(server.watched()).toBe(0)
  })
})
