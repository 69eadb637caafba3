import { AsyncLocalStorage } from 'node:async_hooks'
import type { Row, WriteTx } from './sql.ts'

/**
 * The tenant on whose behalf the database is used. Row-level security then hides every row of other workspaces, and of other
 * end users when `endUserId` is set, and of other integrations when `integrationIds` is set, whatever a statement selects.
 */
export interface Scope {
  workspaceId: string
  /** Null: all end users of the workspace. */
  endUserId: string | null
  /** The only integrations whose rows are visible. Undefined: all of the workspace. */
  integrationIds?: readonly string[] | undefined
  /** Counts what the scope uses of a database server. Undefined: not counted. */
  usage?: DatabaseUsage | undefined
}

export interface DatabaseUsage {
  /** Milliseconds for which connections were held, each for as long as its statement or transaction took. */
  databaseMs: number
}

const scopes = new AsyncLocalStorage<Scope | null>()

/**
 * Runs `work`, and everything that it starts, in a scope. `null`: in no scope, for workers, authentication and operators.
 * Work whose result is shared between callers, such as a cache, must run in no scope.
 */
export function runInScope<T>(scope: Scope | null, work: () => T): T {
  return scopes.run(scope, () => {
    const result = work()
    // A promise of Prisma starts only when it is awaited, which may happen outside of the scope.
    return result instanceof Object && 'then' in result && !(result instanceof Promise)
      ? (Promise.resolve(result) as T)
      : result
  })
}

/** The scope of the running code; null outside of any scope. */
export function currentScope(): Scope | null {
  return scopes.getStore() ?? null
}

/** Identifies a scope: reads with equal keys see the same rows. Default: the current scope. */
export function scopeKey(scope: Scope | null = currentScope()): string {
  if (scope === null) return ''
  const { workspaceId, endUserId, integrationIds } = scope
  return `${workspaceId} ${endUserId ?? ''} ${integrationIds?.join() ?? ''}`
}

/** The database role that the row-level security policies apply to. */
export const TENANT_ROLE = 'latchkey_tenant'

/** Puts a session (`$5` false) or an open transaction (`$5` true) into a scope. */
export const ENTER_SCOPE = `SELECT set_config('role', $1, $5), set_config('latchkey.workspace', $2, $5),
  set_config('latchkey.end_user', $3, $5), set_config('latchkey.integrations', $4, $5)`

/** @param local only until the transaction ends */
export function scopeValues(scope: Scope | null, local: boolean): [string, string, string, string, boolean] {
  if (scope === null) return ['none', '', '', '', local]
  const { workspaceId, endUserId, integrationIds } = scope
  // As text of a `uuid[]`. Empty: no limit, which is not the same as `{}`.
  return [TENANT_ROLE, workspaceId, endUserId ?? '', integrationIds === undefined ? '' : `{${integrationIds}}`, local]
}

/**
 * Runs one statement of an open transaction in no scope, then continues in the current scope. For checks that must include rows
 * which the caller may not see. The caller must not learn more from the result than that check.
 */
export async function queryOutsideScope<R extends Row>(
  tx: WriteTx,
  text: string,
  values: readonly unknown[],
): Promise<R[]> {
  const scope = currentScope()
  if (scope === null) return tx.query<R>(text, values)
  await tx.query(ENTER_SCOPE, scopeValues(null, true))
  const rows = await tx.query<R>(text, values)
  await tx.query(ENTER_SCOPE, scopeValues(scope, true))
  return rows
}
