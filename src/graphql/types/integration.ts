import { definitionOf, findProvider } from '../../catalog/catalog.ts'
import { consentOf, redirectUriOf } from '../../connecting/oauth/consent-request.ts'
import { createIntegration, updateIntegration } from '../../connections/integrations.ts'
import type { Connection, Integration } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { deleteIntegration } from '../../deletion/mark-deleted.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { pageType } from '../kernel/page-type.ts'
import { AuthDefinitionRef, describeProviderAuth, ProviderRef, StreamRef } from './provider.ts'
import { ConnectionRef, IntegrationRef, WorkspaceRef } from './refs.ts'

const OAuthClientRef = builder
  .objectRef<{ clientId: string; redirectUrl: string | null; scopes: string[] }>('OAuthClient')
  .implement({
    description: "The workspace's own OAuth client. Its secret is never shown.",
    fields: (t) => ({
      clientId: t.exposeString('clientId'),
      redirectUrl: t.exposeString('redirectUrl', { nullable: true }),
      scopes: t.exposeStringList('scopes'),
    }),
  })

const ConnectionsPage = pageType<Connection>('IntegrationConnectionsPage', ConnectionRef)

builder.prismaObjectFields(IntegrationRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('Integration', id) }),
  slug: t.exposeString('slug'),
  displayName: t.exposeString('displayName'),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  provider: t.field({
    type: ProviderRef,
    nullable: true,
    resolve: ({ provider }) => (provider === null ? null : findProvider(provider)),
  }),
  auth: t.field({
    type: AuthDefinitionRef,
    resolve: (integration, _args, { services }) =>
      describeProviderAuth(definitionOf(integration), integration.oauthClientId !== null, services.customStrategies),
  }),
  baseUrl: t.string({ resolve: (integration) => definitionOf(integration).baseUrl }),
  streams: t.field({ type: [StreamRef], resolve: (integration) => definitionOf(integration).streams ?? [] }),
  definition: t.field({
    type: 'JSON',
    nullable: true,
    description: "The workspace's own definition; null for one of the catalogue.",
    resolve: ({ definition }) => definition,
  }),
  oauthClient: t.field({
    type: OAuthClientRef,
    nullable: true,
    authScopes: { wholeWorkspace: true },
    unauthorizedResolver: () => null,
    resolve: ({ oauthClientId, oauthRedirectUrl, oauthScopes }) =>
      oauthClientId === null ? null : { clientId: oauthClientId, redirectUrl: oauthRedirectUrl, scopes: oauthScopes },
  }),
  callbackUrl: t.string({
    nullable: true,
    description: 'What to register with the provider. Null where nobody is sent to one.',
    resolve: (integration, _args, context) => {
      const { auth } = definitionOf(integration)
      return consentOf(auth) !== null ? redirectUriOf(integration, context.services.publicUrl) : null
    },
  }),
  workspace: t.field({
    type: WorkspaceRef,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
  connections: t.field({
    type: ConnectionsPage,
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<Connection>({ table: 'connection', parentColumn: 'integration_id', ...args }, id),
  }),
}))

const IntegrationsPage = pageType<Integration>('WorkspaceIntegrationsPage', IntegrationRef)

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  integrations: t.field({
    type: IntegrationsPage,
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<Integration>({ table: 'integration', parentColumn: 'workspace_id', ...args }, id),
  }),
  integration: t.field({
    type: IntegrationRef,
    nullable: true,
    args: { slug: t.arg.string() },
    resolve: ({ id }, { slug }, context) =>
      context.loaders.rows.one<Integration>('integration', [
        condition('t.workspace_id = ?::uuid AND t.slug = ?::text', id, slug),
      ]),
  }),
}))

const OAuthClientInput = builder.inputType('OAuthClientInput', {
  fields: (t) => ({
    clientId: t.string(),
    clientSecret: t.field({ type: 'Secret', required: false }),
    redirectUrl: t.string({ required: false }),
    scopes: t.stringList({ required: false }),
  }),
})

const CreateIntegrationInput = builder.inputType('CreateIntegrationInput', {
  fields: (t) => ({
    workspaceId: t.id(),
    slug: t.string(),
    provider: t.string({ required: false }),
    definition: t.field({ type: 'JSON', required: false }),
    displayName: t.string({ required: false }),
    oauthClient: t.field({ type: OAuthClientInput, required: false }),
  }),
})

mutation('createIntegration', {
  description: 'Exactly one of provider (a slug of the catalogue) and definition.',
  input: CreateIntegrationInput,
  payload: builder.objectRef<{ integration: Integration }>('CreateIntegrationPayload').implement({
    fields: (t) => ({ integration: t.expose('integration', { type: IntegrationRef }) }),
  }),
  resolve: async ({ workspaceId, slug, provider, definition, displayName, oauthClient }, context) => ({
    integration: await createIntegration(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      slug,
      provider: provider ?? null,
      definition: definition ?? null,
      displayName: displayName ?? null,
      oauthClient:
        oauthClient == null
          ? null
          : {
              clientId: oauthClient.clientId,
              clientSecret: oauthClient.clientSecret ?? null,
              redirectUrl: oauthClient.redirectUrl ?? null,
              scopes: oauthClient.scopes ?? [],
            },
    }),
  }),
})

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
