import { describe, expect, it } from 'vitest'
import { createBatcher } from '../../src/kit/batch.ts'

const idsOf = (count: number, prefix = 'id') => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

/** A read function that records the ids of each call. */
function reader() {
  const statements: string[][] = []
  const read = async (ids: readonly string[]) => {
    statements.push([...ids])
    return ids.map((id) => `row of ${id}`)
  }
  return { statements, read }
}

describe('createBatcher', () => {
  it('combines concurrent reads into one statement with each id once, and returns each result in the order of its caller', async () => {
    const shared = createBatcher()
    const { statements, read } = reader()
    const [first, second] = await Promise.all([shared.load('k', ['a', 'b'], read), shared.load('k', ['c', 'a'], read)])
    expect(first).toEqual(['row of a', 'row of b'])
    expect(second).toEqual(['row of c', 'row of a'])
    expect(statements).toEqual([['a', 'b', 'c']])
  })

  it('combines many reads of the same hundred ids into one statement', async () => {
    const shared = createBatcher()
    const { statements, read } = reader()
    const ids = idsOf(100)
    const all = await Promise.all(Array.from({ length: 16 }, () => shared.load('k', ids, read)))
    for (const found of all) expect(found).toEqual(ids.map((id) => `row of ${id}`))
    expect(statements).toEqual([ids])
  })

  it('uses several statements for many ids and for different keys', async () => {
    const shared = createBatcher()
    const { statements, read } = reader()
    await Promise.all([
      shared.load('k', idsOf(100), read),
      shared.load('k', idsOf(100, 'other'), read),
      shared.load('another', idsOf(100), read),
    ])
    expect(statements.map((ids) => ids.length)).toEqual([100, 100, 100])
  })

  it('never answers a read from a statement that began before the read', async () => {
    const shared = createBatcher()
    const [begun, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let value = 'old'
    const slow = async (ids: readonly string[]) => {
      const found = ids.map(() => value)
      begun.resolve()
      await release.promise
      return found
    }
    const before = shared.load('k', ['a'], slow)
    await begun.promise
    value = 'new'
    const after = shared.load('k', ['a'], async (ids) => ids.map(() => value))
    release.resolve()
    expect([await before, await after]).toEqual([['old'], ['new']])
  })

  it('rejects all reads of a failed statement, and no later ones', async () => {
    const shared = createBatcher()
    const fail = () => Promise.reject(new Error('away'))
    const both = [shared.load('k', ['a'], fail), shared.load('k', ['b'], fail)]
    for (const each of both) await expect(each).rejects.toThrow('away')
    const { read } = reader()
    expect(await shared.load('k', ['a'], read)).toEqual(['row of a'])
  })
})
