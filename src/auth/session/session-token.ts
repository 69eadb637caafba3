import type { Auth, LoginAuth, SessionToken } from '../../catalog/definition/auth.ts'
import { authMethodField, loginAuthOf } from '../../catalog/definition/auth-fields.ts'
import { readPath } from '../../catalog/definition/path.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { compileTemplate, renderJson, renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { isRawJson } from '../../kit/json.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { applyPlacement, valueProblem } from '../../wire/placement.ts'
import { providerWords } from '../../wire/provider-words.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { type RequestDraft, type SerializedRequest, serializeDraft } from '../../wire/request-draft.ts'
import { classifyResponse, FAILURES, type ResponseRule } from '../../wire/verdict.ts'
import { addDefinitionHeaders } from '../build-draft.ts'
import { checkFields } from '../check-fields.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import {
  readStored,
  type StoredCredential,
  StoredCredentialError,
  type StoredSessionToken,
  storedSchemas,
} from '../stored-credential.ts'
import type { AuthStrategy, BoundStrategy, Renewal, RenewContext } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { secretsMadeBy } from '../template-secrets.ts'
import { readExpiry } from '../token-expiry.ts'

/**
 * A session token that a login request returns for the fields of the credential. If the definition has neither a lifetime nor an
 * expiry, a token is valid for one request, and a login precedes each request.
 */
export function sessionToken(resolve: Resolve): AuthStrategy<SessionToken> {
  return {
    type: 'session_token',
    describe(auth, options) {
      return { type: 'SESSION_TOKEN', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
    },
    check(auth, input, context) {
      return { type: 'session_token', fields: checkFields(auth, input, context).values }
    },
    open(auth, stored) {
      const { fields, token, expiresAt } = readStored(storedSchemas.session_token, stored)
      return {
        apply(draft) {
          if (token === undefined)
            throw new UnsupportedError('The credential has no session token yet. A login must come first.')
          applyPlacement(draft, auth.placement, token)
        },
        ready: token !== undefined,
        expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
        refreshable: true,
        singleUse: isSingleUse(auth),
        scopes: [],
        secrets: distinctSecrets([token, ...secretsOf(describedFieldsOf(auth, {}), fields)]),
      }
    },
    async renew(auth, stored, context): Promise<Renewal> {
      const credential = readStored(storedSchemas.session_token, stored)
      const { token, expiresAt } = await logIn(auth, credential.fields, context, resolve)
      const end = expiresAt ?? context.now
      const renewed: StoredSessionToken = { ...credential, token, expiresAt: end.toISOString() }
      return { stored: renewed, expiresAt: end, scopes: [] }
    },
  }
}

function isSingleUse({ lifetime, expiry }: SessionToken): boolean {
  return lifetime === undefined && expiry === undefined
}

type Resolve = (auth: Auth) => BoundStrategy

interface LoginResult {
  token: string
  /** Undefined: the lifetime is unknown. */
  expiresAt?: Date
}

/**
 * Logs in with one request. A login consumes nothing, so every failure that may pass is marked as one that may be repeated at
 * once. Rejects with RenewalError and TemplateError.
 */
async function logIn(
  auth: SessionToken,
  fields: Record<string, string>,
  context: RenewContext,
  resolve: Resolve,
): Promise<LoginResult> {
  const scope = scopeOf(auth, { type: 'session_token', fields }, context)
  const draft = buildLogin(auth, scope)
  const inner = innerAuthenticator(auth, fields, context, resolve)
  await inner?.apply(draft)
  const sent = [...loginSecrets(auth, scope, fields), ...(inner?.secrets ?? [])]
  const reply = await sendLogin(serializeDraft(draft), context)
  const token = tokenText(readPath(reply.body, auth.tokenPath))
  const secrets = distinctSecrets([...sent, token])
  const failure = loginFailure(auth, reply, context.responseErrors, secrets)
  if (failure !== undefined) throw failure
  if (token === undefined || valueProblem(auth.placement, token) !== undefined) {
    throw unusableLogin(auth, reply, secrets)
  }
  const { expiry, lifetime } = auth
  const stated = expiry && readExpiry(readPath(reply.body, expiry.path), expiry.format, context.now)
  const expiresAt = stated ?? (lifetime === undefined ? undefined : addDuration(context.now, parseDuration(lifetime)))
  return { token, expiresAt }
}

async function sendLogin(request: SerializedRequest, context: RenewContext): Promise<CredentialResponse> {
  try {
    return await sendCredentialRequest(request, context, undefined)
  } catch (error) {
    if (!(error instanceof RenewalError) || error.reason !== 'PROVIDER_UNAVAILABLE') throw error
    const { message, reason, retryable, cause } = error
    throw new RenewalError(message, { reason, retryable, unavailable: true, cause })
  }
}

/** The login request without its own authentication. It does not get the definition's headers. */
function buildLogin({ login }: SessionToken, connectionScope: TemplateScope): RequestDraft {
  const scope = withSharedBudget(connectionScope)
  const render = (templates: Record<string, string> = {}) =>
    Object.entries(templates).map(([name, source]) => [name, renderTemplate(source, scope)] as const)
  const draft: RequestDraft = {
    method: login.method ?? 'POST',
    url: joinUrl(renderUrl(login.url, scope), '', render(login.query)),
    headers: new Headers(),
    credentialHeaders: new Set(),
  }
  if (login.form !== undefined) {
    draft.body = { type: 'form', value: new URLSearchParams(render(login.form).map(([name, value]) => [name, value])) }
  }
  if (login.json !== undefined) draft.body = { type: 'json', value: renderJson(login.json, scope) }
  addDefinitionHeaders(draft, login.headers ?? {}, scope)
  if (!draft.headers.has('accept')) draft.headers.set('accept', 'application/json')
  return draft
}

function innerAuthenticator(
  auth: SessionToken,
  fields: Record<string, string>,
  context: RenewContext,
  resolve: Resolve,
) {
  const inner = loginAuthOf(auth)
  if (inner === undefined) return undefined
  const { input, kept, now, oauthClient } = context
  const open = { input, kept, clock: () => now, oauthClient }
  return resolve(inner).open(storedFor(inner, fields), open)
}

function tokenText(value: unknown): string | undefined {
  if (isRawJson(value)) return value.rawJSON
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** Statuses with which a login endpoint rejects the credential. A 403 from a login is a rejection, unlike one from an API. */
const REFUSED_LOGIN_STATUSES = new Set([400, 401, 403, 422])

/**
 * The failure that the response to a login stands for; undefined when it is a success. The definition's rules decide before the
 * status.
 */
function loginFailure(
  { login }: SessionToken,
  reply: CredentialResponse,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
): RenewalError | undefined {
  const { status, retryAfterMs } = reply
  const { failure, rule } = classifyResponse(reply, rules)
  const words = providerWords(reply, { error: rule?.code, errorDescription: rule?.message }, secrets)
  const transient = failure !== null && FAILURES[failure].retryable
  if (transient || (rule === undefined && login.retryStatuses?.includes(status))) {
    const message = `The login failed for now: the provider answered with status ${status}.`
    return new RenewalError(message, {
      reason: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      unavailable: true,
      isLogin: true,
      words,
      retryAfterMs,
    })
  }
  if (rule?.as === 'auth' || (rule === undefined && REFUSED_LOGIN_STATUSES.has(status))) {
    const message = 'The provider refused the login. Connect the account again.'
    return new RenewalError(message, { reason: 'INVALID_GRANT', retryable: false, words })
  }
  if (failure === null) return undefined
  const message = `The provider answered the login with the unexpected status ${status}.`
  const finalAfterADay = status < 300 || status >= 400
  return new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true, finalAfterADay, words })
}

