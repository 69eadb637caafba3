import { describe, expect, it } from 'vitest'
import { parseJson, stringifyJson } from '../../src/kit/json.ts'
import { parseJsonItems } from '../../src/kit/json-items.ts'
import { randomOf } from '../support/random.ts'

const NUMBERS = [
  '0',
  '-0',
  '7',
  '-12',
  '1.5',
  '1.50',
  '0.1',
  '1e3',
  '1E3',
  '1e21',
  '1e-7',
  '0.0000001',
  '1e400',
  '12345678901234567890',
]
const STRINGS = [
  '""',
  '"a"',
  '"\\n"',
  '"\\""',
  '"\\\\"',
  '"\\/"',
  '"\\u0041"',
  '"\\u0000"',
  '"\\ud800"',
  '"é😀"',
  '"]}"',
  '"x\\\\\\""',
]
const KEYS = ['"id"', '"name"', '"a"', '"1"', '"__proto__"', '"\\u0061"', '"data"', '"a b"']
const INVALID = ['{', '}', '[', ']', ',', ':', '"', '\\', 'x', '\n', '-', '']

/** The text of a random value, mostly as JSON.stringify writes it. */
function textOf(random: () => number, depth: number, unusual: number): string {
  const pick = (list: readonly string[], usual: number) =>
    list[Math.floor(random() * (random() < unusual ? list.length : usual))] ?? ''
  const space = () => (random() < unusual / 4 ? ' ' : '')
  const kind = depth === 0 ? random() * 0.6 : random()
  if (kind < 0.2) return pick(NUMBERS, 1)
  if (kind < 0.5) return pick(STRINGS, 5)
  if (kind < 0.6) return pick(['true', 'false', 'null'], 3)
  const length = Math.floor(random() * 4)
  if (kind < 0.7) {
    return `[${Array.from({ length }, () => space() + textOf(random, depth - 1, unusual) + space()).join()}]`
  }
  const keys = Array.from({ length }, (_, index) => (random() < unusual ? pick(KEYS, KEYS.length) : `"k${index}"`))
  return `{${keys.map((key) => `${space()}${key}${space()}:${space()}${textOf(random, depth - 1, unusual)}`).join()}}`
}

const outcomeOf = (parse: () => unknown): string => {
  try {
    return stringifyJson(parse())
  } catch (error) {
    return String(error)
  }
}

describe('parseJsonItems', () => {
  it('gives the same value as parseJson, and items as JSON.stringify writes them', () => {
    const random = randomOf(7)
    let known = 0
    for (let round = 0; round < 4_000; round += 1) {
      const unusual = round % 2 === 0 ? 0.1 : 0
      const items = Array.from({ length: Math.floor(random() * 4) }, () => textOf(random, 3, unusual))
      const list = `[${items.join()}]`
      const text =
        round % 3 === 0
          ? list
          : `{"next":${textOf(random, 1, unusual)},"data":${list},"k":${textOf(random, 1, unusual)}}`
      const { value, texts } = parseJsonItems(text, round % 3 === 0 ? [] : ['data'])
      expect(stringifyJson(value)).toBe(stringifyJson(parseJson(text)))
      const parsed = round % 3 === 0 ? value : (value as { data: unknown }).data
      const expected = (parsed as unknown[]).map(stringifyJson)
      if (texts === undefined) continue
      expect(texts).toHaveLength(expected.length)
      for (const [index, item] of texts.entries()) {
        if (item === undefined) continue
        known += 1
        expect(item).toBe(expected[index])
      }
      if (unusual === 0) expect(texts).toEqual(expected)
    }
    expect(known).toBeGreaterThan(4_000)
  })

  it('refuses what parseJson refuses, with the same error', () => {
    const random = randomOf(11)
    let refused = 0
    for (let round = 0; round < 4_000; round += 1) {
      const text = `{"data":[${textOf(random, 3, 0.1)},${textOf(random, 3, 0.1)}]}`
      const at = Math.floor(random() * text.length)
      const change = INVALID[Math.floor(random() * INVALID.length)] ?? ''
      const broken = random() < 0.2 ? text.slice(0, at) : text.slice(0, at) + change + text.slice(at + 1)
      const expected = outcomeOf(() => parseJson(broken))
      if (/Error/.test(expected)) refused += 1
      expect(outcomeOf(() => parseJsonItems(broken, ['data']).value)).toBe(expected)
    }
    expect(refused).toBeGreaterThan(1_000)
  })

  it.each([
    ['a list that is there twice', '{"data":[1],"data":[2]}', undefined],
    ['a list at another place', '{"other":{"data":[1]}}', undefined],
    ['a list in a list', '[[{"data":[1]}]]', undefined],
    [
      'more keys than are remembered',
      `{"data":[{${Array.from({ length: 600 }, (_, key) => `"k${key}":1`).join()}}]}`,
      undefined,
    ],
    ['deep items', `{"data":[${'['.repeat(198)}${']'.repeat(198)}]}`, [`${'['.repeat(198)}${']'.repeat(198)}`]],
    ['two equal keys in an item', '{"data":[{"a":1,"a":2},{"a":1}]}', [undefined, '{"a":1}']],
    ['whole numbers as keys', '{"data":[{"b":1,"1":2}]}', [undefined]],
    ['spaces around items', ' { "data" : [ {"a":1} , {"a": 1} ] } ', ['{"a":1}', undefined]],
  ])('of %s', (_, text, texts) => {
    expect(parseJsonItems(text, ['data']).texts).toEqual(texts)
  })

  it('reads a text that is nested too deeply as parseJson does', () => {
    const text = `{"data":${'['.repeat(201)}${']'.repeat(201)}}`
    expect(() => parseJsonItems(text, ['data'])).toThrow('nested more than 200')
  })
})
