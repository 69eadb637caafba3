import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createLoop, type Loop, type LoopOptions } from '../../src/kit/loop.ts'

const LONG_MS = 60_000
const loops: Loop[] = []

function loop(options: Partial<LoopOptions> & Pick<LoopOptions, 'work'>): Loop {
  const made = createLoop({ everyMs: LONG_MS, onError: () => undefined, ...options })
  loops.push(made)
  return made
}

/** Work that counts its runs and lets a test wait for the next one. */
function counted(run: (count: number) => unknown = () => undefined) {
  let count = 0
  const waiting: (() => void)[] = []
  return {
    get count() {
      return count
    },
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
    work: async () => {
      count += 1
      for (const resolve of waiting.splice(0)) resolve()
      return run(count)
    },
  }
}

afterEach(async () => {
  await Promise.all(loops.splice(0).map((each) => each.stop()))
})

describe('createLoop', () => {
  it('runs the work at the start and then at its interval', async () => {
    const work = counted()
    loop({ ...work, work: work.work, everyMs: 5 }).start()
    await work.next()
    await work.next()
    expect(work.count).toBeGreaterThanOrEqual(2)
  })

  it('waits for the first interval when runAtStart is false', async () => {
    const work = counted()
    loop({ work: work.work, runAtStart: false }).start()
    await sleep(20)
    expect(work.count).toBe(0)
  })

  it('runs again at once while the work reports more to do', async () => {
    const work = counted((count) => count < 5)
    const made = loop({ work: work.work })
    made.start()
    while (work.count < 5) await work.next()
    await made.stop()
    expect(work.count).toBe(5)
  })

  it('runs when it is woken, and once more for any number of wake-ups during a run', async () => {
    const gate = Promise.withResolvers<void>()
    const work = counted((count) => (count === 1 ? gate.promise : undefined))
    const made = loop({ work: work.work })
    made.start()
    for (let wakes = 0; wakes < 10; wakes += 1) made.wake()
    expect(work.count).toBe(1)
    const second = work.next()
    gate.resolve()
    await second
    await sleep(20)
    expect(work.count).toBe(2)
    const third = work.next()
    made.wake()
    await third
    expect(work.count).toBe(3)
  })

  it('never runs the work twice at the same time', async () => {
    let running = 0
    let most = 0
    const made = loop({
      everyMs: 1,
      work: async () => {
        running += 1
        most = Math.max(most, running)
        await sleep(3)
        running -= 1
      },
    })
    made.start()
    for (let wakes = 0; wakes < 20; wakes += 1) {
      made.wake()
      await sleep(1)
    }
    expect(most).toBe(1)
  })

  it('reports each failure, waits longer after each one, and returns to its interval after a success', async () => {
    const errors: unknown[] = []
    const at: number[] = []
    const work = counted((count) => {
      at.push(performance.now())
      if (count <= 4) throw new Error(`failure ${count}`)
    })
    const made = loop({ work: work.work, everyMs: 10, maxBackoffMs: 40, onError: (error) => errors.push(error) })
    made.start()
    while (work.count < 6) await work.next()
    expect(errors.map(String)).toEqual([1, 2, 3, 4].map((count) => `Error: failure ${count}`))
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    // A timer may fire a millisecond early.
    for (const [index, least] of [10, 20, 40, 40, 10].entries()) expect(waits[index]).toBeGreaterThanOrEqual(least - 1)
  })

  it('stop aborts the signal and waits for the current run', async () => {
    let ended = false
    const made = loop({
      work: (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', async () => {
            await sleep(10)
            ended = true
            resolve(true)
          })
        }),
    })
    made.start()
    await made.stop()
    expect(ended).toBe(true)
  })

  it('runs the work outside of the async context of the request that created or woke it', async () => {
    const scope = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const work = counted(() => {
      seen.push(scope.getStore())
    })
    const made = scope.run('the creator', () => loop({ work: work.work, everyMs: 5, runAtStart: false }))
    scope.run('the creator', () => made.start())
    const first = work.next()
    scope.run('a tenant', () => made.wake())
    await first
    await work.next()
    expect(seen).toEqual([undefined, undefined])
  })

  it('does nothing before start, after stop, and on a second start', async () => {
    const work = counted()
    const made = loop({ work: work.work })
    made.wake()
    expect(work.count).toBe(0)
    made.start()
    made.start()
    expect(work.count).toBe(1)
    await made.stop()
    made.wake()
    made.start()
    await sleep(10)
    expect(work.count).toBe(1)
  })
})
