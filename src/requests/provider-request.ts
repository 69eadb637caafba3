import { buildDraft } from '../auth/build-draft.ts'
import { renderUrl } from '../catalog/template/url-template.ts'
import type { OpenedConnection } from '../credentials/credential-store.ts'
import { DEFAULT_MAX_BYTES, type Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { createProviderResponse, type ProviderResponse, readResponseText } from '../wire/provider-response.ts'
import { type DraftBody, serializeDraft } from '../wire/request-draft.ts'
import { classifyResponse, type ProviderFailure, type ResponseRule, readFailure } from '../wire/verdict.ts'

export interface ProviderRequest {
  method: string
  /** On the origin of the definition's base URL. Query parameters that the credential sets are removed from it. */
  url: URL
  /** Templates; they win over the definition's own headers. */
  headers?: Readonly<Record<string, string>>
  body?: DraftBody
}

/** A successful response, read completely unless `body` is present. */
export interface ProviderAnswer extends ProviderResponse {
  ok: true
  /** The URL that answered: another path of the same origin after a redirect. */
  url: URL
  /** Decoded bytes of the body that were read so far. */
  readonly bytesRead: number
  /** The decoded body, still to be read, when `streamed` asked for it; `text` is empty then. Fails with EgressError. */
  body?: AsyncIterable<Uint8Array>
}

export type ProviderOutcome = ProviderAnswer | ProviderFailure

interface ProviderRequestOptions {
  egress: Egress
  opened: OpenedConnection
  request: ProviderRequest
  /** Sent when no header of the definition or the request says what is accepted. Default: application/json. */
  accept?: string
  signal?: AbortSignal
  /** Largest decoded body that is read completely. Default: 10 MiB. */
  maxResponseBytes?: number
  /** Whether a successful response with these headers is passed on as it arrives, up to `maxBytes`. Default: never. */
  streamed?: { when(headers: Headers): boolean; maxBytes: number }
  /** From the call to the last byte. Default: 30,000. */
  timeoutMs?: number
}

const MAX_REDIRECTS = 3

/**
 * Sends one authenticated request and classifies its response by the definition. The request never leaves the origin of the
 * base URL: a redirect to another origin is a failure, and one within the origin is followed with the credential.
 *
 * Rejects with the signal's reason when the signal is aborted, and with InvalidInputError (a missing input, a place that is
 * taken) when the request cannot be built. Every other problem is an outcome.
 */
export async function sendProviderRequest(options: ProviderRequestOptions): Promise<ProviderOutcome> {
  const { opened, signal } = options
  const base = renderUrl(opened.definition.baseUrl, opened.scope)
  let { request } = options
  try {
    for (let redirects = 0; ; redirects += 1) {
      if (request.url.origin !== base.origin) return requestFailure(`leads to another host (${request.url.host})`)
      const response = await sendOnce(options, request)
      const target = redirectOf(response)
      if (target === undefined) return await readOutcome(options, response)
      await response.cancel()
      if (redirects === MAX_REDIRECTS) return requestFailure(`was redirected more than ${MAX_REDIRECTS} times`)
      if (target.origin !== base.origin) return requestFailure(`was redirected to another host (${target.host})`)
      request = afterRedirect(request, target, response.status)
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (!(error instanceof EgressError)) throw error
    if (error.kind === 'too_large') return requestFailure(bodyTooLarge(maxBytesOf(options)))
    // `aborted` without the caller's signal: the HTTP client was closed, which says nothing about the request.
    const transient = error.retryable || error.kind === 'dns' || error.kind === 'aborted'
    return { ok: false, as: transient ? 'retry' : 'fail', message: error.message }
  }
}

async function sendOnce(options: ProviderRequestOptions, request: ProviderRequest): Promise<EgressResponse> {
  const { opened, egress, signal, timeoutMs, accept = 'application/json' } = options
  const { definition, scope, authenticator } = opened
  const draft = await buildDraft(definition, {
    method: request.method,
    target: withoutCredentials(request.url, opened),
    headerTemplates: request.headers,
    accept,
    body: request.body,
    scope,
    authenticator,
  })
  return egress.send({
    ...serializeDraft(draft),
    redirect: 'manual',
    maxResponseBytes: Math.max(maxBytesOf(options), options.streamed?.maxBytes ?? 0),
    timeoutMs,
    signal,
  })
}

async function readOutcome(options: ProviderRequestOptions, response: EgressResponse): Promise<ProviderOutcome> {
  const { definition, authenticator } = options.opened
  const { status, headers, url } = response
  if (options.streamed?.when(headers) === true && mayStream(status, definition.responseErrors)) {
    const body = response.chunks()
    return {
      ...createProviderResponse(status, headers, ''),
      ok: true,
      url,
      body,
      get bytesRead() {
        return response.bytesRead
      },
    }
  }
  const read = createProviderResponse(status, headers, await readResponseText(response, maxBytesOf(options)))
  const failure = readFailure(read, definition.responseErrors, authenticator.secrets)
  return failure ?? { ...read, ok: true, url, bytesRead: response.bytesRead }
}

/** Whether the status alone says that the response is a success with a body. */
function mayStream(status: number, rules: readonly ResponseRule[] | undefined): boolean {
  return status !== 204 && classifyResponse({ status, body: undefined }, rules).failure === null
}

function maxBytesOf({ maxResponseBytes }: ProviderRequestOptions): number {
  return maxResponseBytes ?? DEFAULT_MAX_BYTES
}

function redirectOf(response: EgressResponse): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined
  const location = response.headers.get('location')
  return location === null ? undefined : (URL.parse(location, response.url) ?? undefined)
}

/** RFC 9110 section 15.4, with the choices of fetch: 303 turns every method into GET, 301 and 302 turn POST into GET. */
function afterRedirect(request: ProviderRequest, target: URL, status: number): ProviderRequest {
  target.hash = ''
  if (status < 307 && request.method !== 'GET' && request.method !== 'HEAD') {
    return { method: 'GET', url: target, headers: request.headers }
  }
  return { ...request, url: target }
}

/**
 * A copy of a URL from a provider without the query parameters that the credential sets. Providers repeat the whole query of
 * a request in the link to the next page; the parameters are added again when the link is used.
 */
export function withoutCredentials(url: URL, opened: OpenedConnection): URL {
  const names = new Set(queryPlacements(opened.definition.auth))
  const copy = new URL(url)
  if (names.size === 0) return copy
  // Filtered pair by pair, so that the remaining query keeps its bytes.
  const pairs = url.search.slice(1).split('&')
  copy.search = pairs.filter((pair) => !new URLSearchParams(pair).keys().some((name) => names.has(name))).join('&')
  return copy
}

/** Whether a URL contains a part of the credential, so that it must not be stored. */
export function showsCredential(url: URL, opened: OpenedConnection): boolean {
  const texts = [url.href, url.pathname.replaceAll(/%([0-9a-f]{2})/gi, fromHex), ...url.searchParams.values()]
  return opened.authenticator.secrets.some((secret) => secret !== '' && texts.some((text) => text.includes(secret)))
}

function fromHex(_escape: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

/** The names of all query parameters that a definition's auth may set, at any depth. */
function* queryPlacements(auth: unknown): Generator<string> {
  if (typeof auth !== 'object' || auth === null) return
  if ('in' in auth && auth.in === 'query' && 'name' in auth && typeof auth.name === 'string') yield auth.name
  for (const value of Object.values(auth)) yield* queryPlacements(value)
}

function requestFailure(what: string): ProviderFailure {
  return { ok: false, as: 'fail', message: `The request ${what}.` }
}

function bodyTooLarge(maxBytes: number): string {
  const limit = maxBytes >= 1024 * 1024 ? `${Math.floor(maxBytes / 1024 / 1024)} MiB` : `${maxBytes} bytes`
  return `was answered with a body that is too large: more than ${limit}`
}
