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
