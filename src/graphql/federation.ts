import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  GraphQLError,
  type GraphQLFieldConfig,
  GraphQLID,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  isObjectType,
  Kind,
  lexicographicSortSchema,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
  specifiedScalarTypes,
  valueFromASTUntyped,
  visit,
} from 'graphql'
import { notFound } from '../access/caller.ts'
import type { Workspace } from '../db/generated/client.ts'
import { condition } from '../db/sql.ts'
import { AmbiguousError, InvalidInputError } from '../kit/errors.ts'
import { illFormedText } from '../kit/input.ts'
import { callerOf, type GraphQLContext } from './kernel/context.ts'
import { parseGlobalId } from './kernel/global-id.ts'
import { endUserKey, nullIfGone } from './kernel/loaders.ts'
import { buildSchema } from './schema.ts'
import { loadNodes } from './types/node.ts'

/** The product's own type that the subgraph extends by `connections`, and its key: the `externalId` of an end user. */
export interface ProductType {
  name: string
  key: string
}

/** Types whose objects a router may look up by their global id. */
const ENTITIES = ['Collection', 'Connection', 'EndUser', 'Integration', 'SyncJob', 'Workspace'] as const

/** Representations in one request to `_entities`. A router sends one for each object of a list. */
export const MAX_REPRESENTATIONS = 1_000

/** The name of `PageInfo` in the subgraph: a product that follows Relay has its own, with other directives and descriptions. */
const PAGE_INFO = 'LatchkeyPageInfo'

/**
 * What the endpoint has and the subgraph does not: the product may have it itself, and a router must not send its `node(id:)` here.
 * Clients that use the endpoint without the router keep it.
 */
const UNSHARED = { fields: ['node', 'nodes', 'viewer', '_entities', '_service'], interface: 'Node' }

/**
 * The schema of `buildSchema` as an Apollo Federation 2 subgraph: with `_service`, `_entities` and the product's type.
 * https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec
 * @throws Error if the product's type has the name of a type of this schema
 */
export function buildSubgraph(product: ProductType): GraphQLSchema {
  const own = buildSchema()
  const problem = productTypeProblem(product, own)
  if (problem !== null) throw new Error(problem)
  const schema = renamePageInfo(own)
  const { query, types, ...config } = schema.toConfig()
  if (query == null) throw new Error('The schema has no queries.')
  const productType = productObject(product, schema)
  const { fields, ...root } = query.toConfig()
  const service = serviceField(() => printSubgraph(subgraph, product))
  const extended = new GraphQLObjectType({
    ...root,
    fields: { ...fields, _entities: entitiesField(product, productType, schema), _service: service },
  })
  const subgraph = lexicographicSortSchema(
    new GraphQLSchema({ ...config, query: extended, types: [...types.filter((type) => type !== query), productType] }),
  )
  return subgraph
}

/** Why the product's type cannot be extended, as a sentence that names the variable; null: it can. */
export function productTypeProblem({ name, key }: ProductType, schema: GraphQLSchema = buildSchema()): string | null {
  if (schema.getType(name) !== undefined || specifiedScalarTypes.some((scalar) => scalar.name === name)) {
    return `LATCHKEY_FEDERATION names the type ${name}, which Latchkey has itself. Name the type of your product whose key is the external id of an end user, such as User.id.`
  }
  if (key === CONNECTIONS) {
    return `LATCHKEY_FEDERATION names the field ${key}, which Latchkey adds to the type. Name its key, such as User.id.`
  }
  return null
}

function renamePageInfo(schema: GraphQLSchema): GraphQLSchema {
  const pageInfo = schema.getType('PageInfo')
  if (!isObjectType(pageInfo)) throw new Error('The schema has no type PageInfo.')
  // `buildSchema` returns types that nobody else uses.
  pageInfo.name = PAGE_INFO
  return new GraphQLSchema(schema.toConfig())
}

/** The field of the product's type. */
const CONNECTIONS = 'connections'

/** A representation of the product's type. Whether there is an end user is looked up when its connections are selected. */
interface ProductObject {
  __typename: string
  workspaceId: string
  externalId: string
}

