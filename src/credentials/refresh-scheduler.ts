import type { Database } from '../db/database.ts'
import type { Row, SqlRunner } from '../db/sql.ts'
import { LatchkeyError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import type { Broker } from './broker.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'

interface RefreshSchedulerDeps {
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

interface DueCredential extends Row {
  connection_id: string
  integration_id: string
}

/** For how long a process keeps what it took from others: longer than a renewal takes. */
const TAKEN_FOR = '2 minutes'

/** now(), not clock_timestamp(): only what stays the same during a statement is looked up in the index. */
const IS_DUE = `s.refreshable AND s.next_refresh_at <= now() AND c.status IN ('ACTIVE', 'ERROR') AND c.deleted_at IS NULL`

/** By their ids alone: what `taken` has locked was due when it was locked. Asked again here, the plan goes through all that is due. */
const TAKE = `UPDATE credential SET next_refresh_at = clock_timestamp() + interval '${TAKEN_FOR}' FROM taken
     WHERE credential.connection_id = taken.connection_id
     RETURNING credential.connection_id, taken.integration_id`

/**
 * Takes connections whose renewal is due, by moving their time: a process that dies gives them back by itself. Looks at
 * all that is due.
 * @param limit of all
 * @param perIntegration of each integration that is not in `room`
 */
function takeDue(
  sql: SqlRunner,
  limit: number,
  perIntegration: number,
  room: ReadonlyMap<string, number>,
): Promise<DueCredential[]> {
  return sql.query<DueCredential>(
    `WITH due AS (
       SELECT s.connection_id, s.next_refresh_at, c.integration_id,
              row_number() OVER (PARTITION BY c.integration_id ORDER BY s.next_refresh_at) AS place
       FROM credential s JOIN connection c ON c.id = s.connection_id WHERE ${IS_DUE}
     ), first AS MATERIALIZED (
       SELECT due.connection_id, due.integration_id FROM due
       LEFT JOIN unnest($3::uuid[], $4::int[]) AS room(integration_id, count) ON room.integration_id = due.integration_id
       WHERE due.place <= coalesce(room.count, $2::int) ORDER BY due.next_refresh_at LIMIT $1::int
     ), taken AS (
       SELECT s.connection_id, first.integration_id FROM first JOIN credential s ON s.connection_id = first.connection_id
       WHERE coalesce(s.next_refresh_at <= now(), false) FOR UPDATE OF s SKIP LOCKED
     )
     ${TAKE}`,
    [limit, perIntegration, [...room.keys()], [...room.values()]],
  )
}

/** As `takeDue`, of these integrations only: costs as much as it takes, however much is due. */
function takeDueOf(sql: SqlRunner, limit: number, room: ReadonlyMap<string, number>): Promise<DueCredential[]> {
  return sql.query<DueCredential>(
    `WITH taken AS (
       SELECT due.connection_id, room.integration_id FROM unnest($2::uuid[], $3::int[]) AS room(integration_id, count)
       CROSS JOIN LATERAL (
         SELECT s.connection_id FROM credential s JOIN connection c ON c.id = s.connection_id
         WHERE c.integration_id = room.integration_id AND ${IS_DUE}
         ORDER BY s.next_refresh_at LIMIT room.count FOR UPDATE OF s SKIP LOCKED
       ) AS due LIMIT $1::int
     )
     ${TAKE}`,
    [limit, [...room.keys()], [...room.values()]],
  )
}
