import { randomUUID } from 'node:crypto'
import { isSessionOver, type PageSession, sessionStatus } from '../../connecting/connect-sessions.ts'
import type { OAuthDeps } from '../../connecting/oauth/oauth-flow.ts'
import type { Offer } from '../../connecting/session-offers.ts'
import type { UnavailableError } from '../../kit/errors.ts'
import type { Sender } from '../../requests/send.ts'
import { type Brand, brandOf, PLAIN_BRAND } from './branding.ts'
import { isBoundBrowser } from './cookies.ts'
import { html } from './html.ts'
import { type PageContent, type PageContext, pageContext, SIGNS, showPage } from './layout.ts'
import type { PageOptions } from './page-response.ts'
import type { Texts } from './texts/en.ts'
import { type Locale, localeOf, TEXTS } from './texts.ts'

/** What the pages of a session use. `publicUrl` is read at each request. */
export interface ConnectPageDeps extends OAuthDeps {
  sender: Sender
}

/** One request for a page of a session. */
export interface Visit {
  request: Request
  publicUrl: string
  session: PageSession
  context: PageContext
  /** The browser that claimed the session: none yet, this one, or another one. */
  owner: 'nobody' | 'this' | 'another'
  /** The token of the link, if the request has it. */
  token: string | null
}

export function visitOf(request: Request, publicUrl: string, session: PageSession, token: string | null = null): Visit {
  const { browserHash } = session
  const isOwner = browserHash !== null && isBoundBrowser(request, publicUrl, browserHash)
  const owner = browserHash === null ? 'nobody' : isOwner ? 'this' : 'another'
  const context = pageContext(localeOf(request), brandOf(session.workspace))
  return { request, publicUrl, session, owner, token, context }
}

export const sessionPath = {
  choose: (sessionId: string) => `/connect/choose/${sessionId}`,
  form: (sessionId: string, slug: string) => `/connect/to/${sessionId}/${encodeURIComponent(slug)}`,
  finish: (sessionId: string) => `/connect/finish/${sessionId}`,
  /** Where pages report that they are shown or closed. @param key the id of the session, or the token of its link */
  page: (key: string) => `/connect/page/${key}`,
}

/** How a page of a session reports that it is shown or closed. Every rendered page has an id of its own. */
export function reportOf(key: string): NonNullable<PageOptions['report']> {
  return { url: sessionPath.page(key), page: randomUUID() }
}

/** The options that all pages of a session share. The session's allowed origins may frame them. */
function sessionOptions({ session, owner, token }: Visit): PageOptions {
  const key = owner === 'this' ? session.id : token
  return {
    frameAncestors: session.allowedOrigins,
    report: key === null || owner === 'another' ? undefined : reportOf(key),
  }
}

/** A page of the session. */
export function show(visit: Visit, page: PageContent, options: PageOptions = {}): Response {
  return showPage(visit.context, page, { ...sessionOptions(visit), ...options })
}

/** A problem page with the session's branding. */
export function showProblem(visit: Visit, status: number, key: ProblemKey, detail?: string): Response {
  const { locale, brand } = visit.context
  return problemPage(status, key, locale, { brand, detail, ...sessionOptions(visit) })
}

export type ProblemKey = keyof Texts['problems']

interface ProblemOptions extends Omit<PageOptions, 'status'> {
  /** Default: a neutral one. */
  brand?: Brand
  /** A technical explanation, shown as it is. */
  detail?: string | undefined
}

/** A page that says what happened and what to do. It does not reveal anything that the reader may not know. */
export function problemPage(status: number, key: ProblemKey, locale: Locale, options: ProblemOptions = {}): Response {
  const { brand = PLAIN_BRAND, detail, ...page } = options
  const { title, text } = TEXTS[locale].problems[key]
  const mark =
    status < 400
      ? html`<div class="mark" aria-hidden="true">${SIGNS.connected}</div>`
      : html`<div class="mark failed" aria-hidden="true">${SIGNS.failed}</div>`
  const body = html`${mark}
<h1>${title}</h1>
<p>${text}</p>
${detail === undefined ? '' : html`<p class="muted small" lang="en">${detail}</p>`}`
  return showPage(pageContext(locale, brand), { title, body }, { ...page, status })
}

/**
 * A page for a request that failed because the database cannot be reached. The browser stays at the address of the request, so
 * that the same request can be made again. The page may be in a window whose opener waits for a result.
 */
export function unavailablePage(request: Request, { status, retryAfterSeconds }: UnavailableError): Response {
  const locale = localeOf(request)
  const { title, text } = TEXTS[locale].problems.unavailable
  const again = TEXTS[locale].retryAgain
  // A link would lose a form that was sent. Browsers send it again when the page is reloaded.
  const link = request.method === 'GET' ? html`<a class="primary" href="">${again}</a>` : ''
  const body = html`<div class="mark failed" aria-hidden="true">${SIGNS.failed}</div>
<h1>${title}</h1>
<p>${text}</p>
${link}`
  return showPage(pageContext(locale, PLAIN_BRAND), { title, body }, { status, retryAfterSeconds, keepsOpener: true })
}

/** Why the session is over, for every browser; null: it is not over. */
export function overKey({ session }: Visit): ProblemKey | null {
  if (!isSessionOver(session)) return null
  const status = sessionStatus(session)
  return status === 'EXPIRED' ? 'expired' : status === 'REVOKED' ? 'revoked' : 'finished'
}

/**
 * Origins for `form-action`. Chromium also checks redirects after a form against this list. A provider may redirect to any
 * host, for example to a sign-in page, so a page that leads to a provider allows all of https. Such a page has no field for
 * a secret.
 */
export function formTargets({ session }: Visit, offers: readonly Offer[]): string[] {
  const { redirectUrl } = session
  return [
    ...(redirectUrl === null ? [] : [new URL(redirectUrl).origin]),
    ...offers.flatMap(({ methods }) =>
      methods.flatMap(({ consent }) => {
        if (consent === null) return []
        const { authorizationUrl: url } = consent
        return ['https:', ...(url !== undefined && URL.canParse(url) ? [new URL(url).origin] : [])]
      }),
    ),
  ].filter((source) => source !== 'null')
}
