import {
  type Auth,
  type LoginAuth,
  type LoginStep,
  loginStepsOf,
  type SessionToken,
} from '../../catalog/definition/auth.ts'
import { authMethodField, loginAuthOf } from '../../catalog/definition/auth-fields.ts'
import { type Path, readPath } from '../../catalog/definition/path.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { compileTemplate, renderJson, renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { isRecord, TemplateError, unlessMissing } from '../../catalog/template/value.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { InvalidInputError, UnsupportedError } from '../../kit/errors.ts'
import { isRawJson } from '../../kit/json.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import {
  type CredentialResponse,
  DEFAULT_RENEW_TIMEOUT_MS,
  sendCredentialRequest,
} from '../../wire/credential-request.ts'
import { applyPlacement, valueProblem, withPrefix } from '../../wire/placement.ts'
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
import { tokensAt } from '../token-text.ts'

/**
 * A session token that a login returns for the fields of the credential, in one request or several. If the definition has neither a
 * lifetime nor an expiry, a token is valid for one request, and a login precedes each request. A token that the person supplied (`token`
 * of the definition) is used until it is refused.
 */
export function sessionToken(resolve: Resolve): AuthStrategy<SessionToken> {
  return {
    type: 'session_token',
    describe(auth, options) {
      return { type: 'SESSION_TOKEN', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
    },
    check(auth, input, context) {
      const { values, pathOf } = checkFields(auth, input, context)
      const problem = suppliedProblem(auth, values)
      if (problem !== undefined) throw new InvalidInputError([{ path: pathOf(tokenField(auth)), message: problem }])
      return { type: 'session_token', fields: values }
    },
    open(auth, stored, context) {
      const credential = readStored(storedSchemas.session_token, stored)
      const scope = scopeOf(auth, credential, context)
      const supplied = credential.token === undefined ? suppliedToken(auth, scope) : undefined
      const token = credential.token ?? supplied
      const { fields, expiresAt } = credential
      return {
        apply(draft) {
          if (token === undefined)
            throw new UnsupportedError('The credential has no session token yet. A login must come first.')
          applyPlacement(draft, auth.placement, token)
        },
        ready: token !== undefined,
        expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
        refreshable: supplied === undefined || canLogIn(auth, scope),
        singleUse: supplied === undefined && isSingleUse(auth),
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

/** The token that the person supplied; undefined when there is none. */
function suppliedToken(auth: SessionToken, scope: TemplateScope): string | undefined {
  if (auth.token === undefined) return undefined
  return unlessMissing(() => renderTemplate(auth.token ?? '', scope).trim()) || undefined
}

function suppliedProblem(auth: SessionToken, values: Record<string, string>): string | undefined {
  const token = suppliedToken(auth, { config: values, input: {}, kept: {} })
  return token === undefined ? undefined : valueProblem(auth.placement, withPrefix(auth.placement, token))
}

/** The field that the token is read from. */
function tokenField({ token = '', fields }: SessionToken): string {
  const { references } = compileTemplate(token)
  return (fields.find(({ name }) => references.has(`config['${name}']`)) ?? fields[0])?.name ?? ''
}

/** Whether the person supplied what the first request of the login reads, besides a token. */
function canLogIn(auth: SessionToken, scope: TemplateScope): boolean {
  const [first] = loginStepsOf(auth)
  return first !== undefined && unlessMissing(() => buildLogin(first.step, scope)) !== undefined
}

type Resolve = (auth: Auth) => BoundStrategy

interface LoginResult {
  token: string
  /** Undefined: the lifetime is unknown. */
  expiresAt?: Date
}

/** A request of a login, and the values that its templates read. */
interface LoginRequest {
  auth: SessionToken
  step: LoginStep
  scope: TemplateScope
  fields: Record<string, string>
  context: RenewContext
  /** What earlier requests kept. Removed from what the provider says. */
  earlier: readonly string[]
}

/**
 * Logs in. A login consumes nothing, so every failure that may pass is marked as one that may be repeated at once. Rejects with
 * RenewalError, and before anything is sent also with TemplateError.
 */
async function logIn(
  auth: SessionToken,
  fields: Record<string, string>,
  context: RenewContext,
  resolve: Resolve,
): Promise<LoginResult> {
  const endMs = performance.now() + (context.timeoutMs ?? DEFAULT_RENEW_TIMEOUT_MS)
  const scope = scopeOf(auth, { type: 'session_token', fields }, context)
  const steps = loginStepsOf(auth)
  const earlier: string[] = []
  let told: Record<string, unknown> = {}
  for (const [index, { step }] of steps.entries()) {
    const timeoutMs = Math.max(1, Math.ceil(endMs - performance.now()))
    const kept = { ...(isRecord(scope['kept']) ? scope['kept'] : {}), ...told }
    const request = { auth, step, scope: { ...scope, kept }, fields, context: { ...context, kept, timeoutMs }, earlier }
    const isLast = index === steps.length - 1
    const { reply, secrets } = await sendStep(request, resolve, isLast ? auth.tokenPath : undefined).catch(
      (error: unknown) => {
        throw index > 0 && error instanceof TemplateError ? incompleteLogin(error) : error
      },
    )
    if (isLast) return readLogin(auth, reply, context.now, secrets)
    const found = Object.entries(step.keep ?? {}).map(([name, path]) => [name, readPath(reply.body, path)] as const)
    told = { ...told, ...Object.fromEntries(found.filter(([, value]) => value !== undefined)) }
    earlier.push(...keptTexts(found.map(([, value]) => value)))
  }
  throw new Error('A login has at least one request.')
}

/** @param tokenPath where the response has the token; undefined: it has none. @throws RenewalError when the login failed */
async function sendStep(
  request: LoginRequest,
  resolve: Resolve,
  tokenPath: Path | undefined,
): Promise<{ reply: CredentialResponse; secrets: string[] }> {
  const { auth, step, scope, context, fields, earlier } = request
  const draft = buildLogin(step, scope)
  const inner = innerAuthenticator(request, resolve)
  await inner?.apply(draft)
  draft.clientCertificate = inner?.clientCertificate
  const sent = [...earlier, ...loginSecrets(auth, step, scope, fields), ...(inner?.secrets ?? [])]
  const reply = await sendLogin(serializeDraft(draft), context)
  const secrets = distinctSecrets([...sent, ...(tokenPath === undefined ? [] : tokensAt(reply.body, tokenPath))])
  const failure = loginFailure(step, reply, context.responseErrors, secrets)
  if (failure !== undefined) throw failure
  return { reply, secrets }
}

function readLogin(auth: SessionToken, reply: CredentialResponse, now: Date, secrets: readonly string[]): LoginResult {
  const [token] = tokensAt(reply.body, auth.tokenPath)
  if (token === undefined || valueProblem(auth.placement, token) !== undefined) {
    throw unusableLogin(auth, reply, secrets)
  }
  const { expiry, lifetime } = auth
  const stated = expiry && readExpiry(readPath(reply.body, expiry.path), expiry.format, now)
  const expiresAt = stated ?? (lifetime === undefined ? undefined : addDuration(now, parseDuration(lifetime)))
  return { token, expiresAt }
}

/** The response to an earlier request of the login does not have what a later one reads. */
function incompleteLogin(cause: TemplateError): RenewalError {
  const why =
    cause.fault === 'missing' ? `the response to an earlier request has no value for ${cause.reference}` : cause.message
  const message = `The login could not be completed: ${why}.`
  return new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true, cause })
}

/** More are not what a later request needs. Each of them is removed from what the provider says. */
const MAX_KEPT_TEXTS = 100

/** @throws RenewalError */
function keptTexts(values: readonly unknown[]): string[] {
  const texts = values.flatMap(textsIn)
  if (texts.length <= MAX_KEPT_TEXTS) return texts
  const message = `A request of the login keeps more than ${MAX_KEPT_TEXTS} values. Let keep name the values that later requests read.`
  throw new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true })
}

/** All texts of a JSON value, with numbers. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null && !isRawJson(value)) return Object.values(value).flatMap(textsIn)
  return isRawJson(value) ? [value.rawJSON] : typeof value === 'boolean' || value == null ? [] : [String(value)]
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
function buildLogin(login: LoginStep, connectionScope: TemplateScope): RequestDraft {
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

function innerAuthenticator({ auth, step, fields, context }: LoginRequest, resolve: Resolve) {
  const inner = loginAuthOf(auth, step)
  if (inner === undefined) return undefined
  const { input, kept, now, oauthClient, workspaceId } = context
  const open = { input, kept, workspaceId, clock: () => now, oauthClient }
  return resolve(inner).open(storedFor(inner, fields), open)
}

/** Statuses with which a login endpoint rejects the credential. A 403 from a login is a rejection, unlike one from an API. */
const REFUSED_LOGIN_STATUSES = new Set([400, 401, 403, 422])

/**
 * The failure that the response to a login stands for; undefined when it is a success. The definition's rules decide before the
 * status.
 */
function loginFailure(
  { retryStatuses }: LoginStep,
  reply: CredentialResponse,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
): RenewalError | undefined {
  const { status, retryAfterMs } = reply
  const { failure, rule } = classifyResponse(reply, rules)
  const words = providerWords(reply, { error: rule?.code, errorDescription: rule?.message }, secrets)
  const transient = failure !== null && FAILURES[failure].retryable
  if (transient || (rule === undefined && retryStatuses?.includes(status))) {
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
function loginSecrets(
  auth: SessionToken,
  { query, headers, form, json }: LoginStep,
  scope: TemplateScope,
  fields: Readonly<Record<string, string>>,
): string[] {
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
