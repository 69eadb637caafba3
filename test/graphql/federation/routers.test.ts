import { createServer, type RequestListener } from 'node:http'
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { createGatewayRuntime, type GatewayConfigSupergraph } from '@graphql-hive/gateway-runtime'
import { composeServices } from '@theguild/federation-composition'
import { getOperationAST, parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../../support/oidc-issuer.ts'
import { contactsDefinition, type RecordsUpstream, startRecordsUpstream } from '../../support/records-upstream.ts'
import { documents } from '../documents.ts'

const AUDIENCE = 'https://product.example'
const QUERY = `query ($id: ID!) { user(id: $id) { __typename name connections {
  __typename totalCount pageInfo { __typename hasNextPage } nodes { __typename status latestSyncJob { status } } } } }`

const PRODUCT = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  scalar DateTime
  scalar JSON
  interface Node { id: ID! }
  type PageInfo { hasNextPage: Boolean! total: Int! }
  type Viewer { name: String! }
  type User implements Node @key(fields: "id") { id: ID! name: String! createdAt: DateTime! settings: JSON }
  type Query { node(id: ID!): Node nodes(ids: [ID!]!): [Node]! viewer: Viewer! pageInfo: PageInfo! user(id: ID!): User users: [User!]! }
`

/** The product's own subgraph. */
function productListener(): RequestListener {
  const users = ['ada', 'grace'].map((id) => ({
    __typename: 'User',
    id,
    name: id.toUpperCase(),
    createdAt: '2026-01-01',
    settings: { theme: 'dark' },
  }))
  const find = (_root: unknown, { id }: { id: string }) => users.find((user) => user.id === id)
  const resolvers = {
    Query: {
      user: find,
      users: () => users,
      node: find,
      nodes: () => users,
      viewer: () => ({ name: 'the product' }),
      pageInfo: () => ({ hasNextPage: false, total: 2 }),
    },
    User: { __resolveReference: (reference: { id: string }) => find(null, reference) },
  }
  return createYoga({ schema: buildSubgraphSchema([{ typeDefs: parse(PRODUCT), resolvers }]), logging: false })
}

interface Listening {
  url: string
  close(): Promise<void>
}

async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/graphql`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

let app: TestApp
let idp: OidcIssuerServer
let upstream: RecordsUpstream
let product: Listening
let workspace: { id: string; slug: string; key: string }
let supergraph = ''
let connectionId = ''
let syncJobId = ''
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  app = await startTestApp({ config: { federation: { name: 'User', key: 'id' } } })
  ;[idp, upstream, product] = await Promise.all([startOidcIssuer(), startRecordsUpstream(), listen(productListener())])
  opened.push(product)
  workspace = await app.createWorkspace()
  const elsewhere = await app.createWorkspace('Elsewhere')
  for (const { id, key } of [workspace, elsewhere]) {
    await app.mutate(
      `mutation ($input: CreateOidcIssuerInput!) { createOidcIssuer(input: $input) { __typename ... on Error { message } } }`,
      { workspaceId: id, issuer: idp.issuer, audience: AUDIENCE, createEndUsers: true },
      key,
    )
    await app.mutate(documents.createIntegration, {
      workspaceId: id,
      slug: 'contacts',
      definition: contactsDefinition(upstream.url),
    })
    const created = await app.mutate(
      documents.createConnection,
      {
        workspaceId: id,
        integration: 'contacts',
        endUserExternalId: 'ada',
        credential: { secretText: upstream.token },
        syncImmediately: true,
      },
      key,
    )
    if (id !== workspace.id) continue
    connectionId = created.connection.id
    syncJobId = created.syncJob.id
  }
  const composed = composeServices([
    { name: 'product', url: product.url, typeDefs: parse(await sdlOf(product.url)) },
    { name: 'latchkey', url: `${app.url}/graphql`, typeDefs: parse(await sdlOf(`${app.url}/graphql`)) },
  ])
  if (composed.supergraphSdl === undefined) throw new AggregateError(composed.errors ?? [])
  supergraph = composed.supergraphSdl
  // The jobs have to be over, so that the routers read a final status.
  const events = app.webSocket(workspace.key)
  for await (const _event of events.iterate({ query: documents.syncJobEvents, variables: { syncJobId } }));
  await events.dispose()
})
afterAll(async () => {
  await Promise.all([...opened.map((each) => each.close()), idp.close(), upstream.close(), app.stop()])
})

