import { buildDraft } from '../auth/build-draft.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { Broker, ConnectionOwner } from '../credentials/broker.ts'
import type { OpenedConnection } from '../credentials/credential-store.ts'
import type { Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { InvalidInputError, ProviderError, UnsupportedError } from '../kit/errors.ts'
import { isRawJson, parseJson } from '../kit/json.ts'
import { type Clock, parseRateLimitWait } from '../kit/time.ts'
import { PlacementConflictError } from '../wire/placement.ts'
import { matchingRule, type ResponseRule } from '../wire/provider-reply.ts'
import { type DraftBody, type SerializedRequest, serializeDraft } from '../wire/request-draft.ts'
import { type HeaderPair, passedRequestHeaders } from './headers.ts'
import type { Pacer } from './rate-limit.ts'

/** Where the credential comes from. */
export interface ConnectionSource {
  open(): Promise<OpenedConnection>
  /** The API has refused a credential that should be good. @returns the connection with another one; null: there is none */
  refused(opened: OpenedConnection): Promise<OpenedConnection | null>
}

/** A stored connection. `check` is asked before anything is done with it, and throws to refuse. */
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
  /** `whole`: the body is read, up to `maxBytes`, before the answer is judged. `stream`: it is handed on as it comes. */
  read: { whole: { maxBytes: number } } | 'stream'
  signal?: AbortSignal
}

export interface AuthenticatedAnswer {
  /** Whatever its status: what the provider says is the caller's to judge. */
  response: EgressResponse
  /** The decoded body; null when it is still to be read from `response`. */
  body: Uint8Array | null
  /** The credential was renewed on the way. */
  refreshed: boolean
  /** As it was used for the last time. */
  opened: OpenedConnection
}

export interface AuthenticatedRequests {
  /**
   * Makes one request through a connection. A credential that the API refuses is renewed once, and the request repeated
   * once where its body can be sent again. What is safe to repeat is repeated, at most twice, where that may help.
   *
   * @throws what the source throws; InvalidInputError, UnsupportedError for a request that cannot be made; RateLimitedError
   * when too many wait for the integration's rate; ProviderError when there is no answer; the signal's reason
   */
  send(source: ConnectionSource, request: CallerRequest, options: SendOptions): Promise<AuthenticatedAnswer>
}

interface AuthenticatedRequestsDeps {
  egress: Egress
  pacer: Pacer
  clock: Clock
}

/** RFC 9110 section 9.2.2, without TRACE: repeating them does what doing them once does. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
const MAX_RETRIES = 2
/** A provider that asks for a longer wait is not asked again: its answer tells the caller how long. */
const LONGEST_WAIT_MS = 10_000
const LONGEST_WAITS_MS = 20_000
const BACKOFF_MS = 300
/** Streams have no end in time: only a stillness ends them. */
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
        await pacer.wait(integrationId, definition.rateLimit?.requestsPerSecond, signal, LONGEST_WAIT_MS)
        const serialized = await serialize(opened, request)
        request = serialized.request
        const outcome = await attempt(serialized.wire, request, options, retries > 0)
        const repeatable = isRepeatable(request)
        const again = repeatable && IDEMPOTENT.has(request.method) && retries < MAX_RETRIES
        let waitMs: number
        if ('fault' in outcome) {
          if (signal.aborted) throw signal.reason
          if (!again || !mayPass(outcome.fault)) throw noAnswer(outcome.fault)
          waitMs = backOff(retries)
        } else {
          const { response, body } = outcome
          const answer = { response, body, refreshed, opened }
          const verdict = verdictOf(response, body, definition.responseErrors)
          const askedMs = verdict === 'soon' ? parseRateLimitWait(response.headers, clock.now()) : undefined
          if (response.status === 429 && askedMs !== undefined) {
            await pacer.pause(integrationId, definition.rateLimit?.requestsPerSecond, askedMs)
          }
          if (verdict === 'auth') {
            refusals += 1
            if (refusals > 1) return answer
            const other = await anotherCredential(source, opened, response)
            if (other === null) return answer
            refreshed = true
            if (!repeatable) return { ...answer, refreshed }
            await response.cancel()
            opened = other
            continue
          }
          if (verdict === null || !again) return answer
          waitMs = askedMs ?? backOff(retries)
          if (waitMs > LONGEST_WAIT_MS || waitedMs + waitMs > LONGEST_WAITS_MS) return answer
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
    try {
      const response = await egress.send({
        ...wire,
        redirect: 'follow',
        freshConnection,
        ...(signal === undefined ? {} : { signal }),
        ...(contentLength === undefined ? {} : { contentLength }),
        ...(read === 'stream'
          ? {
              decompress: false,
              maxResponseBytes: Number.POSITIVE_INFINITY,
              timeoutMs: Number.POSITIVE_INFINITY,
              headersTimeoutMs: STREAM_IDLE_MS,
              idleTimeoutMs: STREAM_IDLE_MS,
            }
          : { maxResponseBytes: read.whole.maxBytes }),
      })
      return { response, body: read === 'stream' ? null : await response.bytes() }
    } catch (error) {
      if (error instanceof EgressError) return { fault: error }
      throw error
    }
  }

  /** Doubles with every time, between half and one and a half of that, so that many do not come back at once. */
  function backOff(retries: number): number {
    return BACKOFF_MS * 2 ** retries * (0.5 + clock.random())
  }
}

