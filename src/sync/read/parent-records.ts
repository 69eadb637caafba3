import type { SqlRunner } from '../../db/sql.ts'
import { isRawJson, parseJson } from '../../kit/json.ts'

/** A record of a parent stream, as the sub-stream's templates read it. */
export interface ParentRecord {
  position: bigint
  primaryKey: readonly string[]
  /** Numbers that JavaScript cannot hold are text here. */
  data: unknown
  changedAt: Date
}

interface ParentRecords {
  connectionId: string
  stream: string
}

/** Parents that are read from the database at once. */
const BATCH = 100

const NEWEST = `SELECT coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0)::bigint AS newest`

/** $1 connection, $2 stream, $3 from and $4 up to position, $5 how many. */
const READ = `
  SELECT position, primary_key::text AS primary_key, data::text AS data, changed_at FROM record
  WHERE connection_id = $1::uuid AND position >= $3::bigint AND position <= $4::bigint AND stream = $2 AND NOT deleted
  ORDER BY position LIMIT $5::int`

/**
 * The records of the parent stream that are there, in the order of their positions, from `from` on. No position among
 * them changes meanwhile: only the connection's one job writes its records, and that one is past the parent stream. What
 * it writes now comes after the end of this list.
 */
export async function* readParents(
  sql: SqlRunner,
  { connectionId, stream }: ParentRecords,
  from: bigint,
): AsyncGenerator<ParentRecord, undefined> {
  const [{ newest } = { newest: 0n }] = await sql.query<{ newest: bigint }>(NEWEST)
  for (let next = from; ; ) {
    const rows = await sql.query<{ position: bigint; primary_key: string; data: string; changed_at: Date }>(READ, [
      connectionId,
      stream,
      next,
      newest,
      BATCH,
    ])
    for (const row of rows) {
      yield {
        position: row.position,
        primaryKey: JSON.parse(row.primary_key),
        data: plain(parseJson(row.data)),
        changedAt: row.changed_at,
      }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < BATCH) return undefined
    next = last.position + 1n
  }
}

function plain(value: unknown): unknown {
  if (isRawJson(value)) return value.rawJSON
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}
