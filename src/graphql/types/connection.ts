import { definitionOf } from '../../catalog/definition-of.ts'
import { createConnection } from '../../connections/connections.ts'
import type { Connection, SyncJob } from '../../db/generated/client.ts'
import { ProviderError, UnsupportedError } from '../../kit/errors.ts'
import { scheduleOf } from '../../sync/jobs/schedule.ts'
import { type ConnectionStream, connectionStreams } from '../../sync/read/connection-streams.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { pageType } from '../kernel/page.ts'
import { connectionConditions } from './connection-filter.ts'
import { CredentialStatusRef, statusOf } from './credential.ts'
import { CredentialInput } from './credential-input.ts'
import { ConnectionFilterInput, ConnectionStatusRef } from './more-connection-filter.ts'
import { CollectionRef, ConnectionRef, EndUserRef, IntegrationRef, SyncJobRef, WorkspaceRef } from './refs.ts'

export const ConnectionMethodRef = builder.enumType('ConnectionMethod', {
  values: ['OAUTH', 'TOKEN_INJECTION', 'SECRET', 'AUTH_PROVIDER'] as const,
})

const ConnectionStreamRef = builder.objectRef<ConnectionStream>('ConnectionStream').implement({
  description: 'What is known of one stream between the sync jobs.',
  fields: (t) => ({
    name: t.exposeString('name'),
    cursor: t.string({
      nullable: true,
      description: 'Highest value of the cursor field.',
      resolve: ({ cursor }) => (cursor === null ? null : String(cursor)),
    }),
    recordCount: t.exposeInt('recordCount'),
    lastSyncedAt: t.expose('lastSyncedAt', { type: 'DateTime', nullable: true }),
  }),
})

const ScheduleRef = builder
  .objectRef<{
    cron: string | null
    intervalSeconds: number | null
    timezone: string
    nextRunAt: Date | null
    paused: boolean
  }>('Schedule')
  .implement({
    fields: (t) => ({
      cron: t.exposeString('cron', { nullable: true }),
      intervalSeconds: t.exposeInt('intervalSeconds', { nullable: true }),
      timezone: t.exposeString('timezone'),
      nextRunAt: t.expose('nextRunAt', {
        type: 'DateTime',
        nullable: true,
        description:
          'Null while it is paused, and while the connection cannot sync (PENDING, NEEDS_REAUTH, DISABLED). What was due in the meantime runs once when the connection is mended.',
      }),
      paused: t.exposeBoolean('paused', { description: 'By whoever set the schedule.' }),
    }),
  })

builder.prismaObjectFields(ConnectionRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('Connection', id) }),
  displayName: t.exposeString('displayName'),
  externalId: t.exposeString('externalId', { nullable: true }),
  status: t.expose('status', { type: ConnectionStatusRef }),
  statusReason: t.exposeString('statusReason', { nullable: true }),
  method: t.expose('method', { type: ConnectionMethodRef }),
  metadata: t.field({ type: 'JSON', resolve: ({ metadata }) => metadata }),
  input: t.field({ type: 'JSON', resolve: ({ input }) => input }),
  kept: t.field({ type: 'JSON', resolve: ({ kept }) => kept }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  schedule: t.field({
    type: ScheduleRef,
    nullable: true,
    resolve: (connection) => {
      const schedule = scheduleOf(connection)
      if (schedule === null) return null
      const runs = connection.status === 'ACTIVE' || connection.status === 'ERROR'
      return { ...schedule, nextRunAt: runs ? connection.nextRunAt : null }
    },
  }),
  collection: t.field({
    type: CollectionRef,
    nullable: true,
    resolve: ({ collectionId }, _args, context) =>
      collectionId === null ? null : context.loaders.collection.load(collectionId),
  }),
  workspace: t.field({
    type: WorkspaceRef,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
  integration: t.field({
    type: IntegrationRef,
    resolve: ({ integrationId }, _args, context) => context.loaders.integration.load(integrationId),
  }),
  endUser: t.field({
    type: EndUserRef,
    nullable: true,
    resolve: ({ endUserId }, _args, context) => (endUserId === null ? null : context.loaders.endUser.load(endUserId)),
  }),
  credential: t.field({
    type: CredentialStatusRef,
    resolve: async ({ id, integrationId }, _args, context) =>
      statusOf(await context.loaders.credential.load(id), () => context.loaders.integration.load(integrationId)),
  }),
  latestSyncJob: t.field({
    type: SyncJobRef,
    nullable: true,
    resolve: ({ id }, _args, context) => context.loaders.latestSyncJob.load(id),
  }),
  streams: t.field({
    type: [ConnectionStreamRef],
    description: 'All that the integration has, and those that it had of which there are records.',
    resolve: async ({ id, integrationId }, _args, context) => {
      const [integration, states] = await Promise.all([
        context.loaders.integration.load(integrationId),
        context.loaders.streamStates.load(id),
      ])
      return connectionStreams(definitionOf(integration), states)
    },
  }),
}))

