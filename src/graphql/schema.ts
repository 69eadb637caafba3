import { GraphQLObjectType, type GraphQLSchema, lexicographicSortSchema } from 'graphql'
import { holdJson } from './json-value.ts'
import { builder } from './kernel/builder.ts'
import { checkWellFormed } from './kernel/mutation.ts'
import './types/scalars.ts'
import './types/errors.ts'
import './types/viewer.ts'
import './types/node.ts'
import './types/workspace.ts'
import './types/workspace-changes.ts'
import './types/api-key.ts'
import './types/oidc-issuer.ts'
import './types/auth-provider.ts'
import './types/end-user.ts'
import './types/provider.ts'
import './types/integration.ts'
import './types/integration-changes.ts'
import './types/connection.ts'
import './types/connection-changes.ts'
import './types/oauth.ts'
import './types/complete-oauth.ts'
import './types/confirm-connection.ts'
import './types/connect-session.ts'
import './types/resolve-connection.ts'
import './types/execute-request.ts'
import './types/connection-test.ts'
import './types/refresh-connection.ts'
import './types/collection.ts'
import './types/record.ts'
import './types/sync-job.ts'
import './types/event.ts'
import './types/event-history.ts'
import './types/subscriptions.ts'

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
