import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { openBrowser } from '../connect-page/page-fixture.ts'

export const CREATE_INTEGRATION = `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename
  ... on CreateIntegrationPayload { integration { id } } ... on Error { message } } }`
const CREATE_CONNECTION = `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
  ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`
export const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
  ... on CreateApiKeyPayload { key } ... on Error { message } } }`
/** A definition whose API is never called. */
export const LEDGER = {
  displayName: 'Ledger',
  baseUrl: 'https://api.example.com',
  auth: { type: 'bearer' },
}

type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>
export type TestWorkspace = Awaited<ReturnType<TestApp['createWorkspace']>>

/** How pages are shown. The last width is checked for accessibility: a wider page has the same elements. */
const VIEWS = [
  { widths: [390], colorScheme: 'dark', locale: 'de-DE' },
  { widths: [1920, 1280], colorScheme: 'light', locale: 'en-US' },
] as const

/** Opens a page as a link does, which does not load the console anew. */
async function openInside(page: Page, path: string): Promise<void> {
  await page.evaluate(async (to) => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
    // Then the page is there, or the sign that it is being loaded.
    for (let frame = 0; frame < 2; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn))
  }, path)
  await page.locator('.loading').first().waitFor({ state: 'detached' })
  await page.locator('h1').waitFor()
}

/** What axe found: rule and element. */
type Violations = { id: string; nodes: { target: string[] }[] }[]

/** A gateway and a browser with the console. */
export interface ConsoleBrowser {
  app: TestApp
  /** Errors in the console of any page, such as violations of the CSP. `closePages` expects none. */
  errors: string[]
  open(options?: ContextOptions): Promise<Page>
  /** Signs in with a key and shows a page below `/console`. */
  signIn(key: string, path?: string, options?: ContextOptions): Promise<Page>
  /** Adds a connection with a token. @returns its id */
  connect(workspace: TestWorkspace, slug: string, endUserExternalId: string, displayName: string): Promise<string>
  violationsOf(page: Page): Promise<string[]>
  /**
   * Expects that pages of a workspace are accessible in both themes and both languages, and fit at 390, 1280 and 1920 pixels.
   * @param paths below the workspace
   */
  expectAccessible(workspace: TestWorkspace, paths: readonly string[]): Promise<void>
  /** Closes all pages after a test. */
  closePages(): Promise<void>
  close(): Promise<void>
}

export async function openConsole(config: Parameters<typeof startTestApp>[0] = {}): Promise<ConsoleBrowser> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const app = await startTestApp({ ...config, config: { publicUrl: 'http://127.0.0.1:0', ...config.config } })
  const browser = await openBrowser()
  const contexts: BrowserContext[] = []
  const errors: string[] = []

  const open: ConsoleBrowser['open'] = async (options = {}) => {
    const context = await browser.newContext({ locale: 'en-US', ...options })
    contexts.push(context)
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    page.on('pageerror', (error) => errors.push(String(error)))
    return page
  }
  const signIn: ConsoleBrowser['signIn'] = async (key, path = '', options = {}) => {
    const page = await open(options)
    await page.goto(`${app.url}/console${path}`)
    await page.locator('input[name=key]').fill(key)
    await page.locator('button[type=submit]').click()
    await page.locator('nav').first().waitFor({ state: 'attached' })
    return page
  }
  const violationsOf: ConsoleBrowser['violationsOf'] = async (page) => {
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
    // biome-ignore lint/suspicious/noExplicitAny: axe is a global of the page
    const found: Violations = await page.evaluate(async () => (await (globalThis as any).axe.run()).violations)
    return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target.join(' ')}`))
  }
  return {
    ...{ app, errors, open, signIn, violationsOf },
    connect: async (workspace, slug, endUserExternalId, displayName) => {
      const created = await app.mutate(CREATE_CONNECTION, {
        workspaceId: workspace.id,
        integration: slug,
        endUserExternalId,
        displayName,
        credential: { secretText: 'a token' },
      })
      return created.connection.id
    },
    expectAccessible: async (workspace, paths) => {
      for (const { widths, colorScheme, locale } of VIEWS) {
        const page = await signIn(workspace.key, '', {
          viewport: { width: widths[0], height: 900 },
          colorScheme,
          locale,
        })
        for (const path of paths) {
          await openInside(page, `/console/w/${workspace.slug}${path}`)
          for (const width of widths) {
            await page.setViewportSize({ width, height: 900 })
            const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
            expect(fits, `${path} fits ${width}`).toBe(true)
          }
          expect(await violationsOf(page), `${path} at ${widths.at(-1)}`).toEqual([])
        }
        expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale.slice(0, 2))
      }
    },
    closePages: async () => {
      await Promise.all(contexts.splice(0).map((context) => context.close()))
      expect(errors.splice(0)).toEqual([])
    },
    close: async () => {
      await browser.close()
      await app.stop()
    },
  }
}
