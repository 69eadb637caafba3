import { Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Caller } from '../../access/caller.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import { callerKey, workspaceKey } from './caller-key.ts'
import { createFairShares } from './fair-shares.ts'
import { createTokenBuckets } from './token-buckets.ts'

/**
 * Limits what callers may cost, in points. A point is about one millisecond of one core. The limits of an API key and of a
 * workspace apply to all processes that share a `SharedPoints`; that of the process applies to it alone, and only to
 * operations that are not cheap, of workspaces that use at least as much of the process as the others on average. So it never
 * refuses the small reads of anybody, nor anything of a workspace that is quiet itself.
 */
export interface PointLimits {
  /**
   * Charges points in advance.
   * @returns null: charged; otherwise why the caller has to wait. Nothing is charged then
   */
  take(caller: Caller, points: number): RateLimitedError | null
  /** Charges what a request took more than its points in advance, or gives back what it took less (negative). */
  settle(caller: Caller, points: number): void
  /** Milliseconds until neither the caller nor its workspace is below zero; 0: none is. */
  debtMs(caller: Caller): number
  /** Milliseconds until the process is no longer below zero; 0: it is not, or the caller's workspace uses less than the others. */
  busyMs(caller: Caller): number
  /** The limits that are in force. Null: none. */
  perMinute: { keyPointsPerMinute: number | null; pointsPerMinute: number | null }
  /** Waits for what is not shared yet. */
  close(): Promise<void>
}

interface PointLimitOptions {
  /** Points per minute of one API key, connect session or end user; 0: no limit, also none of the others. */
  perCaller: number
  /** Points per minute of one workspace. Default: one and a half times `perCaller`. */
  perWorkspace?: number | undefined
  /** Points per minute of this process. Default: 54,000, nine tenths of a core. */
  perProcess?: number | undefined
  shared?: SharedPoints | undefined
  /** Called for each request that is refused. */
  onRefused?: (() => void) | undefined
}

/** Seconds within which a limit is counted. So many seconds' points may be used at once. */
const WINDOW_SECONDS = 10
const PROCESS_PER_MINUTE = 54_000
const WORKSPACE_FACTOR = 1.5
/** An operation of fewer points is cheap. */
const CHEAP_POINTS = 5
const PROCESS = 'process'
/** How far below zero the process can be, in seconds of its points: it recovers as soon as those who kept it busy stop. */
const MAX_PROCESS_DEBT_SECONDS = 1

export function createPointLimits(options: PointLimitOptions): PointLimits {
  if (options.perCaller === 0) {
    return {
      take: () => null,
      settle: () => undefined,
      debtMs: () => 0,
      busyMs: () => 0,
      perMinute: { keyPointsPerMinute: null, pointsPerMinute: null },
      close: async () => undefined,
    }
  }
  const { perCaller, perWorkspace = perCaller * WORKSPACE_FACTOR, perProcess = PROCESS_PER_MINUTE, shared } = options
  const refused = (error: RateLimitedError) => {
    options.onRefused?.()
    return error
  }
  const bucketsOf = (perMinute: number, maxDebt?: number) =>
    createTokenBuckets({
      capacity: (perMinute * WINDOW_SECONDS) / 60,
      perSecond: perMinute / 60,
      ...(maxDebt === undefined ? {} : { maxDebt }),
    })
  const callers = { buckets: bucketsOf(perCaller), perWindow: (perCaller * WINDOW_SECONDS) / 60 }
  const workspaces = { buckets: bucketsOf(perWorkspace), perWindow: (perWorkspace * WINDOW_SECONDS) / 60 }
  const processBuckets = bucketsOf(perProcess, (perProcess * MAX_PROCESS_DEBT_SECONDS) / 60)
  const shares = createFairShares({ windowMs: WINDOW_SECONDS * 1_000 })

  const limitsOf = (caller: Caller) => [
    { ...callers, key: callerKey(caller) },
    ...(caller.workspaceId === null ? [] : [{ ...workspaces, key: `workspace:${caller.workspaceId}` }]),
  ]

  function charge(caller: Caller, points: number): void {
    for (const { key, buckets, perWindow } of limitsOf(caller)) {
      buckets.charge(key, points)
      shared?.charge(key, points, perWindow)
    }
    processBuckets.charge(PROCESS, points)
    shares.use(workspaceKey(caller), points)
  }

  return {
    take(caller, points) {
      const own = limitsOf(caller)
      const waits = own.map(({ key, buckets }) => Math.max(buckets.wait(key, points) ?? 0, shared?.wait(key) ?? 0))
      const seconds = Math.max(0, ...waits)
      if (seconds > 0) return refused(tooMany(seconds))
      const busy = points < CHEAP_POINTS ? null : processBuckets.wait(PROCESS, points)
      if (busy !== null && shares.isAbove(workspaceKey(caller), points)) return refused(overloaded(busy))
      charge(caller, points)
      return null
    },
    settle: charge,
    debtMs: (caller) =>
      Math.max(
        0,
        ...limitsOf(caller).map(({ key, buckets }) => Math.max(buckets.debtMs(key), (shared?.wait(key) ?? 0) * 1_000)),
      ),
    busyMs(caller) {
      const debtMs = processBuckets.debtMs(PROCESS)
      return debtMs > 0 && shares.isAbove(workspaceKey(caller)) ? debtMs : 0
    },
    perMinute: { keyPointsPerMinute: perCaller, pointsPerMinute: perWorkspace },
    close: async () => shared?.close(),
  }
}

