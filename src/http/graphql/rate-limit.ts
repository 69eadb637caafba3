import { getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Caller } from '../../access/caller.ts'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import { createTokenBuckets } from '../server/token-buckets.ts'
import { type Operation, operationCost } from './operation-cost.ts'
import { refusalResponse } from './present-error.ts'

/** Objects of an answer that count as much as one operation. */
const OBJECTS_PER_POINT = 100

/**
 * Limits what one caller does, by what it costs and not by the number of requests: a point for each field of the root, so
 * that aliases and batches count as what they are, or for each hundred objects asked for, whichever is more. Queries and
 * subscriptions that are refused are not run; mutations answer RateLimitedError in their result. Each process counts for itself.
 *
 * @param pointsPerMinute of each caller, and what may come at once; 0: no limit
 */
export function useRateLimit(pointsPerMinute: number): Plugin<GraphQLContext> {
  if (pointsPerMinute === 0) return {}
  const buckets = createTokenBuckets({ capacity: pointsPerMinute, perSecond: pointsPerMinute / 60 })
  const take = (operation: Operation, { caller }: GraphQLContext): RateLimitedError | null => {
    // Those without a caller are counted by address, before they come here.
    if (caller === null) return null
    const { objects, rootFields } = operationCost(operation)
    const points = Math.max(1, rootFields, Math.ceil(objects / OBJECTS_PER_POINT))
    const seconds = buckets.take(bucketOf(caller), points)
    if (seconds === null) return null
    return new RateLimitedError(`This caller sends too much at once. Try again in ${seconds} seconds.`, {
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
