import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { type AuditTarget, audited, auditLater } from '../access/audit.ts'
import { assertScope, type Caller } from '../access/caller.ts'
import type { LiveCallers } from '../access/live-callers.ts'
import { assertMayRequest, isReading, type RequestOfCaller } from '../connections/lookups.ts'
import type { Broker } from '../credentials/broker.ts'
import type { Database } from '../db/database.ts'
import { runInScope } from '../db/scope.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { Meter } from '../egress/meter.ts'
import { decodeGlobalId, parseGlobalId } from '../graphql/kernel/global-id.ts'
import { InvalidInputError, ProviderError, UnsupportedError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import { byteRedactorOf } from '../kit/redactors.ts'
import { createStage } from '../kit/stage.ts'
import type { CallerMeter, CallerMeters } from '../requests/caller-meters.ts'
import { asksForBytes, isTextType, withoutByteRange, withoutHostSecrets } from '../requests/echoed-credentials.ts'
import { type HeaderPair, passedResponseHeaders } from '../requests/headers.ts'
import { type Answered, CALLER_REQUEST, responseFor, type Sender, storedConnection } from '../requests/send.ts'
import { presentError } from './graphql/present-error.ts'
import { scopeOfCaller } from './graphql/tenant-scope.ts'
import { type CallerGate, namedWorkspace, WORKSPACE_HEADER } from './server/caller-gate.ts'
import type { ClientAddress } from './server/client-address.ts'
import type { PointLimits } from './server/point-limits.ts'
import { discardBody, hasBody, limitSlivers } from './server/request-body.ts'
import { traceIdOf } from './server/trace.ts'

/** What a request through the proxy costs, in points (`point-limits.ts`). */
const REQUEST_POINTS = 1.5

interface ProxyDeps {
  points: PointLimits
  meters: CallerMeters
  gate: CallerGate
  clientAddress: ClientAddress
  database: Pick<Database, 'sql'>
  broker: Broker
  sender: Sender
  liveCallers: LiveCallers
  logger: Logger
  /** Aborts when no byte of a body moves in either direction for this time, in milliseconds. Default 60,000. */
  idleTimeoutMs?: number
}

/** @returns true: the request is for the proxy, which answers it */
export type ProxyListener = (request: IncomingMessage, response: ServerResponse) => boolean

const PREFIX = '/proxy/'
/** Names another host than that of the base URL, such as `https://upload.example.com`. It must be among `hosts` of the definition. */
const BASE_URL_HEADER = 'x-latchkey-base-url'
const IDLE_MS = 60_000
/**
 * A streamed body has no limits of size and time, only a limit for the time without a byte. Text is decoded, because secrets
 * are searched in it; other bodies keep their Content-Encoding.
 */
const STREAMED = {
  decompress: (headers: Headers) => isTextType(headers.get('content-type')),
  maxResponseBytes: Number.POSITIVE_INFINITY,
  timeoutMs: Number.POSITIVE_INFINITY,
  headersTimeoutMs: IDLE_MS,
  idleTimeoutMs: IDLE_MS,
}
/** A body of many chunks that have fewer bytes on average is refused. Less than elsewhere, because streams may send small events. */
const MIN_CHUNK_BYTES = 16
const TOO_SMALL_CHUNKS = 'The body has too many small chunks. Send larger ones.'
/** Bodies up to this size are sent together with the headers. */
const SINGLE_WRITE_BYTES = 16 * 1024

/**
 * `/proxy/<global id of a connection>/<path>` forwards a request to the provider with the connection's credential, and streams
 * the provider's answer back. With the header `x-latchkey-base-url`, the path is one of that host. Bodies stream in both directions in constant memory, with backpressure and without a limit of
 * size or time. Secrets of the connection that the provider echoes in a text are redacted as it passes. A failure before the answer begins is reported as JSON `{ error }`. A failure after that closes the
 * connection, so that the client does not mistake a partial body for a complete one.
 */
export function createProxy(deps: ProxyDeps): ProxyListener {
  const stage = createStage()
  return (request, response) => {
    if (request.url?.startsWith(PREFIX) !== true) return false
    const exchange = beginExchange(deps, request, response)
    stage.run(() => void forwardOrFail(deps, exchange))
    return true
  }
}

function beginExchange(deps: ProxyDeps, request: IncomingMessage, response: ServerResponse): Exchange {
  const traceId = traceIdOf(firstOf(request.headers['x-request-id']))
  const abort = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) abort.abort(new ClientGoneError())
  })
  response.on('error', ignore)
  if (hasBody(request)) {
    limitSlivers(request, MIN_CHUNK_BYTES, () => {
      abort.abort(new ClientGoneError())
      if (!response.headersSent) {
        response.setHeader('connection', 'close')
        sendProxyError(request, response, new InvalidInputError([], TOO_SMALL_CHUNKS), traceId, deps.logger)
      }
      request.socket.destroySoon()
    })
  }
  return { request, response, traceId, abort, logged: {} }
}

