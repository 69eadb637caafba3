import type { ObjectFieldsShape } from '@pothos/core'
import { findConnection } from '../../connections/lookups.ts'
import type { Integration } from '../../db/generated/client.ts'
import type { SqlRunner } from '../../db/sql.ts'
import { decodeEventCursor, encodeEventCursor } from '../../events/event-cursor.ts'
import { skippedEvent } from '../../events/event-feed.ts'
import { EVENT_FIELDS, fieldOf } from '../../events/event-fields.ts'
import {
  countEvents,
  type EventFilter,
  findPositionBefore,
  readEvents,
  readLogBounds,
  readNewestEvents,
} from '../../events/event-log.ts'
import { EVENT_TYPES, type EventType, type StoredEvent } from '../../events/event-types.ts'
import type { RefreshFailure } from '../../kit/errors.ts'
import type { SyncedStream } from '../../sync/jobs/finish-job.ts'
import type { SyncError } from '../../sync/jobs/sync-error.ts'
import { findSyncJob } from '../../sync/jobs/sync-jobs.ts'
import type { SyncWarning } from '../../sync/jobs/sync-warning.ts'
import { builder, type PothosTypes } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { eachEvent, eventFilter, subscribeEvents } from '../kernel/event-subscription.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { nullIfGone } from '../kernel/loaders.ts'
import { checkFirst, type Page, toPage } from '../kernel/page.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { asConnectSession } from './connect-session.ts'
import { RefreshFailureRef } from './errors.ts'
import { ConnectionRef, ConnectSessionRef, IntegrationRef, SyncJobRef, WorkspaceRef } from './refs.ts'
import {
  PAGES_READ,
  RECORDS_DELETED,
  RECORDS_READ,
  RECORDS_WRITTEN,
  SyncErrorRef,
  SyncWarningRef,
  USUALLY_ONE,
} from './sync-job.ts'
import { CONNECTION_ID, IN_WORKSPACE, WORKSPACE_OF } from './wording.ts'

const EVENT_VALUES = {
  CONNECTION_CREATED: { description: 'A connection was created.' },
  CONNECTION_ACTIVATED: { description: 'A connection became ACTIVE: it can be used.' },
  CONNECTION_NEEDS_REAUTH: {
    description: 'A connection became NEEDS_REAUTH: the account has to be connected again.',
  },
  CONNECTION_DISABLED: { description: 'A connection was disabled.' },
  CONNECTION_DELETED: { description: 'A connection was deleted.' },
  CREDENTIAL_REFRESH_STARTED: { description: 'The renewal of a credential started.' },
  CREDENTIAL_REFRESHED: { description: 'A credential was renewed.' },
  CREDENTIAL_REFRESH_FAILED: { description: 'The renewal of a credential failed.' },
  CREDENTIAL_REPLACED: {
    description: 'The credential of a connection was replaced, with `replaceCredential` or by connecting again.',
  },
  SYNC_QUEUED: { description: 'A sync job was created, or a worker that is shutting down put it back into the queue.' },
  SYNC_STARTED: { description: 'A worker started a sync job, or continued it in place of another worker.' },
  SYNC_PROGRESSED: { description: 'One stream of a sync job made progress. At most two a second for each job.' },
  SYNC_RETRYING: { description: 'A request of a sync job failed and will be retried.' },
  SYNC_SUCCEEDED: { description: 'A sync job read everything.' },
  SYNC_FAILED: { description: 'A sync job failed.' },
  SYNC_CANCELLED: { description: 'A sync job was cancelled.' },
  CONNECT_SESSION_OPENED: { description: 'A browser opened the link of a connect session.' },
  CONNECT_SESSION_AWAITING_CONFIRMATION: {
    description:
      'An account was connected with the link of an MCP tool. The browser brings the handle for `confirmConnection` to the first of the `redirectUrls` of the workspace.',
  },
  CONNECT_SESSION_COMPLETED: { description: 'A connect session made a connection that can be used.' },
  CONNECT_SESSION_FAILED: { description: 'A connect session ended without a connection.' },
  WEBHOOK_ENDPOINT_DISABLED: {
    description: 'A webhook endpoint was disabled, because its deliveries failed. `updateWebhookEndpoint` enables it.',
  },
  PROVIDER_EVENT_RECEIVED: {
    description:
      'A provider sent an event to `Integration.webhookUrl`. There is one for each connection that it concerns, and one without a connection if it concerns none.',
  },
  ACTION_RUN: { description: 'An action was run, with or without success.' },
  EVENTS_SKIPPED: {
    description:
      'Events between the requested position and this one are no longer stored. Not part of the log: it is made for each reader.',
  },
} as const satisfies Record<EventType, object>

