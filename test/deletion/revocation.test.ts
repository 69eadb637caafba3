import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { documents } from '../graphql/documents.ts'
import { changes } from '../graphql/management-documents.ts'
import { sharedEnv } from '../program/main-job.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { type OidcServer, startOidcServer } from '../support/oidc-server.ts'
import { startProgram } from '../support/program.ts'
import {
  areDead,
  type MintedTokens,
  mintTokens,
  revocableDefinition,
  startGate,
  tokenInput,
} from './revocation-fixture.ts'

const PATIENT = { timeout: 50_000, interval: 50 }

describe.each(['embedded', 'server'] as const)('deleting, on the %s database', (kind) => {
  if (kind === 'server' && !serverAnswers) return it.skip('needs a PostgreSQL server')
  let app: TestApp
  let oidc: OidcServer
  let workspace: { id: string; key: string }

  beforeAll(async () => {
    app = await startTestApp({ kind })
    oidc = await startOidcServer()
  })
  afterAll(async () => {
    await app.stop()
    await oidc[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    workspace = await app.createWorkspace()
  })

  async function createIntegration(definition: object = revocableDefinition(oidc)): Promise<string> {
    const input = { workspaceId: workspace.id, slug: 'protected', definition }
    return (await app.mutate(documents.createIntegration, input)).integration.id
  }
  async function connect(credential: object, more: object = {}) {
    const input = { workspaceId: workspace.id, integration: 'protected', credential, ...more }
    return (await app.mutate(documents.createConnection, input, workspace.key)).connection as { id: string }
  }
  const untilDead = (tokens: MintedTokens) =>
    vi.waitFor(async () => expect(await areDead(oidc, tokens)).toBe(true), PATIENT)
  const countOf = async (table: string) => {
    const [row] = await app.database.sql.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)
    return row?.count
  }
  const untilEmpty = (...tables: string[]) =>
    vi.waitFor(async () => {
      for (const table of tables) expect([table, await countOf(table)]).toEqual([table, 0])
    }, PATIENT)

  it('a connection revokes its grant at the provider, and stops proxy requests and sync jobs at once (OA-43)', async () => {
    await createIntegration()
    const [gone, kept] = [await mintTokens(oidc), await mintTokens(oidc)]
    const { id: connectionId } = await connect({ oauthToken: tokenInput(gone) })
    await connect({ oauthToken: tokenInput(kept) })
    const proxied = () =>
      fetch(`${app.url}/proxy/${connectionId}/me`, { headers: { authorization: `Bearer ${workspace.key}` } })
    expect((await proxied()).status).not.toBe(404)
    await app.mutate(changes.deleteConnection, { connectionId }, workspace.key)
    expect((await proxied()).status).toBe(404)
    await untilDead(gone)
    expect(await areDead(oidc, kept)).toBe(false)
    await vi.waitFor(async () => expect(await countOf('credential')).toBe(1), PATIENT)
    await untilEmpty('revocation')
    const log = app.log.join('\n')
    for (const secret of Object.values(gone)) expect(log).not.toContain(secret)
  })

  it('a connection leaves a grant alive that another connection has, and the last one revokes it', async () => {
    await createIntegration()
    const shared = await mintTokens(oidc)
    const first = await connect({ oauthToken: tokenInput(shared) })
    const last = await connect({ oauthToken: tokenInput(shared) })
    const both = (await countOf('credential')) ?? 0
    await app.mutate(changes.deleteConnection, { connectionId: first.id }, workspace.key)
    await vi.waitFor(async () => expect(await countOf('credential')).toBe(both - 1), PATIENT)
    expect(await countOf('revocation')).toBe(0)
    expect(await oidc.isLiveRefreshToken(shared.refreshToken)).toBe(true)
    await app.mutate(changes.deleteConnection, { connectionId: last.id }, workspace.key)
    await untilDead(shared)
  })

  it('an end user revokes the grants of all of their connections', async () => {
    await createIntegration()
    const tokens = [await mintTokens(oidc), await mintTokens(oidc)]
    for (const each of tokens) await connect({ oauthToken: tokenInput(each) }, { endUserExternalId: 'ada' })
    const input = { workspaceId: workspace.id, externalId: 'ada' }
    const { endUser } = await app.mutate(documents.upsertEndUser, input)
    await app.mutate(changes.deleteEndUser, { endUserId: endUser.id })
    for (const each of tokens) await untilDead(each)
  })

  it('an integration revokes its grants with its own client before its row is deleted', async () => {
    const { clientId, clientSecret, ...tokens } = tokenInput(await mintTokens(oidc))
    const oauthClient = { clientId, clientSecret }
    const input = { workspaceId: workspace.id, slug: 'protected', definition: revocableDefinition(oidc), oauthClient }
    const { integration } = await app.mutate(documents.createIntegration, input)
    await connect({ oauthToken: tokens })
    await app.mutate(changes.deleteIntegration, { integrationId: integration.id })
    await untilDead(tokens)
    await vi.waitFor(async () => {
      const rows = await app.database.sql.query(`SELECT 1 AS one FROM integration WHERE deleted_at IS NOT NULL`)
      expect(rows).toEqual([])
    }, PATIENT)
  })

  it('a workspace revokes its grants before its row is deleted', async () => {
    await createIntegration()
    const tokens = await mintTokens(oidc)
    await connect({ oauthToken: tokenInput(tokens) })
    await app.mutate(changes.deleteWorkspace, { workspaceId: workspace.id })
    await untilDead(tokens)
    await vi.waitFor(async () => {
      const rows = await app.database.sql.query(`SELECT 1 AS one FROM workspace WHERE deleted_at IS NOT NULL`)
      expect(rows).toEqual([])
    }, PATIENT)
  })

  it('a connection with several auth options revokes the grant of its own option', async () => {
    const { auth, ...rest } = revocableDefinition(oidc)
    const options = [
      { key: 'oauth', label: 'OAuth', auth },
      { key: 'token', label: 'Token', auth: { type: 'bearer' } },
    ]
    await createIntegration({ ...rest, auth: { type: 'selective', options } })
    const tokens = await mintTokens(oidc)
    const { id: connectionId } = await connect({ oauthToken: tokenInput(tokens) })
    const { id: other } = await connect({ secretText: 'the-secret-of-the-other-method' })
    await app.mutate(changes.deleteConnection, { connectionId }, workspace.key)
    await app.mutate(changes.deleteConnection, { connectionId: other }, workspace.key)
    await untilDead(tokens)
  })

  it('a connection whose token is being refreshed revokes the refreshed token', async () => {
    const begun = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    await using slow = await startOidcServer({
      onToken: async ({ number }) => {
        if (number === 1) return
        begun.resolve()
        await goOn.promise
      },
    })
    await using gate = await startGate(slow.revocationUrl)
    gate.open()
    await createIntegration(revocableDefinition(slow, gate.url))
    const tokens = await mintTokens(slow)
    const { id: connectionId } = await connect({ oauthToken: tokenInput(tokens) })
    const refreshing = app.request(
      'mutation ($id: ID!) { refreshConnection(input: { connectionId: $id, force: true }) { __typename } }',
      { id: connectionId },
      workspace.key,
    )
    await begun.promise
    await app.mutate(changes.deleteConnection, { connectionId }, workspace.key)
    goOn.resolve()
    await refreshing
    await vi.waitFor(() => expect(slow.revokedGrants).toHaveLength(1), PATIENT)
    const [revoked] = gate.bodies.map((body) => new URLSearchParams(body))
    expect(revoked?.get('token_type_hint')).toBe('refresh_token')
    expect(revoked?.get('token')).not.toBe(tokens.refreshToken)
    await untilEmpty('revocation')
  })

  it('a connection whose credential cannot be decrypted is deleted, and the log says so', async () => {
    await createIntegration()
    const { id: connectionId } = await connect({ oauthToken: tokenInput(await mintTokens(oidc)) })
    await app.database.sql.query(`UPDATE credential SET sealed = '\\x00'::bytea WHERE workspace_id IN
      (SELECT id FROM workspace ORDER BY created_at DESC LIMIT 1)`)
    await app.mutate(changes.deleteConnection, { connectionId }, workspace.key)
    await vi.waitFor(() => expect(app.log.join('')).toContain('is not revoked at its provider'), PATIENT)
    await vi.waitFor(async () => {
      expect(await app.database.sql.query(`SELECT 1 AS one FROM connection WHERE deleted_at IS NOT NULL`)).toEqual([])
    }, PATIENT)
  })
})

