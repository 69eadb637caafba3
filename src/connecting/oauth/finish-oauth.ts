import { setTimeout as sleep } from 'node:timers/promises'
import { nameAuditTarget, recordAudit } from '../../access/audit.ts'
import { type Caller, seesIntegration } from '../../access/caller.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { checkConnectionFields } from '../../connections/connections.ts'
import { holdIntegration } from '../../connections/lookups.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { Connection, Prisma, Workspace } from '../../db/generated/client.ts'
import { databaseNow, type SqlRunner } from '../../db/sql.ts'
import { isDatabaseUnavailable } from '../../db/unavailable.ts'
import { conflictOn } from '../../db/violations.ts'
import { ConflictError, LatchkeyError, NotFoundError, ProviderError, UnavailableError } from '../../kit/errors.ts'
import { hashOneTimeSecret, isOneTimeSecret, newOneTimeSecret } from '../../kit/ids.ts'
import { checkInput, type InputCheck } from '../../kit/input.ts'
import type { Vault } from '../../vault/vault.ts'
import { activateConnection } from '../activate-connection.ts'
import { assertConfirms, CONCURRENT_FLOW, checkNamed, claimForNamed, keepPending } from '../confirm-connection.ts'
import { finishSession } from '../connect-sessions.ts'
import {
  adminConsentOf,
  codeParameterOf,
  isTemporaryToken,
  keptOfCallback,
  readCode,
  stateOf,
  verifyCallback,
} from './callback-parameters.ts'
import {
  assertUnchanged,
  type ObtainedCredential,
  type OpenFlow,
  obtainCredential,
  openReturnedFlow,
  type ReturnedFlow,
  revokeObtained,
} from './exchange.ts'
import { FlowFailedError, type FlowFailure, flowFailed, responseRejected, toSessionError } from './flow-failure.ts'
import { consumeState, type OAuthDeps, openFlow, resealFlow } from './oauth-flow.ts'

// The end of an OAuth flow. It has two entries: `finishOAuth` for a browser at our callback, and `completeOAuth` for a
// product that hosts the callback itself. Both consume the state, check the response, exchange the code, and conclude the
// flow with the credential or with a failure. The parts follow below in this order.

/** Whether the browser has the cookie with this hash. */
type IsBound = (browserHash: Uint8Array) => boolean

/** A browser that returns from the provider. */
interface OAuthCallback {
  /** From the path of the callback. */
  integrationId: string
  params: URLSearchParams
  isBound: IsBound
  /** The provider's page sent the response as a form (OAuth 2.0 Form Post Response Mode, section 2). */
  posted: boolean
}

/** Where the browser goes. */
export type OAuthEnd =
  /** To a page of ours, because the response cannot be assigned to a flow. */
  | { at: 'page'; problem: 'unknown' | 'unassigned' | 'otherBrowser' | 'adminConsent' | 'adminRefusal' }
  /** To our own address, where the browser sends its cookies. */
  | { at: 'posted'; token: string }
  /** To the last page of the session. */
  | { at: 'session'; connectSessionId: string }
  /** To the first page of the session, because the user has to continue there. */
  | { at: 'again'; connectSessionId: string }
  | { at: 'return'; returnUrl: string; connectionId: string; handle: string }
  | { at: 'return'; returnUrl: string; error: string; description: string }
  /** To a page that offers to try again: the provider is unavailable, and the same response can be exchanged later. */
  | { at: 'retry'; token: string }

const UNKNOWN: OAuthEnd = { at: 'page', problem: 'unknown' }

/**
 * Handles a callback. The state is consumed before anything else is checked, so that one of several equal callbacks is
 * exchanged, and a rejected response cannot be sent again.
 *
 * Browsers send no SameSite=Lax cookies with a form of another site, so a posted response of a session's flow is kept, sealed,
 * until the browser comes back with its cookies (`finishPosted`).
 */
