import { AuthorizationResponseError, validateAuthResponse } from 'oauth4webapi'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { isOneTimeSecret } from '../../kit/one-time-secret.ts'
import type { ConsentAuth } from './consent-request.ts'
import { refused, saidNo } from './flow-failure.ts'

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

export interface Expected {
  clientId: string
  state: string
  /** The authorization server announced that its answers name it (RFC 9207 section 3). */
  issRequired: boolean
  /** What of ours must not be repeated to anybody. */
  secrets: readonly string[]
}

/** What is exchanged for tokens: a code, or a verifier. @throws FlowFailedError */
export function readAnswer(auth: ConsentAuth, expected: Expected, params: URLSearchParams): string {
  const names = [...params.keys()]
  // RFC 6749 section 3.1: parameters must not be included more than once.
  if (new Set(names).size !== names.length) throw refused('The answer says something twice.')
  if ([...params.values()].some((value) => value.length > MAX_VALUE)) throw refused('The answer is too long.')
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
function codeOf(auth: OAuth2, { clientId, state, issRequired, secrets }: Expected, params: URLSearchParams): string {
  // Neither the implicit nor a hybrid flow was asked for (RFC 9700 section 2.1.2): a token in a URL is already known to others.
  if (['access_token', 'refresh_token', 'id_token', 'token', 'response'].some((name) => params.has(name))) {
    throw refused('The answer holds a token, which must not stand in a URL.')
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
  if (code === null || code === '') throw refused('The answer holds no authorization code.')
  return code
}

function notFromThere() {
  return refused('The answer does not come from the provider that was asked.')
}
