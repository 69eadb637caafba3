import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createServerAdapter } from '@whatwg-node/server'
import ipaddr from 'ipaddr.js'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { WEBHOOK_PATH } from '../../webhooks/in/hooks.ts'
import { type QuickAnswers, type RequestCaller, UNPARSED_BYTES } from '../graphql/graphql-post.ts'
import { MAX_BODY_BYTES } from '../graphql/graphql-server.ts'
import { MAX_WEBHOOK_BYTES } from '../webhooks.ts'
import { addressKey, type Identity } from './caller-gate.ts'
import { createClientAddress, parseTrustedProxies } from './client-address.ts'
import { createSharedByteBudget, discardBody, hasBody, limitSlivers, receiveBody } from './request-body.ts'
import { type RequestConnection, type Router, readsBody } from './router.ts'

/** The largest body that a page accepts, in bytes. Most have a smaller limit of their own. */
const MAX_FORM_BYTES = 2 * 1024 * 1024
/** What bodies of unknown callers hold together in a process while they are received, in bytes. */
const UNKNOWN_BODIES_BYTES = 64 * 1024 * 1024
/** What those of one address hold of it, so that one client does not keep out the others. */
const UNKNOWN_BODIES_BYTES_PER_ADDRESS = 8 * 1024 * 1024
/** A body of many chunks that have fewer bytes on average is refused. */
const MIN_CHUNK_BYTES = 64
/** Hosts of valid requests that are remembered. */
const MAX_HOSTS = 100
const TOO_SMALL_CHUNKS = 'The body has too many small chunks. Send larger ones.'

export interface HttpServerOptions {
  /**
   * Gets each request first and returns true if it handles the request. For bodies without a limit of size or time, which
   * cannot go through the body of a `Request`.
   */
  takes?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Gets the requests to /graphql that `takes` leaves and that have a body. All others go to the router. */
  quick?: QuickAnswers
  /** What bodies of unknown callers hold together while they are received, in bytes. Default 64 MiB. */
  unknownBodiesBytes?: number
  /** What those of one address (IPv6: one /64 network) hold of it, in bytes. Default 8 MiB. */
  unknownBodiesBytesPerAddress?: number
  /** Time to receive all headers, in milliseconds. Default 10,000. */
  headersWithinMs?: number
  /** Time to receive the body of a request to the router, in milliseconds. Default 30,000. */
  bodyWithinMs?: number
  /** Closes a connection without traffic after this time, in milliseconds. Streams ping more often. Default 120,000. */
  idleMs?: number
  /** How often Node checks `headersWithinMs`, in milliseconds. Default 2,000. */
  checkEveryMs?: number
  /** Open connections of one address (IPv6: one /64 network). Default 5,000. */
  socketsPerAddress?: number | undefined
  /** Addresses and networks of the proxies in front of this process, which may open any number. Default: none. */
  trustedProxies?: readonly string[]
  /** Called when a connection was closed because its address has too many. */
  onTooManySockets?: (address: string) => void
}

/**
 * Serves a router over HTTP/1.1. Connections of clients that send or read too slowly are closed. Node's defaults allow one
 * minute for the headers, five minutes for the request, and unlimited time to read.
 */
