import fc from 'fast-check'
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import { nastyInstant, nastyJson, nastyText } from './nasty-values.ts'

export interface FuzzedOperation {
  query: string
  /** JSON text, because JSON.stringify cannot produce all of it. */
  variablesJson: string
}

export interface FuzzPools {
  /** Ids of existing objects. */
  ids: readonly string[]
  /** Ids of objects that may be deleted or revoked. */
  victims: readonly string[]
  cursors: readonly string[]
}

type Gen = fc.GeneratorValue
/** A value as a GraphQL literal and as JSON. */
interface Written {
  literal: string
  json: string
}

const MAX_DEPTH = 5
const INTS = ['0', '1', '2', '5', '20', '100', '101', '-1', '2147483647', '2147483648', '1.5', '1e3']

/** Operations generated from the schema. Most are valid; their values rarely are. */
export function operationArbitrary(schema: GraphQLSchema, pools: FuzzPools): fc.Arbitrary<FuzzedOperation> {
  return fc.gen().map((gen) => new DocumentWriter(schema, pools, gen).operation())
}

/** Damaged operations. Few are still valid. */
export function brokenArbitrary(schema: GraphQLSchema, pools: FuzzPools): fc.Arbitrary<FuzzedOperation> {
  const damage = fc.oneof(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(12),
      insert: fc.constantFrom(
        '',
        '{',
        '}',
        '(',
        ')',
        '...',
        '@',
        '"',
        '"""',
        '$',
        '!',
        '[',
        '\0',
        '\ud800',
        'é',
        '#',
        '\\u{110000}',
        ' fragment F on Query { ...F } ',
      ),
    }),
    fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(3), insert: nastyText }),
  )
  return fc
    .tuple(operationArbitrary(schema, pools), fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([operation, damages]) => ({
      ...operation,
      query: damages.reduce((query, { at, cut, insert }) => {
        const start = Math.floor(at * query.length)
        return query.slice(0, start) + insert + query.slice(start + cut)
      }, operation.query),
    }))
}

class DocumentWriter {
  readonly #schema: GraphQLSchema
  readonly #pools: FuzzPools
  readonly #gen: Gen
  readonly #variables: { name: string; type: string; json: string }[] = []

  constructor(schema: GraphQLSchema, pools: FuzzPools, gen: Gen) {
    this.#schema = schema
    this.#pools = pools
    this.#gen = gen
  }

