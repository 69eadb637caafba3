import type { Caller } from '../../access/caller.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { holdIntegration } from '../../connections/connections.ts'
import type { Tx } from '../../db/database.ts'
import type { Connection, Prisma, Workspace } from '../../db/generated/client.ts'
import { conflictOn } from '../../db/violations.ts'
import { ConflictError, LatchkeyError, NotFoundError, ProviderError, UnavailableError } from '../../kit/errors.ts'
import { hashOneTimeSecret, isOneTimeSecret, newOneTimeSecret } from '../../kit/ids.ts'
import { checkInput, type InputCheck } from '../../kit/input.ts'
import { activateConnection } from '../activate-connection.ts'
import { keepPending } from '../confirm-connection.ts'
import { assertConfirms, checkNamed, checkNamedEndUser, namedEndUser } from '../confirming-end-user.ts'
import { finishSession } from '../connect-sessions.ts'
import { keptOfCallback, readAnswer, stateOf, verifyCallback } from './callback-parameters.ts'
import { type Obtained, obtainCredential, revokeObtained } from './exchange.ts'
import { FlowFailedError, type FlowFailure, failedBy, flowRefused, sessionErrorOf } from './flow-failure.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { consumeState, openFlow, resealFlow } from './oauth-flow.ts'
import { expectedOf, findReturnedFlow, type OpenFlow, openReturnedFlow, type ReturnedFlow } from './returned-flow.ts'

/** A browser that comes back from the provider. */
interface OAuthCallback {
  /** Of the callback's path. */
  integrationId: string
  params: URLSearchParams
  /** Whether the browser is the one of this hash. */
  isBound: (browserHash: Uint8Array) => boolean
}

/** Where the browser ends. */
export type OAuthEnd =
  /** On a page of ours: nobody knows where it belongs. */
  | { at: 'page'; problem: 'unknown' | 'otherBrowser' }
  /** On the hosted page of its session. */
  | { at: 'session'; connectSessionId: string }
  | { at: 'return'; returnUrl: string; connectionId: string; handle: string }
  | { at: 'return'; returnUrl: string; error: string; description: string }
  /** The provider is away; the same answer may be exchanged later. */
  | { at: 'retry'; token: string }

const UNKNOWN: OAuthEnd = { at: 'page', problem: 'unknown' }
const RETRY_WITHIN_SECONDS = 300

/**
 * The callback of a flow. The state is consumed before anything else, so that of all who bring the same answer one gets to
 * exchange it, and an answer that is refused is not asked about again.
 */
export async function finishOAuth(deps: OAuthDeps, callback: OAuthCallback): Promise<OAuthEnd> {
  const { params } = callback
  const state = stateOf(params)
  if (state === null) return UNKNOWN
  const consumed = await consumeState(deps.database.sql, hashOneTimeSecret(state), null)
  const returned = consumed === null ? null : await findReturnedFlow(deps, consumed.id)
  if (consumed === null || returned === null) return UNKNOWN
  return carryOut(deps, returned, async () => {
    if (consumed.expired) throw flowRefused('The answer has come too late.')
    assertSameWay(returned, callback)
    const open = await openReturnedFlow(deps, returned)
    const code = readAnswer(open.auth, expectedOf(open, state, params.get('code') ?? ''), params)
    verifyCallback(open.auth, open.client.clientSecret, params)
    const kept = keptOfCallback(open.auth, params)
    try {
      return await obtainCredential(deps, open, code, kept)
    } catch (error) {
      if (error instanceof FlowFailedError && error.failure.ends === 'retry') {
        await resealFlow(deps.database.sql, deps.vault, returned.flow, { ...open.secrets, code, kept })
      }
      throw error
    }
  })
}

/** RFC 9700 section 4.4: the answer has come by the way of the question, to the browser that asked it. */
function assertSameWay({ flow }: ReturnedFlow, { integrationId, isBound }: OAuthCallback): void {
  if (flow.integrationId !== integrationId)
    throw flowRefused('The answer has come to another address than it was asked to.')
  if (flow.browserHash !== null && !isBound(flow.browserHash)) {
    throw flowRefused('The answer has come with another browser than the one that began.', OTHER_BROWSER)
  }
}

/** What a person may try again. */
export interface Retryable {
  /** Whose product the person comes from. */
  workspace: Workspace
  integrationName: string
  /** Where the browser ends; null: on the hosted page. */
  returnUrl: string | null
}

