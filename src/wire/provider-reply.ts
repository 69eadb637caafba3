import { isDeepStrictEqual } from 'node:util'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { type Path, readPath } from '../catalog/definition/path.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import type { ProviderWords } from '../kit/errors.ts'
import { isRawJson, parseJson } from '../kit/json.ts'
import { redactSecrets } from '../kit/redact.ts'
import { parseRetryAfter } from '../kit/time.ts'
import { RenewalError } from './renewal-error.ts'
import type { SerializedRequest } from './request-draft.ts'

/** What a provider answered to a login or a token request, read in whole. */
export interface ProviderReply {
  status: number
  text: string
  /** The text read as JSON, else as a form; undefined: it is neither. Numbers as lossless-json.ts has them. */
  body: unknown
  retryAfterMs?: number
}

/** A token is a few kilobytes. */
const maxReplyBytes = 1024 * 1024

/** What sending a login or a token request needs; a strategy's `RenewContext` has all of it. */
interface ReplyContext {
  egress: Egress
  now: Date
  signal?: AbortSignal
  /** Default: DEFAULT_RENEW_TIMEOUT_MS. */
  timeoutMs?: number
}

/**
 * Sends a login or a token request, once, and follows no redirect: a credential goes where the definition says and
 * nowhere else. Rejects with RenewalError where there is no answer that can be read.
 */
export async function askProvider(
  request: SerializedRequest,
  { egress, now, signal, timeoutMs = DEFAULT_RENEW_TIMEOUT_MS }: ReplyContext,
): Promise<ProviderReply> {
  try {
    const response = await egress.send({
      ...request,
      redirect: 'manual',
      maxResponseBytes: maxReplyBytes,
      timeoutMs,
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    })
    const text = await readText(response)
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now.getTime())
    return {
      status: response.status,
      text,
      body: readBody(text, response.headers.get('content-type') ?? ''),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  } catch (error) {
    if (error instanceof EgressError) throw noAnswer(error)
    throw error
  }
}

/** An error page that cannot be read changes nothing: its status has said enough. */
async function readText(response: EgressResponse): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    const unreadable = error instanceof EgressError && (error.kind === 'too_large' || error.kind === 'bad_encoding')
    if (response.status >= 300 && unreadable) return ''
    throw error
  }
}

/** Always worth another try later: a certificate is renewed, an address is allowed, a host moves. */
function noAnswer(error: EgressError): RenewalError {
  const unusable = error.sentBytes && (error.kind === 'too_large' || error.kind === 'bad_encoding')
  return new RenewalError(error.message, {
    reason: unusable ? 'MALFORMED_RESPONSE' : 'PROVIDER_UNAVAILABLE',
    retryable: true,
    indeterminate: error.sentBytes,
    cause: error,
  })
}

/** JSON whatever the Content-Type says; a form where it says so, or where there is none and the text looks like one. */
function readBody(text: string, contentType: string): unknown {
  try {
    return parseJson(text)
  } catch {
    const form = /^application\/x-www-form-urlencoded\b/i.test(contentType)
    const untyped = contentType === '' || /^text\/plain\b/i.test(contentType)
    const looksLikeForm = /^[\w.%+-]+=[^<>\s]*$/.test(text.trim())
    return form || (untyped && looksLikeForm) ? Object.fromEntries(new URLSearchParams(text.trim())) : undefined
  }
}

/** Where an answer says what is wrong; the definition's own paths win. */
interface ErrorPaths {
  error?: Path
  errorDescription?: Path
}

const codePaths: readonly Path[] = [
  ['error'],
  ['error', 'type'],
  ['error', 'status'],
  ['error', 'code'],
  ['error_code'],
]
const descriptionPaths: readonly Path[] = [
  ['error_description'],
  ['error', 'message'],
  ['message'],
  ['detail'],
  ['errors', 0, 'message'],
  ['error_message'],
]

/** The code of an error (RFC 6749 section 5.2), as text. `null`, `false`, 0 and an empty text are no error. */
export function errorCodeOf(body: unknown, path?: Path): string | undefined {
  return firstText(body, path === undefined ? codePaths : [path, ...codePaths])
}

export function errorDescriptionOf(body: unknown, path?: Path): string | undefined {
  return firstText(body, path === undefined ? descriptionPaths : [path, ...descriptionPaths])
}

function firstText(body: unknown, paths: readonly Path[]): string | undefined {
  for (const path of paths) {
    const value = readPath(body, path)
    if (typeof value === 'string' && value.trim() !== '' && value !== '0') return value
    if (typeof value === 'number' && value !== 0) return String(value)
    if (isRawJson(value)) return value.rawJSON
  }
  return undefined
}

/**
 * What the provider said, in its own words, without the given secrets and without whatever its answer names as a token
 * or a secret. A text that is no JSON is told only with an error status: with a good one it may be a token.
 */
export function providerWords(reply: ProviderReply, paths: ErrorPaths, secrets: readonly string[]): ProviderWords {
  const hidden = [...secrets, ...secretsIn(reply.body)]
  const code = errorCodeOf(reply.body, paths.error)
  const page = reply.body === undefined && reply.status >= 400 ? reply.text.slice(0, 20_000).trim() : ''
  const description = errorDescriptionOf(reply.body, paths.errorDescription) ?? (page === '' ? undefined : page)
  return {
    providerStatus: reply.status,
    ...(code === undefined ? {} : { providerError: redactSecrets(code, hidden) }),
    ...(description === undefined ? {} : { providerErrorDescription: redactSecrets(description, hidden) }),
  }
}

const secretName = /token|secret|password|assertion|api_?key/i
const aboutSecret = /type|expir|scope|error/i

function* secretsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* secretsIn(item)
  if (!isRecord(value)) return
  for (const [name, item] of Object.entries(value)) {
    if (typeof item !== 'string') yield* secretsIn(item)
    else if (secretName.test(name) && !aboutSecret.test(name)) yield item
  }
}

export type ResponseRule = NonNullable<IntegrationDefinition['responseErrors']>[number]

/** The first of the definition's `responseErrors` that an answer fits. The body is looked at only for a rule with a path. */
export function matchingRule(
  rules: readonly ResponseRule[] | undefined,
  reply: Pick<ProviderReply, 'status' | 'body'>,
): ResponseRule | undefined {
  return (rules ?? []).find((rule) => fits(rule, reply))
}

/** A path without `equals` fits when something stands there: not null, false, nor an empty text or list. */
function fits(rule: ResponseRule, reply: Pick<ProviderReply, 'status' | 'body'>): boolean {
  if (rule.status !== undefined && rule.status !== reply.status) return false
  if (rule.path === undefined) return true
  const value = readPath(reply.body, rule.path)
  if (rule.equals !== undefined) return isDeepStrictEqual(value, rule.equals)
  const empty = value === '' || (Array.isArray(value) && value.length === 0)
  return value !== undefined && value !== null && value !== false && !empty
}

export const DEFAULT_RENEW_TIMEOUT_MS = 20_000
