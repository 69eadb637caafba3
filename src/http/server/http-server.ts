import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createServerAdapter } from '@whatwg-node/server'
import ipaddr from 'ipaddr.js'
import type { QuickAnswers } from '../graphql/graphql-post.ts'
import { addressKey } from './caller-gate.ts'
import { parseTrustedProxies } from './client-address.ts'
import type { RequestConnection, Router } from './router.ts'

export interface HttpServerOptions {
  /**
   * Gets each request first and returns true if it handles the request. For bodies without a limit of size or time, which
   * cannot go through the body of a `Request`.
   */
  takes?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Gets the requests that `takes` leaves. All others go to the router. */
  quick?: QuickAnswers
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
    headersWithinMs = 10_000,
    bodyWithinMs = 30_000,
    idleMs = 120_000,
    checkEveryMs = 2_000,
    socketsPerAddress = 5_000,
    trustedProxies = [],
    onTooManySockets,
  } = options
  const adapter = createServerAdapter<RequestConnection>((request, connection) => router(request, connection))
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (response.socket === null) closeWithConnection(request, response)
    if (takes?.(request, response) === true) return
    // The adapter answers an invalid URL with a stack trace.
    if (!URL.canParse(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`)) {
      refuse(response, 400, 'The URL is not valid.')
      return
    }
    const timer = setTimeout(() => {
      if (!request.complete) refuse(response, 408, 'The body was not received in time.')
    }, bodyWithinMs)
    response.once('close', () => clearTimeout(timer))
    if (quick?.wants(request) !== true) {
      void adapter.requestListener(request, response)
      return
    }
    readBody(request, (body) => {
      if (quick.answer(request, body, response)) return
      // The adapter reads the body that was already received.
      Object.assign(request, { body: Readable.from([body]) })
      void adapter.requestListener(request, response)
    })
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

/** Does not call `done` when the client disconnects before the body is complete. */
function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.once('end', () => done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)))
}

function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(`${text}\n`, () => response.req.destroy())
}
