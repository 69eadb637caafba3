import { z } from 'zod'
import { nameAuditTarget, recordAudit } from '../access/audit.ts'
import { assertWrites, type Caller, notFound, seesIntegration } from '../access/caller.ts'
import { readStored, type StoredCredential, StoredCredentialError, storedSchemas } from '../auth/stored-credential.ts'
import type { ConnectionDeps } from '../connections/connection-deps.ts'
import { checkConnectionFields } from '../connections/connections.ts'
import { ensureEndUser } from '../connections/end-users.ts'
import { holdEndUser, holdIntegration } from '../connections/lookups.ts'
import { toJsonColumn } from '../credentials/credential-store.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Connection } from '../db/generated/client.ts'
import type { Row } from '../db/sql.ts'
import { conflictOn } from '../db/violations.ts'
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError, ScopeMismatchError } from '../kit/errors.ts'
import { hashOneTimeSecret, isOneTimeSecret, newOneTimeSecret } from '../kit/ids.ts'
import { checkInput } from '../kit/input.ts'
import { pendingIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import { activateConnection } from './activate-connection.ts'
import { CONFIRM_WITHIN_SECONDS } from './connect-sessions.ts'

/** A credential that came through a browser and is not confirmed yet. */
interface UnconfirmedCredential {
  connection: { id: string; workspaceId: string }
  stored: StoredCredential
  /** When the refresh token expires, if that is known. */
  refreshExpiresAt?: Date | undefined
  /** Values of the definition's inputFields, checked. */
  input: Record<string, unknown>
  /** Values that the provider returned. */
  kept: Record<string, unknown>
  /** Names of the inputs that are unproven (`unproven.ts`). */
  unproven: readonly string[]
  /** Name of the connection after the confirmation. Null keeps its name. */
  displayName: string | null
  connectSessionId: string | null
}

interface PendingRow extends Row {
  connection_id: string
  workspace_id: string
  integration_id: string
  connect_session_id: string | null
  sealed: Uint8Array
  version: number
  input: Record<string, unknown>
  kept: Record<string, unknown>
  unproven: string[]
  display_name: string | null
  refresh_expires_at: Date | null
  expired: boolean
}

/**
 * Stores a credential until the product's backend confirms its end user. Until then it cannot be used. An earlier
 * unconfirmed credential of the same connection is discarded without being revoked: at many providers a revocation ends the
 * whole grant, the new credential included.
 * @returns the handle for this browser. Only its hash is stored
 */
export async function keepPending(
  tx: Tx,
  vault: Vault,
  { connection, stored, refreshExpiresAt, input, kept, unproven, displayName, connectSessionId }: UnconfirmedCredential,
): Promise<string> {
  const { id: connectionId, workspaceId } = connection
  const [earlier] = await takePending(tx, 'p.connection_id = $1::uuid', [connectionId])
  const { secret: handle, hash } = newOneTimeSecret()
  const version = (earlier?.version ?? 0) + 1
  await tx.query(
    `INSERT INTO pending_credential (connection_id, workspace_id, connect_session_id, handle_hash, sealed, key_id, version,
       input, kept, unproven, display_name, refresh_expires_at, expires_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::bytea, $6::text, $7::int, $8::jsonb, $9::jsonb, $10::text[],
       $11::text, $12::timestamptz, clock_timestamp() + $13::int * interval '1 second')`,
    [
      ...[connectionId, workspaceId, connectSessionId, hash],
      vault.seal(toJsonColumn(stored), pendingIdentity(workspaceId, connectionId, version)),
      ...[vault.currentKeyId, version, JSON.stringify(input), JSON.stringify(kept), [...unproven], displayName],
      ...[refreshExpiresAt ?? null, CONFIRM_WITHIN_SECONDS],
    ],
  )
  return handle
}

interface Confirmation extends NamedEndUser {
  handle: string
  /** Null: the name that was chosen when connecting started. */
  displayName: string | null
}

/**
 * Puts an unconfirmed credential into use. The product's backend calls this with the handle that the browser of its signed-in
 * user brought back.
 * @throws InvalidInputError; ForbiddenError; NotFoundError for a handle that is unknown or was used; ConflictError when it
 * has expired; ScopeMismatchError when connecting was started for another end user
 */
export async function confirmConnection(
  deps: ConnectionDeps,
  caller: Caller,
  confirmation: Confirmation,
): Promise<Connection> {
  const { handle, displayName, endUserId, endUserExternalId } = confirmation
  const check = checkInput()
  checkConnectionFields(check, { displayName, endUserId, endUserExternalId })
  check.done()
  if (!isOneTimeSecret(handle)) throw unknownHandle()
  const confirm = async (tx: Tx): Promise<Connection> => {
    const [pending] = await takePending(
      tx,
      'p.handle_hash = $1::bytea AND ($2::uuid IS NULL OR p.workspace_id = $2::uuid)',
      [hashOneTimeSecret(handle), caller.workspaceId],
    )
    if (pending === undefined || !seesIntegration(caller, pending.integration_id)) throw unknownHandle()
    assertConfirms(caller, pending.workspace_id)
    const target = { type: 'Connection', id: pending.connection_id, workspaceId: pending.workspace_id } as const
    nameAuditTarget(target)
    if (pending.expired) {
      throw new ConflictError('This handle has expired. Connect again, with startOAuth or a new connect session.')
    }
    await holdIntegration(tx, { id: pending.integration_id })
    const connection = await tx.prisma.connection.findUnique({
      where: { id: pending.connection_id, deletedAt: null },
      include: { integration: true },
    })
    if (connection === null) throw unknownHandle()
    const { integration, ...row } = connection
    await recordAudit(tx, target)
    return activateConnection(tx, deps, row, integration, {
      stored: openPending(deps.vault, pending),
      refreshExpiresAt: pending.refresh_expires_at,
      input: pending.input,
      kept: pending.kept,
      unproven: pending.unproven,
      displayName: displayName ?? pending.display_name,
      endUserId: await claimForNamed(tx, row, confirmation),
      connectSessionId: pending.connect_session_id,
    })
  }
  try {
    return await conflictOn(() => deps.database.transaction(confirm), CONCURRENT_FLOW)
  } catch (error) {
    if (!(error instanceof StoredCredentialError)) throw error
    const message = 'The definition of the integration has changed and no longer fits this credential. Connect again.'
    throw new ConflictError(message, { cause: error })
  }
}

/** Message of the ConflictError when two flows connect the same connection at once. */
export const CONCURRENT_FLOW = 'Another flow is connecting this connection at the same time.'

/** Deletes and returns unconfirmed credentials, so that only one caller gets each. A rollback restores them. */
function takePending(tx: Tx, where: string, values: readonly unknown[]): Promise<PendingRow[]> {
  return tx.query<PendingRow>(
    `DELETE FROM pending_credential p USING connection c WHERE c.id = p.connection_id AND ${where}
     RETURNING p.connection_id, p.workspace_id, c.integration_id, p.connect_session_id, p.sealed, p.version, p.input, p.kept,
       p.unproven, p.display_name, p.refresh_expires_at, p.expires_at <= clock_timestamp() AS expired`,
    values,
  )
}

const anyStored = z.union(Object.values(storedSchemas))

function openPending(vault: Vault, pending: PendingRow): StoredCredential {
  const { workspace_id: workspaceId, connection_id: connectionId, version, sealed } = pending
  return readStored(anyStored, vault.open(sealed, pendingIdentity(workspaceId, connectionId, version)))
}

/** The same message for a handle that never existed, was used, was erased, or belongs to another workspace. */
function unknownHandle(): NotFoundError {
  return new NotFoundError(
    'There is no such handle: it was used, or it has expired. Connect again, with startOAuth or a new connect session.',
  )
}

/** The end user who, according to the product's backend, is signed in at the returning browser. At most one is set. */
interface NamedEndUser {
  endUserId: string | null
  endUserExternalId: string | null
}

/**
 * Checks that the caller may confirm connections. Only the product's backend may. An end user may not, because a user who
 * was sent somebody else's link would confirm it.
 * @throws NotFoundError for another workspace; ForbiddenError
 */
export function assertConfirms(caller: Caller, workspaceId: string): void {
  if (caller.workspaceId === workspaceId && caller.endUserId !== null) {
    throw new ForbiddenError(
      "An end user cannot confirm a connection. Send the handle to the product's backend, which confirms with an API key of the workspace (role ADMIN) and names the end user who is signed in.",
    )
  }
  assertWrites(caller, workspaceId, 'connection')
}

type ClaimableConnection = Pick<Connection, 'workspaceId' | 'endUserId' | 'status'>

/**
 * Compares the named end user with the one for whom connecting was started, so that a user who follows somebody else's link
 * does not give away their account. A PENDING connection without an end user is given to the named one.
 * @returns id of the connection's new end user, who is created when the external id is new; null when it keeps its end user
 * @throws InvalidInputError when no end user is named but the connection has one; NotFoundError; ScopeMismatchError
 */
export async function claimForNamed(
  tx: Tx,
  connection: ClaimableConnection,
  named: NamedEndUser,
): Promise<string | null> {
  const { workspaceId } = connection
  const { endUserId, endUserExternalId } = named
  assertNamed(connection, named)
  if (endUserId === null && endUserExternalId === null) return null
  if (isUnowned(connection)) {
    if (endUserExternalId !== null) return ensureEndUser(tx, workspaceId, endUserExternalId)
    await holdEndUser(tx, workspaceId, endUserId ?? '')
    return endUserId
  }
  await assertSameEndUser(tx, connection, named)
  return null
}

/**
 * The checks of `claimForNamed` without writing anything. Called before a state is consumed, so that a wrong call does not
 * cost the user another consent.
 * @throws what `claimForNamed` throws
 */
export async function checkNamed(
  { prisma }: Pick<Database, 'prisma'>,
  connection: ClaimableConnection,
  named: NamedEndUser,
): Promise<void> {
  const { endUserId, endUserExternalId } = named
  assertNamed(connection, named)
  if (endUserId === null && endUserExternalId === null) return
  if (!isUnowned(connection)) return assertSameEndUser({ prisma }, connection, named)
  if (endUserId !== null && (await findNamed({ prisma }, connection, named)) === null) throw notFound('end user')
}

function assertNamed({ endUserId: owner }: ClaimableConnection, { endUserId, endUserExternalId }: NamedEndUser): void {
  if (owner === null || endUserId !== null || endUserExternalId !== null) return
  const message = 'Name the end user who is signed in at the browser: endUserId or endUserExternalId.'
  throw new InvalidInputError([{ path: ['input', 'endUserId'], message }])
}

function isUnowned({ endUserId, status }: ClaimableConnection): boolean {
  return endUserId === null && status === 'PENDING'
}

type EndUserReader = { prisma: Pick<Tx['prisma'], 'endUser'> }

function findNamed(
  { prisma }: EndUserReader,
  { workspaceId }: ClaimableConnection,
  { endUserId, endUserExternalId }: NamedEndUser,
): Promise<{ id: string } | null> {
  const where = { workspaceId, ...(endUserId === null ? { externalId: endUserExternalId ?? '' } : { id: endUserId }) }
  return prisma.endUser.findFirst({ where, select: { id: true } })
}

async function assertSameEndUser(
  reader: EndUserReader,
  connection: ClaimableConnection,
  named: NamedEndUser,
): Promise<void> {
  const { endUserId: owner } = connection
  const found = await findNamed(reader, connection, named)
  if (found === null && named.endUserId !== null) throw notFound('end user')
  if (found !== null && found.id === owner) return
  const problem = owner === null ? 'belongs to no end user' : 'was started for another end user'
  throw new ScopeMismatchError(
    `This connection ${problem}. It was not connected. Let the right person connect it again.`,
  )
}
