import type { Clock } from '../kit/time.ts'
import { FAILURES, type ProviderFailure } from './verdict.ts'

interface Backoff {
  /** Average wait after the first failure. */
  baseMs: number
  /** Longest wait. */
  maxMs: number
}

/** How long each kind of request waits before it is repeated when the provider does not say how long. */
export const BACKOFF = {
  /** A request that a caller of the API waits for. */
  callerRequest: { baseMs: 300, maxMs: 10_000 },
  syncPage: { baseMs: 500, maxMs: 120_000 },
  syncRateLimit: { baseMs: 5_000, maxMs: 15 * 60_000 },
  /** A login or token request that a caller waits for: 0.2 to 0.5 s, then up to 1 s. */
  credentialNow: { baseMs: 350, maxMs: 1_000 },
  /** Renewals, code exchanges, requests after connecting, and revocations. */
  credential: { baseMs: 750, maxMs: 10 * 60_000 },
} as const satisfies Record<string, Backoff>

/**
 * Exponential backoff with jitter: the wait doubles with each failure and is multiplied by a random factor from 0.5 to 1.5,
 * so that many clients do not return at the same moment.
 *
 * @param failures how many times the work has failed; 0 gives half of the first wait
 * @param random from 0 up to 1
 */
export function backoffMs(failures: number, { baseMs, maxMs }: Backoff, random = Math.random): number {
  return Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30) * (0.5 + random()))
}

/** How often a request is repeated, and after which waits. */
export interface RetryPolicy {
  /** How often a request is sent at most, the first time included. */
  tries: number
  backoff: Backoff
  /** While the provider is unavailable, the request is repeated for this long, however often. Default: `tries` times. */
  outageMs?: number
  /** Rate limits are counted apart from other failures: how often one is waited for, and how long. Default: not apart. */
  rateLimit?: { waits: number; backoff: Backoff }
  /** Longest single wait. What happens when the provider asks for a longer one: it is shortened, or the request has failed. */
  maxWaitMs: number
  longerWait: 'shorten' | 'fail'
  /** Longest sum of all waits; a wait beyond it is a failure. Default: no limit. */
  maxTotalWaitMs?: number
}

/** What the limits of a policy have counted. A later call that gets it continues the counting. Plain JSON. */
export interface RetryState {
  failures: number
  outages: number
  limits: number
  waitedMs: number
  outageLeftMs: number
}

/** A failed request that will be repeated. */
export interface Retry {
  /** Why the request failed. Contains no secret. */
  reason: string
  retryAt: Date
  /** 1 for the first repetition of this request. */
  attempt: number
  waitMs: number
  kind: 'rate_limit' | 'unavailable' | 'failure'
  /** For a call that repeats the request after the wait, in place of this one. */
  state: RetryState
}

interface RetryContext<T> {
  policy: RetryPolicy
  clock: Clock
  signal: AbortSignal
  /** Whether there is time to wait for so long and to do the work once more. Default: the policy alone decides. */
  mayWait?: ((waitMs: number) => boolean) | undefined
  /** Called before each wait. What it throws ends the call without the wait. */
  onRetry?: ((retry: Retry) => Promise<void>) | undefined
  /** The state of the call that this one continues after its wait. Default: this is the first call. */
  resume?: RetryState | undefined
  /** Called with an outcome that will not be used, before the work is repeated. */
  discard?: ((outcome: T) => Promise<void>) | undefined
}

interface Outcome {
  /** Null: the work has succeeded. */
  failure: ProviderFailure | null
  /** Whether this work can be repeated at all. Default: true. */
  repeatable?: boolean
}

/**
 * Repeats work with a provider while it fails in a way that may pass and the policy allows it. Waits as long as the provider
 * asks for, or else with exponential backoff.
 *
 * @param work called with the number of earlier failures
 * @returns the last outcome, and how often the work was done
 * @throws what `work` and `onRetry` throw; the signal's reason
 */
export async function withRetries<T extends Outcome>(
  { policy, clock, signal, mayWait, onRetry, discard, resume }: RetryContext<T>,
  work: (failures: number) => Promise<T>,
): Promise<{ outcome: T; tries: number }> {
  const { backoff, outageMs, rateLimit, maxWaitMs, longerWait, maxTotalWaitMs = Number.POSITIVE_INFINITY } = policy
  const begun: RetryState = { failures: 0, outages: 0, limits: 0, waitedMs: 0, outageLeftMs: outageMs ?? 0 }
  let { failures, outages, limits, waitedMs, outageLeftMs } = resume ?? begun
  for (;;) {
    signal.throwIfAborted()
    const outcome = await work(failures + outages + limits)
    const { failure } = outcome
    const tries = failures + outages + limits + 1
    if (failure === null || outcome.repeatable === false || !FAILURES[failure.as].retryable) return { outcome, tries }
    const limited = rateLimit !== undefined && failure.as === 'rate_limit'
    const outage = !limited && outageMs !== undefined && failure.unavailable === true
    if (limited) limits += 1
    else if (outage) outages += 1
    else failures += 1
    const isLast = outage ? outageLeftMs <= 0 : limited ? limits > rateLimit.waits : failures >= policy.tries
    if (isLast) return { outcome, tries }
    const defaultMs = limited
      ? backoffMs(limits, rateLimit.backoff, clock.random)
      : backoffMs(outage ? outages : failures, backoff, clock.random)
    const askedMs = failure.retryAfterMs ?? defaultMs
    const waitMs = Math.min(askedMs, maxWaitMs, outage ? outageLeftMs : Number.POSITIVE_INFINITY)
    if (outage) outageLeftMs -= waitMs
    const tooLong = waitedMs + waitMs > maxTotalWaitMs || (longerWait === 'fail' && askedMs > maxWaitMs)
    if (tooLong || mayWait?.(waitMs) === false) return { outcome, tries }
    await discard?.(outcome)
    waitedMs += waitMs
    await onRetry?.({
      reason: reasonOf(failure),
      retryAt: new Date(clock.now() + waitMs),
      attempt: tries,
      waitMs,
      kind: limited ? 'rate_limit' : outage ? 'unavailable' : 'failure',
      state: { failures, outages, limits, waitedMs, outageLeftMs },
    })
    await clock.sleep(waitMs, signal)
  }
}

function reasonOf({ message, providerMessage }: ProviderFailure): string {
  return providerMessage === undefined ? message : `${message} ${providerMessage}`
}
