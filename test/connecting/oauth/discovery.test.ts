import { describe, expect, it } from 'vitest'
import { type ProviderServer, startProvider } from '../../support/provider-server.ts'
import { openBrowser } from './browser.ts'
import { CLIENT, ERRORS, goThrough, oidcDefinition } from './oauth-fixture.ts'
import { type Answer, useScripted } from './scripted-provider.ts'

// Metadata is cached only for a moment, so that a test sees each request.
const latchkey = useScripted({ issuerMetadata: { goodForMs: 0, failedForMs: 0 } })

const ALL = { authorization_response_iss_parameter_supported: true, code_challenge_methods_supported: ['S256'] }
let tenants = 0

/** An integration with its own authorization server at a path, and metadata at the URL of RFC 8414. */
async function integrate(metadata: Answer | Record<string, unknown> | null, auth = {}) {
  tenants += 1
  const slug = `as-${tenants}`
  const issuer = `${latchkey.provider.origin}/${slug}`
  const wellKnown = `/.well-known/oauth-authorization-server/${slug}`
  latchkey.provider.metadata = ({ url }) => {
    if (url.pathname !== wellKnown || metadata === null) return { status: 404, body: 'Not here' }
    return 'status' in metadata || 'body' in metadata ? metadata : { body: { issuer, ...metadata } }
  }
  await latchkey.integrate(slug, { issuer, ...auth })
  return { slug, issuer, start: () => latchkey.start({ integration: slug }) }
}

const visit = (url: string) => openBrowser().visit(url)
const tried = () => latchkey.provider.metadataRequests.map(({ url }) => url.pathname)

describe('An authorization server that announces iss', () => {
  it('has its responses without iss rejected, also error responses (OA-09)', async () => {
    const { issuer, start } = await integrate(ALL)
    const bad: Record<string, string>[] = [{}, { error: 'access_denied' }, { iss: '' }, { iss: `${issuer}/` }]
    for (const answer of bad) {
      const refused = await visit(latchkey.callbackOf(await start(), answer))
      expect([refused.status, refused.headers.get('location')], JSON.stringify(answer)).toEqual([400, null])
    }
    expect(latchkey.provider.requests).toEqual([])
    const end = await goThrough(latchkey.callbackOf(await start(), { iss: issuer }))
    expect(end.searchParams.has('handle')).toBe(true)
    const no = await goThrough(latchkey.callbackOf(await start(), { iss: issuer, error: 'access_denied' }))
    expect(no.searchParams.get('error')).toBe('access_denied')
  })

  it('has its responses without iss rejected by completeOAuth (OA-09)', async () => {
    const { issuer, start } = await integrate(ALL)
    const stateOf = async () => new URL((await start()).authorizationUrl).searchParams.get('state')
    for (const iss of [undefined, '', `${issuer}/`, issuer.toUpperCase()]) {
      const answer = await latchkey.call('completeOAuth', { state: await stateOf(), code: 'c', iss })
      expect(answer, String(iss)).toMatchObject({ code: 'FORBIDDEN' })
    }
    expect(latchkey.provider.requests).toEqual([])
    const completed = await latchkey.call('completeOAuth', { state: await stateOf(), code: 'c', iss: issuer })
    expect(completed).toMatchObject({ connection: { status: 'ACTIVE' } })
  })

  it('is bound by the metadata at the start of the flow, not by that at the response (OA-09)', async () => {
    const { issuer, start } = await integrate(ALL)
    const strict = await start()
    latchkey.provider.metadata = () => ({ status: 404 })
    const lax = await start()
    expect((await visit(latchkey.callbackOf(strict))).status).toBe(400)
    latchkey.provider.metadata = () => ({ body: { issuer, ...ALL } })
    expect((await goThrough(latchkey.callbackOf(lax))).searchParams.has('handle')).toBe(true)
  })
})