export const EventTypeRef = builder.enumType('EventType', {
  description: 'What happened. Each value has an object type of the same name in PascalCase.',
  values: EVENT_VALUES,
})

export const EventRef = builder.interfaceRef<StoredEvent>('Event').implement({
  description: "An entry of a workspace's event log.",
  resolveType: ({ type }) => TYPE_NAMES[type],
  fields: (t) => ({
    id: t.id({
      description: 'Global id: opaque and stable. `node` does not accept it.',
      resolve: ({ id }) => encodeGlobalId('Event', id),
    }),
    cursor: t.field({
      type: 'Cursor',
      description: 'Position of this event in the log: `after` continues behind it.',
      resolve: ({ workspaceId, position }) => encodeEventCursor(workspaceId, position),
    }),
    type: t.field({ type: EventTypeRef, description: 'What happened.', resolve: ({ type }) => type }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened.' }),
    workspace: t.field({
      type: WorkspaceRef,
      description: WORKSPACE_OF,
      resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
    }),
    connection: t.field({
      type: ConnectionRef,
      nullable: true,
      description:
        'The connection that the event concerns, as it is now. Null if it concerns none or the connection has been deleted.',
      resolve: ({ connectionId }, _args, context) =>
        connectionId === null ? null : nullIfGone(context.loaders.connection.load(connectionId)),
    }),
    syncJob: t.field({
      type: SyncJobRef,
      nullable: true,
      description:
        'The sync job that the event concerns, as it is now. Null if it concerns none or the job has been deleted.',
      resolve: ({ syncJobId }, _args, context) =>
        syncJobId === null ? null : nullIfGone(context.loaders.syncJob.load(syncJobId)),
    }),
  }),
})

/** CONNECTION_CREATED → ConnectionCreated */
const TYPE_NAMES = Object.fromEntries(
  EVENT_TYPES.map((type) => [
    type,
    type.toLowerCase().replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
  ]),
) as Record<EventType, string>

/** Declares the object type of an event type. @param fields those beyond the interface */
function eventType(type: EventType, fields?: ObjectFieldsShape<PothosTypes, StoredEvent>): void {
  const { description } = EVENT_VALUES[type]
  builder.objectRef<StoredEvent>(TYPE_NAMES[type]).implement({ interfaces: [EventRef], description, fields })
}

const SESSION_EVENTS: readonly EventType[] = [
  'CONNECT_SESSION_OPENED',
  'CONNECT_SESSION_AWAITING_CONFIRMATION',
  'CONNECT_SESSION_COMPLETED',
  'CONNECT_SESSION_FAILED',
]

for (const type of EVENT_TYPES) {
  if (EVENT_FIELDS[type] === undefined && !SESSION_EVENTS.includes(type)) eventType(type)
}

for (const type of SESSION_EVENTS) {
  eventType(type, (t) => ({
    connectSession: t.field({
      type: ConnectSessionRef,
      nullable: true,
      description:
        'The connect session, as it is now. Null if it has been deleted, with its end user or after its retention.',
      resolve: async ({ connectSessionId }, _args, { loaders }) => {
        const found = connectSessionId === null ? null : await nullIfGone(loaders.connectSession.load(connectSessionId))
        return found === null ? null : asConnectSession(found)
      },
    }),
  }))
}

/**
 * Returns the resolvers of the own fields of an event. The log is written by this code only, so the type of an event decides
 * their shape.
 */
function own<Fields>() {
  return <Name extends keyof Fields & string>(name: Name) =>
    (event: StoredEvent): Fields[Name] =>
      fieldOf(event, name) as Fields[Name]
}

const warningsOf = own<{ warnings: SyncWarning[] }>()('warnings')

interface SyncProgress {
  stream: string
  recordsRead: number
  recordsWritten: number
  pagesRead: number
  total: number | null
  percent: number | null
  recordsPerSecond: number | null
}

const progress = own<SyncProgress>()

eventType('SYNC_PROGRESSED', (t) => ({
  stream: t.string({
    description: 'Name of the stream. The numbers are those of this stream in this job.',
    resolve: progress('stream'),
  }),
  recordsRead: t.int({
    description: RECORDS_READ,
    resolve: progress('recordsRead'),
  }),
  recordsWritten: t.int({
    description: RECORDS_WRITTEN,
    resolve: progress('recordsWritten'),
  }),
  pagesRead: t.int({ description: PAGES_READ, resolve: progress('pagesRead') }),
  total: t.int({
    nullable: true,
    description: 'Number of records that the source reports in total. Null if it reports none.',
    resolve: progress('total'),
  }),
  percent: t.float({
    nullable: true,
    description: 'Share of `total` that was read, 0 to 100, with one decimal. Null if `total` is null.',
    resolve: progress('percent'),
  }),
  recordsPerSecond: t.float({
    nullable: true,
    description:
      'Records read per second since the worker started with the stream, with one decimal. Null if it is not known.',
    resolve: progress('recordsPerSecond'),
  }),
  warnings: t.field({
    type: [SyncWarningRef],
    description: 'Warnings of this stream. They are in the last of its events.',
    extensions: USUALLY_ONE,
    resolve: warningsOf,
  }),
}))

interface SyncRetry {
  stream: string
  reason: string
  /** RFC 3339 */
  retryAt: string
  attempt: number
}

const retry = own<SyncRetry>()

eventType('SYNC_RETRYING', (t) => ({
  stream: t.string({
    description: 'Name of the stream that the request reads.',
    resolve: retry('stream'),
  }),
  reason: t.string({
    description: 'Why the request failed, for people.',
    resolve: retry('reason'),
  }),
  retryAt: t.field({
    type: 'DateTime',
    description: 'When the request will be retried.',
    resolve: (event) => new Date(retry('retryAt')(event)),
  }),
  attempt: t.int({
    description: 'Number of this retry: 1 for the first one of this request.',
    resolve: retry('attempt'),
  }),
}))

const JOB_WARNINGS = 'All warnings of the job.'

const SyncedStreamRef = builder.objectRef<SyncedStream>('SyncedStream').implement({
  description:
    'What a sync job did in one stream. `records(stream: name, changedAfter: changedFrom)` of the connection returns what changed, deleted records included; the last of it has the `changeCursor` `changedTo`.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the stream.' }),
    recordsRead: t.exposeInt('recordsRead', { description: RECORDS_READ }),
    recordsWritten: t.exposeInt('recordsWritten', { description: RECORDS_WRITTEN }),
    recordsDeleted: t.exposeInt('recordsDeleted', { description: RECORDS_DELETED }),
    changedFrom: t.expose('changedFrom', {
      type: 'Cursor',
      nullable: true,
      description:
        'Position before the first change, for `changedAfter`. Changes of jobs that failed or were cancelled since the last success are behind it too. Null: nothing has changed.',
    }),
    changedTo: t.expose('changedTo', {
      type: 'Cursor',
      nullable: true,
      description: 'Position of the last change. Null: nothing has changed.',
    }),
  }),
})

