import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { serverAnswers } from '../../support/databases.ts'
import { contactsDefinition, type RecordsUpstream, startRecordsUpstream } from '../../support/records-upstream.ts'
import { documents } from '../documents.ts'
import { changes } from '../management-documents.ts'

describe.each(['embedded', 'server'] as const)('Deleting and cancelling on the %s database', (kind) => {
  if (kind === 'server' && !serverAnswers) {
    it.skip('needs a PostgreSQL server')
    return
  }
  let app: TestApp
  let upstream: RecordsUpstream
  let workspace: { id: string; slug: string; key: string }

  beforeAll(async () => {
    app = await startTestApp({ kind })
  })
  afterAll(() => app.stop())
  beforeEach(async () => {
    upstream = await startRecordsUpstream()
    workspace = await app.createWorkspace()
    return () => upstream.close()
  })

  // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
  async function send(document: string, input: Record<string, unknown>, key = workspace.key): Promise<any> {
    const { data, errors } = await app.request(document, { input }, key)
    expect(errors).toBeUndefined()
    return Object.values(data)[0]
  }
  async function connect(options: Record<string, unknown> = {}) {
    const definition = contactsDefinition(upstream.url)
    const { integration } = await send(documents.createIntegration, {
      workspaceId: workspace.id,
      slug: 'crm',
      definition,
    })
    const { connection, syncJob } = await app.mutate(
      documents.createConnection,
      { workspaceId: workspace.id, integration: 'crm', credential: { secretText: upstream.token }, ...options },
      workspace.key,
    )
    return { integrationId: integration.id, connectionId: connection.id, endUserId: '', syncJobId: syncJob?.id }
  }
  const node = async (id: string, key = workspace.key) =>
    (await app.request('query ($id: ID!) { node(id: $id) { __typename id } }', { id }, key)).data.node
  /** Delays the responses of the provider until `release`. */
  function holdUpstream() {
    const requested = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    upstream.answer = (_request, response) => {
      requested.resolve()
      void released.promise.then(() => response.end(JSON.stringify({ items: [{ id: 1 }] })))
    }
    return { requested: requested.promise, release: released.resolve }
  }

  it('deleteConnection during a sync: the job is cancelled and no row is left', async () => {
    const held = holdUpstream()
    const { connectionId, syncJobId } = await connect({ syncImmediately: true, externalId: 'main' })
    await held.requested
    expect(await send(changes.deleteConnection, { connectionId })).toMatchObject({ deletedId: connectionId })
    expect(await node(connectionId)).toBeNull()
    expect(await node(syncJobId)).toBeNull()
    held.release()
    const rows = () =>
      app.database.sql.query(
        `SELECT 1 FROM connection c JOIN workspace w ON w.id = c.workspace_id
      WHERE w.slug = $1 UNION ALL SELECT 1 FROM record r JOIN workspace w ON w.id = r.workspace_id WHERE w.slug = $1`,
        [workspace.slug],
      )
    await expect.poll(async () => (await rows()).length).toBe(0)
    const { data } = await app.request(
      `query ($id: ID!) { workspace(id: $id) { connections { totalCount } syncJobs { totalCount }
        events(first: 100) { nodes { type connection { id } } } } }`,
      { id: workspace.id },
      workspace.key,
    )
    expect(data.workspace).toMatchObject({ connections: { totalCount: 0 }, syncJobs: { totalCount: 0 } })
    expect(data.workspace.events.nodes.slice(-2)).toEqual([
      { type: 'SYNC_CANCELLED', connection: null },
      { type: 'CONNECTION_DELETED', connection: null },
    ])
  })

  it('cancelSync: a running job is cancelled, and a finished one is CONFLICT', async () => {
    const held = holdUpstream()
    const { syncJobId } = await connect({ syncImmediately: true })
    await held.requested
    expect(await send(changes.cancelSync, { syncJobId })).toMatchObject({
      syncJob: { id: syncJobId, status: expect.stringMatching(/^CANCELL/) },
    })
    const status = async () => (await app.request(documents.syncJob, { id: syncJobId }, workspace.key)).data.node.status
    await expect.poll(status).toBe('CANCELLED')
    held.release()
    expect(await send(changes.cancelSync, { syncJobId })).toMatchObject({ code: 'CONFLICT' })
  })

  it('deleteEndUser: the connections of the end user are deleted and counted', async () => {
    const { connectionId } = await connect({ endUserExternalId: 'ada' })
    const { endUser } = (
      await app.request('query ($id: ID!) { workspace(id: $id) { endUser(externalId: "ada") { id } } }', {
        id: workspace.id,
      })
    ).data.workspace
    const deleted = { deletedId: endUser.id, deletedConnections: 1 }
    expect(await send(changes.deleteEndUser, { endUserId: endUser.id })).toMatchObject(deleted)
    expect(await node(connectionId)).toBeNull()
    expect(await node(endUser.id)).toBeNull()
  })

  it('deleteIntegration: its connections are deleted and its slug is free', async () => {
    const { connectionId, integrationId } = await connect({ externalId: 'main' })
    expect(await send(changes.deleteIntegration, { integrationId })).toMatchObject({ deletedId: integrationId })
    expect([await node(connectionId), await node(integrationId)]).toEqual([null, null])
    const again = await connect({ externalId: 'main' })
    expect(await node(again.connectionId)).toMatchObject({ id: again.connectionId })
  })

  it('deleteWorkspace: keys, subscriptions and ids stop working at once and the slug is free', async () => {
    const { connectionId } = await connect()
    const { data } = await app.request(
      'query ($id: ID!) { workspace(id: $id) { events(first: 1) { nodes { cursor } } } }',
      { id: workspace.id },
    )
    const variables = { workspaceId: workspace.id, after: data.workspace.events.nodes[0].cursor }
    const subscriptions = [workspace.key, app.operatorKey].map((key) => {
      const client = app.webSocket(key)
      return { client, events: client.iterate({ query: documents.workspaceEvents, variables }) }
    })
    // A subscription is live once it has replayed an event.
    for (const { events } of subscriptions) expect((await events.next()).value?.errors).toBeUndefined()
    const { id, slug } = workspace
    expect(await send(changes.deleteWorkspace, { workspaceId: id })).toMatchObject({ deletedId: id })
    const refused = await app.request('{ viewer { kind } }', {}, workspace.key)
    expect(refused.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED')
    for (const each of [id, connectionId]) expect(await node(each, app.operatorKey)).toBeNull()
    expect(await send(changes.deleteConnection, { connectionId }, app.operatorKey)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await send(changes.deleteWorkspace, { workspaceId: id }, app.operatorKey)).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await send(documents.createWorkspace, { name: 'Again', slug }, app.operatorKey)).toMatchObject({
      workspace: { slug },
    })
    const lasts = await Promise.all(subscriptions.map(({ events }) => events.next()))
    const codes = lasts.map(({ value }) => value?.errors?.[0]?.extensions?.['code'])
    expect(codes).toEqual(['UNAUTHENTICATED', 'NOT_FOUND'])
    for (const { client } of subscriptions) await client.dispose()
    await expect
      .poll(async () => (await app.database.sql.query(`SELECT 1 FROM workspace WHERE deleted_at IS NOT NULL`)).length)
      .toBe(0)
  })

  it('an id of another workspace or type is NOT_FOUND, and a READER key is FORBIDDEN', async () => {
    const { connectionId, integrationId, syncJobId } = await connect({
      syncImmediately: true,
      endUserExternalId: 'ada',
    })
    const { data } = await app.request(
      'query ($id: ID!) { workspace(id: $id) { endUser(externalId: "ada") { id } } }',
      { id: workspace.id },
    )
    const reader = await app.mutate(documents.createApiKey, {
      workspaceId: workspace.id,
      name: 'reader',
      role: 'READER',
    })
    const stranger = await app.createWorkspace('Stranger')
    const secretText = 'a-new-token'
    const all: [string, Record<string, string>, Record<string, unknown>][] = [
      [changes.updateWorkspace, { workspaceId: workspace.id }, { name: 'x' }],
      [changes.deleteWorkspace, { workspaceId: workspace.id }, {}],
      [changes.deleteEndUser, { endUserId: data.workspace.endUser.id }, {}],
      [changes.updateIntegration, { integrationId }, { displayName: 'x' }],
      [changes.deleteIntegration, { integrationId }, {}],
      [changes.updateConnection, { connectionId }, { displayName: 'x' }],
      [changes.replaceCredential, { connectionId }, { credential: { secretText } }],
      [changes.deleteConnection, { connectionId }, {}],
      [changes.cancelSync, { syncJobId }, {}],
    ]
    for (const [document, ids, rest] of all) {
      const [name = ''] = Object.keys(ids)
      expect(await send(document, { ...ids, ...rest }, stranger.key)).toMatchObject({ code: 'NOT_FOUND' })
      const otherType = name === 'workspaceId' ? connectionId : workspace.id
      expect(await send(document, { [name]: otherType, ...rest })).toMatchObject({ code: 'NOT_FOUND' })
      expect(await send(document, { [name]: 'nonsense', ...rest })).toMatchObject({ code: 'NOT_FOUND' })
      expect(await send(document, { ...ids, ...rest }, reader.key)).toMatchObject({ code: 'FORBIDDEN' })
    }
    expect(await node(connectionId)).not.toBeNull()
  })

  it('deleteConnection: one of several concurrent calls succeeds and the others are NOT_FOUND', async () => {
    const { connectionId } = await connect()
    const results = await Promise.all([1, 2, 3, 4].map(() => send(changes.deleteConnection, { connectionId })))
    expect(results.map((result) => result.code ?? 'deleted').toSorted()).toEqual([
      'NOT_FOUND',
      'NOT_FOUND',
      'NOT_FOUND',
      'deleted',
    ])
  })
})
