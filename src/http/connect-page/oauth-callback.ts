import { findRetry, finishOAuth, type OAuthEnd, retryOAuth } from '../../connecting/oauth/finish-oauth.ts'
import type { OAuthDeps } from '../../connecting/oauth/oauth-deps.ts'
import { CALLBACK_PATH } from '../../connecting/oauth/redirect-uri.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'
import { isId } from '../../kit/ids.ts'
import { isBoundBrowser } from './browser-binding.ts'
import { isOwnForm } from './form-guard.ts'
import { RETRY_ACTION, retryPage } from './oauth-retry-page.ts'
import { seeOther, withQuery } from './page-response.ts'
import { problemPage } from './problem-page.ts'
import { readForm } from './read-form.ts'
import { localeOf } from './texts.ts'

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
