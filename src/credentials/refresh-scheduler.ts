import type { Database } from '../db/database.ts'
import type { Row, SqlRunner } from '../db/sql.ts'
import { LatchkeyError } from '../kit/errors.ts'
import { createLimiter } from '../kit/limiter.ts'
import type { Logger } from '../kit/log.ts'
import { createLoop } from '../kit/loop.ts'
import type { Broker } from './broker.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'

interface RefreshSchedulerDeps {
  database: Database
  broker: Broker
  logger: Logger
  /** Tracks unavailable token endpoints. Default: none is unavailable. */
  breaker?: CircuitBreaker
  /**
   * How long a claimed credential is hidden from other processes, in milliseconds: the quiet period of a renewal, after which
   * its credential may be requested again. Default: 16,000.
   */
  quietMs?: number
  /** Time between searches for due credentials, in milliseconds. Default: 1,000. */
  everyMs?: number
  /** Concurrent renewals in this process. Default: 20. */
  concurrency?: number
  /** Concurrent renewals of one integration's connections in this process. Default: 5. */
  perIntegration?: number
}

export interface RefreshScheduler {
  start(): void
  /** Begins no more renewals and waits for those that run. */
  stop(): Promise<void>
}

/**
 * A search through all due credentials takes longer the more are due. After a search, the next one waits for this many
 * times its duration, so that searches use at most a twentieth of the time and do not slow down other users of the database.
 */
const REST_FACTOR = 19
/** After a failed search, such as while the database is unavailable, the interval doubles up to this. */
const MAX_BACKOFF_MS = 5_000

/**
 * Renews credentials ahead of their expiry, in all workspaces. Due credentials are claimed in batches, which other processes
 * then skip. The limit of concurrent renewals of an integration keeps a slow or unavailable provider from delaying others.
 */
export function createRefreshScheduler(deps: RefreshSchedulerDeps): RefreshScheduler {
  const { database, broker, logger } = deps
  const concurrency = deps.concurrency ?? 20
  const perIntegration = deps.perIntegration ?? 5
  const everyMs = deps.everyMs ?? 1_000
  const quietMs = deps.quietMs ?? 16_000
  const renewals = createLimiter(perIntegration)
  /** Integrations whose renewals have ended since the last search: the next due credential is likely to be theirs. */
  const freed = new Set<string>()
  /** The last search of the freed integrations left room that other integrations can use. */
  let searchAll = false
  let searchedAllAt = Number.NEGATIVE_INFINITY
  /** No search through all integrations begins before this. */
  let restUntil = 0

  const loop = createLoop({
    work: claimAndBegin,
    everyMs,
    maxBackoffMs: MAX_BACKOFF_MS,
    runAtStart: false,
    onError: (error) => logger.warn({ err: error }, 'due renewals could not be read'),
  })

  /**
   * One search. After the interval it covers all integrations; when it was woken by renewals that have ended, only theirs,
   * which is cheap.
   * @returns whether to search again at once
   */
  async function claimAndBegin(signal: AbortSignal): Promise<boolean> {
    const free = concurrency - renewals.size
    if (free <= 0) return false
    const begunAt = performance.now()
    const coversAll = searchAll || freed.size === 0 || begunAt - searchedAllAt >= everyMs
    const ids = coversAll && begunAt >= restUntil ? null : [...freed]
    if (ids?.length === 0) return false
    searchAll = false
    freed.clear()
    const due = await claim(ids, free)
    const endedAt = performance.now()
    if (ids === null) {
      searchedAllAt = begunAt
      restUntil = endedAt + (endedAt - begunAt) * REST_FACTOR
    }
    for (const row of due) begin(row)
    searchAll = ids !== null && due.length < ids.length && endedAt >= restUntil
    return !signal.aborted && (searchAll || freed.size > 0)
  }

  function claim(ids: readonly string[] | null, free: number): Promise<DueCredential[]> {
    const room = roomNow(ids ?? [])
    if (ids === null) return claimDue(database.sql, { limit: free, perIntegration, room, quietMs })
    return claimDueOf(database.sql, {
      limit: free,
      quietMs,
      room: new Map(ids.map((id) => [id, Math.max(0, room.get(id) ?? 0)])),
    })
  }

  /** How many more renewals may begin, for the named integrations and for all that have running renewals or a limit. */
  function roomNow(named: readonly string[]): Map<string, number> {
    const limits = deps.breaker?.limits() ?? new Map<string, number>()
    const running = renewals.counts()
    const ids = new Set([...running.keys(), ...limits.keys(), ...named])
    return new Map(
      [...ids].map((id) => [id, Math.min(perIntegration, limits.get(id) ?? perIntegration) - (running.get(id) ?? 0)]),
    )
  }

  function begin({ connection_id: connectionId, integration_id: integrationId }: DueCredential): void {
    void renewals
      .run(integrationId, () => broker.refresh(connectionId, true))
      .catch((error: unknown) => {
        // Expected failures are recorded with the connection, together with the time of the retry.
        if (!(error instanceof LatchkeyError))
          logger.error({ err: error, connectionId }, 'a renewal ahead of time failed')
      })
      .then(() => {
        freed.add(integrationId)
        loop.wake()
      })
  }

  return {
    start: () => loop.start(),
    async stop() {
      await loop.stop()
      await renewals.idle()
    },
  }
}

