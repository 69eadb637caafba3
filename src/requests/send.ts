import { buildDraft } from '../auth/build-draft.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { renderParameters } from '../catalog/definition/parameters.ts'
import type { Target } from '../catalog/definition/target.ts'
import { withSharedBudget } from '../catalog/template/budget.ts'
import { compileTemplate, renderJson } from '../catalog/template/template.ts'
import { renderPath, renderUrl } from '../catalog/template/url-template.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { Broker, ConnectionOwner, Rejection } from '../credentials/broker.ts'
import type { OpenedConnection } from '../credentials/credential-store.ts'
import type { Egress, EgressRequest } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { isUnder } from '../egress/join-url.ts'
import { MAX_URL_LENGTH } from '../egress/policy.ts'
import { CredentialRefreshError, InvalidInputError, ProviderError, UnsupportedError } from '../kit/errors.ts'
import { isRawJson, parseJson } from '../kit/json.ts'
import { joinSecrets } from '../kit/redactors.ts'
import type { Clock } from '../kit/time.ts'
import { PlacementConflictError } from '../wire/placement.ts'
import { createProviderResponse, type Exchange, exchange, type ProviderResponse } from '../wire/provider-response.ts'
import { type DraftBody, type RequestDraft, type SerializedRequest, serializeDraft } from '../wire/request-draft.ts'
import { BACKOFF, type Retry, type RetryPolicy, type RetryState, withRetries } from '../wire/retry.ts'
import { classify, FAILURES, type ProviderFailure, type ResponseRule, readFailure } from '../wire/verdict.ts'
import { type CallerMeter, MEASURED_BYTES } from './caller-meters.ts'
import { withoutCredentials } from './credential-in-url.ts'
import { secretsOfRequest, withoutHostSecrets } from './echoed-credentials.ts'
import { type HeaderPair, passedRequestHeaders } from './headers.ts'
import type { RateLimiter } from './rate-limit.ts'
import { openedAt, openedForCaller } from './target.ts'

/** Supplies the connection that a request is sent through. */
export interface ConnectionSource {
  open(): Promise<OpenedConnection>
  /** Called when the API refuses the credential. @returns the connection with another credential; null when there is none */
  refused(opened: OpenedConnection): Promise<OpenedConnection | null>
  /** Called when the API has refused the credential and there is no other. Default: nothing is done. */
  rejected?(opened: OpenedConnection, rejection: Rejection): Promise<void>
  /** Called when the API has accepted the credential. Default: nothing is done. */
  accepted?(opened: OpenedConnection): Promise<void> | undefined
}

/** A stored connection. `check` is called before each use and throws to deny access. */
export function storedConnection(
  broker: Broker,
  connectionId: string,
  check: (owner: ConnectionOwner) => void,
  options: { evenIfRejected?: boolean } = {},
): ConnectionSource {
  return {
    open: () => broker.open(connectionId, check, options),
    refused: (opened) => broker.refused(opened),
    rejected: (opened, rejection) => broker.rejected(opened, rejection),
    accepted: (opened) => broker.accepted(opened),
  }
}

/** A request to an integration without the connection's credential. */
export interface OutgoingRequest {
  method: string
  /**
   * A path under the base URL, with or without a query, or a complete URL under the base URL; `query` is added to it. A caller's complete
   * URL may also be at one of the definition's `hosts`. Or a URL on the base URL's origin, without the query parameters that the credential sets.
   */
  target: { path: string; query?: readonly HeaderPair[] } | URL
  /** Where the request is sent and how it is authenticated, if the definition says so for this request. */
  at?: Target | undefined
  /** A caller's headers. Those of a connection and those that the credential sets are removed. */
  headers?: readonly HeaderPair[]
  /**
   * Whether a caller wrote the request. A query parameter, form field or JSON property of theirs at the place of the credential is then an
   * error. Default: the definition wrote it, and the value is removed.
   */
  ofCaller?: boolean
  /** Templates; they win over the definition's own headers. */
  headerTemplates?: Readonly<Record<string, string>> | undefined
  body?: DraftBody | undefined
  /** Length of a streamed body in bytes, when it is known. */
  contentLength?: number | undefined
  /** Sent when no other header says what the sender accepts. */
  accept?: string
}

