import { describe, expect, it } from 'vitest'
import { higherStoredCursor, incrementalParameter, parseInstant } from '../../../src/sync/read/stream-cursor.ts'

describe('the higher of two cursors', () => {
  it.each([
    ['numbers', '9', '10', '10'],
    ['numbers that JavaScript cannot hold', '9007199254740993', '9007199254740992', '9007199254740993'],
    ['texts of digits', '"9"', '"10"', '"10"'],
    ['instants in different zones', '"2026-01-01T01:00:00+02:00"', '"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:00Z"'],
    [
      'instants that differ in microseconds',
      '"2026-01-01T00:00:00.000002Z"',
      '"2026-01-01T00:00:00.000001Z"',
      '"2026-01-01T00:00:00.000002Z"',
    ],
    ['words', '"b"', '"a"', '"b"'],
    ['something and nothing', null, '"a"', '"a"'],
    ['something and null', '"a"', 'null', '"a"'],
    ['something and an object', '1', '{}', '1'],
    ['nothing and nothing', null, null, null],
  ])('is found for %s', (_name, a, b, highest) => {
    expect(higherStoredCursor(a, b)).toBe(highest)
  })
})

describe('the parameter for what has changed since a cursor', () => {
  const parameter = (cursor: string, format?: string, lookback?: string) =>
    incrementalParameter(
      { cursorField: ['at'], param: 'since', ...(format ? { format } : {}), ...(lookback ? { lookback } : {}) },
      cursor,
    )

  it.each([
    ['is the cursor as it is', '"2026-01-31T10:00:00+01:00"', undefined, undefined, '2026-01-31T10:00:00+01:00'],
    ['is a number as it is', '9007199254740993', undefined, undefined, '9007199254740993'],
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
    ['looks back by calendar months', '"2026-03-31"', undefined, 'P1M', '2026-02-28'],
    ['looks back in the cursor’s own seconds', '1767225600', undefined, 'PT1H', '1767222000'],
    ['looks back in the cursor’s own milliseconds', '"1767225600000"', undefined, 'PT1H', '1767222000000'],
    ['is the cursor where that is no instant', '"page-7"', 'iso8601', 'P1D', 'page-7'],
  ])('%s', (_name, cursor, format, lookback, text) => {
    expect(parameter(cursor, format, lookback)).toBe(text)
  })
})

describe('instants in records', () => {
  it('are read as UTC where they have no zone', () => {
    expect(parseInstant('2026-01-01T00:00:00')?.toISOString()).toBe('2026-01-01T00:00:00.000Z')
    expect(parseInstant('2026-01-01 00:00:00+0200')?.toISOString()).toBe('2025-12-31T22:00:00.000Z')
    expect(parseInstant('2026-13-01')).toBeUndefined()
    expect(parseInstant('0000-00-00')).toBeUndefined()
    expect(parseInstant(true)).toBeUndefined()
  })
})
