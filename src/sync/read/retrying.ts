import { CredentialRefreshError } from '../../kit/errors.ts'
import type { Clock } from '../../kit/time.ts'
import { BACKOFF, backoffMs } from '../../wire/backoff.ts'
import { FAILURES, type ProviderFailure } from '../../wire/verdict.ts'
import { requestFailed } from '../jobs/sync-error.ts'

/** A failed request that will be repeated. */
export interface Retry {
  /** Why the request failed. Contains no secret. */
  reason: string
  retryAt: Date
  /** 1 for the first repetition of this request. */
  attempt: number
}

interface RetryContext {
  clock: Clock
  /** Name of the stream, for the error. */
  stream: string
  /** Called before each wait. */
  onRetry(retry: Retry): Promise<void>
  signal: AbortSignal
}

const MAX_TRIES = 5
const MAX_RATE_LIMIT_WAITS = 10
/** A longer `Retry-After` is shortened to this. */
const LONGEST_WAIT_MS = 3_600_000

/**
 * Repeats work with a provider until it succeeds: up to 5 tries for failures that may pass, and up to 10 waits for rate
 * limits. Waits as long as the provider asks for, or else with exponential backoff.
 *
 * @param work returns a failure, or rejects with an error that is not retried
 * @throws SyncFailedError with the provider's words
 * @throws CredentialRefreshError
 * @throws the signal's reason
 */
export async function retrying<T extends { ok: true }>(
  context: RetryContext,
  work: () => Promise<T | ProviderFailure>,
): Promise<T> {
  const { clock, signal } = context
  let tries = 0
  let limited = 0
  for (;;) {
    signal.throwIfAborted()
    const outcome = await attempt(work)
    if (outcome.ok) return outcome
    const { failure } = outcome
    if (failure.as === 'rate_limit') limited += 1
    else tries += 1
    if (limited > MAX_RATE_LIMIT_WAITS || tries >= MAX_TRIES || !FAILURES[failure.as].retryable) {
      throw outcome.error ?? requestFailed(context.stream, failure, tries + limited)
    }
    const defaultMs =
      failure.as === 'rate_limit'
        ? backoffMs(limited, BACKOFF.syncRateLimit, clock.random)
        : backoffMs(tries, BACKOFF.syncPage, clock.random)
    const waitMs = Math.min(failure.retryAfterMs ?? defaultMs, LONGEST_WAIT_MS)
    await context.onRetry({
      reason: failure.providerMessage === undefined ? failure.message : `${failure.message} ${failure.providerMessage}`,
      retryAt: new Date(clock.now() + waitMs),
      attempt: tries + limited,
    })
    await clock.sleep(waitMs, signal)
  }
}

async function attempt<T extends { ok: true }>(
  work: () => Promise<T | ProviderFailure>,
): Promise<T | { ok: false; failure: ProviderFailure; error?: CredentialRefreshError }> {
  try {
    const outcome = await work()
    return outcome.ok ? outcome : { ok: false, failure: outcome }
  } catch (error) {
    // The credential could not be renewed at the moment. If it never can, this error is the result.
    if (!(error instanceof CredentialRefreshError && error.retryable)) throw error
    return { ok: false, failure: { ok: false, as: 'retry', message: error.message }, error }
  }
}
