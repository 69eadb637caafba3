import { setTimeout as sleep } from 'node:timers/promises'
import { hasCursorPerParent, hasTombstones, type StreamDefinition } from '../../catalog/definition/stream.ts'
import { type Database, INDEXES_ONLY } from '../../db/database.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { ClaimedJob } from '../jobs/claim.ts'
import { RunStoppedError } from '../jobs/sync-error.ts'
import type { SyncWarning } from '../jobs/sync-warning.ts'
import type { ReadingCheckpoint } from '../read/page-position.ts'
import type { PageRecords } from '../read/page-records.ts'
import type { StreamPage } from '../read/read-pages.ts'
import { cursorToStore } from '../read/stream-cursor.ts'
import { isUnchanged, type NumberedPage, type PageList, storeKnownPages } from '../records/known-pages.ts'
import { addRanges, countPositions, type PositionRanges } from '../records/position-set.ts'
import {
  type ComparedRecords,
  compareRecords,
  deleteTombstones,
  distinct,
  type RecordColumns,
  type StreamCounters,
  type WrittenRecords,
  writePages,
} from '../records/write-page.ts'

/** How long pages in which nothing changed may wait for a commit. */
const MAX_WAIT_MS = 500
/** How many records they may have, so that their positions take little memory: about 0.4 MB. */
const MAX_RECORDS = 50_000
/** How many pages are remembered with one statement. A crash loses them, so that the next reading compares them again. */
const REMEMBERED_AT_ONCE = 20

/** How many ranges of positions are kept to count what a reading met: a few megabytes. */
const MAX_RANGES = 100_000
/** How many pages may be too small to be remembered before a reading leaves the known pages as they are. */
const MAX_UNKNOWN_PAGES = 100

const NO_RECORDS: RecordColumns = { ids: [], primaryKeys: [], data: [], digests: [] }
const NO_POSITIONS = new Float64Array()
const NOTHING_WRITTEN: WrittenRecords = { count: 0, positions: null }

interface PageWriterOptions {
  database: Database
  job: ClaimedJob
  stream: StreamDefinition
  /** Counters of the stream before the first page. */
  counters: StreamCounters
  /** The connection never had a record of the stream, so there is nothing to compare its records with. */
  fresh: boolean
  /** The records of all known pages have their positions, so that they need no look. */
  knownPagesValid: boolean
  /**
   * Called last in the transaction of each commit.
   * @param hasMore there are more pages
   */
  report: (tx: WriteTx, counters: StreamCounters, warnings: SyncWarning[], hasMore: boolean) => Promise<void>
  /** Called after each commit. */
  committed: (counters: StreamCounters) => void
}

/** Pages that are not committed yet. None of their records has changed, except those of the last page. */
interface Uncommitted {
  sinceMs: number
  pages: number
  recordsRead: number
  bytesRead: number
  total: number | null
  checkpoint: ReadingCheckpoint
  changed: RecordColumns
  added: number | null
  deletedIds: readonly string[]
  /** Change positions of the unchanged records. */
  met: Float64Array[]
  metCount: number
  /** The last page, if it can be remembered, with the positions of its unchanged records. */
  last: LastPage | undefined
  parentCursors: { parentId: string; cursor: string }[]
  warnings: SyncWarning[]
  hasMore: boolean
}

/** What a reading has met, if one run has read it from its first page. */
export interface MetRecords {
  /** How many different records it met unchanged, among them none that it wrote; null: too many to know. */
  unchanged: number | null
  /** It has written records, or marked some as deleted. */
  wrote: boolean
  /** Numbers of pages that are not among the known ones now; null: many. */
  unknownPages: readonly number[] | null
}

interface LastPage {
  number: number
  list: PageList
  digest: string
  /** Number of its records. */
  records: number
  unchanged: Float64Array
}

/**
 * Writes the pages of one reading. A page in which something changed is committed at once. One in which nothing changed is
 * compared and costs no write: its counters, its checkpoint and the positions of its records are committed with the next page
 * that has a change, or after half a second. A crash loses at most these pages, together with their checkpoint, so that they
 * are read again and counted once.
 */
export class PageWriter {
  readonly #options: PageWriterOptions
  #counters: StreamCounters
  #uncommitted: Uncommitted | undefined
  /** Pages that are not stored yet. */
  readonly #remembered: NumberedPage[] = []
  readonly #met: PositionRanges = { firsts: [], lasts: [] }
  readonly #unknownPages: number[] = []
  #wrote = false

  constructor(options: PageWriterOptions) {
    this.#options = options
    this.#counters = options.counters
  }

