import type { Caller } from '../../access/caller.ts'
import { isRecord } from '../../catalog/template/value.ts'
import type { Connection } from '../../db/generated/client.ts'
import { conflictOn } from '../../db/violations.ts'
import { LatchkeyError, NotFoundError } from '../../kit/errors.ts'
import { checkInput, type InputCheck } from '../../kit/input.ts'
import { hashOneTimeSecret } from '../../kit/one-time-secret.ts'
import { assertConfirms, checkNamed, checkNamedEndUser, namedEndUser } from '../confirming-end-user.ts'
import { readAnswer, stateOf } from './callback-parameters.ts'
import { concludeFailed, concludeForBackend } from './conclude-flow.ts'
import { giveBack, obtainCredential } from './exchange.ts'
import { FlowFailedError, failedBy, refused } from './flow-failure.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { consumeState } from './oauth-flow.ts'
import { expectedOf, findReturnedFlow, type OpenFlow, openReturnedFlow, type ReturnedFlow } from './returned-flow.ts'
import { keptOfCallback, verifyCallback } from './verify-callback.ts'

export interface OAuthCompletion {
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
    if (consumed.expired) throw refused('The answer has come too late.')
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
    await giveBack(deps, returned, obtained)
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
