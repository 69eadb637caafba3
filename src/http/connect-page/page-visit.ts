import type { PageSession } from '../../connecting/connect-sessions.ts'
import type { Offer } from '../../connecting/session-offers.ts'
import { isSessionOver, sessionStatus } from '../../connections/connect-session-state.ts'
import { type Brand, brandOf, PLAIN_BRAND } from './branding.ts'
import { isBoundBrowser } from './cookies.ts'
import { html } from './html.ts'
import { type PageContent, type PageContext, pageContext, showPage } from './layout.ts'
import type { PageOptions } from './page-response.ts'
import type { Texts } from './texts/en.ts'
import { type Locale, localeOf, TEXTS } from './texts.ts'

/** One request for a page of a session. */
export interface Visit {
  request: Request
  publicUrl: string
  session: PageSession
  context: PageContext
  /** Whose session it is: nobody's yet, this browser's, or another's. */
  owner: 'nobody' | 'this' | 'another'
}

export function visitOf(request: Request, publicUrl: string, session: PageSession): Visit {
  const { browserHash } = session
  const mine = browserHash !== null && isBoundBrowser(request, publicUrl, browserHash)
  const owner = browserHash === null ? 'nobody' : mine ? 'this' : 'another'
  return { request, publicUrl, session, owner, context: pageContext(localeOf(request), brandOf(session.workspace)) }
}

export function show(visit: Visit, page: PageContent, options: PageOptions = {}): Response {
  return showPage(visit.context, page, { frameAncestors: visit.session.allowedOrigins, ...options })
}

export function showProblem({ context, session }: Visit, status: number, key: ProblemKey, detail?: string): Response {
  return problemPage(status, key, context.locale, {
    brand: context.brand,
    frameAncestors: session.allowedOrigins,
    ...(detail === undefined ? {} : { detail }),
  })
}

/** Why a session cannot be gone on with in any browser; null: it can. */
export function overKey({ session }: Visit): ProblemKey | null {
  if (!isSessionOver(session)) return null
  const status = sessionStatus(session)
  return status === 'EXPIRED' ? 'expired' : status === 'REVOKED' ? 'revoked' : 'finished'
}

export const sessionPath = {
  choose: (sessionId: string) => `/connect/choose/${sessionId}`,
  form: (sessionId: string, slug: string) => `/connect/to/${sessionId}/${encodeURIComponent(slug)}`,
  finish: (sessionId: string) => `/connect/finish/${sessionId}`,
}

/**
 * Where a form of the page may lead. A provider's consent page sends browsers on as it likes, to a sign-in at another host
 * or straight back, and Chromium stops a form whose redirects leave the list: so any https, where no secret is typed.
 */
export function formTargets({ session }: Visit, offers: readonly Offer[]): string[] {
  const { redirectUrl } = session
  return [
    ...(redirectUrl === null ? [] : [new URL(redirectUrl).origin]),
    ...offers.flatMap(({ consent, definition: { auth } }) => {
      if (!consent) return []
      const url = auth.type === 'oauth2' ? auth.authorizationUrl : undefined
      return ['https:', ...(url !== undefined && URL.canParse(url) ? [new URL(url).origin] : [])]
    }),
  ].filter((source) => source !== 'null')
}

export type ProblemKey = keyof Texts['problems']

interface ProblemOptions extends Omit<PageOptions, 'status'> {
  /** Default: no workspace's. */
  brand?: Brand
  /** More about it, for those who can mend it; shown as it is. */
  detail?: string
}

/** A page that says why it does not go on, and what to do. It names nothing that its reader may not know. */
export function problemPage(status: number, key: ProblemKey, locale: Locale, options: ProblemOptions = {}): Response {
  const { brand = PLAIN_BRAND, detail, ...page } = options
  const { title, text } = TEXTS[locale].problems[key]
  const body = html`<div class="mark bad" aria-hidden="true">!</div>
<h1>${title}</h1>
<p>${text}</p>
${detail === undefined ? '' : html`<p class="muted small">${detail}</p>`}`
  return showPage(pageContext(locale, brand), { title, body }, { ...page, status })
}
