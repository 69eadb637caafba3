import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * On whose behalf the database is used. Within it, row-level security lets through only what belongs to the workspace,
 * and to the end user where one is set, whatever a statement asks for.
 */
export interface Scope {
  workspaceId: string
  /** Set: only what belongs to this end user. */
  endUserId: string | null
}

const scopes = new AsyncLocalStorage<Scope | null>()

/**
 * Runs `work`, and all that it begins, in a scope. `null`: in none, as workers, authentication and operators do. What is
 * shared between callers (a cache, a wake-up, a reader of a log) must run in none, lest it see with one caller's eyes for all.
 */
export function runInScope<T>(scope: Scope | null, work: () => T): T {
  return scopes.run(scope, () => {
    const result = work()
    // Prisma's promises begin only when they are awaited, which may be outside.
    return result instanceof Object && 'then' in result && !(result instanceof Promise)
      ? (Promise.resolve(result) as T)
      : result
  })
}

/** The scope of the code that runs now; null outside of any. */
export function currentScope(): Scope | null {
  return scopes.getStore() ?? null
}

/** Identifies the current scope: reads with equal keys see the same rows. */
export function scopeKey(): string {
  const scope = currentScope()
  return scope === null ? '' : `${scope.workspaceId} ${scope.endUserId ?? ''}`
}

/** The database role whose rows the policies choose. */
export const TENANT_ROLE = 'latchkey_tenant'

/** Puts a session (`$4` false) or an open transaction (`$4` true) into a scope. */
export const ENTER_SCOPE =
  "SELECT set_config('role', $1, $4), set_config('latchkey.workspace', $2, $4), set_config('latchkey.end_user', $3, $4)"

/** @param local only until the transaction ends */
export function scopeValues(scope: Scope | null, local: boolean): [string, string, string, boolean] {
  if (scope === null) return ['none', '', '', local]
  return [TENANT_ROLE, scope.workspaceId, scope.endUserId ?? '', local]
}
