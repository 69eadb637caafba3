import type { WriteTx } from '../../db/sql.ts'
import type { ClaimedJob } from '../jobs/claim.ts'
import { type ReadingCheckpoint, writeCheckpoint } from '../read/page-position.ts'
import type { StreamPage } from '../read/read-pages.ts'

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

/**
 * The columns of a page are passed as lines: JSON has no raw line break, and text is parsed faster than an array. $1
 * workspace, $2 connection, $3 stream, $4 ids, $5 primary keys, $6 data, $7 digests, $13 reading.
 */
const LINES = `
  SELECT unnest(string_to_array($4, E'\\n')::uuid[]) AS id, unnest(string_to_array($5, E'\\n')) AS primary_key,
         unnest(string_to_array($6, E'\\n')) AS data, decode(unnest(string_to_array($7, E'\\n')), 'hex') AS digest`

const INSERT = `
  INSERT INTO record AS r (id, workspace_id, connection_id, stream, primary_key, data, digest, seen_by, changed_at)
  SELECT id, $1::uuid, $2::uuid, $3, primary_key::json, data::json, digest, $13::uuid, clock_timestamp()`

const ON_CONFLICT = `
  ON CONFLICT (id) DO UPDATE SET
    data = excluded.data, digest = excluded.digest, deleted = false, seen_by = excluded.seen_by,
    position = excluded.position, changed_at = excluded.changed_at`

/**
 * For a connection that has no records of the stream yet. Every record is inserted (xmax is 0), except records that
 * this job has written before.
 */
const WRITE_NEW = `
  written AS (
    ${INSERT} FROM (${LINES}) i ${ON_CONFLICT}
    WHERE r.digest <> excluded.digest OR r.deleted OR r.seen_by IS DISTINCT FROM excluded.seen_by
    RETURNING position, xmax = 0 AS inserted
  ), counted AS (
    SELECT count(*)::int AS written, (count(*) FILTER (WHERE inserted))::int AS added FROM written
  )`

/**
 * Looks up stored records first: an unchanged record is neither locked nor written, and uses up no position. Only one
 * worker writes the records of a connection at a time, so nothing changes between the lookup and the write. `markSeen`:
 * unchanged records are marked as seen too, because unseen records will be deleted.
 */
const writeChanged = (markSeen: boolean) => `
  incoming AS MATERIALIZED (
    SELECT i.*, coalesce(old.deleted, true) AS absent, old.seen_by AS old_seen_by,
           old.digest IS DISTINCT FROM i.digest OR old.deleted AS changed
    FROM (${LINES}) i
    LEFT JOIN LATERAL (SELECT digest, deleted, seen_by FROM record WHERE record.id = i.id LIMIT 1) old ON true
  ), written AS (
    ${INSERT} FROM incoming WHERE changed ${ON_CONFLICT}
    RETURNING position
  ), counted AS (
    SELECT (count(*) FILTER (WHERE changed))::int AS written, (count(*) FILTER (WHERE absent))::int AS added FROM incoming
  ) ${
    markSeen
      ? `, seen AS (
    UPDATE record SET seen_by = $13::uuid WHERE id = ANY (ARRAY (
      SELECT id FROM incoming WHERE NOT changed AND old_seen_by IS DISTINCT FROM $13::uuid))
  )`
      : ''
  }`

/**
 * Value of `stream_state.definition` while records of several definitions are stored. No fingerprint is equal to it, so
 * the stream is read anew until it was read completely under one definition.
 */
const MIXED_DEFINITIONS = 'mixed'

/**
 * Writes records, counters and the checkpoint in one statement: all of them or none. $8 job, $9 records read, $10 bytes,
 * $11 total, $12 checkpoint, $14 fingerprint of the definition.
 */
const statement = (records: string) => `
  WITH ${records}, job AS (
    UPDATE sync_job SET
      records_read = records_read + $9::int, records_written = records_written + counted.written,
      pages_read = pages_read + 1, bytes_read = bytes_read + $10::bigint, heartbeat_at = clock_timestamp(),
      change_floor = greatest(change_floor, coalesce((SELECT max(position) FROM written), 0))
    FROM counted WHERE id = $8::uuid
  ), state AS (
    INSERT INTO stream_state AS s (connection_id, name, workspace_id, record_count, definition)
    SELECT $2::uuid, $3, $1::uuid, counted.added, $14 FROM counted
    ON CONFLICT (connection_id, name) DO UPDATE SET record_count = s.record_count + excluded.record_count,
      definition = CASE WHEN s.definition <> excluded.definition THEN '${MIXED_DEFINITIONS}' ELSE excluded.definition END
  )
  UPDATE sync_job_stream s SET
    records_read = s.records_read + $9::int, records_written = s.records_written + counted.written,
    pages_read = s.pages_read + 1, total = coalesce($11::int, s.total), checkpoint = $12::json
  FROM counted WHERE s.sync_job_id = $8::uuid AND s.name = $3
  RETURNING s.records_read, s.records_written, s.pages_read, s.total`

const WRITE = {
  /** The connection had no record of the stream before this run. */
  new: statement(WRITE_NEW),
  changed: statement(writeChanged(false)),
  /** The stream is read as a whole. */
  whole: statement(writeChanged(true)),
}

export type WriteMode = keyof typeof WRITE

/**
 * Writes a page. `tx` is a fenced transaction. The records of a repeated reading are not counted as read again.
 * @param options.checkpoint where reading continues after the page
 */
export async function writePage(
  tx: WriteTx,
  job: ClaimedJob,
  stream: string,
  page: StreamPage,
  { checkpoint, mode }: { checkpoint: ReadingCheckpoint; mode: WriteMode },
): Promise<StreamCounters> {
  const { records } = page
  const { reading } = checkpoint
  const [row] = await tx.query<CountersRow>(WRITE[mode], [
    job.workspaceId,
    job.connectionId,
    stream,
    records.ids.join('\n'),
    records.primaryKeys.join('\n'),
    records.data.join('\n'),
    records.digests.join('\n'),
    job.id,
    reading.number === 1 ? records.read : 0,
    page.bytesRead,
    page.total,
    writeCheckpoint(checkpoint),
    reading.id,
    reading.definition,
  ])
  if (row === undefined) throw new Error('A sync job has no row for its stream.')
  return countersOf(row)
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