interface DueCredential extends Row {
  connection_id: string
  integration_id: string
}

/** now(), not clock_timestamp(): the index is used only for a value that is constant during the statement. */
const IS_DUE = `s.refreshable AND s.next_refresh_at <= now() AND (s.claimed_until IS NULL OR s.claimed_until <= now())
  AND c.status IN ('ACTIVE', 'ERROR') AND c.deleted_at IS NULL`

/**
 * A claim is a lease of its own, so a credential that was claimed by a process that died is due again as soon as it may be
 * requested again. Selects by id alone: `claimed` has checked and locked the rows. A second check here makes the plan scan all
 * due rows.
 */
const CLAIM = `UPDATE credential SET claimed_until = clock_timestamp() + $2::float8 * interval '1 millisecond' FROM claimed
     WHERE credential.connection_id = claimed.connection_id
     RETURNING credential.connection_id, claimed.integration_id`

interface Claim {
  /** Number of credentials to claim. */
  limit: number
  /** How long the claims last, in milliseconds. */
  quietMs: number
  /** How many credentials to claim, by integration. */
  room: ReadonlyMap<string, number>
}

/**
 * Claims credentials whose renewal is due. Reads all due rows.
 * @param perIntegration limit of each integration that is not in `room`
 */
function claimDue(
  sql: SqlRunner,
  { limit, quietMs, room, perIntegration }: Claim & { perIntegration: number },
): Promise<DueCredential[]> {
  return sql.query<DueCredential>(
    `WITH due AS (
       SELECT s.connection_id, s.next_refresh_at, c.integration_id,
              row_number() OVER (PARTITION BY c.integration_id ORDER BY s.next_refresh_at) AS place
       FROM credential s JOIN connection c ON c.id = s.connection_id WHERE ${IS_DUE}
     ), first AS MATERIALIZED (
       SELECT due.connection_id, due.integration_id FROM due
       LEFT JOIN unnest($4::uuid[], $5::int[]) AS room(integration_id, count) ON room.integration_id = due.integration_id
       WHERE due.place <= coalesce(room.count, $3::int) ORDER BY due.next_refresh_at LIMIT $1::int
     ), claimed AS (
       SELECT s.connection_id, first.integration_id FROM first JOIN credential s ON s.connection_id = first.connection_id
       WHERE coalesce(s.next_refresh_at <= now() AND coalesce(s.claimed_until <= now(), true), false)
       FOR UPDATE OF s SKIP LOCKED
     )
     ${CLAIM}`,
    [limit, quietMs, perIntegration, [...room.keys()], [...room.values()]],
  )
}

/** As `claimDue`, for the integrations in `room` only. The cost depends on the rows claimed, not on the rows due. */
function claimDueOf(sql: SqlRunner, { limit, quietMs, room }: Claim): Promise<DueCredential[]> {
  return sql.query<DueCredential>(
    `WITH claimed AS (
       SELECT due.connection_id, room.integration_id FROM unnest($3::uuid[], $4::int[]) AS room(integration_id, count)
       CROSS JOIN LATERAL (
         SELECT s.connection_id FROM credential s JOIN connection c ON c.id = s.connection_id
         WHERE c.integration_id = room.integration_id AND ${IS_DUE}
         ORDER BY s.next_refresh_at LIMIT room.count FOR UPDATE OF s SKIP LOCKED
       ) AS due LIMIT $1::int
     )
     ${CLAIM}`,
    [limit, quietMs, [...room.keys()], [...room.values()]],
  )
}
