import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changes } from '../graphql/management-documents.ts'
import { openBrowser, type Product, startProduct } from '../http/connect-page/page-fixture.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { hasChromium } from '../support/services.ts'

const startOAuth = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { __typename
  ... on StartOAuthPayload { authorizationUrl } ... on Error { message } } }`

describe.skipIf(!(await hasChromium()))('The consent page of the sandbox in Chromium', () => {
  let app: TestApp
  let browser: Browser
  let product: Product
  let authorizationUrl: string

  beforeAll(async () => {
    app = await startTestApp({ config: { publicUrl: 'http://127.0.0.1:0' } })
    browser = await openBrowser()
    product = await startProduct()
  })
  afterAll(async () => {
    await browser.close()
    await product.close()
    await app.stop()
  })
  beforeEach(async () => {
    const workspace = await app.createWorkspace()
    const redirectUrl = `${product.origin}/done`
    await app.mutate(changes.updateWorkspace, { workspaceId: workspace.id, redirectUrls: [redirectUrl] })
    const input = { workspaceId: workspace.id, provider: 'sandbox', redirectUrl }
    authorizationUrl = (await app.mutate(startOAuth, input, workspace.key)).authorizationUrl
    product.returned.length = 0
  })

  it('returns to the product with a handle for the chosen account', async () => {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(authorizationUrl)
    expect(await page.getByRole('heading').textContent()).toBe('Latchkey wants to read your records')
    await page.getByRole('radio', { name: /Grace Hopper/ }).check()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${product.origin}/done?*`)
    expect(product.returned[0]?.get('handle')).toMatch(/^\S{20,}$/)
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([])
    await page.close()
  })

  it('returns to the product with an error when the user declines', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(authorizationUrl)
    await page.getByRole('button', { name: 'Refuse' }).click()
    await page.waitForURL(`${product.origin}/done?*`)
    expect(product.returned[0]?.get('error')).toBe('access_denied')
    await context.close()
  })

  it('does not work in another browser', async () => {
    const page = await browser.newPage()
    await page.goto(authorizationUrl)
    const other = await browser.newContext()
    const theirs = await other.newPage()
    const response = await theirs.goto(page.url())
    expect(response?.status()).toBe(400)
    expect(await theirs.textContent('main')).toContain('Start connecting again')
    await other.close()
    await page.close()
  })
})
