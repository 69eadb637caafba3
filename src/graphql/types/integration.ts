import { administers } from '../../access/caller.ts'
import { clientHostsIn } from '../../auth/client-hosts.ts'
import { definitionOf, findEntry } from '../../catalog/catalog.ts'
import { consentOf, needsOAuthClient } from '../../connecting/oauth/consent-request.ts'
import { redirectUriOf } from '../../connecting/oauth/oauth-flow.ts'
import { createIntegration, updateIntegration } from '../../connections/integrations.ts'
import { hasCommonClient, hasInitialAccessToken, registeringOptionsOf } from '../../connections/registered-clients.ts'
import { hasWebhookSecret, pendingSecretOf } from '../../connections/webhook-secret.ts'
import type { Connection, Integration } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { deleteIntegration } from '../../deletion/mark-deleted.ts'
import { webhookUrlOf } from '../../webhooks/in/hooks.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { AuthDefinitionRef, authDefinitionOf, BASE_URL, ProviderRef, StreamRef } from './provider.ts'
import { ConnectionRef, IntegrationRef, WorkspaceRef } from './refs.ts'
import { DELETED_ID, IN_WORKSPACE, NODE_ID, WORKSPACE_OF } from './wording.ts'

const CLIENT_ID = 'Client id that the provider issued.'
const REDIRECT_URL =
  "The workspace's own redirect URI. Browsers come back to it from the provider instead of to Latchkey."
const CLIENT_HOSTS =
  "Hosts to which the client's secret may be sent, such as `gitlab.example.com`, `gitlab.example.com:8443` or `*.example.com`."
const CLIENT_SCOPES = 'OAuth scopes to request, instead of those of the definition.'

const OAuthClientRef = builder
  .objectRef<{
    clientId: string
    registered: boolean
    redirectUrl: string | null
    scopes: string[]
    hosts: readonly string[]
  }>('OAuthClient')
  .implement({
    description: "The workspace's own OAuth client at the provider. Its secret is never returned.",
    fields: (t) => ({
      clientId: t.exposeString('clientId', { description: CLIENT_ID }),
      registered: t.exposeBoolean('registered', {
        description: 'True if Latchkey registered the client (RFC 7591), because the definition has `registration`.',
      }),
      redirectUrl: t.exposeString('redirectUrl', {
        nullable: true,
        description: `${REDIRECT_URL} Null: the callback of Latchkey is used.`,
      }),
      scopes: t.exposeStringList('scopes', { description: `${CLIENT_SCOPES} Empty: those of the definition.` }),
      hosts: t.exposeStringList('hosts', { description: `${CLIENT_HOSTS} Empty: those of the definition.` }),
    }),
  })

/** The OAuth client without its secret. The hosts that the definition names come after the workspace's own. */
function clientOf(integration: Integration) {
  const { oauthClientId: clientId, oauthRedirectUrl: redirectUrl, oauthScopes: scopes, oauthClientHosts } = integration
  if (clientId === null) return null
  const registered = integration.oauthRegistration !== null
  const hosts = new Set([...oauthClientHosts, ...clientHostsIn(definitionOf(integration).auth)])
  return { clientId, registered, redirectUrl, scopes, hosts: [...hosts] }
}

/** Whether the provider sends the secret with a handshake. */
function sendsSecret(integration: Integration): boolean {
  const { handshake = [] } = definitionOf(integration).webhook ?? {}
  return handshake.some(({ secret }) => secret !== undefined)
}

const ConnectionsPage = pageType('IntegrationConnectionsPage', 'connections of an integration', ConnectionRef)

