import { createHmac, generateKeyPairSync } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { encodeGlobalId, parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { form, guardOf, openBrowser } from './browser.ts'
import { allowReturn, CLIENT, ERRORS, goThrough, oidcDefinition, RETURN_URL } from './oauth-fixture.ts'
import { type Answer, TOKENS, useScripted } from './scripted-provider.ts'

const latchkey = useScripted()

/** The result for a response of the token endpoint: the connection, or the parameters of the return URL. */
async function connect(input: Record<string, unknown> = {}, params: Record<string, string> = {}) {
  const end = await goThrough(latchkey.callbackOf(await latchkey.start(input), params))
  const handle = end.searchParams.get('handle')
  if (handle === null) return Object.fromEntries(end.searchParams)
  return (await latchkey.call('confirmConnection', { handle })).connection
}

describe('A token endpoint', () => {
  const good: Record<string, Answer> = {
    'responds with 201': { status: 201, body: TOKENS },
    'responds with a form': {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        access_token: TOKENS.access_token,
        expires_in: '3600',
        scope: 'api:read',
      }).toString(),
    },
    'returns no token_type': { body: { access_token: TOKENS.access_token } },
    'returns the scopes as a list': { body: { ...TOKENS, scope: ['api:read', 'x'] } },
    'sends JSON with the content type of a page': { body: JSON.stringify(TOKENS) },
    'returns the expiry as a string': { body: { ...TOKENS, expires_in: '3600' } },
  }
  for (const [what, answer] of Object.entries(good)) {
    it(`is accepted when it ${what}`, async () => {
      latchkey.provider.token = () => answer
      expect(await connect()).toMatchObject({ status: 'ACTIVE', credential: { version: 1 } })
    })
  }

  const bad: Record<string, Answer & { error: string }> = {
    'responds with a page': { body: '<html>Maintenance</html>', error: 'invalid_token_response' },
    'responds 200 with an error': { body: { error: 'something' }, error: 'invalid_token_response' },
    'responds 200 with ok: false': { body: { ok: false, error: 'something' }, error: 'invalid_token_response' },
    'responds 200 and rejects the code': { body: { error: 'bad_verification_code' }, error: 'code_rejected' },
    'responds with ok: false and rejects the code': {
      body: { ok: false, error: 'invalid_code' },
      error: 'code_rejected',
    },
    'responds with a list': { body: [TOKENS], error: 'invalid_token_response' },
    'returns a MAC token': { body: { ...TOKENS, token_type: 'mac' }, error: 'invalid_token_response' },
    'redirects to another host': {
      status: 307,
      headers: { location: 'http://localhost:1/steal' },
      body: {},
      error: 'invalid_token_response',
    },
    'responds with 10 MB': { body: { ...TOKENS, x: 'x'.repeat(10_000_000) }, error: 'invalid_token_response' },
    'rejects the client': { status: 401, body: { error: 'invalid_client' }, error: 'invalid_client' },
    'rejects the code': { status: 400, body: { error: 'invalid_grant' }, error: 'code_rejected' },
  }
  for (const [what, { error, ...answer }] of Object.entries(bad)) {
    it(`connects nothing when it ${what} (OA-32)`, async () => {
      latchkey.provider.token = () => answer
      expect(await connect()).toMatchObject({ error })
      expect(latchkey.provider.tokenRequests()).toHaveLength(1)
    })
  }

  it('that sends a gzip bomb connects nothing (OA-32)', async () => {
    latchkey.provider.token = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(gzipSync(JSON.stringify({ ...TOKENS, x: 'x'.repeat(50_000_000) })))
      return undefined
    }
    expect(await connect()).toMatchObject({ error: 'invalid_token_response' })
  })

  it('that repeats our secrets, in any encoding, does not get them into messages (OA-30)', async () => {
    latchkey.provider.token = ({ body }) => {
      const {
        code = '',
        client_secret: secret = '',
        code_verifier: verifier = '',
      } = Object.fromEntries(new URLSearchParams(body))
      const base64 = Buffer.from(secret).toString('base64')
      return {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description: `${code} ${secret} ${base64} ${encodeURIComponent(verifier)} ${'y'.repeat(900)}`,
        },
      }
    }
    const { error_description: words = '' } = await connect({}, { code: 'the/code+of=it' })
    const [request] = latchkey.provider.tokenRequests()
    const sent = Object.fromEntries(new URLSearchParams(request?.body))
    for (const secret of [
      sent['code'],
      sent['client_secret'],
      sent['code_verifier'],
      Buffer.from(CLIENT.clientSecret).toString('base64'),
    ]) {
      expect(words).not.toContain(secret)
    }
    expect(words).toContain('[redacted]')
    expect(words.length).toBeLessThanOrEqual(500)
  })

  it('receives client id and secret form-encoded in the header, if the definition says so (OA-33)', async () => {
    const clientSecret = 'a:b%c+d é'
    await latchkey.createIntegration(
      'basic',
      oidcDefinition(latchkey.provider.origin, { clientAuth: 'client_secret_basic' }),
      { clientId: 'an id', clientSecret },
    )
    expect(await connect({ integration: 'basic' })).toMatchObject({ status: 'ACTIVE' })
    const [request] = latchkey.provider.tokenRequests()
    const [, credentials = ''] = request?.headers.authorization?.split(' ') ?? []
    expect(Buffer.from(credentials, 'base64').toString()).toBe('an+id:a%3Ab%25c%2Bd+%C3%A9')
    expect(request?.body).not.toContain('client_secret')
    expect(request?.url.search).toBe('')
  })

  it('receives an assertion whose only audience is the issuer (OA-34)', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const issuer = `${latchkey.provider.origin}/signed`
    await latchkey.createIntegration(
      'assertion',
      oidcDefinition(latchkey.provider.origin, { clientAuth: 'private_key_jwt', clientKey: { alg: 'ES256' }, issuer }),
      { clientId: 'signer', clientSecret: privateKey.export({ type: 'pkcs8', format: 'pem' }) },
    )
    expect(await connect({ integration: 'assertion' })).toMatchObject({ status: 'ACTIVE' })
    const sent = new URLSearchParams(latchkey.provider.tokenRequests()[0]?.body)
    expect(decodeJwt(sent.get('client_assertion') ?? '').aud).toBe(issuer)
  })

  it('that is briefly unavailable is asked again without the user', async () => {
    let calls = 0
    latchkey.provider.token = () => {
      calls += 1
      return calls < 3 ? { status: 503, body: 'Down for a moment' } : { body: TOKENS }
    }
    expect(await connect()).toMatchObject({ status: 'ACTIVE' })
    expect(calls).toBe(3)
  })

  it('that stays unavailable leads to a page where the user retries without consenting again', async () => {
    latchkey.provider.token = () => ({ status: 503, body: 'Down' })
    const browser = openBrowser()
    const begun = await latchkey.start()
    const callback = await browser.visit(latchkey.callbackOf(begun))
    expect(callback.status).toBe(303)
    const location = callback.headers.get('location') ?? ''
    expect(location).toMatch(/\/oauth\/retry\/[\w-]{43}$/)
    const page = await browser.visit(location)
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https://product.example")
    const html = await page.text()
    expect(html).toContain('does not answer')
    expect(html, 'the name of the product that the person comes from').toContain('given Acme your consent')
    const guard = await guardOf(browser, location)
    const post = (url: string, fields: Record<string, string>) => browser.visit(url, form(fields))
    const foreign = await openBrowser().visit(location, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' },
      body: 'action=again',
    })
    expect(foreign.status).toBe(403)
    const still = await post(location, { guard, action: 'again' })
    const next = still.headers.get('location') ?? ''
    expect(next).toMatch(/\/oauth\/retry\/[\w-]{43}$/)
    expect(next).not.toBe(location)
    latchkey.provider.token = () => ({ body: TOKENS })
    const done = await post(next, { guard, action: 'again' })
    expect(done.status).toBe(303)
    const handle = new URL(done.headers.get('location') ?? '').searchParams.get('handle')
    expect(await latchkey.call('confirmConnection', { handle })).toMatchObject({
      connection: { id: begun.connection.id, status: 'ACTIVE' },
    })
    expect((await browser.visit(next)).status).toBe(404)
    expect((await post(location, { guard, action: 'again' })).status).toBe(400)
  })

  it('that stays unavailable lets the user give up, and the product receives the error', async () => {
    latchkey.provider.token = () => ({ status: 503, body: 'Down' })
    const browser = openBrowser()
    const callback = await browser.visit(latchkey.callbackOf(await latchkey.start()))
    const location = callback.headers.get('location') ?? ''
    const guard = await guardOf(browser, location)
    const done = await browser.visit(location, form({ guard, action: 'give-up' }))
    expect(new URL(done.headers.get('location') ?? '').searchParams.get('error')).toBe('temporarily_unavailable')
  })

  it('that stays unavailable lets completeOAuth be called again with the same response', async () => {
    latchkey.provider.token = () => ({ status: 503, body: 'Down' })
    const begun = await latchkey.start()
    const { state, code } = Object.fromEntries(new URL(latchkey.callbackOf(begun)).searchParams)
    expect(await latchkey.call('completeOAuth', { state, code })).toMatchObject({
      code: 'PROVIDER',
      providerStatus: 503,
    })
    latchkey.provider.token = () => ({ body: TOKENS })
    expect(await latchkey.call('completeOAuth', { state, code })).toMatchObject({ connection: { status: 'ACTIVE' } })
  })
})

