import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { StoredCredential, StoredOAuth2 } from '../../src/auth/stored-credential.ts'
import { parseDefinition } from '../../src/catalog/definition/definition.ts'
import { type RevocationOutcome, revocableOf, sendRevocation } from '../../src/deletion/revoke-request.ts'
import { createEgress, type Egress } from '../../src/egress/egress.ts'
import { ecPem } from '../auth/signature/keys.ts'
import { type ProviderHandler, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'

let egress: Egress
let provider: ProviderServer
let answer: ProviderHandler

beforeAll(async () => {
  egress = createEgress({ allow: ['127.0.0.1'] })
  provider = await startProvider((request, response, count) => answer(request, response, count))
})
afterAll(async () => {
  await provider.close()
  await egress.close()
})
beforeEach(() => {
  provider.requests.length = 0
  answer = (_request, response) => void response.writeHead(200).end()
})

const tokens: StoredOAuth2 = {
  type: 'oauth2',
  fields: {},
  accessToken: 'the-access-token',
  refreshToken: 'the-refresh-token',
  scopes: [],
}
const oauthClient = { clientId: 'the-client', clientSecret: 'the-client-secret' }

function definitionOf(auth: object, more: object = {}) {
  return parseDefinition({
    displayName: 'Protected',
    baseUrl: 'https://api.example.com',
    auth: {
      ...{ type: 'oauth2', grant: 'authorization_code', authorizationUrl: 'https://auth.example.com/authorize' },
      ...{ tokenUrl: 'https://auth.example.com/token', revocation: { url: `${provider.origin}/revoke` } },
      ...auth,
    },
    ...more,
  })
}

async function revoke(auth: object = {}, stored: StoredOAuth2 = tokens, more: object = {}): Promise<RevocationOutcome> {
  const definition = definitionOf(auth, more)
  const context = { input: { region: 'eu' }, kept: { team: 'T1' } }
  const revocable = revocableOf(definition.auth, stored, context)
  if (revocable === null) throw new Error('There is nothing to revoke.')
  const { responseErrors } = definition
  const rules = responseErrors === undefined ? {} : { responseErrors }
  return sendRevocation(revocable, { ...context, egress, now: new Date(), oauthClient, timeoutMs: 10_000, ...rules })
}

const sentForms = () => provider.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))

