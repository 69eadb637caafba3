import { AUTH_PROVIDER_KINDS } from '../../auth/external/registry.ts'
import { createAuthProvider, deleteAuthProvider, updateAuthProvider } from '../../connections/auth-providers.ts'
import type { AuthProvider } from '../../db/generated/client.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { pageType } from '../kernel/page-type.ts'
import { AuthProviderRef, WorkspaceRef } from './refs.ts'

const AuthProviderKindRef = builder.enumType('AuthProviderKind', {
  description: 'TOKEN_CALLBACK: an endpoint of the product, which is asked for tokens by signed requests.',
  values: AUTH_PROVIDER_KINDS,
})

const CONFIG = `By the kind. COMPOSIO: { baseUrl? }. PIPEDREAM: { projectId, environment, clientId, baseUrl? }. TOKEN_CALLBACK: { url }.`
const SECRET = `What it is asked with. COMPOSIO: the project's API key. PIPEDREAM: the secret of the OAuth client. TOKEN_CALLBACK: the signing secret, whsec_ and base64 of 24 to 64 random bytes.`

builder.prismaObjectFields(AuthProviderRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('AuthProvider', id) }),
  name: t.exposeString('name', { description: 'Connections refer to it by this name.' }),
  kind: t.expose('kind', { type: AuthProviderKindRef }),
  config: t.field({ type: 'JSON', description: `${CONFIG} Never the secret.`, resolve: ({ config }) => config }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  workspace: t.field({
    type: WorkspaceRef,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
}))

const AuthProvidersPage = pageType<AuthProvider>('WorkspaceAuthProvidersPage', AuthProviderRef)

builder.prismaObjectField(WorkspaceRef, 'authProviders', (t) =>
  t.field({
    type: AuthProvidersPage,
    description: 'Who keeps credentials for this workspace. Only ADMIN keys and operators see them.',
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<AuthProvider>({ table: 'auth_provider', parentColumn: 'workspace_id', ...args }, id),
  }),
)

const CreateAuthProviderInput = builder.inputType('CreateAuthProviderInput', {
  fields: (t) => ({
    workspaceId: t.id(),
    name: t.string({ description: 'Unique in the workspace: a-z, 0-9, - and _. It stays as it is.' }),
    kind: t.field({ type: AuthProviderKindRef }),
    config: t.field({ type: 'JSON', required: false, description: CONFIG }),
    secret: t.field({ type: 'Secret', description: SECRET }),
  }),
})

mutation('createAuthProvider', {
  description: 'Somebody who keeps credentials. It is not asked before a credential is needed.',
  input: CreateAuthProviderInput,
  payload: builder.objectRef<{ authProvider: AuthProvider }>('CreateAuthProviderPayload').implement({
    fields: (t) => ({ authProvider: t.expose('authProvider', { type: AuthProviderRef }) }),
  }),
  resolve: async ({ workspaceId, name, kind, config, secret }, context) => ({
    authProvider: await createAuthProvider(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      name,
      kind,
      config,
      secret,
    }),
  }),
})

const UpdateAuthProviderInput = builder.inputType('UpdateAuthProviderInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    authProviderId: t.id(),
    config: t.field({ type: 'JSON', required: false, description: `As a whole. ${CONFIG}` }),
    secret: t.field({ type: 'Secret', required: false, description: SECRET }),
  }),
})

mutation('updateAuthProvider', {
  description: 'Credentials that were given out under the old settings are asked for again.',
  input: UpdateAuthProviderInput,
  payload: builder.objectRef<{ authProvider: AuthProvider }>('UpdateAuthProviderPayload').implement({
    fields: (t) => ({ authProvider: t.expose('authProvider', { type: AuthProviderRef }) }),
  }),
  resolve: async ({ authProviderId, config, secret }, context) => {
    const id = decodeGlobalId('AuthProvider', authProviderId)
    return { authProvider: await updateAuthProvider(context.services, callerOf(context), id, { config, secret }) }
  },
})

const DeleteAuthProviderInput = builder.inputType('DeleteAuthProviderInput', {
  fields: (t) => ({ authProviderId: t.id() }),
})

mutation('deleteAuthProvider', {
  description: 'Connections whose credential it keeps cannot be used until there is one of its name again.',
  input: DeleteAuthProviderInput,
  payload: builder.objectRef<{ deletedId: string }>('DeleteAuthProviderPayload').implement({
    fields: (t) => ({ deletedId: t.exposeID('deletedId') }),
  }),
  resolve: async ({ authProviderId }, context) => {
    await deleteAuthProvider(context.services, callerOf(context), decodeGlobalId('AuthProvider', authProviderId))
    return { deletedId: authProviderId }
  },
})