builder.prismaObjectFields(IntegrationRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('Integration', id) }),
  slug: t.exposeString('slug', { description: 'Short name for lookups, unique in the workspace.' }),
  displayName: t.exposeString('displayName', { description: 'Name of the integration for people.' }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the integration was created.' }),
  provider: t.field({
    type: ProviderRef,
    nullable: true,
    description: "The provider of the catalogue. Null for an integration with the workspace's own definition.",
    resolve: ({ provider }) => (provider === null ? null : findEntry(provider)),
  }),
  auth: t.field({
    type: AuthDefinitionRef,
    description: 'How requests are authenticated, and what has to be supplied to connect.',
    resolve: (integration, _args, { services }) =>
      authDefinitionOf(definitionOf(integration), hasCommonClient(integration), services.customStrategies),
  }),
  baseUrl: t.string({ description: BASE_URL, resolve: (integration) => definitionOf(integration).baseUrl }),
  streams: t.field({
    type: [StreamRef],
    description: 'The streams that a sync job can read. Empty: there is nothing to sync.',
    resolve: (integration) => definitionOf(integration).streams ?? [],
  }),
  definition: t.field({
    type: 'JSON',
    nullable: true,
    description:
      "The workspace's own definition. Null for a provider of the catalogue, and for callers who cannot change it: it may have constants, such as a client secret, that are not for everyone.",
    resolve: ({ definition }, _args, context) => (administers(callerOf(context)) ? definition : null),
  }),
  oauthClient: t.field({
    type: OAuthClientRef,
    nullable: true,
    description:
      "The workspace's own OAuth client. Null if there is none, and for callers that act for an end user. A definition with `registration` has one after the first flow has started.",
    authScopes: { wholeWorkspace: true },
    unauthorizedResolver: () => null,
    resolve: (integration) => clientOf(integration),
  }),
  needsOAuthClient: t.boolean({
    description: 'True if a way to connect needs an OAuth client and there is none. Set `oauthClient`.',
    resolve: (integration) => needsOAuthClient(definitionOf(integration).auth, hasCommonClient(integration)),
  }),
  callbackUrl: t.string({
    nullable: true,
    description: 'Redirect URI to register with the provider. Null if this kind of authentication has no consent page.',
    resolve: (integration, _args, context) => {
      const { auth } = definitionOf(integration)
      return consentOf(auth) !== null ? redirectUriOf(integration, context.services.publicUrl) : null
    },
  }),
  webhookUrl: t.string({
    nullable: true,
    description:
      'URL to register with the provider for its webhooks (`docs/webhooks-in.md`). Null if the definition has no webhook, and for callers that act for an end user.',
    authScopes: { wholeWorkspace: true },
    unauthorizedResolver: () => null,
    resolve: (integration, _args, { services }) =>
      definitionOf(integration).webhook === undefined ? null : webhookUrlOf(integration, services.publicUrl),
  }),
  hasWebhookSecret: t.boolean({
    nullable: true,
    description:
      'True if a `webhookSecret` is set. Null if the definition has no webhook, and for callers that act for an end user.',
    authScopes: { wholeWorkspace: true },
    unauthorizedResolver: () => null,
    resolve: async (integration, _args, { services }) =>
      definitionOf(integration).webhook === undefined ? null : hasWebhookSecret(services, integration.id),
  }),
  hasInitialAccessToken: t.boolean({
    nullable: true,
    description:
      'True if an initial access token is set, by which OAuth clients are registered. Null if the definition registers none, and for callers that act for an end user.',
    authScopes: { wholeWorkspace: true },
    unauthorizedResolver: () => null,
    resolve: async (integration, _args, { services }) =>
      registeringOptionsOf(definitionOf(integration).auth).length === 0
        ? null
        : hasInitialAccessToken(services.database.sql, integration.id),
  }),
  pendingWebhookSecret: t.string({
    nullable: true,
    description:
      'A secret for webhooks that was sent to `webhookUrl` while no `webhookSecret` was set. Anybody who knows the URL can send one, so confirm it to the provider before you set it as the `webhookSecret`. Null if there is none, and for callers who cannot change the integration.',
    resolve: (integration, _args, context) =>
      administers(callerOf(context)) && sendsSecret(integration)
        ? pendingSecretOf(context.services, integration.id)
        : null,
  }),
  workspace: t.field({
    type: WorkspaceRef,
    description: WORKSPACE_OF,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
  connections: t.field({
    type: ConnectionsPage,
    description:
      'Connections of the integration, oldest first. A caller that acts for an end user gets those of that end user.',
    args: pageArgs(t.arg),
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<Connection>({ table: 'connection', parentColumn: 'integration_id', ...args }, id),
  }),
}))

