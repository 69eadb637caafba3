import type { Caller } from '../../access/caller.ts'
import { checkConnectionInput } from '../../auth/check-fields.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import { scopePattern } from '../../catalog/definition/oauth2.ts'
import {
  ensureCollection,
  findIntegration,
  holdIntegration,
  insertPendingConnection,
  MAX_COLLECTION_NAME,
} from '../../connections/connections.ts'
import { MAX_EXTERNAL_ID } from '../../connections/end-users.ts'
import { findConnectableWorkspace, findWritableConnection } from '../../connections/lookups.ts'
import { asOwnEndUser } from '../../connections/own-end-user.ts'
import type { Tx } from '../../db/database.ts'
import type { Connection, Integration } from '../../db/generated/client.ts'
import { conflictOn } from '../../db/violations.ts'
import { appendEvents } from '../../events/event-log.ts'
import { ConflictError, ProviderError } from '../../kit/errors.ts'
import { newId } from '../../kit/ids.ts'
import { checkInput, type InputCheck } from '../../kit/input.ts'
import { flowIdentity } from '../../vault/identities.ts'
import { type ConsentRequest, prepareConsent, requireConsent } from './consent-request.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { digestOf, FLOW_LIFETIME_SECONDS } from './oauth-flow.ts'

interface OAuthBeginning {
  integration: Integration
  workspaceId: string
  /** The one that is connected again; null: a new one is made, PENDING. */
  connection: Connection | null
  /** At most one of the two; of a new connection. */
  endUserId: string | null
  endUserExternalId?: string | null
  /** Null: the integration's name, or the connection's. */
  displayName: string | null
  externalId: string | null
  /** Created when it is new. */
  collection: string | null
  /** Null: those of the integration's OAuth client, else the definition's. */
  scopes: readonly string[] | null
  /** By the definition's inputFields. Null: the connection's, else none. */
  input: unknown
  /** Where the browser ends, checked already. Null for a flow of a connect session. */
  returnUrl: string | null
  /** The browser that alone may come back; null: `startOAuth`, which has none. */
  connectSession: { id: string; browserHash: Uint8Array } | null
}

export interface OAuthBegun {
  authorizationUrl: string
  connection: Connection
  /** Until when the provider's answer is taken. */
  expiresAt: Date
}

/**
 * Begins a way to the provider's consent page: the connection, where it is new, its flow, and the URL to send the browser to.
 * @throws InvalidInputError for inputs; UnsupportedError when the integration has no consent page; ConflictError without an
 * OAuth client, and for an external id that is taken; NotFoundError; ProviderError where the provider is asked first
 */
export async function beginOAuth(deps: OAuthDeps, beginning: OAuthBeginning): Promise<OAuthBegun> {
  const { integration, connection, collection } = beginning
  const definition = definitionOf(integration)
  const input = checkConnectionInput(definition, beginning.input ?? connection?.input ?? {})
  const request = await prepareConsent(deps, integration, definition, input, beginning.scopes)
  const digest = digestOf(definition)
  return conflictOn(
    () =>
      deps.database.transaction(async (tx) => {
        await holdIntegration(tx, integration)
        const pending =
          connection ?? (await insertPendingConnection(tx, integration, { ...beginning, method: 'OAUTH', input }))
        if (connection !== null && collection !== null) {
          const collectionId = await ensureCollection(tx, connection.workspaceId, collection)
          await tx.prisma.connection.update({ where: { id: connection.id }, data: { collectionId } })
        }
        const expiresAt = await insertFlow(tx, deps, { ...beginning, connection: pending, input, request, digest })
        if (connection === null) {
          const { id: connectionId, workspaceId } = pending
          await appendEvents(tx, deps.bus, workspaceId, [{ type: 'CONNECTION_CREATED', connectionId }])
        }
        return { authorizationUrl: request.url, connection: pending, expiresAt }
      }),
    'A connection with this externalId exists already at this integration. Choose another externalId, or give its connectionId to connect it again.',
  )
}

