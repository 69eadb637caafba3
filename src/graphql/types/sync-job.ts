import type { SyncJob, SyncJobStream } from '../../db/generated/client.ts'
import { type Condition, condition } from '../../db/sql.ts'
import { ReconnectRequiredError, UnsupportedError } from '../../kit/errors.ts'
import { firstIdOf } from '../../kit/ids.ts'
import type { JobWait } from '../../sync/jobs/job-wait.ts'
import type { SyncError } from '../../sync/jobs/sync-error.ts'
import { cancelSync, triggerSync } from '../../sync/jobs/sync-jobs.ts'
import type { SyncWarning, SyncWarningCode } from '../../sync/jobs/sync-warning.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId, parseGlobalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { statusConditions } from '../kernel/status-filter.ts'
import { ErrorCodeRef } from './errors.ts'
import { ConnectionRef, SyncJobRef, WorkspaceRef } from './refs.ts'
import { CONNECTION_ID, NODE_ID, PROVIDER_ERROR, PROVIDER_STATUS } from './wording.ts'

const SyncJobStatusRef = builder.enumType('SyncJobStatus', {
  description: 'State of a sync job or of one of its streams. SUCCEEDED, FAILED and CANCELLED are final.',
  values: {
    QUEUED: { description: 'Waits for a worker, or for its provider until `waitingUntil`.' },
    RUNNING: { description: 'A worker reads and writes records.' },
    SUCCEEDED: { description: 'Everything was read.' },
    FAILED: { description: 'Ended by an error. The records that were written remain.' },
    CANCELLING: { description: 'Cancelled, but the worker has not stopped yet. It writes no further page.' },
    CANCELLED: { description: 'Ended by `cancelSync`, or because the connection was disabled or deleted.' },
  },
})

const SyncTriggerRef = builder.enumType('SyncTrigger', {
  description: 'What started a sync job.',
  values: {
    MANUAL: { description: 'A call of `triggerSync`.' },
    ON_CREATE: { description: 'A call of `createConnection` with `syncImmediately`.' },
    SCHEDULE: { description: 'The schedule of the connection.' },
    WEBHOOK: { description: 'An event that the provider sent (`ProviderEventReceived`).' },
  },
})

export const RECORDS_READ = 'Number of records that were read from the source.'
export const RECORDS_WRITTEN = 'Number of records that were new or had changed.'
export const PAGES_READ = 'Number of pages that were read from the source.'
export const RECORDS_DELETED = 'Number of records that were marked as deleted because the source no longer has them.'

const SyncJobStreamRef = builder.objectRef<SyncJobStream>('SyncJobStream').implement({
  description: 'The part of a sync job that reads one stream.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the stream.' }),
    status: t.expose('status', { type: SyncJobStatusRef, description: 'State of this stream.' }),
    recordsRead: t.exposeInt('recordsRead', { description: RECORDS_READ }),
    recordsWritten: t.exposeInt('recordsWritten', { description: RECORDS_WRITTEN }),
    recordsDeleted: t.exposeInt('recordsDeleted', { description: RECORDS_DELETED }),
    pagesRead: t.exposeInt('pagesRead', { description: PAGES_READ }),
    total: t.exposeInt('total', {
      nullable: true,
      description: 'Number of records that the source reports in total. Null if it reports none.',
    }),
  }),
})

export const SyncErrorRef = builder.objectRef<SyncError & { connectionId: string | null }>('SyncError').implement({
  description: 'Why a sync job failed.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeRef, description: 'What went wrong, for programs.' }),
    message: t.exposeString('message', { description: 'What went wrong and what to do, for people.' }),
    status: t.exposeInt('status', { description: 'The HTTP status that corresponds to `code`.' }),
    providerStatus: t.int({
      nullable: true,
      description: PROVIDER_STATUS,
      resolve: ({ providerStatus }) => providerStatus ?? null,
    }),
    providerError: t.string({
      nullable: true,
      description: PROVIDER_ERROR,
      resolve: ({ providerError }) => providerError ?? null,
    }),
    providerMessage: t.string({
      nullable: true,
      description: 'Error message in the response of the provider. Secrets are removed. Null if it sent none.',
      resolve: ({ providerMessage }) => providerMessage ?? null,
    }),
    stream: t.string({
      nullable: true,
      description: 'Name of the stream that failed. Null if the error concerns no single stream.',
      resolve: ({ stream }) => stream ?? null,
    }),
    traceId: t.string({
      nullable: true,
      description:
        'The log lines of the attempt that failed have this id. Null if the job failed on an older version of Latchkey.',
      resolve: ({ traceId }) => traceId ?? null,
    }),
  }),
})

