import {
  findSession,
  openSession,
  type PageSession,
  recordAway,
  sessionStatus,
} from '../../connecting/connect-sessions.ts'
import { beginOAuth } from '../../connecting/oauth/begin-oauth.ts'
import {
  findOffers,
  findSessionConnection,
  isUsable,
  type Method,
  type Offer,
} from '../../connecting/session-offers.ts'
import { InvalidInputError, LatchkeyError, UnavailableError } from '../../kit/errors.ts'
import { bindBrowser, formValueOf, GUARD_FIELD, guardForm } from './cookies.ts'
import { type Html, html } from './html.ts'
import type { PageContent, PageContext } from './layout.ts'
import { lookOf, providerTile } from './look/tiles.ts'
import { categoryOf, permissionLine, permissionList, searchWords } from './offer-words.ts'
import { seeOther } from './page-response.ts'
import {
  type ConnectPageDeps,
  formTargets,
  overKey,
  sessionPath,
  show,
  showProblem,
  type Visit,
  visitOf,
} from './page-visit.ts'
import type { Texts } from './texts/en.ts'

/** The page that lists the offers. It has no side effect, because link scanners request it too. */
export async function showChoice(deps: ConnectPageDeps, visit: Visit, action: string): Promise<Response> {
  const { session, owner, request, publicUrl } = visit
  const over = overKey(visit)
  if (owner === 'another') return showProblem(visit, 403, over ?? 'taken')
  if (owner === 'this' && (over !== null || sessionStatus(session) !== 'CONNECTING')) {
    return seeOther(`${publicUrl}${sessionPath.finish(session.id)}`)
  }
  if (over !== null) return showProblem(visit, 410, over)
  const offers = await findOffers(deps, session)
  const [only, ...others] = offers
  if (only !== undefined && others.length === 0 && !isUsable(only)) return showNotSetUp(deps, visit, only)
  const { value: guard, cookies } = guardForm(request, publicUrl)
  const framed = request.headers.get('sec-fetch-dest') === 'iframe'
  const notice = new URL(request.url).searchParams.get('notice')
  const page = choosePage(visit.context, { session, offers, action, guard, framed, notice })
  return show(visit, page, { cookies, formTargets: formTargets(visit, offers) })
}

/** Says that an integration is not set up: for the user in plain words, and for the developers what to do. */
export function showNotSetUp(deps: ConnectPageDeps, visit: Visit, { integration, methods }: Offer): Response {
  const { texts, brand } = visit.context
  const missing = methods.map((method) => method.missing).find((text) => text !== null)
  deps.logger.warn({ integrationId: integration.id }, `a connect page cannot offer an integration: ${missing}`)
  const title = texts.notSetUpTitle(integration.displayName)
  const body = html`<h1>${title}</h1>
<p>${texts.notSetUpText(brand.name)}</p>
${technicalNotes(methods, texts)}`
  return show(visit, { title, body, logo: true, provider: lookOf(integration), outcome: 'failed' }, { status: 409 })
}

/** What developers have to do so that the methods which cannot be used can be. */
export function technicalNotes(methods: readonly Method[], texts: Texts): Html {
  const missing = [...new Set(methods.flatMap((method) => method.missing ?? []))]
  return html`${missing.map((text) => html`<p class="muted small">${texts.technicalNote}: <span lang="en">${text}</span></p>`)}`
}

/**
 * Binds the session to the browser that submits first, and redirects to the chosen offer. A form that is sent twice at once,
 * as by a double click, counts as the same browser.
 *
 * @param secret the token of the link; null: the form belongs to a browser that has already claimed the session
 */
