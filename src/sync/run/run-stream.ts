import { hash } from 'node:crypto'
import {
  deletesMissing,
  feedOf,
  hasCursorPerParent,
  parentStreams,
  type StreamDefinition,
} from '../../catalog/definition/stream.ts'
import type { Database } from '../../db/database.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { NewEvent } from '../../events/event-types.ts'
import { stringifyJson } from '../../kit/json.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { Clock } from '../../kit/time.ts'
import type { InterruptedRequest } from '../../requests/send.ts'
import type { Retry } from '../../wire/retry.ts'
import { FAILURES } from '../../wire/verdict.ts'
import { type ClaimedJob, FENCE, fencedTransaction, NEWEST_POSITION } from '../jobs/claim.ts'
import type { StreamEnding } from '../jobs/finish-job.ts'
import { JobWaitError } from '../jobs/job-wait.ts'
import { progressEvent } from '../jobs/progress-event.ts'
import { RunStoppedError, requestFailed, type SyncError } from '../jobs/sync-error.ts'
import { addWarnings, type SyncWarning, warningsOfEvent } from '../jobs/sync-warning.ts'
import { eachDigest, readEach } from '../read/each-item.ts'
import type { StreamReader } from '../read/fetch-page.ts'
import {
  type Checkpoint,
  type Reading,
  type ReadingCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../read/page-position.ts'
import { ListSkippedError, linkAbort, type StreamPage } from '../read/read-pages.ts'
import { shapesRecords } from '../read/shape-records.ts'
import { cursorToStore, higherStoredCursor, isImpossibleCursor, readingEndMs } from '../read/stream-cursor.ts'
import { readParents, readSubStream, type SkippedParents } from '../read/sub-streams.ts'
import { createKnownPages, forgetPages, type KnownPages } from '../records/known-pages.ts'
import { readNewestPosition } from '../records/records.ts'
import { type CountersRow, countersOf, type StreamCounters } from '../records/write-page.ts'
import { countMissing, deleteMissing, isSuddenLoss, sendTestRequest } from './missing-records.ts'
import { type MetRecords, PageWriter } from './page-writer.ts'
import {
  checkTolerance,
  continueReading,
  endOfReading,
  MAX_READINGS,
  quarantineWarning,
  readingAfter,
  repeatReading,
  shrankWhileRead,
} from './reading.ts'
import { createRequestWaits } from './request-waits.ts'

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
  /** Warnings that are not stored yet. */
  warnings: SyncWarning[]
  /**
   * Adds a warning to the job. It is stored in the next transaction of the run: with the next page, or with the end of
   * the stream. A warning about a page belongs into `StreamPage.warnings`, because pages are read ahead.
   */
  warn(warning: SyncWarning): void
  /** A wait that is longer puts the job back into the queue, in milliseconds. */
  putBackMs: number
  reader: Omit<StreamReader, 'stream' | 'since' | 'onRetry' | 'clock' | 'connectionId' | 'recordIds'>
}

/** A stream of a job as stored when the run begins. */
export interface StreamRow extends StreamCounters {
  name: string
  checkpoint: string | null
  /** The checkpoint is that of the failed job before this one. */
  inherited: boolean
  /** JSON of the connection's cursor from earlier jobs; null: none. */
  storedCursor: string | null
  /** The connection never had a record of this stream. */
  fresh: boolean
  /** Number of present records. */
  recordCount: number
  /** Fingerprint of the definition that they and the cursor come from; null: unknown. */
  definition: string | null
  /** The newest change position of any record. */
  newestPosition: number
  /** The records of all known pages have their positions. */
  knownPagesValid: boolean
}

const PROGRESS_INTERVAL_MS = 500

/** How long a source that lost most of its records at once has time to recover before it is read again. */
const RECOVERY_MS = 5_000

/** A stream in a run of a job. */
interface StreamRun {
  run: Run
  stream: StreamDefinition
  reader: StreamReader
  row: StreamRow
  /** JSON of the cursor from earlier jobs, if it can be used; null: none. */
  storedCursor: string | null
  start: StreamStart
  /** All records are read, so that those which the source no longer has are found. */
  whole: boolean
  /** The definition changed: what is stored may have other identities, and the cursor is not used. */
  changed: boolean
  /** What a complete reading does not meet is deleted. */
  deletes: boolean
}

