import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchangeCode } from '../../../src/auth/oauth2/renew.ts'
import { contextOf, formOf, oauth2Of, renewOnce, type Trial } from './renew-oauth2.ts'
import { startTokenServer, type TokenServer } from './token-server.ts'

let server: TokenServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const basicOf = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const refresh = { grant_type: 'refresh_token', refresh_token: 'old-rt' }
const post = { client_id: 'id', client_secret: 'client-s3cret' }
const client = { clientId: 'their-id', clientSecret: 'their-s3cret' }
const noFields = { fields: {} }
const code = { grant: 'authorization_code', authorizationUrl: 'https://auth.example.com/a' } as const
const credentials = { grant: 'client_credentials' } as const
const custom = { grant: 'custom', grantType: 'account_credentials' } as const
const odd = 'p:%+ é&=/~-._*'

interface Wire {
  path?: string
  headers?: Record<string, unknown>
  form?: Record<string, string>
  json?: unknown
}

const cases: [string, Trial, Wire][] = [
  ['a refresh token with client_secret_post', {}, { form: { ...refresh, ...post } }],
  ['accepting JSON', {}, { headers: { accept: 'application/json' } }],
  ['as a form', {}, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
  ['without a user agent of the library', {}, { headers: { 'user-agent': 'Latchkey' } }],
  [
    'client_secret_basic',
    { auth: { clientAuth: 'client_secret_basic' } },
    { form: refresh, headers: { authorization: basicOf('id:client-s3cret') } },
  ],
  [
    'client_secret_basic with an id and a secret that need encoding (OA-33)',
    {
      auth: { clientAuth: 'client_secret_basic' },
      stored: { fields: { client_id: 'a b:c', client_secret: odd }, refreshToken: 'old-rt' },
    },
    { form: refresh, headers: { authorization: basicOf('a+b%3Ac:p%3A%25%2B+%C3%A9%26%3D%2F%7E-._*') } },
  ],
  [
    'client_secret_post with a secret that needs encoding (OA-33)',
    { stored: { fields: { client_id: 'id', client_secret: odd }, refreshToken: 'old-rt' } },
    { form: { ...refresh, client_id: 'id', client_secret: odd } },
  ],
  [
    'no client authentication',
    { auth: { clientAuth: 'none' }, stored: { fields: { client_id: 'id' }, refreshToken: 'old-rt' } },
    { form: { ...refresh, client_id: 'id' } },
  ],
  [
    'a public client that an injected token names',
    { stored: { fields: {}, refreshToken: 'old-rt', clientId: 'public' } },
    { form: { ...refresh, client_id: 'public' } },
  ],
  [
    'a public client with client_secret_basic',
    { auth: { clientAuth: 'client_secret_basic' }, stored: { fields: {}, refreshToken: 'old-rt', clientId: 'public' } },
    { form: { ...refresh, client_id: 'public' }, headers: { authorization: undefined } },
  ],
  [
    'the client of the integration',
    { stored: { ...noFields, refreshToken: 'old-rt' }, context: { oauthClient: client } },
    { form: { ...refresh, client_id: 'their-id', client_secret: 'their-s3cret' } },
  ],
  [
    'the client of an injected token before that of the integration',
    {
      stored: { ...noFields, refreshToken: 'old-rt', clientId: 'own', clientSecret: 'own-s3cret' },
      context: { oauthClient: client },
    },
    { form: { ...refresh, client_id: 'own', client_secret: 'own-s3cret' } },
  ],
  [
    'no client at all',
    { auth: { ...code, clientAuth: 'none' }, stored: { ...noFields, refreshToken: 'old-rt' } },
    { form: refresh },
  ],
  ...(['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'] as const).map(
    (clientAuth): [string, Trial, Wire] => [
      `a client whose id is empty, with ${clientAuth}`,
      {
        auth: {
          clientAuth,
          clientKey: { alg: 'RS256' },
          fields: [{ name: 'app' }],
          clientId: "{{ config.app | default('') }}",
        },
        stored: { ...noFields, refreshToken: 'old-rt' },
      },
      { form: refresh, headers: { authorization: undefined } },
    ],
  ),
  [
    'a client whose id is empty, in JSON',
    {
      auth: { fields: [{ name: 'app' }], clientId: "{{ config.app | default('') }}", tokenRequest: { format: 'json' } },
      stored: { ...noFields, refreshToken: 'old-rt' },
    },
    { json: refresh },
  ],
  [
    'the client of the integration where that of the connection is empty',
    {
      auth: { fields: [{ name: 'app' }], clientId: "{{ config.app | default('') }}" },
      stored: { ...noFields, refreshToken: 'old-rt' },
      context: { oauthClient: client },
    },
    { form: { ...refresh, client_id: 'their-id', client_secret: 'their-s3cret' } },
  ],
  [
    'the refresh token of a code grant, without scopes',
    {
      auth: { ...code, scopes: ['a'] },
      stored: { ...noFields, refreshToken: 'old-rt', scopes: ['a'] },
      context: { oauthClient: client },
    },
    { form: { ...refresh, client_id: 'their-id', client_secret: 'their-s3cret' } },
  ],
  [
    'a URL of its own for refreshing',
    { auth: { refreshUrl: 'http://{{ input.host }}/refresh' } },
    { path: '/refresh' },
  ],
  [
    'a tenant in the URL',
    { auth: { tokenUrl: 'http://{{ input.host }}/{{ input.tenant }}/token' }, context: { input: { tenant: 'a b' } } },
    { path: '/a%20b/token' },
  ],
  ['a query in the URL', { auth: { tokenUrl: 'http://{{ input.host }}/token?v=2' } }, { path: '/token?v=2' }],
  [
    'scopes of the refresh-token grant',
    { auth: { scopes: ['read', 'write'] }, stored: { scopes: ['read', 'write'] } },
    { form: { ...refresh, ...post, scope: 'read write' } },
  ],
  [
    'no more scopes than were granted',
    { auth: { scopes: ['read', 'write'] }, stored: { scopes: ['read'] } },
    { form: { ...refresh, ...post, scope: 'read' } },
  ],
  [
    'scopes with another separator',
    { auth: { ...credentials, scopes: ['read', 'write'], scopeSeparator: ',' } },
    { form: { grant_type: 'client_credentials', ...post, scope: 'read,write' } },
  ],
  [
    'scopes under another name',
    { auth: { ...credentials, scopes: ['read'], tokenRequest: { names: { scope: 'scopes' } } } },
    { form: { grant_type: 'client_credentials', ...post, scopes: 'read' } },
  ],
  ['client credentials', { auth: credentials }, { form: { grant_type: 'client_credentials', ...post } }],
  [
    'client credentials in the header',
    { auth: { ...credentials, clientAuth: 'client_secret_basic' } },
    { form: { grant_type: 'client_credentials' }, headers: { authorization: basicOf('id:client-s3cret') } },
  ],
  [
    'client credentials of the integration',
    { auth: credentials, stored: noFields, context: { oauthClient: client } },
    { form: { grant_type: 'client_credentials', client_id: 'their-id', client_secret: 'their-s3cret' } },
  ],
  [
    'client credentials again although a response had a refresh token',
    { auth: credentials, stored: { refreshToken: 'given' } },
    { form: { grant_type: 'client_credentials', ...post } },
  ],
  [
    'the refresh token of an injected token without client credentials',
    { auth: credentials, stored: { ...noFields, refreshToken: 'old-rt' } },
    { form: refresh },
  ],
  [
    'client credentials with an audience',
    {
      auth: { ...credentials, tokenRequest: { params: { audience: 'https://{{ input.tenant }}.example.com' } } },
      context: { input: { tenant: 'acme' } },
    },
    { form: { grant_type: 'client_credentials', ...post, audience: 'https://acme.example.com' } },
  ],
  [
    'a custom grant with a parameter of a field',
    {
      auth: {
        ...custom,
        clientAuth: 'client_secret_basic',
        fields: [{ name: 'account_id', required: true }],
        tokenRequest: { params: { account_id: '{{ config.account_id }}' } },
      },
      stored: { fields: { ...post, account_id: 'acc-1' } },
    },
    {
      form: { grant_type: 'account_credentials', account_id: 'acc-1' },
      headers: { authorization: basicOf('id:client-s3cret') },
    },
  ],
  [
    'a custom grant with a refresh token by template, and then the last one',
    {
      auth: { ...custom, fields: [{ name: 'rt', required: true }], refreshToken: '{{ config.rt }}' },
      stored: { fields: { ...post, rt: 'first' }, refreshToken: 'latest' },
    },
    { form: { grant_type: 'account_credentials', ...post, refresh_token: 'latest' } },
  ],
  [
    'client and token by templates',
    {
      auth: {
        fields: [{ name: 'app' }, { name: 'key' }, { name: 'rt' }],
        clientId: 'app-{{ config.app }}',
        clientSecret: '{{ config.key }}',
        refreshToken: '{{ config.rt }}',
      },
      stored: { fields: { app: '7', key: 'k3y', rt: 'first' }, refreshToken: undefined },
    },
    { form: { grant_type: 'refresh_token', refresh_token: 'first', client_id: 'app-7', client_secret: 'k3y' } },
  ],
  [
    'every name of the definition',
    {
      auth: {
        scopes: ['a'],
        tokenRequest: {
          names: {
            grant_type: 'type',
            client_id: 'client_key',
            client_secret: 'client_pass',
            refresh_token: 'token',
            scope: 'wants',
          },
        },
      },
    },
    {
      form: {
        type: 'refresh_token',
        client_key: 'id',
        client_pass: 'client-s3cret',
        token: 'old-rt',
        wants: 'a',
      },
    },
  ],
  [
    'parameters of renewals in place of those of other requests',
    { auth: { tokenRequest: { params: { a: '1' }, refreshParams: { b: '{{ config.client_id }}' } } } },
    { form: { ...refresh, ...post, b: 'id' } },
  ],
  [
    'no parameters in renewals',
    { auth: { tokenRequest: { params: { a: '1' }, refreshParams: {} } } },
    { form: { ...refresh, ...post } },
  ],
  [
    'without a parameter that the provider does not take',
    { auth: { tokenRequest: { omit: ['grant_type'], names: { grant_type: 'type' } } } },
    { form: { refresh_token: 'old-rt', ...post } },
  ],
  ['a JSON body', { auth: { tokenRequest: { format: 'json' } } }, { json: { ...refresh, ...post } }],
  [
    'a JSON body by its Content-Type',
    { auth: { tokenRequest: { format: 'json' } } },
    { headers: { 'content-type': 'application/json' } },
  ],
  [
    'a Content-Type of the definition',
    { auth: { tokenRequest: { format: 'json', headers: { 'Content-Type': 'application/vnd.api+json' } } } },
    { headers: { 'content-type': 'application/vnd.api+json' }, json: { ...refresh, ...post } },
  ],
  [
    'JSON with other names and more values',
    {
      auth: {
        ...credentials,
        tokenRequest: { format: 'json', names: { client_id: 'clientId' }, params: { scope: 'x', n: '5' } },
      },
    },
    { json: { grant_type: 'client_credentials', clientId: 'id', client_secret: 'client-s3cret', scope: 'x', n: '5' } },
  ],
  [
    'a param that replaces a standard one',
    { auth: { tokenRequest: { params: { grant_type: 'urn:own', client_secret: 'other' } } } },
    { form: { ...refresh, ...post, grant_type: 'urn:own', client_secret: 'other' } },
  ],
  [
    'headers of the definition',
    {
      auth: { tokenRequest: { headers: { 'X-Version': '{{ input.version }}', Accept: 'text/json' } } },
      context: { input: { version: '2' } },
    },
    { headers: { 'x-version': '2', accept: 'text/json' } },
  ],
  [
    'an Authorization header of the definition with the client’s values',
    {
      auth: {
        clientAuth: 'client_secret_basic',
        tokenRequest: {
          headers: { Authorization: "Token {{ (config.client_id ~ '.' ~ config.client_secret) | b64encode }}" },
        },
      },
      stored: { ...noFields, refreshToken: 'old-rt' },
      context: { oauthClient: client },
    },
    { headers: { authorization: `Token ${Buffer.from('their-id.their-s3cret').toString('base64')}` } },
  ],
  [
    'the existing tokens in templates',
    {
      auth: { tokenRequest: { params: { old: '{{ config.access_token }}/{{ config.refresh_token }}' } } },
      stored: { accessToken: 'old-at', refreshToken: 'newer-rt' },
    },
    { form: { ...refresh, ...post, refresh_token: 'newer-rt', old: 'old-at/newer-rt' } },
  ],
  [
    'kept values in templates',
    { auth: { tokenRequest: { params: { team: '{{ kept.team }}' } } }, context: { kept: { team: 'T1' } } },
    { form: { ...refresh, ...post, team: 'T1' } },
  ],
  [
    'characters that a form has to encode',
    { stored: { refreshToken: 'a+b/c=d&e f%ü' } },
    { form: { ...refresh, ...post, refresh_token: 'a+b/c=d&e f%ü' } },
  ],
]

describe('the token request of a renewal', () => {
  it.each(cases)('with %s', async (_name, trial, wire) => {
    const { requests, error } = await renewOnce(server, trial)
    expect(error).toBeUndefined()
    expect(requests).toHaveLength(1)
    const [request] = requests
    expect(request?.method).toBe('POST')
    expect(request?.url).toBe(wire.path ?? '/token')
    for (const [name, value] of Object.entries(wire.headers ?? {})) expect(request?.headers[name]).toBe(value)
    if (wire.form !== undefined) expect(formOf(request)).toEqual(wire.form)
    if (wire.json !== undefined) expect(JSON.parse(request?.body.toString() ?? '')).toEqual(wire.json)
  })

  it('is not sent if a template’s input is missing', async () => {
    const { requests, error } = await renewOnce(server, {
      auth: { tokenRequest: { params: { a: '{{ input.absent }}' } } },
    })
    expect(String(error)).toContain("input['absent'] is missing")
    expect(requests).toEqual([])
  })

  it('is not sent without a refresh token or a grant to repeat', async () => {
    const { requests, error } = await renewOnce(server, { auth: code, stored: { fields: {}, refreshToken: undefined } })
    expect(error).toMatchObject({ reason: 'INVALID_GRANT', retryable: false, indeterminate: false })
    expect(requests).toEqual([])
  })
})

describe('a token request in the query', () => {
  it('has its parameters in the URL and no body', async () => {
    const tokenRequest = { in: 'query', names: { client_id: 'appid' }, params: { v: '{{ input.host }}' } } as const
    const { requests, renewal } = await renewOnce(server, {
      auth: { tokenUrl: 'http://{{ input.host }}/token?v=1&keep=1', tokenRequest },
    })
    const [request] = requests
    const { pathname, searchParams } = new URL(request?.url ?? '', 'http://x')
    const query = { appid: 'id', client_secret: 'client-s3cret', v: `127.0.0.1:${server.port}`, keep: '1' }
    expect(pathname).toBe('/token')
    expect(Object.fromEntries(searchParams)).toEqual({ ...refresh, ...query })
    expect(request).toMatchObject({ method: 'POST', body: Buffer.alloc(0) })
    expect(request?.headers).not.toHaveProperty('content-type')
    expect(renewal?.stored).toMatchObject({ accessToken: 'new-at' })
  })

  it('is redacted from what the provider says', async () => {
    const { error } = await renewOnce(server, {
      auth: { tokenRequest: { in: 'query' } },
      answer: { status: 400, body: { error: 'x', error_description: 'no client-s3cret, no old-rt' } },
    })
    expect(error).toMatchObject({ words: { providerErrorDescription: 'no [redacted], no [redacted]' } })
  })

  it('takes no format', () => {
    const auth = { tokenRequest: { in: 'query', format: 'json' } } as const
    expect(() => oauth2Of(auth)).toThrow('auth.tokenRequest.format')
  })

  it('exchanges a token if the requested type is in the query (RFC 8693)', async () => {
    const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
    const params = { subject_token: 't', subject_token_type: 'x', requested_token_type: 'their:type' }
    const { renewal } = await renewOnce(server, {
      auth: { grant: 'custom', grantType: exchange, tokenRequest: { in: 'query', params } },
      answer: { body: { access_token: 'at', token_type: 'bearer', issued_token_type: 'their:type' } },
    })
    expect(renewal?.stored).toMatchObject({ accessToken: 'at' })
  })
})

describe('scopes without a separator', () => {
  const scopes = { ...credentials, scopes: ['a', 'b'], scopeSeparator: null }

  it('are sent as repeated parameters of a form', async () => {
    const { requests } = await renewOnce(server, { auth: scopes, stored: { refreshToken: undefined } })
    expect(new URLSearchParams(requests[0]?.body.toString()).getAll('scope')).toEqual(['a', 'b'])
  })

  it('are sent as repeated parameters of the query, under another name', async () => {
    const tokenRequest = { in: 'query', names: { scope: 'scopes[]' } } as const
    const { requests } = await renewOnce(server, {
      auth: { ...scopes, tokenRequest },
      stored: { refreshToken: undefined },
    })
    expect(new URL(requests[0]?.url ?? '', 'http://x').searchParams.getAll('scopes[]')).toEqual(['a', 'b'])
  })

  it('are sent as a list in JSON', async () => {
    const tokenRequest = { format: 'json' } as const
    const { requests } = await renewOnce(server, {
      auth: { ...scopes, tokenRequest },
      stored: { refreshToken: undefined },
    })
    expect(JSON.parse(String(requests[0]?.body))).toMatchObject({ scope: ['a', 'b'] })
  })

  it('are read from a response as usual', async () => {
    const answer = { body: { access_token: 'at', token_type: 'bearer', scope: 'a c' } }
    const { renewal } = await renewOnce(server, { auth: scopes, stored: { refreshToken: undefined }, answer })
    expect(renewal?.scopes).toEqual(['a', 'c'])
  })
})

describe('the exchange of an authorization code', () => {
  const redirectUri = 'https://latchkey.example.com/oauth/callback/1'
  const exchange = { code: 'the-c0de', redirectUri, codeVerifier: 'v'.repeat(43) }
  const standard = {
    grant_type: 'authorization_code',
    code: 'the-c0de',
    redirect_uri: redirectUri,
    code_verifier: exchange.codeVerifier,
  }
  const { redirect_uri: _, ...withoutRedirect } = standard

  it.each<[string, Parameters<typeof oauth2Of>[0], Parameters<typeof exchangeCode>[1], Record<string, string>]>([
    ['PKCE', code, exchange, { ...standard, client_id: 'their-id', client_secret: 'their-s3cret' }],
    [
      'no PKCE',
      { ...code, pkce: 'none' },
      { code: 'the-c0de', redirectUri },
      {
        grant_type: 'authorization_code',
        code: 'the-c0de',
        redirect_uri: redirectUri,
        client_id: 'their-id',
        client_secret: 'their-s3cret',
      },
    ],
    [
      'other names',
      { ...code, tokenRequest: { names: { code: 'auth_code', redirect_uri: 'callback', client_id: 'app_id' } } },
      exchange,
      {
        grant_type: 'authorization_code',
        auth_code: 'the-c0de',
        callback: redirectUri,
        code_verifier: exchange.codeVerifier,
        app_id: 'their-id',
        client_secret: 'their-s3cret',
      },
    ],
    [
      'parameters of renewals, which are not sent, and without redirect_uri',
      { ...code, tokenRequest: { params: { a: '1' }, refreshParams: { b: '2' }, omit: ['redirect_uri'] } },
      exchange,
      { ...withoutRedirect, client_id: 'their-id', client_secret: 'their-s3cret', a: '1' },
    ],
    [
      'a refresh URL, which is not used',
      { ...code, refreshUrl: 'http://{{ input.host }}/refresh' },
      exchange,
      { ...standard, client_id: 'their-id', client_secret: 'their-s3cret' },
    ],
  ])('with %s', async (_name, auth, what, form) => {
    server.answers.splice(0, server.answers.length, { body: { access_token: 'at', refresh_token: 'rt', scope: 'a' } })
    const context = contextOf(server, { oauthClient: client })
    const renewal = await exchangeCode(oauth2Of({ ...auth, scopes: ['a', 'b'] }), what, context)
    expect(server.seen.at(-1)?.url).toBe('/token')
    expect(formOf(server.seen.at(-1))).toEqual(form)
    expect(renewal).toEqual({
      stored: { type: 'oauth2', fields: {}, accessToken: 'at', refreshToken: 'rt', scopes: ['a'] },
      scopes: ['a'],
    })
  })

  it('redacts code, verifier and secret from the error', async () => {
    const description = `bad code the-c0de, verifier ${exchange.codeVerifier}, their-s3cret`
    const body = { error: 'invalid_grant', error_description: description }
    server.answers.splice(0, server.answers.length, { status: 400, body })
    const failed = exchangeCode(oauth2Of(code), exchange, contextOf(server, { oauthClient: client }))
    await expect(failed).rejects.toMatchObject({
      reason: 'INVALID_GRANT',
      words: { providerErrorDescription: 'bad code [redacted], verifier [redacted], [redacted]' },
    })
  })
})
