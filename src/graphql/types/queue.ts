import { visibleTo } from '../../access/visibility.ts'
import { readQueue, type SyncQueue } from '../../sync/jobs/backlog.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf, type GatewayLimits } from '../kernel/context.ts'
import { WorkspaceRef } from './refs.ts'

const SyncQueueRef = builder.objectRef<SyncQueue>('SyncQueue').implement({
  description: 'The sync jobs of a workspace that are not finished.',
  fields: (t) => ({
    running: t.exposeInt('running', { description: 'Jobs that a worker is working on.' }),
    queued: t.exposeInt('queued', { description: 'Jobs that wait for a worker.' }),
    waiting: t.exposeInt('waiting', {
      description:
        'Jobs that wait for a provider: for a rate limit, for the time of a `Retry-After` header, or before another try. No worker has them. Waits of up to 1.5 seconds count as running.',
    }),
    oldestQueuedAt: t.expose('oldestQueuedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the oldest of the jobs that wait for a worker was created. Null: none waits.',
    }),
  }),
})

const LimitsRef = builder.objectRef<GatewayLimits>('WorkspaceLimits').implement({
  description: 'What a workspace may use of the deployment (`docs/limits.md`).',
  fields: (t) => ({
    keyPointsPerMinute: t.exposeInt('keyPointsPerMinute', {
      nullable: true,
      description:
        'Points that one API key, connect session or end user may use per minute. A point is about one millisecond of a processor core. Null: no limit.',
    }),
    pointsPerMinute: t.exposeInt('pointsPerMinute', {
      nullable: true,
      description: 'Points that the workspace may use per minute. Null: no limit.',
    }),
    openRequests: t.exposeInt('openRequests', {
      description: 'Requests through connections that one caller may have open at once in each gateway.',
    }),
    subscriptions: t.exposeInt('subscriptions', {
      description: 'Live subscriptions that the workspace may have in each gateway.',
    }),
    answerBytes: t.exposeInt('answerBytes', { description: 'Size of the largest answer, in bytes.' }),
  }),
})

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  queue: t.field({
    type: SyncQueueRef,
    description:
      'The sync jobs that are not finished. FORBIDDEN for callers that act for an end user. A key that is limited to integrations gets the jobs of those.',
    authScopes: { wholeWorkspace: true },
    resolve: ({ id }, _args, context) =>
      readQueue(context.services.database.sql, id, visibleTo(callerOf(context), 'sync_job')),
  }),
  limits: t.field({
    type: LimitsRef,
    description: 'What the workspace may use of the deployment. FORBIDDEN for callers that act for an end user.',
    authScopes: { wholeWorkspace: true },
    resolve: (_workspace, _args, { services }) => services.limits,
  }),
}))
