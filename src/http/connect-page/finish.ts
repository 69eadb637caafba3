import { type PageSession, recordAway, type SessionError, sessionStatus } from '../../connecting/connect-sessions.ts'
import { takeHandle } from '../../connecting/oauth/finish-oauth.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'
import { readHandle } from './cookies.ts'
import { type Html, html } from './html.ts'
import { type PageContent, type PageContext, SIGNS } from './layout.ts'
import { lookOf } from './look/tiles.ts'
import { seeOther, withQuery } from './page-response.ts'
import { type ConnectPageDeps, overKey, sessionPath, show, showProblem, type Visit } from './page-visit.ts'
import { hintFor, operatorNote, providerQuote, reasonOfHint } from './reasons.ts'

/** The last page of a session, or a redirect to the product. */
export async function showFinish(deps: ConnectPageDeps, visit: Visit): Promise<Response> {
  const { session, publicUrl } = visit
  switch (sessionStatus(session)) {
    case 'PENDING':
    case 'CONNECTING':
      return seeOther(`${publicUrl}${sessionPath.choose(session.id)}`)
    case 'FAILED':
      return showFailure(deps, visit)
    case 'AWAITING_CONFIRMATION':
    case 'COMPLETED':
      return showDone(deps, visit)
    default:
      return showProblem(visit, 410, overKey(visit) ?? 'finished')
  }
}

/**
 * Redirects to the product when the session has a redirectUrl and no allowedOrigins. With allowedOrigins a page of the product
 * may have opened this window. Then a page is shown whose script sends the result to that page and moves on; without scripts
 * the page has a link.
 */
async function showDone(deps: ConnectPageDeps, visit: Visit): Promise<Response> {
  const { session } = visit
  const { connectionId } = session
  const connection =
    connectionId === null
      ? null
      : await deps.database.prisma.connection.findUnique({
          where: { id: connectionId, deletedAt: null },
          select: { id: true, integration: { select: { displayName: true, provider: true } } },
        })
  if (connection === null) return showProblem(visit, 410, 'finished')
  const handle = await findHandle(deps, visit)
  const globalId = encodeGlobalId('Connection', connection.id)
  const query = { connection_id: globalId, ...(handle === null ? {} : { handle }) }
  const next = session.redirectUrl === null ? null : withQuery(session.redirectUrl, query)
  if (next !== null && session.allowedOrigins.length === 0) {
    await recordAway(deps.database.sql, session.id)
    return seeOther(next)
  }
  const message = {
    type: 'latchkey:connected' as const,
    session: encodeGlobalId('ConnectSession', session.id),
    connectionId: globalId,
    handle,
  }
  const done = { session, integration: connection.integration, message, next }
  return show(visit, donePage(visit.context, done))
}

/** The one-time handle of a connection that must be confirmed; null: there is nothing to confirm. */
async function findHandle(deps: ConnectPageDeps, { request, publicUrl, session }: Visit): Promise<string | null> {
  if (session.status !== 'AWAITING_CONFIRMATION') return null
  return (await takeHandle(deps, session.id)) ?? readHandle(request, publicUrl, session.id)
}

async function showFailure(deps: ConnectPageDeps, visit: Visit): Promise<Response> {
  const { session, context } = visit
  // Only finishSession writes this column.
  const error = (session.error ?? {
    code: 'INTERNAL',
    message: context.texts.problems.internal.title,
  }) as unknown as SessionError
  const query = {
    error: error.returnError ?? error.providerError ?? error.code.toLowerCase(),
    error_description: error.providerErrorDescription ?? error.message,
  }
  const next = session.redirectUrl === null ? null : withQuery(session.redirectUrl, query)
  const integration = await findFailedIntegration(deps, session.id)
  return show(visit, failedPage(context, { error, integration, next }))
}

/** The integration at whose provider the last OAuth flow of a session was. Null: it was deleted. */
async function findFailedIntegration(
  { database }: ConnectPageDeps,
  connectSessionId: string,
): Promise<FinishedIntegration | null> {
  const flow = await database.prisma.oAuthFlow.findFirst({
    where: { connectSessionId, consumedAt: { not: null } },
    orderBy: { consumedAt: 'desc' },
    select: { integration: { select: { displayName: true, provider: true } } },
  })
  return flow?.integration ?? null
}

/** The message to the page that opened this window. It contains no credential. */
interface DoneMessage {
  type: 'latchkey:connected'
  /** Global ids. */
  session: string
  connectionId: string
  /** For `confirmConnection`; null: there is nothing to confirm. */
  handle: string | null
}

