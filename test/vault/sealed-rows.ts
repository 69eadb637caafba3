import { randomBytes } from 'node:crypto'
import type { Database } from '../../src/db/database.ts'
import { newId } from '../../src/kit/ids.ts'
import type { JsonObject } from '../../src/kit/json.ts'
import { credentialIdentity } from '../../src/vault/identities.ts'
import { parseKeyring } from '../../src/vault/keyring.ts'
import { createVault, type Vault } from '../../src/vault/vault.ts'

export const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`

/** A vault whose first key encrypts. */
export const vaultOf = (...keys: string[]): Vault => createVault(parseKeyring(keys.join(',')))

export interface SealedRows {
  workspaceId: string
  connectionIds: string[]
}

/**
 * Creates a workspace with `count` connections, an integration with an OAuth client, and an auth provider. Their secrets are
 * sealed with `vault`.
 * @param kind of the credentials. Those of `oauth2` have a refresh token, which the product supplied
 */
export async function createSealedRows(
  { prisma }: Database,
  vault: Vault,
  count: number,
  kind: 'bearer' | 'oauth2' = 'bearer',
): Promise<SealedRows> {
  const [workspaceId, integrationId, authProviderId] = [newId(), newId(), newId()]
  await prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: workspaceId, redirectUrls: [] } })
  await prisma.integration.create({
    data: {
      id: integrationId,
      workspaceId,
      slug: 'api',
      displayName: 'API',
      definition: { displayName: 'API', baseUrl: 'http://127.0.0.1', auth: AUTH[kind] },
    },
  })
  const of = (table: string, rowId: string) => ({
    workspaceId,
    version: 1,
    keyId: vault.currentKeyId,
    sealed: vault.seal({ clientSecret: 's' }, { workspaceId, rowId, column: `${table}.sealed`, version: 1 }),
  })
  await prisma.integrationSecret.create({ data: { integrationId, ...of('integration_secret', integrationId) } })
  await prisma.authProvider.create({
    data: { id: authProviderId, name: 'p', kind: 'COMPOSIO', config: {}, ...of('auth_provider', authProviderId) },
  })
  const connectionIds = Array.from({ length: count }, () => newId()).sort()
  await prisma.connection.createMany({
    data: connectionIds.map((id) => ({
      id,
      workspaceId,
      integrationId,
      displayName: 'n',
      status: 'ACTIVE',
      method: 'SECRET',
    })),
  })
  await prisma.credential.createMany({
    data: connectionIds.map((connectionId) => ({
      connectionId,
      workspaceId,
      type: kind,
      keyId: vault.currentKeyId,
      sealed: vault.seal(secretOf(kind, connectionId), credentialIdentity(workspaceId, connectionId, 1)),
      ...(kind === 'bearer' ? {} : { refreshable: true, ...hashesOf(vault, refreshTokenOf(connectionId)) }),
    })),
  })
  return { workspaceId, connectionIds }
}

const AUTH = {
  bearer: { type: 'bearer' },
  oauth2: { type: 'oauth2', grant: 'refresh_token', tokenUrl: 'http://127.0.0.1/token' },
}

function secretOf(kind: keyof typeof AUTH, connectionId: string): JsonObject {
  if (kind === 'bearer') return { type: 'bearer', fields: { token: `token of ${connectionId}` } }
  return {
    type: 'oauth2',
    fields: { client_id: 'id', client_secret: 'secret' },
    accessToken: `access token of ${connectionId}`,
    refreshToken: refreshTokenOf(connectionId),
    scopes: ['read', 'write'],
  }
}

/** The refresh token of a connection with a credential of the kind `oauth2`. */
export const refreshTokenOf = (connectionId: string) => `refresh token of ${connectionId}`

/** The columns of a refresh token that the product supplied and that was not renewed yet. */
export function hashesOf(vault: Vault, refreshToken: string) {
  const [hash] = vault.fingerprints(refreshToken)
  return { refreshTokenHash: hash, suppliedTokenHash: hash }
}

/** The number of credentials under each key. */
export async function countByKey(database: Database): Promise<Record<string, number>> {
  const rows = await database.sql.query<{ key_id: string; count: number }>(
    'SELECT key_id, count(*)::int AS count FROM credential GROUP BY key_id ORDER BY key_id',
  )
  return Object.fromEntries(rows.map((row) => [row.key_id, row.count]))
}
