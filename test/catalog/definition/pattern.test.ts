import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../../src/catalog/definition/field.ts'

describe('the pattern of a field', () => {
  it.each([
    ['[a-z]+', 'abc', 'yes'],
    ['[a-z]+', 'abc1', 'no'],
    ['[a-z]+', 'abc\n', 'no'],
    ['a|b', 'ab', 'no'],
    ['\\p{L}+', 'ü', 'yes'],
    ['.*', 'a'.repeat(8 * 1024 + 1), 'tooLong'],
    ['(a+)+', `${'a'.repeat(64)}!`, 'tooSlow'],
    ['(a|a)*', `${'a'.repeat(64)}!`, 'tooSlow'],
    ['a*'.repeat(20), `${'a'.repeat(200)}!`, 'tooSlow'],
    ['https?://.+', `https://${'a'.repeat(8_000)}`, 'yes'],
    ['[(+*]+\\)*', '(+*)', 'yes'],
  ])('%s is matched against the whole value', (pattern, value, expected) => {
    expect(matchesPattern(pattern, value)).toBe(expected)
  })
})