export async function postChoice(
  deps: ConnectPageDeps,
  visit: Visit,
  form: URLSearchParams,
  secret: string | null,
): Promise<Response> {
  const { session, publicUrl, request } = visit
  const offers = await findOffers(deps, session)
  const slug = form.get('integration')
  const offer =
    slug === null && offers.length === 1 ? offers[0] : offers.find(({ integration }) => integration.slug === slug)
  if (visit.owner === 'this') {
    if (sessionStatus(session) !== 'CONNECTING') return seeOther(`${publicUrl}${sessionPath.finish(session.id)}`)
    return offer === undefined ? showProblem(visit, 404, 'notOffered') : goTo(deps, visit, offer)
  }
  if (secret === null) return showProblem(visit, 403, 'otherBrowser')
  const over = overKey(visit)
  if (over !== null) return showProblem(visit, visit.owner === 'nobody' ? 410 : 403, over)
  if (offer === undefined) return showProblem(visit, 404, 'notOffered')
  const formValue = formValueOf(request, publicUrl)
  const { hash, cookie } = bindBrowser(request, publicUrl, formValue === null ? null : `${formValue} ${secret}`)
  if (!(await openSession(deps, session.id, hash))) {
    const current = await findSession(deps.database, session.id)
    const isSameBrowser = current?.browserHash != null && Buffer.from(hash).equals(current.browserHash)
    if (current === null || !isSameBrowser) return showProblem(visit, 403, 'taken')
    return withCookie(
      await postChoice(deps, { ...visitOf(request, publicUrl, current), owner: 'this' }, form, secret),
      cookie,
    )
  }
  const opened: PageSession = { ...session, status: 'CONNECTING', browserHash: hash }
  return withCookie(await goTo(deps, { ...visit, session: opened, owner: 'this' }, offer), cookie)
}

function withCookie(response: Response, cookie: string): Response {
  response.headers.append('set-cookie', cookie)
  return response
}

/** Redirects to the provider's consent page, or to the form when the integration needs inputs or a credential. */
async function goTo(deps: ConnectPageDeps, visit: Visit, offer: Offer): Promise<Response> {
  if (!isUsable(offer)) return showNotSetUp(deps, visit, offer)
  const { session, publicUrl } = visit
  const form = seeOther(`${publicUrl}${sessionPath.form(session.id, offer.integration.slug)}`)
  const method = soleMethod(offer)
  if (method === null || method.consent === null || needsInput(visit, offer)) return form
  try {
    return await goToConsent(deps, visit, offer, { method, input: null })
  } catch (error) {
    // The connection's inputs no longer fit the definition, so the user enters them again.
    if (error instanceof InvalidInputError) return form
    throw error
  }
}

/** Null: the user has to choose one of several methods. */
function soleMethod({ methods }: Offer): Method | null {
  const [method, ...others] = methods
  return method === undefined || others.length > 0 ? null : method
}

/** Whether the user has to fill in inputs before the consent page. */
export function needsInput({ session }: Visit, { definition }: Offer): boolean {
  return (definition.inputFields ?? []).length > 0 && session.reconnectId === null
}

/**
 * Begins an OAuth flow and redirects to the provider.
 *
 * @param input values of the definition's inputFields; null: those of the connection
 * @throws InvalidInputError when the inputs do not fit the definition
 */
export async function goToConsent(
  deps: ConnectPageDeps,
  visit: Visit,
  { integration }: Offer,
  { method, input }: { method: Method; input: Readonly<Record<string, string>> | null },
): Promise<Response> {
  const { session } = visit
  if (session.browserHash === null) throw new Error('The connect session is not bound to a browser.')
  const connection = await findSessionConnection(deps.database, session, integration.id)
  if (session.reconnectId !== null && connection === null) return showProblem(visit, 404, 'notOffered')
  try {
    const { authorizationUrl } = await beginOAuth(deps, {
      integration,
      connection,
      endUserId: session.endUserId,
      displayName: null,
      externalId: null,
      collection: null,
      scopes: null,
      method: method.key,
      input,
      byEndUser: true,
      returnUrl: null,
      connectSession: { id: session.id, browserHash: session.browserHash },
    })
    await recordAway(deps.database.sql, session.id)
    return seeOther(authorizationUrl)
  } catch (error) {
    if (!(error instanceof LatchkeyError) || error instanceof InvalidInputError) throw error
    deps.logger.warn({ err: error, integrationId: integration.id }, 'cannot begin an OAuth flow for a connect session')
    return error instanceof UnavailableError
      ? showProblem(visit, 503, 'unavailable')
      : showProblem(visit, 409, 'notPossible', error.message)
  }
}

