import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Latchkey, LatchkeyEvent } from '../../packages/client/src/index.ts'
import { SyncJobDocument } from '../../schema/generated/graphql.ts'
import { type InstalledClient, installClient } from '../support/client-package.ts'
import { freePort } from '../support/listening.ts'
import { type Program, startProgram, startRecordsApi } from '../support/program.ts'
import { startReceiver } from '../webhooks/out/receiver.ts'

let client: InstalledClient
let api: Awaited<ReturnType<InstalledClient['loadMain']>>
let recordsApi: Awaited<ReturnType<typeof startRecordsApi>>
let program: Program
let operatorKey = ''
let latchkey: Latchkey
let workspaceId = ''
let dataDir = ''
let port = 0

const start = () => startProgram({ dataDir, env: { PORT: String(port), LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })

beforeAll(async () => {
  client = await installClient()
  api = await client.loadMain()
  recordsApi = await startRecordsApi()
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-client-data-'))
  port = await freePort()
  program = await start()
  operatorKey = program.operatorKey
  const operator = api.createLatchkey({ url: program.url, key: operatorKey })
  const { workspace } = await operator.workspaces.create({ name: 'Client' })
  workspaceId = workspace.id
  const { key } = await operator.apiKeys.create({ workspaceId, name: 'Product', role: 'ADMIN' })
  latchkey = api.createLatchkey({ url: program.url, key })
  await latchkey.integrations.create({
    workspaceId,
    slug: 'records',
    definition: {
      displayName: 'Records API',
      baseUrl: recordsApi.url,
      auth: { type: 'bearer' },
      streams: [
        {
          name: 'contacts',
          path: '/contacts',
          recordsPath: 'contacts',
          primaryKey: ['id'],
          pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100 },
        },
      ],
    },
  })
})

afterAll(async () => {
  await Promise.all([program?.stop(), recordsApi?.stop()])
  if (dataDir !== '') await rm(dataDir, { recursive: true })
  await client?.remove()
})

let connections = 0

async function connectRecords(secretText = recordsApi.token, syncImmediately = false) {
  connections += 1
  return latchkey.connections.create({
    workspaceId,
    integration: 'records',
    externalId: `records-${connections}`,
    credential: { secretText },
    syncImmediately,
  })
}

/** Restarts the program as after a crash. */
async function crash(): Promise<void> {
  await program.kill9()
  program = await start()
}

