import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import type { StreamDefinition } from '../../../src/catalog/definition/stream.ts'
import { parseJson } from '../../../src/kit/json.ts'
import {
  comparedStart,
  cursorToStore,
  higherStoredCursor,
  incrementalParameters,
  isImpossibleCursor,
  nextInFeed,
  PageCursors,
  type ReadRange,
  readingEndMs,
  windowScope,
} from '../../../src/sync/read/stream-cursor.ts'

function streamOf(incremental: object): StreamDefinition {
  const stream = { name: 'items', path: '/items', primaryKey: ['id'], incremental }
  const definition = { displayName: 'P', baseUrl: 'https://p.example', auth: { type: 'none' }, streams: [stream] }
  return parseDefinition(definition).streams?.[0] as StreamDefinition
}

const byField = (incremental: object = {}) => streamOf({ cursorField: 'at', param: 'since', ...incremental })

describe('the higher of two cursors', () => {
  it.each([
    ['numbers', '9', '10', '10'],
    ['numbers that JavaScript cannot represent', '9007199254740993', '9007199254740992', '9007199254740993'],
    ['strings of digits', '"9"', '"10"', '"10"'],
    ['numbers of 13 digits, which are not times', '1767225600000', '9767225600', '1767225600000'],
    ['decimal numbers', '1.5', '"1.25"', '1.5'],
    ['instants in different zones', '"2026-01-01T01:00:00+02:00"', '"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:00Z"'],
    [
      'instants that differ in microseconds',
      '"2026-01-01T00:00:00.000002Z"',
      '"2026-01-01T00:00:00.000001Z"',
      '"2026-01-01T00:00:00.000002Z"',
    ],
    [
      'dates of RFC 1123',
      '"Wed, 03 Jan 2024 10:00:00 GMT"',
      '"Tue, 06 Feb 2024 10:00:00 GMT"',
      '"Tue, 06 Feb 2024 10:00:00 GMT"',
    ],
    ['.NET dates', '"/Date(999999999999)/"', '"/Date(1704067200000)/"', '"/Date(1704067200000)/"'],
    ['words', '"b"', '"a"', '"b"'],
    ['no cursor and a string', null, '"a"', '"a"'],
    ['a string and null', '"a"', 'null', '"a"'],
    ['a number and an object', '1', '{}', '1'],
    ['no cursors', null, null, null],
  ])('is correct for %s', (_name, a, b, highest) => {
    expect(higherStoredCursor(byField(), a, b)).toBe(highest)
    expect(higherStoredCursor(byField(), b, a)).toBe(highest)
  })

  it('compares times in the format of the field', () => {
    const dayFirst = byField({ fieldFormat: ['%d/%m/%Y', '%d.%m.%Y'] })
    expect(higherStoredCursor(dayFirst, '"02/01/2025"', '"31.12.2024"')).toBe('"02/01/2025"')
  })
})

