import { recordAudit } from '../access/audit.ts'
import { assertNotLimited, type Caller, notFound } from '../access/caller.ts'
import { checkCredential } from '../auth/check-credential.ts'
import { checkConnectionInput } from '../auth/check-fields.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { revealingReads, unsuitableAuth } from '../auth/external/account-definition.ts'
import { accountReceivers, unnamedHost } from '../auth/external/account-receivers.ts'
import { strategyOf } from '../auth/registry.ts'
import type { StoredAuthProvider, StoredCredential } from '../auth/stored-credential.ts'
import type { ConnectionContext } from '../auth/strategy.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { renderUrl } from '../catalog/template/url-template.ts'
import { isRecord, TemplateError } from '../catalog/template/value.ts'
import {
  credentialColumns,
  extraDigests,
  type OpenedCredential,
  toJsonColumn,
} from '../credentials/credential-store.ts'
import { assertUnspent } from '../credentials/refresh-token-hash.ts'
import type { Database, Tx } from '../db/database.ts'
import { type Connection, type ConnectionMethod, type Integration, Prisma } from '../db/generated/client.ts'
import { databaseNow } from '../db/sql.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { ConflictError, ForbiddenError, InvalidInputError, UnsupportedError } from '../kit/errors.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { credentialIdentity } from '../vault/identities.ts'
import { type CredentialInput, givenKinds } from '../wire/credential-fields.ts'
import type { ConnectionDeps } from './connection-deps.ts'
import { findWritableConnection } from './lookups.ts'
import { hasCommonClient } from './registered-clients.ts'
import { unprovenAfter, unprovenCredential, unprovenInputs } from './unproven.ts'
import { assertUnmoved } from './withdraw-credentials.ts'

export type NewStoredCredential = StoredCredential | StoredAuthProvider

interface CredentialOptions {
  hasOAuthClient: boolean
  customStrategies: CustomStrategies
}

const PATH = ['input', 'credential']
const MAX_ACCOUNT_ID = 500

/**
 * Checks a credential of an input and returns the form in which it is stored.
 * @param now time of the database's clock. A lifetime in the input counts from it
 * @throws InvalidInputError, UnsupportedError
 */
export function checkNewCredential(
  auth: Auth,
  credential: CredentialInput,
  now: Date,
  options: CredentialOptions,
): NewStoredCredential {
  const { authProvider } = credential
  if (authProvider == null || givenKinds(credential).length !== 1) {
    return checkCredential(auth, credential, now, options)
  }
  const problem = unsuitableAuth(auth)
  if (problem !== undefined) throw new UnsupportedError(problem)
  return { type: 'auth_provider', provider: authProvider.provider, accountId: authProvider.accountId }
}

/** Opens a checked credential. No request is sent. */
export function openNewCredential(
  auth: Auth,
  stored: NewStoredCredential,
  context: ConnectionContext,
  { hasOAuthClient, customStrategies }: CredentialOptions,
): OpenedCredential {
  if (stored.type === 'auth_provider') return { refreshable: false, scopes: [] }
  return strategyOf(auth, customStrategies).open(stored, { ...context, hasOAuthClient })
}

/**
 * Checks the auth provider that a credential refers to. End users cannot refer to one, because they could name another
 * user's account. A key that is limited to integrations cannot either, because its accounts can be of others.
 * @returns where its credentials may be sent; null when the credential refers to none, or to one that does not exist
 * @throws ForbiddenError
 */
export async function checkAuthProvider(
  database: Database,
  caller: Caller,
  workspaceId: string,
  { authProvider }: CredentialInput,
  check: InputCheck,
): Promise<{ hosts: readonly string[] } | null> {
  if (authProvider == null) return null
  if (caller.endUserId !== null) {
    throw new ForbiddenError('Only an API key of the workspace can connect an account of an auth provider.')
  }
  assertNotLimited(caller)
  const { provider: name, accountId } = authProvider
  check.text([...PATH, 'authProvider', 'accountId'], accountId, MAX_ACCOUNT_ID)
  const where = { workspaceId_name: { workspaceId, name } }
  const found = await database.prisma.authProvider.findUnique({ where, select: { hosts: true } })
  if (found === null) {
    check.wrong([...PATH, 'authProvider', 'provider'], 'The workspace has no auth provider with this name.')
  }
  return found
}

