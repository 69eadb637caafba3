import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ExecutionArgs, ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql'
import { CloseCode, handleProtocols, makeServer, type Server as ProtocolServer } from 'graphql-ws'
import { isAsyncIterable } from 'graphql-yoga'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Caller } from '../../access/caller.ts'
import type { LiveCallers } from '../../access/live-callers.ts'
import { unavailableOr } from '../../db/unavailable.ts'
import { type GraphQLContext, type SubscriptionStart, unknownCallerError } from '../../graphql/kernel/context.ts'
import { expirySignal } from '../../graphql/kernel/event-subscription.ts'
import { AmbiguousError, RateLimitedError, UnavailableError } from '../../kit/errors.ts'
import { createLimiter } from '../../kit/limiter.ts'
import type { Logger } from '../../kit/log.ts'
import { type ConsoleCookie, headersOf } from '../console/cookie.ts'
import { type CallerGate, namedWorkspace, WORKSPACE_HEADER } from '../server/caller-gate.ts'
import { callerKey } from '../server/caller-key.ts'
import type { ClientAddress } from '../server/client-address.ts'
import type { PointLimits } from '../server/point-limits.ts'
import { traceIdOf } from '../server/trace.ts'
import type { CreateContext, GraphQLServer } from './graphql-server.ts'
import type { Admission } from './limits/admission.ts'
import { documentPoints } from './limits/rate-limit.ts'
import { meterSocket } from './limits/socket-meter.ts'
import {
  type Audience,
  isPersistedQuery,
  persistedQueryNotSupported,
  presentError,
  presentErrors,
} from './present-error.ts'
import { isResultBatch, type SharedResult } from './shared-events.ts'

const MAX_MESSAGE_BYTES = 256 * 1024
/** Operations that may run at once over one socket. */
const MAX_OPERATIONS = 50
/** Open sockets of one caller, except operators. */
const MAX_SOCKETS = 500
/** Time for subscriptions to send their last error before their socket is closed, in milliseconds. */
const LAST_ERROR_MS = 250
/** Reasons of a close. At most 123 bytes (RFC 6455 section 5.5). */
const TOO_MANY_SOCKETS = 'This caller has too many open sockets'
const WORKSPACE_NEEDED = 'Name the workspace in connectionParams.workspace, by id or slug'

export interface WebSocketOptions {
  yoga: GraphQLServer
  createContext: CreateContext
  gate: CallerGate
  /** The session of a browser that is signed in to the console. Default: there is no console. */
  cookie?: ConsoleCookie | undefined
  clientAddress: ClientAddress
  liveCallers: LiveCallers
  points: PointLimits
  admission: Admission
  logger: Logger
  development: boolean
  limits?: SocketLimits & {
    /** Time to receive `connection_init`, then close code 4408. In milliseconds. Default 3,000. */
    initWithinMs?: number
    /** Open sockets of one caller, except operators. Default 500. */
    perCaller?: number | undefined
  }
}

export interface GraphQLWebSocket {
  /** Closes all sockets with 1012 (Service Restart), after which clients reconnect. */
  close(): Promise<void>
}

interface Connection {
  request: IncomingMessage
  address: string | null
  socket: GraphQLSocket
  /** The subscriptions that have not ended. */
  open: Set<AsyncIterator<ExecutionResult>>
  closed: boolean
  /** Stops watching the caller. */
  release: () => void
}

/**
 * Serves graphql-transport-ws on `/graphql` of an HTTP server. Pages of every origin may connect, because the caller is
 * identified by the `connection_init` message. The cookie that a browser adds by itself counts only for pages of the console.
 */