eventType('SYNC_SUCCEEDED', (t) => ({
  streams: t.field({
    type: [SyncedStreamRef],
    description: 'What the job did in each of its streams. Empty in events that an older version of Latchkey stored.',
    extensions: USUALLY_ONE,
    resolve: own<{ streams: SyncedStream[] }>()('streams'),
  }),
  warnings: t.field({
    type: [SyncWarningRef],
    description: JOB_WARNINGS,
    extensions: USUALLY_ONE,
    resolve: warningsOf,
  }),
}))

eventType('SYNC_FAILED', (t) => ({
  error: t.field({
    type: SyncErrorRef,
    description: 'Why the job failed.',
    resolve: (event) => ({ ...own<{ error: SyncError }>()('error')(event), connectionId: event.connectionId }),
  }),
  warnings: t.field({
    type: [SyncWarningRef],
    description: JOB_WARNINGS,
    extensions: USUALLY_ONE,
    resolve: warningsOf,
  }),
}))

eventType('SYNC_CANCELLED', (t) => ({
  warnings: t.field({
    type: [SyncWarningRef],
    description: JOB_WARNINGS,
    extensions: USUALLY_ONE,
    resolve: warningsOf,
  }),
}))

eventType('CREDENTIAL_REPLACED', (t) => ({
  changed: t.stringList({
    description:
      'Keys of `Connection.kept` for which the provider now returns another value. If it is not empty, this may be another account: its records are stored beside those of the previous one.',
    resolve: own<{ changed: string[] }>()('changed'),
  }),
}))

