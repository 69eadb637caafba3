import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readGroups } from '../../docs/.vitepress/pages.ts'
import { createDocsRoutes } from '../../src/http/docs.ts'
import { openBrowser } from '../http/connect-page/page-fixture.ts'
import { sharedEnv } from '../program/main-job.ts'
import { type Program, startProgram } from '../support/program.ts'
import { hasChromium } from '../support/services.ts'

let program: Program

beforeAll(async () => {
  program = await startProgram()
})
afterAll(() => program?.stop())

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(program.url + path, { headers, redirect: 'manual' })

describe('GET /docs', () => {
  it('serves each page as HTML and as Markdown, and llms.txt lists them all', async () => {
    const index = await (await get('/docs/llms.txt')).text()
    expect(index).toMatch(/^# Latchkey\n\n> \S/)
    const all = await (await get('/docs/llms-full.txt')).text()
    const pages = readGroups().flatMap(({ pages }) => pages)
    expect(pages.length).toBeGreaterThan(80)
    for (const { path, title } of pages) {
      const html = await get(`/docs/${path}`)
      expect([path, html.status, html.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8'])
      expect(await html.text()).toContain('<h1 id="')
      const copy = `/docs/${path.endsWith('/') ? `${path}index` : path}.md`
      expect(index).toContain(`- [${title}](${copy})`)
      const markdown = await get(copy)
      expect([copy, markdown.status, markdown.headers.get('content-type')]).toEqual([
        ...[copy, 200],
        'text/markdown; charset=utf-8',
      ])
      const text = await markdown.text()
      expect(text).toMatch(/^# /)
      expect(all).toContain(text)
    }
  }, 300_000)

  it('has no link in a Markdown copy that leads nowhere', async () => {
    const index = await (await get('/docs/llms.txt')).text()
    const broken: string[] = []
    for (const [, copy = ''] of index.matchAll(/\]\((\/docs\/\S+\.md)\)/g)) {
      const text = await (await get(copy)).text()
      const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, 'code')
      for (const [, href = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        const url = new URL(href, program.url + copy)
        if (url.origin !== program.url) continue
        const { status } = await get(url.pathname)
        if (status !== 200) broken.push(`${copy}: ${href} (${status})`)
      }
    }
    expect(broken).toEqual([])
  }, 300_000)

  it('allows the inline scripts of the pages by their hash only', async () => {
    const response = await get('/docs/')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    const policy = response.headers.get('content-security-policy') ?? ''
    const [, scripts = ''] = /script-src ([^;]*)/.exec(policy) ?? []
    expect(policy).toContain("default-src 'none'")
    expect(scripts).not.toContain('unsafe')
    const inline = [...(await response.text()).matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)]
    expect(inline.length).toBeGreaterThan(0)
    for (const [, script = ''] of inline) {
      expect(scripts).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`)
    }
  })

  it('keeps assets for a year, compresses, and answers 304 for what the browser has', async () => {
    const html = await (await get('/docs/')).text()
    const [asset = ''] = /\/docs\/assets\/app\.[\w-]+\.js/.exec(html) ?? []
    const response = await get(asset, { 'accept-encoding': 'br' })
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-encoding')).toBe('br')
    const again = await get(asset, { 'if-none-match': response.headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
  })

  it('redirects folders, and says 404 for pages and files that do not exist', async () => {
    for (const path of ['/docs', '/docs/api']) {
      const response = await get(path)
      expect([response.status, response.headers.get('location')]).toEqual([308, `${path}/`])
    }
    for (const path of ['/docs/none', '/docs/assets/none.js', '/docs/..%2f..%2fpackage.json', '/docs/%ff']) {
      expect([path, (await get(path)).status]).toEqual([path, 404])
    }
    expect((await fetch(`${program.url}/docs/`, { method: 'POST' })).status).toBe(405)
  })

  it('is 404 in production', async () => {
    const inProduction = await startProgram({
      env: { ...sharedEnv(), NODE_ENV: 'production', LATCHKEY_PUBLIC_URL: 'https://latchkey.example.com' },
    })
    for (const path of ['/docs', '/docs/', '/docs/llms.txt']) {
      expect((await fetch(inProduction.url + path, { redirect: 'manual' })).status).toBe(404)
    }
    // The console names documents there, but does not link to them.
    const session = await fetch(`${inProduction.url}/console/session`, {
      headers: { origin: 'https://latchkey.example.com', 'x-latchkey-console': '1' },
    })
    expect(await session.json()).toMatchObject({ docs: false })
    await inProduction.stop()
  })

  it('says how to build the site if it is not built', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-docs-'))
    const response = await createDocsRoutes(folder)(new Request('http://127.0.0.1/docs/'))
    expect(response?.status).toBe(503)
    expect(await response?.text()).toContain('npm run build:docs')
    await rm(folder, { recursive: true })
  })
})

describe.skipIf(!(await hasChromium()))('The documentation in a browser', () => {
  let browser: Browser
  const problems: string[] = []

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  async function open(path: string, width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(program.url) && !url.startsWith('data:')) problems.push(`request to ${url}`)
    })
    await page.goto(`${program.url}/docs/${path}`)
    await page.waitForLoadState('networkidle')
    return page
  }

  it('finds a page by a word, without a request to another server', async () => {
    const page = await open('', 1280, 'light')
    await page.keyboard.press('/')
    await page.getByRole('searchbox').fill('createConnectSession')
    await page.locator('.results .result').first().waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/docs\/(?:api\/connect-sessions|connecting|quickstart)/)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.context().close()
    expect(problems).toEqual([])
  })

  it('has no violation of axe and fits, on a phone and a desktop, in both themes', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    for (const [width, scheme] of [[390, 'dark'] as const, [1280, 'light'] as const]) {
      for (const path of ['', 'connecting', 'api/connections']) {
        const page = await open(path, width, scheme)
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path).toBe(true)
        await page.evaluate(axe)
        const found: { id: string; nodes: { target: string[] }[] }[] = await page.evaluate(
          // biome-ignore lint/suspicious/noExplicitAny: axe is a global of the page
          async () => (await (globalThis as any).axe.run()).violations,
        )
        const violations = found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target.join(' ')}`))
        expect(violations, `${path} at ${width}`).toEqual([])
        await page.context().close()
      }
    }
    expect(problems).toEqual([])
  })
})
