import { runInScope } from '../db/scope.ts'
import { appendEvents } from '../events/event-log.ts'
import { CredentialRefreshError, ReconnectRequiredError } from '../kit/errors.ts'
import type { CredentialRow } from './credential-row.ts'
import { type AttemptDeps, describeFailure } from './renewal-attempt.ts'

/**
 * What to throw where the login that goes before every request has failed. One that was refused for good would be refused
 * again each time, and may lock the account: its connection says so, and does not log in until a person has mended it.
 */
export async function ofFailedLogin(deps: AttemptDeps, row: CredentialRow, error: unknown): Promise<unknown> {
  if (!(error instanceof CredentialRefreshError) || error.retryable || error.reason === 'INVALID_CLIENT') return error
  const { connection_id: connectionId, workspace_id: workspaceId, version } = row
  const { message, reason, words } = error
  const stands = await runInScope(null, () =>
    deps.database.bulkTransaction(async (tx) => {
      const [failed] = await tx.query(
        `UPDATE credential SET failed_refreshes = failed_refreshes + 1, last_error = $3::jsonb
         WHERE connection_id = $1::uuid AND version = $2::int RETURNING 1 AS one`,
        [connectionId, version, JSON.stringify(describeFailure(error))],
      )
      if (failed === undefined) return false
      const [changed] = await tx.query(
        `UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = $2::text
         WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR') AND deleted_at IS NULL RETURNING 1 AS one`,
        [connectionId, message],
      )
      // Others whose login was refused at the same time have told it.
      if (changed === undefined) return true
      await appendEvents(tx, deps.bus, workspaceId, [
        { type: 'CREDENTIAL_REFRESH_FAILED', connectionId, payload: { reason, message, retryAt: null } },
        { type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason } },
      ])
      return true
    }),
  )
  // Somebody has replaced the credential meanwhile: the refusal is of the one before.
  if (!stands) return error
  return new ReconnectRequiredError(`This connection must be connected again. ${message}`, {
    connectionId,
    words,
    cause: error,
  })
}