const IntegrationsPage = pageType('WorkspaceIntegrationsPage', 'integrations of a workspace', IntegrationRef)

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  integrations: t.field({
    type: IntegrationsPage,
    description: 'Integrations of the workspace, oldest first.',
    args: pageArgs(t.arg),
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<Integration>({ table: 'integration', parentColumn: 'workspace_id', ...args }, id),
  }),
  integration: t.field({
    type: IntegrationRef,
    nullable: true,
    description: 'The integration with this slug. Null if there is none.',
    args: { slug: t.arg.string({ description: 'Slug of the integration.' }) },
    resolve: ({ id }, { slug }, context) =>
      context.loaders.rows.one<Integration>('integration', [
        condition('t.workspace_id = ?::uuid AND t.slug = ?::text', id, slug),
      ]),
  }),
}))

const OAuthClientInput = builder.inputType('OAuthClientInput', {
  description: "The workspace's own OAuth client at the provider.",
  fields: (t) => ({
    clientId: t.string({ description: CLIENT_ID }),
    clientSecret: t.field({
      type: 'Secret',
      required: false,
      description:
        'Client secret, or the private key for `private_key_jwt`. Null: a client without a secret. In an update it may be left out while `clientId` stays the same.',
    }),
    redirectUrl: t.string({
      required: false,
      description: `${REDIRECT_URL} Null: the callback of Latchkey is used. Left out in an update: unchanged.`,
    }),
    scopes: t.stringList({
      required: false,
      description: `${CLIENT_SCOPES} Null: those of the definition. Left out in an update: unchanged.`,
    }),
    hosts: t.stringList({
      required: false,
      description: `${CLIENT_HOSTS} Required where a value of the connection is part of the host of an authorization, token or revocation URL. A host without a port stands for all of its ports. Null: those of the definition. Left out in an update: unchanged. In an update, another host needs \`clientSecret\` again.`,
    }),
  }),
})

const RegistrationInput = builder.inputType('RegistrationInput', {
  description: 'What the registration of an OAuth client needs besides the definition.',
  fields: (t) => ({
    initialAccessToken: t.field({
      type: 'Secret',
      required: false,
      description:
        'Initial access token (RFC 7591), for a server that registers clients only with one. It is never returned. Null removes it.',
    }),
    method: t.string({
      required: false,
      description: 'The `key` of the option that the token is for, if several options of the auth register a client.',
    }),
  }),
})

const REGISTRATION = 'Token by which Latchkey registers an OAuth client, for a definition with `registration`.'

function registrationOf(given: { initialAccessToken?: string | null; method?: string | null } | null | undefined) {
  if (given == null) return undefined
  return { initialAccessToken: given.initialAccessToken ?? null, method: given.method ?? null }
}

const WEBHOOK_SECRET =
  'Secret by which requests to `Integration.webhookUrl` are verified, as the provider shows it or lets it be chosen. It is never returned.'
const DEFINITION = 'Definition of a service, as `docs/definitions.md` describes it.'
const NAME = 'Name of the integration for people, at most 200 characters.'

const CreateIntegrationInput = builder.inputType('CreateIntegrationInput', {
  description: 'A new integration. Exactly one of `provider` and `definition` must be given.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    slug: t.string({
      description:
        'Short name for lookups: 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Unique in the workspace; one that is taken is CONFLICT.',
    }),
    provider: t.string({ required: false, description: 'Slug of a provider of the catalogue.' }),
    definition: t.field({
      type: 'JSON',
      required: false,
      description: `${DEFINITION} Every fault is named in one InvalidInputError.`,
    }),
    displayName: t.string({ required: false, description: `${NAME} Default: that of the provider or definition.` }),
    oauthClient: t.field({
      type: OAuthClientInput,
      required: false,
      description: "The workspace's own OAuth client. Default: none.",
    }),
    webhookSecret: t.field({
      type: 'Secret',
      required: false,
      description: `${WEBHOOK_SECRET} Default: none.`,
    }),
    registration: t.field({
      type: RegistrationInput,
      required: false,
      description: `${REGISTRATION} Default: none.`,
    }),
  }),
})

