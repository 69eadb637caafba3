import { ownClientOf } from '../auth/oauth2/token-response.ts'
import type { OAuthClient } from '../auth/strategy.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import { oauthClientOf } from '../credentials/credential-store.ts'
import type { Database } from '../db/database.ts'
import type { Integration } from '../db/generated/client.ts'
import { ConflictError } from '../kit/errors.ts'
import type { Vault } from '../vault/vault.ts'

/** The integration's OAuth client with its secret; undefined: it has none. */
export async function openIntegrationClient(
  { database, vault }: { database: Database; vault: Vault },
  { id, workspaceId, oauthClientId }: Integration,
): Promise<OAuthClient | undefined> {
  if (oauthClientId === null) return undefined
  const secret = await database.prisma.integrationSecret.findUnique({ where: { integrationId: id } })
  return oauthClientOf(vault, {
    workspace_id: workspaceId,
    integration_id: id,
    oauth_client_id: oauthClientId,
    client_sealed: secret?.sealed ?? null,
    client_version: secret?.version ?? null,
  })
}

/**
 * The client that the provider is asked with: one that the definition makes of the inputs, else the integration's.
 * @throws ConflictError when there is none
 */
export function flowClientOf(
  auth: Auth,
  integrationClient: OAuthClient | undefined,
  input: Readonly<Record<string, unknown>>,
  slug: string,
): OAuthClient {
  const bare = { type: 'oauth2' as const, fields: {}, scopes: [] }
  const own = auth.type === 'oauth2' ? ownClientOf(auth, bare, { input, kept: {} }) : undefined
  const client = own ?? integrationClient
  if (client !== undefined) return client
  throw new ConflictError(
    `The integration ${slug} has no OAuth client. Register one with the provider, and set oauthClient of the integration.`,
  )
}
