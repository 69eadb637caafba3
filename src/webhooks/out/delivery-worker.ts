import type { Database } from '../../db/database.ts'
import { createRetention, removeInBatches } from '../../db/retention.ts'
import type { Row } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import type { Egress } from '../../egress/egress.ts'
import { appendEvents } from '../../events/event-log.ts'
import { firstIdOf, globalIdOf } from '../../kit/ids.ts'
import type { Logger } from '../../kit/log.ts'
import { createLoop } from '../../kit/loop.ts'
import type { Metrics } from '../../kit/metrics.ts'
import { systemClock } from '../../kit/time.ts'
import type { Vault } from '../../vault/vault.ts'
import { attemptDelivery, type WebhookAttempt } from './attempt.ts'
import { expandEndpoints, findBehind } from './deliveries.ts'
import { openEndpoint, signingOf } from './endpoints.ts'

interface DeliveryWorkerDeps {
  database: Database
  bus: WakeBus
  vault: Vault
  egress: Egress
  logger: Logger
  metrics: Metrics
  /** For tests. Default: `DEFAULT_TIMES`. */
  times?: Partial<DeliveryTimes>
}

/** All in milliseconds. */
interface DeliveryTimes {
  /** How often the database is searched for events and due deliveries without a wake-up. */
  poll: number
  /** How long events are collected before the next expansion begins. */
  collect: number
  /** Time limit of an attempt. */
  attempt: number
  /** When another worker takes over the deliveries of a worker that has died. Running attempts extend it. */
  lease: number
  /** How long attempts may run on when the worker stops. */
  stop: number
}

const DEFAULT_TIMES: DeliveryTimes = { poll: 1_000, collect: 50, attempt: 30_000, lease: 10_000, stop: 2_000 }

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Waits after failed attempts. After one more failure the delivery has failed. */
const RETRY_AFTER_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]
/** Waits are longer or shorter by up to this share, so that deliveries which failed together do not return together. */
const JITTER = 0.1

/** Attempts that run at the same time in this process. Endpoints whose last attempt failed get at most half of them. */
const MAX_RUNNING = 512
/** The same for one endpoint, and for one whose last attempt failed. */
const MAX_PER_ENDPOINT = 4
const MAX_PER_FAILING_ENDPOINT = 1
/** Endpoints of one transaction. */
const EXPANDED_AT_ONCE = 50
/** How long an endpoint that has enough deliveries is left alone, unless one of them ends here. */
const FULL_FOR_MS = 1_000
const RESULTS_BATCH = 500
const DISABLED_AFTER = '5 days'
const KEPT_ATTEMPTS = 30
const KEPT_FOR = 'P30D'
const REMOVED_BATCH = 5_000

export interface DeliveryWorker {
  start(): void
  /** Ends running attempts after a short time. The next worker repeats those that have not finished. */
  stop(): Promise<void>
}

interface ClaimedDelivery extends Row {
  id: string
  /** Fences the result: a delivery that another worker has claimed meanwhile is not changed. */
  claims: number
  failures: number
  body: string
  event_id: string
  workspace_id: string
  endpoint_id: string
  url: string
  sealed: Uint8Array
  version: number
  failing: boolean
  now: Date
}

interface Running {
  delivery: ClaimedDelivery
  startedMs: number
}

interface Result {
  delivery: ClaimedDelivery
  attempt: WebhookAttempt
  retryAfterMs: number | undefined
  /** The worker stops: the attempt does not count. */
  aborted: boolean
}

/**
 * Sends events to webhook endpoints. Any number of workers may run. A worker claims a due delivery by moving its next attempt
 * into the future, so the delivery becomes due again when the worker dies, and may then be sent twice.
 */
