import { z } from 'zod'
import { type StoredCredential, storedAuthProviderSchema, storedSchemas } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import { toJsonColumn } from '../credentials/credential-store.ts'
import type { Row, WriteTx } from '../db/sql.ts'
import { newId } from '../kit/ids.ts'
import type { Logger } from '../kit/log.ts'
import type { RowIdentity } from '../vault/identities.ts'
import { credentialIdentity, pendingIdentity, revocationIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import { revocableOf } from './revoke-request.ts'

/** A credential that is no longer ours. */
interface UnwantedCredential {
  workspaceId: string
  integrationId: string
  stored: StoredCredential
  input: Readonly<Record<string, unknown>>
  kept: Readonly<Record<string, unknown>>
}

/**
 * Has the provider told, in the background, that a credential is no longer wanted: in the transaction that takes the
 * credential away, so that neither happens without the other. Where the definition names no endpoint for it, nothing is
 * kept. Not within the scope of an end user, who may not write such rows.
 */
export async function queueRevocation(tx: WriteTx, vault: Vault, credential: UnwantedCredential): Promise<void> {
  const { workspaceId, integrationId, stored, input, kept } = credential
  const [integration] = await tx.query<{ updated_at: Date; provider: string | null; definition: unknown }>(
    'SELECT updated_at, provider, definition FROM integration WHERE id = $1::uuid',
    [integrationId],
  )
  if (integration === undefined) return
  const auth = knownAuth({ ...integration, id: integrationId, updatedAt: integration.updated_at })
  if (auth === null || revocableOf(auth, stored, { input, kept }) === null) return
  const id = newId()
  const version = 1
  const sealed = vault.seal(toJsonColumn(stored), revocationIdentity(workspaceId, id, version))
  await tx.query(
    `INSERT INTO revocation (id, workspace_id, integration_id, sealed, key_id, version, input, kept)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::text, $6::int, $7::jsonb, $8::jsonb)`,
    [id, workspaceId, integrationId, sealed, vault.currentKeyId, version, JSON.stringify(input), JSON.stringify(kept)],
  )
}

/** Of a provider that the catalogue no longer has nobody knows whom to tell. */
function knownAuth(source: Parameters<typeof definitionOf>[0]) {
  try {
    return definitionOf(source).auth
  } catch {
    return null
  }
}

interface GivenBackRow extends Row {
  connection_id: string
  workspace_id: string
  integration_id: string
  version: number
  sealed: Uint8Array
  input: Record<string, unknown>
  kept: Record<string, unknown>
}

/** A renewal that is under way has used the stored token up: what it brings is what has to be revoked. */
export const RENEWAL_IS_OPEN = `s.attempt_id IS NOT NULL AND s.attempt_at > clock_timestamp() - interval '1 minute'`

/**
 * Takes the credentials of connections away, those that wait for confirmation too, and queues their revocation. Leaves
 * out those that are being renewed.
 */
export async function giveBackCredentials(
  tx: WriteTx,
  deps: { vault: Vault; logger: Logger },
  connectionIds: readonly string[],
): Promise<void> {
  // In the order of ids, and before their connections: as a renewal locks them.
  const credentials = await tx.query<GivenBackRow>(
    `SELECT s.connection_id, s.workspace_id, c.integration_id, s.version, s.sealed, c.input, c.kept
     FROM credential s JOIN connection c ON c.id = s.connection_id
     WHERE s.connection_id = ANY($1::uuid[]) AND NOT coalesce(${RENEWAL_IS_OPEN}, false)
     ORDER BY s.connection_id FOR UPDATE OF s`,
    [connectionIds],
  )
  await queueGivenBack(tx, deps, credentials, credentialIdentity)
  await tx.query('DELETE FROM credential WHERE connection_id = ANY($1::uuid[])', [idsOf(credentials)])
  await givePendingBack(tx, deps, connectionIds)
}

/** The same for what waits for confirmation alone. */
export async function givePendingBack(
  tx: WriteTx,
  deps: { vault: Vault; logger: Logger },
  connectionIds: readonly string[],
): Promise<void> {
  const pending = await tx.query<GivenBackRow>(
    `SELECT p.connection_id, p.workspace_id, c.integration_id, p.version, p.sealed, p.input, p.kept
     FROM pending_credential p JOIN connection c ON c.id = p.connection_id
     WHERE p.connection_id = ANY($1::uuid[]) ORDER BY p.connection_id FOR UPDATE OF p`,
    [connectionIds],
  )
  await queueGivenBack(tx, deps, pending, pendingIdentity)
  await tx.query('DELETE FROM pending_credential WHERE connection_id = ANY($1::uuid[])', [idsOf(pending)])
}

function idsOf(rows: readonly GivenBackRow[]): string[] {
  return rows.map((row) => row.connection_id)
}

const storedSchema = z.union([...Object.values(storedSchemas), storedAuthProviderSchema])

async function queueGivenBack(
  tx: WriteTx,
  { vault, logger }: { vault: Vault; logger: Logger },
  rows: readonly GivenBackRow[],
  identityOf: (workspaceId: string, connectionId: string, version: number) => RowIdentity,
): Promise<void> {
  for (const row of rows) {
    const { connection_id: connectionId, workspace_id: workspaceId, integration_id: integrationId, input, kept } = row
    const opened = openOrNull(() => vault.open(row.sealed, identityOf(workspaceId, connectionId, row.version)))
    const stored = storedSchema.safeParse(opened)
    if (!stored.success) {
      logger.warn({ workspaceId, connectionId }, 'A credential cannot be read, and is deleted without being revoked.')
      continue
    }
    // That one is another system's to end.
    if (stored.data.type === 'auth_provider') continue
    await queueRevocation(tx, vault, { workspaceId, integrationId, stored: stored.data, input, kept })
  }
}

/** A row must not stay for ever because its key is gone. */
function openOrNull(open: () => unknown): unknown {
  try {
    return open()
  } catch {
    return null
  }
}
