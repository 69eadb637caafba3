import { exportJWK } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import { exchangeCode } from '../../../src/auth/oauth2/renew.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import type { RenewContext } from '../../../src/auth/strategy.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { type OidcServer, startOidcServer, testClient } from '../../support/oidc-server.ts'
import { authOf, noContext } from '../contract.ts'
import { ec256, ecPem } from '../signature/keys.ts'
import { type OAuth2Input, storedOf } from './renew-oauth2.ts'

const egress = createEgress({ allow: ['127.0.0.1'] })
afterAll(() => egress.close())

const context = (): RenewContext => ({ egress, now: new Date(), ...noContext })

function oauth2(server: OidcServer, more: Partial<OAuth2Input> = {}) {
  const auth = authOf({ type: 'oauth2', grant: 'refresh_token', tokenUrl: server.tokenUrl, ...more })
  if (auth.type !== 'oauth2') throw new Error('not OAuth2')
  return auth
}

async function credential(server: OidcServer, auth = oauth2(server)) {
  const refresh_token = await server.mintRefreshToken()
  const fields = { client_id: testClient.client_id, client_secret: testClient.client_secret, refresh_token }
  return checkCredential(auth, { fields }, new Date())
}

describe('a real authorization server', () => {
  it('rotates the refresh token with each renewal, and the grant stays valid', async () => {
    await using server = await startOidcServer({ accessTokenTtl: 120 })
    const strategy = strategyOf(oauth2(server))
    let stored: unknown = await credential(server)
    const seen = new Set<string | undefined>()
    for (let round = 0; round < 5; round += 1) {
      const now = new Date()
      const renewal = await strategy.renew(stored, { ...context(), now })
      const next = storedOf({ renewal, requests: [] })
      expect(next.refreshToken).toBeDefined()
      expect(renewal.expiresAt).toEqual(new Date(now.getTime() + 120_000))
      expect(await server.isLiveAccessToken(next.accessToken ?? '')).toBe(true)
      expect(await server.isLiveRefreshToken(next.refreshToken ?? '')).toBe(true)
      seen.add(next.refreshToken)
      stored = next
    }
    expect(seen.size).toBe(5)
    expect(server).toMatchObject({ tokenCalls: 5, revokedGrants: [], tokenErrors: [] })
  })

  it('without rotation keeps the refresh token', async () => {
    await using server = await startOidcServer({ rotate: false })
    const stored = await credential(server)
    const renewal = await strategyOf(oauth2(server)).renew(stored, context())
    expect(storedOf({ renewal, requests: [] }).refreshToken).toBe(stored.fields['refresh_token'])
    await strategyOf(oauth2(server)).renew(renewal.stored, context())
  })

  it('revokes the grant when a rotated token is reused, which is reported as INVALID_GRANT', async () => {
    await using server = await startOidcServer()
    const stored = await credential(server)
    await strategyOf(oauth2(server)).renew(stored, context())
    const again = strategyOf(oauth2(server)).renew(stored, context())
    await expect(again).rejects.toMatchObject({ reason: 'INVALID_GRANT', words: { providerError: 'invalid_grant' } })
    expect(server.revokedGrants).toHaveLength(1)
  })

  it('accepts a rotated token within its grace period', async () => {
    await using server = await startOidcServer({ graceSeconds: 30 })
    const stored = await credential(server)
    await strategyOf(oauth2(server)).renew(stored, context())
    await strategyOf(oauth2(server)).renew(stored, context())
    expect(server.revokedGrants).toEqual([])
  })

  it('that drops the response makes the renewal indeterminate', async () => {
    await using server = await startOidcServer({ beforeAnswer: () => 'drop' })
    const stored = await credential(server)
    const failed = strategyOf(oauth2(server)).renew(stored, context())
    await expect(failed).rejects.toMatchObject({ reason: 'PROVIDER_UNAVAILABLE', indeterminate: true })
    expect(await server.isLiveRefreshToken(stored.fields['refresh_token'] ?? '')).toBe(false)
  })

  it('rejects a wrong secret, which is reported as INVALID_CLIENT', async () => {
    await using server = await startOidcServer()
    const fields = {
      client_id: testClient.client_id,
      client_secret: 'wrong-s3cret',
      refresh_token: await server.mintRefreshToken(),
    }
    const stored = checkCredential(oauth2(server), { fields }, new Date())
    await expect(strategyOf(oauth2(server)).renew(stored, context())).rejects.toMatchObject({
      reason: 'INVALID_CLIENT',
    })
  })

  it.each(['client_secret_post', 'client_secret_basic'] as const)(
    'gives a token for client credentials by %s',
    async (method) => {
      const client_secret = 'p:%+ &=/~-._*'
      const client = { ...testClient, client_id: 'app:1 %', client_secret, token_endpoint_auth_method: method }
      await using server = await startOidcServer({ clients: [client] })
      const auth = oauth2(server, {
        grant: 'client_credentials',
        clientAuth: method,
        scopes: ['api:read', 'api:write'],
      })
      const stored = checkCredential(auth, { fields: { client_id: 'app:1 %', client_secret } }, new Date())
      const renewal = await strategyOf(auth).renew(stored, context())
      expect(renewal.scopes).toEqual(['api:read', 'api:write'])
      expect(storedOf({ renewal, requests: [] }).accessToken).toMatch(/.{20}/)
    },
  )

  it('accepts an assertion of private_key_jwt', async () => {
    const jwks = { keys: [{ ...(await exportJWK(ec256.publicKey)), alg: 'ES256', kid: 'k1', use: 'sig' }] }
    const client = {
      ...testClient,
      client_secret: undefined,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks,
    }
    await using server = await startOidcServer({ clients: [client] })
    const auth = oauth2(server, {
      grant: 'client_credentials',
      clientAuth: 'private_key_jwt',
      clientKey: { alg: 'ES256', kid: 'k1' },
      issuer: server.issuer,
    })
    const fields = { client_id: testClient.client_id, client_secret: ecPem }
    const renewal = await strategyOf(auth).renew(checkCredential(auth, { fields }, new Date()), context())
    expect(storedOf({ renewal, requests: [] }).accessToken).toBeDefined()
  })

  it('issues tokens for a code with PKCE, and refreshes them', async () => {
    await using server = await startOidcServer()
    const auth = oauth2(server, { grant: 'authorization_code', authorizationUrl: server.authorizationUrl })
    const verifier = 'verifier-'.repeat(6)
    const [redirectUri] = testClient.redirect_uris
    const code = await authorize(server, verifier, redirectUri)
    const oauthClient = { clientId: testClient.client_id, clientSecret: testClient.client_secret }
    const first = await exchangeCode(auth, { code, redirectUri, codeVerifier: verifier }, { ...context(), oauthClient })
    expect(first.scopes).toContain('api:read')
    const second = await strategyOf(auth).renew(first.stored, { ...context(), oauthClient })
    expect(await server.isLiveAccessToken(storedOf({ renewal: second, requests: [] }).accessToken ?? '')).toBe(true)
  })
})

/** Acts as a browser: follows redirects and keeps cookies until it is redirected to the client. */
async function authorize(server: OidcServer, verifier: string, redirectUri: string): Promise<string> {
  const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url')
  const url = new URL(server.authorizationUrl)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: testClient.client_id,
    redirect_uri: redirectUri,
    scope: 'openid api:read',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString()
  const cookies = new Map<string, string>()
  let next = url
  for (let hop = 0; hop < 10; hop += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(next, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    next = new URL(response.headers.get('location') ?? '', next)
    const code = next.searchParams.get('code')
    if (next.href.startsWith(redirectUri) && code !== null) return code
  }
  throw new Error('the server gave no code')
}
