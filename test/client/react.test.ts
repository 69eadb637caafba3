import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLatchkey, type Latchkey } from '../../packages/client/src/index.ts'
import { consentDefinition, openBrowser, type PageWorld, startWorld } from '../http/connect-page/page-fixture.ts'
import { bundle, type InstalledClient, installClient } from '../support/client-package.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../support/oidc-issuer.ts'
import { hasChromium } from '../support/services.ts'

/** The product's page: a button, the connections of its user, and the state of their syncs. */
const APPLICATION = `
import { createElement as h, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ConnectButton, useConnections, useSyncStatus } from 'latchkey-client/react'

const { url, session, endUser } = JSON.parse(decodeURIComponent(location.hash.slice(1)))
window.handles = []

function Connections({ name, token, syncs }) {
  const { items, loading, error, reload } = useConnections({ url, token: () => token })
  const rows = items.map((item) => h('li', { key: item.id }, item.integration.slug + ' ' + item.status,
    syncs ? h(Sync, { connectionId: item.id, token }) : null))
  return h('section', { 'data-name': name }, h('button', { onClick: reload }, 'Reload ' + name),
    error ? 'Error: ' + error.message : null, h('ul', { 'data-loading': loading }, rows))
}

function Sync({ connectionId, token }) {
  const { status, recordsRead, message, error } = useSyncStatus({ url, token, connectionId })
  return h('em', null, error ? 'Error: ' + error.message : [status, recordsRead, message].join(' '))
}

function Page() {
  return h('main', null,
    h(ConnectButton, {
      url,
      className: 'connect',
      pollEveryMs: 50,
      token: async () => session,
      onHandle: (handle) => void window.handles.push(handle),
      onConnected: (connection) => { window.connected = connection },
      children: ({ status }) => 'Connect: ' + status,
    }),
    h(Connections, { name: 'session', token: session }),
    h(Connections, { name: 'user', token: endUser, syncs: true }))
}

const root = document.body.appendChild(document.createElement('div'))
createRoot(root).render(h(StrictMode, null, h(Page)))
`

describe.skipIf(!(await hasChromium()))('latchkey-client/react', () => {
  let client: InstalledClient
  let world: PageWorld
  let issuer: OidcIssuerServer
  let browser: Browser
  let latchkey: Latchkey

  beforeAll(async () => {
    client = await installClient()
    await client.link('react', 'react-dom', 'scheduler')
    await writeFile(join(client.folder, 'application.js'), APPLICATION)
    const code = (await bundle(client, `import './application.js'`)).replaceAll('</script', '<\\/script')
    world = await startWorld({
      html: `<!doctype html><meta charset="utf-8"><body><script type="module">${code}</script>`,
    })
    issuer = await startOidcIssuer()
    browser = await openBrowser()
    const { id: workspaceId, key } = world.workspace
    latchkey = createLatchkey({ url: world.app.url, key })
    const streams = [{ name: 'me', path: '/me', records: { path: [], one: true }, primaryKey: ['ok'] }]
    await world.createIntegration('calendar', { ...consentDefinition(world.provider), streams }, true)
    const { oidcIssuer } = await latchkey.oidcIssuers.create({
      workspaceId,
      issuer: issuer.issuer,
      audience: 'product',
    })
    await latchkey.endUsers.upsert({ workspaceId, externalId: 'jane' })
    await latchkey.oidcIssuers.verify({ oidcIssuerId: oidcIssuer.id, token: await tokenOf('jane') })
  })
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
    await issuer?.close()
    await client?.remove()
  })

  const tokenOf = (sub: string) =>
    issuer.sign({ iss: issuer.issuer, aud: 'product', sub, exp: Date.now() / 1_000 + 600 })

  async function openProduct(session: string): Promise<Page> {
    const page = await browser.newPage()
    const given = { url: world.app.url, session, endUser: await tokenOf('jane') }
    await page.goto(`${world.product.origin}/#${encodeURIComponent(JSON.stringify(given))}`)
    return page
  }

  it('connects with a button, lists connections and follows their syncs', async () => {
    const session = await world.createSession({ integrations: ['calendar'], allowedOrigins: [world.product.origin] })
    const page = await openProduct(session.token)
    const button = page.locator('button.connect')
    expect(await button.textContent()).toBe('Connect: idle')
    const [popup] = await Promise.all([page.context().waitForEvent('page'), button.click()])
    await page.locator('button.connect[data-status=connecting][aria-busy=true]').waitFor()
    expect(await button.isDisabled()).toBe(true)
    await popup.getByRole('button', { name: 'Continue to Calendar' }).click()
    await popup.getByRole('link', { name: 'Agree' }).click()
    await page.waitForFunction('window.handles.length === 1')
    const [handle = ''] = (await page.evaluate('window.handles')) as string[]
    await world.confirm(handle)
    await page.locator('button.connect[data-status=connected]').waitFor()
    const connected = (await page.evaluate('window.connected')) as { id: string }
    expect(connected).toMatchObject({ status: 'ACTIVE', integration: 'calendar' })

    for (const name of ['session', 'user']) {
      await page.getByRole('button', { name: `Reload ${name}` }).click()
      await page.locator(`section[data-name=${name}] li`, { hasText: 'calendar ACTIVE' }).waitFor()
    }
    const result = await latchkey.sync.trigger({ connectionId: connected.id })
    expect(result.__typename).toBe('TriggerSyncPayload')
    await page.locator('section[data-name=user] em', { hasText: /^SUCCEEDED 1/ }).waitFor()
    await page.close()
  })

  it('ends when the user closes the popup, and shows why a list cannot be read', async () => {
    const session = await world.createSession({ integrations: ['calendar'], allowedOrigins: [world.product.origin] })
    const page = await openProduct(session.token)
    const button = page.locator('button.connect')
    const [popup] = await Promise.all([page.context().waitForEvent('page'), button.click()])
    await popup.getByRole('button', { name: 'Continue to Calendar' }).waitFor()
    await popup.close()
    await page.locator('button.connect[data-status=ended]').waitFor()
    await latchkey.connectSessions.revoke({ sessionId: session.id })
    await page.getByRole('button', { name: 'Reload session' }).click()
    await page.locator('section[data-name=session]', { hasText: 'Error: ' }).waitFor()
    await page.close()
  })
})
