import { checkCredential } from '../auth/check-credential.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import type { AuthProviderKind, ProvidedCredential } from '../auth/external/auth-provider.ts'
import { authProviderOf } from '../auth/external/registry.ts'
import type { StoredCredential } from '../auth/stored-credential.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { Database } from '../db/database.ts'
import type { Row } from '../db/sql.ts'
import type { Egress } from '../egress/egress.ts'
import { CredentialRefreshError, InvalidInputError } from '../kit/errors.ts'
import type { Vault } from '../vault/vault.ts'
import type { CredentialInput } from '../wire/credential-input.ts'
import { openAuthProviderSecret } from './auth-provider-secret.ts'

/** An account at an auth provider, and what it is asked for. */
export interface ProvidedAccount {
  workspaceId: string
  /** Name of the auth provider. */
  provider: string
  accountId: string
  /** Null: values are tried that belong to no connection. */
  connectionId: string | null
  /** Null: a definition is tried that is of no integration. */
  integrationId: string | null
  endUserId: string | null
}

export interface AskDeps {
  database: Pick<Database, 'sql'>
  vault: Vault
  egress: Egress
  /** Of one request. Default: 15,000. */
  requestTimeoutMs?: number
}

interface AuthProviderRow extends Row {
  id: string
  kind: AuthProviderKind
  config: unknown
  sealed: Uint8Array
  version: number
  integration: string | null
  end_user_external_id: string | null
}

const REQUEST_TIMEOUT_MS = 15_000

/**
 * Asks an auth provider for the credential of an account, once. Nothing is stored.
 * @throws CredentialRefreshError
 */
export async function askForCredential(
  { database, vault, egress, requestTimeoutMs: timeoutMs = REQUEST_TIMEOUT_MS }: AskDeps,
  { workspaceId, provider, accountId, connectionId, integrationId, endUserId }: ProvidedAccount,
  now: Date,
): Promise<{ authProviderId: string; credential: ProvidedCredential }> {
  const [found] = await database.sql.query<AuthProviderRow>(
    `SELECT a.id, a.kind::text AS kind, a.config, a.sealed, a.version, i.slug AS integration,
            e.external_id AS end_user_external_id
     FROM auth_provider a LEFT JOIN integration i ON i.id = $3::uuid LEFT JOIN end_user e ON e.id = $4::uuid
     WHERE a.workspace_id = $1::uuid AND a.name = $2::text`,
    [workspaceId, provider, integrationId, endUserId],
  )
  if (found === undefined) {
    const message = 'The auth provider of this connection is not configured any more. Create it again under its name.'
    throw new CredentialRefreshError(message, { reason: 'INVALID_CLIENT', retryable: false })
  }
  const { id, kind, config, integration, end_user_external_id: endUserExternalId } = found
  const secret = openAuthProviderSecret(vault, { ...found, workspaceId })
  const account = { accountId, connectionId, integration, endUserExternalId }
  const credential = await authProviderOf(kind).fetch(config, secret, account, { egress, now, timeoutMs })
  return { authProviderId: id, credential }
}

/**
 * A credential as its strategy opens it, for the time of a few requests.
 * @throws CredentialRefreshError when it is not of the kind that the integration takes
 */
export function asStored(
  auth: Auth,
  credential: ProvidedCredential,
  now: Date,
  options: { hasOAuthClient: boolean; customStrategies?: CustomStrategies },
): StoredCredential {
  try {
    return checkCredential(auth, inputFor(auth, credential), now, options)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    const message = "The auth provider's credential does not fit this integration's way of authenticating."
    throw new CredentialRefreshError(message, { reason: 'MALFORMED_RESPONSE', retryable: false })
  }
}

function inputFor(auth: Auth, { input, expiresAt }: ProvidedCredential): CredentialInput {
  if (auth.type !== 'oauth2' || input.secretText == null) return input
  return { oauthToken: { accessToken: input.secretText, ...(expiresAt === undefined ? {} : { expiresAt }) } }
}
