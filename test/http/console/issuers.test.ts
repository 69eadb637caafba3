import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { checkToken } from '../../../packages/console/src/pages/issuers/token.ts'
import type { TestApp } from '../../support/app.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../../support/oidc-issuer.ts'
import { hasChromium } from '../../support/services.ts'
import { type ConsoleBrowser, CREATE_KEY, openConsole } from './console-browser.ts'

const CREATE_ISSUER = `mutation ($input: CreateOidcIssuerInput!) { createOidcIssuer(input: $input) { __typename
  ... on CreateOidcIssuerPayload { oidcIssuer { id } } ... on Error { message } } }`
const AUDIENCE = 'https://api.example.com'

describe.skipIf(!(await hasChromium()))('The OIDC issuers of the console', { timeout: 120_000 }, () => {
  let browser: ConsoleBrowser
  let app: TestApp
  let idp: OidcIssuerServer
  let { signIn } = {} as ConsoleBrowser

  beforeAll(async () => {
    browser = await openConsole()
    ;({ app, signIn } = browser)
    idp = await startOidcIssuer()
  })
  afterEach(() => browser.closePages())
  afterAll(async () => {
    await idp.close()
    await browser.close()
  })

  it('creates an issuer, says what is wrong with a token, verifies it with another, and takes that back by an edit', async () => {
    const workspace = await app.createWorkspace('Issuers')
    const page = await signIn(workspace.key, `/w/${workspace.slug}/issuers`)
    await page.getByText('No OIDC issuers').waitFor()
    await page.getByRole('button', { name: 'New issuer' }).click()
    await page.getByLabel('Issuer (iss)').fill(idp.issuer)
    await page.getByLabel('Audience (aud)').fill(AUDIENCE)
    await page.getByLabel('Create end users that do not exist yet').check()
    await page.getByRole('button', { name: 'Create issuer' }).click()
    await page.getByText('Not verified', { exact: true }).waitFor()

    const token = page.getByLabel('Token', { exact: true })
    await token.fill('not a token')
    await page.getByText('This is not a JWT').waitFor()
    await token.fill(await idp.sign({ sub: 'ada', aud: 'https://other.example' }))
    await page.getByText(`expected: ${AUDIENCE}`).waitFor()
    await page.getByRole('button', { name: 'Verify', exact: true }).click()
    await page.getByText('The claim "aud" does not contain the audience.').waitFor()
    await token.fill(await idp.sign({ sub: 'ada', aud: AUDIENCE }))
    await page.getByText('Requests with this token act for the end user ada.').waitFor()
    await page.getByRole('button', { name: 'Verify', exact: true }).click()
    await page.getByText('Requests with its tokens need not name the workspace.').waitFor()

    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Audience (aud)').fill('https://api.example.org')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Not verified', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByText('The end users and their connections stay.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No OIDC issuers').waitFor()
  })

  it('lets an operator approve an issuer, and says to others that they cannot', async () => {
    const workspace = await app.createWorkspace('Approving')
    const input = { workspaceId: workspace.id, issuer: 'https://login.example.com', audience: AUDIENCE }
    const { oidcIssuer } = await app.mutate(CREATE_ISSUER, input)
    const path = `/w/${workspace.slug}/issuers/${oidcIssuer.id}`
    const page = await signIn(workspace.key, path)
    const button = page.getByRole('button', { name: 'Approve' })
    expect(await button.getAttribute('title')).toBe('Only an operator can approve an issuer.')
    const operating = await signIn(app.operatorKey, path)
    await operating.getByRole('button', { name: 'Approve' }).click()
    await operating.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await operating.getByText('Verified', { exact: true }).waitFor()
    // The page of somebody else shows it too.
    await page.getByText('Verified', { exact: true }).waitFor()
    const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: 'reader', role: 'READER' })
    const reading = await signIn(key, `/w/${workspace.slug}/issuers`)
    await reading.getByText('Your role cannot see this').waitFor()
  })

  it('is accessible and fits every width', async () => {
    const workspace = await app.createWorkspace('Accessible')
    const { oidcIssuer } = await app.mutate(CREATE_ISSUER, {
      workspaceId: workspace.id,
      issuer: 'https://login.a-rather-long-name-of-an-identity-provider.eu-central-1.example.com/realms/production',
      audience: AUDIENCE,
      workspaceClaim: 'https://claims.example.com/the-workspace-of-the-customer',
    })
    const { id } = oidcIssuer
    await browser.expectAccessible(workspace, ['/issuers', '/issuers/new', `/issuers/${id}`, `/issuers/${id}/edit`])
  })
})

describe('checkToken', () => {
  const issuer = {
    issuer: 'https://login.example.com',
    audience: AUDIENCE,
    endUserClaim: 'user.id',
    workspaceClaim: 'https://example.com/workspace',
    allowedAlgorithms: ['RS256' as const],
  }
  const claims = {
    iss: issuer.issuer,
    aud: ['other', AUDIENCE],
    exp: 2_000_000_000,
    user: { id: 'Zoë' },
    'https://example.com/workspace': 'acme',
  }
  const now = 1_900_000_000_000
  const tokenOf = (changes: object, header: object = { alg: 'RS256' }) =>
    [header, { ...claims, ...changes }, 'signature']
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
  const failing = (token: string) =>
    checkToken(token, issuer, 'acme', now)
      ?.checks.filter(({ ok }) => !ok)
      .map(({ claim }) => claim)

  it('reads nested claims, claims with the name of a URI, and text beyond ASCII', () => {
    const checked = checkToken(tokenOf({}), issuer, 'acme', now)
    expect(checked?.checks.every(({ ok }) => ok)).toBe(true)
    expect(checked?.endUser).toBe('Zoë')
    expect(checked?.expiresAt).toEqual(new Date(2_000_000_000_000))
  })

  it('names each claim that the issuer would refuse', () => {
    expect(failing(tokenOf({ iss: `${issuer.issuer}/` }))).toEqual(['iss'])
    expect(failing(tokenOf({ aud: 'other' }))).toEqual(['aud'])
    expect(failing(tokenOf({ exp: 1_800_000_000 }))).toEqual(['exp'])
    expect(failing(tokenOf({ exp: undefined }))).toEqual(['exp'])
    expect(failing(tokenOf({}, { alg: 'HS256' }))).toEqual(['alg'])
    expect(failing(tokenOf({ user: 'Zoë' }))).toEqual(['user.id'])
    expect(failing(tokenOf({ 'https://example.com/workspace': 'other' }))).toEqual(['https://example.com/workspace'])
  })

  it('is null for a text that is no JWT', () => {
    for (const text of ['', 'lk_key', 'a.b', 'a.b.c', `${tokenOf({})}.more`]) {
      expect(checkToken(text, issuer, 'acme', now)).toBeNull()
    }
  })
})