/** What differs between those who send: how failures, redirects and long waits are treated. */
interface SendPolicy {
  retry: RetryPolicy
  /**
   * `idempotent`: repeats only methods that can be repeated safely, and only after a lost connection, 429, 502, 503, 504 or a
   * rule of the definition: callers get other errors, such as 500, at once. `all`: repeats every failure that may pass.
   */
  repeats: 'idempotent' | 'all'
  /**
   * `with_credential`: only to paths under the base URL. `follow`: also to other origins, which do not get the credential. A
   * redirect to another path of the base URL's origin always fails.
   */
  redirects: 'with_credential' | 'follow'
  /** Whether a credential that cannot be renewed at the moment is waited for like a failed request. */
  waitsForRenewal: boolean
  /** Longest wait for the integration's rate limit. */
  maxRateWaitMs: number
}

/** A caller waits for the response: executeRequest, /proxy and tests of a credential. */
export const CALLER_REQUEST: SendPolicy = {
  retry: {
    tries: 3,
    backoff: BACKOFF.callerRequest,
    // If the provider asks for a longer wait, the caller gets its response, which says how long.
    maxWaitMs: 10_000,
    longerWait: 'fail',
    maxTotalWaitMs: 20_000,
  },
  repeats: 'idempotent',
  redirects: 'follow',
  waitsForRenewal: false,
  maxRateWaitMs: 10_000,
}

/** A page of a stream. */
export const SYNC_PAGE: SendPolicy = {
  retry: {
    tries: 5,
    backoff: BACKOFF.syncPage,
    outageMs: 15 * 60_000,
    rateLimit: { waits: 10, backoff: BACKOFF.syncRateLimit },
    maxWaitMs: 15 * 60_000,
    longerWait: 'shorten',
  },
  repeats: 'all',
  redirects: 'with_credential',
  waitsForRenewal: true,
  maxRateWaitMs: Number.POSITIVE_INFINITY,
}

/** A request after connecting. A browser waits for it. */
export const AFTER_CONNECT: SendPolicy = {
  retry: { tries: 3, backoff: BACKOFF.credential, maxWaitMs: 10_000, longerWait: 'fail' },
  repeats: 'all',
  redirects: 'with_credential',
  waitsForRenewal: false,
  maxRateWaitMs: 10_000,
}

/** A request whose call ended with a wait. The call that continues it gets this. */
export interface InterruptedRequest {
  retries?: RetryState | undefined
  /** The slot of the integration's rate limit that it has reserved, in milliseconds since 1970. */
  slotAt?: number | undefined
}

/** A wait for a slot of the integration's rate limit. */
export interface SlotWait {
  slotAt: number
  waitMs: number
  retries: RetryState | undefined
}

export interface SendOptions {
  policy: SendPolicy
  /** Reads the body that the response is judged by; null: the body is left to be read. Default: the whole body. */
  read?: ((response: EgressResponse) => Promise<Uint8Array | null> | null) | undefined
  /** Parses the body of the response as `parseJson` does. Default: `parseJson`. */
  parse?: ((text: string) => unknown) | undefined
  /** Judges a success whose body was read: a failure when it cannot be used. Default: every success can be used. */
  check?: (content: ProviderResponse, body: Uint8Array) => ProviderFailure | null
  /** `meter`: of requests that are not sent for a caller. */
  limits?: Pick<
    EgressRequest,
    'decompress' | 'maxResponseBytes' | 'timeoutMs' | 'headersTimeoutMs' | 'idleTimeoutMs' | 'meter'
  >
  /** What responses mean; they are checked before the definition's `responseErrors`. */
  responses?: readonly ResponseRule[] | undefined
  signal?: AbortSignal | undefined
  /** Counts what the request costs the caller that it is sent for. Default: it is not sent for a caller. */
  meter?: CallerMeter | undefined
  /** Called before each wait. What it throws ends the call without the wait, which another call can continue. */
  onRetry?: ((retry: Retry) => Promise<void>) | undefined
  /** As `onRetry`, for waits for the integration's rate limit. */
  onSlotWait?: ((wait: SlotWait) => void) | undefined
  /** Default: this call begins with the request. */
  resume?: InterruptedRequest | undefined
  /** Whether this is the definition's test request. Default: false. */
  isTest?: boolean
  /** Failure of an earlier request for the same, which is handled like a failure of the first request. */
  before?: ProviderFailure | undefined
}

