import { findConnection } from '../../connections/lookups.ts'
import { decodeEventCursor, encodeEventCursor } from '../../events/event-cursor.ts'
import { skippedEvent } from '../../events/event-feed.ts'
import { countEvents, type EventFilter, readEvents, readLogBounds } from '../../events/event-log.ts'
import { EVENT_TYPES, type EventType, type StoredEvent } from '../../events/event-types.ts'
import type { RefreshFailure } from '../../kit/errors.ts'
import { findSyncJob } from '../../sync/jobs/sync-jobs.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf, type GraphQLContext } from '../kernel/context.ts'
import { eachEvent, eventFilter, subscribeEvents } from '../kernel/event-subscription.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { nullIfGone } from '../kernel/nodes.ts'
import { checkFirst, type Page, toPage } from '../kernel/page.ts'
import { pageType } from '../kernel/page-type.ts'
import { RefreshFailureRef } from './errors.ts'
import { ConnectionRef, SyncJobRef, WorkspaceRef } from './refs.ts'
import { SyncErrorRef, type SyncErrorShape } from './sync-job.ts'

const EventTypeRef = builder.enumType('EventType', { values: EVENT_TYPES })

const EventRef = builder.interfaceRef<StoredEvent>('Event').implement({
  description: 'One line of a workspace’s event log.',
  resolveType: ({ type }) => typeNameOf(type),
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeGlobalId('Event', id) }),
    cursor: t.field({
      type: 'Cursor',
      description: 'The position of this event: `after` continues behind it.',
      resolve: ({ workspaceId, position }) => encodeEventCursor(workspaceId, position),
    }),
    type: t.field({ type: EventTypeRef, resolve: ({ type }) => type }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
    workspace: t.field({
      type: WorkspaceRef,
      resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
    }),
    connection: t.field({
      type: ConnectionRef,
      nullable: true,
      description: 'As it is now; null when it is deleted.',
      resolve: ({ connectionId }, _args, context) =>
        connectionId === null ? null : nullIfGone(context.loaders.connection.load(connectionId)),
    }),
    syncJob: t.field({
      type: SyncJobRef,
      nullable: true,
      description: 'As it is now; null when it is deleted.',
      resolve: ({ syncJobId }, _args, context) =>
        syncJobId === null ? null : nullIfGone(context.loaders.syncJob.load(syncJobId)),
    }),
  }),
})

/** CONNECTION_CREATED ↔ ConnectionCreated */
function typeNameOf(type: EventType): string {
  return type.toLowerCase().replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}

const WITH_MORE: ReadonlySet<EventType> = new Set([
  'SYNC_PROGRESSED',
  'SYNC_RETRYING',
  'SYNC_FAILED',
  'CREDENTIAL_REFRESH_FAILED',
  'CREDENTIAL_REPLACED',
])

for (const type of EVENT_TYPES) {
  if (!WITH_MORE.has(type)) builder.objectRef<StoredEvent>(typeNameOf(type)).implement({ interfaces: [EventRef] })
}

/** The payload of SYNC_PROGRESSED. */
export interface SyncProgress {
  stream: string
  recordsRead: number
  recordsWritten: number
  pagesRead: number
  total: number | null
  percent?: number | null
  recordsPerSecond?: number | null
}

builder.objectRef<StoredEvent>('SyncProgressed').implement({
  interfaces: [EventRef],
  description: 'How far one stream of a sync job has come: at most twice a second.',
  fields: (t) => ({
    stream: t.string({ resolve: (event) => payloadOf<SyncProgress>(event).stream }),
    recordsRead: t.int({ resolve: (event) => payloadOf<SyncProgress>(event).recordsRead }),
    recordsWritten: t.int({ resolve: (event) => payloadOf<SyncProgress>(event).recordsWritten }),
    pagesRead: t.int({ resolve: (event) => payloadOf<SyncProgress>(event).pagesRead }),
    total: t.int({ nullable: true, resolve: (event) => payloadOf<SyncProgress>(event).total ?? null }),
    percent: t.float({
      nullable: true,
      description: 'Of the stream, 0 to 100; null where the source does not tell its total.',
      resolve: (event) => payloadOf<SyncProgress>(event).percent ?? null,
    }),
    recordsPerSecond: t.float({
      nullable: true,
      description: 'Read, since the worker began with the stream.',
      resolve: (event) => payloadOf<SyncProgress>(event).recordsPerSecond ?? null,
    }),
  }),
})

/** The payload of SYNC_RETRYING. */
export interface SyncRetry {
  stream: string
  reason: string
  /** RFC 3339 */
  retryAt: string
  attempt: number
}