  get met(): MetRecords {
    const { firsts } = this.#met
    return {
      unchanged: firsts.length > MAX_RANGES ? null : countPositions(this.#met),
      wrote: this.#wrote,
      unknownPages: this.#unknownPages.length > MAX_UNKNOWN_PAGES ? null : this.#unknownPages,
    }
  }

  /** As committed. */
  get counters(): StreamCounters {
    return this.#counters
  }

  /**
   * @param checkpoint where reading continues after the page
   * @throws RunStoppedError `lost` or `cancelled`
   */
  async add(page: StreamPage, checkpoint: ReadingCheckpoint, warnings: readonly SyncWarning[]): Promise<void> {
    const { records } = page
    const { reading } = checkpoint
    const { changed, added, unchanged, last } = await this.#compare(page, reading.number)
    const before = this.#uncommitted
    const { floor } = reading
    const { met, parentCursors }: Pick<Uncommitted, 'met' | 'parentCursors'> = before ?? { met: [], parentCursors: [] }
    const old = floor === undefined ? NO_POSITIONS : upTo(unchanged, floor)
    if (old.length > 0) met.push(old)
    const metCount = (before?.metCount ?? 0) + old.length
    if (this.#met.firsts.length <= MAX_RANGES) addRanges(this.#met, unchanged)
    if (changed.ids.length > 0 || records.deletedIds.length > 0) this.#wrote = true
    if (before?.last !== undefined) this.#remember(before.last, NOTHING_WRITTEN)
    parentCursors.push(...this.#parentCursor(page, checkpoint))
    this.#uncommitted = {
      sinceMs: before?.sinceMs ?? performance.now(),
      pages: (before?.pages ?? 0) + 1,
      // The records of a repeated reading are the same as those of the first one.
      recordsRead: (before?.recordsRead ?? 0) + (reading.number === 1 ? records.read : 0),
      bytesRead: (before?.bytesRead ?? 0) + page.bytesRead,
      total: page.total ?? before?.total ?? null,
      checkpoint,
      changed,
      added,
      deletedIds: records.deletedIds,
      met,
      metCount,
      last,
      parentCursors,
      warnings: [...warnings],
      hasMore: page.next !== null,
    }
    const mayWait = changed.ids.length === 0 && records.deletedIds.length === 0 && warnings.length === 0
    if (!mayWait || metCount >= MAX_RECORDS || this.#waitMs() <= 0) await this.commit()
  }

  /** Compares a page with what is stored. */
  async #compare(
    { number, records, known, pageList }: StreamPage,
    reading: number,
  ): Promise<Omit<ComparedRecords, 'added'> & Pick<Uncommitted, 'added' | 'last'>> {
    const { database, job, stream, fresh } = this.#options
    const source = { connectionId: job.connectionId, stream: stream.name }
    const holds = this.#options.knownPagesValid && !this.#wrote
    if (known !== undefined && (holds || (await isUnchanged(database.sql, source, known.page)))) {
      return { changed: NO_RECORDS, added: 0, unchanged: known.page.positions, last: undefined }
    }
    const prepared: PageRecords = (await known?.prepareRecords()) ?? records
    const isNew = fresh && reading === 1 && !hasTombstones(stream)
    const compared = isNew
      ? { changed: prepared, added: null, unchanged: NO_POSITIONS }
      : prepared.ids.length === 0
        ? { changed: NO_RECORDS, added: 0, unchanged: NO_POSITIONS }
        : await compareRecords(database.sql, prepared)
    const list = known?.page ?? pageList
    if (list === undefined) this.#unknown(number)
    const last = list && {
      ...{ number, list, digest: prepared.digest, records: prepared.ids.length, unchanged: compared.unchanged },
    }
    return { ...compared, last }
  }

  /** Remembers a page, unless the positions of all its records are not known. */
  #remember({ number, list, digest, records, unchanged }: LastPage, { count, positions }: WrittenRecords): void {
    const { first, last } = positions ?? { first: 0, last: -1 }
    if (unchanged.length + count !== records || last - first + 1 !== count) {
      this.#unknown(number)
      return
    }
    const all = new Float64Array(records)
    all.set(unchanged)
    for (let index = 0; index < count; index += 1) all[unchanged.length + index] = first + index
    const { hash, start, bytes } = list
    this.#remembered.push({ number, hash, start, bytes, digest, positions: all.sort() })
  }

  #unknown(number: number): void {
    if (this.#unknownPages.length <= MAX_UNKNOWN_PAGES) this.#unknownPages.push(number)
  }

  /** Commits what is not committed. @throws RunStoppedError `lost` or `cancelled` */
  async commit(): Promise<void> {
    const pages = this.#uncommitted
    if (pages === undefined) return
    // What a failed commit has or has not written is unknown, so that nothing may be committed after it.
    this.#uncommitted = undefined
    const { database, job, stream, report, committed } = this.#options
    this.#counters = await database.bulkTransaction(async (tx) => {
      const { counters, written } = await writePages(tx, job, stream.name, {
        records: pages.changed,
        added: pages.added,
        recordsRead: pages.recordsRead,
        pagesRead: pages.pages,
        bytesRead: pages.bytesRead,
        total: pages.total,
        checkpoint: pages.checkpoint,
        met: union(pages.met, pages.metCount),
      })
      await deleteTombstones(tx, job, stream.name, pages.deletedIds)
      await storeParentCursors(tx, job, stream.name, pages.parentCursors)
      if (pages.last !== undefined) this.#remember(pages.last, written)
      if (this.#remembered.length >= REMEMBERED_AT_ONCE || !pages.hasMore) {
        await storeKnownPages(tx, { ...job, stream: stream.name }, this.#remembered.splice(0))
      }
      await report(tx, counters, pages.warnings, pages.hasMore)
      return counters
    }, INDEXES_ONLY)
    committed(this.#counters)
  }

  /** Commits what is not committed when the reading ends with an error, unless the error says that nothing may be written. */
  async commitAfter(error: unknown): Promise<void> {
    const mayWrite = !(error instanceof RunStoppedError && (error.reason === 'lost' || error.reason === 'cancelled'))
    if (mayWrite) await this.commit()
  }

  /** The pages of a source. While the next one does not come, those before it are committed in time. */
  async *inTime(pages: AsyncGenerator<StreamPage>): AsyncGenerator<StreamPage> {
    let waits = true
    try {
      for (;;) {
        const next = pages.next()
        waits = true
        if (this.#uncommitted !== undefined) await this.#commitUnless(next)
        const { done, value } = await next
        waits = false
        if (done === true) return
        yield value
      }
    } finally {
      const ended = pages.return(undefined).catch(() => undefined)
      // A generator that waits for its source ends only when it has a page.
      if (!waits) await ended
    }
  }

  /** Commits when the wait is over, unless something comes before. */
  async #commitUnless(next: Promise<unknown>): Promise<void> {
    const arrived = next.then(
      () => true,
      // It is thrown where the page is awaited.
      () => true,
    )
    const timer = new AbortController()
    const late = sleep(Math.max(0, this.#waitMs()), false, { signal: timer.signal }).catch(() => true)
    try {
      if (!(await Promise.race([arrived, late]))) await this.commit()
    } finally {
      timer.abort()
    }
  }

  #waitMs(): number {
    return (this.#uncommitted?.sinceMs ?? 0) + MAX_WAIT_MS - performance.now()
  }

  /** The cursor of a parent, which is stored with its last page. */
  #parentCursor(
    { parent, parentId, feedCursor }: StreamPage,
    { parentHighest = null, askedAt = null }: ReadingCheckpoint,
  ): Uncommitted['parentCursors'] {
    const { stream } = this.#options
    if (!hasCursorPerParent(stream) || parent?.done !== true || parentId === undefined) return []
    const cursor = feedCursor === undefined ? cursorToStore(stream, parentHighest, askedAt) : feedCursor
    return cursor === null ? [] : [{ parentId, cursor }]
  }
}

/** @param positions ascending. @returns those up to a floor */
function upTo(positions: Float64Array, floor: number): Float64Array {
  let end = positions.length
  while (end > 0 && (positions[end - 1] ?? 0) > floor) end -= 1
  return end === positions.length ? positions : positions.subarray(0, end)
}

/** @param parts each ascending and distinct. @returns the different positions, ascending */
function union(parts: readonly Float64Array[], count: number): Float64Array {
  const all = new Float64Array(count)
  let at = 0
  let last = 0
  let isSorted = true
  for (const part of parts) {
    isSorted &&= (part[0] ?? 0) > last
    last = part.at(-1) ?? last
    all.set(part, at)
    at += part.length
  }
  return isSorted ? all : distinct(all.sort())
}

/** $1 connection, $2 workspace, $3 stream, $4 ids of the parents and $5 cursors, as lines. */
const STORE_PARENT_CURSORS = `
  INSERT INTO parent_cursor AS c (connection_id, workspace_id, stream, record_id, cursor)
  SELECT $1::uuid, $2::uuid, $3, i.id, i.cursor::json
  FROM unnest(string_to_array($4, E'\\n')::uuid[], string_to_array($5, E'\\n')) AS i (id, cursor)
  ON CONFLICT (connection_id, stream, record_id) DO UPDATE SET cursor = excluded.cursor
  WHERE c.cursor::text <> excluded.cursor::text`

async function storeParentCursors(
  tx: WriteTx,
  { connectionId, workspaceId }: ClaimedJob,
  stream: string,
  cursors: Uncommitted['parentCursors'],
): Promise<void> {
  if (cursors.length === 0) return
  await tx.query(STORE_PARENT_CURSORS, [
    ...[connectionId, workspaceId, stream],
    cursors.map(({ parentId }) => parentId).join('\n'),
    cursors.map(({ cursor }) => cursor).join('\n'),
  ])
}
