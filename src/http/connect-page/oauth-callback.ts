import {
  findRetry,
  finishOAuth,
  finishPosted,
  type OAuthEnd,
  type Retryable,
  retryOAuth,
} from '../../connecting/oauth/finish-oauth.ts'
import { ADMIN_CONSENT } from '../../connecting/oauth/flow-failure.ts'
import type { OAuthDeps } from '../../connecting/oauth/oauth-flow.ts'
import { CALLBACK_PATH } from '../../connecting/oauth/oauth-flow.ts'
import { unavailableOr } from '../../db/unavailable.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'
import { UnavailableError } from '../../kit/errors.ts'
import { isId } from '../../kit/ids.ts'
import { brandOf } from './branding.ts'
import { GUARD_FIELD, guardForm, isBoundBrowser, isOwnForm } from './cookies.ts'
import { html } from './html.ts'
import { pageContext, showPage } from './layout.ts'
import { lookOf } from './look/tiles.ts'
import { readForm, seeOther, withQuery } from './page-response.ts'
import { type ProblemKey, problemPage, reportOf, sessionPath, unavailablePage } from './page-visit.ts'
import { localeOf } from './texts.ts'

const RETRY_PATH = '/oauth/retry/'
const POSTED_PATH = '/oauth/posted/'

/** @returns null when the path belongs to another part of the server */
export type OAuthPages = (request: Request) => Promise<Response | null>

/**
 * `/oauth/callback/<integration id>` is where providers send browsers after consent: with a GET request, or with a POST request
 * that has the response in its body (`response_mode=form_post`). `/oauth/posted/<token>` is where such a browser continues with
 * its cookies. `/oauth/retry/<token>` is shown when the provider's token endpoint does not answer. Every response is a 303
 * redirect to a URL without code and state, or a page that loads nothing from other hosts and is not cached.
 */
export function createOAuthPages(deps: OAuthDeps): OAuthPages {
  return async (request) => {
    try {
      return await oauthPage(deps, request)
    } catch (error) {
      // A credential was obtained and could not be stored, so the request cannot be repeated.
      if (error instanceof UnavailableError) return problemPage(error.status, 'internal', localeOf(request))
      const expected = unavailableOr(error, deps.logger)
      if (expected instanceof UnavailableError) return unavailablePage(request, expected)
      throw error
    }
  }
}

async function oauthPage(deps: OAuthDeps, request: Request): Promise<Response | null> {
  const { pathname, searchParams } = new URL(request.url)
  if (pathname.startsWith(CALLBACK_PATH)) {
    const posted = request.method === 'POST'
    // Link scanners send HEAD requests, which must not consume the state.
    if (!posted && request.method !== 'GET') return methodNotAllowed('GET, POST')
    const integrationId = pathname.slice(CALLBACK_PATH.length)
    if (!isId(integrationId)) return problemPage(404, 'unknownState', localeOf(request))
    const reading = posted ? await readForm(request, MAX_RESPONSE_BYTES) : { form: searchParams }
    if ('status' in reading) return problemPage(reading.status, 'badRequest', localeOf(request))
    const params = reading.form
    const end = await finishOAuth(deps, { integrationId, params, posted, isBound: isBound(deps, request) })
    return responseTo(deps, request, end)
  }
  if (pathname.startsWith(POSTED_PATH)) {
    if (request.method !== 'GET') return methodNotAllowed('GET')
    const end = await finishPosted(deps, pathname.slice(POSTED_PATH.length), isBound(deps, request))
    return responseTo(deps, request, end)
  }
  if (!pathname.startsWith(RETRY_PATH)) return null
  const token = pathname.slice(RETRY_PATH.length)
  if (request.method === 'GET') return showRetry(deps, request, token)
  return request.method === 'POST' ? postRetry(deps, request, token) : methodNotAllowed('GET, POST')
}

/** Limit of a posted response. Longer than any provider's. */
const MAX_RESPONSE_BYTES = 64 * 1024

function isBound({ publicUrl }: OAuthDeps, request: Request): (hash: Uint8Array) => boolean {
  return (hash) => isBoundBrowser(request, publicUrl, hash)
}

