import { completeOAuth } from '../../connecting/oauth/complete-oauth.ts'
import type { Connection } from '../../db/generated/client.ts'
import { ProviderError, ScopeMismatchError, UnsupportedError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeOptionalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { ConnectionRef } from './refs.ts'

const CompleteOAuthInput = builder.inputType('CompleteOAuthInput', {
  description: 'The parameters that the provider sent the browser back with.',
  fields: (t) => ({
    state: t.field({ type: 'Secret' }),
    code: t.field({ type: 'Secret' }),
    iss: t.string({ required: false }),
    params: t.field({
      type: 'JSON',
      required: false,
      description: 'All others that the callback came with, as texts by name. With error, it was refused.',
    }),
    endUserId: t.id({
      required: false,
      description: 'At most one of endUserId and endUserExternalId: who is signed in at the browser that came back.',
    }),
    endUserExternalId: t.string({ required: false }),
    displayName: t.string({ required: false }),
  }),
})

mutation('completeOAuth', {
  description: 'For callers who host the callback themselves: naming the end user is the confirmation.',
  input: CompleteOAuthInput,
  payload: builder.objectRef<{ connection: Connection }>('CompleteOAuthPayload').implement({
    fields: (t) => ({ connection: t.expose('connection', { type: ConnectionRef }) }),
  }),
  errors: [ProviderError, UnsupportedError, ScopeMismatchError],
  resolve: async ({ endUserId, ...input }, context) => {
    const connection = await completeOAuth(context.services, callerOf(context), {
      state: input.state,
      code: input.code,
      iss: input.iss ?? null,
      params: input.params,
      endUserId: decodeOptionalId('EndUser', endUserId),
      endUserExternalId: input.endUserExternalId ?? null,
      displayName: input.displayName ?? null,
    })
    context.loaders.credential.clear(connection.id)
    return { connection }
  },
})
