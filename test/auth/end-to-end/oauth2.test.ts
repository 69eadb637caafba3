import { exportJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type OidcServer, type OidcServerOptions, startOidcServer, testClient } from '../../support/oidc-server.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { ec256, ecPem } from '../signature/keys.ts'
import { itemsPage, itemsStream, type StrategyFixture, startStrategyFixture } from './strategy-fixture.ts'

let fixture: StrategyFixture
beforeAll(async () => {
  fixture = await startStrategyFixture()
})
afterAll(() => fixture[Symbol.asyncDispose]())

const TOTAL = 8
const SIZE = 2

async function isLive({ provider }: OidcServer, token: string): Promise<boolean> {
  const found = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token))
  return found?.isValid ?? false
}

interface Api extends ProviderServer {
  /** Tokens of the accepted requests, in order. */
  tokens: string[]
}

/** An API that checks each token with the OAuth server, and responds only after the token of the request has expired. */
async function startSlowApi(oidc: OidcServer): Promise<Api> {
  const tokens: string[] = []
  const server = await startProvider(async ({ url, headers }, response) => {
    const token = headers.authorization?.replace('Bearer ', '') ?? ''
    if (!(await isLive(oidc, token))) return sendJson(response, { error: 'invalid_token' }, {}, 401)
    tokens.push(token)
    const over = async () => expect(await isLive(oidc, token)).toBe(false)
    if (url.searchParams.get('page') !== '5') await vi.waitFor(over, { timeout: 20_000, interval: 50 })
    return sendJson(response, itemsPage(url, TOTAL, SIZE))
  })
  return { ...server, tokens }
}

function definition(api: Api, oidc: OidcServer, more: object) {
  return {
    displayName: 'Protected',
    baseUrl: api.origin,
    auth: { type: 'oauth2' as const, grant: 'client_credentials' as const, tokenUrl: oidc.tokenUrl, ...more },
    streams: [itemsStream(SIZE)],
  }
}

const { client_id, client_secret } = testClient
const keyClient = async () => ({
  ...testClient,
  client_secret: undefined,
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks: { keys: [{ ...(await exportJWK(ec256.publicKey)), alg: 'ES256', kid: 'k1', use: 'sig' }] },
})

interface Case {
  server?: () => Promise<OidcServerOptions>
  auth?: (oidc: OidcServer) => object
  fields?: (oidc: OidcServer) => Promise<Record<string, string>>
  oauthClient?: { clientId: string; clientSecret: string }
}

const cases: Record<string, Case> = {
  'client credentials of the connection': { fields: async () => ({ client_id, client_secret }) },
  'client credentials of the integration': {
    fields: async () => ({}),
    oauthClient: { clientId: client_id, clientSecret: client_secret },
  },
  'client credentials of the definition': {
    auth: () => ({ clientId: client_id, clientSecret: client_secret }),
    fields: async () => ({}),
  },
  'a refresh token that rotates': {
    auth: () => ({ grant: 'refresh_token', rotation: 'strict' }),
    fields: async (oidc) => ({ client_id, client_secret, refresh_token: await oidc.mintRefreshToken() }),
  },
  'a refresh token that rotates, with the client of the integration': {
    auth: () => ({ grant: 'refresh_token', rotation: 'strict' }),
    fields: async (oidc) => ({ refresh_token: await oidc.mintRefreshToken() }),
    oauthClient: { clientId: client_id, clientSecret: client_secret },
  },
  private_key_jwt: {
    server: async () => ({ clients: [await keyClient()] }),
    auth: ({ issuer }) => ({ clientAuth: 'private_key_jwt', clientKey: { alg: 'ES256', kid: 'k1' }, issuer }),
    fields: async () => ({ client_id, client_secret: ecPem }),
  },
}

describe('A sync job with tokens that live two seconds', () => {
  it.concurrent.each(Object.entries(cases))('succeeds with %s', async (_name, each) => {
    await using oidc = await startOidcServer({ accessTokenTtl: 2, ...(await each.server?.()) })
    const api = await startSlowApi(oidc)
    try {
      const { job, credential, connectionId } = await fixture.sync(
        definition(api, oidc, each.auth?.(oidc) ?? {}),
        { fields: await each.fields?.(oidc) },
        each.oauthClient === undefined ? {} : { oauthClient: each.oauthClient },
      )
      expect(job).toMatchObject({ status: 'SUCCEEDED', recordsRead: TOTAL, error: null })
      // Each page took the whole lifetime of its token.
      expect(api.tokens).toHaveLength(4)
      expect(new Set(api.tokens).size).toBe(4)
      expect(oidc).toMatchObject({ revokedGrants: [], tokenErrors: [] })
      expect(credential).toMatchObject({ type: 'OAUTH2', refreshable: true })
      // One version for each token response: none was requested twice and none was lost. One may be in flight.
      const version = () => fixture.versionOf(connectionId)
      await vi.waitFor(async () => expect(oidc.tokenCalls).toBe((await version()) - 1), {
        timeout: 30_000,
        interval: 20,
      })
    } finally {
      await api.close()
    }
  })
})

describe('A long-lived token', () => {
  it('is obtained once for all pages of a job and for the next job', async () => {
    await using oidc = await startOidcServer()
    const api = await startProvider(async ({ url, headers }, response) => {
      const good = await isLive(oidc, headers.authorization?.replace('Bearer ', '') ?? '')
      sendJson(response, good ? itemsPage(url, TOTAL, SIZE) : {}, {}, good ? 200 : 401)
    })
    try {
      const auth = { type: 'oauth2' as const, grant: 'client_credentials' as const, tokenUrl: oidc.tokenUrl }
      const first = await fixture.sync(
        { displayName: 'Protected', baseUrl: api.origin, auth, streams: [itemsStream(SIZE)] },
        { fields: { client_id, client_secret } },
      )
      expect(first.job.error).toBeNull()
      expect(first.job).toMatchObject({ status: 'SUCCEEDED', pagesRead: 4 })
      expect((await fixture.syncAgain(first.connectionId)).job.status).toBe('SUCCEEDED')
      expect(oidc.tokenCalls).toBe(1)
    } finally {
      await api.close()
    }
  })

  it('that is revoked during a job is renewed once, and the job continues', async () => {
    await using oidc = await startOidcServer()
    let refusals = 0
    const api = await startProvider(async ({ url, headers }, response) => {
      const token = headers.authorization?.replace('Bearer ', '') ?? ''
      if (url.searchParams.get('page') === '3' && refusals === 0) {
        await (await oidc.provider.ClientCredentials.find(token))?.destroy()
      }
      const good = await isLive(oidc, token)
      if (!good) refusals += 1
      sendJson(response, good ? itemsPage(url, TOTAL, SIZE) : {}, {}, good ? 200 : 401)
    })
    try {
      const auth = { type: 'oauth2' as const, grant: 'client_credentials' as const, tokenUrl: oidc.tokenUrl }
      const { job, events } = await fixture.sync(
        { displayName: 'Protected', baseUrl: api.origin, auth, streams: [itemsStream(SIZE)] },
        { fields: { client_id, client_secret } },
      )
      expect(job).toMatchObject({ status: 'SUCCEEDED', recordsRead: TOTAL })
      expect(events).not.toContain('SYNC_RETRYING')
      expect(refusals).toBe(1)
      expect(oidc.tokenCalls).toBe(2)
    } finally {
      await api.close()
    }
  })
})