interface Sent {
  /** Null: the response is a success. */
  failure: ProviderFailure | null
  /** How often the request was sent. */
  tries: number
}

/** A response, whatever its status. */
export interface Answered extends Sent {
  response: EgressResponse
  /** The decoded body; null when it is still to be read from `response`. */
  body: Uint8Array | null
  /** The response with its body as text, which is empty when `body` is null. */
  content: ProviderResponse
  /** Whether the credential was renewed for this request. */
  refreshed: boolean
  /** The connection as it was last used. */
  opened: OpenedConnection
  /**
   * Everything secret that the response may echo: of every credential that was used for this request, and derived from it. A
   * body or a header that a caller sees is redacted with it.
   */
  secrets: readonly string[]
}

/** There is no response that can be used. */
export interface Unanswered extends Sent {
  failure: ProviderFailure
  response: null
  error: EgressError | CredentialRefreshError | undefined
}

/** Sends requests with the credentials of connections. */
export interface Sender {
  /**
   * Sends one request through a connection, at the integration's rate. When the API refuses the credential, the credential is
   * renewed once and the request is repeated once if its body can be sent again. Failures that may pass are repeated by the
   * policy.
   *
   * @param request a function is called with each opened connection
   * @throws what the source throws; InvalidInputError and UnsupportedError when the request cannot be built; RateLimitedError
   * when too many requests wait for the integration's rate; the signal's reason
   */
  send(
    source: ConnectionSource,
    request: OutgoingRequest | ((opened: OpenedConnection) => OutgoingRequest),
    options: SendOptions,
  ): Promise<Answered | Unanswered>
}

interface SenderDeps {
  egress: Egress
  rateLimiter: RateLimiter
  clock: Clock
}

/** Methods that can be repeated safely: RFC 9110 section 9.2.2, without TRACE. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504])
/**
 * Errors that are worth a repetition by those who can wait. `aborted` without the caller's signal: the HTTP client was closed,
 * which says nothing about the request. `bad_encoding`: a body that cannot be unpacked.
 */
const MAY_PASS: ReadonlySet<EgressError['kind']> = new Set(['dns', 'aborted', 'bad_encoding'])
const MAX_REDIRECTS = 3
const NEVER = new AbortController().signal

/** One attempt, and the request that was sent; null: it failed before there was a request. */
type Attempt = (Answered | Unanswered) & {
  request: OutgoingRequest | null
  repeatable: boolean
  /** When the credential was in the request, by `performance.now()`. */
  sentAtMs: number
}

