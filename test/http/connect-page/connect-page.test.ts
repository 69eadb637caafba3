import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from '../../support/services.ts'
import {
  consentDefinition,
  consentOption,
  GOOD_KEY,
  keyDefinition,
  openBrowser,
  type PageWorld,
  selectiveDefinition,
  startWorld,
} from './page-fixture.ts'

/** Generous, because the machine may be busy. */
const PATIENCE_MS = 120_000

describe.skipIf(!(await hasChromium()))('The connect page in Chromium', { timeout: PATIENCE_MS }, () => {
  let world: PageWorld
  let browser: Browser
  const contexts: BrowserContext[] = []
  /** CSP violations in the console. There must be none. */
  const complaints: string[] = []

  beforeAll(async () => {
    world = await startWorld()
    await world.createIntegration('calendar', consentDefinition(world.provider), true)
    await world.createIntegration('ledger', keyDefinition(world.provider))
    await world.createIntegration('warehouse', selectiveDefinition(world.provider))
    browser = await openBrowser()
  }, PATIENCE_MS)
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    expect(complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser.close()
    await world.stop()
  })

  async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext(options)
    context.setDefaultTimeout(PATIENCE_MS)
    context.on('console', (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text())
    })
    context.on('weberror', (error) => complaints.push(error.error().message))
    contexts.push(context)
    return context
  }
  const newPage = async (options?: BrowserContextOptions): Promise<Page> => (await newContext(options)).newPage()
  const back = () => ({ redirectUrl: `${world.product.origin}/done` })

  async function fill(page: Page, key: string, region = 'eu'): Promise<void> {
    await page.getByLabel('Region').fill(region)
    await page.getByLabel('Access key').fill(key)
  }

  it('leads from a link through the provider’s consent page to a confirmed connection', async () => {
    const session = await world.createSession({ integrations: ['calendar'], ...back() })
    const page = await newPage()
    await page.goto(session.connectUrl)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Connect Calendar to Acme')
    await page.getByRole('button', { name: 'Continue to Calendar' }).click()
    await page.getByRole('link', { name: 'Agree' }).click()
    await page.waitForURL(/\/done\?/)
    const { searchParams } = new URL(page.url())
    expect(await world.session(session.id)).toMatchObject({
      status: 'AWAITING_CONFIRMATION',
      connection: { status: 'PENDING' },
    })
    expect(await world.confirm(searchParams.get('handle') ?? '')).toMatchObject({ connection: { status: 'ACTIVE' } })
    expect(await world.session(session.id)).toMatchObject({
      status: 'COMPLETED',
      connection: { id: searchParams.get('connection_id'), status: 'ACTIVE' },
    })
  })

  it('accepts the response of a provider that posts a form from another site', async () => {
    const definition = { ...consentDefinition(world.provider, '/form-post'), displayName: 'Posting' }
    await world.createIntegration('posting', definition, true)
    const session = await world.createSession({ integrations: ['posting'], ...back() })
    const page = await newPage()
    const cookies: (string | undefined)[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().includes('/oauth/callback/')) {
        void request.allHeaders().then(({ cookie }) => cookies.push(cookie))
      }
    })
    await page.goto(session.connectUrl)
    await page.getByRole('button').click()
    await page.waitForURL(/\/done\?/)
    expect(cookies).toEqual([undefined])
    expect(await world.confirm(new URL(page.url()).searchParams.get('handle') ?? '')).toMatchObject({
      connection: { status: 'ACTIVE' },
    })
  })

  it('lets the user choose between a consent page, a key and a password', async () => {
    const definition = selectiveDefinition(world.provider, [consentOption(world.provider)])
    await world.createIntegration('three-ways', definition, true)
    const session = await world.createSession({ integrations: ['three-ways'], ...back() })
    const page = await newPage()
    await page.goto(session.connectUrl)
    await page.getByRole('button').click()
    await page.getByRole('link', { name: 'An access key' }).click()
    await page.getByRole('link', { name: 'Choose another way' }).click()
    await page.getByRole('button', { name: 'Your Warehouse account' }).click()
    await page.getByRole('link', { name: 'Agree' }).click()
    await page.waitForURL(/\/done\?/)
    expect((await world.session(session.id)).status).toBe('AWAITING_CONFIRMATION')
  })

  it('shows the provider’s description of a refusal as plain text (OA-31)', async () => {
    const session = await world.createSession({ integrations: ['calendar'], ...back() })
    const page = await newPage()
    await page.goto(session.connectUrl)
    await page.getByRole('button').click()
    await page.getByRole('link', { name: 'Refuse' }).click()
    await page.getByRole('heading', { name: 'Nothing was connected' }).waitFor()
    expect(await page.getByText('The <b>user</b> said no').count()).toBe(1)
    // The browser keeps no URL with code or state (OA-27).
    expect(page.url()).toMatch(/\/connect\/finish\/[\w-]+$/)
    expect(await page.getByRole('link', { name: 'Back to Acme' }).getAttribute('href')).toContain('error=access_denied')
    expect(await world.session(session.id)).toMatchObject({
      status: 'FAILED',
      error: { providerError: 'access_denied', providerErrorDescription: 'The <b>user</b> said no' },
    })
  })

  it('keeps the other fields after a wrong key, and connects with the right key, using only the keyboard', async () => {
    const session = await world.createSession(back())
    const page = await newPage()
    await page.goto(session.connectUrl)
    await page.getByRole('button', { name: /^Ledger/ }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/connect\/to\//)
    await page.getByLabel('Region').focus()
    await page.keyboard.press('Enter')
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await page.getByLabel('Access key').getAttribute('aria-invalid')).toBe('true')
    await page.getByRole('alert').getByRole('link', { name: 'Access key' }).press('Enter')
    expect(await page.getByLabel('Access key').evaluate((element) => element === document.activeElement)).toBe(true)
    await fill(page, 'wrong-key-0815')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Ledger did not accept this' }).waitFor()
    expect(await alert.textContent()).toContain('This <i>key</i> has no power here')
    expect(await page.getByLabel('Region').inputValue()).toBe('eu')
    expect(await page.getByLabel('Access key').inputValue()).toBe('')
    expect(await page.content()).not.toContain('wrong-key-0815')
    await page.getByLabel('Access key').fill(GOOD_KEY)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/done\?/)
    expect((await world.session(session.id)).status).toBe('AWAITING_CONFIRMATION')
  })

  it('lets the user choose a sign-in method first when there are several', async () => {
    const session = await world.createSession({ integrations: ['warehouse'], ...back() })
    const page = await newPage()
    await page.goto(session.connectUrl)
    await page.getByRole('button').click()
    await page.getByRole('link', { name: 'An access key' }).click()
    await page.getByRole('link', { name: 'Choose another way' }).click()
    await page.getByRole('link', { name: 'User name and password' }).click()
    await page.getByLabel('User name').fill('jane')
    await page.getByLabel('Password').fill('not this one')
    await page.getByRole('button').click()
    await page.getByRole('heading', { name: 'Warehouse did not accept this' }).waitFor()
    expect(await page.getByLabel('User name').inputValue()).toBe('jane')
    await page.getByLabel('Password').fill(GOOD_KEY)
    await page.getByRole('button').click()
    await page.waitForURL(/\/done\?/)
  })

  it('works without scripts', async () => {
    const page = await newPage({ javaScriptEnabled: false })
    const form = await world.createSession({ integrations: ['ledger'], ...back() })
    await page.goto(form.connectUrl)
    await page.getByRole('button').click()
    await fill(page, GOOD_KEY)
    await page.getByRole('button').click()
    await page.waitForURL(/\/done\?/)
    // A session with allowedOrigins shows a link.
    const session = await world.createSession({
      integrations: ['calendar'],
      ...back(),
      allowedOrigins: [world.product.origin],
    })
    await page.goto(session.connectUrl)
    await page.getByRole('button').click()
    await page.getByRole('link', { name: 'Agree' }).click()
    await page.getByRole('link', { name: 'Back to Acme' }).click()
    await page.waitForURL(/\/done\?/)
    expect(new URL(page.url()).searchParams.get('handle')).toMatch(/^[\w-]{43}$/)
  })

  it('continues in the same browser after back, reload, a second tab and a double click', async () => {
    const session = await world.createSession({ ...back() })
    const context = await newContext()
    const [first, second] = [await context.newPage(), await context.newPage()]
    await first.goto(session.connectUrl)
    await second.goto(session.connectUrl)
    await first.getByRole('button', { name: /^Calendar/ }).dblclick()
    await first.getByRole('link', { name: 'Agree' }).waitFor()
    await first.goBack()
    await first.reload()
    await first.getByRole('button', { name: /^Ledger/ }).click()
    await fill(first, GOOD_KEY)
    await second.getByRole('button', { name: /^Calendar/ }).click()
    await second.getByRole('link', { name: 'Agree' }).waitFor()
    await first.getByRole('button', { name: 'Connect' }).dblclick()
    await first.waitForURL(/\/done\?/)
    const { searchParams } = new URL(first.url())
    expect(await world.confirm(searchParams.get('handle') ?? '')).toMatchObject({ connection: { status: 'ACTIVE' } })
    // The other tab is now too late, and says so.
    await second.getByRole('link', { name: 'Agree' }).click()
    await second.waitForURL(/\/(?:done|connect\/finish)/)
    expect((await world.session(session.id)).connection).toMatchObject({ id: searchParams.get('connection_id') })
    const [row] = await world.app.database.sql.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM connection c JOIN connect_session s ON s.end_user_id = c.end_user_id
       WHERE s.id::text = $1 AND c.status = 'ACTIVE' AND c.id = s.connection_id`,
      [Buffer.from(session.id, 'base64url').toString().split(':')[1]],
    )
    expect(row?.count).toBe(1)
  })

  it('reconnects a connection, which keeps its id and works in the meantime', async () => {
    const first = await world.createSession({ integrations: ['ledger'], endUserExternalId: 'again', ...back() })
    const page = await newPage()
    await page.goto(first.connectUrl)
    await page.getByRole('button').click()
    await fill(page, GOOD_KEY)
    await page.getByRole('button').click()
    await page.waitForURL(/\/done\?/)
    await world.confirm(new URL(page.url()).searchParams.get('handle') ?? '', 'again')
    const { connection } = await world.session(first.id)
    const second = await world.createSession({ connectionId: connection?.id, endUserExternalId: 'again', ...back() })
    await page.goto(second.connectUrl)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Reconnect Ledger to Acme')
    await page.getByRole('button').click()
    expect(await page.getByLabel('Region').inputValue()).toBe('eu')
    await page.getByLabel('Access key').fill(GOOD_KEY)
    await page.getByRole('button').click()
    await page.waitForURL(/\/done\?/)
    expect(await world.session(second.id)).toMatchObject({
      status: 'AWAITING_CONFIRMATION',
      connection: { id: connection?.id, status: 'ACTIVE' },
    })
    await world.confirm(new URL(page.url()).searchParams.get('handle') ?? '', 'again')
    expect(await world.session(second.id)).toMatchObject({ status: 'COMPLETED', connection })
  })

  it('needs no click at a provider that does not show a consent page', async () => {
    await world.createIntegration('known', consentDefinition(world.provider, '/at-once'), true)
    const session = await world.createSession({ integrations: ['known'], ...back() })
    const page = await newPage()
    await page.goto(session.connectUrl)
    await page.getByRole('button').click()
    await page.waitForURL(/\/done\?/)
    expect((await world.session(session.id)).status).toBe('AWAITING_CONFIRMATION')
  })

  it('can be framed by the allowed origins, and continues in a new window (OA-24)', async () => {
    const framed = await world.createSession({ integrations: ['calendar'], allowedOrigins: [world.product.origin] })
    const page = await newPage()
    await page.goto(world.product.origin)
    await page.evaluate(
      (src) => document.body.append(Object.assign(document.createElement('iframe'), { src })),
      framed.connectUrl,
    )
    const [popup] = await Promise.all([
      page.context().waitForEvent('page'),
      page.frameLocator('iframe').getByRole('button', { name: 'Continue to Calendar' }).click(),
    ])
    await popup.getByRole('link', { name: 'Agree' }).click()
    await popup.getByRole('heading', { name: 'Not finished yet' }).waitFor()
    expect((await world.session(framed.id)).status).toBe('AWAITING_CONFIRMATION')
    const other = await world.createSession({ allowedOrigins: ['https://app.example'] })
    const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()))
    await page.evaluate(
      (src) => document.body.append(Object.assign(document.createElement('iframe'), { src })),
      other.connectUrl,
    )
    await refused
    expect(complaints.splice(0)).toEqual([expect.stringContaining('frame-ancestors')])
  })

  it.each([
    ['en', 'Not finished yet', 'Ledger is not connected yet, because Acme has not received the result.'],
    ['de', 'Noch nicht fertig', 'Ledger ist noch nicht verbunden, denn Acme hat das Ergebnis nicht erhalten.'],
  ])(
    'says in %s that a link without a redirect URL is not finished, until the product has confirmed',
    async (locale, heading, text) => {
      const session = await world.createSession({ integrations: ['ledger'], allowedOrigins: [world.product.origin] })
      for (const javaScriptEnabled of [true, false]) {
        const context = await newContext({ locale, javaScriptEnabled, storageState: await contexts[0]?.storageState() })
        const page = await context.newPage()
        if (javaScriptEnabled) {
          await page.goto(session.connectUrl)
          await page.getByRole('button').click()
          await page.locator('input[type=text]').fill('eu')
          await page.locator('input[type=password]').fill(GOOD_KEY)
          await page.locator('button.primary').click()
        } else await page.goto(contexts[0]?.pages()[0]?.url() ?? '')
        await page.getByRole('heading', { name: heading }).waitFor()
        expect(await page.locator('main').innerText()).toContain(text)
        expect(await page.locator('main').innerText()).not.toContain('One moment')
      }
      expect((await world.session(session.id)).status).toBe('AWAITING_CONFIRMATION')
      const shown = contexts[0]?.pages()[0]
      const data = JSON.parse((await shown?.locator('[data-done]').getAttribute('data-done')) ?? '{}')
      expect(await world.confirm(data.message.handle)).toMatchObject({ connection: { status: 'ACTIVE' } })
      await shown?.reload()
      await shown
        ?.getByRole('heading', { name: locale === 'en' ? 'Ledger is connected' : 'Ledger ist verbunden' })
        .waitFor()
    },
  )

  it('can be left and resumed until the session expires', async () => {
    const session = await world.createSession({ integrations: ['calendar'], ...back() })
    const context = await newContext()
    const page = await context.newPage()
    await page.goto(session.connectUrl)
    await page.getByRole('button').click()
    await page.getByRole('link', { name: 'Agree' }).waitFor()
    await page.close()
    expect((await world.session(session.id)).status).toBe('CONNECTING')
    const again = await context.newPage()
    await again.goto(session.connectUrl)
    await again.getByRole('button').click()
    await again.getByRole('link', { name: 'Agree' }).click()
    await again.waitForURL(/\/done\?/)
  })

  it('fits a phone in dark mode and is accessible to screen readers', async () => {
    const session = await world.createSession()
    const page = await newPage({ viewport: { width: 320, height: 640 }, colorScheme: 'dark', isMobile: true })
    await page.goto(session.connectUrl)
    const sizes = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    expect(await sizes()).toEqual([320, 320])
    const background = await page.evaluate(
      () => getComputedStyle(document.querySelector('.card') as Element).backgroundColor,
    )
    expect(background).toBe('rgb(28, 31, 36)')
    for (const landmark of ['banner', 'main'] as const) expect(await page.getByRole(landmark).count()).toBe(1)
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
    await page.getByRole('button', { name: /^Ledger/ }).click()
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByRole('alert').waitFor()
    expect(await sizes()).toEqual([320, 320])
    expect(
      await page
        .locator('input:not([type=hidden])')
        .evaluateAll((all) => all.every((each) => (each as HTMLInputElement).labels?.length === 1)),
    ).toBe(true)
  })

  it('executes no markup from the names of a workspace, an end user or a definition (OA-25)', async () => {
    const attack = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`
    await world.app.mutate(
      'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename ... on Error { message } } }',
      {
        workspaceId: world.workspace.id,
        branding: { name: attack, color: '#ffff00', logoUrl: 'http://logo.example/"onerror=alert(1) x="/a.svg' },
      },
    )
    const hostile = keyDefinition(world.provider, {
      displayName: attack.slice(0, 200),
      docsUrl: 'https://docs.example/"><script>document.title=1</script>',
      inputFields: [{ name: 'region', label: attack, description: attack, required: true }],
    })
    await world.createIntegration('hostile', hostile)
    const session = await world.createSession({ integrations: ['hostile'], endUserExternalId: attack })
    const page = await newPage()
    await page.goto(session.connectUrl)
    await page.getByRole('button').click()
    await page.waitForURL(/\/connect\/to\//)
    await page.locator('input[type=text]').fill(attack)
    await page.getByRole('button').click()
    await page.getByRole('alert').waitFor()
    expect(await page.title()).not.toBe('owned')
    expect(await page.locator('img, script:not([nonce])').count()).toBe(0)
    const { color, background } = await page.locator('button.primary').evaluate((element) => {
      const style = getComputedStyle(element)
      return { color: style.color, background: style.backgroundColor }
    })
    expect([color, background]).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 0)'])
    await world.app.mutate(
      'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename } }',
      {
        workspaceId: world.workspace.id,
        branding: null,
      },
    )
  })
})
