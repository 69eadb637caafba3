import { Temporal } from 'temporal-polyfill'
import { formatInstant } from '../../auth/token-expiry.ts'
import type { Incremental } from '../../catalog/definition/stream.ts'
import { parseDuration } from '../../kit/duration.ts'
import { isRawJson, parseJson, stringifyJson } from '../../kit/json.ts'
import { textOf } from './pagination.ts'
import { parseInstant } from './record-instant.ts'

/** The higher of two values of a cursor field. What is neither text nor number has no order and does not count. */
export function higherCursor(highest: unknown, value: unknown): unknown {
  if (!isOrdered(value)) return highest
  if (!isOrdered(highest)) return value
  return compare(value, highest) > 0 ? value : highest
}

/** The higher of two cursors as they are stored, as JSON; null: there is none. */
export function higherStoredCursor(a: string | null, b: string | null): string | null {
  const highest = higherCursor(a === null ? undefined : parseJson(a), b === null ? undefined : parseJson(b))
  return highest === undefined ? null : stringifyJson(highest)
}

/**
 * The value of the parameter that asks for what changed since a stored cursor (JSON): less the lookback, in the
 * definition's format. A cursor that is no instant is sent as it is.
 */
export function incrementalParameter(incremental: Incremental, cursor: string): string {
  const value = parseJson(cursor)
  const plain = textOf(value) ?? cursor
  if (incremental.format === undefined && incremental.lookback === undefined) return plain
  const instant = parseInstant(value)
  if (instant === undefined) return plain
  const from = incremental.lookback === undefined ? instant : before(instant, incremental.lookback)
  return formatInstant(from, incremental.format ?? formatOf(value))
}

/** The same for a JSON body: a number where the source's own values are numbers. */
export function incrementalValue(incremental: Incremental, cursor: string): string | number {
  const text = incrementalParameter(incremental, cursor)
  const isNumber = typeof parseJson(cursor) === 'number' && Number.isFinite(Number(text))
  return isNumber ? Number(text) : text
}

function before(instant: Date, lookback: string): Date {
  const end = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO('UTC')
  return new Date(end.subtract(parseDuration(lookback)).epochMilliseconds)
}

/** The format that the record itself uses. */
function formatOf(value: unknown): string {
  const text = textOf(value) ?? ''
  if (!/^\d+(\.\d+)?$/.test(text)) return text.length === 10 ? '%Y-%m-%d' : 'iso8601'
  return text.replace(/\..*/, '').length > 11 ? 'epoch_ms' : 'epoch'
}

function isOrdered(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' || isRawJson(value)
}

function compare(a: unknown, b: unknown): number {
  const [x, y] = [parseInstant(a), parseInstant(b)]
  if (x !== undefined && y !== undefined && x.getTime() !== y.getTime()) return x.getTime() - y.getTime()
  const [left, right] = [textOf(a) ?? '', textOf(b) ?? '']
  if (/^-?\d+$/.test(left) && /^-?\d+$/.test(right))
    return Number(BigInt(left) > BigInt(right)) - Number(BigInt(left) < BigInt(right))
  const [p, q] = [Number(left), Number(right)]
  if (!Number.isNaN(p) && !Number.isNaN(q) && p !== q) return p - q
  return left > right ? 1 : left < right ? -1 : 0
}
