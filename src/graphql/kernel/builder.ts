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
    known: boolean
    /** Acts for a workspace, and not for one of its end users. */
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
 * The short form is the strict form: fields are not null and inputs are required unless they say otherwise, and every
 * root field wants a caller that is known.
 */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  relay: { nodeQueryOptions: false, nodesQueryOptions: false },
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
        : new ForbiddenError('A caller who acts for an end user may not see this. Use an API key of the workspace.'),
    treatErrorsAsUnauthorized: false,
  },
})

builder.queryType({ authScopes: { known: true } })
builder.mutationType({ authScopes: { known: true } })
builder.subscriptionType({ authScopes: { known: true } })
