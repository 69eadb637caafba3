import { findConnection } from '../../connections/lookups.ts'
import { findSyncJob } from '../../sync/jobs/find-sync-job.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { eachEvent, subscribeEvents } from '../kernel/event-subscription.ts'
import { decodeGlobalId } from '../kernel/global-id.ts'
import { EventRef, EventTypeRef } from './event.ts'

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
