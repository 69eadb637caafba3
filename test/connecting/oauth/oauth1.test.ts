import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ProviderRequestSeen } from '../../support/provider-server.ts'
import { openBrowser } from './browser.ts'
import { CLIENT, goThrough } from './oauth-fixture.ts'
import { type Answer, type ScriptedFixture, startScripted } from './scripted-provider.ts'

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** The parameters of the Authorization header. Fails when the signature does not match these secrets (RFC 5849 section 3.4). */
function verified({ method, url, headers }: ProviderRequestSeen, tokenSecret: string): Record<string, string> {
  const pairs = (headers.authorization ?? '')
    .replace(/^OAuth /, '')
    .split(', ')
    .map((pair) => pair.split('='))
  const all = Object.fromEntries(
    pairs.map(([name, value = '']) => [name, decodeURIComponent(value.slice(1, -1))]),
  ) as Record<string, string>
  const { oauth_signature: given, ...params } = all
  const sorted = Object.entries(params)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
  const base = [method, `${url.origin}${url.pathname}`, sorted.join('&')].map(encode).join('&')
  const key = `${encode(CLIENT.clientSecret)}&${encode(tokenSecret)}`
  expect(given).toBe(createHmac('sha1', key).update(base).digest('base64'))
  return params
}

describe('Connecting by OAuth 1.0a', () => {
  let latchkey: ScriptedFixture
  let callback = ''
  let temporary = 0
  let access: () => Answer
  const form = (values: Record<string, string>): Answer => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(values).toString(),
  })
  beforeAll(async () => {
    latchkey = await startScripted()
    const { origin } = latchkey.provider
    const definition = {
      displayName: 'Old',
      baseUrl: origin,
      auth: {
        type: 'oauth1',
        requestTokenUrl: `${origin}/request`,
        authorizationUrl: `${origin}/authorize`,
        accessTokenUrl: `${origin}/access`,
      },
    }
    callback = (await latchkey.createIntegration('old', definition)).callbackUrl
    latchkey.provider.api = (request) => {
      if (request.url.pathname === '/request') {
        temporary += 1
        expect(verified(request, '')).toMatchObject({ oauth_callback: callback, oauth_consumer_key: CLIENT.clientId })
        return form({
          oauth_token: `temporary-${temporary}`,
          oauth_token_secret: 'temporary secret',
          oauth_callback_confirmed: 'true',
        })
      }
      expect(verified(request, 'temporary secret')).toMatchObject({ oauth_verifier: 'the-verifier' })
      return access()
    }
  })
  afterAll(() => latchkey.stop())
  beforeEach(() => {
    access = () => form({ oauth_token: 'lasting-token', oauth_token_secret: 'lasting-secret' })
  })

  it('requests a temporary token, sends the user to the provider, and exchanges the verifier', async () => {
    const begun = await latchkey.start({ integration: 'old' })
    const url = new URL(begun.authorizationUrl)
    expect(url.pathname).toBe('/authorize')
    const token = url.searchParams.get('oauth_token') ?? ''
    const answer = `${callback}?oauth_token=${token}&oauth_verifier=the-verifier`
    const end = await goThrough(answer)
    const { connection } = await latchkey.call('confirmConnection', { handle: end.searchParams.get('handle') })
    expect(connection).toMatchObject({ id: begun.connection.id, status: 'ACTIVE', method: 'OAUTH' })
    expect((await openBrowser().visit(answer)).status).toBe(400)
  })

  it('works with completeOAuth, with the temporary token as the state and the verifier as the code', async () => {
    const begun = await latchkey.start({ integration: 'old' })
    const state = new URL(begun.authorizationUrl).searchParams.get('oauth_token')
    const completed = await latchkey.call('completeOAuth', { state, code: 'the-verifier', endUserExternalId: 'u' })
    expect(completed).toMatchObject({ connection: { status: 'ACTIVE', endUser: { externalId: 'u' } } })
  })

  it('reports a user who declines, and a provider that rejects the verifier', async () => {
    const denied = await latchkey.start({ integration: 'old' })
    const token = new URL(denied.authorizationUrl).searchParams.get('oauth_token')
    expect((await goThrough(`${callback}?denied=${token}`)).searchParams.get('error')).toBe('access_denied')
    access = () => ({ status: 401, body: 'Invalid verifier' })
    const wrong = await latchkey.start({ integration: 'old' })
    const other = new URL(wrong.authorizationUrl).searchParams.get('oauth_token')
    const end = await goThrough(`${callback}?oauth_token=${other}&oauth_verifier=the-verifier`)
    expect(end.searchParams.get('error')).toBe('code_rejected')
    expect(end.searchParams.get('error_description')).toBe('Invalid verifier')
  })

  it('fails when the provider returns a temporary token twice', async () => {
    await latchkey.start({ integration: 'old' })
    temporary -= 1
    expect(await latchkey.start({ integration: 'old' })).toMatchObject({ code: 'PROVIDER' })
  })
})
