import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startProvider } from '../../support/provider-server.ts'
import { hasChromium } from '../../support/services.ts'
import {
  consentDefinition,
  consentOption,
  keyDefinition,
  openBrowser,
  type PageWorld,
  selectiveDefinition,
  page as sendPage,
  startWorld,
} from './page-fixture.ts'

/** Generous, because the machine may be busy. */
const PATIENCE_MS = 120_000

/** The product's page: a button that connects. The title shows the result. */
const PRODUCT = `<!doctype html><title>Product</title>
<button>Connect</button>
<script>
  window.handles = []
  window.messages = []
  addEventListener('message', (event) => messages.push([event.origin, event.data]))
  document.querySelector('button').addEventListener('click', () => {
    const { gateway, token, takes, mode } = JSON.parse(decodeURIComponent(location.hash.slice(1)))
    window.abort = new AbortController()
    window.result = undefined
    window.lost = 0
    const onLost = () => { window.lost += 1 }
    const onHandle = takes ? (handle) => void handles.push(handle) : undefined
    const connected = import(gateway + '/connect.js').then(() => latchkey.connect({ token, mode, onHandle, onLost, signal: abort.signal }))
    connected.then((connection) => { window.result = { connection } }, (error) => { window.result = { error: error.message } })
  })
</script>`

