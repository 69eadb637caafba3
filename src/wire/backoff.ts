interface BackoffPolicy {
  /** Average wait after the first failure. */
  baseMs: number
  /** Longest wait. */
  maxMs: number
}

/** How long each kind of request waits before it is repeated when the provider does not say how long. */
export const BACKOFF = {
  /** A request that a caller of the API waits for. */
  callerRequest: { baseMs: 300, maxMs: 10_000 },
  syncPage: { baseMs: 500, maxMs: 3_600_000 },
  syncRateLimit: { baseMs: 5_000, maxMs: 3_600_000 },
  login: { baseMs: 300, maxMs: 2_000 },
  /** Renewals, code exchanges, requests after connecting, and revocations. */
  credential: { baseMs: 750, maxMs: 10 * 60_000 },
} as const satisfies Record<string, BackoffPolicy>

/**
 * Exponential backoff with jitter: the wait doubles with each failure and is multiplied by a random factor from 0.5 to 1.5,
 * so that many clients do not return at the same moment.
 *
 * @param failures how many times the work has failed; 0 gives half of the first wait
 * @param random from 0 up to 1
 */
export function backoffMs(failures: number, { baseMs, maxMs }: BackoffPolicy, random = Math.random): number {
  return Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30) * (0.5 + random()))
}
