import { definitionOf } from '../../catalog/catalog.ts'
import { confirmConnection } from '../../connecting/confirm-connection.ts'
import { replaceCredential } from '../../connections/connection-credential.ts'
import { createConnection } from '../../connections/connections.ts'
import { refreshConnection, updateConnection } from '../../connections/update-connection.ts'
import type { Connection, SyncJob } from '../../db/generated/client.ts'
import { type Condition, condition } from '../../db/sql.ts'
import { deleteConnection } from '../../deletion/mark-deleted.ts'
import {
  CredentialRefreshError,
  ProviderError,
  ReconnectRequiredError,
  ScopeMismatchError,
  UnsupportedError,
} from '../../kit/errors.ts'
import { scheduleOf } from '../../sync/jobs/schedule.ts'
import { type ConnectionStream, connectionStreams } from '../../sync/read/connection-streams.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId, parseGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { pageType } from '../kernel/page-type.ts'
import { CredentialInput, CredentialStatusRef, statusOf } from './credential.ts'
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

const ScheduleInput = builder.inputType('ScheduleInput', {
  description: 'Exactly one of cron and intervalSeconds, unless a schedule that there is only changes otherwise.',
  fields: (t) => ({
    cron: t.string({
      required: false,
      description: 'Five fields: minute, hour, day of month, month, day of week.',
    }),
    intervalSeconds: t.int({ required: false, description: 'At least 60.' }),
    timezone: t.string({ required: false, description: 'IANA name in which cron is read. Default: UTC.' }),
    paused: t.boolean({ required: false }),
  }),
})

const UpdateConnectionInput = builder.inputType('UpdateConnectionInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    connectionId: t.id(),
    displayName: t.string({ required: false }),
    metadata: t.field({ type: 'JSON', required: false, description: 'As a whole. Null: none.' }),
    collection: t.string({ required: false, description: 'Created when it is new. Null: out of its collection.' }),
    schedule: t.field({ type: ScheduleInput, required: false, description: 'Null: no schedule.' }),
    disabled: t.boolean({
      required: false,
      description: 'No requests and no sync jobs. Enabled again, the connection is what it was before.',
    }),
  }),
})

mutation('updateConnection', {
  input: UpdateConnectionInput,
  payload: builder.objectRef<{ connection: Connection }>('UpdateConnectionPayload').implement({
    fields: (t) => ({ connection: t.expose('connection', { type: ConnectionRef }) }),
  }),
  resolve: async ({ connectionId, ...change }, context) => ({
    connection: await updateConnection(
      context.services,
      callerOf(context),
      decodeGlobalId('Connection', connectionId),
      change,
    ),
  }),
})

const DeleteConnectionInput = builder.inputType('DeleteConnectionInput', { fields: (t) => ({ connectionId: t.id() }) })

mutation('deleteConnection', {
  description: 'With its credential, its records and its sync jobs. Its events stay until they are too old.',
  input: DeleteConnectionInput,
  payload: builder.objectRef<{ deletedId: string }>('DeleteConnectionPayload').implement({
    fields: (t) => ({ deletedId: t.exposeID('deletedId') }),
  }),
  resolve: async ({ connectionId }, context) => {
    await deleteConnection(context.services, callerOf(context), decodeGlobalId('Connection', connectionId))
    return { deletedId: connectionId }
  },
})

const ReplaceCredentialInput = builder.inputType('ReplaceCredentialInput', {
  fields: (t) => ({
    connectionId: t.id(),
    credential: t.field({ type: CredentialInput }),
    input: t.field({ type: 'JSON', required: false, description: 'As a whole. Left out: stays as it is.' }),
  }),
})

mutation('replaceCredential', {
  description: 'Wins over a renewal that is under way, and heals a connection that has to be connected again.',
  input: ReplaceCredentialInput,
  payload: builder.objectRef<{ connection: Connection }>('ReplaceCredentialPayload').implement({
    fields: (t) => ({ connection: t.expose('connection', { type: ConnectionRef }) }),
  }),
  errors: [UnsupportedError],
  resolve: async ({ connectionId, credential, input }, context) => ({
    connection: await replaceCredential(context.services, callerOf(context), {
      connectionId: decodeGlobalId('Connection', connectionId),
      credential,
      input,
    }),
  }),
})

const RefreshConnectionInput = builder.inputType('RefreshConnectionInput', {
  fields: (t) => ({
    connectionId: t.id(),
    force: t.boolean({
      required: false,
      defaultValue: false,
      description: 'Also where the credential is still good. Callers at the same time share one renewal.',
    }),
  }),
})

