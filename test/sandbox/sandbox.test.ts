import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEgress, type Egress } from '../../src/egress/egress.ts'
import { sandboxEgress } from '../../src/sandbox/sandbox.ts'
import { documents } from '../graphql/documents.ts'
import { changes } from '../graphql/management-documents.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { decideInSandbox } from './sandbox-browser.ts'

const PATIENT = { timeout: 60_000, interval: 50 }
const RETURN_URL = 'http://localhost:3000/connected'
const error = '... on Error { code message }'
const startOAuth = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { __typename
  ... on StartOAuthPayload { authorizationUrl connection { id status } } ${error} } }`
const confirmConnection = `mutation ($input: ConfirmConnectionInput!) { confirmConnection(input: $input) { __typename
  ... on ConfirmConnectionPayload { connection { id status } } ${error} } }`
const testConnection = `mutation ($input: TestConnectionInput!) { testConnection(input: $input) { __typename
  ... on TestConnectionPayload { result { ok } } ${error} } }`

let app: TestApp
let workspace: { id: string; key: string }

beforeAll(async () => {
  app = await startTestApp({ config: { publicUrl: 'http://127.0.0.1:0' } })
})
afterAll(() => app.stop())
beforeEach(async () => {
  workspace = await app.createWorkspace()
  await app.mutate(changes.updateWorkspace, { workspaceId: workspace.id, redirectUrls: [RETURN_URL] })
})

/** Connects Ada's account through a browser. */
async function connect(account = 'ada'): Promise<string> {
  const input = { workspaceId: workspace.id, provider: 'sandbox', redirectUrl: RETURN_URL }
  const { authorizationUrl } = await app.mutate(startOAuth, input, workspace.key)
  const back = await decideInSandbox(authorizationUrl, { account, decision: 'allow' }, RETURN_URL)
  const handle = back.searchParams.get('handle')
  const { connection } = await app.mutate(confirmConnection, { handle, endUserExternalId: account }, workspace.key)
  expect(connection).toEqual({ id: back.searchParams.get('connection_id'), status: 'ACTIVE' })
  return connection.id
}

async function sync(connectionId: string) {
  const { syncJob } = await app.mutate(documents.triggerSync, { connectionId }, workspace.key)
  const client = app.webSocket(workspace.key)
  const types: string[] = []
  try {
    const variables = { syncJobId: syncJob.id }
    for await (const { data } of client.iterate<{ syncJobEvents: { type: string } }>({
      query: documents.syncJobEvents,
      variables,
    })) {
      if (data) types.push(data.syncJobEvents.type)
    }
  } finally {
    await client.dispose()
  }
  const { data } = await app.request(documents.syncJob, { id: syncJob.id }, workspace.key)
  return { job: data.node, types }
}

describe('The sandbox', () => {
  it('connects, syncs and disconnects without any configuration', async () => {
    const { data } = await app.request('{ provider(slug: "sandbox") { displayName streams { name syncModes } } }')
    expect(data.provider.displayName).toBe('Sandbox')
    expect(data.provider.streams.map(({ name }: { name: string }) => name)).toEqual(['users', 'projects', 'tasks'])
    const connectionId = await connect()
    const first = await sync(connectionId)
    expect(first.job).toMatchObject({ status: 'SUCCEEDED', recordsRead: 250, recordsWritten: 250, error: null })
    expect(first.types.at(-1)).toBe('SYNC_SUCCEEDED')
    // `updated_since` is inclusive, so the last record is read again.
    expect((await sync(connectionId)).job).toMatchObject({ status: 'SUCCEEDED', recordsRead: 3, recordsWritten: 0 })
    expect(await app.mutate(testConnection, { connectionId }, workspace.key)).toMatchObject({ result: { ok: true } })
    await app.mutate(changes.deleteConnection, { connectionId }, workspace.key)
    await vi.waitFor(async () => {
      for (const table of ['credential', 'revocation', 'connection']) {
        expect([table, await app.database.sql.query(`SELECT 1 AS one FROM ${table}`)]).toEqual([table, []])
      }
    }, PATIENT)
    expect(app.log.filter((line) => line.includes('could not be revoked'))).toEqual([])
  })

  it('has two accounts, and does not keep a user signed in', async () => {
    const ids = [await connect('ada'), await connect('grace')]
    const names = await Promise.all(
      ids.map(async (id) => {
        const response = await fetch(`${app.url}/proxy/${id}/me`, {
          headers: { authorization: `Bearer ${workspace.key}` },
        })
        return ((await response.json()) as { name: string }).name
      }),
    )
    expect(names).toEqual(['Ada Lovelace', 'Grace Hopper'])
  })

  it('renews tokens and refuses revoked ones', async () => {
    const connectionId = await connect()
    const refresh = `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { __typename
      ... on RefreshConnectionPayload { refreshed connection { credential { version } } } ${error} } }`
    const { refreshed, connection } = await app.mutate(refresh, { connectionId, force: true }, workspace.key)
    expect({ refreshed, connection }).toEqual({ refreshed: true, connection: { credential: { version: 2 } } })
    expect((await sync(connectionId)).job.status).toBe('SUCCEEDED')
    const api = await fetch(`${app.url}/sandbox/api/users`, { headers: { authorization: 'Bearer unknown' } })
    expect(api.status).toBe(401)
    expect((await fetch(`${app.url}/sandbox/api/users`)).status).toBe(401)
  })

  it('reports to the product that the user declined', async () => {
    const input = { workspaceId: workspace.id, provider: 'sandbox', redirectUrl: RETURN_URL }
    const { authorizationUrl } = await app.mutate(startOAuth, input, workspace.key)
    const back = await decideInSandbox(authorizationUrl, { account: 'ada', decision: 'refuse' }, RETURN_URL)
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(back.searchParams.has('handle')).toBe(false)
  })

  it('can be an integration with a custom name', async () => {
    const input = { workspaceId: workspace.id, slug: 'trial', provider: 'sandbox', displayName: 'Trial' }
    await app.mutate(documents.createIntegration, input)
    const started = { workspaceId: workspace.id, integration: 'trial', redirectUrl: RETURN_URL }
    const { authorizationUrl } = await app.mutate(startOAuth, started, workspace.key)
    expect(authorizationUrl.startsWith(`${app.url}/sandbox/auth?`)).toBe(true)
  })

  it('redirects only to our own callback and to this machine', async () => {
    const params = new URLSearchParams({
      client_id: 'latchkey',
      response_type: 'code',
      scope: 'records.read',
      state: 'state',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const at = (redirectUri: string) => {
      params.set('redirect_uri', redirectUri)
      return fetch(`${app.url}/sandbox/auth?${params}`, { redirect: 'manual' })
    }
    for (const uri of [
      'https://evil.example/callback',
      `${app.url}.evil.example/oauth/callback/1`,
      `${app.url}/graphql`,
    ]) {
      const response = await at(uri)
      expect([uri, response.status, response.headers.get('location')]).toEqual([uri, 400, null])
    }
    params.delete('code_challenge')
    const withoutPkce = await at(`${app.url}/oauth/callback/1`)
    expect(withoutPkce.headers.get('location')).toContain('error=invalid_request')
  })
})

describe('sandboxEgress', () => {
  let strict: Egress
  let way: Egress
  beforeAll(() => {
    strict = createEgress()
    way = sandboxEgress(strict, () => app.url)
  })
  afterAll(async () => {
    await way.close()
    await strict.close()
  })
  const get = (url: string) => way.send({ method: 'GET', url })

  it('sends requests for the host name and the paths of the sandbox', async () => {
    const response = await get('https://sandbox.latchkey.invalid/api/me')
    expect(response.status).toBe(401)
    expect(response.url.href).toBe('https://sandbox.latchkey.invalid/api/me')
    expect(JSON.parse(await response.text())).toHaveProperty('error')
    expect(response.bytesRead).toBeGreaterThan(0)
  })

  it('reaches nothing else in this process, whatever a definition says', async () => {
    const { host } = new URL(app.url)
    for (const path of [
      '/metrics',
      '/graphql',
      '/../metrics',
      '/api/../../metrics',
      '/%2e%2e/metrics',
      '/healthz',
      '/auth',
    ]) {
      await expect(get(`https://sandbox.latchkey.invalid${path}`), path).rejects.toMatchObject({ kind: 'refused_url' })
    }
    for (const path of ['/api/%2e%2e%2fmetrics', '/api/..%2f..%2fmetrics', '/api//metrics', `/api/@${host}/metrics`]) {
      const response = await get(`https://sandbox.latchkey.invalid${path}`)
      expect([path, response.status]).toEqual([path, 401])
      await response.cancel()
    }
    for (const url of [`${app.url}/sandbox/api/me`, `${app.url}/metrics`]) {
      await expect(get(url), url).rejects.toMatchObject({ kind: 'refused_address' })
    }
    for (const url of ['https://sandbox.latchkey.invalid:8443/api/me', 'https://x.sandbox.latchkey.invalid/api/me']) {
      await expect(get(url), url).rejects.toMatchObject({ name: 'EgressError' })
    }
  })
})

