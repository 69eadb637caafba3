import { isDeepStrictEqual } from 'node:util'
import { readPath, readPlace } from '../../catalog/definition/path.ts'
import {
  type Feed,
  type FieldCursor,
  feedOf,
  fieldCursorOf,
  type ParameterPlace,
  type StreamDefinition,
} from '../../catalog/definition/stream.ts'
import { renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { formatInstant, formatLike, parseInstant, recognizeInstant } from '../../kit/instant.ts'
import { isRawJson, parseJson, stringifyJson } from '../../kit/json.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'
import { badSource } from '../jobs/sync-error.ts'
import type { PagePosition } from './page-position.ts'
import { cursorJson, cursorText, kindOf, MAX_CURSOR, pathText, saysNo } from './pagination.ts'

/** Where a reading of a stream, or of one parent's part of it, begins and ends. */
export interface ReadRange {
  /** JSON of the stored cursor after which reading begins; null: everything is read. */
  since: string | null
  /** End of the reading in milliseconds since 1970: the time at which it began. Needed for `until` and `window`. */
  endAtMs?: number | undefined
  /** The step that is read, in a stream that is read in windows. */
  window?: ReadWindow | undefined
}

/** In milliseconds since 1970. */
interface ReadWindow {
  fromMs: number
  toMs: number
}

/** A value of a cursor field, parsed once for all comparisons. */
interface CursorValue {
  /** As in the record. */
  raw: unknown
  text: string
  /** Milliseconds since 1970; absent: the value is not an instant. */
  atMs?: number
  /** The format in which the instant is written; absent: it is written like `text`. */
  format?: string
  /** Absent: the value is not a number. */
  number?: bigint | number
}

/**
 * Parses a value of a cursor field. With a `fieldFormat` it must be an instant. Without one, ISO 8601, RFC 1123 and .NET dates
 * are instants. Nothing is longer than MAX_CURSOR. A number is an instant only if the definition says that the field is a time: by a format or a lookback.
 * @returns undefined when there is no value that could be ordered
 */
function readValue(raw: unknown, cursor: FieldCursor): CursorValue | undefined | 'unreadable' {
  if (raw === undefined || raw === null || raw === '') return undefined
  const text = typeof raw === 'boolean' ? undefined : cursorText(raw)
  if (text !== undefined && text.length > MAX_CURSOR) return 'unreadable'
  if (cursor.fieldFormat !== undefined) {
    for (const format of [cursor.fieldFormat].flat()) {
      const instant = parseInstant(raw, format)
      if (instant !== undefined) return { raw, text: text ?? '', atMs: instant.getTime(), format: ownFormat(format) }
    }
    return 'unreadable'
  }
  return text === undefined ? undefined : recognizeValue(raw, text, cursor)
}

function recognizeValue(raw: unknown, text: string, { format, lookback }: FieldCursor): CursorValue {
  if (!/^\s*[+-]?\d+(\.\d+)?\s*$/.test(text)) {
    const instant = typeof raw === 'string' ? recognizeInstant(text) : undefined
    if (instant !== undefined) return { raw, text, atMs: instant.getTime() }
    return format?.includes('%') ? { raw, text, ...parsedBy(text, format) } : { raw, text, number: numberFrom(text) }
  }
  const value = { raw, text, number: numberFrom(text) }
  if (format === undefined && lookback === undefined) return value
  return { ...value, ...((format?.includes('%') ? parsedBy(text, format) : undefined) ?? epochOf(text)) }
}

function parsedBy(text: string, format: string): Pick<CursorValue, 'atMs' | 'format'> | undefined {
  const instant = parseInstant(text, format)
  return instant === undefined ? undefined : { atMs: instant.getTime(), format }
}

/** Years between which a number without a `fieldFormat` is a time: as seconds or as milliseconds, never as both. */
const [FIRST_YEAR, LAST_YEAR] = [1980, 2100]

/**
 * The unit of a number since 1970. A number that is no likely time in either unit is not an instant: 20240102000000 would be
 * a time in the year 2611.
 */
function epochOf(text: string): Pick<CursorValue, 'atMs' | 'format'> | undefined {
  for (const format of ['epoch', 'epoch_ms']) {
    const instant = parseInstant(text, format)
    const year = instant?.getUTCFullYear() ?? 0
    if (instant !== undefined && year >= FIRST_YEAR && year <= LAST_YEAR) return { atMs: instant.getTime(), format }
  }
  return undefined
}

/** Instants of these formats are written like the text in the record, with its precision and offset. */
function ownFormat(format: string): string | undefined {
  return ['iso8601', 'rfc1123', 'dotnet'].includes(format) ? undefined : format
}

/** A longer number takes long to parse, and is compared as text. */
const MAX_DIGITS = 1_000

function numberFrom(text: string): bigint | number | undefined {
  if (text.length > MAX_DIGITS) return undefined
  if (/^-?\d+$/.test(text)) return BigInt(text)
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(number) ? undefined : number
}

/** Instants are compared as times, numbers as numbers, also beyond 2^53, and everything else as text. */
function compare(a: CursorValue, b: CursorValue): number {
  if (a.atMs !== undefined && b.atMs !== undefined) {
    if (a.atMs !== b.atMs) return a.atMs - b.atMs
  } else if (a.number !== undefined && b.number !== undefined) {
    if (a.number > b.number) return 1
    // 1 and 1.0 are equal.
    return a.number < b.number ? -1 : 0
  }
  return a.text > b.text ? 1 : a.text < b.text ? -1 : 0
}

function higher(a: CursorValue | undefined, b: CursorValue | undefined): CursorValue | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compare(b, a) > 0 ? b : a
}

