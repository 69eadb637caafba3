import { describe, expect, it } from 'vitest'
import { higherStoredCursor, incrementalParameter, parseInstant } from '../../../src/sync/read/stream-cursor.ts'

describe('the higher of two cursors', () => {
  it.each([
    ['numbers', '9', '10', '10'],
    ['numbers that JavaScript cannot represent', '9007199254740993', '9007199254740992', '9007199254740993'],
    ['strings of digits', '"9"', '"10"', '"10"'],
    ['instants in different zones', '"2026-01-01T01:00:00+02:00"', '"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:00Z"'],
    [
      'instants that differ in microseconds',
      '"2026-01-01T00:00:00.000002Z"',
      '"2026-01-01T00:00:00.000001Z"',
      '"2026-01-01T00:00:00.000002Z"',
    ],
    ['words', '"b"', '"a"', '"b"'],
    ['no cursor and a string', null, '"a"', '"a"'],
    ['a string and null', '"a"', 'null', '"a"'],
    ['a number and an object', '1', '{}', '1'],
    ['no cursors', null, null, null],
  ])('is correct for %s', (_name, a, b, highest) => {
    expect(higherStoredCursor(a, b)).toBe(highest)
  })
})

describe('the incremental parameter', () => {
  const parameter = (cursor: string, format?: string, lookback?: string) =>
    incrementalParameter(
      { cursorField: ['at'], param: 'since', ...(format ? { format } : {}), ...(lookback ? { lookback } : {}) },
      cursor,
    )

  it.each([
    [
      'is the cursor itself without a format',
      '"2026-01-31T10:00:00+01:00"',
      undefined,
      undefined,
      '2026-01-31T10:00:00+01:00',
    ],
    ['is a number without loss of precision', '9007199254740993', undefined, undefined, '9007199254740993'],
    ['is in seconds', '"2026-01-01T00:00:00.9Z"', 'seconds', undefined, '1767225600'],
    ['is in milliseconds', '1767225600', 'epoch_ms', undefined, '1767225600000'],
    ['is in ISO 8601', '1767225600000', 'iso8601', undefined, '2026-01-01T00:00:00.000Z'],
    [
      'follows a pattern',
      '"2026-01-02 03:04:05"',
      '%d.%m.%Y %H:%M:%S.%f %% %q',
      undefined,
      '02.01.2026 03:04:05.000000 % %q',
    ],
    ['subtracts a lookback in calendar months', '"2026-03-31"', undefined, 'P1M', '2026-02-28'],
    ['subtracts a lookback from seconds', '1767225600', undefined, 'PT1H', '1767222000'],
    ['subtracts a lookback from milliseconds', '"1767225600000"', undefined, 'PT1H', '1767222000000'],
    ['is the cursor itself when the cursor is not an instant', '"page-7"', 'iso8601', 'P1D', 'page-7'],
  ])('%s', (_name, cursor, format, lookback, text) => {
    expect(parameter(cursor, format, lookback)).toBe(text)
  })
})

describe('instants in records', () => {
  it('are parsed as UTC when they have no time zone', () => {
    expect(parseInstant('2026-01-01T00:00:00')?.toISOString()).toBe('2026-01-01T00:00:00.000Z')
    expect(parseInstant('2026-01-01 00:00:00+0200')?.toISOString()).toBe('2025-12-31T22:00:00.000Z')
    expect(parseInstant('2026-13-01')).toBeUndefined()
    expect(parseInstant('0000-00-00')).toBeUndefined()
    expect(parseInstant(true)).toBeUndefined()
  })
})