describe('The metadata of an authorization server', () => {
  it('may be missing, so that nothing is announced (OA-09)', async () => {
    for (const answer of [null, { status: 302, headers: { location: '/login' } }, { body: '<html>Shop</html>' }]) {
      latchkey.provider.metadataRequests.length = 0
      const { slug, start } = await integrate(answer)
      const end = await goThrough(latchkey.callbackOf(await start()))
      expect(end.searchParams.has('handle')).toBe(true)
      expect(tried()).toEqual([
        `/.well-known/oauth-authorization-server/${slug}`,
        `/${slug}/.well-known/openid-configuration`,
        `/.well-known/openid-configuration/${slug}`,
      ])
    }
  })

  it('is read from the OpenID Connect document when there is no other (OA-09)', async () => {
    const { slug, issuer, start } = await integrate(null)
    latchkey.provider.metadata = ({ url }) =>
      url.pathname === `/${slug}/.well-known/openid-configuration` ? { body: { issuer, ...ALL } } : { status: 404 }
    expect((await visit(latchkey.callbackOf(await start()))).status).toBe(400)
    expect(latchkey.provider.requests).toEqual([])
  })

  it('that cannot be read now is replaced by the last known one (OA-09)', async () => {
    const { issuer, slug, start } = await integrate(ALL)
    await start()
    for (const answer of [{ status: 503, body: 'Down' }, { status: 429 }]) {
      latchkey.provider.metadata = () => answer
      expect((await visit(latchkey.callbackOf(await start()))).status).toBe(400)
      const end = await goThrough(latchkey.callbackOf(await start(), { iss: issuer }))
      expect(end.searchParams.has('handle')).toBe(true)
    }
    expect(tried()).toContain(`/.well-known/oauth-authorization-server/${slug}`)
  })

  it('that could never be read announces nothing (OA-09)', async () => {
    const gone = await startProvider(() => undefined)
    await gone.close()
    // The egress policy blocks the second address.
    for (const issuer of [gone.origin, 'https://169.254.169.254/as']) {
      const { start } = await integrate(null, { issuer })
      const end = await goThrough(latchkey.callbackOf(await start(), { iss: issuer }))
      expect(end.searchParams.has('handle')).toBe(true)
      expect((await visit(latchkey.callbackOf(await start(), { iss: `${issuer}/x` }))).status).toBe(400)
    }
  })

  it('must name exactly the same issuer, and the error says what to do (OA-38)', async () => {
    const { origin } = latchkey.provider
    for (const issuer of [`${origin}/as`, 'https://evil.example', 'no URL', '', 7, undefined]) {
      const { slug, start } = await integrate({ ...ALL, issuer })
      expect(await start(), String(issuer)).toMatchObject({
        code: 'PROVIDER',
        message: expect.stringMatching(new RegExp(`/${slug} names .*Set the issuer in the definition.*or remove it`)),
      })
    }
    const { slug, issuer, start } = await integrate(null)
    for (const named of [`${issuer}/`, issuer.replace('http', 'HTTP'), issuer.replace(slug, slug.toUpperCase())]) {
      latchkey.provider.metadata = () => ({ body: { ...ALL, issuer: named } })
      const refusal = { code: 'PROVIDER', details: { retryable: false }, message: expect.stringContaining(named) }
      expect(await start(), named).toMatchObject(refusal)
    }
    latchkey.provider.metadata = () => ({ body: [issuer] })
    expect(await start()).toMatchObject({ code: 'PROVIDER', message: expect.stringContaining('names no issuer') })
  })

  it('never changes where codes, secrets and tokens are sent (OA-38)', async () => {
    const evil: ProviderServer = await startProvider((_request, response) => void response.end('{}'))
    const { slug, issuer, start } = await integrate(ALL)
    const endpoint = `${latchkey.provider.origin}/token`
    const metadataAt = (at: string) => ({
      ...{ issuer, ...ALL, authorization_endpoint: `${at}/auth`, token_endpoint: `${at}/token` },
      ...{ revocation_endpoint: `${at}/revoke`, mtls_endpoint_aliases: { token_endpoint: `${at}/token` } },
    })
    latchkey.provider.metadata = () => ({ body: metadataAt(latchkey.provider.origin) })
    const first = await start()
    latchkey.provider.metadata = () => ({ body: metadataAt(evil.origin) })
    const second = await start()
    expect(tried().filter((path) => path.endsWith(slug))).toHaveLength(2)
    for (const begun of [first, second]) {
      expect(begun.authorizationUrl.startsWith(`${latchkey.provider.origin}/auth?`)).toBe(true)
      const end = await goThrough(latchkey.callbackOf(begun, { iss: issuer }))
      const { connection } = await latchkey.call('confirmConnection', { handle: end.searchParams.get('handle') })
      const renewed = await latchkey.app.mutate(
        `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${ERRORS}
          ... on RefreshConnectionPayload { refreshed } } }`,
        { connectionId: connection.id, force: true },
      )
      expect(renewed).toMatchObject({ refreshed: true })
    }
    const sent = latchkey.provider.tokenRequests().map(({ url }) => `${url.origin}${url.pathname}`)
    expect(sent).toEqual([endpoint, endpoint, endpoint, endpoint])
    expect(evil.requests).toEqual([])
    await evil.close()
  })
})

