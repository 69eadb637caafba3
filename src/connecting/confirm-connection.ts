import { z } from 'zod'
import type { Caller } from '../access/caller.ts'
import { readStored, type StoredCredential, StoredCredentialError, storedSchemas } from '../auth/stored-credential.ts'
import { holdIntegration } from '../connections/connections.ts'
import type { ConnectDeps } from '../connections/deps.ts'
import { toJsonColumn } from '../credentials/credential-store.ts'
import type { Tx } from '../db/database.ts'
import type { Connection } from '../db/generated/client.ts'
import type { Row } from '../db/sql.ts'
import { conflictOn } from '../db/violations.ts'
import { ConflictError, NotFoundError } from '../kit/errors.ts'
import { hashOneTimeSecret, isOneTimeSecret, newOneTimeSecret } from '../kit/ids.ts'
import { checkInput } from '../kit/input.ts'
import { pendingIdentity } from '../vault/identities.ts'
import { activateConnection } from './activate-connection.ts'
import { assertConfirms, checkNamedEndUser, namedEndUser } from './confirming-end-user.ts'

/** How long a credential waits for its confirmation. */
const CONFIRM_WITHIN_SECONDS = 600

/** A credential that a person brought through a browser. */
interface BroughtCredential {
  connection: { id: string; workspaceId: string }
  stored: StoredCredential
  /** By the definition's inputFields, checked. */
  input: Record<string, unknown>
  /** What the provider told. */
  kept: Record<string, unknown>
  /** For the connection, once it is confirmed; null keeps its name. */
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
  display_name: string | null
  expired: boolean
}

/**
 * Keeps a credential until the product's backend confirms whose it is; until then it cannot be used. An earlier one of the
 * same connection gives way. It is not revoked: at many providers that ends all that the account has granted to the client,
 * the new one included.
 * @returns the handle that goes back with the browser, and nowhere else: only its hash is stored
 */
export async function keepPending(
  tx: Tx,
  deps: Pick<ConnectDeps, 'vault'>,
  { connection, stored, input, kept, displayName, connectSessionId }: BroughtCredential,
): Promise<{ handle: string; expiresAt: Date }> {
  const { id: connectionId, workspaceId } = connection
  const [earlier] = await takePending(tx, 'p.connection_id = $1::uuid', [connectionId])
  const { secret: handle, hash } = newOneTimeSecret()
  const version = (earlier?.version ?? 0) + 1
  const [row] = await tx.query<{ expires_at: Date }>(
    `INSERT INTO pending_credential (connection_id, workspace_id, connect_session_id, handle_hash, sealed, key_id, version,
       input, kept, display_name, expires_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::bytea, $6::text, $7::int, $8::jsonb, $9::jsonb, $10::text,
       clock_timestamp() + $11::int * interval '1 second')
     RETURNING expires_at`,
    [
      ...[connectionId, workspaceId, connectSessionId, hash],
      deps.vault.seal(toJsonColumn(stored), pendingIdentity(workspaceId, connectionId, version)),
      ...[deps.vault.currentKeyId, version, JSON.stringify(input), JSON.stringify(kept), displayName],
      CONFIRM_WITHIN_SECONDS,
    ],
  )
  if (row === undefined) throw new Error('An insert returned no row.')
  return { handle, expiresAt: row.expires_at }
}

interface Confirmation {
  handle: string
  /** At most one of the two: who is sitting at the browser that brought the handle. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Null: the name that was chosen when connecting began. */
  displayName: string | null
}

/**
 * Puts a pending credential into use. The caller is the product's backend, and says whose browser brought it the handle.
 * @throws InvalidInputError, ForbiddenError; NotFoundError for a handle that is not known or was used; ConflictError when it
 * has expired; ScopeMismatchError when the flow was begun for somebody else
 */
export async function confirmConnection(
  deps: ConnectDeps,
  caller: Caller,
  confirmation: Confirmation,
): Promise<Connection> {
  const check = checkInput()
  check.text(['input', 'displayName'], confirmation.displayName, 200)
  checkNamedEndUser(check, confirmation)
  check.done()
  const { handle } = confirmation
  if (!isOneTimeSecret(handle)) throw unknownHandle()
  const confirm = async (tx: Tx): Promise<Connection> => {
    const [pending] = await takePending(
      tx,
      'p.handle_hash = $1::bytea AND ($2::uuid IS NULL OR p.workspace_id = $2::uuid)',
      [hashOneTimeSecret(handle), caller.workspaceId],
    )
    if (pending === undefined) throw unknownHandle()
    assertConfirms(caller, pending.workspace_id)
    if (pending.expired) {
      throw new ConflictError(
        'This handle has expired. Start connecting again: with startOAuth or a new connect session.',
      )
    }
    await holdIntegration(tx, { id: pending.integration_id })
    const connection = await tx.prisma.connection.findUnique({
      where: { id: pending.connection_id, deletedAt: null },
      include: { integration: true },
    })
    if (connection === null) throw unknownHandle()
    const { integration, ...row } = connection
    return activateConnection(tx, deps, row, integration, {
      stored: openPending(deps, pending),
      input: pending.input,
      kept: pending.kept,
      displayName: confirmation.displayName ?? pending.display_name,
      endUserId: await namedEndUser(tx, row, confirmation),
      connectSessionId: pending.connect_session_id,
    })
  }
  try {
    return await conflictOn(
      () => deps.database.transaction(confirm),
      'This connection is being connected by another flow.',
    )
  } catch (error) {
    if (!(error instanceof StoredCredentialError)) throw error
    const message =
      'The definition of the integration was changed meanwhile, and this credential does not fit it any more.'
    throw new ConflictError(`${message} Start connecting again.`, { cause: error })
  }
}

/** Removes it: whoever removes it, has it. When the transaction fails it is there again. */
function takePending(tx: Tx, where: string, values: readonly unknown[]): Promise<PendingRow[]> {
  return tx.query<PendingRow>(
    `DELETE FROM pending_credential p USING connection c WHERE c.id = p.connection_id AND ${where}
     RETURNING p.connection_id, p.workspace_id, c.integration_id, p.connect_session_id, p.sealed, p.version, p.input, p.kept,
       p.display_name, p.expires_at <= clock_timestamp() AS expired`,
    values,
  )
}

function openPending({ vault }: Pick<ConnectDeps, 'vault'>, pending: PendingRow): StoredCredential {
  const { workspace_id: workspaceId, connection_id: connectionId, version, sealed } = pending
  return readStored(anyStored, vault.open(sealed, pendingIdentity(workspaceId, connectionId, version)))
}

const anyStored = z.union(Object.values(storedSchemas))

/** One wording for what was never there, was used, has been erased, and is another workspace's. */
function unknownHandle(): NotFoundError {
  return new NotFoundError(
    'There is no such handle: it was used, or it has expired. Start connecting again, with startOAuth or a new connect session.',
  )
}
