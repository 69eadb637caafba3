import { GraphQLObjectType, type GraphQLSchema, getNamedType } from 'graphql'

/** A JSON value on its way into an answer: executors take anything with a `then` for a promise, before and after serialising. */
class HeldJson {
  readonly #value: unknown

  constructor(value: unknown) {
    this.#value = value
  }

  toJSON(): unknown {
    return this.#value
  }
}

/** Lets fields of type JSON return objects of other people's making, whatever their keys. */
export function holdJson(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLObjectType) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field
      if (resolve === undefined || getNamedType(field.type).name !== 'JSON') continue
      field.resolve = (source, args, context, info) => {
        const result: unknown = resolve(source, args, context, info)
        return result instanceof Promise ? result.then(hold) : hold(result)
      }
    }
  }
  return schema
}

function hold(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'then' in value ? new HeldJson(value) : value
}
