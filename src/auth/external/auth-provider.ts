import { z } from 'zod'
import { isRecord } from '../../catalog/template/value.ts'
import type { Egress } from '../../egress/egress.ts'
import type { CredentialInput } from '../../wire/credential-fields.ts'
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { providerWords } from '../../wire/provider-words.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import type { SerializedRequest } from '../../wire/request-draft.ts'
import { isTransientStatus } from '../../wire/verdict.ts'

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

/**
 * Asks an auth provider, once. Its own words are told without the secrets.
 * @param secrets that the request holds
 * @returns the body of a good answer
 * @throws RenewalError
 */
export async function askAuthProvider(
  request: SerializedRequest,
  secrets: readonly string[],
  context: AuthProviderContext,
): Promise<Record<string, unknown>> {
  const reply = await sendCredentialRequest(request, context)
  const { status, body } = reply
  if (status >= 200 && status < 300 && isRecord(body)) return body
  throw refusal(reply, secrets)
}

function refusal(reply: CredentialResponse, secrets: readonly string[]): RenewalError {
  const { status, retryAfterMs } = reply
  const words = providerWords(reply, {}, secrets)
  if (status === 401 || status === 403) {
    const message =
      'The auth provider does not accept the key that it is asked with. Correct it with updateAuthProvider.'
    return new RenewalError(message, { reason: 'INVALID_CLIENT', retryable: false, words })
  }
  if (status === 404 || status === 410) return accountGone(words)
  if (isTransientStatus(status)) {
    return new RenewalError('The auth provider cannot answer now.', {
      reason: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      words,
      retryAfterMs,
    })
  }
  return malformed('The answer of the auth provider cannot be used.', words)
}

export function accountGone(words: RenewalError['words'] = {}): RenewalError {
  const message =
    'The account is not connected at the auth provider any more. Connect it there again, then refresh this connection.'
  return new RenewalError(message, { reason: 'REVOKED', retryable: false, words })
}

export function malformed(message: string, words: RenewalError['words'] = {}): RenewalError {
  return new RenewalError(message, { reason: 'MALFORMED_RESPONSE', retryable: true, words })
}

/** A text that is there and not empty. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** `https://host`, without a path. http is for development: the rules for outgoing requests refuse it elsewhere. */
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
  .refine(isPlain, 'must hold no user name, password or fragment')

export const wordSchema = z.string().regex(/^[A-Za-z0-9_.-]{1,200}$/, 'must be 1 to 200 of A-Z, a-z, 0-9, _, . and -')

function isPlain(url: string): boolean {
  const { username, password, hash } = new URL(url)
  return username === '' && password === '' && hash === ''
}
