import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { sendJson } from '../../support/provider-server.ts'
import { type RequestFixture, startRequestFixture } from '../../tools/request-fixture.ts'

const LINE =
  'id occurredAt actor actorKind actorId action method targetType targetId outcome traceId address workspaceId'
const OF_WORKSPACE = `query ($id: ID!, $first: Int, $after: String, $filter: AuditFilter) { workspace(id: $id) {
  auditEvents(first: $first, after: $after, filter: $filter) { totalCount nodes { ${LINE} } pageInfo { hasNextPage endCursor } } } }`
const OF_ALL = `query ($filter: AuditFilter, $workspaceId: ID) {
  auditEvents(first: 100, filter: $filter, workspaceId: $workspaceId) { totalCount nodes { ${LINE} } } }`
const RENAME = `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename ... on Error { code } } }`
const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
  ... on CreateApiKeyPayload { key apiKey { id prefix } } ... on Error { message } } }`

describe('Workspace.auditEvents and Query.auditEvents', () => {
  let fixture: RequestFixture
  let app: TestApp
  let connectionId: string
  let ownId: string

  beforeAll(async () => {
    fixture = await startRequestFixture()
    app = fixture.app
    fixture.answer((_seen, response) => sendJson(response, { ok: true }))
    connectionId = await fixture.connect({ slug: 'crm' })
    ownId = fixture.workspace.id
  })
  afterAll(() => fixture.close())

  // biome-ignore lint/suspicious/noExplicitAny: the nodes of an arbitrary filter
  async function lines(filter: object = {}, { id = ownId, key = fixture.workspace.key } = {}): Promise<any[]> {
    const { data, errors } = await app.request(OF_WORKSPACE, { id, first: 100, filter }, key)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data.workspace.auditEvents.nodes
  }
  const rename = (name: string, workspaceId = ownId, key = fixture.workspace.key) =>
    app.request(RENAME, { input: { workspaceId, name } }, key)

  it('list the lines of the workspace, newest first, by page', async () => {
    for (const name of ['one', 'two', 'three']) await rename(name)
    const all = await lines()
    expect(all.map(({ occurredAt }) => occurredAt)).toEqual(
      all
        .map(({ occurredAt }) => occurredAt)
        .sort()
        .reverse(),
    )
    expect(all[0]).toMatchObject({
      action: 'updateWorkspace',
      targetType: 'Workspace',
      targetId: ownId,
      workspaceId: ownId,
    })
    expect(all.at(-1)).toMatchObject({ action: 'createWorkspace', actor: 'operator', actorKind: 'OPERATOR' })
    const pages: unknown[] = []
    let after: string | null = null
    for (;;) {
      const { data } = await app.request(OF_WORKSPACE, { id: ownId, first: 2, after }, fixture.workspace.key)
      const { nodes, pageInfo, totalCount } = data.workspace.auditEvents
      expect(totalCount).toBe(all.length)
      pages.push(...nodes)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }
    expect(pages).toEqual(all)
  })

  it('select lines by actor, action, target and time', async () => {
    const { key, apiKey } = await app.mutate(CREATE_KEY, { workspaceId: ownId, name: 'deploy', role: 'ADMIN' })
    await rename('four', ownId, key)
    const all = await lines()
    const { occurredAt: since, actor, actorId } = all[0]
    expect([actor, actorId]).toEqual([`deploy (${apiKey.prefix}…)`, apiKey.id])
    expect(await lines({ actor })).toEqual([all[0]])
    expect(await lines({ action: 'createApiKey' })).toEqual(all.filter(({ action }) => action === 'createApiKey'))
    expect(await lines({ targetId: connectionId })).toEqual(all.filter(({ targetId }) => targetId === connectionId))
    expect(await lines({ since })).toEqual([all[0]])
    expect(await lines({ actor, action: 'createApiKey' })).toEqual([])
    expect(await lines({ targetId: 'nothing' })).toEqual([])
  })

  it('hide the lines of other workspaces, also those about their own objects', async () => {
    const other = await app.createWorkspace('Other')
    expect((await rename('stolen', ownId, other.key)).data.updateWorkspace.code).toBe('NOT_FOUND')
    expect((await lines()).filter(({ outcome }) => outcome === 'NOT_FOUND')).toEqual([])
    const [line] = await lines({}, { id: other.id, key: other.key })
    expect(line).toMatchObject({
      action: 'updateWorkspace',
      targetId: ownId,
      outcome: 'NOT_FOUND',
      workspaceId: other.id,
    })
    const node = 'query ($id: ID!) { node(id: $id) { ... on AuditEvent { outcome } } }'
    expect((await app.request(node, { id: line.id }, other.key)).data.node).toEqual({ outcome: 'NOT_FOUND' })
    expect((await app.request(node, { id: line.id }, fixture.workspace.key)).data.node).toBeNull()
    expect((await app.request(OF_WORKSPACE, { id: ownId }, other.key)).data.workspace).toBeNull()
  })

  it('are FORBIDDEN for keys without the role and the scope ADMIN, and for keys that are limited to integrations', async () => {
    const [line] = await lines()
    for (const limits of [
      { role: 'READER' },
      { role: 'ADMIN', scopes: ['READ', 'CONNECT'] },
      { role: 'ADMIN', integrations: ['crm'] },
    ]) {
      const { key } = await app.mutate(CREATE_KEY, { workspaceId: ownId, name: 'less', ...limits })
      const { errors } = await app.request(OF_WORKSPACE, { id: ownId }, key)
      expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
      const { data } = await app.request('query ($id: ID!) { node(id: $id) { id } }', { id: line.id }, key)
      expect(data.node).toBeNull()
    }
    expect((await app.request(OF_ALL, {}, fixture.workspace.key)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
  })

  it('show operators every line, with those of no workspace', async () => {
    const { apiKey } = await app.mutate(CREATE_KEY, { name: 'second operator', role: 'OPERATOR' })
    const { data } = await app.request(OF_ALL, { filter: { targetId: apiKey.id } })
    expect(data.auditEvents.nodes).toMatchObject([{ action: 'createApiKey', workspaceId: null, actor: 'operator' }])
    const own = await app.request(OF_ALL, { workspaceId: ownId })
    expect(own.data.auditEvents.nodes).toEqual(await lines())
  })

  it('keep the lines of a workspace that was deleted and purged', async () => {
    const other = await app.createWorkspace('Gone')
    await app.mutate(
      'mutation ($input: DeleteWorkspaceInput!) { deleteWorkspace(input: $input) { __typename ... on Error { message } } }',
      { workspaceId: other.id },
    )
    for (;;) {
      const [row] = await app.database.sql.query(`SELECT 1 AS one FROM workspace WHERE name = 'Gone'`)
      if (row === undefined) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const { data } = await app.request(OF_ALL, { workspaceId: other.id })
    const { nodes } = data.auditEvents
    expect(nodes.map(({ action }: { action: string }) => action)).toEqual([
      'deleteWorkspace',
      'createApiKey',
      'createWorkspace',
    ])
    const node = await app.request('query ($id: ID!) { node(id: $id) { id } }', { id: nodes[0].id })
    expect(node.data.node).toEqual({ id: nodes[0].id })
  })

  it('have a line for each request that writes through a connection, and none for those that read', async () => {
    const send = async (method: string, { key = fixture.workspace.key, id = connectionId, headers = {} } = {}) => {
      const response = await fetch(`${app.url}/proxy/${id}/things?secret=value`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...headers },
        ...(method === 'POST' ? { body: 'the body' } : {}),
      })
      await response.text()
      const traceId = response.headers.get('x-request-id')
      const own = (await lines()).filter((line) => line.traceId === traceId)
      return own.map(({ action, method: sent, targetType, targetId, outcome, address }) => ({
        ...{ action, sent, targetType, targetId, outcome, address },
      }))
    }
    const target = { targetType: 'Connection', targetId: connectionId, address: '127.0.0.1' }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(await send(method)).toEqual([{ action: 'proxy', sent: method, ...target, outcome: 'OK' }])
    }
    expect(await send('GET')).toEqual([])
    expect(await send('HEAD')).toEqual([])
    const override = { 'x-http-method-override': 'DELETE' }
    expect(await send('GET', { headers: override })).toEqual([
      { action: 'proxy', sent: 'GET', ...target, outcome: 'OK' },
    ])
    const key = await fixture.createKey('READER')
    expect(await send('POST', { key })).toEqual([{ action: 'proxy', sent: 'POST', ...target, outcome: 'FORBIDDEN' }])
    expect(await send('POST', { id: 'unknown' })).toEqual([
      { action: 'proxy', sent: 'POST', targetType: null, targetId: null, outcome: 'NOT_FOUND', address: '127.0.0.1' },
    ])
    fixture.answer((_seen, response) => sendJson(response, { error: 'no' }, {}, 422))
    expect(await send('POST')).toMatchObject([{ outcome: 'OK' }])
    fixture.answer((_seen, response) => void response.socket?.destroy())
    expect(await send('POST')).toMatchObject([{ outcome: 'PROVIDER' }])
    fixture.answer((_seen, response) => sendJson(response, { ok: true }))
    expect(JSON.stringify(await lines())).not.toMatch(/secret|value|the body|things/)
  })

  it('have no line for what the rate limits refuse', async () => {
    const limited = await startTestApp({ config: { rateLimit: 300 } })
    try {
      const { id, key } = await limited.createWorkspace()
      const count = async () =>
        (await limited.database.sql.query<{ count: number }>('SELECT count(*)::int AS count FROM audit_event'))[0]
          ?.count ?? 0
      const before = await count()
      const codes: (string | undefined)[] = []
      for (let index = 0; index < 40; index += 1) {
        const { data, errors } = await limited.request(RENAME, { input: { workspaceId: id, name: `n${index}` } }, key)
        codes.push(data?.updateWorkspace?.code ?? errors?.[0]?.extensions['code'] ?? 'OK')
      }
      const done = codes.filter((code) => code === 'OK').length
      expect(codes.filter((code) => code === 'RATE_LIMITED').length).toBe(40 - done)
      expect(done).toBeLessThan(40)
      expect(await count()).toBe(before + done)
    } finally {
      await limited.stop()
    }
  })

  it('have the address of the client behind a trusted proxy, over HTTP and over WebSocket', async () => {
    const behind = await startTestApp({ config: { trustedProxies: ['127.0.0.1'] } })
    try {
      const { id, key } = await behind.createWorkspace()
      const forwarded = (address: string) => ({ 'x-forwarded-for': `203.0.113.99, ${address}` })
      for (const address of ['198.51.100.1', '198.51.100.2']) {
        // The second request is answered without Yoga.
        await fetch(`${behind.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...forwarded(address) },
          body: JSON.stringify({ query: RENAME, variables: { input: { workspaceId: id, name: address } } }),
        })
      }
      class Forwarded extends WebSocket {
        constructor(url: string, protocols: string) {
          super(url, protocols, { headers: forwarded('2001:db8::1') })
        }
      }
      const client = behind.webSocket(key, { webSocketImpl: Forwarded })
      const answer = await new Promise((resolve, reject) => {
        const input = { workspaceId: id, name: 'socket' }
        client.subscribe(
          { query: RENAME, variables: { input } },
          { next: resolve, error: reject, complete: () => undefined },
        )
      })
      expect(answer).toMatchObject({ data: { updateWorkspace: { __typename: 'UpdateWorkspacePayload' } } })
      await client.dispose()
      const { data } = await behind.request(OF_WORKSPACE, { id, first: 3 }, key)
      expect(data.workspace.auditEvents.nodes.map(({ address }: { address: string }) => address)).toEqual([
        '2001:db8::1',
        '198.51.100.2',
        '198.51.100.1',
      ])
    } finally {
      await behind.stop()
    }
  })
})
