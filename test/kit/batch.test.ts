import { describe, expect, it } from 'vitest'
import { createBatcher } from '../../src/kit/batch.ts'

const idsOf = (count: number, prefix = 'id') => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

/** Reads that note what they were asked for. */
function reader() {
  const statements: string[][] = []
  const read = async (ids: readonly string[]) => {
    statements.push([...ids])
    return ids.map((id) => `row of ${id}`)
  }
  return { statements, read }
}

describe('Reads that are asked for at the same time', () => {
  it('are one statement, of each id once, and each has what he asked for in his order', async () => {
    const shared = createBatcher()
    const { statements, read } = reader()
    const [first, second] = await Promise.all([shared.load('k', ['a', 'b'], read), shared.load('k', ['c', 'a'], read)])
    expect(first).toEqual(['row of a', 'row of b'])
    expect(second).toEqual(['row of c', 'row of a'])
    expect(statements).toEqual([['a', 'b', 'c']])
  })

  it('are one statement where many ask for the same hundred', async () => {
    const shared = createBatcher()
    const { statements, read } = reader()
    const ids = idsOf(100)
    const all = await Promise.all(Array.from({ length: 16 }, () => shared.load('k', ids, read)))
    for (const found of all) expect(found).toEqual(ids.map((id) => `row of ${id}`))
    expect(statements).toEqual([ids])
  })

  it('are several statements where they are of many ids, or not the same to the last value', async () => {
    const shared = createBatcher()
    const { statements, read } = reader()
    await Promise.all([
      shared.load('k', idsOf(100), read),
      shared.load('k', idsOf(100, 'other'), read),
      shared.load('another', idsOf(100), read),
    ])
    expect(statements.map((ids) => ids.length)).toEqual([100, 100, 100])
  })

  it('are answered by no statement that had begun before they were asked for', async () => {
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

  it('all fail with a statement that fails, and the next ones do not', async () => {
    const shared = createBatcher()
    const fail = () => Promise.reject(new Error('away'))
    const both = [shared.load('k', ['a'], fail), shared.load('k', ['b'], fail)]
    for (const each of both) await expect(each).rejects.toThrow('away')
    const { read } = reader()
    expect(await shared.load('k', ['a'], read)).toEqual(['row of a'])
  })
})
