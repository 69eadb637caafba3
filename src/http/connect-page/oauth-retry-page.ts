import type { Retryable } from '../../connecting/oauth/finish-oauth.ts'
import { brandOf } from './branding.ts'
import { GUARD_FIELD, guardForm } from './form-guard.ts'
import { html } from './html.ts'
import { pageContext, showPage } from './layout.ts'
import { type Locale, localeOf } from './texts.ts'

/** The name of the buttons. */
export const RETRY_ACTION = 'action'

interface RetryTexts {
  title: (integration: string) => string
  text: string
  again: string
  giveUp: string
}

const TEXTS: Readonly<Record<Locale, RetryTexts>> = {
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
export function retryPage(request: Request, publicUrl: string, retryable: Retryable): Response {
  const { workspace, integrationName, returnUrl } = retryable
  const locale = localeOf(request)
  const texts = TEXTS[locale]
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