export async function finishOAuth(deps: OAuthDeps, callback: OAuthCallback): Promise<OAuthEnd> {
  const { params, integrationId, isBound, posted } = callback
  const state = stateOf(params)
  const consumed = state === null ? null : await consumeFlow(deps.database, hashOneTimeSecret(state), null)
  if (state === null || consumed === null) return { at: 'page', problem: withoutFlow(params) }
  const { returned, expired } = consumed
  const { browserHash } = returned.flow
  const isOurs = !expired && returned.flow.integrationId === integrationId
  if (posted && isOurs && browserHash !== null && !isBound(browserHash)) return keepPosted(deps, returned, params)
  const release = () => releaseState(deps.database, returned)
  return concludeResponse(deps, returned, { state, params, integrationId, isBound, expired, release })
}

/** Why a response has no flow. It may come from a provider's page to which nobody was sent from here. */
function withoutFlow(params: URLSearchParams): Extract<OAuthEnd, { at: 'page' }>['problem'] {
  const adminConsent = adminConsentOf(params)
  if (adminConsent !== null) return adminConsent === 'given' ? 'adminConsent' : 'adminRefusal'
  return ['state', 'oauth_token', 'denied'].some((name) => params.has(name)) ? 'unknown' : 'unassigned'
}

interface ArrivedResponse extends Omit<OAuthCallback, 'posted'> {
  state: string
  expired: boolean
  /** Makes the request that brought the response possible again. */
  release: () => Promise<void>
}

