import { hasCursorPerParent, type StreamDefinition } from '../../catalog/definition/stream.ts'
import type { SqlRunner } from '../../db/sql.ts'
import { isRawJson, parseJson, stringifyJson } from '../../kit/json.ts'
import { SyncFailedError } from '../jobs/sync-error.ts'
import { type RecordIds, recordIdMaker } from '../records/record-ids.ts'
import { readNewestPosition } from '../records/records.ts'
import { type EachPlace, readEach } from './each-item.ts'
import type { ParentRecord, StreamReader } from './fetch-page.ts'
import type { ListMemory } from './page-memory.ts'
import type { ItemPlace, ListSoFar, PagePosition, ParentPlace } from './page-position.ts'
import { ListSkippedError, linkAbort, type StreamPage } from './read-pages.ts'

interface SubStreamStart {
  /** Position of the first page to read. */
  next: PagePosition
  /** What was read of the parent's list before it. */
  list?: ListSoFar | undefined
  /** The parent that the page belongs to, or that was read before it; absent: the first page of the first parent. */
  parent?: ParentPlace | undefined
  /** See Checkpoint. */
  windowMs?: number | undefined
  /** See Checkpoint. */
  item?: ItemPlace | undefined
  /** Number of the first page, for messages. */
  firstNumber: number
}

/** Parents whose pages are requested at once, unless the stream says otherwise. */
const DEFAULT_CONCURRENCY = 4

/** Status codes that mean that the parent was deleted after it was stored. */
const GONE: ReadonlySet<number> = new Set([404, 410])

/** Numbers of skipped parents; see ParentPlace. */
export interface SkippedParents {
  skipped: number
  unread: number
}

interface Reading {
  parent: ParentRecord
  memory: ListMemory
  pages: AsyncGenerator<StreamPage>
  first: Promise<IteratorResult<StreamPage>>
}

/**
 * Reads the pages of each parent, one parent after another, so that a checkpoint consists of one parent and one page.
 * The pages of several parents (`parent.concurrency`) are requested at once; at most two pages of each are held.
 *
 * @param parents in the order of their positions, beginning with the parent of `start`
 * @param onSkipped called for a parent that is skipped: the provider no longer has it, or a rule of `responses` says so
 * @throws as `readPages`, except ListSkippedError: the parent is skipped
 */
export async function* readSubStream(
  reader: StreamReader,
  parents: AsyncGenerator<ParentRecord, undefined>,
  start: SubStreamStart,
  onSkipped: (parent: ParentRecord, counts: SkippedParents) => void,
  signal: AbortSignal,
): AsyncGenerator<StreamPage> {
  const { concurrency = DEFAULT_CONCURRENCY } = reader.stream.parent ?? {}
  const ahead = linkAbort(signal)
  const readings: Reading[] = []
  let number = start.firstNumber
  let skipped = start.parent?.skipped ?? 0
  let unread = start.parent?.unread ?? 0
  let missing = start.parent?.missing ?? 0

  function begin(parent: ParentRecord): Reading {
    const resumed = start.parent?.done === false && start.parent.position === String(parent.position)
    const place: EachPlace = resumed ? start : { next: { kind: 'first' } }
    const memory = reader.memory.sibling()
    const pages = readEach({ ...sinceOf(reader, parent), memory }, place, resumed ? number : 1, ahead.signal)
    const first = pages.next()
    // It is awaited later. Until then its rejection must not count as unhandled.
    first.catch(() => undefined)
    return { parent, memory, pages, first }
  }

  try {
    for (;;) {
      while (readings.length < concurrency) {
        const { value: parent } = await parents.next()
        if (parent === undefined) break
        readings.push(begin(parent))
      }
      const [reading] = readings
      if (reading === undefined) return
      reading.memory.isCurrent = true
      const position = String(reading.parent.position)
      try {
        for (
          let { done, value: page } = await reading.first;
          done !== true;
          { done, value: page } = await reading.pages.next()
        ) {
          const resume = page.resume ?? { kind: 'first' }
          if (page.end !== null) missing += Math.max(0, (page.end.total ?? 0) - (page.list?.read ?? 0))
          yield {
            ...page,
            number,
            next: resume,
            resume,
            parent: { position, done: page.end !== null, skipped, unread, missing },
          }
          number += 1
        }
      } catch (error) {
        if (!isGone(error)) throw withParent(error, reader, reading.parent)
        skipped += 1
        if (error instanceof ListSkippedError) unread += 1
        onSkipped(reading.parent, { skipped, unread })
      }
      readings.shift()
    }
  } finally {
    ahead.end()
    for (const { pages } of readings) pages.return(undefined).catch(() => undefined)
    await parents.return(undefined)
  }
}

/**
 * A parent that was added or changed since the sub-stream was last read may have unread records older than the stored
 * cursor. It is read as a whole, unless each parent has a cursor of its own.
 */
function sinceOf(reader: StreamReader, parent: ParentRecord): StreamReader {
  if (hasCursorPerParent(reader.stream)) {
    return { ...reader, parent, since: reader.since === null ? null : (parent.cursor ?? null) }
  }
  const { lastReadAt } = reader
  const known = lastReadAt !== undefined && lastReadAt !== null && parent.changedAt < lastReadAt
  return { ...reader, parent, since: known ? reader.since : null }
}

