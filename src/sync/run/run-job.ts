import type { CustomStrategies } from '../../auth/custom/custom-strategy.ts'
import type { Broker } from '../../credentials/broker.ts'
import type { OpenedConnection } from '../../credentials/credential-store.ts'
import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import { isDatabaseUnavailable } from '../../db/unavailable.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { CredentialRefreshError } from '../../kit/errors.ts'
import { newId } from '../../kit/ids.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { Clock } from '../../kit/time.ts'
import { inSpan } from '../../kit/tracing.ts'
import { type Sender, SYNC_PAGE } from '../../requests/send.ts'
import { UnknownKeyError } from '../../vault/envelope.ts'
import type { Vault } from '../../vault/vault.ts'
import { type Retry, withRetries } from '../../wire/retry.ts'
import { type ClaimedJob, handBackJob } from '../jobs/claim.ts'
import { finishJob, type JobOutcome, type StreamEnding } from '../jobs/finish-job.ts'
import { openWithJobToken } from '../jobs/job-tokens.ts'
import { type JobWait, JobWaitError } from '../jobs/job-wait.ts'
import { putBackJob } from '../jobs/put-back.ts'
import {
  asJobTokenError,
  badSource,
  failedStreamsError,
  GIVEN_UP_ERROR,
  INTERNAL_SYNC_ERROR,
  MAX_STARTS_WITHOUT_PROGRESS,
  RunStoppedError,
  type SyncError,
  SyncFailedError,
  streamFailure,
  timeoutError,
  toSyncError,
} from '../jobs/sync-error.ts'
import type { SyncWarning } from '../jobs/sync-warning.ts'
import { createJobConnection, type JobConnection } from '../read/job-connection.ts'
import type { PageMemory } from '../read/page-memory.ts'
import { checkpointIn } from '../read/page-position.ts'
import { countersOf } from '../records/write-page.ts'
import { fingerprintOf } from './reading.ts'
import { endStream, failStream, type Run, reportRetry, runStream, type StreamRow } from './run-stream.ts'

export interface RunJobDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  broker: Broker
  logger: Logger
  /** Default: no metrics. */
  metrics?: Metrics | undefined
  clock: Clock
  sender: Sender
  /** Largest decoded page. Default: 10 MiB. */
  maxPageBytes?: number | undefined
  /** The memory of the pages of all jobs of the process. */
  memory: PageMemory
  vault: Vault
  /** Custom strategies of the deployment. Default: none. */
  customStrategies?: CustomStrategies | undefined
  /** Longest time without progress in milliseconds, for the message of a job that exceeded it. The caller enforces it. */
  limitMs: number
  /** A wait that is longer puts the job back into the queue, in milliseconds. */
  putBackMs: number
  /** Called when the job was put back. */
  onPutBack?: ((wait: JobWait, waitMs: number) => void) | undefined
}

/**
 * Runs a claimed job until it ends or `signal` aborts with a RunStoppedError. Never rejects: a job whose end cannot be
 * written (the database is unavailable, another worker has the job) is left to the next worker.
 */
export async function runJob(deps: RunJobDeps, job: ClaimedJob, signal: AbortSignal): Promise<void> {
  const attributes = { 'latchkey.sync_job.id': job.id, 'latchkey.sync_job.attempt': job.attempt }
  deps.metrics?.syncJobsRunning.inc()
  try {
    await inSpan('sync job', attributes, () => runAndFinish(deps, job, signal), { causedBy: job.traceparent })
  } finally {
    deps.metrics?.syncJobsRunning.dec()
  }
}

