import { authTypeOf } from '../../auth/describe-auth.ts'
import type { AuthTypeName } from '../../auth/strategy.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import type { Integration } from '../../db/generated/client.ts'
import { CredentialRefreshError, type ProviderWords, type RefreshFailure } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import type { CredentialFields } from '../kernel/loaders.ts'
import { CredentialRefreshErrorRef } from './errors.ts'
import { AuthTypeRef } from './provider.ts'

interface CredentialStatus {
  type: AuthTypeName
  /** Null: nothing was connected yet. */
  row: CredentialFields | null
}

/** How the last failed renewal is stored with the credential. */
interface StoredRefreshError {
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
  row: CredentialFields | null,
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

const OAuthTokenInput = builder.inputType('OAuthTokenInput', {
  description:
    'At least one of accessToken and refreshToken. An expired accessToken with a refreshToken is accepted, and renewed when needed.',
  fields: (t) => ({
    accessToken: t.field({ type: 'Secret', required: false }),
    refreshToken: t.field({ type: 'Secret', required: false }),
    tokenType: t.string({ required: false }),
    expiresAt: t.field({ type: 'DateTime', required: false, description: 'At most one of expiresAt and expiresIn.' }),
    expiresIn: t.int({ required: false, description: 'Seconds from now.' }),
    scopes: t.stringList({ required: false }),
    clientId: t.string({
      required: false,
      description: "The client that the token was issued to, where it is not the integration's.",
    }),
    clientSecret: t.field({ type: 'Secret', required: false }),
    extra: t.field({ type: 'JSON', required: false }),
  }),
})

const BasicCredentialInput = builder.inputType('BasicCredentialInput', {
  fields: (t) => ({ username: t.string(), password: t.field({ type: 'Secret', required: false }) }),
})

const AuthProviderCredentialInput = builder.inputType('AuthProviderCredentialInput', {
  fields: (t) => ({ provider: t.string(), accountId: t.string() }),
})

export const CredentialInput = builder.inputType('CredentialInput', {
  description:
    "Checked against the integration's definition: unknown and missing fields are InvalidInput, all at once. The provider is not asked.",
  isOneOf: true,
  fields: (t) => ({
    oauthToken: t.field({ type: OAuthTokenInput, required: false, description: 'Token injection.' }),
    secretText: t.field({ type: 'Secret', required: false, description: 'API key or bearer token.' }),
    basic: t.field({ type: BasicCredentialInput, required: false }),
    fields: t.field({
      type: 'JSON',
      required: false,
      description: 'By the names of credentialFields; treated as secret as a whole.',
    }),
    authProvider: t.field({
      type: AuthProviderCredentialInput,
      required: false,
      description: 'The credential stays with an auth provider.',
    }),
  }),
})
