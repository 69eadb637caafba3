import type { Database } from '../db/database.ts'
import { runInScope } from '../db/scope.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { RateLimitedError } from '../kit/errors.ts'
import { createLimiter } from '../kit/limiter.ts'
import type { Logger } from '../kit/log.ts'
import type { Clock } from '../kit/time.ts'

/**
 * Keeps the requests to each integration under the rate that its definition sets. Without a rate in the definition nothing is
 * delayed: most providers count each account separately.
 */
export interface RateLimiter {
  /**
   * Resolves when the next request of this integration may be sent. Rejects with the signal's reason.
   *
   * @param maxWaitMs a longer wait takes no slot and rejects with RateLimitedError. Default: no limit
   */
  wait(
    integrationId: string,
    requestsPerSecond: number | undefined,
    signal: AbortSignal,
    maxWaitMs?: number,
    options?: SlotOptions,
  ): Promise<void>
  /**
   * The provider asked for a pause: further requests of this integration wait that long, at most MAX_PAUSE_MS. Requests that
   * already wait are not delayed further.
   */
  pause(integrationId: string, requestsPerSecond: number | undefined, ms: number): Promise<void>
}

interface SlotOptions {
  /** A slot that an earlier call has reserved, in milliseconds since 1970. It is used unless it was missed. */
  slotAt?: number | undefined
  /** Called before the wait for a slot. What it throws ends the call; the slot remains reserved. */
  onWait?: ((slot: { at: number; waitMs: number }) => void) | undefined
}

/** A request that is later than this does not use its slot: late requests would all be sent at once. */
function latenessMs(requestsPerSecond: number): number {
  return Math.max(1000 * BATCH_SECONDS, 1000 / requestsPerSecond)
}

/** An account that used up its hourly quota must not stop the other accounts of the integration for an hour. */
const MAX_PAUSE_MS = 60_000
/** Integrations that are remembered. A forgotten one only loses the slots it has reserved. */
const MAX_INTEGRATIONS = 10_000

/** A rate limiter for one process. It does not know of the requests of other processes. */
export function createRateLimiter(clock: Clock): RateLimiter {
  /** When the next request of an integration may be sent. */
  const nextSlots = new BoundedMap<string, number>({ max: MAX_INTEGRATIONS })
  return {
    async wait(integrationId, requestsPerSecond, signal, maxWaitMs = Number.POSITIVE_INFINITY, options = {}) {
      if (requestsPerSecond === undefined) return
      const { slotAt, onWait } = options
      const now = clock.now()
      const isHeld = slotAt !== undefined && now - slotAt <= latenessMs(requestsPerSecond)
      const at = isHeld ? slotAt : Math.max(now, nextSlots.get(integrationId) ?? 0)
      if (at - now > maxWaitMs) throw rateLimited(at - now)
      // The slot is taken before the wait, so that later requests queue behind it.
      if (!isHeld) nextSlots.set(integrationId, at + 1000 / requestsPerSecond)
      if (at <= now) return
      onWait?.({ at, waitMs: at - now })
      await clock.sleep(at - now, signal)
    },
    async pause(integrationId, requestsPerSecond, ms) {
      if (requestsPerSecond === undefined) return
      const until = clock.now() + Math.min(ms, MAX_PAUSE_MS)
      nextSlots.set(integrationId, Math.max(until, nextSlots.get(integrationId) ?? 0))
    },
  }
}

function rateLimited(waitMs: number): RateLimitedError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000)
  return new RateLimitedError(
    `Too many requests wait for the rate limit of this integration. Try again in ${retryAfterSeconds} seconds.`,
    { retryAfterSeconds },
  )
}

interface SharedRateLimiterDeps {
  database: Database
  clock: Clock
  logger: Logger
}

/**
 * The slots of this fraction of a second are reserved together, so that a high rate does not need a statement for every request.
 * It also bounds the burst: in any second at most a tenth more than the rate is sent, plus one request from each process.
 */
const BATCH_SECONDS = 0.1
/** If the database does not answer within this time, each process keeps the rate alone for DEGRADED_MS. */
const DATABASE_TIMEOUT_MS = 1_000
const DEGRADED_MS = 5_000
/** How often a request that missed its slot takes another one before it is sent anyway. */
const MAX_SLOTS = 4

/** $1 integration, $2 duration of the slots in ms, $3 longest wait in ms or null. Times are those of the database's clock. */
const RESERVE = `
  INSERT INTO integration_pace AS p (integration_id, workspace_id, next_at)
  SELECT id, workspace_id, clock_timestamp() + $2::float8 * interval '1 millisecond' FROM integration WHERE id = $1::uuid
  ON CONFLICT (integration_id) DO UPDATE
    SET next_at = greatest(p.next_at, clock_timestamp()) + $2::float8 * interval '1 millisecond'
    WHERE $3::float8 IS NULL OR p.next_at <= clock_timestamp() + $3::float8 * interval '1 millisecond'
  RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 * 1000 - $2::float8 AS wait_ms`

const READ_WAIT = `
  SELECT extract(epoch FROM next_at - clock_timestamp())::float8 * 1000 AS wait_ms
  FROM integration_pace WHERE integration_id = $1::uuid`

const PAUSE = `
  INSERT INTO integration_pace AS p (integration_id, workspace_id, next_at)
  SELECT id, workspace_id, clock_timestamp() + $2::float8 * interval '1 millisecond' FROM integration WHERE id = $1::uuid
  ON CONFLICT (integration_id) DO UPDATE SET next_at = greatest(p.next_at, excluded.next_at)`

