import { recordAudit } from '../../access/audit.ts'
import type { Caller } from '../../access/caller.ts'
import { checkConnectionInput } from '../../auth/check-fields.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import { scopePattern } from '../../catalog/definition/oauth2.ts'
import {
  checkConnectionFields,
  checkIntegrationChoice,
  ensureCollection,
  insertConnection,
  withIntegration,
} from '../../connections/connections.ts'
import {
  findConnectableWorkspace,
  findWritableConnection,
  holdIntegration,
  restrictToOwnEndUser,
} from '../../connections/lookups.ts'
import { EXTERNAL_ID, unprovenInputs, unprovenOfCallback, withoutProvenHosts } from '../../connections/unproven.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { Connection, Integration } from '../../db/generated/client.ts'
import { conflictOn } from '../../db/violations.ts'
import { ConflictError, ProviderError } from '../../kit/errors.ts'
import { newId } from '../../kit/ids.ts'
import { checkInput, type InputCheck } from '../../kit/input.ts'
import { flowIdentity } from '../../vault/identities.ts'
import type { Vault } from '../../vault/vault.ts'
import { type ConsentAuth, type ConsentRequest, prepareConsent, requireConsent } from './consent-request.ts'
import { digestOf, FLOW_LIFETIME_SECONDS, type OAuthDeps } from './oauth-flow.ts'

interface OAuthStart {
  workspaceId: string
  /** Exactly one of the two slugs is set: of an integration of the workspace, or of a provider of the catalogue. */
  integration: string | null
  provider: string | null
  /** Exactly one of the workspace's redirectUrls. */
  redirectUrl: string
  displayName: string | null
  externalId: string | null
  /** At most one of endUserId and endUserExternalId is set. */
  endUserId: string | null
  endUserExternalId: string | null
  collection: string | null
  scopes: readonly string[] | null
  input: unknown
  /** The connection to reconnect. It keeps its id, records and cursors. */
  connectionId: string | null
}

const MAX_SCOPES = 200
const EXTERNAL_ID_TAKEN =
  'A connection with this externalId already exists at this integration. Choose another externalId, or give its connectionId to reconnect it.'

/**
 * Starts a flow into which the product itself sends its user's browser. No page of ours comes before the provider's, so the
 * browser has no cookie of ours, and the result has to be confirmed with `confirmConnection` or finished with
 * `completeOAuth`. A PENDING connection that an earlier start created with the same externalId is used again.
 * @throws InvalidInputError; NotFoundError; ForbiddenError; the errors of `beginOAuth`
 */
export async function startOAuth(deps: OAuthDeps, caller: Caller, requested: OAuthStart): Promise<OAuthBegun> {
  const check = checkInput()
  checkConnectionFields(check, {
    displayName: requested.displayName,
    externalId: requested.externalId,
    endUserId: requested.endUserId,
    endUserExternalId: requested.endUserExternalId,
    collection: requested.collection,
  })
  checkScopes(check, requested.scopes ?? [])
  checkIntegrationChoice(check, requested)
  const workspace = await findConnectableWorkspace(deps.database, caller, requested.workspaceId)
  if (!workspace.redirectUrls.includes(requested.redirectUrl)) {
    const message = 'Must be exactly one of the redirectUrls of the workspace. Set them with updateWorkspace.'
    check.wrong(['input', 'redirectUrl'], message)
  }
  const start = await restrictToOwnEndUser(deps.database, caller, requested)
  return withIntegration(deps, caller, start, async (integration, enable) => {
    const definition = definitionOf(integration)
    requireConsent(definition.auth)
    const connection =
      start.connectionId === null
        ? await findUnfinished(deps.database, integration, start)
        : await findReconnected(
            deps.database,
            caller,
            integration,
            { ...start, connectionId: start.connectionId },
            check,
          )
    check.part(() => checkConnectionInput(definition, start.input ?? connection?.input ?? {}))
    check.done()
    const { displayName, externalId, collection, scopes, input, endUserId, endUserExternalId } = start
    return beginOAuth(deps, {
      ...{ integration, enable, connection, endUserId, endUserExternalId },
      ...{ displayName, externalId, collection, scopes, input },
      method: null,
      byEndUser: caller.endUserId !== null,
      returnUrl: start.redirectUrl,
      connectSession: null,
    })
  })
}