interface ChoosePage {
  session: PageSession
  offers: readonly Offer[]
  /** The form's action. */
  action: string
  guard: string
  /** The page is in an iframe. The form then opens a new window, because browsers block cookies in the frame. */
  framed: boolean
  /** The key of a text about what happened before. */
  notice: string | null
}

/** The offers, the end user and the workspace. A single offer is shown as one button. */
function choosePage(context: PageContext, page: ChoosePage): PageContent {
  const { texts, brand } = context
  const { session, offers, action, guard, framed, notice } = page
  const [only, ...others] = offers
  if (only === undefined) {
    const title = texts.nothingOffered
    return { title, body: html`<h1>${title}</h1><p>${texts.nothingOfferedText(brand.name)}</p>`, logo: true }
  }
  const single = others.length === 0
  const oneTitle = session.reconnectId === null ? texts.connectOneTitle : texts.reconnectTitle
  const title = single ? oneTitle(only.integration.displayName, brand.name) : texts.connectTitle(brand.name)
  const news = notice !== null && Object.hasOwn(texts.notices, notice) ? texts.notices[notice] : undefined
  const body = html`<h1>${title}</h1>
${news === undefined ? '' : html`<div class="note good" role="status"><p>${news}</p></div>`}
${single ? permissions(only, context) : ''}
${parties(page.session, brand.name, texts)}
${offers.length < SEARCHED_FROM ? '' : searchField(texts)}
<form method="post" action="${action}"${framed ? html` target="_blank"` : ''}>
<input type="hidden" name="${GUARD_FIELD}" value="${guard}">
${single ? singleOffer(only, session, context) : offerList(offers, context)}
<p class="working muted small" role="status" data-working="${texts.working}"></p>
</form>
${technicalNotes(
  offers.filter((offer) => !isUsable(offer)).flatMap(({ methods }) => methods),
  texts,
)}`
  return { title, body, logo: true, provider: single ? lookOf(only.integration) : undefined }
}

/** Shows for whom the account is connected and who requests it: someone may have sent their own link to the reader. */
function parties({ endUser }: PageSession, workspace: string, texts: PageContext['texts']): Html {
  return html`<div class="who small"><dl>
<dt>${texts.byWhom}</dt><dd>${workspace}</dd>
<dt>${texts.forWhom}</dt><dd>${wrappable(endUserName(endUser))}</dd>
</dl><p class="muted">${texts.forWhomHint(workspace)}</p></div>`
}

/** The display name and the product's id. */
export function endUserName({ displayName, externalId }: PageSession['endUser']): string {
  return displayName === null ? externalId : `${displayName} (${externalId})`
}

/** A name in which an e-mail address that is too long for one line continues before its `@`. */
export function wrappable(name: string): Html {
  const [first = '', ...rest] = name.split('@')
  if (rest.length === 0) return html`${name}`
  return html`<span class="whole">${first}</span>${rest.map((part) => html`<wbr><span class="whole">@${part}</span>`)}`
}

/** How a single offer is chosen. Its permissions are shown above. */
function singleOffer(offer: Offer, { reconnectId }: PageSession, { texts, brand }: PageContext): Html {
  const { slug, displayName } = offer.integration
  const isConsent = soleMethod(offer)?.consent != null
  const first = isConsent ? texts.continueTo(displayName) : texts.connectWith(displayName)
  const label = reconnectId === null ? first : texts.reconnectWith(displayName)
  return html`<button class="primary" name="integration" value="${slug}"${workingOf(offer, texts)}>${label}</button>
${isConsent ? html`<p class="after muted small">${texts.signInThere(displayName, brand.name)}</p>` : ''}`
}

/** What the page says while it leads to the provider's consent page. */
function workingOf(offer: Offer, texts: Texts): Html {
  if (soleMethod(offer)?.consent == null) return html``
  return html` data-working="${texts.leadsTo(offer.integration.displayName)}"`
}

