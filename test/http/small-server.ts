import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSchema } from 'graphql-yoga'
import { WebSocket } from 'ws'
import type { CallerAuthenticator } from '../../src/access/authenticate.ts'
import type { Caller } from '../../src/access/caller.ts'
import type { GraphQLContext, Services } from '../../src/graphql/kernel/context.ts'
import { createGraphQLPost } from '../../src/http/graphql/graphql-post.ts'
import {
  contextFactory,
  createGraphQLServer,
  type GraphQLServerOptions,
} from '../../src/http/graphql/graphql-server.ts'
import { serveGraphQLWebSocket, type WebSocketOptions } from '../../src/http/graphql/graphql-ws.ts'
import { createKnownDocuments } from '../../src/http/graphql/known-documents.ts'
import { createAdmission } from '../../src/http/graphql/limits/admission.ts'
import type { ReadinessCheck } from '../../src/http/ops.ts'
import { createCallerGate } from '../../src/http/server/caller-gate.ts'
import { createClientAddress } from '../../src/http/server/client-address.ts'
import { createHttpServer, type HttpServerOptions } from '../../src/http/server/http-server.ts'
import { createPointLimits } from '../../src/http/server/point-limits.ts'
import { createRouter } from '../../src/http/server/router.ts'
import { UnauthenticatedError } from '../../src/kit/errors.ts'
import { createLogger } from '../../src/kit/log.ts'
import { createMetrics } from '../../src/kit/metrics.ts'

type Resolvers = Parameters<typeof createSchema<GraphQLContext>>[0]['resolvers']

export interface SmallServerOptions {
  typeDefs?: string
  resolvers?: Resolvers
  production?: boolean
  rateLimit?: number
  failuresPerMinute?: number
  trustedProxies?: readonly string[]
  limits?: GraphQLServerOptions['limits']
  sockets?: WebSocketOptions['limits']
  server?: HttpServerOptions
  stalledAfterMs?: number
  /** Adds the fast path for repeated operations. Default: false. */
  quick?: boolean
  readiness?: Record<string, ReadinessCheck>
}

export interface SmallServer {
  /** `http://127.0.0.1:<port>` */
  url: string
  port: number
  log: string[]
  /** Sends the body as JSON unless it is a string. The credential is `admin` unless the headers contain another. */
  post(
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; text: string; json: Answer }>
  query(query: string, variables?: Record<string, unknown>, key?: string): Promise<Answer>
  /** Opens a graphql-transport-ws socket; `init` null: without connection_init. */
  socket(init?: Record<string, unknown> | null): Promise<TestSocket>
  /** Revokes a key. */
  revoke(key: string): void
  /** The number of sockets and subscriptions that watch their caller. */
  watched(): number
  /** The number of callers that are being identified. */
  identifying(): number
  stop(): Promise<void>
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: the answer of an arbitrary document
  data?: any
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
}

export interface TestSocket {
  socket: WebSocket
  send(message: unknown): void
  /** The next message. */
  next(): Promise<Record<string, unknown> & { type: string; payload?: Answer }>
  closed: Promise<{ code: number; reason: string }>
}

/** Callers by key: two workspaces and an operator. `slow` takes time to identify. */
const CALLERS: Record<string, Partial<Caller>> = {
  admin: { role: 'ADMIN', workspaceId: 'w1' },
  slow: { role: 'ADMIN', workspaceId: 'w1' },
  other: { role: 'ADMIN', workspaceId: 'w2' },
  operator: { role: 'OPERATOR', workspaceId: null, kind: 'OPERATOR' },
}