export function createSender({ egress, rateLimiter, clock }: SenderDeps): Sender {
  return {
    async send(source, given, options) {
      const { policy, signal = NEVER, meter, onRetry, onSlotWait } = options
      let { before } = options
      let { retries, slotAt } = options.resume ?? {}
      const onWait = ({ at, waitMs }: { at: number; waitMs: number }) => onSlotWait?.({ slotAt: at, waitMs, retries })
      /** The request whose streamed body was read completely. */
      let buffered: OutgoingRequest | undefined
      let refreshed = false
      let secrets: readonly string[] = []

      async function attempt(opened: OpenedConnection, failures: number): Promise<Attempt> {
        const { integrationId, definition } = opened
        const rate = definition.rateLimit?.requestsPerSecond
        const held = slotAt
        slotAt = undefined
        if (rate !== undefined)
          await rateLimiter.wait(integrationId, rate, signal, policy.maxRateWaitMs, { slotAt: held, onWait })
        const rendering = { ...opened, scope: withSharedBudget(opened.scope) }
        const request = buffered ?? (typeof given === 'function' ? given(rendering) : given)
        const view = viewFor(opened, request)
        const rendered = view === opened ? rendering : { ...view, scope: rendering.scope }
        const {
          result,
          used,
          sent: sentSecrets,
          sentAtMs,
        } = await sendOnce(egress, rendered, request, options, failures > 0)
        secrets = joinSecrets(secrets, sentSecrets)
        if (used !== request) buffered = used
        if (signal.aborted) throw signal.reason
        const judged = () => judge(result, view, secrets, clock.now(), options)
        // A body that was not read takes no time.
        const bytes = 'response' in result ? (result.body?.byteLength ?? 0) : 0
        const sent = meter === undefined || bytes < MEASURED_BYTES ? judged() : meter.work(judged)
        if (sent.response !== null && sent.failure === null && sent.body !== null) {
          sent.failure = options.check?.(sent.content, sent.body) ?? null
        }
        const { failure } = sent
        if (failure?.as === 'rate_limit' && failure.retryAfterMs !== undefined) {
          await rateLimiter.pause(integrationId, rate, failure.retryAfterMs)
        }
        return Object.assign(sent, {
          request: used,
          sentAtMs,
          repeatable: failure !== null && isRepeatable(used) && mayRepeat(options, used, sent),
        })
      }

      async function attemptAndRenew(failures: number): Promise<Attempt> {
        const opened = await source.open()
        refreshed ||= opened.renewed === true
        const sentAtMs = performance.now()
        const first = await attempt(opened, failures)
        const { response, failure, request } = first
        const rejectionOf = (failure: ProviderFailure) => ({
          failure,
          sentAtMs,
          byTest: options.isTest === true,
          test: () => sendTest(opened.main ?? opened),
        })
        // A rule may make a refusal a success. That says nothing about the credential.
        if (response === null) {
          if (failure === null || !FAILURES[failure.as].credentialRefused) return first
          // A renewal does not replace a client certificate, and a new connection not that of the OAuth client.
          const ofClient = opened.authenticator.clientCertificate?.ofClient === true
          if (!ofClient) await source.rejected?.(opened, { ...rejectionOf(failure), isRenewable: false })
          return first
        }
        if (isAnonymous(first.opened)) return first
        if (failure === null && response.status < 400) await source.accepted?.(opened)
        if (failure === null || !FAILURES[failure.as].credentialRefused) return first
        const { replace } = first.opened.authenticator
        if (replace !== undefined) {
          if (!(await unlessItFails(response, () => replace(first.sentAtMs)))) return first
          refreshed = true
          if (request === null || !isRepeatable(request)) return first
          await response.cancel()
          return attempt(opened, failures)
        }
        const other = await unlessItFails(response, () => source.refused(first.opened))
        if (other === null) {
          await source.rejected?.(first.opened, rejectionOf(failure))
          return first
        }
        refreshed = true
        if (request === null || !isRepeatable(request)) return first
        await response.cancel()
        return attempt(other, failures)
      }

      async function sendTest(opened: OpenedConnection): Promise<ProviderFailure | null | undefined> {
        const request = testRequestOf(opened)
        if (request === undefined) return undefined
        const view = viewFor(opened, request)
        const rendering = { ...view, scope: withSharedBudget(opened.scope) }
        const { result, sent } = await sendOnce(egress, rendering, request, { policy, signal }, true)
        return judge(result, view, sent, clock.now()).failure
      }

      const context = {
        policy: policy.retry,
        clock,
        signal,
        resume: retries,
        onRetry: async (retry: Retry) => {
          retries = retry.state
          await onRetry?.(retry)
        },
        discard: async ({ response }: Attempt) => response?.cancel(),
      }
      const { outcome, tries } = await withRetries<Attempt>(context, (failures) => {
        if (before !== undefined) {
          const failure = before
          before = undefined
          return Promise.resolve(unanswered(failure, undefined))
        }
        const attempted = attemptAndRenew(failures)
        if (!policy.waitsForRenewal) return attempted
        return attempted.catch((error: unknown) => {
          // The credential cannot be renewed at the moment.
          if (!(error instanceof CredentialRefreshError && error.retryable)) throw error
          return unanswered({ ok: false, as: 'retry', message: error.message, unavailable: true }, error)
        })
      })
      outcome.tries = tries
      if (outcome.response !== null) outcome.refreshed = refreshed
      return outcome
    },
  }
}

