import { Temporal } from 'temporal-polyfill'
import { formatInstant } from '../../auth/token-expiry.ts'
import type { Incremental } from '../../catalog/definition/stream.ts'
import { isRawJson, parseJson, stringifyJson } from '../../kit/json.ts'
import { parseDuration, parseIsoInstant } from '../../kit/time.ts'
import { cursorText } from './pagination.ts'

/**
 * The higher of two values of a cursor field. Values that are neither strings nor numbers have no order and are
 * ignored.
 */
export function higherCursor(highest: unknown, value: unknown): unknown {
  if (!isOrdered(value)) return highest
  if (!isOrdered(highest)) return value
  return compare(value, highest) > 0 ? value : highest
}

/** The higher of two stored cursors (JSON); null: there is none. */
export function higherStoredCursor(a: string | null, b: string | null): string | null {
  const highest = higherCursor(a === null ? undefined : parseJson(a), b === null ? undefined : parseJson(b))
  return highest === undefined ? null : stringifyJson(highest)
}

/**
 * The value of the incremental parameter for a stored cursor (JSON): minus the lookback, in the definition's format. A
 * cursor that is not an instant is sent unchanged.
 */
export function incrementalParameter(incremental: Incremental, cursor: string): string {
  const value = parseJson(cursor)
  const plain = cursorText(value) ?? cursor
  if (incremental.format === undefined && incremental.lookback === undefined) return plain
  const instant = parseInstant(value)
  if (instant === undefined) return plain
  const from = incremental.lookback === undefined ? instant : before(instant, incremental.lookback)
  return formatInstant(from, incremental.format ?? formatOf(value))
}

/** As `incrementalParameter`, for a JSON body: a number if the provider's own values are numbers. */
export function incrementalValue(incremental: Incremental, cursor: string): string | number {
  const text = incrementalParameter(incremental, cursor)
  const isNumber = typeof parseJson(cursor) === 'number' && Number.isFinite(Number(text))
  return isNumber ? Number(text) : text
}

function before(instant: Date, lookback: string): Date {
  const end = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO('UTC')
  return new Date(end.subtract(parseDuration(lookback)).epochMilliseconds)
}

/** The format that the records use. */
function formatOf(value: unknown): string {
  const text = cursorText(value) ?? ''
  if (!/^\d+(\.\d+)?$/.test(text)) return text.length === 10 ? '%Y-%m-%d' : 'iso8601'
  return text.replace(/\..*/, '').length > 11 ? 'epoch_ms' : 'epoch'
}

function isOrdered(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' || isRawJson(value)
}

function compare(a: unknown, b: unknown): number {
  const [x, y] = [parseInstant(a), parseInstant(b)]
  if (x !== undefined && y !== undefined && x.getTime() !== y.getTime()) return x.getTime() - y.getTime()
  const [left, right] = [cursorText(a) ?? '', cursorText(b) ?? '']
  if (/^-?\d+$/.test(left) && /^-?\d+$/.test(right))
    return Number(BigInt(left) > BigInt(right)) - Number(BigInt(left) < BigInt(right))
  const [p, q] = [Number(left), Number(right)]
  if (!Number.isNaN(p) && !Number.isNaN(q) && p !== q) return p - q
  return left > right ? 1 : left < right ? -1 : 0
}

/** Numbers above this are milliseconds: as seconds they would be after the year 5000. */
const LARGEST_SECONDS = 100_000_000_000

/** Parses an instant of a record: a date with or without time, or seconds or milliseconds since 1970. */
export function parseInstant(value: unknown): Date | undefined {
  const text = isRawJson(value) ? value.rawJSON : value
  const number =
    typeof text === 'number' || (typeof text === 'string' && /^\d{9,16}(\.\d+)?$/.test(text)) ? Number(text) : undefined
  if (number !== undefined) return validDate(number > LARGEST_SECONDS ? number : number * 1000)
  return typeof text === 'string' ? parseIsoInstant(text) : undefined
}

function validDate(ms: number): Date | undefined {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** A cursor that is later than the request by more than this is not a time of change by the provider's clock. */
const AHEAD_MS = 24 * 60 * 60 * 1000

/**
 * The cursor (JSON) after which the next job begins. A record that changes while the stream is read may be on a page
 * that was read before the change, below the highest cursor. So the cursor is at most the time when reading began, in
 * the format of the provider's cursors. A cursor in an unknown format is unchanged, because the provider might not
 * understand another format.
 *
 * @param highest JSON of the highest cursor; null: none
 * @param askedAtMs milliseconds since 1970 when reading began, by the provider's clock; null: unknown
 */
export function cursorToStore(highest: string | null, askedAtMs: number | null): string | null {
  if (highest === null || askedAtMs === null) return highest
  const value = parseJson(highest)
  const aheadMs = (parseInstant(value)?.getTime() ?? Number.NaN) - askedAtMs
  if (!(aheadMs > 0 && aheadMs < AHEAD_MS)) return highest
  const text = formatLike(cursorText(value) ?? '', askedAtMs)
  if (text === undefined) return highest
  return typeof value === 'string' ? stringifyJson(text) : text
}

/** Formats an instant in UTC like another one, rounding down. */
function formatLike(text: string, atMs: number): string | undefined {
  if (/^\d+(\.\d+)?$/.test(text))
    return String(text.replace(/\..*/, '').length > 11 ? Math.floor(atMs) : Math.floor(atMs / 1000))
  const iso = new Date(atMs).toISOString()
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return iso.slice(0, 10)
  const match = /^\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:?00|)$/.exec(text)
  if (match === null) return undefined
  const [, between = 'T', fraction, zone = ''] = match
  return `${iso.slice(0, 10)}${between}${iso.slice(11, fraction === undefined ? 19 : 23)}${zone}`
}