/** The request as it goes out; where the credential needs a streamed body as a whole, with the body read. */
async function serialize(
  opened: OpenedConnection,
  request: CallerRequest,
): Promise<{ wire: SerializedRequest; request: CallerRequest }> {
  try {
    return { wire: await serializeCallerRequest(opened, request), request }
  } catch (error) {
    const gathered = await gatheredFor(error, request)
    if (gathered === null) throw error
    return { wire: await serializeCallerRequest(opened, gathered), request: gathered }
  }
}

async function anotherCredential(
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
 * Whether the credential was refused, or the same request may work soon. A rule that looks into the body holds only where
 * the body was read. 403 is not a refusal of the credential by itself: the account may not do everything.
 */
function verdictOf(
  { status }: EgressResponse,
  body: Uint8Array | null,
  rules: readonly ResponseRule[] | undefined,
): 'auth' | 'soon' | null {
  const looksInside = body !== null && rules?.some((rule) => rule.path !== undefined) === true
  const rule = matchingRule(rules, { status, body: looksInside ? jsonOf(body) : undefined })
  if (rule !== undefined) return rule.as === 'auth' ? 'auth' : rule.as === 'fail' ? null : 'soon'
  if (status === 401) return 'auth'
  return status === 429 || (status >= 502 && status <= 504) ? 'soon' : null
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

/** What took its whole time once would only make the caller wait for as long again. */
function mayPass({ kind, retryable, sentBytes }: EgressError): boolean {
  return retryable && !(kind === 'timeout' && sentBytes)
}

function noAnswer(fault: EgressError): Error {
  const { kind, message, sentBytes } = fault
  if (kind === 'too_large' && !sentBytes) return new InvalidInputError([{ path: ['body'], message }])
  return new ProviderError(message, { details: { kind }, cause: fault })
}

/** A request as a caller asks for it, before the connection's credential is in it. */
export interface CallerRequest {
  method: string
  /** Under the base URL, perhaps with a query; or a whole URL under it. */
  path: string
  /** Added to that of the path. */
  query?: readonly HeaderPair[]
  headers: readonly HeaderPair[]
  body?: DraftBody
  /** Bytes of a body that is a stream, where they are known. */
  contentLength?: number
  /** Sent where neither the caller nor the definition says what it accepts. */
  accept?: string
}

/** Of a body that has to be read as a whole because the credential goes into it or signs it. */
const MAX_GATHERED_BYTES = 10 * 1024 * 1024

/**
 * The caller's request with the connection's credential in it. What the credential sets (a header, a query parameter, a
 * field of a form or of JSON) is taken out of the caller's part: it is never an override.
 *
 * @throws InvalidInputError for a path that leads away from the base URL, for headers that cannot be sent, and for a body
 * of a kind that the credential cannot be put into; UnsupportedError where the credential cannot sign such a request
 */
async function serializeCallerRequest(opened: OpenedConnection, request: CallerRequest): Promise<SerializedRequest> {
  let own: CallerRequest = { ...request, headers: passedRequestHeaders(request.headers) }
  for (;;) {
    try {
      return await serializeGathered(opened, own)
    } catch (error) {
      if (!(error instanceof PlacementConflictError)) throw error
      const without = withoutPlace(own, error)
      if (without === null) throw error
      own = without
    }
  }
}

async function serializeGathered({ definition, scope, authenticator }: OpenedConnection, request: CallerRequest) {
  const draft = await buildDraft(definition, { ...request, scope, authenticator })
  if (request.accept !== undefined && !draft.headers.has('accept')) draft.headers.set('accept', request.accept)
  return serializeDraft(draft)
}

/** Whether the request can be sent a second time. */
function isRepeatable({ body }: CallerRequest): boolean {
  return body === undefined || body.type !== 'raw' || body.value instanceof Uint8Array
}

/**
 * Reads a streamed body as a whole where `failure` says that the credential needs it so.
 * @returns null when that would not help
 * @throws InvalidInputError when it is too long
 */
async function gatheredFor(failure: unknown, request: CallerRequest): Promise<CallerRequest | null> {
  const { body } = request
  if (body?.type !== 'raw' || body.value instanceof Uint8Array || !needsWholeBody(failure)) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body.value) {
    bytes += chunk.byteLength
    if (bytes > MAX_GATHERED_BYTES) {
      const message = `The credential of this integration goes into the body, or signs it: it may have at most ${MAX_GATHERED_BYTES} bytes.`
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

/** The request without what stands in the credential's place; null when there is nothing of the caller's. */
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

/** Pair by pair, so that what stays is byte for byte what it was. */
function withoutParameter(request: CallerRequest, name: string): CallerRequest | null {
  const query = request.query?.filter(([key]) => key !== name)
  const mark = request.path.indexOf('?')
  const pairs = mark === -1 ? [] : request.path.slice(mark + 1).split('&')
  const kept = pairs.filter((pair) => !new URLSearchParams(pair).has(name))
  if (query?.length === request.query?.length && kept.length === pairs.length) return null
  const path = mark === -1 ? request.path : `${request.path.slice(0, mark)}?${kept.join('&')}`
  return { ...request, path, ...(query === undefined ? {} : { query }) }
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
      throw new InvalidInputError([{ path: ['body'], message: 'The body says that it is JSON, and is not.' }])
    }
  }
  if (request.body?.type !== 'json') return null
  const value = without(request.body.value, path)
  return value === NOTHING_THERE ? null : { ...request, body: { type: 'json', value } }
}

const NOTHING_THERE = Symbol('nothing there')

/** A copy without what stands at the path, or stands in the way of what would. */
function without(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  if (!isRecord(value) || !Object.hasOwn(value, key)) return NOTHING_THERE
  const { [key]: inner, ...others } = value
  if (rest.length === 0 || !isRecord(inner) || isRawJson(inner)) return others
  const less = without(inner, rest)
  return less === NOTHING_THERE ? NOTHING_THERE : { ...value, [key]: less }
}

/** The text of a body that is not parsed yet and says that it is of this type. */
function bodyText({ body, headers }: CallerRequest, type: RegExp): string | null {
  if (body?.type !== 'raw' || !(body.value instanceof Uint8Array)) return null
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? body.contentType ?? ''
  return type.test(contentType) ? new TextDecoder().decode(body.value) : null
}