const WARNING_CODES = {
  RECORDS_QUARANTINED: {
    description:
      'Records of the source could not be stored, for example because they have no primary key. `count` is their number, `message` has the place of the first ones.',
  },
  DELETIONS_HELD_BACK: {
    description:
      'Records that the source did not return are kept, because it is not proven that they are gone; or they were deleted only after a second reading agreed. `message` says which. `count` is their number.',
  },
  CURSOR_IN_FUTURE: {
    description:
      'Records have a time of change in the future. The next sync does not begin there. `count` is their number.',
  },
  CURSOR_MISSING: {
    description:
      'No record of a page has the `cursorField` of the stream, so the next sync reads these records again. `count` is their number, `message` names one of them.',
  },
  PARENTS_SKIPPED: {
    description: 'The source no longer has parent records of a sub-stream. `count` is their number.',
  },
  TOTAL_DIFFERS: {
    description:
      'The source says that it has more records than it returned. `count` is the number of records that are missing.',
  },
  DEFINITION_CHANGED: {
    description: 'The definition of the stream has changed, so the stream was read anew.',
  },
} as const satisfies Record<SyncWarningCode, object>

const SyncWarningCodeRef = builder.enumType('SyncWarningCode', {
  description: 'What a warning of a sync job is about.',
  values: WARNING_CODES,
})

/** Most jobs have no warning, and few have more than one. For the cost of an operation. */
export const USUALLY_ONE = { usualLength: 1 }

export const SyncWarningRef = builder.objectRef<SyncWarning>('SyncWarning').implement({
  description: 'What a person should know about a sync job although the job went on.',
  fields: (t) => ({
    stream: t.exposeString('stream', {
      nullable: true,
      description: 'Name of the stream. Null if the warning concerns no single stream.',
    }),
    code: t.expose('code', { type: SyncWarningCodeRef, description: 'What the warning is about, for programs.' }),
    message: t.exposeString('message', { description: 'What was found, where, and what to do, for people.' }),
    count: t.exposeInt('count', {
      description: 'How many records, or other things, the warning is about. A stream has one warning of each code.',
    }),
  }),
})

builder.prismaObjectFields(SyncJobRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('SyncJob', id) }),
  status: t.expose('status', { type: SyncJobStatusRef, description: 'State of the job.' }),
  trigger: t.expose('trigger', { type: SyncTriggerRef, description: 'What started the job.' }),
  attempt: t.exposeInt('attempt', {
    description:
      'How often a worker has taken the job: at its start, after each wait for the provider, and after a worker crashed. 0 while it waits for the first one.',
  }),
  credentialOverridden: t.exposeBoolean('credentialOverridden', {
    description: 'True if the job runs on the `accessToken` of its `triggerSync`.',
  }),
  recordsRead: t.exposeInt('recordsRead', { description: RECORDS_READ }),
  recordsWritten: t.exposeInt('recordsWritten', { description: RECORDS_WRITTEN }),
  recordsDeleted: t.exposeInt('recordsDeleted', { description: RECORDS_DELETED }),
  pagesRead: t.exposeInt('pagesRead', { description: PAGES_READ }),
  bytesRead: t.float({
    description: 'Number of bytes that were read from the source.',
    resolve: ({ bytesRead }) => Number(bytesRead),
  }),
  queuedAt: t.expose('queuedAt', { type: 'DateTime', description: 'When the job was created.' }),
  startedAt: t.expose('startedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When a worker first started the job. Null: not yet.',
  }),
  finishedAt: t.expose('finishedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the job reached a final status. Null: not yet.',
  }),
  waitingUntil: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'When the wait of the job for its provider ends, for example after a `Retry-After` header. No worker has the job until then, and `cancelSync` takes effect at once. Null unless the job waits.',
    resolve: ({ status, notBefore }) => (status === 'QUEUED' ? notBefore : null),
  }),
  waitingFor: t.string({
    nullable: true,
    description: 'What the job waits for, for people. Null unless the job waits.',
    // Written by the worker in this shape.
    resolve: ({ status, notBefore, wait }) =>
      status === 'QUEUED' && notBefore !== null ? ((wait as unknown as JobWait | null)?.reason ?? null) : null,
  }),
  error: t.field({
    type: SyncErrorRef,
    nullable: true,
    description: 'Why the job failed. Null unless the status is FAILED.',
    // Written by the worker in this shape.
    resolve: ({ error, connectionId }) =>
      error === null ? null : { ...(error as unknown as SyncError), connectionId },
  }),
  warnings: t.field({
    type: [SyncWarningRef],
    description: 'What a person should know although the job went on. Empty if there is nothing.',
    extensions: USUALLY_ONE,
    // Written by the worker in this shape.
    resolve: ({ warnings }) => warnings as unknown as SyncWarning[],
  }),
  streams: t.field({
    type: [SyncJobStreamRef],
    description: 'The streams that the job reads, in the order of the definition.',
    resolve: ({ id }, _args, context) => context.loaders.syncJobStreams.load(id),
  }),
  connection: t.field({
    type: ConnectionRef,
    description: 'The connection that is synced.',
    resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
  }),
}))