/**
 * Reads a stream from its checkpoint to its end and writes its records. A stream that is read as a whole (a full refresh,
 * a stream without an incremental parameter, or a changed definition) then marks records that the provider no longer
 * returns as deleted. It is read again first where the reading may have missed records, or where most of them are gone.
 * @param declared see `fingerprintOf`
 * @returns writes the end of the stream. The end of the job's last stream is written in the transaction that ends the job.
 * @throws SyncFailedError, RunStoppedError, errors of the broker and the database
 */
export async function runStream(
  run: Run,
  stream: StreamDefinition,
  declared: string,
  row: StreamRow,
): Promise<StreamEnding> {
  const { clock, job, signal } = run
  const fingerprint = await withItems(run, stream, declared)
  const changed = row.definition !== null && row.definition !== fingerprint
  const whole = job.fullRefresh || stream.incremental === undefined || changed
  const start: StreamStart = { atMs: clock.now(), recordsRead: row.recordsRead }
  const storedCursor = changed ? null : usableCursor(run, stream, row)
  const reader: StreamReader = {
    ...run.reader,
    connectionId: job.connectionId,
    recordIds: job.recordIds,
    stream,
    since: whole ? null : storedCursor,
    onRetry: (retry) => reportRetry(run, stream.name, retry),
    waits: createRequestWaits({
      stream: stream.name,
      clock,
      putBackMs: run.putBackMs,
      report: (retry) => reportRetry(run, stream.name, retry),
      interrupted: interruptedRequest(job, stream.name),
    }),
  }
  const deletes = whole && deletesUnmet(job, stream, changed)
  const streamRun: StreamRun = { run, stream, reader, row, storedCursor, start, whole, changed, deletes }
  let checkpoint = continueReading(readCheckpoint(row.checkpoint), {
    definition: fingerprint,
    whole,
    deletes,
    newest: row.newestPosition,
    since: reader.since,
    before: row.recordCount,
    recordsRead: row.recordsRead,
    inherited: row.inherited,
    resumed: job.resumed && job.wait?.stream === stream.name,
  })
  if (namesEnd(stream)) reader.endAtMs = checkpoint.endAtMs ?? (await endOf(reader, clock.now()))
  if (changed && row.pagesRead === 0) warnOfChange(run, stream.name, deletes)
  await beginStream(run, stream.name, checkpoint.reading, row.inherited ? writeCheckpoint(checkpoint) : null)
  if (whole && hasCursorPerParent(stream) && checkpoint.reading.pages === 0) await forgetParentCursors(run, stream.name)
  let counters: StreamCounters = row
  // The database has measured this wait. The clock of another process may differ from that of the one that began it.
  let hasWaited = job.resumed && job.wait?.stream === stream.name && job.wait.kind === 'second_reading'
  for (;;) {
    const waitMs = hasWaited ? 0 : Math.min((checkpoint.reading.startAt ?? 0) - clock.now(), RECOVERY_MS)
    hasWaited = false
    if (waitMs > run.putBackMs) {
      const reason = `${SUDDEN_LOSS} It is read again before anything is deleted.`
      throw new JobWaitError({ kind: 'second_reading', stream: stream.name, reason }, clock.now() + waitMs)
    }
    if (waitMs > 0) await clock.sleep(waitMs, signal)
    const ended = await readToEnd(streamRun, checkpoint, counters)
    counters = ended.counters
    if (isSkipped(stream, ended.checkpoint)) {
      warnOfSkip(run, stream.name, row.recordCount)
      return endingOf(streamRun, fingerprint, ended)
    }
    const again = await settleMissing(streamRun, ended)
    if (again === undefined) return endingOf(streamRun, fingerprint, ended)
    checkpoint = again
  }
}

/**
 * The fingerprint with the values of `each`: a value that is new has records from before the cursor. Values of a sub-stream may differ for
 * each parent, and do not count.
 */
async function withItems({ reader }: Run, stream: StreamDefinition, declared: string): Promise<string> {
  if (stream.each === undefined || stream.parent !== undefined) return declared
  const { scope } = await reader.source.peek()
  return hash('sha256', `${declared}:${eachDigest(stream, scope)}`, 'hex').slice(0, 32)
}

/** The request of the stream for which an earlier run of the job waited. */
function interruptedRequest({ wait }: ClaimedJob, stream: string): InterruptedRequest | undefined {
  if (wait?.stream !== stream || (wait.page === undefined && wait.slotAt === undefined)) return undefined
  return { retries: wait.page, slotAt: wait.slotAt }
}

