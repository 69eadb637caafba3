import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { type Path, readPath } from '../../catalog/definition/path.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import { compileTemplate, renderTemplate } from '../../catalog/template/template.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import type { CredentialResponse } from '../../wire/credential-request.ts'
import { valueProblem } from '../../wire/placement.ts'
import { readKept } from '../../wire/response-secrets.ts'
import { clientReceivers } from '../client-hosts.ts'
import { bearerPlacement } from '../simple/bearer.ts'
import type { StoredOAuth2 } from '../stored-credential.ts'
import type { ConnectionContext, OAuthClient, OpenContext } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { readExpiry } from '../token-expiry.ts'
import { tokensAt } from '../token-text.ts'

/** The content of a token response, in one format for all providers. */
export interface TokenResponse {
  accessToken: string
  /** Undefined: the refresh token that was sent stays valid. */
  refreshToken?: string
  tokenType?: string
  expiresAt?: Date
  refreshExpiresAt?: Date
  /** Undefined: the requested scopes were granted. */
  scopes?: string[]
  kept: Record<string, unknown>
}

const MAX_TOKEN_LENGTH = 64 * 1024

/** Token types that need a proof of possession with each request (RFC 9449). */
const PROOF_TOKEN_TYPES = new Set(['mac', 'pop', 'dpop', 'hmac'])

/**
 * Reads a response by the paths of the definition.
 *
 * @param secrets what the request contained; never kept
 * @returns a string that says why there is no usable token, without any part of the response
 */
export function readTokenResponse(
  auth: OAuth2,
  { body }: CredentialResponse,
  now: Date,
  secrets: readonly string[],
): TokenResponse | string {
  const paths = auth.tokenResponse ?? {}
  const accessTokenPath = paths.accessToken ?? ['access_token']
  const [accessToken] = tokensAt(body, accessTokenPath)
  if (accessToken === undefined) return `It has no token at ${accessTokenPath.join('.')}.`
  const problem = tokenProblem(auth, accessToken)
  if (problem !== undefined) return problem
  const tokenType = textAt(body, ['token_type'])
  if (tokenType !== undefined && cannotBeSent(auth, tokenType.toLowerCase())) {
    return 'Its token has a type that cannot be sent as a bearer token.'
  }
  const [refreshToken] = tokensAt(body, paths.refreshToken ?? ['refresh_token'])
  const { path: expiryPath = ['expires_in'], format } = paths.expiry ?? {}
  const expiresAt = readExpiry(readPath(body, expiryPath), format, now) ?? tokenLifetimeEnd(auth, now)
  const scopes = readScopes(readPath(body, ['scope']) ?? readPath(body, ['scopes']), auth.scopeSeparator ?? ' ')
  return {
    accessToken,
    refreshToken: refreshToken !== undefined && refreshToken.length <= MAX_TOKEN_LENGTH ? refreshToken : undefined,
    tokenType,
    expiresAt,
    refreshExpiresAt: readRefreshExpiry(auth, body, now),
    scopes,
    kept: readKept(body, paths.keep ?? {}, [...tokensIn(auth, body), ...secrets]),
  }
}

/**
 * Names of the time for which a refresh token lives, in seconds: Microsoft, GitHub, Shopify, Zendesk; Airtable, Keycloak;
 * QuickBooks.
 */
const REFRESH_EXPIRY_NAMES = ['refresh_token_expires_in', 'refresh_expires_in', 'x_refresh_token_expires_in']

function readRefreshExpiry({ tokenResponse }: OAuth2, body: unknown, now: Date): Date | undefined {
  const declared = tokenResponse?.refreshTokenExpiry
  if (declared !== undefined) return readExpiry(readPath(body, declared.path), declared.format, now)
  const ends = REFRESH_EXPIRY_NAMES.map((name) => readExpiry(readPath(body, [name]), 'seconds', now))
  return ends.find((end) => end !== undefined)
}

function cannotBeSent(auth: OAuth2, type: string): boolean {
  if (auth.placement === undefined && PROOF_TOKEN_TYPES.has(type)) return true
  // RFC 8693 section 2.2.1: the issued token is not an access token.
  return type === 'n_a' && isBearerPlacement(tokenPlacement(auth))
}

function isBearerPlacement(placement: Placement): boolean {
  const { prefix = '' } = placement
  const authorization = placement.in === 'header' && placement.name.toLowerCase() === 'authorization'
  return authorization && prefix.trim().toLowerCase() === 'bearer'
}

/** A standard token response (RFC 6749 section 5.1), for oauth4webapi to validate. */
export function toStandardResponse({ accessToken, refreshToken, scopes }: TokenResponse): Response {
  return Response.json({
    access_token: accessToken,
    token_type: 'bearer',
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
  })
}

function tokenProblem(auth: OAuth2, token: string): string | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return `Its token is longer than ${MAX_TOKEN_LENGTH} characters.`
  return valueProblem(tokenPlacement(auth), token) === undefined
    ? undefined
    : 'Its token contains characters that cannot be sent.'
}

