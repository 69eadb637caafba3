import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { hasChromium } from '../../support/services.ts'
import { type ConsoleBrowser, openConsole, type TestWorkspace } from './console-browser.ts'
import { type PeopleProvider, startPeople, TRIGGER_SYNC } from './people-provider.ts'

const JOB = 'query ($id: ID!) { node(id: $id) { ... on Connection { latestSyncJob { status error { message } } } } }'

describe.skipIf(!(await hasChromium()))('Records in the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let provider: PeopleProvider
  let workspace: TestWorkspace
  let id: string
  let { app, signIn } = {} as ConsoleBrowser

  beforeAll(async () => {
    provider = await startPeople(300)
    browser = await openConsole()
    ;({ app, signIn } = browser)
    workspace = await app.createWorkspace()
    id = await provider.connect(browser, workspace)
    await sync()
  })
  afterEach(() => browser.closePages())
  afterAll(async () => {
    await browser.close()
    await provider.close()
  })

  async function sync(): Promise<void> {
    await app.mutate(TRIGGER_SYNC, { connectionId: id, streams: ['people'] })
    await vi.waitFor(
      async () => {
        const { data } = await app.request(JOB, { id }, workspace.key)
        expect(data.node.latestSyncJob).toMatchObject({ status: 'SUCCEEDED' })
      },
      { timeout: 30_000 },
    )
  }

  const open = (query = '') => signIn(workspace.key, `/w/${workspace.slug}/records${query}`)

  it('are shown after a connection and a stream were chosen, and scroll through all of them', async () => {
    const page = await open()
    await page.getByLabel('Search connections').fill('ada')
    await page.getByRole('link', { name: 'People of ada' }).click()
    await page.waitForURL(/connection=/)
    await page.getByLabel('Stream').selectOption('people')
    await page.waitForURL(/stream=people/)
    await page.locator('.record-head').getByText('city').waitFor()
    const records = page.getByRole('list', { name: 'Records' })
    await records.getByRole('button', { name: 'Open record 300', exact: true }).waitFor()
    // The last record comes into view when all pages have been loaded.
    await expect
      .poll(
        async () => {
          await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
          return records.getByRole('button', { name: 'Open record 1', exact: true }).count()
        },
        { timeout: 30_000 },
      )
      .toBe(1)
    expect(await records.getByRole('listitem').count()).toBeLessThan(100)
  })

  it('are opened as JSON, one after the other', async () => {
    const page = await open(`?connection=${id}&stream=people`)
    await page.getByRole('button', { name: 'Open record 300', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('"Person 300"').waitFor()
    expect(await dialog.getByRole('button', { name: 'Previous' }).getAttribute('aria-disabled')).toBe('true')
    await dialog.getByRole('button', { name: 'Next' }).click()
    await dialog.getByText('"Person 299"').waitFor()
    await dialog.getByRole('button', { name: 'Previous' }).click()
    await dialog.getByText('"Person 300"').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  it('stay where they are while a sync changes them, until somebody asks for what has changed', async () => {
    const page = await open(`?connection=${id}&stream=people`)
    await page.getByRole('button', { name: 'Open record 300', exact: true }).waitFor()
    await page.getByText('Live', { exact: true }).first().waitFor()
    provider.people.splice(9, 1)
    const changed = provider.people[19]
    if (changed !== undefined) changed.name = 'Ada Lovelace'
    await sync()
    const show = page.getByRole('button', { name: '2 changed: show' })
    await show.waitFor()
    expect(await page.getByText('Ada Lovelace').count()).toBe(0)
    await page.getByRole('button', { name: 'Open record 300', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Changes after this record' }).click()
    await page.waitForURL(/since=/)
    const deleted = page.locator('.row.record.deleted')
    await deleted.getByText('Deleted').waitFor()
    await page.getByText('Ada Lovelace').waitFor()
    expect(await page.locator('.row.record').count()).toBe(2)
    await page.getByRole('button', { name: 'Show all records' }).click()
    await page.getByText('Ada Lovelace').waitFor()
    expect(await deleted.count()).toBe(0)
    await page.getByLabel('Show').selectOption('deleted')
    await deleted.getByRole('button', { name: 'Open record 10', exact: true }).click()
    await page.getByRole('dialog').getByText('The source no longer has this record.').waitFor()
  })

  it('show what has changed at the top when somebody asks for it', async () => {
    const page = await open(`?connection=${id}&stream=people`)
    await page.locator('.row.record').first().waitFor()
    await page.getByText('Live', { exact: true }).first().waitFor()
    const changed = provider.people[49]
    if (changed !== undefined) changed.name = 'Grace Hopper'
    await sync()
    await page.getByRole('button', { name: '1 changed: show' }).click()
    await page.locator('.row.record').first().getByText('Grace Hopper').waitFor()
    await page.getByRole('button', { name: '1 changed: show' }).waitFor({ state: 'detached' })
  })

  it('come with the query that reads them by the API', async () => {
    const page = await open(`?connection=${id}&stream=people`)
    await page.getByRole('button', { name: 'Read by API' }).click()
    const [query, variables] = await page.getByRole('dialog').locator('.copy code').allInnerTexts()
    const result = await app.request(query ?? '', JSON.parse(variables ?? '{}'), workspace.key)
    expect(result.errors).toBeUndefined()
    expect(result.data.node.records.nodes[0].stream).toBe('people')
  })

  it('are accessible and fit every width, in both themes and both languages', async () => {
    const list = `/records?connection=${id}`
    await browser.expectAccessible(workspace, [
      ...['/records', list, `${list}&show=deleted`, `${list}&stream=teams`, '/records?connection=unknown'],
    ])
  })
})