export function createDeliveryWorker(deps: DeliveryWorkerDeps): DeliveryWorker {
  const { database, bus, vault, egress, logger, metrics } = deps
  const times = { ...DEFAULT_TIMES, ...deps.times }
  const running = new Map<string, Running>()
  const runningByEndpoint = new Map<string, number>()
  let runningFailing = 0
  const results: Result[] = []
  /** Endpoints that have enough deliveries, and until when they are left alone. */
  const full = new Map<string, number>()
  const aborting = new AbortController()
  let unsubscribe: (() => void)[] = []
  let expandedMs = Number.NEGATIVE_INFINITY
  let emptied: (() => void) | undefined

  const onError = (error: unknown) =>
    logger.warn({ err: error }, 'Webhooks could not be delivered. They are tried again.')
  const loopOf = (work: (signal: AbortSignal) => Promise<unknown>, everyMs = times.poll) =>
    createLoop({ work, everyMs, maxBackoffMs: everyMs * 5, onError })

  const expansion = loopOf(async (signal) => {
    // Under load each run finds the events of some time, and not one event each.
    const waitMs = times.collect - (performance.now() - expandedMs)
    if (waitMs > 0) await systemClock.sleep(waitMs, signal).catch(() => undefined)
    if (signal.aborted) return false
    expandedMs = performance.now()
    for (const [id, until] of full) if (until <= expandedMs) full.delete(id)
    const behind = (await findBehind(database.sql)).filter((id) => !full.has(id))
    let more = false
    for (let start = 0; start < behind.length && !signal.aborted; start += EXPANDED_AT_ONCE) {
      const ids = behind.slice(start, start + EXPANDED_AT_ONCE)
      const expanded = await database.bulkTransaction((tx) => expandEndpoints(tx, ids))
      for (const id of ids) if (!expanded.endpointIds.has(id)) full.set(id, expandedMs + FULL_FOR_MS)
      for (const { endpointId, workspaceId, events } of expanded.skipped) {
        const message = 'A webhook endpoint does not get events that were removed before they could be sent to it.'
        logger.warn({ webhookEndpointId: endpointId, workspaceId, events }, message)
      }
      if (expanded.created > 0) sending.wake()
      more ||= expanded.more
    }
    return more
  })

  const sending = loopOf(async () => {
    await claimDue({ failing: false, limit: MAX_RUNNING - running.size })
    const limit = Math.min(MAX_RUNNING - running.size, MAX_RUNNING / 2 - runningFailing)
    await claimDue({ failing: true, limit })
  })

  async function claimDue({ failing, limit }: { failing: boolean; limit: number }): Promise<void> {
    if (limit <= 0) return
    const rows = await database.sql.query<ClaimedDelivery>(CLAIM_DUE, [
      failing ? MAX_PER_FAILING_ENDPOINT : MAX_PER_ENDPOINT,
      [...runningByEndpoint.keys()],
      [...runningByEndpoint.values()],
      failing,
      limit,
      times.lease,
    ])
    for (const delivery of rows) {
      // Its lease had expired here. The older attempt still runs, and its result will not count.
      if (running.has(delivery.id)) remove(delivery.id)
      running.set(delivery.id, { delivery, startedMs: performance.now() })
      count(delivery, 1)
      void send(delivery)
    }
  }

  function count({ endpoint_id: id, failing }: ClaimedDelivery, change: 1 | -1): void {
    const left = (runningByEndpoint.get(id) ?? 0) + change
    if (left === 0) runningByEndpoint.delete(id)
    else runningByEndpoint.set(id, left)
    if (failing) runningFailing += change
  }

  function remove(id: string): void {
    const held = running.get(id)
    if (held === undefined) return
    running.delete(id)
    count(held.delivery, -1)
    if (running.size === 0) emptied?.()
  }

  async function send(delivery: ClaimedDelivery): Promise<void> {
    const { id, workspace_id: workspaceId, endpoint_id: endpointId, version, sealed, url, body, now } = delivery
    try {
      const secrets = openEndpoint(vault, { workspaceId, id: endpointId, version, sealed })
      const message = { url, id: globalIdOf('Event', delivery.event_id), body, now, ...signingOf(secrets, now) }
      const { attempt, retryAfterMs, aborted } = await attemptDelivery(egress, message, {
        timeoutMs: times.attempt,
        signal: aborting.signal,
      })
      results.push({ delivery, attempt, retryAfterMs, aborted })
    } catch (error) {
      logger.error(
        { err: error, workspaceId, webhookEndpointId: endpointId, deliveryId: id },
        'a webhook failed unexpectedly',
      )
      const attempt = {
        at: now.toISOString(),
        status: null,
        error: 'An internal error occurred.',
        durationMs: 0,
        answer: null,
      }
      results.push({ delivery, attempt, retryAfterMs: undefined, aborted: false })
    }
    writing.wake()
  }

  const writing = loopOf(async () => {
    const batch = results.slice(0, RESULTS_BATCH)
    if (batch.length === 0) return false
    await writeResults(batch)
    results.splice(0, batch.length)
    for (const { delivery } of batch) {
      if (running.get(delivery.id)?.delivery === delivery) remove(delivery.id)
      full.delete(delivery.endpoint_id)
    }
    sending.wake()
    expansion.wake()
    return results.length > 0
  })

  /** Written before the deliveries become free for the next claim. A result that is not written is repeated by its lease. */
  async function writeResults(batch: readonly Result[]): Promise<void> {
    const rows = batch.map(({ delivery: { id, claims, failures }, attempt, retryAfterMs, aborted }) => {
      if (aborted) return { id, claims, failures, status: 'PENDING', wait_ms: 0, attempt: null }
      if (attempt.error === null) return { id, claims, failures: 0, status: 'DELIVERED', wait_ms: null, attempt }
      const wait = waitOf(failures, retryAfterMs)
      return {
        id,
        claims,
        failures: failures + 1,
        status: wait === null ? 'FAILED' : 'PENDING',
        wait_ms: wait,
        attempt,
      }
    })
    const finished = batch.filter(({ aborted }) => !aborted)
    const failed = finished.filter(({ attempt }) => attempt.error !== null)
    // Before the results: a worker that dies in between leaves these deliveries to the next one, which finds the same.
    await noteOutcomes(finished, failed)
    // In the order of the ids, as redeliveries lock them.
    rows.sort((a, b) => (a.id < b.id ? -1 : 1))
    await database.sql.query(WRITE_RESULTS, [JSON.stringify(rows)])
    for (const { status, attempt } of rows) {
      if (attempt === null) continue
      metrics.webhookDeliveries.inc({ outcome: status === 'PENDING' ? 'retried' : status.toLowerCase() })
    }
  }

  async function noteOutcomes(finished: readonly Result[], failed: readonly Result[]): Promise<void> {
    const idsOf = (list: readonly Result[]) => [...new Set(list.map(({ delivery }) => delivery.endpoint_id))]
    const succeeded = idsOf(finished.filter(({ attempt }) => attempt.error === null))
    if (succeeded.length > 0) await database.sql.query(NOTE_SUCCESS, [succeeded])
    if (failed.length === 0) return
    await database.sql.query(NOTE_FAILURE, [idsOf(failed)])
    const long = await database.sql.query<{ id: string }>(
      `SELECT id FROM webhook_endpoint WHERE id = ANY($1::uuid[]) AND enabled
         AND failing_since < clock_timestamp() - interval '${DISABLED_AFTER}'`,
      [idsOf(failed)],
    )
    const gone = new Map(
      failed.filter(({ attempt }) => attempt.status === 410).map((each) => [each.delivery.endpoint_id, each]),
    )
    for (const { delivery } of gone.values()) await disable(delivery, 'The endpoint answered with 410 Gone.')
    for (const { id } of long) {
      const { delivery } = failed.find((each) => each.delivery.endpoint_id === id) ?? {}
      if (delivery !== undefined) await disable(delivery, 'No delivery has succeeded for five days.')
    }
  }

  /** Once, whichever worker comes first. An endpoint whose URL has changed since the attempt is left alone. */
  async function disable(
    { endpoint_id: id, workspace_id: workspaceId, url }: ClaimedDelivery,
    reason: string,
  ): Promise<void> {
    await database.bulkTransaction(async (tx) => {
      const rows = await tx.query(
        `UPDATE webhook_endpoint SET enabled = false, disabled_reason = $2::text
         WHERE id = $1::uuid AND enabled AND deleted_at IS NULL AND url = $3::text
           AND EXISTS (SELECT 1 FROM workspace w WHERE w.id = workspace_id AND w.deleted_at IS NULL) RETURNING 1 AS one`,
        [id, reason, url],
      )
      if (rows.length === 0) return
      logger.warn({ workspaceId, webhookEndpointId: id, reason }, 'A webhook endpoint was disabled.')
      const payload = { webhookEndpointId: globalIdOf('WebhookEndpoint', id), disabledReason: reason }
      await appendEvents(tx, bus, workspaceId, [{ type: 'WEBHOOK_ENDPOINT_DISABLED', payload }])
    })
  }

  const leases = loopOf(async () => {
    const since = performance.now() - times.lease / 5
    const held = [...running.values()].filter(({ startedMs }) => startedMs < since).map(({ delivery }) => delivery)
    if (held.length === 0) return
    await database.sql.query(EXTEND_LEASES, [held.map(({ id }) => id), held.map(({ claims }) => claims), times.lease])
  }, times.lease / 4)

  const deletion = loopOf(async (signal) => {
    const rows = await database.sql.query<{ id: string }>(
      'SELECT id FROM webhook_endpoint WHERE deleted_at IS NOT NULL',
    )
    for (const { id } of rows) {
      await removeDeliveries('endpoint_id = $1::uuid', [id], signal)
      if (signal.aborted) return
      await database.sql.query('DELETE FROM webhook_endpoint WHERE id = $1::uuid', [id])
    }
  }, MINUTE)

  const retention = createRetention({
    database,
    keep: KEPT_FOR,
    onError,
    async remove(before, signal) {
      const rows = await database.sql.query<{ id: string; trimmed: bigint }>(
        `SELECT e.id, coalesce(l.trimmed, 0) AS trimmed
         FROM webhook_endpoint e LEFT JOIN event_log l ON l.workspace_id = e.workspace_id`,
      )
      for (const { id, trimmed } of rows) {
        if (signal.aborted) return
        // Two statements, because an index serves each of the two conditions.
        const ended = `endpoint_id = $1::uuid AND status <> 'PENDING'`
        await removeDeliveries(`${ended} AND id < $2::uuid`, [id, firstIdOf(before)], signal)
        await removeDeliveries(`${ended} AND position <= $2::bigint`, [id, trimmed], signal)
      }
    },
  })

  async function removeDeliveries(where: string, values: readonly unknown[], signal: AbortSignal): Promise<void> {
    await removeInBatches(database, { name: 'webhook deliveries', signal }, async (tx) => {
      const [gone] = await tx.query<{ count: number }>(
        `WITH gone AS (
           DELETE FROM webhook_delivery WHERE id = ANY (ARRAY (
             SELECT id FROM webhook_delivery WHERE ${where} LIMIT ${REMOVED_BATCH}))
           RETURNING 1
         ) SELECT count(*)::int AS count FROM gone`,
        values,
      )
      const removed = gone?.count ?? 0
      return { removed, more: removed === REMOVED_BATCH }
    })
  }

  const loops = [expansion, sending, writing, leases, deletion, retention]
  return {
    start() {
      if (unsubscribe.length > 0) return
      unsubscribe = [
        bus.subscribe('events', expansion.wake),
        bus.subscribe('webhooks', () => {
          expansion.wake()
          sending.wake()
        }),
      ]
      for (const loop of loops) loop.start()
    },
    async stop() {
      for (const end of unsubscribe) end()
      await Promise.all([expansion.stop(), sending.stop(), deletion.stop(), retention.stop()])
      const ended = Promise.withResolvers<void>()
      emptied = ended.resolve
      if (running.size === 0) ended.resolve()
      const timer = setTimeout(() => aborting.abort(), times.stop)
      // Without the database the results cannot be written. The leases end by themselves.
      const late = setTimeout(ended.resolve, 2 * times.stop)
      await ended.promise
      clearTimeout(timer)
      clearTimeout(late)
      aborting.abort()
      await Promise.all([writing.stop(), leases.stop()])
    },
  }
}

