import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import type { Database } from '../../db/database.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { NewEvent } from '../../events/event-types.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { Clock } from '../../kit/time.ts'
import { SYNC_PAGE } from '../../requests/send.ts'
import { testRequestParts } from '../../requests/test-request-parts.ts'
import type { Retry } from '../../wire/retry.ts'
import { type ClaimedJob, fencedTransaction } from '../jobs/claim.ts'
import type { StreamEnding } from '../jobs/finish-job.ts'
import { progressEvent } from '../jobs/progress-event.ts'
import { RunStoppedError, type SyncError } from '../jobs/sync-error.ts'
import type { StreamReader } from '../read/fetch-page.ts'
import { type Checkpoint, endOf, readCheckpoint } from '../read/page-position.ts'
import { endWarning } from '../read/pagination.ts'
import { ListSkippedError, readPages, type StreamPage } from '../read/read-pages.ts'
import { cursorToStore, higherStoredCursor } from '../read/stream-cursor.ts'
import { readParents, readSubStream } from '../read/sub-streams.ts'
import { readNewestPosition } from '../records/records.ts'
import { type CountersRow, countersOf, type StreamCounters, writePage } from '../records/write-page.ts'

/** One run of a job: what its streams share. */
export interface Run {
  database: Database
  bus: WakeBus
  logger: Logger
  metrics?: Metrics | undefined
  clock: Clock
  job: ClaimedJob
  /** Aborts with a RunStoppedError. */
  signal: AbortSignal
  /** When the last SYNC_PROGRESSED event of this run was appended, in milliseconds of `clock`. */
  progressReportedAt: number
  reader: Omit<StreamReader, 'stream' | 'since' | 'onRetry' | 'clock' | 'connectionId'>
}

/** A stream of a job as stored when the run begins. */
export interface StreamRow extends StreamCounters {
  name: string
  checkpoint: string | null
  /** JSON of the connection's cursor from earlier jobs; null: none. */
  storedCursor: string | null
  /** The connection never had a record of this stream. */
  fresh: boolean
}

const PROGRESS_INTERVAL_MS = 500

const SKIPPED = 'The stream was skipped, because a response is declared as skip. Its stored records are kept.'

/**
 * Reads a stream from its checkpoint to its end and writes its records. A stream that is read as a whole (a full refresh,
 * or a stream without an incremental parameter) then marks records that the provider no longer returns as deleted.
 * @returns writes the end of the stream. The end of the job's last stream is written in the transaction that ends the job.
 * @throws SyncFailedError, RunStoppedError, errors of the broker and the database
 */
export async function runStream(run: Run, stream: StreamDefinition, row: StreamRow): Promise<StreamEnding> {
  const { database, job, signal } = run
  const whole = job.fullRefresh || stream.incremental === undefined
  const reader: StreamReader = {
    ...run.reader,
    connectionId: job.connectionId,
    stream,
    since: whole ? null : row.storedCursor,
    onRetry: (retry) => reportRetry(run, stream.name, retry),
  }
  const mode = row.fresh ? 'new' : whole ? 'whole' : 'changed'
  let checkpoint = readCheckpoint(row.checkpoint)
  let counters: StreamCounters = row
  const start: StreamStart = { atMs: run.clock.now(), recordsRead: row.recordsRead }
  await beginStream(run, stream.name)
  let skipped = 0
  const onSkipped = (count: number) => {
    skipped = count
  }
  for await (const page of pagesFrom(run, reader, checkpoint, row.pagesRead + 1, onSkipped)) {
    checkpoint = checkpointAfter(checkpoint, page)
    const before = counters.recordsWritten
    counters = await fencedTransaction(database, job, async (tx) => {
      const written = await writePage(tx, job, stream.name, page, { checkpoint, mode })
      const now = run.clock.now()
      if (page.next !== null && now - run.progressReportedAt >= PROGRESS_INTERVAL_MS) {
        run.progressReportedAt = now
        await appendJobEvent(run, tx, currentProgress(run, stream.name, start, written))
      }
      return written
    })
    run.metrics?.recordsWritten.inc(counters.recordsWritten - before)
    signal.throwIfAborted()
  }
  const end = endOf(stream, checkpoint, counters.recordsRead)
  const deletion =
    whole && end !== null ? await deleteMissing(run, stream.name, counters.recordsRead, skipped) : undefined
  const isSkipped = stream.parent === undefined && checkpoint.next !== null
  const list = { recordsRead: counters.recordsRead, largestPage: checkpoint.list?.largest ?? 0 }
  const warnings = [
    deletion,
    parentWarning(stream, counters, skipped),
    isSkipped ? SKIPPED : undefined,
    end === null ? undefined : endWarning(stream, end, list),
  ].filter((warning) => warning !== undefined)
  const highest = cursorToStore(checkpoint.highest, checkpoint.askedAt ?? null)
  return endingOf(run, stream.name, {
    counters,
    start,
    cursor: isSkipped
      ? row.storedCursor
      : whole
        ? (highest ?? row.storedCursor)
        : higherStoredCursor(row.storedCursor, highest),
    warning: warnings.length === 0 ? undefined : warnings.join(' '),
  })
}