export function serveGraphQLWebSocket(http: Server, options: WebSocketOptions): GraphQLWebSocket {
  const {
    yoga,
    createContext,
    gate,
    cookie,
    clientAddress,
    liveCallers,
    points,
    admission,
    logger,
    development,
    limits = {},
  } = options
  const audience: Audience = { schemaNames: development }
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    // `sendFrames` relies on it.
    perMessageDeflate: false,
    autoPong: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  })
  const { perCaller = MAX_SOCKETS } = limits
  const opened = createLimiter(perCaller)
  const server = makeServer<{ authorization?: unknown }, Connection>({
    connectionInitWaitTimeout: limits.initWithinMs ?? 3_000,
    // Called with the result of onSubscribe.
    execute: (args: unknown) => (args as PreparedArgs).run.execute(args as ExecutionArgs),
    subscribe: (args: unknown) => (args as PreparedArgs).run.subscribe(args as ExecutionArgs),
    async onConnect({ connectionParams, extra }) {
      const identity = Promise.resolve(gate.identify(...credentialOf(connectionParams, extra, cookie)))
      const { caller, callerError } = await identity.catch((error: unknown) => {
        const callerError = unavailableOr(error, logger)
        if (callerError instanceof UnavailableError) return { caller: null, callerError }
        throw error
      })
      // Clients reconnect after this close code. After 4403 and 4500, some give up.
      if (callerError instanceof UnavailableError) extra.socket.end(1013, 'Try again later')
      if (callerError instanceof AmbiguousError) extra.socket.end(CloseCode.Forbidden, WORKSPACE_NEEDED)
      // The client may have left in the meantime.
      if (caller === null || extra.closed) return false
      const owner = callerKey(caller)
      if (caller.kind !== 'OPERATOR' && opened.count(owner) >= perCaller) {
        // Clients try again later after this close code.
        extra.socket.end(1013, TOO_MANY_SOCKETS)
        return false
      }
      const left = Promise.withResolvers<void>()
      if (caller.kind !== 'OPERATOR') void opened.run(owner, () => left.promise)
      const release = endWithCaller(liveCallers, caller, extra)
      extra.release = () => {
        left.resolve()
        release()
      }
      extra.socket.identified(caller)
      return true
    },
    async onSubscribe({ connectionParams, subscriptions, extra }, id, payload) {
      const receivedAtMs = performance.now()
      const traceId = traceIdOf(null)
      const refuse = (error: unknown) => withoutHttp([presentError(error, traceId, logger, audience)])
      try {
        if (Object.keys(subscriptions).length > MAX_OPERATIONS) return refuse(tooManyOperations())
        if (isPersistedQuery(payload)) return refuse(persistedQueryNotSupported(traceId))
        const credential = credentialOf(connectionParams, extra, cookie)
        const identity = await gate.identify(...credential)
        const contextValue = createContext(identity, traceId, {
          workspace: credential[2] ?? null,
          address: extra.address,
        })
        if (contextValue.caller === null) return refuse(unknownCallerError(contextValue))
        const cost = documentPoints(payload.query)
        const tooMany = points.take(contextValue.caller, cost)
        if (tooMany !== null) return refuse(tooMany)
        contextValue.takesBatches = true
        contextValue.start = startOf(payload.extensions, receivedAtMs)
        const enveloped = yoga.getEnveloped({ params: payload, connectionParams, id, address: extra.address })
        const { schema, execute, subscribe, parse, validate } = enveloped
        const { document, errors } = await admission.run(contextValue.caller, cost, () => {
          const parsed = parse(payload.query)
          return { document: parsed, errors: validate(schema, parsed) as readonly GraphQLError[] }
        })
        if (errors.length > 0) return withoutHttp(presentErrors(errors, traceId, logger, audience))
        return {
          schema,
          document,
          contextValue,
          operationName: payload.operationName ?? undefined,
          variableValues: payload.variables ?? undefined,
          run: { execute, subscribe },
        } as never
      } catch (error) {
        return refuse(error)
      }
    },
    onOperation: ({ extra }, id, _payload, { contextValue }, result) =>
      isAsyncIterable<ExecutionResult>(result)
        ? sendBatches(result, { id, connection: extra, first: firstResult(contextValue as GraphQLContext) })
        : undefined,
    onNext: (_context, _id, _payload, _args, result) => forSocket(result),
    onError: (_context, _id, _payload, errors) =>
      withoutHttp(presentErrors(errors as GraphQLError[], traceIdOf(null), logger, audience)),
    onPing: ({ extra }) => extra.socket.ping(),
    onPong: ({ extra }) => extra.socket.ping(),
    async onClose({ extra }) {
      extra.closed = true
      extra.release()
      // graphql-ws ends those that it knows. It forgets one whose id was used again while it opened.
      await Promise.all([...extra.open].map((each) => each.return?.()))
    },
  })
  const connections = new Set<Connection>()
  sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const address = clientAddress(request)
    const nothing = () => undefined
    const unopened = { end: nothing, sendFrames: async () => undefined, identified: nothing, ping: nothing }
    const extra: Connection = {
      request,
      address,
      socket: unopened,
      open: new Set(),
      closed: false,
      release: () => undefined,
    }
    extra.socket = runGraphQLSocket(socket, { connection: request.socket, server, extra, points, logger, limits })
    connections.add(extra)
    socket.once('close', () => connections.delete(extra))
  })
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Without a listener, a client that disconnects now would crash the process.
    socket.on('error', (error) => logger.debug({ err: error }, 'an upgrade failed'))
    if (!/^\/graphql(?:\?|$)/.test(request.url ?? '')) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request))
  })
  return {
    async close() {
      for (const { socket } of connections) socket.end(1012, 'Service Restart')
      await new Promise((resolve) => sockets.close(resolve))
    },
  }
}