/** Null: there is nothing to try again any more. */
export async function findRetry(deps: OAuthDeps, token: string): Promise<Retryable | null> {
  const returned = await findRetryable(deps, token)
  if (returned === null) return null
  const { flow, integration } = returned
  const workspace = await deps.database.prisma.workspace.findUnique({ where: { id: flow.workspaceId } })
  if (workspace === null) return null
  return { workspace, integrationName: integration.displayName, returnUrl: flow.returnUrl }
}

/**
 * Exchanges once more what could not be exchanged before, without asking the person to agree again; or gives it up.
 * @param token of the page that offers it: good for one try, after which there is another one where it fails again
 */
export async function retryOAuth(
  deps: OAuthDeps,
  { token, giveUp, isBound }: { token: string; giveUp: boolean; isBound: OAuthCallback['isBound'] },
): Promise<OAuthEnd> {
  const returned = await findRetryable(deps, token)
  if (returned === null) return UNKNOWN
  const { browserHash } = returned.flow
  if (browserHash !== null && !isBound(browserHash)) return { at: 'page', problem: 'otherBrowser' }
  // Whoever takes the token away tries.
  const [taken] = await deps.database.sql.query(
    `UPDATE oauth_flow SET result_hash = NULL, expires_at = greatest(expires_at, clock_timestamp() + interval '2 minutes')
     WHERE result_hash = $1::bytea RETURNING id`,
    [hashOneTimeSecret(token)],
  )
  if (taken === undefined) return UNKNOWN
  return carryOut(deps, returned, async () => {
    if (giveUp) throw givenUp()
    const open = await openReturnedFlow(deps, returned)
    const { code, kept = {} } = open.secrets
    if (code === undefined) throw new Error('A flow that is tried again holds its code.')
    return obtainCredential(deps, open, code, kept)
  })
}

async function findRetryable(deps: OAuthDeps, token: string): Promise<ReturnedFlow | null> {
  if (!isOneTimeSecret(token)) return null
  const [row] = await deps.database.sql.query<{ id: string }>(
    'SELECT id FROM oauth_flow WHERE result_hash = $1::bytea AND expires_at > clock_timestamp()',
    [hashOneTimeSecret(token)],
  )
  return row === undefined ? null : findReturnedFlow(deps, row.id)
}

type Obtain = () => ReturnType<typeof obtainCredential>

async function carryOut(deps: OAuthDeps, returned: ReturnedFlow, obtain: Obtain): Promise<OAuthEnd> {
  const { flow } = returned
  try {
    const obtained = await obtain()
    const handle = await concludeForBrowser(deps, returned, obtained).catch(async (error: unknown) => {
      await revokeObtained(deps, returned, obtained)
      throw error
    })
    if (flow.connectSessionId !== null) return { at: 'session', connectSessionId: flow.connectSessionId }
    if (flow.returnUrl === null || handle === null)
      throw new Error('A flow without a session ends at a URL, with a handle.')
    return { at: 'return', returnUrl: flow.returnUrl, connectionId: flow.connectionId, handle }
  } catch (error) {
    const failure = failureOf(deps, returned, error)
    if (failure.ends === 'retry' && mayRetry(returned)) return park(deps, returned, failure)
    await concludeFailed(deps, returned, failure)
    return endOf(returned, failure)
  }
}

function failureOf(deps: OAuthDeps, { flow }: ReturnedFlow, error: unknown): FlowFailure {
  if (error instanceof FlowFailedError) return error.failure
  if (error instanceof LatchkeyError) return failedBy(error).failure
  deps.logger.error({ err: error, flowId: flow.id }, 'an OAuth flow failed unexpectedly')
  return failedBy(new UnavailableError('Something went wrong on our side. Start connecting again.')).failure
}

function endOf({ flow }: ReturnedFlow, { ends, error, told }: FlowFailure): OAuthEnd {
  if (ends === 'page') return { at: 'page', problem: error === OTHER_BROWSER ? 'otherBrowser' : 'unknown' }
  if (flow.connectSessionId !== null) return { at: 'session', connectSessionId: flow.connectSessionId }
  if (flow.returnUrl === null) throw new Error('A flow without a session ends at a URL.')
  const words = told instanceof ProviderError ? told.words.providerErrorDescription : undefined
  return { at: 'return', returnUrl: flow.returnUrl, error, description: words ?? told.message }
}

