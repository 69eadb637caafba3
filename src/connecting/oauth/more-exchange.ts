import { setTimeout as sleep } from 'node:timers/promises'
import type { Renewal } from '../../auth/strategy.ts'
import { backoffMs } from '../../credentials/refresh-policy.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { exchangeFailed } from './flow-failure.ts'

const TRIES = 4
/** A browser waits for it. */
const WITHIN_MS = 15_000

/**
 * Exchanges what has come back for tokens, a few times while the provider is only passingly away: a code lives for a minute at
 * least, and the person would have to agree all over again. A code that the provider has used up without our hearing of it is
 * refused, and its tokens are revoked there (RFC 6749 section 4.1.2).
 * @param exchange one request of at most so many milliseconds; rejects with RenewalError
 * @throws FlowFailedError; TemplateError for an input or a kept value that is missing
 */
export async function exchangeWithin(exchange: (timeoutMs: number) => Promise<Renewal>): Promise<Renewal> {
  const deadline = performance.now() + WITHIN_MS
  for (let tries = 1; ; tries += 1) {
    try {
      return await exchange(Math.max(1_000, deadline - performance.now()))
    } catch (error) {
      if (!(error instanceof RenewalError)) throw error
      const waitMs = backoffMs(tries, error.retryAfterMs)
      const late = performance.now() + waitMs > deadline
      if (error.reason !== 'PROVIDER_UNAVAILABLE' || tries === TRIES || late) throw exchangeFailed(error)
      await sleep(waitMs)
    }
  }
}
