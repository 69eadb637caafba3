import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { scopeOf } from '../../wire/template-scope.ts'
import { bearerPlacement } from '../simple/bearer.ts'
import type { StoredOAuth2 } from '../stored-credential.ts'
import type { ConnectionContext, OAuthClient, OpenContext } from '../strategy.ts'

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