interface Done {
  session: PageSession
  integration: FinishedIntegration
  message: DoneMessage
  /** The redirect URL with its parameters; null: the session has none. */
  next: string | null
}

/**
 * The page after the user has done their part. Until the product has confirmed the connection it says that a step is left, because
 * nobody may have received the handle.
 */
function donePage({ texts, brand }: PageContext, { session, integration, message, next }: Done): PageContent {
  const data = JSON.stringify({ message, origins: session.allowedOrigins, next })
  const link = next === null ? '' : html`<a class="primary" href="${next}">${texts.backTo(brand.name)}</a>`
  if (session.status === 'AWAITING_CONFIRMATION') {
    // The handle may reach nobody. With scripts and an opener, this is hidden until the opener has had its time to answer.
    const title = texts.unfinishedTitle
    const text =
      next === null ? texts.unreceivedText(integration.displayName, brand.name) : texts.unfinishedText(brand.name)
    const body = html`<div class="centred" role="status" data-done="${data}">
<h1 data-unfinished>${title}</h1>
<p data-unfinished>${text}</p>
<p data-waiting hidden>${texts.working}</p>
</div>
${link}`
    return { title, body, provider: lookOf(integration) }
  }
  const title = texts.doneTitle(integration.displayName)
  const body = html`<div class="centred" role="status" data-done="${data}">
<h1>${title}</h1>
<p>${texts.doneText(brand.name)}</p>
</div>
${next === null ? html`<p class="after muted">${texts.closeWindow}</p>` : link}`
  return { title, body, provider: lookOf(integration), outcome: 'connected' }
}

interface FinishedIntegration {
  displayName: string
  provider: string | null
}

interface Failed {
  error: SessionError
  /** Null: it was deleted. */
  integration: FinishedIntegration | null
  next: string | null
}

function failedPage(context: PageContext, { error, integration, next }: Failed): PageContent {
  const { texts, brand } = context
  const title = texts.failedTitle
  const mark = integration === null ? html`<div class="mark failed" aria-hidden="true">${SIGNS.failed}</div>` : ''
  const back =
    next === null
      ? html`<p class="after muted">${texts.closeWindow}</p>`
      : html`<a class="primary" href="${next}">${texts.backTo(brand.name)}</a>`
  const body = html`${mark}<h1>${title}</h1>
${failureNote(context, error, integration)}
${back}`
  return { title, body, provider: integration === null ? undefined : lookOf(integration), outcome: 'failed' }
}

/** Errors that an administrator of the user's organization mends, and those that only an operator of the product can mend. */
const FOR_ADMINISTRATORS: ReadonlySet<string> = new Set(['admin_policy_enforced', 'consent_required'])
const FOR_OPERATORS: ReadonlySet<string> = new Set([
  'invalid_client',
  'invalid_request',
  'invalid_scope',
  'invalid_token_response',
  'org_internal',
  'redirect_uri_mismatch',
  'unauthorized_client',
  'unsupported_response_type',
])

/** The cause and what to do about it: from the guide of the provider, or by the code of the error. */
function failureNote(context: PageContext, error: SessionError, integration: FinishedIntegration | null): Html {
  const { texts, brand } = context
  const { returnError = '', providerError = '', providerErrorDescription } = error
  const provider = integration?.provider ?? null
  const reported = { error: error.providerError, message: providerErrorDescription }
  const place = hintFor(provider, { at: 'consent', ...reported }) ?? hintFor(provider, { at: 'token', ...reported })
  const reason = reasonOfHint(provider, place, context)
  const quote = integration === null ? '' : providerQuote(integration.displayName, quoteOf(error), context)
  if (reason !== null) {
    return html`<div class="note bad" role="status"><p>${reason.cause} ${reason.advice}</p>${operatorNote(reason, context)}${quote}</div>`
  }
  const code = [providerError, returnError].find((each) => Object.hasOwn(texts.failures, each))
  // Our own sentence is in English and for developers.
  const developers = code === undefined && quote === '' ? error.message : undefined
  const cause = code === undefined ? texts.otherFailure : texts.failures[code]
  const advice = FOR_ADMINISTRATORS.has(code ?? '')
    ? texts.askAdmin
    : FOR_OPERATORS.has(code ?? '')
      ? texts.tellSender
      : texts.failedText(brand.name)
  return html`<div class="note bad" role="status"><p>${cause} ${advice}</p>${quote}${
    developers === undefined ? '' : html`<p class="small" lang="en">${developers}</p>`
  }</div>`
}

/** A code that the texts explain is not repeated. */
function quoteOf({ providerError, providerErrorDescription }: SessionError): string | undefined {
  return providerErrorDescription ?? (providerError === 'access_denied' ? undefined : providerError)
}
