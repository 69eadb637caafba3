import type { Row, SqlRunner } from '../../db/sql.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { parseJson } from '../../kit/json.ts'

/** Whose records to read: those of a connection, or those of all connections of a collection as one list. */
export type RecordScope =
  | { connectionId: string }
  /** `endUserId`: only records of connections that this end user owns. `integrationIds`: only records of these integrations. */
  | { collectionId: string; endUserId?: string | null; integrationIds?: readonly string[] | undefined }

interface RecordFilter {
  stream?: string | null | undefined
  /** Only records that changed after this position, including deleted ones; absent: present records. */
  changedAfter?: bigint | null | undefined
  /** Deleted records that are still stored too. */
  includeDeleted?: boolean | undefined
}

interface ReadRecords extends RecordFilter {
  /** Only records after this position of the list. */
  after?: bigint | null | undefined
  /** The records that changed last come first. For a connection only: `change_position` of a collection assumes the other order. */
  newestFirst?: boolean | undefined
  /** `purgesSeen` of the given cursors. Default: 0. */
  purgesSeen?: bigint | undefined
  /** At least 1. */
  limit: number
}

export interface RecordRow {
  id: string
  workspaceId: string
  connectionId: string
  stream: string
  primaryKey: string[]
  /** The provider's JSON. Numbers that JavaScript cannot represent are kept (see lossless-json.ts). */
  data: unknown
  /** The provider no longer returns it; `data` is the last known value. */
  deleted: boolean
  changedAt: Date
  /** Position in the list. */
  position: bigint
  /** Reading changes after this position misses nothing. Lower than `position` while a job of a collection runs. */
  changePosition: bigint
  /** Removals of deleted records up to this mark have hidden nothing from a client that has read up to this record. */
  purgesSeen: bigint
  /** Length of the data as JSON text. */
  dataLength: number
}

interface DatabaseRow extends Row {
  purge_mark: bigint
  missed: boolean
  /** Null: the page has no record. */
  id: string | null
  workspace_id: string
  connection_id: string
  stream: string
  primary_key: string
  /** Null: the statement has read enough data before this record. */
  data: string | null
  deleted: boolean
  changed_at: Date
  position: bigint
  change_position: bigint
}

export type ScopeKind = 'connection' | 'collection' | 'ownOfCollection' | 'limitedCollection'

/** $1: the connection, the collection, the collection and the end user, or the collection and the integrations. */
const SOURCE: Readonly<Record<ScopeKind, string>> = {
  connection: 'SELECT id FROM connection WHERE id = $1::uuid AND deleted_at IS NULL',
  collection: 'SELECT id FROM connection WHERE collection_id = $1::uuid AND deleted_at IS NULL',
  ownOfCollection: `SELECT id FROM connection
    WHERE collection_id = ($1::uuid[])[1] AND end_user_id = ($1::uuid[])[2] AND deleted_at IS NULL`,
  limitedCollection: `SELECT id FROM connection
    WHERE collection_id = ($1::uuid[])[1] AND integration_id = ANY (($1::uuid[])[2:]) AND deleted_at IS NULL`,
}

const SLOWEST_JOB = `SELECT min(j.change_floor) AS position FROM sync_job j JOIN source ON source.id = j.connection_id
    WHERE j.status IN ('RUNNING', 'CANCELLING')`

/**
 * Up to this position the records of a collection are complete. Jobs of different connections commit out of order, but
 * every record that a running job has not committed yet gets a position above the job's `change_floor`. Null: no job
 * runs. Must be read in one statement with the records, so that both have the same snapshot. A single connection needs
 * no horizon: its jobs run one after another and write one page at a time.
 */
const HORIZON: Readonly<Record<ScopeKind, string>> = {
  connection: 'SELECT NULL::bigint AS position',
  collection: SLOWEST_JOB,
  ownOfCollection: SLOWEST_JOB,
  limitedCollection: SLOWEST_JOB,
}

/**
 * The streams of the scope. Within one of them, the index of records has the order of positions. `newest_position` of
 * `stream_state` is at or above the positions of all its records, so that streams without later records are not searched.
 * @param stream placeholder of the name of a stream; null: all streams
 */
export function partsOf(kind: ScopeKind, stream: string | null): string {
  return `source AS MATERIALIZED (${SOURCE[kind]}), horizon AS MATERIALIZED (${HORIZON[kind]}), part AS MATERIALIZED (
      SELECT s.connection_id, s.name AS stream, s.record_count, s.newest_position, s.purged_to, s.purge_mark
      FROM source JOIN stream_state s ON s.connection_id = source.id ${stream === null ? '' : `AND s.name = ${stream}`}
    )`
}

