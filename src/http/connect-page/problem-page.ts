import { type Brand, PLAIN_BRAND } from './branding.ts'
import { html } from './html.ts'
import { pageContext, showPage } from './layout.ts'
import type { PageOptions } from './page-response.ts'
import { type Locale, TEXTS, type Texts } from './texts.ts'

export type ProblemKey = keyof Texts['problems']

export interface ProblemOptions extends Omit<PageOptions, 'status'> {
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
