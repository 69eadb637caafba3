/** The page of the product: a button, and what has become of it. `latchkeyUrl` is where the script comes from. */
export function renderPage(latchkeyUrl: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A product</title>
<style>body { font: 1.1rem system-ui; margin: 4rem auto; max-width: 32rem; padding: 0 1rem; color-scheme: light dark }</style>
<h1>Hello, Ada</h1>
<p><button>Connect an account</button></p>
<p role="status"></p>
<script type="module">
  import { connect } from '${latchkeyUrl}/connect.js'

  const post = (path, body) => fetch(path, { method: 'POST', body }).then((response) => response.text())
  const say = (text) => { document.querySelector('[role=status]').textContent = text }
  let attempt = new AbortController()
  document.querySelector('button').onclick = async () => {
    attempt.abort()
    attempt = new AbortController()
    const { signal } = attempt
    const connection = await connect({
      token: post('/session'),
      onHandle: (handle) => post('/confirm', handle),
      onLost: () => say('Did you close the window? Press the button to start again.'),
      signal,
    })
    if (!signal.aborted) say(connection ? 'Connected: ' + connection.id : 'Not connected.')
  }
</script>
</html>
`
}