/** Forwards a request, or answers why that is not possible. Never rejects. */
async function forwardOrFail(deps: ProxyDeps, exchange: Exchange): Promise<void> {
  const startedMs = performance.now()
  const { request, response, traceId, logged } = exchange
  try {
    await forward(deps, exchange)
  } catch (error) {
    logged.failed = error instanceof Error ? error.name : 'Error'
    if (response.headersSent) response.destroy()
    else if (!(error instanceof ClientGoneError)) sendProxyError(request, response, error, traceId, deps.logger)
  } finally {
    const durationMs = Math.round(performance.now() - startedMs)
    deps.logger.info({ traceId, method: request.method, status: response.statusCode, durationMs, ...logged }, 'proxied')
  }
}

function ignore(): void {}

/** Path and query are not logged, because they may contain a secret. */
interface LogFields {
  connectionId?: string
  caller?: Caller['kind']
  failed?: string
}

/** The client has disconnected and cannot receive an answer. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError'
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  traceId: string
  /** Aborts the request to the provider. */
  abort: AbortController
  logged: LogFields
}

async function forward(deps: ProxyDeps, exchange: Exchange): Promise<void> {
  const { request, traceId } = exchange
  const { method = 'GET' } = request
  const idleMs = deps.idleTimeoutMs ?? IDLE_MS
  const workspace = namedWorkspace(request.headers[WORKSPACE_HEADER])
  const address = deps.clientAddress(request)
  const { caller, callerError } = await deps.gate.identify(request.headers.authorization, address, workspace)
  if (caller === null) throw callerError
  const tooMany = deps.points.take(caller, REQUEST_POINTS)
  if (tooMany !== null) throw tooMany
  const target = proxyTarget(request.url?.slice(PREFIX.length) ?? '', firstOf(request.headers[BASE_URL_HEADER]))
  const meter = await deps.meters.open(caller, exchange.abort.signal)
  // Revoking the key ends the exchange, also while the answer is streamed.
  const live = deps.liveCallers.watch(caller, caller.workspaceId, exchange.abort)
  try {
    const formBody = hasBody(request) && FORM_TYPE.test(request.headers['content-type'] ?? '')
    const ofCaller = { method, path: target.path, headerNames: Object.keys(request.headers), formBody }
    const forwarded = () => requestProvider(exchange, { deps, caller, target, ofCaller, meter, idleMs })
    let answer: Answered
    if (isReading(ofCaller)) answer = await forwarded()
    else {
      const named = parseGlobalId(target.connectionId)
      answer = await audited(deps, { caller, action: 'proxy', method, named, traceId, address }, forwarded)
    }
    await sendAnswer(exchange, answer, idleMs)
  } finally {
    live.release()
    meter.close()
  }
}

interface ProxyRequest {
  deps: ProxyDeps
  caller: Caller
  target: ReturnType<typeof proxyTarget>
  ofCaller: RequestOfCaller
  meter: CallerMeter
  idleMs: number
}

