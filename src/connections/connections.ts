import { recordAudit } from '../access/audit.ts'
import { assertScope, type Caller, notFound, seesIntegration } from '../access/caller.ts'
import { MAX_EXTERNAL_ID } from '../access/token-end-user.ts'
import { checkConnectionInput } from '../auth/check-fields.ts'
import { definitionOf, findProvider } from '../catalog/catalog.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { extraDigests, insertCredential, type OpenedCredential } from '../credentials/credential-store.ts'
import { assertUnspent } from '../credentials/refresh-token-hash.ts'
import type { Tx } from '../db/database.ts'
import type { Connection, ConnectionMethod, ConnectionStatus, Integration } from '../db/generated/client.ts'
import { databaseNow, type SqlRunner } from '../db/sql.ts'
import { conflictOn } from '../db/violations.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { createSyncJob } from '../sync/jobs/sync-jobs.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import {
  assertReceivesAccount,
  checkAuthProvider,
  checkNewCredential,
  methodOf,
  type NewStoredCredential,
  openNewCredential,
} from './connection-credential.ts'
import type { ConnectionDeps } from './connection-deps.ts'
import { ensureEndUser } from './end-users.ts'
import { findConnectableWorkspace, holdEndUser, holdIntegration, restrictToOwnEndUser } from './lookups.ts'
import { hasCommonClient } from './registered-clients.ts'
import { EXTERNAL_ID, unprovenCredential, unprovenInputs } from './unproven.ts'
import { assertUnmoved } from './withdraw-credentials.ts'

export interface ConnectionInput {
  workspaceId: string
  /** Exactly one of the two slugs is set: of an integration of the workspace, or of a provider of the catalogue. */
  integration: string | null
  provider: string | null
  displayName: string | null
  externalId: string | null
  /** At most one of endUserId and endUserExternalId is set. */
  endUserId: string | null
  endUserExternalId: string | null
  collection: string | null
  credential: CredentialInput
  input: unknown
  metadata: unknown
  syncImmediately: boolean
}

/**
 * Creates a connection from a credential that the caller already holds. The provider is not asked whether the credential
 * is valid. One transaction writes the connection, its credential, a new end user or collection, the events and, with
 * `syncImmediately`, the first sync job.
 * @throws InvalidInputError, NotFoundError, ForbiddenError, UnsupportedError; ConflictError for a taken externalId, and for a
 * refresh token that Latchkey has already used
 */
export async function createConnection(
  deps: ConnectionDeps,
  caller: Caller,
  requested: ConnectionInput,
): Promise<{ connection: Connection; syncJobId: string | null }> {
  const check = checkInput()
  checkConnectionFields(check, requested)
  checkIntegrationChoice(check, requested)
  await findConnectableWorkspace(deps.database, caller, requested.workspaceId)
  if (requested.syncImmediately) assertScope(caller, 'SYNC')
  const input = await restrictToOwnEndUser(deps.database, caller, requested)
  const { customStrategies } = deps
  const account = await checkAuthProvider(deps.database, caller, input.workspaceId, input.credential, check)
  const now = await databaseNow(deps.database.sql)
  const examine = (definition: IntegrationDefinition, hasOAuthClient: boolean) => {
    const { auth } = definition
    const options = { hasOAuthClient, customStrategies }
    const stored = check.part(() => checkNewCredential(auth, input.credential, now, options))
    const values = check.part(() => checkConnectionInput(definition, input.input ?? {}))
    check.done()
    if (stored === undefined || values === undefined) throw new Error('A failed check was not reported.')
    return { stored, values, opened: openNewCredential(auth, stored, { input: values, kept: {} }, options) }
  }
  return withIntegration(deps, caller, input, (integration, enable) => {
    const definition = definitionOf(integration)
    const { stored, values, opened } = examine(definition, hasCommonClient(integration))
    assertReceivesAccount(account, { provider: integration.provider, definition }, values)
    const byEndUser = caller.endUserId !== null
    const unproven = [
      ...(byEndUser && input.externalId !== null ? [EXTERNAL_ID] : []),
      ...unprovenInputs(null, { byEndUser, given: true, values, definition }),
      ...unprovenCredential(byEndUser, extraDigests(stored), definition),
    ]
    return conflictOn(
      () =>
        deps.database.transaction(async (tx) => {
          await enable(tx)
          await holdIntegration(tx, integration)
          await assertUnmoved(tx, integration)
          const { refreshToken } = opened
          await assertUnspent(tx, deps.vault, caller, {
            workspaceId: input.workspaceId,
            connectionId: null,
            refreshToken,
          })
          const connection = await insertConnection(tx, deps, integration, {
            ...input,
            method: methodOf(input.credential),
            input: values,
            unproven,
            credential: { stored, opened, now, supplied: true },
          })
          const { id: connectionId, workspaceId } = connection
          await recordAudit(tx, { type: 'Connection', id: connectionId, workspaceId })
          const job = input.syncImmediately
            ? await createSyncJob(tx, deps, { workspaceId, connectionId, definition, trigger: 'ON_CREATE' })
            : null
          return { connection, syncJobId: job?.syncJobId ?? null }
        }),
      'A connection with this externalId already exists at this integration. Choose another externalId.',
    )
  })
}

