import { createHmac, timingSafeEqual } from 'node:crypto'
import { AuthorizationResponseError, validateAuthResponse } from 'oauth4webapi'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { isOneTimeSecret } from '../../kit/ids.ts'
import type { ConsentAuth } from './consent-request.ts'
import { flowRefused, saidNo } from './flow-failure.ts'

/** Longer ones no provider of OAuth 1.0a gives. */
const MAX_TOKEN = 4_096

/**
 * What an answer is known by: our state or, in OAuth 1.0a, the provider's temporary token, which some call `denied` when the
 * person said no. Null: there is none, or several, or what cannot be one.
 */
export function stateOf(params: URLSearchParams): string | null {
  if (params.has('state')) return soleOf(params, 'state', isOneTimeSecret)
  const name = params.has('denied') ? 'denied' : 'oauth_token'
  return soleOf(params, name, (token) => token !== '' && token.length <= MAX_TOKEN)
}

function soleOf(params: URLSearchParams, name: string, fits: (value: string) => boolean): string | null {
  const [value, ...others] = params.getAll(name)
  return value === undefined || others.length > 0 || !fits(value) ? null : value
}

export interface ExpectedCallback {
  clientId: string
  state: string
  /** The authorization server announced that its answers name it (RFC 9207 section 3). */
  issRequired: boolean
  /** What of ours must not be repeated to anybody. */
  secrets: readonly string[]
}

/** What is exchanged for tokens: a code, or a verifier. @throws FlowFailedError */
export function readAnswer(auth: ConsentAuth, expected: ExpectedCallback, params: URLSearchParams): string {
  const names = [...params.keys()]
  // RFC 6749 section 3.1: parameters must not be included more than once.
  if (new Set(names).size !== names.length) throw flowRefused('The answer says something twice.')
  if ([...params.values()].some((value) => value.length > MAX_VALUE)) throw flowRefused('The answer is too long.')
  return auth.type === 'oauth1' ? verifierOf(params) : codeOf(auth, expected, params)
}

/** RFC 5849 section 2.2. */
function verifierOf(params: URLSearchParams): string {
  const verifier = params.get('oauth_verifier')
  if (verifier !== null && verifier !== '') return verifier
  throw saidNo('access_denied', null, [])
}

const MAX_VALUE = 8_192

/**
 * Takes the code out of an authorization response (RFC 6749 section 4.1.2), whose state has been found.
 *
 * `iss` (RFC 9207): where the definition names its issuer, one that is there must be that issuer, to the character. One that
 * is missing is refused where the server has announced, when the flow was begun, that it sends it always; an error without it
 * too. Elsewhere the redirect URI that each integration has of its own (RFC 9700 section 4.4.2.2) keeps the answers of
 * different providers apart.
 * @throws FlowFailedError
 */
function codeOf(
  auth: OAuth2,
  { clientId, state, issRequired, secrets }: ExpectedCallback,
  params: URLSearchParams,
): string {
  // Neither the implicit nor a hybrid flow was asked for (RFC 9700 section 2.1.2): a token in a URL is already known to others.
  if (['access_token', 'refresh_token', 'id_token', 'token', 'response'].some((name) => params.has(name))) {
    throw flowRefused('The answer holds a token, which must not stand in a URL.')
  }
  const issuer = auth.issuer ?? params.get('iss') ?? auth.tokenUrl
  const server = { issuer, authorization_response_iss_parameter_supported: issRequired }
  // To the library one that is empty is one that is not there.
  if (params.get('iss') === '') throw notFromThere()
  try {
    validateAuthResponse(server, { client_id: clientId }, params, state)
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      throw saidNo(params.get('error') ?? '', params.get('error_description'), secrets)
    }
    throw notFromThere()
  }
  const code = params.get('code')
  if (code === null || code === '') throw flowRefused('The answer holds no authorization code.')
  return code
}

function notFromThere() {
  return flowRefused('The answer does not come from the provider that was asked.')
}

const SHOP = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i

/**
 * Checks the provider's own signature of the callback, where the definition names one. Shopify: HMAC-SHA256 in hex, by the
 * client's secret, of all other parameters sorted by name, as a query
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
  // Without a secret anybody could sign.
  if (!valid || clientSecret === undefined || clientSecret === '') {
    throw flowRefused('The answer is not signed by the provider.')
  }
  if (!SHOP.test(params.get('shop') ?? '')) throw flowRefused('The answer names no shop.')
}

const MAX_KEPT = 1_000

/** What of the callback is kept with the connection, by the definition's callbackKeep: QuickBooks' realmId. */
export function keptOfCallback(auth: ConsentAuth, params: URLSearchParams): Record<string, string> {
  const { callbackKeep = {} } = auth.type === 'oauth1' ? {} : auth
  const kept: Record<string, string> = {}
  for (const [param, name] of Object.entries(callbackKeep)) {
    const value = params.get(param)
    if (value === null || value === '') continue
    if (value.length > MAX_KEPT || !value.isWellFormed() || /\p{Cc}/u.test(value)) {
      throw flowRefused(`The parameter ${param} of the answer cannot be kept.`)
    }
    kept[name] = value
  }
  return kept
}