/** Sends the request to the provider. @returns the answer, whose body is not read yet */
async function requestProvider(
  { request, response, abort, logged }: Exchange,
  { deps, caller, target, ofCaller, meter, idleMs }: ProxyRequest,
): Promise<Answered> {
  const { method = 'GET' } = request
  assertScope(caller, 'EXECUTE')
  const connectionId = decodeGlobalId('Connection', target.connectionId)
  logged.connectionId = connectionId
  logged.caller = caller.kind
  if (request.headers.upgrade !== undefined)
    throw new UnsupportedError('The proxy does not support connection upgrades, such as WebSocket.')
  if (method === 'TRACE') throw new UnsupportedError('The proxy does not support the methods TRACE and CONNECT.')
  const length = bodyLength(request)
  const body = length === 0 ? null : new IdleBody(request, response, idleMs)
  let audit: AuditTarget | undefined
  const send = async (headers: readonly HeaderPair[]) => {
    const sent = await runInScope(scopeOfCaller(caller), () =>
      deps.sender.send(
        storedConnection(deps.broker, connectionId, (owner) => {
          assertMayRequest(caller, owner, ofCaller)
          audit = { type: 'Connection', id: connectionId, workspaceId: owner.workspaceId }
        }),
        {
          method,
          target: { path: target.path },
          ofCaller: true,
          headers,
          body: body === null ? undefined : { type: 'raw', value: counted(body, meter) },
          contentLength: length === null || length === 0 ? undefined : length,
        },
        { policy: CALLER_REQUEST, limits: STREAMED, read: () => null, meter, signal: abort.signal },
      ),
    )
    return responseFor(sent)
  }
  const headers = headerPairs(request.rawHeaders)
  const asksForPart = asksForBytes(headers)
  const mayBePart = asksForPart && method === 'GET' && body === null
  let answer = await send(mayBePart || !asksForPart ? headers : withoutByteRange(headers))
  if (mayBePart && answer.response.status === 206 && isTextType(answer.response.headers.get('content-type'))) {
    // A part of a text may begin or end within a secret. Servers may ignore ranges, and so does this proxy for texts.
    await answer.response.cancel()
    answer = await send(withoutByteRange(headers))
  }
  if (audit !== undefined) auditLater(audit)
  return answer
}

async function sendAnswer(
  { request, response, traceId }: Exchange,
  { response: answer, secrets, refreshed }: Answered,
  idleMs: number,
): Promise<void> {
  const headers = ['x-request-id', traceId]
  let stated: string | null = null
  for (const [name, value] of passedResponseHeaders(answer.headers, secrets)) {
    if (name === 'content-length') stated = value
    else if (name !== 'x-request-id') headers.push(name, value)
  }
  if (refreshed) headers.push('x-latchkey-refreshed', 'true')
  const redactor = byteRedactorOf(secrets)
  const mayHaveBody = request.method !== 'HEAD' && answer.status !== 204 && answer.status !== 304
  const redacts = mayHaveBody && redactor.active && isTextType(answer.headers.get('content-type'))
  const begin = (length: number | string | null) => {
    if (!response.headersSent)
      response.writeHead(answer.status, length === null ? headers : [...headers, 'content-length', String(length)])
  }
  // The length of a text is known only after it was redacted.
  const beginBeforeBody = () => begin(redacts ? null : stated)
  const endWith = (body: Uint8Array) => {
    const whole = redacts ? redactor.redact(body) : body
    begin(whole.byteLength)
    // Node writes a string together with the headers in one packet. Latin-1 keeps every byte.
    response.end(Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('latin1'), 'latin1')
  }
  const arrived = mayHaveBody ? answer.arrived(SINGLE_WRITE_BYTES) : null
  if (arrived !== null) return endWith(arrived)
  // The first byte may come much later than the headers, as in an event stream.
  const flush = setImmediate(() => {
    beginBeforeBody()
    response.flushHeaders()
  })
  const source = answer.chunks()[Symbol.asyncIterator]()
  try {
    const first = await readFirst(source, response, secrets)
    clearImmediate(flush)
    const length = stated === null ? Number.NaN : Number(stated)
    if (first.done !== true && first.value.byteLength === length && length <= SINGLE_WRITE_BYTES) {
      endWith(first.value)
      await source.next()
      return
    }
    beginBeforeBody()
    const chunks = chunksAfter(first, source)
    for await (const chunk of redacts ? redactor.stream(chunks) : chunks) {
      if (!response.write(chunk)) await drained(response, idleMs)
    }
    response.end()
  } finally {
    clearImmediate(flush)
  }
}

/** @throws ProviderError when nothing was sent to the client yet and the body cannot be read, such as one that cannot be decoded */
async function readFirst(
  source: AsyncIterator<Uint8Array>,
  response: ServerResponse,
  secrets: readonly string[],
): Promise<IteratorResult<Uint8Array>> {
  try {
    return await source.next()
  } catch (error) {
    if (response.headersSent || !(error instanceof EgressError)) throw error
    const message = withoutHostSecrets(error.message, secrets)
    throw new ProviderError(message, { details: { kind: error.kind }, cause: error })
  }
}

