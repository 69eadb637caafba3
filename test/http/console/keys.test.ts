import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../support/app.ts'
import { hasChromium } from '../../support/services.ts'
import { type ConsoleBrowser, CREATE_INTEGRATION, CREATE_KEY, LEDGER, openConsole } from './console-browser.ts'

const VIEWER = '{ viewer { role workspace { name } } }'
const DAY_MS = 24 * 60 * 60 * 1000

describe.skipIf(!(await hasChromium()))('The API keys of the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let { signIn, errors } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn, errors } = browser)
  })
  afterEach(() => browser.closePages())
  afterAll(() => browser.close())

  it('creates a key with scopes, integrations and an expiry, shows it once, and revokes it', async () => {
    const workspace = await app.createWorkspace('Keys')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    const page = await signIn(workspace.key, `/w/${workspace.slug}/keys`)
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name').fill('partner portal')
    for (const scope of ['Send requests', 'Sync', 'Administer'])
      await page.getByLabel(scope, { exact: false }).uncheck()
    await page.getByLabel('Only certain integrations').check()
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByText('Choose at least one integration.').waitFor()
    await page.getByLabel('Ledger').check()
    await page.getByLabel('Expiry').selectOption('30')
    await page.getByRole('button', { name: 'Create key' }).click()
    const key = await page.getByRole('region', { name: 'API key “partner portal”' }).locator('code').first().innerText()
    expect((await app.request(VIEWER, {}, key)).data.viewer).toEqual({ role: 'ADMIN', workspace: { name: 'Keys' } })
    expect(page.url()).not.toContain(key)
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0])

    await page.getByRole('button', { name: 'I have copied the key' }).click()
    const row = page.locator('.row.key').filter({ hasText: 'partner portal' })
    await row.getByText('Read, Connect').waitFor()
    await row.getByText('Only ledger').waitFor()
    expect(await page.content()).not.toContain(key)
    await row.getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('dialog').getByText('signed in to the console with it is signed out').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await row.getByText('Revoked', { exact: true }).first().waitFor()
    expect(await row.getByRole('button').count()).toBe(0)
    expect((await app.request(VIEWER, {}, key)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED')
    await page.getByLabel('Show').selectOption('valid')
    await row.waitFor({ state: 'detached' })
  })

  it('replaces a key by one with the same rights, marks the old one, and ends its own session with its key', async () => {
    const workspace = await app.createWorkspace('Replacing')
    await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'nightly', role: 'READER', scopes: ['READ'] })
    const page = await signIn(workspace.key, `/w/${workspace.slug}/keys`)
    await page.getByRole('button', { name: 'Replace: nightly' }).click()
    await page.getByText('The old one keeps working for 24 hours').waitFor()
    await page.getByLabel('Name').fill('nightly 2')
    await page.getByLabel('Expiry').selectOption('never')
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'I have copied the key' }).click()
    await page.getByLabel('Show').selectOption('soon')
    await page.locator('.row.key').filter({ hasText: 'nightly' }).getByText('Expires soon').waitFor()
    expect(await page.locator('.row.key').count()).toBe(1)
    await page.getByLabel('Show').selectOption('')
    const next = page.locator('.row.key').filter({ hasText: 'nightly 2' })
    await next.getByText('Read only').waitFor()
    await next.getByText('Read', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Revoke: test' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.waitForURL(/\/console\/sign-in/)
    errors.splice(0)
  })

  it('shows a READER the keys, and says why none can be created', async () => {
    const workspace = await app.createWorkspace('Reading')
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const page = await signIn(key, `/w/${workspace.slug}/keys`)
    await page.locator('.row.key').filter({ hasText: 'reader' }).waitFor()
    for (const name of ['New key', 'Revoke: reader', 'Replace: reader']) {
      const button = page.getByRole('button', { name })
      expect(await button.getAttribute('title')).toContain('read only')
      await button.click({ force: true })
    }
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(page.url()).toMatch(/\/keys$/)
  })

  it('is accessible and fits every width', async () => {
    const workspace = await app.createWorkspace('Accessible')
    const name = 'a key with a rather long name of the service that uses it in production'
    const expiresAt = new Date(Date.now() + 3 * DAY_MS).toISOString()
    await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name, role: 'READER', expiresAt })
    await browser.expectAccessible(workspace, ['/keys', '/keys/new'])
  })
})
