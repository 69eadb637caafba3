export interface Wake {
  now(): void
  /** Resolves after `ms`, or at once when `now` was called since the last wait. */
  wait(ms: number): Promise<void>
}

/** Lets one loop sleep until there is something to do. */
export function createWake(): Wake {
  let called = false
  let resolve: (() => void) | undefined
  return {
    now() {
      called = true
      resolve?.()
    },
    async wait(ms) {
      if (!called) {
        await new Promise<void>((done) => {
          const timer = setTimeout(done, ms)
          resolve = () => {
            clearTimeout(timer)
            done()
          }
        })
      }
      called = false
      resolve = undefined
    },
  }
}