describe('PKCE', () => {
  const warnings = (issuer: string) =>
    latchkey.app.log.map((line) => JSON.parse(line)).filter((line) => line.level === 'warn' && line.issuer === issuer)

  it.each([
    ['names only plain', { code_challenge_methods_supported: ['plain'] }],
    ['names no method', { code_challenge_methods_supported: [] }],
    ['does not mention it', {}],
  ])('causes a warning when the metadata %s: once in the log, and in testIntegration (OA-07)', async (_, metadata) => {
    const { slug, issuer, start } = await integrate(metadata)
    for (const begun of [await start(), await start()]) expect(begun.authorizationUrl).toContain('code_challenge=')
    expect(warnings(issuer)).toHaveLength(1)
    expect(warnings(issuer)[0].msg).toContain('PKCE')
    const { ok, message } = await tryOut(slug)
    expect(ok).toBe(true)
    expect(message).toContain(`The metadata of ${issuer} does not announce PKCE with S256`)
  })

  it('causes no warning when it is announced, not used, or the metadata is unknown (OA-07)', async () => {
    const { slug, issuer, start } = await integrate(ALL)
    await start()
    const without = await integrate({}, { pkce: 'none' })
    await without.start()
    const silent = await integrate(null)
    await silent.start()
    expect([issuer, without.issuer, silent.issuer].flatMap(warnings)).toEqual([])
    latchkey.provider.metadata = () => ({ body: { issuer, ...ALL } })
    expect((await tryOut(slug)).message).not.toContain('PKCE')
  })

  it('testIntegration reports metadata that prevents flows', async () => {
    const { slug } = await integrate({ issuer: 'https://other.example' })
    expect((await tryOut(slug)).message).toContain('names the issuer https://other.example')
  })

  async function tryOut(slug: string): Promise<{ ok: boolean; message: string }> {
    const { result } = await latchkey.app.mutate(
      `mutation ($input: TestIntegrationInput!) { testIntegration(input: $input) { ${ERRORS}
        ... on TestIntegrationPayload { result { ok message } } } }`,
      {
        workspaceId: latchkey.workspace.id,
        integration: slug,
        credential: { oauthToken: { accessToken: 'an-access-token-of-mine' } },
      },
    )
    return result
  }
})

describe('A definition without an issuer', () => {
  it('sends no metadata request', async () => {
    const { issuer: _issuer, ...auth } = oidcDefinition(latchkey.provider.origin).auth
    const definition = { ...oidcDefinition(latchkey.provider.origin), auth }
    tenants += 1
    const integration = `without-${tenants}`
    await latchkey.createIntegration(integration, definition, CLIENT)
    const end = await goThrough(latchkey.callbackOf(await latchkey.start({ integration })))
    expect(end.searchParams.has('handle')).toBe(true)
    expect(tried()).toEqual([])
  })
})
