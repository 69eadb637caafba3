import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { brandOf, hardToSeeIn } from '../../../packages/console/src/pages/branding/brand.ts'
import { brandOf as brandOfConnectPage } from '../../../src/http/connect-page/branding.ts'
import type { TestApp } from '../../support/app.ts'
import { hasChromium } from '../../support/services.ts'
import { type ConsoleBrowser, CREATE_INTEGRATION, CREATE_KEY, LEDGER, openConsole } from './console-browser.ts'

const READ = `query ($id: ID!) { workspace(id: $id) { name slug redirectUrls confirmation
  branding { name logoUrl color } } }`

describe.skipIf(!(await hasChromium()))('The branding of the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let { signIn, connect, errors } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn, connect, errors } = browser)
  })
  afterEach(() => browser.closePages())
  afterAll(() => browser.close())

  const read = async (id: string) => (await app.request(READ, { id })).data.workspace

  it('shows a branding while it is typed, warns about its colour, and saves it', async () => {
    const workspace = await app.createWorkspace('Brand')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/branding`)
    const preview = page.getByRole('region', { name: 'Preview of the connect page' })
    await preview.getByText('Connect Slack to Brand').waitFor()
    await page.getByLabel('Name').fill('Acme')
    await preview.getByText('Connect Slack to Acme').waitFor()
    await page.getByLabel('Colour').fill('#ffee00')
    await page.getByText('In light colours a button of this colour is hard to tell from the page.').waitFor()
    const button = preview.getByText('Continue to Slack')
    expect(await button.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(255, 238, 0)')
    expect(await button.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(0, 0, 0)')
    await page.getByLabel('Colour').fill('chartreuse')
    await page.getByText('The connect page does not know this colour').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').getByText('does not know this colour').waitFor()
    expect((await read(workspace.id)).branding.color).toBeNull()
    await page.getByLabel('Colour').fill('#2255cc')
    await page.getByText('hard to tell').waitFor({ state: 'detached' })
    await preview.getByRole('button', { name: 'Deutsch' }).click()
    await preview.getByText('Slack mit Acme verbinden').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    expect((await read(workspace.id)).branding).toEqual({ name: 'Acme', logoUrl: null, color: '#2255cc' })
    await page.getByLabel('Colour').fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect.poll(async () => (await read(workspace.id)).branding.color).toBeNull()
  })

  it('changes the redirect URLs and the confirmation', async () => {
    const workspace = await app.createWorkspace('Returning')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/branding`)
    await page.getByRole('link', { name: 'After connecting' }).click()
    await page.getByLabel('Redirect URLs').fill('https://a.example/done\nhttps://b.example/done')
    await page.getByLabel('No confirmation').check()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    expect(await read(workspace.id)).toMatchObject({
      redirectUrls: ['https://a.example/done', 'https://b.example/done'],
      confirmation: 'NONE',
    })
  })

  it('renames a workspace, and deletes it when its name is typed', async () => {
    const workspace = await app.createWorkspace('Old name')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    await connect(workspace, 'ledger', 'ada', 'Books')
    const page = await signIn(app.operatorKey, `/w/${workspace.slug}/branding/workspace`)
    await page.getByLabel('Name of the workspace').fill('New name')
    await page.getByLabel('Slug').fill('new-name')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(/\/w\/new-name\/branding\/workspace/)
    await page.locator('.switcher').getByText('New name').waitFor()
    await page.getByRole('button', { name: 'Delete workspace' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 connections of 1 end users').waitFor()
    await dialog.getByLabel('Type New name to confirm').fill('Old name')
    await dialog.getByRole('button', { name: 'Delete workspace' }).click()
    await dialog.getByText('Type the name of the workspace: New name').waitFor()
    await dialog.getByLabel('Type New name to confirm').fill('New name')
    await dialog.getByRole('button', { name: 'Delete workspace' }).click()
    await page.waitForURL(/\/console\/workspaces/)
    expect(await read(workspace.id)).toBeNull()
    // The subscription of the workspace that is gone.
    errors.splice(0)
  })

  it('says to a READER and to an ADMIN key what they cannot do', async () => {
    const workspace = await app.createWorkspace('Reading')
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const reading = await signIn(key, `/w/${workspace.slug}/branding`)
    expect(await reading.getByRole('button', { name: 'Save' }).getAttribute('title')).toContain('read only')
    await reading.getByRole('link', { name: 'Workspace', exact: true }).click()
    const button = reading.getByRole('button', { name: 'Delete workspace' })
    expect(await button.getAttribute('title')).toContain('read only')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/branding/workspace`)
    await page.getByText('Only an operator can change it.').waitFor()
  })

  it('is accessible and fits every width', async () => {
    const workspace = await app.createWorkspace('Accessible')
    await browser.expectAccessible(workspace, ['/branding', '/branding/returning', '/branding/workspace'])
  })
})

describe('The colours of the preview', () => {
  it('are those of the connect page, for every colour and logo', () => {
    const colors = [
      null,
      '',
      'red',
      'Navy',
      'chartreuse',
      '#fff',
      '#FFF8',
      '#12345678',
      '#808080',
      '#767676',
      '12',
      '#12',
    ]
    const shades = Array.from({ length: 256 }, (_, shade) => `#${shade.toString(16).padStart(2, '0').repeat(3)}`)
    for (const color of [...colors, ...shades]) {
      const { name: _, ...expected } = brandOfConnectPage({
        name: 'Acme',
        brandingName: null,
        brandingLogoUrl: null,
        brandingColor: color,
      })
      expect(brandOf({ color, logoUrl: null })).toEqual(expected)
    }
    for (const logoUrl of ['https://a.example/l.svg', 'http://a.example/l.svg', 'logo.svg', 'javascript:alert(1)']) {
      const page = { name: 'Acme', brandingName: null, brandingLogoUrl: logoUrl, brandingColor: null }
      expect(brandOf({ color: null, logoUrl }).logoUrl).toBe(brandOfConnectPage(page).logoUrl)
    }
  })

  it('are warned about in the theme whose card they resemble', () => {
    expect(hardToSeeIn('#ffffff')).toEqual(['light'])
    expect(hardToSeeIn('#1f2937')).toEqual(['dark'])
    expect(hardToSeeIn('#2255cc')).toEqual([])
  })
})
