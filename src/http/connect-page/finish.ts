import { type PageSession, recordAway, type SessionError, sessionStatus } from '../../connecting/connect-sessions.ts'
import { takeHandle } from '../../connecting/oauth/finish-oauth.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'
import { readHandle } from './cookies.ts'
import { type Html, html } from './html.ts'
import type { PageContent, PageContext } from './layout.ts'
import { seeOther, withQuery } from './page-response.ts'
import { type ConnectPageDeps, overKey, sessionPath, show, showProblem, type Visit } from './page-visit.ts'

/** The last page of a session, or a redirect to the product. */
export async function showFinish(deps: ConnectPageDeps, visit: Visit): Promise<Response> {
  const { session, publicUrl } = visit
  switch (sessionStatus(session)) {
    case 'PENDING':
    case 'CONNECTING':
      return seeOther(`${publicUrl}${sessionPath.choose(session.id)}`)
    case 'FAILED':
      return showFailure(visit)
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
          select: { id: true, integration: { select: { displayName: true } } },
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
  const done = { session, integrationName: connection.integration.displayName, message, next }
  return show(visit, donePage(visit.context, done))
}

/** The one-time handle of a connection that must be confirmed; null: there is nothing to confirm. */
async function findHandle(deps: ConnectPageDeps, { request, publicUrl, session }: Visit): Promise<string | null> {
  if (session.status !== 'AWAITING_CONFIRMATION') return null
  return (await takeHandle(deps, session.id)) ?? readHandle(request, publicUrl, session.id)
}

function showFailure(visit: Visit): Response {
  const { session, context } = visit
  // Only finishSession writes this column.
  const error = (session.error ?? {
    code: 'INTERNAL',
    message: context.texts.problems.internal.title,
  }) as unknown as SessionError
  const providerMessage = error.providerErrorDescription ?? error.providerError ?? null
  const query = {
    error: error.returnError ?? error.providerError ?? error.code.toLowerCase(),
    error_description: error.providerErrorDescription ?? error.message,
  }
  const next = session.redirectUrl === null ? null : withQuery(session.redirectUrl, query)
  return show(visit, failedPage(context, { providerMessage, reason: failureReason(context, error), next }))
}

/** In the visitor's language where there is a text for it. The message of the error is in English. */
function failureReason({ texts }: PageContext, { returnError = '', message }: SessionError): Html {
  const text = Object.hasOwn(texts.failures, returnError) ? texts.failures[returnError] : undefined
  return text === undefined ? html`<p lang="en">${message}</p>` : html`<p>${text}</p>`
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
  integrationName: string
  message: DoneMessage
  /** The redirect URL with its parameters; null: the session has none. */
  next: string | null
}

function donePage({ texts, brand }: PageContext, { session, integrationName, message, next }: Done): PageContent {
  const title = texts.doneTitle(integrationName)
  const data = JSON.stringify({ message, origins: session.allowedOrigins, next })
  const body = html`<div class="mark good" aria-hidden="true">✓</div>
<div role="status" data-done="${data}">
<h1>${title}</h1>
<p>${message.handle === null ? texts.doneText(brand.name) : texts.pendingText(brand.name)}</p>
</div>
${next === null ? html`<p class="muted">${texts.closeWindow}</p>` : html`<a class="primary" href="${next}">${texts.backTo(brand.name)}</a>`}`
  return { title, body }
}

interface Failed {
  /** The provider's own providerMessage. */
  providerMessage: string | null
  reason: Html
  next: string | null
}

function failedPage({ texts, brand }: PageContext, { providerMessage, reason, next }: Failed): PageContent {
  const title = texts.failedTitle
  const body = html`<div class="mark bad" aria-hidden="true">!</div>
<h1>${title}</h1>
<p>${texts.failedText(brand.name)}</p>
<div class="note bad" role="status">${reason}${providerMessage === null ? '' : html`<blockquote class="small">${providerMessage}</blockquote>`}</div>
${next === null ? html`<p class="muted">${texts.closeWindow}</p>` : html`<a class="primary" href="${next}">${texts.backTo(brand.name)}</a>`}`
  return { title, body }
}
