import type { CustomStrategies } from '../../auth/custom/custom-strategy.ts'
import type { Broker } from '../../credentials/broker.ts'
import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import type { Egress } from '../../egress/egress.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { Clock } from '../../kit/time.ts'
import { inSpan } from '../../kit/tracing.ts'
import type { Pacer } from '../../requests/rate-limit.ts'
import type { Vault } from '../../vault/vault.ts'
import { type ClaimedJob, handBackJob } from '../jobs/claim.ts'
import { finishJob, type JobOutcome, type StreamEnding } from '../jobs/finish-job.ts'
import { openWithJobToken } from '../jobs/job-tokens.ts'
import {
  asJobTokenError,
  badSource,
  GIVEN_UP_ERROR,
  INTERNAL_SYNC_ERROR,
  MAX_STARTS_WITHOUT_PROGRESS,
  RunStoppedError,
  timeoutError,
  toSyncError,
} from '../jobs/sync-error.ts'
import { type ConnectionSource, createConnectionSource } from '../read/connection-source.ts'
import { retrying } from '../read/retrying.ts'
import { endStream, type Run, reportRetry, runStream, type StreamRow } from './run-stream.ts'

export interface RunJobDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  egress: Egress
  broker: Broker
  logger: Logger
  /** Default: nothing is counted. */
  metrics?: Metrics | undefined
  clock: Clock
  pacer: Pacer
  /** Of one decoded page. Default: 10 MiB. */
  maxPageBytes?: number | undefined
  vault: Vault
  /** Those that the deployment adds. Default: none. */
  customStrategies?: CustomStrategies | undefined
  /** How long a job may take from its first start: when `signal` says so, this is told. */
  limitMs: number
}

/**
 * Runs a claimed job to its end, or until `signal` is aborted with a RunStoppedError. Never rejects: what cannot be
 * written (the database is away, another worker has the job) is left to whoever takes the job next.
 */
export async function runJob(deps: RunJobDeps, job: ClaimedJob, signal: AbortSignal): Promise<void> {
  const attributes = { 'latchkey.sync_job.id': job.id, 'latchkey.sync_job.attempt': job.attempt }
  deps.metrics?.syncJobsRunning.inc()
  try {
    await inSpan('sync job', attributes, () => runToItsEnd(deps, job, signal))
  } finally {
    deps.metrics?.syncJobsRunning.dec()
  }
}

async function runToItsEnd(deps: RunJobDeps, job: ClaimedJob, signal: AbortSignal): Promise<void> {
  const logger = deps.logger.child({ syncJobId: job.id, attempt: job.attempt })
  try {
    const outcome = await readStreams(deps, job, logger, signal)
    if (outcome === 'handed_back') await handBackJob(deps, job)
    else if (outcome !== 'left') await finishJob(deps, job, outcome)
  } catch (error) {
    if (error instanceof RunStoppedError && error.reason === 'cancelled') {
      // It was asked to stop while it was being handed back.
      await finishJob(deps, job, { status: 'CANCELLED' }).catch((cause: unknown) => logger.warn({ err: cause }, LEFT))
      return
    }
    logger.warn({ err: error }, LEFT)
  }
}

const LEFT = 'The sync job could not be ended by this worker and is left to the next one.'

/** `left`: there is nothing to write any more. */
type Ended = JobOutcome | 'handed_back' | 'left'

