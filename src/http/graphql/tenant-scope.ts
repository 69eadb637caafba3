import type { ExecutionArgs } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Caller } from '../../access/caller.ts'
import { runInScope, type Scope } from '../../db/scope.ts'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'

/** On whose behalf the database is used for a caller; null: nobody's in particular. */
export type ScopeOf = (caller: Caller | null) => Scope | null

/** A caller of a workspace is held within it, and one who acts for an end user within what is his. */
export const scopeOfCaller: ScopeOf = (caller) =>
  caller === null || caller.workspaceId === null
    ? null
    : { workspaceId: caller.workspaceId, endUserId: caller.endUserId }

/** Has every resolver of an operation, and every event of a subscription, use the database in the scope of its caller. */
export function useTenantScope(scopeOf: ScopeOf = scopeOfCaller): Plugin<GraphQLContext> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const scope = scopeOf(args.contextValue.caller)
      setExecuteFn((given: ExecutionArgs) => runInScope(scope, () => executeFn(given)))
    },
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const scope = scopeOf(args.contextValue.caller)
      setSubscribeFn(async (given: ExecutionArgs) => {
        const result: unknown = await runInScope(scope, () => subscribeFn(given))
        return isAsyncIterable<unknown>(result) ? inScope(result, scope) : result
      })
    },
  }
}

/** Events are resolved when the next one is asked for, by whoever writes them out: not where the subscription began. */
function inScope<T>(events: AsyncIterable<T>, scope: Scope | null): AsyncIterableIterator<T, unknown> {
  const iterator = events[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => runInScope(scope, () => iterator.next()),
    return: (value) =>
      runInScope(scope, async () => (await iterator.return?.(value)) ?? { done: true as const, value }),
    throw: (error) => runInScope(scope, async () => (await iterator.throw?.(error)) ?? Promise.reject(error)),
  }
}
