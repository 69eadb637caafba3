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

/** What arguments of fields below the root are given where they are required, by `Type.field`, as GraphQL writes it. */
export type FieldArguments = Readonly<Record<string, string>>

/**
 * Selections of all that a schema can answer, to a depth. Everything is asked for, errors' own fields too; each object tells its
 * type, so that an answer says which fields it has come through.
 */
export class SchemaWalk {
  readonly #schema: GraphQLSchema
  readonly #args: FieldArguments
  readonly #left = new Set<string>()

  constructor(schema: GraphQLSchema, args: FieldArguments) {
    this.#schema = schema
    this.#args = args
  }

  /** All object types, but for those that describe the schema itself. */
  objectTypes(): GraphQLObjectType[] {
    return Object.values(this.#schema.getTypeMap()).filter(
      (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
    )
  }

  /** Each `Type.field` that there is. */
  fields(): Set<string> {
    return new Set(
      this.objectTypes().flatMap((type) => Object.keys(type.getFields()).map((name) => `${type.name}.${name}`)),
    )
  }

  /** From now on a field is not asked for, named `Type.field`. */
  leaveOut(field: string): void {
    this.#left.add(field)
  }

  /** Parts of a selection: its leaves in one, and each field that has fields of its own. */
  partsOf(type: GraphQLObjectType, depth: number): (() => string)[] {
    const composite = Object.values(type.getFields()).filter((field) => !isLeafType(getNamedType(field.type)))
    return [
      () => `__typename ${this.#inner(type, 0)}`,
      ...composite.map((field) => () => this.field(type, field, depth)),
    ]
  }

  /** A field with what it needs and all that is below it; empty when it is left out. */
  field(type: GraphQLNamedType, { name, args, type: answered }: GraphQLField<unknown, unknown>, depth: number): string {
    if (this.#left.has(`${type.name}.${name}`)) return ''
    const given = this.#args[`${type.name}.${name}`]
    const required = args.filter(
      ({ type: wanted, defaultValue }) => isNonNullType(wanted) && defaultValue === undefined,
    )
    if (given === undefined && required.length > 0)
      throw new Error(`The walk has no arguments for ${type.name}.${name}.`)
    return `${name}${given === undefined ? '' : `(${given})`} ${this.selection(getNamedType(answered), depth)}`
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

  /** What the types of an interface have besides: under another name, as two types may have different fields of one name. */
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

/** Adds every `Type.field` of an answer that is not null. */
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