function textAt(body: unknown, path: Path): string | undefined {
  const value = readPath(body, path)
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TOKEN_LENGTH ? value : undefined
}

function tokenLifetimeEnd({ tokenLifetime }: OAuth2, now: Date): Date | undefined {
  return tokenLifetime === undefined ? undefined : addDuration(now, parseDuration(tokenLifetime))
}

/**
 * Scopes from a list, or from a string that is separated by white space, commas or the definition's separator. Undefined when
 * there are none.
 */
/** More, or longer ones, are not the scopes of an account. They would be stored and shown with each connection. */
const MAX_SCOPES = 500
const MAX_SCOPE_LENGTH = 500

function readScopes(value: unknown, separator: string): string[] | undefined {
  const items = Array.isArray(value) ? value : typeof value === 'string' ? value.split(separator) : []
  const texts = items.filter((item): item is string => typeof item === 'string')
  const scopes = texts
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((scope) => scope !== '' && scope.length <= MAX_SCOPE_LENGTH)
  return scopes.length === 0 ? undefined : [...new Set(scopes)].slice(0, MAX_SCOPES)
}

/** Every token of a response: at the paths of the definition and at the usual ones, in case the definition names others. */
export function tokensIn(auth: OAuth2, body: unknown): string[] {
  const { accessToken, refreshToken } = auth.tokenResponse ?? {}
  const paths = [accessToken, refreshToken, ['access_token'], ['refresh_token'], ['id_token']]
  return paths.flatMap((path) => (path === undefined ? [] : tokensAt(body, path)))
}

export function tokenPlacement(auth: OAuth2): Placement {
  return auth.placement ?? bearerPlacement
}

/** Whether there is a refresh token, or client and fields are enough to repeat the grant. */
export function isRefreshable(auth: OAuth2, stored: StoredOAuth2, { hasOAuthClient = false }: OpenContext): boolean {
  return stored.refreshToken !== undefined || canRepeatGrant(auth, stored, hasOAuthClient)
}

/**
 * Whether the grant can be repeated without a refresh token: nothing that a person has to supply is missing. An injected token
 * has no fields, so its grant can be repeated only if the definition or an OAuth client has everything.
 */
export function canRepeatGrant(auth: OAuth2, stored: StoredOAuth2, hasOAuthClient: boolean): boolean {
  if (auth.grant === 'authorization_code') return false
  const client = hasOAuthClient || stored.clientId !== undefined
  const names = Object.keys(stored.fields)
  const fields = describedFieldsOf(auth, { hasOAuthClient: client })
  const complete = fields.every((field) => !field.required || names.includes(field.name))
  return complete && (client || names.length > 0 || fields.length === 0)
}

/**
 * The connection's own OAuth client: the client of an injected token, or the one that the definition reads from the fields.
 * Undefined when the connection has none, or one with an empty id, and uses the integration's.
 *
 * @throws TemplateError
 */
export function ownClientOf(auth: OAuth2, stored: StoredOAuth2, context: ConnectionContext): OAuthClient | undefined {
  if (stored.clientId !== undefined) return { clientId: stored.clientId, clientSecret: stored.clientSecret }
  const scope = scopeOf(auth, stored, context)
  const clientId = auth.clientId === undefined ? stored.fields['client_id'] : renderTemplate(auth.clientId, scope)
  if (clientId === undefined || clientId.trim() === '') return undefined
  const clientSecret =
    auth.clientSecret === undefined ? stored.fields['client_secret'] : renderTemplate(auth.clientSecret, scope)
  // A secret in the definition is the workspace's.
  const isShared = auth.clientSecret !== undefined && compileTemplate(auth.clientSecret).constant !== undefined
  return isShared
    ? { clientId, clientSecret, mayBeSentTo: clientReceivers({ auth, baseUrl: '' }, []) }
    : { clientId, clientSecret }
}

/** Where the OAuth client of a token request comes from. */
export type ClientOrigin = 'integration' | 'credential' | 'definition' | 'none'

/** The OAuth client of a token request, and where it comes from. A client of the connection wins. @throws TemplateError */
export function clientOf(
  auth: OAuth2,
  stored: StoredOAuth2,
  context: ConnectionContext & { oauthClient?: OAuthClient },
): { client: OAuthClient | undefined; origin: ClientOrigin } {
  const own = ownClientOf(auth, stored, context)
  if (own === undefined) {
    const { oauthClient: client } = context
    return { client, origin: client === undefined ? 'none' : 'integration' }
  }
  const constant = auth.clientId !== undefined && compileTemplate(auth.clientId).constant !== undefined
  return { client: own, origin: constant && stored.clientId === undefined ? 'definition' : 'credential' }
}

/** The refresh token to use: the last one from the provider, or else the one that the definition reads from the fields. */
export function refreshTokenOf(auth: OAuth2, stored: StoredOAuth2, context: ConnectionContext): string | undefined {
  if (stored.refreshToken !== undefined || auth.refreshToken === undefined) return stored.refreshToken
  return renderTemplate(auth.refreshToken, scopeOf(auth, stored, context))
}
