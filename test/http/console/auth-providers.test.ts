import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../support/app.ts'
import { hasChromium } from '../../support/services.ts'
import { type ConsoleBrowser, CREATE_KEY, openConsole } from './console-browser.ts'

const LIST = 'query ($id: ID!) { workspace(id: $id) { authProviders { nodes { id name kind config hosts } } } }'

describe.skipIf(!(await hasChromium()))('The auth providers of the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let { signIn } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn } = browser)
  })
  afterEach(() => browser.closePages())
  afterAll(() => browser.close())

  it('creates one with a secret that it generates, changes its hosts, and deletes it', async () => {
    const workspace = await app.createWorkspace('Providers')
    const stored = async () => (await app.request(LIST, { id: workspace.id })).data.workspace.authProviders.nodes
    const page = await signIn(workspace.key, `/w/${workspace.slug}/auth-providers`)
    await page.getByText('No auth providers').waitFor()
    await page.getByRole('button', { name: 'New auth provider' }).click()
    await page.getByLabel('Name', { exact: true }).fill('tokens')
    await page.getByLabel('URL of your endpoint').fill('https://app.example.com/token')
    await page.getByRole('button', { name: 'Generate a secret' }).click()
    const secret = await page.locator('.secret-field .copy code').innerText()
    expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32)
    await page.getByLabel('Hosts').fill('api.example.com\n*.example.org')
    await page.getByRole('button', { name: 'Create auth provider' }).click()
    await page.getByText('api.example.com, *.example.org').waitFor()
    expect(await page.content()).not.toContain(secret)
    const [{ id, ...created }] = await stored()
    expect(created).toEqual({
      name: 'tokens',
      kind: 'TOKEN_CALLBACK',
      config: { url: 'https://app.example.com/token' },
      hosts: ['api.example.com', '*.example.org'],
    })

    await page.getByRole('link', { name: 'tokens' }).click()
    await page.getByLabel('Hosts').fill('api.example.com\nnew.example.net')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Must be given again, because the change adds a host').waitFor()
    await page.getByLabel('Hosts').fill('api.example.com')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('.facts').getByText('api.example.com', { exact: true }).waitFor()
    expect(await stored()).toEqual([{ id, ...created, hosts: ['api.example.com'] }])

    await page.getByRole('link', { name: 'tokens' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByText('Nothing is deleted at the service itself.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No auth providers').waitFor()
  })

  it('asks for what each kind needs, and warns about one without hosts', async () => {
    const workspace = await app.createWorkspace('Kinds')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/auth-providers/new`)
    await page.getByLabel('Service').selectOption('PIPEDREAM')
    await page.getByLabel('Name', { exact: true }).fill('pipedream')
    await page.getByLabel('Project ID').fill('proj_abc')
    await page.getByLabel('Environment').selectOption('development')
    await page.getByLabel('OAuth client ID').fill('client')
    await page.getByLabel('Secret of the OAuth client').fill('secret-of-the-client')
    await page.getByRole('button', { name: 'Create auth provider' }).click()
    await page.getByText('No hosts named').waitFor()
    const { data } = await app.request(LIST, { id: workspace.id })
    expect(data.workspace.authProviders.nodes[0].config).toMatchObject({
      projectId: 'proj_abc',
      environment: 'development',
      clientId: 'client',
    })
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const reading = await signIn(key, `/w/${workspace.slug}/auth-providers`)
    await reading.getByText('Your role cannot see this').waitFor()
    await browser.expectAccessible(workspace, [
      '/auth-providers',
      '/auth-providers/new',
      `/auth-providers/${data.workspace.authProviders.nodes[0].id}`,
    ])
  })
})