function tooMany(retryAfterSeconds: number): RateLimitedError {
  return new RateLimitedError(`Too many requests. Try again in ${retryAfterSeconds} seconds.`, { retryAfterSeconds })
}

function overloaded(retryAfterSeconds: number): RateLimitedError {
  return new RateLimitedError(
    `The server is busy and accepts small requests only. Try again in ${retryAfterSeconds} seconds.`,
    { retryAfterSeconds },
  )
}

/** The points that all processes have charged, by key. */
export interface SharedPoints {
  /** Adds points, or gives them back. Never waits: they are sent in batches. */
  charge(key: string, points: number, perWindow: number): void
  /** Seconds until the key has points again in all processes; null: it has. */
  wait(key: string): number | null
  close(): Promise<void>
}

const FLUSH_MS = 200
const MAX_KEYS = 10_000

/**
 * Shares points over Redis. Each process limits by itself first; Redis adds what the others have charged, a fifth of a second
 * later. While Redis is unavailable, each process limits by itself alone.
 */
export function createSharedPoints(url: string, onError: (error: Error) => void): SharedPoints {
  const client = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false })
  client.on('error', onError)
  const limiter = new RateLimiterRedis({
    storeClient: client,
    keyPrefix: 'latchkey:points',
    // Only `penalty` and `reward` are used, which refuse nothing.
    points: Number.MAX_SAFE_INTEGER,
    duration: WINDOW_SECONDS,
  })
  /** Thousandths of a point, because Redis counts in whole numbers. */
  let unsent = new Map<string, { points: number; perWindow: number }>()
  const blockedUntil = new BoundedMap<string, number>({ max: MAX_KEYS, ttlMs: WINDOW_SECONDS * 1_000 })
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> = Promise.resolve()

  async function send(): Promise<void> {
    timer = undefined
    const batch = unsent
    unsent = new Map()
    await Promise.all(
      [...batch].map(async ([key, { points, perWindow }]) => {
        const thousandths = Math.round(points * 1_000)
        if (thousandths === 0) return
        const { consumedPoints, msBeforeNext } =
          thousandths > 0 ? await limiter.penalty(key, thousandths) : await limiter.reward(key, -thousandths)
        if (consumedPoints > perWindow * 1_000) blockedUntil.set(key, performance.now() + msBeforeNext)
        else blockedUntil.delete(key)
      }),
    ).catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
  }

  return {
    charge(key, points, perWindow) {
      const known = unsent.get(key)
      if (known !== undefined) known.points += points
      else if (unsent.size < MAX_KEYS) unsent.set(key, { points, perWindow })
      timer ??= setTimeout(() => {
        sending = send()
      }, FLUSH_MS).unref()
    },
    wait(key) {
      const remainingMs = (blockedUntil.get(key) ?? 0) - performance.now()
      return remainingMs > 0 ? Math.ceil(remainingMs / 1_000) : null
    },
    async close() {
      clearTimeout(timer)
      await sending
      client.disconnect()
    },
  }
}