describe.skipIf(!serverAnswers)('a process that is killed', () => {
  it('between deletion and revocation leaves the revocation to the next process (OA-43)', {
    timeout: 240_000,
  }, async () => {
    const test = await openTestDatabase('server')
    await using oidc = await startOidcServer()
    await using gate = await startGate(oidc.revocationUrl)
    const shared = sharedEnv()
    const env = { ...shared, DATABASE_URL: test.url ?? '', LATCHKEY_TOKEN_TIMEOUT: 'PT2S' }
    const key = shared['LATCHKEY_OPERATOR_KEY'] ?? ''
    const first = await startProgram({ env })
    const client = createGraphQLClient({ url: first.graphqlUrl, key })
    try {
      // biome-ignore lint/suspicious/noExplicitAny: the answer of an arbitrary document
      const mutate = async (document: string, input: object): Promise<any> =>
        Object.values(await client.request<Record<string, unknown>, object>(document, { input }))[0]
      const { workspace } = await mutate(documents.createWorkspace, { name: 'Acme' })
      const definition = revocableDefinition(oidc, gate.url)
      await mutate(documents.createIntegration, { workspaceId: workspace.id, slug: 'protected', definition })
      const tokens = await mintTokens(oidc)
      const { connection } = await mutate(documents.createConnection, {
        workspaceId: workspace.id,
        integration: 'protected',
        credential: { oauthToken: tokenInput(tokens) },
      })
      await mutate(changes.deleteConnection, { connectionId: connection.id })
      // Killed during the request, which gets no response.
      await gate.arrived()
      await first.kill9()
      expect(await areDead(oidc, tokens)).toBe(false)
      expect(await test.database.sql.query('SELECT 1 AS one FROM credential')).toEqual([])
      gate.open()
      const second = await startProgram({ env })
      try {
        await vi.waitFor(async () => expect(await areDead(oidc, tokens)).toBe(true), PATIENT)
        await vi.waitFor(
          async () => expect(await test.database.sql.query('SELECT 1 AS one FROM revocation')).toEqual([]),
          PATIENT,
        )
      } finally {
        await second.stop()
      }
      for (const output of [first, second]) {
        for (const secret of Object.values(tokens)) expect(output.stdout() + output.stderr()).not.toContain(secret)
      }
    } finally {
      await client.close()
      await test.close()
    }
  })
})
