import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedMap } from '../../src/kit/bounded-map.ts'

describe('BoundedMap', () => {
  it('holds at most its limit, and the least recently used entry leaves first', () => {
    const map = new BoundedMap<string, number>({ max: 2 })
    map.set('a', 1)
    map.set('b', 2)
    expect(map.get('a')).toBe(1)
    map.set('c', 3)
    expect([...map.keys()]).toEqual(['a', 'c'])
    expect(map.get('b')).toBeUndefined()
  })

  it('counts a key that is written again as one entry', () => {
    const map = new BoundedMap<string, number>({ max: 2 })
    map.set('a', 1)
    map.set('b', 2)
    map.set('a', 3)
    expect([map.size, map.get('a'), map.get('b')]).toEqual([2, 3, 2])
  })

  it('hides an entry when its time is over', async () => {
    const map = new BoundedMap<string, number>({ max: 5, ttlMs: 10 })
    map.set('a', 1)
    map.set('b', 2, 60_000)
    await sleep(15)
    expect([map.has('a'), map.get('a'), map.get('b'), [...map.keys()]]).toEqual([false, undefined, 2, ['b']])
  })

  it('removes entries at their end with the option erase', async () => {
    const map = new BoundedMap<string, number>({ max: 5, ttlMs: 10, erase: true })
    map.set('a', 1)
    await sleep(5)
    map.set('b', 2)
    expect(map.size).toBe(2)
    for (let waited = 0; map.size > 0 && waited < 1_000; waited += 10) await sleep(10)
    expect(map.size).toBe(0)
  })

  it('erases an entry that ends before an older entry at its own end', async () => {
    const map = new BoundedMap<string, number>({ max: 5, erase: true })
    map.set('late', 1, 60_000)
    map.set('early', 2, 10)
    for (let waited = 0; map.size > 1 && waited < 1_000; waited += 10) await sleep(10)
    expect([...map.entries()]).toEqual([['late', 1]])
  })

  it('entries does not count as a read, and allows deleting meanwhile', () => {
    const map = new BoundedMap<string, number>({ max: 3 })
    for (const [index, key] of ['a', 'b', 'c'].entries()) map.set(key, index)
    for (const [key, value] of map.entries()) if (value === 1) map.delete(key)
    expect([...map.entries()]).toEqual([
      ['a', 0],
      ['c', 2],
    ])
  })

  it('behaves as a list ordered by use, for any operations', () => {
    const operation = fc.record({ kind: fc.constantFrom('get', 'set', 'delete'), key: fc.integer({ min: 0, max: 6 }) })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (operations, max) => {
        const map = new BoundedMap<number, number>({ max })
        let model: [number, number][] = []
        for (const [step, { kind, key }] of operations.entries()) {
          const known = model.find(([each]) => each === key)
          if (kind === 'get') {
            expect(map.get(key)).toBe(known?.[1])
            if (known !== undefined) model = [...model.filter((each) => each !== known), known]
          }
          if (kind === 'delete') {
            expect(map.delete(key)).toBe(known !== undefined)
            model = model.filter((each) => each !== known)
          }
          if (kind === 'set') {
            map.set(key, step)
            model = [...model.filter((each) => each !== known), [key, step] as [number, number]].slice(-max)
          }
          expect([...map.keys()]).toEqual(model.map(([each]) => each))
        }
      }),
    )
  })
})
