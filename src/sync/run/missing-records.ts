import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { type Database, INDEXES_ONLY } from '../../db/database.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { type InterruptedRequest, type SendOptions, SYNC_PAGE, testRequestOf } from '../../requests/send.ts'
import type { ProviderFailure } from '../../wire/verdict.ts'
import { type ClaimedJob, fencedTransaction } from '../jobs/claim.ts'
import type { StreamReader } from '../read/fetch-page.ts'
import { connectionSource } from '../read/job-connection.ts'
import type { Reading } from '../read/page-position.ts'
import { decodePositions } from '../records/position-set.ts'
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

/** @throws RunStoppedError as the signal's reason, between two batches */
export async function countMissing(access: Access, stream: string, reading: Reading): Promise<MissingRecords> {
  const counted = { met: 0, missing: 0, missingTwice: 0 }
  for await (const { met, missing, missingTwice } of compareWithReadings(access, stream, reading)) {
    counted.met += met
    counted.missing += missing.length
    counted.missingTwice += missingTwice.length
  }
  return counted
}

/** Records that one transaction deletes. */
const DELETE_BATCH = 2_000

/** $1 connection, $2 stream, $3 positions, $4 job. Deleted records get new positions, as all changes do. */
const DELETE = `
  WITH gone AS (
    UPDATE record SET deleted = true, position = nextval('record_position_seq'), changed_at = clock_timestamp()
    WHERE connection_id = $1::uuid AND stream = $2 AND position = ANY (string_to_array($3, ',')::bigint[]) AND NOT deleted
    RETURNING position
  ), counted AS (
    SELECT count(*)::int AS deleted, coalesce(max(position), 0) AS newest FROM gone
  ), job AS (
    UPDATE sync_job SET records_deleted = records_deleted + counted.deleted, heartbeat_at = clock_timestamp(),
      change_floor = greatest(change_floor, counted.newest)
    FROM counted WHERE id = $4::uuid
  ), stream AS (
    UPDATE sync_job_stream SET records_deleted = records_deleted + counted.deleted
    FROM counted WHERE sync_job_id = $4::uuid AND name = $2
  )
  UPDATE stream_state SET record_count = greatest(0, record_count - counted.deleted)
  FROM counted WHERE connection_id = $1::uuid AND name = $2`

/**
 * Marks the records that neither the reading nor the one before it met as deleted, in batches, each in a fenced
 * transaction. Can be repeated from the start after a crash.
 * @throws RunStoppedError, also as the signal's reason between two batches
 */
export async function deleteMissing(access: Access, stream: string, reading: Reading): Promise<void> {
  const { database, job, signal } = access
  for await (const { missingTwice } of compareWithReadings(access, stream, reading)) {
    for (let from = 0; from < missingTwice.length; from += DELETE_BATCH) {
      signal.throwIfAborted()
      const positions = missingTwice.slice(from, from + DELETE_BATCH).join()
      await fencedTransaction(database, job, (tx) => tx.query(DELETE, [job.connectionId, stream, positions, job.id]))
    }
  }
}

/** Present records of a stream that are compared with its readings. */
interface Compared {
  /** Number of those that the reading met. */
  met: number
  /** Change positions of those that the reading did not meet. */
  missing: number[]
  /** Change positions of those that neither the reading nor the one before it met. */
  missingTwice: number[]
}

/** Records that one statement reads. */
const READ_BATCH = 20_000
/** Records that are compared at once: about 2.5 MB. The stored positions of the readings are read once for each. */
const COMPARED_AT_ONCE = 250_000

/**
 * $1 connection, $2 stream, $3 and $4 positions, $5 floor of the reading, $6 batch size. The stream is compared in a row with
 * the position, because only the index by connection, stream and position has this order.
 */
export const READ_POSITIONS = `
  SELECT max(position) AS last, count(*)::int AS checked,
         (count(*) FILTER (WHERE NOT deleted AND position > $5::bigint))::int AS written,
         string_agg(position::text, ',') FILTER (WHERE NOT deleted AND position <= $5::bigint) AS others
  FROM (
    SELECT position, deleted FROM record
    WHERE connection_id = $1::uuid AND (stream, position) > ($2, $3::bigint) AND (stream, position) <= ($2, $4::bigint)
    ORDER BY stream, position LIMIT $6::int
  ) batch`