describe.skipIf(!(await hasChromium()))('connect.js', { timeout: PATIENCE_MS }, () => {
  let browser: Browser
  let world: PageWorld
  let product: PageWorld['product']
  const contexts: BrowserContext[] = []
  beforeAll(async () => {
    world = await startWorld({ html: PRODUCT })
    product = world.product
    await world.createIntegration('calendar', consentDefinition(world.provider), true)
    await world.createIntegration('isolated', consentDefinition(world.provider, '/isolated'), true)
    await world.createIntegration('ledger', keyDefinition(world.provider))
    await world.createIntegration('warehouse', selectiveDefinition(world.provider, [consentOption(world.provider)]))
    await world.createIntegration('bare', consentDefinition(world.provider))
    browser = await openBrowser()
  }, PATIENCE_MS)
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
  })
  afterAll(async () => {
    await browser.close()
    await world.stop()
  })

  const newSession = (input: Record<string, unknown> = {}) =>
    world.createSession({ integrations: ['calendar'], allowedOrigins: [product.origin], ...input })

  async function openProduct(options: Record<string, unknown>, address = `${product.origin}/`): Promise<Page> {
    const context = await browser.newContext()
    context.setDefaultTimeout(PATIENCE_MS)
    contexts.push(context)
    const page = await context.newPage()
    const gateway = world.app.url
    await page.goto(`${address}#${encodeURIComponent(JSON.stringify({ gateway, ...options }))}`)
    return page
  }

  /** Presses the button, and gives consent in the popup. */
  async function agree(page: Page): Promise<Page> {
    const [popup] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('button').click()])
    await popup.getByRole('button', { name: 'Continue to Calendar' }).click()
    await popup.getByRole('link', { name: 'Agree' }).click()
    return popup
  }
  const resultOf = async (page: Page) => (await page.waitForFunction('window.result')).jsonValue()
  const handlesOf = (page: Page) => page.evaluate('window.handles') as Promise<string[]>

  it('receives the handle from its popup and the result from the gateway (OA-22)', async () => {
    const session = await newSession({ allowedOrigins: ['https://other.example', product.origin] })
    const page = await openProduct({ token: session.token, takes: true })
    const popup = await agree(page)
    await page.waitForFunction('window.handles.length === 1')
    const [handle = ''] = await handlesOf(page)
    if (!popup.isClosed()) await popup.waitForEvent('close')
    expect(await page.evaluate('window.result')).toBeUndefined()
    expect(await world.confirm(handle)).toMatchObject({ connection: { status: 'ACTIVE' } })
    expect(await resultOf(page)).toMatchObject({
      connection: { id: (await world.session(session.id)).connection?.id, status: 'ACTIVE', integration: 'calendar' },
    })
    const messages = (await page.evaluate('window.messages')) as [string, Record<string, unknown>][]
    expect(messages).toEqual([
      [world.app.url, { type: 'latchkey:connected', session: session.id, connectionId: expect.any(String), handle }],
    ])
  })

  it.each([
    ['the provider’s page', ['isolated'], '/'],
    ['the product’s page', ['calendar'], '/isolated'],
    ['both', ['isolated'], '/isolated'],
  ])(
    'returns the result when %s is isolated, and the handle goes to the redirect URL',
    async (_name, integrations, path) => {
      const session = await newSession({ integrations, redirectUrl: `${product.origin}/done` })
      const page = await openProduct({ token: session.token, takes: true }, `${product.origin}${path}`)
      const popup = await agree(page)
      await popup.waitForURL(/\/done\?/)
      const handle = new URL(popup.url()).searchParams.get('handle') ?? ''
      expect(await world.confirm(handle)).toMatchObject({ connection: { status: 'ACTIVE' } })
      expect(await resultOf(page)).toMatchObject({ connection: { status: 'ACTIVE' } })
      expect(await handlesOf(page)).toEqual([])
    },
  )

  /** Presses the button. @returns the popup, on the first page of the session */
  async function openPopup(page: Page): Promise<Page> {
    const [popup] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('button').click()])
    await popup.getByRole('heading').first().waitFor()
    return popup
  }

  it.each([
    ['the first page', 'ledger', 'h1', '/'],
    ['a form', 'ledger', 'button >> input[type=password]', '/'],
    ['a form, opened by an isolated page', 'ledger', 'button >> input[type=password]', '/isolated'],
    ['the sign-in methods', 'warehouse', 'button >> a.offer', '/'],
    ['a page that says what is missing', 'bare', 'h1', '/'],
  ])('returns null soon after %s is closed', async (_name, integration, steps, path) => {
    const session = await newSession({ integrations: [integration] })
    const page = await openProduct({ token: session.token, takes: true }, `${product.origin}${path}`)
    const popup = await openPopup(page)
    const [step = '', last] = steps.split(' >> ')
    if (last !== undefined) {
      await popup.locator(step).click()
      await popup.locator(last).first().waitFor()
    }
    // Pages that follow each other in the window are not a closed window.
    await popup.reload()
    await popup
      .locator(last ?? step)
      .first()
      .waitFor()
    await page.waitForTimeout(1_500)
    expect(await page.evaluate('window.result')).toBeUndefined()
    const closedAt = performance.now()
    await popup.close()
    expect(await resultOf(page)).toEqual({ connection: null })
    // Two seconds, and twice as much on a busy machine.
    expect(performance.now() - closedAt).toBeLessThan(4_000)
    expect(await page.evaluate('window.lost')).toBe(0)
    expect((await world.session(session.id)).status).toMatch(/^(?:PENDING|CONNECTING)$/)
  })

  it.each([
    ['calendar', '/'],
    ['isolated', '/'],
    ['calendar', '/isolated'],
  ])('lets the page start again at once after the provider’s page is closed: %s from %s', async (integration, path) => {
    const session = await newSession({ integrations: [integration], redirectUrl: `${product.origin}/done` })
    const page = await openProduct({ token: session.token, takes: true }, `${product.origin}${path}`)
    const popup = await openPopup(page)
    await popup.getByRole('button', { name: 'Continue to Calendar' }).click()
    await popup.getByRole('link', { name: 'Agree' }).waitFor()
    await popup.close()
    await page.waitForFunction('window.lost === 1')
    expect(await page.evaluate('window.result')).toBeUndefined()
    await page.evaluate('window.abort.abort()')
    const again = await agree(page)
    if (integration === 'calendar' && path === '/') {
      await page.waitForFunction('window.handles.length === 1')
      await world.confirm((await handlesOf(page))[0] ?? '')
    } else {
      await again.waitForURL(/\/done\?/)
      await world.confirm(new URL(again.url()).searchParams.get('handle') ?? '')
    }
    await page.waitForFunction('window.result?.connection')
    expect(await resultOf(page)).toMatchObject({ connection: { status: 'ACTIVE' } })
  })

  it('returns null when a page is closed that could not report it', async () => {
    const session = await newSession({ integrations: ['ledger'] })
    const page = await openProduct({ token: session.token, takes: true })
    const popup = await openPopup(page)
    await popup.evaluate('navigator.sendBeacon = () => false')
    await page.waitForTimeout(1_500)
    await popup.close()
    expect(await resultOf(page)).toEqual({ connection: null })
  })

  it('returns null when the last page is closed before anybody has the handle', async () => {
    const session = await newSession()
    const page = await openProduct({ token: session.token, takes: false })
    const popup = await agree(page)
    await popup.getByRole('heading', { name: 'Not finished yet' }).waitFor()
    await page.waitForTimeout(1_500)
    await popup.close()
    expect(await resultOf(page)).toEqual({ connection: null })
  })

  it('lets the popup continue to the redirect URL when there is no onHandle', async () => {
    const session = await newSession({ redirectUrl: `${product.origin}/done` })
    const page = await openProduct({ token: session.token, takes: false })
    const popup = await agree(page)
    await popup.waitForURL(/\/done\?/)
    await world.confirm(new URL(popup.url()).searchParams.get('handle') ?? '')
    expect(await resultOf(page)).toMatchObject({ connection: { status: 'ACTIVE' } })
  })

  it('replaces the page when popups are blocked', async () => {
    const session = await newSession({ redirectUrl: `${product.origin}/done` })
    const page = await openProduct({ token: session.token, takes: true })
    await page.evaluate('window.open = () => null')
    await page.getByRole('button').click()
    await page.getByRole('button', { name: 'Continue to Calendar' }).click()
    await page.getByRole('link', { name: 'Agree' }).click()
    await page.waitForURL(/\/done\?/)
    expect(await world.confirm(new URL(page.url()).searchParams.get('handle') ?? '')).toMatchObject({
      connection: { status: 'ACTIVE' },
    })
  })

  it('reveals nothing to a page of another origin, and ignores messages from it (OA-22, OA-23)', async () => {
    const evil = await startProvider((_request, response) => sendPage(response, PRODUCT))
    try {
      const session = await newSession()
      const page = await openProduct({ token: session.token, takes: true }, `${evil.origin}/`)
      const popup = await agree(page)
      await popup.getByRole('heading', { name: 'Not finished yet' }).waitFor()
      await page.evaluate(() => document.querySelector('button')?.remove())
      const before = popup.url()
      await popup.evaluate(() =>
        Promise.all(
          [
            { redirect: 'javascript:document.title="owned"' },
            { type: 'latchkey:received', session: 'x' },
            { next: 'https://evil.example' },
          ].map(
            (data) =>
              new Promise((resolve) => {
                addEventListener('message', resolve, { once: true })
                window.postMessage(data, '*')
              }),
          ),
        ),
      )
      expect([popup.isClosed(), popup.url(), await popup.title()]).toEqual([false, before, 'Not finished yet'])
      expect(await page.evaluate('[window.messages, window.handles]')).toEqual([[], []])
    } finally {
      await evil.close()
    }
  })

  it('returns null when the session is revoked or refused, or the call is aborted', async () => {
    const revoked = await newSession()
    const first = await openProduct({ token: revoked.token, mode: 'watch' })
    await first.getByRole('button').click()
    await world.app.mutate(
      'mutation ($input: RevokeConnectSessionInput!) { revokeConnectSession(input: $input) { __typename ... on Error { message } } }',
      { sessionId: revoked.id },
      world.workspace.key,
    )
    expect(await resultOf(first)).toEqual({ connection: null })
    const refused = await openProduct({ token: (await newSession()).token, takes: true })
    const [popup] = await Promise.all([refused.context().waitForEvent('page'), refused.getByRole('button').click()])
    await popup.getByRole('button').click()
    await popup.getByRole('link', { name: 'Refuse' }).click()
    expect(await resultOf(refused)).toEqual({ connection: null })
    const left = await openProduct({ token: (await newSession()).token, takes: true })
    const [closed] = await Promise.all([left.context().waitForEvent('page'), left.getByRole('button').click()])
    await closed.getByRole('button').waitFor()
    await closed.close()
    await left.evaluate('window.abort.abort()')
    expect(await resultOf(left)).toEqual({ connection: null })
  })
})
