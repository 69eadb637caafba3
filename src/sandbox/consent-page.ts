import { ACCOUNTS } from './accounts.ts'

/** Allows only the page's own style: no scripts and no framing. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/** @param action URL path of the form */
export function consentPage(action: string): string {
  const choices = ACCOUNTS.map(
    ({ id, name, company }, index) =>
      `<label><input type="radio" name="account" value="${id}"${index === 0 ? ' checked' : ''}> ` +
      `<span><b>${name}</b><br>${company}</span></label>`,
  )
  return page(
    'Latchkey wants to read your records',
    `<form method="post" action="${escapeHtml(action)}">
      <fieldset><legend>Which account?</legend>${choices.join('')}</fieldset>
      <p>Latchkey can then read the users, projects and tasks of this account.</p>
      <div><button name="decision" value="allow">Allow</button>
      <button name="decision" value="refuse" class="quiet">Refuse</button></div>
    </form>`,
  )
}

export function messagePage(title: string, text: string): string {
  return page(title, `<p>${escapeHtml(text)}</p>`)
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center }
main { box-sizing: border-box; width: min(26rem, 100%); padding: 1.5rem }
small { opacity: .75 } h1 { font-size: 1.3rem; margin: .25rem 0 1rem }
fieldset { border: 1px solid; border-radius: .5rem; padding: .5rem 1rem }
label { display: flex; gap: .75rem; padding: .5rem 0; align-items: start }
button { font: inherit; padding: .5rem 1.25rem; border-radius: .5rem; border: 1px solid #175cd3; background: #175cd3; color: #fff }
button.quiet { background: transparent; color: inherit; border-color: currentcolor }
:focus-visible { outline: 3px solid #f79009; outline-offset: 2px }
</style></head><body><main><small>Sandbox: a sample provider for development</small>
<h1>${escapeHtml(title)}</h1>${body}</main></body></html>
`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
