import type { Caller } from '../../access/caller.ts'
import { checkInput as checkConnectionInput } from '../../auth/check-input.ts'
import { scopePattern } from '../../catalog/definition/oauth2.ts'
import { definitionOf } from '../../catalog/definition-of.ts'
import { MAX_COLLECTION_NAME } from '../../connections/collections.ts'
import { findIntegration } from '../../connections/connections.ts'
import { MAX_EXTERNAL_ID } from '../../connections/end-users.ts'
import { findConnectableWorkspace, findWritableConnection } from '../../connections/lookups.ts'
import { asOwnEndUser } from '../../connections/own-end-user.ts'
import type { Connection, Integration } from '../../db/generated/client.ts'
import { ConflictError } from '../../kit/errors.ts'
import { checkInput, type InputCheck } from '../../kit/input.ts'
import { beginOAuth, type OAuthBegun } from './begin-oauth.ts'
import { requireConsent } from './consent-request.ts'
import type { OAuthDeps } from './oauth-deps.ts'

export interface OAuthStart {
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
