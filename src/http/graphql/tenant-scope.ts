import type { ExecutionArgs } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Caller } from '../../access/caller.ts'
import { runInScope, type Scope } from '../../db/scope.ts'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'

/** The database scope of a caller; null: no restriction. */
export type ScopeOf = (caller: Caller | null) => Scope | null

/**
 * Restricts a caller to its workspace, a caller that acts for an end user to the data of that end user, and a key that is limited
 * to integrations to those.
 */
export const scopeOfCaller: ScopeOf = (caller) =>
  caller === null || caller.workspaceId === null
    ? null
    : { workspaceId: caller.workspaceId, endUserId: caller.endUserId, integrationIds: caller.integrationIds }

/** Runs `work` in the database scope of the caller, and counts there what it uses. */
export function runInTenantScope<T>({ caller, budget }: GraphQLContext, scopeOf: ScopeOf, work: () => T): T {
  const own = scopeOf(caller)
  return runInScope(own === null ? null : { ...own, usage: budget }, work)
}

/** Runs every event of a subscription in the database scope of the caller. */
export function useTenantScope(scopeOf: ScopeOf): Plugin<GraphQLContext> {
  return {
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const scope = scopeOf(args.contextValue.caller)
      setSubscribeFn(async (given: ExecutionArgs) => {
        const result: unknown = await runInScope(scope, () => subscribeFn(given))
        return isAsyncIterable<unknown>(result) ? inScope(result, scope) : result
      })
    },
  }
}

/** An event is resolved when the consumer requests the next one, so each of these calls must run in the scope. */
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