/**
 * Compares the present records of a stream with what its reading, and the one before it, have met: records above the reading's
 * floor were written by it, others are in its stored positions. Reads only records of the stream, in the order of their
 * positions; those that are deleted meanwhile get higher positions and are not read again.
 */
async function* compareWithReadings(
  access: Access,
  stream: string,
  { id, floor = 0, previous }: Reading,
): AsyncGenerator<Compared> {
  const { database, job, signal } = access
  const newest = await readNewestPosition(database.sql)
  let after = 0n
  for (let ended = false; !ended; ) {
    const batches: Float64Array[] = []
    let met = 0
    for (let count = 0; !ended && count < COMPARED_AT_ONCE; ) {
      signal.throwIfAborted()
      // The embedded database never yields to the event loop by itself.
      await yieldToEventLoop()
      const [row] = await database.bulkTransaction(
        (tx) =>
          tx.query<{ last: bigint | null; checked: number; written: number; others: string | null }>(READ_POSITIONS, [
            job.connectionId,
            stream,
            after,
            newest,
            floor,
            READ_BATCH,
          ]),
        INDEXES_ONLY,
      )
      ended = row === undefined || row.last === null || row.checked < READ_BATCH
      after = row?.last ?? after
      met += row?.written ?? 0
      if (row?.others == null) continue
      const positions = Float64Array.from(row.others.split(','), Number)
      batches.push(positions)
      count += positions.length
    }
    const positions = concatenated(batches).sort()
    const inReading = await whichAreMet(access, stream, id, positions)
    const inPrevious = previous === undefined ? undefined : await whichAreMet(access, stream, previous.id, positions)
    const compared: Compared = { met, missing: [], missingTwice: [] }
    for (const [index, position] of positions.entries()) {
      if (inReading[index] === 1) {
        compared.met += 1
        continue
      }
      compared.missing.push(position)
      const metBefore = inPrevious !== undefined && (inPrevious[index] === 1 || position > (previous?.floor ?? 0))
      if (!metBefore) compared.missingTwice.push(position)
    }
    yield compared
  }
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Rows of `met_records` that are read at once. Each has at most a few hundred kilobytes. */
const MET_BATCH = 8

/** $1 connection, $2 stream, $3 reading, $4 number of the last row, $5 the first and $6 the last position, $7 limit. */
const READ_MET = `
  SELECT number, first_position, positions FROM met_records
  WHERE connection_id = $1::uuid AND stream = $2 AND reading_id = $3::uuid AND number > $4::int
    AND last_position >= $5::bigint AND first_position <= $6::bigint
  ORDER BY number LIMIT $7::int`

/**
 * @param positions ascending
 * @returns for each position: 1, if a reading met the record unchanged
 */
async function whichAreMet(
  { database, job, signal }: Access,
  stream: string,
  readingId: string,
  positions: Float64Array,
): Promise<Uint8Array> {
  const met = new Uint8Array(positions.length)
  const [first, last] = [positions[0], positions.at(-1)]
  if (first === undefined || last === undefined) return met
  for (let number = 0; ; ) {
    signal.throwIfAborted()
    await yieldToEventLoop()
    const rows = await database.sql.query<{ number: number; first_position: bigint; positions: Uint8Array }>(READ_MET, [
      job.connectionId,
      stream,
      readingId,
      number,
      first,
      last,
      MET_BATCH,
    ])
    for (const row of rows) {
      number = row.number
      let index = 0
      for (const position of decodePositions(row.positions, Number(row.first_position) - 1)) {
        index = indexFrom(positions, index, position)
        if (positions[index] === position) met[index] = 1
      }
    }
    if (rows.length < MET_BATCH) return met
  }
}

/** The index of the first value that is not below `wanted`, from an index on: a search in steps that double. */
function indexFrom(values: Float64Array, from: number, wanted: number): number {
  let [low, high, step] = [from, from, 1]
  while (high < values.length && (values[high] ?? 0) < wanted) {
    low = high + 1
    high += step
    step *= 2
  }
  high = Math.min(high, values.length)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return low
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