describe('createLatchkey with a running gateway', () => {
  it('creates, lists, gets, updates and deletes', async () => {
    const { connection } = await connectRecords()
    expect(connection).toMatchObject({ status: 'ACTIVE', credential: { type: 'BEARER' } })
    const { nodes, pageInfo } = await latchkey.connections.list({ workspaceId, first: 1 })
    expect(nodes[0]?.integration).toEqual({ id: expect.any(String), slug: 'records', displayName: 'Records API' })
    expect(pageInfo.endCursor).toEqual(expect.any(String))
    await connectRecords()
    const all: string[] = []
    for await (const each of latchkey.all(latchkey.connections.list, { workspaceId, first: 1 })) all.push(each.id)
    expect(all.length).toBe(connections)
    await latchkey.connections.update({ connectionId: connection.id, displayName: 'Mine' })
    const found = await latchkey.connections.get({ id: connection.id })
    expect(found).toMatchObject({ displayName: 'Mine', workspace: { id: workspaceId } })
    expect(await latchkey.integrations.get({ id: connection.id })).toBeNull()
    await latchkey.connections.delete({ connectionId: connection.id })
    expect(await latchkey.connections.get({ id: connection.id })).toBeNull()
  })

  it('runs every query of the default selection', async () => {
    const { connection, syncJob } = await connectRecords(recordsApi.token, true)
    const syncJobId = syncJob?.id ?? ''
    for await (const _event of latchkey.events.follow({ syncJobId }));
    const { endUser } = await latchkey.endUsers.upsert({ workspaceId, externalId: 'ada' })
    const { session } = await latchkey.connectSessions.create({
      ...{ workspaceId, endUserId: endUser.id, allowedOrigins: ['https://product.example'] },
    })
    const { webhookEndpoint } = await latchkey.webhookEndpoints.create({ workspaceId, url: `${recordsApi.url}/none` })
    const first = 5
    const records = await latchkey.connections.records({ connectionId: connection.id, first })
    expect(records.nodes.length).toBe(5)
    expect((await latchkey.syncJobs.get({ id: syncJobId }))?.recordsRead).toBe(250)
    expect((await latchkey.viewer.get()).kind).toBe('API_KEY')
    expect((await latchkey.nodes.get({ id: connection.id }))?.__typename).toBe('Connection')
    expect(await latchkey.nodes.list({ ids: [syncJobId, 'x'] })).toEqual([
      { __typename: 'SyncJob', id: syncJobId },
      null,
    ])
    const pages = await Promise.all([
      latchkey.apiKeys.list({ workspaceId }),
      latchkey.endUsers.list({ workspaceId }),
      latchkey.endUsers.connections({ endUserId: endUser.id }),
      latchkey.events.list({ workspaceId, newestFirst: true }),
      latchkey.integrations.list({ workspaceId }),
      latchkey.oidcIssuers.list({ workspaceId }),
      latchkey.authProviders.list({ workspaceId }),
      latchkey.providers.list({ first: 100, category: 'crm' }),
      latchkey.syncJobs.list({ workspaceId }),
      latchkey.syncJobs.events({ syncJobId }),
      latchkey.webhookEndpoints.list({ workspaceId }),
      latchkey.webhookEndpoints.deliveries({ webhookEndpointId: webhookEndpoint.id }),
      latchkey.workspaces.auditEvents({ workspaceId }),
      latchkey.workspaces.list({}),
      latchkey.connections.events({ connectionId: connection.id }),
      latchkey.connections.syncJobs({ connectionId: connection.id }),
    ])
    for (const page of pages) expect(page.pageInfo.hasNextPage).toBe(false)
    expect((await latchkey.workspaces.get({ id: workspaceId }))?.slug).toBe('client')
    expect((await latchkey.providers.get({ slug: 'github' }))?.displayName).toBe('GitHub')
    expect((await latchkey.providerCategories.list({})).length).toBeGreaterThan(3)
    expect((await latchkey.connectSessions.get({ id: session.id }))?.endUser.externalId).toBe('ada')
    const { connection: resolved, why } = await latchkey.connections.resolve({
      ...{ workspaceId, integration: 'records', externalId: `records-${connections}` },
    })
    expect(resolved.id).toBe(connection.id)
    expect(why[0]?.connection.id).toBe(connection.id)
    // The type of the event decides about its fields, also where two types have a field of one name.
    const { nodes } = await latchkey.syncJobs.events({ syncJobId, first: 100 })
    const last = nodes.at(-1)
    expect(last?.type === 'SYNC_SUCCEEDED' && last.streams[0]?.recordsRead).toBe(250)
  })

  it('works with keys that may not read, and with the token of a connect session', async () => {
    const { key } = await latchkey.apiKeys.create({ workspaceId, name: 'Connects', role: 'ADMIN', scopes: ['CONNECT'] })
    const connecting = api.createLatchkey({ url: program.url, key })
    const { token, session } = await connecting.connectSessions.create({
      ...{ workspaceId, endUserExternalId: 'ada', allowedOrigins: ['https://product.example'] },
    })
    expect(session.status).toBe('PENDING')
    await expect(connecting.connections.list({ workspaceId })).rejects.toThrow(api.ForbiddenError)
    const visitor = api.createLatchkey({ url: program.url, token: () => token })
    expect((await visitor.connectSessions.get({ id: session.id }))?.status).toBe('PENDING')
    expect((await visitor.viewer.get()).kind).toBe('CONNECT_SESSION')
    const states: string[] = []
    for await (const { status } of visitor.connectSessions.watch({ id: session.id })) {
      states.push(status)
      if (status === 'PENDING') await latchkey.connectSessions.revoke({ sessionId: session.id })
    }
    expect(states).toEqual(['PENDING', 'REVOKED'])
  })

  it('sends typed documents of its caller', async () => {
    const { syncJob } = await connectRecords(recordsApi.token, true)
    const { node } = await latchkey.request(SyncJobDocument, { id: syncJob?.id ?? '' })
    expect(node).toMatchObject({ id: syncJob?.id })
    expect(await latchkey.request('{ viewer { kind } }')).toEqual({ viewer: { kind: 'API_KEY' } })
    await expect(latchkey.request('{ unknown }')).rejects.toThrow(api.InvalidInputError)
  })

  it('throws errors of the class of their type, with their fields', async () => {
    const duplicate = latchkey.integrations.create({ workspaceId, slug: 'records', provider: 'github' })
    await expect(duplicate).rejects.toThrow(api.ConflictError)
    const invalid = await latchkey.integrations.create({ workspaceId, slug: '!', provider: 'github' }).catch((e) => e)
    expect(invalid).toBeInstanceOf(api.InvalidInputError)
    expect(invalid.fields[0].path).toEqual(['input', 'slug'])
    expect(invalid.traceId).toEqual(expect.any(String))
    await expect(latchkey.connections.list({ workspaceId: 'nothing' })).rejects.toThrow(api.NotFoundError)
    const stranger = api.createLatchkey({ url: program.url, key: 'lk_wrong' })
    await expect(stranger.workspaces.list({})).rejects.toThrow(api.UnauthenticatedError)
    const nobody = api.createLatchkey({ url: `http://127.0.0.1:${await freePort()}`, key: 'lk', retries: 1 })
    await expect(nobody.viewer.get()).rejects.toThrow(api.TransportError)
  })

  it('returns that an account has to be connected again, and lets onReconnect handle it', async () => {
    const { connection } = await connectRecords('not-the-token')
    const connectionId = connection.id
    // Two different requests with no success between them.
    const { syncJob } = await latchkey.sync.trigger({ connectionId }, { onReconnect: () => ({ syncJob: null }) })
    for await (const _event of latchkey.events.follow({ syncJobId: syncJob?.id ?? '' }));
    await latchkey.requests.execute({ connectionId, method: 'GET', path: '/contacts' })
    await latchkey.requests.execute({ connectionId, method: 'GET', path: '/contacts?limit=1' })
    const result = await latchkey.sync.trigger({ connectionId })
    if (result.__typename !== 'ReconnectRequiredError') throw new Error('The connection still works.')
    expect(result).toBeInstanceOf(api.ReconnectRequiredError)
    expect(result.connection).toMatchObject({ id: connectionId, status: 'NEEDS_REAUTH' })
    expect(result.message).toContain('connected again')
    const handled = await latchkey.sync.trigger({ connectionId }, { onReconnect: ({ connection: { id } }) => id })
    expect(handled).toBe(connectionId)
  })
})