function permissions(offer: Offer, context: PageContext): Html {
  const method = soleMethod(offer)
  if (method !== null && method.consent !== null) return permissionList(offer, method, context)
  return html`<p>${formHint(method, context.texts)}</p>`
}

function formHint(method: Method | null, texts: Texts): string {
  return method === null ? texts.severalMethods : texts.keyNeeded
}

/** A shorter list can be seen at a glance. A longer one has a search field and categories. */
const SEARCHED_FROM = 8

/** The script of the page shows it, because it is of no use without one. */
function searchField(texts: Texts): Html {
  return html`<div data-find hidden><div class="find"><svg viewBox="0 0 20 20" aria-hidden="true" focusable="false"><circle cx="9" cy="9" r="5.5"/><path d="M13.2 13.2L17 17"/></svg>
<input type="search" aria-label="${texts.search}" placeholder="${texts.search}" autocomplete="off" autocapitalize="none" spellcheck="false" aria-controls="offers"></div>
<p class="unseen muted" role="status" data-one="${texts.foundOne}" data-many="${texts.foundMany}" data-none="${texts.foundNothing}"></p></div>`
}

function offerList(offers: readonly Offer[], context: PageContext): Html {
  const { texts } = context
  if (offers.length < SEARCHED_FROM) return html`<h2>${texts.chooseOne}</h2>${offerItems(offers, context, lineOf)}`
  const groups = groupsOf(offers, context)
  const isGrouped = groups.length > 1 && offers.length >= MEMBERS * groups.length
  const list = isGrouped
    ? groups.map(
        ([name, members]) =>
          html`<section data-group><h3 class="group">${name}</h3>${offerItems(members, context)}</section>`,
      )
    : html`<section data-group>${offerItems(offers, context, (offer) => categoryOf(offer, context).name)}</section>`
  return html`<h2 class="unseen">${texts.chooseOne}</h2><div class="many" id="offers" data-offers>${list}</div>`
}

/** Offers that a category has on average, so that it is a heading. Otherwise it is named with each offer. */
const MEMBERS = 2

/** The offers by category, in the order of display. Inside a category they keep their order. */
function groupsOf(offers: readonly Offer[], context: PageContext): [string, Offer[]][] {
  const groups = new Map<string, { place: number; members: Offer[] }>()
  for (const offer of offers) {
    const { place, name } = categoryOf(offer, context)
    const group = groups.get(name) ?? { place, members: [] }
    group.members.push(offer)
    groups.set(name, group)
  }
  return [...groups].sort(([, one], [, other]) => one.place - other.place).map(([name, { members }]) => [name, members])
}

/** @param lineOf what is said below the name of an offer. Default: nothing, because in a long list the names are enough */
function offerItems(
  offers: readonly Offer[],
  context: PageContext,
  lineOf: (offer: Offer, context: PageContext) => string = () => '',
): Html {
  const { texts, locale } = context
  return html`<ul class="offers">${offers.map((offer) => {
    const { slug, displayName } = offer.integration
    const tile = providerTile(lookOf(offer.integration))
    const item = isUsable(offer)
      ? html`<button class="offer" name="integration" value="${slug}"${workingOf(offer, texts)}>${tile}${offerWords(displayName, lineOf(offer, context))}</button>`
      : html`<div class="offer off">${tile}${offerWords(displayName, texts.notSetUp)}</div>`
    return html`<li data-words="${searchWords(offer, locale)}">${item}</li>`
  })}</ul>`
}

function lineOf(offer: Offer, context: PageContext): string {
  const method = soleMethod(offer)
  return method === null || method.consent === null
    ? formHint(method, context.texts)
    : permissionLine(offer, method, context)
}

/** The inner part of a line that the user can choose. */
export function offerWords(name: string, hint: string): Html {
  return html`<span class="words"><strong>${name}</strong>${hint === '' ? '' : html`<span class="muted small">${hint}</span>`}</span>
<span class="chevron" aria-hidden="true"></span>`
}
