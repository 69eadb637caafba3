import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseJson, stringifyJson } from '../../src/kit/json.ts'
import { fitJson, LEFT_OUT_LENGTH } from '../../src/tools/fit-result.ts'

const items = (count: number) => Array.from({ length: count }, (_, id) => ({ id, text: 'x'.repeat(50) }))

it('fitJson: a value that fits is the same value', () => {
  const value = { a: [1, 'b', null, true], c: { d: {} } }
  expect(fitJson(value, 1_000, 'output')).toEqual({ value, leftOut: [], more: 0 })
  for (const each of [null, 1, true, '', [], {}])
    expect(fitJson(each, 100, 'output')).toEqual({ value: each, leftOut: [], more: 0 })
})

it('fitJson: a list loses its last items, and says how many, also deep in an object beside small fields', () => {
  const value = { total: 1_000, next: 'cursor', page: { rows: items(1_000), note: 'kept' }, last: true }
  const { value: cut, leftOut } = fitJson(value, 5_000, 'output')
  const { page, ...others } = cut as typeof value
  expect(others).toEqual({ total: 1_000, next: 'cursor', last: true })
  expect(page.note).toBe('kept')
  expect(page.rows).toEqual(items(page.rows.length))
  expect(page.rows.length).toBeGreaterThan(50)
  expect(leftOut).toEqual([{ path: 'output.page.rows', items: 1_000 - page.rows.length }])
  expect(stringifyJson(cut).length).toBeLessThanOrEqual(5_000)
})

it('fitJson: two large lists share the room', () => {
  const { value, leftOut } = fitJson({ a: items(500), b: items(500) }, 10_000, 'output')
  const { a, b } = value as { a: unknown[]; b: unknown[] }
  expect(Math.abs(a.length - b.length)).toBeLessThan(3)
  expect(leftOut.map(({ path }) => path)).toEqual(['output.a', 'output.b'])
})

it('fitJson: one large item of a list is cut itself', () => {
  const { value, leftOut } = fitJson([{ id: 1, text: 'é'.repeat(9_000) }, { id: 2 }], 1_000, 'output')
  const [first, ...others] = value as { id: number; text: string }[]
  expect(first?.id).toBe(1)
  expect(first?.text.length).toBeGreaterThan(500)
  expect(others).toEqual([])
  expect(leftOut).toEqual([
    { path: 'output.0.text', characters: 9_000 - (first?.text.length ?? 0) },
    { path: 'output', items: 1 },
  ])
})

it('fitJson: texts, escapes, half characters, many fields, deep nesting and large numbers stay JSON within the limit', () => {
  const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field-${index}`, index]))
  let deep: unknown = items(100)
  for (let level = 0; level < 100; level += 1) deep = { deep }
  const values = ['\u0001"\\\n'.repeat(5_000), '😀'.repeat(5_000), fields, deep, parseJson('[9007199254740993, 1e400]')]
  for (const value of values) {
    const { value: cut } = fitJson(value, 3_000, 'output')
    const text = stringifyJson(cut)
    expect(text.length).toBeLessThanOrEqual(3_000)
    expect(text.isWellFormed()).toBe(true)
    expect(() => JSON.parse(text)).not.toThrow()
  }
  expect(stringifyJson(fitJson(values[4], 3_000, 'output').value)).toBe('[9007199254740993,1e400]')
})

it('fitJson: a key named __proto__ stays a key', () => {
  const value = parseJson(`{ "__proto__": { "a": 1 }, "b": "${'x'.repeat(500)}" }`)
  const { value: cut } = fitJson(value, 300, 'output')
  expect(Object.keys(cut as object)).toEqual(['__proto__', 'b'])
  expect(Object.getPrototypeOf(cut)).toBe(Object.prototype)
})

it('fitJson: an object from ids to values keeps its first ones whole', () => {
  const user = (id: number) => ({ id: `U${id}`, name: `Ada ${'x'.repeat(id % 90)}`, email: `ada-${id}@example.com` })
  const users = Object.fromEntries(Array.from({ length: 1_500 }, (_, id) => [`U${id}`, user(id)]))
  const { value, leftOut } = fitJson({ users, next: 'cursor' }, 20_000, 'output')
  const kept = value as { users: object; next: string }
  const count = Object.keys(kept.users).length
  expect(kept).toEqual({ users: Object.fromEntries(Object.entries(users).slice(0, count)), next: 'cursor' })
  expect(count).toBeGreaterThan(100)
  expect(leftOut).toEqual([{ path: 'output.users', fields: 1_500 - count }])
})

it('fitJson: long names and many places do not make what is said of them long', () => {
  const texts = Object.fromEntries(Array.from({ length: 1_500 }, (_, id) => [id, 'x'.repeat(100)]))
  const { value, leftOut } = fitJson({ ['k'.repeat(20_000)]: texts }, 50_000, 'output')
  expect(stringifyJson(value).length).toBeLessThanOrEqual(50_000)
  expect(leftOut).toEqual([{ path: `output.${'k'.repeat(190)}…`, fields: expect.any(Number) }])

  const tree = (level: number): unknown =>
    level === 0
      ? items(500)
      : Object.fromEntries([1, 2, 3, 4].map((each) => [`\u0001${'k'.repeat(50)}${each}`, tree(level - 1)]))
  const { leftOut: places, more } = fitJson(tree(3), 60_000, 'output')
  expect(places).toHaveLength(20)
  expect(more).toBeGreaterThan(0)
  expect(stringifyJson({ places, more }).length).toBeLessThanOrEqual(LEFT_OUT_LENGTH)
})

it('fitJson: whatever the value, the rest of it is JSON within the limit, whose short texts are whole', () => {
  const id = fc.string({ minLength: 1, maxLength: 40 })
  const long = fc.tuple(id, fc.integer({ min: 1, max: 200 })).map(([text, times]) => text.repeat(times))
  const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.oneof(id, long, fc.integer(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 30 }),
      fc.dictionary(fc.oneof(id, long), tie('value'), { maxKeys: 80 }),
    ),
  }))
  const textsIn = (value: unknown): string[] => {
    if (typeof value === 'string') return [value]
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
  }
  fc.assert(
    fc.property(values, fc.integer({ min: 10, max: 5_000 }), (value, limit) => {
      const { value: cut, leftOut, more } = fitJson(value, limit, 'output')
      const text = stringifyJson(cut)
      expect(text.length).toBeLessThanOrEqual(limit)
      expect(leftOut.length > 0).toBe(text !== stringifyJson(value))
      expect(stringifyJson({ leftOut, more }).length).toBeLessThanOrEqual(LEFT_OUT_LENGTH)
      const whole = new Set(textsIn(value))
      for (const each of textsIn(cut)) expect(each.length > 100 || whole.has(each), each).toBe(true)
    }),
    { numRuns: 300 },
  )
})
