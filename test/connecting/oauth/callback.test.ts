import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { TEXTS } from '../../../src/http/connect-page/texts.ts'
import { form, openBrowser } from './browser.ts'
import { allowReturn, CLIENT, goThrough, oidcDefinition, RETURN_URL } from './oauth-fixture.ts'
import { TOKENS, useScripted } from './scripted-provider.ts'

const latchkey = useScripted()

const visit = (url: string, init?: RequestInit) => openBrowser().visit(url, init)

/** The callback and the form that a provider posts to it. */
function posted(begun: { authorizationUrl: string }, more: Record<string, string> = {}) {
  const url = new URL(latchkey.callbackOf(begun, more))
  return { url: `${url.origin}${url.pathname}`, fields: Object.fromEntries(url.searchParams) }
}

describe('The authorization URL', () => {
  it('has a state of 256 random bits, of which only the hash is stored (OA-04)', async () => {
    const states = new Set<string>()
    for (let starts = 0; starts < 20; starts += 1) {
      const { authorizationUrl } = await latchkey.start()
      states.add(new URL(authorizationUrl).searchParams.get('state') ?? '')
    }
    expect(states.size).toBe(20)
    const rows = await latchkey.app.database.sql.query('SELECT * FROM oauth_flow')
    const stored = JSON.stringify(rows, (_key, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    )
    for (const state of states) {
      expect(Buffer.from(state, 'base64url')).toHaveLength(32)
      expect(stored).not.toContain(state)
    }
  })

  it('has an S256 challenge, whose verifier of 43 characters is sent to the token endpoint (OA-06)', async () => {
    const begun = await latchkey.start()
    const query = new URL(begun.authorizationUrl).searchParams
    expect(query.get('code_challenge_method')).toBe('S256')
    await goThrough(latchkey.callbackOf(begun))
    const sent = new URLSearchParams(latchkey.provider.tokenRequests()[0]?.body)
    const verifier = sent.get('code_verifier') ?? ''
    expect(verifier).toMatch(/^[\w-]{43}$/)
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(query.get('code_challenge'))
    expect(sent.get('redirect_uri')).toBe(query.get('redirect_uri'))
  })

  it('follows the definition: names, parameters, scope separator, templates, no PKCE', async () => {
    await latchkey.integrate(
      'quirky',
      {
        authorizationUrl: `${latchkey.provider.origin}/{{ input.tenant }}/authorize?fixed=1`,
        authorizationNames: { client_id: 'client_key', scope: 'user_scope' },
        authorizationParams: {
          access_type: 'offline',
          state: 'fixed',
          client_key: 'other',
          hint: '{{ input.tenant }}',
        },
        scopeSeparator: ',',
        pkce: 'none',
      },
      { inputFields: [{ name: 'tenant', required: true }] },
    )
    const begun = await latchkey.start({ integration: 'quirky', input: { tenant: 'a b' }, scopes: ['one', 'two'] })
    const { pathname, searchParams, search } = new URL(begun.authorizationUrl)
    expect(pathname).toBe('/a%20b/authorize')
    const { state, redirect_uri: _uri, ...others } = Object.fromEntries(searchParams)
    expect(state).toMatch(/^[\w-]{43}$/)
    expect(others).toEqual({
      ...{ fixed: '1', response_type: 'code', client_key: 'test-client', user_scope: 'one,two' },
      ...{ access_type: 'offline', hint: 'a b' },
    })
    expect(search).not.toContain('+')
  })

  it('has the configured redirect URI, whatever the Host headers of a request say (OA-40)', async () => {
    const { url } = latchkey.app
    const query = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { ... on StartOAuthPayload { authorizationUrl } } }`
    const input = { workspaceId: latchkey.workspace.id, integration: 'oidc', redirectUrl: RETURN_URL }
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', authorization: `Bearer ${latchkey.workspace.key}` },
        ...{ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example' },
      },
      body: JSON.stringify({ query, variables: { input } }),
    })
    const { data } = (await response.json()) as { data: { startOAuth: { authorizationUrl: string } } }
    expect(new URL(data.startOAuth.authorizationUrl).searchParams.get('redirect_uri')).toContain(
      `${url}/oauth/callback/`,
    )
  })
})

describe('redirectUrl of startOAuth', () => {
  it('must be exactly one of the workspace (OA-19)', async () => {
    await allowReturn(latchkey.app, latchkey.workspace, 'https://app.ex/cb')
    for (const redirectUrl of [
      ...[
        'https://app.ex/cb/../cb',
        'https://app.ex.evil/cb',
        'https://app.ex@evil/cb',
        'https://APP.ex/cb',
        '//app.ex/cb',
      ],
      ...[
        'https://app.ex:443/cb',
        'https://app.ex:444/cb',
        'https://app.ex/cb#',
        'https://app.ex/cb?',
        'https://app.ex/cb/',
      ],
      ...[
        'javascript:alert(1)',
        'https://app.ex/cb\t',
        ' https://app.ex/cb',
        'https://app.ex/\ncb',
        'https://app．ex/cb',
      ],
      ...['http://app.ex/cb', 'https://user@app.ex/cb', ''],
    ]) {
      const answer = await latchkey.start({ redirectUrl })
      expect(answer, redirectUrl).toMatchObject({
        __typename: 'InvalidInputError',
        fields: [{ path: ['input', 'redirectUrl'] }],
      })
    }
    expect(await latchkey.start({ redirectUrl: 'https://app.ex/cb' })).toMatchObject({
      __typename: 'StartOAuthPayload',
    })
  })
})

describe('The callback', () => {
  it('shows a page without a redirect for a state that is missing, empty, repeated, too long or unknown (OA-05, OA-20)', async () => {
    const base = latchkey.callbackOf(await latchkey.start()).split('?')[0]
    const unknown = 'A'.repeat(43)
    for (const query of [
      ...[
        '',
        'state=',
        'code=x',
        `state=${unknown}&code=x`,
        `state=${unknown}&state=${unknown}`,
        'state[]=a',
        'state=%00',
      ],
      ...[`state=${'a'.repeat(8_000)}`, `state=${unknown}&error=access_denied&redirect_uri=https://evil.example`],
    ]) {
      const response = await visit(`${base}?${query}`)
      expect(response.status, query).toBe(400)
      expect(response.headers.get('location')).toBeNull()
      expect(await response.text()).not.toContain('evil.example')
    }
    expect((await visit(`${latchkey.app.url}/oauth/callback/not-an-id?state=${unknown}`)).status).toBe(404)
    expect(latchkey.provider.requests).toEqual([])
  })

  it('consumes nothing for requests other than GET and a posted form', async () => {
    const begun = await latchkey.start()
    const callback = latchkey.callbackOf(begun)
    expect((await visit(callback, { method: 'HEAD' })).status).toBe(405)
    expect((await visit(callback, { method: 'PUT' })).status).toBe(405)
    expect((await visit(callback, { method: 'POST' })).status).toBe(415)
    expect((await visit(callback, form({}))).status).toBe(400)
    expect((await visit(callback, form({ ...posted(begun).fields, user: 'x'.repeat(70_000) }))).status).toBe(413)
    expect((await goThrough(callback)).searchParams.get('handle')).toMatch(/^[\w-]{43}$/)
  })

  it('rejects a response of another issuer (OA-09)', async () => {
    const { origin } = latchkey.provider
    const upper = origin.replace('http', 'HTTP')
    for (const iss of ['', 'https://evil.example', `${origin}/`, upper]) {
      expect((await visit(latchkey.callbackOf(await latchkey.start(), { iss }))).status, iss).toBe(400)
    }
    const twice = `${latchkey.callbackOf(await latchkey.start(), { iss: origin })}&iss=${origin}`
    expect((await visit(twice)).status).toBe(400)
    expect(latchkey.provider.requests).toEqual([])
    expect(
      (await goThrough(latchkey.callbackOf(await latchkey.start(), { iss: origin }))).searchParams.has('handle'),
    ).toBe(true)
  })

  it('rejects a response that repeats a parameter', async () => {
    for (const extra of ['code=other', 'x=1&x=1']) {
      const begun = await latchkey.start()
      expect((await visit(`${latchkey.callbackOf(begun)}&${extra}`)).status).toBe(400)
      expect((await visit(latchkey.callbackOf(begun))).status).toBe(400)
    }
    expect(latchkey.provider.requests).toEqual([])
  })

  it('rejects a response at the redirect URI of another integration and sends the code nowhere (OA-10)', async () => {
    const honest = latchkey.callbackOf(await latchkey.start())
    const evil = await latchkey.integrate('evil')
    const begun = await latchkey.start({ integration: 'evil' })
    const mixed = `${honest.split('?')[0]}?${latchkey.callbackOf(begun).split('?')[1]}`
    expect(mixed.startsWith(evil)).toBe(false)
    const refused = await visit(mixed)
    expect(refused.status).toBe(400)
    expect(refused.headers.get('location')).toBeNull()
    expect((await visit(latchkey.callbackOf(begun))).status).toBe(400)
    expect(latchkey.provider.requests).toEqual([])
  })

  it.each([
    [
      'a token endpoint that changed',
      (definition: Record<string, Record<string, string>>) => {
        definition['auth'] = { ...definition['auth'], tokenUrl: `${latchkey.provider.origin}/evil` }
      },
    ],
    [
      'a definition that began to read parts of secrets',
      (definition: Record<string, Record<string, string>>) => {
        definition['headers'] = { 'x-part': "{{ config.client_secret | default('') | first }}" }
      },
    ],
  ])('sends no code and no secret to %s during the flow (OA-12)', async (what, change) => {
    const slug = `changed-${what.length}`
    await latchkey.integrate(slug)
    const begun = await latchkey.start({ integration: slug })
    const { data } = await latchkey.app.request(
      'query ($id: ID!) { node(id: $id) { ... on Connection { integration { id definition oauthClient { clientId } } } } }',
      {
        id: begun.connection.id,
      },
    )
    const { id, definition, oauthClient } = data.node.integration
    change(definition)
    await latchkey.app.mutate(
      'mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { __typename } }',
      { integrationId: id, definition, oauthClient: { ...oauthClient, clientSecret: CLIENT.clientSecret } },
    )
    const end = await goThrough(latchkey.callbackOf(begun))
    expect(end.searchParams.get('error_description')).toContain('changed meanwhile')
    expect(latchkey.provider.requests).toEqual([])
  })

  it('redirects with 303 to a URL without code and state, with no-store and no referrer (OA-21, OA-26, OA-27)', async () => {
    const callback = latchkey.callbackOf(await latchkey.start())
    const response = await visit(callback)
    expect(response.status).toBe(303)
    const { searchParams } = new URL(response.headers.get('location') ?? '')
    expect([...searchParams.keys()].sort()).toEqual(['connection_id', 'from', 'handle'])
    const problem = await visit(callback)
    for (const { headers } of [response, problem]) {
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
    expect(await problem.text()).not.toMatch(/(?:src|href)="(?!data:)/)
  })

  it('accepts a response that the provider posts as a form, once', async () => {
    const begun = await latchkey.start()
    const { url, fields } = posted(begun)
    const answers = await Promise.all(Array.from({ length: 5 }, () => visit(url, form(fields))))
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400, 400])
    const location = answers.find(({ status }) => status === 303)?.headers.get('location') ?? ''
    expect([...new URL(location).searchParams.keys()].sort()).toEqual(['connection_id', 'from', 'handle'])
    expect(new URLSearchParams(latchkey.provider.tokenRequests()[0]?.body).get('code')).toBe('a-code')
    expect(latchkey.provider.tokenRequests()).toHaveLength(1)
    const { handle } = Object.fromEntries(new URL(location).searchParams)
    expect(await latchkey.call('confirmConnection', { handle })).toMatchObject({ connection: { status: 'ACTIVE' } })
  })

  it('checks a posted response like any other', async () => {
    await latchkey.integrate('another')
    const another = await latchkey.start({ integration: 'another' })
    const tampered: Record<string, string>[] = [
      ...[{ iss: 'https://evil.example' }, { access_token: 'at' }, { id_token: 'jwt' }, { code: '' }],
      { state: 'A'.repeat(43) },
    ]
    for (const tamper of tampered) {
      const { url, fields } = posted(await latchkey.start())
      expect((await visit(url, form({ ...fields, ...tamper }))).status, JSON.stringify(tamper)).toBe(400)
    }
    expect((await visit(posted(another).url, form(posted(await latchkey.start()).fields))).status).toBe(400)
    const twice = posted(await latchkey.start())
    const body = `${new URLSearchParams(twice.fields)}&code=b`
    expect((await visit(twice.url, { ...form({}), body })).status).toBe(400)
    expect(latchkey.provider.requests).toEqual([])
    const declined = posted(await latchkey.start(), { error: 'access_denied', error_description: '<b>No</b>' })
    const end = new URL((await visit(declined.url, form(declined.fields))).headers.get('location') ?? '')
    expect(Object.fromEntries(end.searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: '<b>No</b>',
    })
  })

  it('reads the code from the parameter that the definition names', async () => {
    await latchkey.integrate('tiktok', { authorizationResponse: { code: 'auth_code' } })
    const start = () => latchkey.start({ integration: 'tiktok' })
    const end = await goThrough(latchkey.callbackOf(await start(), { code: 'another', auth_code: 'the-code' }))
    expect(end.searchParams.has('handle')).toBe(true)
    expect((await visit(latchkey.callbackOf(await start()))).status).toBe(400)
    const state = new URL((await start()).authorizationUrl).searchParams.get('state')
    const completed = await latchkey.call('completeOAuth', { state, code: 'the-code', params: { shop: 's' } })
    expect(completed).toMatchObject({ connection: { status: 'ACTIVE' } })
    const codes = latchkey.provider.tokenRequests().map(({ body }) => new URLSearchParams(body).get('code'))
    expect(codes).toEqual(['the-code', 'the-code'])
    const wrong = oidcDefinition(latchkey.provider.origin, { authorizationResponse: { code: 'state' } })
    await expect(latchkey.createIntegration('wrong', wrong)).rejects.toThrow(
      /authorizationResponse.*authorization code/s,
    )
  })

  it('explains an administrator’s consent, which contains no code, in both languages', async () => {
    const [base = ''] = latchkey.callbackOf(await latchkey.start()).split('?')
    const consent = 'admin_consent=True&tenant=6a2c9f3e-7c5d-4d8f-9c8b-0f6a2d1b3c4d'
    const cases = [
      [consent, 200, 'adminConsent'],
      [`${consent}&state=12345`, 200, 'adminConsent'],
      [`${consent}&state=${'A'.repeat(43)}`, 200, 'adminConsent'],
      [`${consent}&error=access_denied&error_description=No`, 400, 'adminRefusal'],
      ['code=a-code&session_state=x', 400, 'unassigned'],
      [`state=${'A'.repeat(43)}&code=a-code`, 400, 'unknownState'],
    ] as const
    for (const [query, status, key] of cases) {
      for (const language of ['en', 'de'] as const) {
        const { title, text } = TEXTS[language].problems[key]
        const response = await visit(`${base}?${query}`, { headers: { 'accept-language': language } })
        const shown = await response.text()
        expect([response.status, shown.includes(title), shown.includes(text)], query).toEqual([status, true, true])
      }
      const asForm = await visit(base, form(Object.fromEntries(new URLSearchParams(query))))
      expect([asForm.status, asForm.headers.get('location')], query).toEqual([status, null])
    }
    const end = await goThrough(latchkey.callbackOf(await latchkey.start(), { code: '', admin_consent: 'True' }))
    expect(Object.fromEntries(end.searchParams)).toMatchObject({
      error: 'admin_consent',
      error_description: expect.stringMatching(/administrator.*Connect again/),
    })
    const both = await goThrough(latchkey.callbackOf(await latchkey.start(), { admin_consent: 'True', tenant: 't' }))
    expect(both.searchParams.has('handle')).toBe(true)
  })

  it('shows the message of a provider as text only (OA-31)', async () => {
    const words = '"><script>alert(1)</script>'
    const end = await goThrough(latchkey.callbackOf(await latchkey.start(), { error: words, error_description: words }))
    expect(end.searchParams.get('error')).toBe('server_error')
    expect(end.searchParams.get('error_description')).toBe(words)
    expect(end.href).not.toContain('<script')
    const long = await goThrough(
      latchkey.callbackOf(await latchkey.start(), { error: 'e', error_description: 'x'.repeat(4_000) }),
    )
    expect(long.searchParams.get('error_description')).toHaveLength(500)
  })

  it('rejects a token in the URL (OA-39)', async () => {
    for (const name of ['access_token', 'id_token', 'token', 'refresh_token', 'response']) {
      const response = await visit(latchkey.callbackOf(await latchkey.start(), { [name]: 'a-token-in-a-url' }))
      expect(response.status, name).toBe(400)
    }
    expect(latchkey.provider.requests).toEqual([])
  })

  it('is not disturbed by many responses with unknown states (OA-42)', async () => {
    const count = async () => (await latchkey.app.database.sql.query('SELECT 1 FROM oauth_flow')).length
    const base = latchkey.callbackOf(await latchkey.start()).split('?')[0]
    const before = await count()
    const flood = Array.from({ length: 300 }, () =>
      visit(`${base}?code=x&state=${crypto.randomUUID().replaceAll('-', '')}AAAAAAAAAAA`),
    )
    const [response, ...bogus] = await Promise.all([visit(latchkey.callbackOf(await latchkey.start())), ...flood])
    expect(response?.status).toBe(303)
    expect(new Set(bogus.map(({ status }) => status))).toEqual(new Set([400]))
    expect(await count()).toBe(before + 1)
  })

  it('writes no code, state, verifier, handle or token into the log or an event (OA-29)', async () => {
    latchkey.provider.token = () => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'about a-code-canary' },
    })
    const failing = await latchkey.start()
    await goThrough(latchkey.callbackOf(failing, { code: 'a-code-canary' }))
    latchkey.provider.token = () => ({ body: TOKENS })
    const begun = await latchkey.start()
    const end = await goThrough(latchkey.callbackOf(begun, { code: 'a-code-canary' }))
    const handle = end.searchParams.get('handle') ?? ''
    await latchkey.call('confirmConnection', { handle })
    const states = [failing, begun].map(
      ({ authorizationUrl }) => new URL(authorizationUrl).searchParams.get('state') ?? '',
    )
    const verifiers = latchkey.provider
      .tokenRequests()
      .map(({ body }) => new URLSearchParams(body).get('code_verifier') ?? '')
    const secrets = [
      'a-code-canary',
      handle,
      ...states,
      ...verifiers,
      TOKENS.access_token,
      TOKENS.refresh_token,
      'test-client-s3cret',
    ]
    expect(secrets.filter((secret) => secret.length < 10)).toEqual([])
    const events = await latchkey.app.database.sql.query('SELECT payload::text FROM event')
    const connections = await latchkey.app.database.sql.query('SELECT row_to_json(c)::text FROM connection c')
    const flows = await latchkey.app.database.sql.query(
      'SELECT outcome::text, display_name, input::text FROM oauth_flow',
    )
    const written = [
      latchkey.app.log.join('\n'),
      ...[events, connections, flows].map((rows) => JSON.stringify(rows)),
    ].join('\n')
    expect(written).toContain('an OAuth flow failed')
    for (const secret of secrets) expect(written.includes(secret), secret.slice(0, 4)).toBe(false)
  })
})