async function runAndFinish(deps: RunJobDeps, job: ClaimedJob, signal: AbortSignal): Promise<void> {
  const { id: syncJobId, connectionId, workspaceId, attempt } = job
  const traceId = newId()
  const logger = deps.logger.child({ syncJobId, connectionId, workspaceId, attempt, traceId })
  const warnLeft = (err: unknown) =>
    logger.warn({ err }, 'The end of the sync job could not be written. The next worker continues the job.')
  try {
    const result = await readStreams(deps, job, logger, signal)
    if (result === 'handed_back') await handBackJob(deps, job)
    else if (result === 'left') return
    else if (result.status === 'WAITING') await putBack(deps, job, result)
    else if (result.status === 'FAILED')
      await finishFailed(deps, job, logger, { ...result, error: { ...result.error, traceId } })
    else await finishJob(deps, job, result)
  } catch (error) {
    // Cancelled while it was being handed or put back.
    if (error instanceof RunStoppedError && error.reason === 'cancelled') {
      await finishJob(deps, job, { status: 'CANCELLED' }).catch(warnLeft)
    } else warnLeft(error)
  }
}

/** The log line of a failure has no words of the provider. They are in the error of the job. */
async function finishFailed(
  deps: RunJobDeps,
  job: ClaimedJob,
  logger: Logger,
  failed: Extract<JobOutcome, { status: 'FAILED' }>,
): Promise<void> {
  if ((await finishJob(deps, job, failed)) !== 'FAILED') return
  const { code: errorCode, stream, providerStatus } = failed.error
  logger.warn({ errorCode, stream, providerStatus }, 'A sync job failed.')
}

async function putBack(deps: RunJobDeps, job: ClaimedJob, { error, failed, unavailable }: Waiting): Promise<void> {
  const wait: JobWait = { ...error.wait, failed, unavailable }
  const waitMs = Math.max(0, error.untilMs - deps.clock.now())
  await putBackJob(deps, job, { wait, waitMs, event: error.event })
  deps.onPutBack?.(wait, waitMs)
}

interface Waiting extends Pick<JobWait, 'failed' | 'unavailable'> {
  status: 'WAITING'
  error: JobWaitError
}

/** `left`: nothing is to be written; another worker has the job or will take it. */
type RunResult = JobOutcome | Waiting | 'handed_back' | 'left'

/**
 * Reads the streams one after another. A stream that fails does not end the others, unless the credential is refused or
 * the provider is unavailable for two streams in a row.
 */
async function readStreams(deps: RunJobDeps, job: ClaimedJob, logger: Logger, signal: AbortSignal): Promise<RunResult> {
  let stream: string | undefined
  const failed: SyncError[] = [...(job.wait?.failed ?? [])]
  let unavailable = job.wait?.unavailable ?? false
  try {
    if (job.cancelling) return { status: 'CANCELLED' }
    if (job.startsWithoutProgress >= MAX_STARTS_WITHOUT_PROGRESS) return { status: 'FAILED', error: GIVEN_UP_ERROR }
    signal.throwIfAborted()
    const run = createRun(deps, job, logger, signal)
    const triedBefore = new Set(failed.map((error) => error.stream))
    let ending: StreamEnding | undefined
    for (const row of await unfinishedStreams(deps.database, job)) {
      if (triedBefore.has(row.name)) continue
      if (ending !== undefined) await endStream(run, ending)
      ending = undefined
      signal.throwIfAborted()
      stream = row.name
      try {
        ending = await runDeclaredStream(run, row)
        unavailable = false
      } catch (error) {
        const failure = streamFailure(error, row.name)
        if (failure === undefined) throw error
        await failStream(run, row.name, failure, {
          keepCheckpoint: error instanceof SyncFailedError && error.retryable,
        })
        failed.push(failure)
        const isUnavailable = error instanceof SyncFailedError && error.unavailable
        // Each stream waits for the provider for a long time.
        if (unavailable && isUnavailable) break
        unavailable = isUnavailable
      }
    }
    const [first, ...others] = failed
    if (first === undefined) return { status: 'SUCCEEDED', ending }
    return { status: 'FAILED', error: failedStreamsError([first, ...others]), ending }
  } catch (error) {
    if (error instanceof JobWaitError) return { status: 'WAITING', error, failed, unavailable }
    if (error instanceof UnknownKeyError) {
      return { status: 'WAITING', error: waitForKey(deps, job, logger, error, stream), failed, unavailable }
    }
    const result = resultOfError(error, stream, deps, logger)
    const failedWithToken = job.credentialOverridden && typeof result === 'object' && result.status === 'FAILED'
    return failedWithToken ? { ...result, error: asJobTokenError(result.error) } : result
  }
}

