import { buildDraft } from '../auth/build-draft.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { Broker, ConnectionOwner } from '../credentials/broker.ts'
import type { OpenedConnection } from '../credentials/credential-store.ts'
import type { Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { InvalidInputError, ProviderError, UnsupportedError } from '../kit/errors.ts'
import { isRawJson, parseJson } from '../kit/json.ts'
import type { Clock } from '../kit/time.ts'
import { BACKOFF, backoffMs } from '../wire/backoff.ts'
import { PlacementConflictError } from '../wire/placement.ts'
import { createProviderResponse, jsonOrUndefined } from '../wire/provider-response.ts'
import { type DraftBody, type SerializedRequest, serializeDraft } from '../wire/request-draft.ts'
import { classifyResponse, FAILURES, type ResponseRule, requestedWaitMs } from '../wire/verdict.ts'
import { type HeaderPair, passedRequestHeaders } from './headers.ts'
import type { Pacer } from './rate-limit.ts'

/** Supplies the connection that a request is sent through. */
export interface ConnectionSource {
  open(): Promise<OpenedConnection>
  /** Called when the API refuses the credential. @returns the connection with another credential; null when there is none */
  refused(opened: OpenedConnection): Promise<OpenedConnection | null>
}

/** A stored connection. `check` is called before each use and throws to deny access. */
export function storedConnection(
  broker: Broker,
  connectionId: string,
  check: (owner: ConnectionOwner) => void,
): ConnectionSource {
  return {
    open: () => broker.open(connectionId, check),
    refused: (opened) => broker.refused(opened),
  }
}

interface SendOptions {
  /**
   * `whole`: the body is read, up to `maxBytes`, before the response is classified. `stream`: the body is passed on as it
   * arrives.
   */
  read: { whole: { maxBytes: number } } | 'stream'
  signal?: AbortSignal
}

export interface AuthenticatedResponse {
  /** The response, whatever its status. */
  response: EgressResponse
  /** The decoded body; null when it is still to be read from `response`. */
  body: Uint8Array | null
  /** Whether the credential was renewed for this request. */
  refreshed: boolean
  /** The connection as it was last used. */
  opened: OpenedConnection
}

export interface AuthenticatedRequests {
  /**
   * Sends one request through a connection. When the API refuses the credential, the credential is renewed once and the
   * request is repeated once if its body can be sent again. An idempotent request that fails in a way that may pass is
   * repeated at most twice.
   *
   * @throws what the source throws; InvalidInputError and UnsupportedError when the request cannot be built;
   * RateLimitedError when too many requests wait for the integration's rate; ProviderError when there is no response; the
   * signal's reason
   */
  send(source: ConnectionSource, request: CallerRequest, options: SendOptions): Promise<AuthenticatedResponse>
}

interface AuthenticatedRequestsDeps {
  egress: Egress
  pacer: Pacer
  clock: Clock
}

/** Methods that can be repeated safely: RFC 9110 section 9.2.2, without TRACE. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
const MAX_RETRIES = 2
/** If the provider asks for a longer wait, the caller gets its response, which says how long. */
const MAX_WAIT_MS = 10_000
const MAX_TOTAL_WAIT_MS = 20_000
/** A streamed body has no time limit, only a limit for the time without a byte. */
const STREAM_IDLE_MS = 60_000
const NEVER = new AbortController().signal

export function createAuthenticatedRequests({
  egress,
  pacer,
  clock,
}: AuthenticatedRequestsDeps): AuthenticatedRequests {
  return {
    async send(source, given, options) {
      const signal = options.signal ?? NEVER
      let request = given
      let opened = await source.open()
      let refreshed = opened.renewed === true
      let refusals = 0
      let waitedMs = 0
      for (let retries = 0; ; ) {
        const { integrationId, definition } = opened
        const rate = definition.rateLimit?.requestsPerSecond
        await pacer.wait(integrationId, rate, signal, MAX_WAIT_MS)
        const serialized = await serialize(opened, request)
        request = serialized.request
        const outcome = await attempt(serialized.wire, request, options, retries > 0)
        const repeatable = isRepeatable(request)
        const mayRetry = repeatable && IDEMPOTENT.has(request.method) && retries < MAX_RETRIES
        let waitMs = backoffMs(retries + 1, BACKOFF.callerRequest, clock.random)
        if ('fault' in outcome) {
          if (signal.aborted) throw signal.reason
          if (!mayRetry || !mayPass(outcome.fault)) throw noResponse(outcome.fault)
        } else {
          const { response, body } = outcome
          const result = { response, body, refreshed, opened }
          const { credentialRefused, retry, requestedMs } = consequencesOf(
            response,
            body,
            definition.responseErrors,
            clock.now(),
          )
          if (response.status === 429 && retry && requestedMs !== undefined) {
            await pacer.pause(integrationId, rate, requestedMs)
          }
          if (credentialRefused) {
            refusals += 1
            if (refusals > 1) return result
            const other = await otherCredential(source, opened, response)
            if (other === null) return result
            refreshed = true
            if (!repeatable) return { ...result, refreshed }
            await response.cancel()
            opened = other
            continue
          }
          if (!retry || !mayRetry) return result
          waitMs = requestedMs ?? waitMs
          if (waitMs > MAX_WAIT_MS || waitedMs + waitMs > MAX_TOTAL_WAIT_MS) return result
          await response.cancel()
        }
        retries += 1
        waitedMs += waitMs
        await clock.sleep(waitMs, signal)
        opened = await source.open()
        refreshed ||= opened.renewed === true
      }
    },
  }

  async function attempt(
    wire: SerializedRequest,
    { contentLength }: CallerRequest,
    { read, signal }: SendOptions,
    freshConnection: boolean,
  ): Promise<{ response: EgressResponse; body: Uint8Array | null } | { fault: EgressError }> {
    const limits =
      read === 'stream'
        ? {
            decompress: false,
            maxResponseBytes: Number.POSITIVE_INFINITY,
            timeoutMs: Number.POSITIVE_INFINITY,
            headersTimeoutMs: STREAM_IDLE_MS,
            idleTimeoutMs: STREAM_IDLE_MS,
          }
        : { maxResponseBytes: read.whole.maxBytes }
    try {
      const response = await egress.send({
        ...wire,
        ...limits,
        redirect: 'follow',
        freshConnection,
        signal,
        contentLength,
      })
      return { response, body: read === 'stream' ? null : await response.bytes() }
    } catch (error) {
      if (error instanceof EgressError) return { fault: error }
      throw error
    }
  }
}

/** The request as it is sent. A streamed body is read completely first when the credential needs all of it. */
async function serialize(
  opened: OpenedConnection,
  request: CallerRequest,
): Promise<{ wire: SerializedRequest; request: CallerRequest }> {
  try {
    return { wire: await serializeCallerRequest(opened, request), request }
  } catch (error) {
    const buffered = await bufferBodyFor(error, request)
    if (buffered === null) throw error
    return { wire: await serializeCallerRequest(opened, buffered), request: buffered }
  }
}

async function otherCredential(
  source: ConnectionSource,
  opened: OpenedConnection,
  response: EgressResponse,
): Promise<OpenedConnection | null> {
  try {
    return await source.refused(opened)
  } catch (error) {
    await response.cancel()
    throw error
  }
}

/**
 * What a response means for this sender. Rules with a path match only when the body was read. Without a rule, only 429, 502,
 * 503 and 504 are repeated: a caller gets other errors, such as 500, at once.
 */
function consequencesOf(
  { status, headers }: EgressResponse,
  body: Uint8Array | null,
  rules: readonly ResponseRule[] | undefined,
  now: number,
): { credentialRefused: boolean; retry: boolean; requestedMs?: number } {
  const classified = classifyResponse(
    {
      status,
      get body() {
        return body === null
          ? undefined
          : jsonOrUndefined(createProviderResponse(status, headers, new TextDecoder().decode(body)))
      },
    },
    rules,
  )
  const { failure, rule } = classified
  if (failure === null) return { credentialRefused: false, retry: false }
  const { credentialRefused, retryable } = FAILURES[failure]
  const retry = retryable && (rule !== undefined || status === 429 || (status >= 502 && status <= 504))
  return { credentialRefused, retry, requestedMs: requestedWaitMs(failure, headers, now) }
}

/** A request that took its whole time once would only make the caller wait as long again. */
function mayPass({ kind, retryable, sentBytes }: EgressError): boolean {
  return retryable && !(kind === 'timeout' && sentBytes)
}

function noResponse(fault: EgressError): Error {
  const { kind, message, sentBytes } = fault
  if (kind === 'too_large' && !sentBytes) return new InvalidInputError([{ path: ['body'], message }])
  return new ProviderError(message, { details: { kind }, cause: fault })
}

/** A request as a caller describes it, without the connection's credential. */
export interface CallerRequest {
  method: string
  /** A path under the base URL, with or without a query; or a complete URL under the base URL. */
  path: string
  /** Added to the query of the path. */
  query?: readonly HeaderPair[]
  headers: readonly HeaderPair[]
  body?: DraftBody
  /** Length of a streamed body in bytes, when it is known. */
  contentLength?: number
  /** Sent when neither the caller nor the definition has an Accept header. */
  accept?: string
}

/** Largest body that is read completely because the credential goes into it or signs it. */
const MAX_BUFFERED_BYTES = 10 * 1024 * 1024

/**
 * Builds the caller's request with the connection's credential in it. What the credential sets (a header, a query
 * parameter, a field of a form or of JSON) is removed from the caller's part, so that callers cannot override it.
 *
 * @throws InvalidInputError for a path that leads away from the base URL, for headers that cannot be sent, and for a kind of
 * body that cannot hold the credential; UnsupportedError when the credential cannot sign such a request
 */
async function serializeCallerRequest(opened: OpenedConnection, request: CallerRequest): Promise<SerializedRequest> {
  let own: CallerRequest = { ...request, headers: passedRequestHeaders(request.headers) }
  for (;;) {
    try {
      const { definition, scope, authenticator } = opened
      const { path, query, ...parts } = own
      return serializeDraft(await buildDraft(definition, { ...parts, target: { path, query }, scope, authenticator }))
    } catch (error) {
      if (!(error instanceof PlacementConflictError)) throw error
      const without = withoutPlace(own, error)
      if (without === null) throw error
      own = without
    }
  }
}

/** Whether the request can be sent a second time. */
function isRepeatable({ body }: CallerRequest): boolean {
  return body === undefined || body.type !== 'raw' || body.value instanceof Uint8Array
}

/**
 * Reads a streamed body completely if `failure` says that the credential needs all of it.
 *
 * @returns null when buffering would not help
 * @throws InvalidInputError when the body is too long
 */
async function bufferBodyFor(failure: unknown, request: CallerRequest): Promise<CallerRequest | null> {
  const { body } = request
  if (body?.type !== 'raw' || body.value instanceof Uint8Array || !needsWholeBody(failure)) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body.value) {
    bytes += chunk.byteLength
    if (bytes > MAX_BUFFERED_BYTES) {
      const message = `The body is too long. This integration's credential goes into the body or signs it, so the body may have at most ${MAX_BUFFERED_BYTES} bytes.`
      throw new InvalidInputError([{ path: ['body'], message }])
    }
    chunks.push(chunk)
  }
  const { contentLength: _known, ...rest } = request
  return { ...rest, body: { ...body, value: Buffer.concat(chunks) } }
}

