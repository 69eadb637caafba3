import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import type { TemplateScope } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { PrivateKeyError, signJwt } from '../signature/sign-jwt.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import type { StoredOAuth2 } from '../stored-credential.ts'
import type { ConnectionContext, OAuthClient, Renewal, RenewContext } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { requestToken, type TokenRequest } from './token-request.ts'
import { canAskAnew, ownClientOf, refreshTokenOf, type TokenAnswer } from './token-response.ts'

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

interface CodeExchange {
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

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** Salesforce takes no assertion that lives longer. */
const assertionLifetime = 'PT3M'

type Grant = Pick<TokenRequest, 'grantType' | 'url' | 'params'>

/** RFC 6749 section 6. */
function refreshGrant(auth: OAuth2, stored: StoredOAuth2, scope: TemplateScope, refreshToken: string): Grant {
  // With a code the scopes were agreed on when it was given, and asking for them again can only fail.
  const wanted = auth.grant === 'authorization_code' ? [] : (auth.scopes ?? [])
  const granted = wanted.filter((each) => stored.scopes.includes(each))
  return {
    grantType: 'refresh_token',
    url: renderUrl(auth.refreshUrl ?? auth.tokenUrl, scope),
    params: { refresh_token: refreshToken, ...scopeParam(auth, granted.length > 0 ? granted : wanted) },
  }
}

/** Asks by what the connection holds besides tokens. Throws TemplateError, RenewalError for a key that cannot sign. */
async function ownGrant(
  auth: OAuth2,
  scope: TemplateScope,
  client: OAuthClient | undefined,
  refreshToken: string | undefined,
  now: Date,
): Promise<Grant> {
  const url = renderUrl(auth.tokenUrl, scope)
  const params = scopeParam(auth, auth.scopes ?? [])
  if (auth.grant === 'client_credentials') return { grantType: 'client_credentials', url, params }
  if (auth.grant === 'jwt_bearer') {
    const assertion = await signAssertion(auth, url, scope, client, now)
    return { grantType: jwtBearer, url, params: { ...params, assertion } }
  }
  // A grant of another name that the definition tells where to find its refresh token.
  const named = auth.refreshToken !== undefined && refreshToken !== undefined
  const own: Record<string, string> = named ? { refresh_token: refreshToken } : {}
  return { grantType: auth.grantType ?? auth.grant, url, params: { ...params, ...own } }
}

/** RFC 7523 section 3: the issuer is the client and the audience the token endpoint unless the definition says other. */
async function signAssertion(
  { assertion }: OAuth2,
  url: URL,
  scope: TemplateScope,
  client: OAuthClient | undefined,
  now: Date,
): Promise<string> {
  if (assertion === undefined) throw new Error('A definition with the grant jwt_bearer has an assertion.')
  const usual = { aud: url.href, ...(client === undefined ? {} : { iss: client.clientId }) }
  try {
    return await signJwt({ ...assertion, lifetime: assertion.lifetime ?? assertionLifetime }, scope, now, usual)
  } catch (error) {
    if (!(error instanceof PrivateKeyError)) throw error
    const message = `The key that signs the assertion ${error.problem}. Connect with another one.`
    throw new RenewalError(message, { reason: 'INVALID_GRANT', retryable: false, cause: error })
  }
}

function scopeParam({ scopeSeparator = ' ' }: OAuth2, scopes: readonly string[]): { scope?: string } {
  return scopes.length === 0 ? {} : { scope: scopes.join(scopeSeparator) }
}

/** Templates of a token request read the client and the tokens as well, wherever these come from. */
export function requestScope(
  auth: OAuth2,
  stored: StoredOAuth2,
  context: ConnectionContext,
  client: OAuthClient | undefined,
  refreshToken: string | undefined,
): TemplateScope {
  const { input, kept } = scopeOf(auth, stored, context)
  const config = {
    ...context.input,
    ...stored.fields,
    ...(client === undefined ? {} : { client_id: client.clientId, client_secret: client.clientSecret }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(stored.accessToken === undefined ? {} : { access_token: stored.accessToken }),
  }
  return { config, input, kept }
}
