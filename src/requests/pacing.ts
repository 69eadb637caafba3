import { RateLimitedError } from '../kit/errors.ts'
import type { Clock } from '../kit/time.ts'

/**
 * Keeps the requests to each integration under the rate that its definition names. One whose definition names none is
 * not held up: nobody has said that its connections share a limit, and most providers count each account apart.
 */
export interface Pacer {
  /**
   * Resolves when the next request of this integration may go out. Rejects with the signal's reason.
   * @param maxWaitMs who would wait longer takes no place: RateLimitedError. Default: no limit
   */
  wait(
    integrationId: string,
    requestsPerSecond: number | undefined,
    signal: AbortSignal,
    maxWaitMs?: number,
  ): Promise<void>
  /**
   * The provider asked for fewer requests: none of this integration goes out for so long, at most LONGEST_PAUSE_MS. What
   * waits already is not called back.
   */
  pause(integrationId: string, requestsPerSecond: number | undefined, ms: number): Promise<void>
}

/** An account that is out of requests for an hour must not stop the others for as long: they are told by themselves. */
export const LONGEST_PAUSE_MS = 60_000

/** More than this many are looked through for those that are over. */
const SWEEP_SIZE = 1_000

/** For one process: others do not know of its requests. */
export function createPacer(clock: Clock): Pacer {
  /** When the next request of an integration may go out. */
  const free = new Map<string, number>()
  return {
    async wait(integrationId, requestsPerSecond, signal, maxWaitMs = Number.POSITIVE_INFINITY) {
      if (requestsPerSecond === undefined) return
      const now = clock.now()
      if (free.size > SWEEP_SIZE) for (const [id, at] of free) if (at <= now) free.delete(id)
      const at = Math.max(now, free.get(integrationId) ?? 0)
      if (at - now > maxWaitMs) throw tooManyWait(at - now)
      // The place is taken before the wait, so that those who come meanwhile queue behind it.
      free.set(integrationId, at + 1000 / requestsPerSecond)
      if (at > now) await clock.sleep(at - now, signal)
    },
    async pause(integrationId, requestsPerSecond, ms) {
      if (requestsPerSecond === undefined) return
      const until = clock.now() + Math.min(ms, LONGEST_PAUSE_MS)
      free.set(integrationId, Math.max(until, free.get(integrationId) ?? 0))
    },
  }
}

export function tooManyWait(waitMs: number): RateLimitedError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000)
  return new RateLimitedError(
    `More requests wait for this integration than its rate lets through. Try again in ${retryAfterSeconds} seconds.`,
    { retryAfterSeconds },
  )
}
