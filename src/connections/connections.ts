import { type Caller, notFound } from '../access/caller.ts'
import { checkConnectionInput } from '../auth/check-fields.ts'
import { definitionOf, findCatalogEntry } from '../catalog/catalog.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { insertCredential } from '../credentials/credential-store.ts'
import type { Tx } from '../db/database.ts'
import type { Connection, ConnectionMethod, Integration } from '../db/generated/client.ts'
import type { SqlRunner } from '../db/sql.ts'
import { conflictOn, isUniqueViolation } from '../db/violations.ts'
import { appendEvents } from '../events/event-log.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { createSyncJob } from '../sync/jobs/sync-jobs.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import type { ConnectDeps } from './deps.ts'
import { ensureEndUser, MAX_EXTERNAL_ID } from './end-users.ts'
import { insertIntegration } from './integrations.ts'
import { findConnectableWorkspace } from './lookups.ts'
import { checkAuthProvider, checkNewCredential, methodOf, openNewCredential } from './new-credential.ts'
import { asOwnEndUser } from './own-end-user.ts'

export interface NewConnection {
  workspaceId: string
  /** Exactly one of the two slugs: of the workspace's integrations, or of the catalogue. */
  integration: string | null
  provider: string | null
  displayName: string | null
  externalId: string | null
  /** At most one of the two. */
  endUserId: string | null
  endUserExternalId: string | null
  collection: string | null
  credential: CredentialInput
  input: unknown
  metadata: unknown
  syncImmediately: boolean
}

/**
 * Creates a connection from a credential that the caller holds. Nobody asks the provider whether it is good.
 * Everything happens in one transaction: the connection, its credential, a new end user or collection, its events and,
 * where asked for, its first sync job.
 */
export async function createConnection(
  deps: ConnectDeps,
  caller: Caller,
  asked: NewConnection,
): Promise<{ connection: Connection; syncJobId: string | null }> {
  const check = checkInput()
  checkPlain(check, asked)
  // Without an integration there is nothing to check the credential against.
  if ((asked.integration === null) === (asked.provider === null)) {
    check.wrong(['input', 'integration'], 'Give exactly one of integration and provider.')
    check.done()
  }
  await findConnectableWorkspace(deps.database, caller, asked.workspaceId)
  const input = await asOwnEndUser(deps.database, caller, asked)
  const { customStrategies } = deps
  await checkAuthProvider(deps.database, caller, input.workspaceId, input.credential, check)
  const examine = (definition: IntegrationDefinition, hasOAuthClient: boolean) => {
    const { auth } = definition
    const stored = check.part(() => checkNewCredential(auth, input.credential, { hasOAuthClient, customStrategies }))
    const values = check.part(() => checkConnectionInput(definition, input.input ?? {}))
    check.done()
    if (stored === undefined || values === undefined) throw new Error('A check that fails must say why.')
    const context = { input: values, kept: {} }
    return { stored, values, opened: openNewCredential(auth, stored, context, { hasOAuthClient, customStrategies }) }
  }
  const integration = await findIntegration(deps, caller, input, (definition) => examine(definition, false))
  const definition = definitionOf(integration)
  const { stored, values, opened } = examine(definition, integration.oauthClientId !== null)

  return conflictOn(
    () =>
      deps.database.transaction(async (tx) => {
        await holdIntegration(tx, integration)
        if (input.endUserId !== null) await holdEndUser(tx, integration.workspaceId, input.endUserId)
        const connection = await insertConnection(tx, input, integration, values)
        const { id: connectionId, workspaceId } = connection
        await insertCredential(tx, deps.vault, { connectionId, workspaceId, stored, opened })
        await appendEvents(tx, deps.bus, workspaceId, [
          { type: 'CONNECTION_CREATED', connectionId },
          { type: 'CONNECTION_ACTIVATED', connectionId },
        ])
        const job = input.syncImmediately
          ? await createSyncJob(tx, deps, { workspaceId, connectionId, definition, trigger: 'ON_CREATE' })
          : null
        return { connection, syncJobId: job?.syncJobId ?? null }
      }),
    'A connection with this externalId exists already at this integration. Choose another externalId.',
  )
}

function checkPlain(check: InputCheck, input: NewConnection): void {
  check.text(['input', 'displayName'], input.displayName, 200)
  check.text(['input', 'externalId'], input.externalId, MAX_EXTERNAL_ID)
  check.text(['input', 'endUserExternalId'], input.endUserExternalId, MAX_EXTERNAL_ID)
  check.text(['input', 'collection'], input.collection, MAX_COLLECTION_NAME)
  check.object(['input', 'metadata'], input.metadata)
  if (input.endUserId !== null && input.endUserExternalId !== null) {
    check.wrong(['input', 'endUserId'], 'Give at most one of endUserId and endUserExternalId.')
  }
}

/**
 * The workspace's integration; one of the catalogue is switched on with its defaults when it is not yet.
 * @param examine throws what is wrong with what is asked for: then nothing is switched on
 */
