import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from '../../support/services.ts'
import {
  type ConsoleBrowser,
  CREATE_INTEGRATION,
  CREATE_KEY,
  LEDGER,
  openConsole,
  type TestWorkspace,
} from './console-browser.ts'
import { type PeopleProvider, startPeople, TRIGGER_SYNC } from './people-provider.ts'

const UPDATE = `mutation ($input: UpdateConnectionInput!) { updateConnection(input: $input) { __typename
  ... on Error { message } } }`
const UPDATE_WORKSPACE = `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename
  ... on Error { message } } }`
const CONNECTION = `query ($id: ID!) { node(id: $id) { ... on Connection { displayName metadata collection { name }
  schedule { cron intervalSeconds timezone paused } latestSyncJob { status streams { name } } } } }`

/** A loaded machine may need longer than the second that is usual. */
const PATIENT = { timeout: 20_000 }

describe.skipIf(!(await hasChromium()))('Connections in the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let provider: PeopleProvider
  let workspace: TestWorkspace
  let id: string
  let { app, signIn } = {} as ConsoleBrowser

  beforeAll(async () => {
    provider = await startPeople(3)
    browser = await openConsole()
    ;({ app, signIn } = browser)
    workspace = await app.createWorkspace()
    id = await provider.connect(browser, workspace)
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    for (const name of ['bob', 'eve']) await browser.connect(workspace, 'ledger', name, `Books of ${name}`)
  })
  afterEach(() => browser.closePages())
  afterAll(async () => {
    await browser.close()
    await provider.close()
  })

  const open = (path = '', key = workspace.key) => signIn(key, `/w/${workspace.slug}/connections${path}`)
  const stored = async () => (await app.request(CONNECTION, { id }, workspace.key)).data.node

  it('are found by a part of a name or of an end user, by metadata and by collection, and the filters are in the address', async () => {
    const other = await browser.connect(workspace, 'ledger', 'zoe', 'Books of Zoe')
    await app.mutate(UPDATE, { connectionId: other, metadata: { plan: 'pro' }, collection: 'sales' })
    const page = await open()
    const names = page.locator('.list .title')
    await names.nth(3).waitFor()
    await page.getByLabel('Search', { exact: true }).fill('ZO')
    await page.waitForURL(/search=ZO/)
    await expect.poll(() => names.allTextContents(), PATIENT).toEqual(['Books of Zoe'])
    await page.locator('.list').getByText('plan=pro').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await names.nth(3).waitFor()
    await page.getByLabel('Metadata').fill('plan=pro')
    await expect.poll(() => names.allTextContents(), PATIENT).toEqual(['Books of Zoe'])
    await page.goto(`${app.url}/console/w/${workspace.slug}/connections?collection=sales`)
    await expect.poll(() => names.allTextContents(), PATIENT).toEqual(['Books of Zoe'])
    expect(await page.getByLabel('Collection').inputValue()).toBe('sales')
    await page.getByLabel('Search', { exact: true }).fill('nobody')
    await page.getByText('Nothing matches').waitFor()
  })

  it('are renamed, get metadata and a schedule, and wrong values are explained in the dialog', async () => {
    const page = await open(`/${id}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('People of Ada')
    await dialog.getByLabel('Collection').fill('crm')
    await dialog.getByLabel('Metadata').fill('{"plan": ')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Metadata is not valid JSON.').waitFor()
    await dialog.getByLabel('Metadata').fill('{"plan": "pro"}')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'People of Ada' }).waitFor()
    await page.locator('.tags').getByText('plan=pro').waitFor()

    await page.getByRole('button', { name: 'Change schedule' }).click()
    await dialog.getByLabel('Start syncs').selectOption('cron')
    await dialog.getByLabel('Cron expression').fill('nonsense')
    await dialog.getByLabel('Time zone').fill('Europe/Berlin')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.locator('.notice.bad').waitFor()
    await dialog.getByLabel('Cron expression').fill('0 6 * * 1-5')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('0 6 * * 1-5 (Europe/Berlin)').waitFor()
    await page.getByRole('button', { name: 'Change schedule' }).click()
    await dialog.getByLabel('Start syncs').selectOption('interval')
    await dialog.getByLabel('Every').fill('90')
    await dialog.getByLabel('Unit').selectOption('60')
    await dialog.getByLabel('Paused').check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Every 90 min. · Paused').waitFor()
    expect(await stored()).toMatchObject({
      displayName: 'People of Ada',
      metadata: { plan: 'pro' },
      collection: { name: 'crm' },
      schedule: { cron: null, intervalSeconds: 5_400, paused: true },
    })
    await page.getByRole('button', { name: 'Change schedule' }).click()
    await dialog.getByLabel('Start syncs').selectOption('none')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('No schedule').waitFor()
  })

  it('are synced by chosen streams, and show jobs, records and events on parts of their own', async () => {
    const page = await open(`/${id}`)
    await page.getByRole('button', { name: 'Sync now' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('people').uncheck()
    await dialog.getByLabel('teams').uncheck()
    await dialog.getByRole('button', { name: 'Start sync' }).click()
    await dialog.getByText('Choose at least one stream.').waitFor()
    await dialog.getByLabel('people').check()
    await dialog.getByRole('button', { name: 'Start sync' }).click()
    await page.getByText('A sync has started.').waitFor()
    await page.getByRole('link', { name: 'Sync jobs' }).last().click()
    await page.waitForURL(/\/jobs$/)
    await page.locator('.row.job').getByText('Succeeded').waitFor()
    expect((await stored()).latestSyncJob.streams).toEqual([{ name: 'people' }])
    const tabs = page.getByRole('list', { name: 'Parts of the connection' })
    await tabs.getByRole('link', { name: 'Records' }).click()
    await page.getByRole('button', { name: 'Open record 3' }).waitFor()
    await tabs.getByRole('link', { name: 'Events' }).click()
    await page.locator('.events summary').getByText('SYNC_SUCCEEDED').click()
    await page.getByLabel('Event as JSON').getByText('"SYNC_SUCCEEDED"').waitFor()
    await app.mutate(UPDATE, { connectionId: id, disabled: true })
    await page.locator('.events summary').getByText('CONNECTION_DISABLED').waitFor()
    await app.mutate(UPDATE, { connectionId: id, disabled: false })
  })

  it('send requests: what changes something asks first, and the history lasts as long as the page', async () => {
    const page = await open(`/${id}/requests`)
    const form = page.getByRole('region', { name: 'Request' })
    await form.getByLabel('Path').fill('/broken')
    await form.getByLabel('Query').fill('limit=10\nlimit=20')
    await form.getByLabel('Headers').fill('no header')
    await form.getByRole('button', { name: 'Send' }).click()
    await form.getByText('"no header" has no : between a name and a value.').waitFor()
    await form.getByLabel('Headers').fill('X-Try: one')
    await form.getByRole('button', { name: 'Send' }).click()
    await page.locator('.answer').getByText('422').waitFor()
    await page.locator('.answer').getByText('"The name is missing."').waitFor()
    expect(provider.requests.at(-1)).toMatchObject({ method: 'GET', headers: { 'x-try': 'one' } })
    expect(provider.requests.at(-1)?.url.search).toBe('?limit=10&limit=20')

    await form.getByLabel('Method').selectOption('POST')
    await form.getByLabel('Path').fill('/people')
    await form.getByLabel('Body').fill('{"name": "Bob"}')
    const before = provider.requests.length
    await form.getByRole('button', { name: 'Send' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Send POST /people?').waitFor()
    expect(provider.requests).toHaveLength(before)
    await dialog.getByRole('button', { name: 'Send' }).click()
    await page.locator('.answer').getByText('200').waitFor()
    expect(provider.requests.at(-1)).toMatchObject({ method: 'POST', body: '{"name":"Bob"}' })
    await page.getByRole('button', { name: 'GET /broken' }).click()
    expect(await form.getByLabel('Path').inputValue()).toBe('/broken')
    await page.locator('.answer').getByText('422').waitFor()
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0])
  })

  it('run actions from a form that is made of their schema', async () => {
    const page = await open(`/${id}/requests`)
    await page.getByRole('radio', { name: 'Action' }).check()
    await page.getByLabel('city').selectOption('London')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.answer').getByText('"/search"').first().waitFor()
    expect(provider.requests.at(-1)?.url.search).toBe('?limit=2&city=London')
    await page.locator('.filter.wide select').selectOption('add_person')
    await page.waitForURL(/action=add_person/)
    await page.getByLabel('name').fill('Grace')
    await page.getByRole('button', { name: 'Run' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('"Grace"').waitFor()
    await dialog.getByRole('button', { name: 'Run' }).click()
    await page.locator('.answer').getByText('"POST"').first().waitFor()
    expect(provider.requests.at(-1)?.body).toBe('{"name":"Grace"}')
  })

  it('let a READER send requests and run actions that read, and nothing else', async () => {
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const page = await open(`/${id}/requests`, key)
    await page.getByLabel('Path').fill('/broken')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.locator('.answer').getByText('422').waitFor()
    await page.getByLabel('Method').selectOption('POST')
    const send = page.getByRole('button', { name: 'Send' })
    expect(await send.getAttribute('title')).toBe('Your role may send GET and HEAD only.')
    await page.goto(`${app.url}/console/w/${workspace.slug}/connections/${id}/requests?mode=action&action=add_person`)
    const run = page.getByRole('button', { name: 'Run' })
    await run.waitFor()
    expect(await run.getAttribute('aria-disabled')).toBe('true')
    await page.locator('.filter.wide select').selectOption('find_person')
    await expect.poll(() => run.getAttribute('aria-disabled')).toBe('false')
    await run.click()
    await page.locator('.answer').getByText('"/search"').first().waitFor()
    for (const name of ['Sync now', 'Reconnect link', 'Disable', 'Delete']) {
      expect(await page.getByRole('button', { name, exact: true }).getAttribute('aria-disabled')).toBe('true')
    }
  })

  it('that need it are connected again by a link, which is shown once', async () => {
    await app.database.sql.query(
      `UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = 'The token was revoked.' WHERE display_name = $1`,
      ['Books of bob'],
    )
    const page = await open('?status=NEEDS_REAUTH')
    await page.getByRole('link', { name: 'Books of bob' }).click()
    await page.getByText('The account has to be connected again.').waitFor()
    await page.getByText('The token was revoked.').waitFor()
    await page.getByRole('button', { name: 'Reconnect' }).click()
    const dialog = page.getByRole('dialog')
    // The workspace wants connections to be confirmed, and no address of the product could receive the handle.
    await dialog.getByText('have to be confirmed').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await app.mutate(UPDATE_WORKSPACE, { workspaceId: workspace.id, redirectUrls: ['https://app.example.com/done'] })
    await page.getByRole('button', { name: 'Reconnect' }).click()
    await dialog.getByLabel('The link is valid for').selectOption('3600')
    await dialog.getByRole('button', { name: 'Create link' }).click()
    await dialog.getByText('The link is shown only now.').waitFor()
    const link = await dialog.locator('.copy code').innerText()
    expect(link).toMatch(/\/connect\/lkc_/)
    const person = await browser.open()
    await person.goto(link)
    await person.getByText('Ledger').first().waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    expect(await page.content()).not.toContain('lkc_')
  })

  it("of the console's own end user are connected again by who uses the console", async () => {
    const own = await app.createWorkspace('Own')
    const page = await signIn(own.key)
    await page.getByRole('button', { name: 'Connect the sandbox' }).click()
    for (const round of ['first', 'again']) {
      await page.waitForURL(/\/connect\//)
      await page.getByRole('button', { name: /Continue|Connect|Reconnect/ }).click()
      await page.getByRole('button', { name: /Allow|Agree/ }).click()
      await page.waitForURL(new RegExp(`/console/w/${own.slug}`))
      if (round === 'again') break
      await page.getByRole('button', { name: 'Start a sync' }).waitFor()
      await page.getByRole('link', { name: 'Connections' }).first().click()
      await page.locator('.list .title').click()
      await page.getByRole('button', { name: 'Reconnect' }).click()
    }
    await page.goto(`${app.url}/console/w/${own.slug}/connections`)
    await expect.poll(() => page.locator('.list .title').count()).toBe(1)
  })

  it('are accessible and fit every width, in both themes and both languages', async () => {
    await app.mutate(TRIGGER_SYNC, { connectionId: id, onRunning: 'RETURN_RUNNING' })
    const parts = ['', '/jobs', '/records', '/events', '/requests', '/requests?mode=action']
    await browser.expectAccessible(workspace, [
      ...['/connections', '/connections?search=nobody'],
      ...parts.map((part) => `/connections/${id}${part}`),
    ])
  })
})
