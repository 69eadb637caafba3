import { findSession, openSession, type PageSession } from '../../connecting/connect-sessions.ts'
import { beginOAuth } from '../../connecting/oauth/begin-oauth.ts'
import { connectionInWork, type Offer, offersOf } from '../../connecting/session-offers.ts'
import { sessionStatus } from '../../connections/connect-session-state.ts'
import type { Services } from '../../graphql/kernel/context.ts'
import { InvalidInputError, LatchkeyError, UnavailableError } from '../../kit/errors.ts'
import { bindBrowser, formValueOf, GUARD_FIELD, guardForm } from './cookies.ts'
import { type Html, html } from './html.ts'
import { initial, type PageContent, type PageContext } from './layout.ts'
import { seeOther } from './page-response.ts'
import { formTargets, overKey, sessionPath, show, showProblem, type Visit, visitOf } from './page-visit.ts'
import type { Texts } from './texts/en.ts'

/** The list of what is offered. Looking at it changes nothing: links are looked at by machines too. */
export async function showChoice(services: Services, visit: Visit, action: string): Promise<Response> {
  const { session, owner, request, publicUrl } = visit
  const over = overKey(visit)
  if (owner === 'another') return showProblem(visit, 403, over ?? 'taken')
  if (owner === 'this' && (over !== null || sessionStatus(session) !== 'CONNECTING')) {
    return seeOther(`${publicUrl}${sessionPath.finish(session.id)}`)
  }
  if (over !== null) return showProblem(visit, 410, over)
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
    if (sessionStatus(session) !== 'CONNECTING') return seeOther(`${publicUrl}${sessionPath.finish(session.id)}`)
    return offer === undefined ? showProblem(visit, 404, 'notOffered') : goTo(services, visit, offer)
  }
  if (secret === null) return showProblem(visit, 403, 'otherBrowser')
  const over = overKey(visit)
  if (over !== null) return showProblem(visit, visit.owner === 'nobody' ? 410 : 403, over)
  if (offer === undefined) return showProblem(visit, 404, 'notOffered')
  const shown = formValueOf(request, publicUrl)
  const { hash, cookie } = bindBrowser(request, publicUrl, shown === null ? null : `${shown} ${secret}`)
  if (!(await openSession(services, session.id, hash))) {
    const now = await findSession(services.database, session.id)
    const same = now?.browserHash != null && Buffer.from(hash).equals(now.browserHash)
    if (now === null || !same) return showProblem(visit, 403, 'taken')
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
  const form = seeOther(`${publicUrl}${sessionPath.form(session.id, integration.slug)}`)
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
  if (session.reconnectId !== null && connection === null) return showProblem(visit, 404, 'notOffered')
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
      ? showProblem(visit, 503, 'internal')
      : showProblem(visit, 409, 'notPossible', error.message)
  }
}

interface ChoosePage {
  session: PageSession
  offers: readonly Offer[]
  /** Where the choice is sent. */
  action: string
  guard: string
  /** The page is framed: what follows needs a window of its own, where cookies are kept. */
  framed: boolean
}

/** What is offered, for whom and by whom. One offer is no choice: then it is a button. */
function choosePage({ texts, brand }: PageContext, page: ChoosePage): PageContent {
  const { session, offers, action, guard, framed } = page
  const [only, ...others] = offers
  if (only === undefined) {
    const title = texts.nothingOffered
    return { title, body: html`<h1>${title}</h1><p>${texts.nothingOfferedText(brand.name)}</p>`, logo: true }
  }
  const single = others.length === 0
  const oneTitle = session.reconnectId === null ? texts.connectOneTitle : texts.reconnectTitle
  const title = single ? oneTitle(only.integration.displayName, brand.name) : texts.connectTitle(brand.name)
  const body = html`<h1>${title}</h1>
${whom(page.session, brand.name, texts)}
<form method="post" action="${action}"${framed ? html` target="_blank"` : ''}>
<input type="hidden" name="${GUARD_FIELD}" value="${guard}">
${single ? one(only, { texts, brand }) : many(offers, texts)}
<p class="muted small" role="status" data-working="${texts.working}"></p>
</form>`
  return { title, body, logo: true }
}

/** Says plainly for whom the account is connected, and who asks: the reader may have been sent somebody else's link. */
function whom({ endUser }: PageSession, workspace: string, texts: PageContext['texts']): Html {
  return html`<div class="who"><dl>
<dt>${texts.byWhom}</dt><dd>${workspace}</dd>
<dt>${texts.forWhom}</dt><dd>${optionName(endUser)}</dd>
</dl><p class="muted small">${texts.forWhomHint(workspace)}</p></div>`
}

/** By the name that people know, and by the one that the product knows. */
export function optionName({ displayName, externalId }: PageSession['endUser']): string {
  return displayName === null ? externalId : `${displayName} (${externalId})`
}

function one(offer: Offer, { texts, brand }: Pick<PageContext, 'texts' | 'brand'>): Html {
  const { slug, displayName } = offer.integration
  const label = offer.consent ? texts.continueTo(displayName) : texts.connectWith(displayName)
  return html`${allowed(offer, texts, brand.name)}
<button class="primary" name="integration" value="${slug}">${label}</button>`
}

function allowed(offer: Offer, texts: PageContext['texts'], workspace: string): Html {
  if (!offer.consent) return html`<p>${texts.keyNeeded}</p>`
  const words = scopeWords(offer.scopes, texts)
  if (words.length === 0) return html``
  return html`<h2>${texts.allows(workspace)}</h2><ul>${words.map((word) => html`<li>${word}</li>`)}</ul>`
}

function many(offers: readonly Offer[], texts: PageContext['texts']): Html {
  return html`<h2>${texts.chooseOne}</h2>
<ul class="offers">${offers.map((offer) => {
    const { slug, displayName } = offer.integration
    const hint = offer.consent ? scopeWords(offer.scopes, texts).join(', ') : texts.keyNeeded
    return html`<li><button class="offer" name="integration" value="${slug}">${initial(displayName)}
<span class="words"><strong>${displayName}</strong>${hint === '' ? '' : html`<span class="muted small">${hint}</span>`}</span>
<span class="chevron" aria-hidden="true"></span></button></li>`
  })}</ul>`
}

const MAX_SHOWN = 12

/** Scopes in words, as far as their names hold any: what is asked for can be read without knowing the provider's manual. */
function scopeWords(scopes: readonly string[], texts: Texts): string[] {
  const words = scopes.map((scope) =>
    Object.hasOwn(texts.scopeWords, scope) ? texts.scopeWords[scope] : inWords(scope),
  )
  const distinct = [...new Set(words.filter((word) => word !== undefined && word !== ''))] as string[]
  return distinct.length > MAX_SHOWN ? [...distinct.slice(0, MAX_SHOWN), `+ ${distinct.length - MAX_SHOWN}`] : distinct
}

/** `https://www.example.com/auth/drive.readonly` → `drive readonly`; `repo:read_all` → `repo read all`. */
function inWords(scope: string): string {
  const last = /^https?:\/\//.test(scope) ? (scope.replace(/\/+$/, '').split('/').at(-1) ?? scope) : scope
  return last.replace(/[._:/-]+/g, ' ').trim()
}