  operation(): FuzzedOperation {
    const kind = this.#pick(['query', 'query', 'mutation'] as const)
    const root = kind === 'query' ? this.#schema.getQueryType() : this.#schema.getMutationType()
    if (root == null) throw new Error(`The schema has no ${kind}.`)
    const selection = this.#selection(root, 0)
    const declared = this.#variables.map(({ name, type }) => `$${name}: ${type}`).join(', ')
    return {
      query: `${kind} Fuzz${declared === '' ? '' : `(${declared})`} ${selection}`,
      variablesJson: `{${this.#variables.map(({ name, json }) => `${JSON.stringify(name)}:${json}`).join(',')}}`,
    }
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const parts = ['__typename']
    if (isObjectType(type) || isInterfaceType(type)) {
      const fields = Object.values(type.getFields()).filter(
        ({ type: of }) => depth < MAX_DEPTH || !isCompositeType(getNamedType(of)),
      )
      const count = depth === 0 ? 1 : this.#gen(fc.integer, { min: 1, max: 4 })
      const names = new Set<string>()
      for (let i = 0; i < count && fields.length > 0; i += 1) {
        const field = this.#pick(fields)
        if (!names.has(field.name)) parts.push(this.#field(field, depth))
        names.add(field.name)
      }
    }
    if (!isObjectType(type) && isCompositeType(type)) {
      const possible = this.#pick(this.#schema.getPossibleTypes(type))
      parts.push(`... on ${possible.name} ${this.#selection(possible, depth + 1)}`)
    }
    return `{ ${parts.join(' ')} }`
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const destroys = /^(?:delete|revoke)/.test(field.name)
    const given = field.args.filter((arg) => isRequiredArgument(arg) || this.#chance(4))
    const written = given.map((arg) => `${arg.name}: ${this.#argument(arg, destroys)}`)
    const type = getNamedType(field.type)
    const below = isCompositeType(type) ? ` ${this.#selection(type, depth + 1)}` : ''
    return `${field.name}${written.length === 0 ? '' : `(${written.join(', ')})`}${below}`
  }

  #argument({ type }: GraphQLArgument, destroys: boolean): string {
    const value = this.#value(type, 0, destroys)
    if (this.#chance(5)) return value.literal
    const name = `v${this.#variables.length}`
    this.#variables.push({ name, type: String(type), json: value.json })
    return `$${name}`
  }

  #value(type: GraphQLInputType, depth: number, destroys: boolean): Written {
    if (isNonNullType(type)) return this.#chance(1) ? this.#wrong() : this.#value(type.ofType, depth, destroys)
    if (this.#chance(1)) return same('null')
    if (isListType(type)) {
      const { ofType } = type
      const items = Array.from({ length: this.#gen(fc.nat, { max: 3 }) }, () => this.#value(ofType, depth, destroys))
      return {
        literal: `[${items.map(({ literal }) => literal).join(', ')}]`,
        json: `[${items.map(({ json }) => json).join(',')}]`,
      }
    }
    if (isInputObjectType(type)) {
      const all = Object.values(type.getFields())
      const chosen = type.isOneOf
        ? [this.#pick(all)]
        : all.filter((field) => isRequiredInputField(field) || (depth < 3 && this.#chance(4)))
      const fields = chosen.map((field) => ({ name: field.name, ...this.#value(field.type, depth + 1, destroys) }))
      return {
        literal: `{ ${fields.map(({ name, literal }) => `${name}: ${literal}`).join(', ')} }`,
        json: `{${fields.map(({ name, json }) => `${JSON.stringify(name)}:${json}`).join(',')}}`,
      }
    }
    if (isEnumType(type)) {
      const value = this.#pick(type.getValues()).name
      return { literal: value, json: JSON.stringify(value) }
    }
    return this.#scalar(type.name, destroys)
  }

  #scalar(name: string, destroys: boolean): Written {
    switch (name) {
      case 'Int':
      case 'Float':
        return same(this.#pick(INTS))
      case 'Boolean':
        return same(this.#pick(['true', 'false']))
      case 'ID':
        return text(
          this.#chance(8) ? this.#pick(destroys ? this.#pools.victims : this.#pools.ids) : this.#gen(() => nastyText),
        )
      case 'DateTime':
        return text(this.#gen(() => nastyInstant))
      case 'Cursor':
        return text(this.#chance(5) ? this.#pick(this.#pools.cursors) : this.#gen(() => nastyText))
      case 'JSON': {
        const json = this.#gen(() => nastyJson)
        // GraphQL literals have no quotes around keys. Strings are written like in JSON.
        return { literal: JSON.stringify(json.slice(0, 1_000)), json }
      }
      default:
        return text(this.#chance(2) ? this.#pick(this.#pools.cursors) : this.#gen(() => nastyText))
    }
  }

  #wrong(): Written {
    return this.#pick([same('null'), same('5'), same('true'), same('[]'), same('{}'), text('wrong')])
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[this.#gen(fc.nat, { max: Math.max(0, values.length - 1) })]
    if (value === undefined) throw new Error('There is nothing to pick from.')
    return value
  }

  /** True in `tenths` of ten cases. */
  #chance(tenths: number): boolean {
    return this.#gen(fc.nat, { max: 9 }) < tenths
  }
}

function same(written: string): Written {
  return { literal: written, json: written }
}

function text(value: string): Written {
  return { literal: JSON.stringify(value), json: JSON.stringify(value) }
}
