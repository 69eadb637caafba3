import {
  hasCursorPerParent,
  parentGroups,
  parentStreams,
  type StreamDefinition,
} from '../../catalog/definition/stream.ts'
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
  const { parent: declared } = reader.stream
  const concurrency = (Array.isArray(declared) ? undefined : declared?.concurrency) ?? DEFAULT_CONCURRENCY
  const ahead = linkAbort(signal)
  const readings: Reading[] = []
  let number = start.firstNumber
  let skipped = start.parent?.skipped ?? 0
  let unread = start.parent?.unread ?? 0
  let missing = start.parent?.missing ?? 0

  function begin(parent: ParentRecord): Reading {
    const resumed = start.parent?.done === false && start.parent.position === parent.position
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
      const { position, id: parentId } = reading.parent
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
            parentId,
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
  const message = `${error.message} It was read for record ${key} of ${parentStreams(stream).join(', ')}.`
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

/** $1 connection, $2 stream, $3 first and $4 last position, $5 limit. */
const READ = `
  SELECT id::text AS id, position, primary_key::text AS primary_key, data::text AS data, changed_at
  FROM record
  WHERE connection_id = $1::uuid AND position >= $3::bigint AND position <= $4::bigint AND stream = $2 AND NOT deleted
  ORDER BY position LIMIT $5::int`

interface ParentRow {
  [column: string]: unknown
  id: string
  position: bigint
  primary_key: string
  data: string
  changed_at: Date
}

/** A stored record of one parent stream. */
interface StoredParent {
  stream: string
  id: string
  position: bigint
  primaryKey: readonly string[]
  data: unknown
  changedAt: Date
}

/**
 * The parents of a sub-stream after the place `after`, or with it if its pages are not all written: the present records of the parent
 * stream in the order of their positions, or the combinations of those of several streams. Positions do not change meanwhile: only the
 * connection's job writes its records, and it has finished the parent streams. Records that are written later come after the end of this
 * list.
 */
export async function* readParents(
  sql: SqlRunner,
  source: ParentRecords,
  after: ParentPlace | undefined,
): AsyncGenerator<ParentRecord, undefined> {
  const from = (after?.position.split('.') ?? []).map(BigInt)
  const last = from.at(-1)
  if (after?.done === true && last !== undefined) from[from.length - 1] = last + 1n
  let batch: ParentRecord[] = []
  for await (const parent of parentsFrom(sql, source, from, await readNewestPosition(sql))) {
    batch.push(parent)
    if (batch.length < PARENT_BATCH) continue
    yield* await withCursors(sql, source, batch)
    batch = []
  }
  yield* await withCursors(sql, source, batch)
  return undefined
}

async function* parentsFrom(
  sql: SqlRunner,
  source: ParentRecords,
  from: readonly bigint[],
  newest: bigint,
): AsyncGenerator<ParentRecord> {
  const { connectionId, recordIds, subStream } = source
  const groups = parentGroups(subStream)
  if (groups.length > 0) {
    const idOf = recordIdMaker(recordIds, connectionId, `parents of ${subStream.name}`)
    for await (const records of combinations(sql, source, groups, from, newest)) yield combined(groups, records, idOf)
    return
  }
  for await (const { position, ...parent } of readRecords(
    sql,
    source,
    parentStreams(subStream),
    from[0] ?? 0n,
    newest,
  )) {
    yield { ...parent, position: String(position) }
  }
}

type ParentGroups = ReturnType<typeof parentGroups>

/**
 * All combinations of a record of each group, each in the order of the groups. They come in the order of the position of their newest
 * record, and then of the positions of the others. So the combinations of a record that is added or changed between two workers come
 * after those that the first one has read, as a single parent does.
 */
async function* combinations(
  sql: SqlRunner,
  source: ParentRecords,
  groups: ParentGroups,
  [first = 0n, ...others]: readonly bigint[],
  newest: bigint,
): AsyncGenerator<StoredParent[]> {
  const all = groups.flatMap(({ streams }) => streams)
  for await (const record of readRecords(sql, source, all, first, newest)) {
    const own = groups.findIndex(({ streams }) => streams.includes(record.stream))
    const older = olderThan(record.position, groups.toSpliced(own, 1), record.position === first ? others : [])
    for await (const rest of older) yield rest.toSpliced(own, 0, record)
  }

  async function* olderThan(
    position: bigint,
    [group, ...rest]: ParentGroups,
    [from = 0n, ...next]: readonly bigint[],
  ): AsyncGenerator<StoredParent[]> {
    if (group === undefined) {
      yield []
      return
    }
    for await (const record of readRecords(sql, source, group.streams, from, position - 1n)) {
      for await (const others of olderThan(position, rest, record.position === from ? next : []))
        yield [record, ...others]
    }
  }
}

/** @param records one of each group */
function combined(groups: ParentGroups, records: readonly StoredParent[], idOf: (key: string) => string): ParentRecord {
  const newest = records.reduce((one, other) => (other.position > one.position ? other : one))
  const others = records.filter((record) => record !== newest)
  const primaryKey = records.flatMap(({ stream, primaryKey }, index) => keyInGroup(groups[index], stream, primaryKey))
  return {
    id: idOf(stringifyJson(primaryKey)),
    position: [newest, ...others].map(({ position }) => position).join('.'),
    primaryKey,
    data: Object.fromEntries(records.map(({ data }, index) => [groups[index]?.as, data])),
    changedAt: new Date(Math.max(...records.map(({ changedAt }) => changedAt.getTime()))),
  }
}

/** Records of different streams may have the same key. */
function keyInGroup(
  group: ParentGroups[number] | undefined,
  stream: string,
  key: readonly string[],
): readonly string[] {
  return (group?.streams.length ?? 0) > 1 ? [stream, ...key] : key
}

/** The present records of streams from position `from` to position `to`, in the order of their positions. */
async function* readRecords(
  sql: SqlRunner,
  source: ParentRecords,
  streams: readonly string[],
  from: bigint,
  to: bigint,
): AsyncGenerator<StoredParent> {
  const readings = streams.map((stream) => readStream(sql, source, stream, from, to))
  try {
    const heads = await Promise.all(readings.map(async (records) => ({ records, head: await records.next() })))
    for (;;) {
      const found = heads.filter(({ head }) => head.done !== true)
      const [next] = found.toSorted((one, other) =>
        (one.head.value?.position ?? 0n) < (other.head.value?.position ?? 0n) ? -1 : 1,
      )
      if (next?.head.value === undefined) return
      yield next.head.value
      next.head = await next.records.next()
    }
  } finally {
    for (const reading of readings) await reading.return(undefined)
  }
}

async function* readStream(
  sql: SqlRunner,
  { connectionId, recordIds, streams }: ParentRecords,
  stream: string,
  from: bigint,
  to: bigint,
): AsyncGenerator<StoredParent, undefined> {
  for (let next = from; next <= to; ) {
    const rows = await sql.query<ParentRow>(READ, [connectionId, stream, next, to, PARENT_BATCH])
    const parents = rows.map((row) => ({
      row,
      primaryKey: JSON.parse(row.primary_key) as string[],
      data: withPlainNumbers(parseJson(row.data)),
    }))
    const complete = await withAncestors(sql, { connectionId, recordIds, streams }, stream, parents)
    for (const [index, { row, primaryKey }] of parents.entries()) {
      yield {
        ...{ stream, id: row.id, position: row.position, primaryKey, data: complete[index], changedAt: row.changed_at },
      }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < PARENT_BATCH) return undefined
    next = last.position + 1n
  }
  return undefined
}

/** $1 connection, $2 sub-stream, $3 ids of parents. */
const READ_CURSORS = `
  SELECT record_id::text AS id, cursor::text AS cursor FROM parent_cursor
  WHERE connection_id = $1::uuid AND stream = $2 AND record_id = ANY (string_to_array($3, ',')::uuid[])`

/** The parents with what is stored for each of them in a sub-stream with one cursor for each parent. */
async function withCursors(
  sql: SqlRunner,
  { connectionId, subStream }: ParentRecords,
  parents: readonly ParentRecord[],
): Promise<readonly ParentRecord[]> {
  if (!hasCursorPerParent(subStream) || parents.length === 0) return parents
  const ids = parents.map(({ id }) => id).join()
  const rows = await sql.query<{ id: string; cursor: string }>(READ_CURSORS, [connectionId, subStream.name, ids])
  const stored = new Map(rows.map(({ id, cursor }) => [plainId(id), cursor]))
  return parents.map((parent) => ({ ...parent, cursor: stored.get(plainId(parent.id)) ?? null }))
}

function plainId(id: string): string {
  return id.replaceAll('-', '')
}

const READ_ANCESTORS = `
  SELECT id::text AS id, data::text AS data FROM record
  WHERE connection_id = $1::uuid AND stream = $2 AND id = ANY (string_to_array($3, ',')::uuid[])`

interface Descendant {
  primaryKey: readonly string[]
  data: unknown
}

/**
 * The data of records of a sub-stream, each with the record of its own parent as `parent`, and so on; of several parents, with an object
 * of them. A parent that is not stored is missing. The key of a record begins with those of its parents.
 */
async function withAncestors(
  sql: SqlRunner,
  source: Omit<ParentRecords, 'subStream'>,
  stream: string,
  records: readonly Descendant[],
): Promise<unknown[]> {
  const child = source.streams.find(({ name }) => name === stream)
  if (child?.parent === undefined || records.length === 0) return records.map(({ data }) => data)
  const keys = records.map(({ primaryKey }) => parentKeysIn(source.streams, child, primaryKey))
  const found = new Map<string, ReadonlyMap<string, unknown>>()
  for (const name of parentStreams(child)) {
    const own = keys.flatMap((parents) => parents.filter((parent) => parent.stream === name).map(({ key }) => key))
    found.set(name, await readAncestors(sql, source, name, own))
  }
  return records.map(({ data }, index) => {
    const parents = (keys[index] ?? []).map(({ as, stream, key }) => ({
      as,
      data: found.get(stream)?.get(stringifyJson(key)),
    }))
    const isOne = parents[0]?.as === undefined
    const parent = isOne ? parents[0]?.data : Object.fromEntries(parents.map(({ as, data }) => [as, data]))
    return withParentData(data, parent)
  })
}

/** The records of a stream with their ancestors, by the JSON of their keys. */
async function readAncestors(
  sql: SqlRunner,
  source: Omit<ParentRecords, 'subStream'>,
  stream: string,
  keys: readonly (readonly string[])[],
): Promise<ReadonlyMap<string, unknown>> {
  const distinct = [...new Map(keys.map((key) => [stringifyJson(key), key]))]
  const idOf = recordIdMaker(source.recordIds, source.connectionId, stream)
  const ids = distinct.map(([json]) => idOf(json))
  const rows = await sql.query<{ id: string; data: string }>(READ_ANCESTORS, [source.connectionId, stream, ids.join()])
  const stored = new Map(rows.map(({ id, data }) => [plainId(id), withPlainNumbers(parseJson(data))]))
  const records = distinct.map(([, primaryKey], index) => ({ primaryKey, data: stored.get(ids[index] ?? '') }))
  const complete = await withAncestors(sql, source, stream, records)
  return new Map(distinct.map(([json], index) => [json, complete[index]]))
}

interface ParentKey {
  /** Name in templates; absent: the only parent. */
  as?: string
  stream: string
  key: readonly string[]
}

/** The keys of the parents of a record, which its own key begins with. */
function parentKeysIn(
  streams: readonly StreamDefinition[],
  child: StreamDefinition,
  key: readonly string[],
): ParentKey[] {
  const [only] = parentStreams(child)
  const groups = parentGroups(child)
  if (groups.length === 0) return [{ stream: only ?? '', key: key.slice(0, -ownKeyLength(child)) }]
  return parentsAtStart(streams, groups, key).found
}

function parentsAtStart(
  streams: readonly StreamDefinition[],
  groups: ParentGroups,
  key: readonly string[],
): { found: ParentKey[]; length: number } {
  const found: ParentKey[] = []
  let at = 0
  for (const { as, streams: names } of groups) {
    const stream = (names.length > 1 ? key[at++] : names[0]) ?? ''
    const length = keyLength(streams, stream, key.slice(at))
    found.push({ as, stream, key: key.slice(at, at + length) })
    at += length
  }
  return { found, length: at }
}

/** How many elements at the beginning of `key` are the key of a record of a stream. */
function keyLength(streams: readonly StreamDefinition[], name: string, key: readonly string[]): number {
  const stream = streams.find((each) => each.name === name)
  if (stream === undefined) return 0
  const [only] = parentStreams(stream)
  const groups = parentGroups(stream)
  const ofParents =
    groups.length > 0
      ? parentsAtStart(streams, groups, key).length
      : only === undefined
        ? 0
        : keyLength(streams, only, key)
  return ofParents + ownKeyLength(stream)
}

/** A record without a primary key is identified by one text. */
function ownKeyLength({ primaryKey }: StreamDefinition): number {
  return primaryKey?.length ?? 1
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
