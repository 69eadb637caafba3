import type { Workspace } from '../../db/generated/client.ts'
import { LatchkeyError, ProviderError, UnavailableError } from '../../kit/errors.ts'
import { hashOneTimeSecret, isOneTimeSecret, newOneTimeSecret } from '../../kit/one-time-secret.ts'
import { readAnswer, stateOf } from './callback-parameters.ts'
import { concludeFailed, concludeForBrowser } from './conclude-flow.ts'
import { giveBack, obtainCredential } from './exchange.ts'
import { FlowFailedError, type FlowFailure, failedBy, refused } from './flow-failure.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { consumeState, openFlow, resealFlow } from './oauth-flow.ts'
import { expectedOf, findReturnedFlow, openReturnedFlow, type ReturnedFlow } from './returned-flow.ts'
import { keptOfCallback, verifyCallback } from './verify-callback.ts'

/** A browser that comes back from the provider. */
export interface OAuthCallback {
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
    if (consumed.expired) throw refused('The answer has come too late.')
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
    throw refused('The answer has come to another address than it was asked to.')
  if (flow.browserHash !== null && !isBound(flow.browserHash)) {
    throw refused('The answer has come with another browser than the one that began.', OTHER_BROWSER)
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
      await giveBack(deps, returned, obtained)
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
