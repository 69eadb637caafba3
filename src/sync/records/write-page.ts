import type { SqlRunner, WriteTx } from '../../db/sql.ts'
import { type ClaimedJob, FENCE } from '../jobs/claim.ts'
import { RunStoppedError } from '../jobs/sync-error.ts'
import { type ReadingCheckpoint, writeCheckpoint } from '../read/page-position.ts'
import type { PageRecords } from '../read/page-records.ts'
import { encodePositions } from './position-set.ts'

/** Counters of a stream in a job. */
export interface StreamCounters {
  recordsRead: number
  recordsWritten: number
  pagesRead: number
  total: number | null
}

/** Columns of `sync_job_stream`. */
export interface CountersRow {
  [column: string]: unknown
  records_read: number
  records_written: number
  pages_read: number
  total: number | null
}

export function countersOf(row: CountersRow): StreamCounters {
  return {
    recordsRead: row.records_read,
    recordsWritten: row.records_written,
    pagesRead: row.pages_read,
    total: row.total,
  }
}

/** Columns of records. They are passed as lines: JSON has no raw line break, and text is parsed faster than an array. */
export type RecordColumns = Pick<PageRecords, 'ids' | 'primaryKeys' | 'data' | 'digests'>

/** The records of a page, compared with what is stored. */
export interface ComparedRecords {
  /** The records that are new, changed or were deleted. */
  changed: RecordColumns
  /** How many of them are new or were deleted. */
  added: number
  /** Change positions of the others, ascending and distinct. */
  unchanged: Float64Array
}

/**
 * Looks up stored records: an unchanged record is neither locked nor written, and uses up no position. Only one worker writes
 * the records of a connection at a time, so nothing changes between the lookup and the write.
 */
export async function compareRecords(sql: SqlRunner, records: RecordColumns): Promise<ComparedRecords> {
  const [row] = await sql.query<{ unchanged: string | null; changed: string | null; added: number }>(
    'SELECT unchanged, changed, added FROM latchkey_compare_records($1, $2)',
    [records.ids.join('\n'), records.digests.join('\n')],
  )
  const places = numbersOf(row?.changed)
  const pick = (column: readonly string[]) => Array.from(places, (place) => column[place - 1] ?? '')
  const changed =
    places.length === records.ids.length
      ? records
      : {
          ids: pick(records.ids),
          primaryKeys: pick(records.primaryKeys),
          data: pick(records.data),
          digests: pick(records.digests),
        }
  return { changed, added: row?.added ?? 0, unchanged: distinct(numbersOf(row?.unchanged).sort()) }
}

/** Change positions are below 2^53. */
function numbersOf(text: string | null | undefined): Float64Array {
  return text == null ? new Float64Array() : Float64Array.from(text.split(','), Number)
}

/** @param sorted ascending */
export function distinct(sorted: Float64Array): Float64Array {
  return sorted.filter((value, index) => index === 0 || value !== sorted[index - 1])
}

/** Pages of a stream that are committed together. */
interface WrittenPages {
  /** Records to write. */
  records: RecordColumns
  /** How many of them are not stored or are deleted; null: it is not known, but none is stored as deleted. */
  added: number | null
  recordsRead: number
  pagesRead: number
  bytesRead: number
  /** The total that the source stated last; null: none. */
  total: number | null
  /** Where reading continues after the last page. */
  checkpoint: ReadingCheckpoint
  /** Change positions of records that the reading met unchanged, ascending and distinct. */
  met: Float64Array
}

/**
 * Value of `stream_state.definition` while records of several definitions are stored. No fingerprint is equal to it, so
 * the stream is read anew until it was read completely under one definition.
 */
const MIXED_DEFINITIONS = 'mixed'

/**
 * Writes records, counters and the checkpoint in one statement, behind the fence: all of them or none. The state of the
 * stream is written whenever a record is, because a trigger then sets its newest position. Every record is inserted (xmax is 0), unless it is stored.
 *
 * $1 job, $2 attempt, $3 workspace, $4 connection, $5 stream, $6 ids, $7 primary keys, $8 data, $9 digests, $10 number of added
 * records or null, $11 records, $12 pages and $13 bytes read, $14 total, $15 checkpoint, $16 fingerprint of the definition,
 * $17 reading, $18 positions of met records in hexadecimal or null, $19 the first and $20 the last of them.
 */
