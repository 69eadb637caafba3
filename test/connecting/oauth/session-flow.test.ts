import { describe, expect, it } from 'vitest'
import { decodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { TEXTS } from '../../../src/http/connect-page/texts.ts'
import { startOidcIssuer } from '../../support/oidc-issuer.ts'
import { form, guardOf, openBrowser, takeLink } from './browser.ts'
import { connectSessions } from './connect-sessions.ts'
import { ERRORS, goThrough, oidcDefinition } from './oauth-fixture.ts'
import { TOKENS, useScripted } from './scripted-provider.ts'

const latchkey = useScripted()

const { createSession, sessionOf } = connectSessions(latchkey)

describe('A flow of a connect session', () => {
  it('ends on the page of the session, which sends the browser to the product with the handle', async () => {
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const callback = await browser.visit(latchkey.callbackOf({ authorizationUrl }))
    expect(callback.status).toBe(303)
    const finish = callback.headers.get('location') ?? ''
    expect(finish).toMatch(/\/connect\/finish\/[0-9a-f-]{36}$/)
    expect(await sessionOf(created)).toMatchObject({
      status: 'AWAITING_CONFIRMATION',
      connection: { status: 'PENDING' },
    })
    expect((await openBrowser().visit(finish)).headers.get('location')).toBeNull()
    const end = await browser.follow(finish, 'https://product.example/')
    const handle = end.searchParams.get('handle')
    const stranger = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'bob' })
    expect(stranger).toMatchObject({ code: 'SCOPE_MISMATCH' })
    const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'ada' })
    expect(confirmed).toMatchObject({ connection: { status: 'ACTIVE', endUser: { externalId: 'ada' } } })
    expect(await sessionOf(created)).toMatchObject({ status: 'COMPLETED', connection: { status: 'ACTIVE' } })
  })

  it('rejects a response in another browser and requests no token (OA-01)', async () => {
    const created = await createSession()
    const authorizationUrl = await takeLink(openBrowser(), created.connectUrl)
    const victim = await openBrowser().visit(latchkey.callbackOf({ authorizationUrl }))
    expect(victim.status).toBe(403)
    expect(victim.headers.get('location')).toBeNull()
    expect(latchkey.provider.requests).toEqual([])
    expect(await sessionOf(created)).toMatchObject({ status: 'FAILED', error: { code: 'FORBIDDEN' }, connection: null })
  })

  it('accepts a posted response, with which the browser sends no cookies, in the browser that started', async () => {
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const callback = new URL(
      latchkey.callbackOf({ authorizationUrl }, { code: 'a-code-canary', user: '{"name":"Ada"}' }),
    )
    const post = () =>
      openBrowser().visit(callback.origin + callback.pathname, form(Object.fromEntries(callback.searchParams)))
    const [first, second] = [await post(), await post()]
    expect([first.status, second.status]).toEqual([303, 400])
    const next = first.headers.get('location') ?? ''
    expect(next).toMatch(/\/oauth\/posted\/[\w-]{43}$/)
    expect(latchkey.provider.requests).toEqual([])
    expect((await browser.visit(next, { method: 'HEAD' })).status).toBe(405)
    // The address of a page that offers to try again has the same form, but the two cannot be exchanged.
    expect((await browser.visit(next.replace('/posted/', '/retry/'))).status).toBe(404)
    const stored = await latchkey.app.database.sql.query('SELECT f::text FROM oauth_flow f')
    expect(JSON.stringify(stored)).not.toContain('a-code-canary')
    const answers = await Promise.all(Array.from({ length: 4 }, () => browser.visit(next)))
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400])
    expect(latchkey.provider.tokenRequests()).toHaveLength(1)
    expect(await sessionOf(created)).toMatchObject({ status: 'AWAITING_CONFIRMATION' })
    expect(latchkey.app.log.join('')).not.toContain('a-code-canary')
  })

  it('rejects a posted response in another browser and requests no token (OA-01)', async () => {
    const created = await createSession()
    const authorizationUrl = await takeLink(openBrowser(), created.connectUrl)
    const callback = new URL(latchkey.callbackOf({ authorizationUrl }))
    const victim = openBrowser()
    const held = await victim.visit(
      callback.origin + callback.pathname,
      form(Object.fromEntries(callback.searchParams)),
    )
    expect((await victim.visit(held.headers.get('location') ?? '')).status).toBe(403)
    expect(latchkey.provider.requests).toEqual([])
    expect(await sessionOf(created)).toMatchObject({ status: 'FAILED', error: { code: 'FORBIDDEN' }, connection: null })
  })

  it('offers to try again when the provider is unavailable after a posted response', async () => {
    latchkey.provider.token = () => ({ status: 503, body: 'Down' })
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const callback = new URL(latchkey.callbackOf({ authorizationUrl }))
    const held = await browser.visit(
      callback.origin + callback.pathname,
      form(Object.fromEntries(callback.searchParams)),
    )
    const retry = held.headers.get('location') ?? ''
    expect(retry).toContain('/oauth/retry/')
    latchkey.provider.token = () => ({ body: TOKENS })
    const again = await browser.visit(retry, form({ guard: await guardOf(browser, retry), action: 'again' }))
    expect(again.headers.get('location')).toContain('/connect/finish/')
    expect(await sessionOf(created)).toMatchObject({ status: 'AWAITING_CONFIRMATION' })
  })

  it('goes on after an administrator’s consent, which contains no code', async () => {
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const answer = { code: '', admin_consent: 'True', tenant: 'a-tenant' }
    const callback = await browser.visit(latchkey.callbackOf({ authorizationUrl }, answer))
    const next = callback.headers.get('location') ?? ''
    expect(next).toMatch(/\/connect\/choose\/[0-9a-f-]{36}\?notice=admin_consent$/)
    expect(await sessionOf(created)).toMatchObject({ status: 'CONNECTING', error: null })
    for (const language of ['en', 'de'] as const) {
      const page = await browser.visit(next, { headers: { 'accept-language': language } })
      expect(await page.text()).toContain(TEXTS[language].notices['admin_consent'])
    }
    const again = await takeLink(browser, next)
    await browser.visit(latchkey.callbackOf({ authorizationUrl: again }))
    expect(await sessionOf(created)).toMatchObject({ status: 'AWAITING_CONFIRMATION' })
    const connections = await latchkey.app.database.sql.query(
      `SELECT 1 FROM oauth_flow f JOIN connect_session s ON s.id = f.connect_session_id
       WHERE s.id = $1::uuid GROUP BY f.connection_id`,
      [decodeGlobalId('ConnectSession', created.session.id)],
    )
    expect(connections).toHaveLength(1)
  })

  it('uses the method that the user chose when several have a consent page', async () => {
    const { origin } = latchkey.provider
    const consent = (path: string) => ({
      ...(oidcDefinition(origin).auth as object),
      issuer: undefined,
      authorizationUrl: `${origin}/${path}`,
      tokenUrl: `${origin}/token/${path}`,
    })
    const options = [
      { key: 'key', label: 'A key', auth: { type: 'bearer' } },
      { key: 'eu', label: 'Europe', auth: consent('eu') },
      { key: 'us', label: 'America', auth: consent('us') },
    ]
    await latchkey.createIntegration('regions', { ...oidcDefinition(origin), auth: { type: 'selective', options } })
    latchkey.provider.api = () => ({ body: TOKENS })
    for (const method of ['us', 'eu']) {
      latchkey.provider.requests.length = 0
      const created = await createSession({ integrations: ['regions'] })
      const browser = openBrowser()
      const methods = await takeLink(browser, created.connectUrl)
      const chosen = await browser.visit(methods, form({ guard: await guardOf(browser, methods), method }))
      const authorizationUrl = chosen.headers.get('location') ?? ''
      expect(authorizationUrl).toContain(`${origin}/${method}?`)
      const callback = await browser.visit(latchkey.callbackOf({ authorizationUrl }))
      const end = await browser.follow(callback.headers.get('location') ?? '', 'https://product.example/')
      expect(latchkey.provider.requests.map(({ url }) => url.pathname)).toEqual([`/token/${method}`])
      const handle = end.searchParams.get('handle')
      expect(await latchkey.call('confirmConnection', { handle, endUserExternalId: 'ada' })).toMatchObject({
        connection: { status: 'ACTIVE', method: 'OAUTH' },
      })
    }
  })

  it('rejects the response of another session in this browser (OA-11)', async () => {
    const [mine, theirs] = [await createSession(), await createSession({ endUserExternalId: 'mallory' })]
    const [browser, attacker] = [openBrowser(), openBrowser()]
    await takeLink(browser, mine.connectUrl)
    const attackers = await takeLink(attacker, theirs.connectUrl)
    const injected = await browser.visit(
      latchkey.callbackOf({ authorizationUrl: attackers }, { code: 'of-the-attacker' }),
    )
    expect(injected.status).toBe(403)
    expect(latchkey.provider.requests).toEqual([])
    expect(await sessionOf(mine)).toMatchObject({ status: 'CONNECTING' })
  })

  it('fails with the message of the provider', async () => {
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    await browser.visit(
      latchkey.callbackOf({ authorizationUrl }, { error: 'access_denied', error_description: 'Not me' }),
    )
    expect(await sessionOf(created)).toMatchObject({
      status: 'FAILED',
      error: { code: 'PROVIDER', providerError: 'access_denied', providerErrorDescription: 'Not me' },
    })
  })

  it.each([
    ['an unusable token response', {}, { body: '<html>Maintenance</html>' }],
    ['a rejected code', {}, { status: 400, body: { error: 'invalid_grant' } }],
    ['a declined consent without a description', { error: 'access_denied' }, { body: TOKENS }],
  ])('returns the same error to the product as startOAuth: %s', async (_, answer, token) => {
    latchkey.provider.token = () => token
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const callback = await browser.visit(latchkey.callbackOf({ authorizationUrl }, answer))
    const page = await (await browser.visit(callback.headers.get('location') ?? '')).text()
    const link = /href="(https:\/\/product\.example[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
    const plain = await openBrowser().visit(latchkey.callbackOf(await latchkey.start(), answer))
    expect(plain.headers.get('location')).toContain('error=')
    expect(link).toBe(plain.headers.get('location'))
  })

  it('can be retried after the provider was unavailable, by its own browser only', async () => {
    latchkey.provider.token = () => ({ status: 503, body: 'Down' })
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const callback = await browser.visit(latchkey.callbackOf({ authorizationUrl }))
    const retry = callback.headers.get('location') ?? ''
    expect(retry).toContain('/oauth/retry/')
    expect(await sessionOf(created)).toMatchObject({ status: 'CONNECTING' })
    latchkey.provider.token = () => ({ body: TOKENS })
    latchkey.provider.requests.length = 0
    const stranger = openBrowser()
    expect((await stranger.visit(retry, form({ guard: await guardOf(stranger, retry), action: 'again' }))).status).toBe(
      403,
    )
    expect(latchkey.provider.requests).toEqual([])
    const again = await browser.visit(retry, form({ guard: await guardOf(browser, retry), action: 'again' }))
    expect(again.headers.get('location')).toContain('/connect/finish/')
    expect(await sessionOf(created)).toMatchObject({ status: 'AWAITING_CONFIRMATION' })
  })

  it('connects nothing once the session was revoked', async () => {
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    await latchkey.app.mutate(
      'mutation ($input: RevokeConnectSessionInput!) { revokeConnectSession(input: $input) { __typename } }',
      { sessionId: created.session.id },
    )
    await browser.visit(latchkey.callbackOf({ authorizationUrl }))
    expect(await sessionOf(created)).toMatchObject({ status: 'REVOKED', connection: null })
    const rows = await latchkey.app.database.sql.query(
      `SELECT 1 FROM pending_credential p JOIN oauth_flow f ON f.connection_id = p.connection_id
       WHERE f.connect_session_id = $1::uuid`,
      [decodeGlobalId('ConnectSession', created.session.id)],
    )
    expect(rows).toEqual([])
  })

  it('activates the connection at once when no confirmation is required', async () => {
    await latchkey.app.mutate(
      'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename } }',
      { workspaceId: latchkey.workspace.id, confirmation: 'NONE' },
    )
    const created = await createSession({ confirmation: 'NONE' })
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const callback = await browser.visit(latchkey.callbackOf({ authorizationUrl }))
    expect(await sessionOf(created)).toMatchObject({ status: 'COMPLETED', connection: { status: 'ACTIVE' } })
    const end = await browser.follow(callback.headers.get('location') ?? '', 'https://product.example/')
    expect(end.searchParams.has('handle')).toBe(false)
  })
})