/** The longest that a code may live is ten minutes; few live as long (RFC 6749 section 4.1.2). */
function mayRetry({ flow }: ReturnedFlow): boolean {
  return flow.consumedAt !== null && Date.now() < flow.consumedAt.getTime() + RETRY_WITHIN_SECONDS * 1_000
}

/** The code is sealed in the flow already. */
async function park(deps: OAuthDeps, { flow }: ReturnedFlow, { told }: FlowFailure): Promise<OAuthEnd> {
  const { secret: token, hash } = newOneTimeSecret()
  await deps.database.sql.query(
    `UPDATE oauth_flow SET result_hash = $2::bytea, outcome = $3::jsonb,
       expires_at = consumed_at + $4::int * interval '1 second'
     WHERE id = $1::uuid`,
    [flow.id, hash, JSON.stringify({ status: 'RETRY', message: told.message }), RETRY_WITHIN_SECONDS],
  )
  return { at: 'retry', token }
}

/** The handle of a session's flow, for the browser that the session is bound to; null: there is nothing to confirm. */
export async function takeHandle(deps: OAuthDeps, connectSessionId: string): Promise<string | null> {
  const flow = await deps.database.prisma.oAuthFlow.findFirst({
    where: { connectSessionId, consumedAt: { not: null }, connection: { pendingCredential: { connectSessionId } } },
    orderBy: { consumedAt: 'desc' },
  })
  return flow === null ? null : (openFlow(deps.vault, flow).handle ?? null)
}

const OTHER_BROWSER = 'other_browser'

function givenUp(): FlowFailedError {
  const told = new ProviderError('The provider could not be reached, and connecting was given up.')
  return failedBy(told, 'temporarily_unavailable')
}

interface OAuthCompletion {
  state: string
  code: string
  iss: string | null
  /** What else the callback came with: the definition's callbackKeep and callbackVerify read it. Texts by name. */
  params: unknown
  /** At most one of the two: who is sitting at the browser that came back. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Null: the name that was chosen when connecting began. */
  displayName: string | null
}

/**
 * Completes a flow whose callback the product hosts itself. The same checks as at our own callback; instead of a browser's
 * cookie the product says who is signed in there, which is the confirmation.
 * @throws InvalidInputError; NotFoundError for a state that is not known or was used; ForbiddenError for an answer that is not
 * taken, and for a caller who may not confirm; ScopeMismatchError when the flow was begun for somebody else; ProviderError with the provider's words
 */
export async function completeOAuth(deps: OAuthDeps, caller: Caller, completion: OAuthCompletion): Promise<Connection> {
  const check = checkInput()
  check.text(['input', 'displayName'], completion.displayName, 200)
  checkNamedEndUser(check, completion)
  const params = paramsOf(check, completion)
  check.done()
  const { state } = completion
  const hash = hashOneTimeSecret(state)
  const where = { stateHash: hash, ...(caller.workspaceId === null ? {} : { workspaceId: caller.workspaceId }) }
  const known =
    stateOf(new URLSearchParams({ oauth_token: state })) !== null
      ? await deps.database.prisma.oAuthFlow.findUnique({
          where,
          include: { connection: { select: { workspaceId: true, endUserId: true, status: true } } },
        })
      : null
  if (known === null || known.consumedAt !== null) throw unknownState()
  assertConfirms(caller, known.workspaceId)
  // Who is not the right one, or has only forgotten to say who is, must not cost the person another consent.
  await checkNamed(deps.database, known.connection, completion)
  const consumed = await consumeState(deps.database.sql, hash, known.workspaceId)
  const returned = consumed === null ? null : await findReturnedFlow(deps, consumed.id)
  if (consumed === null || returned === null) throw unknownState()
  try {
    if (consumed.expired) throw flowRefused('The answer has come too late.')
    return await complete(deps, returned, completion, params)
  } catch (error) {
    const failure = error instanceof FlowFailedError ? error.failure : null
    if (failure?.ends === 'retry') {
      await release(deps, returned)
      throw failure.told
    }
    if (failure === null && !(error instanceof LatchkeyError)) throw error
    await concludeFailed(deps, returned, failure ?? failedBy(error as LatchkeyError).failure)
    throw failure?.told ?? error
  }
}