function isGone(error: unknown): boolean {
  if (error instanceof ListSkippedError) return true
  return (
    error instanceof SyncFailedError && error.error.code === 'PROVIDER' && GONE.has(error.error.providerStatus ?? 0)
  )
}

/** Adds the parent to the message of an error. */
function withParent(error: unknown, { stream }: StreamReader, { primaryKey }: ParentRecord): unknown {
  if (!(error instanceof SyncFailedError)) return error
  const key = primaryKey.join(', ').slice(0, 100)
  const message = `${error.message} It was read for record ${key} of ${stream.parent?.stream}.`
  return new SyncFailedError({ ...error.error, message }, error)
}

interface ParentRecords {
  connectionId: string
  recordIds: RecordIds
  subStream: StreamDefinition
  /** All streams of the definition. */
  streams: readonly StreamDefinition[]
}

/** Parents that are read from the database at once. */
const PARENT_BATCH = 100

/** $1 connection, $2 stream, $3 first and $4 last position, $5 limit, $6 sub-stream. */
const READ = `
  SELECT position, primary_key::text AS primary_key, data::text AS data, changed_at,
         c.cursor::text AS cursor
  FROM record r
  LEFT JOIN parent_cursor c ON c.connection_id = $1::uuid AND c.stream = $6 AND c.record_id = r.id
  WHERE r.connection_id = $1::uuid AND position >= $3::bigint AND position <= $4::bigint AND r.stream = $2 AND NOT deleted
  ORDER BY position LIMIT $5::int`

interface ParentRow {
  [column: string]: unknown
  position: bigint
  primary_key: string
  data: string
  changed_at: Date
  cursor: string | null
}

/**
 * The present records of the parent stream in the order of their positions, starting at `from`. Their positions do not
 * change meanwhile: only the connection's job writes its records, and it has finished the parent stream. Records that
 * are written later come after the end of this list.
 */
export async function* readParents(
  sql: SqlRunner,
  { connectionId, recordIds, subStream, streams }: ParentRecords,
  from: bigint,
): AsyncGenerator<ParentRecord, undefined> {
  const stream = subStream.parent?.stream ?? ''
  const newest = await readNewestPosition(sql)
  for (let next = from; ; ) {
    const rows = await sql.query<ParentRow>(READ, [
      ...[connectionId, stream, next, newest, PARENT_BATCH, subStream.name],
    ])
    const parents = rows.map((row) => ({
      row,
      primaryKey: JSON.parse(row.primary_key) as string[],
      data: withPlainNumbers(parseJson(row.data)),
    }))
    const complete = await withAncestors(sql, { connectionId, recordIds, streams }, stream, parents)
    for (const [index, { row, primaryKey }] of parents.entries()) {
      yield {
        position: row.position,
        primaryKey,
        data: complete[index],
        changedAt: row.changed_at,
        cursor: row.cursor,
      }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < PARENT_BATCH) return undefined
    next = last.position + 1n
  }
}

const READ_ANCESTORS = `
  SELECT id::text AS id, data::text AS data FROM record
  WHERE connection_id = $1::uuid AND stream = $2 AND id = ANY (string_to_array($3, ',')::uuid[])`

interface Descendant {
  primaryKey: readonly string[]
  data: unknown
}

/**
 * The data of records of a sub-stream, each with the record of its own parent as `parent`, and so on. A parent that is not stored is
 * missing. The key of a record begins with that of its parent.
 */
async function withAncestors(
  sql: SqlRunner,
  source: Omit<ParentRecords, 'subStream'>,
  stream: string,
  records: readonly Descendant[],
): Promise<unknown[]> {
  const { connectionId, recordIds, streams } = source
  const { parent, primaryKey } = streams.find(({ name }) => name === stream) ?? {}
  if (parent === undefined || records.length === 0) return records.map(({ data }) => data)
  const keys = records.map((record) => record.primaryKey.slice(0, -(primaryKey?.length ?? 1)))
  const idOf = recordIdMaker(recordIds, connectionId, parent.stream)
  const ids = keys.map((key) => idOf(stringifyJson(key)))
  const rows = await sql.query<{ id: string; data: string }>(READ_ANCESTORS, [
    ...[connectionId, parent.stream, [...new Set(ids)].join()],
  ])
  const stored = new Map(rows.map(({ id, data }) => [id.replaceAll('-', ''), withPlainNumbers(parseJson(data))]))
  const found = [...new Map(ids.map((id, index) => [id, { primaryKey: keys[index] ?? [], data: stored.get(id) }]))]
  const complete = await withAncestors(
    sql,
    source,
    parent.stream,
    found.map(([, each]) => each),
  )
  const ancestors = new Map(found.map(([id], index) => [id, complete[index]]))
  return records.map(({ data }, index) => withParentData(data, ancestors.get(ids[index] ?? '')))
}

function withParentData(data: unknown, parent: unknown): unknown {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data, parent } : data
}

function withPlainNumbers(value: unknown): unknown {
  if (isRawJson(value)) return value.rawJSON
  if (Array.isArray(value)) return value.map(withPlainNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPlainNumbers(item)]))
}
