import { isDeepStrictEqual } from 'node:util'
import { notFound } from '../access/caller.ts'
import type { StoredCredential } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { ConnectDeps } from '../connections/deps.ts'
import { openNewCredential } from '../connections/new-credential.ts'
import { replaceStored } from '../connections/replace-credential.ts'
import { insertCredential } from '../credentials/credential-store.ts'
import type { Tx } from '../db/database.ts'
import type { Connection, Integration } from '../db/generated/client.ts'
import { appendEvents } from '../events/event-log.ts'
import { ConflictError } from '../kit/errors.ts'
import { finishSession } from './connect-sessions.ts'
import { consentOf } from './oauth/consent-request.ts'

/** A credential that may be used from now on, and what is known beside it. */
interface Activation {
  stored: StoredCredential
  /** By the definition's inputFields, checked. */
  input: Record<string, unknown>
  /** What the provider told; added to what is kept already. */
  kept: Record<string, unknown>
  /** Null keeps the name. */
  displayName: string | null
  /** Whose the connection is from now on, where it has been nobody's. Null: as it is. */
  endUserId: string | null
  /** The session that this completes. Default: none. */
  connectSessionId?: string | null
}

/**
 * Puts a credential into use, in the caller's transaction: as the first one of a connection, or in place of the one that it
 * has. PENDING, NEEDS_REAUTH and ERROR become ACTIVE; a connection that is disabled stays so. A renewal of the old credential
 * that is under way loses.
 *
 * Call it last: it appends to the event log.
 * @throws NotFoundError when the connection is deleted; ConflictError when the session is over; StoredCredentialError when the definition has changed meanwhile
 */
export async function activateConnection(
  tx: Tx,
  deps: ConnectDeps,
  connection: Connection,
  integration: Integration,
  activation: Activation,
): Promise<Connection> {
  const { id: connectionId, workspaceId } = connection
  const { stored, input: values, displayName, endUserId, connectSessionId = null } = activation
  const { auth } = definitionOf(integration)
  const before = connection.kept as Record<string, unknown>
  const kept = { ...before, ...activation.kept }
  const changed = Object.keys(before).filter((name) => !isDeepStrictEqual(before[name], kept[name]))
  const opened = openNewCredential(
    auth,
    stored,
    { input: values, kept },
    { hasOAuthClient: integration.oauthClientId !== null, customStrategies: deps.customStrategies },
  )
  const method = methodAfter(connection, auth, stored)
  // The credential before the connection: the order in which a renewal locks them.
  const [held] = await tx.query('SELECT 1 AS held FROM credential WHERE connection_id = $1::uuid FOR UPDATE', [
    connectionId,
  ])
  const also = { ...(displayName === null ? {} : { displayName }), ...(endUserId === null ? {} : { endUserId }) }
  let active: Connection | null
  if (held === undefined) {
    await insertCredential(tx, deps.vault, { connectionId, workspaceId, stored, opened })
    const first = { status: 'ACTIVE' as const, statusReason: null, method, input: values as object, kept, ...also }
    ;[active = null] = await tx.prisma.connection.updateManyAndReturn({
      where: { id: connectionId, deletedAt: null },
      data: { ...first, kept: kept as object },
    })
    if (active === null) throw notFound('connection')
    await appendEvents(tx, deps.bus, workspaceId, [{ type: 'CONNECTION_ACTIVATED', connectionId }])
  } else {
    active = await replaceStored(tx, deps, connection, {
      stored,
      opened,
      values,
      method,
      also: { ...also, kept },
      changed,
    })
    if (active === null) throw new Error('A credential that is locked has changed.')
  }
  if (connectSessionId !== null) {
    const goesOn = await finishSession(tx, deps, connectSessionId, { status: 'COMPLETED', connectionId })
    if (!goesOn) throw new ConflictError('This connect session is over. Create another one, and connect again.')
  }
  return active
}

/** How the connection comes by its credential now: a token from a consent page, or what a person typed. */
function methodAfter({ method, status }: Connection, auth: Auth, stored: StoredCredential): Connection['method'] {
  if (status === 'PENDING') return method
  const { type } = stored.type === 'selective' ? stored.inner : stored
  if (consentOf(auth) !== null && (type === 'oauth2' || type === 'oauth1')) return 'OAUTH'
  return method === 'OAUTH' ? 'OAUTH' : 'SECRET'
}
