import type { SyncJob, SyncJobStream } from '../../db/generated/client.ts'
import { type Condition, condition } from '../../db/sql.ts'
import { type ErrorCode, ReconnectRequiredError, UnsupportedError } from '../../kit/errors.ts'
import { cancelSync, triggerSync } from '../../sync/jobs/sync-jobs.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId, parseGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { pageType } from '../kernel/page-type.ts'
import { ErrorCodeRef } from './errors.ts'
import { ConnectionRef, SyncJobRef, WorkspaceRef } from './refs.ts'

export const SyncJobStatusRef = builder.enumType('SyncJobStatus', {
  values: ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLING', 'CANCELLED'] as const,
})
const SyncTriggerRef = builder.enumType('SyncTrigger', { values: ['MANUAL', 'ON_CREATE', 'SCHEDULE'] as const })

const SyncJobStreamRef = builder.objectRef<SyncJobStream>('SyncJobStream').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    status: t.expose('status', { type: SyncJobStatusRef }),
    recordsRead: t.exposeInt('recordsRead'),
    recordsWritten: t.exposeInt('recordsWritten'),
    recordsDeleted: t.exposeInt('recordsDeleted'),
    pagesRead: t.exposeInt('pagesRead'),
    total: t.exposeInt('total', { nullable: true, description: 'Where the source tells it.' }),
  }),
})

builder.prismaObjectFields(SyncJobRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('SyncJob', id) }),
  status: t.expose('status', { type: SyncJobStatusRef }),
  trigger: t.expose('trigger', { type: SyncTriggerRef }),
  attempt: t.exposeInt('attempt'),
  credentialOverridden: t.exposeBoolean('credentialOverridden', {
    description: 'It runs on a token that was given for it alone.',
  }),
  recordsRead: t.exposeInt('recordsRead'),
  recordsWritten: t.exposeInt('recordsWritten', { description: 'Those that were new or had changed.' }),
  recordsDeleted: t.exposeInt('recordsDeleted'),
  pagesRead: t.exposeInt('pagesRead'),
  bytesRead: t.float({ resolve: ({ bytesRead }) => Number(bytesRead) }),
  queuedAt: t.expose('queuedAt', { type: 'DateTime' }),
  startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
  finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
  error: t.field({
    type: SyncErrorRef,
    nullable: true,
    // Written by the worker in this shape.
    resolve: ({ error }) => error as SyncErrorShape | null,
  }),
  streams: t.field({
    type: [SyncJobStreamRef],
    resolve: ({ id }, _args, context) => context.loaders.syncJobStreams.load(id),
  }),
  connection: t.field({
    type: ConnectionRef,
    resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
  }),
}))

const SyncJobFilterInput = builder.inputType('SyncJobFilter', {
  description: 'Everything that is given must match.',
  fields: (t) => ({
    status: t.field({ type: [SyncJobStatusRef], required: false }),
    connectionId: t.id({ required: false }),
  }),
})

function conditionsOf(filter: typeof SyncJobFilterInput.$inferInput | null | undefined): Condition[] {
  const conditions: Condition[] = []
  if (filter?.status != null) conditions.push(condition('t.status::text = ANY(?::text[])', filter.status))
  if (filter?.connectionId != null) {
    const parsed = parseGlobalId(filter.connectionId)
    conditions.push(
      parsed?.type === 'Connection' ? condition('t.connection_id = ?::uuid', parsed.id) : condition('false'),
    )
  }
  return conditions
}

const WorkspaceSyncJobsPage = pageType<SyncJob>('WorkspaceSyncJobsPage', SyncJobRef)
const ConnectionSyncJobsPage = pageType<SyncJob>('ConnectionSyncJobsPage', SyncJobRef)

builder.prismaObjectField(WorkspaceRef, 'syncJobs', (t) =>
  t.field({
    type: WorkspaceSyncJobsPage,
    description: 'Newest first.',
    args: {
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false }),
      filter: t.arg({ type: SyncJobFilterInput, required: false }),
    },
    resolve: ({ id }, { filter, first, after }, context) =>
      context.loaders.lists.page<SyncJob>(
        {
          table: 'sync_job',
          parentColumn: 'workspace_id',
          where: conditionsOf(filter),
          newestFirst: true,
          first,
          after,
        },
        id,
      ),
  }),
)

