import { describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import { ownClientOf, refreshTokenOf } from '../../../src/auth/oauth2/token-response.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import type { StoredCredential, StoredOAuth2 } from '../../../src/auth/stored-credential.ts'
import { scopeOf } from '../../../src/auth/template-scope.ts'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import type { OAuth2 } from '../../../src/catalog/definition/oauth2.ts'
import type { OAuthTokenInput } from '../../../src/wire/credential-fields.ts'
import { authOf, emptyDraft, fieldErrorsOf, noContext, now } from '../contract.ts'

type OAuth2Input = Extract<DefinitionInput['auth'], { type: 'oauth2' }>

function oauth2(more: Partial<OAuth2Input> = {}): OAuth2 {
  const auth = authOf({ type: 'oauth2', grant: 'refresh_token', tokenUrl: 'https://auth.example.com/token', ...more })
  if (auth.type !== 'oauth2') throw new Error('not OAuth2')
  return auth
}

function ofOAuth2(stored: StoredCredential): StoredOAuth2 {
  if (stored.type !== 'oauth2') throw new Error('not OAuth2')
  return stored
}

const injected = (oauthToken: OAuthTokenInput, auth = oauth2()) => ofOAuth2(checkCredential(auth, { oauthToken }, now))
const code = oauth2({ grant: 'authorization_code', authorizationUrl: 'https://auth.example.com/a', scopes: ['read'] })

describe('an injected token', () => {
  it.each<[string, OAuthTokenInput, Partial<StoredOAuth2>]>([
    ['an access token', { accessToken: 'at' }, { accessToken: 'at' }],
    ['a refresh token alone', { refreshToken: 'rt' }, { refreshToken: 'rt' }],
    ['both', { accessToken: 'at', refreshToken: 'rt' }, { accessToken: 'at', refreshToken: 'rt' }],
    [
      'an instant of expiry',
      { accessToken: 'at', expiresAt: new Date('2026-05-01T00:00:00Z') },
      { accessToken: 'at', expiresAt: '2026-05-01T00:00:00.000Z' },
    ],
    [
      'a duration of expiry',
      { accessToken: 'at', expiresIn: 3600 },
      { accessToken: 'at', expiresAt: '2026-01-02T04:04:05.000Z' },
    ],
    [
      'an expired one with a refresh token',
      { accessToken: 'at', refreshToken: 'rt', expiresAt: new Date(0) },
      { accessToken: 'at', refreshToken: 'rt', expiresAt: '1970-01-01T00:00:00.000Z' },
    ],
    [
      'an expired one without',
      { accessToken: 'at', expiresAt: new Date(0) },
      { accessToken: 'at', expiresAt: '1970-01-01T00:00:00.000Z' },
    ],
    [
      'a token type in any case',
      { accessToken: 'at', tokenType: 'BEARER' },
      { accessToken: 'at', tokenType: 'BEARER' },
    ],
    ['scopes', { accessToken: 'at', scopes: ['a', 'b:c'] }, { accessToken: 'at', scopes: ['a', 'b:c'] }],
    [
      'a client of its own',
      { refreshToken: 'rt', clientId: 'id', clientSecret: 'cs' },
      { refreshToken: 'rt', clientId: 'id', clientSecret: 'cs' },
    ],
    ['extra', { accessToken: 'at', extra: { team: 'x', n: 1 } }, { accessToken: 'at', extra: { team: 'x', n: 1 } }],
    [
      'nulls',
      { accessToken: 'at', refreshToken: null, expiresIn: null, scopes: null, extra: null },
      { accessToken: 'at' },
    ],
  ])('with %s is stored', (_name, token, expected) => {
    expect(injected(token)).toEqual({ type: 'oauth2', fields: {}, scopes: [], ...expected })
  })

  it.each<[string, OAuthTokenInput, string[]]>([
    ['no token', { scopes: ['a'] }, [': needs accessToken, refreshToken or both']],
    [
      'blank tokens',
      { accessToken: ' ', refreshToken: '' },
      ['.accessToken: must not be blank', '.refreshToken: must not be blank'],
    ],
    [
      'a line break',
      { accessToken: 'LEAK\nX: y' },
      [
        '.accessToken: must not hold line breaks',
        '.accessToken: goes into a header and may contain only printable ASCII',
      ],
    ],
    ['outer white space', { accessToken: ' LEAK' }, ['.accessToken: begins or ends with white space: remove it']],
    [
      'letters that a header cannot hold',
      { accessToken: 'LEAKü' },
      ['.accessToken: goes into a header and may contain only printable ASCII'],
    ],
    [
      'both kinds of expiry',
      { accessToken: 'a', expiresAt: now, expiresIn: 1 },
      ['.expiresIn: must not be given together with expiresAt'],
    ],
    [
      'an expiry of zero',
      { accessToken: 'a', expiresIn: 0 },
      ['.expiresIn: must be a whole number of seconds above 0'],
    ],
    [
      'a negative expiry',
      { accessToken: 'a', expiresIn: -5 },
      ['.expiresIn: must be a whole number of seconds above 0'],
    ],
    [
      'a fraction of a second',
      { accessToken: 'a', expiresIn: 0.5 },
      ['.expiresIn: must be a whole number of seconds above 0'],
    ],
    [
      'an expiry in milliseconds',
      { accessToken: 'a', expiresIn: 3_600_000_000_000 },
      ['.expiresIn: must be within 100 years'],
    ],
    [
      'an instant of another century',
      { accessToken: 'a', expiresAt: new Date('2200-01-01') },
      ['.expiresAt: must be within 100 years'],
    ],
    ['no instant', { accessToken: 'a', expiresAt: new Date('x') }, ['.expiresAt: must be a time']],
    [
      'another token type',
      { accessToken: 'a', tokenType: 'mac' },
      ['.tokenType: must be bearer: the definition does not say how to send another type of token'],
    ],
    ['scopes in one text', { accessToken: 'a', scopes: ['a b'] }, ['.scopes.0: must be a single scope']],
    [
      'a client secret without its id',
      { accessToken: 'a', clientSecret: 'LEAK' },
      ['.clientId: is required with clientSecret'],
    ],
    ['extra that is a list', { accessToken: 'a', extra: ['LEAK'] }, ['.extra: must be an object']],
    [
      'nested extra',
      { accessToken: 'a', extra: { a: { b: 'LEAK' }, c: true, d: null } },
      [
        '.extra.a: must be text or a number',
        '.extra.c: must be text or a number',
        '.extra.d: must be text or a number',
      ],
    ],
    [
      'everything wrong',
      { accessToken: 5 as unknown as string, expiresIn: 0, tokenType: 'mac' },
      [
        '.accessToken: must be text',
        '.tokenType: must be bearer: the definition does not say how to send another type of token',
        '.expiresIn: must be a whole number of seconds above 0',
      ],
    ],
  ])('with %s is rejected', (_name, token, errors) => {
    const found = fieldErrorsOf(() => injected(token))
    expect(found).toEqual(errors.map((error) => `input.credential.oauthToken${error}`))
    expect(found.join()).not.toContain('LEAK')
  })

  const codeOf = (more: Partial<Extract<DefinitionInput['auth'], { type: 'oauth2' }>>) =>
    oauth2({ grant: 'authorization_code', authorizationUrl: 'https://auth.example.com/a', ...more })

  it.each<[string, OAuth2]>([
    ['the grant authorization_code', code],
    ['a public client of the grant authorization_code', codeOf({ clientAuth: 'none' })],
    ['a client authentication', oauth2({ clientAuth: 'client_secret_basic' })],
    [
      'a header that is built from the client',
      codeOf({ tokenRequest: { headers: { 'X-Client': '{{ config.client_id }}' } } }),
    ],
    ['a client in a field', codeOf({ fields: [{ name: 'app' }], clientId: '{{ config.app }}' })],
  ])('whose refresh needs a client is rejected without one: %s', (_name, auth) => {
    const found = fieldErrorsOf(() => injected({ accessToken: 'at', refreshToken: 'rt' }, auth))
    expect(found).toEqual([
      expect.stringMatching(/^input\.credential\.oauthToken\.clientId: is missing: .*updateIntegration/),
    ])
    // A token without a refresh token, a token with its client, and a client of the integration are accepted.
    injected({ accessToken: 'at' }, auth)
    injected({ refreshToken: 'rt', clientId: 'id' }, auth)
    checkCredential(auth, { oauthToken: { refreshToken: 'rt' } }, now, { hasOAuthClient: true })
  })

  it.each<[string, OAuth2]>([
    ['the grant refresh_token without client authentication', oauth2()],
    ['no client authentication', oauth2({ clientAuth: 'none' })],
    ['a client of the definition', codeOf({ clientId: 'the-app' })],
    ['a client that an input names', codeOf({ clientId: '{{ input.app }}' })],
    ['a client in the parameters', codeOf({ tokenRequest: { params: { client_id: 'the-app' } } })],
    [
      'a client in a parameter by another name',
      codeOf({ tokenRequest: { names: { client_id: 'app_id' }, params: { app_id: '{{ input.app }}' } } }),
    ],
    ['a client in the parameters of renewals', codeOf({ tokenRequest: { refreshParams: { client_id: 'the-app' } } })],
    ['a client in the headers', codeOf({ tokenRequest: { headers: { Authorization: 'Basic YTpi' } } })],
  ])('whose refresh needs no further client is accepted: %s', (_name, auth) => {
    expect(injected({ refreshToken: 'rt' }, auth)).toMatchObject({ refreshToken: 'rt' })
  })

  it('may have another type if the definition says how it is sent', async () => {
    const auth = oauth2({ placement: { in: 'header', name: 'X-Shopify-Access-Token' } })
    const draft = emptyDraft()
    await strategyOf(auth)
      .open(injected({ accessToken: 'at', tokenType: 'shop' }, auth), noContext)
      .apply(draft)
    expect(draft.headers.get('x-shopify-access-token')).toBe('at')
    expect(draft.headers.has('authorization')).toBe(false)
  })

  it('is sent as a bearer token, with its expiry and scopes', async () => {
    const token = { accessToken: 'at', refreshToken: 'rt', expiresIn: 60, scopes: ['a'], clientId: 'id' }
    const stored = injected(token, code)
    const authenticator = strategyOf(code).open(stored, noContext)
    const draft = emptyDraft()
    await authenticator.apply(draft)
    expect(draft.headers.get('authorization')).toBe('Bearer at')
    expect(authenticator).toMatchObject({ ready: true, refreshable: true, scopes: ['a'], secrets: ['at', 'rt'] })
    expect(authenticator.expiresAt).toEqual(new Date('2026-01-02T03:05:05Z'))
  })

  it('offers its extra values to templates as kept', () => {
    const stored = injected({ accessToken: 'at', extra: { team: 'x' } })
    expect(scopeOf(code, stored, { input: { a: '1' }, kept: { team: 'old', b: 2 } })).toEqual({
      config: { a: '1' },
      input: { a: '1' },
      kept: { team: 'x', b: 2 },
    })
  })

  it('is the only kind of credential for a code grant', () => {
    expect(fieldErrorsOf(() => checkCredential(code, { fields: {} }, now))).toEqual([
      'input.credential.fields: is not accepted by this integration. Give oauthToken',
    ])
    expect(fieldErrorsOf(() => checkCredential(code, { secretText: 'LEAK' }, now))).toHaveLength(1)
  })
})

describe('the credential fields of a grant', () => {
  const names = (auth: OAuth2, hasOAuthClient = false) =>
    strategyOf(auth)
      .describe({ hasOAuthClient })
      .credentialFields.map((field) => field.name)

  it.each<[string, OAuth2, string[], string[]]>([
    ['an authorization code', code, [], []],
    ['a refresh token', oauth2(), ['client_id', 'client_secret', 'refresh_token'], ['refresh_token']],
    ['client credentials', oauth2({ grant: 'client_credentials' }), ['client_id', 'client_secret'], []],
    ['a public client', oauth2({ clientAuth: 'none' }), ['client_id', 'refresh_token'], ['refresh_token']],
    [
      'a custom grant',
      oauth2({ grant: 'custom', grantType: 'g', fields: [{ name: 'account' }] }),
      ['client_id', 'client_secret', 'account'],
      ['account'],
    ],
    [
      'fields of other names',
      oauth2({ fields: [{ name: 'app' }, { name: 'client_secret' }], clientId: '{{ config.app }}', refreshToken: 'x' }),
      ['app', 'client_secret'],
      ['app'],
    ],
    [
      'a signed assertion',
      oauth2({
        grant: 'jwt_bearer',
        assertion: { algorithm: 'RS256', key: '{{ config.k }}' },
        fields: [{ name: 'k' }],
      }),
      ['k'],
      ['k'],
    ],
  ])('%s: without and with an OAuth client of the integration', (_name, auth, without, withClient) => {
    expect(names(auth)).toEqual(without)
    expect(names(auth, true)).toEqual(withClient)
  })

  it('make a credential that must be renewed before use', () => {
    const auth = oauth2({ scopes: ['a'] })
    const fields = { client_id: 'id', client_secret: 'cs', refresh_token: 'rt' }
    const stored = ofOAuth2(checkCredential(auth, { fields }, now))
    expect(stored).toEqual({ type: 'oauth2', fields, refreshToken: 'rt', scopes: ['a'] })
    const authenticator = strategyOf(auth).open(stored, noContext)
    expect(authenticator).toMatchObject({ ready: false, refreshable: true, secrets: ['rt', 'cs'] })
    expect(() => authenticator.apply(emptyDraft())).toThrow('no access token yet')
    expect(ownClientOf(auth, stored, noContext)).toEqual({ clientId: 'id', clientSecret: 'cs' })
  })

  it('are rejected with client fields if the integration has an OAuth client', () => {
    const check = () =>
      checkCredential(oauth2(), { fields: { client_id: 'x', refresh_token: 'rt' } }, now, { hasOAuthClient: true })
    expect(fieldErrorsOf(check)).toEqual([
      'input.credential.fields.client_id: is not a known field. Fields: refresh_token',
    ])
  })

  it('may be used in templates of the definition', () => {
    const auth = oauth2({
      fields: [{ name: 'app' }, { name: 'secret' }, { name: 'rt' }],
      clientId: 'app-{{ config.app }}',
      clientSecret: '{{ config.secret }}',
      refreshToken: '{{ config.rt }}',
    })
    const stored = ofOAuth2(checkCredential(auth, { fields: { app: '1', secret: 's', rt: 'r' } }, now))
    expect(ownClientOf(auth, stored, noContext)).toEqual({ clientId: 'app-1', clientSecret: 's' })
    expect(refreshTokenOf(auth, stored, noContext)).toBe('r')
    expect(refreshTokenOf(auth, { ...stored, refreshToken: 'newer' }, noContext)).toBe('newer')
  })

  it('accept a private key with several lines as the client secret', () => {
    const auth = oauth2({ grant: 'client_credentials', clientAuth: 'private_key_jwt', clientKey: { alg: 'ES256' } })
    const key = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n'
    const stored = checkCredential(auth, { fields: { client_id: 'id', client_secret: key } }, now)
    expect(stored.fields['client_secret']).toBe(key)
  })
})

describe('isRefreshable:', () => {
  const clientCredentials = oauth2({ grant: 'client_credentials' })
  const noClient: StoredOAuth2 = { type: 'oauth2', fields: {}, scopes: [], accessToken: 'a' }

  it.each<[string, OAuth2, StoredOAuth2, boolean, boolean]>([
    ['a bare access token', code, noClient, false, false],
    ['a bare access token, the integration having a client', code, noClient, true, false],
    ['a refresh token', code, { ...noClient, refreshToken: 'r' }, true, true],
    ['client credentials without a client', clientCredentials, noClient, false, false],
    ['client credentials with the integration’s client', clientCredentials, noClient, true, true],
    ['client credentials with a client of its own', clientCredentials, { ...noClient, clientId: 'i' }, false, true],
    [
      'client credentials in fields',
      clientCredentials,
      { ...noClient, fields: { client_id: 'i', client_secret: 's' } },
      false,
      true,
    ],
    ['the refresh-token grant without one', oauth2(), noClient, true, false],
    [
      'client credentials that are constants',
      oauth2({ grant: 'client_credentials', clientId: 'i', clientSecret: 's' }),
      { type: 'oauth2', fields: {}, scopes: [] },
      false,
      true,
    ],
    [
      'client credentials of a constant client whose secret is missing',
      oauth2({ grant: 'client_credentials', clientId: 'i' }),
      noClient,
      false,
      false,
    ],
    [
      'an assertion that is signed with a constant key',
      oauth2({ grant: 'jwt_bearer', fields: [], assertion: { algorithm: 'HS256', key: 'k'.repeat(32) } }),
      { type: 'oauth2', fields: {}, scopes: [] },
      false,
      true,
    ],
  ])('%s', (_name, auth, stored, hasOAuthClient, expected) => {
    expect(strategyOf(auth).open(stored, { ...noContext, hasOAuthClient }).refreshable).toBe(expected)
  })
})
