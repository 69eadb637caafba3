/** Shares one running call among all callers with the same key. */
export interface SingleFlight<T> {
  /** Returns the running call of that key, or starts `work`. */
  run(key: string, work: () => Promise<T>): Promise<T>
  /** The running call of that key; undefined when there is none. */
  get(key: string): Promise<T> | undefined
  /** The number of running calls. */
  readonly size: number
  /** Resolves when the calls that run now have ended. Never rejects. */
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