describe.each(['Server-Sent Events', 'graphql-ws'])('events.follow over %s', (transport) => {
  it('gets each event once across crashes of the gateway, and continues from a stored cursor', async () => {
    const follower = api.createLatchkey({
      url: program.url,
      key: operatorKey,
      graphqlWs: transport === 'graphql-ws' ? createClient : undefined,
    })
    const stop = new AbortController()
    const seen: LatchkeyEvent[] = []
    const cursors: string[] = []
    let grown = Promise.withResolvers<void>()
    const until = async (id: string, type: string) => {
      while (!seen.some((event) => event.connection?.id === id && event.type === type)) await grown.promise
    }
    // Begins at an event, so that nothing depends on when the subscription opens.
    const { connection: first } = await connectRecords()
    const { nodes } = await latchkey.events.list({ workspaceId, newestFirst: true, first: 1 })
    const after = nodes[0]?.cursor ?? null
    const following = (async () => {
      const options = { signal: stop.signal, onCursor: (cursor: string) => cursors.push(cursor) }
      for await (const event of follower.events.follow({ workspaceId, after }, options)) {
        seen.push(event)
        grown.resolve()
        grown = Promise.withResolvers()
      }
    })()
    const { connection: second } = await connectRecords()
    await until(second.id, 'CONNECTION_CREATED')
    await crash()
    const { connection: third } = await connectRecords()
    await until(third.id, 'CONNECTION_CREATED')
    await program.stop()
    program = await start()
    await latchkey.connections.update({ connectionId: first.id, disabled: true })
    await until(first.id, 'CONNECTION_DISABLED')
    stop.abort()
    await following
    const { nodes: stored } = await latchkey.events.list({ workspaceId, after, first: 100 })
    const ids = seen.map(({ id }) => id)
    expect(ids).toEqual(stored.slice(0, ids.length).map(({ id }) => id))
    expect(new Set(ids).size).toBe(ids.length)
    // The last event was not followed by a request for another one.
    expect(cursors).toEqual(seen.map(({ cursor }) => cursor).slice(0, cursors.length))
    expect(cursors.length).toBeGreaterThanOrEqual(ids.length - 1)
    for await (const event of follower.events.follow({ workspaceId, after: cursors[0] ?? null })) {
      expect(event.id).toBe(ids[1])
      break
    }
  })

  it('starts now without a cursor, and ends with the job of a sync', async () => {
    const follower = api.createLatchkey({
      url: program.url,
      key: operatorKey,
      graphqlWs: transport === 'graphql-ws' ? createClient : undefined,
    })
    const { connection, syncJob } = await connectRecords(recordsApi.token, true)
    const connectionId = connection.id
    const types: string[] = []
    for await (const event of follower.events.follow({ syncJobId: syncJob?.id ?? '' })) types.push(event.type)
    expect(types[0]).toBe('SYNC_QUEUED')
    expect(types.at(-1)).toBe('SYNC_SUCCEEDED')
    const events = follower.events.follow({ connectionId })
    let first: LatchkeyEvent | undefined
    const next = events.next().then(({ value }) => {
      first = value ?? undefined
    })
    // Until the subscription is open.
    for (let disabled = true; first === undefined; disabled = !disabled) {
      await latchkey.connections.update({ connectionId, disabled })
    }
    await next
    expect(first?.type).toMatch(/^CONNECTION_(DISABLED|ACTIVATED)$/)
    await events.return()
    const none = follower.events.follow({ workspaceId: 'nothing' })
    await expect(none.next()).rejects.toThrow(api.NotFoundError)
    const stranger = api.createLatchkey({
      url: program.url,
      key: 'lk_wrong',
      graphqlWs: transport === 'graphql-ws' ? createClient : undefined,
    })
    const refused = stranger.events.follow({ syncJobId: syncJob?.id ?? '' })
    await expect(refused.next()).rejects.toThrow(api.UnauthenticatedError)
  })
})

