import { InvalidInputError } from '../lib/errors.ts'

/**
 * `list`: a place in a list of records, for `after`. `change`: everything up to it was seen, for `changedAfter`. The two
 * differ in a collection while jobs run, so that one is not taken for the other.
 */
export type RecordCursorKind = 'list' | 'change'

const PREFIXES = { list: 'r1', change: 'c1' } as const

/** @param scopeId of the connection or the collection whose records are read */
export function encodeRecordCursor(kind: RecordCursorKind, scopeId: string, position: bigint): string {
  return Buffer.from(`${PREFIXES[kind]}.${scopeId}.${position}`).toString('base64url')
}

/**
 * @param newest highest position that was ever given out (`readNewestPosition`)
 * @param argument path of the argument in errors
 * @throws InvalidInputError when it is no cursor of this kind that this list ever gave out
 */
export function decodeRecordCursor(
  kind: RecordCursorKind,
  cursor: string,
  scopeId: string,
  newest: bigint,
  argument: string[],
): bigint {
  const [prefix, scope, digits, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split('.')
  const wellFormed =
    prefix === PREFIXES[kind] && scope === scopeId && rest.length === 0 && /^\d{1,18}$/.test(digits ?? '')
  const position = wellFormed ? BigInt(digits ?? '') : -1n
  // Only the form that we write counts: base64url decoding is lenient.
  if (position < 0n || position > newest || encodeRecordCursor(kind, scopeId, position) !== cursor) {
    const use = kind === 'list' ? 'an endCursor of this list' : 'the changeCursor of a record of this list'
    throw new InvalidInputError([{ path: argument, message: `This is no position of these records. Use ${use}.` }])
  }
  return position
}