/**
 * A stored cursor. One that was stored before its definition got a `fieldFormat` may have another format.
 * @param json JSON of the value as it was in the record
 */
function readStored(json: string | null, cursor: FieldCursor): CursorValue | undefined {
  if (json === null) return undefined
  const raw = parseJson(json)
  const value = readValue(raw, cursor)
  if (value !== 'unreadable') return value
  const text = cursorText(raw)
  return text === undefined ? undefined : recognizeValue(raw, text, cursor)
}

/** The higher of two stored cursors (JSON); null: there is none. */
export function higherStoredCursor(stream: StreamDefinition, a: string | null, b: string | null): string | null {
  const cursor = fieldCursorOf(stream)
  if (cursor === undefined) return b ?? a
  const value = higher(readStored(a, cursor), readStored(b, cursor))
  return value === undefined ? null : stringifyJson(value.raw)
}

/** A stored cursor that is this far ahead of our clock was never a time of change: no clock and no time zone is as wrong. */
const IMPOSSIBLE_MS = 24 * 60 * 60 * 1000

/** Whether a stored cursor (JSON) is in the future, so that a reading after it would find nothing. */
export function isImpossibleCursor(stream: StreamDefinition, json: string | null, nowMs: number): boolean {
  const cursor = fieldCursorOf(stream)
  const atMs = cursor === undefined ? undefined : readStored(json, cursor)?.atMs
  return atMs !== undefined && atMs > nowMs + IMPOSSIBLE_MS
}

/**
 * The cursor (JSON) after which the next job begins. A record that changes while the stream is read may be on a page
 * that was read before the change, below the highest cursor. So the cursor is at most the time when reading began, written
 * like the provider's cursors.
 *
 * @param highest JSON of the highest cursor; null: none
 * @param askedAtMs milliseconds since 1970 when reading began, by the provider's clock; null: unknown
 */
export function cursorToStore(stream: StreamDefinition, highest: string | null, askedAtMs: number | null) {
  const cursor = fieldCursorOf(stream)
  const value = cursor === undefined ? undefined : readStored(highest, cursor)
  if (value?.atMs === undefined || askedAtMs === null || value.atMs <= askedAtMs) return highest
  const text = formatAs(value, askedAtMs)
  return typeof value.raw !== 'string' && JSON_NUMBER.test(text) ? text : stringifyJson(text)
}

