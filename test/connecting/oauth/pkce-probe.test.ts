import { afterAll, expect, it } from 'vitest'
import { createEgress } from '../../../src/egress/egress.ts'
import { authOf } from '../../auth/contract.ts'
import { type OidcServerOptions, startOidcServer, testClient } from '../../support/oidc-server.ts'
import { probePkce } from '../../support/pkce-probe.ts'
import { openBrowser } from './browser.ts'

const egress = createEgress({ allow: ['127.0.0.1'] })
afterAll(() => egress.close())

async function probe(options: OidcServerOptions = {}) {
  await using server = await startOidcServer(options)
  const { authorizationUrl, tokenUrl } = server
  const auth = authOf({ type: 'oauth2', grant: 'authorization_code', authorizationUrl, tokenUrl, scopes: ['openid'] })
  if (auth.type !== 'oauth2') throw new Error('not OAuth2')
  const redirectUri = testClient.redirect_uris[0]
  const client = { clientId: testClient.client_id, clientSecret: testClient.client_secret }
  const agree = (url: string) => openBrowser().follow(url, redirectUri)
  return await probePkce({ auth, client, redirectUri, egress, agree })
}

it('probePkce: a provider that rejects a wrong verifier enforces PKCE (OA-07)', async () => {
  expect(await probe()).toBe('enforced')
})

it('probePkce: a provider that returns tokens for a wrong verifier does not enforce PKCE (OA-07)', async () => {
  expect(await probe({ ignorePkce: true })).toBe('PKCE unsupported')
})

it('probePkce: a provider that rejects every code gives no result (OA-07)', async () => {
  await expect(probe({ beforeAnswer: () => 'drop' })).rejects.toMatchObject({ reason: 'PROVIDER_UNAVAILABLE' })
})
