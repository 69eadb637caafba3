import { createHash } from 'node:crypto'
import type { SqlRunner, WriteTx } from '../../db/sql.ts'
import { addRanges, decodePositions, encodePositions, type PositionRanges } from './position-set.ts'

/**
 * A page that a reading has met before, all of whose records could be stored, each once. While its records still have their
 * positions, none of them has changed: every change of a record gives it a new position.
 */
export interface KnownPage extends PageList {
  /** `PageRecords.digest` of the page. */
  digest: string
  /** Change positions of its records, ascending and distinct. */
  readonly positions: Float64Array
}

/** The list of the records of a page, as it was in the response. */
export interface PageList {
  /** As hexadecimal digits. See `KnownPages.hash`. */
  hash: string
  /** Where it began and how long it was, in bytes of UTF-8. */
  start: number
  bytes: number
}

/** A page to remember under its number. */
export interface NumberedPage extends KnownPage {
  number: number
}

/** The known pages of a stream, in the order in which one reading asks for them. */
export interface KnownPages {
  /** @param list text of the list of records, from which all else about them follows; bytes of UTF-8 in parts */
  hash(list: string | readonly Uint8Array[]): string
  /** The page that had a number in an earlier reading. */
  at(number: number): Promise<KnownPage | undefined>
}

/** A smaller page is compared record by record. Its row would take much space for what it saves. */
export const MIN_KNOWN_RECORDS = 50

/** Increase it when the same text of a page leads to other records: other ids, data or digests. */
const FORMAT = 1

/** Pages that one statement reads. Each takes at most a few hundred kilobytes, and typically less than one. */
const READ_AHEAD = 16

const READ = `
  SELECT number, hash, list_start, list_bytes, digest, first_position, positions FROM known_page
  WHERE connection_id = $1::uuid AND stream = $2 AND number >= $3::int ORDER BY number LIMIT $4::int`

interface KnownPageRow {
  [column: string]: unknown
  number: number
  hash: Uint8Array
  list_start: number
  list_bytes: number
  digest: Uint8Array
  first_position: bigint
  positions: Uint8Array
}

/** @param meaning what decides, besides the text of a page, which records it has */
export function createKnownPages(
  sql: SqlRunner,
  { connectionId, stream, meaning }: { connectionId: string; stream: string; meaning: string },
): KnownPages {
  let rows = new Map<number, KnownPageRow>()
  /** Numbers from `from` to below `to` have been read. */
  let [from, to] = [0, 0]
  return {
    hash(list) {
      const hash = createHash('sha256').update(`${FORMAT}:${meaning.length}:${meaning}`)
      for (const part of typeof list === 'string' ? [list] : list) hash.update(part)
      return hash.digest('hex')
    },
    async at(number) {
      if (number < from || number >= to) {
        const read = await sql.query<KnownPageRow>(READ, [connectionId, stream, number, READ_AHEAD])
        rows = new Map(read.map((row) => [row.number, row]))
        from = number
        to = read.length < READ_AHEAD ? Number.POSITIVE_INFINITY : (read.at(-1)?.number ?? number) + 1
      }
      const row = rows.get(number)
      return row === undefined ? undefined : pageOf(row)
    },
  }
}

function pageOf(row: KnownPageRow): KnownPage {
  let positions: Float64Array | undefined
  return {
    hash: Buffer.from(row.hash).toString('hex'),
    start: row.list_start,
    bytes: row.list_bytes,
    digest: Buffer.from(row.digest).toString('hex'),
    get positions() {
      positions ??= decodePositions(row.positions, Number(row.first_position) - 1)
      return positions
    },
  }
}

/**
 * Whether all records of a known page still have their positions. Nothing may write records of the connection between this and
 * the use of its result.
 */
export async function isUnchanged(
  sql: SqlRunner,
  { connectionId, stream }: { connectionId: string; stream: string },
  { positions }: KnownPage,
): Promise<boolean> {
  const { firsts, lasts }: PositionRanges = { firsts: [], lasts: [] }
  addRanges({ firsts, lasts }, positions)
  const [row] = await sql.query<{ count: number }>('SELECT latchkey_count_records($1::uuid, $2, $3, $4) AS count', [
    connectionId,
    stream,
    firsts.join(),
    lasts.join(),
  ])
  return row?.count === positions.length
}

/**
 * $1 connection, $2 workspace, $3 stream; as lines: $4 numbers, $5 hashes, $6 starts and $7 lengths of the lists, $8 digests,
 * $9 first positions and $10 positions.
 */
const STORE = `
  INSERT INTO known_page (
    connection_id, workspace_id, stream, number, hash, list_start, list_bytes, digest, first_position, positions)
  SELECT $1::uuid, $2::uuid, $3, i.number, decode(i.hash, 'hex'), i.list_start, i.list_bytes, decode(i.digest, 'hex'), i.first,
         decode(i.positions, 'hex')
  FROM unnest(string_to_array($4, E'\\n')::int[], string_to_array($5, E'\\n'), string_to_array($6, E'\\n')::int[],
              string_to_array($7, E'\\n')::int[], string_to_array($8, E'\\n'), string_to_array($9, E'\\n')::bigint[],
              string_to_array($10, E'\\n')) AS i (number, hash, list_start, list_bytes, digest, first, positions)
  ON CONFLICT (connection_id, stream, number) DO UPDATE SET
    hash = excluded.hash, list_start = excluded.list_start, list_bytes = excluded.list_bytes, digest = excluded.digest,
    first_position = excluded.first_position, positions = excluded.positions`

/** Remembers pages in place of those with their numbers. `tx` is a fenced transaction. The numbers are distinct. */
export async function storeKnownPages(
  tx: WriteTx,
  { connectionId, workspaceId, stream }: { connectionId: string; workspaceId: string; stream: string },
  pages: readonly NumberedPage[],
): Promise<void> {
  if (pages.length === 0) return
  const firstOf = ({ positions }: KnownPage) => positions[0] ?? 1
  const lines = (column: (page: NumberedPage) => string | number) => pages.map(column).join('\n')
  await tx.query(STORE, [
    connectionId,
    workspaceId,
    stream,
    lines(({ number }) => number),
    lines(({ hash }) => hash),
    lines(({ start }) => start),
    lines(({ bytes }) => bytes),
    lines(({ digest }) => digest),
    lines(firstOf),
    lines((page) => Buffer.from(encodePositions(page.positions, firstOf(page) - 1)).toString('hex')),
  ])
}

/**
 * Forgets pages that a complete reading did not meet.
 * @param lastNumber the number of its last page
 * @param unmet numbers before it
 */
export async function forgetPages(
  tx: WriteTx,
  { connectionId, stream }: { connectionId: string; stream: string },
  lastNumber: number,
  unmet: readonly number[],
): Promise<void> {
  await tx.query(
    `DELETE FROM known_page WHERE connection_id = $1::uuid AND stream = $2
     AND (number > $3::int OR number = ANY (string_to_array($4, ',')::int[]))`,
    [connectionId, stream, lastNumber, unmet.join()],
  )
}
