import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../src/kit/ids.ts'
import { sendJson } from '../support/provider-server.ts'
import { type RequestFixture, rowId, startRequestFixture } from '../tools/request-fixture.ts'

describe.each(['embedded', 'server'] as const)('A key that is limited to integrations, on the %s database', (kind) => {
  let fixture: RequestFixture
  let workspaceId: string
  let own: string
  let other: string
  let key: string

  beforeAll(async () => {
    fixture = await startRequestFixture(kind)
    workspaceId = fixture.workspace.id
    fixture.answer((_seen, response) => sendJson(response, {}))
    own = await fixture.connect({ slug: 'crm', more: { collection: 'all', endUserExternalId: 'ada' } })
    other = await fixture.connect({ slug: 'billing', more: { collection: 'all', endUserExternalId: 'ada' } })
    key = await createKey({ integrations: ['crm'] })
  })
  afterAll(() => fixture.close())

  async function createKey(input: Record<string, unknown>, by = fixture.workspace.key): Promise<string> {
    return (
      await fixture.app.mutate(
        `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
          ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
        { workspaceId, name: 'limited', role: 'ADMIN', ...input },
        by,
      )
    ).key
  }

  // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
  async function run(name: string, input: Record<string, unknown>, payload = '', by = key): Promise<any> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
    const text = `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on Error { message }
      ... on InvalidInputError { fields { path message } } ${payload === '' ? '' : `... on ${type}Payload { ${payload} }`} } }`
    const { data, errors } = await fixture.app.request(text, { input }, by)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data[name]
  }

  const CONNECTION = `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
    ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`

  it('sees these integrations and what belongs to them, in every list', async () => {
    const { data } = await fixture.app.request(
      `query ($id: ID!, $own: ID!, $other: ID!) {
        workspace(id: $id) {
          integrations { totalCount nodes { slug } }
          hidden: integration(slug: "billing") { id }
          connections { totalCount nodes { id } }
          filtered: connections(filter: { integration: "billing" }) { totalCount }
          events(first: 100) { totalCount nodes { connection { id } } }
          apiKeys { nodes { name scopes integrations } }
          collection(name: "all") { connections { totalCount } records { totalCount } }
          endUser(externalId: "ada") { connections { totalCount nodes { id } } }
        }
        node(id: $other) { id }
        nodes(ids: [$own, $other]) { id }
      }`,
      { id: workspaceId, own, other },
      key,
    )
    expect(data).toEqual({
      workspace: {
        integrations: { totalCount: 1, nodes: [{ slug: 'crm' }] },
        hidden: null,
        connections: { totalCount: 1, nodes: [{ id: own }] },
        filtered: { totalCount: 0 },
        events: { totalCount: 2, nodes: [{ connection: { id: own } }, { connection: { id: own } }] },
        apiKeys: {
          nodes: [{ name: 'limited', scopes: ['READ', 'CONNECT', 'EXECUTE', 'SYNC', 'ADMIN'], integrations: ['crm'] }],
        },
        collection: { connections: { totalCount: 1 }, records: { totalCount: 0 } },
        endUser: { connections: { totalCount: 1, nodes: [{ id: own }] } },
      },
      node: null,
      nodes: [{ id: own }, null],
    })
  })

  it('uses their connections only', async () => {
    const send = (id: string) =>
      fetch(`${fixture.app.url}/proxy/${id}/things`, { headers: { authorization: `Bearer ${key}` } })
    expect((await send(own)).status).toBe(200)
    expect((await send(other)).status).toBe(404)
    const request = { method: 'GET', path: '/things' }
    expect(await run('executeRequest', { ...request, connectionId: own })).toEqual({
      __typename: 'ExecuteRequestPayload',
    })
    for (const target of [
      { connectionId: other },
      { resolve: { workspaceId, integration: 'billing', endUserExternalId: 'ada' } },
    ]) {
      expect(await run('executeRequest', { ...request, ...target })).toMatchObject({ __typename: 'NotFoundError' })
    }
    const created = { workspaceId, credential: { secretText: 'another-token' } }
    expect(await run('createConnection', { ...created, integration: 'crm' })).toMatchObject({
      __typename: 'CreateConnectionPayload',
    })
    for (const choice of [{ integration: 'billing' }, { provider: 'github' }]) {
      expect(await run('createConnection', { ...created, ...choice })).toMatchObject({ __typename: 'NotFoundError' })
    }
    expect(await run('testIntegration', { ...created, integration: 'billing' })).toMatchObject({
      __typename: 'NotFoundError',
    })
  })

  it('changes nothing that concerns more than them', async () => {
    const definition = { displayName: 'x', baseUrl: fixture.provider.origin, auth: { type: 'bearer' } }
    const { data } = await fixture.app.request(
      'query ($id: ID!) { workspace(id: $id) { endUser(externalId: "ada") { id } } }',
      { id: workspaceId },
      key,
    )
    await fixture.app.database.prisma.authProvider.create({
      data: {
        ...{ id: newId(), workspaceId: rowId(workspaceId), name: 'keeper', kind: 'COMPOSIO', config: {} },
        ...{ sealed: new Uint8Array(), keyId: '', hosts: ['127.0.0.1'] },
      },
    })
    const account = { authProvider: { provider: 'keeper', accountId: 'account-1' } }
    for (const [name, input] of [
      ['updateWorkspace', { workspaceId, name: 'renamed' }],
      ['deleteWorkspace', { workspaceId }],
      ['deleteEndUser', { endUserId: data.workspace.endUser.id }],
      ['createIntegration', { workspaceId, slug: 'new', definition }],
      ['testIntegration', { workspaceId, definition, credential: { secretText: 'x' } }],
      ['importDefinition', { format: 'OPENAPI', document: 'openapi: 3.1.0' }],
      ['createAuthProvider', { workspaceId, name: 'p', kind: 'COMPOSIO', secret: 'a-secret-key' }],
      // The accounts of an auth provider can be of other integrations.
      ['createConnection', { workspaceId, integration: 'crm', credential: account }],
      ['replaceCredential', { connectionId: own, credential: account }],
      ['testIntegration', { workspaceId, integration: 'crm', credential: account }],
      ['createWebhookEndpoint', { workspaceId, url: 'https://receiver.example/' }],
    ] as const) {
      expect([name, (await run(name, input)).__typename]).toEqual([name, 'ForbiddenError'])
    }
  })

  it('offers these integrations in connect sessions, and sees the sessions that offer no other', async () => {
    const input = { workspaceId, endUserExternalId: 'ada', allowedOrigins: ['https://app.example'] }
    const offered = 'session { id integrations { slug } }'
    const made = await run('createConnectSession', input, offered)
    expect(made.session.integrations).toEqual([{ slug: 'crm' }])
    // The stored session is limited, not only the view of it.
    const { data } = await fixture.app.request(
      'query ($id: ID!) { connectSession(id: $id) { integrations { slug } } }',
      { id: made.session.id },
      fixture.workspace.key,
    )
    expect(data.connectSession.integrations).toEqual([{ slug: 'crm' }])
    expect(await run('createConnectSession', { ...input, integrations: ['crm', 'billing'] })).toMatchObject({
      fields: [{ path: ['input', 'integrations', '1'] }],
    })
    expect(await run('createConnectSession', { ...input, connectionId: other })).toMatchObject({
      __typename: 'NotFoundError',
    })
    const all = await run('createConnectSession', input, offered, fixture.workspace.key)
    const hidden = await fixture.app.request(
      'query ($id: ID!) { connectSession(id: $id) { id } }',
      { id: all.session.id },
      key,
    )
    expect(hidden.data.connectSession).toBeNull()
    expect(await run('revokeConnectSession', { sessionId: all.session.id })).toMatchObject({
      __typename: 'NotFoundError',
    })
  })

  it('gets the events of these integrations, live and replayed', async () => {
    const client = fixture.app.webSocket(key)
    // biome-ignore lint/suspicious/noExplicitAny: results of the subscription
    const events = client.iterate<any>({
      query: 'subscription ($id: ID!) { workspaceEvents(workspaceId: $id) { type connection { id } } }',
      variables: { id: workspaceId },
      extensions: {},
    })
    const first = events.next()
    // The subscription is open when another one on the same socket is refused.
    const refused = await client
      .iterate({
        query: 'subscription ($id: ID!) { connectionEvents(connectionId: $id) { id } }',
        variables: { id: other },
      })
      .next()
      .catch((error: unknown) => ({ value: error }))
    expect(JSON.stringify(refused.value)).toContain('NOT_FOUND')
    const disable = (connectionId: string, disabled: boolean) =>
      run('updateConnection', { connectionId, disabled }, '', fixture.workspace.key)
    await disable(other, true)
    await disable(own, true)
    expect((await first).value.data.workspaceEvents).toEqual({
      type: 'CONNECTION_DISABLED',
      connection: { id: own },
    })
    await disable(other, false)
    await disable(own, false)
    await events.return?.()
    await client.dispose()
    const { data } = await fixture.app.request(
      'query ($id: ID!) { workspace(id: $id) { events(first: 100) { nodes { connection { id } } } } }',
      { id: workspaceId },
      key,
    )
    const { nodes } = data.workspace.events
    expect(nodes.length).toBeGreaterThan(2)
    expect(nodes.every((each: { connection: { id: string } }) => each.connection.id !== other)).toBe(true)
  })

  it('does not get an integration that is created later, also not under the slug of a deleted one', async () => {
    const slugs = async (by: string) => {
      const { data } = await fixture.app.request(
        'query ($id: ID!) { workspace(id: $id) { integrations { nodes { id slug } } apiKeys(first: 100) { nodes { name integrations limitedToIntegrations } } } }',
        { id: workspaceId },
        by,
      )
      return data.workspace
    }
    await fixture.connect({ slug: 'brief' })
    const brief = await createKey({ name: 'brief', integrations: ['brief'] })
    const before = await slugs(brief)
    expect(before.integrations.nodes).toMatchObject([{ slug: 'brief' }])
    expect(before.apiKeys.nodes).toEqual([{ name: 'brief', integrations: ['brief'], limitedToIntegrations: true }])
    await run('deleteIntegration', { integrationId: before.integrations.nodes[0].id }, '', brief)
    const again = await fixture.connect({ slug: 'brief' })
    const after = await slugs(brief)
    expect(after.integrations.nodes).toEqual([])
    expect(after.apiKeys.nodes).toEqual([{ name: 'brief', integrations: [], limitedToIntegrations: true }])
    expect(await run('testConnection', { connectionId: again }, '', brief)).toMatchObject({
      __typename: 'NotFoundError',
    })
    const offer = { workspaceId, endUserExternalId: 'ada', allowedOrigins: ['https://app.example'] }
    expect(await run('createConnectSession', offer, '', brief)).toMatchObject({ __typename: 'InvalidInputError' })
  })

  it('sees nothing of another workspace with the same slug', async () => {
    const stranger = await fixture.app.createWorkspace('Stranger')
    await fixture.app.mutate(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename ... on Error { message } } }`,
      {
        workspaceId: stranger.id,
        slug: 'crm',
        definition: { displayName: 'x', baseUrl: fixture.provider.origin, auth: { type: 'bearer' } },
      },
      stranger.key,
    )
    const theirs = (
      await fixture.app.mutate(
        CONNECTION,
        { workspaceId: stranger.id, integration: 'crm', credential: { secretText: 'their-token-1' } },
        stranger.key,
      )
    ).connection.id
    expect((await fixture.app.request('query ($id: ID!) { node(id: $id) { id } }', { id: theirs }, key)).data).toEqual({
      node: null,
    })
    expect(await run('testConnection', { connectionId: theirs })).toMatchObject({ __typename: 'NotFoundError' })
  })

  it('uses a connection whose credential an auth provider keeps, without seeing the auth provider', async () => {
    fixture.answer((_seen, response) => sendJson(response, { accessToken: 'kept-token', expiresIn: 3600 }))
    const provider = {
      ...{ workspaceId, name: 'callback', kind: 'TOKEN_CALLBACK', hosts: ['127.0.0.1'] },
      ...{
        config: { url: `${fixture.provider.origin}/token` },
        secret: `whsec_${Buffer.alloc(32).toString('base64')}`,
      },
    }
    const made = await run('createAuthProvider', provider, '', fixture.workspace.key)
    expect(made).toMatchObject({ __typename: 'CreateAuthProviderPayload' })
    const authProvider = { provider: 'callback', accountId: 'account-1' }
    const connectionId = await fixture.connect({ slug: 'kept', credential: { authProvider } })
    const limited = await createKey({ integrations: ['kept'] })
    const request = { connectionId, method: 'GET', path: '/me' }
    const { response } = await run('executeRequest', request, 'response { status }', limited)
    expect(response).toEqual({ status: 200 })
    expect(fixture.provider.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer kept-token',
    ])
  })
})
