import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../kit/log.ts'
import { presentError } from './graphql/present-error.ts'
import { isWaiting } from './proxy-request.ts'

/** How long a client may go on sending the body of a request that is refused already. */
const LINGER_MS = 10_000

/**
 * Answers what failed before the provider's answer began: `{ error: { code, message, status, traceId, … } }` with the
 * error's status, and the same fields beside them as the errors of the GraphQL API have.
 */
export function sendProxyError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  traceId: string,
  logger: Logger,
): void {
  const { message, extensions } = presentError(error, traceId, logger)
  const { code, status: given, http: _http, ...more } = extensions
  const status = typeof given === 'number' ? given : 500
  response.setHeader('x-request-id', traceId)
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.setHeader('cache-control', 'no-store')
  if (status === 401) response.setHeader('www-authenticate', 'Bearer')
  if (typeof more['retryAfterSeconds'] === 'number') response.setHeader('retry-after', more['retryAfterSeconds'])
  // Who still waits for "100 Continue" will not send the body, and the connection has no other place to go on from.
  if (isWaiting(request) && !request.complete) response.setHeader('connection', 'close')
  const text = Buffer.from(JSON.stringify({ error: { code, message, status, ...more } }))
  response.setHeader('content-length', text.byteLength)
  response.writeHead(status).end(text)
  if (!request.complete) lettingItEnd(request)
}

/** The rest of the body is read and thrown away, so that the client gets to read the answer; but not for ever. */
function lettingItEnd(request: IncomingMessage): void {
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS)
  request.once('close', () => clearTimeout(timer)).resume()
}
