import { definitionOf, providerDefinition } from '../../catalog/catalog.ts'
import { type Action, actionsOf, type RunAction, runAction } from '../../tools/actions.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeOptionalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { HttpResponseRef, REQUEST_ERRORS } from './execute-request.ts'
import { ProviderRef } from './provider.ts'
import { ConnectionRef, IntegrationRef } from './refs.ts'
import { ResolveConnectionInput, resolutionOf } from './resolve-connection.ts'
import { CONNECTION_ID } from './wording.ts'

const ActionRef = builder.objectRef<Action>('Action').implement({
  description: 'A named request of an integration, with typed arguments. `runAction` runs it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the action, unique in the integration.' }),
    title: t.exposeString('title', { description: 'Title for people. Default: made from the name.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What the action does. Null if the definition does not say it.',
    }),
    inputSchema: t.field({
      type: 'JSON',
      description: 'JSON Schema (draft 2020-12) of the arguments, which are an object.',
      resolve: ({ inputSchema }) => inputSchema,
    }),
    readOnly: t.exposeBoolean('readOnly', {
      description: 'True if the action changes nothing, so that callers that may only read can run it.',
    }),
    destructive: t.exposeBoolean('destructive', { description: 'True if the action deletes or overwrites something.' }),
  }),
})

builder.prismaObjectField(IntegrationRef, 'actions', (t) =>
  t.field({
    type: [ActionRef],
    description: 'The actions of the integration. Empty: there are none.',
    resolve: (integration) => actionsOf(definitionOf(integration)),
  }),
)

builder.objectField(ProviderRef, 'actions', (t) =>
  t.field({
    type: [ActionRef],
    description: 'The actions that an integration with the provider has. Empty: there are none.',
    resolve: ({ slug }) => actionsOf(providerDefinition(slug)),
  }),
)

const RunActionInput = builder.inputType('RunActionInput', {
  description: 'A call of an action. Exactly one of `connectionId` and `resolve` must be given.',
  fields: (t) => ({
    connectionId: t.id({ required: false, description: CONNECTION_ID }),
    resolve: t.field({
      type: ResolveConnectionInput,
      required: false,
      description: 'Selects the connection, as `resolveConnection` does.',
    }),
    action: t.string({ description: 'Name of the action.' }),
    arguments: t.field({
      type: 'JSON',
      required: false,
      description: 'Arguments as a JSON object that matches `Action.inputSchema`. Default: none.',
    }),
    idempotencyKey: t.string({
      required: false,
      description:
        'For 24 hours, another call with this key, for the same connection and action, returns the response of the first one and sends nothing. CONFLICT if its arguments differ, if the first call is still running, or if it ended without a response and may have had an effect. Without effect here for an action that is `readOnly`: its request is sent each time. 1 to 255 characters of printable ASCII, without spaces. Default: the request is sent in any case.',
    }),
  }),
})

mutation('runAction', {
  scope: 'EXECUTE',
  description:
    "Runs an action of a connection's integration. Callers that may only read can run the actions whose `readOnly` is true. A response with an error status is a payload too, with an `output` of null.",
  input: RunActionInput,
  names: ({ connectionId, resolve }) => connectionId ?? resolve?.workspaceId,
  payload: payloadType<RunAction>('RunActionPayload', (t) => ({
    output: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The part of the JSON response that the action is about. Null if the response is not a success.',
      resolve: ({ output }) => output,
    }),
    response: t.field({
      type: HttpResponseRef,
      description: 'The response of the provider.',
      resolve: ({ response }) => response,
    }),
    connection: t.field({
      type: ConnectionRef,
      description: 'The connection that was used.',
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    refreshed: t.exposeBoolean('refreshed', { description: 'True if the credential was renewed for this request.' }),
  })),
  errors: REQUEST_ERRORS,
  resolve: async ({ connectionId, resolve, action, arguments: args, idempotencyKey }, context) => {
    const run = await runAction(context.services, callerOf(context), {
      connectionId: decodeOptionalId('Connection', connectionId),
      resolve: resolve == null ? null : resolutionOf(resolve),
      action,
      arguments: args,
      idempotencyKey: idempotencyKey ?? null,
    })
    // The renewal changed the connection, which an earlier field of the operation may have loaded.
    if (run.refreshed) context.loaders.connection.clear(run.connectionId)
    return run
  },
})