async function readStreams(deps: RunJobDeps, job: ClaimedJob, logger: Logger, signal: AbortSignal): Promise<Ended> {
  let stream: string | undefined
  try {
    if (job.cancelling) return { status: 'CANCELLED' }
    if (job.fruitless >= MAX_STARTS_WITHOUT_PROGRESS) return { status: 'FAILED', error: GIVEN_UP_ERROR }
    signal.throwIfAborted()
    const { clock, pacer, egress } = deps
    const source = sourceOf(deps, job)
    const run: Run = {
      database: deps.database,
      bus: deps.bus,
      logger,
      metrics: deps.metrics,
      clock,
      job,
      signal,
      toldAt: clock.now(),
      reader: {
        source,
        egress,
        pacer,
        ...(deps.maxPageBytes === undefined ? {} : { maxPageBytes: deps.maxPageBytes }),
      },
    }
    let ending: StreamEnding | undefined
    for (const row of await unfinishedStreams(deps.database, job)) {
      if (ending !== undefined) await endStream(run, ending)
      signal.throwIfAborted()
      stream = row.name
      const { definition } = await retrying(
        { clock, signal, stream: row.name, onRetry: (retry) => reportRetry(run, row.name, retry) },
        async () => ({ ok: true, definition: (await source.peek()).definition }),
      )
      const declared = definition.streams?.find((each) => each.name === row.name)
      if (declared === undefined) throw badSource(row.name, 'the integration no longer has this stream.')
      ending = await runStream(run, declared, row)
    }
    return { status: 'SUCCEEDED', ending }
  } catch (error) {
    const ended = endedBy(error, stream, deps, logger)
    const ownToken = job.credentialOverridden && typeof ended === 'object' && ended.status === 'FAILED'
    return ownToken ? { ...ended, error: asJobTokenError(ended.error) } : ended
  }
}

/** With the connection's own credential, or with the token that was given for this job alone and is never renewed. */
function sourceOf(deps: RunJobDeps, job: ClaimedJob): ConnectionSource {
  const { connectionId } = job
  if (!job.credentialOverridden) return createConnectionSource(deps.broker, connectionId, deps.clock)
  const withToken = { open: () => openWithJobToken(deps, connectionId, job.id), refused: async () => null }
  return createConnectionSource(withToken, connectionId, deps.clock)
}

function endedBy(error: unknown, stream: string | undefined, { limitMs }: RunJobDeps, logger: Logger): Ended {
  if (error instanceof RunStoppedError) {
    if (error.reason === 'timed_out') return { status: 'FAILED', error: timeoutError(limitMs, stream) }
    if (error.reason === 'cancelled') return { status: 'CANCELLED' }
    if (error.reason === 'handed_back') return 'handed_back'
    logger.warn('The sync job is another worker’s now, or gone.')
    return 'left'
  }
  const told = toSyncError(error, stream)
  if (told !== undefined) return { status: 'FAILED', error: told }
  if (databaseIsAway(error)) {
    logger.warn({ err: error }, 'The database is away. The sync job goes on from its checkpoint when it is back.')
    return 'left'
  }
  logger.error({ err: error, stream }, 'A sync job failed for an unexpected reason.')
  return { status: 'FAILED', error: { ...INTERNAL_SYNC_ERROR, ...(stream === undefined ? {} : { stream }) } }
}

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
  }>(
    `SELECT s.name, s.checkpoint::text AS checkpoint, s.records_read, s.records_written, s.pages_read, s.total,
            t.cursor::text AS stored_cursor, t.name IS NULL AS fresh
     FROM sync_job_stream s LEFT JOIN stream_state t ON t.connection_id = $2::uuid AND t.name = s.name
     WHERE s.sync_job_id = $1::uuid AND s.status <> 'SUCCEEDED' ORDER BY s.position`,
    [job.id, job.connectionId],
  )
  return rows.map((row) => ({
    name: row.name,
    checkpoint: row.checkpoint,
    recordsRead: row.records_read,
    recordsWritten: row.records_written,
    pagesRead: row.pages_read,
    total: row.total,
    storedCursor: row.stored_cursor,
    fresh: row.fresh,
  }))
}

/**
 * Connection exceptions, insufficient resources, operator intervention, and sessions that were ended because they were idle
 * (PostgreSQL, appendix A: classes 08, 53, 57P; 25P03).
 */
const AWAY_STATES = /^(08|53|57P|25P03)/
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
])
/** What the driver says without a code. */
const AWAY_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|pool after calling end|not queryable|PGlite is clos/

/** Whether an error of the database says only that it is not there now: what was not written may be written later. */
function databaseIsAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (
    'code' in error &&
    typeof error.code === 'string' &&
    (AWAY_STATES.test(error.code) || AWAY_CODES.has(error.code))
  ) {
    return true
  }
  return AWAY_MESSAGES.test(error.message)
}
