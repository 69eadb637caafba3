import type { Database } from '../db/database.ts'
import type { Row, SqlRunner } from '../db/sql.ts'
import { CredentialRefreshError, LatchkeyError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import { createLoop } from '../kit/loop.ts'
import type { Broker } from './broker.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { createRenewalPlaces, type RenewalOutcome } from './renewal-places.ts'

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
  /** Time between forecasts of what will be due, in milliseconds. Default: 15,000. */
  forecastEveryMs?: number
  /** Concurrent renewals in this process. Default: 128. */
  concurrency?: number
  /** The most concurrent renewals of one integration's connections in this process. Default: 64. */
  perIntegration?: number
  /** How many renewals this process begins per second at most. Default: 150. */
  perSecond?: number
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
/** So that a renewal is taken over in time even if searches are slow. */
const MAX_REST_MS = 2_000
/** After a failed search, such as while the database is unavailable, the interval doubles up to this. */
const MAX_BACKOFF_MS = 5_000
/** Places that become free within this time are filled with one claim. */
const COLLECT_MS = 20
/** While credentials wait, it is tried this often to begin more renewals. */
const PACE_MS = 50
/** What will be due within this time is forecast. It is also the longest time by which a renewal is begun before it is due. */
const HORIZON_MS = 5 * 60_000

/**
 * Renews credentials ahead of their expiry, in all workspaces. A search reads which credentials are due, those that expire
 * first of each integration; they are claimed, in batches, when a place is free, and other processes then skip them.
 */
export function createRefreshScheduler(deps: RefreshSchedulerDeps): RefreshScheduler {
  const { database, broker, logger } = deps
  const everyMs = deps.everyMs ?? 1_000
  const quietMs = deps.quietMs ?? 16_000
  const forecastEveryMs = deps.forecastEveryMs ?? 15_000
  const places = createRenewalPlaces({
    total: deps.concurrency ?? 128,
    perIntegration: deps.perIntegration ?? 64,
    perSecond: deps.perSecond ?? 150,
  })
  const renewals = new Set<Promise<void>>()
  /** What the last search found and was not claimed yet, by integration, in the order of expiry. */
  let due = new Map<string, DueCredential[]>()
  /** The last search returned a part of what is due: when the part of an integration is used up, another search is needed. */
  let isPart = false
  /** By how much earlier the credentials of an integration are renewed, in milliseconds. */
  let lookAhead = new Map<string, number>()
  let forecastAt = Number.NEGATIVE_INFINITY
  /** No search begins before this. */
  let restUntil = 0
  let collecting: NodeJS.Timeout | undefined

  const onError = (error: unknown) => logger.warn({ err: error }, 'due renewals could not be read')
  const searches = createLoop({ work: search, everyMs, maxBackoffMs: MAX_BACKOFF_MS, runAtStart: false, onError })
  const claims = createLoop({ work: claimAndBegin, everyMs, maxBackoffMs: MAX_BACKOFF_MS, runAtStart: false, onError })

  async function search(): Promise<void> {
    const begunAt = performance.now()
    if (begunAt < restUntil) return
    if (begunAt - forecastAt >= forecastEveryMs) {
      forecastAt = begunAt
      lookAhead = timesOf(await countUpcoming(database.sql), places.rates())
    }
    const found = await findDue(database.sql, lookAhead)
    due = Map.groupBy(found, (row) => row.integration_id)
    isPart = found.length === FOUND || [...due.values()].some((rows) => rows.length === FOUND_OF_EACH)
    const endedAt = performance.now()
    restUntil = endedAt + Math.min(MAX_REST_MS, (endedAt - begunAt) * REST_FACTOR)
    claims.wake()
  }

  /** @returns whether to choose again at once */
  async function claimAndBegin(signal: AbortSignal): Promise<boolean> {
    const waiting = new Map([...due].map(([id, rows]) => [id, rows.length]))
    const chosen = places.choose(waiting, deps.breaker?.limits() ?? new Map())
    const wanted = [...chosen].flatMap(([id, count]) => takeFirst(id, count))
    if (due.size > 0) collecting ??= setTimeout(fillPlaces, PACE_MS)
    if (wanted.length === 0) return false
    const claimed = new Set(await claim(database.sql, wanted, quietMs))
    for (const row of wanted) if (claimed.has(row.connection_id)) begin(row)
    // Other processes had claimed some: their places are still free.
    return !signal.aborted && claimed.size < wanted.length
  }

  function takeFirst(integrationId: string, count: number): DueCredential[] {
    const rows = due.get(integrationId) ?? []
    const taken = rows.splice(0, count)
    if (rows.length === 0) {
      due.delete(integrationId)
      if (isPart) searches.wake()
    }
    return taken
  }

  function begin({ connection_id: connectionId, integration_id: integrationId }: DueCredential): void {
    const end = places.begin(integrationId)
    const renewal = broker
      .refresh(connectionId, true)
      .then(
        () => end('renewed'),
        (error: unknown) => {
          end(outcomeOf(error))
          // Expected failures are recorded with the connection, together with the time of the retry.
          if (!(error instanceof LatchkeyError))
            logger.error({ err: error, connectionId }, 'a renewal ahead of time failed')
        },
      )
      .then(() => {
        renewals.delete(renewal)
        collecting ??= setTimeout(fillPlaces, COLLECT_MS)
      })
    renewals.add(renewal)
  }

  function fillPlaces(): void {
    collecting = undefined
    claims.wake()
  }

  return {
    start() {
      searches.start()
      claims.start()
    },
    async stop() {
      await Promise.all([searches.stop(), claims.stop()])
      await Promise.all(renewals)
      clearTimeout(collecting)
    },
  }
}

function outcomeOf(error: unknown): RenewalOutcome {
  if (!(error instanceof LatchkeyError)) return 'failed'
  const isOneAccount = !(error instanceof CredentialRefreshError) || error.reason === 'INVALID_GRANT'
  return isOneAccount ? 'refused' : 'failed'
}

interface Upcoming extends Row {
  integration_id: string
  count: number
}

/**
 * By how much earlier the renewals of each integration begin, so that everything that is due within the horizon is renewed in
 * time: as long as that takes, at the rate of the process and at that of the integration. Other processes only make it shorter.
 */
function timesOf(
  upcoming: readonly Upcoming[],
  rates: { all: number; of(integrationId: string): number },
): Map<string, number> {
  const all = upcoming.reduce((sum, { count }) => sum + count, 0)
  const seconds = ({ integration_id: id, count }: Upcoming) => Math.max(all / rates.all, count / rates.of(id))
  return new Map(upcoming.map((row) => [row.integration_id, Math.min(HORIZON_MS, Math.ceil(seconds(row) * 1000))]))
}

interface DueCredential extends Row {
  connection_id: string
  integration_id: string
  next_refresh_at: Date
}

/** now(), not clock_timestamp(): the index is used only for a value that is constant during the statement. */
const IS_RENEWABLE = `s.refreshable AND (s.claimed_until IS NULL OR s.claimed_until <= now())
  AND c.status IN ('ACTIVE', 'ERROR') AND c.deleted_at IS NULL`

/** How many credentials are due now or within the horizon, by integration. */
function countUpcoming(sql: SqlRunner): Promise<Upcoming[]> {
  return sql.query<Upcoming>(
    `SELECT c.integration_id, count(*)::int AS count FROM credential s JOIN connection c ON c.id = s.connection_id
     WHERE ${IS_RENEWABLE} AND s.next_refresh_at <= now() + $1::float8 * interval '1 millisecond'
     GROUP BY c.integration_id`,
    [HORIZON_MS],
  )
}

/** How many credentials of one integration, and of all, a search returns. */
const FOUND_OF_EACH = 500
const FOUND = 3_000

/**
 * Reads which credentials are due, or will be within the time by which their integration looks ahead. Those are renewed after
 * half of their lifetime at the earliest, and a retry never before its time.
 * @returns those that expire first of each integration, in this order
 */
function findDue(sql: SqlRunner, lookAhead: ReadonlyMap<string, number>): Promise<DueCredential[]> {
  return sql.query<DueCredential>(
    `SELECT connection_id, integration_id, next_refresh_at FROM (
       SELECT s.connection_id, c.integration_id, s.next_refresh_at,
              row_number() OVER (PARTITION BY c.integration_id ORDER BY s.expires_at, s.next_refresh_at) AS place
       FROM credential s JOIN connection c ON c.id = s.connection_id
       LEFT JOIN unnest($2::uuid[], $3::float8[]) AS ahead (integration_id, ms) ON ahead.integration_id = c.integration_id
       WHERE ${IS_RENEWABLE} AND s.next_refresh_at <= now() + $1::float8 * interval '1 millisecond'
         AND (s.next_refresh_at <= now() OR (
           s.next_refresh_at <= now() + ahead.ms * interval '1 millisecond' AND s.failed_refreshes = 0
           AND now() - coalesce(s.last_refreshed_at, c.created_at) >= s.expires_at - now()))
     ) AS due WHERE place <= $4::int ORDER BY place LIMIT $5::int`,
    [Math.max(0, ...lookAhead.values()), [...lookAhead.keys()], [...lookAhead.values()], FOUND_OF_EACH, FOUND],
  )
}

/**
 * Claims credentials that a search has found and that have not changed since. A claim is a lease of its own, so a credential
 * that was claimed by a process that died is due again as soon as it may be requested again.
 * @returns the ids of the connections that were claimed
 */
async function claim(sql: SqlRunner, found: readonly DueCredential[], quietMs: number): Promise<string[]> {
  // The conditions are written so that no index but that of the id is used.
  const rows = await sql.query<{ connection_id: string }>(
    `WITH claimed AS (
       SELECT s.connection_id FROM unnest($1::uuid[], $2::timestamptz[]) AS found (connection_id, next_refresh_at)
       JOIN credential s ON s.connection_id = found.connection_id
       WHERE coalesce(s.next_refresh_at = found.next_refresh_at, false) AND coalesce(s.claimed_until <= now(), true)
       FOR UPDATE OF s SKIP LOCKED
     )
     UPDATE credential SET claimed_until = clock_timestamp() + $3::float8 * interval '1 millisecond' FROM claimed
     WHERE credential.connection_id = claimed.connection_id RETURNING credential.connection_id`,
    [found.map((row) => row.connection_id), found.map((row) => row.next_refresh_at), quietMs],
  )
  return rows.map((row) => row.connection_id)
}
