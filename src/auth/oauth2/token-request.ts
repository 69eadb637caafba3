import { isDeepStrictEqual } from 'node:util'
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretPost,
  customFetch,
  genericTokenEndpointRequest,
  modifyAssertion,
  None,
  PrivateKeyJwt,
  processGenericTokenEndpointResponse,
} from 'oauth4webapi'
import { type OAuth2, TOKEN_EXCHANGE_GRANT } from '../../catalog/definition/oauth2.ts'
import { readPath } from '../../catalog/definition/path.ts'
import { compileTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { isRecord } from '../../catalog/template/value.ts'
import type { RefreshFailure } from '../../kit/errors.ts'
import { PrivateKeyError } from '../../kit/private-key.ts'
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { errorCodeOf, errorDescriptionOf, possibleErrorCodes, providerWords } from '../../wire/provider-words.ts'
import { RenewalError, saysUnavailable } from '../../wire/renewal-error.ts'
import { type RequestDraft, serializeDraft } from '../../wire/request-draft.ts'
import { classifyResponse, FAILURES, type ResponseRule } from '../../wire/verdict.ts'
import { addDefinitionHeaders } from '../build-draft.ts'
import { passphraseOf, toClientKey } from '../signature/sign-jwt.ts'
import type { OAuthClient, RenewContext } from '../strategy.ts'
import { secretsMadeBy } from '../template-secrets.ts'
import {
  type ClientOrigin,
  readTokenResponse,
  type TokenResponse,
  tokensIn,
  toStandardResponse,
} from './token-response.ts'

export interface TokenRequest {
  grantType: string
  url: URL
  /** Parameters by their standard names. The definition's names replace them in the request. A list repeats its parameter. */
  params: Readonly<Record<string, string | readonly string[]>>
  client: OAuthClient | undefined
  /** Where `client` comes from. */
  origin: ClientOrigin
  /** The variables of the templates in the definition's tokenRequest. */
  scope: TemplateScope
  /** Removed from the provider's words. */
  secrets: readonly string[]
}

/** oauth4webapi needs the id of a client where there is none. It is not sent, because then no client authentication is. */
const UNSENT_CLIENT_ID = 'none'

/**
 * Sends one request to a token endpoint. oauth4webapi builds a standard request and validates a standard response; the
 * definition's `tokenRequest` and `tokenResponse` translate between them and the provider's format. Rejects with RenewalError.
 */
export async function requestToken(auth: OAuth2, request: TokenRequest, context: RenewContext): Promise<TokenResponse> {
  // Without an issuer, the audience of an assertion is the token endpoint itself.
  const server = { issuer: auth.issuer ?? request.url.href, token_endpoint: request.url.href }
  const client = { client_id: request.client?.clientId ?? UNSENT_CLIENT_ID }
  const clientAuth = await usableClientAuth(auth, request, context.now)
  let result: TokenResponse | undefined
  const response = await genericTokenEndpointRequest(
    server,
    client,
    clientAuth,
    request.grantType,
    Object.entries(request.params).flatMap(([name, value]) => [value].flat().map((each) => [name, each])),
    {
      // The egress decides which hosts may be reached without TLS.
      [allowInsecureRequests]: true,
      [customFetch]: async (_url, { body, headers }) => {
        const draft = toDraft(auth, request, body, headers)
        const known = [...request.secrets, ...secretsOnTheWire(body, draft)]
        const made = secretsMadeBy([auth], known, request.scope)
        const reply = await sendCredentialRequest(serializeDraft(draft), context, request.client)
        const secrets = [...known, ...made, ...tokensIn(auth, reply.body)]
        const failure = tokenFailure(auth, request, reply, context.responseErrors, secrets)
        if (failure !== undefined) throw failure
        const read =
          exchangeProblem(request.grantType, draft, reply.body) ?? readTokenResponse(auth, reply, context.now, secrets)
        if (typeof read === 'string') throw unusableResponse(auth, reply, read, secrets)
        result = read
        return toStandardResponse(read)
      },
    },
  )
  await processGenericTokenEndpointResponse(server, client, response)
  if (result === undefined) throw new Error('A token request that succeeds has a response.')
  return result
}

async function usableClientAuth(auth: OAuth2, { client, origin, scope }: TokenRequest, now: Date) {
  try {
    return await clientAuthOf(auth, client, now, scope)
  } catch (error) {
    if (!(error instanceof PrivateKeyError)) throw error
    const message = `The private key of the OAuth client ${error.problem}. ${CLIENT_ORIGINS[origin]}`
    throw new RenewalError(message, { reason: 'INVALID_CLIENT', retryable: false, cause: error })
  }
}

/** The request as it is sent. The definition's own params and headers win over the standard ones. */
function toDraft(
  auth: OAuth2,
  { url, scope, grantType }: TokenRequest,
  standard: URLSearchParams,
  headers: Readonly<Record<string, string>>,
): RequestDraft {
  const { names = {}, omit = [], in: place = 'body', format = 'form', headers: own = {} } = auth.tokenRequest ?? {}
  const params = ownParams(auth, grantType)
  const nameOf = new Map(Object.entries(names))
  const omitted = new Set<string>(omit)
  const sent = [...standard].filter(([name]) => !omitted.has(name))
  const all = new URLSearchParams(sent.map(([name, value]) => [nameOf.get(name) ?? name, value]))
  for (const [name, source] of Object.entries(params)) all.set(name, compileTemplate(source).render(scope))
  const draft: RequestDraft = {
    method: 'POST',
    url: new URL(url),
    headers: new Headers(),
    credentialHeaders: new Set(),
  }
  if (place === 'query') for (const name of new Set(all.keys())) putQuery(draft.url, name, all.getAll(name))
  else draft.body = format === 'json' ? { type: 'json', value: jsonOf(all) } : { type: 'form', value: all }
  addDefinitionHeaders(draft, own, scope)
  for (const name of ['accept', 'authorization']) {
    const value = headers[name]
    if (value !== undefined && !draft.headers.has(name)) draft.headers.set(name, value)
  }
  return draft
}

/** The definition's own parameters. A renewal with the refresh token may have others than the request before it. */
function ownParams({ tokenRequest: { params = {}, refreshParams } = {} }: OAuth2, grantType: string) {
  return grantType === 'refresh_token' ? (refreshParams ?? params) : params
}

/** Replaces a parameter of the query. */
function putQuery(url: URL, name: string, values: readonly string[]): void {
  url.searchParams.delete(name)
  for (const value of values) url.searchParams.append(name, value)
}

/** A parameter that is repeated becomes a list. */
function jsonOf(params: URLSearchParams): Record<string, string | string[]> {
  const entries = [...new Set(params.keys())].map((name): [string, string | string[]] => {
    const [first = '', ...others] = params.getAll(name)
    return [name, others.length === 0 ? first : [first, ...others]]
  })
  return Object.fromEntries(entries)
}

const PUBLIC_PARAMS = new Set([
  ...['grant_type', 'client_id', 'redirect_uri', 'scope', 'resource', 'client_assertion_type'],
])

/** The secrets of a request that a provider could quote, in the forms in which they are sent. */
function secretsOnTheWire(standard: URLSearchParams, { headers }: RequestDraft): string[] {
  const values = [...standard].filter(([name]) => !PUBLIC_PARAMS.has(name)).map(([, value]) => value)
  const basic = /^Basic (.+)$/.exec(headers.get('authorization') ?? '')?.[1]
  const decoded =
    basic === undefined
      ? []
      : [
          basic,
          Buffer.from(basic, 'base64')
            .toString()
            .replace(/^[^:]*:/, ''),
        ]
  return [...values, ...values.map(formEncode), ...decoded]
}

const ASSERTION_LIFETIME_SECONDS = 60

/**
 * The client authentication of a token request: `client_secret_post` unless the definition has another method. A client without
 * a secret sends only its id; without a client, or with one whose id is empty, nothing is sent.
 *
 * The assertion of private_key_jwt (RFC 7523 section 3) has the issuer as its only audience, so another server cannot use it.
 *
 * @param scope what the template of the key's passphrase reads
 * @throws PrivateKeyError; TemplateError
 */
export async function clientAuthOf(
  auth: OAuth2,
  client: OAuthClient | undefined,
  now: Date,
  scope: TemplateScope,
): Promise<ClientAuth> {
  if (client === undefined || client.clientId === '') return () => {}
  const { clientSecret } = client
  const method = auth.clientAuth ?? client.clientAuth ?? 'client_secret_post'
  if (clientSecret === undefined || clientSecret === '' || method === 'none') return None()
  if (method === 'client_secret_basic') return clientSecretBasic(clientSecret)
  if (method === 'client_secret_post') return ClientSecretPost(clientSecret)
  const { alg, kid, passphrase } = auth.clientKey ?? { alg: 'RS256' }
  const key = await toClientKey(clientSecret, alg, passphraseOf({ passphrase }, scope))
  const iat = Math.floor(now.getTime() / 1000)
  return PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
    [modifyAssertion](header, payload) {
      header['alg'] = alg
      Object.assign(payload, { iat, nbf: iat, exp: iat + ASSERTION_LIFETIME_SECONDS })
    },
  })
}

