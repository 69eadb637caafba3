import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { serverAnswers } from '../../support/databases.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { tablesThatShow } from '../run/table-dump.ts'

const ERROR = '... on Error { code message } ... on InvalidInputError { fields { path message } }'
const DONE = ['SUCCEEDED', 'FAILED', 'CANCELLED']
const OAUTH2 = { type: 'oauth2', grant: 'authorization_code', authorizationUrl: 'https://a.example.com/authorize' }

describe.each(['embedded', 'server'] as const)('A sync job with its own access token, on the %s database', (kind) => {
  if (kind === 'server' && !serverAnswers) {
    it.skip('needs a PostgreSQL server')
    return
  }
  let app: TestApp
  let api: ProviderServer
  let workspace: { id: string; key: string }
  /** Tokens that the provider accepts. */
  const good = new Set<string>()
  const held: ServerResponse[] = []
  let hold = false
  let count = 0

  beforeAll(async () => {
    app = await startTestApp({ kind })
    workspace = await app.createWorkspace()
    api = await startProvider((request, response) => {
      const authorization = request.headers.authorization ?? ''
      if (request.url.pathname !== '/contacts') return sendJson(response, { error: 'invalid_grant' }, {}, 400)
      if (!good.has(authorization.replace('Bearer ', ''))) {
        const words = `We do not know ${authorization}, ${encodeURIComponent(authorization)}.`
        return sendJson(response, { error: 'invalid_token', error_description: words }, {}, 401)
      }
      if (hold) held.push(response)
      else sendJson(response, { items: [{ id: 1 }] })
    })
  })
  afterEach(() => {
    hold = false
    held.splice(0)
  })
  afterAll(async () => {
    await app.stop()
    await api.close()
  })

  const newToken = () => `override-${randomBytes(12).toString('hex')}`
  // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
  async function run(field: string, input: object, selection: string): Promise<any> {
    const type = field.charAt(0).toUpperCase() + field.slice(1)
    const document = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ${ERROR} ${selection} } }`
    const { data, errors } = await app.request(document, { input }, workspace.key)
    expect(errors).toBeUndefined()
    return data[field]
  }
  async function connect(auth: object, credential: object): Promise<string> {
    const slug = `crm-${++count}`
    const stream = { name: 'contacts', path: '/contacts', recordsPath: ['items'], primaryKey: [['id']] }
    const definition = { displayName: slug, baseUrl: api.origin, auth, streams: [stream] }
    const own = { workspaceId: workspace.id, slug, definition }
    expect(await run('createIntegration', own, '')).toMatchObject({ __typename: 'CreateIntegrationPayload' })
    const input = { workspaceId: workspace.id, integration: slug, credential }
    const made = await run('createConnection', input, '... on CreateConnectionPayload { connection { id } }')
    expect(made).toHaveProperty('connection')
    return made.connection.id
  }
  const connectOAuth = () =>
    connect(
      { ...OAUTH2, tokenUrl: `${api.origin}/token` },
      { oauthToken: { accessToken: 'stored-access', refreshToken: 'stored-refresh', clientId: 'own' } },
    )
  const trigger = (connectionId: string, accessToken: string | null, more: object = {}) =>
    run(
      'triggerSync',
      { connectionId, accessToken, ...more },
      '... on TriggerSyncPayload { syncJob { id status credentialOverridden } }',
    )
  async function read(id: string, selection: string) {
    const query = `query ($id: ID!) { node(id: $id) { ${selection} } }`
    const { data, errors } = await app.request(query, { id }, workspace.key)
    expect(errors).toBeUndefined()
    return data.node
  }
  const ended = (id: string) =>
    vi.waitFor(
      async () => {
        const job = await read(
          id,
          '... on SyncJob { status attempt recordsRead credentialOverridden error { code message status providerStatus providerMessage } }',
        )
        expect(DONE).toContain(job.status)
        return job
      },
      { timeout: 20_000, interval: 20 },
    )
  const stateOf = (id: string) =>
    read(id, '... on Connection { status statusReason credential { version lastError { reason } } }')
  const storedTokens = () => app.database.sql.query('SELECT sync_job_id FROM sync_job_token')
  const setStatus = (connectionId: string, status: string) =>
    app.database.sql.query('UPDATE connection SET status = $2::connection_status WHERE id = $1::uuid', [
      parseGlobalId(connectionId)?.id,
      status,
    ])

  it('uses it in place of the stored token, which does not change, and stores no copy of it after the job', async () => {
    const connectionId = await connectOAuth()
    const before = await stateOf(connectionId)
    const token = newToken()
    good.add(token)
    hold = true
    const { syncJob } = await trigger(connectionId, token)
    expect(syncJob).toMatchObject({ credentialOverridden: true })
    await vi.waitFor(() => expect(held).toHaveLength(1), 20_000)
    // While the job is unfinished the token is stored, sealed.
    expect(await storedTokens()).toHaveLength(1)
    expect(await tablesThatShow(app.database, token)).toEqual([])
    hold = false
    for (const response of held) sendJson(response, { items: [{ id: 1 }] })
    expect(await ended(syncJob.id)).toMatchObject({ status: 'SUCCEEDED', recordsRead: 1, credentialOverridden: true })
    expect(await storedTokens()).toEqual([])
    expect(await tablesThatShow(app.database, token)).toEqual([])
    expect(await stateOf(connectionId)).toEqual(before)
    // The next job uses the stored token again.
    const next = await trigger(connectionId, null)
    expect(next.syncJob.credentialOverridden).toBe(false)
    await ended(next.syncJob.id)
    expect(api.requests.findLast(({ url }) => url.pathname === '/contacts')?.headers.authorization).toBe(
      'Bearer stored-access',
    )
  })

  it('fails with the provider’s words when the token is refused, renews nothing, and leaves the connection ACTIVE', async () => {
    const connectionId = await connectOAuth()
    const before = await stateOf(connectionId)
    const requestsBefore = api.requests.length
    const token = newToken()
    const { syncJob } = await trigger(connectionId, token)
    const { status, error } = await ended(syncJob.id)
    expect(status).toBe('FAILED')
    expect(error).toMatchObject({ code: 'PROVIDER', status: 502, providerStatus: 401 })
    expect(error.message).toContain('Trigger the sync again with another token')
    expect(error.providerMessage).toContain('We do not know')
    expect(JSON.stringify(error)).not.toContain(token)
    expect(api.requests.slice(requestsBefore).map(({ url }) => url.pathname)).toEqual(['/contacts'])
    expect(await stateOf(connectionId)).toEqual(before)
    expect(before.status).toBe('ACTIVE')
    expect(await storedTokens()).toEqual([])
    expect(await tablesThatShow(app.database, token)).toEqual([])
    expect(app.log.join('\n')).not.toContain(token)
  })

  it('is accepted only for OAuth 2.0', async () => {
    const apiKey = { type: 'api_key', placement: { in: 'header', name: 'X-Key' } }
    const oauth2 = { ...OAUTH2, tokenUrl: `${api.origin}/token` }
    const options = [
      { key: 'oauth', label: 'OAuth', auth: oauth2 },
      { key: 'key', label: 'Key', auth: apiKey },
    ]
    const selective = { type: 'selective', options }
    const others = [
      await connect({ type: 'bearer' }, { secretText: 'bearer-secret' }),
      await connect(apiKey, { secretText: 'api-key-secret' }),
      await connect(selective, { fields: { auth_method: 'key', api_key: 'api-key-secret' } }),
    ]
    for (const connectionId of others) {
      expect(await trigger(connectionId, newToken())).toMatchObject({ __typename: 'UnsupportedError' })
    }
    expect(await storedTokens()).toEqual([])
    const chosen = await connect(selective, { oauthToken: { accessToken: 'stored-access' } })
    const token = newToken()
    good.add(token)
    const { syncJob } = await trigger(chosen, token)
    expect(await ended(syncJob.id)).toMatchObject({ status: 'SUCCEEDED' })
    expect(api.requests.at(-1)?.headers.authorization).toBe(`Bearer ${token}`)
  })

  it('is refused for a connection whose credential an auth provider keeps', async () => {
    const keeper = {
      workspaceId: workspace.id,
      name: 'keeper',
      kind: 'COMPOSIO',
      secret: 'keeper-secret',
      hosts: ['127.0.0.1'],
    }
    expect(await run('createAuthProvider', keeper, '')).toMatchObject({ __typename: 'CreateAuthProviderPayload' })
    const connectionId = await connect(
      { ...OAUTH2, tokenUrl: `${api.origin}/token` },
      { authProvider: { provider: 'keeper', accountId: 'account-1' } },
    )
    expect(await trigger(connectionId, newToken())).toMatchObject({ __typename: 'UnsupportedError' })
  })

  it('is refused with the path of the token when the token cannot be put into a request', async () => {
    const refused = await trigger(await connectOAuth(), 'two\nlines')
    expect(refused).toMatchObject({ code: 'INVALID_INPUT' })
    expect(refused.fields.length).toBeGreaterThan(0)
    for (const { path } of refused.fields) expect(path).toEqual(['input', 'accessToken'])
    expect(JSON.stringify(refused)).not.toContain('lines"')
    expect(await storedTokens()).toEqual([])
  })

  it('works while the connection is NEEDS_REAUTH, but not while it is DISABLED or PENDING', async () => {
    const connectionId = await connectOAuth()
    const token = newToken()
    good.add(token)
    await setStatus(connectionId, 'NEEDS_REAUTH')
    const message = 'This connection must be connected again.'
    expect(await trigger(connectionId, null)).toMatchObject({ code: 'RECONNECT_REQUIRED', message })
    const { syncJob } = await trigger(connectionId, token)
    expect(await ended(syncJob.id)).toMatchObject({ status: 'SUCCEEDED' })
    expect((await stateOf(connectionId)).status).toBe('NEEDS_REAUTH')
    await setStatus(connectionId, 'PENDING')
    expect(await trigger(connectionId, token)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
    await setStatus(connectionId, 'DISABLED')
    expect(await trigger(connectionId, token)).toMatchObject({ code: 'CONFLICT' })
    expect(await storedTokens()).toEqual([])
  })

  it('is refused when RETURN_RUNNING would return an unfinished job, because that job does not use the token', async () => {
    const connectionId = await connectOAuth()
    good.add('stored-access')
    hold = true
    const first = await trigger(connectionId, null)
    expect(await trigger(connectionId, newToken(), { onRunning: 'RETURN_RUNNING' })).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('does not use this access token'),
    })
    const again = await trigger(connectionId, null, { onRunning: 'RETURN_RUNNING' })
    expect(again.syncJob).toMatchObject({ id: first.syncJob.id, credentialOverridden: false })
    expect(await trigger(connectionId, newToken())).toMatchObject({ code: 'CONFLICT' })
    expect(await storedTokens()).toEqual([])
    await run('cancelSync', { syncJobId: first.syncJob.id }, '')
    expect((await ended(first.syncJob.id)).status).toBe('CANCELLED')
    good.delete('stored-access')
  })

  describe('deletes the token', () => {
    async function running(): Promise<{ connectionId: string; syncJobId: string }> {
      const connectionId = await connectOAuth()
      const token = newToken()
      good.add(token)
      hold = true
      const before = held.length
      const { syncJob } = await trigger(connectionId, token)
      await vi.waitFor(() => expect(held.length).toBeGreaterThan(before), 20_000)
      expect(await storedTokens()).toHaveLength(1)
      return { connectionId, syncJobId: syncJob.id }
    }

    it('when the job is cancelled', async () => {
      const { syncJobId } = await running()
      await run('cancelSync', { syncJobId }, '')
      expect((await ended(syncJobId)).status).toBe('CANCELLED')
      expect(await storedTokens()).toEqual([])
    })

    it('when the connection is disabled', async () => {
      const { connectionId, syncJobId } = await running()
      await run('updateConnection', { connectionId, disabled: true }, '')
      expect((await ended(syncJobId)).status).toBe('CANCELLED')
      expect(await storedTokens()).toEqual([])
    })

    it('when the connection is deleted', async () => {
      const { connectionId } = await running()
      expect(await run('deleteConnection', { connectionId }, '')).toMatchObject({
        __typename: 'DeleteConnectionPayload',
      })
      expect(await storedTokens()).toEqual([])
    })

    it('in the next sweep when the job was ended by hand', async () => {
      const { syncJobId } = await running()
      await app.database.sql.query(`UPDATE sync_job SET status = 'CANCELLED' WHERE id = $1::uuid`, [
        parseGlobalId(syncJobId)?.id,
      ])
      await vi.waitFor(async () => expect(await storedTokens()).toEqual([]), 20_000)
    })
  })
})
