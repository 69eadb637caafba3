import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../support/app.ts'
import { hasChromium } from '../../support/services.ts'
import { createEndpoint, type Receiver, startReceiver, status, verified } from '../../webhooks/out/receiver.ts'
import { type ConsoleBrowser, CREATE_INTEGRATION, CREATE_KEY, LEDGER, openConsole } from './console-browser.ts'

describe.skipIf(!(await hasChromium()))('The webhooks of the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let receiver: Receiver
  let { signIn, connect } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn, connect } = browser)
    receiver = await startReceiver()
  })
  afterEach(() => browser.closePages())
  afterAll(async () => {
    await receiver.close()
    await browser.close()
  })

  const newWorkspace = async (name: string) => {
    const workspace = await app.createWorkspace(name)
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    return workspace
  }

  it('creates an endpoint, shows its secret once, and follows a delivery that fails and is repeated', async () => {
    const workspace = await newWorkspace('Hooks')
    receiver.answers.set('/story', status(500, 'no room left'))
    const page = await signIn(workspace.key, `/w/${workspace.slug}/webhooks`)
    await page.getByText('No webhook endpoints yet').waitFor()
    await page.getByRole('button', { name: 'New endpoint' }).click()
    await page.getByLabel('URL', { exact: true }).fill(`${receiver.origin}/story`)
    await page.getByLabel('Only these').check()
    await page.getByRole('button', { name: 'Create endpoint' }).click()
    await page.getByText('Choose at least one type of event.').waitFor()
    await page.getByLabel('A connection was created').check()
    await page.getByRole('button', { name: 'Add a header' }).click()
    await page.getByLabel('Name of the header').fill('x-token')
    await page.getByLabel('Value').fill('a token of the receiver')
    await page.getByRole('button', { name: 'Create endpoint' }).click()
    const secret = await page.getByRole('region', { name: 'Signing secret' }).locator('code').first().innerText()
    expect(secret).toMatch(/^whsec_/)
    await page.getByRole('button', { name: 'Show the endpoint' }).click()
    await page.getByText('No deliveries yet').waitFor()
    expect(await page.content()).not.toContain(secret)

    await connect(workspace, 'ledger', 'ada', 'Books of Ada')
    const row = page.locator('details.delivery')
    await row.getByText('CONNECTION_CREATED').waitFor()
    await row.getByText('Retrying').waitFor()
    const [first] = receiver.seen('/story')
    expect(verified(first, secret).type).toBe('connection.created')
    expect(first?.headers['x-token']).toBe('a token of the receiver')
    await row.locator('summary').click()
    await row.getByText('The endpoint answered with 500.').first().waitFor()
    await row.getByText('no room left').first().waitFor()
    await row.locator('.json').getByText('"ConnectionCreated"').waitFor()

    receiver.answers.delete('/story')
    await row.getByRole('button', { name: 'Deliver again' }).click()
    await row.getByText('Deliveries that start again: 1.').waitFor()
    await row.locator('summary').getByText('Delivered').waitFor()
    await page.getByLabel('Status').selectOption('FAILED')
    await page.getByText('Nothing matches').waitFor()
    expect(page.url()).toContain('?status=FAILED')
  })

  it('tests, edits, rotates, disables, enables and deletes an endpoint', async () => {
    const workspace = await newWorkspace('Actions')
    const { id, secret } = await createEndpoint(app, workspace, {
      url: `${receiver.origin}/actions`,
      headers: { 'x-token': 'secret' },
    })
    receiver.answers.set('/actions', status(418, 'a teapot'))
    const page = await signIn(workspace.key, `/w/${workspace.slug}/webhooks/${id}`)
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('The endpoint did not accept the test.').waitFor()
    await page.getByText('a teapot').waitFor()
    receiver.answers.delete('/actions')
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('The endpoint accepted the test.').waitFor()

    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Description').fill('The main receiver')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The main receiver').waitFor()
    // The headers were not given again, so they are kept.
    await page.getByText('x-token').waitFor()

    await page.getByRole('button', { name: 'Rotate the secret' }).click()
    await page.getByRole('dialog').getByText('For 24 hours each delivery is signed with both').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate the secret' }).click()
    const region = page.getByRole('region', { name: 'Signing secret' })
    const next = await region.locator('code').first().innerText()
    expect(next).toMatch(/^whsec_/)
    expect(next).not.toBe(secret)

    await page.getByRole('button', { name: 'Disable' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await page.getByText('This endpoint was disabled here or with the API.').waitFor()
    await page.getByRole('button', { name: 'Enable' }).click()
    await page.getByText('Enabled').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No webhook endpoints yet').waitFor()
  })

  it('says why an endpoint was disabled, and that a READER sees none', async () => {
    const workspace = await newWorkspace('Disabled')
    const { id } = await createEndpoint(app, workspace, { url: `${receiver.origin}/gone` })
    receiver.answers.set('/gone', status(410))
    const page = await signIn(workspace.key, `/w/${workspace.slug}/webhooks`)
    await page.getByText('nothing sent yet').waitFor()
    await connect(workspace, 'ledger', 'ada', 'Books')
    await page.locator('.reason.bad').getByText('410').waitFor()
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const reading = await signIn(key, `/w/${workspace.slug}/webhooks`)
    await reading.getByText('Your role cannot see this').waitFor()
    const button = reading.getByRole('button', { name: 'New endpoint' })
    expect(await button.getAttribute('title')).toContain('read only')
    await reading.goto(`${app.url}/console/w/${workspace.slug}/webhooks/${id}`)
    await reading.getByText('This does not exist, or it was deleted.').waitFor()
  })

  it('is accessible and fits every width', async () => {
    const workspace = await newWorkspace('Accessible')
    const { id } = await createEndpoint(app, workspace, {
      url: `${receiver.origin}/a-rather-long-path-of-a-receiver/that-nobody-has-shortened/for-whatever-reason`,
      types: ['CONNECTION_CREATED', 'CONNECT_SESSION_AWAITING_CONFIRMATION'],
      headers: { authorization: 'secret' },
    })
    await connect(workspace, 'ledger', 'ada', 'ada.lovelace.of.the.analytical.engine@mail.example.com')
    await browser.expectAccessible(workspace, ['/webhooks', '/webhooks/new', `/webhooks/${id}`, `/webhooks/${id}/edit`])
  })
})