/** The product's type with `connections`, which are those of the end user with this external id, and none without an end user. */
function productObject({ name, key }: ProductType, schema: GraphQLSchema): GraphQLObjectType {
  const endUser = schema.getType('EndUser')
  const connections = isObjectType(endUser) ? endUser.toConfig().fields[CONNECTIONS] : undefined
  if (connections?.resolve === undefined) throw new Error('The schema has no EndUser.connections.')
  const { resolve, ...field } = connections
  return new GraphQLObjectType<ProductObject, GraphQLContext>({
    name,
    description: 'A type of the product. Its key is the external id of an end user.',
    fields: {
      [key]: {
        type: new GraphQLNonNull(GraphQLID),
        description: 'Key of the object in the product: the external id of the end user.',
        resolve: ({ externalId }) => externalId,
      },
      [CONNECTIONS]: {
        ...field,
        description:
          'Connections of the end user with this external id, oldest first. Empty if there is no such end user, or the caller acts for another one.',
        resolve: async ({ workspaceId, externalId }, args, context, info) => {
          const storable = illFormedText(externalId) === null
          const found = storable
            ? await context.loaders.endUserByExternalId.load(endUserKey(workspaceId, externalId))
            : null
          return resolve({ id: found?.id ?? null }, args, context, info)
        },
      },
    },
  })
}

const AnyType = new GraphQLScalarType<Representation>({
  name: '_Any',
  description: 'A representation of an entity: a JSON object with its `__typename` and the fields of its key.',
  parseValue: toRepresentation,
  parseLiteral: (node, variables) => toRepresentation(valueFromASTUntyped(node, variables)),
})

interface Representation {
  readonly __typename: string
  readonly [key: string]: unknown
}

function toRepresentation(value: unknown): Representation {
  const isRepresentation = (given: unknown): given is Representation =>
    typeof given === 'object' && given !== null && '__typename' in given && typeof given.__typename === 'string'
  if (isRepresentation(value)) return value
  throw new GraphQLError('A representation must be an object with the field __typename.', {
    extensions: { code: 'INVALID_INPUT' },
  })
}

function serviceField(sdl: () => string): GraphQLFieldConfig<unknown, GraphQLContext> {
  let printed: string | null = null
  const ServiceType = new GraphQLObjectType({
    name: '_Service',
    description: 'What a router needs to know of this subgraph.',
    fields: {
      sdl: {
        type: new GraphQLNonNull(GraphQLString),
        description: 'The schema of the subgraph in the schema definition language, with federation directives.',
        resolve: () => {
          printed ??= sdl()
          return printed
        },
      },
    },
  })
  return {
    type: new GraphQLNonNull(ServiceType),
    // Without a caller, as introspection: a request without a credential gets here in development only.
    description: 'The subgraph itself, for composition. Needs no credential where introspection needs none.',
    resolve: () => ({}),
  }
}

function entitiesField(
  product: ProductType,
  productType: GraphQLObjectType,
  schema: GraphQLSchema,
): GraphQLFieldConfig<unknown, GraphQLContext, { representations: readonly Representation[] }> {
  const types = ENTITIES.map((name) => schema.getType(name)).filter(isObjectType)
  const EntityType = new GraphQLUnionType({
    name: '_Entity',
    description: 'An object that a router may look up by its key.',
    types: [...types, productType],
    resolveType: ({ __typename }: { __typename: string }) => __typename,
  })
  return {
    type: new GraphQLNonNull(new GraphQLList(EntityType)),
    description:
      'Looks up objects for a router, in the order of the representations. Null if an object does not exist or the caller cannot see it.',
    args: {
      representations: {
        type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(AnyType))),
        description: `Type and key of each object, at most ${MAX_REPRESENTATIONS}; more are INVALID_INPUT.`,
      },
    },
    resolve: (_root, { representations }, context) => resolveEntities(product, representations, context),
  }
}

/** Reads one statement for each type, whatever the number of representations. */
async function resolveEntities(
  product: ProductType,
  representations: readonly Representation[],
  context: GraphQLContext,
): Promise<unknown[]> {
  callerOf(context)
  const keys = keysOf(product, representations)
  const isProduct = ({ __typename }: Representation) => __typename === product.name
  const workspace = representations.some(isProduct) ? namedWorkspace(context) : null
  const ids = representations.map(({ __typename }, index) => {
    const id = keys[index] ?? ''
    return parseGlobalId(id)?.type === __typename ? id : null
  })
  const [rows, workspaceId] = await Promise.all([loadNodes(context, ids), workspace])
  return representations.map((representation, index) =>
    isProduct(representation)
      ? { __typename: product.name, workspaceId, externalId: keys[index] }
      : (rows[index] ?? null),
  )
}

/**
 * The key of each representation.
 * @throws InvalidInputError with every representation of another type, or without its key: the router has another schema
 */
