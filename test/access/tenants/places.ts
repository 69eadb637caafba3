import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'

/** A place in the schema where a caller can name something: an argument, or a field of its input. */
export interface Place {
  operation: 'query' | 'mutation' | 'subscription'
  /** The type of the field: a root type, or a type with a global id. */
  type: GraphQLObjectType
  field: string
  /** Path from the argument. */
  path: string[]
  /** `id`: a global id. `cursor`: of a list. `word`: a name or external id that the tenant chose. */
  kind: 'id' | 'cursor' | 'word'
  list: boolean
}

export function nameOf({ type, field, path }: Place): string {
  return `${type.name}.${field}(${path.join('.')})`
}

const CURSORS = new Set(['after', 'before', 'changedAfter'])
const WORDS = new Set(['slug', 'externalId', 'endUserExternalId', 'integration', 'collection', 'name', 'search'])

/** Every place of the schema. */
export function placesOf(schema: GraphQLSchema): Place[] {
  const roots = new Map<GraphQLNamedType | null | undefined, Place['operation']>([
    [schema.getQueryType(), 'query'],
    [schema.getMutationType(), 'mutation'],
    [schema.getSubscriptionType(), 'subscription'],
  ])
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__')) return []
    const operation = roots.get(type) ?? 'query'
    return Object.values(type.getFields())
      .flatMap(({ name: field, args }) =>
        args.flatMap((argument) => leavesOf(argument).map((leaf) => ({ operation, type, field, ...leaf }))),
      )
      .filter(({ operation: kind, ...place }) => kind === 'query' || place.kind !== 'word')
  })
}

type Leaf = Pick<Place, 'path' | 'kind' | 'list'>

function leavesOf({ name, type }: { name: string; type: GraphQLInputType }, seen: readonly string[] = []): Leaf[] {
  const named = getNamedType(type)
  const list = isListType(isNonNullType(type) ? type.ofType : type)
  if (isInputObjectType(named)) {
    if (seen.includes(named.name)) return []
    return Object.values(named.getFields()).flatMap((field) =>
      leavesOf(field, [...seen, named.name]).map((leaf) => ({ ...leaf, path: [name, ...leaf.path] })),
    )
  }
  const kind = kindOf(name, named)
  return kind === null ? [] : [{ path: [name], kind, list }]
}

function kindOf(name: string, type: GraphQLNamedType): Place['kind'] | null {
  if (type.name === 'ID') return 'id'
  if (type.name === 'Cursor' || CURSORS.has(name)) return 'cursor'
  return type.name === 'String' && WORDS.has(name) ? 'word' : null
}

/** A valid value for a field that is not under test. @param id returns a global id for the name of a field */
export interface Sample {
  id: (name: string) => string
}

/** Values for the required arguments of a field, derived from the schema. */
export function requiredArguments(args: readonly GraphQLArgument[], sample: Sample): Record<string, unknown> {
  return Object.fromEntries(
    args.flatMap(({ name, type, defaultValue }) =>
      isNonNullType(type) && defaultValue === undefined ? [[name, sampleOf(name, type, sample)]] : [],
    ),
  )
}

function sampleOf(name: string, type: GraphQLInputType, sample: Sample): unknown {
  if (isNonNullType(type)) return sampleOf(name, type.ofType, sample)
  if (isListType(type)) return [sampleOf(name, type.ofType, sample)]
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (isInputObjectType(type)) {
    if (type.isOneOf) return {}
    return requiredArguments(Object.values(type.getFields()), sample)
  }
  switch (type.name) {
    case 'ID':
      return sample.id(name)
    case 'Boolean':
      return true
    case 'Int':
    case 'Float':
      return 1
    case 'DateTime':
      return '2099-01-01T00:00:00Z'
    case 'JSON':
      return {}
    default:
      return 'sample'
  }
}

