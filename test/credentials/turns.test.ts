import { describe, expect, it } from 'vitest'
import { createTurns } from '../../src/credentials/renewer.ts'

describe('Turns', () => {
  /** Work that goes on until it is told to end. */
  function worker() {
    const inTurn = createTurns(2)
    const begun: string[] = []
    const ends: PromiseWithResolvers<string>[] = []
    const add = (name: string, word: string) => {
      const end = Promise.withResolvers<string>()
      ends.push(end)
      return inTurn(name, () => {
        begun.push(word)
        return end.promise
      })
    }
    return { begun, ends, add }
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  it('let so many of one name run at once, the others in order, and those of other names beside them', async () => {
    const { begun, ends, add } = worker()
    const all = ['a', 'b', 'c', 'd'].map((word) => add('one', word))
    const other = add('another', 'e')
    await settled()
    expect(begun).toEqual(['a', 'b', 'e'])
    ends[1]?.resolve('the second')
    expect(await all[1]).toBe('the second')
    await settled()
    expect(begun).toEqual(['a', 'b', 'e', 'c'])
    for (const end of ends) end.resolve('over')
    await Promise.all([...all, other])
    expect(begun).toEqual(['a', 'b', 'e', 'c', 'd'])
  })

  it('go on after work that failed', async () => {
    const { begun, ends, add } = worker()
    const all = ['a', 'b', 'c'].map((word) => add('one', word))
    ends[0]?.reject(new Error('It failed.'))
    await expect(all[0]).rejects.toThrow('It failed.')
    await settled()
    expect(begun).toEqual(['a', 'b', 'c'])
    for (const end of ends) end.resolve('over')
    await Promise.allSettled(all)
    const after = add('one', 'd')
    ends[3]?.resolve('over')
    expect(await after).toBe('over')
  })
})