/**
 * Whether a complete reading deletes what it did not meet. A stream whose records say that they are deleted does so only where
 * its definition changed, because records under an old key are never met again. A feed does so only when the caller confirms
 * it: the provider may have forgotten changes of records that still exist.
 */
function deletesUnmet(
  { fullRefresh, confirmDeletes }: ClaimedJob,
  stream: StreamDefinition,
  changed: boolean,
): boolean {
  if (stream.deletes === 'never') return false
  const confirmed = fullRefresh && confirmDeletes
  return deletesMissing(stream) || confirmed || (changed && feedOf(stream) === undefined)
}

function warnOfChange(run: Run, stream: string, deletes: boolean): void {
  const read = 'The definition of the stream has changed, so all records are read anew.'
  const message = deletes
    ? `${read} Stored records that it no longer returns are deleted when it was read completely.`
    : `${read} Stored records that it no longer returns are kept, under their old keys too. To delete them, trigger a sync with fullRefresh and confirmDeletes.`
  run.warn({ stream, code: 'DEFINITION_CHANGED', message, count: 1 })
}

/** A rule of the stream's `responses` has skipped the rest of the stream. */
function isSkipped({ parent }: StreamDefinition, { next }: Checkpoint): boolean {
  return parent === undefined && next !== null
}

const SKIPPED =
  'The stream was skipped, because its definition declares a response of the source as skip, or because its each has no values.'

function warnOfSkip(run: Run, stream: string, recordCount: number): void {
  if (recordCount === 0) return
  run.warn({
    stream,
    code: 'DELETIONS_HELD_BACK',
    message: `${SKIPPED} Its stored records and its cursor are kept.`,
    count: recordCount,
  })
}

interface EndedReading {
  checkpoint: ReadingCheckpoint
  counters: StreamCounters
  parents: SkippedParents
  /** Null: an earlier run has read pages of the reading. */
  met: MetRecords | null
}

/** Reads and writes pages until there is none. @throws as `runStream` */
async function readToEnd(
  { run, stream, reader, row, start, whole }: StreamRun,
  from: ReadingCheckpoint,
  countersBefore: StreamCounters,
): Promise<EndedReading> {
  const first = from.reading.number === 1
  const firstNumber = (first ? Math.max(row.pagesRead, from.reading.pages) : from.reading.pages) + 1
  let checkpoint = from
  let parents: SkippedParents = { skipped: 0, unread: 0 }
  const onSkipped = (counts: SkippedParents) => {
    parents = counts
  }
  const writer = new PageWriter({
    database: run.database,
    job: run.job,
    stream,
    fresh: row.fresh,
    // A person who asks for everything anew may have changed the database.
    knownPagesValid: row.knownPagesValid && !run.job.fullRefresh,
    counters: countersBefore,
    async report(tx, counters, warnings, hasMore) {
      const pending = [...run.warnings, ...warnings]
      if (pending.length > 0) await addWarnings(tx, run.job.id, pending)
      const now = run.clock.now()
      if (hasMore && now - run.progressReportedAt >= PROGRESS_INTERVAL_MS) {
        run.progressReportedAt = now
        await appendJobEvent(run, tx, currentProgress(run, stream.name, start, counters))
      }
    },
    committed({ recordsWritten }) {
      run.warnings.length = 0
      run.metrics?.recordsWritten.inc(recordsWritten - recordsWrittenBefore)
      recordsWrittenBefore = recordsWritten
    },
  })
  let recordsWrittenBefore = countersBefore.recordsWritten
  const ahead = linkAbort(run.signal)
  try {
    const remembering = { ...reader, knownPages: whole ? knownPagesOf(run, stream, from.reading) : undefined }
    const pages = pagesFrom({ ...run, signal: ahead.signal }, remembering, checkpoint, firstNumber, onSkipped)
    for await (const page of writer.inTime(pages)) {
      const after = checkpointAfter(stream, checkpoint, page)
      checkpoint = { ...after, endAtMs: reader.endAtMs, reading: readingAfter(checkpoint.reading, page) }
      const bad = quarantineWarning(stream.name, page)
      // The records of a repeated reading are the same as those of the first one.
      const warnings = first ? [...(page.warnings ?? []), ...(bad ? [bad] : [])] : []
      await writer.add(page, checkpoint, warnings)
      run.signal.throwIfAborted()
      checkTolerance(stream, checkpoint.reading, false)
    }
    checkTolerance(stream, checkpoint.reading, true)
    await writer.commit()
  } catch (error) {
    await writer.commitAfter(error)
    throw error
  } finally {
    ahead.end()
  }
  return { checkpoint, counters: writer.counters, parents, met: from.reading.pages === 0 ? writer.met : null }
}