export async function findIntegration(
  deps: ConnectDeps,
  caller: Caller,
  input: Pick<NewConnection, 'workspaceId' | 'integration' | 'provider'>,
  examine: (definition: IntegrationDefinition) => void,
): Promise<Integration> {
  const { workspaceId, provider } = input
  const slug = input.integration ?? provider ?? ''
  const find = () =>
    deps.database.prisma.integration.findUnique({ where: { workspaceId_slug: { workspaceId, slug }, deletedAt: null } })
  const found = await find()
  if (found !== null && (provider === null || found.provider === provider)) return found
  const known = provider === null ? null : findCatalogEntry(provider, deps)
  if (known === null || found !== null) throw notFound(provider === null ? 'integration' : 'provider')
  // What is switched on is the workspace's choice, not an end user's.
  if (caller.endUserId !== null) throw notFound('integration')
  examine(known.definition)
  try {
    return await deps.database.transaction((tx) =>
      insertIntegration(deps, tx, {
        workspaceId,
        slug,
        provider: known.slug,
        definition: null,
        displayName: known.definition.displayName,
        oauthClient: null,
      }),
    )
  } catch (error) {
    // Somebody else has just switched it on.
    const there = isUniqueViolation(error) ? await find() : null
    if (there === null) throw error
    return there
  }
}

/** Keeps an integration and its workspace from being deleted until the transaction ends. @throws NotFoundError */
export async function holdIntegration(tx: Tx, { id }: { id: string }): Promise<void> {
  const rows = await tx.query(
    `SELECT 1 AS held FROM integration i JOIN workspace w ON w.id = i.workspace_id
     WHERE i.id = $1::uuid AND i.deleted_at IS NULL AND w.deleted_at IS NULL FOR SHARE OF i, w`,
    [id],
  )
  if (rows.length === 0) throw notFound('integration')
}

/** Keeps an end user of the workspace from being deleted until the transaction ends. @throws NotFoundError */
export async function holdEndUser(tx: Tx, workspaceId: string, endUserId: string): Promise<void> {
  const rows = await tx.query(
    'SELECT 1 AS held FROM end_user WHERE id = $1::uuid AND workspace_id = $2::uuid FOR KEY SHARE',
    [endUserId, workspaceId],
  )
  if (rows.length === 0) throw notFound('end user')
}

async function insertConnection(
  tx: Tx,
  input: NewConnection,
  integration: Integration,
  values: Record<string, string>,
): Promise<Connection> {
  const { workspaceId, endUserExternalId, collection } = input
  const endUserId =
    endUserExternalId === null ? input.endUserId : await ensureEndUser(tx, workspaceId, endUserExternalId)
  return tx.prisma.connection.create({
    data: {
      id: newId(),
      workspaceId,
      integrationId: integration.id,
      endUserId,
      collectionId: collection === null ? null : await ensureCollection(tx, workspaceId, collection),
      displayName: input.displayName ?? integration.displayName,
      externalId: input.externalId,
      status: 'ACTIVE',
      method: methodOf(input.credential),
      metadata: (input.metadata ?? {}) as object,
      input: values,
    },
  })
}

/** A connection that nobody has connected yet. */
interface PendingConnection {
  method: ConnectionMethod
  /** At most one of the two. */
  endUserId: string | null
  endUserExternalId?: string | null
  /** Null: the integration's. */
  displayName: string | null
  externalId: string | null
  /** Created when it is new. */
  collection: string | null
  /** By the definition's inputFields, checked. */
  input: Record<string, unknown>
}

/** Inserts a connection that is PENDING: it has no credential and cannot be used. Its event is the caller's to append, last. */
export async function insertPendingConnection(
  tx: Tx,
  { id: integrationId, workspaceId, displayName: integrationName }: Integration,
  pending: PendingConnection,
): Promise<Connection> {
  const { method, endUserExternalId = null, displayName, externalId, collection, input } = pending
  if (pending.endUserId !== null) await holdEndUser(tx, workspaceId, pending.endUserId)
  const endUserId =
    endUserExternalId === null ? pending.endUserId : await ensureEndUser(tx, workspaceId, endUserExternalId)
  return tx.prisma.connection.create({
    data: {
      id: newId(),
      workspaceId,
      integrationId,
      endUserId,
      collectionId: collection === null ? null : await ensureCollection(tx, workspaceId, collection),
      displayName: displayName ?? integrationName,
      externalId,
      status: 'PENDING',
      method,
      input: input as object,
    },
  })
}

export const MAX_COLLECTION_NAME = 200

/** Id of the workspace's collection of this name, which is created when it is new. */
export async function ensureCollection(sql: SqlRunner, workspaceId: string, name: string): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    `INSERT INTO collection AS t (id, workspace_id, name) VALUES ($1::uuid, $2::uuid, $3::text)
     ON CONFLICT (workspace_id, name) DO UPDATE SET name = t.name RETURNING t.id`,
    [newId(), workspaceId, name],
  )
  if (row === undefined) throw new Error('An upsert returned no row.')
  return row.id
}