function unanswered(failure: ProviderFailure, error: Unanswered['error']) {
  return { failure, response: null, error, tries: 0, request: null, repeatable: true, sentAtMs: performance.now() }
}

type Result = Exchange | { leads: string }

/** Sends a request with the connection's credential once, and follows redirects as the policy says. */
async function sendOnce(
  egress: Egress,
  opened: OpenedConnection,
  given: OutgoingRequest,
  { policy, read, limits, signal, meter }: SendOptions,
  freshConnection: boolean,
): Promise<{ result: Result; used: OutgoingRequest; sent: readonly string[]; sentAtMs: number }> {
  const follows = policy.redirects === 'follow'
  const readUnlessRedirected = (response: EgressResponse): Promise<Uint8Array | null> | null => {
    if (!follows && redirectOf(response) !== undefined) return null
    return read === undefined ? response.bytes() : read(response)
  }
  const base = baseUrlOf(opened)
  let request = given
  let used = given
  let sentAtMs = performance.now()
  let secrets: readonly string[] = opened.authenticator.secrets
  for (let redirects = 0; ; redirects += 1) {
    if (request.target instanceof URL && request.target.origin !== base.origin) {
      return { result: { leads: `leads to another host (${request.target.host})` }, used, sent: secrets, sentAtMs }
    }
    if (request.target instanceof URL && request.target.href.length > MAX_URL_LENGTH) {
      return {
        result: { leads: `leads to a URL of more than ${MAX_URL_LENGTH} characters` },
        used,
        sent: secrets,
        sentAtMs,
      }
    }
    let serialized: Serialized
    try {
      serialized = await serialize(opened, request, base)
    } catch (error) {
      const buffered = await bufferBodyFor(error, request, meter)
      if (buffered === null) throw error
      request = buffered
      serialized = await serialize(opened, request, base)
    }
    if (redirects === 0) used = request
    sentAtMs = performance.now()
    secrets = joinSecrets(secrets, secretsOfRequest(opened, serialized.wire, request.headerTemplates))
    const sent: EgressRequest = {
      ...serialized.wire,
      ...limits,
      url: serialized.url,
      redirect: follows ? 'follow' : 'manual',
      within: base,
      freshConnection,
      meter: meter ?? limits?.meter,
      signal,
      contentLength: request.contentLength,
    }
    const result = await exchange(egress, sent, readUnlessRedirected)
    const target = follows || 'error' in result ? undefined : redirectOf(result.response)
    if (target === undefined || 'error' in result) return { result, used, sent: secrets, sentAtMs }
    await result.response.cancel()
    if (redirects === MAX_REDIRECTS) {
      return { result: { leads: `was redirected more than ${MAX_REDIRECTS} times` }, used, sent: secrets, sentAtMs }
    }
    if (target.origin !== base.origin) {
      return { result: { leads: `was redirected to another host (${target.host})` }, used, sent: secrets, sentAtMs }
    }
    if (!isUnder(base, target)) {
      return {
        result: { leads: 'was redirected to a path outside the base URL of the integration' },
        used,
        sent: secrets,
        sentAtMs,
      }
    }
    request = afterRedirect(request, target, result.response.status)
  }
}

