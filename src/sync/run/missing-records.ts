import type { Database } from '../../db/database.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { type InterruptedRequest, type SendOptions, SYNC_PAGE, testRequestOf } from '../../requests/send.ts'
import type { ProviderFailure } from '../../wire/verdict.ts'
import { type ClaimedJob, fencedTransaction } from '../jobs/claim.ts'
import type { StreamReader } from '../read/fetch-page.ts'
import { connectionSource } from '../read/job-connection.ts'
import type { Reading } from '../read/page-position.ts'
import { readNewestPosition } from '../records/records.ts'

interface Access {
  database: Database
  job: ClaimedJob
  signal: AbortSignal
}

/** Present records of a stream after a reading. */
interface MissingRecords {
  /** Records that the reading met. */
  met: number
  /** Records that the reading did not meet. */
  missing: number
  /** Records that neither the reading nor the one before it met. */
  missingTwice: number
}

/** A stream that lost more than half of more than this many records at once is not believed at once. */
const SMALL_STREAM = 100

/**
 * Whether a source lost so much at once that an error of the source is more likely: everything, or more than half of a
 * stream of over 100 records.
 * @param replaces the records of one reading replace those of the last one under other identities, so only their number
 * counts
 */
export function isSuddenLoss({ before }: Reading, { met, missing }: MissingRecords, replaces: boolean): boolean {
  const lost = replaces ? before - met : missing
  return met === 0 || (before > SMALL_STREAM && lost * 2 > before)
}

/** Records that one statement counts. */
const COUNT_BATCH = 20_000

/** $1 connection, $2 stream, $3 and $4 positions, $5 reading, $6 the reading before it or null, $7 batch size. */
const COUNT = `
  WITH batch AS (
    SELECT position, stream = $2 AND NOT deleted AS present, seen_by IS NOT DISTINCT FROM $5::uuid AS met,
           coalesce(seen_by = $6::uuid, false) AS met_before
    FROM record WHERE connection_id = $1::uuid AND position > $3::bigint AND position <= $4::bigint
    ORDER BY position LIMIT $7::int
  )
  SELECT max(position) AS last, count(*)::int AS checked,
         (count(*) FILTER (WHERE present AND met))::int AS met,
         (count(*) FILTER (WHERE present AND NOT met))::int AS missing,
         (count(*) FILTER (WHERE present AND NOT met AND NOT met_before))::int AS missing_twice
  FROM batch`

/** @throws RunStoppedError, also as the signal's reason between two batches */
export async function countMissing(
  { database, job, signal }: Access,
  stream: string,
  { id, previous }: Reading,
): Promise<MissingRecords> {
  const newest = await readNewestPosition(database.sql)
  const counted = { met: 0, missing: 0, missingTwice: 0 }
  for (let after = 0n; ; ) {
    signal.throwIfAborted()
    const [row] = await fencedTransaction(database, job, (tx) =>
      tx.query<{ last: bigint | null; checked: number; met: number; missing: number; missing_twice: number }>(COUNT, [
        job.connectionId,
        stream,
        after,
        newest,
        id,
        previous?.id ?? null,
        COUNT_BATCH,
      ]),
    )
    if (row === undefined || row.last === null) return counted
    counted.met += row.met
    counted.missing += row.missing
    counted.missingTwice += row.missing_twice
    if (row.checked < COUNT_BATCH) return counted
    after = row.last
  }
}

/** Records that one transaction checks. */
const DELETE_BATCH = 2_000

/**
 * $1 connection, $2 stream, $3 and $4 positions between which records are checked, $5 job, $6 batch size, $7 and $8
 * readings. Deleted records get positions above $4 and are not checked again.
 */
const DELETE = `
  WITH batch AS (
    SELECT id, position, stream = $2 AND NOT deleted
      AND seen_by IS DISTINCT FROM $7::uuid AND seen_by IS DISTINCT FROM coalesce($8::uuid, $7::uuid) AS missing
    FROM record WHERE connection_id = $1::uuid AND position > $3::bigint AND position <= $4::bigint
    ORDER BY position LIMIT $6::int
  ), gone AS (
    UPDATE record SET deleted = true, position = nextval('record_position_seq'), changed_at = clock_timestamp()
    WHERE id = ANY (ARRAY (SELECT id FROM batch WHERE missing))
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
 * Marks the records that neither the reading nor the one before it met as deleted, in batches, each in a fenced
 * transaction. Can be repeated from the start after a crash.
 * @throws RunStoppedError, also as the signal's reason between two batches
 */
export async function deleteMissing(
  { database, job, signal }: Access,
  stream: string,
  { id, previous }: Reading,
): Promise<void> {
  const newest = await readNewestPosition(database.sql)
  for (let after = 0n; ; ) {
    signal.throwIfAborted()
    const { last, checked } = await fencedTransaction(database, job, async (tx) => {
      const [row] = await tx.query<{ last: bigint | null; checked: number }>(DELETE, [
        job.connectionId,
        stream,
        after,
        newest,
        job.id,
        DELETE_BATCH,
        id,
        previous?.id ?? null,
      ])
      return { last: row?.last ?? null, checked: row?.checked ?? 0 }
    })
    if (last === null || checked < DELETE_BATCH) return
    after = last
  }
}

/** Sends the definition's test request. Undefined: it has none, or an input leads its path away from the base URL. */
export async function sendTestRequest(
  { source, sender, onRetry, waits }: Pick<StreamReader, 'source' | 'sender' | 'onRetry' | 'waits'>,
  signal: AbortSignal,
): Promise<{ failure: ProviderFailure | null; tries: number; refreshed: boolean } | undefined> {
  const request = testRequestOf(await source.peek())
  if (request === undefined) return undefined
  try {
    const options: SendOptions = { policy: SYNC_PAGE, signal, isTest: true, onRetry: waits?.onRetry ?? onRetry }
    const send = (resume?: InterruptedRequest) =>
      sender.send(connectionSource(source), request, { ...options, onSlotWait: waits?.onSlotWait, resume })
    const sent = await (waits === undefined ? send() : waits.run(send))
    return { ...sent, refreshed: sent.response !== null && sent.refreshed }
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return { failure: { ok: false, as: 'fail', message: error.message }, tries: 0, refreshed: false }
  }
}
