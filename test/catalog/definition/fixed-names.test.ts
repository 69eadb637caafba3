import { describe, expect, it } from 'vitest'
import { type DefinitionInput, parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { fieldErrorsOf } from '../../auth/contract.ts'

const T = '{{ input.name }}'

type Auth = DefinitionInput['auth']
type Given = Omit<Partial<DefinitionInput>, 'auth'> & { auth?: Auth }

function definitionWith(given: Given): DefinitionInput {
  return {
    displayName: 'Test',
    baseUrl: 'https://api.example.com',
    inputFields: [{ name: 'name' }],
    auth: { type: 'none' },
    ...given,
  }
}

const fields = [{ name: 'key', secret: true }]
const apiKey = (placement: object): Given => ({ auth: { type: 'api_key', placement } as Auth })
const oauth2 = (more: object): Given => ({
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://auth.example.com/authorize',
    tokenUrl: 'https://auth.example.com/token',
    ...more,
  } as Auth,
})
const login = (more: object): Given => ({
  auth: {
    type: 'session_token',
    login: { url: 'https://api.example.com/login', ...more },
    fields,
    tokenPath: ['token'],
    placement: { in: 'header', name: 'X-Session' },
  },
})
const jwt = (more: object): Given => ({
  auth: { type: 'jwt', algorithm: 'HS256', key: '{{ config.key }}', fields, ...more } as Auth,
})
const hmac = (more: object): Given => ({
  auth: {
    type: 'signature',
    method: 'hmac',
    fields,
    key: '{{ config.key }}',
    hash: 'sha256',
    message: '{{ body }}',
    encoding: 'hex',
    placement: { in: 'header', name: 'X-Signature' },
    ...more,
  } as Auth,
})
const stream = (more: object): Given => ({ streams: [{ name: 'things', path: '/things', ...more }] })
const action = (request: object, more: object = {}): Given => ({
  actions: [{ name: 'act', input: { type: 'object' }, request: { method: 'POST', path: '/', ...request }, ...more }],
})
const ok = { path: ['cursor'], hasMore: ['more'] }