function checkScopes(check: InputCheck, scopes: readonly string[]): void {
  if (scopes.length > MAX_SCOPES) check.wrong(['input', 'scopes'], `Give at most ${MAX_SCOPES} scopes.`)
  for (const [index, scope] of scopes.entries()) {
    if (!scopePattern.test(scope)) check.wrong(['input', 'scopes', String(index)], 'Must be one scope.')
  }
}

/** The connection to reconnect. Its integration, externalId and end user stay. @throws NotFoundError, ForbiddenError */
async function findReconnected(
  database: Database,
  caller: Caller,
  integration: Integration,
  start: OAuthStart & { connectionId: string },
  check: InputCheck,
): Promise<Connection> {
  const connection = await findWritableConnection(database, caller, start.connectionId)
  if (connection.integrationId !== integration.id) {
    check.wrong(['input', 'connectionId'], 'Must be a connection of the given integration.')
  }
  if (start.externalId !== null && start.externalId !== connection.externalId) {
    check.wrong(['input', 'externalId'], 'A reconnected connection keeps its externalId. Leave this out.')
  }
  if (!(await belongsToNamed(database, connection, start))) {
    const message = 'A reconnected connection keeps its end user. Leave this out.'
    check.wrong(['input', start.endUserId === null ? 'endUserExternalId' : 'endUserId'], message)
  }
  return connection
}

/**
 * The PENDING connection that an earlier start with this externalId created; null when there is none.
 * @throws ConflictError when the externalId is taken
 */
async function findUnfinished(
  database: Database,
  integration: Integration,
  start: OAuthStart,
): Promise<Connection | null> {
  const { externalId } = start
  if (externalId === null) return null
  const where = { integrationId: integration.id, externalId, deletedAt: null }
  const connection = await database.prisma.connection.findFirst({ where })
  if (connection === null) return null
  const named = start.endUserId !== null || start.endUserExternalId !== null
  const sameEndUser = named ? await belongsToNamed(database, connection, start) : connection.endUserId === null
  if (connection.status === 'PENDING' && connection.method === 'OAUTH' && sameEndUser) return connection
  throw new ConflictError(EXTERNAL_ID_TAKEN)
}

/** Whether the connection belongs to the end user that the input names; true when it names none. */
async function belongsToNamed(
  database: Database,
  { workspaceId, endUserId: owner }: Connection,
  { endUserId, endUserExternalId }: OAuthStart,
): Promise<boolean> {
  if (endUserExternalId === null) return endUserId === null || endUserId === owner
  const where = { workspaceId_externalId: { workspaceId, externalId: endUserExternalId } }
  const named = await database.prisma.endUser.findUnique({ where, select: { id: true } })
  return named !== null && named.id === owner
}

interface OAuthBeginning {
  integration: Integration
  /** Inserts the integration in the transaction of the flow. Default: it exists. */
  enable?: (tx: Tx) => Promise<void>
  /** The connection to connect; null: a new one is created, PENDING. */
  connection: Connection | null
  /** At most one of the two is set. Both are for a new connection only. */
  endUserId: string | null
  endUserExternalId?: string | null
  /** Null: the name of the connection, or of the integration for a new one. */
  displayName: string | null
  externalId: string | null
  /** Name of a collection, which is created when new. */
  collection: string | null
  /** Null: the scopes of the integration's OAuth client, otherwise of the definition. */
  scopes: readonly string[] | null
  /** The key of a method of a selective auth. Null: the first that has a consent page. */
  method: string | null
  /** Values of the definition's inputFields. Null: those of the connection, otherwise none. */
  input: unknown
  /** Whether an end user gave the externalId and the input. */
  byEndUser: boolean
  /** Where the browser goes at the end, already checked. Null for the flow of a connect session. */
  returnUrl: string | null
  /** The session, with the only browser that may return. Null for `startOAuth`, which has no browser binding. */
  connectSession: { id: string; browserHash: Uint8Array } | null
}

export interface OAuthBegun {
  authorizationUrl: string
  connection: Connection
  /** Until when a response is accepted. */
  expiresAt: Date
}

/**
 * Starts a flow to the provider's consent page: inserts a new connection and the flow, and returns the URL for the browser.
 * @throws InvalidInputError for the inputs; UnsupportedError when the integration has no consent page; ConflictError without
 * an OAuth client, or when the externalId is taken; NotFoundError; ProviderError when a request to the provider fails
 */