/** How long a job waits that this process cannot run, in milliseconds. After that, any worker may claim it. */
const KEY_WAIT_MS = 10_000

/** The job is intact, so it is left to a process with the key. The operator has to add the key to this one. */
function waitForKey(
  { clock }: RunJobDeps,
  job: ClaimedJob,
  logger: Logger,
  { keyId, message }: UnknownKeyError,
  stream = '',
): JobWaitError {
  logger.error({ keyId }, `A sync job is put back into the queue for another process. ${message}`)
  const retryAt = new Date(clock.now() + KEY_WAIT_MS)
  const reason = `The worker that took the job does not have the encryption key "${keyId}". Another worker, or an operator who adds the key, continues the job.`
  const payload = { stream, reason, retryAt: retryAt.toISOString(), attempt: 1 }
  // One event, however often the job is put back.
  const event = job.wait?.kind === 'key' ? undefined : ({ type: 'SYNC_RETRYING', payload } as const)
  return new JobWaitError({ kind: 'key', stream, reason }, retryAt.getTime(), event)
}

function createRun(deps: RunJobDeps, job: ClaimedJob, logger: Logger, signal: AbortSignal): Run {
  const { database, bus, metrics, clock, sender, maxPageBytes, putBackMs } = deps
  const warnings: SyncWarning[] = []
  return {
    database,
    bus,
    logger,
    metrics,
    clock,
    job,
    signal,
    warnings,
    warn: (warning) => void warnings.push(warning),
    progressReportedAt: clock.now(),
    putBackMs,
    reader: { source: sourceOf(deps, job), sender, maxPageBytes, memory: deps.memory.list() },
  }
}

/** Uses the connection's credential, or the job's own access token, which is never renewed. */
function sourceOf(deps: RunJobDeps, job: ClaimedJob): JobConnection {
  const { connectionId } = job
  if (!job.credentialOverridden) return createJobConnection(deps.broker, connectionId, deps.clock)
  const withToken = { open: () => openWithJobToken(deps, connectionId, job.id), refused: async () => null }
  return createJobConnection(withToken, connectionId, deps.clock)
}

/** Finds the stream in the definition and reads it. */
async function runDeclaredStream(run: Run, row: StreamRow): Promise<StreamEnding> {
  const { definition } = await peek(run, row.name)
  const declared = definition.streams?.find((each) => each.name === row.name)
  if (declared === undefined) throw badSource(row.name, 'the integration no longer has this stream.')
  return runStream(run, declared, fingerprintOf(definition.streams ?? [], declared), row)
}

/** Opens the connection, retrying while its credential cannot be renewed. */
async function peek(run: Run, stream: string): Promise<OpenedConnection> {
  const { clock, signal, reader } = run
  const { wait } = run.job
  const own = wait?.stream === stream ? wait : undefined
  const onRetry = async (retry: Retry) => {
    if (retry.waitMs <= run.putBackMs) return reportRetry(run, stream, retry)
    const { reason, retryAt, attempt, state } = retry
    const waiting = { kind: 'renewal', stream, reason, open: state, page: own?.page } as const
    const payload = { stream, reason, retryAt: retryAt.toISOString(), attempt }
    throw new JobWaitError(waiting, retryAt.getTime(), { type: 'SYNC_RETRYING', payload })
  }
  const retries = { policy: SYNC_PAGE.retry, clock, signal, onRetry, resume: own?.open }
  const { outcome } = await withRetries(retries, async () => {
    try {
      return { failure: null, opened: await reader.source.peek() }
    } catch (error) {
      if (!(error instanceof CredentialRefreshError && error.retryable)) throw error
      return { failure: { ok: false, as: 'retry', message: error.message } as const, error }
    }
  })
  if (outcome.failure !== null) throw outcome.error
  return outcome.opened
}

