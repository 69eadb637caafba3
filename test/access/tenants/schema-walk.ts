import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'

/** Required arguments of fields below the root, by `Type.field`, as GraphQL text. */
export type FieldArguments = Readonly<Record<string, string>>

/**
 * Selects everything that a schema can return, up to a depth, fields of errors included. Each object selects its type, so that
 * a response shows which fields it covers.
 */
export class SchemaWalk {
  readonly #schema: GraphQLSchema
  readonly #args: FieldArguments
  readonly #left = new Set<string>()

  constructor(schema: GraphQLSchema, args: FieldArguments) {
    this.#schema = schema
    this.#args = args
  }

  /** All object types except introspection types. */
  objectTypes(): GraphQLObjectType[] {
    return Object.values(this.#schema.getTypeMap()).filter(
      (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
    )
  }

  /** Every `Type.field` of the schema. */
  fields(): Set<string> {
    return new Set(
      this.objectTypes().flatMap((type) => Object.keys(type.getFields()).map((name) => `${type.name}.${name}`)),
    )
  }

  /** Leaves the field `Type.field` out from now on. */
  leaveOut(field: string): void {
    this.#left.add(field)
  }

  /**
   * Splits a selection: its leaves together, and each field with nested fields.
   * @param levels how many levels are split, so that no document is too long. Default: 1
   */
  partsOf(type: GraphQLObjectType, depth: number, levels = 1): (() => string)[] {
    const composite = Object.values(type.getFields()).filter((field) => !isLeafType(getNamedType(field.type)))
    return [
      () => `__typename ${this.#inner(type, 0)}`,
      ...composite.flatMap((field) => {
        const answered = getNamedType(field.type)
        if (levels === 1 || !isObjectType(answered)) return [() => this.field(type, field, depth)]
        return this.partsOf(answered, depth - 1, levels - 1).map((part) => () => {
          const head = this.#head(type, field)
          return head === '' ? '' : `${head} { __typename ${part()} }`
        })
      }),
    ]
  }

  /** A field with its arguments and nested selection; empty when it is left out. */
  field(type: GraphQLNamedType, field: GraphQLField<unknown, unknown>, depth: number): string {
    const head = this.#head(type, field)
    return head === '' ? '' : `${head} ${this.selection(getNamedType(field.type), depth)}`
  }

  #head(type: GraphQLNamedType, { name, args }: GraphQLField<unknown, unknown>): string {
    if (this.#left.has(`${type.name}.${name}`)) return ''
    const given = this.#args[`${type.name}.${name}`]
    const required = args.filter(
      ({ type: wanted, defaultValue }) => isNonNullType(wanted) && defaultValue === undefined,
    )
    if (given === undefined && required.length > 0)
      throw new Error(`The walk has no arguments for ${type.name}.${name}.`)
    return `${name}${given === undefined ? '' : `(${given})`}`
  }

  selection(type: GraphQLNamedType, depth: number): string {
    if (isLeafType(type)) return ''
    if (isObjectType(type)) return `{ __typename ${this.#inner(type, depth)} }`
    if (isInterfaceType(type)) return `{ __typename ${this.#inner(type, depth)} ${this.#own(type, depth)} }`
    if (!isUnionType(type)) throw new Error(`${type.name} has no fields to ask for.`)
    const failure = this.#schema.getType('Error')
    const members = type.getTypes()
    const errors = members.filter((member) => member.getInterfaces().some((each) => each === failure))
    const common = isInterfaceType(failure) && errors.length > 0 ? `... on Error { ${this.#inner(failure, 0)} }` : ''
    const fragments = members.map((member) => {
      const inherited = errors.includes(member) && isInterfaceType(failure) ? Object.keys(failure.getFields()) : []
      const inner = this.#inner(member, depth, inherited)
      return inner === '' ? '' : `... on ${member.name} { ${inner} }`
    })
    return `{ __typename ${common} ${fragments.join(' ')} }`
  }

  /** The additional fields of an interface's types, with aliases because fields of the same name can differ between types. */
  #own(type: GraphQLNamedType, depth: number): string {
    if (!isInterfaceType(type) || type.name === 'Node') return ''
    const inherited = Object.keys(type.getFields())
    const taken = new Map<string, string>()
    return this.#schema
      .getPossibleTypes(type)
      .map((possible) => {
        const fields = Object.values(possible.getFields()).filter(({ name }) => !inherited.includes(name))
        const asked = fields.map((field) => {
          const clash = (taken.get(field.name) ?? String(field.type)) !== String(field.type)
          taken.set(field.name, String(field.type))
          return `${clash ? `${field.name}_${possible.name}: ` : ''}${this.field(possible, field, depth)}`
        })
        return asked.length === 0 ? '' : `... on ${possible.name} { ${asked.join(' ')} }`
      })
      .join(' ')
  }

  #inner(
    type: Pick<GraphQLObjectType, 'name' | 'getFields'> & GraphQLNamedType,
    depth: number,
    without: readonly string[] = [],
  ): string {
    return Object.values(type.getFields())
      .filter(({ name }) => !without.includes(name))
      .filter((field) => depth > 0 || isLeafType(getNamedType(field.type)))
      .map((field) => this.field(type, field, depth - 1))
      .join(' ')
  }
}

/** Adds every `Type.field` of a response that is not null. */
export function fieldsSeen(answer: unknown, seen: Set<string>): void {
  if (Array.isArray(answer)) for (const each of answer) fieldsSeen(each, seen)
  if (!(answer instanceof Object)) return
  const { __typename: type, ...fields } = answer as Record<string, unknown>
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue
    if (typeof type === 'string') seen.add(`${type}.${name.split('_')[0]}`)
    fieldsSeen(value, seen)
  }
}
