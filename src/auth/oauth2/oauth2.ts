import { type OAuth2, scopePattern } from '../../catalog/definition/oauth2.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import { compileTemplate } from '../../catalog/template/template.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { FieldErrors, UnsupportedError } from '../../kit/errors.ts'
import {
  acceptedKind,
  describedFieldsOf,
  type OAuthTokenInput,
  readFieldValues,
  textProblem,
} from '../../wire/credential-fields.ts'
import { applyPlacement, valueProblem } from '../../wire/placement.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import { readStored, type StoredOAuth2, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy, CheckContext, GrantName } from '../strategy.ts'
import { renewOAuth2, sentRefreshToken } from './renew.ts'
import { isRefreshable, tokenPlacement } from './token-response.ts'

const GRANT_NAMES: Record<OAuth2['grant'], GrantName> = {
  authorization_code: 'AUTHORIZATION_CODE',
  refresh_token: 'REFRESH_TOKEN',
  client_credentials: 'CLIENT_CREDENTIALS',
  jwt_bearer: 'JWT_BEARER',
  custom: 'CUSTOM',
}

/**
 * OAuth 2.0: an access token that the caller injected or that a grant obtained. A credential that consists of fields has no
 * access token before its first renewal.
 */
export const oauth2: AuthStrategy<OAuth2> = {
  type: 'oauth2',
  describe(auth, options) {
    return {
      type: 'OAUTH2',
      grant: GRANT_NAMES[auth.grant],
      scopes: auth.scopes ?? [],
      credentialFields: describedFieldsOf(auth, options),
      options: [],
    }
  },
  check(auth, input, context) {
    const fields = describedFieldsOf(auth, context)
    const byFields = auth.grant !== 'authorization_code'
    const kind = acceptedKind(input, byFields ? ['oauthToken', 'fields'] : ['oauthToken'], fields, context.path)
    const errors = new FieldErrors()
    if (kind === 'oauthToken') {
      const token = checkInjectedToken(auth, input.oauthToken ?? {}, tokenPlacement(auth), context, errors)
      errors.throwIfAny()
      return token
    }
    // Multi-line: the client secret of private_key_jwt and the key of an assertion are PEM texts.
    const { values } = readFieldValues(input, kind, fields, context.path, errors, { multiline: true })
    errors.throwIfAny()
    const refreshToken = auth.refreshToken === undefined ? values['refresh_token'] : undefined
    return {
      type: 'oauth2',
      fields: values,
      scopes: auth.scopes ?? [],
      refreshToken,
    }
  },
  open(auth, stored, context) {
    const credential = readStored(storedSchemas.oauth2, stored)
    const { accessToken, expiresAt } = credential
    return {
      apply(draft) {
        if (accessToken === undefined)
          throw new UnsupportedError('The credential has no access token yet. It must be renewed first.')
        applyPlacement(draft, tokenPlacement(auth), accessToken)
      },
      ready: accessToken !== undefined,
      expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
      refreshable: isRefreshable(auth, credential, context),
      refreshToken: sentRefreshToken(auth, credential, context),
      scopes: credential.scopes,
      secrets: distinctSecrets([
        accessToken,
        credential.refreshToken,
        credential.clientSecret,
        context.oauthClient?.clientSecret,
        ...secretsOf(describedFieldsOf(auth, {}), credential.fields),
      ]),
    }
  },
  renew: (auth, stored, context) => renewOAuth2(auth, readStored(storedSchemas.oauth2, stored), context),
}

/** Longest lifetime of an access token. A longer one is a mistake in the unit. */
const MAX_LIFETIME_SECONDS = 100 * 365.25 * 24 * 3600
const MAX_EXTRA_KEYS = 50
const MAX_SCOPES = 200

/**
 * Checks a token that the caller already has. It needs an access token, a refresh token, or both. An expired access token is
 * accepted: a refresh token may renew it, and without one the next use reports it.
 */
function checkInjectedToken(
  auth: OAuth2,
  input: OAuthTokenInput,
  placement: Placement,
  context: CheckContext,
  errors: FieldErrors,
): StoredOAuth2 {
  const path = [...context.path, 'oauthToken']
  const text = (key: 'accessToken' | 'refreshToken' | 'tokenType' | 'clientId' | 'clientSecret') => {
    const value = input[key] ?? undefined
    const problem = value === undefined ? undefined : tokenProblem(key, value)
    if (problem !== undefined) errors.add([...path, key], problem)
    return value
  }
  const [accessToken, refreshToken, clientId] = [text('accessToken'), text('refreshToken'), text('clientId')]
  const [clientSecret, tokenType] = [text('clientSecret'), text('tokenType')]
  if (accessToken === undefined && refreshToken === undefined)
    errors.add(path, 'needs accessToken, refreshToken or both')
  const misplaced = typeof accessToken === 'string' ? valueProblem(placement, accessToken) : undefined
  if (misplaced !== undefined) errors.add([...path, 'accessToken'], misplaced)
  if (clientSecret !== undefined && clientId === undefined)
    errors.add([...path, 'clientId'], 'is required with clientSecret')
  else if (refreshToken !== undefined && clientId === undefined && lacksClient(auth, context))
    errors.add([...path, 'clientId'], NO_CLIENT)
  if (tokenType !== undefined && auth.placement === undefined && String(tokenType).toLowerCase() !== 'bearer') {
    errors.add([...path, 'tokenType'], 'must be bearer: the definition does not say how to send another type of token')
  }
  const expiresAt = checkExpiry(input, context.now, path, errors)
  const extra = checkExtra(input.extra, [...path, 'extra'], errors)
  return {
    type: 'oauth2',
    fields: {},
    accessToken,
    refreshToken,
    tokenType,
    expiresAt: accessToken === undefined ? undefined : expiresAt?.toISOString(),
    scopes: checkScopes(input.scopes, [...path, 'scopes'], errors) ?? auth.scopes ?? [],
    clientId,
    clientSecret,
    extra,
  }
}

