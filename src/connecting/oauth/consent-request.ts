import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi'
import { requestTemporaryToken } from '../../auth/oauth1/oauth1-tokens.ts'
import type { StoredCredential } from '../../auth/stored-credential.ts'
import type { OAuthClient } from '../../auth/strategy.ts'
import type { Auth, OAuth1 } from '../../catalog/definition/auth.ts'
import { authMethodField } from '../../catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { inBrowser } from '../../catalog/sandbox-provider.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { flowClientOf, openIntegrationClient } from '../../connections/integration-client.ts'
import type { Integration } from '../../db/generated/client.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { hashOneTimeSecret, newOneTimeSecret } from '../../kit/ids.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { exchangeFailed } from './flow-failure.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import type { FlowSecrets } from './oauth-flow.ts'

/** A request for a person's consent, ready to be sent to by a browser. */
export interface ConsentRequest {
  /** Where the person agrees. */
  url: string
  /** What the answer is found by. */
  stateHash: Uint8Array
  /** What the exchange needs besides the answer. */
  secrets: FlowSecrets
  redirectUri: string
  clientId: string
  scopes: readonly string[]
}

export type ConsentAuth = OAuth2 | OAuth1

/** How a person agrees to a connection at a page of the provider's. */
export interface Consent {
  auth: ConsentAuth
  /** Makes what the consent brings the credential of the whole definition. */
  wrap(stored: StoredCredential): StoredCredential
}

/** Null: there is no consent page. Of several ways to choose from, the first that has one. */
export function consentOf(auth: Auth): Consent | null {
  if (hasConsentPage(auth)) return { auth, wrap: (stored) => stored }
  if (auth.type !== 'selective') return null
  for (const { key, auth: inner } of auth.options) {
    const fields = { [authMethodField.name]: key }
    if (hasConsentPage(inner)) return { auth: inner, wrap: (stored) => ({ type: 'selective', fields, inner: stored }) }
  }
  return null
}

function hasConsentPage(auth: Auth): auth is ConsentAuth {
  return auth.type === 'oauth1' || (auth.type === 'oauth2' && auth.grant === 'authorization_code')
}

/** @throws UnsupportedError */
export function requireConsent(auth: Auth): Consent {
  const consent = consentOf(auth)
  if (consent !== null) return consent
  throw new UnsupportedError(
    'This integration has no consent page to send a person to. Create its connections with createConnection or a connect session.',
  )
}

interface ConsentParameters {
  client: OAuthClient
  redirectUri: string
  /** By the definition's inputFields, checked. */
  input: Readonly<Record<string, string>>
}

/**
 * @param scopes null: those of the integration's OAuth client, else the definition's
 * @throws UnsupportedError, ConflictError without an OAuth client, TemplateError; ProviderError where the provider is asked first
 */
export async function prepareConsent(
  deps: OAuthDeps,
  integration: Integration,
  definition: IntegrationDefinition,
  input: ConsentParameters['input'],
  scopes: readonly string[] | null,
): Promise<ConsentRequest> {
  const { auth } = requireConsent(definition.auth)
  const client = flowClientOf(auth, await openIntegrationClient(deps, integration), input, integration.slug)
  const redirectUri = redirectUriOf(integration, deps.publicUrl)
  const asked = { client, redirectUri, input }
  if (auth.type === 'oauth1') return askOAuth1(deps, auth, asked)
  const own = integration.oauthScopes.length > 0 ? integration.oauthScopes : (auth.scopes ?? [])
  const request = await askOAuth2(deps, auth, asked, scopes ?? own)
  return { ...request, url: inBrowser(request.url, deps.publicUrl) }
}

