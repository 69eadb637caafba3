import type { z } from 'zod'
import type { Egress } from '../../egress/egress.ts'
import type { CredentialInput } from '../../wire/credential-input.ts'

/** The API's AuthProviderKind. */
export type AuthProviderKind = 'COMPOSIO' | 'PIPEDREAM' | 'TOKEN_CALLBACK'

/** Whose credential is asked for. */
export interface AccountReference {
  /** By the auth provider's own naming. */
  accountId: string
  /** Null: values are tried that belong to no connection. */
  connectionId: string | null
  /** Slug. Null: a definition is tried that is of no integration. */
  integration: string | null
  endUserExternalId: string | null
}

export interface AuthProviderContext {
  egress: Egress
  /** Expiries that are told as durations count from here. */
  now: Date
  /** Of each request. */
  timeoutMs: number
}

/** A credential as an auth provider gave it out: never stored, and kept in memory no longer than it lives. */
export interface ProvidedCredential {
  /** In the form in which a caller would supply it. */
  input: CredentialInput
  /** Undefined: it is not told. */
  expiresAt?: Date
}

/** One kind of auth provider. It knows neither the database nor the API. */
export interface AuthProviderStrategy<Config> {
  readonly kind: AuthProviderKind
  /** What is not secret: where to ask. */
  readonly config: z.ZodType<Config>
  /** What is wrong with the secret that we ask with; null: nothing. Never holds a part of it. */
  secretProblem(secret: string): string | null
  /** Asks once. Rejects with RenewalError. */
  fetch(
    config: Config,
    secret: string,
    account: AccountReference,
    context: AuthProviderContext,
  ): Promise<ProvidedCredential>
}