describe('the incremental parameter', () => {
  const sent = (incremental: object, cursor: string | null, reading: Partial<ReadRange> = {}) =>
    Object.fromEntries(
      incrementalParameters(
        byField(incremental),
        { since: cursor, ...reading },
        { kind: 'first' },
        { input: { from: '5' } },
      ).query,
    )
  const parameter = (cursor: string | null, format?: string, lookback?: string, fieldFormat?: string | string[]) =>
    sent({ format, lookback, fieldFormat }, cursor)['since']

  it.each<[string, string, string | undefined, string | undefined, string]>([
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
    ['is not a time if it would be one in the year 2611', '20240102000000', 'iso8601', undefined, '20240102000000'],
    ['is read by a pattern that is also sent', '"31/12/2025"', '%d/%m/%Y', 'P1D', '30/12/2025'],
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
    [
      'keeps the offset and the precision when it subtracts a lookback',
      '"2026-01-01T00:00:00.5+01:00"',
      undefined,
      'PT1H',
      '2025-12-31T23:00:00.5+01:00',
    ],
    [
      'subtracts a lookback from a date of RFC 1123',
      '"Wed, 03 Jan 2024 10:00:00 GMT"',
      undefined,
      'P1D',
      'Tue, 02 Jan 2024 10:00:00 GMT',
    ],
    ['subtracts a lookback from a .NET date', '"/Date(1704067200000)/"', undefined, 'PT1S', '/Date(1704067199000)/'],
    ['is the cursor itself when the cursor is not an instant', '"page-7"', 'iso8601', 'P1D', 'page-7'],
  ])('%s', (_name, cursor, format, lookback, text) => {
    expect(parameter(cursor, format, lookback)).toBe(text)
  })

  it.each<[string, string | string[], string, string | undefined, string | undefined, string]>([
    ['a compact number', '%Y%m%d%H%M%S', '20240102000000', 'iso8601', undefined, '2024-01-02T00:00:00Z'],
    ['a compact text', '%Y%m%d', '"20240102"', undefined, 'P1D', '20240101'],
    ['a day-first date', '%d/%m/%Y', '"03/02/2024"', 'iso8601', undefined, '2024-02-03T00:00:00Z'],
    ['a day-first date', '%d/%m/%Y', '"01/02/2024"', undefined, 'P1D', '31/01/2024'],
    ['RFC 1123', 'rfc1123', '"Wed, 03 Jan 2024 10:00:00 GMT"', 'epoch', 'PT1S', '1704275999'],
    ['a .NET date', 'dotnet', '"/Date(1704067200000+0200)/"', 'iso8601', undefined, '2024-01-01T00:00:00Z'],
    ['an epoch', 'epoch', '1704067200', 'iso8601', undefined, '2024-01-01T00:00:00Z'],
    ['an epoch as text', 'epoch_ms', '"1704067200123"', 'iso8601', undefined, '2024-01-01T00:00:00.123Z'],
    ['an epoch', 'epoch', '1704067200', undefined, 'PT1H', '1704063600'],
    ['the second of two formats', ['epoch', '%d.%m.%Y'], '"02.01.2024"', 'iso8601', undefined, '2024-01-02T00:00:00Z'],
    ['a cursor from before the definition had a format', '%d.%m.%Y', '"2024-01-02"', 'epoch', undefined, '1704153600'],
    ['a cursor that is no time at all', '%d.%m.%Y', '"page-7"', 'epoch', undefined, 'page-7'],
  ])('is made from %s', (_name, fieldFormat, cursor, format, lookback, text) => {
    expect(parameter(cursor, format, lookback, fieldFormat)).toBe(text)
  })

  it('begins with start, in the format that is sent, without a lookback', () => {
    expect(sent({ start: '2020-01-01T00:00:00Z' }, null)).toEqual({ since: '2020-01-01T00:00:00Z' })
    expect(sent({ start: '2020-01-01T00:00:00Z', format: 'epoch', lookback: 'P1D' }, null)).toEqual({
      since: '1577836800',
    })
    expect(sent({ start: '1577836800', format: 'epoch' }, null)).toEqual({ since: '1577836800' })
    expect(sent({ start: '{{ input.from }}' }, null)).toEqual({ since: '5' })
    expect(sent({ start: "{{ input.none | default('') }}" }, null)).toEqual({})
    expect(sent({ start: '2020-01-01' }, '"2024-01-01"')).toEqual({ since: '2024-01-01' })
  })

  it('is sent with the end of the reading', () => {
    const endAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
    const until = { param: 'before' }
    expect(sent({ until }, null, { endAtMs })).toEqual({ before: '2026-01-02T03:04:05.678Z' })
    expect(sent({ until, format: 'epoch' }, '"2026-01-01T00:00:00Z"', { endAtMs })).toEqual({
      since: '1767225600',
      before: '1767323045',
    })
    expect(sent({ until }, '"2026-01-01 00:00:00"', { endAtMs })).toMatchObject({ before: '2026-01-02 03:04:05' })
    expect(sent({ until, fieldFormat: '%d.%m.%Y' }, null, { endAtMs })).toEqual({ before: '02.01.2026' })
  })

  it('is the beginning of a window, and until is its end', () => {
    const stream = byField({ until: { param: 'to' }, window: 'P1M', start: '2020-01-01' })
    const window = { fromMs: Date.UTC(2020, 0, 1), toMs: Date.UTC(2020, 1, 1) }
    const reading = { since: null, endAtMs: Date.UTC(2026, 0), window }
    expect(incrementalParameters(stream, reading, { kind: 'first' }, {}).query).toEqual([
      ['since', '2020-01-01T00:00:00Z'],
      ['to', '2020-02-01T00:00:00Z'],
    ])
    expect(windowScope(stream, reading, { input: {} })).toEqual({
      input: {},
      window: { from: '2020-01-01T00:00:00Z', to: '2020-02-01T00:00:00Z' },
    })
  })

  it('is a number in a JSON body if the values are numbers, also beyond 2^53', () => {
    const json = (incremental: object, since: string | null) =>
      incrementalParameters(byField({ in: 'json', ...incremental }), { since }, { kind: 'first' }, {}).json
    expect(JSON.stringify(json({}, '9007199254740993'))).toBe('[["since",9007199254740993]]')
    expect(json({}, '"7"')).toEqual([['since', '7']])
    expect(json({ start: '0' }, null)).toEqual([['since', 0]])
    expect(json({ start: '2020-01-01', format: 'epoch' }, null)).toEqual([['since', '1577836800']])
  })
})

