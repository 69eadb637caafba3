import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../../kit/log.ts'
import type { OAuthPages } from '../connect-page/oauth-callback.ts'
import type { ConnectRoutes } from '../connect-page/routes.ts'
import type { GraphQLServer } from '../graphql/graphql-server.ts'
import { healthResponse, type MetricsAccess, metricsResponse, type ReadinessCheck, readinessResponse } from '../ops.ts'
import type { CallerGate } from './caller-gate.ts'
import { traceIdOf, withTrace } from './trace.ts'

/** How long a client may leave a stream unread before its connection is closed. */
const STALLED_AFTER_MS = 30_000

interface Routes {
  yoga: GraphQLServer
  gate: CallerGate
  readiness: Readonly<Record<string, ReadinessCheck>>
  logger: Logger
  /** Default: no /metrics. */
  metrics?: MetricsAccess
  /** Default: no /oauth/callback. */
  oauth?: OAuthPages
  /** Default: no /connect. */
  connect?: ConnectRoutes
  /** In milliseconds. Default 30,000. */
  stalledAfterMs?: number
}

/** The connection of a request; empty when the request comes from within the process. */
export interface RequestConnection {
  req?: IncomingMessage
  res?: ServerResponse
}

export type Router = (request: Request, connection?: RequestConnection) => Promise<Response>

/** Headers of answers that are not pages. Pages set their own. */
export const DEFAULT_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}

/** Routes all HTTP requests. Every answer has a trace id, and no answer reveals an internal error. */
export function createRouter({
  yoga,
  gate,
  readiness,
  logger,
  metrics,
  oauth,
  connect,
  stalledAfterMs = STALLED_AFTER_MS,
}: Routes): Router {
  const route = async (request: Request, { req, res }: RequestConnection): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const address = req?.socket.remoteAddress ?? null
    if (pathname === '/healthz') return healthResponse()
    if (pathname === '/readyz') {
      const detailed = () => isOperator(gate, request.headers.get('authorization'), address)
      return readinessResponse({ checks: readiness, detailed, logger })
    }
    if (pathname === '/metrics' && metrics !== undefined) return metricsResponse(request, address, metrics)
    if (pathname === '/graphql') {
      const response = await yoga.fetch(request, { address })
      if (!isStream(response)) return response
      return guardedStream(response, { signal: request.signal, stalledAfterMs, onStalled: () => void res?.destroy() })
    }
    const page = (await oauth?.(request)) ?? (await connect?.(request))
    if (page != null) return page
    return plain(404, 'Not found. The GraphQL endpoint is /graphql.')
  }
  return async (request, connection = {}) => {
    const traceId = traceIdOf(request.headers.get('x-request-id'))
    const response = await withTrace(traceId, async () => {
      try {
        return await route(request, connection)
      } catch (error) {
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
  const reader = response.body.getReader()
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
          reader.cancel().catch(() => undefined)
        }
        if (signal.aborted) leave()
        else signal.addEventListener('abort', leave, { once: true })
      },
      async pull(controller) {
        clearTimeout(timer)
        try {
          const { done, value } = await reader.read()
          if (signal.aborted) return
          if (done) {
            finish()
            controller.close()
            return
          }
          controller.enqueue(value)
          timer = setTimeout(onStalled, stalledAfterMs)
          timer.unref()
        } catch (error) {
          finish()
          throw error
        }
      },
      async cancel(reason) {
        finish()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers })
}
