import { holdIntegration } from '../../connections/connections.ts'
import type { Tx } from '../../db/database.ts'
import type { Connection, Prisma } from '../../db/generated/client.ts'
import { ConflictError, NotFoundError } from '../../kit/errors.ts'
import { activateConnection } from '../activate-connection.ts'
import { keepPending } from '../confirm-connection.ts'
import { finishSession } from '../connect-sessions.ts'
import type { Obtained } from './exchange.ts'
import { type FlowFailure, sessionErrorOf } from './flow-failure.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { resealFlow } from './oauth-flow.ts'
import type { ReturnedFlow } from './returned-flow.ts'

/**
 * Ends a flow that came back with a browser: its credential waits for the confirmation of the product's backend, or is put
 * into use at once where its session says so.
 * @returns the handle for this browser; null: nothing has to be confirmed
 * @throws NotFoundError, ConflictError when there is nothing to connect any more
 */
export function concludeForBrowser(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  obtained: Obtained,
): Promise<string | null> {
  const { flow, integration } = returned
  return deps.database.transaction(async (tx) => {
    const connection = await holdConnection(tx, returned)
    const session = flow.connectSessionId === null ? null : await findSession(tx, flow.connectSessionId)
    const { displayName } = flow
    const input = flow.input as Record<string, unknown>
    if (session?.confirmation === 'NONE') {
      await settle(tx, deps, returned, { status: 'COMPLETED' })
      const activation = { ...obtained, input, displayName, endUserId: null, connectSessionId: session.id }
      await activateConnection(tx, deps, connection, integration, activation)
      return null
    }
    const connectSessionId = session?.id ?? null
    const { handle } = await keepPending(tx, deps, { connection, ...obtained, input, displayName, connectSessionId })
    await settle(tx, deps, returned, { status: 'AWAITING_CONFIRMATION' }, session === null ? null : handle)
    if (connection.status === 'PENDING') await tellReason(tx, connection.id, null)
    if (session !== null) {
      const end = { status: 'AWAITING_CONFIRMATION' as const, connectionId: connection.id }
      if (!(await finishSession(tx, deps, session.id, end))) throw sessionOver()
    }
    return handle
  })
}

/** Ends a flow for the product's backend, which hosts the callback and says whose browser came: that is the confirmation. */
export function concludeForBackend(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  obtained: Obtained,
  { endUserId, displayName }: { endUserId: string | null; displayName: string | null },
): Promise<Connection> {
  const { flow, integration } = returned
  return deps.database.transaction(async (tx) => {
    const connection = await holdConnection(tx, returned)
    await settle(tx, deps, returned, { status: 'COMPLETED' })
    return activateConnection(tx, deps, connection, integration, {
      ...obtained,
      input: flow.input as Record<string, unknown>,
      displayName: displayName ?? flow.displayName,
      endUserId,
      connectSessionId: flow.connectSessionId,
    })
  })
}

/** Ends a flow that came to nothing. A connection that is in use already stays as it was. */
export async function concludeFailed(deps: OAuthDeps, returned: ReturnedFlow, failure: FlowFailure): Promise<void> {
  const { flow, connection } = returned
  const error = sessionErrorOf(failure.told)
  const { id: flowId, integrationId, connectionId, connectSessionId } = flow
  const because = { reason: failure.error, because: failure.told.message }
  deps.logger.info({ flowId, integrationId, connectionId, ...because }, 'an OAuth flow came to nothing')
  await deps.database.transaction(async (tx) => {
    await settle(tx, deps, returned, { status: 'FAILED', ...error })
    if (connection.status === 'PENDING') await tellReason(tx, connectionId, wordsOf(error))
    if (connectSessionId !== null) {
      const ended = { ...error, returnError: failure.error }
      await finishSession(tx, deps, connectSessionId, { status: 'FAILED', error: ended })
    }
  })
}

function wordsOf({ message, providerError, providerErrorDescription }: ReturnType<typeof sessionErrorOf>): string {
  const words = providerErrorDescription ?? providerError
  return words === undefined ? message : `${message} The provider says: ${words}`
}

/** Stores how a flow ended; what it was to be exchanged with is gone. */
async function settle(
  tx: Tx,
  { vault }: OAuthDeps,
  { flow }: ReturnedFlow,
  outcome: object,
  handle: string | null = null,
): Promise<void> {
  // A copy: the transaction may be run again.
  await resealFlow(tx, vault, { ...flow }, handle === null ? {} : { handle })
  // None: its integration, and with it the flow, is gone.
  await tx.prisma.oAuthFlow.updateMany({
    where: { id: flow.id },
    data: { outcome: JSON.parse(JSON.stringify(outcome)) as Prisma.InputJsonObject, resultHash: null },
  })
}

async function holdConnection(tx: Tx, { flow }: ReturnedFlow): Promise<Connection> {
  await holdIntegration(tx, { id: flow.integrationId })
  const connection = await tx.prisma.connection.findUnique({ where: { id: flow.connectionId, deletedAt: null } })
  if (connection === null) throw new NotFoundError('The connection was deleted meanwhile. Start connecting again.')
  return connection
}

async function findSession(tx: Tx, id: string) {
  const session = await tx.prisma.connectSession.findUnique({ where: { id }, select: { id: true, confirmation: true } })
  if (session === null) throw sessionOver()
  return session
}

async function tellReason(tx: Tx, connectionId: string, statusReason: string | null): Promise<void> {
  await tx.prisma.connection.updateMany({ where: { id: connectionId, status: 'PENDING' }, data: { statusReason } })
}

function sessionOver(): ConflictError {
  return new ConflictError('This connect session is over. Ask for another link, and connect again.')
}