async function complete(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  completion: OAuthCompletion,
  params: URLSearchParams,
): Promise<Connection> {
  // Before the token request: what is obtained by a stranger's consent is not even asked for.
  const endUserId = await deps.database.transaction((tx) => namedEndUser(tx, returned.connection, completion))
  const open = await openReturnedFlow(deps, returned)
  const code = readAnswer(open.auth, expectedOf(open, completion.state, completion.code), answerOf(open, params))
  verifyCallback(open.auth, open.client.clientSecret, params)
  const obtained = await obtainCredential(deps, open, code, keptOfCallback(open.auth, params))
  const { displayName } = completion
  return conflictOn(
    () => concludeForBackend(deps, returned, obtained, { endUserId, displayName }),
    'This connection is being connected by another flow.',
  ).catch(async (error: unknown) => {
    await revokeObtained(deps, returned, obtained)
    throw error
  })
}

/** The callback's parameters as they were in its URL. */
function paramsOf(check: InputCheck, { state, code, iss, params }: OAuthCompletion): URLSearchParams {
  const own = { state, code, ...(iss === null ? {} : { iss }) }
  const all = new URLSearchParams()
  if (params != null && !isRecord(params)) check.wrong(['input', 'params'], 'Must be an object of texts.')
  for (const [name, value] of Object.entries(isRecord(params) ? params : {})) {
    if (typeof value !== 'string') check.wrong(['input', 'params', name], 'Must be text.')
    else if (Object.hasOwn(own, name) && Reflect.get(own, name) !== value) {
      check.wrong(['input', 'params', name], `Must be the same as ${name} beside params, or be left out.`)
    } else all.set(name, value)
  }
  for (const [name, value] of Object.entries(own)) all.set(name, value)
  return all
}

/** In OAuth 1.0a the temporary token is the state, and the verifier the code. */
function answerOf({ auth }: OpenFlow, params: URLSearchParams): URLSearchParams {
  if (auth.type !== 'oauth1') return params
  const answer = new URLSearchParams(params)
  answer.delete('code')
  answer.set('oauth_verifier', params.get('code') ?? '')
  return answer
}

/** The provider is away: the same call may be made again while the code lives. */
async function release(deps: OAuthDeps, { flow }: ReturnedFlow): Promise<void> {
  await deps.database.sql.query('UPDATE oauth_flow SET consumed_at = NULL WHERE id = $1::uuid', [flow.id])
}

function unknownState(): NotFoundError {
  return new NotFoundError('There is no such state: it was used, or it has expired. Start again with startOAuth.')
}

/**
 * Ends a flow that came back with a browser: its credential waits for the confirmation of the product's backend, or is put
 * into use at once where its session says so.
 * @returns the handle for this browser; null: nothing has to be confirmed
 * @throws NotFoundError, ConflictError when there is nothing to connect any more
 */
function concludeForBrowser(deps: OAuthDeps, returned: ReturnedFlow, obtained: Obtained): Promise<string | null> {
  const { flow, integration } = returned
  return deps.database.transaction(async (tx) => {
    const connection = await holdConnection(tx, returned)
    const session = flow.connectSessionId === null ? null : await findFlowSession(tx, flow.connectSessionId)
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
function concludeForBackend(
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
async function concludeFailed(deps: OAuthDeps, returned: ReturnedFlow, failure: FlowFailure): Promise<void> {
  const { flow, connection } = returned
  const error = sessionErrorOf(failure.told)
  const { id: flowId, integrationId, connectionId, connectSessionId } = flow
  const because = { reason: failure.error, because: failure.told.message }
  deps.logger.info({ flowId, integrationId, connectionId, ...because }, 'an OAuth flow came to nothing')
  await deps.database.transaction(async (tx) => {
    await settle(tx, deps, returned, { status: 'FAILED', ...error })
    if (connection.status === 'PENDING') await tellReason(tx, connectionId, failureWords(error))
    if (connectSessionId !== null) {
      const ended = { ...error, returnError: failure.error }
      await finishSession(tx, deps, connectSessionId, { status: 'FAILED', error: ended })
    }
  })
}

function failureWords({ message, providerError, providerErrorDescription }: ReturnType<typeof sessionErrorOf>): string {
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

async function findFlowSession(tx: Tx, id: string) {
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
