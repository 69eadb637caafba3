import SchemaBuilder from '@pothos/core'
import ErrorsPlugin from '@pothos/plugin-errors'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import type PrismaTypes from '../../db/generated/pothos-types.ts'
import { getDatamodel } from '../../db/generated/pothos-types.ts'
import { ForbiddenError } from '../../kit/errors.ts'
import type { GraphQLContext } from './context.ts'
import { unknownCallerError } from './context.ts'

interface SchemaTypes {
  Context: GraphQLContext
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  DefaultInputFieldRequiredness: true
  AuthScopes: {
    /** The caller is authenticated. */
    known: boolean
    /** The caller acts for a workspace or the deployment, not for a single end user. */
    wholeWorkspace: boolean
  }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: unknown; Output: unknown }
    Cursor: { Input: string; Output: string }
    Secret: { Input: string; Output: never }
  }
}

/**
 * The Pothos builder of the whole schema. Its defaults are the strict form: fields are non-null, inputs are required,
 * and every root field requires an authenticated caller.
 */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  relay: {
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'An object with a global id, which `node` and `nodes` look up.' },
    idFieldOptions: { description: 'Global id: opaque, stable, and unique across all types. `node` accepts it.' },
    pageInfoTypeOptions: {
      description: 'Position of a page within its list, as in the Relay cursor connections specification.',
    },
    hasNextPageFieldOptions: { description: 'True if the list has items after this page.' },
    hasPreviousPageFieldOptions: { description: 'True if the page was requested with `after`.' },
    startCursorFieldOptions: { description: 'Cursor of the first item. Null if the page is empty.' },
    endCursorFieldOptions: {
      description: 'Cursor of the last item: pass it as `after` to get the next page. Null if the page is empty.',
    },
  },
  prisma: {
    client: (context) => context.services.database.prisma,
    dmmf: getDatamodel(),
  },
  errors: { directResult: true },
  scopeAuth: {
    authScopes: ({ caller }) => ({
      known: caller !== null,
      wholeWorkspace: caller !== null && caller.endUserId === null,
    }),
    unauthorizedError: (_parent, context) =>
      context.caller === null
        ? unknownCallerError(context)
        : new ForbiddenError('A caller that acts for an end user cannot read this. Use an API key of the workspace.'),
    treatErrorsAsUnauthorized: false,
  },
})

/** The type parameter of every Pothos type of this schema. */
export type PothosTypes = typeof builder.$inferSchemaTypes

builder.queryType({
  description:
    'Root of all read operations. Objects of other workspaces are never visible: a lookup of one returns null.',
  authScopes: { known: true },
})
builder.mutationType({
  description: 'Root of all changes. Every mutation returns a union of its payload and its expected errors.',
  authScopes: { known: true },
})
builder.subscriptionType({
  description:
    'Root of all subscriptions, over graphql-ws or Server-Sent Events. A subscription that is refused, or whose caller loses access, ends with a top-level error.',
  authScopes: { known: true },
})
