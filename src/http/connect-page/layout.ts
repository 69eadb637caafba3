import type { Brand } from './branding.ts'
import { Html, html } from './html.ts'
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
  /** Whether to show the workspace's logo. False on pages that follow a provider's redirect. */
  logo?: boolean
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
<header class="brand">${logo(brand, logoUrl)}<span>${brand.name}</span></header>
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
    imageOrigin: logoUrl === null ? undefined : new URL(logoUrl).origin,
  })
}

function logo({ name }: Brand, logoUrl: string | null): Html {
  // No alternative text, because the name is next to it.
  return logoUrl === null ? initial(name) : html`<img src="${logoUrl}" alt="" referrerpolicy="no-referrer">`
}

/** The first letter of a name, where there is no logo. */
export function initial(name: string): Html {
  const [first] = new Intl.Segmenter().segment(name.trim())
  return html`<span class="initial" aria-hidden="true">${first?.segment.toUpperCase()}</span>`
}

const STYLE = `
*,*::before,*::after{box-sizing:border-box}
:root{color-scheme:light dark;--text:#1b1f24;--muted:#57606a;--page:#f4f5f7;--card:#fff;--line:#d5d9de;--field:#8b949e;
--soft:#f6f8fa;--bad:#b3261e;--bad-soft:#fdf0ef;--good:#1a7f4b;--good-soft:#eaf6ef;--focus:#0b57d0}
@media (prefers-color-scheme:dark){:root{--text:#e8eaed;--muted:#a3abb4;--page:#121417;--card:#1c1f24;--line:#363b42;
--field:#79828c;--soft:#24282e;--bad:#ffb4ab;--bad-soft:#3a2220;--good:#7ddba3;--good-soft:#1b3326;--focus:#a8c7fa}}
html{font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;
padding:clamp(0rem,6vh,4.5rem) 1rem 2rem;background:var(--page);color:var(--text)}
.card{width:100%;max-width:28rem;background:var(--card);border:1px solid var(--line);border-radius:16px;
padding:clamp(1.25rem,5vw,2.25rem);box-shadow:0 1px 2px rgb(0 0 0/.04),0 8px 24px rgb(0 0 0/.06)}
.brand{display:flex;align-items:center;gap:.75rem;margin-bottom:1.5rem;font-weight:600;overflow-wrap:anywhere}
.brand img,.initial{flex:none;width:2.5rem;height:2.5rem;border-radius:10px}
.brand img{object-fit:contain;background:#fff;border:1px solid var(--line)}
.initial{display:grid;place-items:center;font-weight:650;line-height:1;background:var(--soft);color:var(--text);border:1px solid var(--line)}
.brand .initial{background:var(--brand);color:var(--on-brand);border-color:transparent}
h1{font-size:1.4rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1rem;margin:0 0 .25rem}
p{margin:0 0 1rem;overflow-wrap:anywhere}
.muted{color:var(--muted)}.small{font-size:.875rem}
a{color:inherit;text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:6px}
.who{margin:1.25rem 0;padding:.875rem 1rem;background:var(--soft);border-radius:10px;overflow-wrap:anywhere}
.who dl{margin:0 0 .5rem;display:grid;grid-template-columns:auto 1fr;gap:.15rem .75rem}
.who dt{color:var(--muted)}.who dd{margin:0;font-weight:600;min-width:0}
.who p{margin:0}
ul{margin:0 0 1.25rem;padding-left:1.25rem}li{margin:.15rem 0;overflow-wrap:anywhere}
.offers{list-style:none;padding:0;margin:1rem 0 0;display:grid;gap:.625rem}
.offers li{margin:0}
button,.button{font:inherit;cursor:pointer}
.primary{display:block;width:100%;padding:.75rem 1rem;border:1px solid rgb(127 127 127/.35);border-radius:10px;
background:var(--brand);color:var(--on-brand);font-weight:600;text-align:center;text-decoration:none;overflow-wrap:anywhere}
.primary:hover{filter:brightness(1.08)}
.offer{display:flex;align-items:center;gap:.875rem;width:100%;padding:.75rem .875rem;text-align:left;color:inherit;
text-decoration:none;background:var(--card);border:1px solid var(--line);border-radius:12px}
.offer:hover{background:var(--soft);border-color:var(--field)}
.offer.off,.offer.off:hover{color:var(--muted);background:var(--soft);border-style:dashed;border-color:var(--line)}
.offer.off .chevron{display:none}
.offer .initial{width:2.25rem;height:2.25rem}
.offer strong,.offer .small{display:block;overflow-wrap:anywhere}
.offer .words{flex:1;min-width:0}
.offer .chevron{flex:none;width:.5rem;height:.5rem;border:solid var(--field);border-width:2px 2px 0 0;transform:rotate(45deg)}
.offers~.small,form~.small{margin:.75rem 0 0}
[data-working]{margin:.625rem 0 0}[data-working]:empty{margin:0}
[aria-busy=true]{opacity:.65;cursor:progress}
.field{margin:0 0 1.125rem}
label{display:block;font-weight:600;margin-bottom:.25rem;overflow-wrap:anywhere}
label .small{font-weight:400}
.hint{margin:0 0 .375rem}
input,textarea{font:inherit;width:100%;padding:.625rem .75rem;color:var(--text);background:var(--card);
border:1px solid var(--field);border-radius:10px}
textarea{min-height:8rem;resize:vertical;font-family:ui-monospace,monospace;font-size:.875rem}
[aria-invalid=true]{border-color:var(--bad);box-shadow:0 0 0 1px var(--bad)}
.error{margin:.375rem 0 0;color:var(--bad);font-weight:500}
.note{margin:1rem 0 1.25rem;padding:.875rem 1rem;border-radius:10px;border-left:4px solid;overflow-wrap:anywhere}
.note p:last-child,.note ul:last-child{margin-bottom:0}
.note.bad{background:var(--bad-soft);border-color:var(--bad)}
.note.good{background:var(--good-soft);border-color:var(--good)}
.note.bad h2{color:var(--bad)}
blockquote{margin:.5rem 0 0;white-space:pre-wrap}
.mark{display:grid;place-items:center;width:3rem;height:3rem;border-radius:50%;margin-bottom:1rem;font-size:1.5rem;line-height:1}
.mark.good{background:var(--good-soft);color:var(--good)}.mark.bad{background:var(--bad-soft);color:var(--bad)}
.links{margin:1.25rem 0 0;display:flex;flex-wrap:wrap;gap:.5rem 1.25rem}
footer{margin-top:1.25rem;max-width:28rem;text-align:center;color:var(--muted);font-size:.8125rem;overflow-wrap:anywhere}
@media (max-width:30rem){body{padding:0 0 1.5rem;background:var(--card)}
.card{border:0;border-radius:0;box-shadow:none}}
@media (forced-colors:active){.primary,.offer,.note,.initial{border:1px solid}}
@media (prefers-reduced-motion:no-preference){.primary,.offer{transition:background-color .12s,border-color .12s,filter .12s}}
`

