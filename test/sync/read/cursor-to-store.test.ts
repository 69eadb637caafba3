import { expect, it } from 'vitest'
import { cursorToStore } from '../../../src/sync/read/stream-cursor.ts'

const ASKED_AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

it.each([
  ['an earlier instant', '"2026-01-02T03:04:05.600Z"', '"2026-01-02T03:04:05.600Z"'],
  ['a later instant, in its own format', '"2026-01-02T03:04:09.123Z"', '"2026-01-02T03:04:05.678Z"'],
  ['a later instant without a fraction', '"2026-01-02T03:04:09Z"', '"2026-01-02T03:04:05Z"'],
  ['a later instant with an offset of zero', '"2026-01-02T03:04:09+00:00"', '"2026-01-02T03:04:05+00:00"'],
  ['a later instant with a space', '"2026-01-02 03:04:09.12"', '"2026-01-02 03:04:05.678"'],
  ['seconds', '1767323049', '1767323045'],
  ['seconds as text', '"1767323049"', '"1767323045"'],
  ['milliseconds', '1767323049123', '1767323045678'],
  ['an instant with another offset', '"2026-01-02T05:04:09+02:00"', '"2026-01-02T05:04:09+02:00"'],
  ['an instant far ahead, which is not a time of change', '"2027-01-01T00:00:00Z"', '"2027-01-01T00:00:00Z"'],
  ['an id', '500', '500'],
  ['text', '"abc"', '"abc"'],
])('cursorToStore keeps, or sets back to the time when reading began: %s', (_name, highest, stored) => {
  expect(cursorToStore(highest, ASKED_AT)).toBe(stored)
})

it('cursorToStore keeps the highest cursor when the provider sends no Date', () => {
  expect(cursorToStore('"2026-01-02T03:04:09Z"', null)).toBe('"2026-01-02T03:04:09Z"')
  expect(cursorToStore(null, ASKED_AT)).toBeNull()
})
