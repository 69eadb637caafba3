import { notFound } from '../../access/caller.ts'
import type { Database } from '../../db/database.ts'
import type { Row, SqlRunner } from '../../db/sql.ts'
import { globalIdOf } from '../../kit/ids.ts'
import {
  changesNoLongerKeptError,
  encodeRecordCursor,
  OF_PART,
  PURGE,
  partsOf,
  type RecordScope,
  type ScopeKind,
  scopeParameter,
} from './records.ts'

interface ExportOptions {
  /** Only records of this stream. Null: of all. */
  stream: string | null
  /** Records that changed after this position, including deleted ones. Null: present records. */
  changedAfter: bigint | null
  /** Only records after this position of the list. Null: from its beginning. */
  after: bigint | null
  /** `purgesSeen` of the given cursors. */
  purgesSeen: bigint
}

/** Records that are sent together. */
export interface ExportedPage {
  /** One JSON object for each record, each with a line break at its end. */
  lines: Buffer
  /** Number of lines. */
  count: number
  /**
   * Change cursor of the moment in which the first page was read: all changes up to it are in the export, and those behind it are returned
   * for it. The same for all pages.
   */
  changeCursor: string
}

/** Records of one statement. PGlite works in the thread of this process, which does nothing else meanwhile. */
const PAGE_RECORDS = { server: 4_000, embedded: 500 } as const
/** Stored bytes of data of one statement, apart from its last record (see `readRecordsWithin`). */
const STORED_BYTES = 512 * 1024
/** Positions of one statement that reads several streams. */
const MAX_WINDOW = 100_000_000n

/**
 * Reads all records of a connection or a collection as lines, in the order of their last change. The provider's JSON stays the text that
 * is stored: it is not parsed. Each page is a statement of its own, so that a slow reader holds no
 * transaction. A record that changes meanwhile moves to the end and is read again, as in `readRecords`.
 *
 * Yields at least one page, which may be empty.
 * @param scopeId id of the connection or collection, to which the cursors are bound
 * @throws InvalidInputError when deleted records that changed after `changedAfter` are no longer kept; NotFoundError when the connection
 *   was deleted meanwhile
 */
export async function* exportRecords(
  database: Database,
  scope: RecordScope,
  scopeId: string,
  options: ExportOptions,
): AsyncGenerator<ExportedPage, void, void> {
  const { kind, value } = scopeParameter(scope)
  const limit = PAGE_RECORDS[database.kind]
  const changes = options.changedAfter !== null
  const changedAfter = options.changedAfter ?? 0n
  let after = options.after === null || options.after < changedAfter ? changedAfter : options.after
  let purgesSeen = options.purgesSeen
  let changeCursor: string | undefined
  let window = BigInt(limit)
  for (;;) {
    const isFirst = changeCursor === undefined
    const reading = { kind, changes, isFirst, limit, ofStream: options.stream !== null }
    // The mark of a list is that of its first page: records removed later may be on the list.
    const takesMark = changes || (isFirst && options.after === null)
    const row = await inIndexOrder(database, async (sql) => {
      const values = [
        value,
        after,
        isWindowed(reading) ? window : null,
        purgesSeen,
        STORED_BYTES,
        ...(options.stream === null ? [] : [options.stream]),
      ]
      const [read] = await sql.query<PageRow>(pageStatement(reading), values)
      return read
    })
    if (row === undefined) throw new Error('The database returned no page.')
    if (changes && row.missed) throw changesNoLongerKeptError()
    if (kind === 'connection' && !row.found) throw notFound('connection')
    if (takesMark) purgesSeen = row.purge_mark
    if (changeCursor === undefined) {
      const newest = row.newest ?? 0n
      changeCursor = encodeRecordCursor(
        'change',
        scopeId,
        newest > changedAfter ? newest : changedAfter,
        row.purge_mark,
      )
    }
    if (row.count > 0 || isFirst) {
      const { horizon } = row
      const lines = linesOf(row.rows ?? '', { scopeId, horizon, purgesSeen: takesMark ? row.purge_mark : purgesSeen })
      yield { lines, count: row.count, changeCursor }
    }
    const { last, until } = row
    if (last === null) return
    const isCut = row.count < row.chosen || row.chosen === limit
    if (until === null) {
      if (!isCut) return
      after = last
    } else if (isCut) {
      window = atLeast(last - after, BigInt(limit))
      after = last
    } else {
      // Few records have positions in the window: the next one is larger.
      const wider = window * BigInt(Math.min(4, Math.max(1, Math.floor(limit / row.count))))
      window = wider > MAX_WINDOW ? MAX_WINDOW : wider
      after = until
    }
  }
}