const MAX_DISPLAY_NAME = 200
const MAX_COLLECTION_NAME = 200

/** The fields that inputs about connections have in common; each input has some of them. */
interface ConnectionFields {
  displayName?: string | null | undefined
  externalId?: string | null
  endUserId?: string | null
  endUserExternalId?: string | null
  collection?: string | null | undefined
  metadata?: unknown
}

/** Checks the common fields of an input about a connection, as far as that is possible without the database. */
export function checkConnectionFields(check: InputCheck, input: ConnectionFields): void {
  const { endUserId = null, endUserExternalId = null } = input
  check.text(['input', 'displayName'], input.displayName, MAX_DISPLAY_NAME)
  check.text(['input', 'externalId'], input.externalId, MAX_EXTERNAL_ID)
  check.text(['input', 'endUserExternalId'], endUserExternalId, MAX_EXTERNAL_ID)
  check.text(['input', 'collection'], input.collection, MAX_COLLECTION_NAME)
  check.object(['input', 'metadata'], input.metadata)
  if (endUserId !== null && endUserExternalId !== null) {
    check.wrong(['input', 'endUserId'], 'Give at most one of endUserId and endUserExternalId.')
  }
}

/** Everything else is checked against the integration, so an unclear choice ends the check. @throws InvalidInputError */
export function checkIntegrationChoice(
  check: InputCheck,
  { integration, provider }: Pick<ConnectionInput, 'integration' | 'provider'>,
): void {
  if ((integration === null) !== (provider === null)) return
  check.wrong(['input', 'integration'], 'Give exactly one of integration and provider.')
  check.done()
}

/** Enables the integration in the transaction that uses it. Does nothing for an integration that exists already. */
type EnableIntegration = (tx: Tx) => Promise<void>

type IntegrationChoice = Pick<ConnectionInput, 'workspaceId' | 'integration' | 'provider'>

/**
 * Runs `use` with the integration that an input names. A provider of the catalogue that the workspace has not enabled yet gets
 * an integration with its defaults. Its row does not exist before `use` calls `enable`, in the transaction that writes the
 * rest, so that a refused call leaves no integration behind.
 * @param use runs again when a concurrent request enables the provider first
 * @throws NotFoundError when there is no such integration or provider; the errors of `use`
 */
export async function withIntegration<T>(
  deps: Pick<ConnectionDeps, 'database' | 'sandbox'>,
  caller: Caller,
  input: IntegrationChoice,
  use: (integration: Integration, enable: EnableIntegration) => Promise<T>,
): Promise<T> {
  try {
    return await useIntegration(deps, caller, input, use)
  } catch (error) {
    if (!(error instanceof EnabledMeanwhileError)) throw error
    return useIntegration(deps, caller, input, use)
  }
}

class EnabledMeanwhileError extends Error {
  override readonly name = 'EnabledMeanwhileError'
}

async function useIntegration<T>(
  deps: Pick<ConnectionDeps, 'database' | 'sandbox'>,
  caller: Caller,
  { workspaceId, provider, integration }: IntegrationChoice,
  use: (integration: Integration, enable: EnableIntegration) => Promise<T>,
): Promise<T> {
  const slug = integration ?? provider ?? ''
  const where = { workspaceId_slug: { workspaceId, slug }, deletedAt: null }
  const stored = await deps.database.prisma.integration.findUnique({ where })
  const found = stored === null || seesIntegration(caller, stored.id) ? stored : null
  if (found !== null && (provider === null || found.provider === provider)) return use(found, async () => undefined)
  const entry = provider === null ? null : findProvider(provider, deps)
  if (entry === null || found !== null) throw notFound(provider === null ? 'integration' : 'provider')
  // Only the workspace may enable integrations, not its end users and not a key that would not see the new one.
  if (caller.endUserId !== null || caller.integrationIds !== undefined) throw notFound('integration')
  assertScope(caller, 'ADMIN')
  const now = new Date()
  const enabled: Integration = {
    ...{ id: newId(), workspaceId, slug, displayName: entry.definition.displayName, provider: entry.slug },
    ...{ definition: null, oauthClientId: null, oauthRedirectUrl: null, oauthScopes: [], oauthClientHosts: [] },
    ...{ oauthRegistration: null, createdAt: now, updatedAt: now, deletedAt: null },
  }
  return use(enabled, async (tx) => {
    const data = [{ ...enabled, definition: undefined, oauthRegistration: undefined }]
    const { count } = await tx.prisma.integration.createMany({ data, skipDuplicates: true })
    if (count === 0) throw new EnabledMeanwhileError('A concurrent request has enabled this provider.')
  })
}

