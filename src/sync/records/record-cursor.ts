import { InvalidInputError } from '../../kit/errors.ts'

/**
 * `list`: a place in a list of records, for `after`. `change`: everything up to it was seen, for `changedAfter`. The two
 * differ in a collection while jobs run, so that one is not taken for the other.
 */
export type RecordCursorKind = 'list' | 'change'

const PREFIXES = { list: 'r1', change: 'c1' } as const

/** What a cursor says, for `readRecords`. */
export interface RecordPosition {
  position: bigint
  purgesSeen: bigint
}

/**
 * @param scopeId of the connection or the collection whose records are read
 * @param purgesSeen of the record that the cursor is of
 */
export function encodeRecordCursor(kind: RecordCursorKind, scopeId: string, position: bigint, purgesSeen = 0n): string {
  const purges = purgesSeen === 0n ? '' : `.${purgesSeen}`
  return Buffer.from(`${PREFIXES[kind]}.${scopeId}.${position}${purges}`).toString('base64url')
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
): RecordPosition {
  const [prefix, scope, ...numbers] = Buffer.from(cursor, 'base64url').toString('utf8').split('.')
  const wellFormed = prefix === PREFIXES[kind] && scope === scopeId && numbers.every((each) => /^\d{1,18}$/.test(each))
  const [position = -1n, purgesSeen = 0n] = wellFormed ? numbers.map(BigInt) : []
  const wasGivenOut = position >= 0n && position <= newest && purgesSeen <= newest
  // Only the form that we write counts: base64url decoding is lenient.
  if (!wasGivenOut || encodeRecordCursor(kind, scopeId, position, purgesSeen) !== cursor) {
    const use = kind === 'list' ? 'an endCursor of this list' : 'the changeCursor of a record of this list'
    throw new InvalidInputError([{ path: argument, message: `This is no position of these records. Use ${use}.` }])
  }
  return { position, purgesSeen }
}
