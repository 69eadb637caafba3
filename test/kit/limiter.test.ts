import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/kit/limiter.ts'

describe('createLimiter', () => {
  /** Work that runs until the test ends it. */
  function worker() {
    const limiter = createLimiter(2)
    const begun: string[] = []
    const ends: PromiseWithResolvers<string>[] = []
    const add = (name: string, word: string) => {
      const end = Promise.withResolvers<string>()
      ends.push(end)
      return limiter.run(name, () => {
        begun.push(word)
        return end.promise
      })
    }
    return { begun, ends, add, limiter }
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  it('runs two pieces of work of one name at once, later ones in order, and other names independently', async () => {
    const { begun, ends, add, limiter } = worker()
    const all = ['a', 'b', 'c', 'd'].map((word) => add('one', word))
    const other = add('another', 'e')
    await settled()
    expect(begun).toEqual(['a', 'b', 'e'])
    expect([limiter.size, limiter.count('one'), limiter.count('none')]).toEqual([3, 2, 0])
    expect([...limiter.counts()]).toEqual([
      ['one', 2],
      ['another', 1],
    ])
    const idle = limiter.idle()
    ends[1]?.resolve('the second')
    expect(await all[1]).toBe('the second')
    await settled()
    expect(begun).toEqual(['a', 'b', 'e', 'c'])
    for (const end of ends) end.resolve('over')
    await Promise.all([...all, other])
    await idle
    expect(limiter.size).toBe(0)
    expect(begun).toEqual(['a', 'b', 'e', 'c', 'd'])
  })

  it('continues after work that failed', async () => {
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