/** The only values of a workspace are the two colours, which are normalized to `#rrggbb`. */
function styleOf({ color, onColor }: Brand): Html {
  return new Html(`:root{--brand:${color};--on-brand:${onColor}}${STYLE}`)
}

/**
 * The script of the pages. All pages work without it. It focuses the error summary, prevents double submits, reports that the
 * page is shown or left, and sends the result to the page that opened this window. The message contains no credential and goes
 * to the allowed origins only. The window closes when the opener confirms the message from one of these origins.
 *
 * A page cannot tell whether its window is closed or goes on to another page. It reports both as `left`, except on the way to
 * the product, and the server knows which page came after it.
 */
const BEHAVIOUR = new Html(`'use strict';
(() => {
  const summary = document.querySelector('[data-focus]')
  if (summary) summary.focus()
  for (const form of document.querySelectorAll('form')) {
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent && form.target !== '_blank') return event.preventDefault()
      form.dataset.sent = '1'
      const button = event.submitter
      if (!button || form.target === '_blank') return
      button.setAttribute('aria-busy', 'true')
      const status = document.querySelector('[data-working]')
      if (status) status.textContent = status.dataset.working
    })
  }
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    for (const form of document.querySelectorAll('form')) delete form.dataset.sent
    for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy')
    const status = document.querySelector('[data-working]')
    if (status) status.textContent = ''
  })
  let leaves = 'left'
  if (document.body.dataset.report) {
    const { url, page } = JSON.parse(document.body.dataset.report)
    const report = (event) => navigator.sendBeacon(url, new URLSearchParams({ page, event }))
    addEventListener('pageshow', () => report('open'))
    addEventListener('pagehide', () => report(leaves))
  }
  for (const link of document.querySelectorAll('a.primary')) {
    link.addEventListener('click', (event) => { if (!event.ctrlKey && !event.metaKey) leaves = 'away' })
  }
  const done = document.querySelector('[data-done]')
  if (!done) return
  const { message, origins, next } = JSON.parse(done.dataset.done)
  const leave = () => {
    if (!next) return
    leaves = 'away'
    location.replace(next)
  }
  const opener = window.opener
  if (!opener) return leave()
  const timer = setTimeout(leave, 2000)
  addEventListener('message', (event) => {
    if (event.source !== opener || !origins.includes(event.origin)) return
    if (!event.data || event.data.type !== 'latchkey:received' || event.data.session !== message.session) return
    clearTimeout(timer)
    leaves = 'away'
    window.close()
  })
  for (const origin of origins) opener.postMessage(message, origin)
})()`)
