import { expect, it } from 'vitest'
import { decodePositions, encodePositions } from '../../../src/sync/records/position-set.ts'
import { randomOf } from '../../support/random.ts'

const random = randomOf(7)

/** Distinct random numbers above `before`, ascending. */
function numbers(count: number, range: number, before = 0): Float64Array {
  const all = new Set<number>()
  while (all.size < count) all.add(before + 1 + Math.floor(random() * range))
  return Float64Array.from(all).sort()
}

it.each([
  ['none', new Float64Array(), 0],
  ['one', Float64Array.of(1), 0],
  ['all of a range', numbers(1_000, 1_000), 0],
  ['a tenth of a range', numbers(5_000, 50_000), 0],
  ['few of a large range', numbers(100, 2 ** 52), 0],
  ['a run after a large gap', Float64Array.from({ length: 1_000 }, (_, index) => 2 ** 52 + index), 0],
  ['gaps of 2^31 and more', Float64Array.of(1, 2 ** 31, 2 ** 32 + 5, 2 ** 40, 2 ** 53 - 1), 0],
  ['numbers above a high start', numbers(1_000, 5_000, 2 ** 50), 2 ** 50],
])('encodePositions: decodePositions returns the same numbers: %s', (_name, values, before) => {
  expect(decodePositions(encodePositions(values, before), before)).toEqual(values)
})

it('encodePositions: a record takes less than 2 bytes where the order of the source has nothing to do with the positions', () => {
  expect(encodePositions(numbers(1_000, 1_000_000), 0).length / 1_000).toBeLessThan(2)
  expect(encodePositions(numbers(10_000, 10_000), 0).length / 10_000).toBeLessThan(0.2)
})
