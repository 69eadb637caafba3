import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import type { Database } from '../../db/database.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { NewEvent } from '../../events/event-types.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { Clock } from '../../kit/time.ts'
import { sendProviderRequest } from '../../requests/provider-request.ts'
import { testRequestParts } from '../../requests/test-request-parts.ts'
import { type ClaimedJob, fencedTransaction } from '../jobs/claim.ts'
import type { StreamEnding } from '../jobs/finish-job.ts'
import { progressEvent } from '../jobs/progress-event.ts'
import { RunStoppedError } from '../jobs/sync-error.ts'
import type { StreamReader } from '../read/fetch-page.ts'
import { type Checkpoint, readCheckpoint } from '../read/page-position.ts'
import { readPages, type StreamPage } from '../read/read-pages.ts'
import type { Retry } from '../read/retrying.ts'
import { cursorToStore, higherStoredCursor } from '../read/stream-cursor.ts'
import { readParents, readSubStream } from '../read/sub-streams.ts'
import { type StreamCounters, writePage } from '../records/write-page.ts'

/** What every stream of one run shares. */
export interface Run {
  database: Database
  bus: WakeBus
  logger: Logger
  metrics?: Metrics | undefined
  clock: Clock
  job: ClaimedJob
  /** Aborted with a RunStoppedError. */
  signal: AbortSignal
  /** When the job last told of its progress. */
  toldAt: number
  reader: Omit<StreamReader, 'stream' | 'since' | 'onRetry' | 'clock' | 'connectionId'>
}

/** The state in which this run finds a stream of its job. */
export interface StreamRow {
  name: string
  checkpoint: string | null
  recordsRead: number
  recordsWritten: number
  pagesRead: number
  total: number | null
  /** Of the connection, between jobs: JSON of the highest cursor, and how many records there are. */
  storedCursor: string | null
  /** The connection has no record of the stream, and never had one. */
  fresh: boolean
}

const PROGRESS_INTERVAL_MS = 500

/**
 * Reads a stream from where the job stands to its end and writes its records. A stream that is read as a whole (a full
 * refresh, or one without an incremental parameter) then marks what it did not meet as deleted.
 * @returns what is left to do: the end of the job's last stream is written with the job's own
 * @throws SyncFailedError; RunStoppedError; what the broker and the database throw
 */
export async function runStream(run: Run, stream: StreamDefinition, row: StreamRow): Promise<StreamEnding> {
  const { database, job, signal } = run
  const whole = job.fullRefresh || stream.incremental === undefined
  const reader: StreamReader = {
    ...run.reader,
    clock: run.clock,
    connectionId: job.connectionId,
    stream,
    since: whole ? null : row.storedCursor,
    onRetry: (retry) => reportRetry(run, stream.name, retry),
  }
  const mode = row.fresh ? 'new' : whole ? 'whole' : 'changed'
  let checkpoint = readCheckpoint(row.checkpoint)
  let counters: StreamCounters = row
  const began: StreamStart = { atMs: run.clock.now(), recordsRead: row.recordsRead }
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
      if (page.next !== null && now - run.toldAt >= PROGRESS_INTERVAL_MS) {
        run.toldAt = now
        await tell(run, tx, progress(run, stream.name, began, written))
      }
      return written
    })
    run.metrics?.recordsWritten.inc(counters.recordsWritten - before)
    signal.throwIfAborted()
  }
  const kept = whole ? await deleteOrKeep(run, stream.name, { recordsRead: counters.recordsRead, skipped }) : undefined
  const notes = [kept, parentNote(stream, counters, skipped)].filter((note) => note !== undefined)
  const warning = notes.length === 0 ? undefined : notes.join(' ')
  return endingOf(run, stream.name, { checkpoint, counters, began, whole, warning, storedCursor: row.storedCursor })
}

export async function endStream(run: Run, ending: StreamEnding): Promise<void> {
  await fencedTransaction(run.database, run.job, async (tx) =>
    appendEvents(tx, run.bus, run.job.workspaceId, [await ending(tx)]),
  )
}

