import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi'
import { requestTemporaryToken } from '../../auth/oauth1/oauth1-tokens.ts'
import { ownClientOf } from '../../auth/oauth2/token-response.ts'
import type { StoredCredential } from '../../auth/stored-credential.ts'
import type { OAuthClient } from '../../auth/strategy.ts'
import type { Auth, OAuth1Consent } from '../../catalog/definition/auth.ts'
import { authMethodField } from '../../catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import { type OAuth2, tokenUrlOf } from '../../catalog/definition/oauth2.ts'
import { inBrowser } from '../../catalog/sandbox-provider.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { openIntegrationClient } from '../../connections/integrations.ts'
import type { Integration } from '../../db/generated/client.ts'
import { databaseNow } from '../../db/sql.ts'
import { ConflictError, InvalidInputError, UnsupportedError } from '../../kit/errors.ts'
import { hashOneTimeSecret, newOneTimeSecret } from '../../kit/ids.ts'
import { ClientHostError, RenewalError } from '../../wire/renewal-error.ts'
import { exchangeFailed } from './flow-failure.ts'
import { type FlowSecrets, type OAuthDeps, redirectUriOf } from './oauth-flow.ts'
import { withRegisteredClient } from './registration.ts'

export type ConsentAuth = OAuth2 | OAuth1Consent

/** The part of an auth that uses a consent page of the provider. */
export interface Consent {
  auth: ConsentAuth
  /** The key of the chosen method of a selective auth; null: the auth is not selective. */
  method: string | null
  /** Wraps the credential that the consent yields, so that it fits the whole auth. */
  wrap(stored: StoredCredential): StoredCredential
}

/**
 * Null when there is no consent page.
 * @param method the key of a method of a selective auth; null: the first that has a consent page
 */
export function consentOf(auth: Auth, method: string | null = null): Consent | null {
  if (hasConsentPage(auth)) return { auth, method: null, wrap: (stored) => stored }
  if (auth.type !== 'selective') return null
  for (const { key, auth: inner } of auth.options) {
    if (!hasConsentPage(inner) || (method !== null && method !== key)) continue
    const fields = { [authMethodField.name]: key }
    return { auth: inner, method: key, wrap: (stored) => ({ type: 'selective', fields, inner: stored }) }
  }
  return null
}

function hasConsentPage(auth: Auth): auth is ConsentAuth {
  if (auth.type === 'oauth1') return auth.authorizationUrl !== undefined
  return auth.type === 'oauth2' && auth.grant === 'authorization_code'
}

/** @throws UnsupportedError when there is no consent page */
export function requireConsent(auth: Auth, method: string | null = null): Consent {
  const consent = consentOf(auth, method)
  if (consent !== null) return consent
  throw new UnsupportedError(
    'This integration has no consent page. Create its connections with createConnection or a connect session.',
  )
}

/**
 * The OAuth client for a flow: the one that the definition builds from the inputs, otherwise the integration's.
 * @throws ConflictError when there is none
 */
export function flowClientOf(
  auth: Auth,
  integrationClient: OAuthClient | undefined,
  input: Readonly<Record<string, unknown>>,
  slug: string,
): OAuthClient {
  const empty = { type: 'oauth2' as const, fields: {}, scopes: [] }
  const own = auth.type === 'oauth2' ? ownClientOf(auth, empty, { input, kept: {} }) : undefined
  const client = own ?? integrationClient
  if (client !== undefined) return client
  throw new ConflictError(noOAuthClient(slug))
}

/** Whether a way to connect with a consent page has no OAuth client: neither the integration nor the definition names one. */
export function needsOAuthClient(auth: Auth, hasOAuthClient: boolean): boolean {
  if (hasOAuthClient) return false
  if (auth.type === 'selective') return auth.options.some((option) => needsOAuthClient(option.auth, false))
  return hasConsentPage(auth) && !bringsClient(auth)
}

/** Whether a definition itself says which client is used, or that one is registered. */
export function bringsClient(auth: Auth): boolean {
  return auth.type === 'oauth2' && (auth.clientId !== undefined || auth.registration !== undefined)
}

