import type { Database } from '../db/database.ts'
import { LatchkeyError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import type { Broker } from './broker.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { type DueCredential, takeDue, takeDueOf } from './due-credentials.ts'

export interface RefreshSchedulerDeps {
  database: Database
  broker: Broker
  logger: Logger
  /** Knows which token endpoints are away. Default: none is. */
  breaker?: CircuitBreaker
  /** How often to look for what is due. Default: 1,000. */
  everyMs?: number
  /** Renewals at once in this process. Default: 20. */
  concurrency?: number
  /** Renewals at once of one integration's connections in this process. Default: 5. */
  perIntegration?: number
}

export interface RefreshScheduler {
  start(): void
  /** Begins no more renewals, and waits for those that run. */
  stop(): Promise<void>
}

/**
 * A look at all that is due takes the database the longer the more is due. It may be at it for a twentieth of the time: when
 * very many are due at once, whoever is served by the same database must not feel it.
 */
const PAUSE_FACTOR = 19

/**
 * Renews credentials ahead of their end, over all workspaces: what is due is taken in batches, which other processes then
 * leave alone. One integration never has more than a few renewals at once, so that a provider that is slow or away
 * holds up its own connections only.
 */
export function createRefreshScheduler(deps: RefreshSchedulerDeps): RefreshScheduler {
  const { database, broker, logger } = deps
  const concurrency = deps.concurrency ?? 20
  const perIntegration = deps.perIntegration ?? 5
  const running = new Map<string, number>()
  const renewals = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let lookAtAll = false
  /** Before it, all that is due is not looked at again. */
  let lookAtAllFrom = 0
  /** Integrations of which a renewal has ended since the last look: the next one is likely to be theirs too. */
  const freed = new Set<string>()

  async function look(): Promise<void> {
    while (timer !== undefined && (lookAtAll || freed.size > 0)) {
      const free = concurrency - renewals.size
      if (free <= 0) return
      const ids = lookAtAll ? null : [...freed]
      lookAtAll = false
      freed.clear()
      const begunAt = performance.now()
      const due = await take(ids, free)
      const endedAt = performance.now()
      if (ids === null) lookAtAllFrom = endedAt + (endedAt - begunAt) * PAUSE_FACTOR
      for (const row of due) begin(row)
      // Places that an integration's own connections do not take are for others'.
      if (ids !== null && due.length < ids.length) lookAtAll = endedAt >= lookAtAllFrom
    }
  }

  function take(ids: readonly string[] | null, free: number): Promise<DueCredential[]> {
    const room = roomNow(ids ?? [])
    if (ids === null) return takeDue(database.sql, free, perIntegration, room)
    return takeDueOf(database.sql, free, new Map(ids.map((id) => [id, Math.max(0, room.get(id) ?? 0)])))
  }

  /** How many more renewals an integration may have than it has: of those named, and of all that have any or are held back. */
  function roomNow(named: readonly string[]): Map<string, number> {
    const limits = deps.breaker?.limits() ?? new Map<string, number>()
    const ids = new Set([...running.keys(), ...limits.keys(), ...named])
    return new Map(
      [...ids].map((id) => [id, Math.min(perIntegration, limits.get(id) ?? perIntegration) - (running.get(id) ?? 0)]),
    )
  }

  function begin({ connection_id: connectionId, integration_id: integrationId }: DueCredential): void {
    running.set(integrationId, (running.get(integrationId) ?? 0) + 1)
    const renewal = broker
      .refresh(connectionId, true)
      .catch((error: unknown) => {
        // Expected failures are with the connection already, with the time of the next try.
        if (!(error instanceof LatchkeyError))
          logger.error({ err: error, connectionId }, 'a renewal ahead of time failed')
      })
      .then(() => {
        const left = (running.get(integrationId) ?? 1) - 1
        if (left === 0) running.delete(integrationId)
        else running.set(integrationId, left)
        renewals.delete(renewal)
        freed.add(integrationId)
        tick()
      })
    renewals.add(renewal)
  }

  function tick(): void {
    looking ??= look()
      .catch((error: unknown) => logger.warn({ err: error }, 'due renewals could not be read'))
      .finally(() => {
        looking = undefined
        // Whoever came in this very moment would otherwise wait for the timer.
        if (timer !== undefined && freed.size > 0 && renewals.size < concurrency) tick()
      })
  }

  return {
    start() {
      timer = setInterval(() => {
        lookAtAll ||= performance.now() >= lookAtAllFrom
        tick()
      }, deps.everyMs ?? 1_000)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      timer = undefined
      await looking
      await Promise.allSettled(renewals)
    },
  }
}
