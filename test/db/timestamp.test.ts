import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { parseTimestamp } from '../../src/db/server.ts'

const parseAny = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ)

describe('parseTimestamp', () => {
  it.each([
    '2026-11-21 21:24:23+00',
    '2026-11-21 21:24:23.1+00',
    '2026-11-21 21:24:23.123+00',
    '2026-11-21 21:24:23.123999+00',
    '0001-01-01 00:00:00+00',
    '0099-12-31 23:59:59.999+00',
    '9999-12-31 23:59:59.999+00',
    '12026-11-21 21:24:23+00',
    '0044-03-15 12:00:00+00 BC',
    '2026-11-21 21:24:23+05:30',
    '1883-11-18 12:03:58-04:56:02',
    'infinity',
    '-infinity',
  ])('returns the same as the driver for %s', (text) => {
    expect(parseTimestamp(text)).toEqual(parseAny(text))
  })
})
