import { sessionStatus } from '../../connecting/connect-session-state.ts'
import { findSession, openSession, type PageSession } from '../../connecting/connect-sessions.ts'
import { beginOAuth } from '../../connecting/oauth/begin-oauth.ts'
import { connectionInWork, type Offer, offersOf } from '../../connecting/session-offers.ts'
import type { Services } from '../../graphql/kernel/context.ts'
import { InvalidInputError, LatchkeyError, UnavailableError } from '../../kit/errors.ts'
import { bindBrowser } from './browser-binding.ts'
import { choosePage } from './choose-page.ts'
import { formValueOf, guardForm } from './form-guard.ts'
import { seeOther } from './page-response.ts'
import { formTargets, overKey, pathOf, problem, show, type Visit, visitOf } from './page-visit.ts'

/** The list of what is offered. Looking at it changes nothing: links are looked at by machines too. */
export async function showChoice(services: Services, visit: Visit, action: string): Promise<Response> {
  const { session, owner, request, publicUrl } = visit
  const over = overKey(visit)
  if (owner === 'another') return problem(visit, 403, over ?? 'taken')
  if (owner === 'this' && (over !== null || sessionStatus(session) !== 'CONNECTING')) {
    return seeOther(`${publicUrl}${pathOf.finish(session.id)}`)
  }
  if (over !== null) return problem(visit, 410, over)
  const offers = await offersOf(services, session)
  const { value: guard, cookies } = guardForm(request, publicUrl)
  const framed = request.headers.get('sec-fetch-dest') === 'iframe'
  const page = choosePage(visit.context, { session, offers, action, guard, framed })
  return show(visit, page, { cookies, formTargets: formTargets(visit, offers) })
}

/**
 * Takes the link for the browser that asks first, and goes on to what it has chosen. The same form sent twice at once, as by
 * a double click, is the same browser.
 * @param secret of the link; null: the browser has taken it already
 */
export async function postChoice(
  services: Services,
  visit: Visit,
  form: URLSearchParams,
  secret: string | null,
): Promise<Response> {
  const { session, publicUrl, request } = visit
  const offers = await offersOf(services, session)
  const slug = form.get('integration')
  const offer =
    slug === null && offers.length === 1 ? offers[0] : offers.find(({ integration }) => integration.slug === slug)
  if (visit.owner === 'this') {
    if (sessionStatus(session) !== 'CONNECTING') return seeOther(`${publicUrl}${pathOf.finish(session.id)}`)
    return offer === undefined ? problem(visit, 404, 'notOffered') : goTo(services, visit, offer)
  }
  if (secret === null) return problem(visit, 403, 'otherBrowser')
  const over = overKey(visit)
  if (over !== null) return problem(visit, visit.owner === 'nobody' ? 410 : 403, over)
  if (offer === undefined) return problem(visit, 404, 'notOffered')
  const shown = formValueOf(request, publicUrl)
  const { hash, cookie } = bindBrowser(request, publicUrl, shown === null ? null : `${shown} ${secret}`)
  if (!(await openSession(services, session.id, hash))) {
    const now = await findSession(services.database, session.id)
    const same = now?.browserHash != null && Buffer.from(hash).equals(now.browserHash)
    if (now === null || !same) return problem(visit, 403, 'taken')
    return withCookie(
      await postChoice(services, { ...visitOf(request, publicUrl, now), owner: 'this' }, form, secret),
      cookie,
    )
  }
  const opened: PageSession = { ...session, status: 'CONNECTING', browserHash: hash }
  return withCookie(await goTo(services, { ...visit, session: opened, owner: 'this' }, offer), cookie)
}

function withCookie(response: Response, cookie: string): Response {
  response.headers.append('set-cookie', cookie)
  return response
}

/** To the provider's consent page, or to the form for what has to be known first. */
async function goTo(services: Services, visit: Visit, offer: Offer): Promise<Response> {
  const { session, publicUrl } = visit
  const { integration, definition, consent } = offer
  const form = seeOther(`${publicUrl}${pathOf.form(session.id, integration.slug)}`)
  if (!consent) return form
  const asksFirst = (definition.inputFields ?? []).length > 0 && session.reconnectId === null
  if (asksFirst) return form
  try {
    return await goToConsent(services, visit, offer, null)
  } catch (error) {
    // What the connection knows does not fit the definition any more: the person is asked.
    if (error instanceof InvalidInputError) return form
    throw error
  }
}

/**
 * @param input by the definition's inputFields; null: those of the connection
 * @throws InvalidInputError for the inputs
 */
export async function goToConsent(
  services: Services,
  visit: Visit,
  { integration }: Offer,
  input: Readonly<Record<string, string>> | null,
): Promise<Response> {
  const { session } = visit
  if (session.browserHash === null) throw new Error('A session that nobody has taken goes nowhere.')
  const connection = await connectionInWork(services.database, session, integration.id)
  if (session.reconnectId !== null && connection === null) return problem(visit, 404, 'notOffered')
  try {
    const { authorizationUrl } = await beginOAuth(services, {
      integration,
      workspaceId: session.workspaceId,
      connection,
      endUserId: session.endUserId,
      displayName: null,
      externalId: null,
      collection: null,
      scopes: null,
      input,
      returnUrl: null,
      connectSession: { id: session.id, browserHash: session.browserHash },
    })
    return seeOther(authorizationUrl)
  } catch (error) {
    if (!(error instanceof LatchkeyError) || error instanceof InvalidInputError) throw error
    services.logger.warn({ err: error, integrationId: integration.id }, 'a consent page cannot be asked for')
    return error instanceof UnavailableError
      ? problem(visit, 503, 'internal')
      : problem(visit, 409, 'notPossible', error.message)
  }
}