describe('verifyWebhook with what the gateway sends', () => {
  it('accepts each secret of an endpoint, and nothing that was changed', async () => {
    const { verifyWebhook, WebhookVerificationError } = await client.loadWebhooks()
    const receiver = await startReceiver()
    const { webhookEndpoint, secret } = await latchkey.webhookEndpoints.create({
      ...{
        workspaceId,
        url: `${receiver.origin}/hook`,
        types: ['CONNECTION_CREATED', 'SYNC_SUCCEEDED', 'SYNC_FAILED'],
      },
    })
    const webhookEndpointId = webhookEndpoint.id
    await latchkey.webhookEndpoints.test({ webhookEndpointId })
    const [test] = receiver.seen('/hook')
    if (test === undefined) throw new Error('Nothing was sent.')
    const verified = await verifyWebhook(test.body, test.headers, secret)
    expect(verified.type === 'webhook.test' && verified.data.webhookEndpointId).toBe(webhookEndpointId)
    const bytes = new TextEncoder().encode(test.body)
    const asHeaders = new Headers(test.headers as Record<string, string>)
    expect(await verifyWebhook(bytes, asHeaders, [secret])).toEqual(verified)

    const { secret: next } = await latchkey.webhookSecrets.rotate({ webhookEndpointId })
    const { connection } = await connectRecords(recordsApi.token, true)
    const received = async (type: string) => {
      for (;;) {
        const found = receiver.seen('/hook').find(({ body }) => JSON.parse(body).type === type)
        if (found !== undefined) return found
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const created = await received('connection.created')
    for (const each of [secret, next, [next, secret]]) {
      const webhook = await verifyWebhook(created.body, created.headers, each)
      if (webhook.type !== 'connection.created') throw new Error(webhook.type)
      expect(webhook.id).toBe(created.headers['webhook-id'])
      expect(webhook.data.connection).toMatchObject({ id: connection.id, integration: 'records' })
    }
    const synced = await received('sync.succeeded')
    const webhook = await verifyWebhook(synced.body, synced.headers, next)
    expect(webhook.type === 'sync.succeeded' && webhook.data.streams[0]?.recordsRead).toBe(250)

    await connectRecords('not-the-token', true)
    const failed = await received('sync.failed')
    const failure = await verifyWebhook(failed.body, failed.headers, next)
    if (failure.type !== 'sync.failed') throw new Error(failure.type)
    const { code, message, status, providerStatus } = failure.data.error
    expect({ code, message, status, providerStatus }).toEqual({
      code: 'RECONNECT_REQUIRED',
      message: expect.any(String),
      status: expect.any(Number),
      providerStatus: 401,
    })

    const refused = (body: string, headers: object, secrets: string | string[], now?: Date) =>
      expect(verifyWebhook(body, headers as Record<string, string>, secrets, { now })).rejects.toThrow(
        WebhookVerificationError,
      )
    await refused(`${created.body} `, created.headers, secret)
    await refused(created.body, { ...created.headers, 'webhook-id': 'other' }, secret)
    await refused(created.body, { ...created.headers, 'webhook-signature': 'v1,AAAA v2,x' }, secret)
    await refused(created.body, { ...created.headers, 'webhook-signature': undefined }, secret)
    await refused(created.body, created.headers, `whsec_${btoa('another secret of 24 bytes')}`)
    const sentAt = Number(created.headers['webhook-timestamp']) * 1_000
    await refused(created.body, created.headers, secret, new Date(sentAt + 301_000))
    await refused(created.body, created.headers, secret, new Date(sentAt - 301_000))
    await expect(verifyWebhook(created.body, created.headers, 'no secret')).rejects.toThrow(TypeError)
    await receiver.close()
  })
})