function needsWholeBody(failure: unknown): boolean {
  if (failure instanceof UnsupportedError) return true
  return failure instanceof PlacementConflictError && ['form', 'json'].includes(placeOf(failure).kind)
}

function placeOf(conflict: PlacementConflictError): { kind: string; name: string[] } {
  const [kind = '', ...name] = conflict.fields[0]?.path ?? []
  return { kind, name }
}

/** The request without the caller's value in the credential's place; null when there is none to remove. */
function withoutPlace(request: CallerRequest, conflict: PlacementConflictError): CallerRequest | null {
  const { kind, name } = placeOf(conflict)
  const [first = ''] = name
  if (kind === 'header') return withoutHeader(request, first)
  if (kind === 'query') return withoutParameter(request, first)
  if (kind === 'form') return withoutFormField(request, first)
  return kind === 'json' ? withoutProperty(request, name) : null
}

function withoutHeader(request: CallerRequest, name: string): CallerRequest | null {
  const headers = request.headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase())
  return headers.length === request.headers.length ? null : { ...request, headers }
}

/** Filters pair by pair, so that the remaining query keeps its bytes. */
function withoutParameter(request: CallerRequest, name: string): CallerRequest | null {
  const query = request.query?.filter(([key]) => key !== name)
  const mark = request.path.indexOf('?')
  const pairs = mark === -1 ? [] : request.path.slice(mark + 1).split('&')
  const kept = pairs.filter((pair) => !new URLSearchParams(pair).has(name))
  if (query?.length === request.query?.length && kept.length === pairs.length) return null
  const path = mark === -1 ? request.path : `${request.path.slice(0, mark)}?${kept.join('&')}`
  return { ...request, path, query }
}