/** The chunks of a body whose first one was read. Leaving the loop early closes the connection to the provider. */
async function* chunksAfter(
  first: IteratorResult<Uint8Array>,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await source.next()) yield next.value
  } finally {
    await source.return?.()
  }
}

/**
 * Waits until the client has read what was written. Rejects when it disconnects or reads nothing for `idleMs`.
 * @param sink what was written to, if it is piped to the response. Default: the response
 */
export function drained(response: ServerResponse, idleMs: number, sink: Writable = response): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const gone = () => reject(new ClientGoneError())
  const timer = setTimeout(gone, idleMs)
  sink.once('drain', resolve)
  response.once('close', gone)
  return promise.finally(() => {
    clearTimeout(timer)
    sink.off('drain', resolve)
    response.off('close', gone)
  })
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}

/** The formats in which browsers send forms. */
const FORM_TYPE = /^\s*(?:application\/x-www-form-urlencoded|multipart\/form-data)/i

/**
 * Splits the URL after `/proxy/` into the id and the path with its query. The path is kept byte for byte, except that
 * non-ASCII bytes, which Node passes as Latin-1, are percent-encoded.
 * @param base the header that names another host. The path is then a complete URL
 * @throws InvalidInputError when that header is no origin
 */
function proxyTarget(rest: string, base: string | undefined): { connectionId: string; path: string } {
  const end = /[/?]/.exec(rest)?.index ?? rest.length
  const path = rest.slice(end).replace(/[\x80-\xff]/g, percentEncode)
  const origin = base === undefined ? '' : originOf(base)
  return {
    connectionId: rest.slice(0, end),
    path: base === undefined || path.startsWith('/') ? origin + path : `${origin}/${path}`,
  }
}

function originOf(base: string): string {
  const url = /^https?:\/\/[^/\\?#@\s]+\/?$/i.test(base) ? URL.parse(base) : null
  if (url !== null) return url.origin
  const message =
    'Must be http:// or https:// and a host, such as https://upload.example.com. The path belongs into the URL of the request.'
  throw new InvalidInputError([{ path: [BASE_URL_HEADER], message }])
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** Counts the bytes that the client sends. A caller that has used up its limits is not read until it has points again. */
async function* counted(body: AsyncIterable<Uint8Array>, meter: Meter): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    yield chunk
    await meter.count(chunk.byteLength)
  }
}

/** Node's flat list of names and values as pairs, without the headers that are for Latchkey. */
function headerPairs(rawHeaders: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (![WORKSPACE_HEADER, BASE_URL_HEADER].includes(name.toLowerCase()))
      pairs.push([name, rawHeaders[index + 1] ?? ''])
  }
  return pairs
}

/** The length of the body in bytes; null: there is a body of unknown length. RFC 9112 section 6.3. */
function bodyLength({ headers }: IncomingMessage): number | null {
  if (headers['transfer-encoding'] !== undefined) return null
  return Number(headers['content-length'] ?? 0)
}

/** The client sent no byte of its body for too long. */
class RequestIdleError extends Error {
  override readonly name = 'RequestIdleError'
}

/**
 * The body of a request as a stream. `100 Continue` is sent only when the body is read, so that a client that waits for it
 * does not send the body of a refused request.
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
    if (expectsContinue(request)) this.#response.writeContinue()
    let waiting = true
    // The time counts only while we wait for the client, not while the provider is slow to read.
    const timer = setTimeout(() => {
      if (waiting) request.destroy(new RequestIdleError())
    }, this.#idleMs)
    try {
      // Stopping early must not destroy the request, because its connection still carries the answer.
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
function expectsContinue({ headers }: IncomingMessage): boolean {
  return headers.expect?.toLowerCase() === '100-continue'
}

/**
 * Reports a failure before the provider's answer began: `{ error: { code, message, status, traceId, … } }` with the error's
 * HTTP status. The fields are those of the errors of the GraphQL API.
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
  // A client that waits for "100 Continue" will not send the body, so the connection cannot be used again.
  if (expectsContinue(request) && !request.complete) response.setHeader('connection', 'close')
  const text = Buffer.from(JSON.stringify({ error: { code, message, status, ...more } }))
  response.setHeader('content-length', text.byteLength)
  response.writeHead(status).end(text)
  if (!request.complete) discardBody(request)
}