function resultOfError(error: unknown, stream: string | undefined, deps: RunJobDeps, logger: Logger): RunResult {
  if (error instanceof RunStoppedError) {
    if (error.reason === 'timed_out') return { status: 'FAILED', error: timeoutError(deps.limitMs, stream) }
    if (error.reason === 'cancelled') return { status: 'CANCELLED' }
    if (error.reason === 'handed_back') return 'handed_back'
    logger.warn('Another worker has the sync job, or the job was deleted.')
    return 'left'
  }
  const known = toSyncError(error, stream)
  if (known !== undefined) return { status: 'FAILED', error: known }
  if (isDatabaseUnavailable(error)) {
    logger.warn(
      { err: error },
      'The database is unavailable. The sync job continues from its checkpoint when the database is back.',
    )
    return 'left'
  }
  logger.error({ err: error, stream }, 'A sync job failed because of an unexpected error.')
  return { status: 'FAILED', error: { ...INTERNAL_SYNC_ERROR, stream } }
}

/** SQL condition: the checkpoint of the row `l` is within the first reading of a stream, see `writeCheckpoint`. */
const IS_UNFINISHED_READING = `(${checkpointIn('l.checkpoint')}->>'next' IS NOT NULL
  AND coalesce(${checkpointIn('l.checkpoint')}#>>'{reading,number}', '1') = '1')`

/**
 * Streams that have not succeeded. Those that an earlier attempt found refused are among them and are tried again. A stream
 * continues from the checkpoint of the job before this one, if that job failed.
 */
async function unfinishedStreams(database: Database, job: ClaimedJob): Promise<StreamRow[]> {
  const rows = await database.sql.query<{
    name: string
    checkpoint: string | null
    records_read: number
    records_written: number
    pages_read: number
    total: number | null
    stored_cursor: string | null
    fresh: boolean
    record_count: number
    inherited: boolean
    definition: string | null
    newest: bigint
    known_pages_valid: boolean
  }>(
    `SELECT s.name, coalesce(s.checkpoint, left_by.checkpoint)::text AS checkpoint, s.records_read, s.records_written, s.pages_read, s.total,
            t.cursor::text AS stored_cursor, t.name IS NULL AS fresh, coalesce(t.record_count, 0) AS record_count,
            coalesce(t.known_pages_valid, false) AS known_pages_valid, t.definition, left_by.checkpoint IS NOT NULL AS inherited,
            coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0)::bigint AS newest
     FROM sync_job_stream s LEFT JOIN stream_state t ON t.connection_id = $2::uuid AND t.name = s.name
     LEFT JOIN LATERAL (
       SELECT CASE WHEN j.status = 'FAILED' AND l.status <> 'SUCCEEDED' AND ${IS_UNFINISHED_READING}
         THEN l.checkpoint END AS checkpoint
       FROM sync_job j JOIN sync_job_stream l ON l.sync_job_id = j.id AND l.name = s.name
       WHERE j.connection_id = $2::uuid AND j.id < $1::uuid ORDER BY j.id DESC LIMIT 1
     ) left_by ON s.checkpoint IS NULL AND s.pages_read = 0
     WHERE s.sync_job_id = $1::uuid AND s.status <> 'SUCCEEDED' ORDER BY s.position`,
    [job.id, job.connectionId],
  )
  return rows.map((row) => ({
    name: row.name,
    checkpoint: row.checkpoint,
    storedCursor: row.stored_cursor,
    inherited: row.inherited,
    fresh: row.fresh,
    recordCount: row.record_count,
    definition: row.definition,
    newestPosition: Number(row.newest),
    knownPagesValid: row.known_pages_valid,
    ...countersOf(row),
  }))
}