interface FailedRefresh {
  reason: RefreshFailure
  message: string
  /** RFC 3339 */
  retryAt: string | null
}

const failure = own<FailedRefresh>()

eventType('CREDENTIAL_REFRESH_FAILED', (t) => ({
  reason: t.field({
    type: RefreshFailureRef,
    description: 'Why it could not be renewed.',
    resolve: failure('reason'),
  }),
  message: t.string({
    description: 'What went wrong and what to do, for people.',
    resolve: failure('message'),
  }),
  retryAt: t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When Latchkey will retry by itself. Null: it will not.',
    resolve: (event) => {
      const retryAt = failure('retryAt')(event)
      return retryAt == null ? null : new Date(retryAt)
    },
  }),
}))

interface ReceivedEvent {
  /** Slug of the integration when the event was received. */
  integration: string
  providerEventId: string | null
  providerEventType: string | null
  body: unknown
}

const received = own<ReceivedEvent>()

eventType('PROVIDER_EVENT_RECEIVED', (t) => ({
  integration: t.field({
    type: IntegrationRef,
    description:
      'The integration that the event was sent to, as it is now. If it has been deleted, only its id and slug are left of it.',
    resolve: async (event, _args, context) => {
      const { integrationId } = event
      const found = integrationId === null ? null : await nullIfGone(context.loaders.integration.load(integrationId))
      return found ?? deletedIntegration(event)
    },
  }),
  providerEventId: t.string({
    nullable: true,
    description: "The provider's id of the event. Null if the definition does not say where it is.",
    resolve: received('providerEventId'),
  }),
  providerEventType: t.string({
    nullable: true,
    description: "The provider's name for the kind of event. Null if the definition does not say where it is.",
    resolve: received('providerEventType'),
  }),
  body: t.field({
    type: 'JSON',
    nullable: true,
    description:
      'What the provider sent: JSON, the fields of a form, or text. Null if it was empty or larger than 128 KiB. Secrets by which the request was verified are replaced.',
    resolve: received('body'),
  }),
}))

/** Stands for an integration that has been deleted, so that its events can still be read. */
function deletedIntegration(event: StoredEvent): Integration {
  const { workspaceId, occurredAt } = event
  const slug = received('integration')(event)
  return {
    ...{ id: event.integrationId ?? event.id, workspaceId, slug, displayName: slug, provider: null },
    definition: { displayName: slug, baseUrl: 'https://deleted.invalid', auth: { type: 'none' } },
    ...{ oauthClientId: null, oauthRedirectUrl: null, oauthScopes: [], oauthClientHosts: [] },
    ...{ oauthRegistration: null, createdAt: occurredAt, updatedAt: occurredAt, deletedAt: occurredAt },
  }
}

interface ActionOutcome {
  action: string
  ok: boolean
  providerStatus: number | null
}

const outcome = own<ActionOutcome>()

eventType('ACTION_RUN', (t) => ({
  action: t.string({
    description: 'Name of the action.',
    resolve: outcome('action'),
  }),
  ok: t.boolean({
    description: 'True if the response of the provider is a success.',
    resolve: outcome('ok'),
  }),
  providerStatus: t.int({
    nullable: true,
    description: 'HTTP status of the response. Null if there was none.',
    resolve: outcome('providerStatus'),
  }),
}))

interface DisabledWebhook {
  webhookEndpointId: string
  disabledReason: string
}

const webhook = own<DisabledWebhook>()