async function sdlOf(url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  })
  const { data } = (await response.json()) as { data: { _service: { sdl: string } } }
  return data._service.sdl
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the document; the tests assert it
  data: any
  errors?: { message: string; extensions: Record<string, unknown> }[]
}

type Headers = Record<string, string | undefined>
type Ask = (query: string, variables: Record<string, unknown>, headers: Headers) => Promise<Answer>

const PASSED_ON = ['authorization', 'x-latchkey-workspace']

async function startHive(options: Partial<GatewayConfigSupergraph> = {}): Promise<string> {
  const gateway = createGatewayRuntime({
    supergraph,
    logging: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) =>
        Object.fromEntries(PASSED_ON.map((name) => [name, request.headers.get(name)])),
    },
    ...options,
  })
  const server = await listen(gateway as unknown as RequestListener)
  opened.push({
    async close() {
      await server.close()
      await gateway[Symbol.asyncDispose]()
    },
  })
  return server.url
}

const overHttp =
  (url: string): Ask =>
  async (query, variables, headers) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as Answer
  }

async function startApollo(): Promise<Ask> {
  const gateway = new ApolloGateway({
    supergraphSdl: supergraph,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    buildService: ({ url }) =>
      new RemoteGraphQLDataSource<Headers>({
        url: url ?? '',
        willSendRequest({ request, context }) {
          for (const name of PASSED_ON) if (context[name] !== undefined) request.http?.headers.set(name, context[name])
        },
      }),
  })
  const { executor, schema } = await gateway.load()
  opened.push({ close: () => gateway.stop() })
  return async (query, variables, context) => {
    const document = parse(query)
    const result = await executor({
      request: { query, variables },
      document,
      source: query,
      operation: getOperationAST(document),
      operationName: null,
      queryHash: query,
      schema,
      context,
      metrics: {},
    } as never)
    // As a server would send it.
    return JSON.parse(JSON.stringify(result)) as Answer
  }
}