builder.objectRef<StoredEvent>('SyncRetrying').implement({
  interfaces: [EventRef],
  description: 'A request of a sync job failed and is going to be repeated.',
  fields: (t) => ({
    stream: t.string({ resolve: (event) => payloadOf<SyncRetry>(event).stream }),
    reason: t.string({ resolve: (event) => payloadOf<SyncRetry>(event).reason }),
    retryAt: t.field({
      type: 'DateTime',
      resolve: (event) => new Date(payloadOf<SyncRetry>(event).retryAt),
    }),
    attempt: t.int({
      description: '1 for the first repetition of this request.',
      resolve: (event) => payloadOf<SyncRetry>(event).attempt,
    }),
  }),
})

builder.objectRef<StoredEvent>('CredentialReplaced').implement({
  interfaces: [EventRef],
  fields: (t) => ({
    changed: t.stringList({
      description:
        'What the provider told before (`Connection.kept`) and tells otherwise now. Not empty: it may be another account, whose records come beside those of the first.',
      resolve: (event) => payloadOf<{ changed?: string[] }>(event).changed ?? [],
    }),
  }),
})

builder.objectRef<StoredEvent>('SyncFailed').implement({
  interfaces: [EventRef],
  fields: (t) => ({
    error: t.field({ type: SyncErrorRef, resolve: (event) => payloadOf<{ error: SyncErrorShape }>(event).error }),
  }),
})

/** The payload of CREDENTIAL_REFRESH_FAILED. */
export interface RefreshFailureNote {
  reason: RefreshFailure
  message: string
  /** RFC 3339; null: nothing will be tried again by itself. */
  retryAt: string | null
}

builder.objectRef<StoredEvent>('CredentialRefreshFailed').implement({
  interfaces: [EventRef],
  fields: (t) => ({
    reason: t.field({ type: RefreshFailureRef, resolve: (event) => payloadOf<RefreshFailureNote>(event).reason }),
    message: t.string({ resolve: (event) => payloadOf<RefreshFailureNote>(event).message }),
    retryAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: (event) => {
        const { retryAt } = payloadOf<RefreshFailureNote>(event)
        return retryAt == null ? null : new Date(retryAt)
      },
    }),
  }),
})

/** The log is written by this code only: the type of an event tells the shape of its payload. */
function payloadOf<Payload>(event: StoredEvent): Payload {
  return event.payload as Payload
}

interface HistoryArgs {
  first?: number | null
  after?: string | null
}

/** A page of the log, oldest first. Its cursors are the events' own: the positions that subscriptions take too. */
async function history(
  context: GraphQLContext,
  workspaceId: string,
  asked: EventFilter,
  { first, after }: HistoryArgs,
): Promise<Page<StoredEvent>> {
  const filter = eventFilter(context, asked)
  const { sql } = context.services.database
  const count = checkFirst(first)
  const bounds = await readLogBounds(sql, workspaceId)
  const position = after == null ? bounds.trimmed : decodeEventCursor(after, workspaceId, bounds, ['after'])
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

const WorkspaceEventsPage = pageType<StoredEvent>('WorkspaceEventsPage', EventRef)
const ConnectionEventsPage = pageType<StoredEvent>('ConnectionEventsPage', EventRef)
const SyncJobEventsPage = pageType<StoredEvent>('SyncJobEventsPage', EventRef)

builder.prismaObjectField(WorkspaceRef, 'events', (t) =>
  t.field({
    type: WorkspaceEventsPage,
    description: 'Oldest first.',
    args: {
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false, description: 'The cursor of an event.' }),
      types: t.arg({ type: [EventTypeRef], required: false }),
    },
    resolve: ({ id }, { types, ...args }, context) => history(context, id, { types: types ?? undefined }, args),
  }),
)

builder.prismaObjectField(ConnectionRef, 'events', (t) =>
  t.field({
    type: ConnectionEventsPage,
    description: 'Oldest first.',
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: ({ id, workspaceId }, args, context) => history(context, workspaceId, { connectionId: id }, args),
  }),
)

builder.prismaObjectField(SyncJobRef, 'events', (t) =>
  t.field({
    type: SyncJobEventsPage,
    description: 'Oldest first.',
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: ({ id, workspaceId }, args, context) => history(context, workspaceId, { syncJobId: id }, args),
  }),
)

const after = 'Cursor of the last event that you have: everything behind it is replayed, then it goes on live.'

builder.subscriptionFields((t) => ({
  syncJobEvents: t.field({
    type: EventRef,
    description: 'From the first event of the job, and to its last: it ends by itself.',
    args: { syncJobId: t.arg.id(), after: t.arg({ type: 'Cursor', required: false, description: after }) },
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
    description: 'Refresh status, re-authentication and sync jobs of one connection. Without `after`: from now on.',
    args: { connectionId: t.arg.id(), after: t.arg({ type: 'Cursor', required: false, description: after }) },
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
    description: 'Without `after`: from now on.',
    args: {
      workspaceId: t.arg.id(),
      types: t.arg({ type: [EventTypeRef], required: false }),
      after: t.arg({ type: 'Cursor', required: false, description: after }),
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
