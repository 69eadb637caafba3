import { isDeepStrictEqual } from 'node:util'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { readPath, readPlace, type ValuePlace } from '../catalog/definition/path.ts'
import { withSharedBudget } from '../catalog/template/budget.ts'
import { compileCondition, type TemplateScope } from '../catalog/template/template.ts'
import { clockOf, parseIsoInstant, parseRateLimitWait, parseReset, parseRetryAfter } from '../kit/time.ts'
import { jsonOrUndefined, type ProviderResponse } from './provider-response.ts'
import { responseErrorCode, responseMessage } from './provider-words.ts'

/** Why a response is a failure. `FAILURES` says what each kind means. */
type FailureKind = 'auth' | 'forbidden' | 'rate_limit' | 'retry' | 'fail'

interface FailureMeaning {
  /** The credential is refused: renew it once and repeat the request once. A second refusal is final. */
  credentialRefused: boolean
  /** The same request may succeed later. */
  retryable: boolean
}

/** What a failed request means for the credential and for the work that sent it. Every sender reads this table. */
export const FAILURES: Readonly<Record<FailureKind, FailureMeaning>> = {
  auth: { credentialRefused: true, retryable: false },
  forbidden: { credentialRefused: false, retryable: false },
  rate_limit: { credentialRefused: false, retryable: true },
  retry: { credentialRefused: false, retryable: true },
  fail: { credentialRefused: false, retryable: false },
}

type DefinitionRule = NonNullable<IntegrationDefinition['responseErrors']>[number]

/**
 * What a response means for the list of a stream, whatever its status. `empty`: the page has no records. `end`: the list
 * ends with the response. `skip`: the list is not read.
 */
export type ListVerdict = 'empty' | 'end' | 'skip'

/** A rule of a stream's `responses` or of the definition's `responseErrors`. */
export interface ResponseRule extends Omit<DefinitionRule, 'as'> {
  as: DefinitionRule['as'] | ListVerdict
  where?: string | undefined
  waitFrom?: ValuePlace | undefined
}

interface Classification {
  /** `null`: the response is a success, or says something about a list. */
  failure: FailureKind | null
  list: ListVerdict | null
  /** The rule that decided. `undefined`: the status decided. */
  rule: ResponseRule | undefined
}

interface RuledResponse {
  readonly status: number
  readonly headers?: Headers
  /** Read only for rules with a path or a condition, so it may be a getter. */
  readonly body: unknown
}

/**
 * Classifies a response by the first rule that matches, or else by its status.
 * @throws TemplateError (`fault: 'limit'`) when the conditions of the rules cost too much
 */
export function classifyResponse(response: RuledResponse, rules: readonly ResponseRule[] | undefined): Classification {
  let scope: TemplateScope | undefined
  const scopeOfResponse = () => {
    scope ??= scopeOf(response)
    return scope
  }
  const rule = rules?.find((candidate) => matches(candidate, response, scopeOfResponse))
  if (rule === undefined) return { failure: classifyStatus(response.status), list: null, rule }
  const { as } = rule
  if (as === 'empty' || as === 'end' || as === 'skip') return { failure: null, list: as, rule }
  // A rule that only says where the words of a 403 are does not make it a failure of the whole job.
  return { failure: as === 'fail' && response.status === 403 ? 'forbidden' : as, list: null, rule }
}

/** Classifies a response by its status alone. 403 means that the account lacks a permission, not that its credential is bad. */
function classifyStatus(status: number): FailureKind | null {
  if (status >= 200 && status < 300) return null
  if (status === 401) return 'auth'
  if (status === 403) return 'forbidden'
  if (status === 429) return 'rate_limit'
  return status >= 500 || status === 408 || status === 425 ? 'retry' : 'fail'
}

/** Whether a response with this status may succeed when the request is repeated later. */
export function isTransientStatus(status: number): boolean {
  const failure = classifyStatus(status)
  return failure !== null && FAILURES[failure].retryable
}

/** A path without `equals` matches any value except null, false, an empty string and an empty list. */
function matches(rule: ResponseRule, response: RuledResponse, scope: () => TemplateScope): boolean {
  if (rule.status !== undefined && rule.status !== response.status) return false
  if (rule.path !== undefined && !hasValue(readPath(response.body, rule.path), rule.equals)) return false
  return rule.where === undefined || compileCondition(rule.where).test(scope())
}

