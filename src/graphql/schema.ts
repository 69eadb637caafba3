import { GraphQLObjectType, type GraphQLSchema, getNamedType, lexicographicSortSchema } from 'graphql'
import { builder } from './kernel/builder.ts'
import { checkWellFormed } from './kernel/mutation.ts'
import './types/scalars.ts'
import './types/errors.ts'
import './types/viewer.ts'
import './types/node.ts'
import './types/workspace.ts'
import './types/api-key.ts'
import './types/oidc-issuer.ts'
import './types/auth-provider.ts'
import './types/end-user.ts'
import './types/provider.ts'
import './types/integration.ts'
import './types/connection.ts'
import './types/oauth.ts'
import './types/connect-session.ts'
import './types/resolve-connection.ts'
import './types/execute-request.ts'
import './types/connection-test.ts'
import './types/collection.ts'
import './types/record.ts'
import './types/sync-job.ts'
import './types/event.ts'

/** The schema: a table of contents of `types/`. Built without a database and without an environment. */
export function buildSchema(): GraphQLSchema {
  return checkArguments(holdJson(lexicographicSortSchema(builder.toSchema())))
}

/**
 * Refuses, for every field with arguments, text that the database would refuse or change in silence. Mutations do so
 * themselves, where it is a member of their result.
 */
function checkArguments(schema: GraphQLSchema): GraphQLSchema {
  const mutations = schema.getMutationType()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLObjectType) || type === mutations || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (field.args.length === 0) continue
      const { resolve, subscribe } = field
      if (resolve !== undefined && subscribe === undefined) {
        field.resolve = (source, args, context, info) => {
          checkWellFormed(args, [])
          return resolve(source, args, context, info)
        }
      }
      if (subscribe !== undefined) {
        field.subscribe = (source, args, context, info) => {
          checkWellFormed(args, [])
          return subscribe(source, args, context, info)
        }
      }
    }
  }
  return schema
}

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