/** One statement with the same fence as `fencedTransaction`. */
async function beginStream({ database, job }: Run, stream: string): Promise<void> {
  const [row] = await database.sql.query<{ status: 'RUNNING' | 'CANCELLING' }>(
    `WITH fence AS MATERIALIZED (
       SELECT id, status FROM sync_job WHERE id = $1::uuid AND attempt = $2::int AND status IN ('RUNNING', 'CANCELLING')
       FOR NO KEY UPDATE
     ), begun AS (
       UPDATE sync_job_stream s SET status = 'RUNNING' FROM fence
       WHERE s.sync_job_id = fence.id AND s.name = $3 AND s.status IN ('QUEUED', 'FAILED')
     )
     SELECT status::text AS status FROM fence`,
    [job.id, job.attempt, stream],
  )
  if (row === undefined) throw new RunStoppedError('lost')
  if (row.status === 'CANCELLING') throw new RunStoppedError('cancelled')
}

/**
 * Pages of a stream from its checkpoint on. For a sub-stream: pages for each record of its parent stream.
 * @param onSkipped called with the number of parent records that the provider no longer has
 */
async function* pagesFrom(
  { database, logger, signal }: Pick<Run, 'database' | 'logger' | 'signal'>,
  reader: Omit<StreamReader, 'lastReadAt'>,
  { next, list, parent }: Checkpoint,
  firstNumber: number,
  onSkipped: (skipped: number) => void,
): AsyncGenerator<StreamPage> {
  const { connectionId, stream } = reader
  if (next === null) return
  if (stream.parent === undefined) {
    try {
      yield* readPages(reader, { next, list }, firstNumber, signal)
    } catch (error) {
      if (!(error instanceof ListSkippedError)) throw error
    }
    return
  }
  const [state] = await database.sql.query<{ last_synced_at: Date | null }>(
    'SELECT last_synced_at FROM stream_state WHERE connection_id = $1::uuid AND name = $2',
    [connectionId, stream.name],
  )
  const from = parent === undefined ? 0n : BigInt(parent.position) + (parent.done ? 1n : 0n)
  const parents = readParents(database.sql, { connectionId, stream: stream.parent.stream }, from)
  if (parent !== undefined && parent.skipped > 0) onSkipped(parent.skipped)
  yield* readSubStream(
    { ...reader, lastReadAt: state?.last_synced_at ?? null },
    parents,
    { next, list, parent, firstNumber },
    ({ primaryKey }, skipped) => {
      logger.info(
        { stream: stream.name, parent: primaryKey },
        'The provider no longer has a record of the parent stream. The record is skipped.',
      )
      onSkipped(skipped)
    },
    signal,
  )
}

function checkpointAfter(last: Checkpoint, { resume, list, end, records, parent, askedAt }: StreamPage): Checkpoint {
  const known = [last.askedAt, askedAt].filter((at) => at != null)
  return {
    next: resume,
    highest: higherStoredCursor(last.highest, records.highest),
    // The earliest one, because pages of several parents are requested at once.
    askedAt: known.length === 0 ? null : Math.min(...known),
    parent,
    list,
    end,
  }
}

function parentWarning(
  { parent }: StreamDefinition,
  { pagesRead }: StreamCounters,
  skipped: number,
): string | undefined {
  if (parent === undefined) return undefined
  if (skipped > 0) return `${skipped} records of ${parent.stream} were skipped: the provider no longer has them.`
  return pagesRead === 0 ? `There are no records of ${parent.stream} to read for. Sync that stream too.` : undefined
}

