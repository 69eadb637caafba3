import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textSearch } from '../../src/kit/text-search.ts'

describe('textSearch', () => {
  it('finds what indexOf finds, from any place', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\u{1f600}'), maxLength: 200 })
    const needle = fc.oneof(
      text,
      fc.tuple(text, text).map(([one, other]) => one.repeat(3) + other),
    )
    fc.assert(
      fc.property(text, needle, text, fc.nat(300), (before, wanted, after, from) => {
        const all = before + wanted + after
        expect(textSearch(wanted)(all, from)).toBe(all.indexOf(wanted, from))
        expect(textSearch(`${wanted}b`)(all)).toBe(all.indexOf(`${wanted}b`))
      }),
      { numRuns: 500 },
    )
  })
})
