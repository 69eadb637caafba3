import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../support/app.ts'
import { type ProviderServer, startProvider } from '../../support/provider-server.ts'
import { hasChromium } from '../../support/services.ts'
import { page as sendPage } from '../connect-page/page-fixture.ts'
import {
  type ConsoleBrowser,
  CREATE_INTEGRATION,
  CREATE_KEY,
  LEDGER,
  openConsole,
  type TestWorkspace,
} from './console-browser.ts'

describe.skipIf(!(await hasChromium()))('The console in a browser', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let foreign: ProviderServer
  let acme: TestWorkspace
  let { open, signIn, connect, violationsOf, errors } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, open, signIn, connect, violationsOf, errors } = browser)
    acme = await app.createWorkspace()
    foreign = await startProvider((_request, response) => sendPage(response, '<!doctype html><title>Other</title>'))
  })
  afterEach(() => browser.closePages())
  afterAll(async () => {
    await foreign.close()
    await browser.close()
  })

  it('refuses a wrong key in words, and gets back to the page that was asked for', async () => {
    const page = await open()
    await page.goto(`${app.url}/console/w/${acme.slug}/connections?status=ACTIVE`)
    await page.getByLabel('API key').fill('lk_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This key is unknown, expired or revoked.').waitFor()
    // The browser reports the status 401 as an error.
    expect(errors.splice(0)).toHaveLength(1)
    await page.getByLabel('API key').fill(acme.key)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Connections' }).waitFor()
    expect(page.url()).toBe(`${app.url}/console/w/${acme.slug}/connections?status=ACTIVE`)
    expect(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, 0])
  })

  it('leads from an empty workspace to a connection and a finished sync', async () => {
    const workspace = await app.createWorkspace('Empty')
    const page = await signIn(workspace.key)
    await page.getByRole('button', { name: 'Connect the sandbox' }).click()
    await page.waitForURL(/\/connect\//)
    await page.getByRole('button', { name: /Continue|Connect/ }).click()
    await page.getByRole('button', { name: /Allow|Agree/ }).click()
    await page.getByRole('button', { name: 'Start a sync' }).click()
    await page.locator('.row.job').getByText('Succeeded').waitFor()
    await page.getByText('Nothing needs attention.').waitFor()
    await page.locator('.row.job a').first().click()
    await page.getByText('250 records').first().waitFor()
  })

  it('shows a connection that is made elsewhere, and what happens to it, without a reload', async () => {
    const workspace = await app.createWorkspace('Live')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    const page = await signIn(workspace.key, `/w/${workspace.slug}/connections`)
    await page.getByText('No connections yet').waitFor()
    await page.getByText('Live', { exact: true }).first().waitFor()
    const id = await connect(workspace, 'ledger', 'ada', 'Books of Ada')
    await page.getByRole('link', { name: 'Books of Ada' }).click()
    await page.getByRole('heading', { name: 'Books of Ada' }).waitFor()
    await app.mutate(
      'mutation ($input: UpdateConnectionInput!) { updateConnection(input: $input) { __typename ... on Error { message } } }',
      { connectionId: id, disabled: true },
    )
    await page.getByRole('button', { name: 'Enable' }).click()
    await page.getByText('The connection is enabled.').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByText('with its 0 records').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No connections yet').waitFor()
    await page.getByRole('link', { name: 'Events' }).click()
    await page.locator('.events summary').getByText('CONNECTION_DELETED').waitFor()
  })

  it('shows a READER everything, and says why nothing can be changed', async () => {
    const workspace = await app.createWorkspace('Reading')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    const id = await connect(workspace, 'ledger', 'ada', 'Books')
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const page = await signIn(key, `/w/${workspace.slug}/connections/${id}`)
    await page.getByRole('heading', { name: 'Books' }).waitFor()
    for (const name of ['Test', 'Disable', 'Delete']) {
      const button = page.getByRole('button', { name, exact: true })
      expect(await button.getAttribute('aria-disabled')).toBe('true')
      expect(await button.getAttribute('title')).toContain('read only')
      await button.click({ force: true })
    }
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('ends at the sign-in when the session ends elsewhere', async () => {
    const workspace = await app.createWorkspace('Ending')
    const page = await signIn(workspace.key)
    await page.getByText('Live', { exact: true }).first().waitFor()
    await app.database.sql.query('DELETE FROM console_session', [])
    await page.waitForURL(/\/console\/sign-in\?back=/)
    errors.splice(0)
  })

  it('gives pages of another origin nothing, although the browser sends them the cookie', async () => {
    const page = await signIn(acme.key)
    const other = await page.context().newPage()
    // Another port of the same host is the same site, so that SameSite does not keep the cookie back.
    await other.goto(foreign.origin)
    const results = await other.evaluate(async (gateway) => {
      const body = JSON.stringify({ query: '{ viewer { kind } }' })
      const attempt = (init: RequestInit) =>
        fetch(`${gateway}/graphql`, init).then(
          async (response) => `${response.type} ${await response.text()}`,
          () => 'failed',
        )
      const socket = new WebSocket(`${gateway.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
      const closed = new Promise((resolve) => {
        socket.onopen = () => socket.send('{"type":"connection_init"}')
        socket.onmessage = ({ data }) => resolve(data)
        socket.onclose = ({ code }) => resolve(code)
      })
      const json = { 'content-type': 'application/json' }
      return [
        await attempt({ method: 'POST', body, credentials: 'include', mode: 'no-cors' }),
        await attempt({ method: 'POST', body, credentials: 'include', headers: json }),
        await attempt({
          method: 'POST',
          body,
          credentials: 'include',
          headers: { ...json, 'x-latchkey-console': '1' },
        }),
        await attempt({ method: 'POST', body, headers: { ...json, 'x-latchkey-console': '1' } }),
        await fetch(`${gateway}/console/session`, { method: 'DELETE', credentials: 'include' }).catch(() => 'failed'),
        await closed,
      ]
    }, app.url)
    expect(results).toEqual(['opaque ', 'failed', 'failed', expect.stringContaining('UNAUTHENTICATED'), 'failed', 4403])
    expect(foreign.requests.some(({ headers }) => headers.cookie?.includes('latchkey_console'))).toBe(true)
    expect(app.log.some((line) => line.includes('"operation":"viewer"'))).toBe(false)
    await page.reload()
    await page.locator('nav').waitFor()
  })

  it('is accessible and fits every width, in both themes and both languages', async () => {
    const workspace = await app.createWorkspace('Accessible and with a rather long name of the workspace')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    const name = 'ada.lovelace.of.the.analytical.engine@mail.example.com'
    const id = await connect(workspace, 'ledger', 'ada', name)
    await connect(workspace, 'ledger', 'bob', 'Books of Bob')
    for (const colorScheme of ['light', 'dark'] as const) {
      const signedOut = await open({ viewport: { width: 390, height: 900 }, colorScheme })
      await signedOut.goto(`${app.url}/console/sign-in`)
      await signedOut.locator('input').waitFor()
      expect(await violationsOf(signedOut)).toEqual([])
    }
    await browser.expectAccessible(workspace, ['', '/connections', `/connections/${id}`, '/syncs', '/events'])
  })

  it('is served compressed and with a strict policy, and its assets are kept', async () => {
    const index = await fetch(`${app.url}/console/w/anything`)
    expect(index.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    )
    expect(index.headers.get('cache-control')).toBe('no-cache')
    const html = await index.text()
    expect(html).not.toMatch(/<style|<script>|https?:/)
    const script = /src="(\/console\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? ''
    const asset = await fetch(app.url + script, { headers: { 'accept-encoding': 'br' } })
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-encoding')).toBe('br')
    const compressed = await fetch(app.url + script, { headers: { 'accept-encoding': 'gzip' } })
    expect(Number(compressed.headers.get('content-length') ?? 0)).toBeLessThan(250_000)
    const etag = index.headers.get('etag') ?? ''
    expect((await fetch(`${app.url}/console`, { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect((await fetch(`${app.url}/console/assets/missing.js`)).status).toBe(404)
    expect((await fetch(`${app.url}/console/../../package.json`)).status).toBe(404)
    expect((await fetch(`${app.url}/console`, { method: 'POST' })).status).toBe(405)
  })
})
