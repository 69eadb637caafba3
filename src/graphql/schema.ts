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
import './types/provider-guide.ts'
import './types/integration.ts'
import './types/definition-import.ts'
import './types/connection.ts'
import './types/credential.ts'
import './types/connecting.ts'
import './types/connect-session.ts'
import './types/resolve-connection.ts'
import './types/execute-request.ts'
import './types/tool-session.ts'
import './types/action.ts'
import './types/collection.ts'
import './types/record.ts'
import './types/queue.ts'
import './types/sync-job.ts'
import './types/hint.ts'
import './types/event.ts'
import './types/webhook-endpoint.ts'
import './types/audit-event.ts'

/** Builds the schema from the modules of `types/`. Needs no database and no environment. */
export function buildSchema(): GraphQLSchema {
  return checkArguments(protectJson(lexicographicSortSchema(builder.toSchema())))
}

/**
 * Makes every field with arguments refuse values that the database would refuse or change (`checkWellFormed`). Mutations
 * are left out: they check their input themselves and return the error as a member of their result.
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

/** Wraps a JSON value with a key `then`. Executors take such an object for a promise, before and after serialization. */
class ThenableJson {
  readonly #value: unknown

  constructor(value: unknown) {
    this.#value = value
  }

  toJSON(): unknown {
    return this.#value
  }
}

/** Lets the fields of type JSON return any JSON value, also an object with a key `then`. */
export function protectJson(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLObjectType) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field
      if (resolve === undefined || getNamedType(field.type).name !== 'JSON') continue
      field.resolve = (source, args, context, info) => {
        const result: unknown = resolve(source, args, context, info)
        return result instanceof Promise ? result.then(wrapThenable) : wrapThenable(result)
      }
    }
  }
  return schema
}

function wrapThenable(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'then' in value ? new ThenableJson(value) : value
}