/** Whether a request says nothing about the credential of the connection, because it is sent without it. */
function isAnonymous({ definition, authKey }: OpenedConnection): boolean {
  return authKey !== undefined && definition.auth.type === 'none'
}

/** The connection as a request uses it. @throws UnnamedHostError, TemplateError */
function viewFor(opened: OpenedConnection, { at, target, ofCaller }: OutgoingRequest): OpenedConnection {
  if (at !== undefined) return openedAt(opened, at)
  if (ofCaller !== true || target instanceof URL) return opened
  return openedForCaller(opened, target.path, baseUrlOf(opened))
}

/** Base URLs whose template has no expression. They must not be changed. */
const constantBases = new WeakMap<IntegrationDefinition, URL>()

/** The base URL of the connection, which must not be changed. @throws TemplateError */
function baseUrlOf({ definition, scope }: OpenedConnection): URL {
  const known = constantBases.get(definition)
  if (known !== undefined) return known
  const base = renderUrl(definition.baseUrl, scope)
  if (compileTemplate(definition.baseUrl).constant !== undefined) constantBases.set(definition, base)
  return base
}

function redirectOf(response: EgressResponse): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined
  const location = response.headers.get('location')
  return location === null ? undefined : (URL.parse(location, response.url) ?? undefined)
}

/** RFC 9110 section 15.4, with the choices of fetch: 303 turns every method into GET, 301 and 302 turn POST into GET. */
function afterRedirect(request: OutgoingRequest, target: URL, status: number): OutgoingRequest {
  target.hash = ''
  if (status < 307 && request.method !== 'GET' && request.method !== 'HEAD') {
    const { headers, headerTemplates, accept } = request
    return { method: 'GET', target, headers, headerTemplates, accept }
  }
  return { ...request, target }
}

/** What a result means for the credential and for the request. */
function judge(
  result: Result,
  opened: OpenedConnection,
  secrets: readonly string[],
  now: number,
  { responses, parse }: Pick<SendOptions, 'responses' | 'parse'> = {},
): Answered | Unanswered {
  if ('leads' in result) {
    const message = withoutHostSecrets(`The request ${result.leads}.`, secrets)
    return unanswered({ ok: false, as: 'fail', message }, undefined)
  }
  if ('error' in result) {
    const { error } = result
    const message = withoutHostSecrets(error.message, secrets)
    if (error.kind === 'client_certificate') return unanswered({ ok: false, as: 'auth', message }, error)
    const transient = error.retryable || MAY_PASS.has(error.kind)
    const unavailable = transient && error.kind !== 'bad_encoding'
    return unanswered({ ok: false, as: transient ? 'retry' : 'fail', message, unavailable }, error)
  }
  const { response, body } = result
  const content = createProviderResponse(response.status, response.headers, body ?? '', parse)
  const rules = rulesOf(opened, responses)
  const failure = readFailure(content, rules, secrets, now)
  return { failure, response, body, content, refreshed: false, opened, secrets, tries: 0 }
}

/** The rules by which responses are judged, in order. */
export function rulesOf(
  { definition }: OpenedConnection,
  responses: SendOptions['responses'],
): readonly ResponseRule[] | undefined {
  return responses === undefined ? definition.responseErrors : [...responses, ...(definition.responseErrors ?? [])]
}

/** Whether a failed request may be repeated by the policy. */
function mayRepeat(
  { policy, responses }: SendOptions,
  { method }: OutgoingRequest,
  sent: Answered | Unanswered,
): boolean {
  if (policy.repeats === 'all') return true
  if (!IDEMPOTENT.has(method)) return false
  if (sent.response !== null) {
    const { rule } = classify(sent.content, rulesOf(sent.opened, responses))
    return PASSING_STATUSES.has(sent.response.status) || rule !== undefined
  }
  const { error } = sent
  if (!(error instanceof EgressError)) return false
  // A request that took its whole time once would only make the caller wait as long again.
  return error.retryable && !(error.kind === 'timeout' && error.sentBytes)
}

