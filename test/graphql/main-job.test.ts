import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { subscribeFrom } from '../../packages/client/src/subscribe-from.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { serverAnswers } from '../support/databases.ts'
import { contactsDefinition, type RecordsUpstream, startRecordsUpstream } from '../support/records-upstream.ts'
import { documents } from './documents.ts'

describe.each(['embedded', 'server'] as const)('The main job on the %s database', (kind) => {
  if (kind === 'server' && !serverAnswers) {
    it.skip('needs a PostgreSQL server')
    return
  }
  let app: TestApp
  let upstream: RecordsUpstream
  let workspace: { id: string; key: string }

  beforeAll(async () => {
    app = await startTestApp({ kind })
    workspace = await app.createWorkspace()
  })
  afterAll(() => app.stop())
  beforeEach(async () => {
    upstream = await startRecordsUpstream()
    return () => upstream.close()
  })

  let count = 0
  const slug = () => {
    count += 1
    return `contacts-${count}`
  }

  async function connect(options: Record<string, unknown> = {}, auth?: Record<string, unknown>) {
    const integration = slug()
    await app.mutate(documents.createIntegration, {
      workspaceId: workspace.id,
      slug: integration,
      definition: contactsDefinition(upstream.url, auth),
    })
    return app.mutate(
      documents.createConnection,
      {
        workspaceId: workspace.id,
        integration,
        credential: { secretText: upstream.token },
        syncImmediately: true,
        ...options,
      },
      workspace.key,
    )
  }
  async function follow(syncJobId: string, after: string | null = null) {
    const client = app.webSocket(workspace.key)
    const events: { type: string; cursor: string; error?: Record<string, unknown> }[] = []
    for await (const { syncJobEvents } of subscribeFrom<
      { syncJobEvents: (typeof events)[number] },
      { syncJobId: string; after?: string | null }
    >(client, documents.syncJobEvents, { syncJobId, after })) {
      events.push(syncJobEvents)
    }
    await client.dispose()
    return events
  }
  const job = async (id: string) => (await app.request(documents.syncJob, { id }, workspace.key)).data.node

  it('createConnection with syncImmediately: all records are stored and syncJobEvents delivers every event', async () => {
    const { connection, syncJob } = await connect({ collection: 'all contacts', endUserExternalId: 'ada' })
    expect(connection).toMatchObject({ status: 'ACTIVE', method: 'SECRET', endUser: { externalId: 'ada' } })
    const events = await follow(syncJob.id)
    // The number of progress events depends on the time that the sync takes.
    const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1])
    expect(types).toEqual(['SYNC_QUEUED', 'SYNC_STARTED', 'SYNC_PROGRESSED', 'SYNC_SUCCEEDED'])
    expect(await job(syncJob.id)).toMatchObject({
      status: 'SUCCEEDED',
      trigger: 'ON_CREATE',
      attempt: 1,
      recordsRead: 250,
      recordsWritten: 250,
      pagesRead: 3,
      streams: [{ name: 'contacts', status: 'SUCCEEDED', recordsRead: 250 }],
      error: null,
    })
    const names: string[] = []
    let after: string | null = null
    do {
      const { data } = await app.request(documents.records, { id: connection.id, first: 100, after }, workspace.key)
      const { nodes, pageInfo, totalCount } = data.node.records
      expect(totalCount).toBe(250)
      names.push(...nodes.map((node: { data: { name: string } }) => node.data.name))
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null
    } while (after !== null)
    expect(new Set(names).size).toBe(250)
  })

  it('syncJobEvents: a finished job is replayed from any of its cursors, and the subscription ends', async () => {
    const { syncJob } = await connect()
    const events = await follow(syncJob.id)
    for (const [index, { cursor }] of events.entries()) {
      expect(await follow(syncJob.id, cursor)).toEqual(events.slice(index + 1))
    }
  })

  it('Collection.records: changedAfter returns what changed since, over all connections', async () => {
    const { connection, syncJob } = await connect({ collection: 'changes' })
    await follow(syncJob.id)
    const read = async (changedAfter: string | null) =>
      (
        await app.request(
          documents.collectionRecords,
          { id: workspace.id, name: 'changes', changedAfter },
          workspace.key,
        )
      ).data.workspace.collection.records
    const last = async () => {
      const { data } = await app.request(
        documents.collectionRecords,
        { id: workspace.id, name: 'changes', first: 100, after: null },
        workspace.key,
      )
      let page = data.workspace.collection.records
      while (page.pageInfo.hasNextPage) {
        const next = await app.request(
          documents.collectionRecords,
          { id: workspace.id, name: 'changes', first: 100, after: page.pageInfo.endCursor },
          workspace.key,
        )
        page = next.data.workspace.collection.records
      }
      return page.nodes.at(-1).changeCursor
    }
    const position = await last()
    expect((await read(position)).nodes).toEqual([])
    upstream.contacts[17] = { id: 18, name: 'Renamed' }
    const { syncJob: second } = await app.mutate(documents.triggerSync, { connectionId: connection.id }, workspace.key)
    await follow(second.id)
    expect(await job(second.id)).toMatchObject({ recordsRead: 250, recordsWritten: 1, trigger: 'MANUAL' })
    const changed = await read(position)
    expect(changed.totalCount).toBe(1)
    expect(changed.nodes).toMatchObject([{ primaryKey: ['18'], data: { name: 'Renamed' }, deleted: false }])
  })

  it('a sync job with a bad token fails with the error message of the provider and without the token', async () => {
    const { connection, syncJob } = await connect({ credential: { secretText: 'a-wrong-token-93' } })
    expect(connection.status).toBe('ACTIVE')
    const events = await follow(syncJob.id)
    expect(events.at(-1)).toMatchObject({
      type: 'SYNC_FAILED',
      error: { providerStatus: 401, providerMessage: expect.stringContaining('does not know this token') },
    })
    expect(JSON.stringify(events)).not.toContain('a-wrong-token-93')
    expect(await job(syncJob.id)).toMatchObject({ status: 'FAILED', error: { status: 400, stream: 'contacts' } })
  })

  it('createConnection: an OAuth 2.0 access token is accepted and used by the sync job', async () => {
    const auth = {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${upstream.url}/authorize`,
      tokenUrl: `${upstream.url}/token`,
    }
    const expiresAt = '2040-01-01T00:00:00.000Z'
    const { connection, syncJob } = await connect(
      { credential: { oauthToken: { accessToken: upstream.token, scopes: ['read'], expiresAt } } },
      auth,
    )
    expect(connection).toMatchObject({
      method: 'TOKEN_INJECTION',
      credential: { type: 'OAUTH2', scopes: ['read'], expiresAt, version: 1, lastError: null },
    })
    await follow(syncJob.id)
    expect(await job(syncJob.id)).toMatchObject({ status: 'SUCCEEDED', recordsWritten: 250 })
  })

  it('records are stored unchanged, including NUL bytes, lone surrogates and large numbers', async () => {
    const items = `[{"id":"\\u0000k","text":"a\\u0000b","half":"\\ud800","big":9007199254740993,"tiny":1e-400}]`
    upstream.answer = (_request, response) => response.end(`{"items":${items}}`)
    const { connection, syncJob } = await connect()
    await follow(syncJob.id)
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${workspace.key}` },
      body: JSON.stringify({ query: documents.records, variables: { id: connection.id } }),
    })
    const text = await response.text()
    expect(text).toContain('"big":9007199254740993')
    expect(text).toContain('"tiny":1e-400')
    const { data } = JSON.parse(text)
    expect(data.node.records.nodes[0]).toMatchObject({ primaryKey: ['\0k'], data: { text: 'a\0b', half: '\ud800' } })
  })

  it('triggerSync: while a job is not finished, another one is CONFLICT, or that job with RETURN_RUNNING', async () => {
    const hold = Promise.withResolvers<void>()
    upstream.answer = (_request, response) => void hold.promise.then(() => response.end('{"items":[]}'))
    const { connection, syncJob } = await connect()
    const rejected = await app.request(documents.triggerSync, { input: { connectionId: connection.id } }, workspace.key)
    expect(rejected.data.triggerSync).toMatchObject({
      __typename: 'ConflictError',
      code: 'CONFLICT',
      status: 409,
      details: { syncJobId: syncJob.id },
    })
    const same = await app.mutate(
      documents.triggerSync,
      { connectionId: connection.id, onRunning: 'RETURN_RUNNING' },
      workspace.key,
    )
    expect(same.syncJob.id).toBe(syncJob.id)
    hold.resolve()
    await follow(syncJob.id)
  })

  it('subscribeFrom: a client whose connection breaks continues behind the last event', async () => {
    const { syncJob } = await connect()
    const whole = await follow(syncJob.id)
    const seen: string[] = []
    let broken = false
    const sockets: WebSocket[] = []
    const retrying = app.webSocket(workspace.key, { retryAttempts: 5, retryWait: async () => undefined })
    retrying.on('opened', (socket) => void sockets.push(socket as WebSocket))
    for await (const { syncJobEvents } of subscribeFrom<
      { syncJobEvents: { cursor: string } },
      { syncJobId: string; after?: string | null }
    >(retrying, documents.syncJobEvents, { syncJobId: syncJob.id })) {
      seen.push(syncJobEvents.cursor)
      if (!broken && seen.length === 2) {
        broken = true
        sockets.at(-1)?.close(4205, 'the test breaks the connection')
      }
    }
    expect(broken).toBe(true)
    expect(seen).toEqual(whole.map(({ cursor }) => cursor))
    await retrying.dispose()
  })

  describe('subscribeFrom without after', () => {
    type Created = { workspaceEvents: { cursor: string; type: string } }
    type Variables = { workspaceId: string; types: string[]; after?: string | null }

    /** A workspace whose events are only those of this test. */
    async function startWorkspace() {
      const own = await app.createWorkspace()
      const definition = contactsDefinition(upstream.url)
      await app.mutate(documents.createIntegration, { workspaceId: own.id, slug: 'own', definition })
      const create = () =>
        app.mutate(
          documents.createConnection,
          { workspaceId: own.id, integration: 'own', credential: { secretText: upstream.token } },
          own.key,
        )
      const variables: Variables = { workspaceId: own.id, types: ['CONNECTION_CREATED'] }
      return { key: own.key, create, variables }
    }

    /** The cursors of all events of the workspace in order. */
    async function stored({ workspaceId, types }: Variables, key: string): Promise<string[]> {
      const { data } = await app.request(
        'query ($id: ID!, $types: [EventType!]) { workspace(id: $id) { events(types: $types, first: 100) { nodes { cursor } } } }',
        { id: workspaceId, types },
        key,
      )
      return data.workspace.events.nodes.map(({ cursor }: { cursor: string }) => cursor)
    }

    async function take(events: AsyncGenerator<Created>, count: number): Promise<string[]> {
      const cursors: string[] = []
      while (cursors.length < count) cursors.push((await events.next()).value?.workspaceEvents.cursor)
      return cursors
    }

    it('begins when it is called, also if the client connects later', async () => {
      const { key, create, variables } = await startWorkspace()
      await create()
      const online = Promise.withResolvers<void>()
      const client = app.webSocket(key, {
        connectionParams: async () => {
          await online.promise
          return { authorization: `Bearer ${key}` }
        },
      })
      const events = subscribeFrom<Created, Variables>(client, documents.workspaceEvents, variables)
      await create()
      const next = take(events, 2)
      await create()
      online.resolve()
      expect(await next).toEqual((await stored(variables, key)).slice(1))
      await events.return()
      await client.dispose()
    })

    it('loses nothing when its connection breaks before the first event, and repeats nothing for a slow consumer', async () => {
      const { key, create, variables } = await startWorkspace()
      await create()
      const sockets: WebSocket[] = []
      const messages: string[] = []
      let online = Promise.resolve()
      const client = app.webSocket(key, { retryAttempts: 5, retryWait: () => online })
      client.on('opened', (socket) => {
        sockets.push(socket as WebSocket)
        online = Promise.resolve()
      })
      client.on('message', ({ type }) => void messages.push(type))
      /** Breaks the connection and stays offline during the work. */
      const offline = async (work: () => Promise<unknown>) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        online = promise
        sockets.at(-1)?.close(4205, 'the test breaks the connection')
        await work()
        resolve()
      }
      const events = subscribeFrom<Created, Variables>(client, documents.workspaceEvents, variables)
      const first = take(events, 1)
      // The server says where the subscription starts.
      await expect.poll(() => messages).toContain('next')
      await offline(create)
      expect(await first).toEqual((await stored(variables, key)).slice(1))
      // Two events wait for the consumer when the connection breaks again.
      messages.length = 0
      await create()
      await create()
      await expect.poll(() => messages).toEqual(['next', 'next'])
      await offline(create)
      expect(await take(events, 3)).toEqual((await stored(variables, key)).slice(2))
      // Nothing else comes, and the end does not wait for an event.
      const more = events.next()
      await events.return()
      expect(await more).toEqual({ done: true, value: undefined })
      await client.dispose()
    })
  })

  it('revokeApiKey: the live subscriptions of the key end', async () => {
    const { apiKey, key } = await app.mutate(documents.createApiKey, {
      workspaceId: workspace.id,
      name: 'short-lived',
      role: 'READER',
    })
    const client = app.webSocket(key)
    const ended = (async () => {
      for await (const _event of subscribeFrom<object, { workspaceId: string; after?: string | null }>(
        client,
        documents.workspaceEvents,
        { workspaceId: workspace.id },
      )) {
        // No event is expected.
      }
    })()
    ended.catch(() => undefined)
    await app.mutate(documents.revokeApiKey, { apiKeyId: apiKey.id })
    await expect(ended).rejects.toThrow()
    expect((await app.request('{ viewer { kind } }', {}, key)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED')
  })
})
