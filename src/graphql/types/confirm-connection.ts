import { confirmConnection } from '../../connecting/confirm-connection.ts'
import type { Connection } from '../../db/generated/client.ts'
import { ScopeMismatchError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeOptionalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { ConnectionRef } from './refs.ts'

const ConfirmConnectionInput = builder.inputType('ConfirmConnectionInput', {
  fields: (t) => ({
    handle: t.field({ type: 'Secret', description: 'As it came back with the browser. Good for ten minutes, once.' }),
    endUserId: t.id({
      required: false,
      description:
        'At most one of endUserId and endUserExternalId: who is signed in at the browser that brought the handle.',
    }),
    endUserExternalId: t.string({
      required: false,
      description: 'Creates the end user when it is new and the connection is nobody’s yet.',
    }),
    displayName: t.string({ required: false }),
  }),
})

mutation('confirmConnection', {
  description:
    "By the product's backend, which knows who is signed in at the browser that brought the handle. Then the connection is ACTIVE.",
  input: ConfirmConnectionInput,
  payload: builder.objectRef<{ connection: Connection }>('ConfirmConnectionPayload').implement({
    fields: (t) => ({ connection: t.expose('connection', { type: ConnectionRef }) }),
  }),
  errors: [ScopeMismatchError],
  resolve: async ({ handle, endUserId, endUserExternalId, displayName }, context) => {
    const connection = await confirmConnection(context.services, callerOf(context), {
      handle,
      endUserId: decodeOptionalId('EndUser', endUserId),
      endUserExternalId: endUserExternalId ?? null,
      displayName: displayName ?? null,
    })
    context.loaders.credential.clear(connection.id)
    return { connection }
  },
})