const WorkspaceConnectionsPage = pageType<Connection>('WorkspaceConnectionsPage', ConnectionRef)
const EndUserConnectionsPage = pageType<Connection>('EndUserConnectionsPage', ConnectionRef)

builder.prismaObjectField(WorkspaceRef, 'connections', (t) =>
  t.field({
    type: WorkspaceConnectionsPage,
    args: {
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false }),
      filter: t.arg({ type: ConnectionFilterInput, required: false }),
    },
    resolve: ({ id }, { filter, first, after }, context) =>
      context.loaders.lists.page<Connection>(
        { table: 'connection', parentColumn: 'workspace_id', where: connectionConditions(filter), first, after },
        id,
      ),
  }),
)

builder.prismaObjectField(EndUserRef, 'connections', (t) =>
  t.field({
    type: EndUserConnectionsPage,
    args: {
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false }),
      filter: t.arg({ type: ConnectionFilterInput, required: false }),
    },
    resolve: ({ id }, { filter, first, after }, context) =>
      context.loaders.lists.page<Connection>(
        { table: 'connection', parentColumn: 'end_user_id', where: connectionConditions(filter), first, after },
        id,
      ),
  }),
)

const CreateConnectionInput = builder.inputType('CreateConnectionInput', {
  fields: (t) => ({
    workspaceId: t.id(),
    integration: t.string({ required: false, description: "A slug of the workspace's integrations." }),
    provider: t.string({
      required: false,
      description: 'A slug of the catalogue, which is switched on with its defaults when it is not yet.',
    }),
    displayName: t.string({ required: false }),
    externalId: t.string({
      required: false,
      description: "The caller's own stable id; unique for an integration.",
    }),
    endUserId: t.id({ required: false }),
    endUserExternalId: t.string({ required: false, description: 'Creates the end user when it is new.' }),
    collection: t.string({ required: false, description: 'Created when it is new.' }),
    credential: t.field({ type: CredentialInput }),
    input: t.field({ type: 'JSON', required: false }),
    metadata: t.field({ type: 'JSON', required: false }),
    syncImmediately: t.boolean({ required: false, defaultValue: false }),
  }),
})

mutation('createConnection', {
  description: 'From a credential that the caller holds. The provider is not asked whether it is good.',
  input: CreateConnectionInput,
  payload: builder
    .objectRef<{ connection: Connection; syncJobId: string | null }>('CreateConnectionPayload')
    .implement({
      fields: (t) => ({
        connection: t.expose('connection', { type: ConnectionRef }),
        syncJob: t.field({
          type: SyncJobRef,
          nullable: true,
          resolve: ({ syncJobId }, _args, context): Promise<SyncJob> | null =>
            syncJobId === null ? null : context.loaders.syncJob.load(syncJobId),
        }),
      }),
    }),
  errors: [ProviderError, UnsupportedError],
  resolve: (input, context) =>
    createConnection(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', input.workspaceId),
      integration: input.integration ?? null,
      provider: input.provider ?? null,
      displayName: input.displayName ?? null,
      externalId: input.externalId ?? null,
      endUserId: decodeOptionalId('EndUser', input.endUserId),
      endUserExternalId: input.endUserExternalId ?? null,
      collection: input.collection ?? null,
      credential: input.credential,
      input: input.input ?? null,
      metadata: input.metadata ?? null,
      syncImmediately: input.syncImmediately ?? false,
    }),
})
