import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../../src/kit/ids.ts'
import type { TestApp } from '../../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { hasChromium } from '../../support/services.ts'
import { type ConsoleBrowser, CREATE_INTEGRATION, openConsole, type TestWorkspace } from './console-browser.ts'

const PAGE_SIZE = 50
const TOTAL = 200

describe.skipIf(!(await hasChromium()))(
  'The pages of syncs, events, the queue and the search',
  { timeout: 120_000 },
  () => {
    let browser: ConsoleBrowser
    let app: TestApp
    let provider: ProviderServer
    let { signIn, connect, errors } = {} as ConsoleBrowser
    /** What the provider answers: pages, pages that wait for `release`, a refusal, or "later". */
    let mode: 'pages' | 'held' | 'refuses' | 'later' = 'pages'
    let release = Promise.withResolvers<void>()

    beforeAll(async () => {
      browser = await openConsole()
      ;({ app, signIn, connect, errors } = browser)
      provider = await startProvider(async ({ url }, response) => {
        const offset = Number(url.searchParams.get('offset') ?? 0)
        if (mode === 'refuses')
          return sendJson(response, { error: { message: 'The ledger is closed for the audit' } }, {}, 400)
        if (mode === 'later') return void response.writeHead(429, { 'retry-after': '3600' }).end()
        if (mode === 'held' && offset > 0) await release.promise
        const lines = Array.from({ length: PAGE_SIZE }, (_, index) => ({
          id: offset + index,
          text: `Line ${offset + index}`,
        }))
        return sendJson(response, { total: TOTAL, lines: offset < TOTAL ? lines : [] })
      })
    })
    afterEach(() => browser.closePages())
    afterAll(async () => {
      await provider.close()
      await browser.close()
    })

    async function ledger(name: string): Promise<TestWorkspace> {
      const workspace = await app.createWorkspace(name)
      await app.mutate(CREATE_INTEGRATION, {
        workspaceId: workspace.id,
        slug: 'ledger',
        definition: {
          displayName: 'Ledger',
          baseUrl: provider.origin,
          auth: { type: 'bearer' },
          streams: [
            {
              name: 'lines',
              path: '/lines',
              recordsPath: ['lines'],
              primaryKey: [['id']],
              pagination: { type: 'offset', param: 'offset', size: PAGE_SIZE, total: ['total'] },
            },
          ],
        },
      })
      return workspace
    }
    const main = (page: Page) => page.locator('main')
    /** Starts a sync of all streams on the page of a connection. */
    async function startSync(page: Page): Promise<void> {
      await page.getByRole('button', { name: 'Sync now' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Start sync' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }

    it('show a sync while it runs, why it failed, and how it is mended', async () => {
      const workspace = await ledger('Watched')
      const id = await connect(workspace, 'ledger', 'ada', 'Books of Ada')
      mode = 'held'
      release = Promise.withResolvers()
      const page = await signIn(workspace.key, `/w/${workspace.slug}/connections/${id}`)
      await startSync(page)
      await page.goto(`${app.url}/console/w/${workspace.slug}/syncs`)
      await page.getByRole('link', { name: 'Books of Ada' }).click()
      await page.getByText(`${PAGE_SIZE} of ${TOTAL}`).waitFor()
      mode = 'pages'
      release.resolve()
      await main(page).locator('.page-head').getByText('Succeeded').waitFor()
      await page.getByText('SYNC_SUCCEEDED').waitFor()

      mode = 'refuses'
      await page.getByRole('button', { name: 'Run again' }).click()
      await page.getByRole('dialog').getByText('Read everything again').click()
      await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()
      await main(page).locator('.page-head').getByText('Failed').waitFor()
      await main(page).getByText('The ledger is closed for the audit').first().waitFor()
      await page.getByRole('link', { name: 'Home' }).click()
      await page.getByRole('link', { name: 'Sync failed: Books of Ada' }).click()

      mode = 'pages'
      await page.getByRole('button', { name: 'Run again' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()
      await main(page).locator('.page-head').getByText('Succeeded').waitFor()
      await page.getByRole('link', { name: 'Home' }).click()
      await page.getByText('Nothing needs attention.').waitFor()
    })

    it('show a job that waits for its provider in the queue, and cancel it', async () => {
      const workspace = await ledger('Waiting')
      const id = await connect(workspace, 'ledger', 'ada', 'Slow books')
      mode = 'later'
      const page = await signIn(workspace.key, `/w/${workspace.slug}/connections/${id}`)
      await startSync(page)
      await page.getByRole('link', { name: 'Queue and limits' }).click()
      await page
        .getByRole('listitem')
        .filter({ hasText: 'Waiting for a provider' })
        .getByText('1', { exact: true })
        .waitFor()
      await page.getByRole('link', { name: 'Slow books' }).click()
      await page
        .getByText(/lines: waits until .*/)
        .first()
        .waitFor()
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).last().click()
      await main(page).locator('.page-head').getByText('Cancelled').waitFor()
      mode = 'pages'
      await page.getByRole('link', { name: 'Queue and limits' }).click()
      await page.getByText('Nothing to do').waitFor()
    })

    it('replay events from a time, each as JSON', async () => {
      const workspace = await ledger('Replayed')
      await connect(workspace, 'ledger', 'ada', 'First books')
      const { rows } = { rows: await app.database.sql.query<{ now: Date }>('SELECT clock_timestamp() AS now') }
      await connect(workspace, 'ledger', 'bob', 'Second books')
      const from = rows[0]?.now.toISOString() ?? ''
      const page = await signIn(workspace.key, `/w/${workspace.slug}/events`)
      await page.getByText('First books').first().waitFor()
      await page.goto(`${app.url}/console/w/${workspace.slug}/events?from=${encodeURIComponent(from)}`)
      await page.getByText('Second books').first().waitFor()
      expect(await page.locator('summary code').allTextContents()).toEqual([
        'CONNECTION_CREATED',
        'CONNECTION_ACTIVATED',
      ])
      expect(await page.getByText('First books').count()).toBe(0)
      await page.locator('summary').first().click()
      await page.locator('pre.json').getByText('"CONNECTION_CREATED"').waitFor()
      // What happens now is added at the end.
      await connect(workspace, 'ledger', 'eve', 'Third books')
      await page.locator('summary').getByText('Third books').first().waitFor()
      expect(await page.locator('summary code').allTextContents()).toEqual([
        ...['CONNECTION_CREATED', 'CONNECTION_ACTIVATED'],
        ...['CONNECTION_CREATED', 'CONNECTION_ACTIVATED'],
      ])
    })

    it('find a connection, an end user and a page from the keyboard', async () => {
      const workspace = await ledger('Found')
      await connect(workspace, 'ledger', 'ada-7', 'Books of Ada')
      await connect(workspace, 'ledger', 'bob-8', 'Books of Bob')
      const page = await signIn(workspace.key, `/w/${workspace.slug}`)
      await page.getByText('Live', { exact: true }).first().waitFor()
      await page.keyboard.press('/')
      await page.getByRole('combobox', { name: 'Search' }).fill('BOB')
      await page.getByRole('option', { name: /Books of Bob/ }).waitFor()
      await page.getByRole('option', { name: 'bob-8', exact: true }).waitFor()
      expect(await page.getByRole('option', { name: /Ada/ }).count()).toBe(0)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Books of Bob' }).waitFor()
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Search' }).fill('audit')
      await page.getByRole('option', { name: 'Audit log' }).waitFor()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/audit$/)
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Search' }).fill('no such thing')
      await page.getByText('Nothing is called “no such thing”.').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('combobox', { name: 'Search' }).waitFor({ state: 'detached' })
    })

    it('list ten thousand connections, of which those in view are rendered, by keys and by scrolling', async () => {
      const workspace = await ledger('Crowded')
      const first = await connect(workspace, 'ledger', 'ada', 'Number 0')
      const ids = Array.from({ length: 10_000 }, newId).sort()
      await app.database.sql.query(
        `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method)
       SELECT given.id, c.workspace_id, c.integration_id, 'Number ' || given.place, 'ACTIVE', 'SECRET'
       FROM connection c, unnest($2::uuid[]) WITH ORDINALITY AS given (id, place)
       WHERE c.id = (SELECT id FROM connection WHERE display_name = 'Number 0' AND workspace_id = c.workspace_id)
         AND c.workspace_id = (SELECT id FROM workspace WHERE slug = $1)`,
        [workspace.slug, ids],
      )
      expect(first).not.toBe('')
      const page = await signIn(workspace.key, `/w/${workspace.slug}/connections`)
      await page.getByText('10,001').waitFor()
      await page.getByRole('link', { name: 'Number 0', exact: true }).focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Number 2')
      const lastNumber = async () =>
        Number(/\d+/.exec((await page.locator('.list .title').last().textContent()) ?? '')?.[0])
      while ((await lastNumber()) < 300) {
        await page.mouse.wheel(0, 1_000)
        await page.evaluate(() => new Promise(requestAnimationFrame))
      }
      expect(await page.locator('.list > li').count()).toBeLessThan(100)
      await page.goto(`${app.url}/console/w/${workspace.slug}`)
      await page.getByText('10,001').first().waitFor()
    })

    it('are accessible and fit every width', async () => {
      const workspace = await ledger('Accessible')
      const id = await connect(
        workspace,
        'ledger',
        'ada',
        'Books of ada.lovelace.of.the.analytical.engine@mail.example.com',
      )
      mode = 'refuses'
      const page = await signIn(workspace.key, `/w/${workspace.slug}/connections/${id}`)
      await startSync(page)
      await page.goto(`${app.url}/console/w/${workspace.slug}/syncs`)
      await page.locator('.list').getByText('Failed').waitFor()
      mode = 'pages'
      const path = (await page.locator('main .title').first().getAttribute('href'))?.replace(
        `/console/w/${workspace.slug}`,
        '',
      )
      await browser.expectAccessible(workspace, [
        path ?? '',
        '/syncs',
        '/queue',
        '/events',
        '/events?from=2026-01-01T00:00:00Z',
      ])
      await page.keyboard.press('/')
      await page.getByRole('combobox', { name: 'Search' }).fill('books')
      await page.getByRole('option', { name: /^Books/ }).waitFor()
      expect(await browser.violationsOf(page)).toEqual([])
      expect(errors).toEqual([])
    })
  },
)
