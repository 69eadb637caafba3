import type { Egress } from '../egress/egress.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { ClientHostError, RenewalError } from '../wire/renewal-error.ts'
import { credentialBackoffMs } from './refresh-policy.ts'

/**
 * Tracks which token endpoints are unavailable. A host that fails five times in a row is paused for a second. After the
 * pause, each of its integrations may try one renewal; a failure doubles the pause, up to a minute, and a success ends it.
 * Only renewals ahead of time are held back: a caller that needs a token now is not.
 */
export interface CircuitBreaker {
  /**
   * Wraps an egress to count the failures of the hosts at which an integration's credentials are renewed.
   * @param onRecovered called at the first success of a host that had failed, with the integrations that use it
   */
  observe(egress: Egress, integrationId: string, onRecovered?: (integrationIds: readonly string[]) => void): Egress
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
    observe(egress, integrationId, onRecovered) {
      return {
        check: (url) => egress.check(url),
        close: () => egress.close(),
        async send(request) {
          const host = URL.parse(String(request.url))?.host ?? ''
          try {
            const response = await egress.send(request)
            if (response.status >= 500 || response.status === 429) failed(host, integrationId)
            else {
              const failing = hosts.get(host)
              hosts.delete(host)
              if (failing !== undefined) onRecovered?.([...failing.integrations])
            }
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

/** Pauses the renewals of an OAuth client that the provider refuses, for all connections that use it. */
export interface ClientBackoff {
  /**
   * Runs `renew`, or throws the last refusal of this client while its pause lasts. After the pause, one renewal is tried
   * first. A pause is doubled by each refusal and ends with the first success.
   * @param client identifies the client and the version of its secret: a client that was corrected is not paused
   * @param onRecovered called when the client is accepted after it was refused
   */
  run<T>(client: string, renew: () => Promise<T>, onRecovered?: () => void): Promise<T>
}

interface RefusedClient {
  refusal: RenewalError
  refusals: number
  pausedUntilMs: number
}

const MAX_REFUSED_CLIENTS = 10_000
/** While one renewal is tried after a pause, the others wait this long. */
const TRY_FOR_MS = 5_000

/** @param now a monotonic clock, in milliseconds */
export function createClientBackoff(now: () => number = () => performance.now()): ClientBackoff {
  const refused = new BoundedMap<string, RefusedClient>({ max: MAX_REFUSED_CLIENTS })

  return {
    async run(client, renew, onRecovered) {
      const known = refused.get(client)
      if (known !== undefined) {
        const { refusal } = known
        const waitMs = known.pausedUntilMs - now()
        if (waitMs > 0) {
          const { message, reason, retryable, words } = refusal
          throw new RenewalError(message, { reason, retryable, words, retryAfterMs: waitMs, cause: refusal })
        }
        known.pausedUntilMs = now() + TRY_FOR_MS
      }
      try {
        const result = await renew()
        if (known !== undefined) onRecovered?.()
        refused.delete(client)
        return result
      } catch (error) {
        // A host that a connection chose says nothing about the client.
        const isRefused = error instanceof RenewalError && !(error instanceof ClientHostError)
        if (isRefused && error.reason === 'INVALID_CLIENT') {
          // Requests that were in flight when the pause began must not prolong it.
          const last = refused.get(client)
          const refusals = last === known ? (known?.refusals ?? 0) + 1 : (last?.refusals ?? 1)
          refused.set(client, { refusal: error, refusals, pausedUntilMs: now() + credentialBackoffMs(refusals) })
        }
        throw error
      }
    },
  }
}