describe('sendRevocation', () => {
  it('sends the refresh token first, then the access token, each with the client’s authentication', async () => {
    expect(await revoke()).toEqual({ as: 'revoked' })
    const client = { client_id: 'the-client', client_secret: 'the-client-secret' }
    expect(sentForms()).toEqual([
      { token: 'the-refresh-token', token_type_hint: 'refresh_token', ...client },
      { token: 'the-access-token', token_type_hint: 'access_token', ...client },
    ])
    expect(provider.requests.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'POST /revoke',
      'POST /revoke',
    ])
  })

  it.each(['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'])(
    'sends no client when its id is empty, with %s',
    async (clientAuth) => {
      const own = { fields: [{ name: 'app' }], clientId: "{{ config.app | default('') }}", clientKey: { alg: 'ES256' } }
      const definition = definitionOf({ ...own, clientAuth })
      const context = { input: {}, kept: {} }
      const revocable = revocableOf(definition.auth, { ...tokens, accessToken: undefined }, context)
      if (revocable === null) throw new Error('There is nothing to revoke.')
      await sendRevocation(revocable, { ...context, egress, now: new Date() })
      expect(sentForms()).toEqual([{ token: 'the-refresh-token', token_type_hint: 'refresh_token' }])
      expect(provider.requests[0]?.headers.authorization).toBeUndefined()
    },
  )

  it('authenticates by header, private key or client id only, as the definition says', async () => {
    await revoke({ clientAuth: 'client_secret_basic' }, { ...tokens, accessToken: undefined })
    expect(provider.requests[0]?.headers.authorization).toBe(`Basic ${btoa('the-client:the-client-secret')}`)
    const otherwise = { revocation: { url: `${provider.origin}/revoke`, clientAuth: 'client_secret_basic' } }
    await revoke(otherwise, { ...tokens, accessToken: undefined })
    expect(provider.requests.pop()?.headers.authorization).toBe(`Basic ${btoa('the-client:the-client-secret')}`)
    await revoke({ clientAuth: 'none' }, { ...tokens, accessToken: undefined })
    expect(sentForms()[1]).toEqual({
      ...{ token: 'the-refresh-token', token_type_hint: 'refresh_token', client_id: 'the-client' },
    })
    const byKey = { clientAuth: 'private_key_jwt', clientKey: { alg: 'ES256' } }
    await revoke(byKey, { ...tokens, accessToken: undefined, clientId: 'own', clientSecret: ecPem })
    expect(sentForms()[2]).toMatchObject({
      client_assertion: expect.stringMatching(/^eyJ/),
      token: 'the-refresh-token',
    })
  })

  it('uses the client that the token was issued to', async () => {
    await revoke({}, { ...tokens, clientId: 'another', clientSecret: 'another-secret' })
    expect(sentForms()[0]).toMatchObject({ client_id: 'another', client_secret: 'another-secret' })
  })

  it('is authorized by the access token itself if the definition says so', async () => {
    const revocation = { url: `${provider.origin}/auth.revoke`, method: 'GET', auth: 'token' }
    expect(await revoke({ revocation })).toEqual({ as: 'revoked' })
    expect(provider.requests).toHaveLength(1)
    expect(provider.requests[0]).toMatchObject({ method: 'GET', body: '' })
    expect(provider.requests[0]?.url.search).toBe('')
    expect(provider.requests[0]?.headers.authorization).toBe('Bearer the-access-token')
    answer = (_request, response) => sendJson(response, { error: 'expired' }, {}, 401)
    expect(await revoke({ revocation })).toEqual({ as: 'revoked' })
  })

  it('sends the definition’s form or JSON, once if it does not contain the token', async () => {
    const form = { token: '{{ token }}', team: '{{ kept.team }}', region: '{{ input.region }}' }
    await revoke({ revocation: { url: `${provider.origin}/revoke`, form } }, { ...tokens, accessToken: undefined })
    expect(sentForms()).toEqual([
      {
        token: 'the-refresh-token',
        team: 'T1',
        region: 'eu',
        client_id: 'the-client',
        client_secret: 'the-client-secret',
      },
    ])
    provider.requests.length = 0
    const json = { access_token: '{{ config.access_token }}' }
    const revocation = { url: `${provider.origin}/applications/{{ config.client_id }}/grant`, method: 'DELETE', json }
    await revoke({ revocation, clientAuth: 'client_secret_basic' })
    expect(provider.requests).toHaveLength(1)
    expect(provider.requests[0]).toMatchObject({ method: 'DELETE', body: '{"access_token":"the-access-token"}' })
    expect(provider.requests[0]?.url.pathname).toBe('/applications/the-client/grant')
    expect(provider.requests[0]?.headers['content-type']).toBe('application/json')
  })

  it('counts an unknown token as revoked, and needs only one supported kind of token', async () => {
    answer = (_request, response) => sendJson(response, { error: 'invalid_token' }, {}, 400)
    expect(await revoke()).toEqual({ as: 'revoked' })
    answer = (_request, response, count) =>
      count === 1 ? void response.end() : sendJson(response, { error: 'unsupported_token_type' }, {}, 400)
    provider.requests.length = 0
    expect(await revoke()).toEqual({ as: 'revoked' })
    expect(provider.requests).toHaveLength(2)
  })

  it.each([
    ['a 400', 400, { error: 'unsupported_token_type' }],
    ['a 401', 401, { error: 'invalid_client' }],
    ['a 404', 404, {}],
    ['a redirect', 302, {}],
    ['a 200 with an error', 200, { ok: false, error: 'not_authed' }],
  ])('gives up on %s, without the provider’s text in the reason', async (_name, status, body) => {
    answer = (_request, response) =>
      sendJson(response, { ...body, hint: 'the-refresh-token' }, { location: '/x' }, status)
    expect(await revoke()).toEqual({ as: 'refused', why: `The provider responded with status ${status}.` })
  })

  it.each([
    ['429', 429, { 'retry-after': '120' }, 120_000],
    ['503', 503, { 'retry-after': '7' }, 7_000],
    ['500', 500, {}, undefined],
  ])('is retried after %s, with the provider’s Retry-After', async (_name, status, headers, retryAfterMs) => {
    answer = (_request, response) => sendJson(response, {}, headers, status)
    expect(await revoke()).toMatchObject({ as: 'retry', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    expect(provider.requests).toHaveLength(1)
  })

  it('is retried when the provider is unreachable, and when responseErrors say so', async () => {
    answer = (_request, response) => void response.destroy()
    expect(await revoke()).toMatchObject({ as: 'retry' })
    answer = (_request, response) => sendJson(response, { ok: false, error: 'ratelimited' })
    const responseErrors = [{ path: ['error'], equals: 'ratelimited', as: 'rate_limit' }]
    expect(await revoke({}, tokens, { responseErrors })).toMatchObject({ as: 'retry' })
  })

  it('gives up without a request when the request cannot be built', async () => {
    const broken = { revocation: { url: `${provider.origin}/{{ config.missing }}` } }
    expect(await revoke(broken)).toMatchObject({ as: 'refused' })
    const byKey = { clientAuth: 'private_key_jwt', clientKey: { alg: 'ES256' } }
    expect(await revoke(byKey)).toMatchObject({ as: 'refused' })
    expect(provider.requests).toEqual([])
  })
})

describe('revocableOf', () => {
  const none = { input: {}, kept: {} }
  const of = (auth: object, stored: StoredCredential) => revocableOf(definitionOf(auth).auth, stored, none)

  it('requires a revocation endpoint and a token', () => {
    expect(of({}, tokens)).not.toBeNull()
    expect(of({ revocation: undefined }, tokens)).toBeNull()
    expect(of({}, { type: 'oauth2', fields: {}, scopes: [] })).toBeNull()
    expect(of({}, { type: 'bearer', fields: { token: 'secret' } })).toBeNull()
  })

  it('uses the auth option of the credential', () => {
    const { auth } = definitionOf({})
    const options = [
      { key: 'oauth', label: 'OAuth', auth },
      { key: 'token', label: 'Token', auth: { type: 'bearer' as const } },
    ]
    const selective = { type: 'selective' as const, options }
    const stored = (key: string, inner: StoredCredential) =>
      revocableOf(selective, { type: 'selective', fields: { auth_method: key }, inner }, none)
    expect(stored('oauth', tokens)?.tokens).toHaveLength(2)
    expect(stored('token', { type: 'bearer', fields: { token: 'secret' } })).toBeNull()
    expect(stored('gone', tokens)).toBeNull()
  })
})