const ASKED_AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

describe('cursorToStore', () => {
  it.each<[string, object, string, string]>([
    ['an earlier instant', {}, '"2026-01-02T03:04:05.600Z"', '"2026-01-02T03:04:05.600Z"'],
    ['a later instant, in its own format', {}, '"2026-01-02T03:04:09.123Z"', '"2026-01-02T03:04:05.678Z"'],
    ['a later instant without a fraction', {}, '"2026-01-02T03:04:09Z"', '"2026-01-02T03:04:05Z"'],
    ['a later instant with an offset of zero', {}, '"2026-01-02T03:04:09+00:00"', '"2026-01-02T03:04:05+00:00"'],
    ['a later instant with another offset', {}, '"2026-01-02T05:04:09+02:00"', '"2026-01-02T05:04:05+02:00"'],
    ['a later instant with a space', {}, '"2026-01-02 03:04:09.12"', '"2026-01-02 03:04:05.67"'],
    ['an instant far ahead', {}, '"2099-01-01T00:00:00Z"', '"2026-01-02T03:04:05Z"'],
    ['a date of RFC 1123', {}, '"Sat, 03 Jan 2026 03:04:05 GMT"', '"Fri, 02 Jan 2026 03:04:05 GMT"'],
    ['a .NET date', {}, '"/Date(1767423045678)/"', '"/Date(1767323045678)/"'],
    ['seconds', { fieldFormat: 'epoch' }, '1767323049', '1767323045'],
    ['seconds as text', { fieldFormat: 'epoch' }, '"1767323049"', '"1767323045"'],
    ['milliseconds', { fieldFormat: 'epoch_ms' }, '1767323049123', '1767323045678'],
    ['seconds that the format that is sent declares', { format: 'epoch' }, '1767323049', '1767323045'],
    ['a compact number', { fieldFormat: '%Y%m%d%H%M%S' }, '20990101000000', '20260102030405'],
    ['a day-first date', { fieldFormat: '%d/%m/%Y' }, '"05/02/2026"', '"02/01/2026"'],
    ['a number without a format, which is not a time', {}, '1767323049', '1767323049'],
    ['an id', {}, '500', '500'],
    ['text', {}, '"abc"', '"abc"'],
  ])('keeps, or sets back to the time when reading began: %s', (_name, incremental, highest, stored) => {
    expect(cursorToStore(byField(incremental), highest, ASKED_AT)).toBe(stored)
  })

  it('keeps the highest cursor when the time of the request is unknown', () => {
    expect(cursorToStore(byField(), '"2026-01-02T03:04:09Z"', null)).toBe('"2026-01-02T03:04:09Z"')
    expect(cursorToStore(byField(), null, ASKED_AT)).toBeNull()
  })
})

