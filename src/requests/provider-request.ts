import type { TemplateScope } from '../catalog/template/template.ts'
import { renderTemplate } from '../catalog/template/template.ts'
import { renderUrl } from '../catalog/template/url-template.ts'
import type { OpenedConnection } from '../credentials/credential-store.ts'
import { DEFAULT_MAX_BYTES, type Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { valueProblem } from '../wire/placement.ts'
import { matchingRule, type ResponseRule } from '../wire/provider-reply.ts'
import { type DraftBody, type RequestDraft, serializeDraft } from '../wire/request-draft.ts'
import { type Answer, createAnswer, judgeAnswer, type ProviderFailure } from './verdict.ts'

export interface ProviderRequest {
  method: string
  /** On the origin of the definition's base URL. Query parameters that the credential sets are taken out of it. */
  url: URL
  /** Templates; win over the definition's own headers. */
  headers?: Readonly<Record<string, string>>
  body?: DraftBody
}

/** A good answer, read in whole unless `body` is there. */
export interface ProviderAnswer extends Answer {
  ok: true
  /** Where it came from: another path of the same origin after a redirect. */
  url: URL
  /** Decoded bytes of the body, so far. */
  readonly bytesRead: number
  /** The decoded body, still to be read, where `streamed` asked for it; `text` is empty then. Fails with EgressError. */
  body?: AsyncIterable<Uint8Array>
}

export type ProviderOutcome = ProviderAnswer | ProviderFailure

interface ProviderRequestOptions {
  egress: Egress
  opened: OpenedConnection
  request: ProviderRequest
  /** Where no header of the definition or the request says it. Default: application/json. */
  accept?: string
  signal?: AbortSignal
  /** Of the decoded body that is read in whole. Default: 10 MiB. */
  maxResponseBytes?: number
  /** Whether a good answer with these headers is handed on as it comes, up to `maxBytes`. Default: none is. */
  streamed?: { when(headers: Headers): boolean; maxBytes: number }
  /** From the call to the last byte. Default: 30,000. */
  timeoutMs?: number
}

const MAX_REDIRECTS = 3

/**
 * Makes one authenticated request and judges its answer by the definition. Nothing goes to another origin than that of
 * the base URL: a redirect elsewhere is a failure, one within the origin is followed with the credential.
 *
 * Rejects with the signal's reason when it is aborted, with InvalidInputError (a missing input, a place that is taken)
 * when the request cannot be made; every other trouble is an outcome.
 */
export async function sendProviderRequest(options: ProviderRequestOptions): Promise<ProviderOutcome> {
  const { opened, signal } = options
  const base = renderUrl(opened.definition.baseUrl, opened.scope)
  let { request } = options
  try {
    for (let redirects = 0; ; redirects += 1) {
      if (request.url.origin !== base.origin) return refusedRequest(`leads to another host (${request.url.host})`)
      const response = await send(options, request)
      const target = redirectOf(response)
      if (target === undefined) return await judge(options, response)
      await response.cancel()
      if (redirects === MAX_REDIRECTS) return refusedRequest(`was redirected more than ${MAX_REDIRECTS} times`)
      if (target.origin !== base.origin) return refusedRequest(`was redirected to another host (${target.host})`)
      request = afterRedirect(request, target, response.status)
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (!(error instanceof EgressError)) throw error
    if (error.kind === 'too_large') return refusedRequest(tooLarge(maxBytesOf(options)))
    // `aborted` without our signal: the client for outgoing requests was closed, which says nothing about the request.
    const passing = error.retryable || error.kind === 'dns' || error.kind === 'aborted'
    return { ok: false, as: passing ? 'retry' : 'fail', message: error.message }
  }
}

async function send(options: ProviderRequestOptions, request: ProviderRequest): Promise<EgressResponse> {
  const { opened, egress } = options
  const draft: RequestDraft = {
    method: request.method,
    url: withoutCredentials(request.url, opened),
    headers: renderHeaders({ ...opened.definition.headers, ...request.headers }, opened.scope),
    ...(request.body === undefined ? {} : { body: request.body }),
    credentialHeaders: new Set(),
  }
  if (!draft.headers.has('accept')) draft.headers.set('accept', options.accept ?? 'application/json')
  await opened.authenticator.apply(draft)
  return egress.send({
    ...serializeDraft(draft),
    redirect: 'manual',
    maxResponseBytes: Math.max(maxBytesOf(options), options.streamed?.maxBytes ?? 0),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
}

function renderHeaders(templates: Readonly<Record<string, string>>, scope: TemplateScope): Headers {
  const headers = new Headers()
  for (const [name, source] of Object.entries(templates)) {
    const value = renderTemplate(source, scope)
    const problem = valueProblem({ in: 'header', name }, value)
    if (problem !== undefined)
      throw new InvalidInputError([{ path: ['headers', name], message: `The value ${problem}.` }])
    headers.set(name, value)
  }
  return headers
}

async function judge(options: ProviderRequestOptions, response: EgressResponse): Promise<ProviderOutcome> {
  const { definition, authenticator } = options.opened
  const { status, headers, url } = response
  if (options.streamed?.when(headers) === true && mayStream(status, definition.responseErrors)) {
    const body = response.chunks()
    return {
      ...createAnswer(status, headers, ''),
      ok: true,
      url,
      body,
      get bytesRead() {
        return response.bytesRead
      },
    }
  }
  const answer = createAnswer(status, headers, await readText(response, maxBytesOf(options)))
  const failure = judgeAnswer(answer, definition.responseErrors, authenticator.secrets)
  return failure ?? { ...answer, ok: true, url, bytesRead: response.bytesRead }
}

/** A status that says that all is well. What a rule would have to look into is no body that is handed on. */
function mayStream(status: number, rules: readonly ResponseRule[] | undefined): boolean {
  return (
    status >= 200 && status < 300 && status !== 204 && matchingRule(rules, { status, body: undefined }) === undefined
  )
}

function maxBytesOf({ maxResponseBytes }: ProviderRequestOptions): number {
  return maxResponseBytes ?? DEFAULT_MAX_BYTES
}

/** An error page that cannot be read changes nothing: its status has said enough. */
async function readText(response: EgressResponse, maxBytes: number): Promise<string> {
  try {
    return await response.text(maxBytes)
  } catch (error) {
    if (response.status >= 400 && error instanceof EgressError && error.kind === 'too_large') return ''
    throw error
  }
}

function redirectOf(response: EgressResponse): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined
  const location = response.headers.get('location')
  return location === null ? undefined : (URL.parse(location, response.url) ?? undefined)
}

/** RFC 9110 section 15.4, with fetch's choices: 303 becomes GET, and so does a POST on 301 and 302. */
function afterRedirect(request: ProviderRequest, target: URL, status: number): ProviderRequest {
  target.hash = ''
  if (status < 307 && request.method !== 'GET' && request.method !== 'HEAD') {
    return { method: 'GET', url: target, ...(request.headers === undefined ? {} : { headers: request.headers }) }
  }
  return { ...request, url: target }
}

/**
 * A copy of a URL that a provider gave, without the query parameters that the credential sets: providers repeat the whole
 * query of a request in the link to the next page. They are put in again when the link is used.
 */
export function withoutCredentials(url: URL, opened: OpenedConnection): URL {
  const names = new Set(queryPlacements(opened.definition.auth))
  const copy = new URL(url)
  if (names.size === 0) return copy
  // Pair by pair, so that what stays is byte for byte what it was.
  const pairs = url.search.slice(1).split('&')
  copy.search = pairs.filter((pair) => !new URLSearchParams(pair).keys().some((name) => names.has(name))).join('&')
  return copy
}

/** Whether a URL shows a part of the credential, so that it must not be stored as it is. */
export function showsCredential(url: URL, opened: OpenedConnection): boolean {
  const texts = [url.href, url.pathname.replaceAll(/%([0-9a-f]{2})/gi, fromHex), ...url.searchParams.values()]
  return opened.authenticator.secrets.some((secret) => secret !== '' && texts.some((text) => text.includes(secret)))
}

function fromHex(_escape: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

/** The names of all query parameters that a definition's auth may set, however deep its placements are. */
function* queryPlacements(auth: unknown): Generator<string> {
  if (typeof auth !== 'object' || auth === null) return
  if ('in' in auth && auth.in === 'query' && 'name' in auth && typeof auth.name === 'string') yield auth.name
  for (const value of Object.values(auth)) yield* queryPlacements(value)
}

function refusedRequest(what: string): ProviderFailure {
  return { ok: false, as: 'fail', message: `The request ${what}.` }
}

function tooLarge(maxBytes: number): string {
  const cap = maxBytes >= 1024 * 1024 ? `${Math.floor(maxBytes / 1024 / 1024)} MiB` : `${maxBytes} bytes`
  return `was answered with a body that is too large: more than ${cap}`
}
