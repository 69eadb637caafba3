import { CALLBACK_PATH } from '../../connecting/oauth/consent-request.ts'
import {
  findRetry,
  finishOAuth,
  type OAuthEnd,
  type Retryable,
  retryOAuth,
} from '../../connecting/oauth/finish-oauth.ts'
import type { OAuthDeps } from '../../connecting/oauth/oauth-deps.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'
import { isId } from '../../kit/ids.ts'
import { brandOf } from './branding.ts'
import { GUARD_FIELD, guardForm, isBoundBrowser, isOwnForm } from './cookies.ts'
import { html } from './html.ts'
import { pageContext, showPage } from './layout.ts'
import { readForm, seeOther, withQuery } from './page-response.ts'
import { problemPage } from './page-visit.ts'
import { type Locale, localeOf } from './texts.ts'

const RETRY_PATH = '/oauth/retry/'

/** Null: the request is for somebody else. */
export type OAuthPages = (request: Request) => Promise<Response | null>

/**
 * `/oauth/callback/<id of an integration>`, where providers send browsers back to, and `/oauth/retry/<token>`, where a person
 * ends whose provider is away. Every answer is a redirect by 303 to a URL without code and state, or a page that loads nothing
 * from elsewhere and that nobody keeps.
 */
export function createOAuthPages(deps: OAuthDeps): OAuthPages {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname.startsWith(CALLBACK_PATH)) {
      // A look by a scanner of links must use nothing up.
      if (request.method !== 'GET') return notAllowed('GET')
      const integrationId = pathname.slice(CALLBACK_PATH.length)
      if (!isId(integrationId)) return problemPage(404, 'unknownState', localeOf(request))
      return answer(
        deps,
        request,
        await finishOAuth(deps, { integrationId, params: searchParams, isBound: binding(deps, request) }),
      )
    }
    if (!pathname.startsWith(RETRY_PATH)) return null
    const token = pathname.slice(RETRY_PATH.length)
    if (request.method === 'GET') return showRetry(deps, request, token)
    return request.method === 'POST' ? postRetry(deps, request, token) : notAllowed('GET, POST')
  }
}

function binding({ publicUrl }: OAuthDeps, request: Request): (hash: Uint8Array) => boolean {
  return (hash) => isBoundBrowser(request, publicUrl, hash)
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
  return answer(deps, request, await retryOAuth(deps, { token, giveUp, isBound: binding(deps, request) }))
}

function answer(deps: OAuthDeps, request: Request, end: OAuthEnd): Response {
  switch (end.at) {
    case 'page': {
      const locale = localeOf(request)
      return end.problem === 'otherBrowser'
        ? problemPage(403, end.problem, locale)
        : problemPage(400, 'unknownState', locale)
    }
    case 'session':
      return seeOther(`${deps.publicUrl}/connect/finish/${end.connectSessionId}`)
    case 'retry':
      return seeOther(`${deps.publicUrl}${RETRY_PATH}${end.token}`)
    case 'return':
      return seeOther(withQuery(end.returnUrl, valuesOf(end)))
  }
}

function valuesOf(end: Extract<OAuthEnd, { at: 'return' }>): Record<string, string> {
  if ('error' in end) return { error: end.error, error_description: end.description }
  return { connection_id: encodeGlobalId('Connection', end.connectionId), handle: end.handle }
}

function notAllowed(allow: string): Response {
  return new Response(null, { status: 405, headers: { allow } })
}

/** The name of the buttons. */
const RETRY_ACTION = 'action'

interface RetryTexts {
  title: (integration: string) => string
  text: string
  again: string
  giveUp: string
}

const RETRY_TEXTS: Readonly<Record<Locale, RetryTexts>> = {
  en: {
    title: (integration) => `${integration} does not answer`,
    text: 'You have agreed already. Nothing is lost: try again in a moment, you will not be asked once more.',
    again: 'Try again',
    giveUp: 'Give up',
  },
  de: {
    title: (integration) => `${integration} antwortet nicht`,
    text: 'Sie haben bereits zugestimmt. Nichts ist verloren: Versuchen Sie es gleich noch einmal, Sie werden nicht erneut gefragt.',
    again: 'Noch einmal versuchen',
    giveUp: 'Aufgeben',
  },
}

/** Offers a person to exchange once more what the provider has already agreed to. */
function retryPage(request: Request, publicUrl: string, retryable: Retryable): Response {
  const { workspace, integrationName, returnUrl } = retryable
  const locale = localeOf(request)
  const texts = RETRY_TEXTS[locale]
  const { value, cookies } = guardForm(request, publicUrl)
  const title = texts.title(integrationName)
  const body = html`<div class="mark bad" aria-hidden="true">!</div>
<h1>${title}</h1>
<p>${texts.text}</p>
<form method="post">
<input type="hidden" name="${GUARD_FIELD}" value="${value}">
<p><button class="primary" name="${RETRY_ACTION}" value="again">${texts.again}</button></p>
<p><button class="plain" name="${RETRY_ACTION}" value="give-up">${texts.giveUp}</button></p>
</form>`
  // After the form the browser is sent on to where it ends.
  const formTargets = returnUrl === null ? [] : [new URL(returnUrl).origin]
  return showPage(pageContext(locale, brandOf(workspace)), { title, body }, { formTargets, cookies })
}
