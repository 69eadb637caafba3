import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Caller } from '../../access/caller.ts'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import { refusal } from '../server/refusal.ts'

/** Live subscriptions of one workspace's callers, over SSE and WebSocket together, in this process. */
const MAX_SUBSCRIPTIONS = 500

/** Refuses a subscription when the caller's workspace has too many of them. An operator's are counted by key. */
export function useSubscriptionLimit(max = MAX_SUBSCRIPTIONS): Plugin<GraphQLContext> {
  const open = new Map<string, number>()
  return {
    onSubscribe({ args, setSubscribeFn }) {
      const { caller } = args.contextValue
      if (caller === null) return undefined
      const key = holderOf(caller)
      const count = open.get(key) ?? 0
      if (count >= max) {
        setSubscribeFn(() => refusal(tooMany()))
        return undefined
      }
      // Counted from before it opens: many may open at once.
      open.set(key, count + 1)
      let ended = false
      const end = () => {
        if (ended) return
        ended = true
        const left = (open.get(key) ?? 1) - 1
        if (left > 0) open.set(key, left)
        else open.delete(key)
      }
      return {
        onSubscribeError: end,
        onSubscribeResult({ result }) {
          if (isAsyncIterable(result)) return { onEnd: end }
          end()
          return undefined
        },
      }
    },
  }
}

function holderOf({ workspaceId, apiKeyId }: Caller): string {
  return workspaceId ?? apiKeyId ?? 'operators'
}

function tooMany(): RateLimitedError {
  return new RateLimitedError('Too many subscriptions are open. End some, or subscribe to the whole workspace once.', {
    retryAfterSeconds: 5,
  })
}
