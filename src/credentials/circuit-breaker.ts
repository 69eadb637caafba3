import type { Egress } from '../egress/egress.ts'

/**
 * Knows which token endpoints are away. One that fails several times in a row is given a pause, each twice as long as the
 * one before, up to a minute; after it one renewal of each integration tries, and what becomes of that decides. Only
 * renewals ahead of time are held back: a caller who needs a token now is not.
 */
export interface CircuitBreaker {
  /** The same egress, of which is noted how the hosts answer that an integration's credentials are renewed at. */
  observe(egress: Egress, integrationId: string): Egress
  /** How many renewals ahead of time an integration may have at once now; those without a limit are not in it. */
  limits(): ReadonlyMap<string, number>
}

interface Host {
  failures: number
  /** By the clock of `now`; undefined: it works, as far as is known. */
  pausedUntilMs?: number
  pauseMs: number
  integrations: Set<string>
}

const FAILURES = 5
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** @param now milliseconds of a clock that only goes forward */
export function createCircuitBreaker(now: () => number = () => performance.now()): CircuitBreaker {
  const hosts = new Map<string, Host>()

  function answered(name: string): void {
    hosts.delete(name)
  }

  function failed(name: string, integrationId: string): void {
    const host = hosts.get(name) ?? { failures: 0, pauseMs: FIRST_PAUSE_MS / 2, integrations: new Set() }
    hosts.set(name, host)
    host.integrations.add(integrationId)
    host.failures += 1
    // Requests that were on their way when the pause began say nothing new.
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
            else answered(host)
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
      for (const { pausedUntilMs, integrations } of hosts.values()) {
        if (pausedUntilMs === undefined) continue
        const limit = pausedUntilMs > now() ? 0 : 1
        for (const id of integrations) limits.set(id, Math.min(limit, limits.get(id) ?? limit))
      }
      return limits
    },
  }
}
