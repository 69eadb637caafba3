import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ACTIONS, wordsOf } from '../../../packages/console/src/pages/audit/words.ts'
import { buildSchema } from '../../../src/graphql/schema.ts'
import type { TestApp } from '../../support/app.ts'
import { hasChromium } from '../../support/services.ts'
import { type ConsoleBrowser, CREATE_INTEGRATION, CREATE_KEY, LEDGER, openConsole } from './console-browser.ts'

const UPDATE = `mutation ($input: UpdateConnectionInput!) { updateConnection(input: $input) { __typename
  ... on Error { message } } }`

describe.skipIf(!(await hasChromium()))('The audit log of the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let { signIn, connect, errors } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn, connect, errors } = browser)
  })
  afterEach(() => browser.closePages())
  afterAll(() => browser.close())

  it('says in words who did what, filters by address, and leads to the object', async () => {
    const workspace = await app.createWorkspace('Audit')
    await app.mutate(CREATE_INTEGRATION, { workspaceId: workspace.id, slug: 'ledger', definition: LEDGER })
    const id = await connect(workspace, 'ledger', 'ada', 'Books of Ada')
    const reader = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    await app.mutate(UPDATE, { connectionId: id, disabled: true }, workspace.key)
    await expect(app.mutate(UPDATE, { connectionId: id, disabled: false }, reader.key)).rejects.toThrow(
      'ForbiddenError',
    )
    const page = await signIn(workspace.key, `/w/${workspace.slug}/audit`)
    const lines = page.locator('.audit-line')
    await lines.filter({ hasText: /^Key test \(lk_.+\) changed a connection\s*Books of Ada/ }).waitFor()
    await lines.filter({ hasText: 'An operator created the workspace' }).waitFor()

    await page.getByLabel('Result').selectOption('refused')
    await lines.filter({ hasText: 'created the workspace' }).waitFor({ state: 'detached' })
    expect(page.url()).toContain('?result=refused')
    const refused = lines.filter({ hasText: 'could not change a connection' })
    await refused.getByText('FORBIDDEN').waitFor()
    await refused.locator('summary').click()
    await refused.locator('.json').getByText('"updateConnection"').waitFor()
    await refused.getByRole('button', { name: 'All about this object' }).click()
    await lines.filter({ hasText: 'created a connection' }).waitFor()
    expect(await lines.filter({ hasText: 'created the workspace' }).count()).toBe(0)

    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByLabel('Action').selectOption('createConnection')
    await page.getByLabel('Time').selectOption('day')
    await lines.filter({ hasText: 'created the workspace' }).waitFor({ state: 'detached' })
    await lines.locator('summary').first().click()
    await lines.first().getByRole('link', { name: 'Books of Ada' }).click()
    await page.getByRole('heading', { name: 'Books of Ada' }).waitFor()
  })

  it('links to the documentation that the deployment serves', async () => {
    const workspace = await app.createWorkspace('Docs')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/audit`)
    const link = page.getByRole('link', { name: 'Documentation: docs/audit.md' })
    expect(await link.getAttribute('href')).toBe('/docs/audit')
    // 503 where nobody has built the site.
    expect([200, 503]).toContain((await fetch(`${app.url}/docs/audit`)).status)
  })

  it('explains to a READER and to a key without ADMIN what is missing', async () => {
    const workspace = await app.createWorkspace('Forbidden')
    const keyOf = async (input: object): Promise<string> =>
      (await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'limited', ...input })).key
    const reading = await signIn(await keyOf({ role: 'READER' }), `/w/${workspace.slug}/audit`)
    await reading.getByText('Your role cannot see this').waitFor()
    const page = await signIn(await keyOf({ role: 'ADMIN', scopes: ['READ'] }), `/w/${workspace.slug}/audit`)
    await page.getByText('Your key cannot read the audit log').waitFor()
    errors.splice(0)
  })

  it('is accessible and fits every width', async () => {
    const workspace = await app.createWorkspace('Accessible')
    await app.mutate(CREATE_KEY, {
      workspaceId: workspace.id,
      name: 'a key with a rather long name of the service that uses it in production',
      role: 'ADMIN',
    })
    await browser.expectAccessible(workspace, ['/audit', '/audit?result=refused'])
  })
})

describe('The words of the audit log', () => {
  it('cover every mutation, the proxy and the console, in both languages', () => {
    const names = Object.keys(buildSchema().getMutationType()?.getFields() ?? {})
    expect([...ACTIONS].sort()).toEqual([...names, 'proxy', 'consoleSignIn', 'consoleSignOut'].sort())
    for (const action of ACTIONS) {
      for (const language of ['en', 'de'] as const) {
        for (const isRefused of [false, true]) {
          expect([action, language, wordsOf(action, isRefused, language)]).toEqual([
            action,
            language,
            expect.any(String),
          ])
        }
      }
    }
  })

  it('make sentences', () => {
    expect(wordsOf('createConnection', false, 'en')).toBe('created a connection')
    expect(wordsOf('createConnection', true, 'en')).toBe('could not create a connection')
    expect(wordsOf('revokeApiKey', false, 'de')).toBe('hat einen API-Schlüssel widerrufen')
    expect(wordsOf('triggerSync', true, 'de')).toBe('konnte nicht einen Sync starten')
    expect(wordsOf('somethingNew', false, 'en')).toBeUndefined()
  })
})