/**
 * The known pages of the stream. Undefined for a sub-stream: which of its pages has which number changes with its parents. Undefined also
 * where templates make the records: what they read changes without the page.
 */
function knownPagesOf(
  { database, job }: Run,
  stream: StreamDefinition,
  { definition }: Reading,
): KnownPages | undefined {
  const { name, parent, deletes, pagination } = stream
  if (parent !== undefined || shapesRecords(stream)) return undefined
  const meaning = stringifyJson([definition, deletes ?? null, pagination?.type ?? null])
  return createKnownPages(database.sql, { connectionId: job.connectionId, stream: name, meaning })
}

/** What is done about records that a reading did not meet. */
type Verdict =
  | { action: 'end' }
  | { action: 'delete'; missing: number }
  | { action: 'keep'; reason: string; missing: number }
  /** `reason`: for an event; absent: this is a routine second reading. `sudden`: most records are gone at once. */
  | { action: 'repeat'; missing: number; reason?: string | undefined; sudden: boolean }

/**
 * Deletes what the source no longer has, if that is proven.
 * @returns the checkpoint at which the stream is read again; undefined: it is done
 */
async function settleMissing(
  streamRun: StreamRun,
  { checkpoint, parents, met }: EndedReading,
): Promise<ReadingCheckpoint | undefined> {
  const { run, stream, reader } = streamRun
  const { name } = stream
  const { reading } = checkpoint
  const end = endOfReading(stream, checkpoint)
  const verdict = await judgeMissing(streamRun, reading, met, { ...parents, shortfall: end.shortfall })
  if (verdict.action === 'repeat') return storeRepetition(run, name, checkpoint, verdict)
  if (verdict.action === 'delete') {
    if (reading.number > 1) await storeAgreement(run, name, checkpoint)
    await deleteMissing(run, name, reading)
    if (reading.sudden === true) {
      const message = `${SUDDEN_LOSS} They were deleted after a second reading agreed.`
      run.warn({ stream: name, code: 'DELETIONS_HELD_BACK', message, count: verdict.missing })
    }
  }
  if (reader.since === null && end.shortfall > 0 && end.message !== undefined) {
    run.warn({ stream: name, code: 'TOTAL_DIFFERS', message: end.message, count: end.shortfall })
  }
  if (verdict.action === 'keep') {
    run.warn({ stream: name, code: 'DELETIONS_HELD_BACK', message: verdict.reason, count: verdict.missing })
  }
  return undefined
}

/** What a reading is known not to have met. */
interface Gaps extends SkippedParents {
  /** By how many records the source's total exceeds what was read. */
  shortfall: number
}

/**
 * A record is deleted only after a complete reading that did not meet it.
 *
 * - Where records can have moved over the border of a page, or where most of them are gone at once, two readings in a row
 *   must miss it, and the second one must not meet any record that the first one missed.
 * - Nothing is deleted where the reading is known to be incomplete: the source states a higher total, records could not be
 *   read, or all parents are gone.
 *
 * `confirmDeletes` of the job overrides the doubts about a sudden loss, the total, and records that could not be read.
 */
async function judgeMissing(
  streamRun: StreamRun,
  reading: Reading,
  metRecords: MetRecords | null,
  gaps: Gaps,
): Promise<Verdict> {
  const { run, stream, row, changed, deletes } = streamRun
  const { number, previous } = reading
  const mayRepeat = number < MAX_READINGS
  const shrank = shrankWhileRead(reading)
  const unless: Verdict =
    shrank && number === 1 ? { action: 'repeat', missing: 0, reason: SHRANK, sudden: false } : { action: 'end' }
  if (!deletes || (row.fresh && number === 1)) return unless
  if (number === 1 && hasMetAll(streamRun, metRecords)) return unless
  const counted = await countMissing(run, stream.name, reading)
  const { met, missing, missingTwice } = counted
  // Another worker has begun the deletion.
  if (reading.agreed === true) return { action: 'delete', missing: previous?.missing ?? missing }
  if (missing === 0) return unless
  const doubt = reasonToKeep(run, reading, gaps, met) ?? (met === 0 ? await testAccount(streamRun) : undefined)
  if (doubt === RENEWED && mayRepeat) return { action: 'repeat', missing, reason: RENEWED, sudden: false }
  if (doubt !== undefined) return { action: 'keep', reason: doubt, missing }
  // The parents are gone, which was proven when their own stream was read.
  const parentless = stream.parent !== undefined && reading.pages === 0 && gaps.skipped === 0
  const replaces = changed || stream.primaryKey === undefined
  const sudden = !run.job.confirmDeletes && !parentless && isSuddenLoss(reading, counted, replaces)
  if (previous === undefined && !sudden && !reading.mayHide && !shrank) return { action: 'delete', missing }
  if (previous !== undefined && missingTwice > 0 && missingTwice === previous.missing) {
    return { action: 'delete', missing: missingTwice }
  }
  if (!mayRepeat) return { action: 'keep', reason: KEEPS_CHANGING, missing }
  const reason = sudden ? SUDDEN_LOSS : number > 1 || shrank ? SHRANK : undefined
  return { action: 'repeat', missing, reason, sudden }
}

