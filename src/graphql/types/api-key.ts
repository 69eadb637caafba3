import { createApiKey, effectiveScopes, revokeApiKey } from '../../access/api-keys.ts'
import type { ApiKey } from '../../db/generated/client.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId } from '../kernel/global-id.ts'
import { nullIfGone } from '../kernel/loaders.ts'
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

const ApiKeyScopeRef = builder.enumType('ApiKeyScope', {
  description: 'What an API key may do, within its role. A READER can have READ and EXECUTE.',
  values: {
    READ: { description: 'Queries and subscriptions. `viewer` needs no scope.' },
    CONNECT: { description: 'Creating, changing and deleting connections, connect sessions and end users.' },
    EXECUTE: {
      description:
        'Sending requests through connections: `executeRequest`, `/proxy`, `testConnection`, `refreshConnection`.',
    },
    SYNC: { description: 'Starting, scheduling and cancelling sync jobs.' },
    ADMIN: { description: 'The workspace itself, its integrations, API keys, OIDC issuers and auth providers.' },
  },
})

builder.prismaObjectFields(ApiKeyRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('ApiKey', id) }),
  name: t.exposeString('name', { description: 'Name of the key for people.' }),
  role: t.expose('role', { type: ApiKeyRoleRef, description: 'What the key allows.' }),
  scopes: t.field({
    type: [ApiKeyScopeRef],
    description: 'What the key may do. Without scopes of its own: everything that its role may do.',
    resolve: (key) => effectiveScopes(key),
  }),
  limitedToIntegrations: t.boolean({
    description: 'True if the key sees the `integrations` only, even if all of them have been deleted.',
    resolve: ({ integrationIds }) => integrationIds.length > 0,
  }),
  integrations: t.stringList({
    description:
      'Slugs of the integrations that the key is limited to, as they are now. Deleted ones are left out. Empty also if `limitedToIntegrations` is false: the key sees all.',
    resolve: async ({ integrationIds }, _args, { loaders }) => {
      const found = await Promise.all(integrationIds.map((id) => nullIfGone(loaders.integration.load(id))))
      return found.flatMap((integration) => integration?.slug ?? [])
    },
  }),
  createdBy: t.exposeString('createdBy', {
    nullable: true,
    description: 'Who created the key: name and first characters of an API key, or `operator`. Null: not known.',
  }),
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
      description:
        'When the key stops working, in the future, and not later than the key of the caller (FORBIDDEN). Default: never.',
    }),
    scopes: t.field({
      type: [ApiKeyScopeRef],
      required: false,
      description:
        'What the key may do. READ and EXECUTE only for a READER (otherwise INVALID_INPUT); only scopes that the key of the caller has (otherwise FORBIDDEN). Default: those of the key that `replaces` names, otherwise everything that the role may do.',
    }),
    integrations: t.stringList({
      required: false,
      description:
        'Slugs of integrations of the workspace, 1 to 100. The key sees these and their connections only; a later integration is never included, also not under the same slug. Not allowed for operator keys. Default: those of the key that `replaces` names, otherwise all integrations, also later ones.',
    }),
    replaces: t.id({
      required: false,
      description:
        'Global id of a key of the same workspace that the new one replaces. It keeps working for 24 hours, or until its `expiresAt` if that is sooner. The new key may do no more than it. CONFLICT if it has expired or was revoked. Default: none.',
    }),
  }),
})

mutation('createApiKey', {
  scope: 'ADMIN',
  description:
    'Creates an API key, which may do no more than the key of the caller. Operator keys can be created by operators only (FORBIDDEN).',
  input: CreateApiKeyInput,
  names: ({ replaces, workspaceId }) => replaces ?? workspaceId,
  payload: payloadType<{ apiKey: ApiKey; key: string }>('CreateApiKeyPayload', (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The new key, without its value.' }),
    key: t.exposeString('key', {
      description: 'The key itself, for the header `Authorization: Bearer <key>`. It is never shown again.',
    }),
  })),
  resolve: ({ workspaceId, name, role, expiresAt, scopes, integrations, replaces }, { services, ...context }) =>
    createApiKey(services.database, services.bus, callerOf(context), {
      workspaceId: decodeOptionalId('Workspace', workspaceId),
      name,
      role,
      expiresAt: expiresAt ?? null,
      scopes: scopes ?? null,
      integrations: integrations ?? null,
      replaces: decodeOptionalId('ApiKey', replaces),
    }),
})

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The API key to revoke.',
  fields: (t) => ({ apiKeyId: t.id({ description: 'Global id of the API key.' }) }),
})

mutation('revokeApiKey', {
  scope: 'ADMIN',
  description:
    'Revokes an API key: its requests are refused and its live subscriptions end. Revoking it again changes nothing.',
  input: RevokeApiKeyInput,
  names: ({ apiKeyId }) => apiKeyId,
  payload: payloadType<{ apiKey: ApiKey }>('RevokeApiKeyPayload', (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The revoked key.' }),
  })),
  resolve: async ({ apiKeyId }, context) => {
    const { database, bus } = context.services
    return { apiKey: await revokeApiKey(database, bus, callerOf(context), decodeGlobalId('ApiKey', apiKeyId)) }
  },
})