function atLeast(value: bigint, least: bigint): bigint {
  return value > least ? value : least
}

interface PageRow extends Row {
  purge_mark: bigint
  missed: boolean
  /** Whether there is a connection to read from. */
  found: boolean
  /** Of the first page: the newest position that is complete. */
  newest: bigint | null
  /** Records that were found. */
  chosen: number
  /** Records that are on the page. Fewer, if their data is large. */
  count: number
  /** Position of the last record of the page. */
  last: bigint | null
  /** Position at which the window ends. Null: there is no window, or no record is left. */
  until: bigint | null
  /** Changes up to this position are complete. Null: up to every position. */
  horizon: bigint | null
  /** The records, as `ROW` writes them. */
  rows: string | null
}

interface Reading {
  kind: ScopeKind
  changes: boolean
  ofStream: boolean
  isFirst: boolean
  limit: number
}

/**
 * Runs a statement whose plan reads records in the order of an index. A plan is kept for as long as its connection, and one that sorts is
 * chosen while a table is small, or unknown to the planner.
 */
function inIndexOrder<T>(database: Database, read: (sql: SqlRunner) => Promise<T>): Promise<T> {
  return database.bulkTransaction(async (tx) => {
    await tx.query(`SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`)
    return read(tx)
  })
}

/** Whether records of more than one stream are read, and so in windows of positions. */
function isWindowed({ kind, ofStream }: Pick<Reading, 'kind' | 'ofStream'>): boolean {
  return kind !== 'connection' || !ofStream
}

/**
 * $1 as in `partsOf`, $2 position, $3 number of positions of the window (null: one stream is read), $4 mark, $5 stored bytes, $6 stream.
 *
 * Several streams are read in windows of positions, each of which begins at the first record that is left: a statement that took
 * `limit` records of each stream would read far more than it returns.
 */
function pageStatement(reading: Reading): string {
  const { kind, changes, ofStream, isFirst, limit } = reading
  const which = changes ? '(horizon.position IS NULL OR position <= horizon.position)' : 'NOT deleted'
  const columns = 'id, connection_id, stream, primary_key, data, deleted, changed_at, position'
  const windowed = isWindowed(reading)
  const perStream = (select: string, condition: string, order: string, count: number) =>
    `SELECT r.* FROM part CROSS JOIN horizon CROSS JOIN LATERAL (
       SELECT ${select} FROM record WHERE ${OF_PART} AND ${condition} ORDER BY ${order} LIMIT ${count}) r`
  const later = 'WHERE part.newest_position > $2::bigint'
  const until = windowed
    ? `(SELECT min(n.position) + $3::bigint - 1 FROM (${perStream('position', `position > $2::bigint AND ${which}`, 'position', 1)} ${later}) n)`
    : '$3::bigint'
  const within = `position > $2::bigint ${windowed ? 'AND position <= (SELECT until FROM frame)' : ''} AND ${which}`
  const chosen = `${perStream(columns, within, 'position', limit)} ${later} ORDER BY r.position LIMIT ${limit}`
  const newest = isFirst
    ? `(SELECT least(max(n.position), horizon.position) FROM (${perStream('position', 'true', 'position DESC', 1)}) n)`
    : 'NULL::bigint'
  return `
    WITH ${partsOf(kind, ofStream ? '$6::text' : null)}, purge AS MATERIALIZED (${PURGE}),
    frame AS MATERIALIZED (SELECT ${until} AS until)
    SELECT purge.mark AS purge_mark, purge.missed, EXISTS (SELECT FROM source) AS found, frame.until, horizon.position AS horizon, ${newest} AS newest, page.*
    FROM purge CROSS JOIN frame CROSS JOIN horizon CROSS JOIN LATERAL (
      SELECT count(*)::int AS chosen, (count(*) FILTER (WHERE fits))::int AS count, max(position) FILTER (WHERE fits) AS last,
        string_agg(${ROW}, '') FILTER (WHERE fits) AS rows
      FROM (
        SELECT record.*, coalesce(sum(pg_column_size(record.data)) OVER (
          ORDER BY record.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) < $5::int AS fits
        FROM (${chosen}) record
      ) record
    ) page`
}

