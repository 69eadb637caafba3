import type { Brand } from './branding.ts'
import { type Html, html } from './html.ts'
import { PAGE_SCRIPT } from './look/page-script.ts'
import { styleOf } from './look/stylesheet.ts'
import { type ProviderLook, providerTile, workspaceTile } from './look/tiles.ts'
import { newNonce, type PageOptions, pageResponse } from './page-response.ts'
import type { Texts } from './texts/en.ts'
import { type Locale, TEXTS } from './texts.ts'

/** What all pages of one request share. */
export interface PageContext {
  locale: Locale
  texts: Texts
  brand: Brand
}

export function pageContext(locale: Locale, brand: Brand): PageContext {
  return { locale, brand, texts: TEXTS[locale] }
}

export interface PageContent {
  title: string
  body: Html
  footer?: Html
  /** Whether to load the workspace's logo from its host. False on pages that follow a provider's redirect. */
  logo?: boolean
  /** The provider, for a page about one. It stands beside the workspace. */
  provider?: ProviderLook | undefined
  /** What has become of the connection between the two. Default: it is not made yet. */
  outcome?: 'connected' | 'failed'
}

/** The complete HTML page as a response. */
export function showPage({ locale, brand }: PageContext, page: PageContent, options: PageOptions = {}): Response {
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
<body${options.report === undefined ? '' : html` data-report="${JSON.stringify(options.report)}"`}>
<div class="card">
${header(brand, logoUrl, page)}
<main>
${page.body}
</main>
</div>
${page.footer === undefined ? '' : html`<footer>${page.footer}</footer>`}
<script nonce="${nonce}">${PAGE_SCRIPT}</script>
</body>
</html>`
  return pageResponse(document, nonce, {
    ...options,
    imageOrigin: logoUrl === null ? undefined : new URL(logoUrl).origin,
  })
}

function header(brand: Brand, logoUrl: string | null, { provider, outcome }: PageContent): Html {
  const workspace = workspaceTile(brand, logoUrl)
  if (provider === undefined) return html`<header class="brand">${workspace}<span>${brand.name}</span></header>`
  return html`<header class="pair${outcome === undefined ? '' : ` ${outcome}`}">${workspace}<span class="tie" aria-hidden="true">${
    outcome === undefined ? '' : SIGNS[outcome]
  }</span>${providerTile(provider)}<span class="unseen">${brand.name}, ${provider.name}</span></header>`
}

/** The signs of an outcome are drawn, because the characters look different in each font. */
export const SIGNS: Readonly<Record<'connected' | 'failed', Html>> = {
  connected: html`<svg viewBox="0 0 16 16" focusable="false"><path d="M3.5 8.5l3 3 6-7"/></svg>`,
  failed: html`<svg viewBox="0 0 16 16" focusable="false"><path d="M8 3.5v5.5M8 12.2v.1"/></svg>`,
}