/** Whether a reading that wrote nothing is known to have met every record: as many different ones as the stream has. */
function hasMetAll({ run, row }: StreamRun, met: MetRecords | null): boolean {
  return row.knownPagesValid && !run.job.fullRefresh && met?.wrote === false && met.unchanged === row.recordCount
}

const RENEWED = 'The source returned no records, because the credential had expired. It was renewed.'
const SHRANK = 'The source changed while it was read.'
const SUDDEN_LOSS = 'The source suddenly returns none or less than half of the records that it had.'
const KEEPS_CHANGING = `The source changed each time while it was read, so it is not known which records it no longer has. They are kept until a sync reads it undisturbed.`

/** Why records that were not met are kept; undefined: there is no reason. */
function reasonToKeep(
  { job }: Run,
  { quarantined }: Reading,
  { skipped, unread, shortfall }: Gaps,
  met: number,
): string | undefined {
  const advice = 'To delete them, trigger a sync with confirmDeletes.'
  if (!job.confirmDeletes && shortfall > 0) {
    return `Records that were not met are kept, because the source returned fewer records than the total that it states. ${advice}`
  }
  if (!job.confirmDeletes && quarantined > 0) {
    return `Records that were not met are kept, because they may be among those that cannot be stored. ${advice}`
  }
  if (!job.confirmDeletes && unread > 0) {
    return `Records that were not met are kept, because the definition says that parent records are skipped. ${advice}`
  }
  if (met > 0 || skipped === 0) return undefined
  return 'The records are kept, because the provider has none of the parent records.'
}

/**
 * Sends the test request, because some sources answer an expired credential with an empty list.
 * @returns why nothing may be deleted; RENEWED: the stream has to be read again; undefined: there is no reason
 * @throws SyncFailedError when the provider refuses the credential
 */
async function testAccount({ run, stream, reader }: StreamRun): Promise<string | undefined> {
  const sent = await sendTestRequest(reader, run.signal)
  if (sent === undefined) return undefined
  const { failure, tries } = sent
  if (failure === null) return sent.refreshed ? RENEWED : undefined
  if (FAILURES[failure.as].credentialRefused) throw requestFailed(stream.name, failure, tries)
  return `The source returned no records. They are kept, because the test request of the definition failed. ${failure.message}`
}

/** Stores that a stream is read again, with an event unless this is a routine second reading. */
async function storeRepetition(
  run: Run,
  stream: string,
  checkpoint: ReadingCheckpoint,
  { missing, reason, sudden }: Extract<Verdict, { action: 'repeat' }>,
): Promise<ReadingCheckpoint> {
  const startAt = run.clock.now() + (sudden ? RECOVERY_MS : 0)
  const newest = Number(await readNewestPosition(run.database.sql))
  const next = repeatReading(checkpoint, { missing, sudden, newest }, startAt)
  await fencedTransaction(run.database, run.job, async (tx) => {
    await storeCheckpoint(tx, run, stream, next)
    await forgetMetRecords(tx, run.job, stream, [next.reading])
    if (reason === undefined) return
    const payload = {
      stream,
      reason: `${reason} It is read again before anything is deleted.`,
      retryAt: new Date(startAt).toISOString(),
      attempt: checkpoint.reading.number,
    }
    await appendJobEvent(run, tx, { type: 'SYNC_RETRYING', payload })
  })
  return next
}

/** Stores that two readings agreed, so that another worker continues with the deletion. */
async function storeAgreement(run: Run, stream: string, { reading, ...rest }: ReadingCheckpoint): Promise<void> {
  await fencedTransaction(run.database, run.job, (tx) =>
    storeCheckpoint(tx, run, stream, { ...rest, reading: { ...reading, agreed: true } }),
  )
}