/** Says what developers have to do. @param slug of the integration, or of a provider that is not enabled yet */
export function noOAuthClient(slug: string): string {
  return `The integration ${slug} has no OAuth client. Register one at the provider, with the callbackUrl of the integration as its redirect URL, and set it as oauthClient with createIntegration or updateIntegration.`
}

/** A request for the user's consent. */
export interface ConsentRequest {
  /** The provider's page that the browser is sent to. */
  url: string
  /** Identifies the flow when the response arrives. */
  stateHash: Uint8Array
  secrets: FlowSecrets
  redirectUri: string
  clientId: string
  scopes: readonly string[]
}

interface ConsentParameters {
  client: OAuthClient
  redirectUri: string
  /** Values of the definition's inputFields, checked. */
  input: Readonly<Record<string, string>>
}

/**
 * @param method see `consentOf`
 * @param scopes null: the scopes of the integration's OAuth client, otherwise of the definition
 * @throws UnsupportedError; ConflictError without an OAuth client; TemplateError; ProviderError when a request to the provider
 * fails (metadata, client registration, OAuth 1.0a temporary token)
 */
export async function prepareConsent(
  deps: OAuthDeps,
  integration: Integration,
  definition: IntegrationDefinition,
  input: ConsentParameters['input'],
  { method, scopes }: { method: string | null; scopes: readonly string[] | null },
): Promise<ConsentRequest> {
  const consent = requireConsent(definition.auth, method)
  const { auth } = consent
  const ready = await withRegisteredClient(deps, auth, integration, consent.method)
  const own = await openIntegrationClient(deps, ready, consent.method)
  const client = flowClientOf(auth, own, input, integration.slug)
  assertMayBeUsed(auth, client, input)
  const parameters = { client, redirectUri: redirectUriOf(integration, deps.publicUrl), input }
  const request =
    auth.type === 'oauth1'
      ? await prepareOAuth1(deps, auth, parameters)
      : await prepareOAuth2(deps, auth, parameters, scopes ?? defaultScopes(integration, auth))
  const isFirst = consent.method === consentOf(definition.auth)?.method
  const secrets = { ...request.secrets, method: isFirst ? undefined : (consent.method ?? undefined) }
  return { ...request, url: inBrowser(request.url, deps.publicUrl), secrets }
}

/**
 * Checks the hosts of the addresses that the values of the form decide, before the user is sent to one of them and before a code is
 * exchanged at another. An address that reads what the provider returns is checked when it is used.
 * @throws InvalidInputError
 */
function assertMayBeUsed(auth: ConsentAuth, client: OAuthClient, input: ConsentParameters['input']): void {
  const scope = { config: { ...input, client_id: client.clientId }, input, kept: {} }
  const sources = [auth.authorizationUrl, auth.type === 'oauth1' ? auth.accessTokenUrl : tokenUrlOf(auth)]
  for (const source of sources) {
    const url = source === undefined ? undefined : renderedOrNothing(source, scope)
    if (url === undefined || client.mayBeSentTo?.(url) !== false) continue
    const message = new ClientHostError().message
    throw new InvalidInputError([{ path: ['input', 'input'], message }])
  }
}

function renderedOrNothing(source: string, scope: TemplateScope): URL | undefined {
  try {
    return renderUrl(source, scope, { fragment: true })
  } catch (error) {
    // Reported where the URL is used.
    if (error instanceof TemplateError) return undefined
    throw error
  }
}

/** The scopes of the integration's OAuth client, otherwise of the definition. */
export function defaultScopes({ oauthScopes }: Pick<Integration, 'oauthScopes'>, auth: ConsentAuth): readonly string[] {
  if (auth.type === 'oauth1') return []
  return oauthScopes.length > 0 ? oauthScopes : (auth.scopes ?? [])
}

