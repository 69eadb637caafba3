import {
  createConnectSession,
  followSession,
  revokeConnectSession,
  type SessionError,
  type SessionRow,
  sessionStatus,
} from '../../connecting/connect-sessions.ts'
import type { ConnectSession, Integration } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { eachEvent, untilCallerEnds } from '../kernel/event-subscription.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId, parseGlobalId } from '../kernel/global-id.ts'
import { nullIfGone } from '../kernel/loaders.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { ErrorCodeRef } from './errors.ts'
import { ConnectionRef, ConnectSessionRef, EndUserRef, IntegrationRef } from './refs.ts'
import {
  END_USER_ID,
  IN_WORKSPACE,
  NEW_END_USER_EXTERNAL_ID,
  NODE_ID,
  PROVIDER_ERROR,
  PROVIDER_ERROR_DESCRIPTION,
} from './wording.ts'
import { ConfirmationRef } from './workspace.ts'

/** The hosted connect page lists no more integrations of a workspace than this. */
const MAX_OFFERED = 200

const ConnectSessionStatusRef = builder.enumType('ConnectSessionStatus', {
  description: 'State of a connect session. COMPLETED, FAILED, EXPIRED and REVOKED are final.',
  values: {
    PENDING: { description: 'No browser has opened the link yet.' },
    CONNECTING: { description: 'A browser has opened the link and goes through the page.' },
    AWAITING_CONFIRMATION: { description: 'Connected. `confirmConnection` must be called within ten minutes.' },
    COMPLETED: { description: 'Connected, and confirmed if that was required. The connection can be used.' },
    FAILED: { description: 'Nothing was connected. See `error`.' },
    EXPIRED: { description: 'The session ended at its `expiresAt`.' },
    REVOKED: { description: 'The session was ended with `revokeConnectSession`.' },
  },
})

const ConnectSessionErrorRef = builder.objectRef<SessionError>('ConnectSessionError').implement({
  description: 'Why a connect session connected nothing.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeRef, description: 'What went wrong, for programs.' }),
    message: t.exposeString('message', { description: 'What went wrong, for people.' }),
    providerError: t.exposeString('providerError', { nullable: true, description: PROVIDER_ERROR }),
    providerErrorDescription: t.exposeString('providerErrorDescription', {
      nullable: true,
      description: PROVIDER_ERROR_DESCRIPTION,
    }),
  }),
})

builder.prismaObjectFields(ConnectSessionRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('ConnectSession', id) }),
  status: t.field({
    type: ConnectSessionStatusRef,
    description: 'State of the session.',
    resolve: (session) => sessionStatus(session),
  }),
  expiresAt: t.expose('expiresAt', {
    type: 'DateTime',
    description: 'When the session ends. It may be extended while a confirmation is awaited.',
  }),
  confirmation: t.expose('confirmation', {
    type: ConfirmationRef,
    description: 'Whether the connection has to be confirmed.',
  }),
  endUser: t.field({
    type: EndUserRef,
    description: 'The end user that the session is for.',
    resolve: ({ endUserId }, _args, context) => context.loaders.endUser.load(endUserId),
  }),
  integrations: t.field({
    type: [IntegrationRef],
    description: `The integrations that the page offers: those given to \`createConnectSession\`, otherwise the first ${MAX_OFFERED} of the workspace.`,
    resolve: async ({ integrationIds, workspaceId }, _args, { loaders }) => {
      if (integrationIds.length === 0) {
        const ofWorkspace = [condition('t.workspace_id = ?::uuid', workspaceId)]
        return loaders.rows.all<Integration>('integration', ofWorkspace, { orderBy: 'id', limit: MAX_OFFERED })
      }
      const found = await Promise.all(integrationIds.map((id) => nullIfGone(loaders.integration.load(id))))
      return found.filter((integration) => integration !== null)
    },
  }),
  connection: t.field({
    type: ConnectionRef,
    nullable: true,
    description: 'The connection that was made. Null until there is one, and if it has been deleted.',
    resolve: ({ connectionId }, _args, context) =>
      connectionId === null ? null : nullIfGone(context.loaders.connection.load(connectionId)),
  }),
  error: t.field({
    type: ConnectSessionErrorRef,
    nullable: true,
    description: 'Why nothing was connected. Null unless the status is FAILED.',
    // Written by finishSession alone.
    resolve: ({ error }) => error as SessionError | null,
  }),
}))

/** For the resolvers above. None of them reads the columns that a SessionRow lacks. */
export function asConnectSession(session: SessionRow): ConnectSession {
  return session as ConnectSession
}

builder.queryField('connectSession', (t) =>
  t.field({
    type: ConnectSessionRef,
    nullable: true,
    description: 'Looks up a connect session. Null if it does not exist or the caller cannot see it.',
    args: { id: t.arg.id({ description: 'Global id of the connect session.' }) },
    resolve: async (_root, { id }, { loaders }) => {
      const parsed = parseGlobalId(id)
      if (parsed?.type !== 'ConnectSession') return null
      const session = await nullIfGone(loaders.connectSession.load(parsed.id))
      if (session === null || (await nullIfGone(loaders.workspace.load(session.workspaceId))) === null) return null
      return asConnectSession(session)
    },
  }),
)

