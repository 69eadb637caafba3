import type { OAuth1Consent } from '../../catalog/definition/auth.ts'
import { readPath } from '../../catalog/definition/path.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import type { ProviderWords } from '../../kit/errors.ts'
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { providerWords } from '../../wire/provider-words.ts'
import { RenewalError, saysUnavailable } from '../../wire/renewal-error.ts'
import { isTransientStatus } from '../../wire/verdict.ts'
import { randomNonce } from '../signature/signature.ts'
import { distinctSecrets } from '../simple/secret-value.ts'
import type { OAuthClient, Renewal, RenewContext } from '../strategy.ts'
import { signOAuth1 } from './oauth1-signature.ts'

/** An OAuth 1.0a token with the secret that signs requests. */
interface OAuth1Token {
  token: string
  tokenSecret: string
}

const MESSAGES = {
  INVALID_CLIENT:
    'The provider refuses the OAuth client. It is the oauthClient of the integration. Correct it with updateIntegration.',
  INVALID_GRANT: 'The provider does not accept the authorization. Connect the account again.',
  PROVIDER_UNAVAILABLE: 'The provider cannot be reached now.',
  MALFORMED_RESPONSE: 'The response of the provider cannot be used.',
} as const

/** Obtains a temporary token for the user to authorize (RFC 5849 section 2.1). Rejects with RenewalError. */
export async function requestTemporaryToken(
  auth: OAuth1Consent,
  { client, callback }: { client: OAuthClient; callback: string },
  context: RenewContext,
): Promise<OAuth1Token> {
  const reply = await sendTokenRequest(auth, auth.requestTokenUrl, { client, signed: { callback } }, context)
  return readToken(reply, 'INVALID_CLIENT', [client.clientSecret])
}

/** Exchanges an authorized temporary token for a lasting one (RFC 5849 section 2.3). Rejects with RenewalError. */
export async function exchangeVerifier(
  auth: OAuth1Consent,
  { client, temporary, verifier }: { client: OAuthClient; temporary: OAuth1Token; verifier: string },
  context: RenewContext,
): Promise<Renewal> {
  const reply = await sendTokenRequest(auth, auth.accessTokenUrl, { client, temporary, signed: { verifier } }, context)
  const { token, tokenSecret } = readToken(reply, 'INVALID_GRANT', [
    client.clientSecret,
    temporary.tokenSecret,
    verifier,
  ])
  return { stored: { type: 'oauth1', fields: { token, token_secret: tokenSecret } }, scopes: [] }
}

interface TokenRequestParts {
  client: OAuthClient
  temporary?: OAuth1Token
  signed: { callback: string } | { verifier: string }
}

function sendTokenRequest(
  auth: OAuth1Consent,
  template: string,
  { client, temporary, signed }: TokenRequestParts,
  context: RenewContext,
) {
  const { input, kept, now } = context
  const url = renderUrl(template, { config: { ...input, client_id: client.clientId }, input, kept })
  const authorization = signOAuth1({
    ...{ method: 'POST', url, form: new URLSearchParams(), signature: auth.signature ?? 'HMAC-SHA1' },
    ...{ consumerKey: client.clientId, consumerSecret: client.clientSecret ?? '' },
    token: temporary?.token,
    tokenSecret: temporary?.tokenSecret ?? '',
    ...{ timestamp: Math.floor(now.getTime() / 1000), nonce: randomNonce(), version: '1.0' },
    ...signed,
  })
  const headers: [string, string][] = [
    ['authorization', authorization],
    ['accept', 'application/x-www-form-urlencoded'],
  ]
  return sendCredentialRequest(
    { method: 'POST', url: url.href, headers, credentialHeaders: ['authorization'] },
    context,
    client,
  )
}

const MAX_TOKEN_LENGTH = 4_096

function readToken(
  reply: CredentialResponse,
  refusal: 'INVALID_CLIENT' | 'INVALID_GRANT',
  secrets: readonly (string | undefined)[],
): OAuth1Token {
  const { status, body } = reply
  const [token, tokenSecret] = [readPath(body, ['oauth_token']), readPath(body, ['oauth_token_secret'])]
  const words = providerWords(reply, {}, distinctSecrets(secrets))
  if (status >= 200 && status < 300) {
    if (isToken(token) && typeof tokenSecret === 'string' && tokenSecret.length <= MAX_TOKEN_LENGTH) {
      return { token, tokenSecret }
    }
    throw failure('MALFORMED_RESPONSE', words)
  }
  throw failure(isTransientStatus(status) ? 'PROVIDER_UNAVAILABLE' : refusal, words, reply)
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TOKEN_LENGTH
}

function failure(reason: keyof typeof MESSAGES, words: ProviderWords, reply?: CredentialResponse) {
  const retryable = reason === 'PROVIDER_UNAVAILABLE'
  return new RenewalError(MESSAGES[reason], {
    reason,
    retryable,
    unavailable: retryable && reply !== undefined && saysUnavailable(reply.status),
    words,
    retryAfterMs: retryable ? reply?.retryAfterMs : undefined,
  })
}