const SyncJobFilterInput = builder.inputType('SyncJobFilter', {
  description: 'Selects sync jobs. A job must match every given field.',
  fields: (t) => ({
    status: t.field({
      type: [SyncJobStatusRef],
      required: false,
      description: 'The job has one of these statuses.',
    }),
    connectionId: t.id({
      required: false,
      description: 'Global id of its connection. An unknown id matches nothing.',
    }),
    queuedAfter: t.field({
      type: 'DateTime',
      required: false,
      description: 'The job was created at this time or later.',
    }),
    queuedBefore: t.field({
      type: 'DateTime',
      required: false,
      description: 'The job was created before this time.',
    }),
  }),
})

/** Clocks of processes, which make the ids, differ from the clock of the database by less. */
const CLOCK_MARGIN_MS = 600_000

/** A filter, except its statuses, as conditions on `sync_job t`. */
function syncJobConditions(filter: typeof SyncJobFilterInput.$inferInput | null | undefined): Condition[] {
  const conditions: Condition[] = []
  if (filter?.connectionId != null) {
    const parsed = parseGlobalId(filter.connectionId)
    conditions.push(
      parsed?.type === 'Connection' ? condition('t.connection_id = ?::uuid', parsed.id) : condition('false'),
    )
  }
  // The list is read by an index of the ids, which begin with a time.
  const { queuedAfter, queuedBefore } = filter ?? {}
  if (queuedAfter != null) {
    const firstId = firstIdOf(new Date(Math.max(0, queuedAfter.getTime() - CLOCK_MARGIN_MS)))
    conditions.push(condition('t.queued_at >= ?::timestamptz', queuedAfter), condition('t.id >= ?::uuid', firstId))
  }
  if (queuedBefore != null) {
    const endId = firstIdOf(new Date(Math.max(0, queuedBefore.getTime() + CLOCK_MARGIN_MS)))
    conditions.push(condition('t.queued_at < ?::timestamptz', queuedBefore), condition('t.id < ?::uuid', endId))
  }
  return conditions
}

const WorkspaceSyncJobsPage = pageType('WorkspaceSyncJobsPage', 'sync jobs of a workspace', SyncJobRef)
const ConnectionSyncJobsPage = pageType('ConnectionSyncJobsPage', 'sync jobs of a connection', SyncJobRef)

const FILTER = 'Return the sync jobs that match this filter. Default: all.'

builder.prismaObjectField(WorkspaceRef, 'syncJobs', (t) =>
  t.field({
    type: WorkspaceSyncJobsPage,
    description:
      'Sync jobs of the workspace, newest first. A caller that acts for an end user gets those of the connections of that end user.',
    args: {
      ...pageArgs(t.arg),
      filter: t.arg({ type: SyncJobFilterInput, required: false, description: FILTER }),
    },
    resolve: ({ id }, { filter, first, after }, { loaders }) => {
      const selected = { where: syncJobConditions(filter), oneOf: statusConditions(filter?.status) }
      return loaders.lists.page<SyncJob>(
        { table: 'sync_job', parentColumn: 'workspace_id', ...selected, newestFirst: true, first, after },
        id,
      )
    },
  }),
)

builder.prismaObjectField(ConnectionRef, 'syncJobs', (t) =>
  t.field({
    type: ConnectionSyncJobsPage,
    description: 'Sync jobs of the connection, newest first.',
    args: {
      ...pageArgs(t.arg),
      filter: t.arg({ type: SyncJobFilterInput, required: false, description: FILTER }),
    },
    resolve: ({ id }, { filter, first, after }, { loaders }) => {
      const selected = { where: syncJobConditions(filter), oneOf: statusConditions(filter?.status) }
      return loaders.lists.page<SyncJob>(
        { table: 'sync_job', parentColumn: 'connection_id', ...selected, newestFirst: true, first, after },
        id,
      )
    },
  }),
)

