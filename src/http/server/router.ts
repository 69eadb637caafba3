import type { IncomingMessage, ServerResponse } from 'node:http'
import { unavailableOr } from '../../db/unavailable.ts'
import { UnavailableError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { inTraceOf } from '../../kit/tracing.ts'
import { WEBHOOK_PATH } from '../../webhooks/in/hooks.ts'
import type { OAuthPages } from '../connect-page/oauth-callback.ts'
import type { ConnectRoutes } from '../connect-page/routes.ts'
import type { ConsoleRoutes } from '../console/routes.ts'
import { definitionSchemaResponse } from '../definition-schema.ts'
import type { DocsRoutes } from '../docs.ts'
import type { GraphQLServer } from '../graphql/graphql-server.ts'
import { logoResponse } from '../logos.ts'
import type { McpRoutes } from '../mcp.ts'
import { healthResponse, type MetricsAccess, metricsResponse, type ReadinessCheck, readinessResponse } from '../ops.ts'
import type { WebhookRoute } from '../webhooks.ts'
import type { CallerGate, Identity } from './caller-gate.ts'
import type { ClientAddress } from './client-address.ts'
import { traceIdOf, withTrace } from './trace.ts'

/** How long a client may leave a stream unread before its connection is closed. */
const STALLED_AFTER_MS = 30_000

interface Routes {
  yoga: GraphQLServer
  gate: CallerGate
  clientAddress: ClientAddress
  readiness: Readonly<Record<string, ReadinessCheck>>
  logger: Logger
  /** Default: no /metrics. */
  metrics?: MetricsAccess
  /** Default: no /oauth/callback. */
  oauth?: OAuthPages
  /** Default: no /connect. */
  connect?: ConnectRoutes
  /** Default: no /webhooks. */
  webhooks?: WebhookRoute
  /** Default: no /mcp. */
  mcp?: McpRoutes
  /** Default: no /console. */
  console?: ConsoleRoutes
  /** Default: no /docs. */
  docs?: DocsRoutes | undefined
  /** Serves health and metrics, and answers 404 to all other requests. Default: false. */
  healthOnly?: boolean
  /** In milliseconds. Default 30,000. */
  stalledAfterMs?: number
}

/** The connection of a request; empty when the request comes from within the process. */
export interface RequestConnection {
  req?: IncomingMessage
  res?: ServerResponse
  /** The caller, if it was identified before the body was read. */
  identity?: Identity | Promise<Identity> | undefined
}

/** Where a request may have a body that is read. */
const BODY_PATHS = ['/graphql', '/oauth/', '/connect/', '/console/', WEBHOOK_PATH, '/mcp']

/** Whether a route may read the body of a request. That of every other request is not received. */
export function readsBody(pathname: string): boolean {
  return BODY_PATHS.some((path) => pathname.startsWith(path))
}

export type Router = (request: Request, connection?: RequestConnection) => Promise<Response>

/** Headers of answers that are not pages. Pages set their own. */
export const DEFAULT_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}

const WORKER_PATHS =
  'Not found. This process is a worker (LATCHKEY_ROLE=worker) and serves only /healthz, /readyz and /metrics. Send this request to a gateway.'

