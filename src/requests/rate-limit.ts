import type { Database } from '../db/database.ts'
import { runInScope } from '../db/scope.ts'
import { RateLimitedError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import type { Clock } from '../kit/time.ts'

interface SharedPaceDeps {
  database: Database
  clock: Clock
  logger: Logger
}

/**
 * So much of a second is reserved at once, so that a high rate does not ask the database for every request. It is the
 * burst too: in any second at most a tenth more than the rate goes out, and one request more from each process.
 */
const BATCH_SECONDS = 0.1
/** A database that does not answer for so long is done without for DEGRADED_MS: each process then keeps the rate alone. */
const ANSWER_MS = 1_000
const DEGRADED_MS = 5_000
/** Places that a request takes when it comes too late for each. Then it goes out: standing still would help nobody. */
const MAX_TAKES = 4
/** More than this many integrations are looked through for those that nobody asks about. */
const SWEEP_ABOVE = 1_000

/** $1 integration, $2 milliseconds that the places last, $3 longest wait in milliseconds, or null. By the database's clock. */
const RESERVE = `
  INSERT INTO integration_pace AS p (integration_id, workspace_id, next_at)
  SELECT id, workspace_id, clock_timestamp() + $2::float8 * interval '1 millisecond' FROM integration WHERE id = $1::uuid
  ON CONFLICT (integration_id) DO UPDATE
    SET next_at = greatest(p.next_at, clock_timestamp()) + $2::float8 * interval '1 millisecond'
    WHERE $3::float8 IS NULL OR p.next_at <= clock_timestamp() + $3::float8 * interval '1 millisecond'
  RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 * 1000 - $2::float8 AS wait_ms`

const LOOK = `
  SELECT extract(epoch FROM next_at - clock_timestamp())::float8 * 1000 AS wait_ms
  FROM integration_pace WHERE integration_id = $1::uuid`

const PAUSE = `
  INSERT INTO integration_pace AS p (integration_id, workspace_id, next_at)
  SELECT id, workspace_id, clock_timestamp() + $2::float8 * interval '1 millisecond' FROM integration WHERE id = $1::uuid
  ON CONFLICT (integration_id) DO UPDATE SET next_at = greatest(p.next_at, excluded.next_at)`

/** Places that this process has reserved, one after another, by its own clock. */
interface Places {
  nextAt: number
  endsAt: number
  stepMs: number
}

interface IntegrationPace {
  places: Places | undefined
  /** One reservation at a time; settles, never rejects. */
  turn: Promise<void>
  waiting: number
}

/**
 * The pacer of several processes: they reserve places one after another in the row of the integration. On the embedded
 * database, which is of one process, it is the pacer of that process.
 *
 * Without the database it never holds a request up for more than a second: from then on, for five seconds, each process
 * keeps the rate by itself.
 */
export function createSharedPacer({ database, clock, logger }: SharedPaceDeps): Pacer {
  const alone = createPacer(clock)
  if (database.kind === 'embedded') return alone
  const paces = new Map<string, IntegrationPace>()
  let degradedUntil = 0

  function paceOf(integrationId: string): IntegrationPace {
    if (paces.size > SWEEP_ABOVE) for (const [id, pace] of paces) if (pace.waiting === 0) paces.delete(id)
    const pace = paces.get(integrationId) ?? { places: undefined, turn: Promise.resolve(), waiting: 0 }
    paces.set(integrationId, pace)
    return pace
  }

  /** @returns the statement's one number; null: it gave no row; undefined: the database did not answer */
  async function ask(statement: string, values: readonly unknown[]): Promise<number | null | undefined> {
    const late = new AbortController()
    try {
      // The places of an integration are no tenant's: a request of one must not ask with that tenant's eyes.
      const answer = runInScope(null, () => database.sql.query<{ wait_ms: number }>(statement, values))
      answer.catch(() => undefined)
      const rows = await Promise.race([answer, clockTimeout(late.signal)])
      if (rows !== 'late') return rows[0]?.wait_ms ?? null
      logger.warn('The database did not say in time when a request may go out. This process keeps the rate alone.')
    } catch (error) {
      logger.warn(
        { err: error },
        'The database cannot say when a request may go out. This process keeps the rate alone.',
      )
    } finally {
      late.abort()
    }
    degradedUntil = performance.now() + DEGRADED_MS
    return undefined
  }

  /** @returns when the place is that was taken; null: this process has to see to it alone */
  async function take(integrationId: string, pace: IntegrationPace, rate: number, maxWaitMs: number) {
    const now = clock.now()
    const held = placeIn(pace.places, now)
    if (held !== undefined) return allowed(held, now, maxWaitMs)
    const count = Math.max(1, Math.floor(rate * BATCH_SECONDS))
    const stepMs = 1000 / rate
    const limit = Number.isFinite(maxWaitMs) ? maxWaitMs : null
    const waitMs = await ask(RESERVE, [integrationId, count * stepMs, limit])
    if (waitMs === undefined) return null
    if (waitMs === null) {
      const known = await ask(LOOK, [integrationId])
      // No row: the integration has just been deleted. Who uses it will find out.
      if (known == null || known <= maxWaitMs) return null
      throw tooManyWait(known)
    }
    const startsAt = clock.now() + Math.max(0, waitMs)
    pace.places = { nextAt: startsAt, endsAt: startsAt + count * stepMs, stepMs }
    return allowed(pace.places, startsAt - waitMs, maxWaitMs)
  }

  /** As `take`, in turn, without its wait. */
  async function takeInTurn(integrationId: string, rate: number, signal: AbortSignal, maxWaitMs: number) {
    const pace = paceOf(integrationId)
    const before = pace.turn
    const { promise, resolve } = Promise.withResolvers<void>()
    pace.turn = promise
    pace.waiting += 1
    try {
      await before
      signal.throwIfAborted()
      return performance.now() < degradedUntil ? null : await take(integrationId, pace, rate, maxWaitMs)
    } finally {
      pace.waiting -= 1
      resolve()
    }
  }

  return {
    async wait(integrationId, requestsPerSecond, signal, maxWaitMs = Number.POSITIVE_INFINITY) {
      if (requestsPerSecond === undefined) return
      const lateMs = Math.max(1000 * BATCH_SECONDS, 1000 / requestsPerSecond)
      for (let takes = 1; ; takes += 1) {
        const degraded = performance.now() < degradedUntil
        const at = degraded ? null : await takeInTurn(integrationId, requestsPerSecond, signal, maxWaitMs)
        if (at === null) return alone.wait(integrationId, requestsPerSecond, signal, maxWaitMs)
        const waitMs = at - clock.now()
        if (waitMs > 0) await clock.sleep(waitMs, signal)
        // A process that is so busy that it comes too late would send all that waits in it at once.
        if (clock.now() - at <= lateMs || takes === MAX_TAKES) return
      }
    },
    async pause(integrationId, requestsPerSecond, ms) {
      if (requestsPerSecond === undefined) return
      await alone.pause(integrationId, requestsPerSecond, ms)
      paceOf(integrationId).places = undefined
      if (performance.now() >= degradedUntil) await ask(PAUSE, [integrationId, Math.min(ms, LONGEST_PAUSE_MS)])
    },
  }
}

/** Places whose time is over are nobody's: they would come on top of those of others. */
function placeIn(places: Places | undefined, now: number): Places | undefined {
  const open = places !== undefined && places.nextAt < places.endsAt - places.stepMs / 2 && now < places.endsAt
  return open ? places : undefined
}

/** Takes the first place, if it comes soon enough. */
function allowed(places: Places, now: number, maxWaitMs: number): number {
  const at = places.nextAt
  if (at - now > maxWaitMs) throw tooManyWait(at - now)
  places.nextAt += places.stepMs
  return at
}

function clockTimeout(signal: AbortSignal): Promise<'late'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), ANSWER_MS)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}