const CreateConnectSessionInput = builder.inputType('CreateConnectSessionInput', {
  description: 'A new connect session. Exactly one of `endUserId` and `endUserExternalId` must be given.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    endUserId: t.id({ required: false, description: END_USER_ID }),
    endUserExternalId: t.string({ required: false, description: NEW_END_USER_EXTERNAL_ID }),
    integrations: t.stringList({
      required: false,
      description:
        'Slugs of the integrations to offer, 1 to 100. Not allowed with `connectionId`. Default: all of the workspace.',
    }),
    redirectUrl: t.string({
      required: false,
      description:
        "Where the browser is sent afterwards: exactly one of the workspace's `redirectUrls`. It gets the query parameters `connection_id` and `handle`, or `error` and `error_description`. Required without `allowedOrigins` if the connection has to be confirmed, because the handle could reach nobody. Default: the browser stays on the page.",
    }),
    allowedOrigins: t.stringList({
      required: false,
      description:
        'Origins of pages that may embed the hosted connect page, read the result and receive the handle, such as `https://app.example.com`. At most 20. Default: none.',
    }),
    connectionId: t.id({
      required: false,
      description:
        'Global id of a connection of the end user to connect again. It keeps its id, its records and its cursors. Default: a new connection.',
    }),
    expiresInSeconds: t.int({
      required: false,
      defaultValue: 1800,
      description:
        'Lifetime of the session in seconds, 60 to 86,400. It ends at the latest with the API key that creates it.',
    }),
    confirmation: t.field({
      type: ConfirmationRef,
      required: false,
      description:
        'Whether the connection has to be confirmed. NONE is allowed only if the `confirmation` of the workspace is NONE. Default: that of the workspace.',
    }),
  }),
})

mutation('createConnectSession', {
  scope: 'CONNECT',
  description: 'Creates a connect session, with the link of the hosted connect page for the end user.',
  input: CreateConnectSessionInput,
  names: ({ connectionId, workspaceId }) => connectionId ?? workspaceId,
  payload: payloadType<{ session: ConnectSession; token: string }>('CreateConnectSessionPayload', (t) => ({
    session: t.expose('session', { type: ConnectSessionRef, description: 'The new session.' }),
    connectUrl: t.string({
      description: 'Link of the hosted connect page. The first browser that continues with it keeps it.',
      resolve: ({ token }, _args, { services }) => `${services.publicUrl}/connect/${token}`,
    }),
    token: t.exposeString('token', {
      description:
        "Bearer token for the product's page. It can read this session and nothing else. It is never shown again.",
    }),
  })),
  resolve: (input, context) =>
    createConnectSession(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', input.workspaceId),
      endUserId: decodeOptionalId('EndUser', input.endUserId),
      endUserExternalId: input.endUserExternalId ?? null,
      integrations: input.integrations ?? null,
      redirectUrl: input.redirectUrl ?? null,
      allowedOrigins: input.allowedOrigins ?? [],
      connectionId: decodeOptionalId('Connection', input.connectionId),
      expiresInSeconds: input.expiresInSeconds ?? 1800,
      confirmation: input.confirmation ?? null,
    }),
})

const RevokeConnectSessionInput = builder.inputType('RevokeConnectSessionInput', {
  description: 'The connect session to revoke.',
  fields: (t) => ({ sessionId: t.id({ description: 'Global id of the connect session.' }) }),
})

mutation('revokeConnectSession', {
  scope: 'CONNECT',
  description:
    'Ends a connect session, its page and its live subscriptions. A credential that awaits confirmation is discarded; a confirmed connection stays. A session that is over is not changed.',
  input: RevokeConnectSessionInput,
  names: ({ sessionId }) => sessionId,
  payload: payloadType<{ session: ConnectSession }>('RevokeConnectSessionPayload', (t) => ({
    session: t.expose('session', { type: ConnectSessionRef, description: 'The session as it is now.' }),
  })),
  resolve: async ({ sessionId }, context) => ({
    session: await revokeConnectSession(
      context.services,
      callerOf(context),
      decodeGlobalId('ConnectSession', sessionId),
    ),
  }),
})

builder.subscriptionField('connectSession', (t) =>
  t.field({
    type: ConnectSessionRef,
    description:
      'The connect session as it is now, and again after every change. The subscription ends after a final status.',
    args: { id: t.arg.id({ description: 'Global id of the connect session.' }) },
    subscribe: async (_root, { id }, context) => {
      const { services, loaders } = context
      const session = await loaders.connectSession.load(decodeGlobalId('ConnectSession', id))
      await loaders.workspace.load(session.workspaceId)
      const caller = callerOf(context)
      // The session's own token expires with the session. The final status tells that better than an error.
      const own = caller.kind === 'CONNECT_SESSION' ? { ...context, caller: { ...caller, expiresAt: null } } : context
      const source = { sql: services.database.sql, bus: services.bus }
      return untilCallerEnds(own, async (signal) => followSession(source, session.id, signal), session.workspaceId)
    },
    resolve: (yielded, _args, context) => asConnectSession(eachEvent<SessionRow>(yielded, context)),
  }),
)
