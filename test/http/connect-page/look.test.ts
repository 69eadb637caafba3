import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findGuide } from '../../../src/catalog/catalog.ts'
import { CATEGORIES } from '../../../src/catalog/categories.ts'
import { logoPathOf } from '../../../src/catalog/logo.ts'
import { TEXTS } from '../../../src/http/connect-page/texts.ts'
import { hasChromium } from '../../support/services.ts'
import { consentDefinition, GOOD_KEY, keyDefinition, openBrowser, type PageWorld, startWorld } from './page-fixture.ts'

/** Generous, because the machine may be busy. */
const PATIENCE_MS = 120_000
/** Providers of several categories, with and without a logo. */
const MANY = [
  'slack',
  'gmail',
  'google-calendar',
  'hubspot',
  'jira',
  'notion',
  'shopify',
  'zendesk',
  'outlook',
  'linear',
  'asana',
  'smartsheet',
  'salesforce',
  'intercom',
  'zoom',
  'discord',
  'ledger',
  'calendar',
]
const EMAIL = 'maximiliane.mustermann@example-company.com'

/** What axe found: rule and element. */
type Violations = { id: string; nodes: { target: string[] }[] }[]

describe.skipIf(!(await hasChromium()))('The look of the connect page in Chromium', { timeout: PATIENCE_MS }, () => {
  let world: PageWorld
  let browser: Browser
  let axe: string
  const contexts: BrowserContext[] = []
  /** CSP violations and other errors in the console. There must be none. */
  const complaints: string[] = []

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    world = await startWorld()
    for (const slug of MANY.slice(0, -2)) await world.offerProvider(slug)
    await world.offerProvider('sandbox', false)
    await world.createIntegration('ledger', keyDefinition(world.provider))
    await world.createIntegration('calendar', consentDefinition(world.provider), true)
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

  async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options)
    context.setDefaultTimeout(PATIENCE_MS)
    context.on('console', (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text())
    })
    context.on('weberror', (error) => complaints.push(error.error().message))
    contexts.push(context)
    return context.newPage()
  }
  async function openSession(page: Page, integrations: string[], more: Record<string, unknown> = {}) {
    const session = await world.createSession({ integrations, endUserExternalId: EMAIL, ...more })
    await page.goto(session.connectUrl)
    return session
  }
  async function atLedger(page: Page, key: string): Promise<void> {
    await openSession(page, ['ledger'])
    await page.getByRole('button').click()
    await page.waitForURL(/\/connect\/to\//)
    await page.locator('input[type=text]').fill('eu')
    await page.locator('input[type=password]').fill(key)
  }
  async function violationsOf(page: Page): Promise<string[]> {
    await page.evaluate(axe)
    // biome-ignore lint/suspicious/noExplicitAny: axe is a global of the page
    const found: Violations = await page.evaluate(async () => (await (globalThis as any).axe.run()).violations)
    return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target.join(' ')}`))
  }
  /** Whether the page fits its window. */
  const fits = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)

  const sizes = [
    { width: 390, height: 844 },
    { width: 1280, height: 800 },
  ]
  const looks = sizes.flatMap((viewport) =>
    (['light', 'dark'] as const).map((colorScheme) => ({
      ...{ viewport, colorScheme },
      locale: colorScheme === 'light' ? 'en-US' : 'de-DE',
    })),
  )
  it.each(looks)('has no violation of axe on any page: $viewport.width, $colorScheme, $locale', async (look) => {
    const page = await newPage(look)
    const found: Record<string, string[]> = {}
    const check = async (name: string) => {
      const violations = await violationsOf(page)
      if (violations.length > 0 || !(await fits(page))) found[name] = violations
    }
    await openSession(page, ['slack'])
    await check('one offer')
    await openSession(page, MANY.slice(0, 3))
    await check('three offers')
    await openSession(page, MANY)
    await check('many offers')
    await page.getByRole('searchbox').fill('zzz')
    await check('nothing found')
    await openSession(page, ['zendesk'])
    await page.getByRole('button').click()
    await page.waitForURL(/\/connect\/to\//)
    await check('sign-in methods')
    await page.locator('a.offer').last().click()
    await page.locator('input[type=password]').waitFor()
    await check('form')
    await page.locator('summary').click()
    await check('form with help')
    await page.locator('button.primary').click()
    await page.getByRole('alert').waitFor()
    await check('missing values')
    await atLedger(page, 'a-wrong-key')
    await page.locator('button.primary').click()
    await page.getByRole('alert').waitFor()
    await check('refused key')
    await openSession(page, ['ledger'], { allowedOrigins: ['https://app.example'] })
    await page.getByRole('button').click()
    await page.locator('input[type=text]').fill('eu')
    await page.locator('input[type=password]').fill(GOOD_KEY)
    await page.locator('button.primary').click()
    await page.locator('[data-done]').waitFor()
    await check('done')
    await openSession(page, ['sandbox'])
    await page.getByRole('button').click()
    await page.getByRole('button', { name: 'Allow' }).waitFor()
    await check('page of the sandbox')
    await page.getByRole('button', { name: 'Refuse' }).click()
    await page.waitForURL(/\/connect\/finish\//)
    await check('failed')
    await page.goto(`${world.app.url}/connect/lkc_${'x'.repeat(43)}`)
    await check('unknown link')
    expect(found).toEqual({})
  })

  it('shows the logo of a provider beside the workspace, and a monogram where there is none', async () => {
    const page = await newPage()
    await openSession(page, ['zendesk'])
    const header = page.getByRole('banner')
    expect(await header.locator('img').getAttribute('src')).toBe(logoPathOf('zendesk'))
    expect(await header.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth > 0)).toBe(true)
    await openSession(page, ['ledger'])
    expect(await header.locator('img').count()).toBe(0)
    expect(await header.locator('text').allTextContents()).toEqual(['A', 'L'])
  })

  it('says in people’s words what is allowed, and counts what has no words', async () => {
    for (const [locale, language] of [
      ['en-US', 'en'],
      ['de-DE', 'de'],
    ] as const) {
      const page = await newPage({ locale })
      await openSession(page, ['slack'])
      const texts = await page.locator('.allows li').allTextContents()
      const guide = findGuide('slack')
      expect(texts).toContain(guide?.scopes['channels:read']?.[language])
      expect(await page.locator('.allows').textContent()).not.toContain('channels:read')
      await openSession(page, ['calendar'])
      const more = page.locator('.allows details')
      expect(await more.locator('summary').textContent()).toBe(TEXTS[language].otherScopes(2, true))
      expect(await page.getByText('calendar.read').isVisible()).toBe(false)
      await more.locator('summary').click()
      expect(await page.getByText('calendar.read').isVisible()).toBe(true)
      expect(await page.locator('.allows li').first().textContent()).toBe(TEXTS[language].scopeWords['openid'])
    }
  })

  it('finds an integration by its name or category, with the keyboard alone', async () => {
    const page = await newPage({ locale: 'de-DE' })
    await openSession(page, MANY)
    const names = () => page.locator('.offer strong:visible').allTextContents()
    expect((await names()).length).toBe(MANY.length)
    const headings = await page.getByRole('heading', { level: 3 }).allTextContents()
    expect(headings).toContain(CATEGORIES['calendar']?.de)
    expect(headings.at(-1)).toBe(TEXTS.de.otherCategory)
    const search = page.getByRole('searchbox', { name: TEXTS.de.search })
    await search.fill('kalender')
    expect(await names()).toEqual(['Google Calendar'])
    await search.fill('GOOGLE cal')
    expect(await names()).toEqual(['Google Calendar'])
    expect(await page.locator('[data-find] [role=status]').textContent()).toBe(TEXTS.de.foundOne)
    await search.fill('xyz <b>')
    expect(await names()).toEqual([])
    expect(await page.getByText(TEXTS.de.foundNothing.replace('{query}', 'xyz <b>')).isVisible()).toBe(true)
    await search.press('Escape')
    expect((await names()).length).toBe(MANY.length)
    const focused = () => page.evaluate(() => document.activeElement?.querySelector('strong')?.textContent ?? '')
    const [first, second] = await names()
    await search.press('ArrowDown')
    expect(await focused()).toBe(first)
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe(second)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    expect(await search.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.type('ledger')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/connect\/to\/[\w-]+\/ledger$/)
  })

  it('lists all integrations by category without scripts, and no search field that would do nothing', async () => {
    const page = await newPage({ javaScriptEnabled: false })
    await openSession(page, MANY)
    expect(await page.getByRole('searchbox').count()).toBe(0)
    expect(await page.getByRole('button').count()).toBe(MANY.length)
    expect(await page.getByRole('heading', { level: 3 }).count()).toBeGreaterThan(3)
  })

  it('has no search field for a few integrations', async () => {
    const page = await newPage()
    await openSession(page, MANY.slice(0, 7))
    expect(await page.locator('input[type=search]').count()).toBe(0)
    expect(await page.getByRole('heading', { level: 3 }).count()).toBe(0)
  })

  it('does not break an e-mail address in the middle on a narrow phone', async () => {
    const page = await newPage({ viewport: { width: 320, height: 640 } })
    await openSession(page, ['slack'])
    const parts = await page.locator('dd .whole').evaluateAll((all) =>
      all.map((part) => {
        const range = document.createRange()
        range.selectNodeContents(part)
        return { text: part.textContent, lines: range.getClientRects().length }
      }),
    )
    expect(parts).toEqual([
      { text: 'maximiliane.mustermann', lines: 1 },
      { text: '@example-company.com', lines: 1 },
    ])
    expect(await fits(page)).toBe(true)
  })

  it('submits nothing again after a failed form, neither by reloading nor by going back', async () => {
    const page = await newPage()
    const posts: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().includes('/connect/to/')) posts.push(request.url())
    })
    await atLedger(page, 'a-wrong-key')
    await page.locator('button.primary').click()
    await page.getByRole('heading', { name: 'Ledger did not accept this' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Ledger did not accept this' }).waitFor()
    expect(await page.getByLabel('Region').inputValue()).toBe('eu')
    await page.goBack()
    await page.getByLabel('Region').waitFor()
    await page.goForward()
    await page.getByRole('heading', { name: 'Ledger did not accept this' }).waitFor()
    expect(posts.length).toBe(1)
  })

  it.each(['no-preference', 'reduce'] as const)('says what it waits for, with motion: %s', async (reducedMotion) => {
    const page = await newPage({ reducedMotion, locale: 'de-DE' })
    await atLedger(page, GOOD_KEY)
    // The page stays as it is while a browser waits for the answer.
    await page.evaluate(() => document.addEventListener('submit', (event) => event.preventDefault()))
    await page.locator('button.primary').click()
    await page.getByText(TEXTS.de.checksKey('Ledger')).waitFor()
    const button = page.locator('button.primary')
    expect(await button.getAttribute('aria-busy')).toBe('true')
    const motion = await button.evaluate((element) => getComputedStyle(element, '::before').animationName)
    expect(motion).toBe(reducedMotion === 'reduce' ? 'none' : 'turn')
  })

  it('leaves the page of the sandbox with the hint of its guide after a refusal', async () => {
    const page = await newPage({ locale: 'de-DE' })
    await openSession(page, ['sandbox'])
    await page.getByRole('button').click()
    expect(await page.getByRole('banner').textContent()).toContain('Sandbox Records Inc.')
    expect(await page.getByText('Latchkey will be able to').count()).toBe(1)
    await page.getByRole('button', { name: 'Refuse' }).click()
    await page.waitForURL(/\/connect\/finish\//)
    const [hint] = findGuide('sandbox')?.hints ?? []
    const note = await page.locator('.note').textContent()
    expect(note).toContain(hint?.cause.de)
    expect(note).toContain(hint?.person?.de.replaceAll('**', ''))
    await page.getByRole('link', { name: TEXTS.de.backTo('Acme') }).click()
    await page.waitForURL(/\/done\?/)
  })
})
