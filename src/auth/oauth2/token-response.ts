import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { type Path, readPath } from '../../catalog/definition/path.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { isRawJson, stringifyJson } from '../../kit/json.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import type { CredentialResponse } from '../../wire/credential-request.ts'
import { valueProblem } from '../../wire/placement.ts'
import { bearerPlacement } from '../simple/bearer.ts'
import type { StoredOAuth2 } from '../stored-credential.ts'
import type { ConnectionContext, OAuthClient, OpenContext } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { readExpiry } from '../token-expiry.ts'

/** A token answer, whatever the provider's own looked like. */
export interface TokenAnswer {
  accessToken: string
  /** Undefined: the one that was sent stays good. */
  refreshToken?: string
  tokenType?: string
  expiresAt?: Date
  refreshExpiresAt?: Date
  /** Undefined: they are those that were asked for. */
  scopes?: string[]
  kept: Record<string, unknown>
}

const maxTokenLength = 64 * 1024
const maxKeptBytes = 16 * 1024

/** Types of tokens that are worth nothing by themselves: a proof of a key goes with each request (RFC 9449). */
const needsProof = new Set(['mac', 'pop', 'dpop', 'hmac'])

/** Reads an answer by the paths of the definition. A text: why there is no token to use; it holds nothing of the answer. */
export function readTokenAnswer(auth: OAuth2, { body }: CredentialResponse, now: Date): TokenAnswer | string {
  const paths = auth.tokenResponse ?? {}
  const accessTokenPath = paths.accessToken ?? ['access_token']
  const accessToken = readPath(body, accessTokenPath)
  const problem = tokenProblem(auth, accessToken, accessTokenPath)
  if (problem !== undefined || typeof accessToken !== 'string') return problem ?? ''
  const tokenType = textAt(body, ['token_type'])
  if (tokenType !== undefined && cannotBeSent(auth, tokenType.toLowerCase())) {
    return 'Its token is of a type that cannot be sent as a bearer token.'
  }
  const refreshToken = textAt(body, paths.refreshToken ?? ['refresh_token'])
  const { path: expiryPath = ['expires_in'], format } = paths.expiry ?? {}
  const expiresAt = readExpiry(readPath(body, expiryPath), format, now) ?? tokenLifetimeEnd(auth, now)
  const refreshEnd = paths.refreshTokenExpiry
  const refreshExpiresAt = refreshEnd && readExpiry(readPath(body, refreshEnd.path), refreshEnd.format, now)
  const scopes = readScopes(readPath(body, ['scope']) ?? readPath(body, ['scopes']), auth.scopeSeparator)
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(tokenType === undefined ? {} : { tokenType }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(refreshExpiresAt === undefined ? {} : { refreshExpiresAt }),
    ...(scopes === undefined ? {} : { scopes }),
    kept: readKept(body, paths.keep ?? {}, [accessToken, refreshToken]),
  }
}

function cannotBeSent(auth: OAuth2, type: string): boolean {
  if (auth.placement === undefined && needsProof.has(type)) return true
  // RFC 8693 section 2.2.1: what was issued gives access to nothing by itself.
  return type === 'n_a' && isBearerPlacement(tokenPlacement(auth))
}

function isBearerPlacement(placement: Placement): boolean {
  const { prefix = '' } = placement
  const authorization = placement.in === 'header' && placement.name.toLowerCase() === 'authorization'
  return authorization && prefix.trim().toLowerCase() === 'bearer'
}

/** The answer as RFC 6749 section 5.1 has it, for the library to check. */
export function toStandardResponse({ accessToken, refreshToken, scopes }: TokenAnswer): Response {
  return Response.json({
    access_token: accessToken,
    token_type: 'bearer',
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
  })
}

function tokenProblem(auth: OAuth2, token: unknown, path: Path): string | undefined {
  if (typeof token !== 'string' || token.trim() === '') return `It has no token at ${path.join('.')}.`
  if (token.length > maxTokenLength) return `Its token is longer than ${maxTokenLength} characters.`
  return valueProblem(tokenPlacement(auth), token) === undefined ? undefined : 'Its token cannot stand in a request.'
}

