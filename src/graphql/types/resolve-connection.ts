import { type Resolved, resolveConnection } from '../../connections/resolve-connection.ts'
import { AmbiguousError, ScopeMismatchError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId } from '../kernel/global-id.ts'
import { checkWellFormed } from '../kernel/mutation.ts'
import { COMMON_ERRORS, ResolutionCandidateRef } from './errors.ts'
import { ConnectionRef } from './refs.ts'

export const ResolveConnectionInput = builder.inputType('ResolveConnectionInput', {
  description:
    'By external id, by end user, or by both. With neither, connections that belong to an end user are not looked at.',
  fields: (t) => ({
    workspaceId: t.id(),
    integration: t.string({ description: 'Slug.' }),
    externalId: t.string({ required: false }),
    endUserId: t.id({ required: false, description: 'At most one of endUserId and endUserExternalId.' }),
    endUserExternalId: t.string({ required: false }),
  }),
})

/** What the service takes. @throws NotFoundError for ids that name nothing */
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
  fields: (t) => ({
    connection: t.field({
      type: ConnectionRef,
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    why: t.field({
      type: [ResolutionCandidateRef],
      description: 'Every connection that was looked at, and why it was chosen or not.',
      resolve: ({ why }) => why,
    }),
  }),
})

builder.queryField('resolveConnection', (t) =>
  t.field({
    type: ResolveConnectionPayload,
    description: 'The one connection that is meant, by what the caller knows of it.',
    args: { input: t.arg({ type: ResolveConnectionInput }) },
    errors: {
      types: [...COMMON_ERRORS, ScopeMismatchError, AmbiguousError],
      union: { name: 'ResolveConnectionResult' },
    },
    resolve: (_root, { input }, context) => {
      checkWellFormed(input, ['input'])
      return resolveConnection(context.services.database, callerOf(context), resolutionOf(input))
    },
  }),
)
