import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { problemsOf } from './problems-of.ts'

const base = { displayName: 'Acme', baseUrl: 'https://api.example.com' }

describe('auth in a definition', () => {
  const fields = [{ name: 'key', secret: true, required: true }]
  const shapes = {
    session_token: {
      type: 'session_token',
      login: { url: 'https://example.com/login', method: 'POST', json: { user: '{{ config.key }}' } },
      fields,
      tokenPath: 'token',
      lifetime: 'P14D',
      placement: { in: 'header', name: 'X-Session' },
    },
    jwt: { type: 'jwt', algorithm: 'ES256', key: '{{ config.key }}', claims: { iss: 'me' }, fields },
    aws: {
      type: 'signature',
      method: 'aws_sigv4',
      fields,
      accessKeyId: 'a',
      secretAccessKey: '{{ config.key }}',
      region: 'eu',
      service: 's3',
    },
    hmac: {
      type: 'signature',
      method: 'hmac',
      fields,
      key: '{{ config.key }}',
      hash: 'sha256',
      message: '{{ method ~ path ~ body ~ timestamp ~ nonce }}\n',
      encoding: 'hex',
      placement: { in: 'header', name: 'X-Sig' },
      timestamp: { in: 'header', name: 'X-Time', format: 'epoch' },
    },
    oauth1: {
      type: 'oauth1',
      requestTokenUrl: 'https://example.com/r',
      authorizationUrl: 'https://example.com/a',
      accessTokenUrl: 'https://example.com/t',
    },
    selective: { type: 'selective', options: [{ key: 'a', label: 'A', auth: { type: 'bearer' } }] },
    custom: { type: 'custom', strategy: 'mine', options: { a: 1 } },
  }

  it.each(Object.entries(shapes))('accepts %s', (_name, auth) => {
    expect(problemsOf({ ...base, auth })).toEqual([])
  })

  describe('a client certificate', () => {
    const pem = ['cert', 'key'].map((name) => ({ name, secret: true, required: true }))
    const templates = { certificate: '{{ config.cert }}', key: '{{ config.key }}' }
    const oauth2 = { type: 'oauth2', tokenUrl: 'https://example.com/t', authorizationUrl: 'https://example.com/a' }
    const consent = { ...oauth2, grant: 'authorization_code' }

    it.each<[string, object]>([
      ['standard fields beside those of the type', { type: 'bearer', clientCertificate: {} }],
      ['the type none', { type: 'none', clientCertificate: {} }],
      ['own fields', { type: 'none', fields: pem, clientCertificate: templates }],
      [
        'one field with both',
        {
          type: 'none',
          fields: [pem[1]],
          clientCertificate: { certificate: '{{ config.key }}', key: '{{ config.key }}' },
        },
      ],
      ['a session token', { ...shapes.session_token, clientCertificate: {} }],
      ['OAuth 1.0a without a consent', { type: 'oauth1', clientCertificate: {} }],
      [
        'an option',
        { type: 'selective', options: [{ key: 'a', label: 'A', auth: { type: 'basic', clientCertificate: {} } }] },
      ],
      ['the client of a consent', { ...consent, clientAuth: 'none', clientCertificate: {} }],
    ])('is accepted with %s', (_, auth) => {
      expect(problemsOf({ ...base, auth })).toEqual([])
    })

    it.each<[string, object, RegExp]>([
      [
        'a key that reads no field',
        { type: 'bearer', clientCertificate: { key: 'constant' } },
        /^auth.clientCertificate.key: must read a field/,
      ],
      [
        'a key in a field that is not secret',
        { type: 'none', fields: [{ name: 'cert' }, { name: 'key' }], clientCertificate: templates },
        /^auth.clientCertificate.key: must read only secret fields/,
      ],
      [
        'a field that does not exist',
        { type: 'none', fields: [pem[1]], clientCertificate: templates },
        /^auth.clientCertificate.certificate: reads cert, which is not a field/,
      ],
      ['fields that nothing reads', { type: 'none', fields: pem }, /^auth.fields: must be left out/],
      [
        'a secret of the client that is also sent',
        { ...consent, clientCertificate: {} },
        /^auth.clientAuth: must be none or private_key_jwt/,
      ],
      [
        'fields where people consent',
        { ...consent, clientAuth: 'none', fields: pem, clientCertificate: templates },
        /^auth.clientCertificate.key: must read only secret fields/,
      ],
      [
        'a consent of OAuth 1.0a',
        { ...shapes.oauth1, clientCertificate: {} },
        /^auth.clientCertificate: must be left out/,
      ],
      [
        'a login that reads other fields',
        {
          ...shapes.session_token,
          login: { url: 'https://example.com/l', auth: { type: 'none', clientCertificate: {} } },
        },
        /^auth.login.auth.clientCertificate.certificate: reads client_certificate/,
      ],
    ])('is refused with %s', (_, auth, problem) => {
      expect(problemsOf({ ...base, auth })[0]).toMatch(problem)
    })

    it('makes a host of a stream one that must be named, also with the type none', () => {
      const streams = [{ name: 's', path: '/s', baseUrl: 'https://other.example' }]
      const auth = { type: 'none', clientCertificate: {} }
      expect(problemsOf({ ...base, auth, streams })).toEqual([
        expect.stringMatching(/^streams.0.baseUrl: is at another host/),
      ])
      expect(problemsOf({ ...base, auth, streams, hosts: ['other.example'] })).toEqual([])
    })
  })

  it('refuses invalid values', () => {
    expect(problemsOf({ ...base, auth: { ...shapes.jwt, algorithm: 'none' } })[0]).toMatch(
      /^auth.algorithm: must be one of HS256/,
    )
    expect(problemsOf({ ...base, auth: { ...shapes.hmac, message: '{{ boddy }}' } })[0]).toMatch(
      /^auth.message: reads boddy/,
    )
    const login = { ...shapes.session_token.login, form: { a: 'b' } }
    expect(problemsOf({ ...base, auth: { ...shapes.session_token, login } })).toContain(
      'auth.login.json: must not be combined with form, because a request has one body',
    )
    expect(
      problemsOf({ ...base, auth: { ...shapes.hmac, timestamp: { in: 'header', name: 'a b', format: 'epoch' } } }),
    ).toEqual(['auth.timestamp.name: must be a header name'])
  })

  it('refuses other fields for the login of a session token, and an expiry that is a token', () => {
    const auth = shapes.session_token
    const problems = (login: object, more: object = {}) =>
      problemsOf({ ...base, auth: { ...auth, login: { ...auth.login, auth: login }, ...more } })
    const token = '{{ config.key }}'
    const other = 'must be empty or left out, because a login reads the fields of the session token'
    expect(problems({ type: 'bearer', token, fields: [{ name: 'key' }] })).toEqual([`auth.login.auth.fields: ${other}`])
    expect(problems({ type: 'bearer', token, fields: [] })).toEqual([])
    const option = { key: 'a', label: 'A', auth: { type: 'bearer', token, fields } }
    expect(problems({ type: 'selective', options: [option] })).toEqual([
      `auth.login.auth.options.0.auth.fields: ${other}`,
    ])
    const shown = 'must not be the place of a token, because the expiry is not secret'
    expect(problems({ type: 'none' }, { expiry: { path: 'token' } })).toEqual([`auth.expiry.path: ${shown}`])
    const oauth2 = { type: 'oauth2', grant: 'refresh_token', tokenUrl: 'https://a.example.com/token' }
    const tokenResponse = { accessToken: 'tokens.0', expiry: { path: ['tokens', 0] } }
    expect(problemsOf({ ...base, auth: { ...oauth2, tokenResponse } })).toEqual([
      `auth.tokenResponse.expiry.path: ${shown}`,
    ])
  })

  it('refuses client credentials that no connection could ever have', () => {
    const auth = { type: 'oauth2', grant: 'client_credentials', tokenUrl: 'https://a.example.com/token' }
    const problems = (more: object) =>
      problemsOf({ ...base, inputFields: [{ name: 'app' }], auth: { ...auth, ...more } })
    expect(problems({ clientId: 'the-app', clientSecret: 's' })).toEqual([])
    expect(
      problems({
        clientId: '{{ input.app }}',
        fields: [{ name: 'pin', secret: true }],
        clientSecret: '{{ config.pin }}',
      }),
    ).toEqual([])
    expect(problems({ clientId: 'the-app', clientSecret: '' })).toEqual(['auth.clientSecret: must not be empty'])
    expect(problems({ clientId: '{{ config.account }}', clientSecret: '{{ config.pin }}' })).toEqual([
      "auth.clientId: reads config['account'], which is neither a field of the credential nor an input field",
      "auth.clientSecret: reads config['pin'], which is neither a field of the credential nor an input field",
    ])
    const options = [{ key: 'a', label: 'A', auth: { ...auth, clientId: '' } }]
    expect(problemsOf({ ...base, auth: { type: 'selective', options } })).toEqual([
      'auth.options.0.auth.clientId: must not be empty',
    ])
  })

  it('refuses invalid values inside a login and inside an option too', () => {
    const wrong = { ...shapes.jwt, algorithm: 'none' }
    const login = { ...shapes.session_token.login, auth: wrong }
    expect(problemsOf({ ...base, auth: { ...shapes.session_token, login } })[0]).toMatch(/^auth.login.auth.algorithm:/)
    const options = [{ key: 'a', label: 'A', auth: wrong }]
    expect(problemsOf({ ...base, auth: { type: 'selective', options } })[0]).toMatch(/^auth.options.0.auth.algorithm:/)
  })

  it('refuses a selective option inside a selective auth', () => {
    const options = [{ key: 'a', label: 'A', auth: shapes.selective }]
    expect(problemsOf({ ...base, auth: { type: 'selective', options } })).toEqual([
      'auth.options.0.auth.type: must not be selective, because one field auth_method cannot select twice',
    ])
  })

  it.each(['secs', 'YYYY-MM-DD', '', '%Q', '%Y-%m-%d %k', '%Y%', '100%%'])(
    'refuses %j as an instant format',
    (format) => {
      const expiry = { path: 'expires', format }
      expect(problemsOf({ ...base, auth: { ...shapes.session_token, expiry } })[0]).toMatch(/^auth.expiry.format: must/)
    },
  )

  it('refuses a shared secret as the key of a client', () => {
    const auth = {
      type: 'oauth2',
      grant: 'client_credentials',
      tokenUrl: 'https://example.com/t',
      clientAuth: 'private_key_jwt',
      clientKey: { alg: 'HS256' },
    }
    expect(problemsOf({ ...base, auth })[0]).toMatch(/^auth.clientKey.alg: must be one of RS256/)
  })

  it('must not keep what is a secret by its name', () => {
    const auth = {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://example.com/authorize',
      tokenUrl: 'https://example.com/token',
      authorizationResponse: { code: 'auth_code' },
      callbackKeep: { auth_code: 'a', state: 'b', realmId: 'realm_id' },
      tokenResponse: { keep: { a: 'access_token', b: 'user.id_token', c: 'token_type', d: 'team.id' } },
    }
    const definition = { ...base, auth, afterConnect: [{ path: '/me', keep: { e: '0.client_secret', f: '0.id' } }] }
    const why =
      'and everyone who sees the connection sees what is kept. Leave it out: Latchkey stores the tokens by itself'
    expect(problemsOf(definition)).toEqual([
      `auth.tokenResponse.keep.a: is a secret by its name, access_token, ${why}`,
      `auth.tokenResponse.keep.b: is a secret by its name, id_token, ${why}`,
      'auth.callbackKeep.auth_code: must not be kept, because it is a secret of the flow',
      'auth.callbackKeep.state: must not be kept, because it is a secret of the flow',
      `afterConnect.0.keep.e: is a secret by its name, client_secret, ${why}`,
    ])
    expect(() => parseDefinition(definition, { isStored: true })).not.toThrow()
  })
})
