import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../access/caller.ts'
import type { LiveCallers } from '../access/live-callers.ts'
import { assertMayRequest } from '../connections/lookups.ts'
import type { Broker } from '../credentials/broker.ts'
import { runInScope } from '../db/scope.ts'
import { decodeGlobalId } from '../graphql/kernel/global-id.ts'
import { UnsupportedError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import { type HeaderPair, passedResponseHeaders } from '../requests/headers.ts'
import { type AuthenticatedRequests, type AuthenticatedResponse, storedConnection } from '../requests/send.ts'
import { presentError } from './graphql/present-error.ts'
import { scopeOfCaller } from './graphql/tenant-scope.ts'
import type { CallerGate } from './server/caller-gate.ts'
import { traceIdOf } from './server/trace.ts'

interface ProxyDeps {
  gate: CallerGate
  broker: Broker
  requests: AuthenticatedRequests
  liveCallers: LiveCallers
  logger: Logger
  /** Without a byte of a body for so long, either way, it is given up. Default: 60,000. */
  idleTimeoutMs?: number
}

/** @returns whether the request is the proxy's, which then answers it */
export type ProxyListener = (request: IncomingMessage, response: ServerResponse) => boolean

const PREFIX = '/proxy/'
const IDLE_MS = 60_000
const AT_ONCE_BYTES = 16 * 1024

/**
 * `/proxy/<global id of a connection>/<path>`: the same request to the provider, with the connection's credential in it,
 * and the provider's answer as it comes. Bodies stream both ways in constant memory, with no limit of size or time; who is
 * slow makes the other wait. What fails before the answer begins is answered as JSON `{ error }`; what fails after it
 * ends the connection, so that a part is never taken for the whole.
 */
export function createProxy(deps: ProxyDeps): ProxyListener {
  return (request, response) => {
    if (request.url?.startsWith(PREFIX) !== true) return false
    serve(deps, request, response)
    return true
  }
}

function serve(deps: ProxyDeps, request: IncomingMessage, response: ServerResponse): void {
  const startedMs = performance.now()
  const traceId = traceIdOf(firstOf(request.headers['x-request-id']))
  const abort = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) abort.abort(new ClientGoneError())
  })
  response.on('error', () => undefined)
  const seen: Seen = {}
  pass(deps, { request, response, traceId, abort, seen })
    .catch((error: unknown) => {
      seen.failed = error instanceof Error ? error.name : 'Error'
      if (response.headersSent) response.destroy()
      else if (!(error instanceof ClientGoneError)) sendProxyError(request, response, error, traceId, deps.logger)
    })
    .finally(() => {
      const durationMs = Math.round(performance.now() - startedMs)
      deps.logger.info({ traceId, method: request.method, status: response.statusCode, durationMs, ...seen }, 'proxied')
    })
}

/** For the log. Neither path nor query, which may hold a secret. */
interface Seen {
  connectionId?: string
  caller?: Caller['kind']
  failed?: string
}

/** Nobody is left to be told anything. */
class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError'
}

/** One request on its way through. */
interface Passage {
  request: IncomingMessage
  response: ServerResponse
  traceId: string
  /** Ends what is going on with the provider. */
  abort: AbortController
  seen: Seen
}

async function pass(deps: ProxyDeps, passage: Passage): Promise<void> {
  const { request, response, abort, seen } = passage
  const { method = 'GET', socket } = request
  const idleMs = deps.idleTimeoutMs ?? IDLE_MS
  const { caller, callerError } = await deps.gate.identify(request.headers.authorization, socket.remoteAddress ?? null)
  if (caller === null) throw callerError
  const target = proxyTarget(request.url?.slice(PREFIX.length) ?? '')
  const connectionId = decodeGlobalId('Connection', target.connectionId)
  seen.connectionId = connectionId
  seen.caller = caller.kind
  if (request.headers.upgrade !== undefined)
    throw new UnsupportedError('The proxy passes on no upgrades of a connection.')
  if (method === 'TRACE') throw new UnsupportedError('The proxy passes on every method but TRACE and CONNECT.')
  const length = bodyLength(request)
  const body = length === 0 ? null : new IdleBody(request, response, idleMs)
  const live = deps.liveCallers.watch(caller)
  const ended = () => abort.abort(live.signal.reason)
  live.signal.addEventListener('abort', ended)
  try {
    const answer = await runInScope(scopeOfCaller(caller), () =>
      deps.requests.send(
        storedConnection(deps.broker, connectionId, (owner) => assertMayRequest(caller, owner, method)),
        {
          method,
          path: target.path,
          headers: headerPairs(request.rawHeaders),
          body: body === null ? undefined : { type: 'raw', value: body },
          contentLength: length === null || length === 0 ? undefined : length,
        },
        { read: 'stream', signal: abort.signal },
      ),
    )
    await answerWith(passage, answer, idleMs)
  } finally {
    live.signal.removeEventListener('abort', ended)
    live.release()
  }
}