interface NewFlow {
  connection: Connection
  connectSession: OAuthBeginning['connectSession']
  request: ConsentRequest
  digest: Uint8Array
  returnUrl: string | null
  input: Record<string, string>
  displayName: string | null
}

async function insertFlow(tx: Tx, { vault }: OAuthDeps, flow: NewFlow): Promise<Date> {
  const { connection, connectSession, request } = flow
  const { workspaceId, integrationId } = connection
  const id = newId()
  const [row] = await tx.query<{ expires_at: Date }>(
    `INSERT INTO oauth_flow (id, workspace_id, integration_id, connection_id, connect_session_id, state_hash, browser_hash,
       sealed, key_id, redirect_uri, client_id, scopes, auth_digest, return_url, input, display_name, expires_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::bytea, $7::bytea, $8::bytea, $9::text, $10::text,
       $11::text, $12::text[], $13::bytea, $14::text, $15::jsonb, $16::text,
       clock_timestamp() + $17::int * interval '1 second')
     ON CONFLICT (state_hash) DO NOTHING RETURNING expires_at`,
    [
      ...[id, workspaceId, integrationId, connection.id, connectSession?.id ?? null],
      ...[request.stateHash, connectSession?.browserHash ?? null],
      vault.seal({ ...request.secrets }, flowIdentity({ workspaceId, id, version: 1 })),
      ...[vault.currentKeyId, request.redirectUri, request.clientId, [...request.scopes], flow.digest],
      ...[flow.returnUrl, JSON.stringify(flow.input), flow.displayName, FLOW_LIFETIME_SECONDS],
    ],
  )
  // Only a provider of OAuth 1.0a could give what another flow is known by.
  if (row === undefined) throw new ProviderError('The provider has given the same temporary token before. Try again.')
  return row.expires_at
}

interface OAuthStart {
  workspaceId: string
  /** Exactly one of the two slugs: of the workspace's integrations, or of the catalogue. */
  integration: string | null
  provider: string | null
  /** One of the workspace's, to the character. */
  redirectUrl: string
  displayName: string | null
  externalId: string | null
  /** At most one of the two. */
  endUserId: string | null
  endUserExternalId: string | null
  collection: string | null
  scopes: readonly string[] | null
  input: unknown
  /** The connection to connect again: it keeps its id, its records and its cursors. */
  connectionId: string | null
}

const MAX_SCOPES = 200

/**
 * Begins a flow that the product sends its user's browser into itself. No page of ours stands before it, and so no cookie: what
 * comes of it has to be confirmed, or completed by `completeOAuth`. A connection of the same external id that was begun and
 * never connected is gone on with.
 */
export async function startOAuth(deps: OAuthDeps, caller: Caller, asked: OAuthStart): Promise<OAuthBegun> {
  const check = checkInput()
  checkPlain(check, asked)
  if ((asked.integration === null) === (asked.provider === null)) {
    check.wrong(['input', 'integration'], 'Give exactly one of integration and provider.')
    check.done()
  }
  const workspace = await findConnectableWorkspace(deps.database, caller, asked.workspaceId)
  if (!workspace.redirectUrls.includes(asked.redirectUrl)) {
    const message = 'Must be one of the redirectUrls of the workspace, to the character. Set them with updateWorkspace.'
    check.wrong(['input', 'redirectUrl'], message)
  }
  const start = await asOwnEndUser(deps.database, caller, asked)
  const integration = await findIntegration(deps, caller, start, (offered) => {
    requireConsent(offered.auth)
    check.part(() => checkConnectionInput(offered, start.input ?? {}))
    check.done()
  })
  const definition = definitionOf(integration)
  requireConsent(definition.auth)
  const again =
    start.connectionId === null
      ? await findAbandoned(deps, integration, start)
      : await findReconnected(deps, caller, integration, start, check)
  check.part(() => checkConnectionInput(definition, start.input ?? again?.input ?? {}))
  check.done()
  const { workspaceId, displayName, externalId, collection, scopes, input, endUserId, endUserExternalId } = start
  return beginOAuth(deps, {
    ...{ integration, workspaceId, connection: again, endUserId, endUserExternalId },
    ...{ displayName, externalId, collection, scopes, input },
    returnUrl: start.redirectUrl,
    connectSession: null,
  })
}