describe('The end of a refresh token', () => {
  /** Seconds from the connection of the account to the times of its credential. */
  const timesOf = async (globalId: string) => {
    const [row] = await latchkey.app.database.sql.query<{ expires: number; ends: number | null; next: number }>(
      `SELECT extract(epoch FROM s.expires_at - f.consumed_at)::float AS expires,
              extract(epoch FROM s.refresh_expires_at - f.consumed_at)::float AS ends,
              extract(epoch FROM s.next_refresh_at - f.consumed_at)::float AS next
       FROM credential s JOIN oauth_flow f ON f.connection_id = s.connection_id WHERE s.connection_id = $1::uuid`,
      [parseGlobalId(globalId)?.id],
    )
    if (row === undefined) throw new Error('The connection has no credential.')
    return row
  }
  const tokenResponse = { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } }

  it('is stored through the confirmation, and the credential is renewed before it ', async () => {
    await latchkey.integrate('ending', { tokenResponse })
    const { expires_in: _none, ...endless } = TOKENS
    for (const tokens of [TOKENS, endless]) {
      latchkey.provider.token = () => ({ body: { ...tokens, refresh_token_expires_in: 200 } })
      const { id } = await connect({ integration: 'ending' })
      const { ends, next } = await timesOf(id)
      expect(ends).toBeGreaterThan(195)
      expect(ends).toBeLessThanOrEqual(230)
      // 50 to 85 % of it, and not of the hour that the access token has.
      expect(next).toBeGreaterThan(90)
      expect(next).toBeLessThan(ends ?? 0)
    }
  })

  it('is the earlier one of what the provider says and of the lifetime in the definition', async () => {
    await latchkey.integrate('idle', { tokenResponse, refreshTokenLifetime: 'PT1000S' })
    for (const [says, seconds] of [
      [200, 200],
      [5_000, 1_000],
      [undefined, 1_000],
    ] as const) {
      latchkey.provider.token = () => ({ body: { ...TOKENS, refresh_token_expires_in: says } })
      const { ends } = await timesOf((await connect({ integration: 'idle' })).id)
      expect(ends).toBeGreaterThan(seconds - 5)
      expect(ends).toBeLessThan(seconds + 30)
    }
  })

  it('is unknown where neither says it', async () => {
    expect((await timesOf((await connect()).id)).ends).toBeNull()
  })
})

