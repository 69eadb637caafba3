import { type OAuth2, tokenUrlOf } from '../../catalog/definition/oauth2.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import type { TemplateScope } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { PrivateKeyError } from '../../kit/private-key.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { clientCertificateFor } from '../client-certificate.ts'
import { signJwt } from '../signature/sign-jwt.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import type { StoredOAuth2 } from '../stored-credential.ts'
import type { ConnectionContext, OAuthClient, OpenContext, RefreshToken, Renewal, RenewContext } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { requestToken, type TokenRequest } from './token-request.ts'
import { canRepeatGrant, clientOf, ownClientOf, refreshTokenOf, type TokenResponse } from './token-response.ts'

/**
 * Obtains another access token with one request. The grants authorization_code and refresh_token use the refresh token. The
 * others repeat the grant, and use a refresh token only when an injected one is all they have.
 */
export async function renewOAuth2(auth: OAuth2, stored: StoredOAuth2, context: RenewContext): Promise<Renewal> {
  const { client, origin } = clientOf(auth, stored, context)
  const refreshToken = refreshTokenOf(auth, stored, context)
  const scope = requestScope(auth, stored, context, client, refreshToken)
  const hasOAuthClient = context.oauthClient !== undefined
  const repeatGrant = auth.grant !== 'refresh_token' && canRepeatGrant(auth, stored, hasOAuthClient)
  if (!repeatGrant && refreshToken === undefined) throw noRefreshToken()
  const grant = repeatGrant
    ? await ownGrant(auth, scope, client, refreshToken, context.now)
    : refreshGrant(auth, stored, scope, refreshToken ?? '')
  const secrets = knownSecrets(auth, stored, client, refreshToken)
  const response = await requestToken(auth, { ...grant, client, origin, scope, secrets }, context)
  return toRenewal(auth, stored, response, context)
}

/** The refresh token that `renewOAuth2` would send; undefined when it would repeat the grant without one. */
export function sentRefreshToken(auth: OAuth2, stored: StoredOAuth2, context: OpenContext): RefreshToken | undefined {
  const { hasOAuthClient = false, oauthClient } = context
  const value = refreshTokenOf(auth, stored, context)
  const repeats = auth.grant !== 'refresh_token' && canRepeatGrant(auth, stored, hasOAuthClient)
  const namesToken = auth.grant === 'custom' && auth.refreshToken !== undefined
  if (value === undefined || (repeats && !namesToken)) return undefined
  return {
    value,
    rotates: auth.rotation !== 'none',
    lifetime: auth.refreshTokenLifetime,
    get place() {
      const client = ownClientOf(auth, stored, context) ?? oauthClient
      const scope = requestScope(auth, stored, context, client, value)
      return `${renderUrl(auth.refreshUrl ?? tokenUrlOf(auth), scope).href} ${client?.clientId ?? ''}`
    },
  }
}

interface CodeExchange {
  code: string
  redirectUri: string
  /** RFC 7636; absent when the definition's pkce is none. */
  codeVerifier?: string
  /** The requested scopes. Default: the definition's. */
  scopes?: readonly string[]
}

