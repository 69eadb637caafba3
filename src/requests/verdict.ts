import { readPath } from '../catalog/definition/path.ts'
import { isRawJson, parseJson, stringifyJson } from '../kit/json.ts'
import { redactSecrets } from '../kit/redact.ts'
import { parseRateLimitWait, parseRetryAfter } from '../kit/time.ts'
import { matchingRule, type ResponseRule } from '../wire/provider-reply.ts'

/**
 * What a failed request calls for. `auth`: the credential is refused; `rate_limit`: wait, as long as was asked;
 * `retry`: the same request may work soon; `fail`: it will not.
 */
export type FailureKind = 'auth' | 'retry' | 'rate_limit' | 'fail'

/** A request without a usable answer. Holds no secret, no header and no query of a URL. */
export interface ProviderFailure {
  ok: false
  as: FailureKind
  /** Our own sentence. */
  message: string
  /** Absent when there was no answer at all. */
  providerStatus?: number
  /** The provider's own words, without secrets, at most 500 characters. */
  providerMessage?: string
  /** How long the provider asks us to wait. */
  retryAfterMs?: number
}

/** An answer that came in whole. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON, numbers kept (see lossless-json.ts); parsed once. Throws JsonSyntaxError and JsonTooDeepError. */
  json(): unknown
}

/**
 * Judges by the definition's rules, the first that fits, then by the status. Null: it is good.
 * @param now for a time to wait until that is told as a date
 */
export function judgeAnswer(
  answer: Answer,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
  now = Date.now(),
): ProviderFailure | null {
  const rule = matchingRule(rules, {
    status: answer.status,
    get body() {
      return jsonOrUndefined(answer)
    },
  })
  const kind = rule?.as ?? kindOfStatus(answer.status)
  if (kind === null) return null
  const words = errorWords(answer, rule?.message, secrets)
  const retryAfterMs =
    kind === 'rate_limit'
      ? parseRateLimitWait(answer.headers, now)
      : parseRetryAfter(answer.headers.get('retry-after'), now)
  return {
    ok: false,
    as: kind,
    message: sentence(kind, answer.status),
    providerStatus: answer.status,
    ...(words === undefined ? {} : { providerMessage: words }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

function kindOfStatus(status: number): FailureKind | null {
  if (status >= 200 && status < 300) return null
  if (status === 401 || status === 403) return 'auth'
  if (status === 429) return 'rate_limit'
  return status >= 500 || status === 408 ? 'retry' : 'fail'
}

function sentence(kind: FailureKind, status: number): string {
  if (kind === 'auth') return `The provider refused the credential (status ${status}).`
  if (kind === 'rate_limit') return `The provider asks for fewer requests (status ${status}).`
  return `The provider answered with status ${status}${status < 300 ? ' and an error' : ''}.`
}

/** Where providers say what is wrong, most telling first. */
const MESSAGE_PATHS = [
  ['error_description'],
  ['error', 'message'],
  ['message'],
  ['error'],
  ['detail'],
  ['errors', 0, 'message'],
] as const

/** No words: nothing, or JSON without anything in it. */
const EMPTY = /^(?:\{\s*\}|\[\s*\]|null|""|)$/

function errorWords(answer: Answer, path: ResponseRule['message'], secrets: readonly string[]): string | undefined {
  const body = jsonOrUndefined(answer)
  for (const candidate of path === undefined ? MESSAGE_PATHS : [path, ...MESSAGE_PATHS]) {
    const value = readPath(body, candidate)
    if (typeof value === 'string' && value.trim() !== '') return redactSecrets(value, secrets)
    if (candidate === path && value !== undefined && value !== null) return redactSecrets(stringifyJson(value), secrets)
  }
  // Far more than is kept, so that no secret is cut in two before it is looked for.
  const text = answer.text.slice(0, 20_000).trim()
  return EMPTY.test(text) ? undefined : redactSecrets(text, secrets)
}

function jsonOrUndefined(answer: Answer): unknown {
  try {
    const value = answer.json()
    return isRawJson(value) ? undefined : value
  } catch {
    return undefined
  }
}

/** An answer whose JSON is read at most once. */
export function createAnswer(status: number, headers: Headers, text: string): Answer {
  let parsed: { value: unknown } | { error: unknown } | undefined
  return {
    status,
    headers,
    text,
    json() {
      parsed ??= attempt(() => parseJson(text))
      if ('error' in parsed) throw parsed.error
      return parsed.value
    },
  }
}

function attempt(work: () => unknown): { value: unknown } | { error: unknown } {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}
