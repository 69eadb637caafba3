import type { TestResult } from '../../connecting/test-connection.ts'
import { testConnection, testIntegration } from '../../connecting/test-connection.ts'
import { CredentialRefreshError, ProviderError, ReconnectRequiredError, UnsupportedError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { CredentialInput } from './credential.ts'
import { ConnectionRef } from './refs.ts'

const TestResultRef = builder.objectRef<TestResult>('TestResult').implement({
  fields: (t) => ({
    ok: t.exposeBoolean('ok'),
    checked: t.exposeBoolean('checked', {
      description: 'False: the definition has no test request. Then `ok` tells that a fresh credential could be had.',
    }),
    message: t.exposeString('message', { description: "The provider's own words where it has any." }),
    providerStatus: t.exposeInt('providerStatus', { nullable: true }),
  }),
})

const TestConnectionInput = builder.inputType('TestConnectionInput', { fields: (t) => ({ connectionId: t.id() }) })

mutation('testConnection', {
  description: 'Asks the provider whether the credential is good. Renews it first where that is needed.',
  input: TestConnectionInput,
  payload: builder.objectRef<{ connectionId: string; result: TestResult }>('TestConnectionPayload').implement({
    fields: (t) => ({
      connection: t.field({
        type: ConnectionRef,
        resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
      }),
      result: t.field({ type: TestResultRef, resolve: ({ result }) => result }),
    }),
  }),
  errors: [CredentialRefreshError, ReconnectRequiredError, ProviderError, UnsupportedError],
  async resolve(input, context) {
    const connectionId = decodeGlobalId('Connection', input.connectionId)
    const result = await testConnection(context.services, callerOf(context), connectionId)
    context.loaders.connection.clear(connectionId)
    return { connectionId, result }
  },
})

const TestIntegrationInput = builder.inputType('TestIntegrationInput', {
  description: 'Exactly one of integration, provider and definition.',
  fields: (t) => ({
    workspaceId: t.id(),
    integration: t.string({ required: false, description: "A slug of the workspace's integrations." }),
    provider: t.string({ required: false, description: 'A slug of the catalogue.' }),
    definition: t.field({ type: 'JSON', required: false }),
    credential: t.field({ type: CredentialInput }),
    input: t.field({ type: 'JSON', required: false }),
  }),
})

mutation('testIntegration', {
  description:
    'Tries values that are never stored. A refresh token that its provider replaces with every use is used up by it.',
  input: TestIntegrationInput,
  payload: builder.objectRef<{ result: TestResult }>('TestIntegrationPayload').implement({
    fields: (t) => ({ result: t.field({ type: TestResultRef, resolve: ({ result }) => result }) }),
  }),
  errors: [CredentialRefreshError, ReconnectRequiredError, ProviderError, UnsupportedError],
  resolve: async ({ workspaceId, integration, provider, definition, credential, input }, context) => ({
    result: await testIntegration(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      integration: integration ?? null,
      provider: provider ?? null,
      definition,
      credential,
      input,
    }),
  }),
})
