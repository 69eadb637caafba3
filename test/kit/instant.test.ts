import { describe, expect, it } from 'vitest'
import { instantFormatSchema } from '../../src/catalog/definition/primitives.ts'
import { formatInstant, formatLike, parseInstant, recognizeInstant } from '../../src/kit/instant.ts'
import { parseJson } from '../../src/kit/json.ts'

describe('parseInstant', () => {
  it.each<[unknown, string, string]>([
    [1704067200, 'epoch', '2024-01-01T00:00:00.000Z'],
    ['1704067200', 'seconds', '2024-01-01T00:00:00.000Z'],
    ['1704067200.9999', 'epoch', '2024-01-01T00:00:00.999Z'],
    [1704067200123, 'milliseconds', '2024-01-01T00:00:00.123Z'],
    ['1704067200123', 'epoch_ms', '2024-01-01T00:00:00.123Z'],
    [-1, 'epoch', '1969-12-31T23:59:59.000Z'],
    ['20240102T030405Z', 'iso8601', '2024-01-02T03:04:05.000Z'],
    ['20240102T0304+0100', 'iso8601', '2024-01-02T02:04:00.000Z'],
    [20240102000000, '%Y%m%d%H%M%S', '2024-01-02T00:00:00.000Z'],
    [parseJson('20240102000000000001'), '%Y%m%d%H%M%S%f', '2024-01-02T00:00:00.000Z'],
    ['02/01/2024 10:30', '%d/%m/%Y %H:%M', '2024-01-02T10:30:00.000Z'],
    ['Wed, 03 Jan 2024 10:00:00 GMT', 'rfc1123', '2024-01-03T10:00:00.000Z'],
    ['3 Jan 24 10:00 +0200', 'rfc1123', '2024-01-03T08:00:00.000Z'],
    ['/Date(1704067200000)/', 'dotnet', '2024-01-01T00:00:00.000Z'],
    ['/Date(1704067200000+0100)/', 'dotnet', '2024-01-01T00:00:00.000Z'],
    ['/Date(-1)/', 'dotnet', '1969-12-31T23:59:59.999Z'],
  ])('reads %j in the format %s', (value, format, expected) => {
    expect(parseInstant(value, format)?.toISOString()).toBe(expected)
  })

  it.each<[unknown, string]>([
    ['2024-01-02', 'epoch'],
    [1e300, 'epoch'],
    [1704067200, 'iso8601'],
    ['2024-02-30', 'iso8601'],
    ['20240230T000000Z', 'iso8601'],
    ['20240102', 'iso8601'],
    ['0000-00-00 00:00:00', 'iso8601'],
    ['0000-00-00', '%Y-%m-%d'],
    ['31/02/2024', '%d/%m/%Y'],
    ['Wed, 31 Feb 2024 10:00:00 GMT', 'rfc1123'],
    ['Wed, 03 Jan 2024 10:00:00 EST', 'rfc1123'],
    ['/Date(now)/', 'dotnet'],
    [true, 'epoch'],
    [{}, '%Y'],
  ])('does not read %j in the format %s', (value, format) => {
    expect(parseInstant(value, format)).toBeUndefined()
  })

  it('needs linear time for a pattern with many ways to match', () => {
    const startedAt = performance.now()
    expect(parseInstant('1'.repeat(100_000), '%d'.repeat(50))).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(100)
  })
})

describe('formatLike', () => {
  const instant = new Date('2026-01-02T03:04:05.678Z')

  it.each([
    ['2024-01-01', '2026-01-02'],
    ['2024-01-01T00:00Z', '2026-01-02T03:04Z'],
    ['2024-01-01T00:00:00', '2026-01-02T03:04:05'],
    ['2024-01-01 00:00:00.1', '2026-01-02 03:04:05.6'],
    ['2024-01-01T00:00:00.123456+02:00', '2026-01-02T05:04:05.678000+02:00'],
    ['2024-01-01T00:00:00,5-0530', '2026-01-01T21:34:05,6-0530'],
    ['2024-01-01 00:00:00 UTC', '2026-01-02 03:04:05 UTC'],
    ['2024-01-01T00:00:00-05', '2026-01-01T22:04:05-05'],
    ['20240101T000000Z', '20260102T030405Z'],
    ['Wed, 03 Jan 2024 10:00:00 GMT', 'Fri, 02 Jan 2026 03:04:05 GMT'],
    ['03 Jan 2024 10:00:00 +0100', 'Fri, 02 Jan 2026 03:04:05 +0000'],
    ['/Date(1704067200000+0100)/', '/Date(1767323045678+0100)/'],
  ])('formats an instant like %s', (sample, text) => {
    expect(formatLike(sample, instant)).toBe(text)
    const recognized = recognizeInstant(text)?.getTime() ?? Number.NaN
    expect(instant.getTime() - recognized).toBeGreaterThanOrEqual(0)
    expect(instant.getTime() - recognized).toBeLessThan(24 * 3600 * 1000)
  })
})

describe('a pattern in a definition', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']

  it.each(letters)('with %%%s is valid exactly if formatInstant supports it', (letter) => {
    const known = formatInstant(new Date(0), `%${letter}`) !== `%${letter}`
    expect(instantFormatSchema.safeParse(`%${letter}`).success).toBe(known)
  })
})

describe('formatInstant', () => {
  const instant = new Date('2026-01-02T15:04:05.006Z')

  it.each<[string, string]>([
    ['epoch', '1767366245'],
    ['seconds', '1767366245'],
    ['epoch_ms', '1767366245006'],
    ['milliseconds', '1767366245006'],
    ['iso8601', '2026-01-02T15:04:05.006Z'],
    ['%Y-%m-%dT%H:%M:%SZ', '2026-01-02T15:04:05Z'],
    ['%Y%m%d%H%M%S%f', '20260102150405006000'],
    ['rfc1123', 'Fri, 02 Jan 2026 15:04:05 GMT'],
    ['dotnet', '/Date(1767366245006)/'],
    ['%a, %d %b %Y %T GMT', 'Fri, 02 Jan 2026 15:04:05 GMT'],
    ['%A %e %B %y, %I:%M %p', 'Friday  2 January 26, 03:04 PM'],
    ['%j %s %z %Z %%', '002 1767366245 +0000 UTC %'],
    ['%D %R %F', '01/02/26 15:04 2026-01-02'],
  ])('formats an instant as %s', (format, text) => {
    expect(formatInstant(instant, format)).toBe(text)
  })
})