function checkpointAfter(last: Checkpoint, { resume, records, parent, askedAt }: StreamPage): Checkpoint {
  const known = [last.askedAt, askedAt].filter((at) => at != null)
  return {
    next: resume,
    highest: higherStoredCursor(last.highest, records.highest),
    // The earliest: pages of several parents are asked for at once.
    askedAt: known.length === 0 ? null : Math.min(...known),
    ...(parent === undefined ? {} : { parent }),
  }
}

/** What is to be known of the parents of a sub-stream. */
function parentNote({ parent }: StreamDefinition, { pagesRead }: StreamCounters, skipped: number): string | undefined {
  if (parent === undefined) return undefined
  if (skipped > 0) return `The source no longer knows ${skipped} records of ${parent.stream}: they were skipped.`
  return pagesRead === 0 ? `There are no records of ${parent.stream} to read for: sync that stream too.` : undefined
}

interface StreamEnd {
  checkpoint: Checkpoint
  counters: StreamCounters
  began: StreamStart
  whole: boolean
  warning: string | undefined
  storedCursor: string | null
}

function endingOf(run: Run, stream: string, end: StreamEnd): StreamEnding {
  const { job } = run
  const highest = cursorToStore(end.checkpoint.highest, end.checkpoint.askedAt ?? null)
  const cursor = end.whole ? (highest ?? end.storedCursor) : higherStoredCursor(end.storedCursor, highest)
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
    run.toldAt = run.clock.now()
    const told = progress(run, stream, end.began, end.counters)
    const percent = end.counters.total === null ? null : 100
    const warning = end.warning === undefined ? {} : { warning: end.warning }
    return ofJob(job, { ...told, payload: { ...told.payload, percent, ...warning } })
  }
}

/** One statement that is fenced as a transaction is. */
async function beginStream({ database, job }: Run, stream: string): Promise<void> {
  const [row] = await database.sql.query<{ status: 'RUNNING' | 'CANCELLING' }>(
    `WITH mine AS MATERIALIZED (
       SELECT id, status FROM sync_job WHERE id = $1::uuid AND attempt = $2::int AND status IN ('RUNNING', 'CANCELLING')
       FOR NO KEY UPDATE
     ), begun AS (
       UPDATE sync_job_stream s SET status = 'RUNNING' FROM mine
       WHERE s.sync_job_id = mine.id AND s.name = $3 AND s.status = 'QUEUED'
     )
     SELECT status::text AS status FROM mine`,
    [job.id, job.attempt, stream],
  )
  if (row === undefined) throw new RunStoppedError('lost')
  if (row.status === 'CANCELLING') throw new RunStoppedError('cancelled')
}

/** Where this run found a stream. */
interface StreamStart {
  atMs: number
  recordsRead: number
}

function progress(run: Run, stream: string, began: StreamStart, counters: StreamCounters): NewEvent {
  const seconds = (run.clock.now() - began.atMs) / 1_000
  return progressEvent(stream, counters, seconds > 0 ? (counters.recordsRead - began.recordsRead) / seconds : null)
}

/** Tells the job's subscribers that a request is going to be repeated. */
export async function reportRetry(run: Run, stream: string, { reason, retryAt, attempt }: Retry): Promise<void> {
  await fencedTransaction(run.database, run.job, (tx) =>
    tell(run, tx, { type: 'SYNC_RETRYING', payload: { stream, reason, retryAt: retryAt.toISOString(), attempt } }),
  )
}

/** Last in a transaction: from here on it holds the event log. */
async function tell(run: Run, tx: WriteTx, event: NewEvent): Promise<void> {
  await appendEvents(tx, run.bus, run.job.workspaceId, [ofJob(run.job, event)])
}

function ofJob({ id, connectionId }: ClaimedJob, event: NewEvent): NewEvent {
  return { ...event, connectionId, syncJobId: id }
}

/**
 * The pages of a stream from its checkpoint on; of a sub-stream those of each record of its parent stream.
 * @param onSkipped told how many records of the parent stream the source did not know any more
 */
