import { randomBytes } from 'node:crypto'
import type { Database } from '../../src/db/database.ts'
import { newId } from '../../src/kit/ids.ts'
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
 * Creates a workspace with `count` bearer connections, an integration with an OAuth client, and an auth provider. Their
 * secrets are sealed with `vault`.
 */
export async function createSealedRows({ prisma }: Database, vault: Vault, count: number): Promise<SealedRows> {
  const [workspaceId, integrationId, authProviderId] = [newId(), newId(), newId()]
  await prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: workspaceId, redirectUrls: [] } })
  await prisma.integration.create({
    data: {
      id: integrationId,
      workspaceId,
      slug: 'api',
      displayName: 'API',
      definition: { displayName: 'API', baseUrl: 'http://127.0.0.1', auth: { type: 'bearer' } },
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
      type: 'bearer',
      keyId: vault.currentKeyId,
      sealed: vault.seal(
        { type: 'bearer', fields: { token: `token of ${connectionId}` } },
        credentialIdentity(workspaceId, connectionId, 1),
      ),
    })),
  })
  return { workspaceId, connectionIds }
}

/** The number of credentials under each key. */
export async function countByKey(database: Database): Promise<Record<string, number>> {
  const rows = await database.sql.query<{ key_id: string; count: number }>(
    'SELECT key_id, count(*)::int AS count FROM credential GROUP BY key_id ORDER BY key_id',
  )
  return Object.fromEntries(rows.map((row) => [row.key_id, row.count]))
}