/** How long to wait after a failure, as long as the receiver asks, but at most until the next step; null: there is no further attempt. */
export function waitOf(failures: number, retryAfterMs = 0, random = Math.random): number | null {
  const step = RETRY_AFTER_MS[failures]
  if (step === undefined) return null
  const asked = Math.min(retryAfterMs, RETRY_AFTER_MS[failures + 1] ?? step)
  return Math.max(asked, step * (1 + JITTER * (2 * random() - 1)))
}

/**
 * Claims due deliveries, oldest first for each endpoint, and endpoints in random order, so that none is preferred.
 * $1 attempts of one endpoint, $2 and $3 those that run, $4 whether the endpoints' last attempt failed, $5 limit, $6 lease.
 */
const CLAIM_DUE = `
  WITH lane AS (
    SELECT e.id, $1::int - coalesce(r.count, 0) AS free
    FROM webhook_endpoint e JOIN workspace w ON w.id = e.workspace_id
    LEFT JOIN unnest($2::uuid[], $3::int[]) AS r(id, count) ON r.id = e.id
    WHERE e.enabled AND e.deleted_at IS NULL AND w.deleted_at IS NULL AND (e.failing_since IS NOT NULL) = $4::boolean
      AND coalesce(r.count, 0) < $1::int
    ORDER BY random()
  ), due AS (
    SELECT d.id FROM lane CROSS JOIN LATERAL (
      SELECT id FROM webhook_delivery
      WHERE endpoint_id = lane.id AND status = 'PENDING' AND next_attempt_at <= statement_timestamp()
      ORDER BY next_attempt_at, position LIMIT lane.free FOR UPDATE SKIP LOCKED) d
    LIMIT $5::int
  )
  UPDATE webhook_delivery d SET claims = d.claims + 1, next_attempt_at = clock_timestamp() + $6::float8 * interval '1 millisecond'
  FROM due, webhook_endpoint e WHERE d.id = due.id AND e.id = d.endpoint_id
  RETURNING d.id, d.claims, d.failures, d.body, d.event_id, d.workspace_id, d.endpoint_id, e.url, e.sealed, e.version,
            e.failing_since IS NOT NULL AS failing, clock_timestamp() AS now`

