import { type Clock, systemClock } from '../kit/time.ts'
import { RenewalError } from './renewal-error.ts'
import { BACKOFF, type RetryPolicy, withRetries } from './retry.ts'
import type { ProviderFailure } from './verdict.ts'

/** How long a login, token or code request is repeated while somebody waits for its result. */
interface RepeatPolicy {
  /** How often the request is sent at most, the first time included. */
  tries: number
  backoff: RetryPolicy['backoff']
  /** No repetition begins later than this after the first failure. */
  withinMs: number
  /** No repetition begins after this part of the time limit, so that the last try has time for its answer. */
  share: number
  /** Which failures are repeated. */
  repeats(error: RenewalError): boolean
}

/** Only answers are repeated: after a lost connection or a time-out, a refresh token may have been spent. */
const RENEWAL: RepeatPolicy = {
  tries: 4,
  backoff: BACKOFF.credentialNow,
  withinMs: 2_000,
  share: 0.5,
  repeats: (error) => error.unavailable,
}

/**
 * A code usually lives for at least a minute, and the user would have to consent again. Sending a code twice is safe: if the
 * provider has already used it, it rejects the code and revokes its tokens (RFC 6749 section 4.1.2).
 */
export const CODE_EXCHANGE: RepeatPolicy = {
  tries: 4,
  backoff: BACKOFF.credential,
  withinMs: Number.POSITIVE_INFINITY,
  share: 0.9,
  repeats: (error) => error.reason === 'PROVIDER_UNAVAILABLE',
}

interface RepeatOptions {
  /** Time limit of all tries together. */
  timeoutMs: number
  /** Ends a wait: the failure before it is thrown. */
  signal?: AbortSignal | undefined
  /** Default: a clock that never jumps. */
  clock?: Clock
  /** Default: a renewal. */
  policy?: RepeatPolicy
}

const steadyClock: Clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() }

type Outcome<T> = { failure: null; value: T } | { failure: ProviderFailure; repeatable: boolean }

/**
 * Repeats a request for a credential while the provider answers that it is not available now (`RenewalError.unavailable`): up
 * to three times, within two seconds and the first half of the time limit. Waits 0.2 to 0.5 s and then longer, or as long as
 * Retry-After asks if that fits. A login waits for a Retry-After up to half of the time limit.
 *
 * @param request sends the request once. `timeoutMs` is what is left of the time limit
 * @throws what the last `request` throws
 */
export async function repeatWhileUnavailable<T>(
  { timeoutMs, signal = new AbortController().signal, clock = steadyClock, policy = RENEWAL }: RepeatOptions,
  request: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  const { tries, backoff, withinMs, share, repeats } = policy
  const startMs = clock.now()
  let latestMs = startMs + timeoutMs * share
  const errors: unknown[] = []

  async function sendOnce(): Promise<Outcome<T>> {
    const leftMs = Math.max(1, Math.ceil(startMs + timeoutMs - clock.now()))
    try {
      return { failure: null, value: await request(Math.min(leftMs, timeoutMs)) }
    } catch (error) {
      const repeatable = error instanceof RenewalError && repeats(error)
      // A login that is limited succeeds after the wait that the provider asks for, and it spends nothing.
      const obeys = repeatable && error.isLogin && error.retryAfterMs !== undefined
      if (errors.length === 0 && !obeys) latestMs = Math.min(latestMs, clock.now() + withinMs)
      errors.push(error)
      return { failure: failureOf(error), repeatable }
    }
  }

  const retry: RetryPolicy = { tries, backoff, maxWaitMs: timeoutMs, longerWait: 'fail' }
  const mayWait = (waitMs: number) => clock.now() + waitMs <= latestMs
  try {
    const { outcome } = await withRetries({ policy: retry, clock, signal, mayWait }, sendOnce)
    if (outcome.failure === null) return outcome.value
    throw errors.at(-1)
  } catch (error) {
    // The signal ended a wait.
    throw errors.length === 0 ? error : errors.at(-1)
  }
}

function failureOf(error: unknown): ProviderFailure {
  // A Retry-After of 0 does not say when the provider is available.
  const retryAfterMs = error instanceof RenewalError ? error.retryAfterMs || undefined : undefined
  return { ok: false, as: 'retry', message: String(error), retryAfterMs }
}
