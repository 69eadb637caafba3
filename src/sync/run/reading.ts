import { hash } from 'node:crypto'
import { parentStreams, recordsIn, type StreamDefinition } from '../../catalog/definition/stream.ts'
import { newId } from '../../kit/ids.ts'
import { stringifyJson } from '../../kit/json.ts'
import { badSource } from '../jobs/sync-error.ts'
import type { SyncWarning } from '../jobs/sync-warning.ts'
import { type Checkpoint, endOf, type Reading, type ReadingCheckpoint, START } from '../read/page-position.ts'
import { SHOWN_PLACES } from '../read/page-records.ts'
import { endWarning } from '../read/pagination.ts'
import type { StreamPage } from '../read/read-pages.ts'

/** How often a job reads a stream before it gives up to find out what the source no longer has. */
export const MAX_READINGS = 3

/**
 * Identifies what a stream's records and its cursor mean: which requests give them, where they are in a response and what
 * identifies them. How the pages follow each other, how many parents are read at once, and what other responses and failures
 * mean, does not count.
 * @param streams all streams of the definition
 */
export function fingerprintOf(streams: readonly StreamDefinition[], stream: StreamDefinition): string {
  const { pagination: _pages, responses: _answers, tolerance: _share, deletes: _deletes, incremental, ...rest } = stream
  const { recordsPath: _path, records, omitsEmptyList: _omits, ...own } = rest
  const { where, set, drop } = records ?? {}
  const identity =
    own.parent === undefined || Array.isArray(own.parent) ? own : { ...own, parent: { stream: own.parent.stream } }
  const text = stringifyJson(
    sorted({
      identity,
      records: { ...recordsIn(stream), where, set, drop },
      cursorField: incremental?.cursorField ?? incremental?.feed?.path,
      keys: keysOfAncestors(streams, stream),
    }),
  )
  return hash('sha256', text, 'hex').slice(0, 32)
}

/** The key of a record begins with the keys of its parents. */
function keysOfAncestors(streams: readonly StreamDefinition[], stream: StreamDefinition): unknown[] {
  return parentStreams(stream).flatMap((name) => {
    const parent = streams.find((each) => each.name === name)
    return [parent?.primaryKey, ...(parent === undefined ? [] : keysOfAncestors(streams, parent))]
  })
}

/** With the keys of all objects in order, so that equal definitions give the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

interface ReadingStart {
  /** Fingerprint of the present definition. */
  definition: string
  /** All records are read. */
  whole: boolean
  /** What the reading does not meet is deleted. */
  deletes: boolean
  /** The newest change position. */
  newest: number
  /** JSON of the cursor after which reading begins; null: none. */
  since: string | null
  /** Number of records that the stream had before the job. */
  before: number
  /** Number of records that earlier workers of the job read. */
  recordsRead: number
  /** The checkpoint is that of the failed job before this one. */
  inherited: boolean
  /** The worker before this one ended its run there to wait, as it would have waited without another worker. */
  resumed?: boolean
}

/** How many jobs in a row continue from the same checkpoint. The source may no longer know its cursor. */
const MAX_STALLED_JOBS = 20

/**
 * The checkpoint from which a run of a job reads. A checkpoint of another definition, of a reading after another cursor, or of
 * one that did not remember which records it met although this must be known now, is not used: reading starts at the first page.
 * @param stored by an earlier worker of the job, or by the failed job before it
 */
export function continueReading(stored: Checkpoint, start: ReadingStart): ReadingCheckpoint {
  const { definition, whole, deletes, since } = start
  const { reading: last } = stored
  const stalledJobs = start.inherited ? (last?.stalledJobs ?? 0) + 1 : last?.stalledJobs
  const sameReading = last === undefined ? !start.inherited && !deletes : isSame(last, start)
  const usable = sameReading && (stalledJobs ?? 0) <= MAX_STALLED_JOBS
  const checkpoint = usable ? stored : START
  const begun = checkpoint.next?.kind !== 'first' || checkpoint.parent !== undefined
  const reading = checkpoint.reading ?? {
    number: 1,
    id: newId(),
    floor: deletes ? start.newest : undefined,
    definition,
    whole,
    since,
    before: start.before,
    pages: 0,
    read: begun ? start.recordsRead : 0,
    quarantined: 0,
    quarantinedAt: [],
    total: null,
    shrank: false,
    mayHide: false,
  }
  // Between two workers of a job the source may have changed.
  const interrupted =
    start.resumed !== true && checkpoint.next !== null && (checkpoint.reading === undefined ? begun : reading.pages > 0)
  return {
    ...checkpoint,
    reading: { ...reading, mayHide: reading.mayHide || interrupted, stalledJobs: usable ? stalledJobs : undefined },
  }
}

function isSame(last: Reading, { definition, whole, deletes, since }: ReadingStart): boolean {
  const { floor } = last
  return (
    last.definition === definition && last.whole === whole && last.since === since && (floor !== undefined) === deletes
  )
}

