import type { PageSession } from '../../connecting/connect-sessions.ts'
import { html } from './html.ts'
import type { Page, PageContext } from './layout.ts'

/** What is told to the page that opened the window. It holds no credential, and of the handle nothing but its hash is stored. */
export interface DoneMessage {
  type: 'latchkey:connected'
  /** Global ids. */
  session: string
  connectionId: string
  /** Null: nothing has to be confirmed. */
  handle: string | null
}

export interface Done {
  session: PageSession
  integrationName: string
  message: DoneMessage
  /** Where the browser ends; null: the session has no such place. */
  next: string | null
}

/** The end of the way, with the message for whoever opened this window, and a way on where there is one. */
export function donePage({ texts, brand }: PageContext, { session, integrationName, message, next }: Done): Page {
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

export interface Failed {
  /** The provider's own words. */
  words: string | null
  message: string
  next: string | null
}

/** Why nothing was connected. */
export function failedPage({ texts, brand }: PageContext, { words, message, next }: Failed): Page {
  const title = texts.failedTitle
  const body = html`<div class="mark bad" aria-hidden="true">!</div>
<h1>${title}</h1>
<p>${texts.failedText(brand.name)}</p>
<div class="note bad" role="status"><p>${message}</p>${words === null ? '' : html`<blockquote class="small">${words}</blockquote>`}</div>
${next === null ? html`<p class="muted">${texts.closeWindow}</p>` : html`<a class="primary" href="${next}">${texts.backTo(brand.name)}</a>`}`
  return { title, body }
}
