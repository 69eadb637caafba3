import { describe, expect, it } from 'vitest'
import { addDuration, durationMs, InvalidDurationError, parseDuration } from '../../src/kit/time.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

describe('parseDuration', () => {
  it.each([
    ['PT1H', HOUR_MS],
    ['P14D', 14 * DAY_MS],
    ['P2W', 14 * DAY_MS],
    ['PT1.5H', 1.5 * HOUR_MS],
    ['PT90M', 1.5 * HOUR_MS],
    ['P1DT2H3M4S', DAY_MS + 2 * HOUR_MS + 184_000],
    ['P1W2D', 9 * DAY_MS],
    ['PT0.001S', 1],
    ['p1d', DAY_MS],
  ])('parses %s', (text, ms) => {
    expect(durationMs(parseDuration(text), new Date('2026-03-10T12:00:00Z'))).toBe(ms)
  })

  it.each(['', 'P', 'PT', '1D', '14', 'P1.5D', 'PT1H2', 'P1H', 'one day', ' P1D', 'P1D ', 'P1D\n', '\0', '∞'])(
    'refuses %j and says what is accepted',
    (text) => {
      expect(() => parseDuration(text)).toThrow(InvalidDurationError)
      expect(() => parseDuration(text)).toThrow(/PT1H, P14D, P2W/)
    },
  )

  it.each([
    ['-P1D', 'negative'],
    ['P0D', 'zero'],
    ['PT0S', 'zero'],
    ['PT0.0001S', 'shorter than a millisecond'],
    ['P1001Y', 'longer than 1000 years'],
    ['P99999999Y', 'longer than 1000 years'],
    ['P4294967295Y', 'longer than 1000 years'],
    [`PT${'9'.repeat(15)}S`, 'longer than 1000 years'],
    [`P${'9'.repeat(400)}D`, 'Expected an ISO 8601 duration'],
  ])('refuses %s', (text, reason) => {
    expect(() => parseDuration(text)).toThrow(reason)
  })

  it('accepts 1000 years', () => {
    expect(addDuration(new Date('2026-01-01T00:00:00Z'), parseDuration('P1000Y')).getUTCFullYear()).toBe(3026)
  })
})

describe('addDuration', () => {
  it.each([
    ['2026-01-31T10:00:00.123Z', 'P1M', '2026-02-28T10:00:00.123Z'],
    ['2024-01-31T10:00:00.000Z', 'P1M', '2024-02-29T10:00:00.000Z'],
    ['2024-02-29T00:00:00.000Z', 'P1Y', '2025-02-28T00:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', 'PT0.001S', '2027-01-01T00:00:00.000Z'],
    // Daylight saving time begins in Europe on 29 March 2026; a day in UTC has 24 hours.
    ['2026-03-28T12:00:00.000Z', 'P1D', '2026-03-29T12:00:00.000Z'],
    ['2026-03-28T12:00:00.000Z', 'P2W', '2026-04-11T12:00:00.000Z'],
  ])('%s plus %s is %s', (start, text, end) => {
    expect(addDuration(new Date(start), parseDuration(text)).toISOString()).toBe(end)
  })

  it('does not change its argument', () => {
    const instant = new Date('2026-01-01T00:00:00Z')
    addDuration(instant, parseDuration('P1Y'))
    expect(instant.toISOString()).toBe('2026-01-01T00:00:00.000Z')
  })

  it('refuses an invalid date', () => {
    expect(() => addDuration(new Date(Number.NaN), parseDuration('P1D'))).toThrow(RangeError)
  })
})

describe('durationMs', () => {
  it('depends on the month in which the duration begins', () => {
    const month = parseDuration('P1M')
    expect(durationMs(month, new Date('2026-02-01T00:00:00Z'))).toBe(28 * DAY_MS)
    expect(durationMs(month, new Date('2026-03-01T00:00:00Z'))).toBe(31 * DAY_MS)
  })
})
