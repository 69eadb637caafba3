/** Limits how much work runs at the same time, by name, within this process. */
interface Limiter {
  /** Runs `work` now, or when earlier work of that name has ended, in the order of the calls. Settles as `work` does. */
  run<T>(name: string, work: () => Promise<T>): Promise<T>
  /** The number of running pieces of work of that name. */
  count(name: string): number
  /** The number of running pieces of work by name. Names without any are absent. */
  counts(): ReadonlyMap<string, number>
  /** The number of running pieces of work of all names. */
  readonly size: number
  /** Resolves when no work runs and none waits. */
  idle(): Promise<void>
}

interface Lane {
  running: number
  waiting: (() => void)[]
}

/** @param perName the most concurrent pieces of work of one name; at least 1 */
export function createLimiter(perName: number): Limiter {
  /** Lanes that have running work. */
  const lanes = new Map<string, Lane>()
  const idle: (() => void)[] = []
  let size = 0

  return {
    async run(name, work) {
      const lane = lanes.get(name) ?? { running: 0, waiting: [] }
      lanes.set(name, lane)
      if (lane.running < perName) {
        lane.running += 1
        size += 1
      } else await new Promise<void>((resolve) => lane.waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = lane.waiting.shift()
        // The next piece of work takes over the place, so that a later call cannot take it first.
        if (next !== undefined) next()
        else {
          lane.running -= 1
          size -= 1
        }
        if (lane.running === 0) lanes.delete(name)
        if (size === 0) for (const resolve of idle.splice(0)) resolve()
      }
    },
    count: (name) => lanes.get(name)?.running ?? 0,
    counts: () => new Map([...lanes].map(([name, { running }]) => [name, running])),
    get size() {
      return size
    },
    idle: () => (size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  }
}