describe('An end user of an OIDC issuer', () => {
  it('can start a flow only for themselves and cannot confirm', async () => {
    await using issuer = Object.assign(await startOidcIssuer(), {
      async [Symbol.asyncDispose]() {
        await issuer.close()
      },
    })
    const { oidcIssuer } = await latchkey.app.mutate(
      `mutation ($input: CreateOidcIssuerInput!) { createOidcIssuer(input: $input) { ${ERRORS}
        ... on CreateOidcIssuerPayload { oidcIssuer { id } } } }`,
      {
        workspaceId: latchkey.workspace.id,
        issuer: issuer.issuer,
        audience: 'latchkey',
        jwksUrl: issuer.jwksUrl,
        createEndUsers: true,
      },
    )
    await latchkey.app.mutate(
      `mutation ($input: ApproveOidcIssuerInput!) { approveOidcIssuer(input: $input) { ${ERRORS} } }`,
      { oidcIssuerId: oidcIssuer.id },
    )
    const token = await issuer.sign({ sub: 'grace', aud: 'latchkey' })
    const begun = await latchkey.start({}, token)
    expect(begun).toMatchObject({ connection: { status: 'PENDING', endUser: { externalId: 'grace' } } })
    expect(await latchkey.start({ endUserExternalId: 'ada' }, token)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await latchkey.start({ collection: 'crm' }, token)).toMatchObject({ code: 'FORBIDDEN' })
    const { connection } = await latchkey.start({ endUserExternalId: 'ada' })
    expect(await latchkey.start({ connectionId: connection.id }, token)).toMatchObject({ code: 'NOT_FOUND' })
    const state = new URL(begun.authorizationUrl).searchParams.get('state')
    const backend = { code: 'FORBIDDEN', message: expect.stringContaining("the product's backend") }
    expect(await latchkey.call('completeOAuth', { state, code: 'c' }, token)).toMatchObject(backend)
    const end = await goThrough(latchkey.callbackOf(begun))
    const handle = end.searchParams.get('handle')
    expect(await latchkey.call('confirmConnection', { handle }, token)).toMatchObject(backend)
    const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'grace' })
    expect(confirmed).toMatchObject({ connection: { status: 'ACTIVE' } })
  })
})