function hasValue(value: unknown, equals: unknown): boolean {
  if (equals !== undefined) return isDeepStrictEqual(value, equals)
  const empty = value === '' || (Array.isArray(value) && value.length === 0)
  return value !== undefined && value !== null && value !== false && !empty
}

function scopeOf({ status, headers, body }: RuledResponse): TemplateScope {
  return withSharedBudget({ status, headers: Object.fromEntries(headers ?? []), answer: body })
}

/** A request that failed. Contains no secret, no header and no query of a URL. */
export interface ProviderFailure {
  ok: false
  as: FailureKind
  /** Latchkey's own sentence about the failure. */
  message: string
  /** Absent when there was no response. */
  providerStatus?: number
  /** The provider's code of the error, without secrets. */
  providerError?: string
  /** The provider's own words, without secrets, at most 500 characters. */
  providerMessage?: string
  /** How long the provider asks to wait. */
  retryAfterMs?: number
  /** The provider cannot be reached, or says that it is not available now. Otherwise it may fail in the same way for ever. */
  unavailable?: boolean
}

const UNAVAILABLE: ReadonlySet<number> = new Set([408, 425, 502, 503, 504])

/** Like `classifyResponse`, parsing the body only for rules with a path or a condition. */
export function classify(response: ProviderResponse, rules: readonly ResponseRule[] | undefined): Classification {
  if (rules === undefined) return { failure: classifyStatus(response.status), list: null, rule: undefined }
  return classifyResponse(
    {
      status: response.status,
      headers: response.headers,
      get body() {
        return jsonOrUndefined(response)
      },
    },
    rules,
  )
}

/**
 * The failure that a response stands for, with the provider's words.
 *
 * @param secrets removed from the provider's words
 * @param now milliseconds since 1970, for a `Retry-After` that is a date
 * @returns null when the response is a success
 */
export function readFailure(
  response: ProviderResponse,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
  now = Date.now(),
): ProviderFailure | null {
  const { status, headers } = response
  const { failure, rule } = classify(response, rules)
  if (failure === null) return null
  return {
    ok: false,
    as: failure,
    message: sentence(failure, status),
    providerStatus: status,
    providerError: responseErrorCode(response, secrets),
    providerMessage: responseMessage(response, { message: rule?.message, code: rule?.code }, secrets),
    retryAfterMs: declaredWaitMs(response, rule?.waitFrom, now) ?? requestedWaitMs(failure, headers, now),
    ...(failure === 'retry' && UNAVAILABLE.has(status) ? { unavailable: true } : {}),
  }
}

/** How long a response asks to wait at the place that its rule names: seconds, or a time, as a text or since 1970. */
function declaredWaitMs(response: ProviderResponse, place: ValuePlace | undefined, now: number): number | undefined {
  if (place === undefined) return undefined
  const value = readPlace(place, jsonOrUndefined(response), response.headers)
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  const at = parseIsoInstant(text)
  const waitMs = parseReset(text, clockOf(response.headers, now)) ?? parseRetryAfter(text, now)
  return waitMs ?? (at === undefined ? undefined : Math.max(0, at.getTime() - now))
}

/** How long a failed response asks to wait: `Retry-After`, or for a rate limit also the reset time of its window. */
function requestedWaitMs(failure: FailureKind, headers: Headers, now: number): number | undefined {
  return failure === 'rate_limit' ? parseRateLimitWait(headers, now) : parseRetryAfter(headers.get('retry-after'), now)
}

/** A text that says why a request failed: Latchkey's sentence, and the provider's words. */
export function failureText({ message, providerMessage }: ProviderFailure): string {
  return providerMessage === undefined ? message : `${message} It says: ${providerMessage}`
}

/** The status and the provider's words in a text of `failureText`. Null: the text is another one. */
export function refusalIn(text: string): { status: number; message: string | null } | null {
  const [, status, message = null] = /^[^(]*\(status (\d{3})\)\.(?: It says: (.*))?$/s.exec(text) ?? []
  return status === undefined ? null : { status: Number(status), message }
}

function sentence(failure: FailureKind, status: number): string {
  if (failure === 'auth') return `The provider refused the credential (status ${status}).`
  if (failure === 'forbidden') return `The provider does not allow this request for this account (status ${status}).`
  if (failure === 'rate_limit') return `The provider limits the rate of requests (status ${status}).`
  return `The provider answered with status ${status}${status < 300 ? ' and an error' : ''}.`
}