describe('Values that the provider returns', () => {
  it('are kept from the callback, the token response and the afterConnect requests', async () => {
    await latchkey.integrate(
      'telling',
      { callbackKeep: { realmId: 'realm_id' }, tokenResponse: { keep: { team: ['team', 'id'] } } },
      {
        baseUrl: `${latchkey.provider.origin}/{{ kept.tenant }}`,
        headers: { 'x-tenant': '{{ kept.tenant }}', 'x-app': 'latchkey' },
        afterConnect: [
          { path: `${latchkey.provider.origin}/tenants`, keep: { tenant: '0.id' } },
          { path: '/me', keep: { account: 'id', leak: 'seen.authorization', url: 'seen.url' } },
        ],
      },
    )
    latchkey.provider.token = () => ({ body: { ...TOKENS, team: { id: 'T1' } } })
    latchkey.provider.api = ({ url, headers }) => {
      if (headers.authorization !== `Bearer ${TOKENS.access_token}`) return { status: 401 }
      if (url.pathname === '/tenants') return { body: [{ id: 't-1' }] }
      return { body: { id: 42, seen: { authorization: headers.authorization, url: '/me' } } }
    }
    const connection = await connect({ integration: 'telling' }, { realmId: '4711' })
    expect(connection.kept).toEqual({ realm_id: '4711', team: 'T1', tenant: 't-1', account: 42, url: '/me' })
    expect(latchkey.provider.requests.map(({ url }) => url.pathname)).toEqual(['/token', '/tenants', '/t-1/me'])
    expect(latchkey.provider.requests[2]?.headers['x-tenant']).toBe('t-1')
  })

  it('are never a token, wherever the response repeats it', async () => {
    const keep = { own: ['echo'], id: ['note'], part: ['jwt', 'payload'], team: ['team'] }
    await latchkey.integrate('echoing', { tokenResponse: { keep } })
    latchkey.provider.token = () => ({
      body: {
        ...TOKENS,
        id_token: 'head.payload-of-the-user.signature',
        echo: `token ${TOKENS.access_token}`,
        note: JSON.stringify({ refresh: TOKENS.refresh_token }),
        jwt: { payload: 'payload-of-the-user' },
        team: 'T1',
      },
    })
    expect((await connect({ integration: 'echoing' })).kept).toEqual({ team: 'T1' })
  })

  it('are named in the event when a reconnect changes the account (OA-41)', async () => {
    await latchkey.integrate('teams', { tokenResponse: { keep: { team: ['team'], plan: ['plan'] } } })
    let team = 'T1'
    latchkey.provider.token = () => ({ body: { ...TOKENS, team, plan: 'free' } })
    const { id } = await connect({ integration: 'teams' })
    await connect({ integration: 'teams', connectionId: id })
    team = 'T2'
    expect((await connect({ integration: 'teams', connectionId: id })).kept).toEqual({ team: 'T2', plan: 'free' })
    const { data } = await latchkey.app.request(
      'query ($id: ID!) { node(id: $id) { ... on Connection { events(first: 20) { nodes { ... on CredentialReplaced { changed } } } } } }',
      { id },
    )
    const changed = data.node.events.nodes.flatMap((event: { changed?: string[] }) => event.changed ?? [])
    expect(changed).toEqual(['team'])
  })

  it('are requested with a JSON body, and only where a condition is true', async () => {
    const keep = { account: 'id' }
    await latchkey.integrate(
      'asking',
      { callbackKeep: { realmId: 'realm_id' } },
      {
        afterConnect: [
          { path: '/graphql', json: { query: '{ viewer }', realm: "{{ kept.realm_id | default('none') }}" }, keep },
          { where: 'kept.realm_id', path: '/realms/{{ kept.realm_id }}', keep: {} },
          { where: 'kept.account == 43', path: '/never', keep: {} },
        ],
      },
    )
    latchkey.provider.api = () => ({ body: { id: 42 } })
    const asked = () => latchkey.provider.requests.slice(1).map(({ method, url, body }) => [method, url.pathname, body])
    expect((await connect({ integration: 'asking' })).kept).toEqual({ account: 42 })
    expect(asked()).toEqual([['POST', '/graphql', '{"query":"{ viewer }","realm":"none"}']])
    latchkey.provider.requests.length = 0
    expect((await connect({ integration: 'asking' }, { realmId: 'r1' })).kept).toEqual({ realm_id: 'r1', account: 42 })
    expect(asked()).toEqual([
      ['POST', '/graphql', '{"query":"{ viewer }","realm":"r1"}'],
      ['GET', '/realms/r1', ''],
    ])
  })

  it('are required: when afterConnect fails, nothing is connected and the provider’s message says why', async () => {
    await latchkey.integrate('mute', {}, { afterConnect: [{ path: '/me', keep: { account: 'id' } }] })
    latchkey.provider.api = () => ({ status: 403, body: { message: 'Your plan has no API.' } })
    expect(await connect({ integration: 'mute' })).toMatchObject({
      error: 'server_error',
      error_description: 'Your plan has no API.',
    })
  })

  it('are accepted from Shopify only with a valid signature', async () => {
    await latchkey.integrate('shopify', { callbackVerify: { method: 'shopify_hmac' }, callbackKeep: { shop: 'shop' } })
    const signed = (params: Record<string, string>) => {
      const message = new URLSearchParams(params)
      message.sort()
      return createHmac('sha256', CLIENT.clientSecret).update(message.toString()).digest('hex')
    }
    const returned = async (tamper: Record<string, string> = {}, shop = 'acme.myshopify.com') => {
      const begun = await latchkey.start({ integration: 'shopify' })
      const state = new URL(begun.authorizationUrl).searchParams.get('state') ?? ''
      const params = { code: 'c', host: 'YWRtaW4=', shop, state, timestamp: '1700000000' }
      return openBrowser().visit(latchkey.callbackOf(begun, { ...params, hmac: signed(params), ...tamper }))
    }
    expect((await returned()).status).toBe(303)
    const tampered: Record<string, string>[] = [
      { shop: 'evil.myshopify.com' },
      { hmac: '' },
      { hmac: 'ff'.repeat(32) },
      { extra: '1' },
    ]
    for (const tamper of tampered) {
      expect((await returned(tamper)).status, JSON.stringify(tamper)).toBe(400)
    }
    expect((await returned({}, 'evil.example')).status).toBe(400)
    expect(latchkey.provider.tokenRequests()).toHaveLength(1)
  })
})