export async function beginOAuth(deps: OAuthDeps, beginning: OAuthBeginning): Promise<OAuthBegun> {
  const { integration, collection } = beginning
  const definition = definitionOf(integration)
  const input = checkConnectionInput(definition, beginning.input ?? beginning.connection?.input ?? {})
  const { auth } = requireConsent(definition.auth, beginning.method)
  // A registered client is stored with its integration, which must exist then.
  const enabled = auth.type === 'oauth2' && auth.registration !== undefined
  if (enabled && beginning.enable !== undefined) await deps.database.transaction(beginning.enable)
  const request = await prepareConsent(deps, integration, definition, input, beginning)
  const digest = digestOf(definition)
  const { byEndUser } = beginning
  const inputs = { byEndUser, given: beginning.input !== null, values: input, definition }
  const unproven = [
    ...withoutProvenHosts(unprovenInputs(beginning.connection, inputs), consentUrlsOf(auth)),
    ...unprovenOfCallback(auth, definition),
  ]
  const begin = async (tx: Tx): Promise<OAuthBegun> => {
    if (!enabled) await beginning.enable?.(tx)
    await holdIntegration(tx, integration)
    let expiresAt = new Date(0)
    const startFlow = async (connection: Connection): Promise<void> => {
      expiresAt = await insertFlow(tx, deps.vault, { ...beginning, connection, input, unproven, request, digest })
    }
    let { connection } = beginning
    if (connection === null) {
      connection = await insertConnection(tx, deps, integration, {
        method: 'OAUTH',
        endUserId: beginning.endUserId,
        endUserExternalId: beginning.endUserExternalId,
        displayName: beginning.displayName,
        externalId: beginning.externalId,
        collection,
        input,
        unproven: byEndUser && beginning.externalId !== null ? [EXTERNAL_ID] : [],
        insertDependents: startFlow,
      })
    } else {
      if (collection !== null) {
        const collectionId = await ensureCollection(tx, connection.workspaceId, collection)
        await tx.prisma.connection.update({ where: { id: connection.id }, data: { collectionId } })
      }
      await startFlow(connection)
    }
    await recordAudit(tx, { type: 'Connection', id: connection.id, workspaceId: connection.workspaceId })
    return { authorizationUrl: request.url, connection, expiresAt }
  }
  return conflictOn(() => deps.database.transaction(begin), EXTERNAL_ID_TAKEN)
}

/** The addresses whose host lets the user in, and issues the token. */
function consentUrlsOf(auth: ConsentAuth): (string | undefined)[] {
  return [auth.authorizationUrl, auth.type === 'oauth1' ? auth.accessTokenUrl : auth.tokenUrl]
}

interface NewFlow {
  connection: Connection
  connectSession: OAuthBeginning['connectSession']
  request: ConsentRequest
  digest: Uint8Array
  returnUrl: string | null
  input: Record<string, string>
  unproven: readonly string[]
  displayName: string | null
}

/** @returns when the flow expires */
async function insertFlow(tx: Tx, vault: Vault, flow: NewFlow): Promise<Date> {
  const { connection, connectSession, request } = flow
  const { workspaceId, integrationId } = connection
  const id = newId()
  const secrets = JSON.parse(JSON.stringify(request.secrets))
  const [row] = await tx.query<{ expires_at: Date }>(
    `INSERT INTO oauth_flow (id, workspace_id, integration_id, connection_id, connect_session_id, state_hash, browser_hash,
       sealed, key_id, redirect_uri, client_id, scopes, auth_digest, return_url, input, unproven, display_name, expires_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::bytea, $7::bytea, $8::bytea, $9::text, $10::text,
       $11::text, $12::text[], $13::bytea, $14::text, $15::jsonb, $16::text[], $17::text,
       clock_timestamp() + $18::int * interval '1 second')
     ON CONFLICT (state_hash) DO NOTHING RETURNING expires_at`,
    [
      ...[id, workspaceId, integrationId, connection.id, connectSession?.id ?? null],
      ...[request.stateHash, connectSession?.browserHash ?? null],
      vault.seal(secrets, flowIdentity({ workspaceId, id, version: 1 })),
      ...[vault.currentKeyId, request.redirectUri, request.clientId, [...request.scopes], flow.digest],
      ...[flow.returnUrl, JSON.stringify(flow.input), [...flow.unproven], flow.displayName, FLOW_LIFETIME_SECONDS],
    ],
  )
  // Only an OAuth 1.0a provider can return a temporary token that identifies another flow.
  if (row === undefined)
    throw new ProviderError('The provider returned a temporary token that it has used before. Try again.')
  return row.expires_at
}
