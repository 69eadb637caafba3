import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePort } from '../../support/listening.ts'
import { startProgram } from '../../support/program.ts'
import { openBrowser } from './browser.ts'
import { CLIENT, oidcDefinition, RETURN_URL } from './oauth-fixture.ts'
import { startScriptedProvider } from './scripted-provider.ts'

/** Enough for three starts on a busy machine. */
const TIMEOUT_MS = 240_000

/** The only field of a mutation's result. */
async function mutate(url: string, key: string, document: string, input: Record<string, unknown>) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: document, variables: { input } }),
  })
  const { data, errors } = await response.json()
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  // biome-ignore lint/suspicious/noExplicitAny: the payload of an arbitrary mutation
  return Object.values<Record<string, any>>(data)[0] ?? {}
}

it(
  'an OAuth flow continues after kill -9 before the callback, and before the confirmation',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-oauth-'))
    const provider = await startScriptedProvider()
    const env = {
      PORT: String(await freePort()),
      LATCHKEY_EGRESS_ALLOW: '127.0.0.1',
      LATCHKEY_OPERATOR_KEY: 'operator-key-of-a-test-0123456789',
    }
    const key = env.LATCHKEY_OPERATOR_KEY
    const first = await startProgram({ env, dataDir })
    const { workspace } = await mutate(
      first.graphqlUrl,
      key,
      'mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { ... on CreateWorkspacePayload { workspace { id } } } }',
      { name: 'Acme', redirectUrls: [RETURN_URL] },
    )
    await mutate(
      first.graphqlUrl,
      key,
      'mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename } }',
      {
        workspaceId: workspace.id,
        slug: 'oidc',
        definition: oidcDefinition(provider.origin),
        oauthClient: CLIENT,
      },
    )
    const begun = await mutate(
      first.graphqlUrl,
      key,
      'mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { ... on StartOAuthPayload { authorizationUrl connection { id } } } }',
      { workspaceId: workspace.id, integration: 'oidc', redirectUrl: RETURN_URL },
    )
    await first.kill9()

    const second = await startProgram({ env, dataDir })
    const query = new URL(begun['authorizationUrl']).searchParams
    const callback = `${query.get('redirect_uri')}?${new URLSearchParams({ state: query.get('state') ?? '', code: 'c' })}`
    const end = await openBrowser().follow(callback, 'https://product.example/')
    await second.kill9()

    const third = await startProgram({ env, dataDir })
    const confirmed = await mutate(
      third.graphqlUrl,
      key,
      'mutation ($input: ConfirmConnectionInput!) { confirmConnection(input: $input) { ... on ConfirmConnectionPayload { connection { id status } } } }',
      { handle: end.searchParams.get('handle') },
    )
    expect(confirmed).toEqual({ connection: { id: begun['connection'].id, status: 'ACTIVE' } })
    expect(provider.tokenRequests()).toHaveLength(1)
    await third.stop()
    await provider.close()
    await rm(dataDir, { recursive: true, force: true })
  },
  TIMEOUT_MS,
)
