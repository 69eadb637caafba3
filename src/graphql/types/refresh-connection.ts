import { refreshConnection } from '../../connections/refresh-connection.ts'
import { CredentialRefreshError, ProviderError, ReconnectRequiredError, UnsupportedError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { ConnectionRef } from './refs.ts'

const RefreshConnectionInput = builder.inputType('RefreshConnectionInput', {
  fields: (t) => ({
    connectionId: t.id(),
    force: t.boolean({
      required: false,
      defaultValue: false,
      description: 'Also where the credential is still good. Callers at the same time share one renewal.',
    }),
  }),
})

mutation('refreshConnection', {
  description: 'Renews the credential where that is needed.',
  input: RefreshConnectionInput,
  payload: builder.objectRef<{ connectionId: string; refreshed: boolean }>('RefreshConnectionPayload').implement({
    fields: (t) => ({
      connection: t.field({
        type: ConnectionRef,
        resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
      }),
      refreshed: t.exposeBoolean('refreshed', { description: 'The credential is another one now.' }),
    }),
  }),
  errors: [CredentialRefreshError, ReconnectRequiredError, ProviderError, UnsupportedError],
  async resolve(input, context) {
    const connectionId = decodeGlobalId('Connection', input.connectionId)
    const refreshed = await refreshConnection(context.services, callerOf(context), connectionId, input.force ?? false)
    context.loaders.connection.clear(connectionId)
    context.loaders.credential.clear(connectionId)
    return { connectionId, refreshed }
  },
})
