import { expect, it } from 'vitest'
import { cursorToStore } from '../../../src/sync/read/stream-cursor.ts'

const ASKED_AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

it.each([
  ['an instant that is earlier', '"2026-01-02T03:04:05.600Z"', '"2026-01-02T03:04:05.600Z"'],
  ['a later one in its own form', '"2026-01-02T03:04:09.123Z"', '"2026-01-02T03:04:05.678Z"'],
  ['one without a fraction', '"2026-01-02T03:04:09Z"', '"2026-01-02T03:04:05Z"'],
  ['one with an offset of zero', '"2026-01-02T03:04:09+00:00"', '"2026-01-02T03:04:05+00:00"'],
  ['one with a space', '"2026-01-02 03:04:09.12"', '"2026-01-02 03:04:05.678"'],
  ['seconds', '1767323049', '1767323045'],
  ['seconds as text', '"1767323049"', '"1767323045"'],
  ['milliseconds', '1767323049123', '1767323045678'],
  ['an offset that is another', '"2026-01-02T05:04:09+02:00"', '"2026-01-02T05:04:09+02:00"'],
  ['what is far ahead, and so no time of change', '"2027-01-01T00:00:00Z"', '"2027-01-01T00:00:00Z"'],
  ['an id', '500', '500'],
  ['text', '"abc"', '"abc"'],
])('keeps, or puts back to when reading began, %s', (_name, highest, stored) => {
  expect(cursorToStore(highest, ASKED_AT)).toBe(stored)
})

it('keeps the highest cursor where the source does not tell the time', () => {
  expect(cursorToStore('"2026-01-02T03:04:09Z"', null)).toBe('"2026-01-02T03:04:09Z"')
  expect(cursorToStore(null, ASKED_AT)).toBeNull()
})
