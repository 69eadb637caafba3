import { authTypeOf } from '../../auth/auth-type.ts'
import type { AuthTypeName } from '../../auth/strategy.ts'
import { definitionOf } from '../../catalog/definition-of.ts'
import type { Integration } from '../../db/generated/client.ts'
import { CredentialRefreshError, type ProviderWords, type RefreshFailure } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import type { CredentialRow } from '../kernel/loaders.ts'
import { AuthTypeRef } from './auth-definition.ts'
import { CredentialRefreshErrorRef } from './errors.ts'

interface CredentialStatus {
  type: AuthTypeName
  /** Null: nothing was connected yet. */
  row: CredentialRow | null
}

/** How the last failed renewal is stored with the credential. */
export interface StoredRefreshError {
  message: string
  reason: RefreshFailure
  retryable: boolean
  words?: ProviderWords
  /** ISO 8601. */
  occurredAt?: string
}

/** GraphQL throws whatever is an Error, also where it is the answer. */
function asValue({ message, occurredAt, ...failure }: StoredRefreshError): CredentialRefreshError {
  const error = new CredentialRefreshError(message, failure)
  return { ...error, message, occurredAt: occurredAt === undefined ? error.occurredAt : new Date(occurredAt) }
}

export async function statusOf(
  row: CredentialRow | null,
  loadIntegration: () => Promise<Integration>,
): Promise<CredentialStatus> {
  if (row?.type === 'auth_provider') return { type: 'AUTH_PROVIDER', row }
  return { type: authTypeOf(definitionOf(await loadIntegration()).auth), row }
}

export const CredentialStatusRef = builder.objectRef<CredentialStatus>('CredentialStatus').implement({
  description: 'Everything that may be known of a credential. No field of any type returns a secret or a part of one.',
  fields: (t) => ({
    type: t.field({ type: AuthTypeRef, resolve: ({ type }) => type }),
    expiresAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ row }) => row?.expiresAt ?? null }),
    refreshable: t.boolean({ resolve: ({ row }) => row?.refreshable ?? false }),
    refreshing: t.boolean({ resolve: ({ row }) => row?.attemptId != null }),
    lastRefreshedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ row }) => row?.lastRefreshedAt ?? null }),
    failedRefreshes: t.int({ resolve: ({ row }) => row?.failedRefreshes ?? 0 }),
    nextRefreshAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ row }) => row?.nextRefreshAt ?? null }),
    lastError: t.field({
      type: CredentialRefreshErrorRef,
      nullable: true,
      resolve: ({ row }) => {
        // Written by the broker in this shape.
        const stored = (row?.lastError ?? null) as StoredRefreshError | null
        return stored === null ? null : asValue(stored)
      },
    }),
    scopes: t.stringList({ resolve: ({ row }) => row?.scopes ?? [] }),
    version: t.int({ resolve: ({ row }) => row?.version ?? 0 }),
  }),
})