interface StreamEnd {
  counters: StreamCounters
  start: StreamStart
  /** JSON of the cursor to store. */
  cursor: string | null
  warning: string | undefined
}

function endingOf(run: Run, stream: string, { counters, start, cursor, warning }: StreamEnd): StreamEnding {
  const { job } = run
  return async (tx) => {
    await tx.query(
      `WITH ended AS (
         UPDATE sync_job_stream SET status = 'SUCCEEDED' WHERE sync_job_id = $5::uuid AND name = $2
       )
       INSERT INTO stream_state AS s (connection_id, name, workspace_id, cursor, last_synced_at)
       VALUES ($1::uuid, $2, $3::uuid, $4::json, clock_timestamp())
       ON CONFLICT (connection_id, name) DO UPDATE SET cursor = excluded.cursor, last_synced_at = excluded.last_synced_at`,
      [job.connectionId, stream, job.workspaceId, cursor, job.id],
    )
    run.progressReportedAt = run.clock.now()
    const event = currentProgress(run, stream, start, counters)
    const percent = counters.total === null ? null : 100
    return withJob(job, { ...event, payload: { ...event.payload, percent, warning } })
  }
}

/** Writes the end of a stream in a transaction of its own. */
export async function endStream(run: Run, ending: StreamEnding): Promise<void> {
  await fencedTransaction(run.database, run.job, async (tx) =>
    appendEvents(tx, run.bus, run.job.workspaceId, [await ending(tx)]),
  )
}

/** Marks a stream that the provider refused as failed. Its last progress event has the reason as `warning`. */
export async function failStream(run: Run, stream: string, { message }: SyncError): Promise<void> {
  await fencedTransaction(run.database, run.job, async (tx) => {
    const [row] = await tx.query<CountersRow>(
      `UPDATE sync_job_stream SET status = 'FAILED' WHERE sync_job_id = $1::uuid AND name = $2
       RETURNING records_read, records_written, pages_read, total`,
      [run.job.id, stream],
    )
    if (row === undefined) return
    run.progressReportedAt = run.clock.now()
    const event = progressEvent(stream, countersOf(row), null)
    await appendJobEvent(run, tx, { ...event, payload: { ...event.payload, warning: message } })
  })
}

/** Where this run began with a stream, for the speed. */
interface StreamStart {
  atMs: number
  recordsRead: number
}

function currentProgress(run: Run, stream: string, start: StreamStart, counters: StreamCounters): NewEvent {
  const seconds = (run.clock.now() - start.atMs) / 1_000
  return progressEvent(stream, counters, seconds > 0 ? (counters.recordsRead - start.recordsRead) / seconds : null)
}

/** Appends a SYNC_RETRYING event. */
export async function reportRetry(run: Run, stream: string, { reason, retryAt, attempt }: Retry): Promise<void> {
  const payload = { stream, reason, retryAt: retryAt.toISOString(), attempt }
  await fencedTransaction(run.database, run.job, (tx) => appendJobEvent(run, tx, { type: 'SYNC_RETRYING', payload }))
}

/** Call it last in a transaction: it locks the event log. */
async function appendJobEvent(run: Run, tx: WriteTx, event: NewEvent): Promise<void> {
  await appendEvents(tx, run.bus, run.job.workspaceId, [withJob(run.job, event)])
}

function withJob({ id, connectionId }: ClaimedJob, event: NewEvent): NewEvent {
  return { ...event, connectionId, syncJobId: id }
}

/**
 * Marks records of a stream that was read as a whole, and that the provider no longer returns, as deleted. An empty list
 * is often an error of the provider: when nothing was read, nothing is deleted, unless this is a full refresh and the
 * definition's test request succeeds. Nothing is deleted either when all parent records were skipped.
 * @param skipped number of parent records that the provider no longer has
 * @returns a warning when records were kept
 */
