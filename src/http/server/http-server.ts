import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createServerAdapter } from '@whatwg-node/server'
import type { QuickAnswers } from '../graphql/graphql-post.ts'
import type { RequestConnection, Router } from './router.ts'

export interface HttpServerOptions {
  /**
   * Asked first; true: it has taken the request. For bodies of any length, which may take any time, and which the body of a
   * `Request` would hold back.
   */
  takes?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Asked second; the rest is the router's. */
  quick?: QuickAnswers
  /** For all headers of a request. Default 10,000. */
  headersWithinMs?: number
  /** For the body of a request to the router. Default 30,000. */
  bodyWithinMs?: number
  /** Without a byte in either direction. Streams ping more often. Default 120,000. */
  idleMs?: number
  /** How often the headers' time is looked at. Default 2,000. */
  checkEveryMs?: number
}

/**
 * Serves a router over HTTP/1.1. Clients that send slowly, or read slowly, to hold connections are let go: Node's own
 * defaults give them a minute for the headers, five for the request, and all the time in the world to read.
 */
export function createHttpServer(router: Router, options: HttpServerOptions = {}): Server {
  const {
    takes,
    quick,
    headersWithinMs = 10_000,
    bodyWithinMs = 30_000,
    idleMs = 120_000,
    checkEveryMs = 2_000,
  } = options
  const adapter = createServerAdapter<RequestConnection>((request, connection) => router(request, connection))
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (takes?.(request, response) === true) return
    // The adapter answers a URL that is none with a stack.
    if (!URL.canParse(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`)) {
      refuse(response, 400, 'This is no URL.')
      return
    }
    const timer = setTimeout(() => {
      if (!request.complete) refuse(response, 408, 'The body took too long.')
    }, bodyWithinMs)
    response.once('close', () => clearTimeout(timer))
    if (quick?.wants(request) !== true) {
      void adapter.requestListener(request, response)
      return
    }
    readBody(request, (body) => {
      if (quick.answer(request, body, response)) return
      // What is read already the adapter takes from here.
      Object.assign(request, { body: Readable.from([body]) })
      void adapter.requestListener(request, response)
    })
  }
  const server = createServer(
    {
      headersTimeout: headersWithinMs,
      // Of bodies the listener takes care, or whoever takes them.
      requestTimeout: 0,
      connectionsCheckingInterval: checkEveryMs,
      keepAliveTimeout: 65_000,
    },
    listener,
  )
  server.timeout = idleMs
  return server
}

/** Never calls back when the client goes away before all has come. */
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
