import { buildSchema as buildSmallSchema, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../../../src/graphql/schema.ts'
import { operationCost } from '../../../../src/http/graphql/limits/operation-cost.ts'
import { type SmallServer, startSmallServer } from '../../small-server.ts'

describe('The cost of an operation', () => {
  const schema = buildSchema()
  const objects = (query: string, variableValues: Record<string, unknown> = {}) =>
    operationCost({ schema, document: parse(query), variableValues }).objects

  it.each<[string, number, Record<string, unknown>?]>([
    ['{ __typename }', 0],
    ['{ viewer { kind } }', 1],
    ['{ workspaces { totalCount } }', 1],
    ['{ workspaces { nodes { id } } }', 1 + 20],
    ['{ workspaces(first: 3) { nodes { id } } }', 1 + 3],
    ['{ workspaces(first: 0) { nodes { id } } }', 1],
    ['{ workspaces(first: 3) { edges { node { id } } pageInfo { endCursor } } }', 1 + 3 * 2 + 1],
    ['query ($n: Int) { workspaces(first: $n) { nodes { id } } }', 1 + 7, { n: 7 }],
    ['query ($n: Int) { workspaces(first: $n) { nodes { id } } }', 1 + 20, { n: null }],
    ['query ($n: Int) { workspaces(first: $n) { nodes { id } } }', 1 + 20],
    ['query ($n: Int = 9) { workspaces(first: $n) { nodes { id } } }', 1 + 9],
    ['query ($n: Int = 9) { workspaces(first: $n) { nodes { id } } }', 1 + 4, { n: 4 }],
    // The field refuses values out of range. They must not make the estimate lower.
    ['{ workspaces(first: -5) { nodes { id } } }', 1 + 20],
    ['{ workspaces(first: 2147483647) { nodes { id } } }', 1 + 100],
    [
      '{ workspaces(first: 3) { nodes { connections(first: 4) { nodes { integration { id } } } } } }',
      1 + 3 * (1 + 1 + 4 * (1 + 1)),
    ],
    [
      '{ workspaces(first: 2) { nodes { ...W } } } fragment W on Workspace { connections(first: 2) { nodes { id } } }',
      1 + 2 * (1 + 1 + 2),
    ],
    ['{ workspaces(first: 2) { ...P } } fragment P on QueryWorkspacesPage { nodes { id } }', 1 + 2],
    [
      '{ a: workspaces(first: 2) { ...P } b: workspaces(first: 3) { ...P } } fragment P on QueryWorkspacesPage { nodes { id } }',
      2 + 5,
    ],
    ['{ nodes(ids: ["a", "b"]) { ... on Connection { integration { id } } } }', 2 * 2],
    // An item has one of the types.
    [
      '{ nodes(ids: ["a"]) { ... on Connection { integration { id } } ... on SyncJob { connection { id } warnings { code } } } }',
      1 + 1 + 1,
    ],
    [
      '{ nodes(ids: ["a"]) { ... on SyncJob { warnings { code } } ...F } } fragment F on SyncJob { connection { id } }',
      3,
    ],
    ['query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', 3, { ids: ['a', 'b', 'c'] }],
    ['mutation { a: createWorkspace(input: { name: "x" }) { ... on CreateWorkspacePayload { workspace { id } } } }', 2],
  ])('of %s is %i objects', (query, count, variables) => {
    expect(objects(query, variables)).toBe(count)
  })

  it('includes root fields with aliases, repetitions and fragments', () => {
    const count = (query: string) => operationCost({ schema, document: parse(query) }).rootFields
    expect(
      count(
        '{ viewer { kind } a: viewer { kind } __typename ...F ... { b: __typename } } fragment F on Query { c: viewer { kind } d: __typename }',
      ),
    ).toBe(6)
  })

  it('is that of the named operation, and 0 for an unknown name', () => {
    const document = parse('query A { viewer { kind } } query B { workspaces { nodes { id } } }')
    expect(operationCost({ schema, document, operationName: 'B' }).objects).toBe(21)
    expect(operationCost({ schema, document, operationName: 'C' })).toMatchObject({
      objects: 0,
      rootFields: 0,
      points: 0,
    })
    expect(
      operationCost({ schema: buildSmallSchema('type Query { a: Int }'), document: parse('mutation { a }') }).objects,
    ).toBe(0)
  })

  it('is computed in linear time for fragments that double', () => {
    const levels = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Workspace { ...F${i + 1} ...F${i + 1} }`)
    const query = `{ workspaces { nodes { ...F0 } } } ${levels.join(' ')} fragment F60 on Workspace { branding { name } }`
    // One branding on each of 2^60 paths.
    expect(objects(query)).toBeGreaterThan(2 ** 60)
  })
})

describe('A running operation', () => {
  let server: SmallServer
  let resolved = 0
  const stuck = Promise.withResolvers<string>()
  beforeAll(async () => {
    server = await startSmallServer({
      limits: { maxResolvedFields: 1_000, timeoutMs: 300 },
      typeDefs: `type Item { a: Int! b: Int items: [Item!]! } type Query { items(count: Int!): [Item] slow: Item hello: String! }
        type Mutation { slow: Item next: Int } type Subscription { items(count: Int!, events: Int!): [Item!] }`,
      resolvers: {
        Item: { a: () => (resolved += 1), b: async () => (resolved += 1), items: () => [{}] },
        Query: {
          hello: () => 'world',
          items: (_root: unknown, { count }: { count: number }) => Array.from({ length: count }, () => ({})),
          slow: () => stuck.promise,
        },
        Mutation: { slow: () => stuck.promise, next: () => (resolved += 1) },
        Subscription: {
          items: {
            subscribe: async function* (_root: unknown, { count, events }: { count: number; events: number }) {
              for (let event = 0; event < events; event += 1) yield Array.from({ length: count }, () => ({}))
            },
            resolve: (items: unknown) => items,
          },
        },
      },
    })
  })
  afterAll(() => server.stop())

  it('fails as a whole when it resolves too many fields', async () => {
    expect((await server.query('{ items(count: 999) { a } }')).data.items).toHaveLength(999)
    resolved = 0
    for (const query of [
      '{ items(count: 100000) { a } }',
      '{ items(count: 100000) { b } }',
      '{ items(count: 600) { items { a } } }',
    ]) {
      const { data, errors } = await server.query(query)
      expect(data, query).toBeUndefined()
      expect(errors).toHaveLength(1)
      expect(errors?.[0]?.message).toMatch(/too many values.*first/)
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', status: 422 })
    }
    expect(resolved).toBeLessThan(3 * 1_000)
  })

  it('has a budget of its own for each event of a subscription', async () => {
    const events = async (count: number) => {
      const query = `subscription { items(count: ${count}, events: 5) { a } }`
      const { text } = await server.post({ query }, { accept: 'text/event-stream' })
      const results = [...text.matchAll(/^data: (\{.*\})$/gm)].map((match) => JSON.parse(match[1] ?? ''))
      return results.map(({ data, errors }) => errors?.[0].extensions.code ?? data.items.length)
    }
    expect(await events(900)).toEqual([900, 900, 900, 900, 900])
    expect(await events(2_000)).toEqual(Array.from({ length: 5 }, () => 'INVALID_INPUT'))
  })

  it('is stopped when it takes too long, and its remaining resolvers do nothing', async () => {
    resolved = 0
    const waiting = ['{ slow { a } }', 'mutation { slow { a } next }'].map((query) =>
      server.post({ query }, { accept: 'application/graphql-response+json' }),
    )
    for (const { status, headers, json } of await Promise.all(waiting)) {
      expect(status).toBe(503)
      expect(headers.get('retry-after')).toBe('1')
      expect(json.data).toBeUndefined()
      expect(json.errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', status: 503 })
    }
    stuck.resolve('now')
    // The remaining resolvers would have run before this answer.
    expect((await server.query('{ hello }')).data).toEqual({ hello: 'world' })
    expect(resolved).toBe(0)
  })
})
