import type { Brand } from './branding.ts'
import { type Html, html } from './html.ts'
import { newNonce, type PageOptions, pageResponse } from './page-response.ts'
import { BEHAVIOUR } from './script.ts'
import { styleOf } from './style.ts'
import { type Locale, TEXTS, type Texts } from './texts.ts'

/** What every page of one request is made with. */
export interface PageContext {
  locale: Locale
  texts: Texts
  brand: Brand
}

export function pageContext(locale: Locale, brand: Brand): PageContext {
  return { locale, brand, texts: TEXTS[locale] }
}

export interface Page {
  title: string
  body: Html
  footer?: Html
  /** Whether the workspace's picture may be fetched. Not on a page that a provider's answer leads to. */
  logo?: boolean
}

/** A whole page as a response. */
export function showPage({ locale, brand }: PageContext, page: Page, options: PageOptions = {}): Response {
  const nonce = newNonce()
  const logoUrl = page.logo === true ? brand.logoUrl : null
  const document = html`<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${page.title}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${styleOf(brand)}</style>
</head>
<body>
<div class="card">
<header class="brand">${picture(brand, logoUrl)}<span>${brand.name}</span></header>
<main>
${page.body}
</main>
</div>
${page.footer === undefined ? '' : html`<footer>${page.footer}</footer>`}
<script nonce="${nonce}">${BEHAVIOUR}</script>
</body>
</html>`
  return pageResponse(document, nonce, {
    ...options,
    ...(logoUrl === null ? {} : { imageOrigin: new URL(logoUrl).origin }),
  })
}

function picture({ name }: Brand, logoUrl: string | null): Html {
  // The name stands beside it.
  return logoUrl === null ? initial(name) : html`<img src="${logoUrl}" alt="" referrerpolicy="no-referrer">`
}

/** The first letter of a name, in place of a picture. */
export function initial(name: string): Html {
  const [first] = new Intl.Segmenter().segment(name.trim())
  return html`<span class="initial" aria-hidden="true">${first?.segment.toUpperCase()}</span>`
}
