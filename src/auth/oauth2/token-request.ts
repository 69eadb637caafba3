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
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { errorCodeOf, errorDescriptionOf, providerWords } from '../../wire/provider-words.ts'
import { RenewalError, saysUnavailable } from '../../wire/renewal-error.ts'
import { type RequestDraft, serializeDraft } from '../../wire/request-draft.ts'
import { classifyResponse, FAILURES, type ResponseRule } from '../../wire/verdict.ts'
import { addDefinitionHeaders } from '../build-draft.ts'
import { PrivateKeyError, toClientKey } from '../signature/sign-jwt.ts'
import type { OAuthClient, RenewContext } from '../strategy.ts'
import { readTokenResponse, type TokenResponse, toStandardResponse } from './token-response.ts'

export interface TokenRequest {
  grantType: string
  url: URL
  /** Parameters by their standard names. The definition's names replace them in the request. */
  params: Readonly<Record<string, string>>
  client: OAuthClient | undefined
  /** The variables of the templates in the definition's tokenRequest. */
  scope: TemplateScope
  /** Removed from the provider's words. */
  secrets: readonly string[]
}

/**
 * Sends one request to a token endpoint. oauth4webapi builds a standard request and validates a standard response; the
 * definition's `tokenRequest` and `tokenResponse` translate between them and the provider's format. Rejects with RenewalError.
 */
