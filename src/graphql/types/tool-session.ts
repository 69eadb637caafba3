import type { ToolSession } from '../../db/generated/client.ts'
import { createToolSession, revokeToolSession } from '../../tools/tool-sessions.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { END_USER_ID, IN_WORKSPACE, NEW_END_USER_EXTERNAL_ID } from './wording.ts'

const DEFAULT_SECONDS = 3_600

const CreateToolSessionInput = builder.inputType('CreateToolSessionInput', {
  description: 'A new tool session. Exactly one of `endUserId` and `endUserExternalId` must be given.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    endUserId: t.id({ required: false, description: END_USER_ID }),
    endUserExternalId: t.string({ required: false, description: NEW_END_USER_EXTERNAL_ID }),
    integrations: t.stringList({
      required: false,
      description: 'Slugs of the integrations to offer, 1 to 100. Default: all of the workspace, also later ones.',
    }),
    actions: t.stringList({
      required: false,
      description:
        'Names of the actions to allow, 1 to 500: `<slug of the integration>_<name of the action>`. Actions that write need a key with the role ADMIN (otherwise FORBIDDEN). Default: every action of the offered integrations that only reads, also later ones.',
    }),
    expiresInSeconds: t.int({
      required: false,
      defaultValue: DEFAULT_SECONDS,
      description:
        'Lifetime of the session in seconds, 60 to 2,592,000. It ends at the latest with the API key that creates it.',
    }),
  }),
})

mutation('createToolSession', {
  scope: 'EXECUTE',
  description:
    'Creates an MCP server for one end user: the allowed actions as tools, `connections`, and `connect`. `connect`, and links for missing accounts, need a key with the role ADMIN and the scope CONNECT. The session ends with the end user and with the API key that creates it.',
  input: CreateToolSessionInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ session: ToolSession; token: string; tools: string[] }>('CreateToolSessionPayload', (t) => ({
    id: t.id({
      description: 'Global id of the session, for `revokeToolSession`. `node` does not accept it.',
      resolve: ({ session }) => encodeGlobalId('ToolSession', session.id),
    }),
    url: t.string({
      description: 'URL of the MCP endpoint (Streamable HTTP).',
      resolve: (_session, _args, { services }) => `${services.publicUrl}/mcp`,
    }),
    token: t.exposeString('token', {
      description: 'Bearer token for the MCP endpoint, and for nothing else. It is never shown again.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When the session ends.',
      resolve: ({ session }) => session.expiresAt,
    }),
    tools: t.exposeStringList('tools', {
      description: 'Names of the tools that there are now. They follow the definitions of the integrations.',
    }),
  })),
  resolve: (input, context) =>
    createToolSession(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', input.workspaceId),
      endUserId: decodeOptionalId('EndUser', input.endUserId),
      endUserExternalId: input.endUserExternalId ?? null,
      integrations: input.integrations ?? null,
      actions: input.actions ?? null,
      expiresInSeconds: input.expiresInSeconds ?? DEFAULT_SECONDS,
    }),
})

const RevokeToolSessionInput = builder.inputType('RevokeToolSessionInput', {
  description: 'The tool session to revoke.',
  fields: (t) => ({ toolSessionId: t.id({ description: 'Global id of the tool session.' }) }),
})

mutation('revokeToolSession', {
  scope: 'EXECUTE',
  description: 'Ends a tool session at once. A session that has ended is not changed.',
  input: RevokeToolSessionInput,
  names: ({ toolSessionId }) => toolSessionId,
  payload: payloadType<{ id: string }>('RevokeToolSessionPayload', (t) => ({
    revokedId: t.id({
      description: 'Global id of the session.',
      resolve: ({ id }) => encodeGlobalId('ToolSession', id),
    }),
  })),
  resolve: async ({ toolSessionId }, context) => {
    const id = decodeGlobalId('ToolSession', toolSessionId)
    await revokeToolSession(context.services, callerOf(context), id)
    return { id }
  },
})