/** Routes all HTTP requests. Every answer has a trace id, and no answer reveals an internal error. */
export function createRouter({
  yoga,
  gate,
  clientAddress,
  readiness,
  logger,
  metrics,
  oauth,
  connect,
  webhooks,
  mcp,
  console: consolePages,
  docs,
  healthOnly = false,
  stalledAfterMs = STALLED_AFTER_MS,
}: Routes): Router {
  const route = async (request: Request, { req, res, identity }: RequestConnection): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const address = req === undefined ? null : clientAddress(req)
    if (pathname === '/healthz') return healthResponse()
    if (pathname === '/readyz') {
      const detailed = () => isOperator(gate, request.headers.get('authorization'), address)
      return readinessResponse({ checks: readiness, detailed, logger })
    }
    if (pathname === '/metrics' && metrics !== undefined) return metricsResponse(request, address, metrics)
    if (healthOnly) return plain(404, WORKER_PATHS)
    if (pathname === '/graphql') {
      // Not `fetch`: it rejects when the client disconnects, and loses the stream of a subscription that opens just then.
      const response = await yoga.handleRequest(request, { address, identity })
      if (!isStream(response)) return response
      // A request whose body was not received in time was answered already.
      const signal = res?.writableEnded === true ? AbortSignal.abort() : request.signal
      return guardedStream(response, { signal, stalledAfterMs, onStalled: () => void req?.socket.destroy() })
    }
    const page =
      logoResponse(request) ??
      definitionSchemaResponse(request) ??
      (await oauth?.(request)) ??
      (await connect?.(request)) ??
      (await webhooks?.(request, address, req)) ??
      (await mcp?.(request, address)) ??
      (await consolePages?.(request, address)) ??
      (await docs?.(request))
    if (page != null) return page
    if (pathname === '/' && request.headers.get('accept')?.includes('text/html') === true) {
      return new Response(null, { status: 303, headers: { location: '/console' } })
    }
    const alsoDocs = docs === undefined ? '' : ', and the documentation at /docs'
    return plain(404, `Not found. The GraphQL endpoint is /graphql. The console is at /console${alsoDocs}.`)
  }
  return async (request, connection = {}) => {
    const traceId = traceIdOf(request.headers.get('x-request-id'))
    const response = await withTrace(traceId, async () => {
      try {
        return await inTraceOf(
          (name) => request.headers.get(name),
          () => route(request, connection),
        )
      } catch (error) {
        const expected = unavailableOr(error, logger, { traceId })
        if (expected instanceof UnavailableError) {
          const response = plain(expected.status, expected.message)
          response.headers.set('retry-after', String(expected.retryAfterSeconds))
          return response
        }
        logger.error({ traceId, err: error }, 'a request failed')
        return plain(500, `Something went wrong on our side. Ask the operator to look for ${traceId} in the log.`)
      }
    })
    response.headers.set('x-request-id', traceId)
    for (const [name, value] of Object.entries(DEFAULT_HEADERS)) {
      if (!response.headers.has(name)) response.headers.set(name, value)
    }
    return response
  }
}

async function isOperator(gate: CallerGate, authorization: string | null, address: string | null): Promise<boolean> {
  if (authorization === null) return false
  try {
    return (await gate.identify(authorization, address)).caller?.role === 'OPERATOR'
  } catch {
    // The database that is needed to identify the caller may be unavailable.
    return false
  }
}

function isStream(response: Response): boolean {
  return /^(?:text\/event-stream|multipart\/mixed)/.test(response.headers.get('content-type') ?? '')
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}

interface StreamGuard {
  /** Aborts when the client disconnects. */
  signal: AbortSignal
  /** How long the client may leave a chunk unread, in milliseconds. */
  stalledAfterMs: number
  /** Called after that time. Closes the connection, which aborts the signal. */
  onStalled: () => void
}

/**
 * Wraps a streaming response so that the stream ends and its source is released as soon as the client disconnects or stops
 * reading. The server adapter notices this only with the next chunk, or never. Nothing is read ahead.
 */
function guardedStream(response: Response, { signal, stalledAfterMs, onStalled }: StreamGuard): Response {
  if (response.body === null) return response
  // Not a reader: to cancel Yoga's reader waits for the next chunk, which may be the next ping. The iterator ends at once.
  const chunks = response.body[Symbol.asyncIterator]()
  let started = false
  const end = async () => {
    // Yoga can only end a stream that was read from. The first chunk is there at once.
    if (!started) await chunks.next()
    await chunks.return?.()
  }
  let timer: NodeJS.Timeout | undefined
  let leave = (): void => undefined
  const finish = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        leave = () => {
          finish()
          controller.close()
          end().catch(() => undefined)
        }
        if (signal.aborted) leave()
        else signal.addEventListener('abort', leave, { once: true })
      },
      async pull(controller) {
        clearTimeout(timer)
        started = true
        try {
          const { done, value } = await chunks.next()
          if (signal.aborted) return
          if (done === true) {
            finish()
            controller.close()
            return
          }
          controller.enqueue(value)
          timer = setTimeout(onStalled, stalledAfterMs)
          timer.unref()
        } catch (error) {
          // The iterator was ended while it waited.
          if (signal.aborted) return
          finish()
          throw error
        }
      },
      async cancel() {
        finish()
        await end()
      },
    },
    { highWaterMark: 0 },
  )
  const headers = new Headers(response.headers)
  headers.set('cache-control', 'no-store')
  // Makes nginx pass on each event at once. It would wait for a full buffer otherwise.
  headers.set('x-accel-buffering', 'no')
  return new Response(body, { status: response.status, statusText: response.statusText, headers })
}
