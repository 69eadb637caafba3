/** The page of the product: a button, and the user's connections with their live status. `url` is the address of Latchkey. */
export function renderPage(url: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Connected accounts</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#e3e6ea, #33383f); --quiet: light-dark(#5a6472, #a3adba); --accent: #0f766e }
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 34rem; padding: 0 1rem }
  h1 { font-size: 1.5rem; margin: 0 }
  p { color: var(--quiet); margin: .25rem 0 1.5rem }
  button { background: var(--accent); border: 0; border-radius: .5rem; color: #fff; cursor: pointer; font: inherit; font-weight: 600; padding: .6rem 1rem }
  ul { border: 1px solid var(--line); border-radius: .75rem; list-style: none; margin: 1.5rem 0; padding: 0 }
  ul:empty { display: none }
  li { align-items: center; display: flex; gap: .75rem; justify-content: space-between; padding: .8rem 1rem }
  li + li { border-top: 1px solid var(--line) }
  small { color: var(--quiet); display: block }
</style>
<h1>Connected accounts</h1>
<p>Signed in as Ada</p>
<button>Connect an account</button>
<ul aria-label="Your accounts"></ul>
<p role="status"></p>
<script type="module">
  import { connect } from '${url}/connect.js'

  const find = (selector) => document.querySelector(selector)
  const post = (path, body) => fetch(path, { method: 'POST', body }).then((response) => response.text())
  const say = (text) => { find('[role=status]').textContent = text }
  const WORDS = {
    ACTIVE: 'Connected', PENDING: 'Not finished', NEEDS_REAUTH: 'Connect again', ERROR: 'Trying again', DISABLED: 'Switched off',
    QUEUED: 'Sync queued', RUNNING: 'Syncing …', SUCCEEDED: 'Up to date', FAILED: 'Sync failed', CANCELLED: 'Sync stopped', CANCELLING: 'Stopping …',
  }

  new EventSource('/connections').onmessage = ({ data }) => {
    find('ul').replaceChildren(...JSON.parse(data).map(({ displayName, integration, status, statusReason, sync }) => {
      const item = document.createElement('li')
      const name = document.createElement('div')
      const service = document.createElement('small')
      name.append(displayName, service)
      service.textContent = statusReason ?? integration
      const state = document.createElement('span')
      state.textContent = WORDS[status === 'ACTIVE' && sync !== null ? sync : status]
      item.append(name, state)
      return item
    }))
  }

  let attempt = new AbortController()
  find('button').onclick = async () => {
    attempt.abort()
    attempt = new AbortController()
    const { signal } = attempt
    const connection = await connect({
      token: post('/session'),
      onHandle: (handle) => post('/confirm', handle),
      onLost: () => say('Did you close the window? Press the button to start again.'),
      signal,
    })
    if (!signal.aborted) say(connection ? 'Connected: ' + connection.displayName : 'Not connected.')
  }
</script>
</html>
`
}