async function deleteMissing(
  run: Run,
  stream: string,
  recordsRead: number,
  skipped: number,
): Promise<string | undefined> {
  const { database, job, signal } = run
  if (recordsRead > 0) {
    await deleteUnseen(database, job, stream, signal)
    return undefined
  }
  const [state] = await database.sql.query<{ record_count: number }>(
    'SELECT record_count FROM stream_state WHERE connection_id = $1::uuid AND name = $2',
    [job.connectionId, stream],
  )
  if (state === undefined || state.record_count === 0) return undefined
  const test = job.fullRefresh && skipped === 0 ? await testAccount(run) : 'not made'
  if (test === 'passed') {
    await deleteUnseen(database, job, stream, signal)
    return undefined
  }
  run.logger.warn(
    { syncJobId: job.id, stream, recordCount: state.record_count, test },
    'The provider returned no records for a stream that has records. The records are kept.',
  )
  return `The provider returned no records. The ${state.record_count} stored records are kept.${KEPT_BECAUSE[test]}`
}

/** Result of the definition's test request; `undefined`: the definition has none. */
type AccountTest = 'passed' | 'failed' | 'undefined' | 'not made'

const KEPT_BECAUSE: Readonly<Record<Exclude<AccountTest, 'passed'>, string>> = {
  failed: ' The definition’s test request failed, so the empty list was not trusted.',
  undefined: ' The definition has no test request that could confirm the empty list.',
  'not made': '',
}

async function testAccount({ reader, signal }: Run): Promise<AccountTest> {
  const opened = await reader.source.take()
  const parts = testRequestParts(opened.definition, opened.scope)
  if (parts === undefined) return 'undefined'
  const { path, ...request } = parts
  const source = { open: async () => opened, refused: async () => null }
  try {
    const sent = await reader.sender.send(
      source,
      { ...request, target: { path }, accept: 'application/json' },
      { policy: SYNC_PAGE, signal },
    )
    return sent.failure === null ? 'passed' : 'failed'
  } catch (error) {
    // An input leads the path away from the base URL.
    if (error instanceof InvalidInputError) return 'failed'
    throw error
  }
}

/** Records that one transaction checks. */
const BATCH = 2_000

/**
 * $1 connection, $2 stream, $3 and $4 positions between which records are checked, $5 job, $6 batch size. Deleted records
 * get positions above $4 and are not checked again.
 */
const DELETE_BATCH = `
  WITH batch AS (
    SELECT id, position, stream = $2 AND NOT deleted AND seen_by IS DISTINCT FROM $5::uuid AS unseen
    FROM record WHERE connection_id = $1::uuid AND position > $3::bigint AND position <= $4::bigint
    ORDER BY position LIMIT $6::int
  ), gone AS (
    UPDATE record SET deleted = true, position = nextval('record_position_seq'), changed_at = clock_timestamp()
    WHERE id = ANY (ARRAY (SELECT id FROM batch WHERE unseen))
    RETURNING position
  ), counted AS (
    SELECT count(*)::int AS deleted, coalesce(max(position), 0) AS newest FROM gone
  ), job AS (
    UPDATE sync_job SET records_deleted = records_deleted + counted.deleted, heartbeat_at = clock_timestamp(),
      change_floor = greatest(change_floor, counted.newest)
    FROM counted WHERE id = $5::uuid
  ), stream AS (
    UPDATE sync_job_stream SET records_deleted = records_deleted + counted.deleted
    FROM counted WHERE sync_job_id = $5::uuid AND name = $2
  ), state AS (
    UPDATE stream_state SET record_count = greatest(0, record_count - counted.deleted)
    FROM counted WHERE connection_id = $1::uuid AND name = $2
  )
  SELECT (SELECT max(position) FROM batch) AS last, (SELECT count(*)::int FROM batch) AS checked`

/**
 * Marks records of a stream that this job has not seen as deleted, in batches, each in a fenced transaction. Can be
 * repeated from the start after a crash.
 * @throws RunStoppedError, also as the signal's reason between two batches
 */
async function deleteUnseen(database: Database, job: ClaimedJob, stream: string, signal: AbortSignal): Promise<void> {
  const newest = await readNewestPosition(database.sql)
  let after = 0n
  for (;;) {
    signal.throwIfAborted()
    const { last, checked } = await fencedTransaction(database, job, async (tx) => {
      const [row] = await tx.query<{ last: bigint | null; checked: number }>(DELETE_BATCH, [
        job.connectionId,
        stream,
        after,
        newest,
        job.id,
        BATCH,
      ])
      return { last: row?.last ?? null, checked: row?.checked ?? 0 }
    })
    if (last === null || checked < BATCH) return
    after = last
  }
}
