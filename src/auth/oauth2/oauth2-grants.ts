import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import type { TemplateScope } from '../../catalog/template/template-operators.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { scopeOf } from '../../wire/template-scope.ts'
import { PrivateKeyError } from '../signature/private-key.ts'
import { signJwt } from '../signature/sign-jwt.ts'
import type { StoredOAuth2 } from '../stored-credential.ts'
import type { ConnectionContext, OAuthClient } from '../strategy.ts'
import type { TokenRequest } from './token-request.ts'

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** Salesforce takes no assertion that lives longer. */
const assertionLifetime = 'PT3M'

export type Grant = Pick<TokenRequest, 'grantType' | 'url' | 'params'>

/** RFC 6749 section 6. */
export function refreshGrant(auth: OAuth2, stored: StoredOAuth2, scope: TemplateScope, refreshToken: string): Grant {
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
export async function ownGrant(
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