/**
 * Checks that the credential of an account at an auth provider may be sent to an integration, whose definition must not show it. Each
 * use is checked again, because the definition can change.
 * @param account result of `checkAuthProvider`; null: the credential refers to no account
 * @param input checked values of the connection
 * @throws InvalidInputError
 */
export function assertReceivesAccount(
  account: { hosts: readonly string[] } | null,
  { provider, definition }: { provider: string | null; definition: IntegrationDefinition },
  input: Record<string, string>,
): void {
  if (account === null) return
  const path = [...PATH, 'authProvider', 'provider']
  const revealing = provider === null ? revealingReads(definition) : undefined
  if (revealing !== undefined) throw new InvalidInputError([{ path, message: revealing }])
  const mayReceive = accountReceivers({ ...account, provider, definition })
  let url: URL
  try {
    url = renderUrl(definition.baseUrl, { config: input, input, kept: {} })
  } catch (error) {
    // It depends on values that are not known yet.
    if (error instanceof TemplateError) return
    throw error
  }
  if (mayReceive(url)) return
  throw new InvalidInputError([{ path, message: unnamedHost(url.host) }])
}

export function methodOf(credential: CredentialInput): ConnectionMethod {
  const [kind] = givenKinds(credential)
  return kind === 'oauthToken' ? 'TOKEN_INJECTION' : kind === 'authProvider' ? 'AUTH_PROVIDER' : 'SECRET'
}

interface CredentialReplacement {
  connectionId: string
  credential: CredentialInput
  /** An object replaces the stored input as a whole; undefined or null keeps it. */
  input?: unknown
}

/** A concurrent refresh can store a newer version between the read and the write. The write is then tried again. */
const MAX_ATTEMPTS = 5

/**
 * Replaces the credential of a connection; it is checked as in `createConnection`. A refresh that is under way finds the
 * version changed and discards its result. NEEDS_REAUTH and ERROR become ACTIVE; a disabled connection stays disabled.
 * @throws InvalidInputError; NotFoundError; ForbiddenError; UnsupportedError; ConflictError when the connection is PENDING, and for
 * a refresh token that Latchkey has already used
 */
export async function replaceCredential(
  deps: Pick<ConnectionDeps, 'database' | 'bus' | 'vault' | 'customStrategies'>,
  caller: Caller,
  { connectionId, credential, input }: CredentialReplacement,
): Promise<Connection> {
  const connection = await findWritableConnection(deps.database, caller, connectionId)
  if (connection.status === 'PENDING') {
    throw new ConflictError(
      'This connection is not connected yet. Finish connecting it, or delete it and create another one.',
    )
  }
  const { integrationId } = connection
  const integration = await deps.database.prisma.integration.findUnique({
    where: { id: integrationId, deletedAt: null },
  })
  if (integration === null) throw notFound('connection')
  const check = checkInput()
  const account = await checkAuthProvider(deps.database, caller, connection.workspaceId, credential, check)
  const now = await databaseNow(deps.database.sql)
  const checked = checkReplacement(deps.customStrategies, check, integration, connection, { credential, input, now })
  const target = { provider: integration.provider, definition: definitionOf(integration) }
  assertReceivesAccount(account, target, checked.values)
  const method = methodOf(credential)
  const { workspaceId } = connection
  const { refreshToken } = checked.opened
  const byEndUser = caller.endUserId !== null
  const { definition } = target
  const unproven = [
    ...unprovenInputs(connection, { byEndUser, given: input != null, values: checked.values, definition }),
    ...unprovenCredential(byEndUser, extraDigests(checked.stored), definition),
  ]
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const replaced = await deps.database.transaction(async (tx) => {
      await assertUnmoved(tx, integration)
      await assertUnspent(tx, deps.vault, caller, { workspaceId, connectionId, refreshToken })
      const write = { ...checked, method, now, supplied: true, unproven }
      const written = await writeCredential(tx, deps, connection, write)
      if (written !== null) await recordAudit(tx, { type: 'Connection', id: connectionId, workspaceId })
      return written
    })
    if (replaced !== null) return replaced
  }
  throw new ConflictError('The credential of this connection keeps changing concurrently. Try again.')
}

interface CheckedCredential {
  stored: NewStoredCredential
  opened: OpenedCredential
  values: Record<string, string>
}