/** The HTTP server of the program with a schema of the test's own and without a database. */
export async function startSmallServer(options: SmallServerOptions = {}): Promise<SmallServer> {
  const log: string[] = []
  const logger = createLogger({ level: 'debug', destination: { write: (line: string) => void log.push(line) } })
  const watches = new Map<string, Set<AbortController>>()
  const revoked = new Set<string>()
  const liveCallers: Services['liveCallers'] = {
    watch({ apiKeyId }) {
      const controller = new AbortController()
      const key = apiKeyId ?? ''
      const set = watches.get(key) ?? new Set()
      watches.set(key, set.add(controller))
      return { signal: controller.signal, release: () => void set.delete(controller) }
    },
    close: () => undefined,
  }
  let identifying = 0
  const authenticator: CallerAuthenticator = {
    async authenticate(authorization: string | null | undefined) {
      const key = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? ''
      if (key === 'slow') {
        identifying += 1
        await sleep(200)
        identifying -= 1
      }
      const expiry = /^until-(\d+)$/.exec(key)?.[1]
      const known = expiry === undefined ? CALLERS[key] : { ...CALLERS['admin'], expiresAt: new Date(Number(expiry)) }
      if (known === undefined || revoked.has(key)) throw new UnauthenticatedError('Unknown.')
      const defaults = { kind: 'API_KEY', endUserId: null, connectSessionId: null, expiresAt: null } as const
      return { ...defaults, role: 'READER', workspaceId: null, apiKeyId: key, ...known }
    },
    close: () => undefined,
  }
  // Only the services that the tests' resolvers use.
  const metrics = createMetrics()
  const createContext = contextFactory({ logger, liveCallers, metrics, database: {} } as unknown as Services)
  const gate = createCallerGate(authenticator, { failuresPerMinute: options.failuresPerMinute ?? 300 })
  const points = createPointLimits({ perCaller: options.rateLimit ?? 0 })
  const admission = createAdmission()
  const clientAddress = createClientAddress(options.trustedProxies ?? [])
  const development = options.production !== true
  const documents = createKnownDocuments(10)
  const schema = createSchema<GraphQLContext>({
    typeDefs: options.typeDefs ?? 'type Query { hello: String! } type Mutation { hello: String! }',
    resolvers: options.resolvers ?? { Query: { hello: () => 'world' }, Mutation: { hello: () => 'world' } },
  })
  const { yoga, executor } = createGraphQLServer({
    documents,
    schema,
    createContext,
    gate,
    logger,
    metrics,
    development,
    points,
    admission,
    limits: options.limits,
    scopeOf: () => null,
  })
  const router = createRouter({
    yoga,
    gate,
    clientAddress,
    logger,
    readiness: options.readiness ?? {},
    metrics: { metrics, token: undefined },
    stalledAfterMs: options.stalledAfterMs,
  })
  const quick =
    options.quick === true
      ? {
          quick: createGraphQLPost({
            schema,
            executor,
            documents,
            createContext,
            logger,
            gate,
            clientAddress,
            points,
            development,
          }),
        }
      : {}
  const server = createHttpServer(router, { ...options.server, ...quick })
  const sockets = serveGraphQLWebSocket(server, {
    yoga,
    createContext,
    gate,
    clientAddress,
    liveCallers,
    points,
    admission,
    logger,
    development,
    limits: options.sockets,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  const post: SmallServer['post'] = async (body, headers = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer admin', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: asJson(text) }
  }
  return {
    url,
    port,
    log,
    post,
    query: async (query, variables = {}, key = 'admin') =>
      (await post({ query, variables }, { authorization: `Bearer ${key}` })).json,
    async socket(init = { authorization: 'Bearer admin' }) {
      const opened = await openSocket(url)
      if (init !== null) {
        opened.send({ type: 'connection_init', payload: init })
        const { type } = await opened.next()
        if (type !== 'connection_ack') throw new Error(`No acknowledgement but ${type}.`)
      }
      return opened
    },
    revoke(key) {
      revoked.add(key)
      for (const controller of watches.get(key) ?? []) controller.abort(new UnauthenticatedError('Revoked.'))
    },
    identifying: () => identifying,
    watched: () => [...watches.values()].reduce((sum, set) => sum + set.size, 0),
    async stop() {
      await sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export async function openSocket(url: string): Promise<TestSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const messages: string[] = []
  const waiting: ((message: string) => void)[] = []
  socket.on('message', (data) => {
    const take = waiting.shift()
    if (take === undefined) messages.push(String(data))
    else take(String(data))
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    socket,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    closed,
    async next() {
      const ready = messages.shift()
      const text =
        ready ??
        (await Promise.race([
          new Promise<string>((resolve) => waiting.push(resolve)),
          closed.then(({ code, reason }) => Promise.reject(new Error(`Closed: ${code} ${reason}`))),
        ]))
      return JSON.parse(text)
    },
  }
}

function asJson(text: string): Answer {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
