import { type ExecutionArgs, getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import type { PointLimits } from '../server/point-limits.ts'
import type { Admission } from './admission.ts'
import { BYTE_POINTS, operationCost, RESOLVED_POINTS } from './operation-cost.ts'
import { refusalResponse } from './present-error.ts'

/** What it takes to parse and validate a document, valid or not: in any case, and for each character. */
const DOCUMENT_POINTS = 1
const CHARACTER_POINTS = 1 / 1_000

export function documentPoints(document: unknown): number {
  return DOCUMENT_POINTS + (typeof document === 'string' ? document.length * CHARACTER_POINTS : 0)
}

/**
 * Limits each caller by the cost of its operations, in points (see `operation-cost.ts`). An operation is charged before it
 * runs for the most that it can return, and after it for what it has returned. An operation that may run waits until its
 * workspace has its turn. Queries and subscriptions over a limit are refused. Mutations return RateLimitedError in their result.
 */
export function useRateLimit(limits: PointLimits, admission: Admission): Plugin<GraphQLContext> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const context: GraphQLContext = args.contextValue
      const { caller } = context
      // The caller gate limits requests without a known caller.
      if (caller === null) return undefined
      const { points, fixedPoints } = operationCost(args)
      const isMutation = getOperationAST(args.document, args.operationName)?.operation === 'mutation'
      /** A mutation has run resolvers, which return the error, and the answer has the header too. */
      const refuse = (error: RateLimitedError) => {
        if (!isMutation) return refusalResponse(error)
        context.rateLimited = error
        return executeFn(args)
      }
      const error = limits.take(caller, points)
      if (error !== null) setExecuteFn(() => refuse(error))
      else {
        setExecuteFn(async (given: ExecutionArgs) => {
          try {
            return await admission.run(caller, points, () => executeFn(given))
          } catch (waitingError) {
            if (!(waitingError instanceof RateLimitedError)) throw waitingError
            return refuse(waitingError)
          }
        })
      }
      return {
        onExecuteDone({ result, setResult }) {
          if (error === null) {
            const { resolvedFields, answerBytes } = context.budget
            const taken = fixedPoints + resolvedFields * RESOLVED_POINTS + answerBytes * BYTE_POINTS
            limits.settle(caller, taken - points)
          }
          const { rateLimited } = context
          if (rateLimited === null || isAsyncIterable(result)) return
          const headers = { 'retry-after': String(rateLimited.retryAfterSeconds) }
          setResult({ ...result, extensions: { ...result.extensions, http: { headers } } })
        },
      }
    },
    onSubscribe({ args, setSubscribeFn }) {
      const { caller } = args.contextValue
      const error = caller === null ? null : limits.take(caller, operationCost(args).points)
      if (error !== null) setSubscribeFn(() => refusalResponse(error))
    },
  }
}