function concludeResponse(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  { state, params, integrationId, isBound, expired, release }: ArrivedResponse,
): Promise<OAuthEnd> {
  return concludeForBrowser(deps, returned, release, async () => {
    if (expired) throw responseRejected(TOO_LATE)
    assertSameWay(returned, { integrationId, isBound })
    const open = await openReturnedFlow(deps, returned)
    const { code, kept } = checkResponse(open, state, params)
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

/** Keeps a posted response. Its state is consumed already; the token takes its place. */
async function keepPosted(
  { database, vault }: OAuthDeps,
  { flow }: ReturnedFlow,
  params: URLSearchParams,
): Promise<OAuthEnd> {
  const { secret: token, hash } = newOneTimeSecret()
  await database.transaction(async (tx) => {
    await resealFlow(tx, vault, { ...flow }, { ...openFlow(vault, flow), posted: [...params] })
    await tx.query('UPDATE oauth_flow SET result_hash = $2::bytea WHERE id = $1::uuid', [flow.id, hash])
  })
  return { at: 'posted', token }
}

/**
 * Handles a posted response that was kept. The response is checked as at the callback.
 * @param token from our redirect. It is valid once
 */
export async function finishPosted(deps: OAuthDeps, token: string, isBound: IsBound): Promise<OAuthEnd> {
  if (!isOneTimeSecret(token)) return UNKNOWN
  const { taken, returned } = await deps.database.transaction(async (tx) => {
    const [row] = await tx.query<{ id: string; expired: boolean }>(
      `UPDATE oauth_flow SET result_hash = NULL WHERE result_hash = $1::bytea AND ${IS_POSTED}
       RETURNING id, expires_at <= clock_timestamp() AS expired`,
      [hashOneTimeSecret(token)],
    )
    return { taken: row, returned: row === undefined ? null : await findReturnedFlow(tx, row.id) }
  })
  if (taken === undefined || returned === null) return UNKNOWN
  const { posted } = openFlow(deps.vault, returned.flow)
  if (posted === undefined) throw new Error('A flow with a posted response has its parameters.')
  const params = new URLSearchParams(posted)
  const { integrationId } = returned.flow
  const { expired } = taken
  const state = stateOf(params) ?? ''
  const release = () => restoreToken(deps.database, returned, token)
  return concludeResponse(deps, returned, { state, params, integrationId, isBound, expired, release })
}

/** SQL condition on a flow with a result hash: a posted response waits, and not a page that offers to try again. */
const IS_POSTED = 'outcome IS NULL'

interface OAuthCompletion {
  state: string
  code: string
  iss: string | null
  /** Other parameters of the callback, for the definition's callbackKeep and callbackVerify: an object of strings. */
  params: unknown
  /** The end user who is signed in at the returning browser. At most one of the two is set. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Null: the name that was chosen when connecting started. */
  displayName: string | null
}

/**
 * Completes a flow whose callback the product hosts itself. The response is checked as at our own callback. There is no
 * cookie of ours; instead the product names the end user who is signed in, which also confirms the connection.
 * @throws InvalidInputError; NotFoundError for a state that is unknown or was used; ForbiddenError for a rejected response, or
 * a caller that may not confirm; ScopeMismatchError when connecting was started for another end user; ProviderError with the
 * provider's message
 */
export async function completeOAuth(deps: OAuthDeps, caller: Caller, completion: OAuthCompletion): Promise<Connection> {
  const { state, displayName, endUserId, endUserExternalId } = completion
  const check = checkInput()
  checkConnectionFields(check, { displayName, endUserId, endUserExternalId })
  const params = callbackParams(check, completion)
  check.done()
  const known = await findUnconsumed(deps.database, caller, state)
  if (known === null) throw unknownState()
  assertConfirms(caller, known.workspaceId)
  nameAuditTarget({ type: 'Connection', id: known.connectionId, workspaceId: known.workspaceId })
  // Checked before the state is consumed: a wrong or missing end user must not cost the user another consent.
  await checkNamed(deps.database, known.connection, completion)
  const consumed = await consumeFlow(deps.database, hashOneTimeSecret(state), known.workspaceId)
  if (consumed === null) throw unknownState()
  const { returned, expired } = consumed
  return concludeForBackend(deps, returned, completion, async () => {
    if (expired) throw responseRejected(TOO_LATE)
    // Before the token request, so that no token is requested with another person's consent.
    const owner = await deps.database.transaction((tx) => claimForNamed(tx, returned.connection, completion))
    const open = await openReturnedFlow(deps, returned)
    const { code, kept } = checkResponse(open, state, asResponse(open, params))
    return { owner, obtained: await obtainCredential(deps, open, code, kept) }
  })
}

// Find the flow and consume its state.

const TOO_LATE = 'The response arrived too late.'

/** In one transaction: if the database is lost before the flow is read, the state is not consumed. */
function consumeFlow(
  database: Database,
  stateHash: Uint8Array,
  workspaceId: string | null,
): Promise<{ returned: ReturnedFlow; expired: boolean } | null> {
  return database.transaction(async (tx) => {
    const consumed = await consumeState(tx, stateHash, workspaceId)
    const returned = consumed === null ? null : await findReturnedFlow(tx, consumed.id)
    return consumed === null || returned === null ? null : { returned, expired: consumed.expired }
  })
}

/** Null when the connection or the integration was deleted. */
async function findReturnedFlow({ prisma }: Pick<Tx, 'prisma'>, id: string): Promise<ReturnedFlow | null> {
  const found = await prisma.oAuthFlow.findUnique({
    where: { id },
    include: { connection: true, integration: true },
  })
  if (found === null || found.connection.deletedAt !== null || found.integration.deletedAt !== null) return null
  const { connection, integration, ...flow } = found
  return { flow, connection, integration }
}

async function findUnconsumed({ prisma }: Database, caller: Caller, state: string) {
  if (!isTemporaryToken(state)) return null
  const where = { stateHash: hashOneTimeSecret(state), workspaceId: caller.workspaceId ?? undefined }
  const include = { connection: { select: { workspaceId: true, endUserId: true, status: true } } } as const
  const flow = await prisma.oAuthFlow.findUnique({ where, include })
  return flow === null || flow.consumedAt !== null || !seesIntegration(caller, flow.integrationId) ? null : flow
}

function unknownState(): NotFoundError {
  return new NotFoundError('There is no such state: it was used, or it has expired. Connect again with startOAuth.')
}

// Check the response.

const OTHER_BROWSER = 'other_browser'

/** RFC 9700 section 4.4: the response arrives at the redirect URI of the request, in the browser that started the flow. */
function assertSameWay(
  { flow }: ReturnedFlow,
  { integrationId, isBound }: Pick<OAuthCallback, 'integrationId' | 'isBound'>,
): void {
  if (flow.integrationId !== integrationId) {
    throw responseRejected('The response arrived at the redirect URI of another integration.')
  }
  if (flow.browserHash !== null && !isBound(flow.browserHash)) {
    throw responseRejected(
      'The response arrived in another browser than the one that started connecting.',
      OTHER_BROWSER,
    )
  }
}

/** The callback's parameters as they were in its URL. */
function callbackParams(check: InputCheck, { state, code, iss, params }: OAuthCompletion): URLSearchParams {
  const own = { state, code, ...(iss === null ? {} : { iss }) }
  const all = new URLSearchParams()
  if (params != null && !isRecord(params)) check.wrong(['input', 'params'], 'Must be an object of strings.')
  for (const [name, value] of Object.entries(isRecord(params) ? params : {})) {
    if (typeof value !== 'string') check.wrong(['input', 'params', name], 'Must be a string.')
    else if (Object.hasOwn(own, name) && Reflect.get(own, name) !== value) {
      check.wrong(['input', 'params', name], `Must equal ${name} beside params, or be left out.`)
    } else all.set(name, value)
  }
  for (const [name, value] of Object.entries(own)) all.set(name, value)
  return all
}

/**
 * The parameters under the provider's names. `code` of the input is the provider's `authorizationResponse.code`. In OAuth 1.0a,
 * `state` is the temporary token and `code` the verifier.
 */
function asResponse({ auth }: OpenFlow, params: URLSearchParams): URLSearchParams {
  const response = new URLSearchParams(params)
  response.delete('code')
  response.set(auth.type === 'oauth1' ? 'oauth_verifier' : codeParameterOf(auth), params.get('code') ?? '')
  return response
}

/** @returns the code to exchange, and the callback parameters to keep. @throws FlowFailedError */
function checkResponse(
  { auth, client, secrets }: OpenFlow,
  state: string,
  params: URLSearchParams,
): { code: string; kept: Record<string, string> } {
  const { clientId, clientSecret = '' } = client
  const { codeVerifier = '', issRequired = false } = secrets
  const ours = [state, params.get(codeParameterOf(auth)) ?? '', codeVerifier, clientSecret]
  const code = readCode(auth, { clientId, state, issRequired, secrets: ours }, params)
  verifyCallback(auth, client.clientSecret, params)
  return { code, kept: keptOfCallback(auth, params, [code, ...ours]) }
}

// Conclude the flow.

/**
 * Obtains the credential and ends the flow of a browser: the credential waits for confirmation, or is put into use at once if
 * the session needs none. A failure is stored too.
 * @param release makes the browser's request possible again
 * @throws the database's error while it is unavailable: the request can be repeated; UnavailableError when a credential was
 * obtained and could not be stored
 */
function concludeForBrowser(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  release: () => Promise<void>,
  obtain: () => Promise<ObtainedCredential>,
): Promise<OAuthEnd> {
  return releasedWithoutDatabase(deps, release, () => endForBrowser(deps, returned, obtain))
}

async function endForBrowser(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  obtain: () => Promise<ObtainedCredential>,
): Promise<OAuthEnd> {
  const { flow } = returned
  try {
    const obtained = await obtain()
    const handle = await storeObtained(deps, returned, obtained, () => storeForBrowser(deps, returned, obtained))
    if (flow.connectSessionId !== null) return { at: 'session', connectSessionId: flow.connectSessionId }
    if (flow.returnUrl === null || handle === null) {
      throw new Error('A flow without a session has a return URL and a handle.')
    }
    return { at: 'return', returnUrl: flow.returnUrl, connectionId: flow.connectionId, handle }
  } catch (error) {
    if (isDatabaseUnavailable(error) || error instanceof UnavailableError) throw error
    const failure = failureOf(deps, returned, error)
    if (failure.ends === 'retry' && (await canRetry(deps.database, returned)))
      return offerRetry(deps.database, returned, failure)
    await storeFailure(deps, returned, failure)
    return endOf(returned, failure)
  }
}

/** @returns the handle for this browser; null when no confirmation is needed. @throws NotFoundError, ConflictError */
function storeForBrowser(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  obtained: ObtainedCredential,
): Promise<string | null> {
  const { flow, integration } = returned
  return deps.database.transaction(async (tx) => {
    const connection = await holdConnection(tx, returned)
    const session = flow.connectSessionId === null ? null : await findFlowSession(tx, flow.connectSessionId)
    if (session !== null && (await isStored(tx, returned))) return null
    const { displayName, unproven } = flow
    const input = flow.input as Record<string, unknown>
    if (session?.confirmation === 'NONE') {
      await storeOutcome(tx, deps.vault, returned, { status: 'COMPLETED' })
      const activation = { ...obtained, input, unproven, displayName, endUserId: null, connectSessionId: session.id }
      await activateConnection(tx, deps, connection, integration, activation)
      return null
    }
    const connectSessionId = session?.id ?? null
    const pending = { connection, ...obtained, input, unproven, displayName, connectSessionId }
    const handle = await keepPending(tx, deps.vault, pending)
    const outcome = { status: 'AWAITING_CONFIRMATION' }
    await storeOutcome(tx, deps.vault, returned, outcome, session === null ? null : handle)
    if (connection.status === 'PENDING') await setStatusReason(tx, connection.id, null)
    if (session !== null) {
      const result = { status: 'AWAITING_CONFIRMATION' as const, connectionId: connection.id }
      if (!(await finishSession(tx, deps, session.id, result))) throw sessionOver()
    }
    return handle
  })
}

function failureOf({ logger }: OAuthDeps, { flow }: ReturnedFlow, error: unknown): FlowFailure {
  if (error instanceof FlowFailedError) return error.failure
  if (error instanceof LatchkeyError) return flowFailed(error).failure
  logger.error({ err: error, flowId: flow.id }, 'an OAuth flow failed unexpectedly')
  return flowFailed(new UnavailableError('An internal error occurred. Connect again.')).failure
}

function endOf({ flow }: ReturnedFlow, { ends, error, shown }: FlowFailure): OAuthEnd {
  if (ends === 'page') return { at: 'page', problem: error === OTHER_BROWSER ? 'otherBrowser' : 'unknown' }
  const { connectSessionId } = flow
  if (connectSessionId !== null) return { at: ends === 'again' ? 'again' : 'session', connectSessionId }
  if (flow.returnUrl === null) throw new Error('A flow without a session has a return URL.')
  const description = shown instanceof ProviderError ? shown.words.providerErrorDescription : undefined
  return { at: 'return', returnUrl: flow.returnUrl, error, description: description ?? shown.message }
}

/** Obtains the credential and puts it into use. If the provider is unavailable, the same call can be made again. */
function concludeForBackend(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  completion: OAuthCompletion,
  obtain: () => Promise<{ owner: string | null; obtained: ObtainedCredential }>,
): Promise<Connection> {
  const release = () => releaseState(deps.database, returned)
  return releasedWithoutDatabase(deps, release, () => endForBackend(deps, returned, completion, obtain))
}

async function endForBackend(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  { displayName }: OAuthCompletion,
  obtain: () => Promise<{ owner: string | null; obtained: ObtainedCredential }>,
): Promise<Connection> {
  try {
    const { owner, obtained } = await obtain()
    return await storeObtained(deps, returned, obtained, () =>
      conflictOn(() => storeForBackend(deps, returned, obtained, { endUserId: owner, displayName }), CONCURRENT_FLOW),
    )
  } catch (error) {
    const failure = error instanceof FlowFailedError ? error.failure : null
    if (failure?.ends === 'retry') {
      await releaseState(deps.database, returned)
      throw failure.shown
    }
    if (failure === null && (!(error instanceof LatchkeyError) || error instanceof UnavailableError)) throw error
    await storeFailure(deps, returned, failure ?? flowFailed(error as LatchkeyError).failure)
    throw failure?.shown ?? error
  }
}

function storeForBackend(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  obtained: ObtainedCredential,
  { endUserId, displayName }: { endUserId: string | null; displayName: string | null },
): Promise<Connection> {
  const { flow, integration } = returned
  return deps.database.transaction(async (tx) => {
    const connection = await holdConnection(tx, returned)
    if (await isStored(tx, returned)) return connection
    await recordAudit(tx, { type: 'Connection', id: connection.id, workspaceId: connection.workspaceId })
    await storeOutcome(tx, deps.vault, returned, { status: 'COMPLETED' })
    return activateConnection(tx, deps, connection, integration, {
      ...obtained,
      input: flow.input as Record<string, unknown>,
      unproven: flow.unproven,
      displayName: displayName ?? flow.displayName,
      endUserId,
      connectSessionId: flow.connectSessionId,
    })
  })
}

async function releaseState({ sql }: Database, { flow }: ReturnedFlow): Promise<void> {
  await sql.query(`UPDATE oauth_flow SET consumed_at = NULL WHERE id = $1::uuid AND ${IS_OPEN}`, [flow.id])
}

/** Makes the token of a page of ours valid again. */
async function restoreToken({ sql }: Database, { flow }: ReturnedFlow, token: string): Promise<void> {
  await sql.query(
    `UPDATE oauth_flow SET result_hash = $2::bytea WHERE id = $1::uuid AND result_hash IS NULL AND ${IS_OPEN}`,
    [flow.id, hashOneTimeSecret(token)],
  )
}

/** SQL condition on a flow: it has not ended. */
const IS_OPEN = `coalesce(outcome->>'status', 'RETRY') = 'RETRY'`

/** How long storing an obtained credential is repeated while the database is unavailable. A browser waits for it. */
const STORE_WITHIN_MS = 20_000
/** How long flows are tidied up after the database was lost: as long as a flow lives. */
const TIDY_WITHIN_MS = 600_000
const TRY_AGAIN_MS = 500

/**
 * Stores a credential that the provider has just issued. Repeats it while the database is unavailable, because the code is
 * spent. A credential that cannot be stored is revoked.
 */
async function storeObtained<T>(
  deps: OAuthDeps,
  returned: ReturnedFlow,
  obtained: ObtainedCredential,
  store: () => Promise<T>,
): Promise<T> {
  try {
    return await whileUnavailable(STORE_WITHIN_MS, store)
  } catch (error) {
    if (!isDatabaseUnavailable(error)) {
      await revokeObtained(deps, returned, obtained)
      throw error
    }
    void whenDatabaseIsBack(deps, async () => {
      if (await isStored(deps.database.sql, returned)) return
      await revokeObtained(deps, returned, obtained)
      await storeFailure(deps, returned, flowFailed(notStored(error)).failure)
    })
    throw notStored(error)
  }
}

function notStored(cause: unknown): UnavailableError {
  return new UnavailableError('The account could not be stored because the database was away. Connect again.', {
    cause,
  })
}

/** Whether the credential of a flow was stored: the confirmation of a commit may be lost together with the connection. */
async function isStored(sql: SqlRunner, { flow }: ReturnedFlow): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 AS one FROM oauth_flow WHERE id = $1::uuid AND outcome->>'status' IN ('AWAITING_CONFIRMATION', 'COMPLETED')`,
    [flow.id],
  )
  return rows.length > 0
}

async function whileUnavailable<T>(withinMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isDatabaseUnavailable(error) || performance.now() > deadline) throw error
      await sleep(TRY_AGAIN_MS, undefined, { ref: false })
    }
  }
}

/** If the work fails because the database is unavailable, `release` runs as soon as it is back. */
async function releasedWithoutDatabase<T>(
  deps: OAuthDeps,
  release: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isDatabaseUnavailable(error)) void whenDatabaseIsBack(deps, release)
    throw error
  }
}

/** Runs work that nobody waits for, as soon as the database is available. */
async function whenDatabaseIsBack({ logger }: OAuthDeps, work: () => Promise<void>): Promise<void> {
  try {
    await whileUnavailable(TIDY_WITHIN_MS, work)
  } catch (error) {
    logger.error({ err: error }, 'an OAuth flow could not be tidied up after the database was unavailable')
  }
}

async function holdConnection(tx: Tx, { flow }: ReturnedFlow): Promise<Connection> {
  await holdIntegration(tx, { id: flow.integrationId })
  await assertUnchanged(tx, flow)
  const connection = await tx.prisma.connection.findUnique({ where: { id: flow.connectionId, deletedAt: null } })
  if (connection === null) throw new NotFoundError('The connection was deleted meanwhile. Connect again.')
  return connection
}

async function findFlowSession(tx: Tx, id: string) {
  const session = await tx.prisma.connectSession.findUnique({ where: { id }, select: { id: true, confirmation: true } })
  if (session === null) throw sessionOver()
  return session
}

function sessionOver(): ConflictError {
  return new ConflictError('This connect session is over. Get a new link and connect again.')
}

/** Stores that a flow failed. A connection that is already in use stays unchanged. */
async function storeFailure(deps: OAuthDeps, returned: ReturnedFlow, failure: FlowFailure): Promise<void> {
  const { flow, connection } = returned
  const error = toSessionError(failure.shown)
  const { id: flowId, integrationId, connectionId, connectSessionId } = flow
  deps.logger.info(
    { flowId, integrationId, connectionId, reason: failure.error, because: failure.shown.message },
    'an OAuth flow failed',
  )
  await deps.database.transaction(async (tx) => {
    await storeOutcome(tx, deps.vault, returned, { status: 'FAILED', ...error })
    if (connection.status === 'PENDING') await setStatusReason(tx, connectionId, statusReasonOf(error))
    if (connectSessionId !== null && failure.ends !== 'again') {
      const sessionError = { ...error, returnError: failure.error }
      await finishSession(tx, deps, connectSessionId, { status: 'FAILED', error: sessionError })
    }
  })
}

function statusReasonOf({
  message,
  providerError,
  providerErrorDescription,
}: ReturnType<typeof toSessionError>): string {
  const words = providerErrorDescription ?? providerError
  return words === undefined ? message : `${message} The provider says: ${words}`
}

async function setStatusReason(tx: Tx, connectionId: string, statusReason: string | null): Promise<void> {
  await tx.prisma.connection.updateMany({ where: { id: connectionId, status: 'PENDING' }, data: { statusReason } })
}

/** Stores the outcome of a flow and erases the secrets of the exchange. */
async function storeOutcome(
  tx: Tx,
  vault: Vault,
  { flow }: ReturnedFlow,
  outcome: object,
  handle: string | null = null,
): Promise<void> {
  // `resealFlow` changes the version in its argument. A copy is passed because the transaction may run again.
  await resealFlow(tx, vault, { ...flow }, handle === null ? {} : { handle })
  // Updates no row when the flow was deleted together with its integration.
  await tx.prisma.oAuthFlow.updateMany({
    where: { id: flow.id },
    data: { outcome: JSON.parse(JSON.stringify(outcome)) as Prisma.InputJsonObject, resultHash: null },
  })
}

/** The handle of a session's flow; null when there is nothing to confirm. Only for the browser that the session is bound to. */
export async function takeHandle(
  { database, vault }: Pick<OAuthDeps, 'database' | 'vault'>,
  connectSessionId: string,
): Promise<string | null> {
  const flow = await database.prisma.oAuthFlow.findFirst({
    where: { connectSessionId, consumedAt: { not: null }, connection: { pendingCredential: { connectSessionId } } },
    orderBy: { consumedAt: 'desc' },
  })
  return flow === null ? null : (openFlow(vault, flow).handle ?? null)
}

// Retry an exchange that failed because the provider was unavailable.

/** A code lives for ten minutes at most, and usually less (RFC 6749 section 4.1.2). */
const RETRY_WITHIN_SECONDS = 300

async function canRetry({ sql }: Database, { flow }: ReturnedFlow): Promise<boolean> {
  if (flow.consumedAt === null) return false
  const now = await databaseNow(sql)
  return now.getTime() < flow.consumedAt.getTime() + RETRY_WITHIN_SECONDS * 1_000
}

/** The code is already sealed in the flow. */
async function offerRetry({ sql }: Database, { flow }: ReturnedFlow, { shown }: FlowFailure): Promise<OAuthEnd> {
  const { secret: token, hash } = newOneTimeSecret()
  await sql.query(
    `UPDATE oauth_flow SET result_hash = $2::bytea, outcome = $3::jsonb,
       expires_at = consumed_at + $4::int * interval '1 second'
     WHERE id = $1::uuid`,
    [flow.id, hash, JSON.stringify({ status: 'RETRY', message: shown.message }), RETRY_WITHIN_SECONDS],
  )
  return { at: 'retry', token }
}

/** What the page that offers a retry shows. */
export interface Retryable {
  workspace: Workspace
  integration: { displayName: string; provider: string | null }
  /** Where the browser goes at the end. Null: to the hosted page. */
  returnUrl: string | null
  /** Null: the flow belongs to no connect session. */
  session: { id: string; allowedOrigins: readonly string[] } | null
}

/** Null when the retry is no longer possible. */
export async function findRetry({ database }: Pick<OAuthDeps, 'database'>, token: string): Promise<Retryable | null> {
  const returned = await findRetryable(database, token)
  if (returned === null) return null
  const { flow, integration } = returned
  const workspace = await database.prisma.workspace.findUnique({ where: { id: flow.workspaceId } })
  if (workspace === null) return null
  const session =
    flow.connectSessionId === null
      ? null
      : await database.prisma.connectSession.findUnique({
          where: { id: flow.connectSessionId },
          select: { id: true, allowedOrigins: true },
        })
  return { workspace, integration, returnUrl: flow.returnUrl, session }
}

/**
 * Exchanges a stored code again, without another consent of the user, or gives up.
 * @param token token of the page that offers the retry. It is valid once; a retry that fails offers a new one
 */
export async function retryOAuth(
  deps: OAuthDeps,
  { token, giveUp, isBound }: { token: string; giveUp: boolean; isBound: IsBound },
): Promise<OAuthEnd> {
  const returned = await findRetryable(deps.database, token)
  if (returned === null) return UNKNOWN
  const { browserHash } = returned.flow
  if (browserHash !== null && !isBound(browserHash)) return { at: 'page', problem: 'otherBrowser' }
  // Of several concurrent calls, the one that removes the token goes on.
  const [taken] = await deps.database.sql.query(
    `UPDATE oauth_flow SET result_hash = NULL, expires_at = greatest(expires_at, clock_timestamp() + interval '2 minutes')
     WHERE result_hash = $1::bytea RETURNING id`,
    [hashOneTimeSecret(token)],
  )
  if (taken === undefined) return UNKNOWN
  const release = () => restoreToken(deps.database, returned, token)
  return concludeForBrowser(deps, returned, release, async () => {
    if (giveUp) throw gaveUp()
    const open = await openReturnedFlow(deps, returned)
    const { code, kept = {} } = open.secrets
    if (code === undefined) throw new Error('A flow that is retried has a code.')
    return obtainCredential(deps, open, code, kept)
  })
}

async function findRetryable(database: Database, token: string): Promise<ReturnedFlow | null> {
  if (!isOneTimeSecret(token)) return null
  const [row] = await database.sql.query<{ id: string }>(
    `SELECT id FROM oauth_flow WHERE result_hash = $1::bytea AND NOT (${IS_POSTED}) AND expires_at > clock_timestamp()`,
    [hashOneTimeSecret(token)],
  )
  return row === undefined ? null : findReturnedFlow(database, row.id)
}

function gaveUp(): FlowFailedError {
  const shown = new ProviderError('The provider could not be reached, and the user gave up.')
  return flowFailed(shown, 'temporarily_unavailable')
}
