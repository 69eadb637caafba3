import type { Renewal } from '../auth/strategy.ts'
import type { Database } from '../db/database.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import type { CredentialRefreshError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { credentialIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import type { CredentialRow, StoredRefreshError } from './credential-store.ts'
import { toJsonColumn } from './credential-store.ts'
import { renewAheadAt } from './refresh-policy.ts'

/** A connection that was deleted meanwhile gets no more events. */
const IS_DELETED = `NOT EXISTS (
  SELECT 1 FROM connection c WHERE c.id = credential.connection_id AND c.deleted_at IS NULL) AS deleted`

export interface AttemptDeps {
  database: Database
  bus: WakeBus
  vault: Vault
}

/** A renewal that was recorded before its request is sent. */
export interface RenewalAttempt {
  id: string
  /** An earlier attempt was left open by a process that ended. It is unknown whether its request reached the provider. */
  afterCrash: boolean
}

/**
 * Records that this version of the credential is about to be renewed. While an attempt is open, no process begins another
 * one until `quietMs` have passed, because the request of the first may still reach the provider.
 * @returns null when another attempt is open, or the credential has another version
 */
export async function beginAttempt(
  deps: AttemptDeps,
  row: CredentialRow,
  quietMs: number,
): Promise<RenewalAttempt | null> {
  const id = newId()
  return deps.database.bulkTransaction(async (tx) => {
    const [begun] = await tx.query<{ previous_attempt_id: string | null }>(
      `UPDATE credential SET previous_attempt_id = attempt_id, attempt_id = $3::uuid, attempt_at = clock_timestamp()
       WHERE connection_id = $1::uuid AND version = $2::int
         AND (attempt_id IS NULL OR attempt_at < clock_timestamp() - $4::float * interval '1 millisecond')
       RETURNING previous_attempt_id`,
      [row.connection_id, row.version, id, quietMs],
    )
    if (begun === undefined) return null
    await appendEvents(tx, deps.bus, row.workspace_id, [
      { type: 'CREDENTIAL_REFRESH_STARTED', connectionId: row.connection_id },
    ])
    return { id, afterCrash: begun.previous_attempt_id !== null }
  })
}

/**
 * Stores the renewed credential, if the stored one still has the version that was renewed. A credential that was replaced
 * meanwhile wins. Writes only the credential's own columns, what the provider returned to keep, and the status.
 * @returns whether it was stored
 */
export async function commitRenewal(deps: AttemptDeps, row: CredentialRow, renewal: Renewal): Promise<boolean> {
  const { connection_id: connectionId, workspace_id: workspaceId } = row
  const version = row.version + 1
  const sealed = deps.vault.seal(toJsonColumn(renewal.stored), credentialIdentity(workspaceId, connectionId, version))
  const next = renewal.expiresAt === undefined ? null : renewAheadAt(connectionId, row.now, renewal.expiresAt)
  return deps.database.bulkTransaction(async (tx) => {
    const [stored] = await tx.query<{ deleted: boolean }>(
      `UPDATE credential SET sealed = $3::bytea, key_id = $4::text, version = $5::int, expires_at = $6::timestamptz,
         next_refresh_at = $7::timestamptz, scopes = $8::text[], refreshable = true, last_refreshed_at = clock_timestamp(),
         failed_refreshes = 0, last_error = NULL, attempt_id = NULL, attempt_at = NULL, previous_attempt_id = NULL
       WHERE connection_id = $1::uuid AND version = $2::int RETURNING ${IS_DELETED}`,
      [
        connectionId,
        row.version,
        sealed,
        deps.vault.currentKeyId,
        version,
        renewal.expiresAt ?? null,
        next,
        [...renewal.scopes],
      ],
    )
    if (stored === undefined) return false
    // It is stored nevertheless, because this is the token that has to be revoked at the provider.
    if (stored.deleted) return true
    const healed = await tx.query(
      `UPDATE connection SET kept = kept || $2::jsonb,
         status = CASE WHEN status = 'ERROR' THEN 'ACTIVE'::connection_status ELSE status END,
         status_reason = CASE WHEN status = 'ERROR' THEN NULL ELSE status_reason END
       WHERE id = $1::uuid AND ($2::jsonb <> '{}'::jsonb OR status = 'ERROR') RETURNING status`,
      [connectionId, JSON.stringify(renewal.kept ?? {})],
    )
    const events: NewEvent[] = [{ type: 'CREDENTIAL_REFRESHED', connectionId }]
    if (healed.length > 0 && row.status === 'ERROR') events.push({ type: 'CONNECTION_ACTIVATED', connectionId })
    await appendEvents(tx, deps.bus, workspaceId, events)
    return true
  })
}

export interface FailedAttempt {
  error: CredentialRefreshError
  /** Null: it is not retried automatically. */
  retryInMs: number | null
  /** The request may still reach the provider: the attempt stays open for its quiet period. */
  keepOpen: boolean
  /** Why the account must be connected again; null: a retry may succeed. */
  needsReauth: string | null
}

/**
 * Records a failed renewal, unless the credential or the attempt was replaced meanwhile.
 * @returns whether it was recorded
 */
export async function recordFailure(
  deps: AttemptDeps,
  row: CredentialRow,
  attempt: RenewalAttempt,
  { error, retryInMs, keepOpen, needsReauth }: FailedAttempt,
): Promise<boolean> {
  const { connection_id: connectionId } = row
  return deps.database.bulkTransaction(async (tx) => {
    const [failed] = await tx.query<{ retry_at: Date | null; expired: boolean; deleted: boolean }>(
      `UPDATE credential SET failed_refreshes = failed_refreshes + 1, last_error = $4::jsonb,
         next_refresh_at = clock_timestamp() + $5::float * interval '1 millisecond',
         attempt_id = CASE WHEN $6::boolean THEN attempt_id END, attempt_at = CASE WHEN $6::boolean THEN attempt_at END,
         previous_attempt_id = CASE WHEN $6::boolean THEN previous_attempt_id END
       WHERE connection_id = $1::uuid AND version = $2::int AND attempt_id = $3::uuid
       RETURNING next_refresh_at AS retry_at, coalesce(expires_at <= clock_timestamp(), false) AS expired, ${IS_DELETED}`,
      [connectionId, row.version, attempt.id, JSON.stringify(describeFailure(error)), retryInMs, keepOpen],
    )
    if (failed === undefined) return false
    if (failed.deleted) return true
    const status = needsReauth !== null ? 'NEEDS_REAUTH' : failed.expired ? 'ERROR' : null
    if (status !== null) {
      await tx.query(
        `UPDATE connection SET status = $2::connection_status, status_reason = $3::text
         WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR')`,
        [connectionId, status, needsReauth ?? error.message],
      )
    }
    const events: NewEvent[] = [
      {
        type: 'CREDENTIAL_REFRESH_FAILED',
        connectionId,
        payload: { reason: error.reason, message: error.message, retryAt: failed.retry_at?.toISOString() ?? null },
      },
    ]
    if (needsReauth !== null)
      events.push({ type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason: error.reason } })
    await appendEvents(tx, deps.bus, row.workspace_id, events)
    return true
  })
}

/** The form in which a failure is stored in `credential.last_error`. */
export function describeFailure(error: CredentialRefreshError): StoredRefreshError {
  const { message, reason, retryable, words, occurredAt } = error
  return { message, reason, retryable, words, occurredAt: occurredAt.toISOString() }
}