function keysOf(product: ProductType, representations: readonly Representation[]): string[] {
  if (representations.length > MAX_REPRESENTATIONS) {
    const message = `Must have at most ${MAX_REPRESENTATIONS} representations.`
    throw new InvalidInputError([{ path: ['representations'], message }])
  }
  const problems: { path: string[]; message: string }[] = []
  const keys = representations.map((representation, index) => {
    const wrong = (field: string, message: string) => {
      problems.push({ path: ['representations', String(index), field], message })
      return ''
    }
    const { __typename: name } = representation
    const isOwn = (ENTITIES as readonly string[]).includes(name)
    if (!isOwn && name !== product.name) return wrong('__typename', 'Not an entity of this subgraph.')
    const field = isOwn ? 'id' : product.key
    const key = Object.hasOwn(representation, field) ? representation[field] : undefined
    if (typeof key === 'string') return key
    return Number.isSafeInteger(key) ? String(key) : wrong(field, 'Must be a string.')
  })
  if (problems.length > 0) throw new InvalidInputError(problems)
  return keys
}

/**
 * The id of the workspace whose end users are meant: the one that the request names, or that of the caller.
 * @throws AmbiguousError if the caller sees all workspaces and names none; NotFoundError if it cannot see the one that it names
 */
async function namedWorkspace(context: GraphQLContext): Promise<string> {
  const { loaders, workspace: name = null } = context
  const { workspaceId } = callerOf(context)
  if (name === null) {
    if (workspaceId !== null) return workspaceId
    throw new AmbiguousError(
      'This key sees all workspaces, so the request has to name one. Send its id or slug in the header x-latchkey-workspace, or use an API key of the workspace.',
      [],
    )
  }
  const parsed = parseGlobalId(name)
  const found =
    parsed?.type === 'Workspace'
      ? await nullIfGone(loaders.workspace.load(parsed.id))
      : illFormedText(name) === null
        ? await loaders.rows.one<Workspace>('workspace', [condition('t.slug = ?::text', name)])
        : null
  if (found === null) throw notFound('workspace')
  return found.id
}

const HEADER = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@external", "@key"])

"""Exactly one field of the input object must be given."""
directive @oneOf on INPUT_OBJECT
`

/** The schema definition of a subgraph for composition, as `_service { sdl }` returns it. */
// x
export function printSubgraph(subgraph: GraphQLSchema, product: ProductType): string {
  const shared = visit(parse(printSchema(subgraph)), {
    ObjectTypeDefinition: (type): ObjectTypeDefinitionNode => {
      const interfaces = type.interfaces?.filter(({ name }) => name.value !== UNSHARED.interface)
      const { value: name } = type.name
      if (name === 'Query') {
        return { ...type, fields: type.fields?.filter((field) => !UNSHARED.fields.includes(field.name.value)) }
      }
      if (name === product.name) {
        const fields = type.fields?.map(external(product.key))
        return { ...type, description: undefined, directives: [keyDirective(product.key)], fields }
      }
      const isEntity = (ENTITIES as readonly string[]).includes(name)
      return { ...type, interfaces, directives: isEntity ? [keyDirective('id')] : type.directives }
    },
  })
  const definitions = reachable(shared.definitions, [...ENTITIES, product.name, 'Query', 'Mutation', 'Subscription'])
  return `${HEADER}\n${definitions.map(print).join('\n\n')}\n`
}

function keyDirective(fields: string): ConstDirectiveNode {
  return directive('key', [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'fields' },
      value: { kind: Kind.STRING, value: fields },
    },
  ])
}

/** Marks the key: the product resolves it, and describes it. */
function external(key: string) {
  return (field: FieldDefinitionNode): FieldDefinitionNode =>
    field.name.value === key ? { ...field, description: undefined, directives: [directive('external')] } : field
}

function directive(name: string, args: ConstDirectiveNode['arguments'] = []): ConstDirectiveNode {
  return { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: name }, arguments: args }
}

/** The definitions that the given types lead to, in their order. An interface leads to the types that implement it. */
function reachable(definitions: readonly DefinitionNode[], from: readonly string[]): DefinitionNode[] {
  const byName = new Map<string, DefinitionNode>()
  const implementations = new Map<string, string[]>()
  for (const definition of definitions) {
    if (!('name' in definition) || definition.name === undefined) continue
    byName.set(definition.name.value, definition)
    for (const { name } of 'interfaces' in definition ? (definition.interfaces ?? []) : []) {
      implementations.set(name.value, [...(implementations.get(name.value) ?? []), definition.name.value])
    }
  }
  const found = new Set<string>()
  const pending = [...from]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const definition = byName.get(name)
    if (definition === undefined || found.has(name)) continue
    found.add(name)
    pending.push(...(implementations.get(name) ?? []))
    visit(definition, { NamedType: (type) => void pending.push(type.name.value) })
  }
  return definitions.filter((each) => 'name' in each && each.name !== undefined && found.has(each.name.value))
}