/** @throws InvalidInputError with every wrong field; UnsupportedError */
function checkReplacement(
  customStrategies: CustomStrategies,
  check: InputCheck,
  integration: Integration,
  connection: Connection,
  { credential, input, now }: Omit<CredentialReplacement, 'connectionId'> & { now: Date },
): CheckedCredential {
  const definition = definitionOf(integration)
  const options = { hasOAuthClient: hasCommonClient(integration), customStrategies }
  const stored = check.part(() => checkNewCredential(definition.auth, credential, now, options))
  // The stored input is checked again because the definition may have changed.
  const values = check.part(() => checkConnectionInput(definition, input ?? connection.input))
  check.done()
  if (stored === undefined || values === undefined) throw new Error('A failed check was not reported.')
  const kept = isRecord(connection.kept) ? connection.kept : {}
  const opened = openNewCredential(definition.auth, stored, { input: values, kept }, options)
  return { stored, opened, values }
}

interface CredentialWrite extends Omit<CheckedCredential, 'values'> {
  values: Record<string, unknown>
  method: Connection['method']
  /** Time of the database's clock. */
  now: Date
  /** When the refresh token expires, if the provider says so. */
  refreshExpiresAt?: Date | null | undefined
  /** True: the caller supplied the credential. False: Latchkey obtained it from the provider. */
  supplied: boolean
  /** Names of the inputs and of the values of the credential that are unproven (`unproven.ts`). */
  unproven: readonly string[]
  /** Other columns of the connection to change; undefined keeps the stored value. */
  also?: { displayName?: string; endUserId?: string; kept?: Record<string, unknown> }
  /** Names of `kept` values that changed, so that this may be another account. Default: none. */
  changed?: readonly string[]
}

/**
 * Overwrites the stored credential of a connection, in the caller's transaction.
 * @returns null when the credential was changed concurrently
 */
export async function writeCredential(
  tx: Tx,
  { bus, vault }: Pick<ConnectionDeps, 'bus' | 'vault'>,
  { id: connectionId, workspaceId }: Pick<Connection, 'id' | 'workspaceId'>,
  {
    stored,
    opened,
    values,
    method,
    now,
    refreshExpiresAt,
    supplied,
    unproven,
    also: { kept, ...also } = {},
    changed = [],
  }: CredentialWrite,
): Promise<Connection | null> {
  const row = await tx.prisma.credential.findUnique({ where: { connectionId }, select: { version: true } })
  // A connection that is not PENDING has no credential only while it is being deleted.
  if (row === null) throw notFound('connection')
  const version = row.version + 1
  const { count } = await tx.prisma.credential.updateMany({
    where: { connectionId, version: row.version },
    data: {
      version,
      type: stored.type,
      sealed: vault.seal(toJsonColumn(stored), credentialIdentity(workspaceId, connectionId, version)),
      keyId: vault.currentKeyId,
      ...NEVER_REFRESHED,
      ...credentialColumns(vault, { connectionId, workspaceId, opened, now, refreshExpiresAt, supplied }),
    },
  })
  if (count === 0) return null
  // A refresh locks the credential before the connection. The order here must be the same.
  const [before] = await tx.query<Pick<Connection, 'status' | 'unproven'>>(
    'SELECT status::text AS status, unproven FROM connection WHERE id = $1::uuid AND deleted_at IS NULL FOR NO KEY UPDATE',
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
      kept: kept as object | undefined,
      extra: extraDigests(stored),
      unproven: unprovenAfter(before.unproven, unproven),
      status: heals ? 'ACTIVE' : undefined,
      resumeStatus: before.status === 'DISABLED' ? 'ACTIVE' : undefined,
    },
  })
  const payload = changed.length === 0 ? undefined : { changed: [...changed] }
  const events: NewEvent[] = [{ type: 'CREDENTIAL_REPLACED', connectionId, payload }]
  if (heals) events.push({ type: 'CONNECTION_ACTIVATED', connectionId })
  await appendEvents(tx, bus, workspaceId, events)
  return connection
}

/** Columns of a credential that was never refreshed. */
const NEVER_REFRESHED = {
  lastRefreshedAt: null,
  failedRefreshes: 0,
  lastError: Prisma.DbNull,
  failedAt: null,
  failingSince: null,
  retryAt: null,
  claimedUntil: null,
  doubt: null,
  attemptId: null,
  attemptAt: null,
  previousAttemptId: null,
}
