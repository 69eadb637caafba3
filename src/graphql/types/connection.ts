import { definitionOf } from '../../catalog/catalog.ts'
import { createConnection } from '../../connections/connections.ts'
import { updateConnection } from '../../connections/update-connection.ts'
import type { Connection, SyncJob } from '../../db/generated/client.ts'
import { type Condition, condition, containing } from '../../db/sql.ts'
import { deleteConnection } from '../../deletion/mark-deleted.ts'
import { ProviderError, UnsupportedError } from '../../kit/errors.ts'
import { checkInput } from '../../kit/input.ts'
import { parseJson } from '../../kit/json.ts'
import { type Schedule, scheduleOf } from '../../sync/jobs/schedule.ts'
import { type ConnectionStream, connectionStreams } from '../../sync/read/connection-streams.ts'
import { cursorText } from '../../sync/read/pagination.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId, parseGlobalId } from '../kernel/global-id.ts'
import type { ListQuery } from '../kernel/loaders.ts'
import { METADATA_FILTER, metadataFilter } from '../kernel/metadata-filter.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { statusConditions } from '../kernel/status-filter.ts'
import { CredentialInput, CredentialStatusRef, statusOf } from './credential.ts'
import { CollectionRef, ConnectionRef, EndUserRef, IntegrationRef, SyncJobRef, WorkspaceRef } from './refs.ts'
import {
  AT_MOST_ONE_END_USER,
  COLLECTION_NAME,
  CONNECTION_EXTERNAL_ID,
  CONNECTION_ID,
  CONNECTION_NAME,
  DELETED_ID,
  END_USER_ID,
  IN_WORKSPACE,
  INPUT_VALUES,
  INTEGRATION_SLUG,
  METADATA,
  NEW_END_USER_EXTERNAL_ID,
  NODE_ID,
  PROVIDER_SLUG,
  WORKSPACE_OF,
} from './wording.ts'

const ConnectionStatusRef = builder.enumType('ConnectionStatus', {
  description: 'Whether a connection can be used.',
  values: {
    PENDING: { description: 'Not connected or not confirmed yet. It cannot be used.' },
    ACTIVE: { description: 'Connected. It can be used.' },
    NEEDS_REAUTH: {
      description: 'The credential no longer works and cannot be renewed. The account has to be connected again.',
    },
    ERROR: {
      description: 'The credential has expired and could not be renewed so far. Latchkey keeps trying by itself.',
    },
    DISABLED: { description: 'Switched off with `updateConnection`. It cannot be used.' },
  },
})

const ConnectionMethodRef = builder.enumType('ConnectionMethod', {
  description: 'How the credential of a connection was supplied.',
  values: {
    OAUTH: { description: "The end user consented on the provider's page." },
    TOKEN_INJECTION: { description: 'The product supplied OAuth tokens that it already had.' },
    SECRET: { description: 'A secret was supplied, such as an API key or a user name and password.' },
    AUTH_PROVIDER: { description: 'An auth provider holds the credential.' },
  },
})

const ConnectionStreamRef = builder.objectRef<ConnectionStream>('ConnectionStream').implement({
  description: 'What is stored of one stream of a connection.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the stream.' }),
    cursor: t.string({
      nullable: true,
      description:
        'Highest value of the cursor field that was read, or the cursor of a change feed: the next incremental read starts here. Null: none yet, or the stream is not read incrementally.',
      resolve: ({ cursor }) => (cursor === null ? null : (cursorText(parseJson(cursor)) ?? cursor)),
    }),
    recordCount: t.exposeInt('recordCount', { description: 'Number of stored records, deleted ones excluded.' }),
    lastSyncedAt: t.expose('lastSyncedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a sync job last read the stream to its end. Null: never.',
    }),
  }),
})

const CRON = 'Cron expression of five fields: minute, hour, day of month, month, day of week.'
const TIMEZONE = 'IANA name of the time zone of `cron`, such as `Europe/Berlin`.'