describe('the end of a reading', () => {
  const endOf = (end: string, more: object = {}) =>
    readingEndMs(
      byField({ until: { param: 'to' }, end, ...more }),
      { input: { day: '2025-01-01', none: '' } },
      ASKED_AT,
    )

  it.each([
    ['the time that end names', '{{ input.day }}', {}, Date.UTC(2025, 0, 1)],
    ['a time in the format that is sent', '{{ 1735689600 }}', { format: 'epoch' }, Date.UTC(2025, 0, 1)],
    ['the present where end is later', '2999-01-01', {}, ASKED_AT],
    ['the present where end is empty', '{{ input.none }}', {}, ASKED_AT],
  ])('is %s', (_name, end, more, wanted) => {
    expect(endOf(end, more)).toBe(wanted)
  })

  it('is an error of the definition where it is no time', () => {
    expect(() => endOf('soon')).toThrow('the value of end is not a time')
    const end = { cursorField: 'at', param: 'since', end: '2025-01-01' }
    expect(() => streamOf(end)).toThrow('must be left out, because neither until nor window sends the end')
  })
})

describe('a stored cursor', () => {
  it('is impossible if it is more than a day in the future', () => {
    const impossible = (json: string, incremental: object = {}) =>
      isImpossibleCursor(byField(incremental), json, ASKED_AT)
    expect(impossible('"2099-01-01T00:00:00Z"')).toBe(true)
    expect(impossible('20990101000000', { fieldFormat: '%Y%m%d%H%M%S' })).toBe(true)
    expect(impossible('"2026-01-02T20:00:00Z"')).toBe(false)
    expect(impossible('4102444800000')).toBe(false)
  })
})

describe('the cursors of a page', () => {
  const at = (value: unknown) => ({ at: value })

  it.each<[string, object, string, unknown[]]>([
    ['a date', {}, '2025-06-01', ['2025-05-31T23:59:59Z', '2025-06-01T00:00:00Z']],
    ['a time, for records in seconds', { fieldFormat: 'epoch' }, '2025-06-01T00:00:00Z', [1748735999, 1748736000]],
    ['a number', {}, '1700000000', [1699999999, 1700000000]],
    ['a text', {}, 'b', ['a', 'b']],
  ])('are older below the start: %s', (_name, incremental, start, [below, from]) => {
    const verdicts = (by: string, since: string | null) => {
      const stream = byField({ ...incremental, start: '{{ input.start }}', by })
      const cursors = new PageCursors(stream, since, ASKED_AT, comparedStart(stream, { input: { start } }))
      return [cursors.add(at(below)), cursors.add(at(from))]
    }
    expect(verdicts('compare', null)).toEqual(['older', undefined])
    expect(verdicts('newest_first', null)).toEqual(['older', undefined])
    // All records may have been before it, so a stored cursor may be, too.
    expect(verdicts('compare', JSON.stringify(below))).toEqual(['older', undefined])
    // A start that is sent is the source's affair.
    expect(verdicts('parameter', null)).toEqual([undefined, undefined])
  })

  it('leave out times in the future, and accept a clock that is a little ahead', () => {
    const cursors = new PageCursors(byField(), null, ASKED_AT)
    expect(cursors.add(at('2099-01-01T00:00:00Z'))).toBe('future')
    expect(cursors.add(at('2026-01-02T03:05:00Z'))).toBeUndefined()
    expect(cursors.highest).toBe('"2026-01-02T03:05:00Z"')
  })

  it('accept the date of a time zone that is ahead', () => {
    expect(new PageCursors(byField(), null, Date.UTC(2026, 0, 2, 20)).add(at('2026-01-03'))).toBeUndefined()
    expect(new PageCursors(byField(), null, Date.UTC(2026, 0, 2, 20)).add(at('2026-01-04'))).toBe('future')
  })

  it('are unreadable if they are not in the format of the field', () => {
    const cursors = new PageCursors(byField({ fieldFormat: ['%Y%m%d', 'epoch'] }), null, ASKED_AT)
    expect(cursors.add(at('2024-01-02'))).toBe('unreadable')
    expect(cursors.add(at({ date: 1 }))).toBe('unreadable')
    expect(cursors.add(at(true))).toBe('unreadable')
    for (const none of [undefined, null, '']) expect(cursors.add(at(none))).toBeUndefined()
    expect(cursors.highest).toBeNull()
  })

  it('are older below the cursor minus the lookback', () => {
    const cursors = new PageCursors(byField({ lookback: 'PT1H' }), '"2026-01-01T12:00:00Z"', ASKED_AT)
    expect(cursors.add(at('2026-01-01T10:59:59Z'))).toBe('older')
    expect(cursors.add(at('2026-01-01T11:00:00Z'))).toBeUndefined()
    expect(cursors.add(at(null))).toBeUndefined()
    expect(cursors.older).toBe(1)
    const numbers = new PageCursors(byField(), '9007199254740993', ASKED_AT)
    expect(numbers.add(at(parseJson('9007199254740992')))).toBe('older')
    expect(numbers.add(at(parseJson('9007199254740993')))).toBeUndefined()
  })
})

