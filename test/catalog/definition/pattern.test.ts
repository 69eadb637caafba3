import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../../scripts/provider-files.ts'
import { MatchBudget, matchesPattern, patternCost, patternProblem } from '../../../src/catalog/definition/pattern.ts'

const PROVIDERS = await loadProviderFiles()

describe('the pattern of a field', () => {
  it.each([
    ['[a-z]+', 'abc', 'yes'],
    ['[a-z]+', 'abc1', 'no'],
    ['[a-z]+', 'abc\n', 'no'],
    ['a|b', 'ab', 'no'],
    ['^a|b$', 'b', 'yes'],
    ['\\p{L}+', 'ü', 'yes'],
    ['\\u{1F600}\\u0041', '😀A', 'yes'],
    ['(?<year>\\d{4})', '2026', 'yes'],
    ['.*', 'a'.repeat(8 * 1024 + 1), 'tooLong'],
    ['(a+)+', `${'a'.repeat(8_000)}!`, 'no'],
    ['(a|a)*', `${'a'.repeat(8_000)}!`, 'no'],
    ['a*'.repeat(20), `${'a'.repeat(8_000)}!`, 'no'],
    ['https?://.+', `https://${'a'.repeat(8_000)}`, 'yes'],
    ['[(+*]+\\)*', '(+*)', 'yes'],
    ['(?:[a-z]{1,9}){1,9}', 'a'.repeat(8_000), 'tooCostly'],
    ['(a)\\1', 'aa', 'unsupported'],
  ])('%s is matched against the whole value', (pattern, value, expected) => {
    expect(matchesPattern(pattern, value, new MatchBudget())).toBe(expected)
  })

  it('agrees with V8 about what both of them support', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\d', '(?:a|b)', '(b)', '\\.', '\\p{L}')
    const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '+?')
    const pattern = fc.array(fc.tuple(atom, quantifier), { maxLength: 5 }).map((parts) => parts.flat().join(''))
    const value = fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', 'ü'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, value, (source, text) => {
        const expected = new RegExp(`^(?:${source})$`, 'u').test(text) ? 'yes' : 'no'
        expect(matchesPattern(source, text, new MatchBudget())).toBe(expected)
      }),
    )
  })

  it('is refused with what to do, without being compiled where that would take long', () => {
    const problems = {
      '(?=a)b': 'no look-around',
      'a(?<!b)': 'no look-around',
      '(a)\\1': 'back-references',
      '(?<n>a)\\k<n>': 'back-references',
      'a)(b': 'a ) has no (',
      '(a': 'must be a regular expression that RE2 supports',
      'a{2}{3}': 'must be a regular expression that RE2 supports',
      '\\Qa\\E': 'must not quote',
      '[]a]': 'in a class as',
      '[[:alpha:]]': 'in a class as',
      'x{1000}': 'counted repetitions',
      '(?:x{40}){40}': 'counted repetitions',
      [`(?:${'a'.repeat(180)}){1000}`]: 'counted repetitions',
      ['a'.repeat(201)]: 'at most 200 characters',
      [`(?i)${'[\u0100-\u{10ffff}]'.repeat(2)}`]: 'together with (?i)',
      '(?si:[\\x{100}-\\x{10ffff}\\x{101}-\\x{10ffff}])': 'together with (?i)',
      '(?i)[^a\\u0100-\\u{10ffff}-\\u0100-\\u{10ffff}]': 'together with (?i)',
    }
    for (const [pattern, problem] of Object.entries(problems)) expect(patternProblem(pattern)).toContain(problem)
  })

  it('needs no more instructions than its cost says', () => {
    const atom = fc.constantFrom(
      'a',
      '[ab]',
      '(b)',
      '(?:a|bc)',
      '(a?|b)',
      '\\p{L}',
      '\\x{61}',
      '.',
      '(?i:k)',
      '[\\])(]',
      '\\(',
    )
    const quantifier = fc.constantFrom('', '*', '+', '?', '{3}', '{0,2}', '{2,}', '{7}')
    const pattern = fc
      .array(fc.tuple(atom, quantifier), { maxLength: 4 })
      .map((parts) => parts.flat().join(''))
      .chain((inner) => quantifier.map((outer) => `x(?:${inner})${outer}y`))
    fc.assert(
      fc.property(pattern, (source) => {
        expect(patternProblem(source) ?? '').not.toContain('RE2 supports')
        // 1,000,000 steps allow a value of this many characters, if the estimate is not too low.
        const characters = Math.floor(1_000_000 / (patternCost(source) - 100)) - 1
        const value = 'x'.repeat(Math.min(characters, 8_000))
        expect(matchesPattern(source, value, new MatchBudget())).toBe('no')
      }),
    )
  })

  it('costs the more the wider its ranges are, if it has no regard to case', () => {
    expect(patternCost('(?i)[a-z0-9]+')).toBeLessThan(120)
    expect(patternCost('[\\u0080-\\u{10ffff}]+')).toBeLessThan(120)
    for (const pattern of ['(?i)[\u0080-\u{10ffff}]+', '(?i)[\\u0080-\\u{10ffff}]+', '(?i)[^\\x80-\\x{10ffff}]']) {
      expect(patternProblem(pattern)).toBeUndefined()
      expect(patternCost(pattern)).toBeGreaterThan(2_000)
    }
  })

  it('is compiled in about the time that its cost says', () => {
    const wide = Array.from({ length: 45 }, (_, at) => `${String.fromCodePoint(0x100 + at)}-\u{10ffff}`).join('')
    const timeOf = (source: string) => {
      const began = performance.now()
      patternProblem(source)
      return performance.now() - began
    }
    timeOf('(?i)[\u0100-\uffff]')
    const ordinary = Math.min(...[1, 2, 3].map((at) => timeOf(`(?i)[\u0100-${String.fromCodePoint(0x10ff00 + at)}]`)))
    // It has 45 such ranges.
    expect(timeOf(`(?i)[${wide}]`)).toBeLessThan(10 * Math.max(0.5, ordinary))
  })

  it('shares its budget with the other values of a request', () => {
    const budget = new MatchBudget()
    const value = 'a'.repeat(400)
    const results = Array.from({ length: 10 }, () => matchesPattern('[a-z]{1,400}', value, budget))
    expect(results.slice(0, 3)).toEqual(['yes', 'yes', 'yes'])
    expect(results.at(-1)).toBe('tooCostly')
  })

  it('of each provider in the catalogue is supported', () => {
    const patterns = PROVIDERS.flatMap(({ definition }) => patternsIn(definition))
    expect(patterns.length).toBeGreaterThan(5)
    expect(patterns.filter((pattern) => patternProblem(pattern) !== undefined)).toEqual([])
  })
})

function patternsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'pattern' && typeof item === 'string' ? [item] : patternsIn(item),
  )
}