/** Every place of a definition at which a name, or a fixed text beside it, is sent. */
const places: Record<string, Given> = {
  'auth.placement.name (header)': apiKey({ in: 'header', name: T }),
  'auth.placement.name (query)': apiKey({ in: 'query', name: T }),
  'auth.placement.name (form)': apiKey({ in: 'form', name: ['auth', T] }),
  'auth.placement.name (json)': apiKey({ in: 'json', name: ['auth', T] }),
  'auth.placement.name (cookie)': apiKey({ in: 'cookie', name: T }),
  'auth.placement.prefix': apiKey({ in: 'header', name: 'X-Key', prefix: T }),
  'auth.timestamp.name': hmac({ timestamp: { in: 'query', name: T, format: 'epoch' } }),
  'auth.nonce.name': hmac({ nonce: { in: 'json', name: T } }),
  'auth.authorizationParams': oauth2({ authorizationParams: { [T]: '1' } }),
  'auth.authorizationNames': oauth2({ authorizationNames: { client_id: T } }),
  'auth.authorizationResponse.code': oauth2({ authorizationResponse: { code: T } }),
  'auth.callbackKeep': oauth2({ callbackKeep: { [T]: 'realm' } }),
  'auth.scopes': oauth2({ scopes: ['a', '{{input.name}}'] }),
  'auth.grantType': oauth2({ grant: 'custom', grantType: T }),
  'auth.clientKey.kid': oauth2({ clientAuth: 'private_key_jwt', clientKey: { alg: 'RS256', kid: T } }),
  'auth.tokenRequest.params': oauth2({ tokenRequest: { params: { [T]: '1' } } }),
  'auth.tokenRequest.refreshParams': oauth2({ tokenRequest: { refreshParams: { [T]: '1' } } }),
  'auth.tokenRequest.headers': oauth2({ tokenRequest: { headers: { [T]: '1' } } }),
  'auth.tokenRequest.names': oauth2({ tokenRequest: { names: { client_id: T } } }),
  'auth.revocation.form': oauth2({ revocation: { url: 'https://a.example.com', form: { [T]: '1' } } }),
  'auth.revocation.json': oauth2({ revocation: { url: 'https://a.example.com', json: { a: { [T]: '1' } } } }),
  'auth.assertion.claims': oauth2({
    grant: 'jwt_bearer',
    assertion: { algorithm: 'HS256', key: 'k', claims: { [T]: '1' } },
  }),
  'auth.login.query': login({ query: { [T]: '1' } }),
  'auth.login.form': login({ form: { [T]: '1' } }),
  'auth.login.json': login({ json: { deep: [{ [T]: '1' }] } }),
  'auth.login.headers': login({ headers: { [T]: '1' } }),
  'auth.login.auth.placement.name': login({ auth: { type: 'api_key', placement: { in: 'query', name: T } } }),
  'auth.claims': jwt({ claims: { user: { [T]: 1 } } }),
  'auth.headers': jwt({ headers: { [T]: '1' } }),
  'auth.options.0.auth.placement.name': {
    auth: {
      type: 'selective',
      options: [{ key: 'a', label: 'A', auth: { type: 'api_key', placement: { in: 'query', name: T } } }],
    },
  },
  headers: { headers: { [T]: '1' } },
  'afterConnect.0.json': { afterConnect: [{ path: '/me', json: { [T]: '1' }, keep: {} }] },
  'testRequest.json': { testRequest: { path: '/me', json: { [T]: '1' } } },
  'streams.0.query': stream({ query: { [T]: '1' } }),
  'streams.0.headers': stream({ headers: { [T]: '1' } }),
  'streams.0.json': stream({ method: 'POST', json: { filter: { [T]: '1' } } }),
  'streams.0.pagination.param (cursor)': stream({ pagination: { type: 'cursor', ...ok, param: T } }),
  'streams.0.pagination.param (page)': stream({ pagination: { type: 'page', param: T } }),
  'streams.0.pagination.sizeParam': stream({ pagination: { type: 'page', param: 'p', sizeParam: T, size: 5 } }),
  'streams.0.pagination.limitParam': stream({ pagination: { type: 'offset', param: 'p', limitParam: T, size: 5 } }),
  'streams.0.incremental.param': stream({ incremental: { cursorField: ['at'], param: T } }),
  'streams.0.incremental.until.param': stream({
    incremental: { cursorField: ['at'], param: 'a', until: { param: T } },
  }),
  'streams.0.incremental.feed.param': stream({ incremental: { feed: { ...ok, param: T } } }),
  'actions.0.request.query': action({ query: { [T]: '1' } }),
  'actions.0.request.form': action({ form: { [T]: '1' } }),
  'actions.0.request.json': action({ json: { [T]: '1' } }),
  'actions.0.request.headers': action({ headers: { [T]: '1' } }),
  'actions.0.idempotencyKey.name': action({ json: {} }, { idempotencyKey: { in: 'json', name: T } }),
  'webhook.verify.place.name': { webhook: { verify: { method: 'token', place: { in: 'query', name: T } } } },
  'webhook.verify.prefix': {
    webhook: { verify: { method: 'jwt', jwksUrl: 'https://auth.example.com/keys', prefix: T } },
  },
}

describe('a definition with a template in a name', () => {
  it.each(Object.entries(places))('is refused: %s', (place, given) => {
    const errors = fieldErrorsOf(() => parseDefinition(definitionWith(given)))
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.every((error) => error.startsWith(place.split(' ')[0] ?? ''))).toBe(true)
  })

  it('says that a name is no template', () => {
    expect(fieldErrorsOf(() => parseDefinition(definitionWith(stream({ query: { [T]: '1' } }))))).toEqual([
      `streams.0.query.${T}: must not contain {{, because a name is not a template and would be sent as it stands`,
    ])
  })

  it('keeps working where it was stored by an older version', () => {
    const stored = definitionWith(stream({ query: { [T]: '1' } }))
    expect(parseDefinition(stored, { isStored: true })).toEqual(stored)
  })
})

describe('a template that is not in a name', () => {
  it.each<[string, Given]>([
    [
      'a value of JSON under a key that is also the name of a setting',
      stream({ json: { name: T, in: T, param: T, code: T } }),
    ],
    ['a value of a form', action({ form: { prefix: T, kid: [T] } })],
    [
      'an argument of an action',
      {
        actions: [
          { name: 'act', input: { type: 'object', properties: { [T]: {} } }, request: { method: 'POST', path: '/' } },
        ],
      },
    ],
    ['a value that is compared', { responseErrors: [{ path: 'a', equals: { [T]: T }, as: 'fail' }] }],
    ['an option of a strategy of the deployment', { auth: { type: 'custom', strategy: 'own', options: { [T]: T } } }],
  ])('is accepted: %s', (_name, given) => {
    expect(fieldErrorsOf(() => parseDefinition(definitionWith(given)))).toEqual([])
  })
})