/** The result of obtaining another credential. The response is not read if that fails. */
async function unlessItFails<T>(response: EgressResponse, obtain: () => Promise<T>): Promise<T> {
  try {
    return await obtain()
  } catch (error) {
    await response.cancel()
    throw error
  }
}

/**
 * The response for a caller who gets it whatever its status.
 * @throws InvalidInputError when the caller's body was too large to be sent; ProviderError when there is no response
 */
export function responseFor(sent: Answered | Unanswered): Answered {
  if (sent.response !== null) return sent
  const { failure, error } = sent
  if (!(error instanceof EgressError)) throw new ProviderError(failure.message)
  const { kind, sentBytes } = error
  const { message } = failure
  if (kind === 'too_large' && !sentBytes) throw new InvalidInputError([{ path: ['body'], message }])
  throw new ProviderError(message, { details: { kind }, cause: error })
}

interface Serialized {
  wire: SerializedRequest
  /** `wire.url`, parsed. */
  url: URL
}

/** Largest body that is read completely because the credential goes into it or signs it. */
const MAX_BUFFERED_BYTES = 10 * 1024 * 1024

/**
 * Builds the request with the connection's credential in it. A header that the credential sets is removed from the caller's part, so
 * that callers cannot override it; another value at its place is an error (`ofCaller`).
 *
 * @throws InvalidInputError for a path that leads away from the base URL, for headers that cannot be sent, for a value at the place of the
 * credential, and for a kind of body that cannot hold the credential; UnsupportedError when the credential cannot sign such a request
 */
function serialize(opened: OpenedConnection, request: OutgoingRequest, base: URL): Serialized | Promise<Serialized> {
  const { headers = [], target } = request
  if (headers.length === 0 && !(target instanceof URL)) return serializeOwn(opened, base, request)
  return serializeOwn(opened, base, {
    ...request,
    headers: passedRequestHeaders(headers),
    target: target instanceof URL ? withoutCredentials(target, opened) : target,
  })
}

/** @param own without what only the connection may set, except in the places of the credential */
function serializeOwn(opened: OpenedConnection, base: URL, own: OutgoingRequest): Serialized | Promise<Serialized> {
  const { definition, scope, authenticator } = opened
  const finish = (draft: RequestDraft): Serialized => {
    const wire = serializeDraft(draft)
    // A signature may be in the query.
    return { wire, url: draft.finishers === undefined ? draft.url : new URL(wire.url) }
  }
  const again = (error: unknown): Serialized | Promise<Serialized> => {
    const without = error instanceof PlacementConflictError ? withoutPlace(own, error) : null
    if (without === null) throw withoutHostSecretsIn(error, opened)
    return serializeOwn(opened, base, without)
  }
  try {
    const draft = buildDraft(definition, { ...own, scope, authenticator, base })
    return draft instanceof Promise ? draft.then(finish).catch(again) : finish(draft)
  } catch (error) {
    return again(error)
  }
}

/** The message for a path that cannot be sent mentions the host of the base URL. */
function withoutHostSecretsIn(error: unknown, { authenticator }: OpenedConnection): unknown {
  if (!(error instanceof InvalidInputError)) return error
  const fields = error.fields.map(({ path, message }) => ({
    path,
    message: withoutHostSecrets(message, authenticator.secrets),
  }))
  const changed = fields.some(({ message }, index) => message !== error.fields[index]?.message)
  return changed ? new InvalidInputError(fields) : error
}

/** Whether the request can be sent a second time. */
function isRepeatable({ body }: OutgoingRequest): boolean {
  return body === undefined || body.type !== 'raw' || body.value instanceof Uint8Array
}

/**
 * Reads a streamed body completely if `failure` says that the credential needs all of it.
 *
 * @returns null when buffering would not help
 * @throws InvalidInputError when the body is too long
 */
