import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { appendEvents } from '../../../src/events/event-log.ts'
import { parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { createGraphQLClient } from '../../support/graphql-client.ts'
import { openSocket, type SmallServer, startSmallServer } from '../small-server.ts'
import { rawConnection } from './raw-http.ts'

/** One kilobyte per event, so that socket buffers fill quickly. */
const typeDefs = `type Query { hello: String! large: String! } type Subscription { events(count: Int!): String! later: String! idle: String! }`
let taken = 0
let left = 0
const resolvers = {
  Query: { hello: () => 'world', large: () => 'x'.repeat(3 * 1024 * 1024) },
  Subscription: {
    events: {
      subscribe: async function* (_root: unknown, { count }: { count: number }) {
        try {
          for (taken = 0; taken < count; taken += 1) yield `${taken}:${'x'.repeat(10_000)}`
        } finally {
          left += 1
        }
      },
      resolve: (value: unknown) => value,
    },
    later: {
      subscribe: async function* () {
        await wait(300)
        yield 'late'
      },
      resolve: (value: unknown) => value,
    },
    idle: {
      subscribe: () => {
        const over = Promise.withResolvers<IteratorResult<string>>()
        return {
          [Symbol.asyncIterator]() {
            return this
          },
          next: () => over.promise,
          return: () => {
            left += 1
            over.resolve({ done: true, value: undefined })
            return over.promise
          },
        }
      },
      resolve: (value: unknown) => value,
    },
  },
}

const COUNT = 100_000

/** Waits until the source stops because the client does not read. */
async function stalled(): Promise<void> {
  await expect.poll(() => taken, { timeout: 10_000 }).toBeGreaterThan(0)
  let before = -1
  await expect
    .poll(
      () => {
        const still = taken === before
        before = taken
        return still
      },
      { interval: 100, timeout: 10_000 },
    )
    .toBe(true)
}

/** The TCP connection of a `ws` client. */
function tcpOf(socket: WebSocket): Socket {
  const tcp: unknown = Reflect.get(socket, '_socket')
  if (tcp === null || typeof tcp !== 'object') throw new Error('It has no connection.')
  return tcp as Socket
}

describe('A slow WebSocket client', () => {
  let server: SmallServer
  beforeAll(async () => {
    server = await startSmallServer({
      typeDefs,
      resolvers,
      sockets: { sendWithinMs: 500, maxBufferedBytes: 64 * 1024 },
    })
  })
  afterAll(() => server.stop())

  it('stops its source, and is closed with 4413 when it reads nothing for too long', async () => {
    const before = left
    const { socket, send, closed } = await server.socket()
    tcpOf(socket).pause()
    send({ type: 'subscribe', id: '1', payload: { query: `subscription { events(count: ${COUNT}) }` } })
    await stalled()
    // Only what the kernel buffers was produced.
    expect(taken).toBeLessThan(COUNT / 10)
    await expect.poll(() => left).toBe(before + 1)
    tcpOf(socket).resume()
    expect(await closed).toEqual({ code: 4413, reason: 'Slow consumer' })
  })

  it('gets everything if it reads slowly', async () => {
    const { socket, send, next } = await server.socket()
    send({ type: 'subscribe', id: '1', payload: { query: 'subscription { events(count: 2000) }' } })
    for (let i = 0; i < 2_000; i += 1) {
      if (i === 500) {
        tcpOf(socket).pause()
        await wait(200)
        tcpOf(socket).resume()
      }
      const { payload } = await next()
      expect(payload?.data.events.split(':')[0]).toBe(`${i}`)
    }
    expect((await next()).type).toBe('complete')
    socket.close()
  })

  it('can receive one large answer, but not queue many', async () => {
    const one = await server.socket()
    one.send({ type: 'subscribe', id: '1', payload: { query: '{ large }' } })
    expect((await one.next()).payload?.data.large).toHaveLength(3 * 1024 * 1024)
    one.socket.close()
    const many = await server.socket()
    tcpOf(many.socket).pause()
    for (let id = 0; id < 20; id += 1) many.send({ type: 'subscribe', id: `${id}`, payload: { query: '{ large }' } })
    await expect.poll(() => server.log.filter((line) => line.includes('"operation"')).length).toBeGreaterThan(2)
    tcpOf(many.socket).resume()
    expect((await many.closed).code).toBe(4413)
  })

  it('cannot make pongs pile up', async () => {
    for (const ping of ['protocol', 'socket']) {
      const { socket, send, closed } = await server.socket()
      tcpOf(socket).pause()
      const payload = 'x'.repeat(125)
      // More than the kernel buffers.
      const flood = setInterval(() => {
        if (socket.readyState !== WebSocket.OPEN) return
        for (let i = 0; i < 5_000; i += 1) {
          if (ping === 'socket') socket.ping(payload)
          else send({ type: 'ping', payload: { payload } })
        }
      }, 1)
      setTimeout(() => tcpOf(socket).resume(), 3_000).unref()
      const { code } = await closed
      clearInterval(flood)
      // 1006: the client did not read in time for the closing handshake.
      expect([4413, 1006], ping).toContain(code)
    }
    expect((await server.query('{ hello }')).data).toEqual({ hello: 'world' })
  })
})

describe('An SSE client', () => {
  const sse = (port: number, query: string, method: 'GET' | 'POST' = 'POST') => {
    const body = JSON.stringify({ query })
    const head = `Host: x\r\nAuthorization: Bearer admin\r\nAccept: text/event-stream\r\n`
    return method === 'GET'
      ? rawConnection(port, `GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1\r\n${head}\r\n`)
      : rawConnection(
          port,
          `POST /graphql HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        )
  }

  it('ends its source when it disconnects, without another event', async () => {
    const server = await startSmallServer({ typeDefs, resolvers })
    const before = left
    const connection = await sse(server.port, 'subscription { idle }')
    await connection.saw(/text\/event-stream/)
    connection.socket.destroy()
    await expect.poll(() => left).toBe(before + 1)
    await server.stop()
  })

  it('stops its source when it does not read, and is disconnected', async () => {
    const server = await startSmallServer({ typeDefs, resolvers, stalledAfterMs: 500 })
    const before = left
    const body = JSON.stringify({ query: `subscription { events(count: ${COUNT}) }` })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await stalled()
    expect(taken).toBeLessThan(COUNT / 10)
    await expect.poll(() => left).toBe(before + 1)
    socket.destroy()
    await server.stop()
  })

  it('ends its source when it disconnects while it does not read', async () => {
    const server = await startSmallServer({ typeDefs, resolvers })
    const before = left
    const connection = await sse(server.port, `subscription { events(count: ${COUNT}) }`)
    connection.socket.pause()
    await stalled()
    connection.socket.destroy()
    await expect.poll(() => left).toBe(before + 1)
    await server.stop()
  })

  it('can wait for events longer than the time limit for requests', async () => {
    const server = await startSmallServer({ typeDefs, resolvers, server: { bodyWithinMs: 50 } })
    for (const method of ['GET', 'POST'] as const) {
      const connection = await sse(server.port, 'subscription { later }', method)
      expect(await connection.saw(/event: complete/), method).toContain('"later":"late"')
      connection.socket.destroy()
    }
    await server.stop()
  })
})

describe('Live events', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.stop())

  const query =
    'subscription ($id: ID!, $after: Cursor) { workspaceEvents(workspaceId: $id, after: $after) { type cursor workspace { id } } }'
  const append = async (workspaceId: string, count: number) => {
    const id = parseGlobalId(workspaceId)?.id ?? ''
    await app.database.transaction((tx) =>
      // No wake-up is sent. The log is polled every second.
      appendEvents(
        tx,
        createLocalWakeBus(),
        id,
        Array.from({ length: count }, () => ({ type: 'CONNECTION_ACTIVATED' }) as const),
      ),
    )
  }

  /** Appends an event and returns its cursor, so that subscriptions can start at any time. */
  const begin = async (workspaceId: string): Promise<string> => {
    await append(workspaceId, 1)
    const { data } = await app.request(
      'query ($id: ID!) { workspace(id: $id) { events(first: 1) { edges { cursor } } } }',
      {
        id: workspaceId,
      },
    )
    return data.workspace.events.edges[0].cursor
  }

  it('do not pile up for a stalled client, which later receives all 5,000 once', async () => {
    const workspace = await app.createWorkspace()
    const variables = { id: workspace.id, after: await begin(workspace.id) }
    const { socket, send, next } = await openSocket(app.url)
    send({ type: 'connection_init', payload: { authorization: `Bearer ${workspace.key}` } })
    await next()
    send({ type: 'subscribe', id: '1', payload: { query, variables } })
    tcpOf(socket).pause()
    await append(workspace.id, 5_000)
    // Another subscriber is not delayed.
    const client = createGraphQLClient({ url: `${app.url}/graphql`, key: workspace.key })
    const seen: string[] = []
    const events = client.subscribe<{ workspaceEvents: { cursor: string } }, unknown>(query, variables)
    for await (const { workspaceEvents } of events) if (seen.push(workspaceEvents.cursor) === 5_000) break
    expect(new Set(seen).size).toBe(5_000)
    tcpOf(socket).resume()
    const own: unknown[] = []
    while (own.length < 5_000) own.push((await next()).payload?.data.workspaceEvents.cursor)
    expect(own).toEqual(seen)
    socket.close()
    await client.close()
  })

  it('are those of the caller’s workspace, also with concurrent subscribers of others', async () => {
    const workspaces = [await app.createWorkspace('One'), await app.createWorkspace('Two')]
    const received = workspaces.map(async ({ id, key }) => {
      const client = createGraphQLClient({ url: `${app.url}/graphql`, key })
      const ids: string[] = []
      const events = client.subscribe<{ workspaceEvents: { workspace: { id: string } } }, unknown>(query, {
        id,
        after: await begin(id),
      })
      for await (const { workspaceEvents } of events) if (ids.push(workspaceEvents.workspace.id) === 1_000) break
      await client.close()
      return new Set(ids)
    })
    // In turns, each with more events than a subscription reads at once.
    for (let turn = 0; turn < 4; turn += 1) for (const { id } of workspaces) await append(id, 250)
    expect(await Promise.all(received)).toEqual(workspaces.map(({ id }) => new Set([id])))
    // Another workspace looks like a missing one.
    const stranger = createGraphQLClient({ url: `${app.url}/graphql`, key: workspaces[0]?.key ?? null })
    const asked = stranger.subscribe(query, { id: workspaces[1]?.id })
    await expect(asked.next()).rejects.toMatchObject({ codes: ['NOT_FOUND'] })
    await stranger.close()
  })

  it('support variables, fragments and aliases', async () => {
    const workspace = await app.createWorkspace()
    const client = createGraphQLClient({ url: `${app.url}/graphql`, key: workspace.key })
    const document = `subscription Watch($id: ID!, $after: Cursor, $more: Boolean!) {
        event: workspaceEvents(workspaceId: $id, after: $after) { ...E at: occurredAt @include(if: $more) } }
      fragment E on Event { __typename type }`
    const events = client.subscribe<{ event: Record<string, unknown> }, unknown>(document, {
      id: workspace.id,
      after: await begin(workspace.id),
      more: true,
    })
    await append(workspace.id, 1)
    expect((await events.next()).value?.event).toEqual({
      __typename: 'ConnectionActivated',
      type: 'CONNECTION_ACTIVATED',
      at: expect.any(String),
    })
    await events.return()
    await client.close()
  })

  it('end within 5 s of a revocation: the subscription gets an error, and the socket is closed with 4403', async () => {
    const workspace = await app.createWorkspace()
    const { apiKey, key } = await app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeyPayload { key apiKey { id } } } }`,
      { workspaceId: workspace.id, name: 'short', role: 'READER' },
    )
    const { send, next, closed } = await openSocket(app.url)
    send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } })
    await next()
    send({ type: 'subscribe', id: '1', payload: { query, variables: { id: workspace.id } } })
    send({ type: 'subscribe', id: '2', payload: { query: '{ viewer { kind } }' } })
    expect((await next()).payload?.data).toEqual({ viewer: { kind: 'API_KEY' } })
    await next()
    const streamed = fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { id: workspace.id } }),
    })
    const stream = await streamed
    await app.mutate(`mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename } }`, {
      apiKeyId: apiKey.id,
    })
    const last = await next()
    expect(last.payload?.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await closed).toEqual({ code: 4403, reason: 'Forbidden' })
    expect(await stream.text()).toContain('UNAUTHENTICATED')
  })
})
