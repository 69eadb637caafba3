import { checkCredential } from '../auth/check-credential.ts'
import { checkConnectionInput } from '../auth/check-fields.ts'
import type { StoredCredential } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import { holdIntegration, insertPendingConnection } from '../connections/connections.ts'
import type { ConnectDeps } from '../connections/deps.ts'
import { openIntegrationClient } from '../connections/integration-client.ts'
import type { Tx } from '../db/database.ts'
import type { Connection, ConnectSession, Integration } from '../db/generated/client.ts'
import type { Egress } from '../egress/egress.ts'
import { appendEvents } from '../events/event-log.ts'
import { ConflictError } from '../kit/errors.ts'
import { checkInput } from '../kit/input.ts'
import type { AuthenticatedRequests } from '../requests/send.ts'
import { activateConnection } from './activate-connection.ts'
import { keepPending } from './confirm-connection.ts'
import { finishSession, holdSession, mayGoOn } from './connect-sessions.ts'
import { forgetfulSource, sendTestRequest, type TestResult } from './test-connection.ts'

interface BringDeps extends ConnectDeps {
  egress: Egress
  requests: AuthenticatedRequests
}

/** What a person has typed on the page of a session. */
export interface TypedValues {
  /** By the names of the credential fields. */
  fields: Readonly<Record<string, string>>
  /** By the names of the input fields. */
  input: Readonly<Record<string, string>>
}

/** `refused`: the provider does not take it, and nothing was kept. `handle` null: the session needs no confirmation. */
export type Bringing = { refused: TestResult } | { refused: null; handle: string | null }

/**
 * Tries what a person has typed, and keeps it for the session's end user: until it is confirmed, or, for a session without
 * confirmation, for good.
 * @throws InvalidInputError with paths `['credential', 'fields', name]` and `['input', name]`; UnsupportedError;
 * CredentialRefreshError when the values do not make a credential; ProviderError when the provider cannot be reached;
 * ConflictError when the session is over or has brought something already
 */
export async function bringCredential(
  deps: BringDeps,
  session: ConnectSession,
  integration: Integration,
  { fields, input: typed }: TypedValues,
): Promise<Bringing> {
  const definition = definitionOf(integration)
  const { customStrategies } = deps
  const hasOAuthClient = integration.oauthClientId !== null
  const check = checkInput()
  const options = { path: ['credential'], hasOAuthClient, customStrategies }
  const stored = check.part(() => checkCredential(definition.auth, { fields }, new Date(), options))
  const input = check.part(() => checkConnectionInput(definition, typed, ['input']))
  check.done()
  if (stored === undefined || input === undefined) throw new Error('A check that fails must say why.')

  const oauthClient = await openIntegrationClient(deps, integration)
  const target = { id: integration.id, definition, ...(oauthClient === undefined ? {} : { oauthClient }) }
  const brought: Brought = { stored, kept: {}, input }
  const source = forgetfulSource(deps, target, integration.workspaceId, stored, input, (renewal) => {
    // A refresh token that its provider replaces with every use is used up by now.
    Object.assign(brought, { stored: renewal.stored, kept: renewal.kept ?? {} })
  })
  const result = await sendTestRequest(deps.requests, source)
  if (!result.ok) return { refused: result }
  const handle = await deps.database.transaction((tx) => keep(tx, deps, session, integration, brought))
  return { refused: null, handle }
}

interface Brought {
  stored: StoredCredential
  kept: Record<string, unknown>
  input: Record<string, string>
}

async function keep(
  tx: Tx,
  deps: ConnectDeps,
  session: ConnectSession,
  integration: Integration,
  brought: Brought,
): Promise<string | null> {
  const { id: connectSessionId, workspaceId } = session
  await holdIntegration(tx, integration)
  const held = await holdSession(tx, connectSessionId)
  if (held === null || !mayGoOn(held)) throw sessionOver()
  const connection = await findOrInsert(tx, session, integration, brought.input)
  const { id: connectionId } = connection
  if (session.reconnectId === null) {
    await appendEvents(tx, deps.bus, workspaceId, [{ type: 'CONNECTION_CREATED', connectionId }])
  }
  if (session.confirmation === 'NONE') {
    const activation = { ...brought, displayName: null, endUserId: null, connectSessionId }
    await activateConnection(tx, deps, connection, integration, activation)
    return null
  }
  const { handle } = await keepPending(tx, deps, { ...brought, connection, displayName: null, connectSessionId })
  const goesOn = await finishSession(tx, deps, connectSessionId, { status: 'AWAITING_CONFIRMATION', connectionId })
  if (!goesOn) throw sessionOver()
  return handle
}

async function findOrInsert(
  tx: Tx,
  { reconnectId, endUserId }: ConnectSession,
  integration: Integration,
  input: Record<string, string>,
): Promise<Connection> {
  if (reconnectId === null) {
    const nothingElse = { displayName: null, externalId: null, collection: null }
    return insertPendingConnection(tx, integration, { method: 'SECRET', endUserId, input, ...nothingElse })
  }
  const connection = await tx.prisma.connection.findUnique({ where: { id: reconnectId, deletedAt: null } })
  if (connection === null || connection.integrationId !== integration.id) throw sessionOver()
  return connection
}

function sessionOver(): ConflictError {
  return new ConflictError('This connect session is over, or has connected something already.')
}
