import { withSharedBudget } from '../../catalog/template/budget.ts'
import { renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { redactSecrets } from '../../kit/redact.ts'
import { durationMs, parseDuration } from '../../kit/time.ts'
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { RenewalError, saysUnavailable } from '../../wire/renewal-error.ts'
import { addFinisher, type RequestDraft, serializeDraft } from '../../wire/request-draft.ts'
import { isTransientStatus } from '../../wire/verdict.ts'
import { distinctSecrets } from '../simple/secret-value.ts'
import type { StoredSignature } from '../stored-credential.ts'
import type { RenewContext } from '../strategy.ts'
import { type AwsSignature, awsKeys, signForAws } from './aws.ts'

type RoleSession = NonNullable<StoredSignature['session']>

/** Template of the URL at which a role is assumed. Undefined: the definition assumes none. */
export function stsUrlOf({ assumeRole: role, region }: AwsSignature): string | undefined {
  return role && (role.url ?? `https://sts.${region}.amazonaws.com/`)
}

/** The stored keys of the role that the definition names now. Undefined: there are none yet. */
export function sessionOf(
  auth: AwsSignature,
  { session }: StoredSignature,
  scope: TemplateScope,
): RoleSession | undefined {
  return session !== undefined && session.roleArn === roleArnOf(auth, scope) ? session : undefined
}

function roleArnOf({ assumeRole: role }: AwsSignature, scope: TemplateScope): string {
  return role === undefined ? '' : renderTemplate(role.roleArn, withSharedBudget(scope))
}

const DEFAULT_SECONDS = 3_600

/**
 * Obtains temporary keys of a role with the action AssumeRole of AWS STS
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html). A repetition consumes nothing. Rejects with RenewalError and
 * TemplateError.
 */
export async function assumeRole(
  auth: AwsSignature,
  scope: TemplateScope,
  context: RenewContext,
): Promise<{ session: RoleSession; expiresAt: Date }> {
  const role = auth.assumeRole
  const source = stsUrlOf(auth)
  if (role === undefined || source === undefined) throw new Error('The definition assumes a role.')
  const shared = withSharedBudget(scope)
  const keys = { ...awsKeys(auth, scope), service: 'sts' }
  const roleArn = roleArnOf(auth, scope)
  const externalId = role.externalId === undefined ? '' : renderTemplate(role.externalId, shared)
  const sessionName = role.sessionName === undefined ? 'latchkey' : renderTemplate(role.sessionName, shared)
  const seconds =
    role.duration === undefined ? DEFAULT_SECONDS : durationMs(parseDuration(role.duration), context.now) / 1000
  const form = new URLSearchParams({
    ...{ Action: 'AssumeRole', Version: '2011-06-15', RoleArn: roleArn, RoleSessionName: sessionName },
    ...(externalId === '' ? {} : { ExternalId: externalId }),
    DurationSeconds: String(seconds),
  })
  const draft: RequestDraft = {
    method: 'POST',
    url: renderUrl(source, shared),
    headers: new Headers({ accept: 'application/xml' }),
    body: { type: 'form', value: form },
    credentialHeaders: new Set(),
  }
  addFinisher(draft, (final) => signForAws(final, keys, context.now))
  const reply = await sendCredentialRequest(serializeDraft(draft), context, undefined)
  const secrets = distinctSecrets([keys.secretAccessKey, keys.sessionToken, externalId])
  if (reply.status < 200 || reply.status >= 300) throw refused(reply, secrets)
  const read = (name: string) => elementOf(reply.text, name)
  const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(read)
  const expiration = read('Expiration')
  const expiresAt = new Date(expiration ?? '')
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiresAt.getTime())) {
    const message = 'The response of AWS STS has no temporary keys.'
    throw new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true })
  }
  return { session: { roleArn, accessKeyId, secretAccessKey, sessionToken }, expiresAt }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The text of the first element with a name that has no elements in it. */
function elementOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>\\s*([^<>\\s][^<>]{0,8191}?)\\s*</${name}>`).exec(xml)?.[1]
  return text?.replace(/&(amp|lt|gt|quot|apos);/g, (whole, entity: string) => ENTITIES[entity] ?? whole)
}

/** Errors of AWS that pass (https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html). */
const PASSING = new Set([
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'InternalFailure',
])

function refused(reply: CredentialResponse, secrets: readonly string[]): RenewalError {
  const { status, text, retryAfterMs } = reply
  const code = elementOf(text, 'Code')
  const words = {
    providerStatus: status,
    providerError: code === undefined ? undefined : redactSecrets(code, secrets, 100),
    providerErrorDescription: redactSecrets(elementOf(text, 'Message') ?? '', secrets) || undefined,
  }
  if (isTransientStatus(status) || PASSING.has(code ?? '')) {
    const message = `AWS STS is not available now: it answered with status ${status}.`
    const unavailable = saysUnavailable(status) || status < 500
    return new RenewalError(message, {
      reason: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      unavailable,
      words,
      retryAfterMs,
    })
  }
  const message =
    'AWS refused to let the keys assume the role. Check the keys, the ARN of the role, its trust policy and the external id, and connect again.'
  return new RenewalError(message, { reason: 'INVALID_GRANT', retryable: false, words })
}