interface PreparedArgs {
  run: {
    execute: (args: ExecutionArgs) => never
    subscribe: (args: ExecutionArgs) => never
  }
}

/** Closes the socket when the caller's key is revoked or expires, or its workspace is deleted. */
function endWithCaller(liveCallers: LiveCallers, caller: Caller, connection: Connection): () => void {
  const watch = liveCallers.watch(caller)
  const expiry = expirySignal(caller.expiresAt)
  const signal = expiry === null ? watch.signal : AbortSignal.any([watch.signal, expiry.signal])
  const end = () => setTimeout(() => connection.socket.end(CloseCode.Forbidden, 'Forbidden'), LAST_ERROR_MS)
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  return () => {
    signal.removeEventListener('abort', end)
    watch.release()
    expiry?.clear()
  }
}

/** Bytes that are sent with one system call. */
const CHUNK_BYTES = 64 * 1024

/** The most that a subscription may have begun before its message arrived, in milliseconds: a year. */
const MAX_STARTED_MS_AGO = 365 * 24 * 60 * 60 * 1000

/** When a subscription began, from the extension that `subscribeFrom` sends: `{ latchkey: { startedMsAgo: 250 } }`. */
function startOf(extensions: unknown, receivedAtMs: number): SubscriptionStart | undefined {
  const own = (extensions as { latchkey?: { startedMsAgo?: unknown } | null } | null | undefined)?.latchkey
  const startedMsAgo = own?.startedMsAgo
  if (typeof startedMsAgo !== 'number' || !(startedMsAgo >= 0)) return undefined
  return { atMs: receivedAtMs - Math.min(startedMsAgo, MAX_STARTED_MS_AGO), cursor: null }
}

/** Tells a client that says when it began at which cursor it starts, so that it can resume there before its first event. */
function firstResult({ start }: GraphQLContext): ExecutionResult | null {
  if (start === undefined || start.cursor === null) return null
  return { data: null, extensions: { latchkey: { after: start.cursor } } }
}

interface Sending {
  /** Of the operation. */
  id: string
  connection: Pick<Connection, 'socket' | 'open'>
  /** Sent before the results of the source. Null: nothing. */
  first: ExecutionResult | null
}

/** Passes single results through. Sends the results of batches directly, as the messages that graphql-ws would send. */
function sendBatches(
  results: AsyncIterable<ExecutionResult>,
  { id, connection: { socket, open }, first }: Sending,
): AsyncIterableIterator<ExecutionResult, undefined> {
  const iterator = results[Symbol.asyncIterator]()
  let ended = false
  let unsent = first
  const sendAll = async (batch: readonly SharedResult[]) => {
    let chunk: Buffer[] = []
    let bytes = 0
    for (const shared of batch) {
      if (ended) return
      const frame = frameOf(shared, id)
      chunk.push(frame)
      bytes += frame.byteLength
      if (bytes < CHUNK_BYTES) continue
      await socket.sendFrames(chunk, bytes)
      chunk = []
      bytes = 0
    }
    if (!ended) await socket.sendFrames(chunk, bytes)
  }
  const leave = async () => {
    ended = true
    open.delete(own)
    await iterator.return?.()
    return { done: true as const, value: undefined }
  }
  const own: AsyncIterableIterator<ExecutionResult, undefined> = {
    async next() {
      if (unsent !== null) {
        const value = unsent
        unsent = null
        return { done: false, value }
      }
      for (;;) {
        const next = await iterator.next()
        if (next.done === true) {
          open.delete(own)
          return { done: true, value: undefined }
        }
        if (!isResultBatch(next.value)) return next
        try {
          await sendAll(next.value.batch)
        } catch (error) {
          await leave()
          throw error
        }
      }
    },
    return: leave,
    throw: leave,
    [Symbol.asyncIterator]() {
      return this
    },
  }
  open.add(own)
  return own
}

