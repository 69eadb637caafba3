import { z } from 'zod'
import { isRecord } from '../../catalog/template/value.ts'
import type { Egress } from '../../egress/egress.ts'
import type { CredentialInput } from '../../wire/credential-fields.ts'
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { providerWords } from '../../wire/provider-words.ts'
import { RenewalError, saysUnavailable } from '../../wire/renewal-error.ts'
import type { SerializedRequest } from '../../wire/request-draft.ts'
import { isTransientStatus } from '../../wire/verdict.ts'

/** The API's AuthProviderKind. */
export type AuthProviderKind = 'COMPOSIO' | 'PIPEDREAM' | 'TOKEN_CALLBACK'

/** The account whose credential is requested. The ids of Latchkey are those of its API. */
export interface AccountReference {
  /** The auth provider's id of the account. */
  accountId: string
  workspaceId: string
  /** Null when values are tested that belong to no connection. */
  connectionId: string | null
  /** Null when a definition is tested that belongs to no integration. */
  integrationId: string | null
  /** Slug. Null when a definition is tested that belongs to no integration. */
  integration: string | null
  /** Null when the connection belongs to no end user. */
  endUserId: string | null
  endUserExternalId: string | null
}

export interface AuthProviderContext {
  egress: Egress
  /** Lifetimes in the response count from this time. */
  now: Date
  /** Time limit of each request. */
  timeoutMs: number
}

/** A credential from an auth provider. It is never stored, and is kept in memory only until it expires. */
export interface ExternalCredential {
  /** The credential in the form of a caller's input. */
  input: CredentialInput
  /** Undefined: unknown. */
  expiresAt?: Date
}

/** One kind of auth provider. It knows neither the database nor the API. */
export interface AuthProviderStrategy<Config> {
  readonly kind: AuthProviderKind
  /** The settings, which are not secret. */
  readonly config: z.ZodType<Config>
  /** Why the secret for the auth provider's API is not valid; null when it is. Contains no part of it. */
  secretProblem(secret: string): string | null
  /** Fetches the credential. Tries once. Rejects with RenewalError. */
  fetch(
    config: Config,
    secret: string,
    account: AccountReference,
    context: AuthProviderContext,
  ): Promise<ExternalCredential>
}

/**
 * Sends one request to an auth provider.
 *
 * @param secrets the secrets of the request; removed from the auth provider's words
 * @returns the body of a successful response
 * @throws RenewalError
 */
export async function requestAuthProvider(
  request: SerializedRequest,
  secrets: readonly string[],
  context: AuthProviderContext,
): Promise<Record<string, unknown>> {
  const response = await sendCredentialRequest(request, context, undefined)
  const { status, body } = response
  if (status >= 200 && status < 300 && isRecord(body)) return body
  throw authProviderFailure(response, secrets)
}

function authProviderFailure(response: CredentialResponse, secrets: readonly string[]): RenewalError {
  const { status, retryAfterMs } = response
  const words = providerWords(response, {}, secrets)
  if (status === 401 || status === 403) {
    const message = 'The auth provider does not accept the configured key. Correct it with updateAuthProvider.'
    return new RenewalError(message, { reason: 'INVALID_CLIENT', retryable: false, words })
  }
  if (status === 404 || status === 410) return accountGone(words)
  if (isTransientStatus(status)) {
    return new RenewalError('The auth provider is not available now.', {
      reason: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      unavailable: saysUnavailable(status),
      words,
      retryAfterMs,
    })
  }
  return malformed('The response of the auth provider cannot be used.', words)
}

export function accountGone(words: RenewalError['words'] = {}): RenewalError {
  const message =
    'The account is no longer connected at the auth provider. Connect it there again, then refresh this connection.'
  return new RenewalError(message, { reason: 'REVOKED', retryable: false, words })
}

export function malformed(message: string, words: RenewalError['words'] = {}): RenewalError {
  return new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true, words })
}

/** A string that is not blank; otherwise undefined. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** An origin: `https://host` without a path. http is for development; the egress rules refuse it elsewhere. */
export const originSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_048)
  .refine(
    (url) => isPlain(url) && new URL(url).pathname === '/' && new URL(url).search === '',
    'must have no path and no query',
  )
  .transform((url) => new URL(url).origin)

export const urlSchema = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .max(2_048)
  .refine(isPlain, 'must not have a user name, password or fragment')

export const wordSchema = z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/, 'must be 1 to 200 of A-Z, a-z, 0-9, _, . and -')

function isPlain(url: string): boolean {
  const { username, password, hash } = new URL(url)
  return username === '' && password === '' && hash === ''
}