function textAt(body: unknown, path: Path): string | undefined {
  const value = readPath(body, path)
  return typeof value === 'string' && value.trim() !== '' && value.length <= maxTokenLength ? value : undefined
}

function tokenLifetimeEnd({ tokenLifetime }: OAuth2, now: Date): Date | undefined {
  return tokenLifetime === undefined ? undefined : addDuration(now, parseDuration(tokenLifetime))
}

/** A list, or one text with the separator of RFC 6749, a comma, or the definition's own. Empty: it is not told. */
function readScopes(value: unknown, separator = ' '): string[] | undefined {
  const items = Array.isArray(value) ? value : typeof value === 'string' ? value.split(separator) : []
  const texts = items.filter((item): item is string => typeof item === 'string')
  const scopes = texts.flatMap((text) => text.split(/[\s,]+/)).filter((scope) => scope !== '')
  return scopes.length === 0 ? undefined : [...new Set(scopes)]
}

/** What is kept is shown to everybody who sees the connection, so that a token is never among it. */
function readKept(
  body: unknown,
  paths: Readonly<Record<string, Path>>,
  tokens: readonly (string | undefined)[],
): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, path] of Object.entries(paths)) {
    const found = readPath(body, path)
    const value = isRawJson(found) ? found.rawJSON : found
    if (value === undefined || value === null || Buffer.byteLength(stringifyJson(value)) > maxKeptBytes) continue
    const text = stringifyJson(value)
    if (!tokens.some((token) => token !== undefined && text.includes(token))) kept[name] = value
  }
  return kept
}

export function tokenPlacement(auth: OAuth2): Placement {
  return auth.placement ?? bearerPlacement
}

/** With a refresh token, or where client and fields are enough to ask for another token. */
export function isRefreshable(auth: OAuth2, stored: StoredOAuth2, { hasOAuthClient = false }: OpenContext): boolean {
  return stored.refreshToken !== undefined || canAskAnew(auth, stored, hasOAuthClient)
}

/** Whether the grant itself can be used once more, without a refresh token of an earlier answer. */
export function canAskAnew(auth: OAuth2, stored: StoredOAuth2, hasOAuthClient: boolean): boolean {
  if (auth.grant === 'authorization_code') return false
  const client = hasOAuthClient || stored.clientId !== undefined
  const names = Object.keys(stored.fields)
  const required = describedFieldsOf(auth, { hasOAuthClient: client }).filter((field) => field.required)
  return (client || names.length > 0) && required.every((field) => names.includes(field.name))
}

/**
 * The connection's own OAuth client: the one that an injected token named, else what the definition makes of the
 * fields. Undefined: it has none, and the integration's is meant. Throws TemplateError.
 */
export function ownClientOf(auth: OAuth2, stored: StoredOAuth2, context: ConnectionContext): OAuthClient | undefined {
  if (stored.clientId !== undefined) return { clientId: stored.clientId, clientSecret: stored.clientSecret }
  const scope = scopeOf(auth, stored, context)
  const clientId = auth.clientId === undefined ? stored.fields['client_id'] : renderTemplate(auth.clientId, scope)
  if (clientId === undefined) return undefined
  const clientSecret =
    auth.clientSecret === undefined ? stored.fields['client_secret'] : renderTemplate(auth.clientSecret, scope)
  return { clientId, clientSecret }
}

/** The refresh token to use next: the last one that the provider gave, else what the definition makes of the fields. */
export function refreshTokenOf(auth: OAuth2, stored: StoredOAuth2, context: ConnectionContext): string | undefined {
  if (stored.refreshToken !== undefined || auth.refreshToken === undefined) return stored.refreshToken
  return renderTemplate(auth.refreshToken, scopeOf(auth, stored, context))
}