/** The condition that a record belongs to `part`. */
export const OF_PART = 'connection_id = part.connection_id AND stream = part.stream'

/**
 * How far deleted records were removed, and whether a reader at position $2 missed one: a record that was deleted after
 * that position and removed after mark $4. Must be read in one statement with the records too.
 */
export const PURGE = `
  SELECT coalesce(max(purge_mark), 0) AS mark,
         coalesce(bool_or(purged_to > $2::bigint AND purge_mark > $4::bigint), false) AS missed
  FROM part`

/**
 * Stored bytes of data that one statement reads, apart from its last record. PostgreSQL compresses stored data, at most about
 * ninety times (pglz), so this bounds the memory that a statement takes.
 */
const STORED_BYTES = 512 * 1024

interface Reading {
  kind: ScopeKind
  changes: boolean
  includeDeleted: boolean
  newestFirst: boolean
  ofStream: boolean
}

/**
 * $2 position, $3 limit, $4 mark, $5 stored bytes (null: no limit), then with `newestFirst` the position of the record before, and
 * with `ofStream` the stream. Every reading is a statement of its own, because an index does not serve a condition that a parameter
 * switches off.
 *
 * The first record of each stream bounds the page: if $3 streams begin at or before a position, no record behind it is on the page.
 * Only streams that begin within this bound are read further. Record data is read only for the records of the page. Its stored size is
 * known without reading it.
 */
function readStatement({ kind, changes, includeDeleted, newestFirst, ofStream }: Reading): string {
  const order = newestFirst ? 'position DESC' : 'position'
  const present = includeDeleted ? 'true' : 'NOT deleted'
  const conditions = [
    OF_PART,
    'position > $2::bigint',
    changes && kind !== 'connection' ? '(horizon.position IS NULL OR position <= horizon.position)' : undefined,
    changes ? undefined : present,
    newestFirst ? 'position < $6::bigint' : undefined,
  ]
  const listed = conditions.filter((each) => each !== undefined).join(' AND ')
  const within = (position: string) => `${position} ${newestFirst ? '>=' : '<='} bound.position`
  return `
    WITH ${partsOf(kind, ofStream ? `$${newestFirst ? 7 : 6}::text` : null)},
    purge AS MATERIALIZED (${PURGE}), begun AS MATERIALIZED (
      SELECT part.connection_id, part.stream, first.position FROM part CROSS JOIN horizon CROSS JOIN LATERAL (
        SELECT position FROM record WHERE ${listed} ORDER BY ${order} LIMIT 1
      ) first
      WHERE part.newest_position > $2::bigint
    ), bound AS MATERIALIZED (
      SELECT coalesce(
        (SELECT position FROM begun ORDER BY ${order} OFFSET $3::int - 1 LIMIT 1), ${newestFirst ? 0 : MAX_POSITION}
      ) AS position
    ), chosen AS MATERIALIZED (
      SELECT r.id, r.position FROM begun part CROSS JOIN bound CROSS JOIN horizon CROSS JOIN LATERAL (
        SELECT id, position FROM record WHERE ${listed} AND ${within('position')} ORDER BY ${order} LIMIT $3::int
      ) r
      WHERE ${within('part.position')}
      ORDER BY r.${order} LIMIT $3::int
    )
    SELECT record.id, record.workspace_id, record.connection_id, record.stream, record.primary_key::text AS primary_key,
           CASE WHEN $5::int IS NULL OR record.stored_before < $5::int THEN record.data::text END AS data, record.deleted, record.changed_at, record.position,
           least(record.position, horizon.position) AS change_position, purge.mark AS purge_mark, purge.missed
    FROM purge CROSS JOIN horizon LEFT JOIN (
      SELECT read.*, coalesce(sum(pg_column_size(read.data)) OVER (
        ORDER BY read.${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS stored_before
      FROM chosen CROSS JOIN LATERAL (SELECT * FROM record WHERE record.id = chosen.id LIMIT 1) read
    ) record ON true
    ORDER BY record.${order}`
}

/** The highest bigint of PostgreSQL. */
const MAX_POSITION = 2n ** 63n - 1n

/**
 * Reads records in the order of their last change. A record that changes between two pages moves to the end and is read
 * again; it is never missed.
 * @throws InvalidInputError when deleted records that changed after `changedAfter` are no longer kept
 */
export async function readRecords(sql: SqlRunner, scope: RecordScope, options: ReadRecords): Promise<RecordRow[]> {
  return (await readOnce(sql, scope, options, null)).rows
}

/**
 * As `readRecords`, with a limit of the size of the data. At least one record is returned,
 * if there is any.
 * @param maxBytes length of the data of all records as JSON text; the first record may be longer
 * @returns `isCut`: the list ends before `options.limit` because of the size
 */
