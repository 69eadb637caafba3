import type { AUTH_PROVIDER_KINDS } from '../../auth/external/registry.ts'
import { createAuthProvider, deleteAuthProvider, updateAuthProvider } from '../../connections/auth-providers.ts'
import type { AuthProvider } from '../../db/generated/client.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { AuthProviderRef, WorkspaceRef } from './refs.ts'
import { DELETED_ID, IN_WORKSPACE, NODE_ID, WORKSPACE_OF } from './wording.ts'

const KIND_VALUES = {
  COMPOSIO: { description: 'Composio: a connected account.' },
  PIPEDREAM: { description: 'Pipedream Connect: an account of a project.' },
  TOKEN_CALLBACK: {
    description: 'An HTTP endpoint of your own, which Latchkey requests tokens from with signed requests.',
  },
} as const satisfies Record<(typeof AUTH_PROVIDER_KINDS)[number], object>

const AuthProviderKindRef = builder.enumType('AuthProviderKind', {
  description: 'The service that holds the credentials.',
  values: KIND_VALUES,
})

const CONFIG =
  'Settings by kind, not secret. COMPOSIO: `{ baseUrl? }`. PIPEDREAM: `{ projectId, environment, clientId, baseUrl? }`, `environment` is `development` or `production`. TOKEN_CALLBACK: `{ url }`.'
const SECRET =
  'What Latchkey authenticates with, by kind. COMPOSIO: the API key of the project. PIPEDREAM: the secret of the OAuth client. TOKEN_CALLBACK: the signing secret, `whsec_` and the base64 of 24 to 64 random bytes.'
const HOSTS =
  'Hosts to which its credentials may be sent: `api.example.com`, with `:port` if only one port is meant, or `*.example.com` for all subdomains. Through a provider of the catalogue with one fixed host, they may be sent to that host too. Empty: to the base URL of every integration of the workspace, whoever writes it.'

builder.prismaObjectFields(AuthProviderRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('AuthProvider', id) }),
  name: t.exposeString('name', { description: 'Name by which credentials refer to it. Unique in the workspace.' }),
  kind: t.expose('kind', { type: AuthProviderKindRef, description: 'The service that holds the credentials.' }),
  config: t.field({ type: 'JSON', description: CONFIG, resolve: ({ config }) => config }),
  hosts: t.exposeStringList('hosts', { description: HOSTS }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the auth provider was created.' }),
  updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the auth provider was last changed.' }),
  workspace: t.field({
    type: WorkspaceRef,
    description: WORKSPACE_OF,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
}))

const AuthProvidersPage = pageType('WorkspaceAuthProvidersPage', 'auth providers of a workspace', AuthProviderRef)

builder.prismaObjectField(WorkspaceRef, 'authProviders', (t) =>
  t.field({
    type: AuthProvidersPage,
    description:
      'Auth providers of the workspace, oldest first. Empty for callers other than ADMIN keys and operators.',
    args: pageArgs(t.arg),
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<AuthProvider>({ table: 'auth_provider', parentColumn: 'workspace_id', ...args }, id),
  }),
)

const CreateAuthProviderInput = builder.inputType('CreateAuthProviderInput', {
  description: 'A new auth provider.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    name: t.string({
      description:
        'Name by which credentials refer to it: 1 to 63 of a-z, 0-9, - and _, starting with a letter or digit. Unique in the workspace. It cannot be changed.',
    }),
    kind: t.field({ type: AuthProviderKindRef, description: 'The service that holds the credentials.' }),
    config: t.field({ type: 'JSON', required: false, description: CONFIG }),
    secret: t.field({ type: 'Secret', description: SECRET }),
    hosts: t.stringList({ required: false, description: `${HOSTS} Default: empty.` }),
  }),
})

mutation('createAuthProvider', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Creates an auth provider. It is not contacted until a connection needs a credential. A name that is taken is CONFLICT.',
  input: CreateAuthProviderInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ authProvider: AuthProvider }>('CreateAuthProviderPayload', (t) => ({
    authProvider: t.expose('authProvider', { type: AuthProviderRef, description: 'The new auth provider.' }),
  })),
  resolve: async ({ workspaceId, name, kind, config, secret, hosts }, context) => ({
    authProvider: await createAuthProvider(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      name,
      kind,
      config,
      secret,
      hosts,
    }),
  }),
})

const UpdateAuthProviderInput = builder.inputType('UpdateAuthProviderInput', {
  description: 'Changes to an auth provider. Fields that are left out or null keep their value.',
  fields: (t) => ({
    authProviderId: t.id({ description: 'Global id of the auth provider.' }),
    config: t.field({ type: 'JSON', required: false, description: `Replaces all settings. ${CONFIG}` }),
    secret: t.field({ type: 'Secret', required: false, description: SECRET }),
    hosts: t.stringList({
      required: false,
      description: `Replaces the list. ${HOSTS} Another host, or an empty list in place of hosts, needs \`secret\`.`,
    }),
  }),
})

mutation('updateAuthProvider', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description: 'Changes an auth provider. Credentials that it supplied under the old settings are requested again.',
  input: UpdateAuthProviderInput,
  names: ({ authProviderId }) => authProviderId,
  payload: payloadType<{ authProvider: AuthProvider }>('UpdateAuthProviderPayload', (t) => ({
    authProvider: t.expose('authProvider', { type: AuthProviderRef, description: 'The changed auth provider.' }),
  })),
  resolve: async ({ authProviderId, ...change }, context) => {
    const id = decodeGlobalId('AuthProvider', authProviderId)
    return { authProvider: await updateAuthProvider(context.services, callerOf(context), id, change) }
  },
})

const DeleteAuthProviderInput = builder.inputType('DeleteAuthProviderInput', {
  description: 'The auth provider to delete.',
  fields: (t) => ({ authProviderId: t.id({ description: 'Global id of the auth provider.' }) }),
})

mutation('deleteAuthProvider', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Deletes an auth provider. Connections whose credential it holds cannot be used until an auth provider of the same name is created.',
  input: DeleteAuthProviderInput,
  names: ({ authProviderId }) => authProviderId,
  payload: payloadType<{ deletedId: string }>('DeleteAuthProviderPayload', (t) => ({
    deletedId: t.exposeID('deletedId', { description: DELETED_ID }),
  })),
  resolve: async ({ authProviderId }, context) => {
    await deleteAuthProvider(context.services, callerOf(context), decodeGlobalId('AuthProvider', authProviderId))
    return { deletedId: authProviderId }
  },
})