/**
 * SQL: the columns of a record, with a tab between them and a line break at the end. JSON text as it is stored contains neither. Time in
 * milliseconds since 1970. `data` comes last. The lines are finished here and not by PostgreSQL, which takes several times as long for it.
 */
const ROW = `record.id || E'\\t' || record.connection_id || E'\\t' || to_json(record.stream) || E'\\t' || record.primary_key
  || CASE WHEN record.deleted THEN E'\\tt\\t' ELSE E'\\tf\\t' END
  || round(date_part('epoch', record.changed_at) * 1000)::bigint || E'\\t' || record.position || E'\\t' || record.data || E'\\n'`

interface CursorParts {
  /** The connection or collection to which cursors are bound. */
  scopeId: string
  horizon: bigint | null
  purgesSeen: bigint
}

/** Records as in the GraphQL API, one JSON object in each line. @param rows as `ROW` writes them */
function linesOf(rows: string, { scopeId, horizon, purgesSeen }: CursorParts): Buffer {
  const lines: string[] = []
  let [connectionId, connection] = ['', '']
  let [changedMs, changedAt] = ['', '']
  const [list, change] = [cursorPrefix('list', scopeId), cursorPrefix('change', scopeId)]
  const suffix = purgesSeen === 0n ? '' : `.${purgesSeen}`
  const cursorEnd = (position: string | bigint) => Buffer.from(`.${position}${suffix}`, 'latin1').toString('base64url')
  let at = 0
  const next = (separator: string) => {
    const end = rows.indexOf(separator, at)
    const field = rows.slice(at, end)
    at = end + 1
    return field
  }
  while (at < rows.length) {
    const id = next('\t')
    const ofConnection = next('\t')
    if (ofConnection !== connectionId) {
      connectionId = ofConnection
      connection = globalIdOf('Connection', connectionId)
    }
    const stream = next('\t')
    const primaryKey = next('\t')
    const deleted = next('\t') === 't'
    const milliseconds = next('\t')
    if (milliseconds !== changedMs) {
      changedMs = milliseconds
      changedAt = new Date(Number(changedMs)).toISOString()
    }
    const position = next('\t')
    const end = cursorEnd(position)
    const changeEnd = horizon !== null && BigInt(position) > horizon ? cursorEnd(horizon) : end
    lines.push(
      `{"id":"${globalIdOf('Record', id)}","connectionId":"${connection}","stream":${stream},"primaryKey":${primaryKey},"deleted":${deleted},"changedAt":"${changedAt}","cursor":"${list}${end}","changeCursor":"${change}${changeEnd}","data":${next('\n')}}\n`,
    )
  }
  return Buffer.from(lines.join(''))
}

/** The part of a cursor before its position (see `encodeRecordCursor`): 39 bytes, so that the rest can be appended in base64. */
function cursorPrefix(kind: 'list' | 'change', scopeId: string): string {
  return encodeRecordCursor(kind, scopeId, 0n).slice(0, 52)
}