function checkPlain(check: InputCheck, input: OAuthStart): void {
  check.text(['input', 'displayName'], input.displayName, 200)
  check.text(['input', 'externalId'], input.externalId, MAX_EXTERNAL_ID)
  check.text(['input', 'endUserExternalId'], input.endUserExternalId, MAX_EXTERNAL_ID)
  check.text(['input', 'collection'], input.collection, MAX_COLLECTION_NAME)
  if (input.endUserId !== null && input.endUserExternalId !== null) {
    check.wrong(['input', 'endUserId'], 'Give at most one of endUserId and endUserExternalId.')
  }
  const scopes = input.scopes ?? []
  if (scopes.length > MAX_SCOPES) check.wrong(['input', 'scopes'], `Give at most ${MAX_SCOPES} scopes.`)
  for (const [index, scope] of scopes.entries()) {
    if (!scopePattern.test(scope)) check.wrong(['input', 'scopes', String(index)], 'Must be one scope.')
  }
}

/** The connection that is to be connected again. What it is and whose, it stays. @throws NotFoundError, ForbiddenError */
async function findReconnected(
  { database }: OAuthDeps,
  caller: Caller,
  integration: Integration,
  start: OAuthStart,
  check: InputCheck,
): Promise<Connection> {
  const connection = await findWritableConnection(database, caller, start.connectionId ?? '')
  if (connection.integrationId !== integration.id) {
    check.wrong(['input', 'connectionId'], 'Must be a connection of the integration that is named.')
  }
  if (start.externalId !== null && start.externalId !== connection.externalId) {
    check.wrong(['input', 'externalId'], 'A connection that is connected again keeps its externalId: leave it out.')
  }
  if (!(await isOf({ database }, connection, start))) {
    const message = 'A connection that is connected again stays whose it is: leave the end user out.'
    check.wrong(['input', start.endUserId === null ? 'endUserExternalId' : 'endUserId'], message)
  }
  return connection
}

/**
 * What an earlier start with this external id has left behind: nobody got as far as to connect it.
 * @throws ConflictError when the external id is taken
 */
async function findAbandoned(deps: OAuthDeps, integration: Integration, start: OAuthStart): Promise<Connection | null> {
  const { externalId } = start
  if (externalId === null) return null
  const where = { integrationId: integration.id, externalId, deletedAt: null }
  const connection = await deps.database.prisma.connection.findFirst({ where })
  if (connection === null) return null
  const named = start.endUserId !== null || start.endUserExternalId !== null
  const same = named ? await isOf(deps, connection, start) : connection.endUserId === null
  if (connection.status === 'PENDING' && connection.method === 'OAUTH' && same) return connection
  throw new ConflictError(
    'A connection with this externalId exists already at this integration. Choose another externalId, or give its connectionId to connect it again.',
  )
}

/** Whether the end user who is named, if one is, is the connection's. */
async function isOf(
  { database }: Pick<OAuthDeps, 'database'>,
  { workspaceId, endUserId: owner }: Connection,
  { endUserId, endUserExternalId }: OAuthStart,
): Promise<boolean> {
  if (endUserExternalId === null) return endUserId === null || endUserId === owner
  const where = { workspaceId_externalId: { workspaceId, externalId: endUserExternalId } }
  const named = await database.prisma.endUser.findUnique({ where, select: { id: true } })
  return named !== null && named.id === owner
}
