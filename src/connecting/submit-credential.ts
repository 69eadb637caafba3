import { checkCredential } from '../auth/check-credential.ts'
import { checkConnectionInput } from '../auth/check-fields.ts'
import type { StoredCredential } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { ConnectionDeps } from '../connections/connection-deps.ts'
import { insertConnection } from '../connections/connections.ts'
import { openIntegrationClient } from '../connections/integrations.ts'
import { holdIntegration } from '../connections/lookups.ts'
import { hasCommonClient } from '../connections/registered-clients.ts'
import { unprovenCredential, unprovenInputs } from '../connections/unproven.ts'
import { assertUnmoved } from '../connections/withdraw-credentials.ts'
import { optionOf } from '../credentials/credential-store.ts'
import type { Tx } from '../db/database.ts'
import type { Connection, ConnectSession, Integration } from '../db/generated/client.ts'
import { databaseNow } from '../db/sql.ts'
import type { Egress } from '../egress/egress.ts'
import { ConflictError } from '../kit/errors.ts'
import { checkInput } from '../kit/input.ts'
import type { Sender } from '../requests/send.ts'
import { activateConnection } from './activate-connection.ts'
import { keepPending } from './confirm-connection.ts'
import { finishSession, holdSession, isConnecting } from './connect-sessions.ts'
import { inMemorySource, type TestResult, tryCredential } from './test-connection.ts'

interface SubmitDeps extends ConnectionDeps {
  egress: Egress
  sender: Sender
}

/** The values of the form on a session's page. */
export interface SubmittedValues {
  /** By the names of the credential fields. */
  fields: Readonly<Record<string, string>>
  /** By the names of the input fields. */
  input: Readonly<Record<string, string>>
}

/**
 * `rejected`: result of a test request that the provider refused; nothing was stored. `handle`: null when the session needs
 * no confirmation.
 */
export type SubmitResult = { rejected: TestResult } | { rejected: null; handle: string | null }

/**
 * Tries the submitted values with a request to the provider and stores them for the session's end user: until they are
 * confirmed or, in a session without confirmation, as the credential of the connection.
 * @throws InvalidInputError with paths `['credential', 'fields', name]` and `['input', name]`; UnsupportedError;
 * CredentialRefreshError when no credential can be obtained with the values; ProviderError when the provider cannot be
 * reached; ConflictError when the session is over or already has a credential
 */
export async function submitCredential(
  deps: SubmitDeps,
  session: ConnectSession,
  integration: Integration,
  submitted: SubmittedValues,
): Promise<SubmitResult> {
  const definition = definitionOf(integration)
  const { customStrategies } = deps
  const { fields } = submitted
  const check = checkInput()
  const options = { path: ['credential'], hasOAuthClient: hasCommonClient(integration), customStrategies }
  const now = await databaseNow(deps.database.sql)
  const stored = check.part(() => checkCredential(definition.auth, { fields }, now, options))
  const input = check.part(() => checkConnectionInput(definition, submitted.input, ['input']))
  check.done()
  if (stored === undefined || input === undefined) throw new Error('A failed check was not reported.')

  const oauthClient = await openIntegrationClient(deps, integration, optionOf(stored))
  const target = { id: integration.id, definition, oauthClient }
  const credential: TestedCredential = { stored, kept: {}, input }
  const source = inMemorySource(deps, target, integration.workspaceId, stored, input, (renewal) => {
    // The test may have used up a rotating refresh token, so the renewed credential is the one to store.
    const { stored, kept = {}, refreshExpiresAt } = renewal
    Object.assign(credential, { stored, kept, refreshExpiresAt })
  })
  const result = await tryCredential(deps.sender, source)
  if (!result.ok) return { rejected: result }
  const handle = await deps.database.transaction((tx) => store(tx, deps, session, integration, credential))
  return { rejected: null, handle }
}

interface TestedCredential {
  stored: StoredCredential
  refreshExpiresAt?: Date | undefined
  kept: Record<string, unknown>
  input: Record<string, string>
}

/** @returns the handle for the confirmation; null when none is needed */
async function store(
  tx: Tx,
  deps: ConnectionDeps,
  session: ConnectSession,
  integration: Integration,
  credential: TestedCredential,
): Promise<string | null> {
  const { id: connectSessionId } = session
  await holdIntegration(tx, integration)
  await assertUnmoved(tx, integration)
  const held = await holdSession(tx, connectSessionId)
  if (held === null || !isConnecting(held)) throw sessionOver()
  const connection = await findOrInsertConnection(tx, deps, session, integration, credential.input)
  const { id: connectionId } = connection
  const definition = definitionOf(integration)
  const before = session.reconnectId === null ? null : connection
  const unproven = [
    ...unprovenInputs(before, { byEndUser: true, given: true, values: credential.input, definition }),
    ...unprovenCredential(true, {}, definition),
  ]
  if (session.confirmation === 'NONE') {
    const activation = { ...credential, unproven, displayName: null, endUserId: null, connectSessionId }
    await activateConnection(tx, deps, connection, integration, activation)
    return null
  }
  const pending = { ...credential, unproven, connection, displayName: null, connectSessionId }
  const handle = await keepPending(tx, deps.vault, pending)
  const open = await finishSession(tx, deps, connectSessionId, { status: 'AWAITING_CONFIRMATION', connectionId })
  if (!open) throw sessionOver()
  return handle
}

async function findOrInsertConnection(
  tx: Tx,
  deps: ConnectionDeps,
  { reconnectId, endUserId }: ConnectSession,
  integration: Integration,
  input: Record<string, string>,
): Promise<Connection> {
  if (reconnectId === null) {
    return insertConnection(tx, deps, integration, {
      method: 'SECRET',
      endUserId,
      displayName: null,
      externalId: null,
      collection: null,
      input,
      unproven: [],
    })
  }
  const connection = await tx.prisma.connection.findUnique({ where: { id: reconnectId, deletedAt: null } })
  if (connection === null || connection.integrationId !== integration.id) throw sessionOver()
  return connection
}

function sessionOver(): ConflictError {
  return new ConflictError('This connect session is over, or it already has a credential.')
}