async function storeCheckpoint(tx: WriteTx, { job }: Run, stream: string, checkpoint: Checkpoint): Promise<void> {
  await tx.query('UPDATE sync_job_stream SET checkpoint = $3::json WHERE sync_job_id = $1::uuid AND name = $2', [
    job.id,
    stream,
    writeCheckpoint(checkpoint),
  ])
}

/**
 * The cursor from earlier jobs, without one in the future: the source would return nothing for it. Such cursors were stored
 * by earlier versions, when one record of the source had a wrong date.
 */
function usableCursor(run: Run, stream: StreamDefinition, { storedCursor, pagesRead }: StreamRow): string | null {
  if (!isImpossibleCursor(stream, storedCursor, run.clock.now())) return storedCursor
  if (pagesRead === 0) {
    const message = 'The stored cursor was in the future. The stream is read from its beginning.'
    run.warn({ stream: stream.name, code: 'CURSOR_IN_FUTURE', message, count: 1 })
  }
  return null
}

/** Whether the requests of a stream depend on the time at which the reading began. */
function namesEnd({ incremental }: StreamDefinition): boolean {
  return incremental?.until !== undefined || incremental?.window !== undefined
}

/** @param nowMs milliseconds since 1970. @throws SyncFailedError when `end` is not a time */
async function endOf({ stream, source }: StreamReader, nowMs: number): Promise<number> {
  return stream.incremental?.end === undefined ? nowMs : readingEndMs(stream, (await source.peek()).scope, nowMs)
}

/** A parent that is not read now would otherwise be read from its old cursor later, although its records were deleted. */
async function forgetParentCursors({ database, job }: Run, stream: string): Promise<void> {
  await fencedTransaction(database, job, async (tx) => {
    await tx.query('DELETE FROM parent_cursor WHERE connection_id = $1::uuid AND stream = $2', [
      job.connectionId,
      stream,
    ])
  })
}

/**
 * SQL: the position above which stream `s` of job $1 and connection $5 has its changes, for SYNC_SUCCEEDED. Where the jobs before did not succeed, no
 * event has named their changes, so that it is the position at which the first of them began. 0, below every position, where an
 * older version read pages of the stream.
 */
const CHANGED_FROM = `
  CASE WHEN s.pages_read > 0 THEN 0 ELSE coalesce(
    (SELECT CASE WHEN before.status <> 'SUCCEEDED' THEN before.changed_from END FROM (
       SELECT j.status, l.changed_from FROM sync_job j JOIN sync_job_stream l ON l.sync_job_id = j.id AND l.name = s.name
       WHERE j.connection_id = $5::uuid AND j.id < fence.id AND (l.changed_from IS NOT NULL OR j.status = 'SUCCEEDED')
       ORDER BY j.id DESC LIMIT 1) before),
    ${NEWEST_POSITION}) END`

/**
 * Begins a stream in one fenced statement.
 * @param reading what readings that are neither this one nor the one before it have met is forgotten
 * @param inherited the checkpoint of the failed job before this one, which the next job gets if this one fails too; null: none
 */
async function beginStream(
  { database, job }: Run,
  stream: string,
  reading: Reading,
  inherited: string | null,
): Promise<void> {
  const [row] = await database.sql.query<{ status: 'RUNNING' | 'CANCELLING' }>(
    `WITH ${FENCE}, begun AS (
       UPDATE sync_job_stream s SET status = 'RUNNING', checkpoint = coalesce(s.checkpoint, $4::json),
         changed_from = coalesce(s.changed_from, ${CHANGED_FROM}) FROM fence
       WHERE s.sync_job_id = fence.id AND s.name = $3 AND s.status IN ('QUEUED', 'FAILED')
     ), forgotten AS (
       DELETE FROM met_records m USING running
       WHERE m.connection_id = $5::uuid AND m.stream = $3 AND m.reading_id <> ALL (string_to_array($6, ',')::uuid[])
     )
     SELECT status::text AS status FROM fence`,
    [job.id, job.attempt, stream, inherited, job.connectionId, readingIds([reading])],
  )
  if (row === undefined) throw new RunStoppedError('lost')
  if (row.status === 'CANCELLING') throw new RunStoppedError('cancelled')
}