/**
 * RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined. The implementation in oauth4webapi also encodes
 * `-`, `.` and `_`, which is correct but fails at the many servers that do not decode.
 */
function clientSecretBasic(clientSecret: string): ClientAuth {
  return (_server, client, _body, headers) => {
    const credentials = `${formEncode(client.client_id)}:${formEncode(clientSecret)}`
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`)
  }
}

/** Encodes one value as application/x-www-form-urlencoded. */
function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/**
 * Why the response to a token exchange cannot be used (RFC 8693 section 2.2.1): it must name the issued token type, and that must
 * be the requested one, by default an access token. Undefined when it can be used or the grant is not a token exchange.
 */
function exchangeProblem(grantType: string, request: RequestDraft, body: unknown): string | undefined {
  if (grantType !== TOKEN_EXCHANGE_GRANT) return undefined
  const issued = isRecord(body) ? body['issued_token_type'] : undefined
  if (typeof issued !== 'string' || issued === '')
    return 'It does not name the type of the issued token (issued_token_type).'
  return issued === requestedType(request) ? undefined : 'It issued another type of token than was requested.'
}

/** The requested token type in the final request. */
function requestedType({ body, url }: RequestDraft): string {
  if (body === undefined) return url.searchParams.get('requested_token_type') ?? ACCESS_TOKEN
  if (body?.type === 'form') return body.value.get('requested_token_type') ?? ACCESS_TOKEN
  const requested = body?.type === 'json' && isRecord(body.value) ? body.value['requested_token_type'] : undefined
  return typeof requested === 'string' ? requested : ACCESS_TOKEN
}

/**
 * Codes after which only the user can continue: those of RFC 6749 section 5.2, RFC 6750 section 3.1 and OpenID Connect Core
 * section 3.1.2.6, and those of providers for a refresh token or a user that is no longer valid.
 */
const DEAD_GRANT_CODES = new Set([
  ...['invalid_grant', 'invalid_token', 'interaction_required', 'login_required', 'consent_required'],
  ...['account_selection_required', 'invalid_refresh_token', 'bad_refresh_token', 'expired_refresh_token'],
  ...['refresh_token_expired', 'refresh_token_invalid', 'refresh_token_revoked', 'refresh_token_not_found'],
  ...['expired_token', 'token_expired', 'token_revoked', 'revoked_token', 'token_inactive'],
  // Slack, Salesforce, Follow Up Boss.
  ...['account_inactive', 'inactive_user', 'inactive_org', 'inactive_account'],
  // An authorization code of GitHub and HubSpot. Zoho says invalid_code for refresh tokens too.
  ...['bad_verification_code', 'bad_auth_code', 'invalid_code', 'code_expired', 'code_already_used'],
])
/** RFC 6749 section 5.2, and the codes of GitHub, Slack, HubSpot, Salesforce and Google. */
const BAD_CLIENT_CODES = new Set([
  ...['invalid_client', 'unauthorized_client', 'incorrect_client_credentials', 'invalid_client_secret'],
  ...['invalid_client_id', 'bad_client_secret', 'bad_client_id', 'invalid_client_credentials'],
  ...['deleted_client', 'disabled_client', 'expired_client', 'invalid_oauth_app'],
])
/** The provider has not done what was asked. */
const UNAVAILABLE_CODES = new Set([
  ...[
    'temporarily_unavailable',
    'slow_down',
    'rate_limited',
    'ratelimited',
    'rate_limit_exceeded',
    'too_many_requests',
  ],
])

/**
 * A description that is nothing but the verdict on the refresh token. Some providers give it with a code for something else:
 * Atlassian `unauthorized_client`, X and LinkedIn `invalid_request`, Twitch and Square none.
 */
const DEAD_GRANT_TEXT =
  /^(?:(?:unknown|missing|invalid|expired|revoked)(?: or (?:invalid|expired|revoked))? refresh[ _]token|(?:the |this |your )?refresh[ _]token (?:is |was |has been |has )?(?:invalid|expired|revoked|not valid)(?:,? (?:or )?(?:invalid|expired|revoked))*)[.!]?$/i

/** Where the client of a request comes from, and what developers have to do when it is wrong. */
const CLIENT_ORIGINS: Record<ClientOrigin, string> = {
  integration: 'It is the oauthClient of the integration. Correct it with updateIntegration.',
  credential:
    "It comes from the connection's credential (clientId, or a field). Give the credential again with replaceCredential.",
  definition: "It stands in the integration's definition (clientId, clientSecret). Correct it there.",
  none: 'None was sent: the integration has no oauthClient, the credential no clientId, and the definition names none.',
}

const MESSAGES: Record<Exclude<RefreshFailure, 'INVALID_CLIENT' | 'LOST_IN_CRASH_WINDOW' | 'REVOKED'>, string> = {
  INVALID_GRANT: 'The provider no longer accepts this credential. Connect the account again.',
  PROVIDER_UNAVAILABLE: 'The provider could not renew the credential now.',
  MALFORMED_RESPONSE: 'The response of the provider to the renewal cannot be used.',
}
const MAY_PASS = 'The provider refuses to renew the credential, for a reason that may pass.'

interface RenewalVerdict {
  reason: keyof typeof MESSAGES | 'INVALID_CLIENT'
  retryable: boolean
  unavailable?: boolean
  finalAfterADay?: boolean
}

const dead: RenewalVerdict = { reason: 'INVALID_GRANT', retryable: false }
const badClient: RenewalVerdict = { reason: 'INVALID_CLIENT', retryable: false }
const retry: RenewalVerdict = { reason: 'PROVIDER_UNAVAILABLE', retryable: true }
const unavailable: RenewalVerdict = { ...retry, unavailable: true }
/** An unexpected response is not treated as permanent: a misbehaving firewall must not break a thousand connections. */
const unusable: RenewalVerdict = { reason: 'MALFORMED_RESPONSE', retryable: true }
/** The provider's own refusal, in words that do not say whether the grant is dead. */
const refused: RenewalVerdict = { ...unusable, finalAfterADay: true }

/**
 * The failure that a response of a token endpoint stands for; undefined when it is a success. Its error code decides before the
 * definition's rules, and those decide before the status: `invalid_grant` with status 500 is a dead grant.
 */
function tokenFailure(
  auth: OAuth2,
  { origin }: TokenRequest,
  reply: CredentialResponse,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
): RenewalError | undefined {
  const verdict = byCode(auth, reply) ?? byClassification(auth, reply, rules)
  if (verdict === undefined) return undefined
  const { error, errorDescription } = auth.tokenResponse ?? {}
  const { reason, finalAfterADay = false } = verdict
  const message = reason === 'INVALID_CLIENT' ? refusedClient(origin) : finalAfterADay ? MAY_PASS : MESSAGES[reason]
  return new RenewalError(message, {
    ...verdict,
    words: providerWords(reply, { error, errorDescription }, secrets),
    retryAfterMs: reply.retryAfterMs,
  })
}

function refusedClient(origin: ClientOrigin): string {
  const what = origin === 'none' ? 'The provider asks for an OAuth client.' : 'The provider refuses the OAuth client.'
  return `${what} ${CLIENT_ORIGINS[origin]}`
}

/** A success without a usable token: whether a sent refresh token was consumed is unknown. */
function unusableResponse(
  auth: OAuth2,
  reply: CredentialResponse,
  why: string,
  secrets: readonly string[],
): RenewalError {
  const { error, errorDescription } = auth.tokenResponse ?? {}
  return new RenewalError(`${MESSAGES.MALFORMED_RESPONSE} ${why}`, {
    reason: 'MALFORMED_RESPONSE',
    retryable: true,
    indeterminate: true,
    words: providerWords(reply, { error, errorDescription }, secrets),
  })
}

function byCode(auth: OAuth2, reply: CredentialResponse): RenewalVerdict | undefined {
  const { status, body } = reply
  const code = errorCodeOf(body, auth.tokenResponse?.error)
  const description = errorDescriptionOf(body, auth.tokenResponse?.errorDescription)
  const permanent = (auth.permanentErrors ?? []).map((each) => each.toLowerCase())
  if ([code, description].some((each) => each !== undefined && permanent.includes(each.toLowerCase()))) return dead
  const failed = status >= 400 || hasError(auth, reply)
  if (!failed) return undefined
  const codes = [code, ...possibleErrorCodes(body)].filter((each) => each !== undefined).map(normalCode)
  const says = (known: ReadonlySet<string>) => codes.some((each) => known.has(each))
  if (says(DEAD_GRANT_CODES) || (status < 500 && DEAD_GRANT_TEXT.test(description ?? ''))) return dead
  if (says(BAD_CLIENT_CODES)) return badClient
  if (says(UNAVAILABLE_CODES)) return unavailable
  return codes.includes('server_error') ? retryFor(status) : undefined
}

/** `Expired-Refresh-Token` → `expired_refresh_token`. */
function normalCode(code: string): string {
  return code
    .trim()
    .toLowerCase()
    .replace(/[\s.-]+/g, '_')
}

function byClassification(
  auth: OAuth2,
  reply: CredentialResponse,
  rules: readonly ResponseRule[] | undefined,
): RenewalVerdict | undefined {
  const { failure, rule } = classifyResponse(reply, rules)
  if (failure === null) return hasError(auth, reply) ? refused : undefined
  const { credentialRefused, retryable } = FAILURES[failure]
  if (retryable) return failure === 'rate_limit' ? unavailable : retryFor(reply.status)
  if (!credentialRefused) return isRefusal(reply) ? refused : unusable
  // RFC 6749 section 5.2: a 401 without an error code of its own is about the client.
  return rule === undefined ? badClient : dead
}

/** Whether a failed response is one of the token endpoint: not a redirect, and not the page of a firewall. */
function isRefusal({ status, body, text }: CredentialResponse): boolean {
  const isPage = body === undefined && text.trim() !== ''
  return (status < 300 || status >= 400) && (!isPage || status === 404 || status === 410)
}

function retryFor(status: number): RenewalVerdict {
  return saysUnavailable(status) ? unavailable : retry
}

function hasError({ tokenResponse }: OAuth2, { body }: CredentialResponse): boolean {
  const when = tokenResponse?.errorWhen
  const declared = when !== undefined && isDeepStrictEqual(readPath(body, when.path), when.equals)
  return declared || errorCodeOf(body, tokenResponse?.error) !== undefined
}