export async function requestToken(auth: OAuth2, request: TokenRequest, context: RenewContext): Promise<TokenResponse> {
  // Without an issuer, the audience of an assertion is the token endpoint itself.
  const server = { issuer: auth.issuer ?? request.url.href, token_endpoint: request.url.href }
  const client = { client_id: request.client?.clientId || 'none' }
  const clientAuth = await usableClientAuth(auth, request.client, context.now)
  let result: TokenResponse | undefined
  const response = await genericTokenEndpointRequest(
    server,
    client,
    clientAuth,
    request.grantType,
    { ...request.params },
    {
      // The egress decides which hosts may be reached without TLS.
      [allowInsecureRequests]: true,
      [customFetch]: async (_url, { body, headers }) => {
        const draft = toDraft(auth, request, body, headers)
        const secrets = [...request.secrets, ...secretsOnTheWire(body, draft)]
        const reply = await sendCredentialRequest(serializeDraft(draft), context)
        const failure = tokenFailure(auth, reply, context.responseErrors, secrets)
        if (failure !== undefined) throw failure
        const read =
          exchangeProblem(request.grantType, draft, reply.body) ?? readTokenResponse(auth, reply, context.now)
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

async function usableClientAuth(auth: OAuth2, client: OAuthClient | undefined, now: Date) {
  try {
    return await clientAuthOf(auth, client, now)
  } catch (error) {
    if (!(error instanceof PrivateKeyError)) throw error
    const message = `The private key of the OAuth client ${error.problem}.`
    throw new RenewalError(message, { reason: 'INVALID_CLIENT', retryable: false, cause: error })
  }
}

/** The request as it is sent. The definition's own params and headers win over the standard ones. */
function toDraft(
  auth: OAuth2,
  { url, scope }: TokenRequest,
  standard: URLSearchParams,
  headers: Readonly<Record<string, string>>,
): RequestDraft {
  const { names = {}, params = {}, format = 'form', headers: own = {} } = auth.tokenRequest ?? {}
  const nameOf = new Map(Object.entries(names))
  const body = new Map([...standard].map(([name, value]) => [nameOf.get(name) ?? name, value]))
  for (const [name, source] of Object.entries(params)) body.set(name, compileTemplate(source).render(scope))
  const draft: RequestDraft = {
    method: 'POST',
    url,
    headers: new Headers(),
    body:
      format === 'json'
        ? { type: 'json', value: Object.fromEntries(body) }
        : { type: 'form', value: new URLSearchParams([...body]) },
    credentialHeaders: new Set(),
  }
  addDefinitionHeaders(draft, own, scope)
  for (const name of ['accept', 'authorization']) {
    const value = headers[name]
    if (value !== undefined && !draft.headers.has(name)) draft.headers.set(name, value)
  }
  return draft
}

const PUBLIC_PARAMS = new Set(['grant_type', 'client_id', 'redirect_uri', 'scope', 'client_assertion_type'])

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
 * a secret sends only its id; without a client nothing is sent.
 *
 * The assertion of private_key_jwt (RFC 7523 section 3) has the issuer as its only audience, so another server cannot use it.
 *
 * @throws PrivateKeyError
 */
export async function clientAuthOf(auth: OAuth2, client: OAuthClient | undefined, now: Date): Promise<ClientAuth> {
  if (client === undefined) return () => {}
  const { clientSecret } = client
  const method = auth.clientAuth ?? 'client_secret_post'
  if (clientSecret === undefined || clientSecret === '' || method === 'none') return None()
  if (method === 'client_secret_basic') return clientSecretBasic(clientSecret)
  if (method === 'client_secret_post') return ClientSecretPost(clientSecret)
  const { alg, kid } = auth.clientKey ?? { alg: 'RS256' }
  const key = await toClientKey(clientSecret, alg)
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
function requestedType({ body }: RequestDraft): string {
  if (body?.type === 'form') return body.value.get('requested_token_type') ?? ACCESS_TOKEN
  const requested = body?.type === 'json' && isRecord(body.value) ? body.value['requested_token_type'] : undefined
  return typeof requested === 'string' ? requested : ACCESS_TOKEN
}

/** Codes after which only the user can continue (RFC 6749 section 5.2, OpenID Connect Core section 3.1.2.6). */
const DEAD_GRANT_CODES = new Set(['invalid_grant', 'interaction_required', 'login_required', 'consent_required'])
/** RFC 6749 section 5.2, and the codes of GitHub and Slack. */
const BAD_CLIENT_CODES = new Set([
  ...['invalid_client', 'unauthorized_client', 'incorrect_client_credentials'],
  ...['invalid_client_id', 'bad_client_secret', 'bad_client_id'],
])
/** The provider has not done what was asked. */
const UNAVAILABLE_CODES = new Set(['temporarily_unavailable', 'slow_down', 'rate_limited', 'ratelimited'])

const MESSAGES: Record<Exclude<RefreshFailure, 'LOST_IN_CRASH_WINDOW' | 'REVOKED'>, string> = {
  INVALID_GRANT: 'The provider no longer accepts this credential. Connect the account again.',
  INVALID_CLIENT: 'The provider refuses the OAuth client of this integration. Check its id and secret.',
  PROVIDER_UNAVAILABLE: 'The provider could not renew the credential now.',
  MALFORMED_RESPONSE: 'The response of the provider to the renewal cannot be used.',
}

interface RenewalVerdict {
  reason: keyof typeof MESSAGES
  retryable: boolean
  unavailable?: boolean
}

const dead: RenewalVerdict = { reason: 'INVALID_GRANT', retryable: false }
const client: RenewalVerdict = { reason: 'INVALID_CLIENT', retryable: false }
const retry: RenewalVerdict = { reason: 'PROVIDER_UNAVAILABLE', retryable: true }
const unavailable: RenewalVerdict = { ...retry, unavailable: true }
/** An unexpected response is not treated as permanent: a misbehaving firewall must not break a thousand connections. */
const unusable: RenewalVerdict = { reason: 'MALFORMED_RESPONSE', retryable: true }

/**
 * The failure that a response of a token endpoint stands for; undefined when it is a success. Its error code decides before the
 * definition's rules, and those decide before the status: `invalid_grant` with status 500 is a dead grant.
 */
function tokenFailure(
  auth: OAuth2,
  reply: CredentialResponse,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
): RenewalError | undefined {
  const verdict = byCode(auth, reply) ?? byClassification(auth, reply, rules)
  if (verdict === undefined) return undefined
  const { error, errorDescription } = auth.tokenResponse ?? {}
  return new RenewalError(MESSAGES[verdict.reason], {
    ...verdict,
    words: providerWords(reply, { error, errorDescription }, secrets),
    retryAfterMs: reply.retryAfterMs,
  })
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

function byCode(auth: OAuth2, { status, body }: CredentialResponse): RenewalVerdict | undefined {
  const code = errorCodeOf(body, auth.tokenResponse?.error)?.toLowerCase()
  const description = errorDescriptionOf(body, auth.tokenResponse?.errorDescription)?.toLowerCase()
  const permanent = (auth.permanentErrors ?? []).map((each) => each.toLowerCase())
  const texts = [code, description].filter((each) => each !== undefined)
  if (texts.some((each) => permanent.includes(each))) return dead
  if (code === undefined) return undefined
  if (DEAD_GRANT_CODES.has(code)) return dead
  if (BAD_CLIENT_CODES.has(code)) return client
  if (UNAVAILABLE_CODES.has(code)) return unavailable
  return code === 'server_error' ? retryFor(status) : undefined
}

function byClassification(
  auth: OAuth2,
  reply: CredentialResponse,
  rules: readonly ResponseRule[] | undefined,
): RenewalVerdict | undefined {
  const { failure, rule } = classifyResponse(reply, rules)
  if (failure === null) return hasError(auth, reply) ? unusable : undefined
  const { credentialRefused, retryable } = FAILURES[failure]
  if (retryable) return failure === 'rate_limit' ? unavailable : retryFor(reply.status)
  if (!credentialRefused) return unusable
  // RFC 6749 section 5.2: a 401 without an error code of its own is about the client.
  return rule === undefined ? client : dead
}

function retryFor(status: number): RenewalVerdict {
  return saysUnavailable(status) ? unavailable : retry
}

function hasError({ tokenResponse }: OAuth2, { body }: CredentialResponse): boolean {
  const when = tokenResponse?.errorWhen
  const declared = when !== undefined && isDeepStrictEqual(readPath(body, when.path), when.equals)
  return declared || errorCodeOf(body, tokenResponse?.error) !== undefined
}
