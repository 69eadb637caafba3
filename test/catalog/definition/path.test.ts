import { describe, expect, it } from 'vitest'
import { pathSchema, propertyPathSchema, readPath, withPath } from '../../../src/catalog/definition/path.ts'

describe('a path in a definition', () => {
  it.each([
    ['a dotted string', 'data.token', ['data', 'token']],
    ['a dotted string with digits, which stay a key', 'data.0', ['data', '0']],
    ['a list of keys and indexes', ['data', 0, 'token'], ['data', 0, 'token']],
    ['a key with a dot in a list', ['a.b'], ['a.b']],
    ['the empty list', [], []],
  ])('is read from %s', (_name, given, expected) => {
    expect(pathSchema.parse(given)).toEqual(expected)
  })

  it.each([
    ['an empty string', ''],
    ['an empty part', 'a..b'],
    ['an empty key', ['a', '']],
    ['a negative index', ['a', -1]],
    ['a fraction', ['a', 0.5]],
    ['a number alone', 3],
    ['an item that is neither', ['a', null]],
    ['__proto__', 'a.__proto__.b'],
    ['33 keys', Array.from({ length: 33 }, () => 'a')],
    ['nothing', undefined],
  ])('is refused when it is %s', (_name, given) => {
    expect(pathSchema.safeParse(given).success).toBe(false)
  })

  it('must not be empty where a property is expected', () => {
    expect(propertyPathSchema.safeParse([]).success).toBe(false)
  })
})

describe('readPath', () => {
  const value = { data: [{ token: 't' }], empty: null, zero: 0 }

  it.each([
    [['data', 0, 'token'], 't'],
    [['data', '0', 'token'], 't'],
    [[], value],
    [['empty'], null],
    [['zero'], 0],
    [['data', 1], undefined],
    [['empty', 'x'], undefined],
    [['zero', 'toFixed'], undefined],
    [['data', 'length'], undefined],
    [['data', 0, 'token', 0], undefined],
    [['toString'], undefined],
    [['constructor', 'name'], undefined],
    [['__proto__'], undefined],
  ])('reads %j', (path, expected) => {
    expect(readPath(value, path)).toEqual(expected)
  })
})

describe('withPath', () => {
  it.each([
    [undefined, ['a', 'b'], { a: { b: 'x' } }],
    [undefined, ['a', 0, 'b'], { a: [{ b: 'x' }] }],
    [{ a: { c: 1 } }, ['a', 'b'], { a: { c: 1, b: 'x' } }],
    [{ a: [1] }, ['a', 1], { a: [1, 'x'] }],
  ])('adds to %j at %j', (value, path, expected) => {
    expect(withPath(value, path, 'x')).toEqual({ value: expected })
  })

  it.each([
    ['the place is taken', { a: 'y' }, ['a']],
    ['the place holds null', { a: null }, ['a']],
    ['text is in the way', { a: 'y' }, ['a', 'b']],
    ['a list is in the way of a key', { a: [] }, ['a', 'b']],
    ['the list would get a hole', { a: [] }, ['a', 1]],
    ['the root is text', 'y', ['a']],
  ])('refuses when %s', (_name, value, path) => {
    expect(withPath(value, path, 'x')).toBeUndefined()
  })

  it('leaves the original unchanged', () => {
    const original = { a: { c: 1 } }
    withPath(original, ['a', 'b'], 'x')
    expect(original).toEqual({ a: { c: 1 } })
  })

  it('creates own properties for all keys and changes no prototype', () => {
    const result = withPath({}, ['__proto__', 'polluted'], 'x')
    expect(Object.keys(result?.value ?? {})).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(result?.value)).toBe(Object.prototype)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})
