import type { Caller } from '../access/caller.ts'
import type { Broker } from '../credentials/broker.ts'
import type { Database } from '../db/database.ts'
import { findWritableConnection } from './lookups.ts'

export interface RefreshDeps {
  database: Database
  broker: Broker
}

/**
 * Renews a connection's credential where that is needed; in any case with `force`. Callers at the same time share one
 * renewal.
 *
 * @returns whether the credential is another one now
 * @throws NotFoundError, ForbiddenError; ConflictError when it is disabled; UnsupportedError when it has nothing to be
 * renewed by; ReconnectRequiredError, CredentialRefreshError
 */
export async function refreshConnection(
  { database, broker }: RefreshDeps,
  caller: Caller,
  connectionId: string,
  force: boolean,
): Promise<boolean> {
  await findWritableConnection(database, caller, connectionId)
  return broker.refresh(connectionId, force)
}