describe('The sandbox in production', () => {
  it('does not exist, and an integration with it can still be read', async () => {
    const production = await startTestApp({ config: { production: true } })
    try {
      const { id } = await production.createWorkspace()
      const answer = await production.request(
        '{ provider(slug: "sandbox") { slug } providers(search: "sandbox") { totalCount } }',
      )
      expect(answer.data).toEqual({ provider: null, providers: { totalCount: 0 } })
      const input = { workspaceId: id, slug: 'sandbox', provider: 'sandbox' }
      const { data } = await production.request(documents.createIntegration, { input })
      expect(data.createIntegration).toMatchObject({ code: 'NOT_FOUND' })
      for (const path of ['/sandbox/api/me', '/sandbox/auth', '/sandbox/token']) {
        expect([path, (await fetch(production.url + path)).status]).toEqual([path, 404])
      }
      await production.database.sql.query(
        `INSERT INTO integration (id, workspace_id, slug, display_name, provider, updated_at)
         SELECT gen_random_uuid(), id, 'left', 'Left', 'sandbox', now() FROM workspace`,
      )
      const left = await production.request(
        'query ($id: ID!) { workspace(id: $id) { integrations { nodes { slug baseUrl provider { slug } } } } }',
        { id },
      )
      expect(left.errors).toBeUndefined()
      expect(left.data.workspace.integrations.nodes).toMatchObject([{ slug: 'left', provider: { slug: 'sandbox' } }])
    } finally {
      await production.stop()
    }
  })
})