/** Cached for the next subscriber with the same operation id. Many clients number their operations from 1. */
function frameOf({ result, sent }: SharedResult, id: string): Buffer {
  if (sent.frame !== undefined && sent.id === id) return sent.frame
  sent.text ??= JSON.stringify(forSocket(result))
  sent.id = id
  sent.frame = textFrame(`{"id":${JSON.stringify(id)},"type":"next","payload":${sent.text}}`)
  return sent.frame
}

/** The opcode of a text message that is complete in one frame. */
const FINAL_TEXT = 0x81

/** A WebSocket message of a server: one frame, without a mask and without compression (RFC 6455, section 5.2). */
function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const head = bytes < 126 ? 2 : bytes < 0x1_0000 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + bytes)
  frame[0] = FINAL_TEXT
  if (head === 2) frame[1] = bytes
  else if (head === 4) {
    frame[1] = 126
    frame.writeUInt16BE(bytes, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(bytes), 2)
  }
  frame.write(text, head)
  return frame
}

/**
 * Adds an empty document to a `subscribe` message that has only the hash of one. graphql-ws would close the socket; with a
 * document it calls `onSubscribe`, which refuses the operation.
 */
function withQuery(text: string): string {
  if (!text.includes('"persistedQuery"')) return text
  try {
    const message: unknown = JSON.parse(text)
    if (typeof message !== 'object' || message === null || !('payload' in message)) return text
    const { payload } = message
    return isPersistedQuery(payload)
      ? JSON.stringify({ ...message, payload: { ...(payload as object), query: '' } })
      : text
  } catch {
    return text
  }
}

function tooManyOperations(): RateLimitedError {
  return new RateLimitedError(
    `At most ${MAX_OPERATIONS} operations can run over one socket. End some of them, or open another socket.`,
    {
      retryAfterSeconds: 1,
    },
  )
}

/** Removes the extension `http`, which is only for answers over HTTP. */
function withoutHttp(errors: readonly GraphQLError[]): GraphQLError[] {
  for (const error of errors) delete error.extensions['http']
  return [...errors]
}

function forSocket({ data, errors, extensions }: ExecutionResult): Record<string, unknown> {
  const { http: _http, ...more } = extensions ?? {}
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined
      ? {}
      : { errors: withoutHttp(errors).map((error): GraphQLFormattedError => error.toJSON()) }),
    ...(Object.keys(more).length === 0 ? {} : { extensions: more }),
  }
}

/**
 * The arguments of `identify`: `authorization` of the connectionParams, or the cookie of the console if a page of ours opened the
 * socket; and `workspace`, also under the name of the header.
 */
function credentialOf(
  connectionParams: unknown,
  { address, request }: Pick<Connection, 'address' | 'request'>,
  cookie: ConsoleCookie | undefined,
): Parameters<CallerGate['identify']> {
  const workspace = parameter(connectionParams, 'workspace') ?? parameter(connectionParams, WORKSPACE_HEADER)
  const authorization = parameter(connectionParams, 'authorization')
  const credential = authorization ?? cookie?.ofHandshake(headersOf(request.headers))
  return [credential, address, namedWorkspace(workspace)]
}

function parameter(connectionParams: unknown, wanted: string): string | null {
  if (typeof connectionParams !== 'object' || connectionParams === null) return null
  for (const [name, value] of Object.entries(connectionParams)) {
    if (name.toLowerCase() === wanted && typeof value === 'string') return value
  }
  return null
}

interface SocketLimits {
  /** Bytes that may wait for the client, apart from the message that is being sent. Default 1 MiB. */
  maxBufferedBytes?: number
  /** How long sending may stall, in milliseconds. Default 30,000. */
  sendWithinMs?: number
  /** Time between pings, in milliseconds. A client that does not answer by the next ping is disconnected. Default 12,000. */
  pingEveryMs?: number
}

/** Our own close code. The graphql-ws client reconnects after it, and `subscribeFrom` continues at its last event. */
const SLOW_CONSUMER = 4413
/** Time for the closing handshake, in milliseconds. */
const LINGER_MS = 2_000

interface SocketContext<Extra> {
  /** The TCP connection of the socket. */
  connection: Duplex
  server: ProtocolServer<Extra>
  extra: Extra
  points: PointLimits
  logger: Logger
  limits: SocketLimits
}

