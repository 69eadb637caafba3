import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { hasChromium } from '../../support/services.ts'
import {
  type ConsoleBrowser,
  CREATE_INTEGRATION,
  CREATE_KEY,
  LEDGER,
  openConsole,
  type TestWorkspace,
} from './console-browser.ts'

const INTEGRATION = `query ($workspaceId: ID!, $slug: String!) { workspace(id: $workspaceId) { integration(slug: $slug) {
  displayName callbackUrl webhookUrl hasWebhookSecret needsOAuthClient definition oauthClient { clientId scopes } } } }`

describe.skipIf(!(await hasChromium()))('The integrations in the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let provider: ProviderServer
  let { signIn, connect } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn, connect } = browser)
    provider = await startProvider(({ url, headers }, response) => {
      if (headers.authorization !== 'Bearer right') {
        sendJson(response, { error: { text: 'This key was revoked.' } }, {}, 401)
      } else sendJson(response, url.pathname === '/me' ? { id: 1 } : { data: [{ id: 7, name: 'Ada' }] })
    })
  })
  afterEach(() => browser.closePages())
  afterAll(async () => {
    await provider.close()
    await browser.close()
  })

  async function read(workspace: TestWorkspace, slug: string) {
    const { data } = await app.request(INTEGRATION, { workspaceId: workspace.id, slug })
    return data.workspace.integration
  }
  const definitionOf = (more: object = {}) => ({
    displayName: 'Books',
    baseUrl: provider.origin,
    auth: { type: 'bearer' },
    responseErrors: [{ status: 401, as: 'auth', message: 'error.text' }],
    testRequest: { path: '/me' },
    streams: [{ name: 'people', path: '/people', recordsPath: 'data', primaryKey: ['id'] }],
    ...more,
  })
  const editorOf = (page: Page) => page.getByRole('textbox', { name: 'Definition as JSON' })

  it('lead somebody from an empty workspace to an own Slack app', async () => {
    const workspace = await app.createWorkspace('Slack')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations`)
    await page.getByText('No integrations yet').waitFor()
    await page.getByRole('link', { name: 'Add integration' }).click()
    // The search has the focus, and Enter opens the best match.
    await page.getByRole('link', { name: 'HubSpot' }).waitFor()
    await page.keyboard.type('slac')
    await page.getByText('1 providers found').waitFor({ state: 'attached' })
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Add Slack' }).waitFor()
    await page.getByRole('button', { name: 'Create integration' }).click()

    await page.getByRole('heading', { name: 'Create your app at Slack' }).waitFor()
    const { callbackUrl, webhookUrl } = await read(workspace, 'slack')
    await page.getByText(callbackUrl).waitFor()
    const link = page.getByRole('link', { name: /Open Slack/ })
    expect(await link.getAttribute('href')).toBe('https://api.slack.com/apps')
    expect(await link.getAttribute('rel')).toBe('noreferrer')
    await page.locator('ol.guide li').first().getByText('Create New App').waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()

    await page.getByLabel('See the people in the workspace').uncheck()
    await page.getByLabel('Send messages as the app').check()
    await page.getByLabel('Other scopes').fill('files:read')
    await page.getByRole('button', { name: 'Continue' }).click()

    // The choice and the step survive a reload.
    await page.getByRole('heading', { name: 'Enter client ID and secret' }).waitFor()
    await page.reload()
    await page.getByRole('textbox', { name: 'Client ID' }).fill('1234.5678')
    await page.getByLabel('Client secret').fill('a secret that stays secret')
    expect(await page.getByLabel('Client secret').getAttribute('type')).toBe('password')
    await page.getByRole('button', { name: 'Save client' }).click()

    await page.getByText(webhookUrl).waitFor()
    await page.getByLabel('Webhook secret').fill('signing secret')
    await page.getByRole('button', { name: 'Save secret' }).click()
    await page.getByText('Saved. Go on with the steps at the provider').waitFor()
    expect(await page.getByLabel('Webhook secret').inputValue()).toBe('')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('can be checked only with an account').waitFor()
    expect(await read(workspace, 'slack')).toMatchObject({
      needsOAuthClient: false,
      hasWebhookSecret: true,
      oauthClient: {
        clientId: '1234.5678',
        scopes: ['channels:read', 'channels:history', 'team:read', 'chat:write', 'files:read'],
      },
    })
    expect(await page.locator('ol.steps li.done').count()).toBe(4)
    expect(await page.evaluate(() => [sessionStorage.length, localStorage.length])).toEqual([0, 0])

    await page.getByRole('button', { name: 'Connect an account' }).click()
    await page.waitForURL(/\/connect\//)
  })

  it('bring somebody who connects an account back to the set-up, with its test and a first sync', async () => {
    const workspace = await app.createWorkspace('Back')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'sandbox', provider: 'sandbox' })
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/sandbox`)
    await page.getByRole('button', { name: 'Connect an account' }).click()
    await page.waitForURL(/\/connect\//)
    await page.getByRole('button', { name: /Continue|Connect/ }).click()
    await page.getByRole('button', { name: /Allow|Agree/ }).click()
    await page.waitForURL(/\/integrations\/sandbox\/setup\?step=test&connection=/)
    await page.getByText('The provider accepts the credential.').waitFor()
    await page.getByRole('button', { name: 'Start a sync' }).click()
    await page.waitForURL(/\/connections\//)
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  })

  it('test a key without storing it, and say why the provider refuses one', async () => {
    const workspace = await app.createWorkspace('Keys')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'books', definition: definitionOf() })
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/books/setup`)
    await page.getByRole('heading', { name: 'People bring their own key' }).waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await page.getByText('This key was revoked.').waitFor()
    await page.getByText('(status 401)').waitFor()
    await page.getByLabel('Token').fill('right')
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await page.getByText('The provider accepts the credential.').waitFor()
  })

  it('make an integration from a definition that is completed, checked and tried first', async () => {
    const workspace = await app.createWorkspace('Definition')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/new?q=nothing+like+it`)
    await page.getByRole('link', { name: 'Your own definition' }).click()
    const editor = editorOf(page)
    await editor.waitFor()
    await editor.getByText('"displayName"').waitFor()

    // Keys and values are completed by the schema of the gateway.
    await editor.click()
    await page.keyboard.press('Control+A')
    await page.keyboard.type('{\n"au')
    await page.getByRole('option', { name: '"auth"' }).click()
    await page.keyboard.type('"ty')
    await page.getByRole('option', { name: '"type"' }).click()
    await page.getByRole('option', { name: '"session_token"' }).waitFor()
    await page.keyboard.type('bea')
    await page.getByRole('option', { name: '"bearer"' }).click()
    await page.getByText('displayName is missing').waitFor()
    await page.getByText('baseUrl is missing').waitFor()
    await page.keyboard.press('Control+End')
    await page.keyboard.type(' x')
    await page.getByText(/This is not JSON: (?!.*(position|valid JSON))/).waitFor()

    // What only the server finds is shown at its place, and the text stays, also when the page is loaded again.
    await editor.fill(JSON.stringify(definitionOf({ headers: { 'X-Account': '{{ nothing.here }}' } }), null, 2))
    await page.getByRole('button', { name: 'Create integration' }).click()
    await page.locator('.problems').getByText('reads nothing, which does not exist here').waitFor()
    await page.locator('.problems').getByText('Line 28').waitFor()
    await page.reload()
    await editor.getByText('{{ nothing.here }}').waitFor()

    await editor.fill(JSON.stringify(definitionOf(), null, 2))
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Try', exact: true }).click()
    await page.getByText('This key was revoked.').waitFor()
    await page.getByLabel('Token').fill('right')
    // What was typed stays while the text is not JSON.
    await editor.fill('{')
    await page.getByText('This is not JSON').waitFor()
    await editor.fill(JSON.stringify(definitionOf(), null, 2))
    expect(await page.getByLabel('Token').inputValue()).toBe('right')
    await page.getByRole('button', { name: 'Try', exact: true }).click()
    await page.getByText('The first page of people has 1 record.').waitFor()
    await page.locator('pre.json').getByText('"Ada"').waitFor()
    const kept = await page.evaluate(() => JSON.stringify(sessionStorage))
    expect(kept).toContain('testRequest')
    expect(kept).not.toContain('right')

    await page.getByRole('button', { name: 'Create integration' }).click()
    await page.getByRole('dialog').getByLabel('Slug').fill('books')
    await page.getByRole('dialog').getByRole('button', { name: 'Create integration' }).click()
    await page.getByRole('heading', { name: 'People bring their own key' }).waitFor()
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
    expect((await read(workspace, 'books')).displayName).toBe('Books')
  })

  it('need no webhook secret where the client secret signs, and lead back to a client that is missing', async () => {
    const workspace = await app.createWorkspace('Signed by the client')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'slack', provider: 'slack' })
    for (const provider of ['dropbox', 'hubspot', 'intercom', 'shopify']) {
      const oauthClient = { clientId: 'id', clientSecret: 'secret' }
      await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: provider, provider, oauthClient })
    }
    // With all of its steps done, the list of steps is at its widest.
    const webhookSecret = 'a secret of its own'
    await app.mutate(CREATE_INTEGRATION, {
      ...{ workspaceId: workspace.id, slug: 'hubspot-2', provider: 'hubspot', webhookSecret },
      oauthClient: { clientId: 'id', clientSecret: 'secret' },
    })
    const place = `/w/${workspace.slug}/integrations`
    const options = { locale: 'de-DE', viewport: { width: 390, height: 800 } }
    const page = await signIn(workspace.key, `${place}/slack/setup?step=test`, options)
    await page.getByText('Der OAuth-Client fehlt.').waitFor()
    await page.getByRole('link', { name: 'Client-ID und Secret eintragen' }).click()
    await page.getByRole('heading', { name: 'Client-ID und Secret eintragen' }).waitFor()
    for (const slug of ['dropbox', 'hubspot', 'intercom', 'shopify', 'hubspot-2']) {
      await page.goto(`${app.url}/console${place}/${slug}/setup?step=webhook`)
      const next = page.getByRole('button', { name: 'Weiter' })
      expect(await next.getAttribute('class')).toContain('primary')
      expect(await page.getByLabel('Webhook-Secret').isVisible()).toBe(false)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    }
  })

  it('say how many connections a change of the definition concerns before it is saved', async () => {
    const workspace = await app.createWorkspace('Moving')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    await connect(workspace, 'ledger', 'ada', 'Books of Ada')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/ledger`)
    await page.getByRole('link', { name: 'Edit definition' }).click()
    await editorOf(page).getByText('https://api.example.com').waitFor()
    await editorOf(page).fill(JSON.stringify({ ...LEDGER, baseUrl: 'https://api.example.org' }))
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('dialog').getByText('1 connection has to be connected again').waitFor()
    expect((await read(workspace, 'ledger')).definition.baseUrl).toBe('https://api.example.com')
    await page.getByRole('dialog').getByRole('button', { name: 'Save anyway' }).click()
    await page.getByText('Reconnect needed').waitFor()
    expect((await read(workspace, 'ledger')).definition.baseUrl).toBe('https://api.example.org')
  })

  it('are renamed, get another client, and are deleted with the number of their connections', async () => {
    const workspace = await app.createWorkspace('Changing')
    await app.mutate(CREATE_INTEGRATION, {
      workspaceId: workspace.id,
      slug: 'github',
      provider: 'github',
      oauthClient: { clientId: 'old', clientSecret: 'an old secret' },
    })
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    await connect(workspace, 'ledger', 'ada', 'Books of Ada')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations`)
    await page.getByText('1 connection', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'GitHub' }).click()
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Code of the customers')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Code of the customers' }).waitFor()

    await page.getByRole('button', { name: 'Change client' }).click()
    await page.getByRole('dialog').getByLabel('Client ID').fill('new')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByText('The stored secret belongs to the old clientId.').waitFor()
    await page.getByRole('dialog').getByLabel('Client secret').fill('a new secret')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByText('new', { exact: true }).waitFor()

    await page.goto(`${app.url}/console/w/${workspace.slug}/integrations/ledger`)
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByText('Its connection is deleted with it').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('link', { name: 'Code of the customers' }).waitFor()
    expect(await page.getByRole('link', { name: 'Ledger' }).count()).toBe(0)
  })

  it('show a READER everything, and say why nothing can be changed', async () => {
    const workspace = await app.createWorkspace('Reading')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'slack', provider: 'slack' })
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const page = await signIn(key, `/w/${workspace.slug}/integrations`)
    await page.getByText('No OAuth client').waitFor()
    const add = page.getByRole('button', { name: 'Add integration' })
    expect(await add.getAttribute('title')).toContain('read only')
    await page.getByRole('link', { name: 'Slack' }).click()
    for (const name of ['Connect an account', 'Rename', 'Delete', 'Add client']) {
      const button = page.getByRole('button', { name, exact: true })
      expect(await button.getAttribute('aria-disabled')).toBe('true')
      await button.click({ force: true })
    }
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.getByRole('link', { name: 'Set-up guide' }).first().click()
    await page.getByRole('heading', { name: 'Create your app at Slack' }).waitFor()
  })

  it('make a link with which an end user connects, once the workspace has a redirect URL', async () => {
    const workspace = await app.createWorkspace('Linked')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'books', definition: definitionOf() })
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/books`)
    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Connect link' }).click()
    await dialog.getByRole('link', { name: 'Add a redirect URL' }).click()
    await page.getByLabel('Redirect URLs').fill('https://product.example/connected')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    await page.goto(`${app.url}/console/w/${workspace.slug}/integrations/books`)
    await page.getByRole('button', { name: 'Connect link' }).click()
    await dialog.getByLabel('External id of the end user').fill('ada-1')
    await dialog.getByRole('button', { name: 'Create link' }).click()
    const link = await dialog.locator('.copy code').innerText()
    const person = await browser.open()
    await person.goto(link)
    await person.getByText('ada-1').first().waitFor()
    await person.getByRole('button', { name: /Continue|Connect/ }).waitFor()
  })

  it('are accessible and fit every width, in both themes and both languages', async () => {
    const workspace = await app.createWorkspace('Accessible')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'slack', provider: 'slack' })
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'books', definition: definitionOf() })
    await browser.expectAccessible(workspace, [
      '/integrations',
      '/integrations/new',
      '/integrations/new/zendesk',
      '/integrations/new/definition',
      '/integrations/slack',
      ...['app', 'scopes', 'client', 'webhook', 'test'].map((step) => `/integrations/slack/setup?step=${step}`),
      '/integrations/books/setup',
      '/integrations/books/setup?step=test',
      '/integrations/books/definition',
    ])
  })
})