async function askOAuth2(
  { issuerMetadata }: OAuthDeps,
  auth: OAuth2,
  { client, redirectUri, input }: ConsentParameters,
  scopes: readonly string[],
): Promise<ConsentRequest> {
  const announced = await issuerMetadata.ask(auth)
  const { clientId } = client
  const { secret: state, hash: stateHash } = newOneTimeSecret()
  const { url, codeVerifier } = await authorizationUrl(auth, { clientId, redirectUri, state, scopes, input })
  const secrets: FlowSecrets = {
    ...(codeVerifier === undefined ? {} : { codeVerifier }),
    ...(announced?.issParameter ? { issRequired: true } : {}),
  }
  return { url: url.href, stateHash, secrets, redirectUri, clientId, scopes }
}

/** RFC 5849 section 2: the provider's temporary token is what the answer is known by. */
async function askOAuth1(
  { egress }: OAuthDeps,
  auth: OAuth1,
  { client, redirectUri, input }: ConsentParameters,
): Promise<ConsentRequest> {
  const context = { egress, now: new Date(), input, kept: {} }
  const temporary = await requestTemporaryToken(auth, { client, callback: redirectUri }, context).catch(
    (error: unknown) => {
      throw error instanceof RenewalError ? exchangeFailed(error).failure.told : error
    },
  )
  const { clientId } = client
  const url = renderUrl(auth.authorizationUrl, { config: { ...input, client_id: clientId }, input, kept: {} })
  url.searchParams.set('oauth_token', temporary.token)
  return {
    url: url.href,
    stateHash: hashOneTimeSecret(temporary.token),
    secrets: { temporary },
    redirectUri,
    clientId,
    scopes: [],
  }
}

interface AuthorizationRequest {
  clientId: string
  redirectUri: string
  state: string
  scopes: readonly string[]
  /** By the definition's inputFields, checked. */
  input: Readonly<Record<string, unknown>>
}

/** What must be as we say, whatever the definition adds: it binds the answer to its question. */
const BINDING = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const

/**
 * Where the person agrees (RFC 6749 section 4.1.1), with PKCE S256 (RFC 7636) unless the definition says that its provider
 * cannot. The definition's `authorizationNames` stand in place of the standard names, its `authorizationParams` beside them.
 * @throws TemplateError for an input that cannot stand in the URL
 */
export async function authorizationUrl(
  auth: OAuth2,
  { clientId, redirectUri, state, scopes, input }: AuthorizationRequest,
): Promise<{ url: URL; codeVerifier: string | undefined }> {
  if (auth.authorizationUrl === undefined) throw new Error('The grant authorization_code has an authorization URL.')
  const scope = { config: { ...input, client_id: clientId }, input, kept: {} }
  const codeVerifier = auth.pkce === 'none' ? undefined : generateRandomCodeVerifier()
  const standard: Record<string, string> = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(auth.scopeSeparator ?? ' ') }),
    state,
    ...(codeVerifier === undefined
      ? {}
      : { code_challenge: await calculatePKCECodeChallenge(codeVerifier), code_challenge_method: 'S256' }),
  }
  const nameOf = (name: string) => auth.authorizationNames?.[name] ?? name
  const url = renderUrl(auth.authorizationUrl, scope)
  for (const [name, value] of Object.entries(standard)) url.searchParams.set(nameOf(name), value)
  const bound = new Set(BINDING.map(nameOf))
  for (const [name, source] of Object.entries(auth.authorizationParams ?? {})) {
    if (!bound.has(name)) url.searchParams.set(name, renderTemplate(source, scope))
  }
  // Some providers read a plus sign in a query as a plus sign.
  url.search = url.search.replaceAll('+', '%20')
  return { url, codeVerifier }
}

/** Where the callbacks come in; the integration's own id follows, so that each has a redirect URI of its own. */
export const CALLBACK_PATH = '/oauth/callback/'

/**
 * What is registered with the provider: our callback of this integration, or the one that the workspace hosts itself. RFC 9700
 * section 4.4.2.2: with a redirect URI for each, an answer of one provider is never taken for another's.
 */
export function redirectUriOf(integration: { id: string; oauthRedirectUrl: string | null }, publicUrl: string): string {
  return integration.oauthRedirectUrl ?? `${publicUrl}${CALLBACK_PATH}${integration.id}`
}
