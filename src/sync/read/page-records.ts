import { createHash, hash } from 'node:crypto'
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { type Path, readPath, readPaths } from '../../catalog/definition/path.ts'
import { fieldCursorOf, recordsIn, type StreamDefinition } from '../../catalog/definition/stream.ts'
import { isRawJson, JsonSyntaxError, JsonTooDeepError, stringifyJson } from '../../kit/json.ts'
import { badSource, type SyncFailedError } from '../jobs/sync-error.ts'
import type { SyncWarning } from '../jobs/sync-warning.ts'
import type { KnownPage } from '../records/known-pages.ts'
import { type RecordIds, recordIdMaker } from '../records/record-ids.ts'
import { cursorText, kindOf, MAX_CURSOR, pathText } from './pagination.ts'
import { type RecordShaper, withoutPaths } from './shape-records.ts'
import { isTombstone, PageCursors } from './stream-cursor.ts'

/** The distinct records of a page as columns for one statement. */
export interface PageRecords {
  /** Number of records in the response, including repeated ones and those that cannot be stored, without those left out. */
  read: number
  /** Number of records that `records.where` leaves out. */
  leftOut: number
  /** Number of records that cannot be stored. */
  quarantined: number
  /** The first of them: where each one is and what is wrong, without its content. */
  quarantinedAt: string[]
  /** Ids as 32 hexadecimal digits. */
  ids: string[]
  /** JSON arrays of strings. */
  primaryKeys: string[]
  /** JSON of the records. */
  data: string[]
  /** Hashes of `data`, as 32 hexadecimal digits. */
  digests: string[]
  /** The same for two pages with the same records; with numbered pages, whatever the content of the records. */
  digest: string
  /** JSON of the highest value of the cursor field; null: there is none. */
  highest: string | null
  /** Number of records below the cursor after which the page was requested. */
  older: number
  /** Ids of the records that the source says are deleted. They are not among `ids`. */
  deletedIds: string[]
  warnings: SyncWarning[]
  /** Secrets were removed from the records. Default: false. */
  isRedacted?: boolean
}

interface PageOfStream {
  connectionId: string
  recordIds: RecordIds
  stream: StreamDefinition
  /** Number of the page, for messages. */
  page: number
  /** Number of records of the page before these. Default: 0. */
  before?: number
  /** In a sub-stream: the primary key of the parent record. It is put before the record's own key. */
  parentKey?: readonly string[]
  /** JSON of the cursor after which the page was requested. Default: none. */
  since?: string | null
  /** The value of `start` below which records are older (`comparedStart`). Default: none. */
  start?: string
  /** The present in milliseconds since 1970. Default: unknown. */
  presentMs?: number
  /** The keys of the records in an object of records. */
  keys?: readonly string[] | undefined
  /** JSON of the records, as `stringifyJson` writes it; undefined or absent: it is not known. */
  texts?: readonly (string | undefined)[] | undefined
  /** Applies `records.where` and `records.set`. Absent: the stream has neither. */
  shape?: RecordShaper | undefined
}

export interface FoundRecords {
  records: unknown[]
  /** The keys of the records in an object of records; absent: they are not from one object. */
  keys?: readonly string[] | undefined
  /** The records are the list at the path, all items of it. Default: false. */
  isList?: boolean
}

/** Most records of a page of JSON: the largest page that a definition can request. */
const MAX_RECORDS = 100_000

/**
 * The records of a response.
 * @param place `mayBeNull`: null in their place means that there are none; `mayBeAbsent`: so does anything else
 * @throws SyncFailedError when the response is not JSON, has no records at the declared path, or more than MAX_RECORDS
 */
export function findRecords(
  body: () => unknown,
  place: Pick<PageOfStream, 'stream' | 'page'> & { mayBeNull: boolean; mayBeAbsent: boolean },
): FoundRecords {
  const { stream, page } = place
  const { path, one, map } = recordsIn(stream)
  const parsed = parseBody(body, stream.name, page)
  const star = path.indexOf('*')
  const found = readPath(parsed, star === -1 ? path : path.slice(0, star))
  if (found === undefined && stream.omitsEmptyList === true) return { records: [] }
  if (found === null && (one || stream.omitsEmptyList === true || place.mayBeNull)) return { records: [] }
  if (star !== -1 && (isObject(found) || Array.isArray(found))) {
    const records: unknown[] = []
    for (const value of readPaths(parsed, path)) {
      for (const record of recordsOf(value, place)) records.push(record)
      checkCount(records.length, place)
    }
    return { records }
  }
  const isList = Array.isArray(found)
  if (one && isObject(found)) return { records: [found] }
  if (map && isObject(found)) {
    const keys = Object.keys(found)
    checkCount(keys.length, place)
    return { records: Object.values(found), keys }
  }
  // PHP writes an empty object of records as an empty list.
  if (isList && one !== true && (!map || found.length === 0)) {
    checkCount(found.length, place)
    return { records: found, isList: star === -1 && !map }
  }
  if (place.mayBeAbsent) return { records: [] }
  throw noRecords(found, path, place)
}

