import { composeServices as composeWithApollo } from '@apollo/composition'
import { composeServices as composeWithTheGuild } from '@theguild/federation-composition'
import { buildSchema as buildFromSdl, type DocumentNode, isObjectType, parse, printSchema, visit } from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSubgraph, printSubgraph, productTypeProblem } from '../../../src/graphql/federation.ts'
import { buildSchema } from '../../../src/graphql/schema.ts'

const USER = { name: 'User', key: 'id' }
const subgraph = printSubgraph(buildSubgraph(USER), USER)

/** A product with everything that Relay wants, and with scalars of the same names. */
const PRODUCT = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  "A date of the product."
  scalar DateTime @specifiedBy(url: "https://product.example/date-time")
  scalar JSON
  interface Node { id: ID! }
  type PageInfo { hasNextPage: Boolean! endCursor: String total: Int! }
  type Viewer { user: User! }
  "A user of the product."
  type User implements Node @key(fields: "id") { id: ID! name: String! createdAt: DateTime! settings: JSON }
  type UsersPage { nodes: [User!]! pageInfo: PageInfo! }
  type Query { node(id: ID!): Node nodes(ids: [ID!]!): [Node]! viewer: Viewer user(id: ID!): User users: UsersPage! }
`

const COMPOSERS = {
  Apollo: (services: Service[]) => composeWithApollo(services),
  'The Guild': (services: Service[]) => composeWithTheGuild(services),
}

interface Service {
  name: string
  url: string
  typeDefs: DocumentNode
}

function compose(composer: keyof typeof COMPOSERS, product: string, own = subgraph) {
  const { supergraphSdl, errors } = COMPOSERS[composer]([
    { name: 'product', url: 'http://product.example/graphql', typeDefs: parse(product) },
    { name: 'latchkey', url: 'http://latchkey.example/graphql', typeDefs: parse(own) },
  ])
  return { supergraph: supergraphSdl ?? '', errors: (errors ?? []).map(({ message }) => message) }
}

const composers = Object.keys(COMPOSERS) as (keyof typeof COMPOSERS)[]

describe.each(composers)('The composition of %s', (composer) => {
  it('accepts a product with its own User, Node, node, nodes, PageInfo, viewer, DateTime and JSON', () => {
    const { supergraph, errors } = compose(composer, PRODUCT)
    expect(errors).toEqual([])
    const schema = buildFromSdl(supergraph, { assumeValidSDL: true })
    const user = schema.getType('User')
    if (!isObjectType(user)) throw new Error('The supergraph has no User.')
    expect(Object.keys(user.getFields()).sort()).toEqual(['connections', 'createdAt', 'id', 'name', 'settings'])
    expect(user.description).toBe('A user of the product.')
    expect(Object.keys(user.getFields()['connections']?.args ?? {})).toHaveLength(3)
    const pageInfo = schema.getType('PageInfo')
    expect(isObjectType(pageInfo) && Object.keys(pageInfo.getFields()).sort()).toEqual([
      'endCursor',
      'hasNextPage',
      'total',
    ])
    const queries = Object.keys(schema.getQueryType()?.getFields() ?? {})
    expect(queries).toEqual(expect.arrayContaining(['node', 'nodes', 'viewer', 'user', 'workspace', 'providers']))
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toEqual(
      expect.arrayContaining(['createConnection', 'executeRequest', 'triggerSync']),
    )
    expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {})).toContain('syncJobEvents')
  })

  it('accepts a product that refers to our entities and extends one', () => {
    const { errors } = compose(
      composer,
      `${PRODUCT}
      type Report @key(fields: "id") { id: ID! connection: Connection! }
      type Connection @key(fields: "id") { id: ID! reports: [Report!]! }
      extend type Query { reports: [Report!]! }`,
    )
    expect(errors).toEqual([])
  })

  it('accepts another type and key', () => {
    const account = { name: 'Account', key: 'uuid' }
    const { supergraph, errors } = compose(
      composer,
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
      type Account @key(fields: "uuid") { uuid: ID! name: String! } type Query { account(uuid: ID!): Account }`,
      printSubgraph(buildSubgraph(account), account),
    )
    expect(errors).toEqual([])
    expect(supergraph).toContain('type Account')
  })

  it('reports a query that both have, and accepts the subgraph without it', () => {
    const product = `${PRODUCT} extend type Query { workspaces: [String!]! }`
    expect(compose(composer, product).errors.join()).toContain('workspaces')
    const without = visit(parse(subgraph), {
      FieldDefinition: ({ name }) => (name.value === 'workspaces' ? null : undefined),
    })
    const { errors } = COMPOSERS[composer]([
      { name: 'product', url: 'http://product.example/graphql', typeDefs: parse(product) },
      { name: 'latchkey', url: 'http://latchkey.example/graphql', typeDefs: without },
    ])
    expect(errors ?? []).toEqual([])
  })
})