export function createHttpServer(router: Router, options: HttpServerOptions = {}): Server {
  const {
    takes,
    quick,
    unknownBodiesBytes = UNKNOWN_BODIES_BYTES,
    unknownBodiesBytesPerAddress = UNKNOWN_BODIES_BYTES_PER_ADDRESS,
    headersWithinMs = 10_000,
    bodyWithinMs = 30_000,
    idleMs = 120_000,
    checkEveryMs = 2_000,
    socketsPerAddress = 5_000,
    trustedProxies = [],
    onTooManySockets,
  } = options
  const adapter = createServerAdapter<RequestConnection>((request, connection) => router(request, connection))
  const unknownBodies = createSharedByteBudget(unknownBodiesBytes, unknownBodiesBytesPerAddress)
  const clientAddress = createClientAddress(trustedProxies)
  const budgetOf = (request: IncomingMessage) => {
    const address = clientAddress(request)
    return unknownBodies.of(address === null ? null : addressKey(address))
  }

  /** Hosts of requests to /graphql whose URL is valid. Most clients name the same one each time. */
  const hosts = new BoundedMap<string, true>({ max: MAX_HOSTS })
  /** The path of the URL; null: the URL is not valid. */
  const pathOf = ({ url = '/', headers: { host = 'localhost' } }: IncomingMessage): string | null => {
    if (url === '/graphql' && hosts.has(host)) return url
    const parsed = URL.parse(`http://${host}${url}`)
    if (parsed?.pathname === url && url === '/graphql') hosts.set(host, true)
    return parsed?.pathname ?? null
  }

  /** Hands the request to the router with the body that was received of it. */
  const pass = (
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    identity?: Identity | Promise<Identity>,
  ) => {
    Object.assign(request, { body: Readable.from([body]) })
    void adapter.handle(request, response, { identity })
  }

  /** Receives the body of a request whose caller is unknown, or does not matter. */
  const servePage = (request: IncomingMessage, response: ServerResponse, pathname: string) => {
    const maxBytes = pathname.startsWith(WEBHOOK_PATH) ? MAX_WEBHOOK_BYTES : MAX_FORM_BYTES
    receiveBody(request, { maxBytes, budget: budgetOf(request) }, (received) => {
      if (received.state === 'busy') refuseBusy(response)
      // The route refuses a body that is too large with an answer of its own.
      else pass(request, response, received.body)
    })
  }

  /** Receives the body of an operation. What its caller may send depends on who it is. */
  const serveOperation = (request: IncomingMessage, response: ServerResponse, operations: QuickAnswers) => {
    const from = operations.identify(request)
    if (from instanceof Promise) void from.then((known) => receiveOperation(request, response, operations, known))
    else receiveOperation(request, response, operations, from)
  }

  const receiveOperation = (
    request: IncomingMessage,
    response: ServerResponse,
    operations: QuickAnswers,
    from: RequestCaller,
  ) => {
    const isKnown = from.caller !== null
    const limits = isKnown
      ? { maxBytes: MAX_BODY_BYTES, budget: null }
      : { maxBytes: UNPARSED_BYTES, budget: budgetOf(request) }
    receiveBody(request, limits, (received) => {
      if (received.state === 'busy') refuseBusy(response)
      else if (received.state === 'too-large' && !isKnown) operations.refuse(request, response, from)
      else if (!operations.answer(request, received.body, response, from)) {
        pass(request, response, received.body, from.identity)
      }
    })
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (response.socket === null) closeWithConnection(request, response)
    if (takes?.(request, response) === true) return
    const pathname = pathOf(request)
    // The adapter answers an invalid URL with a stack trace.
    if (pathname === null) {
      refuse(response, 400, 'The URL is not valid.')
      return
    }
    if (!hasBody(request)) {
      void adapter.requestListener(request, response)
      return
    }
    limitSlivers(request, MIN_CHUNK_BYTES, () => refuse(response, 400, TOO_SMALL_CHUNKS))
    const timer = setTimeout(() => {
      if (!request.complete) refuse(response, 408, 'The body was not received in time.')
    }, bodyWithinMs)
    response.on('close', () => {
      clearTimeout(timer)
      if (!request.complete) discardBody(request)
    })
    if (quick !== undefined && pathname === '/graphql') serveOperation(request, response, quick)
    else if (readsBody(pathname)) servePage(request, response, pathname)
    else {
      // Node discards a body without a limit if nobody has begun to read it.
      request.read(0)
      pass(request, response, Buffer.alloc(0))
    }
  }
  const server = createServer(
    {
      headersTimeout: headersWithinMs,
      // The listener, or whoever takes the request, limits the time for the body.
      requestTimeout: 0,
      connectionsCheckingInterval: checkEveryMs,
      keepAliveTimeout: 65_000,
    },
    listener,
  )
  server.timeout = idleMs
  limitSockets(server, { perAddress: socketsPerAddress, trustedProxies, onTooManySockets })
  return server
}

interface SocketLimit {
  perAddress: number
  trustedProxies: readonly string[]
  onTooManySockets: ((address: string) => void) | undefined
}

/** Closes a new connection of an address that has too many, WebSockets included, so that one client cannot use up all of them. */
function limitSockets(server: Server, { perAddress, trustedProxies, onTooManySockets }: SocketLimit): void {
  const networks = parseTrustedProxies(trustedProxies)
  const isProxy = (remoteAddress: string) => {
    if (!ipaddr.isValid(remoteAddress)) return false
    const address = ipaddr.process(remoteAddress)
    return networks.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))
  }
  const open = new Map<string, number>()
  server.on('connection', (socket) => {
    const { remoteAddress } = socket
    // Undefined for a Unix socket, and for a client that has disconnected already.
    if (remoteAddress === undefined || isProxy(remoteAddress)) return
    const key = addressKey(remoteAddress)
    const count = open.get(key) ?? 0
    if (count >= perAddress) {
      socket.destroy()
      onTooManySockets?.(remoteAddress)
      return
    }
    open.set(key, count + 1)
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1
      if (left === 0) open.delete(key)
      else open.set(key, left)
    })
  })
}

/**
 * Emits `close` on a response that waits behind another one on its connection (pipelining) when the connection closes. Node emits
 * it on the first response only, and whoever serves the others would never stop.
 */
function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const onClose = () => {
    if (response.socket === null) response.emit('close')
  }
  // Any number of responses may wait.
  socket.setMaxListeners(0).once('close', onClose)
  response.once('close', () => socket.off('close', onClose))
}

function refuseBusy(response: ServerResponse): void {
  response.setHeader('retry-after', '5')
  refuse(response, 503, 'Too many bodies are being received. Try again in 5 seconds.')
}

/** Answers, and closes the connection, because the client may go on sending. */
function refuse(response: ServerResponse, status: number, text: string): void {
  const { req: request } = response
  if (response.headersSent) {
    // The response has no socket any more if it is complete.
    response.destroy()
    request.socket.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(`${text}\n`, () => request.destroy())
}
