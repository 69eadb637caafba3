import { describe, expect, it, vi } from 'vitest'
import type { Caller } from '../../../../src/access/caller.ts'
import { type Admission, createAdmission, EXPENSIVE_POINTS } from '../../../../src/http/graphql/limits/admission.ts'
import { RateLimitedError } from '../../../../src/kit/errors.ts'
import { callerOf } from '../../reader-key.ts'

const a = callerOf('a', 'key of a')
const b = callerOf('b', 'key of b')

/** Operations that run until they are ended. */
function operationsOf(admission: Admission) {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  return {
    begun,
    start(name: string, caller: Caller, points: number): Promise<string> {
      const { promise, resolve } = Promise.withResolvers<string>()
      ends.set(name, () => resolve(name))
      return Promise.resolve(
        admission.run(caller, points, () => {
          begun.push(name)
          return promise
        }),
      )
    },
    async end(name: string): Promise<void> {
      ends.get(name)?.()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('createAdmission', () => {
  it('begins operations within the points at once, and further ones in the order of their arrival', async () => {
    const { begun, start, end } = operationsOf(createAdmission({ pointsAtOnce: 10 }))
    for (const name of ['1', '2', '3', '4']) void start(name, a, 5)
    expect(begun).toEqual(['1', '2'])
    await end('2')
    expect(begun).toEqual(['1', '2', '3'])
    await end('1')
    expect(begun).toEqual(['1', '2', '3', '4'])
  })

  it('begins the first operation of a workspace at once, however many another one runs', () => {
    const { begun, start } = operationsOf(createAdmission({ pointsAtOnce: 10 }))
    for (let index = 0; index < 50; index += 1) void start(`a${index}`, a, 5)
    void start('b', b, 5)
    expect(begun).toEqual(['a0', 'a1', 'b'])
  })

  it('lets workspaces take turns', async () => {
    const { begun, start, end } = operationsOf(createAdmission({ pointsAtOnce: 1 }))
    for (const name of ['a1', 'a2', 'a3']) void start(name, a, 1)
    for (const name of ['b1', 'b2', 'b3']) void start(name, b, 1)
    expect(begun).toEqual(['a1', 'b1'])
    await end('a1')
    await end('b1')
    await end('a2')
    expect(begun.filter((name) => name.startsWith('b')).length).toBeGreaterThanOrEqual(2)
    expect(begun.filter((name) => name.startsWith('a')).length).toBeGreaterThanOrEqual(2)
  })

  it('leaves an iteration of the event loop when operations without a statement have taken its time', async () => {
    const admission = createAdmission({ iterationMs: 2 })
    const done: string[] = []
    const work = (name: string) => () => {
      const endsAt = performance.now() + 3
      while (performance.now() < endsAt);
      done.push(name)
    }
    const all = ['a1', 'a2', 'a3'].map((name) => admission.run(a, 1, work(name)))
    all.push(admission.run(b, 1, work('b1')))
    // The first operation of each workspace begins in any case.
    expect(done).toEqual(['a1', 'b1'])
    const nextIteration = () => new Promise((resolve) => setImmediate(resolve))
    await nextIteration()
    expect(done).toEqual(['a1', 'b1', 'a2'])
    await nextIteration()
    expect(done).toEqual(['a1', 'b1', 'a2', 'a3'])
    await Promise.all(all)
  })

  it('runs few expensive operations of one caller at once, and cheap ones beside them', async () => {
    const { begun, start, end } = operationsOf(createAdmission({ pointsAtOnce: 1_000, expensiveAtOnce: 2 }))
    for (const name of ['1', '2', '3']) void start(name, a, EXPENSIVE_POINTS)
    void start('cheap', a, 1)
    void start('another key', callerOf('a', 'another key'), EXPENSIVE_POINTS)
    expect(begun).toEqual(['1', '2'])
    await end('1')
    await vi.waitFor(() => expect(begun).toHaveLength(5))
    expect(begun.toSorted()).toEqual(['1', '2', '3', 'another key', 'cheap'])
  })

  it('refuses an operation that has waited too long, and those beyond the longest queue', async () => {
    const { start } = operationsOf(createAdmission({ pointsAtOnce: 1, maxWaitMs: 20, maxWaiting: 1 }))
    // More points than milliseconds of the wait, so that it counts for longer.
    void start('1', a, 1_000)
    const waits = start('2', a, 1)
    expect(() => start('3', a, 1)).toThrow(RateLimitedError)
    await expect(waits).rejects.toThrow(RateLimitedError)
    const again = start('4', a, 1)
    await expect(again).rejects.toThrow(RateLimitedError)
  })

  it('does not count an operation that waits for something else for longer than its points', async () => {
    const { begun, start } = operationsOf(createAdmission({ pointsAtOnce: 1 }))
    void start('slow provider', a, 1)
    const { promise, resolve } = Promise.withResolvers<void>()
    void start('next', a, 1).then(() => resolve())
    await expect.poll(() => begun).toEqual(['slow provider', 'next'])
    void promise
  })

  it('frees its place when an operation fails', async () => {
    const admission = createAdmission({ pointsAtOnce: 1 })
    const failing = Array.from({ length: 3 }, () =>
      Promise.resolve(admission.run(a, 1, () => Promise.reject(new Error('failed')))).catch(
        (error: Error) => error.message,
      ),
    )
    expect(await Promise.all(failing)).toEqual(['failed', 'failed', 'failed'])
  })
})