const WRITE = `
  WITH ${FENCE}, written AS (
    INSERT INTO record AS r (id, workspace_id, connection_id, stream, primary_key, data, digest, changed_at)
    SELECT i.id, $3::uuid, $4::uuid, $5, i.primary_key::json, i.data::json, decode(i.digest, 'hex'), clock_timestamp()
    FROM running, unnest(string_to_array($6, E'\\n')::uuid[], string_to_array($7, E'\\n'), string_to_array($8, E'\\n'),
                         string_to_array($9, E'\\n')) AS i (id, primary_key, data, digest)
    ON CONFLICT (id) DO UPDATE SET
      data = excluded.data, digest = excluded.digest, deleted = false, position = excluded.position,
      changed_at = excluded.changed_at
    WHERE r.digest <> excluded.digest OR r.deleted
    RETURNING position, xmax = 0 AS inserted
  ), counted AS (
    SELECT count(*)::int AS written, coalesce($10::int, (count(*) FILTER (WHERE inserted))::int) AS added,
           min(position) AS oldest, coalesce(max(position), 0) AS newest
    FROM written
  ), met AS (
    INSERT INTO met_records (
      connection_id, workspace_id, stream, reading_id, number, first_position, last_position, positions)
    SELECT $4::uuid, $3::uuid, $5, $17::uuid, 1 + coalesce((
        SELECT max(m.number) FROM met_records m
        WHERE m.connection_id = $4::uuid AND m.stream = $5 AND m.reading_id = $17::uuid), 0),
      $19::bigint, $20::bigint, decode($18, 'hex')
    FROM running WHERE $18::text IS NOT NULL
  ), job AS (
    UPDATE sync_job j SET
      records_read = j.records_read + $11::int, records_written = j.records_written + counted.written,
      pages_read = j.pages_read + $12::int, bytes_read = j.bytes_read + $13::bigint, heartbeat_at = clock_timestamp(),
      change_floor = greatest(j.change_floor, counted.newest)
    FROM counted, running WHERE j.id = running.id
  ), state AS (
    INSERT INTO stream_state AS s (connection_id, name, workspace_id, record_count, definition)
    SELECT $4::uuid, $5, $3::uuid, counted.added, $16 FROM counted WHERE counted.written > 0
    ON CONFLICT (connection_id, name) DO UPDATE SET record_count = s.record_count + excluded.record_count,
      definition = CASE WHEN s.definition <> excluded.definition THEN '${MIXED_DEFINITIONS}' ELSE excluded.definition END
  ), counters AS (
    UPDATE sync_job_stream s SET
      records_read = s.records_read + $11::int, records_written = s.records_written + counted.written,
      pages_read = s.pages_read + $12::int, total = coalesce($14::int, s.total), checkpoint = $15::json
    FROM counted, running WHERE s.sync_job_id = running.id AND s.name = $5
    RETURNING s.records_read, s.records_written, s.pages_read, s.total
  )
  SELECT fence.status::text AS status, c.*, counted.written, counted.oldest, counted.newest
  FROM fence CROSS JOIN counted LEFT JOIN counters c ON true`

/** Records that a statement has written. */
export interface WrittenRecords {
  count: number
  /** The lowest and the highest of their change positions; null: there are none. */
  positions: { first: number; last: number } | null
}

type WriteRow = CountersRow & { status: string; written: number; oldest: bigint | null; newest: bigint }

/**
 * Writes pages. Call it first in a transaction: it is the fence of what follows.
 * @throws RunStoppedError `lost` or `cancelled`: nothing was written
 */
export async function writePages(
  tx: WriteTx,
  job: ClaimedJob,
  stream: string,
  { records, met, checkpoint, ...pages }: WrittenPages,
): Promise<{ counters: StreamCounters; written: WrittenRecords }> {
  const { reading } = checkpoint
  const [first, last] = [met[0], met.at(-1)]
  const [row] = await tx.query<WriteRow>(WRITE, [
    job.id,
    job.attempt,
    job.workspaceId,
    job.connectionId,
    stream,
    records.ids.join('\n'),
    records.primaryKeys.join('\n'),
    records.data.join('\n'),
    records.digests.join('\n'),
    pages.added,
    pages.recordsRead,
    pages.pagesRead,
    pages.bytesRead,
    pages.total,
    writeCheckpoint(checkpoint),
    reading.definition,
    reading.id,
    first === undefined ? null : Buffer.from(encodePositions(met, first - 1)).toString('hex'),
    first ?? null,
    last ?? null,
  ])
  if (row === undefined) throw new RunStoppedError('lost')
  if (row.status === 'CANCELLING') throw new RunStoppedError('cancelled')
  if (row.pages_read === null) throw new Error('A sync job has no row for its stream.')
  const { written, oldest, newest } = row
  const positions = oldest === null ? null : { first: Number(oldest), last: Number(newest) }
  return { counters: countersOf(row), written: { count: written, positions } }
}

/**
 * $1 connection, $2 stream, $3 ids, $4 job. Deleted records get new positions, as all changes do.
 */
const DELETE_TOMBSTONES = `
  WITH gone AS (
    UPDATE record SET deleted = true, position = nextval('record_position_seq'), changed_at = clock_timestamp()
    WHERE id = ANY (string_to_array($3, E'\\n')::uuid[]) AND NOT deleted
    RETURNING position
  ), counted AS (
    SELECT count(*)::int AS deleted, coalesce(max(position), 0) AS newest FROM gone
  ), job AS (
    UPDATE sync_job SET records_deleted = records_deleted + counted.deleted,
      change_floor = greatest(change_floor, counted.newest)
    FROM counted WHERE id = $4::uuid
  ), stream AS (
    UPDATE sync_job_stream SET records_deleted = records_deleted + counted.deleted
    FROM counted WHERE sync_job_id = $4::uuid AND name = $2
  )
  UPDATE stream_state SET record_count = greatest(0, record_count - counted.deleted)
  FROM counted WHERE connection_id = $1::uuid AND name = $2`

/** Marks records as deleted that the source says are deleted. `tx` is a fenced transaction. */
export async function deleteTombstones(
  tx: WriteTx,
  job: ClaimedJob,
  stream: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await tx.query(DELETE_TOMBSTONES, [job.connectionId, stream, ids.join('\n'), job.id])
}
