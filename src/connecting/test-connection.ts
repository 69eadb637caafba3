import type { Caller } from '../access/caller.ts'
import { findWritableConnection } from '../connections/lookups.ts'
import type { Broker } from '../credentials/broker.ts'
import { appendEvents } from '../events/event-log.ts'
import { type AuthenticatedRequests, storedConnection } from '../requests/send.ts'
import type { ConnectDeps } from './deps.ts'
import { sendTestRequest, type TestResult } from './test-request.ts'

export interface TestDeps extends ConnectDeps {
  broker: Broker
  requests: AuthenticatedRequests
}

/**
 * Asks the provider whether a connection's credential is good, renewing it first where that is needed. A connection in
 * ERROR whose credential is accepted is ACTIVE again. A refusal changes nothing: it may be of the test request's own.
 *
 * @throws NotFoundError, ForbiddenError; what the broker throws; ProviderError when the provider cannot be reached
 */
export async function testConnection(deps: TestDeps, caller: Caller, connectionId: string): Promise<TestResult> {
  const { workspaceId } = await findWritableConnection(deps.database, caller, connectionId)
  const source = storedConnection(deps.broker, connectionId, () => undefined)
  const result = await sendTestRequest(deps.requests, source)
  if (result.ok && result.checked) await heal(deps, workspaceId, connectionId)
  return result
}

async function heal({ database, bus }: ConnectDeps, workspaceId: string, connectionId: string): Promise<void> {
  await database.transaction(async (tx) => {
    const healed = await tx.query(
      `UPDATE connection SET status = 'ACTIVE', status_reason = NULL, updated_at = clock_timestamp()
       WHERE id = $1::uuid AND status = 'ERROR' AND deleted_at IS NULL RETURNING id`,
      [connectionId],
    )
    if (healed.length > 0) await appendEvents(tx, bus, workspaceId, [{ type: 'CONNECTION_ACTIVATED', connectionId }])
  })
}
