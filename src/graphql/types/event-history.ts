import { decodeEventCursor, encodeEventCursor } from '../../events/event-cursor.ts'
import { skippedEvent } from '../../events/event-feed.ts'
import { countEvents, type EventFilter, readEvents, readLogBounds } from '../../events/event-log.ts'
import type { StoredEvent } from '../../events/event-types.ts'
import { builder } from '../kernel/builder.ts'
import type { GraphQLContext } from '../kernel/context.ts'
import { eventFilter } from '../kernel/event-subscription.ts'
import { checkFirst, type Page, pageType, toPage } from '../kernel/page.ts'
import { EventRef, EventTypeRef } from './event.ts'
import { ConnectionRef, SyncJobRef, WorkspaceRef } from './refs.ts'

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