/**
 * Keeps the requests to each integration under the rate that its definition names. One whose definition names none is
 * not held up: nobody has said that its connections share a limit, and most providers count each account apart.
 */
export interface Pacer {
  /**
   * Resolves when the next request of this integration may go out. Rejects with the signal's reason.
   * @param maxWaitMs who would wait longer takes no place: RateLimitedError. Default: no limit
   */
  wait(
    integrationId: string,
    requestsPerSecond: number | undefined,
    signal: AbortSignal,
    maxWaitMs?: number,
  ): Promise<void>
  /**
   * The provider asked for fewer requests: none of this integration goes out for so long, at most LONGEST_PAUSE_MS. What
   * waits already is not called back.
   */
  pause(integrationId: string, requestsPerSecond: number | undefined, ms: number): Promise<void>
}

/** An account that is out of requests for an hour must not stop the others for as long: they are told by themselves. */
const LONGEST_PAUSE_MS = 60_000

/** More than this many are looked through for those that are over. */
const SWEEP_SIZE = 1_000

/** For one process: others do not know of its requests. */
export function createPacer(clock: Clock): Pacer {
  /** When the next request of an integration may go out. */
  const free = new Map<string, number>()
  return {
    async wait(integrationId, requestsPerSecond, signal, maxWaitMs = Number.POSITIVE_INFINITY) {
      if (requestsPerSecond === undefined) return
      const now = clock.now()
      if (free.size > SWEEP_SIZE) for (const [id, at] of free) if (at <= now) free.delete(id)
      const at = Math.max(now, free.get(integrationId) ?? 0)
      if (at - now > maxWaitMs) throw tooManyWait(at - now)
      // The place is taken before the wait, so that those who come meanwhile queue behind it.
      free.set(integrationId, at + 1000 / requestsPerSecond)
      if (at > now) await clock.sleep(at - now, signal)
    },
    async pause(integrationId, requestsPerSecond, ms) {
      if (requestsPerSecond === undefined) return
      const until = clock.now() + Math.min(ms, LONGEST_PAUSE_MS)
      free.set(integrationId, Math.max(until, free.get(integrationId) ?? 0))
    },
  }
}

function tooManyWait(waitMs: number): RateLimitedError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000)
  return new RateLimitedError(
    `More requests wait for this integration than its rate lets through. Try again in ${retryAfterSeconds} seconds.`,
    { retryAfterSeconds },
  )
}
