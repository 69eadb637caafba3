import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutionArgs, ExecutionResult } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Caller } from '../../../access/caller.ts'
import type { GraphQLContext, OperationBudget } from '../../../graphql/kernel/context.ts'
import type { RateLimitedError } from '../../../kit/errors.ts'
import type { PointLimits } from '../../server/point-limits.ts'
import { refusalResponse } from '../present-error.ts'
import { isResultBatch } from '../shared-events.ts'
import { BYTE_POINTS, OPERATION_POINTS, operationCost, RESOLVED_POINTS } from './operation-cost.ts'

/** What it takes to parse and validate a document, valid or not: in any case, and for each character. */
const DOCUMENT_POINTS = 1
const CHARACTER_POINTS = 1 / 1_000

export function documentPoints(document: unknown): number {
  return DOCUMENT_POINTS + (typeof document === 'string' ? document.length * CHARACTER_POINTS : 0)
}

/**
 * Milliseconds of statements that an operation is not charged for. The others are charged like processor time of this process:
 * they keep the database from working for others.
 */
const INCLUDED_DATABASE_MS = 50

/** What an operation is charged to its caller. */
export interface Charge {
  /** Null: the points were charged. Otherwise why the caller has to wait; nothing was charged then. */
  refused: RateLimitedError | null
  /** Called when the operation begins, which may wait for its turn. */
  begin(): void
  /** Called when the operation has ended: charges what it has taken more, or gives back what it has taken less. */
  settle(budget: OperationBudget): void
}

/**
 * Charges an operation for the most that it can return, in points (see `operation-cost.ts`), and in the end for what it has returned.
 * What a mutation is expected to take besides is given back as far as it has ended sooner, such as one that is refused at once.
 */
export function chargeOperation(limits: PointLimits, caller: Caller, args: ExecutionArgs): Charge {
  const { points, fixedPoints } = operationCost(args)
  const refused = limits.take(caller, points)
  let begunMs = performance.now()
  return {
    refused,
    begin() {
      begunMs = performance.now()
    },
    settle({ resolvedFields, answerBytes, databaseMs, threadMs }) {
      if (refused !== null) return
      // A point is a millisecond of this process, so an operation cannot have taken more than the milliseconds that passed.
      const passedMs = performance.now() - begunMs
      const fixed = OPERATION_POINTS + Math.min(fixedPoints - OPERATION_POINTS, passedMs)
      const rows = resolvedFields * RESOLVED_POINTS + answerBytes * BYTE_POINTS
      const statements = Math.max(0, databaseMs - INCLUDED_DATABASE_MS)
      limits.settle(caller, fixed + rows + statements + threadMs - points)
    },
  }
}

/** Charges a subscription when it begins and for each event. It pauses when its caller has used up its points. */
export function useSubscriptionCharge(limits: PointLimits): Plugin<GraphQLContext> {
  return {
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const { caller } = args.contextValue
      if (caller === null) return
      const error = limits.take(caller, operationCost(args).points)
      if (error !== null) setSubscribeFn(() => refusalResponse(error))
      else {
        setSubscribeFn(async (given: ExecutionArgs) => {
          const result: unknown = await subscribeFn(given)
          return isAsyncIterable<ExecutionResult>(result) ? charged(result, caller, limits) : result
        })
      }
    },
  }
}

/** What it takes to send a result of a subscription: in any case, and for each of its events. */
const RESULT_POINTS = 0.02
const DELIVERED_POINTS = 0.01
/** Longest pause before a result, in milliseconds. */
const MAX_PAUSE_MS = 10_000

/**
 * Charges the results of a subscription to its caller. While the caller is below zero, no further event is fetched. Nothing is lost:
 * a subscription reads on from the log at its own position.
 */
function charged(
  results: AsyncIterable<ExecutionResult>,
  caller: Caller,
  limits: PointLimits,
): AsyncIterableIterator<ExecutionResult, unknown> {
  const iterator = results[Symbol.asyncIterator]()
  const left = new AbortController()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      const pauseMs = Math.min(limits.debtMs(caller), MAX_PAUSE_MS)
      // Left in the meantime: the source then has no further result.
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: left.signal, ref: false }).catch(() => undefined)
      const next = await iterator.next()
      if (next.done === true) return next
      const events = isResultBatch(next.value) ? next.value.batch.length : 1
      limits.settle(caller, RESULT_POINTS + events * DELIVERED_POINTS)
      return next
    },
    async return(value) {
      left.abort()
      return (await iterator.return?.(value)) ?? { done: true, value }
    },
    async throw(error) {
      left.abort()
      return (await iterator.throw?.(error)) ?? Promise.reject(error)
    },
  }
}