/** Ids of readings and of those before them. */
function readingIds(readings: readonly Reading[]): string {
  return readings.flatMap(({ id, previous }) => [id, previous?.id ?? []].flat()).join()
}

/** Deletes what readings of a stream have met. @param except readings that are continued, with those before them */
async function forgetMetRecords(
  tx: WriteTx,
  { connectionId }: ClaimedJob,
  stream: string,
  except: readonly Reading[] = [],
): Promise<void> {
  await tx.query(
    `DELETE FROM met_records
     WHERE connection_id = $1::uuid AND stream = $2 AND reading_id <> ALL (string_to_array($3, ',')::uuid[])`,
    [connectionId, stream, readingIds(except)],
  )
}

/**
 * Pages of a stream from its checkpoint on. For a sub-stream: pages for each record of its parent stream.
 * @param onSkipped called with the numbers of skipped parents
 */
async function* pagesFrom(
  { database, logger, signal }: Pick<Run, 'database' | 'logger' | 'signal'>,
  reader: Omit<StreamReader, 'lastReadAt'>,
  { next, list, parent, windowMs, item }: Checkpoint,
  firstNumber: number,
  onSkipped: (counts: SkippedParents) => void,
): AsyncGenerator<StreamPage> {
  const { connectionId, recordIds, stream } = reader
  if (next === null) return
  if (stream.parent === undefined) {
    try {
      yield* readEach(reader, { next, list, windowMs, item }, firstNumber, signal)
    } catch (error) {
      if (!(error instanceof ListSkippedError)) throw error
    }
    return
  }
  const [state] = await database.sql.query<{ last_synced_at: Date | null }>(
    'SELECT last_synced_at FROM stream_state WHERE connection_id = $1::uuid AND name = $2',
    [connectionId, stream.name],
  )
  const { definition } = await reader.source.peek()
  const source = { connectionId, recordIds, subStream: stream, streams: definition.streams ?? [] }
  const parents = readParents(database.sql, source, parent)
  if (parent !== undefined && parent.skipped > 0) onSkipped({ skipped: parent.skipped, unread: parent.unread ?? 0 })
  yield* readSubStream(
    { ...reader, lastReadAt: state?.last_synced_at ?? null },
    parents,
    { next, list, parent, windowMs, item, firstNumber },
    ({ primaryKey }, counts) => {
      logger.info(
        { stream: stream.name, parent: primaryKey },
        'A record of the parent stream is skipped: the provider no longer has it, or the definition says so.',
      )
      onSkipped(counts)
    },
    signal,
  )
}

function checkpointAfter(stream: StreamDefinition, last: Checkpoint, page: StreamPage): Checkpoint {
  const { resume, list, end, records, parent, askedAt, feedCursor, windowMs, item } = page
  const known = [last.askedAt, askedAt].filter((at) => at != null)
  const read = feedCursor === undefined ? records.highest : feedCursor
  const isSameParent = last.parent?.position === parent?.position
  return {
    next: resume,
    highest: higherStoredCursor(stream, last.highest, read),
    // The earliest one, because pages of several parents are requested at once.
    askedAt: known.length === 0 ? null : Math.min(...known),
    parent,
    parentHighest: hasCursorPerParent(stream)
      ? higherStoredCursor(stream, isSameParent ? (last.parentHighest ?? null) : null, read)
      : undefined,
    windowMs,
    item,
    list,
    end,
  }
}