async function prepareOAuth2(
  { issuerMetadata }: Pick<OAuthDeps, 'issuerMetadata'>,
  auth: OAuth2,
  { client, redirectUri, input }: ConsentParameters,
  scopes: readonly string[],
): Promise<ConsentRequest> {
  const announced = await issuerMetadata.ask(auth)
  const { clientId } = client
  const { secret: state, hash: stateHash } = newOneTimeSecret()
  const { url, codeVerifier } = await authorizationUrl(auth, { clientId, redirectUri, state, scopes, input })
  const secrets: FlowSecrets = { codeVerifier, issRequired: announced?.issParameter ? true : undefined }
  return { url: url.href, stateHash, secrets, redirectUri, clientId, scopes }
}

/** RFC 5849 section 2. The provider's temporary token identifies the flow. */
async function prepareOAuth1(
  { database, egress }: Pick<OAuthDeps, 'database' | 'egress'>,
  auth: OAuth1Consent,
  { client, redirectUri, input }: ConsentParameters,
): Promise<ConsentRequest> {
  const context = { egress, now: await databaseNow(database.sql), input, kept: {} }
  const temporary = await requestTemporaryToken(auth, { client, callback: redirectUri }, context).catch(
    (error: unknown) => {
      throw error instanceof RenewalError ? exchangeFailed(error).failure.shown : error
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
  /** Values of the definition's inputFields, checked. */
  input: Readonly<Record<string, unknown>>
}

/** Parameters that bind the response to the request. The definition cannot override them. */
const BINDING = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const

/**
 * The authorization URL (RFC 6749 section 4.1.1), with PKCE S256 (RFC 7636) unless the definition's pkce is `none`. The
 * definition's `authorizationNames` replace standard names, its `authorizationParams` are added.
 * @throws TemplateError for an input that cannot be part of the URL
 */
export async function authorizationUrl(
  auth: OAuth2,
  { clientId, redirectUri, state, scopes, input }: AuthorizationRequest,
): Promise<{ url: URL; codeVerifier: string | undefined }> {
  if (auth.authorizationUrl === undefined) throw new Error('The grant authorization_code has an authorization URL.')
  const scope = withSharedBudget({ config: { ...input, client_id: clientId }, input, kept: {} })
  const codeVerifier = auth.pkce === 'none' ? undefined : generateRandomCodeVerifier()
  const standard: Record<string, string> = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(scopes.length === 0 || auth.scopeSeparator === null ? {} : { scope: scopes.join(auth.scopeSeparator ?? ' ') }),
    state,
    ...(auth.resource === undefined ? {} : { resource: auth.resource }),
    ...(codeVerifier === undefined
      ? {}
      : { code_challenge: await calculatePKCECodeChallenge(codeVerifier), code_challenge_method: 'S256' }),
  }
  const nameOf = (name: string) => auth.authorizationNames?.[name] ?? name
  const url = renderUrl(auth.authorizationUrl, scope, { fragment: true })
  const query = queryOf(url)
  for (const [name, value] of Object.entries(standard)) query.set(nameOf(name), value)
  if (auth.scopeSeparator === null) for (const each of scopes) query.append(nameOf('scope'), each)
  const bound = new Set(BINDING.map(nameOf))
  for (const [name, source] of Object.entries(auth.authorizationParams ?? {})) {
    if (!bound.has(name)) query.set(name, renderTemplate(source, scope))
  }
  return { url: withQuery(url, query), codeVerifier }
}

/** Whether the page is a route of an application in the browser: it is in the fragment, and so is the query that the page reads. */
function isRoute({ hash }: URL): boolean {
  return /^#!?\//.test(hash)
}

function queryOf(url: URL): URLSearchParams {
  if (!isRoute(url)) return new URLSearchParams(url.search)
  const mark = url.hash.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : url.hash.slice(mark + 1))
}

function withQuery(url: URL, query: URLSearchParams): URL {
  // Some providers do not decode a plus sign in a query as a space.
  const text = query.toString().replaceAll('+', '%20')
  const changed = new URL(url)
  if (isRoute(url)) changed.hash = `${url.hash.split('?')[0]}?${text}`
  else changed.search = text
  return changed
}
