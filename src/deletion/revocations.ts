import { z } from 'zod'
import { comparableOrigin } from '../auth/credential-addresses.ts'
import { type StoredCredential, storedAuthProviderSchema, storedSchemas } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import { toJsonColumn } from '../credentials/credential-store.ts'
import type { Integration } from '../db/generated/client.ts'
import type { Row, WriteTx } from '../db/sql.ts'
import { newId } from '../kit/ids.ts'
import type { Logger } from '../kit/log.ts'
import type { RowIdentity } from '../vault/identities.ts'
import { credentialIdentity, pendingIdentity, revocationIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import { revocableOf } from './revoke-request.ts'

/** A credential that is no longer used. */
interface UnusedCredential {
  workspaceId: string
  integrationId: string
  /** The integration as it was when the credential was obtained. Default: as it is now. */
  integration?: Integration
  stored: StoredCredential
  input: Readonly<Record<string, unknown>>
  kept: Readonly<Record<string, unknown>>
}

/**
 * Queues the revocation of a credential at its provider, in the transaction that deletes the credential. Does nothing when
 * the definition has no revocation endpoint. Must not run in the row scope of an end user, who may not write these rows.
 */
export async function queueRevocation(tx: WriteTx, vault: Vault, credential: UnusedCredential): Promise<void> {
  const { workspaceId, integrationId, stored, input, kept } = credential
  const [current] = await tx.query<{ updated_at: Date; provider: string | null; definition: unknown }>(
    'SELECT updated_at, provider, definition FROM integration WHERE id = $1::uuid',
    [integrationId],
  )
  if (current === undefined) return
  const auth = knownAuth(credential.integration ?? { ...current, id: integrationId, updatedAt: current.updated_at })
  const revocable = auth === null ? null : revocableOf(auth, stored, { input, kept })
  if (revocable === null) return
  const origin = comparableOrigin(revocable.auth.revocation.url)
  const id = newId()
  const version = 1
  const sealed = vault.seal(toJsonColumn(stored), revocationIdentity(workspaceId, id, version))
  await tx.query(
    `INSERT INTO revocation (id, workspace_id, integration_id, sealed, key_id, version, input, kept, origin)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::text, $6::int, $7::jsonb, $8::jsonb, $9::text)`,
    [
      ...[id, workspaceId, integrationId, sealed, vault.currentKeyId, version],
      ...[JSON.stringify(input), JSON.stringify(kept), origin],
    ],
  )
}

/** Null when the provider is no longer in the catalogue, so that there is no endpoint. */
function knownAuth(source: Parameters<typeof definitionOf>[0]) {
  try {
    return definitionOf(source).auth
  } catch {
    return null
  }
}

interface DeletedCredentialRow extends Row {
  connection_id: string
  workspace_id: string
  integration_id: string
  version: number
  sealed: Uint8Array
  input: Record<string, unknown>
  kept: Record<string, unknown>
}

/** Condition on a credential `s`: a refresh is running. It has used up the stored token; its result has to be revoked instead. */
export const REFRESH_RUNNING = `s.attempt_id IS NOT NULL AND s.attempt_at > clock_timestamp() - interval '1 minute'`

/**
 * Deletes the credentials of connections, unconfirmed ones included, and queues their revocation, except that of a grant which
 * another connection of the workspace has too. Credentials that are being refreshed are skipped.
 */
export async function queueRevocations(
  tx: WriteTx,
  deps: { vault: Vault; logger: Logger },
  connectionIds: readonly string[],
): Promise<void> {
  // Locked in the order of the ids and before the connections, as a refresh does.
  const credentials = await tx.query<DeletedCredentialRow & { shared: boolean }>(
    `SELECT s.connection_id, s.workspace_id, c.integration_id, s.version, s.sealed, c.input, c.kept,
       length(s.refresh_token_hash) > 0 AND EXISTS (
         SELECT 1 FROM credential other JOIN connection o ON o.id = other.connection_id AND o.deleted_at IS NULL
         WHERE other.workspace_id = s.workspace_id AND other.refresh_token_hash = s.refresh_token_hash
           AND NOT other.connection_id = ANY($1::uuid[])) AS shared
     FROM credential s JOIN connection c ON c.id = s.connection_id
     WHERE s.connection_id = ANY($1::uuid[]) AND NOT coalesce(${REFRESH_RUNNING}, false)
     ORDER BY s.connection_id FOR UPDATE OF s`,
    [connectionIds],
  )
  // A revocation would end the connections that have the same grant.
  const unshared = credentials.filter(({ shared }) => shared !== true)
  await queueAll(tx, deps, unshared, credentialIdentity)
  await tx.query('DELETE FROM credential WHERE connection_id = ANY($1::uuid[])', [idsOf(credentials)])
  await queuePendingRevocations(tx, deps, connectionIds)
}

/** Deletes the unconfirmed credentials of connections and queues their revocation. */
export async function queuePendingRevocations(
  tx: WriteTx,
  deps: { vault: Vault; logger: Logger },
  connectionIds: readonly string[],
): Promise<void> {
  const pending = await tx.query<DeletedCredentialRow>(
    `SELECT p.connection_id, p.workspace_id, c.integration_id, p.version, p.sealed, p.input, p.kept
     FROM pending_credential p JOIN connection c ON c.id = p.connection_id
     WHERE p.connection_id = ANY($1::uuid[]) ORDER BY p.connection_id FOR UPDATE OF p`,
    [connectionIds],
  )
  await queueAll(tx, deps, pending, pendingIdentity)
  await tx.query('DELETE FROM pending_credential WHERE connection_id = ANY($1::uuid[])', [idsOf(pending)])
}

function idsOf(rows: readonly DeletedCredentialRow[]): string[] {
  return rows.map((row) => row.connection_id)
}

const storedSchema = z.union([...Object.values(storedSchemas), storedAuthProviderSchema])

async function queueAll(
  tx: WriteTx,
  { vault, logger }: { vault: Vault; logger: Logger },
  rows: readonly DeletedCredentialRow[],
  identityOf: (workspaceId: string, connectionId: string, version: number) => RowIdentity,
): Promise<void> {
  for (const row of rows) {
    const { connection_id: connectionId, workspace_id: workspaceId, integration_id: integrationId, input, kept } = row
    const opened = openOrNull(() => vault.open(row.sealed, identityOf(workspaceId, connectionId, row.version)))
    const stored = storedSchema.safeParse(opened)
    if (!stored.success) {
      logger.warn(
        { workspaceId, connectionId },
        'A deleted credential cannot be read, so it is not revoked at its provider.',
      )
      continue
    }
    // A credential of an auth provider is managed by that system.
    if (stored.data.type === 'auth_provider') continue
    await queueRevocation(tx, vault, { workspaceId, integrationId, stored: stored.data, input, kept })
  }
}

/** Null when the value cannot be opened. A missing key must not block the deletion of the row. */
function openOrNull(open: () => unknown): unknown {
  try {
    return open()
  } catch {
    return null
  }
}
