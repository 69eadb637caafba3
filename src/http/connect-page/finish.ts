import type { PageSession } from '../../connecting/connect-sessions.ts'
import { takeHandle } from '../../connecting/oauth/finish-oauth.ts'
import { type SessionError, sessionStatus } from '../../connections/connect-session-state.ts'
import type { Services } from '../../graphql/kernel/context.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'
import { readHandle } from './cookies.ts'
import { html } from './html.ts'
import type { PageContent, PageContext } from './layout.ts'
import { seeOther, withQuery } from './page-response.ts'
import { overKey, sessionPath, show, showProblem, type Visit } from './page-visit.ts'

/** What has come of a session, for the browser that it is bound to. */
export async function showFinish(services: Services, visit: Visit): Promise<Response> {
  const { session, publicUrl } = visit
  switch (sessionStatus(session)) {
    case 'PENDING':
    case 'CONNECTING':
      return seeOther(`${publicUrl}${sessionPath.choose(session.id)}`)
    case 'FAILED':
      return showFailure(visit)
    case 'AWAITING_CONFIRMATION':
    case 'COMPLETED':
      return showDone(services, visit)
    default:
      return showProblem(visit, 410, overKey(visit) ?? 'finished')
  }
}

/**
 * Straight back to the product where a redirect is all that it asked for. Where a page of the product's may have opened this
 * one, that page is told first, which takes a script; without one there is a link.
 */
async function showDone(services: Services, visit: Visit): Promise<Response> {
  const { session } = visit
  const { connectionId } = session
  const connection =
    connectionId === null
      ? null
      : await services.database.prisma.connection.findUnique({
          where: { id: connectionId, deletedAt: null },
          select: { id: true, integration: { select: { displayName: true } } },
        })
  if (connection === null) return showProblem(visit, 410, 'finished')
  const handle = await handleOf(services, visit)
  const globalId = encodeGlobalId('Connection', connection.id)
  const query = { connection_id: globalId, ...(handle === null ? {} : { handle }) }
  const next = session.redirectUrl === null ? null : withQuery(session.redirectUrl, query)
  if (next !== null && session.allowedOrigins.length === 0) return seeOther(next)
  const message = {
    type: 'latchkey:connected' as const,
    session: encodeGlobalId('ConnectSession', session.id),
    connectionId: globalId,
    handle,
  }
  const done = { session, integrationName: connection.integration.displayName, message, next }
  return show(visit, donePage(visit.context, done))
}

/** The handle of what waits for its confirmation; null where nothing does. */
async function handleOf(services: Services, { request, publicUrl, session }: Visit): Promise<string | null> {
  if (session.status !== 'AWAITING_CONFIRMATION') return null
  return (await takeHandle(services, session.id)) ?? readHandle(request, publicUrl, session.id)
}

function showFailure(visit: Visit): Response {
  const { session, context } = visit
  // Written by finishSession alone.
  const error = (session.error ?? {
    code: 'INTERNAL',
    message: context.texts.problems.internal.text,
  }) as unknown as SessionError
  const words = error.providerErrorDescription ?? error.providerError ?? null
  const query = {
    error: error.returnError ?? error.providerError ?? error.code.toLowerCase(),
    error_description: error.providerErrorDescription ?? error.message,
  }
  const next = session.redirectUrl === null ? null : withQuery(session.redirectUrl, query)
  return show(visit, failedPage(context, { words, message: error.message, next }))
}

/** What is told to the page that opened the window. It holds no credential, and of the handle nothing but its hash is stored. */
interface DoneMessage {
  type: 'latchkey:connected'
  /** Global ids. */
  session: string
  connectionId: string
  /** Null: nothing has to be confirmed. */
  handle: string | null
}

interface Done {
  session: PageSession
  integrationName: string
  message: DoneMessage
  /** Where the browser ends; null: the session has no such place. */
  next: string | null
}

/** The end of the way, with the message for whoever opened this window, and a way on where there is one. */
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
  /** The provider's own words. */
  words: string | null
  message: string
  next: string | null
}

/** Why nothing was connected. */
function failedPage({ texts, brand }: PageContext, { words, message, next }: Failed): PageContent {
  const title = texts.failedTitle
  const body = html`<div class="mark bad" aria-hidden="true">!</div>
<h1>${title}</h1>
<p>${texts.failedText(brand.name)}</p>
<div class="note bad" role="status"><p>${message}</p>${words === null ? '' : html`<blockquote class="small">${words}</blockquote>`}</div>
${next === null ? html`<p class="muted">${texts.closeWindow}</p>` : html`<a class="primary" href="${next}">${texts.backTo(brand.name)}</a>`}`
  return { title, body }
}
