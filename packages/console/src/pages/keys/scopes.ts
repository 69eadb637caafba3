import type { ApiKeyRole, ApiKeyScope } from './generated/graphql.ts'
import { t } from './texts.ts'

/** The scopes that a role can have. */
export const SCOPES_OF = {
  ADMIN: ['READ', 'CONNECT', 'EXECUTE', 'SYNC', 'ADMIN'],
  READER: ['READ', 'EXECUTE'],
} as const satisfies Readonly<Record<'ADMIN' | 'READER', readonly ApiKeyScope[]>>

/** What a key may do, in a few words. */
export function describeScopes({ role, scopes }: { role: ApiKeyRole; scopes: readonly ApiKeyScope[] }): string {
  const possible: readonly ApiKeyScope[] = SCOPES_OF[role === 'READER' ? 'READER' : 'ADMIN']
  if (possible.every((scope) => scopes.includes(scope))) return t('keys.everything')
  return possible
    .filter((scope) => scopes.includes(scope))
    .map((scope) => t(`keys.scope.${scope}`))
    .join(', ')
}