eventType('WEBHOOK_ENDPOINT_DISABLED', (t) => ({
  webhookEndpointId: t.id({
    description: 'Global id of the webhook endpoint.',
    resolve: webhook('webhookEndpointId'),
  }),
  disabledReason: t.string({
    description: 'Why it was disabled, for people.',
    resolve: webhook('disabledReason'),
  }),
}))

interface PageArgs {
  first?: number | null
  after?: string | null
  /** Where a list without `after` begins. */
  from?: Date | null
}

/** A page of the log, oldest first. Its cursors are the positions of events, which subscriptions accept too. */
async function historyPage(
  sql: SqlRunner,
  workspaceId: string,
  filter: EventFilter,
  { first, after, from }: PageArgs,
): Promise<Page<StoredEvent>> {
  const count = checkFirst(first)
  const bounds = await readLogBounds(sql, workspaceId)
  const begin = async () => (from == null ? bounds.trimmed : findPositionBefore(sql, workspaceId, from))
  const position = after == null ? await begin() : decodeEventCursor(after, workspaceId, bounds, ['after'])
  const skipped = position < bounds.trimmed ? [skippedEvent({ workspaceId, filter }, bounds.trimmed)] : []
  const start = position < bounds.trimmed ? bounds.trimmed : position
  const events = [...skipped, ...(await readEvents(sql, workspaceId, start, filter, count + 1))]
  return toPage(
    events,
    count,
    after,
    (event) => encodeEventCursor(event.workspaceId, event.position),
    () => countEvents(sql, workspaceId, filter),
  )
}

/** A page of the log, newest first. A page after a cursor has older events. */
async function newestPage(
  sql: SqlRunner,
  workspaceId: string,
  filter: EventFilter,
  { first, after, from }: PageArgs,
): Promise<Page<StoredEvent>> {
  const count = checkFirst(first)
  const begin = async () => (from == null ? null : (await findPositionBefore(sql, workspaceId, from)) + 1n)
  const before =
    after == null
      ? await begin()
      : decodeEventCursor(after, workspaceId, await readLogBounds(sql, workspaceId), ['after'])
  return toPage(
    await readNewestEvents(sql, workspaceId, before, filter, count + 1),
    count,
    after,
    (event) => encodeEventCursor(event.workspaceId, event.position),
    () => countEvents(sql, workspaceId, filter),
  )
}

const WorkspaceEventsPage = pageType('WorkspaceEventsPage', 'events of a workspace', EventRef)
const ConnectionEventsPage = pageType('ConnectionEventsPage', 'events of a connection', EventRef)
const SyncJobEventsPage = pageType('SyncJobEventsPage', 'events of a sync job', EventRef)

const AFTER_EVENT =
  'Return the events behind this cursor: the `cursor` of an event, the `endCursor` of a page or the `cursor` of an edge. If some of them are no longer stored, the first item is an EventsSkipped. Anything that is not a cursor of this log is INVALID_INPUT. Default: from the oldest stored event.'
const TYPES = 'Return events of these types. Default: all.'
const NEWEST_FIRST =
  'True: the newest events come first, and `after` returns the events before that cursor, without an EventsSkipped.'

builder.prismaObjectField(WorkspaceRef, 'events', (t) =>
  t.field({
    type: WorkspaceEventsPage,
    description:
      'Stored events of the workspace, oldest first unless `newestFirst` is set. A caller that acts for an end user gets those of that end user.',
    args: {
      ...pageArgs(t.arg, AFTER_EVENT),
      types: t.arg({ type: [EventTypeRef], required: false, description: TYPES }),
      newestFirst: t.arg.boolean({ defaultValue: false, description: NEWEST_FIRST }),
      from: t.arg({
        type: 'DateTime',
        required: false,
        description:
          'Where a list without `after` begins: with the first event at or after this time. With `newestFirst`: with the last event before it. Default: with the oldest or newest event.',
      }),
    },
    resolve: ({ id }, { types, newestFirst, ...args }, context) => {
      const read = newestFirst === true ? newestPage : historyPage
      return read(context.services.database.sql, id, eventFilter(context, { types: types ?? undefined }), args)
    },
  }),
)

