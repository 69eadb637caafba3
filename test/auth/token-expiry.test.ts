import { describe, expect, it } from 'vitest'
import { readExpiry } from '../../src/auth/token-expiry.ts'
import { parseJson } from '../../src/kit/json.ts'
import { now } from './contract.ts'

const hour = '2026-01-02T04:04:05.000Z'

describe('readExpiry', () => {
  it.each<[unknown, string | undefined, string]>([
    [3600, 'seconds', hour],
    ['3600', 'seconds', hour],
    [' 3600 ', 'seconds', hour],
    ['3.6e3', 'seconds', hour],
    [3600.0004, 'seconds', hour],
    [0.5, 'seconds', '2026-01-02T03:04:05.500Z'],
    [3_600_000, 'milliseconds', hour],
    ['3600000', 'milliseconds', hour],
    [1767326645, 'epoch', hour],
    ['1767326645', 'epoch', hour],
    [1767326645.25, 'epoch', '2026-01-02T04:04:05.250Z'],
    [1767326645000, 'epoch_ms', hour],
    ['1767326645000', 'epoch_ms', hour],
    ['2026-01-02T04:04:05Z', 'iso8601', hour],
    ['2026-01-02T04:04:05.000Z', 'iso8601', hour],
    ['2026-01-02T04:04:05.123456789Z', 'iso8601', '2026-01-02T04:04:05.123Z'],
    ['2026-01-02T04:04:05', 'iso8601', hour],
    ['2026-01-02 04:04:05', 'iso8601', hour],
    ['2026-01-02T05:04:05+01:00', 'iso8601', hour],
    ['2026-01-02T05:04:05+0100', 'iso8601', hour],
    ['2026-01-02T05:04:05+01', 'iso8601', hour],
    ['2026-01-01T23:04:05-05:00', 'iso8601', hour],
    ['2026-01-03', 'iso8601', '2026-01-03T00:00:00.000Z'],
    ['PT1H', 'iso8601', hour],
    ['P1M', 'iso8601', '2026-02-02T03:04:05.000Z'],
    ['2026-01-02T04:04:05', '%Y-%m-%dT%H:%M:%S', hour],
    ['2026-01-02 04:04:05.250000+0000', '%Y-%m-%d %H:%M:%S.%f%z', '2026-01-02T04:04:05.250Z'],
    ['2026-01-02T06:04:05+02:00', '%Y-%m-%dT%H:%M:%S%z', hour],
    ['02/01/2026 04:04', '%d/%m/%Y %H:%M', '2026-01-02T04:04:00.000Z'],
    ['Jan 2, 2026 4:04 PM', '%b %d, %Y %I:%M %p', '2026-01-02T16:04:00.000Z'],
    ['Friday, 02-January-26 12:30 am UTC', '%A, %d-%B-%y %I:%M %p %Z', ''],
    ['Saturday, 03-January-26 12:30 am UTC', '%A, %d-%B-%y %I:%M %p %Z', '2026-01-03T00:30:00.000Z'],
    ['20260102040405', '%Y%m%d%H%M%S', hour],
    [20260102040405, '%Y%m%d%H%M%S', hour],
    ['1767326645', '%s', hour],
    ['2026-032', '%Y-%j', '2026-02-01T00:00:00.000Z'],
    ['01/02/26 04:04:05', '%D %T', hour],
    ['2026-01-02(04:04)', '%F(%R)', '2026-01-02T04:04:00.000Z'],
    ['100% at 2027', '100%% at %Y', '2027-01-01T00:00:00.000Z'],
    [3600, undefined, hour],
    ['3600', undefined, hour],
    [1767326645, undefined, hour],
    [1767326645000, undefined, hour],
    ['2026-01-02T04:04:05Z', undefined, hour],
  ])('reads %j in the format %s', (value, format, expected) => {
    expect(readExpiry(value, format, now)?.toISOString() ?? '').toBe(expected)
  })

  it.each<[string, unknown, string | undefined]>([
    ['zero', 0, 'seconds'],
    ['zero, no format', 0, undefined],
    ['a negative one', -1, 'seconds'],
    ['1e12 seconds', 1e12, 'seconds'],
    ['more than a Date holds', 1e300, 'seconds'],
    ['more than a number holds', parseJson('1e400'), 'seconds'],
    ['NaN', Number.NaN, 'seconds'],
    ['NaN as text', 'NaN', 'seconds'],
    ['a word', 'never', undefined],
    ['an empty text', '', undefined],
    ['null', null, 'seconds'],
    ['nothing', undefined, undefined],
    ['a boolean', true, 'seconds'],
    ['an object', { seconds: 5 }, 'seconds'],
    ['a list', [3600], 'seconds'],
    ['the past', 1_000_000_000, 'epoch'],
    ['now', now.toISOString(), 'iso8601'],
    ['no ISO 8601', '02.01.2027', 'iso8601'],
    ['a month too many', '2026-13-01T00:00:00Z', 'iso8601'],
    ['a number as ISO 8601', 3600, 'iso8601'],
    ['a negative duration', '-PT1H', 'iso8601'],
    ['a duration that is none', 'Pxx', 'iso8601'],
    ['another pattern', '2027-01-02', '%d.%m.%Y'],
    ['more than the pattern', '2027-01-02 and more', '%Y-%m-%d'],
    ['30 February', '2027-02-30', '%Y-%m-%d'],
    ['25 o’clock', '2027-02-01 25:00', '%Y-%m-%d %H:%M'],
    ['an instant for a pattern', { year: 2027 }, '%Y'],
  ])('returns undefined for %s', (_name, value, format) => {
    expect(readExpiry(value, format, now)).toBeUndefined()
  })

  it('reads all digits of a number that is parsed by a pattern', () => {
    expect(readExpiry(parseJson('20260102040405000000'), '%Y%m%d%H%M%S%f', now)?.toISOString()).toBe(hour)
  })
})
