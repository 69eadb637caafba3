import { createApiKey, revokeApiKey } from '../../access/api-keys.ts'
import type { ApiKey } from '../../db/generated/client.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { pageType } from '../kernel/page-type.ts'
import { ApiKeyRef, WorkspaceRef } from './refs.ts'

export const ApiKeyRoleRef = builder.enumType('ApiKeyRole', { values: ['OPERATOR', 'ADMIN', 'READER'] as const })

builder.prismaObjectFields(ApiKeyRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('ApiKey', id) }),
  name: t.exposeString('name'),
  role: t.expose('role', { type: ApiKeyRoleRef }),
  prefix: t.exposeString('prefix', { description: 'The first characters of the key, to tell keys apart.' }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true }),
  revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
  lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'To the minute.' }),
}))

const ApiKeysPage = pageType<ApiKey>('WorkspaceApiKeysPage', ApiKeyRef)

builder.prismaObjectField(WorkspaceRef, 'apiKeys', (t) =>
  t.field({
    type: ApiKeysPage,
    authScopes: { wholeWorkspace: true },
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<ApiKey>({ table: 'api_key', parentColumn: 'workspace_id', ...args }, id),
  }),
)

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  fields: (t) => ({
    workspaceId: t.id({ required: false }),
    name: t.string(),
    role: t.field({ type: ApiKeyRoleRef }),
    expiresAt: t.field({ type: 'DateTime', required: false }),
  }),
})

mutation('createApiKey', {
  description: 'Without workspaceId: an operator key. The plain key is in this answer and nowhere else.',
  input: CreateApiKeyInput,
  payload: builder.objectRef<{ apiKey: ApiKey; key: string }>('CreateApiKeyPayload').implement({
    fields: (t) => ({ apiKey: t.expose('apiKey', { type: ApiKeyRef }), key: t.exposeString('key') }),
  }),
  resolve: ({ workspaceId, name, role, expiresAt }, context) =>
    createApiKey(context.services.database, callerOf(context), {
      workspaceId: decodeOptionalId('Workspace', workspaceId),
      name,
      role,
      expiresAt: expiresAt ?? null,
    }),
})

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', { fields: (t) => ({ apiKeyId: t.id() }) })

mutation('revokeApiKey', {
  description: 'Ends the live subscriptions of the key too.',
  input: RevokeApiKeyInput,
  payload: builder.objectRef<{ apiKey: ApiKey }>('RevokeApiKeyPayload').implement({
    fields: (t) => ({ apiKey: t.expose('apiKey', { type: ApiKeyRef }) }),
  }),
  resolve: async ({ apiKeyId }, context) => {
    const { database, bus } = context.services
    return { apiKey: await revokeApiKey(database, bus, callerOf(context), decodeGlobalId('ApiKey', apiKeyId)) }
  },
})