function checkCount(count: number, { stream, page }: Pick<PageOfStream, 'stream' | 'page'>): void {
  if (count <= MAX_RECORDS) return
  const message = `page ${page} has more than ${MAX_RECORDS} records, the limit for a page of JSON. Request smaller pages, or read the stream as NDJSON or CSV.`
  throw badSource(stream.name, message)
}

/** The records in one of the values at a path with `*`. */
function recordsOf(value: unknown, place: Pick<PageOfStream, 'stream' | 'page'>): unknown[] {
  const { path, one, map } = recordsIn(place.stream)
  // An element without the rest of the path, or with null there, has no records.
  if (value === undefined || value === null) return []
  if (map && isObject(value)) return Object.values(value)
  if (!map && isObject(value)) return [value]
  if (Array.isArray(value) && one !== true && (!map || value.length === 0)) return value
  throw noRecords(value, path, place)
}

function noRecords(found: unknown, path: Path, { stream, page }: Pick<PageOfStream, 'stream' | 'page'>) {
  const { one, map } = recordsIn(stream)
  const where = path.length === 0 ? 'the response' : pathText(path)
  const wanted = one === true ? 'record' : map ? 'object of records' : 'list of records'
  return badSource(stream.name, `page ${page} has no ${wanted}: ${where} is ${kindOf(found)}.`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJson(value)
}

function parseBody(body: () => unknown, stream: string, page: number): unknown {
  try {
    return body()
  } catch (error) {
    if (error instanceof JsonSyntaxError || error instanceof JsonTooDeepError) {
      throw badSource(stream, `page ${page} cannot be read. ${error.message}`)
    }
    throw error
  }
}

/** How many quarantined records a message names. */
export const SHOWN_PLACES = 3

/** Longest primary key, as JSON, in characters. In a sub-stream, the key of the parent record is put before it. */
const MAX_KEY = 4 * 1024
/** Longest primary key with those of its parents, as JSON, in characters. */
const MAX_KEY_WITH_PARENTS = 16 * 1024
/** What the key of a parent record may add to the records of one page together, in characters. */
const MAX_PARENT_KEYS_OF_PAGE = 32 * 1024 * 1024

/** How long the records of a page are worked on before the event loop gets a turn, in milliseconds. */
const TURN_MS = 10

/** Divides long work into turns, so that one page does not block the process. */
export class Turns {
  #endsAt = performance.now() + TURN_MS

  /** The work must `await next()` now. */
  get isOver(): boolean {
    return performance.now() >= this.#endsAt
  }

  async next(): Promise<void> {
    await yieldToEventLoop()
    this.#endsAt = performance.now() + TURN_MS
  }
}

/**
 * Converts records into columns, in turns. If several records have the same primary key, the last one is used. A record that is not
 * an object, or has no primary key or one that is too long, is left out.
 * @throws SyncFailedError for a record whose cursor cannot be read, and for too many records of a parent with a long key
 */
export async function prepareRecords(records: readonly unknown[], place: PageOfStream): Promise<PageRecords> {
  const { stream, connectionId, recordIds } = place
  const idOf = recordIdMaker(recordIds, connectionId, stream.name)
  const cursors = new PageCursors(stream, place.since ?? null, place.presentMs ?? null, place.start)
  const drop = stream.records?.drop ?? []
  const byId = new Map<string, { primaryKey: string; record: unknown; stored: unknown; text: string | undefined }>()
  const turns = new Turns()
  const keyOf = keyMaker(records.length, place)
  const cursorField = fieldCursorOf(stream)?.cursorField
  let hasCursor = cursorField === undefined
  let withoutCursor: SyncWarning | undefined
  let inFuture: SyncWarning | undefined
  let quarantined = 0
  let leftOut = 0
  const quarantinedAt: string[] = []
  // Records may contain the time of the request. A list of changes by cursor may have several changes of one record.
  const isNumbered = stream.pagination?.type === 'page' || stream.pagination?.type === 'offset'
  /** Records that are not written, or their keys. They tell pages apart too. */
  const others: unknown[] = []
  for (const [index, found] of records.entries()) {
    if (turns.isOver) await turns.next()
    const shaped = place.shape?.(found, place.keys?.[index]) ?? { kind: 'record', record: found }
    if (shaped.kind === 'left_out') {
      leftOut += 1
      // The source has listed it, so it counts for how far the list was read.
      cursors.add(found)
      others.push(isNumbered ? (keyOf(found, found, index).primaryKey ?? found) : found)
      continue
    }
    const record = shaped.kind === 'record' ? shaped.record : found
    const stored = withoutPaths(record, drop)
    const { primaryKey, problem }: RecordKey =
      shaped.kind === 'bad' ? { problem: shaped.problem } : keyOf(record, stored, index)
    if (primaryKey === undefined) {
      if (quarantined < SHOWN_PLACES) quarantinedAt.push(`${placeOf(place, index)} ${problem}`)
      quarantined += 1
      others.push(record)
      continue
    }
    if (!hasCursor && !isTombstone(stream, record)) {
      hasCursor = cursorField !== undefined && readPath(record, cursorField) !== undefined
      withoutCursor ??= cursorMissing(place, index, primaryKey)
      withoutCursor.count += 1
    }
    const verdict = cursors.add(record)
    if (verdict === 'unreadable') throw unreadableCursor(place, index, primaryKey)
    if (verdict === 'future') {
      inFuture ??= cursorInFuture(place, index, primaryKey)
      inFuture.count += 1
    }
    if (verdict === 'older' && stream.incremental?.by === 'compare') others.push(isNumbered ? primaryKey : record)
    else {
      const text = stored === found ? place.texts?.[index] : undefined
      byId.set(idOf(primaryKey), { primaryKey, record, stored, text })
    }
  }
  const deletedIds: string[] = []
  const ids: string[] = []
  const primaryKeys: string[] = []
  const data: string[] = []
  const digests: string[] = []
  for (const [id, { primaryKey, record, stored, text: known }] of byId) {
    if (turns.isOver) await turns.next()
    if (isTombstone(stream, record)) {
      deletedIds.push(id)
      others.push(isNumbered ? primaryKey : record)
      continue
    }
    const text = known ?? stringifyJson(stored)
    ids.push(id)
    primaryKeys.push(primaryKey)
    data.push(text)
    digests.push(hash('sha256', text, 'hex').slice(0, 32))
  }
  const identity = isNumbered ? ids.toSorted() : [...ids, ...digests]
  const digest = createHash('sha256').update(identity.join())
  for (const [index, other] of others.entries()) {
    if (turns.isOver) await turns.next()
    digest.update((index === 0 ? '[' : ',') + stringifyJson(other))
  }
  if (others.length > 0) digest.update(']')
  return {
    read: records.length - leftOut,
    leftOut,
    quarantined,
    quarantinedAt,
    ids,
    primaryKeys,
    data,
    digests,
    digest: digest.digest('hex'),
    highest: cursors.highest,
    older: cursors.older,
    deletedIds,
    warnings: [inFuture ?? [], hasCursor ? [] : (withoutCursor ?? [])].flat(),
  }
}

/** The records of a page that an earlier reading has met, without their columns. */
export function recordsOfKnownPage({ positions, digest }: KnownPage): PageRecords {
  return {
    read: positions.length,
    leftOut: 0,
    ...{ quarantined: 0, quarantinedAt: [], older: 0, highest: null, warnings: [] },
    ...{ ids: [], primaryKeys: [], data: [], digests: [], deletedIds: [] },
    digest,
  }
}

/** The key of a record as a JSON array of strings, or why it has none that could be stored: completes "record 7 …". */
type RecordKey = { primaryKey: string; problem?: undefined } | { primaryKey?: undefined; problem: string }

/**
 * A function that returns the key of a record, which is `stored`. It makes no error objects: every record of a page may be bad.
 * @param recordCount number of records whose keys it will make
 * @throws SyncFailedError when the key of the parent would be repeated too often
 */
function keyMaker(
  recordCount: number,
  place: PageOfStream,
): (record: unknown, stored: unknown, index: number) => RecordKey {
  const { stream, page, keys, parentKey = [] } = place
  const parents = parentKey.length === 0 ? '[' : `${stringifyJson(parentKey).slice(0, -1)},`
  if (parents.length * recordCount > MAX_PARENT_KEYS_OF_PAGE) {
    const message = `page ${page} has ${recordCount} records of a parent whose primary key has ${parents.length} characters. Each of them would repeat it. Read smaller pages.`
    throw badSource(stream.name, message)
  }
  return (record, stored, index) => {
    if (!isObject(record)) return { problem: `is ${kindOf(record)}, not an object` }
    const { primaryKey } = stream
    const own =
      primaryKey === undefined ? [keys?.[index] ?? contentKey(stored)] : declaredKey(record, primaryKey, place)
    if (typeof own === 'string') return { problem: own }
    const isLong = own.reduce((length, text) => length + text.length, 0) > MAX_KEY
    const json = isLong ? '' : stringifyJson(own)
    if (isLong || json.length > MAX_KEY) return { problem: `has a primary key of more than ${MAX_KEY} characters` }
    if (parents.length + json.length > MAX_KEY_WITH_PARENTS) {
      return { problem: `has a primary key of more than ${MAX_KEY_WITH_PARENTS} characters with those of its parents` }
    }
    return { primaryKey: parents + json.slice(1) }
  }
}

/** The values of the declared key, or what is wrong with them. */
function declaredKey(
  record: unknown,
  primaryKey: readonly Path[],
  { parentKey = [] }: PageOfStream,
): string[] | string {
  const own: string[] = []
  for (const path of primaryKey) {
    const value = readPath(record, path)
    const text = cursorText(value)
    if (text === undefined) {
      const found = value === undefined ? '' : ` (found ${kindOf(value)})`
      return `has no primary key ${pathText(path)}${found}`
    }
    own.push(text)
  }
  // Records with an empty key would all be the same record. In CSV an empty field is the only way to omit a value. In a
  // sub-stream the parent's key is a part of the key.
  if (own.every((text) => text === '') && parentKey.length === 0) {
    return `has an empty primary key ${primaryKey.map(pathText).join(', ')}`
  }
  return own
}

/** Identifies a record by its content, whatever the order of its keys. */
function contentKey(record: unknown): string {
  return hash('sha256', sortedJson(record), 'hex').slice(0, 32)
}

/**
 * JSON with the keys of each object in one order: whole numbers first, as in every object of JavaScript, then the others.
 * Objects with sorted keys are not made, because that takes ten times as long for an object of a million keys.
 */
function sortedJson(value: unknown): string {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    return `[${value.map(sortedJson).join()}]`
  }
  if (!isObject(value)) return stringifyJson(value)
  const keys = Object.keys(value)
  const firstText = keys.findIndex((key) => !isIndex(key))
  const sorted = firstText === -1 ? keys : [...keys.slice(0, firstText), ...keys.slice(firstText).sort()]
  return `{${sorted.map((key) => `${JSON.stringify(key)}:${sortedJson(value[key])}`).join()}}`
}

