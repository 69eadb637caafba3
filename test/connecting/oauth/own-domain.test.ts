import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { freePort } from '../../support/listening.ts'
import { type Nginx, startReverseProxy } from '../../support/nginx.ts'
import { type OidcServer, startOidcServer, testClient } from '../../support/oidc-server.ts'
import { hasNginx } from '../../support/services.ts'
import { openBrowser, takeLink } from './browser.ts'
import { connectSessions } from './connect-sessions.ts'
import { CLIENT, type OAuthFixture, oidcDefinition, RETURN_URL, startOAuthFixture } from './oauth-fixture.ts'

const PRODUCT = 'https://product.example/'

describe.skipIf(!(await hasNginx()))('A product on its own domain', () => {
  let latchkey: OAuthFixture
  let domain: string
  let product: Nginx
  let provider: OidcServer
  let ownCallback: string
  beforeAll(async () => {
    const [port, providerPort] = [await freePort(), await freePort()]
    domain = `http://127.0.0.1:${port}`
    latchkey = await startOAuthFixture({ config: { publicUrl: domain } })
    const { url } = latchkey.app
    const definition = oidcDefinition(`http://127.0.0.1:${providerPort}`)
    const plain = await latchkey.createIntegration('oidc', definition)
    ownCallback = `${domain}/settings/connected`
    const own = await latchkey.createIntegration('own', definition, { ...CLIENT, redirectUrl: ownCallback })
    product = await startReverseProxy(port, {
      '/oauth/callback/': url,
      '/connect/': url,
      '/settings/connected': `${url}/oauth/callback/${decodeGlobalId('Integration', own.id)}`,
    })
    const redirect_uris = [plain.callbackUrl, ownCallback]
    provider = await startOidcServer({ port: providerPort, clients: [{ ...testClient, redirect_uris }] })
  })
  afterAll(async () => {
    await provider[Symbol.asyncDispose]()
    await product.stop()
    await latchkey.stop()
  })

  const statusOf = async (id: string) => {
    const { data } = await latchkey.app.request('query ($id: ID!) { node(id: $id) { ... on Connection { status } } }', {
      id,
    })
    return data.node.status
  }

  it.each([
    ['forwards our callback', 'oidc', '/oauth/callback/'],
    ['forwards a callback URL of its own', 'own', '/settings/connected'],
  ])('connects when it %s', async (_, integration, path) => {
    const begun = await latchkey.start({ integration, endUserExternalId: 'ada' })
    const redirectUri = new URL(begun.authorizationUrl).searchParams.get('redirect_uri') ?? ''
    expect(redirectUri.startsWith(`${domain}${path}`)).toBe(true)
    const browser = openBrowser()
    const end = await browser.follow(begun.authorizationUrl, PRODUCT)
    const hosts = new Set(browser.visited.map((url) => new URL(url).origin))
    expect(hosts).toEqual(new Set([domain, provider.issuer]))
    expect(end.href.startsWith(RETURN_URL)).toBe(true)
    expect(await statusOf(begun.connection.id)).toBe('PENDING')
    const handle = end.searchParams.get('handle')
    const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'ada' })
    expect(confirmed.connection).toMatchObject({ id: begun.connection.id, status: 'ACTIVE' })
    expect(provider.tokenErrors).toEqual([])
  })

  it('rejects a response of another integration at its own callback URL', async () => {
    const begun = await latchkey.start({ integration: 'oidc' })
    const callback = await openBrowser().follow(begun.authorizationUrl, `${domain}/oauth/callback/`)
    const before = provider.tokenCalls
    expect((await openBrowser().visit(`${ownCallback}${callback.search}`)).status).toBe(400)
    expect(provider.tokenCalls).toBe(before)
  })

  it('connects on the hosted page with its cookie', async () => {
    const created = await connectSessions(latchkey).createSession()
    expect(created.connectUrl.startsWith(`${domain}/connect/`)).toBe(true)
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const end = await browser.follow(authorizationUrl, PRODUCT)
    expect(browser.visited.some((url) => url.startsWith(latchkey.app.url))).toBe(false)
    const handle = end.searchParams.get('handle')
    const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'ada' })
    expect(confirmed).toMatchObject({ connection: { status: 'ACTIVE' } })
  })
})