describe.each([
  ['Hive Gateway', async () => overHttp(await startHive())],
  ['@apollo/gateway', startApollo],
] as const)('Behind %s', (_name, start) => {
  let ask: Ask
  const byKey = () => ({ authorization: `Bearer ${workspace.key}` })
  const byToken = async (sub: string) => ({
    authorization: `Bearer ${await idp.sign({ sub, aud: AUDIENCE })}`,
    'x-latchkey-workspace': workspace.slug,
  })
  beforeAll(async () => {
    ask = await start()
  })

  it('one query reads a user of the product and their connections with the latest sync job', async () => {
    const { data, errors } = await ask(QUERY, { id: 'ada' }, byKey())
    expect(errors).toBeUndefined()
    expect(data.user).toEqual({
      __typename: 'User',
      name: 'ADA',
      connections: {
        __typename: 'EndUserConnectionsPage',
        totalCount: 1,
        pageInfo: { __typename: 'LatchkeyPageInfo', hasNextPage: false },
        nodes: [{ __typename: 'Connection', status: 'ACTIVE', latestSyncJob: { status: 'SUCCEEDED' } }],
      },
    })
  })

  it('a user without an end user has an empty page', async () => {
    const { data, errors } = await ask(QUERY, { id: 'grace' }, byKey())
    expect(errors).toBeUndefined()
    expect(data.user).toMatchObject({ name: 'GRACE', connections: { totalCount: 0, nodes: [] } })
  })

  it('a list of users is one request to _entities', async () => {
    const before = app.log.length
    const { data } = await ask('{ users { name connections { totalCount } } }', {}, byKey())
    expect(data.users).toEqual([
      { name: 'ADA', connections: { totalCount: 1 } },
      { name: 'GRACE', connections: { totalCount: 0 } },
    ])
    const operations = app.log.slice(before).filter((line) => JSON.parse(line).msg === 'operation')
    expect(operations).toHaveLength(1)
  })

  it('the JWT of an end user reads their own connections, and of nobody else', async () => {
    const ada = await ask(QUERY, { id: 'ada' }, await byToken('ada'))
    expect(ada.errors).toBeUndefined()
    expect(ada.data.user.connections.nodes).toHaveLength(1)
    const grace = await ask(QUERY, { id: 'ada' }, await byToken('grace'))
    expect(grace.errors).toBeUndefined()
    expect(grace.data.user).toMatchObject({ name: 'ADA', connections: { totalCount: 0, nodes: [] } })
  })

  it('an operator reads the workspace that the header names', async () => {
    const authorization = `Bearer ${app.operatorKey}`
    const named = await ask(QUERY, { id: 'ada' }, { authorization, 'x-latchkey-workspace': workspace.slug })
    expect(named.data.user.connections.totalCount).toBe(1)
    const unnamed = await ask(QUERY, { id: 'ada' }, { authorization })
    expect(unnamed.data.user).toBeNull()
    expect(JSON.stringify(unnamed.errors)).toContain('x-latchkey-workspace')
  })

  it('a caller without a credential reads nothing of Latchkey', async () => {
    const { data, errors } = await ask(QUERY, { id: 'ada' }, {})
    expect(data.user).toBeNull()
    expect(errors).not.toHaveLength(0)
    expect(JSON.stringify(data)).not.toContain('ACTIVE')
  })

  it('the product answers node, viewer and pageInfo with its own types', async () => {
    const query =
      '{ node(id: "grace") { __typename id } viewer { name } pageInfo { __typename total } user(id: "ada") { createdAt settings } }'
    const { data, errors } = await ask(query, {}, byKey())
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      node: { __typename: 'User', id: 'grace' },
      viewer: { name: 'the product' },
      pageInfo: { __typename: 'PageInfo', total: 2 },
      user: { createdAt: '2026-01-01', settings: { theme: 'dark' } },
    })
  })

  it('mutations return their payload, and their errors as members of the union', async () => {
    const mutation = `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) {
      __typename ... on CreateConnectionPayload { connection { displayName endUser { externalId } } }
      ... on InvalidInputError { code fields { path } } ... on NotFoundError { code } } }`
    const input = { workspaceId: workspace.id, integration: 'contacts', credential: { secretText: upstream.token } }
    const created = await ask(mutation, { input: { ...input, displayName: 'By router' } }, byKey())
    expect(created.errors).toBeUndefined()
    expect(created.data.createConnection).toEqual({
      __typename: 'CreateConnectionPayload',
      connection: { displayName: 'By router', endUser: null },
    })
    const refused = await ask(mutation, { input: { ...input, displayName: '' } }, byKey())
    expect(refused.data.createConnection).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' })
    const foreign = await ask(mutation, { input: { ...input, workspaceId: 'x' } }, byKey())
    expect(foreign.data.createConnection).toEqual({ __typename: 'NotFoundError', code: 'NOT_FOUND' })
  })
})