const ScheduleRef = builder.objectRef<Schedule & { nextRunAt: Date | null }>('Schedule').implement({
  description:
    'When sync jobs of a connection start by themselves. Exactly one of `cron` and `intervalSeconds` is set.',
  fields: (t) => ({
    cron: t.exposeString('cron', { nullable: true, description: `${CRON} Null: an interval is used.` }),
    intervalSeconds: t.exposeInt('intervalSeconds', {
      nullable: true,
      description: 'Seconds between two sync jobs. Null: a cron expression is used.',
    }),
    timezone: t.exposeString('timezone', { description: TIMEZONE }),
    nextRunAt: t.expose('nextRunAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the next sync job starts. Null while the schedule is paused and while the connection is PENDING, NEEDS_REAUTH or DISABLED. Runs that were missed in the meantime are made up by a single one.',
    }),
    paused: t.exposeBoolean('paused', { description: 'True if the schedule was paused with `updateConnection`.' }),
  }),
})

builder.prismaObjectFields(ConnectionRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('Connection', id) }),
  displayName: t.exposeString('displayName', { description: 'Name of the connection for people.' }),
  externalId: t.exposeString('externalId', {
    nullable: true,
    description: "The product's own id of the connection, unique within an integration. Null: not set.",
  }),
  status: t.expose('status', { type: ConnectionStatusRef, description: 'Whether the connection can be used.' }),
  statusReason: t.exposeString('statusReason', {
    nullable: true,
    description: 'Why the connection has this status, for people. Null if there is nothing to explain.',
  }),
  method: t.expose('method', { type: ConnectionMethodRef, description: 'How the credential was supplied.' }),
  metadata: t.field({ type: 'JSON', description: METADATA, resolve: ({ metadata }) => metadata }),
  input: t.field({ type: 'JSON', description: INPUT_VALUES, resolve: ({ input }) => input }),
  kept: t.field({
    type: 'JSON',
    description:
      'Values that the provider returned while connecting and that the definition keeps, as a JSON object, such as a team id or instance URL. Not secret.',
    resolve: ({ kept }) => kept,
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the connection was created.' }),
  updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the connection was last changed.' }),
  schedule: t.field({
    type: ScheduleRef,
    nullable: true,
    description: 'When sync jobs start by themselves. Null: no schedule.',
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
    description: 'The collection that the connection is in. Null: none.',
    resolve: ({ collectionId }, _args, context) =>
      collectionId === null ? null : context.loaders.collection.load(collectionId),
  }),
  workspace: t.field({
    type: WorkspaceRef,
    description: WORKSPACE_OF,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
  integration: t.field({
    type: IntegrationRef,
    description: 'The integration that the account is at.',
    resolve: ({ integrationId }, _args, context) => context.loaders.integration.load(integrationId),
  }),
  endUser: t.field({
    type: EndUserRef,
    nullable: true,
    description: 'The end user that the connection belongs to. Null: it belongs to no end user.',
    resolve: ({ endUserId }, _args, context) => (endUserId === null ? null : context.loaders.endUser.load(endUserId)),
  }),
  credential: t.field({
    type: CredentialStatusRef,
    description: 'What is known about the credential, without secrets.',
    resolve: async ({ id, integrationId }, _args, context) =>
      statusOf(await context.loaders.credential.load(id), () => context.loaders.integration.load(integrationId)),
  }),
  latestSyncJob: t.field({
    type: SyncJobRef,
    nullable: true,
    description: 'The newest sync job. Null: there is none.',
    resolve: ({ id }, _args, context) => context.loaders.latestSyncJob.load(id),
  }),
  streams: t.field({
    type: [ConnectionStreamRef],
    description:
      'The streams of the integration in the order of its definition, then streams that the definition no longer has but whose records are stored.',
    resolve: async ({ id, integrationId }, _args, context) => {
      const [integration, states] = await Promise.all([
        context.loaders.integration.load(integrationId),
        context.loaders.streamStates.load(id),
      ])
      return connectionStreams(definitionOf(integration), states)
    },
  }),
}))

const ConnectionFilterInput = builder.inputType('ConnectionFilter', {
  description: 'Selects connections. A connection must match every given field.',
  fields: (t) => ({
    status: t.field({
      type: [ConnectionStatusRef],
      required: false,
      description: 'The connection has one of these statuses.',
    }),
    integration: t.string({ required: false, description: 'Slug of its integration.' }),
    endUserId: t.id({ required: false, description: 'Global id of its end user. An unknown id matches nothing.' }),
    endUserExternalId: t.string({ required: false, description: 'External id of its end user.' }),
    externalId: t.string({ required: false, description: 'External id of the connection.' }),
    collection: t.string({ required: false, description: 'Name of its collection.' }),
    metadata: t.field({ type: 'JSON', required: false, description: METADATA_FILTER }),
    search: t.string({
      required: false,
      description:
        'Its display name or external id, or the external id, display name or e-mail address of its end user, contains this text, ignoring case. At most 200 characters.',
    }),
  }),
})

const MAX_SEARCH = 200

/** A filter as a part of a list query of connections. */
function filtered(
  filter: typeof ConnectionFilterInput.$inferInput | null | undefined,
): Pick<ListQuery, 'where' | 'oneOf' | 'ways'> {
  if (filter == null) return {}
  const { status, integration, endUserId, endUserExternalId, externalId, collection, metadata, search } = filter
  const { where = [], ways } = metadataFilter('connection', metadata, ['filter', 'metadata'])
  const conditions: Condition[] = [...where]
  if (externalId != null) conditions.push(condition('t.external_id = ?::text', externalId))
  if (endUserId != null) {
    const parsed = parseGlobalId(endUserId)
    conditions.push(parsed?.type === 'EndUser' ? condition('t.end_user_id = ?::uuid', parsed.id) : condition('false'))
  }
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
  if (search != null) {
    const check = checkInput()
    check.text(['filter', 'search'], search, MAX_SEARCH)
    check.done()
    conditions.push(matches(search))
  }
  return { where: conditions, oneOf: statusConditions(status), ways }
}

function matches(search: string): Condition {
  const pattern = containing(search)
  // A subquery with one value is looked up by the key of each connection. EXISTS could be planned as one scan of the end users of all
  // workspaces.
  return condition(
    `t.display_name ILIKE ?::text OR t.external_id ILIKE ?::text OR (
      SELECT e.external_id ILIKE ?::text OR e.display_name ILIKE ?::text OR e.email ILIKE ?::text
      FROM end_user e WHERE e.id = t.end_user_id)`,
    ...Array.from({ length: 5 }, () => pattern),
  )
}

const WorkspaceConnectionsPage = pageType('WorkspaceConnectionsPage', 'connections of a workspace', ConnectionRef)
const EndUserConnectionsPage = pageType('EndUserConnectionsPage', 'connections of an end user', ConnectionRef)

const FILTER = 'Return the connections that match this filter. Default: all.'

builder.prismaObjectField(WorkspaceRef, 'connections', (t) =>
  t.field({
    type: WorkspaceConnectionsPage,
    description:
      'Connections of the workspace, oldest first. A caller that acts for an end user gets those of that end user.',
    args: {
      ...pageArgs(t.arg),
      filter: t.arg({ type: ConnectionFilterInput, required: false, description: FILTER }),
    },
    resolve: ({ id }, { filter, first, after }, context) =>
      context.loaders.lists.page<Connection>(
        { table: 'connection', parentColumn: 'workspace_id', ...filtered(filter), first, after },
        id,
      ),
  }),
)

builder.prismaObjectField(EndUserRef, 'connections', (t) =>
  t.field({
    type: EndUserConnectionsPage,
    description: 'Connections of the end user, oldest first.',
    args: {
      ...pageArgs(t.arg),
      filter: t.arg({ type: ConnectionFilterInput, required: false, description: FILTER }),
    },
    resolve: ({ id }, { filter, first, after }, context) =>
      context.loaders.lists.page<Connection>(
        { table: 'connection', parentColumn: 'end_user_id', ...filtered(filter), first, after },
        id,
      ),
  }),
)

const CreateConnectionInput = builder.inputType('CreateConnectionInput', {
  description: 'A new connection. Exactly one of `integration` and `provider` must be given.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    integration: t.string({ required: false, description: INTEGRATION_SLUG }),
    provider: t.string({ required: false, description: PROVIDER_SLUG }),
    displayName: t.string({ required: false, description: `${CONNECTION_NAME} Default: that of the integration.` }),
    externalId: t.string({ required: false, description: `${CONNECTION_EXTERNAL_ID} Default: none.` }),
    endUserId: t.id({ required: false, description: `${END_USER_ID} ${AT_MOST_ONE_END_USER} Default: none.` }),
    endUserExternalId: t.string({ required: false, description: `${NEW_END_USER_EXTERNAL_ID} Default: none.` }),
    collection: t.string({ required: false, description: `${COLLECTION_NAME} Default: none.` }),
    credential: t.field({ type: CredentialInput, description: 'The credential of the account.' }),
    input: t.field({ type: 'JSON', required: false, description: `${INPUT_VALUES} Default: none.` }),
    metadata: t.field({ type: 'JSON', required: false, description: `${METADATA} Default: an empty object.` }),
    syncImmediately: t.boolean({
      required: false,
      defaultValue: false,
      description: 'True: also start a sync job of all streams.',
    }),
  }),
})