/** The state of a reading after a page. */
export function readingAfter(reading: Reading, page: StreamPage): Reading {
  const { read, quarantined, quarantinedAt } = page.records
  const total = page.total ?? reading.total
  return {
    ...reading,
    pages: page.number,
    read: reading.read + read,
    quarantined: reading.quarantined + quarantined,
    quarantinedAt: [...reading.quarantinedAt, ...quarantinedAt].slice(0, SHOWN_PLACES),
    total,
    shrank: reading.shrank || (total !== null && reading.total !== null && total < reading.total),
    mayHide: reading.mayHide || mayShift(page),
    stalledJobs: reading.stalledJobs === undefined ? undefined : 0,
  }
}

/**
 * Whether the total that the source states became smaller while the stream was read. A number that falls below half of what
 * was read is not a total: some sources state how many records are left.
 */
export function shrankWhileRead({ shrank, total, read }: Reading): boolean {
  return shrank && total !== null && total * 2 >= read
}

/**
 * Whether a record can move over the border before the next page and is then not met: the page is counted, not remembered
 * by the source. A link may contain the number of a page, and so may a cursor.
 */
function mayShift({ next, number, list }: StreamPage): boolean {
  if (next === null || next.kind === 'first') return false
  return next.kind !== 'cursor' || isCount(next.json, list?.read ?? 0, number)
}

/** Whether a cursor is a number, or contains the number of records or pages so far, also in base64. */
function isCount(json: string, recordsRead: number, pages: number): boolean {
  if (/^"?\d+"?$/.test(json)) return true
  const decoded = Buffer.from(json.replaceAll('"', ''), 'base64').toString('latin1')
  const texts = /^[ -~]+$/.test(decoded) ? [json, decoded] : [json]
  const counts = new Set([recordsRead, pages, pages + 1].map(String))
  return texts.some((text) => {
    const numbers = text.match(/(?<![A-Za-z0-9])\d+(?![A-Za-z0-9])/g) ?? []
    return numbers.some((each) => counts.has(each)) || (recordsRead >= 10 && hasNumber(text, recordsRead))
  })
}

function hasNumber(text: string, number: number): boolean {
  return new RegExp(`(?<!\\d)${number}(?!\\d)`).test(text)
}

/**
 * The checkpoint at which the stream is read again.
 * @param last.missing number of stored records that the reading did not meet
 * @param last.sudden most records are gone at once
 * @param last.newest the newest change position
 * @param startAt milliseconds since 1970
 */
export function repeatReading(
  { reading, highest, askedAt }: ReadingCheckpoint,
  last: { missing: number; sudden: boolean; newest: number },
  startAt: number,
): ReadingCheckpoint {
  const { definition, whole, since, before, number, id, floor } = reading
  const next: Reading = {
    number: number + 1,
    id: newId(),
    floor: floor === undefined ? undefined : last.newest,
    definition,
    whole,
    since,
    before,
    pages: 0,
    read: 0,
    quarantined: 0,
    quarantinedAt: [],
    total: null,
    shrank: false,
    mayHide: false,
    previous: { id, missing: last.missing, floor },
    sudden: last.sudden || reading.sudden,
    startAt,
  }
  return { ...START, highest, askedAt, reading: next }
}

/** What the end of a reading says about its completeness. */
interface ReadingEnd {
  /** By how many records the source's total exceeds what was read; 0: it does not, or the source states no total. */
  shortfall: number
  /** What a person should know about the end; undefined: nothing. */
  message: string | undefined
}

export function endOfReading(stream: StreamDefinition, checkpoint: ReadingCheckpoint): ReadingEnd {
  const { reading, list, parent } = checkpoint
  // A page that is read line by line is counted again after a crash, but not in its list.
  const recordsRead = parent === undefined ? (list?.read ?? reading.read) : reading.read
  const end = endOf(checkpoint, recordsRead)
  if (end === null) return { shortfall: 0, message: undefined }
  const message = endWarning(stream, end, { recordsRead, largestPage: list?.largest ?? 0 })
  return { shortfall: Math.max(0, (end.total ?? 0) - recordsRead), message }
}

const DEFAULT_TOLERANCE = 0.01
/** A stream most of whose first records are bad is not read to its end. */
const EARLY_RECORDS = 1_000
const EARLY_SHARE = 0.5

/** The warning for the quarantined records of a page; undefined: it has none. */
export function quarantineWarning(stream: string, { records }: StreamPage): SyncWarning | undefined {
  const { quarantined, quarantinedAt } = records
  if (quarantined === 0) return undefined
  const places = quarantinedAt.join('; ')
  return {
    stream,
    code: 'RECORDS_QUARANTINED',
    message: `Records of the source cannot be stored and were left out. The first: ${places}.`,
    count: quarantined,
  }
}

/**
 * Checks the share of records that could not be stored.
 * @param ended the reading has ended
 * @throws SyncFailedError when it is above the stream's tolerance
 */
export function checkTolerance(
  { name, tolerance = DEFAULT_TOLERANCE }: StreamDefinition,
  reading: Reading,
  ended: boolean,
) {
  const { quarantined, quarantinedAt, read } = reading
  if (quarantined === 0) return
  const share = quarantined / read
  const limit = ended ? tolerance : Math.max(tolerance, EARLY_SHARE)
  if (share <= limit || (!ended && read < EARLY_RECORDS)) return
  const percent = Math.round(tolerance * 10_000) / 100
  throw badSource(
    name,
    `${quarantined} of ${read} records cannot be stored, which is more than the tolerance of ${percent} %: ${quarantinedAt.join('; ')}.`,
  )
}
