import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { hasChromium } from '../../support/services.ts'
import { type ConsoleBrowser, CREATE_KEY, openConsole } from './console-browser.ts'

const manifest = (origin: string) => `type: DeclarativeSource
check: { type: CheckStream, stream_names: [people] }
streams:
  - type: DeclarativeStream
    name: people
    primary_key: [id]
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: ${origin}
        path: /people
        authenticator: { type: BearerAuthenticator, api_token: "{{ config['key'] }}" }
      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [data] } }
  - type: DeclarativeStream
    name: reports
    retriever: { type: AsyncRetriever }
spec:
  connection_specification:
    title: Ledger
    type: object
    properties: { key: { type: string, airbyte_secret: true } }
`
/** Seventy providers that are the same, and one that says nothing of its key. */
const providers = `${Array.from({ length: 70 }, (_, index) => `service-${index}: { alias: base }`).join('\n')}
base:
  display_name: Base
  auth_mode: API_KEY
  proxy: { base_url: https://api.example.com, headers: { authorization: 'Bearer \${apiKey}' } }
lost: { auth_mode: API_KEY, proxy: { base_url: https://api.example.com } }
`

const fileOf = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })

describe.skipIf(!(await hasChromium()))('The import of a definition in the console', { timeout: 240_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let api: ProviderServer
  let signIn: ConsoleBrowser['signIn']

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn } = browser)
    api = await startProvider(({ headers }, response) => {
      if (headers.authorization !== 'Bearer right') sendJson(response, {}, {}, 401)
      else sendJson(response, { data: [{ id: 7, name: 'Ada' }] })
    })
  })
  afterEach(() => browser.closePages())
  afterAll(async () => {
    await api.close()
    await browser.close()
  })

  const documentOf = (page: Page) => page.getByRole('textbox', { name: 'Document' })
  const chooseFile = (page: Page, name: string, text: string) =>
    page.locator('input[type=file]').setInputFiles(fileOf(name, text))
  const importIt = (page: Page) => page.getByRole('button', { name: 'Import', exact: true }).click()
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent)

  it('leads from the file of a connector to an integration that syncs', async () => {
    const workspace = await app.createWorkspace('Airbyte')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/new`)
    await page.getByRole('link', { name: 'Import a definition' }).click()
    await chooseFile(page, 'manifest.yaml', manifest(api.origin))
    // The format is recognised.
    expect(await page.getByRole('radio', { name: 'Airbyte' }).isChecked()).toBe(true)
    await page.getByText('manifest.yaml', { exact: true }).waitFor()
    await importIt(page)

    await page.getByRole('heading', { name: 'What became of manifest.yaml' }).waitFor()
    await expect.poll(() => focused(page)).toBe('What became of manifest.yaml')
    await page.getByText('2 imported, 0 partly, 1 refused').waitFor()
    const parts = page.locator('.part')
    expect(await parts.count()).toBe(3)
    await page.getByRole('button', { name: 'Refused 1' }).click()
    expect(await parts.count()).toBe(1)
    await parts.getByText('reports').waitFor()
    await parts.getByText('It is a report that the source makes first').waitFor()
    await page.getByText('1 shown').waitFor({ state: 'attached' })
    await page.getByText('Definition as JSON').click()
    await page.locator('pre.json').getByText('"Ledger"').waitFor()
    await page.getByRole('button', { name: 'Continue with the definition' }).click()

    const editor = page.getByRole('textbox', { name: 'Definition as JSON' })
    await editor.getByText('"Ledger"').waitFor()
    // The way back leads to the report, and on to the same text without a question.
    await page.goBack()
    await page.getByRole('button', { name: 'Continue with the definition' }).click()
    await editor.getByText('"Ledger"').waitFor()
    await page.getByRole('button', { name: 'Create integration' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Create integration' }).click()
    await page.getByRole('heading', { name: 'People bring their own key' }).waitFor()
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)

    const { connection } = await app.mutate(
      `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
        ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`,
      {
        ...{ workspaceId: workspace.id, integration: 'ledger', endUserExternalId: 'ada', syncImmediately: true },
        credential: { fields: { key: 'right' } },
      },
    )
    await expect
      .poll(
        async () => {
          const { data } = await app.request(
            'query ($id: ID!) { node(id: $id) { ... on Connection { records(stream: "people") { nodes { data } } } } }',
            { id: connection.id },
          )
          return data.node.records.nodes
        },
        { timeout: 60_000 },
      )
      .toEqual([{ data: { id: 7, name: 'Ada' } }])
  })

  it('chooses a provider of a Nango file by the keyboard, says why another has none, and asks before it replaces a draft', async () => {
    const workspace = await app.createWorkspace('Nango')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/new/definition`)
    await page.getByRole('textbox', { name: 'Definition as JSON' }).fill('{ "displayName": "Mine" }')
    await page.getByRole('link', { name: 'Import a definition' }).click()
    await documentOf(page).fill(providers)
    expect(await page.getByRole('radio', { name: 'Nango' }).isChecked()).toBe(true)
    await importIt(page)
    await page.getByText('The document has 72 providers.').waitFor()
    await expect.poll(() => focused(page)).toBe('Choose the provider')
    await page.getByText('12 more. Search for a name.').waitFor()
    expect(await browser.violationsOf(page)).toEqual([])

    await page.keyboard.press('Tab')
    await page.keyboard.type('lost')
    await page.getByText('1 providers found').waitFor({ state: 'attached' })
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText('No definition can be made of this document').waitFor()
    await page.getByText('It does not say where the API key is sent.').waitFor()
    expect(await page.getByRole('button', { name: 'Continue with the definition' }).count()).toBe(0)

    await page.getByRole('button', { name: 'Another provider' }).click()
    await page.getByRole('searchbox', { name: 'Search the providers' }).fill('service-6')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What became of service-6' }).waitFor()
    await page.getByRole('button', { name: 'Continue with the definition' }).click()
    await page.getByRole('dialog').getByText('a definition that is not saved').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).toContain('Mine')
    await page.getByRole('button', { name: 'Continue with the definition' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Replace it' }).click()
    await page.getByRole('textbox', { name: 'Definition as JSON' }).getByText('"https://api.example.com"').waitFor()
  })

  it('shows where a document cannot be read, and says what is wrong with others before and after they are sent', async () => {
    const workspace = await app.createWorkspace('Errors')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/new/import`)
    const alert = page.getByRole('alert')
    await importIt(page)
    await alert.getByText('Paste a document or choose a file.').waitFor()
    await documentOf(page).fill('openapi: 3.1.0\ninfo: { title: Shop }\npaths: a: b\nservers: []\n')
    await importIt(page)
    await alert.getByText('Line 3, column 8 cannot be read: Nested mappings').waitFor()
    expect(await alert.locator('.at').innerText()).toContain('paths: a: b')
    expect(await browser.violationsOf(page)).toEqual([])
    await documentOf(page).fill('swagger: "1.2"')
    await importIt(page)
    await alert.getByText('It has Swagger 1.2.').waitFor()
    // What was wrong with a document says nothing of another one.
    await documentOf(page).fill('openapi: 3.1.0')
    await alert.waitFor({ state: 'detached' })

    await chooseFile(page, 'large.yaml', `openapi: 3.1.0\n${'# nothing\n'.repeat(100_000)}`)
    await importIt(page)
    await alert.getByText('The document has 1 MB, and 786.4 kB is the most here.').waitFor()
    // JSON loses the spaces that make it too large.
    const spaces = ' '.repeat(1_000_000)
    await chooseFile(page, 'shop.json', `{"openapi": "3.1.0",${spaces}"info": {"title": "Shop"}, "paths": {}}`)
    await importIt(page)
    await page.getByRole('heading', { name: 'What became of shop.json' }).waitFor()
    await page.getByRole('button', { name: 'Another document' }).click()
    await page.getByText('shop.json', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    expect(await documentOf(page).inputValue()).toBe('')
    // A dropped file is like a chosen one.
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer()
      data.items.add(new File(['openapi: 3.1.0\npaths: {}'], 'dropped.yaml'))
      return data
    })
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: transfer })
    await page.getByText('dropped.yaml').waitFor()
  })

  it('says to a READER why nothing can be imported', async () => {
    const workspace = await app.createWorkspace('Reading')
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const page = await signIn(key, `/w/${workspace.slug}/integrations/new/import`)
    await documentOf(page).fill('openapi: 3.1.0')
    const button = page.getByRole('button', { name: 'Import', exact: true })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    expect(await button.getAttribute('title')).toContain('read only')
  })

  it('is accessible and fits every width, in both themes and both languages', async () => {
    const workspace = await app.createWorkspace('Accessible')
    await browser.expectAccessible(workspace, ['/integrations/new', '/integrations/new/import'])
    const page = await signIn(workspace.key, `/w/${workspace.slug}/integrations/new/import`, {
      ...{ viewport: { width: 390, height: 844 }, colorScheme: 'dark', locale: 'de-DE' },
    })
    await chooseFile(page, 'manifest.yaml', manifest(api.origin))
    await page.getByRole('button', { name: 'Importieren', exact: true }).click()
    await page.getByText('2 übernommen, 0 teilweise, 1 nicht übernommen').waitFor()
    await page.getByText('Definition als JSON').click()
    await page.locator('pre.json').waitFor()
    expect(await browser.violationsOf(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  })
})