async function answerWith(
  { response, traceId }: Passage,
  { response: answer, opened, refreshed }: AuthenticatedResponse,
  idleMs: number,
): Promise<void> {
  const headers = ['x-request-id', traceId]
  for (const [name, value] of passedResponseHeaders(answer.headers, opened.authenticator.secrets)) {
    if (name !== 'x-request-id') headers.push(name, value)
  }
  if (refreshed) headers.push('x-latchkey-refreshed', 'true')
  response.writeHead(answer.status, headers)
  // An answer may begin long before its first byte: an event stream.
  const flush = setImmediate(() => response.flushHeaders())
  const length = Number(answer.headers.get('content-length') ?? Number.NaN)
  try {
    for await (const chunk of answer.chunks()) {
      clearImmediate(flush)
      if (chunk.byteLength === length && length <= AT_ONCE_BYTES) {
        // As text, byte for byte: Node writes text together with the headers, in one go.
        response.end(Buffer.from(chunk.buffer, chunk.byteOffset, length).toString('latin1'), 'latin1')
      } else if (!response.write(chunk)) await drained(response, idleMs)
    }
    if (!response.writableEnded) response.end()
  } finally {
    clearImmediate(flush)
  }
}

/** Waits for the client to take what was written. Rejects when it has gone, or takes nothing for too long. */
function drained(response: ServerResponse, idleMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const gone = () => reject(new ClientGoneError())
  const timer = setTimeout(gone, idleMs)
  response.once('drain', resolve).once('close', gone)
  return promise.finally(() => {
    clearTimeout(timer)
    response.off('drain', resolve).off('close', gone)
  })
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}

/**
 * What stands after `/proxy/`: the id, and the path as it came, byte for byte, with its query. Bytes that are not ASCII,
 * which Node hands on as Latin-1, are percent-encoded.
 */
function proxyTarget(rest: string): { connectionId: string; path: string } {
  const end = /[/?]/.exec(rest)?.index ?? rest.length
  return { connectionId: rest.slice(0, end), path: rest.slice(end).replace(/[\x80-\xff]/g, percent) }
}

function percent(unit: string): string {
  return `%${unit.charCodeAt(0).toString(16).toUpperCase()}`
}

/** Node's flat list of names and values, in pairs. */
function headerPairs(rawHeaders: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''])
  }
  return pairs
}

/** Bytes of the request's body; null: there is one of unknown length. RFC 9112 section 6.3. */
function bodyLength({ headers }: IncomingMessage): number | null {
  if (headers['transfer-encoding'] !== undefined) return null
  return Number(headers['content-length'] ?? 0)
}

/** Without a byte of its body for too long, the client is given up. */
class RequestIdleError extends Error {
  override readonly name = 'RequestIdleError'
}

/**
 * The body of a request as it comes. It is not asked for before somebody reads it: a client that waits for `100 Continue`
 * sends nothing of a request that is refused.
 */
class IdleBody implements AsyncIterable<Uint8Array> {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #idleMs: number

  constructor(request: IncomingMessage, response: ServerResponse, idleMs: number) {
    this.#request = request
    this.#response = response
    this.#idleMs = idleMs
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const request = this.#request
    if (isWaiting(request)) this.#response.writeContinue()
    let waiting = true
    // While the provider does not take what there is, nobody waits for the client.
    const timer = setTimeout(() => {
      if (waiting) request.destroy(new RequestIdleError())
    }, this.#idleMs)
    try {
      // The request is left as it is when nobody wants the rest: its connection still carries the answer.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        waiting = false
        yield chunk
        waiting = true
        timer.refresh()
      }
    } finally {
      clearTimeout(timer)
    }
  }
}

/** RFC 9110 section 10.1.1. */
function isWaiting({ headers }: IncomingMessage): boolean {
  return headers.expect?.toLowerCase() === '100-continue'
}

/** How long a client may go on sending the body of a request that is refused already. */
const LINGER_MS = 10_000

/**
 * Answers what failed before the provider's answer began: `{ error: { code, message, status, traceId, … } }` with the
 * error's status, and the same fields beside them as the errors of the GraphQL API have.
 */
function sendProxyError(
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
