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

const UPSERT = `mutation ($input: UpsertEndUserInput!) { upsertEndUser(input: $input) { __typename
  ... on Error { message } } }`
const UPDATE_WORKSPACE = `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename
  ... on Error { message } } }`
const END_USER = `query ($id: ID!, $externalId: String!) { workspace(id: $id) { endUser(externalId: $externalId) { id
  displayName email metadata connections { totalCount } } } }`

/** A loaded machine may need longer than the second that is usual. */
const PATIENT = { timeout: 20_000 }

describe.skipIf(!(await hasChromium()))('End users in the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let workspace: TestWorkspace
  let { app, signIn } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn } = browser)
    workspace = await app.createWorkspace()
    await app.mutate(UPDATE_WORKSPACE, { workspaceId: workspace.id, confirmation: 'NONE' })
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    await browser.connect(workspace, 'ledger', 'user-1', 'Books')
    await browser.connect(workspace, 'ledger', 'user-1', 'More books')
  })
  afterEach(() => browser.closePages())
  afterAll(() => browser.close())

  const open = (path = '', key = workspace.key) => signIn(key, `/w/${workspace.slug}/end-users${path}`)
  const stored = async (externalId: string) =>
    (await app.request(END_USER, { id: workspace.id, externalId }, workspace.key)).data.workspace.endUser

  it('are created, changed, found and deleted with their connections', async () => {
    const page = await open()
    await page.getByText('2 connections').waitFor()
    await page.getByRole('button', { name: 'Add end user' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('External id').fill('user-2')
    await dialog.getByLabel('Name').fill('Grace Hopper')
    await dialog.getByLabel('Metadata').fill('[1]')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.getByText('Metadata must be a JSON object').waitFor()
    await dialog.getByLabel('Metadata').fill('{"plan": "pro", "seats": 5}')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name: 'Grace Hopper' }).waitFor()
    await page.getByText('No connections').waitFor()

    await page.getByRole('button', { name: 'Edit' }).click()
    await dialog.getByLabel('E-mail').fill('grace@example.com')
    await dialog.getByLabel('Metadata').fill('{"plan": "free"}')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('grace@example.com').waitFor()
    expect(await stored('user-2')).toMatchObject({
      displayName: 'Grace Hopper',
      email: 'grace@example.com',
      metadata: { plan: 'free' },
    })
    await page.getByRole('link', { name: 'End users' }).last().click()
    const names = page.locator('.list .title')
    await page.getByLabel('Search', { exact: true }).fill('GRACE@')
    await expect.poll(() => names.allTextContents(), PATIENT).toEqual(['Grace Hopper'])
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByLabel('Metadata').fill('plan=free')
    await expect.poll(() => names.allTextContents(), PATIENT).toEqual(['Grace Hopper'])
    await page.getByRole('button', { name: 'Clear filters' }).click()

    await page.getByRole('link', { name: 'user-1' }).click()
    await page.getByRole('link', { name: 'More books' }).waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByText('with 2 connections').waitFor()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await expect.poll(() => names.allTextContents(), PATIENT).toEqual(['Grace Hopper'])
    expect(await stored('user-1')).toBeNull()
  })

  it('that exist already keep what the form for a new one leaves empty', async () => {
    const known = { externalId: 'user-3', displayName: 'Ada', email: 'ada@example.com', metadata: { plan: 'pro' } }
    await app.mutate(UPSERT, { workspaceId: workspace.id, ...known })
    const page = await open()
    await page.getByRole('button', { name: 'Add end user' }).click()
    await page.getByRole('dialog').getByLabel('External id').fill('user-3')
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name: 'Ada' }).waitFor()
    const { displayName, email, metadata } = known
    expect(await stored('user-3')).toMatchObject({ displayName, email, metadata })
  })

  it('get a link for chosen integrations, with which a connection appears on their page', async () => {
    await app.mutate(UPSERT, { workspaceId: workspace.id, externalId: 'user-4', displayName: 'Linus' })
    const { id } = await stored('user-4')
    const page = await open(`/${id}`)
    await page.getByText('Live', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Connect link' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Integrations to offer').selectOption('some')
    await dialog.getByRole('button', { name: 'Create link' }).click()
    await dialog.locator('.notice.bad').waitFor()
    await dialog.getByLabel('Ledger').check()
    await dialog.getByRole('button', { name: 'Create link' }).click()
    const link = await dialog.locator('.copy code').innerText()
    const person = await browser.open()
    await person.goto(link)
    await person.getByRole('button', { name: /Continue|Connect/ }).click()
    await person.locator('input:not([type=hidden])').first().fill('a token')
    await person.getByRole('button', { name: /Continue|Connect/ }).click()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.locator('.list').getByRole('link', { name: 'Ledger' }).waitFor()
  })

  it('are shown to a READER, with the reason why nothing can be changed', async () => {
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    await app.mutate(UPSERT, { workspaceId: workspace.id, externalId: 'user-5' })
    const page = await open('', key)
    await page.getByRole('link', { name: 'user-5' }).waitFor()
    expect(await page.getByRole('button', { name: 'Add end user' }).getAttribute('title')).toContain('read only')
    await page.getByRole('link', { name: 'user-5' }).click()
    for (const name of ['Connect link', 'Edit', 'Delete']) {
      expect(await page.getByRole('button', { name, exact: true }).getAttribute('aria-disabled')).toBe('true')
    }
  })

  it('are accessible and fit every width, in both themes and both languages', async () => {
    const externalId = 'a.long.external.id.of.a.person@mail.of.the.analytical.engine.example.com'
    await app.mutate(UPSERT, {
      workspaceId: workspace.id,
      externalId,
      metadata: { plan: 'pro', address: { zip: '1' } },
    })
    const { id } = await stored(externalId)
    await browser.expectAccessible(workspace, ['/end-users', `/end-users/${id}`, '/end-users?search=nobody'])
  })
})