/** Exchanges an authorization code for tokens (RFC 6749 section 4.1.3). Rejects like `renew`. */
export async function exchangeCode(auth: OAuth2, exchange: CodeExchange, context: RenewContext): Promise<Renewal> {
  const { code, redirectUri, codeVerifier, scopes } = exchange
  const stored: StoredOAuth2 = { type: 'oauth2', fields: {}, scopes: [...(scopes ?? auth.scopes ?? [])] }
  const { client, origin } = clientOf(auth, stored, context)
  const scope = requestScope(auth, stored, context, client, undefined)
  const verifier: Record<string, string> = codeVerifier === undefined ? {} : { code_verifier: codeVerifier }
  const request: TokenRequest = {
    grantType: 'authorization_code',
    url: renderUrl(tokenUrlOf(auth), scope),
    params: { code, redirect_uri: redirectUri, ...verifier, ...resourceParam(auth) },
    client,
    origin,
    scope,
    secrets: distinctSecrets([code, codeVerifier, client?.clientSecret]),
  }
  const clientCertificate = clientCertificateFor(auth, stored, context)
  return toRenewal(auth, stored, await requestToken(auth, request, { ...context, clientCertificate }), context)
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

/** The stored refresh token is replaced by that of the response, and kept when the response has none. */
function toRenewal(auth: OAuth2, stored: StoredOAuth2, response: TokenResponse, context: RenewContext): Renewal {
  const { accessToken, expiresAt, kept } = response
  const { expiresAt: _old, extra = {}, ...rest } = stored
  // Injected values that the response does not replace.
  const otherExtra = Object.entries(extra).filter(([name]) => !Object.hasOwn(kept, name))
  const refreshToken = response.refreshToken ?? stored.refreshToken
  const tokenType = response.tokenType ?? stored.tokenType
  const scopes = response.scopes ?? stored.scopes
  const renewed: StoredOAuth2 = {
    ...rest,
    accessToken,
    scopes,
    refreshToken,
    tokenType,
    expiresAt: expiresAt?.toISOString(),
    extra: otherExtra.length === 0 ? undefined : Object.fromEntries(otherExtra),
  }
  return {
    stored: renewed,
    scopes,
    expiresAt,
    refreshExpiresAt: refreshEnd(auth, renewed, response.refreshExpiresAt, context),
    kept: Object.keys(kept).length === 0 ? undefined : kept,
  }
}

/**
 * When the refresh token of a renewed credential expires: the end that the provider stated, or `refreshTokenLifetime` from now,
 * whichever comes first. A renewal is a use of the token, so a lifetime begins anew.
 */
function refreshEnd(
  auth: OAuth2,
  renewed: StoredOAuth2,
  stated: Date | undefined,
  context: RenewContext,
): Date | undefined {
  if (refreshTokenOf(auth, renewed, context) === undefined) return undefined
  const { refreshTokenLifetime: lifetime } = auth
  const end = lifetime === undefined ? undefined : addDuration(context.now, parseDuration(lifetime))
  if (stated === undefined || end === undefined) return stated ?? end
  return stated < end ? stated : end
}

function noRefreshToken(): RenewalError {
  const message = 'The credential has no refresh token and cannot be renewed. Connect the account again.'
  return new RenewalError(message, { reason: 'INVALID_GRANT', retryable: false })
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** Salesforce rejects assertions with a longer lifetime. */
const ASSERTION_LIFETIME = 'PT3M'

type Grant = Pick<TokenRequest, 'grantType' | 'url' | 'params'>

/** RFC 6749 section 6. */
function refreshGrant(auth: OAuth2, stored: StoredOAuth2, scope: TemplateScope, refreshToken: string): Grant {
  // The scopes of an authorization code were granted with it. Requesting them again could only fail.
  const wanted = auth.grant === 'authorization_code' ? [] : (auth.scopes ?? [])
  const granted = wanted.filter((each) => stored.scopes.includes(each))
  return {
    grantType: 'refresh_token',
    url: renderUrl(auth.refreshUrl ?? tokenUrlOf(auth), scope),
    params: {
      refresh_token: refreshToken,
      ...scopeParam(auth, granted.length > 0 ? granted : wanted),
      ...resourceParam(auth),
    },
  }
}

/** The grant itself, without tokens of an earlier response. @throws TemplateError; RenewalError for a key that cannot sign */
async function ownGrant(
  auth: OAuth2,
  scope: TemplateScope,
  client: OAuthClient | undefined,
  refreshToken: string | undefined,
  now: Date,
): Promise<Grant> {
  const url = renderUrl(tokenUrlOf(auth), scope)
  const params = { ...scopeParam(auth, auth.scopes ?? []), ...resourceParam(auth) }
  if (auth.grant === 'client_credentials') return { grantType: 'client_credentials', url, params }
  if (auth.grant === 'jwt_bearer') {
    const assertion = await signAssertion(auth, url, scope, client, now)
    return { grantType: JWT_BEARER, url, params: { ...params, assertion } }
  }
  // A custom grant whose definition says where its refresh token is.
  const named = auth.refreshToken !== undefined && refreshToken !== undefined
  const own: Record<string, string> = named ? { refresh_token: refreshToken } : {}
  return { grantType: auth.grantType ?? auth.grant, url, params: { ...params, ...own } }
}

/** RFC 7523 section 3. By default the issuer is the client and the audience is the token endpoint. */
async function signAssertion(
  { assertion }: OAuth2,
  url: URL,
  scope: TemplateScope,
  client: OAuthClient | undefined,
  now: Date,
): Promise<string> {
  if (assertion === undefined) throw new Error('A definition with the grant jwt_bearer has an assertion.')
  const defaults = { aud: url.href, ...(client === undefined ? {} : { iss: client.clientId }) }
  try {
    const recipe = { ...assertion, lifetime: assertion.lifetime ?? ASSERTION_LIFETIME }
    return (await signJwt(recipe, scope, now, defaults)).token
  } catch (error) {
    if (!(error instanceof PrivateKeyError)) throw error
    const message = `The key that signs the assertion ${error.problem}. Connect again with a correct key.`
    throw new RenewalError(message, { reason: 'INVALID_GRANT', retryable: false, cause: error })
  }
}

function scopeParam(
  { scopeSeparator = ' ' }: OAuth2,
  scopes: readonly string[],
): { scope?: string | readonly string[] } {
  if (scopes.length === 0) return {}
  return { scope: scopeSeparator === null ? scopes : scopes.join(scopeSeparator) }
}

/** RFC 8707 section 2.2. */
function resourceParam({ resource }: OAuth2): { resource?: string } {
  return resource === undefined ? {} : { resource }
}

/** The variables of a token request's templates: those of the connection, the OAuth client and the tokens. For one request. */
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
  return withSharedBudget({ config, input, kept })
}