/** Consecutive slots that this process has reserved, by its own clock. */
interface Slots {
  nextAt: number
  endsAt: number
  stepMs: number
}

/**
 * A rate limiter for several processes, which reserve consecutive slots in the integration's row. On the embedded database there is
 * only one process, and this is its local rate limiter.
 *
 * If the database does not answer, a request is delayed by at most a second, and then each process keeps the rate alone for five
 * seconds.
 */
export function createSharedRateLimiter({ database, clock, logger }: SharedRateLimiterDeps): RateLimiter {
  const local = createRateLimiter(clock)
  if (database.kind === 'embedded') return local
  const reserved = new BoundedMap<string, Slots>({ max: MAX_INTEGRATIONS })
  /** One reservation at a time for each integration. */
  const limiter = createLimiter(1)
  let degradedUntil = 0

  /** @returns the number that the statement returns; null when it returns no row; undefined when the database does not answer */
  async function queryWait(statement: string, values: readonly unknown[]): Promise<number | null | undefined> {
    const settled = new AbortController()
    try {
      // No tenant sees these rows, so the statement must not run in the scope of the caller's tenant.
      const query = runInScope(null, () => database.sql.query<{ wait_ms: number }>(statement, values))
      query.catch(() => undefined)
      const rows = await Promise.race([query, timeout(settled.signal)])
      if (rows !== 'timeout') return rows[0]?.wait_ms ?? null
      logger.warn('The database did not return the next rate-limit slot in time. This process keeps the rate alone.')
    } catch (error) {
      logger.warn(
        { err: error },
        'The database cannot return the next rate-limit slot. This process keeps the rate alone.',
      )
    } finally {
      settled.abort()
    }
    degradedUntil = performance.now() + DEGRADED_MS
    return undefined
  }

  /** @returns the time of the slot that was taken; null when this process must keep the rate alone */
  async function takeSlot(integrationId: string, rate: number, maxWaitMs: number): Promise<number | null> {
    const now = clock.now()
    const held = reserved.get(integrationId)
    if (held !== undefined && hasUsableSlot(held, now)) return takeFrom(held, now, maxWaitMs)
    const count = Math.max(1, Math.floor(rate * BATCH_SECONDS))
    const stepMs = 1000 / rate
    const limit = Number.isFinite(maxWaitMs) ? maxWaitMs : null
    const waitMs = await queryWait(RESERVE, [integrationId, count * stepMs, limit])
    if (waitMs === undefined) return null
    if (waitMs === null) {
      const currentMs = await queryWait(READ_WAIT, [integrationId])
      // Without a row the integration was just deleted, which the request itself will report.
      if (currentMs == null || currentMs <= maxWaitMs) return null
      throw rateLimited(currentMs)
    }
    const startsAt = clock.now() + Math.max(0, waitMs)
    const slots = { nextAt: startsAt, endsAt: startsAt + count * stepMs, stepMs }
    reserved.set(integrationId, slots)
    return takeFrom(slots, startsAt - waitMs, maxWaitMs)
  }

  const isDegraded = () => performance.now() < degradedUntil

  return {
    async wait(integrationId, requestsPerSecond, signal, maxWaitMs = Number.POSITIVE_INFINITY, options = {}) {
      if (requestsPerSecond === undefined) return
      const lateMs = latenessMs(requestsPerSecond)
      let held = options.slotAt
      for (let slots = 1; ; slots += 1) {
        const isHeld = held !== undefined && clock.now() - held <= lateMs
        const at = isHeld
          ? (held ?? null)
          : isDegraded()
            ? null
            : await limiter.run(integrationId, async () => {
                signal.throwIfAborted()
                return isDegraded() ? null : takeSlot(integrationId, requestsPerSecond, maxWaitMs)
              })
        held = undefined
        if (at === null) {
          return local.wait(integrationId, requestsPerSecond, signal, maxWaitMs, { onWait: options.onWait })
        }
        const waitMs = at - clock.now()
        if (waitMs > 0) {
          options.onWait?.({ at, waitMs })
          await clock.sleep(waitMs, signal)
        }
        // A busy process that wakes up too late would otherwise send all of its waiting requests at once.
        if (clock.now() - at <= lateMs || slots === MAX_SLOTS) return
      }
    },
    async pause(integrationId, requestsPerSecond, ms) {
      if (requestsPerSecond === undefined) return
      await local.pause(integrationId, requestsPerSecond, ms)
      reserved.delete(integrationId)
      if (!isDegraded()) await queryWait(PAUSE, [integrationId, Math.min(ms, MAX_PAUSE_MS)])
    },
  }
}

/** Expired slots are not used: they would come on top of the slots of other processes. */
function hasUsableSlot({ nextAt, endsAt, stepMs }: Slots, now: number): boolean {
  return nextAt < endsAt - stepMs / 2 && now < endsAt
}

/** Takes the next slot. @throws RateLimitedError when it is too far away */
function takeFrom(slots: Slots, now: number, maxWaitMs: number): number {
  const at = slots.nextAt
  if (at - now > maxWaitMs) throw rateLimited(at - now)
  slots.nextAt += slots.stepMs
  return at
}

function timeout(signal: AbortSignal): Promise<'timeout'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('timeout'), DATABASE_TIMEOUT_MS)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}