interface NewConnection {
  method: ConnectionMethod
  /** At most one of endUserId and endUserExternalId is set. */
  endUserId: string | null
  /** External id of an end user, who is created when new. */
  endUserExternalId?: string | null
  /** Null: the name of the integration. */
  displayName: string | null
  externalId: string | null
  /** Name of a collection, which is created when new. */
  collection: string | null
  metadata?: unknown
  /** Values of the definition's inputFields, checked. */
  input: Record<string, unknown>
  /** See `unproven.ts`. */
  unproven: readonly string[]
  /** With a credential the connection is ACTIVE, without one PENDING. */
  credential?: { stored: NewStoredCredential; opened: OpenedCredential; now: Date; supplied: boolean }
  /** Writes the rows that depend on the connection, before the events are appended. */
  insertDependents?: (connection: Connection) => Promise<void>
}

/**
 * Inserts a connection with its end user, its collection, its credential and its events. Every way to connect an account
 * goes through this function. The caller must hold the integration (`holdIntegration`) and must lock nothing afterwards
 * that others lock before the event log.
 * @throws NotFoundError when the end user does not exist
 */
export async function insertConnection(
  tx: Tx,
  { bus, vault }: Pick<ConnectionDeps, 'bus' | 'vault'>,
  integration: Pick<Integration, 'id' | 'workspaceId' | 'displayName'>,
  { credential, insertDependents, ...values }: NewConnection,
): Promise<Connection> {
  const { workspaceId } = integration
  const { endUserExternalId = null, collection } = values
  if (values.endUserId !== null) await holdEndUser(tx, workspaceId, values.endUserId)
  const endUserId =
    endUserExternalId === null ? values.endUserId : await ensureEndUser(tx, workspaceId, endUserExternalId)
  const connection = await tx.prisma.connection.create({
    data: {
      id: newId(),
      workspaceId,
      integrationId: integration.id,
      endUserId,
      collectionId: collection === null ? null : await ensureCollection(tx, workspaceId, collection),
      displayName: values.displayName ?? integration.displayName,
      externalId: values.externalId,
      status: credential === undefined ? 'PENDING' : 'ACTIVE',
      method: values.method,
      metadata: (values.metadata ?? {}) as object,
      input: values.input as object,
      unproven: [...new Set(values.unproven)],
      recordIds: 2,
    },
  })
  const { id: connectionId } = connection
  const events: NewEvent[] = [{ type: 'CONNECTION_CREATED', connectionId }]
  if (credential !== undefined) {
    await insertCredential(tx, vault, { connectionId, workspaceId, ...credential })
    events.push({ type: 'CONNECTION_ACTIVATED', connectionId })
  }
  await insertDependents?.(connection)
  await appendEvents(tx, bus, workspaceId, events)
  return connection
}

/** Id of the workspace's collection with this name, which is created when new. */
export async function ensureCollection(sql: SqlRunner, workspaceId: string, name: string): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    `INSERT INTO collection AS t (id, workspace_id, name) VALUES ($1::uuid, $2::uuid, $3::text)
     ON CONFLICT (workspace_id, name) DO UPDATE SET name = t.name RETURNING t.id`,
    [newId(), workspaceId, name],
  )
  if (row === undefined) throw new Error('An upsert returned no row.')
  return row.id
}

const STATUSES = [
  'PENDING',
  'ACTIVE',
  'ERROR',
  'NEEDS_REAUTH',
  'DISABLED',
] as const satisfies readonly ConnectionStatus[]

/** The number of connections of all workspaces by status, for metrics. */
export async function countConnections(sql: SqlRunner): Promise<[status: string, count: number][]> {
  const rows = await sql.query<{ status: ConnectionStatus; count: number }>(
    'SELECT status::text AS status, count(*)::int AS count FROM connection WHERE deleted_at IS NULL GROUP BY 1',
  )
  return STATUSES.map((status) => [status.toLowerCase(), rows.find((row) => row.status === status)?.count ?? 0])
}
