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
import { mutation } from '../kernel/mutation.ts'
import { nullIfGone } from '../kernel/nodes.ts'
import { ErrorCodeRef } from './errors.ts'
import { ConnectionRef, ConnectSessionRef, EndUserRef, IntegrationRef } from './refs.ts'
import { ConfirmationRef } from './workspace.ts'

/** A page that offers all of a workspace shows no more. */
const MAX_OFFERED = 200

const ConnectSessionStatusRef = builder.enumType('ConnectSessionStatus', {
  values: ['PENDING', 'CONNECTING', 'AWAITING_CONFIRMATION', 'COMPLETED', 'FAILED', 'EXPIRED', 'REVOKED'] as const,
})

const ConnectSessionErrorRef = builder.objectRef<SessionError>('ConnectSessionError').implement({
  description: 'Why nothing was connected: for a person, and in the words of the provider where it has any.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeRef }),
    message: t.exposeString('message'),
    providerError: t.exposeString('providerError', { nullable: true }),
    providerErrorDescription: t.exposeString('providerErrorDescription', { nullable: true }),
  }),
})

builder.prismaObjectFields(ConnectSessionRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('ConnectSession', id) }),
  status: t.field({ type: ConnectSessionStatusRef, resolve: (session) => sessionStatus(session) }),
  expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  confirmation: t.expose('confirmation', { type: ConfirmationRef }),
  endUser: t.field({
    type: EndUserRef,
    resolve: ({ endUserId }, _args, context) => context.loaders.endUser.load(endUserId),
  }),
  integrations: t.field({
    type: [IntegrationRef],
    description: `Those that are offered: of all that a workspace has, the first ${MAX_OFFERED}.`,
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
    description: 'What has come of it; null until there is one, and when it is deleted.',
    resolve: ({ connectionId }, _args, context) =>
      connectionId === null ? null : nullIfGone(context.loaders.connection.load(connectionId)),
  }),
  error: t.field({
    type: ConnectSessionErrorRef,
    nullable: true,
    // Written by finishSession alone.
    resolve: ({ error }) => error as SessionError | null,
  }),
}))

/** The rest of the row is shown to nobody. */
function shown(session: SessionRow): ConnectSession {
  return session as ConnectSession
}

builder.queryField('connectSession', (t) =>
  t.field({
    type: ConnectSessionRef,
    nullable: true,
    args: { id: t.arg.id() },
    resolve: async (_root, { id }, { loaders }) => {
      const parsed = parseGlobalId(id)
      if (parsed?.type !== 'ConnectSession') return null
      const session = await nullIfGone(loaders.connectSession.load(parsed.id))
      if (session === null || (await nullIfGone(loaders.workspace.load(session.workspaceId))) === null) return null
      return shown(session)
    },
  }),
)

builder.subscriptionField('connectSession', (t) =>
  t.field({
    type: ConnectSessionRef,
    description: 'The session as it is now, and again after every change, to its last: it ends by itself.',
    args: { id: t.arg.id() },
    subscribe: async (_root, { id }, context) => {
      const { services, loaders } = context
      const session = await loaders.connectSession.load(decodeGlobalId('ConnectSession', id))
      await loaders.workspace.load(session.workspaceId)
      const caller = callerOf(context)
      // A session's own token ends with the session, whose last state says so better than an error.
      const own = caller.kind === 'CONNECT_SESSION' ? { ...context, caller: { ...caller, expiresAt: null } } : context
      const source = { sql: services.database.sql, bus: services.bus }
      return untilCallerEnds(own, async (signal) => followSession(source, session.id, signal), session.workspaceId)
    },
    resolve: (yielded, _args, context) => shown(eachEvent<SessionRow>(yielded, context)),
  }),
)

const CreateConnectSessionInput = builder.inputType('CreateConnectSessionInput', {
  fields: (t) => ({
    workspaceId: t.id(),
    endUserId: t.id({ required: false }),
    endUserExternalId: t.string({ required: false, description: 'Creates the end user when it is new.' }),
    integrations: t.stringList({ required: false, description: 'Slugs that are offered; none: all.' }),
    redirectUrl: t.string({ required: false, description: 'Where the browser ends: one of the redirectUrls.' }),
    allowedOrigins: t.stringList({
      required: false,
      description: 'Pages that may embed the page, ask for the result and hear the handle.',
    }),
    connectionId: t.id({ required: false, description: 'To connect this one again.' }),
    expiresInSeconds: t.int({ required: false, defaultValue: 1800, description: '60 to 86,400.' }),
    confirmation: t.field({
      type: ConfirmationRef,
      required: false,
      description: 'NONE only where the workspace is NONE.',
    }),
  }),
})

mutation('createConnectSession', {
  description:
    'A permission for one end user to connect on the hosted page. The token is in this answer and nowhere else.',
  input: CreateConnectSessionInput,
  payload: builder.objectRef<{ session: ConnectSession; token: string }>('CreateConnectSessionPayload').implement({
    fields: (t) => ({
      session: t.expose('session', { type: ConnectSessionRef }),
      connectUrl: t.string({ resolve: ({ token }, _args, { services }) => `${services.publicUrl}/connect/${token}` }),
      token: t.exposeString('token', { description: 'For the product’s page: sees this session and nothing else.' }),
    }),
  }),
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
  fields: (t) => ({ sessionId: t.id() }),
})

mutation('revokeConnectSession', {
  description: 'Ends its page and its live subscriptions. What it has connected stays.',
  input: RevokeConnectSessionInput,
  payload: builder.objectRef<{ session: ConnectSession }>('RevokeConnectSessionPayload').implement({
    fields: (t) => ({ session: t.expose('session', { type: ConnectSessionRef }) }),
  }),
  resolve: async ({ sessionId }, context) => ({
    session: await revokeConnectSession(
      context.services,
      callerOf(context),
      decodeGlobalId('ConnectSession', sessionId),
    ),
  }),
})
