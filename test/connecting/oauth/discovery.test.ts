import { describe, expect, it } from 'vitest'
import { type ProviderServer, startProvider } from '../../support/provider-server.ts'
import { openBrowser } from './browser.ts'
import { CLIENT, ERRORS, goThrough, oidcDefinition } from './oauth-fixture.ts'
import { type Answer, useScripted } from './scripted-provider.ts'

// Nothing is believed for longer than a moment, so that a test sees each reading.
const latchkey = useScripted({ issuerMetadata: { goodForMs: 0, failedForMs: 0 } })

const ALL = { authorization_response_iss_parameter_supported: true, code_challenge_methods_supported: ['S256'] }
let tenants = 0

/** An integration of an authorization server of its own, at a path, with the metadata that RFC 8414 puts there. */
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
  it('is not believed without it, in an answer that is good and in one that is a refusal (OA-09)', async () => {
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

  it('is not believed without it by completeOAuth either (OA-09)', async () => {
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

  it('is held to what it announced when the flow was begun, whatever it says when the answer comes (OA-09)', async () => {
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
  it('may be missing, and then announces nothing (OA-09)', async () => {
    for (const answer of [null, { status: 302, headers: { location: '/login' } }, { body: '<html>Shop</html>' }]) {
      latchkey.provider.metadataRequests.length = 0
      const { slug, start } = await integrate(answer)
      const end = await goThrough(latchkey.callbackOf(await start()))
      expect(end.searchParams.has('handle')).toBe(true)
      expect(tried()).toEqual([
        `/.well-known/oauth-authorization-server/${slug}`,
        `/${slug}/.well-known/openid-configuration`,
      ])
    }
  })

  it('is that of OpenID Connect where there is no other (OA-09)', async () => {
    const { slug, issuer, start } = await integrate(null)
    latchkey.provider.metadata = ({ url }) =>
      url.pathname === `/${slug}/.well-known/openid-configuration` ? { body: { issuer, ...ALL } } : { status: 404 }
    expect((await visit(latchkey.callbackOf(await start()))).status).toBe(400)
    expect(latchkey.provider.requests).toEqual([])
  })

  it('that cannot be read now is what it was when it last could be (OA-09)', async () => {
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

  it('that never could be read announces nothing (OA-09)', async () => {
    const gone = await startProvider(() => undefined)
    await gone.close()
    // The second is an address that no request goes to.
    for (const issuer of [gone.origin, 'https://169.254.169.254/as']) {
      const { start } = await integrate(null, { issuer })
      const end = await goThrough(latchkey.callbackOf(await start(), { iss: issuer }))
      expect(end.searchParams.has('handle')).toBe(true)
      expect((await visit(latchkey.callbackOf(await start(), { iss: `${issuer}/x` }))).status).toBe(400)
    }
  })

  it('of another issuer is refused, to the character, and says what to do (OA-38)', async () => {
    const { origin } = latchkey.provider
    for (const issuer of [`${origin}/as`, 'https://evil.example', 'no URL', '', 7, undefined]) {
      const { slug, start } = await integrate({ ...ALL, issuer })
      expect(await start(), String(issuer)).toMatchObject({
        code: 'PROVIDER',
        message: expect.stringMatching(
          new RegExp(`/${slug} names .*set the issuer in the definition.*or leave it out`),
        ),
      })
    }
    const { slug, issuer, start } = await integrate(null)
    for (const told of [`${issuer}/`, issuer.replace('http', 'HTTP'), issuer.replace(slug, slug.toUpperCase())]) {
      latchkey.provider.metadata = () => ({ body: { ...ALL, issuer: told } })
      const refusal = { code: 'PROVIDER', details: { retryable: false }, message: expect.stringContaining(told) }
      expect(await start(), told).toMatchObject(refusal)
    }
    latchkey.provider.metadata = () => ({ body: [issuer] })
    expect(await start()).toMatchObject({ code: 'PROVIDER', message: expect.stringContaining('names no issuer') })
  })

  it('moves no code, no secret and no token to another endpoint, however it changes (OA-38)', async () => {
    const evil: ProviderServer = await startProvider((_request, response) => void response.end('{}'))
    const { slug, issuer, start } = await integrate(ALL)
    const endpoint = `${latchkey.provider.origin}/token`
    const told = (at: string) => ({
      ...{ issuer, ...ALL, authorization_endpoint: `${at}/auth`, token_endpoint: `${at}/token` },
      ...{ revocation_endpoint: `${at}/revoke`, mtls_endpoint_aliases: { token_endpoint: `${at}/token` } },
    })
    latchkey.provider.metadata = () => ({ body: told(latchkey.provider.origin) })
    const first = await start()
    latchkey.provider.metadata = () => ({ body: told(evil.origin) })
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
    ['names plain alone', { code_challenge_methods_supported: ['plain'] }],
    ['names no method', { code_challenge_methods_supported: [] }],
    ['does not know it', {}],
  ])(
    'is flagged where the metadata %s: in the log once, and to whoever tests the integration (OA-07)',
    async (_, metadata) => {
      const { slug, issuer, start } = await integrate(metadata)
      for (const begun of [await start(), await start()]) expect(begun.authorizationUrl).toContain('code_challenge=')
      expect(warnings(issuer)).toHaveLength(1)
      expect(warnings(issuer)[0].msg).toContain('PKCE')
      const { ok, message } = await tryOut(slug)
      expect(ok).toBe(true)
      expect(message).toContain(`The metadata of ${issuer} does not announce PKCE by S256`)
    },
  )

  it('is not flagged where it is announced, where the definition does without, and where nothing is known (OA-07)', async () => {
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

  it('tells whoever tests the integration that no flow can begin', async () => {
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
  it('has nothing asked of anybody', async () => {
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