const NO_CLIENT =
  'is missing: this refresh token can be used only with the OAuth client that it was issued to. Give the clientId of that client here (and its clientSecret), set it as oauthClient of the integration (updateIntegration), or leave out refreshToken.'

/**
 * Whether a refresh needs an OAuth client and none is known: neither the integration nor the definition has one. The grant
 * refresh_token may be used without a client where the definition names no client authentication.
 */
function lacksClient(auth: OAuth2, { hasOAuthClient = false }: CheckContext): boolean {
  if (hasOAuthClient || namesClient(auth) || carriesClient(auth)) return false
  return auth.grant === 'authorization_code' || (auth.clientAuth !== undefined && auth.clientAuth !== 'none')
}

/** Whether the definition has the id of a client without the credential fields, which an injected token does not have. */
function namesClient(auth: OAuth2): boolean {
  return (
    auth.clientId !== undefined &&
    !reads(
      auth.clientId,
      describedFieldsOf(auth, {}).map(({ name }) => name),
    )
  )
}

/** Whether the definition's own parameters or headers of token requests identify a client that is not known otherwise. */
function carriesClient({ tokenRequest }: OAuth2): boolean {
  const { params = {}, refreshParams = params, headers = {}, names = {} } = tokenRequest ?? {}
  const carriers = [
    ...['client_id', 'client_assertion', names.client_id].flatMap((name) => (name && refreshParams[name]) ?? []),
    ...Object.entries(headers).flatMap(([name, value]) => (/authorization|client|api-?key/i.test(name) ? [value] : [])),
  ]
  return carriers.some((source) => !reads(source, ['client_id', 'client_secret']))
}

/** Whether a template reads one of these values of `config`. */
function reads(source: string, names: readonly string[]): boolean {
  const { references } = compileTemplate(source)
  return names.some((name) => references.has(`config['${name}']`))
}

function tokenProblem(key: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be text'
  if (value.trim() === '') return 'must not be blank'
  return textProblem(value, { multiline: key === 'clientSecret' })
}

function checkExpiry(input: OAuthTokenInput, now: Date, path: string[], errors: FieldErrors): Date | undefined {
  const { expiresAt, expiresIn } = input
  if (expiresAt != null && expiresIn != null) {
    errors.add([...path, 'expiresIn'], 'must not be given together with expiresAt')
    return undefined
  }
  const latest = now.getTime() + MAX_LIFETIME_SECONDS * 1000
  if (expiresAt != null) {
    if (!(expiresAt instanceof Date) || Number.isNaN(expiresAt.getTime()))
      errors.add([...path, 'expiresAt'], 'must be a time')
    else if (expiresAt.getTime() > latest) errors.add([...path, 'expiresAt'], 'must be within 100 years')
    else if (expiresAt.getTime() < 0) errors.add([...path, 'expiresAt'], 'must not be before 1970')
    else return expiresAt
  }
  if (expiresIn != null) {
    if (!Number.isSafeInteger(expiresIn) || expiresIn <= 0) {
      errors.add([...path, 'expiresIn'], 'must be a whole number of seconds above 0')
    } else if (expiresIn > MAX_LIFETIME_SECONDS) errors.add([...path, 'expiresIn'], 'must be within 100 years')
    else return new Date(now.getTime() + expiresIn * 1000)
  }
  return undefined
}

function checkScopes(
  scopes: readonly string[] | null | undefined,
  path: string[],
  errors: FieldErrors,
): string[] | undefined {
  if (scopes == null) return undefined
  if (scopes.length > MAX_SCOPES) errors.add(path, `must have at most ${MAX_SCOPES} scopes`)
  for (const [index, scope] of scopes.entries()) {
    if (typeof scope !== 'string' || !scopePattern.test(scope))
      errors.add([...path, String(index)], 'must be a single scope')
  }
  return [...scopes]
}

function checkExtra(extra: unknown, path: string[], errors: FieldErrors): Record<string, string | number> | undefined {
  if (extra === undefined || extra === null) return undefined
  if (!isRecord(extra)) {
    errors.add(path, 'must be an object')
    return undefined
  }
  const kept: Record<string, string | number> = {}
  const entries = Object.entries(extra)
  if (entries.length > MAX_EXTRA_KEYS) errors.add(path, `must have at most ${MAX_EXTRA_KEYS} values`)
  for (const [key, value] of entries.slice(0, MAX_EXTRA_KEYS)) {
    const problem = extraProblem(key, value)
    if (problem !== undefined) errors.add([...path, key], problem)
    else if (typeof value === 'string' || typeof value === 'number') kept[key] = value
  }
  return kept
}

function extraProblem(key: string, value: unknown): string | undefined {
  if (key === '__proto__' || key === '' || key.length > 256 || !key.isWellFormed() || key.includes('\0')) {
    return 'is not a valid name'
  }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'must be a finite number'
  if (typeof value !== 'string') return 'must be text or a number'
  if (Buffer.byteLength(value) > 16 * 1024) return 'must be at most 16 KiB'
  if (value.includes('\0')) return 'must not contain the character NUL'
  return value.isWellFormed() ? undefined : 'must be well-formed Unicode'
}
