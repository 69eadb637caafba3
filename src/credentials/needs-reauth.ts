import { runInScope } from '../db/scope.ts'
import { appendEvents } from '../events/event-log.ts'
import { ReconnectRequiredError } from '../kit/errors.ts'
import type { CredentialRow } from './credential-row.ts'
import type { AttemptDeps } from './renewal-attempt.ts'

/**
 * Says of a connection that only a person can mend it, unless somebody has stored another credential since `row` was read.
 * What is stored stays, for whoever looks into it.
 * @param reason of the event, in capitals
 * @returns what to throw
 */
export async function needsReauth(
  deps: Pick<AttemptDeps, 'database' | 'bus'>,
  row: CredentialRow,
  { reason, message, cause }: { reason: string; message: string; cause?: unknown },
): Promise<ReconnectRequiredError> {
  const { connection_id: connectionId, workspace_id: workspaceId, version, sealed } = row
  await runInScope(null, () =>
    deps.database.bulkTransaction(async (tx) => {
      const [changed] = await tx.query(
        `UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = $4::text
         WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR') AND EXISTS (
           SELECT 1 FROM credential s WHERE s.connection_id = $1::uuid AND s.version = $2::int AND s.sealed = $3::bytea)
         RETURNING 1 AS one`,
        [connectionId, version, sealed, message],
      )
      if (changed === undefined) return
      await appendEvents(tx, deps.bus, workspaceId, [
        { type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason } },
      ])
    }),
  )
  return new ReconnectRequiredError(`This connection must be connected again. ${message}`, { connectionId, cause })
}