builder.prismaObjectField(ConnectionRef, 'events', (t) =>
  t.field({
    type: ConnectionEventsPage,
    description: 'Stored events of the connection and its sync jobs, oldest first unless `newestFirst` is set.',
    args: {
      ...pageArgs(t.arg, AFTER_EVENT),
      newestFirst: t.arg.boolean({ defaultValue: false, description: NEWEST_FIRST }),
    },
    resolve: ({ id, workspaceId }, { newestFirst, ...args }, context) => {
      const read = newestFirst === true ? newestPage : historyPage
      return read(context.services.database.sql, workspaceId, eventFilter(context, { connectionId: id }), args)
    },
  }),
)

builder.prismaObjectField(SyncJobRef, 'events', (t) =>
  t.field({
    type: SyncJobEventsPage,
    description: 'Stored events of the sync job, oldest first unless `newestFirst` is set.',
    args: {
      ...pageArgs(t.arg, AFTER_EVENT),
      newestFirst: t.arg.boolean({ defaultValue: false, description: NEWEST_FIRST }),
    },
    resolve: ({ id, workspaceId }, { newestFirst, ...args }, context) => {
      const read = newestFirst === true ? newestPage : historyPage
      return read(context.services.database.sql, workspaceId, eventFilter(context, { syncJobId: id }), args)
    },
  }),
)

const RESUME =
  'Cursor of the last event that was received: all events behind it are replayed, then the subscription continues live. If some of them are no longer stored, the first event is an EventsSkipped. Anything that is not a cursor of this log is INVALID_INPUT.'
const ORDER = 'Every event once, in order.'

builder.subscriptionFields((t) => ({
  syncJobEvents: t.field({
    type: EventRef,
    description: `Events of one sync job. ${ORDER} The subscription ends after the last event of the job.`,
    args: {
      syncJobId: t.arg.id({ description: 'Global id of the sync job.' }),
      after: t.arg({
        type: 'Cursor',
        required: false,
        description: `${RESUME} Default: from the first event of the job.`,
      }),
    },
    subscribe: async (_root, args, context) => {
      const syncJobId = decodeGlobalId('SyncJob', args.syncJobId)
      const { workspaceId } = await findSyncJob(context.services.database, callerOf(context), syncJobId)
      return subscribeEvents(context, {
        workspaceId,
        filter: { syncJobId },
        after: args.after ?? null,
        from: 'first',
        endWithSyncJob: syncJobId,
      })
    },
    resolve: (yielded, _args, context) => eachEvent(yielded, context),
  }),
  connectionEvents: t.field({
    type: EventRef,
    description: `Events of one connection: its status, its credential and its sync jobs. ${ORDER}`,
    args: {
      connectionId: t.arg.id({ description: CONNECTION_ID }),
      after: t.arg({ type: 'Cursor', required: false, description: `${RESUME} Default: from now on.` }),
    },
    subscribe: async (_root, args, context) => {
      const connectionId = decodeGlobalId('Connection', args.connectionId)
      const { workspaceId } = await findConnection(context.services.database, callerOf(context), connectionId)
      return subscribeEvents(context, {
        workspaceId,
        filter: { connectionId },
        after: args.after ?? null,
        from: 'now',
      })
    },
    resolve: (yielded, _args, context) => eachEvent(yielded, context),
  }),
  workspaceEvents: t.field({
    type: EventRef,
    description: `Events of one workspace. ${ORDER} A caller that acts for an end user gets those of that end user.`,
    args: {
      workspaceId: t.arg.id({ description: IN_WORKSPACE }),
      types: t.arg({ type: [EventTypeRef], required: false, description: TYPES }),
      after: t.arg({ type: 'Cursor', required: false, description: `${RESUME} Default: from now on.` }),
    },
    subscribe: async (_root, args, context) => {
      const workspaceId = decodeGlobalId('Workspace', args.workspaceId)
      await context.loaders.workspace.load(workspaceId)
      return subscribeEvents(context, {
        workspaceId,
        filter: { types: args.types ?? undefined },
        after: args.after ?? null,
        from: 'now',
      })
    },
    resolve: (yielded, _args, context) => eachEvent(yielded, context),
  }),
}))
