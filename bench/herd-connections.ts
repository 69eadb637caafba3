import type { StoredOAuth2 } from '../src/auth/stored-credential.ts'
import type { Database } from '../src/db/database.ts'
import { newId } from '../src/kit/ids.ts'
import { credentialIdentity } from '../src/vault/identities.ts'
import type { Vault } from '../src/vault/vault.ts'

const EXPIRES_IN_MS = 3_600_000

interface Herd {
  /** Origin of the provider. Its token endpoint is `/token`. */
  origin: string
  count: number
  integrations: number
}

/**
 * Creates OAuth connections whose tokens expire at the same moment and are not due for renewal yet, and one more with a
 * fresh token at a separate integration. @returns the row id of the latter
 */
export async function addHerd(
  database: Database,
  vault: Vault,
  { origin, count, integrations }: Herd,
): Promise<{ fresh: string }> {
  const workspaceId = newId()
  await database.prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: 'herd', redirectUrls: [] } })
  const expiresAt = new Date(Date.now() + EXPIRES_IN_MS)

  async function add(number: number): Promise<string[]> {
    const integrationId = newId()
    const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: `${origin}/token` }
    const definition = { displayName: 'n', baseUrl: origin, auth }
    const named = { slug: integrationId, displayName: 'n', definition }
    await database.prisma.integration.create({ data: { id: integrationId, workspaceId, ...named } })
    const ids = Array.from({ length: number }, () => newId())
    await database.prisma.connection.createMany({
      data: ids.map((id) => ({
        id,
        workspaceId,
        integrationId,
        displayName: 'n',
        status: 'ACTIVE',
        method: 'TOKEN_INJECTION',
      })),
    })
    await database.prisma.credential.createMany({
      data: ids.map((connectionId) => {
        const stored: StoredOAuth2 = {
          type: 'oauth2',
          fields: { client_id: 'c', client_secret: 'a client secret' },
          accessToken: 'old',
          refreshToken: connectionId,
          expiresAt: expiresAt.toISOString(),
          scopes: [],
        }
        return {
          connectionId,
          workspaceId,
          type: 'oauth2',
          keyId: vault.currentKeyId,
          sealed: vault.seal({ ...stored }, credentialIdentity(workspaceId, connectionId, 1)),
          expiresAt,
          refreshable: true,
          scopes: [],
        }
      }),
    })
    return ids
  }

  for (let nth = 0; nth < integrations; nth += 1) await add(Math.ceil(count / integrations))
  const [fresh = ''] = await add(1)
  await database.sql.query('ANALYZE')
  return { fresh }
}
