import { type Caller, notFound } from '../access/caller.ts'
import { checkConnectionInput } from '../auth/check-fields.ts'
import { definitionOf } from '../catalog/catalog.ts'
import { isRecord } from '../catalog/template/value.ts'
import { credentialColumns, toJsonColumn } from '../credentials/credential-store.ts'
import type { Tx } from '../db/database.ts'
import { type Connection, type Integration, Prisma } from '../db/generated/client.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { ConflictError } from '../kit/errors.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { credentialIdentity } from '../vault/identities.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import type { ConnectDeps } from './deps.ts'
import { findWritableConnection } from './lookups.ts'
import {
  checkAuthProvider,
  checkNewCredential,
  type KnownOfCredential,
  methodOf,
  type NewStoredCredential,
  openNewCredential,
} from './new-credential.ts'

interface CredentialReplacement {
  connectionId: string
  credential: CredentialInput
  /** Undefined or null keeps the stored input; an object replaces it as a whole. */
  input?: unknown
}

/** Between our look at the version and our write, a renewal may have stored a newer one: then we look again. */
const ATTEMPTS = 5

/**
 * Gives a connection another credential, checked as in `createConnection`. It wins over a renewal that is under way, which
 * finds the version gone. A connection that needed it is ACTIVE again; one that is disabled stays so.
 * @throws InvalidInputError; NotFoundError; ForbiddenError; UnsupportedError; ConflictError when the connection was never
 * connected
 */
export async function replaceCredential(
  deps: ConnectDeps,
  caller: Caller,
  { connectionId, credential, input }: CredentialReplacement,
): Promise<Connection> {
  const connection = await findWritableConnection(deps.database, caller, connectionId)
  if (connection.status === 'PENDING') {
    throw new ConflictError(
      'This connection is not connected yet. Finish connecting it, or delete it and create another.',
    )
  }
  const { integrationId } = connection
  const integration = await deps.database.prisma.integration.findUnique({
    where: { id: integrationId, deletedAt: null },
  })
  if (integration === null) throw notFound('connection')
  const check = checkInput()
  await checkAuthProvider(deps.database, caller, connection.workspaceId, credential, check)
  const checked = checkReplacement(deps, check, integration, connection, credential, input)
  const method = methodOf(credential)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const replaced = await deps.database.transaction((tx) =>
      replaceStored(tx, deps, connection, { ...checked, method }),
    )
    if (replaced !== null) return replaced
  }
  throw new ConflictError('The credential of this connection is being replaced by others all the time. Try again.')
}

interface Checked {
  stored: NewStoredCredential
  opened: KnownOfCredential
  values: Record<string, string>
}

/** @throws InvalidInputError with everything that is wrong; UnsupportedError */
function checkReplacement(
  { customStrategies }: ConnectDeps,
  check: InputCheck,
  integration: Integration,
  connection: Connection,
  credential: CredentialInput,
  input: unknown,
): Checked {
  const definition = definitionOf(integration)
  const hasOAuthClient = integration.oauthClientId !== null
  const stored = check.part(() => checkNewCredential(definition.auth, credential, { hasOAuthClient, customStrategies }))
  // The stored input is checked too: the definition may have changed since.
  const values = check.part(() => checkConnectionInput(definition, input ?? connection.input))
  check.done()
  if (stored === undefined || values === undefined) throw new Error('A check that fails must say why.')
  const kept = isRecord(connection.kept) ? connection.kept : {}
  const context = { input: values, kept }
  const opened = openNewCredential(definition.auth, stored, context, { hasOAuthClient, customStrategies })
  return { stored, opened, values }
}

/** What takes the place of a stored credential. */
interface Replacement extends Omit<Checked, 'values'> {
  values: Record<string, unknown>
  method: Connection['method']
  /** What else changes of the connection. */
  also?: { displayName?: string; kept?: Record<string, unknown> }
  /** What the provider told of the account before and tells otherwise now: then it is another account. Default: nothing. */
  changed?: readonly string[]
}

/**
 * Writes another credential in place of the stored one, in the caller's transaction.
 * @returns null when somebody else has written the credential since it was looked at
 */
export async function replaceStored(
  tx: Tx,
  deps: ConnectDeps,
  { id: connectionId, workspaceId }: Pick<Connection, 'id' | 'workspaceId'>,
  { stored, opened, values, method, also: { kept, ...also } = {}, changed = [] }: Replacement,
): Promise<Connection | null> {
  const row = await tx.prisma.credential.findUnique({ where: { connectionId }, select: { version: true } })
  // Only what was never connected has none, and what is just being deleted.
  if (row === null) throw notFound('connection')
  const version = row.version + 1
  const { count } = await tx.prisma.credential.updateMany({
    where: { connectionId, version: row.version },
    data: {
      version,
      type: stored.type,
      sealed: deps.vault.seal(toJsonColumn(stored), credentialIdentity(workspaceId, connectionId, version)),
      keyId: deps.vault.currentKeyId,
      ...NEVER_RENEWED,
      ...credentialColumns(connectionId, opened),
    },
  })
  if (count === 0) return null
  // The credential before the connection: the order in which a renewal locks them.
  const [before] = await tx.query<{ status: Connection['status'] }>(
    'SELECT status::text AS status FROM connection WHERE id = $1::uuid AND deleted_at IS NULL FOR NO KEY UPDATE',
    [connectionId],
  )
  if (before === undefined) throw notFound('connection')
  const heals = before.status === 'NEEDS_REAUTH' || before.status === 'ERROR'
  const connection = await tx.prisma.connection.update({
    where: { id: connectionId },
    data: {
      method,
      input: values as object,
      statusReason: null,
      ...also,
      ...(kept === undefined ? {} : { kept: kept as object }),
      ...(heals ? { status: 'ACTIVE' as const } : {}),
      ...(before.status === 'DISABLED' ? { resumeStatus: 'ACTIVE' as const } : {}),
    },
  })
  const payload = changed.length === 0 ? {} : { payload: { changed: [...changed] } }
  const events: NewEvent[] = [{ type: 'CREDENTIAL_REPLACED', connectionId, ...payload }]
  if (heals) events.push({ type: 'CONNECTION_ACTIVATED', connectionId })
  await appendEvents(tx, deps.bus, workspaceId, events)
  return connection
}

/** What is known of the renewals of a credential that has had none. */
const NEVER_RENEWED = {
  lastRefreshedAt: null,
  failedRefreshes: 0,
  lastError: Prisma.DbNull,
  attemptId: null,
  attemptAt: null,
  previousAttemptId: null,
}