function withoutFormField(request: CallerRequest, name: string): CallerRequest | null {
  const text = bodyText(request, /^application\/x-www-form-urlencoded\b/i)
  if (text !== null) return { ...request, body: { type: 'form', value: new URLSearchParams(text) } }
  if (request.body?.type !== 'form' || !request.body.value.has(name)) return null
  const value = new URLSearchParams(request.body.value)
  value.delete(name)
  return { ...request, body: { type: 'form', value } }
}

function withoutProperty(request: CallerRequest, path: readonly string[]): CallerRequest | null {
  const text = bodyText(request, /^application\/(?:[\w.+-]+\+)?json\b/i)
  if (text !== null) {
    try {
      return { ...request, body: { type: 'json', value: parseJson(text) } }
    } catch {
      throw new InvalidInputError([
        { path: ['body'], message: 'The Content-Type says JSON, but the body is not valid JSON.' },
      ])
    }
  }
  if (request.body?.type !== 'json') return null
  const value = without(request.body.value, path)
  return value === ABSENT ? null : { ...request, body: { type: 'json', value } }
}

const ABSENT = Symbol('absent')

/** A copy without the value at the path, or without the value that blocks the path. */
function without(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  if (!isRecord(value) || !Object.hasOwn(value, key)) return ABSENT
  const { [key]: inner, ...others } = value
  if (rest.length === 0 || !isRecord(inner) || isRawJson(inner)) return others
  const remaining = without(inner, rest)
  return remaining === ABSENT ? ABSENT : { ...value, [key]: remaining }
}

/** The text of an unparsed body with this Content-Type; otherwise null. */
function bodyText({ body, headers }: CallerRequest, type: RegExp): string | null {
  if (body?.type !== 'raw' || !(body.value instanceof Uint8Array)) return null
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? body.contentType ?? ''
  return type.test(contentType) ? new TextDecoder().decode(body.value) : null
}