/** Whether JavaScript puts this key before others: a whole number below 2^32 - 1. */
function isIndex(key: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1
}

function placeOf({ page, before = 0 }: PageOfStream, index: number): string {
  return `record ${before + index + 1} of page ${page}`
}

function unreadableCursor(place: PageOfStream, index: number, primaryKey: string): SyncFailedError {
  const { cursorField, fieldFormat } = place.stream.incremental ?? {}
  const formats = [fieldFormat ?? []].flat().join(' or ')
  const field = `(key ${keyText(primaryKey)}) has a value at ${pathText(cursorField)}`
  if (fieldFormat === undefined) {
    const message = `${placeOf(place, index)} ${field} of more than ${MAX_CURSOR} characters, the limit for a cursorField.`
    return badSource(place.stream.name, message)
  }
  const what = `${field} that is not in the format ${formats}`
  return badSource(
    place.stream.name,
    `${placeOf(place, index)} ${what}: correct incremental.fieldFormat of the definition.`,
  )
}

/** The warning without a count, for a page in which no record has the field. One that is null is there. */
function cursorMissing(place: PageOfStream, index: number, primaryKey: string): SyncWarning {
  const { stream, page } = place
  const field = pathText(stream.incremental?.cursorField)
  const message = `No record of page ${page} has the cursorField ${field}, for example ${placeOf(place, index)} (key ${keyText(primaryKey)}) has none. Such records are stored, but each sync reads them again. Correct incremental.cursorField of the definition if it is misspelt.`
  return { stream: stream.name, code: 'CURSOR_MISSING', message, count: 0 }
}

/** The warning without a count. */
function cursorInFuture(place: PageOfStream, index: number, primaryKey: string): SyncWarning {
  const { stream } = place
  const field = pathText(stream.incremental?.cursorField)
  const message = `${field} is in the future, for example in ${placeOf(place, index)} (key ${keyText(primaryKey)}). Such records are stored, but the next sync does not begin there. Correct them at the source.`
  return { stream: stream.name, code: 'CURSOR_IN_FUTURE', message, count: 0 }
}

function keyText(primaryKey: string): string {
  return (JSON.parse(primaryKey) as string[]).join(', ').slice(0, 100)
}
