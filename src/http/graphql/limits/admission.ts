import type { Caller } from '../../../access/caller.ts'
import { RateLimitedError } from '../../../kit/errors.ts'
import { callerKey, workspaceKey } from '../../server/caller-key.ts'

/**
 * Decides when operations begin, so that those of one workspace do not delay those of others: operations share one event loop.
 * The first operation of a workspace begins at once. Further ones begin while all running operations together are within
 * `pointsAtOnce`, and while the iteration of the event loop has not taken longer than `iterationMs`; until then they wait in the
 * order of their arrival, and workspaces take turns.
 */
export interface Admission {
  /**
   * Runs `work` now or when its turn comes, and settles as it does.
   * @throws RateLimitedError if too many operations of the workspace wait, or this one has waited too long
   */
  run<T>(caller: Caller, points: number, work: () => Promise<T> | T): Promise<T> | T
  /**
   * Waits until work may begin, for work that is not one function.
   * @returns ends it; may be called more than once
   * @throws RateLimitedError as `run` does
   */
  enter(caller: Caller, points: number): Promise<() => void> | (() => void)
}

interface AdmissionOptions {
  /** Called for each operation that is refused. */
  onRefused?: (() => void) | undefined
  /** Points of the operations that run at once. Default: 25. */
  pointsAtOnce?: number
  /** Concurrent operations of `EXPENSIVE_POINTS` and more of one caller. Default: 2. */
  expensiveAtOnce?: number
  /** How long an operation waits, in milliseconds. Default: 10,000. */
  maxWaitMs?: number
  /** How many operations of one workspace wait. Default: 200. */
  maxWaiting?: number
  /**
   * How long one iteration of the event loop begins operations, besides the first one of each workspace, in milliseconds. An
   * operation without a statement ends before the next one begins, so the points at once do not limit it. Default: 4.
   */
  iterationMs?: number
}

export const EXPENSIVE_POINTS = 15
/**
 * An operation counts for this many milliseconds per point at most: then it has had its time, and waits for something else,
 * such as a slow provider.
 */
const COUNTED_MS_PER_POINT = 5
const LEAST_COUNTED_MS = 20

interface Lane {
  /** Operations that run and count. */
  running: number
  /** The iteration of the event loop in which it last began an operation. */
  iteration: number
  waiting: Waiting[]
}

interface Waiting {
  callerKey: string
  points: number
  begin: () => void
}

export function createAdmission(options: AdmissionOptions = {}): Admission {
  const { pointsAtOnce = 25, expensiveAtOnce = 2, maxWaitMs = 10_000, maxWaiting = 200, iterationMs = 4 } = options
  const refused = () => {
    options.onRefused?.()
    return tooManyAtOnce()
  }
  /** Workspaces with operations that run or wait, or that began in this iteration, those whose turn comes first in front. */
  const lanes = new Map<string, Lane>()
  /** Running expensive operations by caller. */
  const expensive = new Map<string, number>()
  let pointsRunning = 0
  let iteration = 0
  /** When the first operation of this iteration began, by `performance.now()`; null: none has. */
  let iterationBeganMs: number | null = null

  function mayBegin(lane: Lane, { callerKey, points }: Pick<Waiting, 'callerKey' | 'points'>): boolean {
    if (points >= EXPENSIVE_POINTS && (expensive.get(callerKey) ?? 0) >= expensiveAtOnce) return false
    if (lane.running > 0 && pointsRunning + points > pointsAtOnce) return false
    return lane.iteration < iteration || iterationBeganMs === null || performance.now() - iterationBeganMs < iterationMs
  }

  function countIteration(lane: Lane): void {
    lane.iteration = iteration
    if (iterationBeganMs !== null) return
    iterationBeganMs = performance.now()
    setImmediate(() => {
      iteration += 1
      iterationBeganMs = null
      for (const entry of [...lanes]) {
        const [name, { running, waiting }] = entry
        if (running === 0 && waiting.length === 0) lanes.delete(name)
        // One of each workspace: an operation that has waited continues only later in this iteration.
        else beginNext([entry])
      }
    })
  }

  /** @returns a function that ends it, which may be called more than once */
  function begin(lane: Lane, { callerKey, points }: Pick<Waiting, 'callerKey' | 'points'>): () => void {
    countIteration(lane)
    lane.running += 1
    pointsRunning += points
    let counts = true
    const stopCounting = () => {
      if (!counts) return
      counts = false
      clearTimeout(timer)
      lane.running -= 1
      pointsRunning -= points
      beginNext()
    }
    const timer = setTimeout(stopCounting, Math.max(LEAST_COUNTED_MS, points * COUNTED_MS_PER_POINT)).unref()
    const isExpensive = points >= EXPENSIVE_POINTS
    if (isExpensive) expensive.set(callerKey, (expensive.get(callerKey) ?? 0) + 1)
    let ended = false
    return () => {
      if (ended) return
      ended = true
      if (isExpensive) {
        const left = (expensive.get(callerKey) ?? 1) - 1
        if (left === 0) expensive.delete(callerKey)
        else expensive.set(callerKey, left)
      }
      if (counts) stopCounting()
      else beginNext()
    }
  }

  /** Begins the next operation that waits and may begin. The lane goes to the end, so that each gets a turn. */
  function beginNext(of: Iterable<[string, Lane]> = lanes): void {
    for (const [name, lane] of of) {
      const at = lane.waiting.findIndex((each) => mayBegin(lane, each))
      const next = lane.waiting[at]
      if (next === undefined) continue
      lane.waiting.splice(at, 1)
      lanes.delete(name)
      lanes.set(name, lane)
      next.begin()
      return
    }
  }

  const enter: Admission['enter'] = (caller, points) => {
    const name = workspaceKey(caller)
    const lane = lanes.get(name) ?? { running: 0, iteration: -1, waiting: [] }
    lanes.set(name, lane)
    const operation = { callerKey: callerKey(caller), points }
    if (lane.waiting.length === 0 && mayBegin(lane, operation)) return begin(lane, operation)
    if (lane.waiting.length >= maxWaiting) throw refused()
    const { promise, resolve, reject } = Promise.withResolvers<() => void>()
    const waiting: Waiting = {
      ...operation,
      begin() {
        clearTimeout(timer)
        resolve(begin(lane, operation))
      },
    }
    const timer = setTimeout(() => {
      lane.waiting.splice(lane.waiting.indexOf(waiting), 1)
      reject(refused())
    }, maxWaitMs)
    lane.waiting.push(waiting)
    return promise
  }

  return {
    enter,
    run(caller, points, work) {
      const entered = enter(caller, points)
      return entered instanceof Promise ? entered.then((end) => settle(work, end)) : settle(work, entered)
    },
  }
}

function settle<T>(work: () => Promise<T> | T, end: () => void): Promise<T> | T {
  let result: Promise<T> | T
  try {
    result = work()
  } catch (error) {
    end()
    throw error
  }
  if (result instanceof Promise) return result.finally(end)
  end()
  return result
}

function tooManyAtOnce(): RateLimitedError {
  return new RateLimitedError('Too many expensive operations run at once. Wait for the results of some of them.', {
    retryAfterSeconds: 2,
  })
}