mutation('createIntegration', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description: 'Adds a provider of the catalogue, or a definition of its own, to a workspace.',
  input: CreateIntegrationInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ integration: Integration }>('CreateIntegrationPayload', (t) => ({
    integration: t.expose('integration', { type: IntegrationRef, description: 'The new integration.' }),
  })),
  resolve: async (
    { workspaceId, slug, provider, definition, displayName, oauthClient, webhookSecret, registration },
    context,
  ) => ({
    integration: await createIntegration(context.services, callerOf(context), {
      registration: registrationOf(registration),
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      slug,
      provider: provider ?? null,
      definition: definition ?? null,
      displayName: displayName ?? null,
      webhookSecret: webhookSecret ?? null,
      oauthClient:
        oauthClient == null
          ? null
          : {
              clientId: oauthClient.clientId,
              clientSecret: oauthClient.clientSecret ?? null,
              redirectUrl: oauthClient.redirectUrl ?? null,
              scopes: oauthClient.scopes ?? [],
              hosts: oauthClient.hosts ?? [],
            },
    }),
  }),
})

const UpdateIntegrationInput = builder.inputType('UpdateIntegrationInput', {
  description: 'Changes to an integration. Fields that are left out keep their value.',
  fields: (t) => ({
    integrationId: t.id({ description: 'Global id of the integration.' }),
    definition: t.field({
      type: 'JSON',
      required: false,
      description: `${DEFINITION} Replaces the stored one. INVALID_INPUT for an integration of a catalogue provider. Connections whose credential does not fit the new definition have to be connected again. A definition that moves an address to another origin, or that reads secrets in another way, takes the credentials of all connections out of use, and needs \`oauthClient.clientSecret\` again (\`docs/connecting.md\`).`,
    }),
    displayName: t.string({ required: false, description: `${NAME} Null is INVALID_INPUT.` }),
    oauthClient: t.field({
      type: OAuthClientInput,
      required: false,
      description:
        'Changes the OAuth client. Null removes it. A new `clientId` needs a `clientSecret`, or null for a client without one, if a secret is stored.',
    }),
    webhookSecret: t.field({
      type: 'Secret',
      required: false,
      description: `${WEBHOOK_SECRET} The one before it is accepted for 24 hours more. Null removes both at once.`,
    }),
    registration: t.field({
      type: RegistrationInput,
      required: false,
      description: `${REGISTRATION} A definition that names another registration endpoint or issuer forgets the token.`,
    }),
    dryRun: t.boolean({
      required: false,
      description: 'True: checks the change and counts `connectionsAffected`, and changes nothing. Default: false.',
    }),
  }),
})

mutation('updateIntegration', {
  scope: 'ADMIN',
  description: 'Changes an integration.',
  input: UpdateIntegrationInput,
  names: ({ integrationId }) => integrationId,
  payload: payloadType<{ integration: Integration; connectionsAffected: number }>('UpdateIntegrationPayload', (t) => ({
    integration: t.expose('integration', {
      type: IntegrationRef,
      description: 'The changed integration. After a dry run, the unchanged one.',
    }),
    connectionsAffected: t.exposeInt('connectionsAffected', {
      description:
        'Connections that need a new credential because the change moves an address to another origin or reads secrets in another way. They become NEEDS_REAUTH, with a `statusReason` that names the places.',
    }),
  })),
  resolve: async ({ integrationId, dryRun, registration, ...given }, context) => {
    const change = { ...given, registration: registrationOf(registration) }
    return updateIntegration(
      context.services,
      callerOf(context),
      decodeGlobalId('Integration', integrationId),
      change,
      {
        dryRun: dryRun ?? false,
      },
    )
  },
})

const DeleteIntegrationInput = builder.inputType('DeleteIntegrationInput', {
  description: 'The integration to delete.',
  fields: (t) => ({ integrationId: t.id({ description: 'Global id of the integration.' }) }),
})

mutation('deleteIntegration', {
  scope: 'ADMIN',
  description:
    'Deletes an integration with all of its connections. Its slug is free at once. Credentials are revoked at the provider where it supports that.',
  input: DeleteIntegrationInput,
  names: ({ integrationId }) => integrationId,
  payload: payloadType<{ deletedId: string }>('DeleteIntegrationPayload', (t) => ({
    deletedId: t.exposeID('deletedId', { description: DELETED_ID }),
  })),
  resolve: async ({ integrationId }, context) => {
    await deleteIntegration(context.services, callerOf(context), decodeGlobalId('Integration', integrationId))
    return { deletedId: integrationId }
  },
})
