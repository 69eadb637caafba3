import { isRecord } from '../../catalog/template/value.ts'
import { askProvider, type ProviderReply } from '../../wire/provider-reply.ts'
import { wordsOf } from '../../wire/provider-words.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import type { SerializedRequest } from '../../wire/request-draft.ts'
import type { AuthProviderContext } from './auth-provider.ts'

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
  const reply = await askProvider(request, { ...context, input: {}, kept: {} })
  const { status, body } = reply
  if (status >= 200 && status < 300 && isRecord(body)) return body
  throw refusal(reply, secrets)
}

function refusal(reply: ProviderReply, secrets: readonly string[]): RenewalError {
  const { status, retryAfterMs } = reply
  const words = wordsOf(reply, {}, secrets)
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  if (status === 401 || status === 403) {
    const message =
      'The auth provider does not accept the key that it is asked with. Correct it with updateAuthProvider.'
    return new RenewalError(message, { reason: 'INVALID_CLIENT', retryable: false, words })
  }
  if (status === 404 || status === 410) return accountGone(words)
  if (status === 408 || status === 429 || status >= 500) {
    return new RenewalError('The auth provider cannot answer now.', {
      reason: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      words,
      ...wait,
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
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
