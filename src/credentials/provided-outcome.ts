import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import type { CredentialRefreshError } from '../kit/errors.ts'
import type { CredentialRow } from './credential-row.ts'
import { type AttemptDeps, describeFailure } from './renewal-attempt.ts'

/**
 * Shows with the connection that its auth provider gave no credential. An event is written when a failure begins or its
 * reason changes, not for each call.
 * @param served there is a credential yet that lives
 */
export async function recordProvidedFailure(
  deps: AttemptDeps,
  { connection_id: connectionId, workspace_id: workspaceId, version }: CredentialRow,
  error: CredentialRefreshError,
  served: boolean,
): Promise<void> {
  const { reason, message } = error
  await deps.database.bulkTransaction(async (tx) => {
    const [failed] = await tx.query<{ reason: string | null }>(
      `WITH before AS (
         SELECT last_error FROM credential WHERE connection_id = $1::uuid AND version = $2::int FOR NO KEY UPDATE
       )
       UPDATE credential SET failed_refreshes = failed_refreshes + 1, last_error = $3::jsonb FROM before
       WHERE connection_id = $1::uuid AND version = $2::int RETURNING before.last_error ->> 'reason' AS reason`,
      [connectionId, version, JSON.stringify(describeFailure(error))],
    )
    if (failed === undefined) return
    const gone = reason === 'REVOKED'
    const changed =
      served && !gone
        ? []
        : await tx.query(
            `UPDATE connection SET status = $2::connection_status, status_reason = $3::text
             WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR')
               AND (status <> $2::connection_status OR status_reason IS DISTINCT FROM $3::text) RETURNING 1 AS one`,
            [connectionId, gone ? 'NEEDS_REAUTH' : 'ERROR', message],
          )
    const events: NewEvent[] = []
    if (failed.reason !== reason) {
      events.push({ type: 'CREDENTIAL_REFRESH_FAILED', connectionId, payload: { reason, message, retryAt: null } })
    }
    if (gone && changed.length > 0) events.push({ type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason } })
    if (events.length > 0) await appendEvents(tx, deps.bus, workspaceId, events)
  })
}

/** The auth provider has given a credential: a failure that was shown before is over. */
export async function recordProvidedSuccess(
  deps: AttemptDeps,
  { connection_id: connectionId, workspace_id: workspaceId, version }: CredentialRow,
): Promise<void> {
  await deps.database.bulkTransaction(async (tx) => {
    const healed = await tx.query(
      `UPDATE credential SET failed_refreshes = 0, last_error = NULL
       WHERE connection_id = $1::uuid AND version = $2::int AND failed_refreshes > 0 RETURNING 1 AS one`,
      [connectionId, version],
    )
    if (healed.length === 0) return
    const activated = await tx.query(
      `UPDATE connection SET status = 'ACTIVE', status_reason = NULL
       WHERE id = $1::uuid AND status IN ('ERROR', 'NEEDS_REAUTH') RETURNING 1 AS one`,
      [connectionId],
    )
    const events: NewEvent[] = [{ type: 'CREDENTIAL_REFRESHED', connectionId }]
    if (activated.length > 0) events.push({ type: 'CONNECTION_ACTIVATED', connectionId })
    await appendEvents(tx, deps.bus, workspaceId, events)
  })
}