mutation('createConnection', {
  scope: 'CONNECT',
  description:
    'Creates an ACTIVE connection with a credential that the caller has. The provider is not contacted: `testConnection` checks the credential.',
  input: CreateConnectionInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ connection: Connection; syncJobId: string | null }>('CreateConnectionPayload', (t) => ({
    connection: t.expose('connection', { type: ConnectionRef, description: 'The new connection.' }),
    syncJob: t.field({
      type: SyncJobRef,
      nullable: true,
      description: 'The sync job that was started. Null without `syncImmediately`.',
      resolve: ({ syncJobId }, _args, context): Promise<SyncJob> | null =>
        syncJobId === null ? null : context.loaders.syncJob.load(syncJobId),
    }),
  })),
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
  description:
    'When sync jobs start by themselves. A new schedule needs exactly one of `cron` and `intervalSeconds`. In an existing one, fields that are left out or null keep their value.',
  fields: (t) => ({
    cron: t.string({ required: false, description: `${CRON} Replaces an interval.` }),
    intervalSeconds: t.int({
      required: false,
      description: 'Seconds between two sync jobs, 60 to 31,622,400. Replaces a cron expression.',
    }),
    timezone: t.string({ required: false, description: `${TIMEZONE} Default: UTC.` }),
    paused: t.boolean({ required: false, description: 'True: start no sync jobs. Default: false.' }),
  }),
})

