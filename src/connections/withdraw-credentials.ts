import { movedPlaces } from '../auth/credential-origins.ts'
import { storedAuthProviderSchema } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Tx } from '../db/database.ts'
import type { Integration } from '../db/generated/client.ts'
import type { Row } from '../db/sql.ts'
import { appendEvents } from '../events/event-log.ts'
import { ConflictError } from '../kit/errors.ts'
import { cancelOpenJobs } from '../sync/jobs/sync-jobs.ts'
import { credentialIdentity } from '../vault/identities.ts'
import type { ConnectionDeps } from './connection-deps.ts'

/** SQL condition on a connection `c` and its credential `s`: the connection works, or works again when it is enabled. */
const IN_USE = `c.deleted_at IS NULL AND s.type <> 'none' AND (c.status IN ('ACTIVE', 'ERROR')
  OR (c.status = 'DISABLED' AND coalesce(c.resume_status, 'ACTIVE') IN ('ACTIVE', 'ERROR')))`

/** How many connections of an integration `withdrawCredentials` would take out of use. */
export async function countCredentials(tx: Tx, integrationId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM connection c JOIN credential s ON s.connection_id = c.id
     WHERE c.integration_id = $1::uuid AND ${IN_USE}`,
    [integrationId],
  )
  return row?.count ?? 0
}

/**
 * Takes everything out of use that was obtained for an integration before its addresses moved: credentials, unconfirmed credentials,
 * flows that have not ended, tokens of sync jobs, and revocations that are still to be sent. What is stored is erased, so it stays out of
 * use when the addresses move back. A renewal that is in flight in any process finds another version and discards its result.
 *
 * The caller must hold the integration's row. Call this last in the transaction, because it appends to the event log.
 * @param reason status reason of the connections, a whole sentence
 */
export async function withdrawCredentials(
  tx: Tx,
  deps: Pick<ConnectionDeps, 'vault' | 'bus'>,
  { id: integrationId, workspaceId }: Pick<Integration, 'id' | 'workspaceId'>,
  reason: string,
): Promise<void> {
  // Connections that wait for their purge too: it would revoke their credentials at the new address.
  const credentials = await tx.query<VersionRow>(
    `SELECT s.connection_id, s.version FROM credential s JOIN connection c ON c.id = s.connection_id
     WHERE c.integration_id = $1::uuid AND s.type <> 'none' ORDER BY s.connection_id FOR NO KEY UPDATE OF s`,
    [integrationId],
  )
  await tx.query(
    `DELETE FROM pending_credential p USING connection c
     WHERE c.id = p.connection_id AND c.integration_id = $1::uuid`,
    [integrationId],
  )
  // No definition has an empty digest, so these flows fail as after any other change of the definition.
  await tx.query(`UPDATE oauth_flow SET auth_digest = '' WHERE integration_id = $1::uuid`, [integrationId])
  await tx.query('DELETE FROM revocation WHERE integration_id = $1::uuid', [integrationId])
  await erase(tx, deps, workspaceId, credentials, reason)
}

/**
 * Takes the connections out of use whose credential comes from an auth provider. They are found by opening what is stored, because the
 * name of the auth provider is sealed.
 */
export async function withdrawFromAuthProvider(
  tx: Tx,
  deps: Pick<ConnectionDeps, 'vault' | 'bus'>,
  { workspaceId, name }: { workspaceId: string; name: string },
  reason: string,
): Promise<void> {
  const rows = await tx.query<VersionRow & { sealed: Uint8Array }>(
    `SELECT connection_id, version, sealed FROM credential WHERE workspace_id = $1::uuid AND type = 'auth_provider'
     ORDER BY connection_id FOR NO KEY UPDATE`,
    [workspaceId],
  )
  const used = rows.filter(({ connection_id: id, version, sealed }) => {
    const stored = storedAuthProviderSchema.safeParse(
      openOrNull(() => deps.vault.open(sealed, credentialIdentity(workspaceId, id, version))),
    )
    return !stored.success || stored.data.provider === name
  })
  await erase(tx, deps, workspaceId, used, reason)
}

function openOrNull(open: () => unknown): unknown {
  try {
    return open()
  } catch {
    return null
  }
}

interface VersionRow extends Row {
  connection_id: string
  version: number
}

/** Rows in one statement. */
const BATCH = 1_000

/** What is stored in place of an erased credential. No strategy opens it. */
const ERASED = { type: 'erased' }

async function erase(
  tx: Tx,
  { vault, bus }: Pick<ConnectionDeps, 'vault' | 'bus'>,
  workspaceId: string,
  credentials: readonly VersionRow[],
  reason: string,
): Promise<void> {
  const changed: string[] = []
  const cancelled: Awaited<ReturnType<typeof cancelOpenJobs>> = []
  for (let at = 0; at < credentials.length; at += BATCH) {
    const batch = credentials.slice(at, at + BATCH)
    const ids = batch.map((each) => each.connection_id)
    const sealed = batch.map(({ connection_id: id, version }) =>
      Buffer.from(vault.seal(ERASED, credentialIdentity(workspaceId, id, version + 1))).toString('base64'),
    )
    await tx.query(
      `UPDATE credential s SET version = s.version + 1, sealed = decode(e.sealed, 'base64'), key_id = $3::text, type = 'erased',
         refreshable = false, next_refresh_at = NULL, retry_at = NULL, claimed_until = NULL, refresh_expires_at = NULL,
         refresh_token_hash = '', supplied_token_hash = NULL, attempt_id = NULL, attempt_at = NULL,
         previous_attempt_id = NULL, doubt = NULL, rejected_version = NULL, rejected_at = NULL
       FROM unnest($1::uuid[], $2::text[]) AS e (connection_id, sealed) WHERE s.connection_id = e.connection_id`,
      [ids, sealed, vault.currentKeyId],
    )
    const rows = await tx.query<{ id: string; now_needs: boolean }>(
      `UPDATE connection c SET status = CASE WHEN c.status = 'DISABLED' THEN c.status ELSE 'NEEDS_REAUTH' END,
         resume_status = CASE WHEN c.status = 'DISABLED' THEN 'NEEDS_REAUTH'::connection_status ELSE c.resume_status END,
         status_reason = $2::text, updated_at = clock_timestamp()
       FROM (SELECT id, status FROM connection WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL AND status <> 'PENDING'
             ORDER BY id FOR NO KEY UPDATE) before
       WHERE c.id = before.id RETURNING c.id, before.status IN ('ACTIVE', 'ERROR') AS now_needs`,
      [ids, reason],
    )
    changed.push(...rows.flatMap(({ id, now_needs }) => (now_needs ? [id] : [])))
    cancelled.push(...(await cancelOpenJobs(tx, bus, { connectionIds: ids })))
  }
  await appendEvents(tx, bus, workspaceId, [
    ...cancelled,
    ...changed.map((connectionId) => ({
      type: 'CONNECTION_NEEDS_REAUTH' as const,
      connectionId,
      payload: { reason: 'ADDRESS_MOVED' },
    })),
  ])
}

/**
 * Checks, in the transaction that stores a credential, that the addresses of its integration are still those for which it was given or
 * obtained. A change of the definition waits until this transaction ends.
 * @param seen the integration as it was read
 * @throws ConflictError
 */
export async function assertUnmoved(tx: Tx, seen: Integration): Promise<void> {
  const [row] = await tx.query<{ updated_at: Date; provider: string | null; definition: unknown }>(
    'SELECT updated_at, provider, definition FROM integration WHERE id = $1::uuid FOR SHARE',
    [seen.id],
  )
  if (row === undefined || row.updated_at.getTime() === seen.updatedAt.getTime()) return
  const current = definitionOf({ ...row, id: seen.id, updatedAt: row.updated_at })
  if (movedPlaces(definitionOf(seen), current).length === 0) return
  throw new ConflictError('The addresses of the integration were changed meanwhile. Connect again.')
}
