import { ACCOUNTS } from './accounts.ts'

/** Allows only the page's own style and icon: no scripts and no framing. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/** The company that the sandbox plays. Its pages look unlike Latchkey's, because a provider is somebody else. */
const COMPANY = 'Sandbox Records Inc.'

/** @param action URL path of the form */
export function consentPage(action: string): string {
  const choices = ACCOUNTS.map(
    ({ id, name, company }, index) =>
      `<label><input type="radio" name="account" value="${id}"${index === 0 ? ' checked' : ''}>` +
      `<i aria-hidden="true">${initials(name)}</i><span><b>${name}</b>${company}</span></label>`,
  )
  return page(
    'Latchkey wants to read your records',
    `<p class="lead">The app <b>Latchkey</b> asks for access to an account at ${COMPANY}</p>
    <form method="post" action="${escapeHtml(action)}">
      <fieldset><legend>Which account?</legend>${choices.join('')}</fieldset>
      <p class="head">Latchkey will be able to</p>
      <ul><li>read the users and projects of this account</li><li>read and create its tasks</li></ul>
      <div class="decision"><button name="decision" value="allow">Allow</button>
      <button name="decision" value="refuse" class="quiet">Refuse</button></div>
    </form>
    <p class="after">After your decision you return to the app.</p>`,
  )
}

export function messagePage(title: string, text: string): string {
  return page(title, `<p class="lead">${escapeHtml(text)}</p>`)
}

function initials(name: string): string {
  return name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('')
}

const STYLE = `
*{box-sizing:border-box}
:root{color-scheme:light dark;--ink:#26221a;--quiet:#6b6353;--paper:#f4ecdc;--sheet:#fffdf7;--rule:#d9ccb1;--mark:#8a3b12;--on-mark:#fff;
--soft:#faf3e3;--focus:#8a3b12;--band:#8a3b12;--on-band:#fff;font:17px/1.55 Georgia,"Iowan Old Style","Palatino Linotype",serif}
@media (prefers-color-scheme:dark){:root{--ink:#f3ead8;--quiet:#bfb299;--paper:#1d1810;--sheet:#29221a;--rule:#4c4030;--mark:#f0a36b;--on-mark:#2a1605;
--soft:#332a1f;--focus:#f0a36b;--band:#56290f;--on-band:#fbe9dc}}
body{margin:0;min-height:100vh;min-height:100dvh;background:var(--paper);color:var(--ink)}
header{background:var(--band);color:var(--on-band);padding:.875rem 1.25rem}
header p{display:flex;align-items:center;gap:.75rem;width:min(34rem,100%);margin:0 auto;font-size:1.125rem;font-weight:700;letter-spacing:.01em}
header svg{flex:none;width:1.75rem;height:1.75rem;fill:none;stroke:currentcolor;stroke-width:2}
main{width:min(34rem,100%);margin:0 auto;padding:clamp(1.5rem,5vw,3rem) 1.25rem}
.sheet{background:var(--sheet);border:1px solid var(--rule);border-top:4px double var(--mark);padding:clamp(1.25rem,5vw,2rem)}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem;font-weight:700}
legend,.head{font-size:1rem;font-weight:700;margin:0 0 .5rem;padding:0}
.lead{margin:0 0 1.5rem;color:var(--quiet)}.lead b{color:var(--ink)}
fieldset{border:0;padding:0;margin:0 0 1.5rem;min-width:0}
label{display:flex;align-items:center;gap:.75rem;padding:.75rem;border:1px solid var(--rule);cursor:pointer}
label+label{border-top:0}label:hover,label:has(:checked){background:var(--soft)}
input{flex:none;width:1.125rem;height:1.125rem;margin:0;accent-color:var(--mark)}
label i{flex:none;display:grid;place-items:center;width:2.25rem;height:2.25rem;border:1px solid var(--mark);border-radius:50%;font-size:.875rem;font-style:normal;color:var(--mark)}
label span{min-width:0}label b{display:block}
ul{margin:0 0 1.5rem;padding-left:1.25rem}li{margin:.25rem 0}
.decision{display:flex;flex-wrap:wrap;gap:.75rem}
button{flex:1 1 8rem;font:inherit;font-weight:700;padding:.625rem 1.25rem;border:2px solid var(--mark);border-radius:0;background:var(--mark);color:var(--on-mark);cursor:pointer}
button.quiet{background:none;color:var(--mark)}
button:hover{text-decoration:underline}
:focus-visible{outline:3px solid var(--focus);outline-offset:3px}
.after{margin:1rem 0 0;font-size:.9375rem;color:var(--quiet)}
footer{width:min(34rem,100%);margin:0 auto;padding:0 1.25rem 2rem;font-size:.875rem;color:var(--quiet)}`

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – ${COMPANY}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body>
<header><p><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><circle cx="12" cy="12" r="5"/><circle cx="12" cy="12" r="1"/></svg>${COMPANY}</p></header>
<main><div class="sheet"><h1>${escapeHtml(title)}</h1>${body}</div></main>
<footer>A sample provider for development. It is a part of Latchkey, and its people and records are invented.</footer></body></html>
`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