async function bufferBodyFor(
  failure: unknown,
  request: OutgoingRequest,
  meter: CallerMeter | undefined,
): Promise<OutgoingRequest | null> {
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
    await meter?.keep(chunk.byteLength)
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

/**
 * The request without the value in the credential's place; null when there is none to remove. A body that was not parsed yet is parsed
 * instead.
 */
function withoutPlace(request: OutgoingRequest, conflict: PlacementConflictError): OutgoingRequest | null {
  const { kind, name } = placeOf(conflict)
  const [first = ''] = name
  if (kind === 'header') return withoutHeader(request, first)
  if (kind === 'form' && request.body?.type === 'raw') return parsedForm(request)
  if (kind === 'json' && request.body?.type === 'raw') return parsedJson(request)
  if (request.ofCaller) return null
  if (kind === 'query') return withoutParameter(request, first)
  if (kind === 'form') return withoutFormField(request, first)
  return kind === 'json' ? withoutProperty(request, name) : null
}

function withoutHeader(request: OutgoingRequest, name: string): OutgoingRequest | null {
  const { headers = [] } = request
  const others = headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase())
  return others.length === headers.length ? null : { ...request, headers: others }
}

/** Filters pair by pair, so that the remaining query keeps its bytes. */
function withoutParameter(request: OutgoingRequest, name: string): OutgoingRequest | null {
  const { target } = request
  if (target instanceof URL) return null
  const query = target.query?.filter(([key]) => key !== name)
  const mark = target.path.indexOf('?')
  const pairs = mark === -1 ? [] : target.path.slice(mark + 1).split('&')
  const kept = pairs.filter((pair) => !new URLSearchParams(pair).has(name))
  if (query?.length === target.query?.length && kept.length === pairs.length) return null
  const path = mark === -1 ? target.path : `${target.path.slice(0, mark)}?${kept.join('&')}`
  return { ...request, target: { path, query } }
}

function parsedForm(request: OutgoingRequest): OutgoingRequest | null {
  const text = bodyText(request, /^application\/x-www-form-urlencoded\b/i)
  return text === null ? null : { ...request, body: { type: 'form', value: new URLSearchParams(text) } }
}

function withoutFormField(request: OutgoingRequest, name: string): OutgoingRequest | null {
  if (request.body?.type !== 'form' || !request.body.value.has(name)) return null
  const value = new URLSearchParams(request.body.value)
  value.delete(name)
  return { ...request, body: { type: 'form', value } }
}

function parsedJson(request: OutgoingRequest): OutgoingRequest | null {
  const text = bodyText(request, /^application\/(?:[\w.+-]+\+)?json\b/i)
  if (text === null) return null
  try {
    return { ...request, body: { type: 'json', value: parseJson(text) } }
  } catch {
    throw new InvalidInputError([
      { path: ['body'], message: 'The Content-Type says JSON, but the body is not valid JSON.' },
    ])
  }
}

function withoutProperty(request: OutgoingRequest, path: readonly string[]): OutgoingRequest | null {
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
function bodyText({ body, headers = [] }: OutgoingRequest, type: RegExp): string | null {
  if (body?.type !== 'raw' || !(body.value instanceof Uint8Array)) return null
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? body.contentType ?? ''
  return type.test(contentType) ? new TextDecoder().decode(body.value) : null
}

/**
 * The definition's test request. With a JSON body the default method is POST.
 *
 * @returns undefined when the definition has none
 * @throws TemplateError for a missing input
 */
export function testRequestOf({ definition, scope: given }: OpenedConnection): OutgoingRequest | undefined {
  if (definition.testRequest === undefined) return undefined
  const scope = withSharedBudget(given)
  const {
    path,
    json,
    query = {},
    headers,
    baseUrl,
    auth,
    method = json === undefined ? 'GET' : 'POST',
  } = definition.testRequest
  return {
    method,
    at: { baseUrl, auth },
    target: { path: renderPath(path, scope), query: renderParameters(query, scope) },
    headerTemplates: headers,
    body: json === undefined ? undefined : { type: 'json', value: renderJson(json, scope) },
    accept: 'application/json',
  }
}