export async function readRecordsWithin(
  sql: SqlRunner,
  scope: RecordScope,
  options: ReadRecords,
  maxBytes: number,
): Promise<{ rows: RecordRow[]; isCut: boolean }> {
  const rows: RecordRow[] = []
  let bytes = 0
  for (let next = options; ; ) {
    const { rows: read, isComplete } = await readOnce(sql, scope, next, STORED_BYTES)
    for (const row of read) {
      bytes += row.dataLength
      if (bytes > maxBytes && rows.length > 0) return { rows, isCut: true }
      rows.push(row)
    }
    const last = rows.at(-1)
    if (isComplete || last === undefined) return { rows, isCut: false }
    const limit = options.limit - rows.length
    next = { ...options, after: last.position, purgesSeen: last.purgesSeen, limit }
  }
}

/** @param storedBytes of the data that is read. `isComplete`: there was no more data, or no limit. */
async function readOnce(
  sql: SqlRunner,
  scope: RecordScope,
  options: ReadRecords,
  storedBytes: number | null,
): Promise<{ rows: RecordRow[]; isComplete: boolean }> {
  const { newestFirst = false, includeDeleted = false } = options
  const { kind, value } = scopeParameter(scope)
  const changes = options.changedAfter != null
  const changedAfter = options.changedAfter ?? 0n
  const after = newestFirst || options.after == null || options.after < changedAfter ? changedAfter : options.after
  const purgesKnown = options.purgesSeen ?? 0n
  const ofStream = options.stream != null
  const statement = readStatement({ kind, changes, includeDeleted, newestFirst, ofStream })
  const rows = await sql.query<DatabaseRow>(statement, [
    value,
    after,
    options.limit,
    purgesKnown,
    storedBytes,
    ...(newestFirst ? [options.after ?? MAX_POSITION] : []),
    ...(ofStream ? [options.stream] : []),
  ])
  if (changes && rows.some((row) => row.missed)) throw changesNoLongerKeptError()
  // The mark of a list is that of its first page: records removed later may be on the list.
  const purgesSeen = (row: DatabaseRow) => (changes || options.after == null ? row.purge_mark : purgesKnown)
  const found = rows.filter(isRecord)
  const isComplete = found.every(hasData)
  const complete = found.filter(hasData).map((row) => ({
    id: row.id,
    workspaceId: row.workspace_id,
    connectionId: row.connection_id,
    stream: row.stream,
    primaryKey: readKey(row.primary_key),
    data: parseJson(row.data),
    deleted: row.deleted,
    changedAt: row.changed_at,
    position: row.position,
    changePosition: row.change_position,
    purgesSeen: purgesSeen(row),
    dataLength: row.data.length,
  }))
  return { rows: complete, isComplete }
}

function isRecord(row: DatabaseRow): row is DatabaseRow & { id: string } {
  return row.id !== null
}

function hasData<T extends DatabaseRow>(row: T): row is T & { data: string } {
  return row.data !== null
}

export function changesNoLongerKeptError(): InvalidInputError {
  const message =
    'Records that were deleted after this position are no longer kept, so the list of changes is incomplete. Read all records again without changedAfter, and replace the records that you have.'
  return new InvalidInputError([{ path: ['changedAfter'], message }], undefined, {
    details: { reason: 'CHANGES_NO_LONGER_KEPT' },
  })
}

/** A number of records. */
export interface RecordCount {
  count: number
  /** False: more than `EXACT_COUNT`, and estimated. */
  isExact: boolean
}

/** Up to this number, changes and deleted records are counted one by one. */
const EXACT_COUNT = 10_000

/**
 * Counts records. Present records are counted from stored counters, which are exact. Others are counted one by one up to
 * `EXACT_COUNT`. Beyond that, the number is estimated from the stored counters: the share of a stream that lies after a
 * position is that of its range of positions.
 */
export async function countRecords(sql: SqlRunner, scope: RecordScope, filter: RecordFilter): Promise<RecordCount> {
  const { kind, value } = scopeParameter(scope)
  const { stream, changedAfter, includeDeleted = false } = filter
  const ofStream = stream == null ? [] : [stream]
  if (changedAfter == null && !includeDeleted) {
    const [row] = await sql.query<{ count: number }>(
      `WITH ${partsOf(kind, stream == null ? null : '$2::text')}
       SELECT coalesce(sum(record_count), 0)::int AS count FROM part`,
      [value, ...ofStream],
    )
    return { count: row?.count ?? 0, isExact: true }
  }
  const counted = countStatement(kind, stream != null)
  const [row] = await sql.query<{ count: number; estimate: number | null }>(counted, [
    value,
    changedAfter ?? 0n,
    EXACT_COUNT + 1,
    ...ofStream,
  ])
  const { count, estimate } = row ?? { count: 0, estimate: null }
  return estimate === null ? { count, isExact: true } : { count: Math.max(count, estimate), isExact: false }
}

