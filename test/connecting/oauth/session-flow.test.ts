import { describe, expect, it } from 'vitest'
import { startOidcIssuer } from '../../support/oidc-issuer.ts'
import { form, guardOf, openBrowser, takeLink } from './browser.ts'
import { connectSessions } from './connect-sessions.ts'
import { ERRORS, goThrough } from './oauth-fixture.ts'
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
      "SELECT 1 FROM pending_credential p JOIN oauth_flow f ON f.connection_id = p.connection_id AND f.outcome IS NOT NULL WHERE f.outcome->>'status' = 'FAILED'",
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
    await latchkey.app.mutate(
      `mutation ($input: CreateOidcIssuerInput!) { createOidcIssuer(input: $input) { ${ERRORS} } }`,
      {
        workspaceId: latchkey.workspace.id,
        issuer: issuer.issuer,
        audience: 'latchkey',
        jwksUrl: issuer.jwksUrl,
        createEndUsers: true,
      },
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