const UpdateConnectionInput = builder.inputType('UpdateConnectionInput', {
  description: 'Changes to a connection. Fields that are left out keep their value.',
  fields: (t) => ({
    connectionId: t.id({ description: CONNECTION_ID }),
    displayName: t.string({ required: false, description: `${CONNECTION_NAME} Null is INVALID_INPUT.` }),
    metadata: t.field({
      type: 'JSON',
      required: false,
      description: `${METADATA} Replaces the stored object. Null: an empty object.`,
    }),
    collection: t.string({
      required: false,
      description: `${COLLECTION_NAME} Null removes the connection from its collection.`,
    }),
    schedule: t.field({
      type: ScheduleInput,
      required: false,
      description:
        'Changes or creates the schedule. Null removes it. INVALID_INPUT if the integration has no streams, unless the schedule is paused.',
    }),
    disabled: t.boolean({
      required: false,
      description:
        'True: the connection becomes DISABLED, and a sync job in progress is cancelled. False: it gets the status back that it had before. A PENDING connection cannot be disabled (CONFLICT).',
    }),
  }),
})

mutation('updateConnection', {
  scope: 'CONNECT',
  description: 'Changes a connection.',
  input: UpdateConnectionInput,
  names: ({ connectionId }) => connectionId,
  payload: payloadType<{ connection: Connection }>('UpdateConnectionPayload', (t) => ({
    connection: t.expose('connection', { type: ConnectionRef, description: 'The changed connection.' }),
  })),
  resolve: async ({ connectionId, ...change }, context) => ({
    connection: await updateConnection(
      context.services,
      callerOf(context),
      decodeGlobalId('Connection', connectionId),
      change,
    ),
  }),
})

const DeleteConnectionInput = builder.inputType('DeleteConnectionInput', {
  description: 'The connection to delete.',
  fields: (t) => ({ connectionId: t.id({ description: CONNECTION_ID }) }),
})

mutation('deleteConnection', {
  scope: 'CONNECT',
  description:
    'Deletes a connection with its credential, records and sync jobs. The credential is revoked at the provider where it supports that. The events of the connection remain until their retention period ends.',
  input: DeleteConnectionInput,
  names: ({ connectionId }) => connectionId,
  payload: payloadType<{ deletedId: string }>('DeleteConnectionPayload', (t) => ({
    deletedId: t.exposeID('deletedId', { description: DELETED_ID }),
  })),
  resolve: async ({ connectionId }, context) => {
    await deleteConnection(context.services, callerOf(context), decodeGlobalId('Connection', connectionId))
    return { deletedId: connectionId }
  },
})
