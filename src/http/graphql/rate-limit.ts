import { getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Caller } from '../../access/caller.ts'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import { createTokenBuckets } from '../server/token-buckets.ts'
import { type Operation, operationCost } from './operation-cost.ts'
import { refusalResponse } from './present-error.ts'

/** Objects in an answer that cost one point. */
const OBJECTS_PER_POINT = 100

/**
 * Limits each caller by the cost of its operations. An operation costs one point per root field, so that aliases count, or
 * one point per hundred objects, whichever is more. Queries and subscriptions over the limit are refused. Mutations return
 * RateLimitedError in their result. Each process counts for itself.
 *
 * @param pointsPerMinute points per caller and minute, and the most at once; 0: no limit
 */
export function useRateLimit(pointsPerMinute: number): Plugin<GraphQLContext> {
  if (pointsPerMinute === 0) return {}
  const buckets = createTokenBuckets({ capacity: pointsPerMinute, perSecond: pointsPerMinute / 60 })
  const take = (operation: Operation, { caller }: GraphQLContext): RateLimitedError | null => {
    // The caller gate limits requests without a known caller, by IP address.
    if (caller === null) return null
    const { objects, rootFields } = operationCost(operation)
    const points = Math.max(1, rootFields, Math.ceil(objects / OBJECTS_PER_POINT))
    const seconds = buckets.take(bucketOf(caller), points)
    if (seconds === null) return null
    return new RateLimitedError(`Too many requests. Try again in ${seconds} seconds.`, {
      retryAfterSeconds: seconds,
    })
  }
  return {
    onExecute({ args, setExecuteFn }) {
      const error = take(args, args.contextValue)
      if (error === null) return undefined
      if (getOperationAST(args.document, args.operationName)?.operation !== 'mutation') {
        setExecuteFn(() => refusalResponse(error))
        return undefined
      }
      args.contextValue.rateLimited = error
      const headers = { 'retry-after': String(error.retryAfterSeconds) }
      return {
        onExecuteDone({ result, setResult }) {
          if (isAsyncIterable(result)) return
          setResult({ ...result, extensions: { ...result.extensions, http: { headers } } })
        },
      }
    },
    onSubscribe({ args, setSubscribeFn }) {
      const error = take(args, args.contextValue)
      if (error !== null) setSubscribeFn(() => refusalResponse(error))
    },
  }
}

function bucketOf({ apiKeyId, connectSessionId, workspaceId, endUserId }: Caller): string {
  return apiKeyId ?? connectSessionId ?? `${workspaceId}:${endUserId}`
}
