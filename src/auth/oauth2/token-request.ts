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
import { RenewalError } from '../../wire/renewal-error.ts'
import { type RequestDraft, serializeDraft } from '../../wire/request-draft.ts'
import { classifyResponse, FAILURES, type ResponseRule } from '../../wire/verdict.ts'
import { addDefinitionHeaders } from '../build-draft.ts'
import { PrivateKeyError, toClientKey } from '../signature/sign-jwt.ts'
import type { OAuthClient, RenewContext } from '../strategy.ts'
import { readTokenAnswer, type TokenAnswer, toStandardResponse } from './token-response.ts'

export interface TokenRequest {
  grantType: string
  url: URL
  /** By their standard names; the definition's names take their place on the wire. */
  params: Readonly<Record<string, string>>
  client: OAuthClient | undefined
  /** What the templates of the definition's tokenRequest read. */
  scope: TemplateScope
  /** Whatever of this may come back in the provider's words is taken out of them. */
  secrets: readonly string[]
}

/**
 * One request to a token endpoint. oauth4webapi makes the standard request and checks a standard answer; what stands on
 * the wire between the two is the definition's `tokenRequest` and `tokenResponse`. Rejects with RenewalError.
 */
export async function requestToken(auth: OAuth2, request: TokenRequest, context: RenewContext): Promise<TokenAnswer> {
  // Without an issuer, as the audience of an assertion, stands the very endpoint that gets it.
  const server = { issuer: auth.issuer ?? request.url.href, token_endpoint: request.url.href }
  const client = { client_id: request.client?.clientId || 'none' }
  const clientAuth = await usableClientAuth(auth, request.client, context.now)
  let answer: TokenAnswer | undefined
  const response = await genericTokenEndpointRequest(
    server,
    client,
    clientAuth,
    request.grantType,
    { ...request.params },
    {
      // Which hosts may be reached without TLS is for the egress to say.
      [allowInsecureRequests]: true,
      [customFetch]: async (_url, { body, headers }) => {
        const draft = toDraft(auth, request, body, headers)
        const secrets = [...request.secrets, ...secretsOnTheWire(body, draft)]
        const reply = await sendCredentialRequest(serializeDraft(draft), context)
        const refusal = refusalOf(auth, reply, context.responseErrors, secrets)
        if (refusal !== undefined) throw refusal
        const read = exchangeProblem(request.grantType, draft, reply.body) ?? readTokenAnswer(auth, reply, context.now)
        if (typeof read === 'string') throw unusableAnswer(auth, reply, read, secrets)
        answer = read
        return toStandardResponse(read)
      },
    },
  )
  await processGenericTokenEndpointResponse(server, client, response)
  if (answer === undefined) throw new Error('A token request that succeeds has an answer.')
  return answer
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

/** The definition's own params and headers win over what stands there by the standard. */
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

const openParams = new Set(['grant_type', 'client_id', 'redirect_uri', 'scope', 'client_assertion_type'])

/** What a provider could quote of the request, in the spellings that stand in it. */
function secretsOnTheWire(standard: URLSearchParams, { headers }: RequestDraft): string[] {
  const values = [...standard].filter(([name]) => !openParams.has(name)).map(([, value]) => value)
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

const assertionLifetimeSeconds = 60

/**
 * How the client proves itself at the token endpoint: `client_secret_post` unless the definition names another way; a
 * client without a secret only names itself, and without a client there is nothing to say. Throws PrivateKeyError.
 *
 * The assertion of private_key_jwt (RFC 7523 section 3) has one audience, the issuer, so that it is worth nothing at
 * another server.
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
      Object.assign(payload, { iat, nbf: iat, exp: iat + assertionLifetimeSeconds })
    },
  })
}

/**
 * RFC 6749 section 2.3.1: id and secret are form-encoded, each, before they are joined. oauth4webapi's own also encodes
 * `-`, `.` and `_`, which is right too, but fails at the many servers that do not decode at all.
 */
function clientSecretBasic(clientSecret: string): ClientAuth {
  return (_server, client, _body, headers) => {
    const credentials = `${formEncode(client.client_id)}:${formEncode(clientSecret)}`
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`)
  }
}

/** application/x-www-form-urlencoded, as one value. */
function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/**
 * Why the answer to a token exchange cannot be used (RFC 8693 section 2.2.1): it must say what it has issued, and that must be
 * what was asked for, an access token where the request names nothing. Undefined: it can, or it was no token exchange.
 */
function exchangeProblem(grantType: string, request: RequestDraft, answer: unknown): string | undefined {
  if (grantType !== TOKEN_EXCHANGE_GRANT) return undefined
  const issued = isRecord(answer) ? answer['issued_token_type'] : undefined
  if (typeof issued !== 'string' || issued === '') return 'It does not say what it has issued (issued_token_type).'
  return issued === requestedType(request) ? undefined : 'It has issued another type of token than was asked for.'
}

/** As it stands in the request, whoever has put it there. */
function requestedType({ body }: RequestDraft): string {
  if (body?.type === 'form') return body.value.get('requested_token_type') ?? ACCESS_TOKEN
  const asked = body?.type === 'json' && isRecord(body.value) ? body.value['requested_token_type'] : undefined
  return typeof asked === 'string' ? asked : ACCESS_TOKEN
}

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
function refusalOf(
  auth: OAuth2,
  reply: CredentialResponse,
  rules: readonly ResponseRule[] | undefined,
  secrets: readonly string[],
): RenewalError | undefined {
  const verdict = byCode(auth, reply) ?? byClassification(auth, reply, rules)
  if (verdict === undefined) return undefined
  const { error, errorDescription } = auth.tokenResponse ?? {}
  return new RenewalError(sentences[verdict.reason], {
    ...verdict,
    words: providerWords(reply, { error, errorDescription }, secrets),
    retryAfterMs: reply.retryAfterMs,
  })
}

/** A good status without a usable token: what became of a refresh token that was sent is not known. */
function unusableAnswer(
  auth: OAuth2,
  reply: CredentialResponse,
  why: string,
  secrets: readonly string[],
): RenewalError {
  const { error, errorDescription } = auth.tokenResponse ?? {}
  return new RenewalError(`${sentences.MALFORMED_RESPONSE} ${why}`, {
    reason: 'MALFORMED_RESPONSE',
    retryable: true,
    indeterminate: true,
    words: providerWords(reply, { error, errorDescription }, secrets),
  })
}

function byCode(auth: OAuth2, { body }: CredentialResponse): Verdict | undefined {
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

function byClassification(
  auth: OAuth2,
  reply: CredentialResponse,
  rules: readonly ResponseRule[] | undefined,
): Verdict | undefined {
  const { failure, rule } = classifyResponse(reply, rules)
  if (failure === null) return hasError(auth, reply) ? unusable : undefined
  const { credentialRefused, retryable } = FAILURES[failure]
  if (retryable) return retry
  if (!credentialRefused) return unusable
  // RFC 6749 section 5.2: a 401 without an error code of its own is about the client.
  return rule === undefined ? client : dead
}

function hasError({ tokenResponse }: OAuth2, { body }: CredentialResponse): boolean {
  const when = tokenResponse?.errorWhen
  const declared = when !== undefined && isDeepStrictEqual(readPath(body, when.path), when.equals)
  return declared || errorCodeOf(body, tokenResponse?.error) !== undefined
}