async function* pagesFrom(
  { database, logger, signal }: Pick<Run, 'database' | 'logger' | 'signal'>,
  reader: Omit<StreamReader, 'lastReadAt'>,
  { next, parent }: Checkpoint,
  firstNumber: number,
  onSkipped: (skipped: number) => void,
): AsyncGenerator<StreamPage> {
  const { connectionId, stream } = reader
  if (next === null) return
  if (stream.parent === undefined) {
    yield* readPages(reader, next, firstNumber, signal)
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
    { next, parent, firstNumber },
    (gone, skipped) => {
      logger.info({ stream: stream.name, parent: gone.primaryKey }, 'A record of the parent stream is gone: skipped.')
      onSkipped(skipped)
    },
    signal,
  )
}

/**
 * Marks what a stream that was read as a whole no longer has as deleted. A source that breaks often answers an empty list,
 * and believing it would delete everything: where nothing was read, nothing is deleted, unless a full refresh was asked for
 * and the definition's test request shows that the account is well. Nor is it when all that was read for was not there.
 * @param read.skipped records of the parent stream that the source did not know any more
 * @returns why nothing was deleted, where something should have been
 */
async function deleteOrKeep(
  run: Run,
  stream: string,
  { recordsRead, skipped }: { recordsRead: number; skipped: number },
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
  const tested = job.fullRefresh && skipped === 0 ? await testAccount(run) : 'not asked'
  if (tested === 'good') {
    await deleteUnseen(database, job, stream, signal)
    return undefined
  }
  run.logger.warn(
    { syncJobId: job.id, stream, recordCount: state.record_count, tested },
    'The source answered no records although there are some: they are kept.',
  )
  return `The source answered no records. The ${state.record_count} that are here are kept.${WHY[tested]}`
}

type Tested = 'good' | 'bad' | 'none' | 'not asked'

const WHY: Readonly<Record<Exclude<Tested, 'good'>, string>> = {
  bad: ' The definition’s test request failed, so that the answer was not believed.',
  none: ' The definition has no test request that would show whether to believe it.',
  'not asked': '',
}

async function testAccount({ reader, signal }: Run): Promise<Tested> {
  const opened = await reader.source.take()
  const { definition, integrationId, scope } = opened
  const parts = testRequestParts(definition, scope)
  if (parts === undefined) return 'none'
  const { path, ...request } = parts
  await reader.pacer.wait(integrationId, definition.rateLimit?.requestsPerSecond, signal)
  const url = urlOf(renderUrl(definition.baseUrl, scope), path)
  if (url === undefined) return 'bad'
  const { ok } = await sendProviderRequest({ egress: reader.egress, opened, request: { ...request, url }, signal })
  return ok ? 'good' : 'bad'
}

/** Undefined: an input leads the path away from the base URL. */
function urlOf(base: URL, path: string): URL | undefined {
  try {
    return joinUrl(base, path)
  } catch (error) {
    if (error instanceof EgressError) return undefined
    throw error
  }
}

/** Records that one transaction looks at. */
const BATCH = 2_000

/** `$3` and `$4` bound the walk: what is deleted gets a higher position than `$4` and is not met again. */
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
  SELECT (SELECT max(position) FROM batch) AS last, (SELECT count(*)::int FROM batch) AS looked_at`

/**
 * Marks the records of a stream that this job has not seen as deleted, in batches, each in a fenced transaction. May be
 * begun again from the start after a crash.
 * @throws RunStoppedError; the signal's reason between two batches
 */
async function deleteUnseen(database: Database, job: ClaimedJob, stream: string, signal: AbortSignal): Promise<void> {
  const [{ newest } = { newest: 0n }] = await database.sql.query<{ newest: bigint }>(
    `SELECT coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0) AS newest`,
  )
  let after = 0n
  for (;;) {
    signal.throwIfAborted()
    const { last, lookedAt } = await fencedTransaction(database, job, async (tx) => {
      const [row] = await tx.query<{ last: bigint | null; looked_at: number }>(DELETE_BATCH, [
        job.connectionId,
        stream,
        after,
        newest,
        job.id,
        BATCH,
      ])
      return { last: row?.last ?? null, lookedAt: row?.looked_at ?? 0 }
    })
    if (last === null || lookedAt < BATCH) return
    after = last
  }
}
