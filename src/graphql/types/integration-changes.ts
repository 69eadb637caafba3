import { updateIntegration } from '../../connections/update-integration.ts'
import type { Integration } from '../../db/generated/client.ts'
import { deleteIntegration } from '../../deletion/delete-integration.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { OAuthClientInput } from './integration.ts'
import { IntegrationRef } from './refs.ts'

const UpdateIntegrationInput = builder.inputType('UpdateIntegrationInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    integrationId: t.id(),
    definition: t.field({
      type: 'JSON',
      required: false,
      description: 'Connections whose credential does not fit it have to be connected again.',
    }),
    displayName: t.string({ required: false }),
    oauthClient: t.field({
      type: OAuthClientInput,
      required: false,
      description:
        'Null removes it. clientSecret may be left out while clientId is the same; beside another clientId, null says that there is none.',
    }),
  }),
})

mutation('updateIntegration', {
  input: UpdateIntegrationInput,
  payload: builder.objectRef<{ integration: Integration }>('UpdateIntegrationPayload').implement({
    fields: (t) => ({ integration: t.expose('integration', { type: IntegrationRef }) }),
  }),
  resolve: async ({ integrationId, ...change }, context) => ({
    integration: await updateIntegration(
      context.services,
      callerOf(context),
      decodeGlobalId('Integration', integrationId),
      change,
    ),
  }),
})

const DeleteIntegrationInput = builder.inputType('DeleteIntegrationInput', {
  fields: (t) => ({ integrationId: t.id() }),
})

mutation('deleteIntegration', {
  description: 'With all of its connections.',
  input: DeleteIntegrationInput,
  payload: builder.objectRef<{ deletedId: string }>('DeleteIntegrationPayload').implement({
    fields: (t) => ({ deletedId: t.exposeID('deletedId') }),
  }),
  resolve: async ({ integrationId }, context) => {
    await deleteIntegration(context.services, callerOf(context), decodeGlobalId('Integration', integrationId))
    return { deletedId: integrationId }
  },
})
