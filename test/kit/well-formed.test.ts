import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { illFormedText } from '../../src/kit/input.ts'

function nested(levels: number): unknown {
  let value: unknown = 'leaf'
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

describe('illFormedText', () => {
  it.each([
    null,
    undefined,
    true,
    '',
    'text with emoji 👩‍🚀 and é',
    0,
    -1.5,
    1e-300,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    [],
    {},
    { a: [{ b: 'c' }, [], {}], d: null },
    nested(100),
  ])('accepts %o', (value) => {
    expect(illFormedText(value)).toBeNull()
  })

  it.each([
    ['a\0b', 'contains a NUL character'],
    ['\ud800', 'contains half of a surrogate pair'],
    ['\udc00\ud800', 'contains half of a surrogate pair'],
    [2 ** 53, 'is a whole number beyond 9007199254740991, send it as a string'],
    [-(2 ** 53), 'is a whole number beyond 9007199254740991, send it as a string'],
    [1e300, 'is a whole number beyond 9007199254740991, send it as a string'],
    [Number.NaN, 'is not a finite number'],
    [Number.POSITIVE_INFINITY, 'is not a finite number'],
    [Number.NEGATIVE_INFINITY, 'is not a finite number'],
  ])('finds %j at any place in the value', (value, reason) => {
    expect(illFormedText(value)).toEqual({ path: [], reason })
    expect(illFormedText([1, value])).toEqual({ path: [1], reason })
    expect(illFormedText({ a: { b: [0, { c: value }] }, d: 1 })).toEqual({ path: ['a', 'b', 1, 'c'], reason })
    expect(illFormedText({ before: [[]], a: value })).toEqual({ path: ['a'], reason })
  })

  it('finds values that have no JSON form', () => {
    for (const value of [1n, Symbol('s'), () => 1]) {
      expect(illFormedText({ a: [value] })).toEqual({ path: ['a', 0], reason: 'is not JSON' })
    }
  })

  it.each([
    ['x\0', 'has a key that contains a NUL character'],
    ['\udfff', 'has a key that contains half of a surrogate pair'],
    ['__proto__', 'has a key that is "__proto__"'],
  ])('finds the key %j and returns the path of its object', (key, reason) => {
    expect(illFormedText({ list: [{ good: 1, [key]: 1 }] })).toEqual({ path: ['list', 0], reason })
  })

  it('finds the first of several errors', () => {
    expect(illFormedText(['ok', { a: '\0' }, '\ud800'])?.path).toEqual([1, 'a'])
  })

  it('finds the 101st level of nesting', () => {
    const found = illFormedText(nested(101))
    expect(found?.reason).toBe('is nested more than 100 levels deep')
    expect(found?.path).toHaveLength(100)
  })

  it('terminates for a value that contains itself', () => {
    const loop: Record<string, unknown> = {}
    loop['a'] = [loop, loop]
    expect(illFormedText(loop)?.reason).toBe('is nested more than 100 levels deep')
  })

  it('terminates for a small value that expands to billions of parts', () => {
    let value: unknown = []
    for (let level = 0; level < 60; level += 1) value = [value, value]
    expect(illFormedText(value)?.reason).toBe('holds more than 1000000 values')
  })

  it('accepts only values that UTF-8 and JSON preserve', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.string({ unit: 'binary' }), (value, text) => {
        fc.pre(illFormedText([value, text]) === null)
        expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text)
        expect(text).not.toContain('\0')
      }),
    )
  })
})
