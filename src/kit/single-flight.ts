/** Shares one running call among all who ask for the same key meanwhile. */
export interface SingleFlight<T> {
  /** The running call of that key, or a new one. */
  run(key: string, work: () => Promise<T>): Promise<T>
  /** The running call of that key, if there is one. */
  get(key: string): Promise<T> | undefined
  /** How many calls run. */
  readonly size: number
  /** Resolves when the calls that run now have ended, well or badly. */
  settled(): Promise<void>
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const running = new Map<string, Promise<T>>()
  return {
    run(key, work) {
      const known = running.get(key)
      if (known !== undefined) return known
      const call = work().finally(() => {
        if (running.get(key) === call) running.delete(key)
      })
      running.set(key, call)
      return call
    },
    get: (key) => running.get(key),
    get size() {
      return running.size
    },
    async settled() {
      await Promise.allSettled(running.values())
    },
  }
}
