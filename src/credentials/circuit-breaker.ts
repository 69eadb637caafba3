import type { Egress } from '../egress/egress.ts'
import { BoundedMap } from '../kit/bounded-map.ts'

/**
 * Tracks which token endpoints are unavailable. A host that fails five times in a row is paused for a second. After the
 * pause, each of its integrations may try one renewal; a failure doubles the pause, up to a minute, and a success ends it.
 * Only renewals ahead of time are held back: a caller that needs a token now is not.
 */
export interface CircuitBreaker {
  /** Wraps an egress to count the failures of the hosts at which an integration's credentials are renewed. */
  observe(egress: Egress, integrationId: string): Egress
  /** How many renewals ahead of time each integration may run at once. Integrations without a limit are absent. */
  limits(): ReadonlyMap<string, number>
}

interface Host {
  failures: number
  /** By the clock of `now`. Undefined: the host is not paused. */
  pausedUntilMs?: number
  pauseMs: number
  integrations: Set<string>
}

const MAX_FAILING_HOSTS = 10_000

const FAILURES = 5
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** @param now a monotonic clock, in milliseconds */
export function createCircuitBreaker(now: () => number = () => performance.now()): CircuitBreaker {
  /** Hosts that have failed since their last success. */
  const hosts = new BoundedMap<string, Host>({ max: MAX_FAILING_HOSTS })

  function failed(name: string, integrationId: string): void {
    const host = hosts.get(name) ?? { failures: 0, pauseMs: FIRST_PAUSE_MS / 2, integrations: new Set() }
    hosts.set(name, host)
    host.integrations.add(integrationId)
    host.failures += 1
    // Requests that were in flight when the pause began must not prolong it.
    if (host.failures < FAILURES || (host.pausedUntilMs !== undefined && host.pausedUntilMs > now())) return
    host.pauseMs = Math.min(host.pauseMs * 2, LONGEST_PAUSE_MS)
    host.pausedUntilMs = now() + host.pauseMs
  }

  return {
    observe(egress, integrationId) {
      return {
        close: () => egress.close(),
        async send(request) {
          const host = URL.parse(String(request.url))?.host ?? ''
          try {
            const response = await egress.send(request)
            if (response.status >= 500 || response.status === 429) failed(host, integrationId)
            else hosts.delete(host)
            return response
          } catch (error) {
            failed(host, integrationId)
            throw error
          }
        },
      }
    },
    limits() {
      const limits = new Map<string, number>()
      for (const [, { pausedUntilMs, integrations }] of hosts.entries()) {
        if (pausedUntilMs === undefined) continue
        const limit = pausedUntilMs > now() ? 0 : 1
        for (const id of integrations) limits.set(id, Math.min(limit, limits.get(id) ?? limit))
      }
      return limits
    },
  }
}