builder.prismaObjectField(ConnectionRef, 'syncJobs', (t) =>
  t.field({
    type: ConnectionSyncJobsPage,
    description: 'Newest first.',
    args: {
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false }),
      filter: t.arg({ type: SyncJobFilterInput, required: false }),
    },
    resolve: ({ id }, { filter, first, after }, context) =>
      context.loaders.lists.page<SyncJob>(
        {
          table: 'sync_job',
          parentColumn: 'connection_id',
          where: conditionsOf(filter),
          newestFirst: true,
          first,
          after,
        },
        id,
      ),
  }),
)

const OnRunningRef = builder.enumType('OnRunning', { values: ['REJECT', 'RETURN_RUNNING'] as const })

const TriggerSyncInput = builder.inputType('TriggerSyncInput', {
  fields: (t) => ({
    connectionId: t.id(),
    streams: t.stringList({ required: false, description: 'None: all.' }),
    fullRefresh: t.boolean({ required: false, defaultValue: false }),
    accessToken: t.field({
      type: 'Secret',
      required: false,
      description:
        'In the place of the connection’s own, for this job alone: OAuth 2.0 only (else UnsupportedError), also while the connection NEEDS_REAUTH. It is never renewed, and gone when the job ends.',
    }),
    onRunning: t.field({
      type: OnRunningRef,
      required: false,
      defaultValue: 'REJECT',
      description:
        'A job is running already: ConflictError, or the running one is returned. With an accessToken, which that one does not use, always ConflictError.',
    }),
  }),
})

mutation('triggerSync', {
  input: TriggerSyncInput,
  payload: builder.objectRef<{ syncJobId: string }>('TriggerSyncPayload').implement({
    fields: (t) => ({
      syncJob: t.field({
        type: SyncJobRef,
        resolve: ({ syncJobId }, _args, context) => context.loaders.syncJob.load(syncJobId),
      }),
    }),
  }),
  errors: [UnsupportedError, ReconnectRequiredError],
  resolve: ({ connectionId, streams, fullRefresh, accessToken, onRunning }, context) =>
    triggerSync(context.services, callerOf(context), {
      connectionId: decodeGlobalId('Connection', connectionId),
      streams: streams ?? null,
      fullRefresh: fullRefresh ?? false,
      accessToken: accessToken ?? null,
      onRunning: onRunning ?? 'REJECT',
    }),
})

const CancelSyncInput = builder.inputType('CancelSyncInput', { fields: (t) => ({ syncJobId: t.id() }) })

mutation('cancelSync', {
  description: 'ConflictError when it is over. A job that runs is CANCELLING until its worker has let go.',
  input: CancelSyncInput,
  payload: builder.objectRef<{ syncJobId: string }>('CancelSyncPayload').implement({
    fields: (t) => ({
      syncJob: t.field({
        type: SyncJobRef,
        resolve: ({ syncJobId }, _args, context) => context.loaders.syncJob.load(syncJobId),
      }),
    }),
  }),
  resolve: async (input, context) => {
    const syncJobId = decodeGlobalId('SyncJob', input.syncJobId)
    await cancelSync(context.services, callerOf(context), syncJobId)
    return { syncJobId }
  },
})

/** Why a sync job failed, as it is stored with the job and told by its event. */
export interface SyncErrorShape {
  code: ErrorCode
  message: string
  status: number
  providerStatus?: number | null
  providerMessage?: string | null
  stream?: string | null
}

export const SyncErrorRef = builder.objectRef<SyncErrorShape>('SyncError').implement({
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeRef }),
    message: t.exposeString('message'),
    status: t.exposeInt('status'),
    providerStatus: t.int({ nullable: true, resolve: ({ providerStatus }) => providerStatus ?? null }),
    providerMessage: t.string({ nullable: true, resolve: ({ providerMessage }) => providerMessage ?? null }),
    stream: t.string({ nullable: true, resolve: ({ stream }) => stream ?? null }),
  }),
})