const WRITE_RESULTS = `
  UPDATE webhook_delivery d SET status = r.status::webhook_delivery_status, failures = r.failures,
    next_attempt_at = clock_timestamp() + r.wait_ms * interval '1 millisecond',
    attempts = CASE WHEN r.attempt IS NULL THEN d.attempts
                    WHEN jsonb_array_length(d.attempts) >= ${KEPT_ATTEMPTS} THEN (d.attempts - 0) || jsonb_build_array(r.attempt)
                    ELSE d.attempts || jsonb_build_array(r.attempt) END
  FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, claims int, status text, failures int, wait_ms float8, attempt jsonb)
  WHERE d.id = r.id AND d.claims = r.claims AND d.status = 'PENDING'`

const EXTEND_LEASES = `
  UPDATE webhook_delivery d SET next_attempt_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
  FROM unnest($1::uuid[], $2::int[]) AS r(id, claims) WHERE d.id = r.id AND d.claims = r.claims AND d.status = 'PENDING'`

/** Locked in the order of the ids, so that two workers cannot deadlock. */
const NOTE_SUCCESS = `
  UPDATE webhook_endpoint SET failing_since = NULL WHERE id IN (
    SELECT id FROM webhook_endpoint WHERE id = ANY($1::uuid[]) AND failing_since IS NOT NULL ORDER BY id FOR NO KEY UPDATE)`
const NOTE_FAILURE = `
  UPDATE webhook_endpoint SET failing_since = clock_timestamp() WHERE id IN (
    SELECT id FROM webhook_endpoint WHERE id = ANY($1::uuid[]) AND failing_since IS NULL ORDER BY id FOR NO KEY UPDATE)`