describe('The subgraph', () => {
  it('has a key for every entity, and none of the names of federation itself', () => {
    const keyed = [...subgraph.matchAll(/^type (\w+) @key\(fields: "(\w+)"\)/gm)].map(([, name, key]) => [name, key])
    expect(keyed).toEqual([
      ['Collection', 'id'],
      ['Connection', 'id'],
      ['EndUser', 'id'],
      ['Integration', 'id'],
      ['SyncJob', 'id'],
      ['User', 'id'],
      ['Workspace', 'id'],
    ])
    expect(subgraph).not.toMatch(/^(?:type|interface|union|scalar|enum) (?:_\w+|Node|PageInfo|Viewer)\b/m)
    const query = /^type Query \{[\s\S]*?^\}/m.exec(subgraph)?.[0] ?? ''
    expect([...query.matchAll(/^ {2}(\w+)[(:]/gm)].map(([, name]) => name)).toEqual([
      'auditEvents',
      'connectSession',
      'provider',
      'providerCategories',
      'providers',
      'resolveConnection',
      'workspace',
      'workspaces',
    ])
  })

  it('leaves the schema without LATCHKEY_FEDERATION as it is', () => {
    const before = printSchema(buildSchema())
    buildSubgraph(USER)
    expect(printSchema(buildSchema())).toBe(before)
    expect(before).not.toMatch(/_entities|_service|_Any|_Entity|_Service|LatchkeyPageInfo|type User\b/)
  })

  it('adds to the endpoint, and removes nothing from it but the name PageInfo', () => {
    const without = buildSchema()
    const added = buildSubgraph(USER)
    const names = (schema: typeof added) => Object.keys(schema.getTypeMap())
    const missing = (from: string[], of: string[]) => of.filter((name) => !from.includes(name)).sort()
    expect(missing(names(without), names(added))).toEqual(['LatchkeyPageInfo', 'User', '_Any', '_Entity', '_Service'])
    expect(missing(names(added), names(without))).toEqual(['PageInfo'])
    expect(Object.keys(added.getQueryType()?.getFields() ?? {})).toEqual([
      '_entities',
      '_service',
      ...Object.keys(without.getQueryType()?.getFields() ?? {}),
    ])
  })

  it('describes what it adds', () => {
    const schema = buildSubgraph(USER)
    const fields = ['_entities', '_service'].map((name) => schema.getQueryType()?.getFields()[name])
    const added = ['User', '_Any', '_Entity', '_Service'].map((name) => schema.getType(name))
    const user = schema.getType('User')
    const own = isObjectType(user) ? Object.values(user.getFields()) : []
    const described = [...fields, ...fields.flatMap((field) => field?.args ?? []), ...added, ...own]
    expect(described).toHaveLength(9)
    for (const element of described) expect(element?.description).toMatch(/^[A-Z`].*\.$/)
  })

  it.each([
    ['Connection', 'id', 'names the type Connection, which Latchkey has itself'],
    ['Query', 'id', 'names the type Query, which Latchkey has itself'],
    ['Float', 'id', 'names the type Float, which Latchkey has itself'],
    ['User', 'connections', 'names the field connections, which Latchkey adds to the type'],
  ])('refuses LATCHKEY_FEDERATION=%s.%s', (name, key, problem) => {
    expect(productTypeProblem({ name, key })).toContain(problem)
    expect(() => buildSubgraph({ name, key })).toThrow(problem)
  })
})
