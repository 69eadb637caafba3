import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import { StoredCredentialError } from '../../../src/auth/stored-credential.ts'
import { scopeOf } from '../../../src/auth/template-scope.ts'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import type { CredentialInput } from '../../../src/wire/credential-fields.ts'
import { authOf, emptyDraft, fieldErrorsOf, noContext, now } from '../contract.ts'
import { contextOf } from '../oauth2/renew-oauth2.ts'
import { startTokenServer, type TokenServer } from '../oauth2/token-server.ts'

let server: TokenServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const input: DefinitionInput['auth'] = {
  type: 'selective',
  options: [
    { key: 'api_key', label: 'API key', auth: { type: 'api_key', placement: { in: 'header', name: 'X-Key' } } },
    { key: 'password', label: 'User name and password', auth: { type: 'basic' } },
    {
      key: 'oauth',
      label: 'OAuth',
      auth: { type: 'oauth2', grant: 'client_credentials', tokenUrl: 'http://{{ input.host }}/token', scopes: ['a'] },
    },
  ],
}
const auth = authOf(input)

describe('a selective auth', () => {
  it('describes the field for the choice, and the fields of each option', () => {
    const description = strategyOf(auth).describe()
    expect(description).toMatchObject({
      type: 'SELECTIVE',
      credentialFields: [
        {
          name: 'auth_method',
          required: true,
          secret: false,
          example: 'api_key',
          description: 'One of api_key (API key), password (User name and password), oauth (OAuth)',
        },
      ],
    })
    expect(
      description.options.map(({ key, auth: { type, credentialFields } }) => [
        key,
        type,
        credentialFields.map(({ name }) => name),
      ]),
    ).toEqual([
      ['api_key', 'API_KEY', ['api_key']],
      ['password', 'BASIC', ['username', 'password']],
      ['oauth', 'OAUTH2', ['client_id', 'client_secret']],
    ])
  })

  it.each<[string, CredentialInput, Record<string, string>]>([
    ['the field', { fields: { auth_method: 'api_key', api_key: 'k' } }, { 'x-key': 'k' }],
    [
      'the field for another',
      { fields: { auth_method: 'password', username: 'a', password: 'b' } },
      { authorization: 'Basic YTpi' },
    ],
    ['a secret text, which only one takes', { secretText: 'k' }, { 'x-key': 'k' }],
    ['a pair, which only one takes', { basic: { username: 'a', password: 'b' } }, { authorization: 'Basic YTpi' }],
    ['a token, which only one takes', { oauthToken: { accessToken: 'at' } }, { authorization: 'Bearer at' }],
  ])('selects an option by %s', async (_name, credential, headers) => {
    const stored = checkCredential(auth, credential, now)
    const draft = emptyDraft()
    await strategyOf(auth)
      .open(JSON.parse(JSON.stringify(stored)), noContext)
      .apply(draft)
    expect(Object.fromEntries(draft.headers)).toEqual(headers)
  })

  it.each<[string, CredentialInput, string[]]>([
    [
      'no choice',
      { fields: { api_key: 'LEAK' } },
      ['.fields.auth_method: is missing: it must be one of api_key, password, oauth'],
    ],
    [
      'another choice',
      { fields: { auth_method: 'LEAK' } },
      ['.fields.auth_method: must be one of api_key, password, oauth'],
    ],
    [
      'a choice that is no text',
      { fields: { auth_method: ['api_key'] } },
      ['.fields.auth_method: must be one of api_key, password, oauth'],
    ],
    [
      'fields of another choice',
      { fields: { auth_method: 'api_key', username: 'LEAK' } },
      ['.fields.username: is not a known field. Fields: api_key', '.fields.api_key: is missing'],
    ],
    [
      'a wrong value for the one that takes it',
      { secretText: ' LEAK' },
      ['.secretText: begins or ends with white space: remove it'],
    ],
    ['nothing', {}, [': must have exactly one of oauthToken, secretText, basic, fields, authProvider']],
    [
      'an auth provider',
      { authProvider: { provider: 'p', accountId: 'a' } },
      ['.authProvider: is not accepted by this integration. Give fields with auth_method (api_key, password, oauth)'],
    ],
  ])('rejects %s', (_name, credential, errors) => {
    const found = fieldErrorsOf(() => checkCredential(auth, credential, now))
    expect(found).toEqual(errors.map((error) => `input.credential${error}`))
    expect(found.join()).not.toContain('LEAK')
  })

  it('rejects a kind that several options accept, and lists the options', () => {
    const two = authOf({
      type: 'selective',
      options: [
        { key: 'a', label: 'A', auth: { type: 'bearer' } },
        { key: 'b', label: 'B', auth: { type: 'api_key', placement: { in: 'query', name: 'k' } } },
      ],
    })
    expect(fieldErrorsOf(() => checkCredential(two, { secretText: 'x' }, now))).toEqual([
      'input.credential.secretText: does not say which auth method it is for. Give fields with auth_method (a, b)',
    ])
  })

  it('renews with the selected option', async () => {
    server.answers.splice(0, server.answers.length, { body: { access_token: 'at', expires_in: 60, scope: 'a b' } })
    const fields = { auth_method: 'oauth', client_id: 'id', client_secret: 'cs' }
    const stored = checkCredential(auth, { fields }, now)
    expect(strategyOf(auth).open(stored, noContext)).toMatchObject({ ready: false, refreshable: true })
    const renewal = await strategyOf(auth).renew(stored, contextOf(server))
    expect(renewal).toMatchObject({ expiresAt: new Date('2026-01-02T03:05:05Z'), scopes: ['a', 'b'] })
    const opened = strategyOf(auth).open(renewal.stored, noContext)
    expect(opened).toMatchObject({ ready: true, scopes: ['a', 'b'], secrets: ['at', 'cs'] })
  })

  it('offers the fields of the selected option to templates', () => {
    const fields = { auth_method: 'password', username: 'ada', password: 'b' }
    const scope = scopeOf(auth, checkCredential(auth, { fields }, now), { input: { host: 'h' }, kept: {} })
    expect(scope['config']).toEqual({ host: 'h', ...fields })
    expect(scope['input']).toEqual({ host: 'h', auth_method: 'password', username: 'ada' })
  })

  it('does not open a credential of a removed option', () => {
    const stored = checkCredential(auth, { secretText: 'k' }, now)
    const fewer = authOf({ type: 'selective', options: [{ key: 'password', label: 'P', auth: { type: 'basic' } }] })
    expect(() => strategyOf(fewer).open(stored, noContext)).toThrow(StoredCredentialError)
  })

  it('selects the auth of a login too', async () => {
    server.answers.splice(0, server.answers.length, { body: { token: 't' } })
    const session = authOf({
      type: 'session_token',
      login: {
        url: 'http://{{ input.host }}/login',
        auth: input.type === 'selective' ? { type: 'selective', options: input.options.slice(0, 2) } : input,
      },
      fields: [{ name: 'auth_method' }, { name: 'username' }, { name: 'password', secret: true }],
      tokenPath: 'token',
      placement: { in: 'header', name: 'X-Token' },
    })
    const stored = checkCredential(session, { fields: { auth_method: 'password', username: 'a', password: 'b' } }, now)
    await strategyOf(session).renew(stored, contextOf(server))
    expect(server.seen.at(-1)?.headers.authorization).toBe('Basic YTpi')
    const nobody = checkCredential(session, { fields: { auth_method: 'nobody' } }, now)
    await expect(strategyOf(session).renew(nobody, contextOf(server))).rejects.toThrow(
      'does not name an auth method of the login',
    )
  })
})
