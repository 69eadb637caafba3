import { runInScope } from '../db/scope.ts'
import { appendEvents } from '../events/event-log.ts'
import { ReconnectRequiredError } from '../lib/errors.ts'
import { type CredentialRow, openSealed } from './credential-row.ts'
import { CredentialCorruptError } from './envelope.ts'
import type { AttemptDeps } from './renewal-attempt.ts'

/**
 * What to throw for a credential that could not be opened. One that was changed, or taken from elsewhere, is of no use to
 * anybody: its connection says so, and is not tried again. The sealed value stays, for whoever looks into it.
 */
export async function quarantineIfCorrupt(deps: AttemptDeps, row: CredentialRow, error: unknown): Promise<unknown> {
  if (!(error instanceof CredentialCorruptError) || row.sealed === null || opens(deps, row)) return error
  const { connection_id: connectionId, workspace_id: workspaceId, version, sealed } = row
  await runInScope(null, () =>
    deps.database.bulkTransaction(async (tx) => {
      const [changed] = await tx.query(
        `UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = $4::text
         WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR') AND EXISTS (
           SELECT 1 FROM credential s WHERE s.connection_id = $1::uuid AND s.version = $2::int AND s.sealed = $3::bytea)
         RETURNING 1 AS one`,
        [connectionId, version, sealed, error.message],
      )
      if (changed === undefined) return
      const payload = { reason: 'CREDENTIAL_CORRUPT' }
      await appendEvents(tx, deps.bus, workspaceId, [{ type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload }])
    }),
  )
  return new ReconnectRequiredError(`This connection must be connected again. ${error.message}`, {
    connectionId,
    cause: error,
  })
}

/** Then it is something else that does not open, such as the secret of the integration's OAuth client. */
function opens({ vault }: AttemptDeps, row: CredentialRow): boolean {
  try {
    openSealed(vault, row)
    return true
  } catch {
    return false
  }
}