describe('Subscriptions behind Hive Gateway', () => {
  const SUBSCRIPTION = `subscription ($syncJobId: ID!) { syncJobEvents(syncJobId: $syncJobId) {
    __typename type connection { displayName } ... on SyncSucceeded { syncJob { status recordsRead } } } }`

  const subscribe = (url: string, headers: Record<string, string>, id = syncJobId) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body: JSON.stringify({ query: SUBSCRIPTION, variables: { syncJobId: id } }),
    })
  const answersIn = (text: string) =>
    [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '']) => JSON.parse(data) as Answer)
  /** All events of a finished job, as the router sends them over SSE. */
  const follow = async (url: string, headers: Record<string, string>) =>
    answersIn(await (await subscribe(url, headers)).text())
  const typesOf = (answers: Answer[]) => {
    const types = answers.map(({ data }) => data?.syncJobEvents?.type)
    return types.filter((type, index) => type !== types[index - 1])
  }
  const ALL = ['SYNC_QUEUED', 'SYNC_STARTED', 'SYNC_PROGRESSED', 'SYNC_SUCCEEDED']

  it('deliver every event over Server-Sent Events, with the credential of the caller', async () => {
    const answers = await follow(await startHive(), { authorization: `Bearer ${workspace.key}` })
    expect(typesOf(answers)).toEqual(ALL)
    expect(answers.at(-1)?.data.syncJobEvents).toEqual({
      __typename: 'SyncSucceeded',
      type: 'SYNC_SUCCEEDED',
      connection: { displayName: 'Contacts' },
      syncJob: { status: 'SUCCEEDED', recordsRead: 250 },
    })
  })

  it('deliver events while a job runs', async () => {
    const held = Promise.withResolvers<void>()
    upstream.answer = (_request, response) => void held.promise.then(() => response.writeHead(500).end())
    const { syncJob } = await app.mutate(documents.triggerSync, { connectionId }, workspace.key)
    const response = await subscribe(await startHive(), { authorization: `Bearer ${workspace.key}` }, syncJob.id)
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body ?? []) {
      const before = text
      text += decoder.decode(chunk, { stream: true })
      // The job waits for the upstream, so this event has gone through the router while it runs.
      if (!before.includes('SYNC_STARTED') && text.includes('SYNC_STARTED')) {
        await app.mutate(documents.cancelSync, { syncJobId: syncJob.id }, workspace.key)
      }
    }
    held.resolve()
    upstream.answer = null
    expect(typesOf(answersIn(text))).toEqual(['SYNC_QUEUED', 'SYNC_STARTED', 'SYNC_CANCELLED'])
  })

  it('end with an error when the key is revoked', async () => {
    const created = await app.mutate(
      documents.createApiKey,
      { workspaceId: workspace.id, name: 'short', role: 'READER' },
      workspace.key,
    )
    const first = await app.request(
      'query ($id: ID!) { workspace(id: $id) { events(first: 1) { nodes { cursor } } } }',
      { id: workspace.id },
      workspace.key,
    )
    const response = await fetch(await startHive(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${created.key}`,
      },
      body: JSON.stringify({
        query: 'subscription ($id: ID!, $after: Cursor) { workspaceEvents(workspaceId: $id, after: $after) { type } }',
        variables: { id: workspace.id, after: first.data.workspace.events.nodes[0].cursor },
      }),
    })
    let text = ''
    for await (const chunk of response.body ?? []) {
      const isFirst = text === ''
      text += Buffer.from(chunk).toString()
      if (isFirst) await app.mutate(documents.revokeApiKey, { apiKeyId: created.apiKey.id }, workspace.key)
    }
    const answers = answersIn(text)
    expect(answers.length).toBeGreaterThan(1)
    expect(answers.at(-1)?.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED')
  })

  it('are refused for a job of another workspace', async () => {
    const { key } = await app.createWorkspace('Curious')
    const answers = await follow(await startHive(), { authorization: `Bearer ${key}` })
    expect(answers).toEqual([
      {
        data: null,
        errors: [
          expect.objectContaining({
            message: 'There is no such sync job. Check the id, and that it belongs to the workspace of your key.',
          }),
        ],
      },
    ])
  })

  it('deliver every event over WebSocket', async () => {
    const overWebSocket = (connectionParams: Record<string, string>) =>
      startHive({
        transportEntries: {
          latchkey: { options: { subscriptions: { kind: 'ws', location: '/graphql', options: { connectionParams } } } },
        },
      })
    const passedOn = await overWebSocket({ authorization: '{context.headers.authorization}' })
    expect(typesOf(await follow(passedOn, { authorization: `Bearer ${workspace.key}` }))).toEqual(ALL)
    // The client sends no credential, so that only a WebSocket with these parameters can deliver events.
    const own = await overWebSocket({ authorization: `Bearer ${workspace.key}` })
    expect(typesOf(await follow(own, {}))).toEqual(ALL)
  })
})
