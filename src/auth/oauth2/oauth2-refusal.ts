import { isDeepStrictEqual } from 'node:util'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { readPath } from '../../catalog/definition/path.ts'
import type { RefreshFailure } from '../../kit/errors.ts'
import type { ProviderReply } from '../../wire/provider-reply.ts'
import { errorCodeOf, errorDescriptionOf, wordsOf } from '../../wire/provider-words.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { matchingRule, type ResponseRule } from '../../wire/response-rule.ts'

/** RFC 6749 section 5.2, and OpenID Connect Core section 3.1.2.6, where only a person can go on. */
const deadGrant = new Set(['invalid_grant', 'interaction_required', 'login_required', 'consent_required'])
/** RFC 6749 section 5.2, and what GitHub and Slack say instead. */
const badClient = new Set([
  ...['invalid_client', 'unauthorized_client', 'incorrect_client_credentials'],
  ...['invalid_client_id', 'bad_client_secret', 'bad_client_id'],
])
const passing = new Set(['temporarily_unavailable', 'server_error', 'slow_down', 'rate_limited', 'ratelimited'])

const sentences: Record<Exclude<RefreshFailure, 'LOST_IN_CRASH_WINDOW' | 'REVOKED'>, string> = {
  INVALID_GRANT: 'The provider no longer accepts this credential. Connect the account again.',
  INVALID_CLIENT: 'The provider refuses the OAuth client of this integration. Check its id and secret.',
  PROVIDER_UNAVAILABLE: 'The provider could not renew the credential now.',
  MALFORMED_RESPONSE: 'The provider answered the renewal with what cannot be used.',
}

interface Verdict {
  reason: keyof typeof sentences
  retryable: boolean
}

const dead: Verdict = { reason: 'INVALID_GRANT', retryable: false }
const client: Verdict = { reason: 'INVALID_CLIENT', retryable: false }
const retry: Verdict = { reason: 'PROVIDER_UNAVAILABLE', retryable: true }
/** What nobody has said to be permanent is not: a firewall in a bad mood must not cost a thousand connections. */
const unusable: Verdict = { reason: 'MALFORMED_RESPONSE', retryable: true }

/**
 * The failure that an answer of a token endpoint means; undefined: it is none. What the error says goes before the
 * definition's rules, and those before the status: a dead grant told with a 500 is a dead grant.
 */
export function refusalOf(
  auth: OAuth2,
  reply: ProviderReply,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
): RenewalError | undefined {
  const verdict = byCode(auth, reply) ?? byRule(matchingRule(rules, reply)) ?? byStatus(auth, reply)
  if (verdict === undefined) return undefined
  const { error, errorDescription } = auth.tokenResponse ?? {}
  return new RenewalError(sentences[verdict.reason], {
    ...verdict,
    words: wordsOf(reply, { error, errorDescription }, secrets),
    ...(reply.retryAfterMs === undefined ? {} : { retryAfterMs: reply.retryAfterMs }),
  })
}

/** A good status without a usable token: what became of a refresh token that was sent is not known. */
export function unusableAnswer(
  auth: OAuth2,
  reply: ProviderReply,
  why: string,
  secrets: readonly string[],
): RenewalError {
  const { error, errorDescription } = auth.tokenResponse ?? {}
  return new RenewalError(`${sentences.MALFORMED_RESPONSE} ${why}`, {
    reason: 'MALFORMED_RESPONSE',
    retryable: true,
    indeterminate: true,
    words: wordsOf(reply, { error, errorDescription }, secrets),
  })
}

function byCode(auth: OAuth2, { body }: ProviderReply): Verdict | undefined {
  const code = errorCodeOf(body, auth.tokenResponse?.error)?.toLowerCase()
  const description = errorDescriptionOf(body, auth.tokenResponse?.errorDescription)?.toLowerCase()
  const permanent = (auth.permanentErrors ?? []).map((each) => each.toLowerCase())
  const told = [code, description].filter((each) => each !== undefined)
  if (told.some((each) => permanent.includes(each))) return dead
  if (code === undefined) return undefined
  if (deadGrant.has(code)) return dead
  if (badClient.has(code)) return client
  return passing.has(code) ? retry : undefined
}

function byRule(rule: ResponseRule | undefined): Verdict | undefined {
  if (rule === undefined) return undefined
  if (rule.as === 'auth') return dead
  return rule.as === 'fail' ? unusable : retry
}

function byStatus(auth: OAuth2, { status, body }: ProviderReply): Verdict | undefined {
  if (status >= 500 || status === 429 || status === 408 || status === 425) return retry
  // RFC 6749 section 5.2: without a code of its own, 401 is about the client.
  if (status === 401) return client
  if (status < 200 || status >= 300) return unusable
  const when = auth.tokenResponse?.errorWhen
  const meansNo = when !== undefined && isDeepStrictEqual(readPath(body, when.path), when.equals)
  const saysNo = errorCodeOf(body, auth.tokenResponse?.error) !== undefined
  return meansNo || saysNo ? unusable : undefined
}