function unusableLogin(auth: SessionToken, reply: CredentialResponse, secrets: readonly string[]): RenewalError {
  const message = `The response to the login has no usable token at ${auth.tokenPath.join('.')}.`
  const words = providerWords(reply, {}, secrets)
  return new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true, words })
}

/** Every value that the login sends and the definition does not contain. Redacted from errors. */
function loginSecrets(auth: SessionToken, scope: TemplateScope, fields: Readonly<Record<string, string>>): string[] {
  const { query, headers, form, json } = auth.login
  const shared = withSharedBudget(scope)
  const sent = [query, headers, form, json].flatMap((part) => [...renderedIn(part, shared)])
  const secrets = distinctSecrets([...secretsOf(describedFieldsOf(auth, {}), fields), ...sent])
  return [...secrets, ...secretsMadeBy([auth], secrets, scope)]
}

function* renderedIn(value: unknown, scope: TemplateScope): Generator<string> {
  if (typeof value === 'string') {
    const template = compileTemplate(value)
    if (template.constant === undefined) yield template.render(scope)
  } else if (Array.isArray(value)) for (const item of value) yield* renderedIn(item, scope)
  else if (isRecord(value)) for (const item of Object.values(value)) yield* renderedIn(item, scope)
}

/** The credential of the login's own authentication, which reads the same fields. */
function storedFor(auth: LoginAuth, fields: Record<string, string>): StoredCredential {
  if (auth.type === 'custom') return { type: 'custom', strategy: auth.strategy, fields, data: {} }
  if (auth.type !== 'selective') return { type: auth.type, fields }
  const option = auth.options.find(({ key }) => key === fields[authMethodField.name])
  if (option === undefined || !isLoginAuth(option.auth)) {
    throw new StoredCredentialError(`The field ${authMethodField.name} does not name an auth method of the login.`)
  }
  return { type: 'selective', fields: { [authMethodField.name]: option.key }, inner: storedFor(option.auth, fields) }
}

function isLoginAuth(auth: Auth): auth is LoginAuth {
  return auth.type !== 'oauth2' && auth.type !== 'session_token'
}