mutation('refreshConnection', {
  description: 'Renews the credential where that is needed.',
  input: RefreshConnectionInput,
  payload: builder.objectRef<{ connectionId: string; refreshed: boolean }>('RefreshConnectionPayload').implement({
    fields: (t) => ({
      connection: t.field({
        type: ConnectionRef,
        resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
      }),
      refreshed: t.exposeBoolean('refreshed', { description: 'The credential is another one now.' }),
    }),
  }),
  errors: [CredentialRefreshError, ReconnectRequiredError, ProviderError, UnsupportedError],
  async resolve(input, context) {
    const connectionId = decodeGlobalId('Connection', input.connectionId)
    const refreshed = await refreshConnection(context.services, callerOf(context), connectionId, input.force ?? false)
    context.loaders.connection.clear(connectionId)
    context.loaders.credential.clear(connectionId)
    return { connectionId, refreshed }
  },
})

const ConfirmConnectionInput = builder.inputType('ConfirmConnectionInput', {
  fields: (t) => ({
    handle: t.field({ type: 'Secret', description: 'As it came back with the browser. Good for ten minutes, once.' }),
    endUserId: t.id({
      required: false,
      description:
        'At most one of endUserId and endUserExternalId: who is signed in at the browser that brought the handle.',
    }),
    endUserExternalId: t.string({
      required: false,
      description: 'Creates the end user when it is new and the connection is nobody’s yet.',
    }),
    displayName: t.string({ required: false }),
  }),
})

mutation('confirmConnection', {
  description:
    "By the product's backend, which knows who is signed in at the browser that brought the handle. Then the connection is ACTIVE.",
  input: ConfirmConnectionInput,
  payload: builder.objectRef<{ connection: Connection }>('ConfirmConnectionPayload').implement({
    fields: (t) => ({ connection: t.expose('connection', { type: ConnectionRef }) }),
  }),
  errors: [ScopeMismatchError],
  resolve: async ({ handle, endUserId, endUserExternalId, displayName }, context) => {
    const connection = await confirmConnection(context.services, callerOf(context), {
      handle,
      endUserId: decodeOptionalId('EndUser', endUserId),
      endUserExternalId: endUserExternalId ?? null,
      displayName: displayName ?? null,
    })
    context.loaders.credential.clear(connection.id)
    return { connection }
  },
})

/** A filter on connections as SQL over `connection t`. An id that names nothing matches nothing. */
function connectionConditions(filter: ConnectionFilter | null | undefined): Condition[] {
  if (filter == null) return []
  const { status, integration, endUserId, endUserExternalId, externalId, collection } = filter
  const conditions: Condition[] = []
  if (status != null) conditions.push(condition('t.status::text = ANY(?::text[])', status))
  if (externalId != null) conditions.push(condition('t.external_id = ?::text', externalId))
  if (endUserId != null) conditions.push(endUserCondition(endUserId))
  if (integration != null) {
    conditions.push(
      condition('EXISTS (SELECT 1 FROM integration i WHERE i.id = t.integration_id AND i.slug = ?::text)', integration),
    )
  }
  if (endUserExternalId != null) {
    conditions.push(
      condition(
        'EXISTS (SELECT 1 FROM end_user e WHERE e.id = t.end_user_id AND e.external_id = ?::text)',
        endUserExternalId,
      ),
    )
  }
  if (collection != null) {
    conditions.push(
      condition('EXISTS (SELECT 1 FROM collection c WHERE c.id = t.collection_id AND c.name = ?::text)', collection),
    )
  }
  return conditions
}

function endUserCondition(globalId: string): Condition {
  const parsed = parseGlobalId(globalId)
  return parsed?.type === 'EndUser' ? condition('t.end_user_id = ?::uuid', parsed.id) : condition('false')
}

const ConnectionStatusRef = builder.enumType('ConnectionStatus', {
  description:
    'PENDING: not connected or not confirmed yet; unusable. NEEDS_REAUTH: only a person can mend it. ERROR: we keep trying.',
  values: ['PENDING', 'ACTIVE', 'NEEDS_REAUTH', 'ERROR', 'DISABLED'] as const,
})

const ConnectionFilterInput = builder.inputType('ConnectionFilter', {
  description: 'Everything that is given must match.',
  fields: (t) => ({
    status: t.field({ type: [ConnectionStatusRef], required: false }),
    integration: t.string({ required: false, description: 'Slug.' }),
    endUserId: t.id({ required: false }),
    endUserExternalId: t.string({ required: false }),
    externalId: t.string({ required: false }),
    collection: t.string({ required: false, description: 'Name.' }),
  }),
})

type ConnectionFilter = typeof ConnectionFilterInput.$inferInput