function responseTo(deps: OAuthDeps, request: Request, end: OAuthEnd): Response {
  switch (end.at) {
    case 'page': {
      const { status, key } = PROBLEMS[end.problem]
      return problemPage(status, key, localeOf(request))
    }
    case 'posted':
      return seeOther(`${deps.publicUrl}${POSTED_PATH}${end.token}`)
    case 'session':
      return seeOther(`${deps.publicUrl}${sessionPath.finish(end.connectSessionId)}`)
    case 'again':
      return seeOther(
        withQuery(`${deps.publicUrl}${sessionPath.choose(end.connectSessionId)}`, { notice: ADMIN_CONSENT }),
      )
    case 'retry':
      return seeOther(`${deps.publicUrl}${RETRY_PATH}${end.token}`)
    case 'return':
      return seeOther(withQuery(end.returnUrl, returnParameters(end)))
  }
}

const PROBLEMS: Record<Extract<OAuthEnd, { at: 'page' }>['problem'], { status: number; key: ProblemKey }> = {
  unknown: { status: 400, key: 'unknownState' },
  unassigned: { status: 400, key: 'unassigned' },
  otherBrowser: { status: 403, key: 'otherBrowser' },
  adminConsent: { status: 200, key: 'adminConsent' },
  adminRefusal: { status: 400, key: 'adminRefusal' },
}

function returnParameters(end: Extract<OAuthEnd, { at: 'return' }>): Record<string, string> {
  if ('error' in end) return { error: end.error, error_description: end.description }
  return { connection_id: encodeGlobalId('Connection', end.connectionId), handle: end.handle }
}

function methodNotAllowed(allow: string): Response {
  return new Response(null, { status: 405, headers: { allow } })
}

async function showRetry(deps: OAuthDeps, request: Request, token: string): Promise<Response> {
  const retry = await findRetry(deps, token)
  if (retry === null) return problemPage(404, 'unknownState', localeOf(request))
  return retryPage(request, deps.publicUrl, retry)
}

async function postRetry(deps: OAuthDeps, request: Request, token: string): Promise<Response> {
  const locale = localeOf(request)
  const reading = await readForm(request)
  if ('status' in reading) return problemPage(reading.status, 'badRequest', locale)
  if (!isOwnForm(request, deps.publicUrl, reading.form)) return problemPage(403, 'crossSite', locale)
  const giveUp = reading.form.get(RETRY_ACTION) === 'give-up'
  return responseTo(deps, request, await retryOAuth(deps, { token, giveUp, isBound: isBound(deps, request) }))
}

/** The name of both buttons. */
const RETRY_ACTION = 'action'

/** Offers to exchange the code once more. The user has already given their consent. */
function retryPage(
  request: Request,
  publicUrl: string,
  { workspace, integration, returnUrl, session }: Retryable,
): Response {
  const context = pageContext(localeOf(request), brandOf(workspace))
  const { texts } = context
  const { value, cookies } = guardForm(request, publicUrl)
  const title = texts.unreachableTitle(integration.displayName)
  const body = html`<h1>${title}</h1>
<p>${texts.retryText(context.brand.name)}</p>
<form method="post">
<input type="hidden" name="${GUARD_FIELD}" value="${value}">
<button class="primary" name="${RETRY_ACTION}" value="again">${texts.retryAgain}</button>
<button class="second" name="${RETRY_ACTION}" value="give-up">${texts.retryGiveUp}</button>
<p class="working muted small" role="status" data-working="${texts.working}"></p>
</form>`
  // The form ends in a redirect to the product.
  const formTargets = returnUrl === null ? [] : [new URL(returnUrl).origin]
  // With other options the window would lose its opener, which waits for the result.
  const ofSession = session === null ? {} : { frameAncestors: session.allowedOrigins, report: reportOf(session.id) }
  return showPage(
    context,
    { title, body, provider: lookOf(integration), outcome: 'failed' },
    { formTargets, cookies, ...ofSession },
  )
}
