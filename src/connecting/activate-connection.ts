import { isDeepStrictEqual } from 'node:util'
import { notFound } from '../access/caller.ts'
import type { StoredCredential } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import { openNewCredential, writeCredential } from '../connections/connection-credential.ts'
import type { ConnectionDeps } from '../connections/connection-deps.ts'
import { hasCommonClient } from '../connections/registered-clients.ts'
import { unprovenAfter } from '../connections/unproven.ts'
import { insertCredential } from '../credentials/credential-store.ts'
import type { Tx } from '../db/database.ts'
import type { Connection, Integration } from '../db/generated/client.ts'
import { databaseNow } from '../db/sql.ts'
import { appendEvents } from '../events/event-log.ts'
import { ConflictError } from '../kit/errors.ts'
import { finishSession } from './connect-sessions.ts'
import { consentOf } from './oauth/consent-request.ts'

/** A credential to put into use, and the values that belong to it. */
interface Activation {
  stored: StoredCredential
  /** When the refresh token expires, if the provider says so. */
  refreshExpiresAt?: Date | null | undefined
  /** Values of the definition's inputFields, checked. */
  input: Record<string, unknown>
  /** Values that the provider returned. They are added to the stored ones. */
  kept: Record<string, unknown>
  /** Names of the inputs that are unproven (`unproven.ts`). */
  unproven: readonly string[]
  /** Null keeps the name. */
  displayName: string | null
  /** End user of a connection that has none yet. Null keeps what is stored. */
  endUserId: string | null
  /** The session that is completed. Default: none. */
  connectSessionId?: string | null
}

/**
 * Puts a credential into use, in the caller's transaction: as the first credential of a connection, or in place of its current
 * one. PENDING, NEEDS_REAUTH and ERROR become ACTIVE; a disabled connection stays disabled. A refresh of the old credential
 * that is under way discards its result.
 *
 * Call it last in the transaction, because it appends to the event log.
 * @throws NotFoundError when the connection was deleted; ConflictError when the session is over; StoredCredentialError when
 * the credential does not fit the current definition
 */
export async function activateConnection(
  tx: Tx,
  deps: Pick<ConnectionDeps, 'bus' | 'vault' | 'customStrategies'>,
  connection: Connection,
  integration: Integration,
  activation: Activation,
): Promise<Connection> {
  const { id: connectionId, workspaceId } = connection
  const { stored, refreshExpiresAt, input: values, unproven, connectSessionId = null } = activation
  const { auth } = definitionOf(integration)
  const before = connection.kept as Record<string, unknown>
  const kept = { ...before, ...activation.kept }
  const changed = Object.keys(before).filter((name) => !isDeepStrictEqual(before[name], kept[name]))
  const opened = openNewCredential(
    auth,
    stored,
    { input: values, kept },
    { hasOAuthClient: hasCommonClient(integration), customStrategies: deps.customStrategies },
  )
  const now = await databaseNow(tx)
  const method = methodAfter(connection, auth, stored)
  // A refresh locks the credential before the connection. The order here must be the same.
  const [held] = await tx.query('SELECT 1 AS held FROM credential WHERE connection_id = $1::uuid FOR UPDATE', [
    connectionId,
  ])
  const also = { displayName: activation.displayName ?? undefined, endUserId: activation.endUserId ?? undefined }
  let active: Connection | null
  if (held === undefined) {
    await insertCredential(tx, deps.vault, {
      connectionId,
      workspaceId,
      stored,
      opened,
      now,
      refreshExpiresAt,
      supplied: false,
    })
    ;[active = null] = await tx.prisma.connection.updateManyAndReturn({
      where: { id: connectionId, deletedAt: null },
      data: {
        status: 'ACTIVE',
        statusReason: null,
        method,
        input: values as object,
        kept: kept as object,
        unproven: unprovenAfter(connection.unproven, unproven),
        ...also,
      },
    })
    if (active === null) throw notFound('connection')
    await appendEvents(tx, deps.bus, workspaceId, [{ type: 'CONNECTION_ACTIVATED', connectionId }])
  } else {
    active = await writeCredential(tx, deps, connection, {
      stored,
      opened,
      values,
      method,
      now,
      refreshExpiresAt,
      supplied: false,
      unproven,
      also: { ...also, kept },
      changed,
    })
    if (active === null) throw new Error('A locked credential has changed.')
  }
  if (connectSessionId !== null) {
    const open = await finishSession(tx, deps, connectSessionId, { status: 'COMPLETED', connectionId })
    if (!open) throw new ConflictError('This connect session is over. Create another one and connect again.')
  }
  return active
}

/** The connection's method after the activation: OAUTH for a token of a consent page, SECRET for submitted values. */
function methodAfter({ method, status }: Connection, auth: Auth, stored: StoredCredential): Connection['method'] {
  if (status === 'PENDING') return method
  const { type } = stored.type === 'selective' ? stored.inner : stored
  if (consentOf(auth) !== null && (type === 'oauth2' || type === 'oauth1')) return 'OAUTH'
  return method === 'OAUTH' ? 'OAUTH' : 'SECRET'
}
