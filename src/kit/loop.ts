import { AsyncLocalStorage } from 'node:async_hooks'

/** Background work that runs repeatedly until it is stopped. */
export interface Loop {
  /** Starts the first run, or waits for the first interval; see `LoopOptions.runAtStart`. Later calls do nothing. */
  start(): void
  /** Runs the work now, or once more after the current run. Before `start`, makes `start` run it at once. */
  wake(): void
  /** Aborts the signal of the current run, starts no other run, and resolves when the current run has ended. */
  stop(): Promise<void>
}

export interface LoopOptions {
  /**
   * One run. Never runs twice at the same time.
   * @param signal aborts when the loop is stopped
   * @returns `true` to be called again at once; anything else ends the run
   */
  work(signal: AbortSignal): Promise<unknown>
  /** Called for each failed run. The loop continues. */
  onError(error: unknown): void
  /** Time from the end of a run to the next one, in milliseconds. */
  everyMs: number
  /** Failed runs double the wait from `everyMs` up to this, in milliseconds. Default: 30,000, or `everyMs` if that is longer. */
  maxBackoffMs?: number
  /** `false`: the first run comes after the first interval. Default: `true`. */
  runAtStart?: boolean
}

// A loop can be created and woken by a request. Its work must not run with that request's tenant scope or trace.
const outsideOfRequests = AsyncLocalStorage.snapshot()

/**
 * Runs work at an interval, when it is woken, and again at once while it returns `true`. A wake-up during a run is not lost.
 * The wait grows after each failed run. The timer does not keep the process alive.
 */
export function createLoop({ work, onError, everyMs, runAtStart = true, ...options }: LoopOptions): Loop {
  const maxBackoffMs = Math.max(everyMs, options.maxBackoffMs ?? 30_000)
  const stopping = new AbortController()
  let state: 'new' | 'started' | 'stopped' = 'new'
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let woken = false
  let failures = 0

  async function run(): Promise<void> {
    let again = true
    while (again && state === 'started') {
      woken = false
      try {
        again = (await work(stopping.signal)) === true
        failures = 0
      } catch (error) {
        again = false
        failures += 1
        onError(error)
      }
      again ||= woken
    }
  }

  function begin(): void {
    clearTimeout(timer)
    running = outsideOfRequests(run).finally(() => {
      running = undefined
      if (state !== 'started') return
      // A wake-up after the last check of `woken` counts too.
      if (woken) begin()
      else wait(failures === 0 ? everyMs : Math.min(everyMs * 2 ** Math.min(failures - 1, 20), maxBackoffMs))
    })
  }

  function wait(ms: number): void {
    timer = setTimeout(begin, ms)
    timer.unref()
  }

  return {
    start() {
      if (state !== 'new') return
      state = 'started'
      if (runAtStart || woken) begin()
      else wait(everyMs)
    },
    wake() {
      woken = true
      if (state === 'started' && running === undefined) begin()
    },
    async stop() {
      state = 'stopped'
      clearTimeout(timer)
      stopping.abort()
      await running
    },
  }
}
