import type { PageSession } from '../../connecting/connect-sessions.ts'
import type { Offer } from '../../connecting/session-offers.ts'
import { GUARD_FIELD } from './form-guard.ts'
import { type Html, html } from './html.ts'
import { initial, type Page, type PageContext } from './layout.ts'
import { scopeWords } from './offered.ts'

export interface ChoosePage {
  session: PageSession
  offers: readonly Offer[]
  /** Where the choice is sent. */
  action: string
  guard: string
  /** The page is framed: what follows needs a window of its own, where cookies are kept. */
  framed: boolean
}

/** What is offered, for whom and by whom. One offer is no choice: then it is a button. */
export function choosePage({ texts, brand }: PageContext, page: ChoosePage): Page {
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
<dt>${texts.forWhom}</dt><dd>${nameOf(endUser)}</dd>
</dl><p class="muted small">${texts.forWhomHint(workspace)}</p></div>`
}

/** By the name that people know, and by the one that the product knows. */
export function nameOf({ displayName, externalId }: PageSession['endUser']): string {
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
