import { createApiKey, revokeApiKey } from '../../access/api-keys.ts'
import type { ApiKey } from '../../db/generated/client.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { ApiKeyRef, WorkspaceRef } from './refs.ts'
import { NODE_ID } from './wording.ts'

export const ApiKeyRoleRef = builder.enumType('ApiKeyRole', {
  description: 'What an API key allows.',
  values: {
    OPERATOR: { description: 'Everything in every workspace of the deployment, and creating workspaces.' },
    ADMIN: { description: 'Everything in one workspace.' },
    READER: {
      description:
        'Reading one workspace, except its OIDC issuers and auth providers, and GET and HEAD requests through its connections.',
    },
  },
})

builder.prismaObjectFields(ApiKeyRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('ApiKey', id) }),
  name: t.exposeString('name', { description: 'Name of the key for people.' }),
  role: t.expose('role', { type: ApiKeyRoleRef, description: 'What the key allows.' }),
  prefix: t.exposeString('prefix', { description: 'First characters of the key, to tell keys apart.' }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was created.' }),
  expiresAt: t.expose('expiresAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the key stops working. Null: never.',
  }),
  revokedAt: t.expose('revokedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the key was revoked. Null: it is not revoked.',
  }),
  lastUsedAt: t.expose('lastUsedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the key was last used, accurate to a minute. Null: never.',
  }),
}))

const ApiKeysPage = pageType('WorkspaceApiKeysPage', 'API keys of a workspace', ApiKeyRef)

builder.prismaObjectField(WorkspaceRef, 'apiKeys', (t) =>
  t.field({
    type: ApiKeysPage,
    description:
      'API keys of the workspace, oldest first, revoked ones included. FORBIDDEN for callers that act for an end user.',
    authScopes: { wholeWorkspace: true },
    args: pageArgs(t.arg),
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<ApiKey>({ table: 'api_key', parentColumn: 'workspace_id', ...args }, id),
  }),
)

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A new API key.',
  fields: (t) => ({
    workspaceId: t.id({
      required: false,
      description: 'Global id of the workspace of the key. Default: none, for an operator key.',
    }),
    name: t.string({ description: 'Name of the key for people.' }),
    role: t.field({
      type: ApiKeyRoleRef,
      description: 'ADMIN or READER with a `workspaceId`, OPERATOR without one; anything else is INVALID_INPUT.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'When the key stops working, in the future. Default: never.',
    }),
  }),
})

mutation('createApiKey', {
  description: 'Creates an API key. Operator keys can be created by operators only (FORBIDDEN).',
  input: CreateApiKeyInput,
  payload: payloadType<{ apiKey: ApiKey; key: string }>('CreateApiKeyPayload', (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The new key, without its value.' }),
    key: t.exposeString('key', {
      description: 'The key itself, for the header `Authorization: Bearer <key>`. It is never shown again.',
    }),
  })),
  resolve: ({ workspaceId, name, role, expiresAt }, context) =>
    createApiKey(context.services.database, callerOf(context), {
      workspaceId: decodeOptionalId('Workspace', workspaceId),
      name,
      role,
      expiresAt: expiresAt ?? null,
    }),
})

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The API key to revoke.',
  fields: (t) => ({ apiKeyId: t.id({ description: 'Global id of the API key.' }) }),
})

mutation('revokeApiKey', {
  description:
    'Revokes an API key: its requests are refused and its live subscriptions end. Revoking it again changes nothing.',
  input: RevokeApiKeyInput,
  payload: payloadType<{ apiKey: ApiKey }>('RevokeApiKeyPayload', (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The revoked key.' }),
  })),
  resolve: async ({ apiKeyId }, context) => {
    const { database, bus } = context.services
    return { apiKey: await revokeApiKey(database, bus, callerOf(context), decodeGlobalId('ApiKey', apiKeyId)) }
  },
})