interface GraphQLSocket {
  /** Closes the socket and ends its operations. */
  end(code: number, reason: string): void
  /**
   * Sends the frames of whole messages with one system call. Resolves when they have left this process, or the socket is closed.
   * @param bytes their length together
   */
  sendFrames(frames: readonly Buffer[], bytes: number): Promise<void>
  /** Charges what the client sends to this caller. Until then it may send little more than `connection_init`. */
  identified(caller: Caller): void
  /** Closes the socket if the `ping` or `pong` that is being handled is too large. */
  ping(): void
}

/**
 * Runs graphql-ws over one socket. A subscription fetches its next event when the previous one has left this process, so that
 * at most one message per subscription waits for the client. A client that does not read is disconnected.
 */
function runGraphQLSocket<Extra>(
  socket: WebSocket,
  { connection, server, extra, points, logger, limits }: SocketContext<Extra>,
): GraphQLSocket {
  const { maxBufferedBytes = 1024 * 1024, sendWithinMs = 30_000, pingEveryMs = 12_000 } = limits
  /** Sizes of the messages that are being sent, oldest first. */
  const sending: number[] = []
  let stalled: NodeJS.Timeout | undefined
  let ended = false
  let onClosed: (code: number, reason: string) => Promise<void> = async () => undefined

  const end = (code: number, reason: string) => {
    if (ended) return
    ended = true
    clearInterval(pings)
    clearTimeout(stalled)
    socket.close(code, reason)
    meter.stop()
    const timer = setTimeout(() => socket.terminate(), LINGER_MS)
    timer.unref()
    socket.once('close', () => clearTimeout(timer))
    onClosed(code, reason).catch((error: unknown) => logger.error({ err: error }, 'could not clean up after a socket'))
  }
  const meter = meterSocket({ socket, connection, points, end })
  const endSlow = () => end(SLOW_CONSUMER, 'Slow consumer')
  const isOverfull = () => socket.bufferedAmount - (sending[0] ?? 0) > maxBufferedBytes

  /** @param write begins to send, and calls back when everything has left this process */
  const send = (bytes: number, write: (sent: (error?: Error | null) => void) => void): Promise<void> => {
    if (bytes === 0 || ended || socket.readyState !== socket.OPEN) return Promise.resolve()
    if (isOverfull()) {
      endSlow()
      return Promise.resolve()
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    sending.push(bytes)
    stalled ??= setTimeout(endSlow, sendWithinMs)
    write((error) => {
      sending.shift()
      if (sending.length > 0) stalled?.refresh()
      else {
        clearTimeout(stalled)
        stalled = undefined
      }
      if (error == null || ended) resolve()
      else reject(error)
    })
    return promise
  }
  // The library compresses nothing and sends every message at once, so that these frames are never within one of its own.
  const sendFrames = (frames: readonly Buffer[], bytes: number) =>
    send(bytes, (sent) => connection.write(frames.length === 1 ? frames[0] : Buffer.concat(frames, bytes), sent))

  let answered = true
  const pings = setInterval(() => {
    // A ping would wait behind the messages that are being sent. `sendWithinMs` covers that case.
    // While the socket is paused, its answer is not read.
    if (sending.length > 0 || meter.isPaused) return
    if (!answered) socket.terminate()
    answered = false
    socket.ping()
  }, pingEveryMs)
  socket.on('pong', () => {
    answered = true
  })
  // The library would buffer pongs without limit for a client that sends pings but does not read.
  socket.on('ping', (data) => {
    if (isOverfull()) endSlow()
    else if (socket.readyState === socket.OPEN) socket.pong(data)
  })
  socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'))
  socket.once('close', (code, reason) => end(code, String(reason)))
  onClosed = server.opened(
    {
      protocol: socket.protocol,
      send: (data) => send(Buffer.byteLength(data), (sent) => socket.send(data, { binary: false }, sent)),
      close: (code, reason) => end(code ?? CloseCode.InternalServerError, reason ?? ''),
      onMessage(handle) {
        socket.on('message', (data) => {
          const text = String(data)
          if (ended || !meter.message(text.length)) return
          handle(withQuery(text)).catch((error: unknown) => {
            if (ended) return
            logger.error({ err: error }, 'could not handle a message')
            end(CloseCode.InternalServerError, 'Internal server error')
          })
        })
      },
    },
    extra,
  )
  return { end, sendFrames, identified: meter.identified, ping: meter.ping }
}