/** A copy of the arguments with a value at a place. Other required fields on the path get valid values. */
export function withValue(
  args: Readonly<Record<string, unknown>>,
  declared: readonly GraphQLArgument[],
  path: readonly string[],
  value: unknown,
  sample: Sample,
): Record<string, unknown> {
  const [name = '', ...rest] = path
  if (rest.length === 0) return { ...args, [name]: value }
  const type = declared.find((argument) => argument.name === name)?.type
  const named = type === undefined ? undefined : getNamedType(type)
  if (!isInputObjectType(named)) throw new Error(`${name} is no input object.`)
  const fields = Object.values(named.getFields())
  const inner =
    args[name] instanceof Object ? (args[name] as Record<string, unknown>) : requiredArguments(fields, sample)
  return { ...args, [name]: withValue(inner, fields, rest, value, sample) }
}

const selections = new Map<GraphQLNamedType, Map<number, string>>()

/** The selection for a response: its leaves, those of nested objects, and the messages of errors. */
export function selectionOf(type: GraphQLNamedType, schema: GraphQLSchema, depth: number): string {
  const known = selections.get(type) ?? new Map<number, string>()
  selections.set(type, known)
  const selection = known.get(depth) ?? newSelection(type, schema, depth)
  known.set(depth, selection)
  return selection
}

function newSelection(type: GraphQLNamedType, schema: GraphQLSchema, depth: number): string {
  if (isLeafType(type)) return ''
  if (isUnionType(type)) {
    const members = type.getTypes().map((member) => {
      const error = member.getInterfaces().some(({ name }) => name === 'Error')
      const fields = error
        ? member.getFields()['fields']
          ? 'fields { path message }'
          : ''
        : innerSelection(member, schema, depth)
      return fields === '' ? '' : `... on ${member.name} { ${fields} }`
    })
    const anError = type.getTypes().some((member) => member.getInterfaces().some(({ name }) => name === 'Error'))
    return `{ __typename ${anError ? '... on Error { code message status details }' : ''} ${members.join(' ')} }`
  }
  if (isInterfaceType(type)) return `{ __typename ${innerSelection(type, schema, 0)} }`
  return isObjectType(type) ? `{ __typename ${innerSelection(type, schema, depth)} }` : ''
}

function innerSelection(type: Pick<GraphQLObjectType, 'getFields'>, schema: GraphQLSchema, depth: number): string {
  return Object.values(type.getFields())
    .flatMap(({ name, type: fieldType, args }) => {
      const named = getNamedType(fieldType)
      if (args.some(({ type: wanted, defaultValue }) => isNonNullType(wanted) && defaultValue === undefined)) return []
      // Each error has its own time and trace id.
      if (name === 'traceId' || name === 'occurredAt') return []
      if (isLeafType(named)) return [name]
      return depth === 0 ? [] : [`${name} ${selectionOf(named, schema, depth - 1)}`]
    })
    .join(' ')
}

/** The document and the variables for a field with arguments. */
export function operationFor(
  { operation, type, field }: Place,
  schema: GraphQLSchema,
  args: Readonly<Record<string, unknown>>,
  ownId: (type: string) => string,
): { query: string; variables: Record<string, unknown> } {
  const definition = type.getFields()[field]
  if (definition === undefined) throw new Error(`${type.name} has no field ${field}.`)
  const given = definition.args.filter(({ name }) => name in args)
  const declarations = given.map(({ name, type: wanted }) => `$${name}: ${String(wanted)}`)
  const call = `${field}${given.length === 0 ? '' : `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})`}`
  const asked = `${call} ${selectionOf(getNamedType(definition.type), schema, operation === 'subscription' ? 0 : 2)}`
  const root = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type)
  if (root) {
    return { query: `${operation} ${declared(declarations)} { ${asked} }`, variables: { ...args } }
  }
  if (!type.getInterfaces().some(({ name }) => name === 'Node')) {
    throw new Error(`The tests know no way to ${type.name}.${field}: it has no global id.`)
  }
  return {
    query: `query ${declared(['$node: ID!', ...declarations])} { node(id: $node) { ... on ${type.name} { ${asked} } } }`,
    variables: { ...args, node: ownId(type.name) },
  }
}

function declared(declarations: readonly string[]): string {
  return declarations.length === 0 ? '' : `(${declarations.join(', ')})`
}