const OnRunningRef = builder.enumType('OnRunning', {
  description: 'What `triggerSync` does while a sync job of the connection is not finished.',
  values: {
    REJECT: { description: 'Returns CONFLICT, with the `syncJobId` of that job in `details`.' },
    RETURN_RUNNING: { description: 'Returns that job.' },
  },
})

const TriggerSyncInput = builder.inputType('TriggerSyncInput', {
  description: 'What to sync.',
  fields: (t) => ({
    connectionId: t.id({ description: CONNECTION_ID }),
    streams: t.stringList({
      required: false,
      description: 'Names of the streams to read. Unknown names are INVALID_INPUT. Default, and if empty: all.',
    }),
    fullRefresh: t.boolean({
      required: false,
      defaultValue: false,
      description:
        'True: read all records, also of incremental streams, and mark those that the source no longer has as deleted.',
    }),
    confirmDeletes: t.boolean({
      required: false,
      defaultValue: false,
      description:
        'True: believe a source that has lost most of its records at once, or that returns fewer records than it says it has, and mark what it no longer returns as deleted. Records that may have moved to another page meanwhile are still looked for by a second reading. Incremental streams need `fullRefresh` too. Default: false.',
    }),
    accessToken: t.field({
      type: 'Secret',
      required: false,
      description:
        'Access token to use for this job instead of the credential of the connection. It is never renewed and is erased when the job ends. OAuth 2.0 only (otherwise UNSUPPORTED). It also works while the connection is NEEDS_REAUTH. Default: the credential of the connection.',
    }),
    onRunning: t.field({
      type: OnRunningRef,
      required: false,
      defaultValue: 'REJECT',
      description:
        'What to do while a job of the connection is not finished. With an `accessToken` it is always CONFLICT, because that job does not use it.',
    }),
  }),
})

mutation('triggerSync', {
  scope: 'SYNC',
  description:
    'Creates a sync job, which a worker starts in the background. CONFLICT if the connection is disabled, RECONNECT_REQUIRED if it is PENDING or NEEDS_REAUTH, UNSUPPORTED if the integration has no streams.',
  input: TriggerSyncInput,
  names: ({ connectionId }) => connectionId,
  payload: payloadType<{ syncJobId: string }>('TriggerSyncPayload', (t) => ({
    syncJob: t.field({
      type: SyncJobRef,
      description: 'The new sync job, or the unfinished one with RETURN_RUNNING.',
      resolve: ({ syncJobId }, _args, context) => context.loaders.syncJob.load(syncJobId),
    }),
  })),
  errors: [UnsupportedError, ReconnectRequiredError],
  resolve: ({ connectionId, streams, fullRefresh, confirmDeletes, accessToken, onRunning }, context) =>
    triggerSync(context.services, callerOf(context), {
      connectionId: decodeGlobalId('Connection', connectionId),
      streams: streams ?? null,
      fullRefresh: fullRefresh ?? false,
      confirmDeletes: confirmDeletes ?? false,
      accessToken: accessToken ?? null,
      onRunning: onRunning ?? 'REJECT',
    }),
})

const CancelSyncInput = builder.inputType('CancelSyncInput', {
  description: 'The sync job to cancel.',
  fields: (t) => ({ syncJobId: t.id({ description: 'Global id of the sync job.' }) }),
})

mutation('cancelSync', {
  scope: 'SYNC',
  description:
    'Cancels a sync job. One that runs is CANCELLING until its worker has stopped. CONFLICT if the job is finished.',
  input: CancelSyncInput,
  names: ({ syncJobId }) => syncJobId,
  payload: payloadType<{ syncJobId: string }>('CancelSyncPayload', (t) => ({
    syncJob: t.field({
      type: SyncJobRef,
      description: 'The sync job, now CANCELLED or CANCELLING.',
      resolve: ({ syncJobId }, _args, context) => context.loaders.syncJob.load(syncJobId),
    }),
  })),
  resolve: async (input, context) => {
    const syncJobId = decodeGlobalId('SyncJob', input.syncJobId)
    await cancelSync(context.services, callerOf(context), syncJobId)
    return { syncJobId }
  },
})
