import type { SessionToken } from '../../catalog/definition/auth.ts'
import { compileTemplate } from '../../catalog/template/template.ts'
import type { TemplateScope } from '../../catalog/template/template-operators.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import type { ProviderReply } from '../../wire/provider-reply.ts'
import { wordsOf } from '../../wire/provider-words.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { matchingRule, type ResponseRule } from '../../wire/response-rule.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'

/** Statuses by which a login refuses what it was given. */
const refused = new Set([400, 401, 403, 422])

/** The failure that the answer to a login means, by the definition's rules before its status; undefined: it is none. */
export function loginFailure(
  { login }: SessionToken,
  reply: ProviderReply,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
): RenewalError | undefined {
  const { status, retryAfterMs } = reply
  const rule = matchingRule(rules, reply)
  const words = wordsOf(reply, rule?.message === undefined ? {} : { errorDescription: rule.message }, secrets)
  const retry = login.retryStatuses?.includes(status) || status >= 500 || status === 429 || status === 408
  if (rule === undefined ? retry : rule.as === 'retry' || rule.as === 'rate_limit') {
    const message = `The login is not possible now: the provider answered with status ${status}.`
    const asked = retryAfterMs === undefined ? {} : { retryAfterMs }
    return new RenewalError(message, { reason: 'PROVIDER_UNAVAILABLE', retryable: true, words, ...asked })
  }
  if (rule?.as === 'auth' || (rule === undefined && refused.has(status))) {
    const message = 'The provider refused the login. Connect the account again.'
    return new RenewalError(message, { reason: 'INVALID_GRANT', retryable: false, words })
  }
  if (rule === undefined && status >= 200 && status < 300) return undefined
  const message = `The provider answered the login with status ${status}, which cannot be used.`
  return new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true, words })
}

export function unusableLogin(auth: SessionToken, reply: ProviderReply, secrets: readonly string[]): RenewalError {
  const message = `The provider answered the login without a token at ${auth.tokenPath.join('.')} that can be used.`
  const words = wordsOf(reply, {}, secrets)
  return new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true, words })
}

/** Whatever the login sent that did not stand in the definition: none of it may come back in an error. */
export function loginSecrets(
  auth: SessionToken,
  scope: TemplateScope,
  fields: Readonly<Record<string, string>>,
): string[] {
  const { query, headers, form, json } = auth.login
  const sent = [query, headers, form, json].flatMap((part) => [...renderedIn(part, scope)])
  return distinctSecrets([...secretsOf(describedFieldsOf(auth, {}), fields), ...sent])
}

function* renderedIn(value: unknown, scope: TemplateScope): Generator<string> {
  if (typeof value === 'string') {
    const template = compileTemplate(value)
    if (template.constant === undefined) yield template.render(scope)
  } else if (Array.isArray(value)) for (const item of value) yield* renderedIn(item, scope)
  else if (isRecord(value)) for (const item of Object.values(value)) yield* renderedIn(item, scope)
}