/** $2 position, $3 the number at which counting ends and the estimate begins, $4 the stream. */
function countStatement(kind: ScopeKind, ofStream: boolean): string {
  const horizon = kind === 'connection' ? '' : 'AND (horizon.position IS NULL OR position <= horizon.position)'
  return `
    WITH ${partsOf(kind, ofStream ? '$4::text' : null)}, counted AS MATERIALIZED (
      SELECT count(*)::int AS count FROM (
        SELECT FROM part CROSS JOIN horizon CROSS JOIN LATERAL (
          SELECT FROM record WHERE ${OF_PART} AND position > $2::bigint ${horizon} ORDER BY position LIMIT $3::int
        ) r
        WHERE part.newest_position > $2::bigint LIMIT $3::int
      ) r
    )
    SELECT count, CASE WHEN count >= $3::int THEN (
      SELECT ceil(sum(part.record_count * least(1, (newest.position - $2::bigint) / greatest(1, newest.position - oldest.position)::float8)))::int
      FROM part
      CROSS JOIN LATERAL (SELECT position FROM record WHERE ${OF_PART} ORDER BY position LIMIT 1) oldest
      CROSS JOIN LATERAL (SELECT position FROM record WHERE ${OF_PART} ORDER BY position DESC LIMIT 1) newest
      WHERE newest.position > $2::bigint
    ) END AS estimate FROM counted`
}

export function scopeParameter(scope: RecordScope): { kind: ScopeKind; value: unknown } {
  if ('collectionId' in scope) {
    const { collectionId, endUserId, integrationIds } = scope
    // Callers that act for an end user are never limited to integrations: only API keys are.
    if (integrationIds !== undefined) return { kind: 'limitedCollection', value: [collectionId, ...integrationIds] }
    return endUserId == null
      ? { kind: 'collection', value: collectionId }
      : { kind: 'ownOfCollection', value: [collectionId, endUserId] }
  }
  return { kind: 'connection', value: scope.connectionId }
}

/** The highest change position ever assigned; 0: none yet. Cursors beyond it are invalid. */
export async function readNewestPosition(sql: SqlRunner): Promise<bigint> {
  const [row] = await sql.query<{ newest: bigint }>(
    `SELECT coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0)::bigint AS newest`,
  )
  return row?.newest ?? 0n
}

function readKey(text: string): string[] {
  const parsed = parseJson(text)
  return Array.isArray(parsed) ? parsed.map(String) : []
}

/**
 * `list`: a position in a list of records, for `after`. `change`: all changes up to it were read, for `changedAfter`.
 * They differ in a collection while jobs run, so that one is not accepted for the other.
 */
type RecordCursorKind = 'list' | 'change'

const PREFIXES = { list: 'r1', change: 'c1' } as const

/** Decoded cursor. */
interface RecordPosition {
  position: bigint
  purgesSeen: bigint
}

/**
 * @param scopeId id of the connection or the collection
 * @param purgesSeen of the record that the cursor belongs to
 */
export function encodeRecordCursor(kind: RecordCursorKind, scopeId: string, position: bigint, purgesSeen = 0n): string {
  const purges = purgesSeen === 0n ? '' : `.${purgesSeen}`
  return Buffer.from(`${PREFIXES[kind]}.${scopeId}.${position}${purges}`).toString('base64url')
}

/**
 * @param newest highest position ever assigned (`readNewestPosition`)
 * @param argument path of the argument in errors
 * @throws InvalidInputError when it is not a cursor of this kind from this list
 */
export function decodeRecordCursor(
  kind: RecordCursorKind,
  cursor: string,
  scopeId: string,
  newest: bigint,
  argument: string[],
): RecordPosition {
  const [prefix, scope, ...numbers] = Buffer.from(cursor, 'base64url').toString('utf8').split('.')
  const wellFormed = prefix === PREFIXES[kind] && scope === scopeId && numbers.every((each) => /^\d{1,18}$/.test(each))
  const [position = -1n, purgesSeen = 0n] = wellFormed ? numbers.map(BigInt) : []
  const isAssigned = position >= 0n && position <= newest && purgesSeen <= newest
  // base64url decoding is lenient: accept only the canonical form.
  if (!isAssigned || encodeRecordCursor(kind, scopeId, position, purgesSeen) !== cursor) {
    const use = kind === 'list' ? 'an endCursor of this list' : 'the changeCursor of a record of this list'
    throw new InvalidInputError([{ path: argument, message: `This is not a cursor of these records. Use ${use}.` }])
  }
  return { position, purgesSeen }
}
