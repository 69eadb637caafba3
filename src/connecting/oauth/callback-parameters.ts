import { createHmac, timingSafeEqual } from 'node:crypto'
import { AuthorizationResponseError, validateAuthResponse } from 'oauth4webapi'
import { type OAuth2, tokenUrlOf } from '../../catalog/definition/oauth2.ts'
import { isOneTimeSecret } from '../../kit/ids.ts'
import { secretsIn, secretTest } from '../../wire/response-secrets.ts'
import type { ConsentAuth } from './consent-request.ts'
import { authorizationDenied, consentOfAdministrator, responseRejected } from './flow-failure.ts'

/** Longer than the temporary tokens of any OAuth 1.0a provider. */
const MAX_TOKEN = 4_096
const MAX_VALUE = 8_192

/**
 * The value that identifies the flow of a response: our `state` or, in OAuth 1.0a, the provider's temporary token. Some
 * OAuth 1.0a providers send it as `denied` when the user declines. Null when it is missing, repeated or malformed.
 */
export function stateOf(params: URLSearchParams): string | null {
  if (params.has('state')) return singleValue(params, 'state', isOneTimeSecret)
  const name = params.has('denied') ? 'denied' : 'oauth_token'
  return singleValue(params, name, isTemporaryToken)
}

export function isTemporaryToken(text: string): boolean {
  return text !== '' && text.length <= MAX_TOKEN
}

function singleValue(params: URLSearchParams, name: string, isValid: (value: string) => boolean): string | null {
  const [value, ...others] = params.getAll(name)
  return value === undefined || others.length > 0 || !isValid(value) ? null : value
}

/** The parameter of a response that has the code. RFC 6749 section 4.1.2: `code`. */
export function codeParameterOf(auth: ConsentAuth): string {
  return (auth.type === 'oauth2' ? auth.authorizationResponse?.code : undefined) ?? 'code'
}

/**
 * Whether a response says that an administrator has approved the application for a whole organization. Microsoft sends it
 * without a code, and without a state if the administrator did not come from us
 * (https://learn.microsoft.com/entra/identity-platform/v2-admin-consent).
 * @returns `refused`: the administrator did not approve it; null: the response is something else
 */
export function adminConsentOf(params: URLSearchParams): 'given' | 'refused' | null {
  if (params.get('admin_consent')?.toLowerCase() !== 'true') return null
  return params.has('error') ? 'refused' : 'given'
}

interface ExpectedResponse {
  clientId: string
  state: string
  /** Whether the authorization server announced that its responses contain `iss` (RFC 9207 section 3). */
  issRequired: boolean
  /** Values to redact from what the provider says. */
  secrets: readonly string[]
}

/** Checks a response and returns what is exchanged for tokens: a code, or an OAuth 1.0a verifier. @throws FlowFailedError */
export function readCode(auth: ConsentAuth, expected: ExpectedResponse, params: URLSearchParams): string {
  const names = [...params.keys()]
  // RFC 6749 section 3.1: parameters must not be included more than once.
  if (new Set(names).size !== names.length) throw responseRejected('The response repeats a parameter.')
  if ([...params.values()].some((value) => value.length > MAX_VALUE))
    throw responseRejected('The response is too long.')
  return auth.type === 'oauth1' ? readVerifier(params) : readAuthorizationCode(auth, expected, params)
}

/** RFC 5849 section 2.2. */
function readVerifier(params: URLSearchParams): string {
  const verifier = params.get('oauth_verifier')
  if (verifier !== null && verifier !== '') return verifier
  throw authorizationDenied('access_denied', null, [])
}

/**
 * The code of an authorization response (RFC 6749 section 4.1.2) whose state was found.
 *
 * `iss` (RFC 9207): if the definition names its issuer, a present `iss` must equal it exactly. A missing `iss` is rejected if
 * the server announced, when the flow started, that it always sends it; this also holds for error responses. In all other
 * cases the redirect URI, which each integration has of its own, tells responses of different providers apart (RFC 9700
 * section 4.4.2.2).
 * @throws FlowFailedError
 */
function readAuthorizationCode(
  auth: OAuth2,
  { clientId, state, issRequired, secrets }: ExpectedResponse,
  params: URLSearchParams,
): string {
  // No implicit or hybrid flow was requested (RFC 9700 section 2.1.2). Such a token must be considered leaked.
  if (['access_token', 'refresh_token', 'id_token', 'token', 'response'].some((name) => params.has(name))) {
    throw responseRejected('The response contains a token, although only a code was requested.')
  }
  const issuer = auth.issuer ?? params.get('iss') ?? tokenUrlOf(auth)
  const server = { issuer, authorization_response_iss_parameter_supported: issRequired }
  // The library treats an empty `iss` like a missing one.
  if (params.get('iss') === '') throw notFromProvider()
  try {
    validateAuthResponse(server, { client_id: clientId }, params, state)
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      throw authorizationDenied(params.get('error') ?? '', params.get('error_description'), secrets)
    }
    throw notFromProvider()
  }
  const code = params.get(codeParameterOf(auth))
  if (code !== null && code !== '') return code
  throw adminConsentOf(params) === 'given'
    ? consentOfAdministrator()
    : responseRejected('The response contains no authorization code.')
}

function notFromProvider() {
  return responseRejected('The response does not come from the expected provider.')
}

const SHOP = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i

/**
 * Verifies the provider's own signature of the callback, if the definition names one. Shopify: HMAC-SHA256 in hex, with the
 * client secret as the key, of all other parameters sorted by name and encoded as a query
 * (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant#step-3).
 * @throws FlowFailedError
 */
export function verifyCallback(auth: ConsentAuth, clientSecret: string | undefined, params: URLSearchParams): void {
  if (auth.type === 'oauth1' || auth.callbackVerify === undefined) return
  const given = params.get('hmac') ?? ''
  const others = new URLSearchParams([...params].filter(([name]) => name !== 'hmac'))
  others.sort()
  const expected = createHmac('sha256', clientSecret ?? '')
    .update(others.toString())
    .digest()
  const valid = /^[0-9a-f]{64}$/i.test(given) && timingSafeEqual(Buffer.from(given, 'hex'), expected)
  // Without a secret anybody could compute the signature.
  if (!valid || clientSecret === undefined || clientSecret === '') {
    throw responseRejected('The signature of the response is not valid.')
  }
  if (!SHOP.test(params.get('shop') ?? '')) throw responseRejected('The response names no shop.')
}

const MAX_KEPT = 1_000

/**
 * The callback parameters that are stored with the connection, by the definition's callbackKeep. Example: QuickBooks' realmId. Everyone who
 * sees the connection sees them, so a secret is left out.
 * @param secrets the code, the state and others that belong to the flow
 */
export function keptOfCallback(
  auth: ConsentAuth,
  params: URLSearchParams,
  secrets: readonly string[],
): Record<string, string> {
  const { callbackKeep = {} } = auth.type === 'oauth1' ? {} : auth
  const named = secretsIn(Object.fromEntries(params))
  const showsSecret = named === null ? () => true : secretTest(secrets, named)
  const kept: Record<string, string> = {}
  for (const [param, name] of Object.entries(callbackKeep)) {
    const value = params.get(param)
    if (value === null || value === '') continue
    if (value.length > MAX_KEPT || !value.isWellFormed() || /\p{Cc}/u.test(value)) {
      throw responseRejected(`The parameter ${param} of the response is too long or malformed.`)
    }
    if (!showsSecret(value)) kept[name] = value
  }
  return kept
}
