import { addDuration, parseDuration } from './time.ts'

const EVERY_MS = 60 * 60 * 1000

export interface Retention {
  start(): void
  /** Ends after the batch that it is at. */
  stop(): Promise<void>
}

interface RetentionOptions {
  /** How long things are kept, an ISO 8601 duration. */
  keep: string
  /** Removes what is older, in batches; begins no other one once `signal` is aborted. */
  remove(before: Date, signal: AbortSignal): Promise<void>
  /** A failure. What is left is tried again the next time. */
  onError(error: unknown): void
  /** Default: an hour. */
  everyMs?: number | undefined
}

/**
 * Removes what is old, at the start and then from time to time.
 * @throws InvalidDurationError
 */
export function createRetention({ keep, remove, onError, everyMs = EVERY_MS }: RetentionOptions): Retention {
  const duration = parseDuration(keep)
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  const run = () => {
    const now = new Date()
    // A calendar duration back from now is as long as the same one forward, to within a leap day.
    const before = new Date(now.getTime() - (addDuration(now, duration).getTime() - now.getTime()))
    running ??= remove(before, stopping.signal)
      .catch(onError)
      .finally(() => {
        running = undefined
      })
  }
  return {
    start() {
      timer = setInterval(run, everyMs)
      timer.unref()
      run()
    },
    async stop() {
      stopping.abort()
      clearInterval(timer)
      await running
    },
  }
}
