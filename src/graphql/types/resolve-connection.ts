import { type Resolved, resolveConnection } from '../../connections/resolve-connection.ts'
import { AmbiguousError, ScopeMismatchError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId } from '../kernel/global-id.ts'
import { checkWellFormed } from '../kernel/mutation.ts'
import { COMMON_ERRORS, ResolutionCandidateRef } from './errors.ts'
import { ConnectionRef } from './refs.ts'
import { AT_MOST_ONE_END_USER, END_USER_EXTERNAL_ID, END_USER_ID, IN_WORKSPACE, INTEGRATION_SLUG } from './wording.ts'

export const ResolveConnectionInput = builder.inputType('ResolveConnectionInput', {
  description:
    'Selects the one connection at an integration by external id, by end user, or by both. With neither, only connections that belong to no end user are considered. A caller that acts for an end user resolves connections of that end user only.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    integration: t.string({ description: INTEGRATION_SLUG }),
    externalId: t.string({
      required: false,
      description: "The product's own id of the connection. Default: the most usable connection is chosen.",
    }),
    endUserId: t.id({ required: false, description: `${END_USER_ID} ${AT_MOST_ONE_END_USER} Default: none.` }),
    endUserExternalId: t.string({ required: false, description: `${END_USER_EXTERNAL_ID} Default: none.` }),
  }),
})

/** The input of the service. @throws NotFoundError for a malformed id */
export function resolutionOf(input: typeof ResolveConnectionInput.$inferInput) {
  return {
    workspaceId: decodeGlobalId('Workspace', input.workspaceId),
    integration: input.integration,
    externalId: input.externalId ?? null,
    endUserId: decodeOptionalId('EndUser', input.endUserId),
    endUserExternalId: input.endUserExternalId ?? null,
  }
}

const ResolveConnectionPayload = builder.objectRef<Resolved>('ResolveConnectionPayload').implement({
  description: 'Result of a `resolveConnection` that succeeded.',
  fields: (t) => ({
    connection: t.field({
      type: ConnectionRef,
      description: 'The chosen connection.',
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    why: t.field({
      type: [ResolutionCandidateRef],
      description: 'Every connection that was considered, and why it was chosen or not.',
      resolve: ({ why }) => why,
    }),
  }),
})

builder.queryField('resolveConnection', (t) =>
  t.field({
    type: ResolveConnectionPayload,
    description:
      'Finds the one connection to use. ACTIVE and ERROR connections are preferred over NEEDS_REAUTH, then DISABLED, then PENDING. Several equally usable ones are AMBIGUOUS, none is NOT_FOUND.',
    args: { input: t.arg({ type: ResolveConnectionInput, description: 'Input of `resolveConnection`.' }) },
    errors: {
      types: [...COMMON_ERRORS, ScopeMismatchError, AmbiguousError],
      union: {
        name: 'ResolveConnectionResult',
        description:
          'Result of `resolveConnection`: `ResolveConnectionPayload` on success, otherwise one of the errors.',
      },
    },
    resolve: (_root, { input }, context) => {
      checkWellFormed(input, ['input'])
      return resolveConnection(context.services.database, callerOf(context), resolutionOf(input))
    },
  }),
)