describe('startOAuth', () => {
  it('reports every wrong field at once', async () => {
    await latchkey.integrate('fields', {}, { inputFields: [{ name: 'tenant', required: true, pattern: '[a-z]+' }] })
    const answer = await latchkey.start({
      ...{ integration: 'fields', redirectUrl: 'https://evil.example', displayName: ' ', scopes: ['a b'] },
      ...{ endUserExternalId: '', input: { tenant: '1', other: 'x' } },
    })
    const paths = answer.fields.map(({ path }: { path: string[] }) => path.join('.')).sort()
    expect(paths).toEqual([
      ...['input.displayName', 'input.endUserExternalId', 'input.input.other', 'input.input.tenant'],
      ...['input.redirectUrl', 'input.scopes.0'],
    ])
    for (const input of [{ provider: 'oidc' }, { integration: null }]) {
      expect(await latchkey.start(input)).toMatchObject({ fields: [{ path: ['input', 'integration'] }] })
    }
  })

  it('requires a consent page and an OAuth client', async () => {
    await latchkey.createIntegration(
      'key',
      { displayName: 'K', baseUrl: 'https://k.example', auth: { type: 'bearer' } },
      null,
    )
    expect(await latchkey.start({ integration: 'key' })).toMatchObject({ code: 'UNSUPPORTED' })
    expect(await latchkey.start({ integration: null, provider: 'stripe' })).toMatchObject({ code: 'UNSUPPORTED' })
    const { data } = await latchkey.app.request(
      'query ($id: ID!) { workspace(id: $id) { integration(slug: "stripe") { id } } }',
      { id: latchkey.workspace.id },
    )
    expect(data.workspace.integration, 'a refusal switches nothing on').toBeNull()
    await latchkey.createIntegration('bare', oidcDefinition(latchkey.provider.origin), null)
    const answer = await latchkey.start({ integration: 'bare' })
    expect(answer).toMatchObject({ code: 'CONFLICT' })
    expect(answer.message).toContain('oauthClient')
  })

  it('starts with the slug of a provider once the workspace has an OAuth client for it', async () => {
    const start = () => latchkey.start({ integration: null, provider: 'github' })
    expect(await start()).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('createIntegration') })
    const { integration } = await latchkey.app.mutate(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
        ${ERRORS} ... on CreateIntegrationPayload { integration { callbackUrl } } } }`,
      { workspaceId: latchkey.workspace.id, slug: 'github', provider: 'github', oauthClient: CLIENT },
    )
    const { callbackUrl } = integration
    const begun = await start()
    expect(begun.connection).toMatchObject({ status: 'PENDING', method: 'OAUTH' })
    const { origin, searchParams } = new URL(begun.authorizationUrl)
    expect([origin, searchParams.get('redirect_uri')]).toEqual(['https://github.com', callbackUrl])
    expect(await latchkey.start({ integration: null, provider: 'no-such' })).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('leaves nothing behind when a provider is refused, and enables it together with the first flow', async () => {
    const workspace = await latchkey.app.createWorkspace('Empty')
    await allowReturn(latchkey.app, workspace)
    const start = (input: object, key = workspace.key) =>
      latchkey.call('startOAuth', { workspaceId: workspace.id, redirectUrl: RETURN_URL, ...input }, key)
    const rows = async () => {
      const [count] = await latchkey.app.database.sql.query(
        `SELECT (SELECT count(*) FROM integration t WHERE t.workspace_id = w.id)::int AS integrations,
           (SELECT count(*) FROM connection t WHERE t.workspace_id = w.id)::int AS connections,
           (SELECT count(*) FROM oauth_flow t WHERE t.workspace_id = w.id)::int AS flows,
           (SELECT count(*) FROM end_user t WHERE t.workspace_id = w.id)::int AS "endUsers",
           (SELECT count(*) FROM collection t WHERE t.workspace_id = w.id)::int AS collections
         FROM workspace w WHERE w.slug = $1`,
        [workspace.slug],
      )
      return count
    }
    const nothing = { integrations: 0, connections: 0, flows: 0, endUsers: 0, collections: 0 }
    const foreign = (await latchkey.start({ endUserExternalId: 'elsewhere' })).connection
    const unknown = encodeGlobalId('EndUser', '01a1febd-609e-707c-aa6c-62b40e44dfcc')
    const refused: [object, string][] = [
      [{ provider: 'github' }, 'CONFLICT'],
      [{ provider: 'github', endUserExternalId: 'ada', collection: 'crm', externalId: 'x' }, 'CONFLICT'],
      [{ provider: 'sandbox', connectionId: foreign.id }, 'NOT_FOUND'],
      [{ provider: 'sandbox', endUserId: unknown, collection: 'crm' }, 'NOT_FOUND'],
      [{ provider: 'sandbox', input: { other: 'x' } }, 'INVALID_INPUT'],
      [{ provider: 'sandbox', redirectUrl: 'https://other.example' }, 'INVALID_INPUT'],
    ]
    for (const [input, code] of refused) {
      expect(await start(input), JSON.stringify(input)).toMatchObject({ code })
      expect(await rows(), JSON.stringify(input)).toEqual(nothing)
    }
    const begun = await Promise.all(['a', 'b', 'c'].map((externalId) => start({ provider: 'sandbox', externalId })))
    for (const each of begun) expect(each).toMatchObject({ connection: { status: 'PENDING' } })
    const redirects = begun.map(({ authorizationUrl }) => new URL(authorizationUrl).searchParams.get('redirect_uri'))
    expect(new Set(redirects).size).toBe(1)
    expect(await rows()).toEqual({ ...nothing, integrations: 1, connections: 3, flows: 3 })
  })

  it('does not reconnect a connection of another end user or integration', async () => {
    const { connection } = await latchkey.start({ endUserExternalId: 'owner' })
    const other = await latchkey.app.createWorkspace('Other')
    await latchkey.integrate('second')
    const of = (input: Record<string, unknown>) => latchkey.start({ connectionId: connection.id, ...input })
    expect(await of({ integration: 'second' })).toMatchObject({ fields: [{ path: ['input', 'connectionId'] }] })
    expect(await of({ endUserExternalId: 'stranger' })).toMatchObject({
      fields: [{ path: ['input', 'endUserExternalId'] }],
    })
    expect(await of({ externalId: 'new' })).toMatchObject({ fields: [{ path: ['input', 'externalId'] }] })
    expect(await of({ workspaceId: other.id })).toMatchObject({
      code: expect.stringMatching(/INVALID_INPUT|NOT_FOUND/),
    })
    expect(await of({ endUserExternalId: 'owner' })).toMatchObject({ connection: { id: connection.id } })
  })

  it('uses the scopes of the call, otherwise of the OAuth client, otherwise of the definition', async () => {
    await latchkey.createIntegration('scoped', oidcDefinition(latchkey.provider.origin), { ...CLIENT, scopes: ['own'] })
    const scopeOf = async (input: Record<string, unknown>) =>
      new URL((await latchkey.start(input)).authorizationUrl).searchParams.get('scope')
    expect(await scopeOf({})).toBe('openid api:read')
    expect(await scopeOf({ integration: 'scoped' })).toBe('own')
    expect(await scopeOf({ integration: 'scoped', scopes: ['asked'] })).toBe('asked')
  })

  it('uses the callback URL that the workspace hosts, if it has one', async () => {
    const redirectUrl = 'https://connect.product.example/callback'
    await latchkey.createIntegration('hosted', oidcDefinition(latchkey.provider.origin), { ...CLIENT, redirectUrl })
    const begun = await latchkey.start({ integration: 'hosted' })
    const query = new URL(begun.authorizationUrl).searchParams
    expect(query.get('redirect_uri')).toBe(redirectUrl)
    const answer = { state: query.get('state'), code: 'c', params: { state: query.get('state'), locale: 'en' } }
    expect(await latchkey.call('completeOAuth', { ...answer, params: { locale: 1 } })).toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect(await latchkey.call('completeOAuth', { ...answer, params: { code: 'other' } })).toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect(await latchkey.call('completeOAuth', answer)).toMatchObject({ connection: { status: 'ACTIVE' } })
    expect(new URLSearchParams(latchkey.provider.tokenRequests()[0]?.body).get('redirect_uri')).toBe(redirectUrl)
  })
})