/** @param fingerprint stored with the state of the stream, which now consists of this definition alone */
function endingOf(
  { run, stream, row, storedCursor, start, whole }: StreamRun,
  fingerprint: string,
  { checkpoint, counters, parents, met }: EndedReading,
): StreamEnding {
  const { job } = run
  const { name, parent } = stream
  const { skipped, unread } = parents
  if (parent !== undefined && skipped > 0) {
    const why =
      unread === 0 ? 'the provider no longer has them' : 'the provider no longer has them, or the definition says so'
    const message = `Records of ${parentStreams(stream).join(', ')} were skipped: ${why}.`
    run.warn({ stream: name, code: 'PARENTS_SKIPPED', message, count: skipped })
  }
  const skips = isSkipped(stream, checkpoint)
  const noParents = parent !== undefined && counters.pagesRead === 0 && skipped === 0
  const end = endOfReading(stream, checkpoint)
  const warning = skips
    ? SKIPPED
    : noParents
      ? `There are no records of ${parentStreams(stream).join(' or ')} to read for. Sync ${Array.isArray(parent) ? 'these streams' : 'that stream'} too.`
      : end.shortfall > 0
        ? undefined
        : end.message
  const highest = cursorToStore(stream, checkpoint.highest, checkpoint.askedAt ?? null)
  const read = whole ? (highest ?? storedCursor) : higherStoredCursor(stream, storedCursor, highest)
  // A stream that was skipped is as it was before.
  const state = skips
    ? { cursor: row.storedCursor, definition: row.definition }
    : { cursor: read, definition: fingerprint }
  const valid = whole && !skips ? knownPagesAfter(row, checkpoint.reading, counters, met) : null
  return async (tx) => {
    await tx.query(
      `WITH ended AS (
         UPDATE sync_job_stream SET status = 'SUCCEEDED' WHERE sync_job_id = $5::uuid AND name = $2
       )
       INSERT INTO stream_state AS s (connection_id, name, workspace_id, cursor, definition, last_synced_at)
       VALUES ($1::uuid, $2, $3::uuid, $4::json, $6, clock_timestamp())
       ON CONFLICT (connection_id, name) DO UPDATE SET
         cursor = excluded.cursor, definition = excluded.definition, last_synced_at = excluded.last_synced_at,
         known_pages_valid = s.known_pages_valid OR ($7::boolean AND s.record_count = coalesce($8::int, s.record_count))`,
      [job.connectionId, name, job.workspaceId, state.cursor, job.id, state.definition, valid !== null, valid?.records],
    )
    await forgetMetRecords(tx, job, name)
    if (whole && !skips) {
      await forgetPages(tx, { ...job, stream: name }, checkpoint.reading.pages, valid?.unknownPages ?? [])
    }
    const warnings = await storeWarnings(run, tx, name)
    run.progressReportedAt = run.clock.now()
    const event = currentProgress(run, name, start, counters)
    const percent = counters.total === null ? null : 100
    return withJob(job, { ...event, payload: { ...event.payload, percent, warning, ...warnings } })
  }
}

/**
 * Whether the records of all known pages have their positions after a complete reading, once the pages that it did not meet are
 * forgotten. A record that is in two pages has the position that the last of them gave it.
 * @returns null: it is not known. `records`: they have if the stream has as many records as were written; null: they have
 */
function knownPagesAfter(
  { fresh }: StreamRow,
  { number }: Reading,
  { recordsWritten }: StreamCounters,
  met: MetRecords | null,
): { records: number | null; unknownPages: readonly number[] } | null {
  if (number > 1 || met === null || met.unknownPages === null) return null
  const { wrote, unknownPages } = met
  if (wrote && !fresh) return null
  return { records: wrote ? recordsWritten : null, unknownPages }
}

/** Stores the pending warnings. @returns the warnings of the stream, for the payload of its last event */
async function storeWarnings(run: Run, tx: WriteTx, stream: string): Promise<{ warnings?: SyncWarning[] }> {
  const all = await addWarnings(tx, run.job.id, run.warnings.splice(0))
  return warningsOfEvent(all.filter((warning) => warning.stream === stream))
}

/** Writes the end of a stream in a transaction of its own. */
export async function endStream(run: Run, ending: StreamEnding): Promise<void> {
  await fencedTransaction(run.database, run.job, async (tx) =>
    appendEvents(tx, run.bus, run.job.workspaceId, [await ending(tx)]),
  )
}

/**
 * Marks a stream as failed. Its last progress event has the reason as `warning`.
 * @param options.keepCheckpoint the next job continues from the stream's checkpoint
 */
export async function failStream(
  run: Run,
  stream: string,
  { message }: SyncError,
  { keepCheckpoint }: { keepCheckpoint: boolean },
): Promise<void> {
  await fencedTransaction(run.database, run.job, async (tx) => {
    const [row] = await tx.query<CountersRow>(
      `UPDATE sync_job_stream SET status = 'FAILED', checkpoint = CASE WHEN $3::boolean THEN checkpoint END
       WHERE sync_job_id = $1::uuid AND name = $2
       RETURNING records_read, records_written, pages_read, total`,
      [run.job.id, stream, keepCheckpoint],
    )
    if (row === undefined) return
    if (!keepCheckpoint) await forgetMetRecords(tx, run.job, stream)
    const warnings = await storeWarnings(run, tx, stream)
    run.progressReportedAt = run.clock.now()
    const event = progressEvent(stream, countersOf(row), null)
    await appendJobEvent(run, tx, { ...event, payload: { ...event.payload, warning: message, ...warnings } })
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