describe('a change feed', () => {
  const stream = streamOf({ feed: { path: 'last_seq', param: 'since', hasMore: 'pending' } })
  const feed = { path: ['last_seq'], param: 'since' }
  const step = (body: object, recordCount: number, more: object = {}, asked = '5') =>
    nextInFeed({ ...feed, ...more }, null, {
      stream,
      position: { kind: 'cursor', json: asked },
      number: 2,
      body,
      headers: new Headers(),
      recordCount,
    })
  const pending = { hasMore: ['pending'] }

  it('goes on from the cursor of the answer', () => {
    expect(step({ last_seq: 9 }, 3)).toEqual({ next: { kind: 'cursor', json: '9' }, end: null, cursor: '9' })
    expect(step({ last_seq: '9-x', pending: 4 }, 3, pending)).toMatchObject({ next: { json: '"9-x"' } })
  })

  it('ends without records, without more, and where the cursor does not move', () => {
    expect(step({ last_seq: 9 }, 0)).toEqual({ next: null, end: 'empty', cursor: '9' })
    expect(step({ last_seq: 9, pending: 7 }, 0, pending)).toEqual({ next: null, end: 'empty', cursor: '9' })
    expect(step({}, 0)).toEqual({ next: null, end: 'empty', cursor: '5' })
    for (const none of [0, false, '0', 'N']) {
      expect(step({ last_seq: 9, pending: none }, 3, pending)).toEqual({ next: null, end: 'has_more', cursor: '9' })
    }
    expect(step({ last_seq: 5 }, 3)).toEqual({ next: null, end: 'no_next', cursor: '5' })
    expect(step({ last_seq: 5, pending: 0 }, 3, pending)).toEqual({ next: null, end: 'has_more', cursor: '5' })
  })

  it('fails when it contradicts itself', () => {
    expect(() => step({ last_seq: 5, pending: 3 }, 3, pending)).toThrow('same cursor as the page before it')
    expect(() => step({}, 3)).toThrow('has records but no cursor of the feed: last_seq is nothing')
    expect(() => step({ last_seq: {} }, 3)).toThrow('cannot be a query parameter')
    expect(step({ last_seq: { a: 1 } }, 3, { in: 'json' })).toMatchObject({ cursor: '{"a":1}' })
  })

  it('sends its cursor, the stored one, or its start', () => {
    const sent = (reading: ReadRange, more: object = {}, json?: string) =>
      incrementalParameters(
        streamOf({ feed: { path: 'seq', param: 'since', ...more } }),
        reading,
        json === undefined ? { kind: 'first' } : { kind: 'cursor', json },
        {},
      )
    expect(sent({ since: null })).toEqual({ query: [], json: [], form: [] })
    expect(sent({ since: null }, { start: 'now' }).query).toEqual([['since', 'now']])
    expect(sent({ since: '"7-x"' }, { start: 'now' }).query).toEqual([['since', '7-x']])
    expect(sent({ since: '"7-x"' }, {}, '12').query).toEqual([['since', '12']])
    expect(sent({ since: '{"a":1}' }, { in: 'json' }).json).toEqual([['since', { a: 1 }]])
  })
})