/** Formats an instant like a value of the provider. */
function formatAs({ text, format }: CursorValue, atMs: number): string {
  const instant = new Date(Math.floor(atMs))
  return format === undefined ? formatLike(text, instant) : formatInstant(instant, format)
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/

/** What an incremental reading adds to a request: query parameters, properties of the JSON body by their dotted path, and fields of a form. */
export interface IncrementalParameters {
  query: [string, string][]
  json: [string, unknown][]
  form: [string, string][]
}

/**
 * All parameters of an incremental reading in the request of one page: those of the cursor, of the end of the reading, and of
 * a change feed.
 * @throws TemplateError when the first value reads an input that is missing
 */
export function incrementalParameters(
  stream: StreamDefinition,
  reading: ReadRange,
  position: PagePosition,
  scope: TemplateScope,
): IncrementalParameters {
  const found: IncrementalParameters = { query: [], json: [], form: [] }
  const add = (param: string, where: ParameterPlace, text: string, value: unknown) => {
    if (where === 'json') found.json.push([param, value])
    else found[where ?? 'query'].push([param, text])
  }
  const feed = feedOf(stream)
  const cursor = fieldCursorOf(stream)
  if (feed !== undefined) {
    const json = position.kind === 'cursor' ? position.json : reading.since
    const start = feed.start === undefined ? '' : renderTemplate(feed.start, scope)
    const value = json === null ? start : parseJson(json)
    if (value !== '') add(feed.param, feed.in, cursorText(value) ?? String(json), value)
  }
  if (cursor === undefined) return found
  const since = readStored(reading.since, cursor)
  const typed = (text: string) => (isNumeric(cursor, since) && JSON_NUMBER.test(text) ? parseJson(text) : text)
  const from = beginningText(cursor, reading, since, scope)
  if (cursor.param !== undefined && from !== '') add(cursor.param, cursor.in, from, typed(from))
  const endAtMs = reading.window?.toMs ?? reading.endAtMs
  if (cursor.until !== undefined && endAtMs !== undefined) {
    const until = instantText(cursor, endAtMs, since)
    add(cursor.until.param, cursor.until.in, until, typed(until))
  }
  return found
}

/** The scope of the templates of a page: `window.from` and `window.to` are written as the cursor is sent. */
export function windowScope(stream: StreamDefinition, { since: stored, window }: ReadRange, scope: TemplateScope) {
  const cursor = fieldCursorOf(stream)
  if (cursor === undefined || window === undefined) return scope
  const since = readStored(stored, cursor)
  const [from, to] = [window.fromMs, window.toMs].map((ms) => instantText(cursor, ms, since))
  return { ...scope, window: { from, to } }
}

/**
 * Where the first window begins, in milliseconds since 1970; undefined: there is neither a stored cursor nor a `start`.
 * @throws SyncFailedError when it is not an instant
 */
export function firstWindowMs(
  stream: StreamDefinition,
  { since }: ReadRange,
  scope: TemplateScope,
): number | undefined {
  const cursor = fieldCursorOf(stream)
  if (cursor === undefined) throw new Error('Only a stream with a cursor field has windows.')
  const stored = readStored(since, cursor)
  if (stored?.atMs !== undefined) return before(stored.atMs, cursor)
  const text = startText(cursor, scope)
  if (stored === undefined && text === '') return undefined
  const start = startMs(cursor, text)
  if (stored === undefined && start !== undefined) return start
  const what = stored === undefined ? 'the value of start' : 'the stored cursor'
  throw badSource(
    stream.name,
    `${what} is not a time, so it cannot be read in windows. Set fieldFormat, or correct start.`,
  )
}

/**
 * Where a reading ends that begins at `nowMs`, in milliseconds since 1970: then, or at the definition's `end` before it.
 * @throws SyncFailedError when `end` is not a time
 */
export function readingEndMs(stream: StreamDefinition, scope: TemplateScope, nowMs: number): number {
  const cursor = fieldCursorOf(stream)
  const text = cursor?.end === undefined ? '' : renderTemplate(cursor.end, scope).trim()
  if (cursor === undefined || text === '') return nowMs
  const endMs = startMs(cursor, text)
  if (endMs === undefined) throw badSource(stream.name, 'the value of end is not a time. Correct end.')
  return Math.min(nowMs, endMs)
}

/**
 * The value of `start` with which records are compared besides the cursor; empty: none is compared.
 * @throws TemplateError when it reads an input that is missing
 */
export function comparedStart(stream: StreamDefinition, scope: TemplateScope): string {
  const cursor = fieldCursorOf(stream)
  return cursor === undefined || (cursor.by ?? 'parameter') === 'parameter' ? '' : startText(cursor, scope)
}

function startValue(cursor: FieldCursor, text: string): CursorValue {
  const atMs = startMs(cursor, text)
  const value = { raw: text, text, number: numberFrom(text) }
  return atMs === undefined ? value : { ...value, atMs }
}

/** The value of the cursor parameter; empty: it is not sent. */
function beginningText(
  cursor: FieldCursor,
  { window }: ReadRange,
  since: CursorValue | undefined,
  scope: TemplateScope,
): string {
  if (window !== undefined) return instantText(cursor, window.fromMs, since)
  if (since !== undefined) return sinceText(cursor, since)
  const text = startText(cursor, scope)
  if (cursor.format === undefined || parseInstant(text, cursor.format) !== undefined) return text
  const start = startMs(cursor, text)
  return start === undefined ? text : instantText(cursor, start, undefined)
}

/** A stored cursor as it is sent: minus the lookback. One that is not an instant is sent unchanged. */
function sinceText(cursor: FieldCursor, since: CursorValue): string {
  if (since.atMs === undefined || (cursor.format === undefined && cursor.lookback === undefined)) return since.text
  return instantText(cursor, before(since.atMs, cursor), since)
}

function startText({ start }: FieldCursor, scope: TemplateScope): string {
  return start === undefined ? '' : renderTemplate(start, scope).trim()
}

function startMs(cursor: FieldCursor, text: string): number | undefined {
  const formats = [cursor.fieldFormat ?? [], cursor.format ?? []].flat()
  for (const format of formats) {
    const instant = parseInstant(text, format)
    if (instant !== undefined) return instant.getTime()
  }
  return recognizeInstant(text)?.getTime() ?? epochOf(text)?.atMs
}

/** @param like a value of the provider, whose format is used if the definition names none */
function instantText(cursor: FieldCursor, atMs: number, like: CursorValue | undefined): string {
  const { format, fieldFormat } = cursor
  if (format === undefined && like?.atMs !== undefined) return formatAs(like, atMs)
  const instant = new Date(atMs)
  const wanted = format ?? [fieldFormat ?? 'iso8601'].flat()[0] ?? 'iso8601'
  const text = formatInstant(instant, wanted)
  // Values that are ISO 8601 have always been sent with milliseconds.
  const precise = fieldFormat === undefined && like !== undefined && /^\d{4}-|^\d+$/.test(like.text)
  return wanted === 'iso8601' && !precise ? text.replace('.000Z', 'Z') : text
}

function before(atMs: number, { lookback }: FieldCursor): number {
  return lookback === undefined ? atMs : addDuration(new Date(atMs), parseDuration(lookback).negated()).getTime()
}

/** Whether the values are numbers in a JSON body, as they are in the provider's records. */
function isNumeric({ format, fieldFormat, start }: FieldCursor, since: CursorValue | undefined): boolean {
  if (since !== undefined) return typeof since.raw === 'number' || isRawJson(since.raw)
  if (format !== undefined) return false
  const [first] = [fieldFormat ?? []].flat()
  return first === undefined ? /^-?\d+$/.test(start ?? '') : /^(epoch|epoch_ms|seconds|milliseconds)$/.test(first)
}

/** A record whose time of change is this far ahead of the present is in the future. Clocks differ by less. */
const AHEAD_MS = 60 * 1000

/** A date without a time may be that of the time zone that is the furthest ahead. */
const DATE_AHEAD_MS = 14 * 60 * 60 * 1000

function hasNoTime({ text, format }: CursorValue): boolean {
  return format === undefined ? /^\d{4}-\d\d-\d\d$/.test(text.trim()) : format.includes('%') && !/%[HIsTR]/.test(format)
}

/** `unreadable`: not in the declared format. `older`: below the cursor after which the page was requested. */
type CursorVerdict = 'future' | 'older' | 'unreadable' | undefined

/** The values of the cursor field of one page, or of a piece of it. */
export class PageCursors {
  readonly #cursor: FieldCursor | undefined
  readonly #threshold: CursorValue | undefined
  readonly #presentMs: number
  #highest: CursorValue | undefined
  /** Number of records below the cursor after which the page was requested. */
  older = 0

  /**
   * @param since JSON of the cursor after which the page was requested; null: there is none
   * @param presentMs the present in milliseconds since 1970; null: unknown
   * @param start what `comparedStart` returns: no record before it counts
   */
  constructor(stream: StreamDefinition, since: string | null, presentMs: number | null, start = '') {
    const cursor = fieldCursorOf(stream)
    const stored = cursor === undefined ? undefined : readStored(since, cursor)
    this.#cursor = cursor
    if (cursor === undefined) this.#threshold = undefined
    else {
      const from = stored?.atMs === undefined ? stored : { ...stored, atMs: before(stored.atMs, cursor) }
      // A source whose records are all older than the start has a cursor before it.
      this.#threshold = higher(from, start === '' ? undefined : startValue(cursor, start))
    }
    this.#presentMs = presentMs ?? Number.POSITIVE_INFINITY
  }

  /** A value in the future does not count for the highest one. */
  add(record: unknown): CursorVerdict {
    if (this.#cursor === undefined) return undefined
    const value = readValue(readPath(record, this.#cursor.cursorField), this.#cursor)
    if (value === 'unreadable' || value === undefined) return value
    if (this.#isFuture(value)) return 'future'
    this.#highest = higher(this.#highest, value)
    if (!this.#isOlder(value)) return undefined
    this.older += 1
    return 'older'
  }

  /** JSON of the highest value; null: there is none. */
  get highest(): string | null {
    return this.#highest === undefined ? null : stringifyJson(this.#highest.raw)
  }

  #isFuture(value: CursorValue): boolean {
    const { atMs } = value
    return atMs !== undefined && atMs > this.#presentMs + (hasNoTime(value) ? DATE_AHEAD_MS : AHEAD_MS)
  }

  #isOlder(value: CursorValue): boolean {
    const threshold = this.#threshold
    if (threshold === undefined) return false
    if (value.atMs !== undefined && threshold.atMs !== undefined) return value.atMs < threshold.atMs
    return compare(value, threshold) < 0
  }
}

/** The parts of a page that the position in a change feed depends on. */
interface FeedPage {
  stream: StreamDefinition
  position: PagePosition
  /** 1 for the first page of the stream. */
  number: number
  body: unknown
  headers: Headers
  recordCount: number
}

interface PlaceInFeed {
  next: PagePosition | null
  /** How the reading ended; null: it did not. */
  end: 'empty' | 'has_more' | 'no_next' | null
  /** JSON of the cursor to store; null: there is none. */
  cursor: string | null
}

/**
 * Where the next page of a change feed begins. An answer without records ends the reading, and so does one that says that
 * there is no more, or that has the cursor again with which it was requested.
 * @param since JSON of the stored cursor after which reading began; null: there is none
 * @throws SyncFailedError when records come without a cursor, or the feed says that there is more and does not move on
 */
export function nextInFeed(feed: Feed, since: string | null, page: FeedPage): PlaceInFeed {
  const { stream, position, number, body, headers, recordCount } = page
  const asked = position.kind === 'cursor' ? position.json : since
  const value = readPath(body, feed.path)
  const isMissing = value === undefined || value === null || value === ''
  if (isMissing && recordCount > 0) {
    throw badSource(
      stream.name,
      `page ${number} has records but no cursor of the feed: ${pathText(feed.path)} is ${kindOf(value)}.`,
    )
  }
  if (feed.in !== 'json' && !isMissing && cursorText(value) === undefined) {
    throw badSource(
      stream.name,
      `page ${number} has ${kindOf(value)} as its cursor, which cannot be a query parameter.`,
    )
  }
  const cursor = isMissing ? asked : cursorJson(page, value)
  const more = feed.hasMore === undefined ? undefined : readPlace(feed.hasMore, body, headers)
  if (recordCount === 0 || cursor === null) return { next: null, end: 'empty', cursor }
  if (more !== undefined && saysNo(more)) return { next: null, end: 'has_more', cursor }
  if (cursor !== asked) return { next: { kind: 'cursor', json: cursor }, end: null, cursor }
  if (more === undefined) return { next: null, end: 'no_next', cursor }
  throw badSource(
    stream.name,
    `page ${number} says that there are more records but has the same cursor as the page before it.`,
  )
}

/** Whether a record says that it was deleted at the source. */
export function isTombstone(stream: StreamDefinition, record: unknown): boolean {
  const { deletes } = stream
  return typeof deletes === 'object' && isDeepStrictEqual(readPath(record, deletes.path), deletes.equals)
}
