import type { SqlRunner } from '../../db/sql.ts'
import { isRawJson, parseJson } from '../../kit/json.ts'
import { SyncFailedError } from '../jobs/sync-error.ts'
import type { ParentRecord, StreamReader } from './fetch-page.ts'
import type { PagePosition, ParentPlace } from './page-position.ts'
import { linkAbort, readPages, type StreamPage } from './read-pages.ts'

interface SubStreamStart {
  /** Where the page begins that is read first. */
  next: PagePosition
  /** The parent that it belongs to, or comes after; absent: it is the first page of the first parent. */
  parent?: ParentPlace | undefined
  /** Number of the first page, for messages. */
  firstNumber: number
}

/** Parents that are read at once. Their pages come one parent after another all the same. */
const AT_ONCE = 4

/** The parent was deleted since it was stored. */
const GONE: ReadonlySet<number> = new Set([404, 410])

interface Reading {
  parent: ParentRecord
  pages: AsyncGenerator<StreamPage>
  first: Promise<IteratorResult<StreamPage>>
}

/**
 * Reads the pages of each parent, one parent after another, so that a place among the parents and one among the pages of
 * that parent is enough to go on from. Up to AT_ONCE parents are asked for ahead, at most two pages of each are held.
 *
 * @param parents in the order of their positions, beginning with that of `start`
 * @param onSkipped told of a parent that the source does not know any more, with how many that makes
 * @throws what `readPages` throws
 */
export async function* readSubStream(
  reader: StreamReader,
  parents: AsyncGenerator<ParentRecord, undefined>,
  start: SubStreamStart,
  onSkipped: (parent: ParentRecord, skipped: number) => void,
  signal: AbortSignal,
): AsyncGenerator<StreamPage> {
  const ahead = linkAbort(signal)
  const readings: Reading[] = []
  let number = start.firstNumber
  let skipped = start.parent?.skipped ?? 0

  function begin(parent: ParentRecord): Reading {
    const resumed = start.parent?.done === false && start.parent.position === String(parent.position)
    const position: PagePosition = resumed ? start.next : { kind: 'first' }
    const pages = readPages(sinceOf(reader, parent), position, resumed ? number : 1, ahead.signal)
    const first = pages.next()
    // Told when its turn comes; until then it must not count as unhandled.
    first.catch(() => undefined)
    return { parent, pages, first }
  }

  try {
    for (;;) {
      while (readings.length < AT_ONCE) {
        const { value: parent } = await parents.next()
        if (parent === undefined) break
        readings.push(begin(parent))
      }
      const [reading] = readings
      if (reading === undefined) return
      const position = String(reading.parent.position)
      try {
        for (
          let { done, value: page } = await reading.first;
          done !== true;
          { done, value: page } = await reading.pages.next()
        ) {
          const over = page.next === null
          const resume = page.resume ?? { kind: 'first' }
          yield { ...page, number, next: resume, resume, parent: { position, done: over, skipped } }
          number += 1
        }
      } catch (error) {
        if (!isGone(error)) throw ofParent(error, reader, reading.parent)
        skipped += 1
        onSkipped(reading.parent, skipped)
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
 * A parent that has come or changed since the sub-stream was read last may have records older than the stored cursor that
 * nobody has read: it is read as a whole.
 */
function sinceOf(reader: StreamReader, parent: ParentRecord): StreamReader {
  const { lastReadAt } = reader
  const known = lastReadAt !== undefined && lastReadAt !== null && parent.changedAt < lastReadAt
  return { ...reader, parent, since: known ? reader.since : null }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof SyncFailedError && error.error.code === 'PROVIDER' && GONE.has(error.error.providerStatus ?? 0)
  )
}

/** The same error with the parent that it came up for. */
function ofParent(error: unknown, { stream }: StreamReader, { primaryKey }: ParentRecord): unknown {
  if (!(error instanceof SyncFailedError)) return error
  const key = primaryKey.join(', ').slice(0, 100)
  const message = `${error.message} It was read for record ${key} of ${stream.parent?.stream}.`
  return new SyncFailedError({ ...error.error, message }, error)
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
