import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import type { StoredOAuth2 } from '../stored-credential.ts'
import type { OAuthClient, Renewal, RenewContext } from '../strategy.ts'
import { canAskAnew, ownClientOf, refreshTokenOf } from './oauth2-client.ts'
import { ownGrant, refreshGrant, requestScope } from './oauth2-grants.ts'
import { requestToken, type TokenRequest } from './token-request.ts'
import type { TokenAnswer } from './token-response.ts'

/**
 * Another access token: by the refresh token for the grants authorization_code and refresh_token, by the grant itself
 * for the others, which need a refresh token only where an injected one is all there is. Sends one request.
 */
export async function renewOAuth2(auth: OAuth2, stored: StoredOAuth2, context: RenewContext): Promise<Renewal> {
  const client = ownClientOf(auth, stored, context) ?? context.oauthClient
  const refreshToken = refreshTokenOf(auth, stored, context)
  const scope = requestScope(auth, stored, context, client, refreshToken)
  const anew = auth.grant !== 'refresh_token' && canAskAnew(auth, stored, client !== undefined)
  if (!anew && refreshToken === undefined) throw nothingToRenewBy()
  const grant = anew
    ? await ownGrant(auth, scope, client, refreshToken, context.now)
    : refreshGrant(auth, stored, scope, refreshToken ?? '')
  const secrets = knownSecrets(auth, stored, client, refreshToken)
  const answer = await requestToken(auth, { ...grant, client, scope, secrets }, context)
  return toRenewal(stored, answer)
}

export interface CodeExchange {
  code: string
  redirectUri: string
  /** RFC 7636; absent where the definition's pkce is none. */
  codeVerifier?: string
  /** What was asked for. Default: the definition's. */
  scopes?: readonly string[]
}

/** The first tokens of the grant authorization_code (RFC 6749 section 4.1.3). Rejects as `renew` does. */
export async function exchangeCode(auth: OAuth2, exchange: CodeExchange, context: RenewContext): Promise<Renewal> {
  const { code, redirectUri, codeVerifier, scopes } = exchange
  const stored: StoredOAuth2 = { type: 'oauth2', fields: {}, scopes: [...(scopes ?? auth.scopes ?? [])] }
  const client = ownClientOf(auth, stored, context) ?? context.oauthClient
  const scope = requestScope(auth, stored, context, client, undefined)
  const verifier: Record<string, string> = codeVerifier === undefined ? {} : { code_verifier: codeVerifier }
  const request: TokenRequest = {
    grantType: 'authorization_code',
    url: renderUrl(auth.tokenUrl, scope),
    params: { code, redirect_uri: redirectUri, ...verifier },
    client,
    scope,
    secrets: distinctSecrets([code, codeVerifier, client?.clientSecret]),
  }
  return toRenewal(stored, await requestToken(auth, request, context))
}

function knownSecrets(
  auth: OAuth2,
  stored: StoredOAuth2,
  client: OAuthClient | undefined,
  refreshToken: string | undefined,
): string[] {
  const fields = secretsOf(describedFieldsOf(auth, {}), stored.fields)
  return distinctSecrets([refreshToken, stored.accessToken, stored.clientSecret, client?.clientSecret, ...fields])
}

/** A refresh token is replaced by the one of the answer, and stays where the answer has none. */
function toRenewal(stored: StoredOAuth2, answer: TokenAnswer): Renewal {
  const { accessToken, expiresAt, refreshExpiresAt, kept } = answer
  const { expiresAt: _old, extra = {}, ...rest } = stored
  const stale = Object.entries(extra).filter(([name]) => !Object.hasOwn(kept, name))
  const refreshToken = answer.refreshToken ?? stored.refreshToken
  const tokenType = answer.tokenType ?? stored.tokenType
  const scopes = answer.scopes ?? stored.scopes
  const renewed: StoredOAuth2 = {
    ...rest,
    accessToken,
    scopes,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(tokenType === undefined ? {} : { tokenType }),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
    ...(stale.length === 0 ? {} : { extra: Object.fromEntries(stale) }),
  }
  return {
    stored: renewed,
    scopes,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(refreshExpiresAt === undefined ? {} : { refreshExpiresAt }),
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
  }
}

function nothingToRenewBy(): RenewalError {
  const message = 'There is no refresh token to renew this credential by. Connect the account again.'
  return new RenewalError(message, { reason: 'INVALID_GRANT', retryable: false })
}
