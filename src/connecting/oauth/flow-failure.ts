import {
  ConflictError,
  type CredentialRefreshError,
  ForbiddenError,
  type LatchkeyError,
  ProviderError,
  type ProviderWords,
  type RefreshFailure,
} from '../../kit/errors.ts'
import { redactSecrets } from '../../kit/redact.ts'
import { ClientHostError, RenewalError } from '../../wire/renewal-error.ts'
import type { SessionError } from '../connect-sessions.ts'

export interface FlowFailure {
  /** `error` parameter of the return URL: the provider's code of RFC 6749 section 4.1.2.1, or one of ours in the same style. */
  error: string
  /** The error that API callers and people see. */
  shown: LatchkeyError
  /**
   * `page`: the response may not belong to this browser or provider, so the browser stays on a page of ours;
   * `return`: the browser goes to the return URL; `retry`: the same response can be exchanged later; `again`: the user starts
   * again. A connect session goes on then, and without one the browser goes to the return URL.
   */
  ends: 'page' | 'return' | 'retry' | 'again'
}

export class FlowFailedError extends Error {
  override readonly name = 'FlowFailedError'
  readonly failure: FlowFailure

  constructor(failure: FlowFailure) {
    super(failure.shown.message, { cause: failure.shown })
    this.failure = failure
  }
}

/** The response is not accepted, whatever it contains. @param problem a whole sentence */
export function responseRejected(problem: string, error = 'invalid_response'): FlowFailedError {
  const shown = new ForbiddenError(`${problem} Nothing was connected. Connect again.`)
  return new FlowFailedError({ error, shown, ends: 'page' })
}

/** A problem of this deployment or its configuration, which the return URL may be told. */
export function flowFailed(shown: LatchkeyError, error = 'server_error'): FlowFailedError {
  return new FlowFailedError({ error, shown, ends: 'return' })
}

/** The characters that RFC 6749 section 4.1.2.1 allows. */
const ERROR_CODE = /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,100}$/

/** The provider returned an error, or the user declined (RFC 6749 section 4.1.2.1). */
export function authorizationDenied(
  error: string,
  description: string | null,
  secrets: readonly string[],
): FlowFailedError {
  const providerError = ERROR_CODE.test(error) ? redactSecrets(error, secrets, 100) : 'server_error'
  const words: ProviderWords = {
    providerError,
    providerErrorDescription:
      description === null || description.trim() === '' ? undefined : redactSecrets(description, secrets),
  }
  const message =
    error === 'access_denied'
      ? 'The user declined access at the provider. Connect again if that was a mistake.'
      : 'The provider returned an error. Read its description, and connect again.'
  return new FlowFailedError({ error: providerError, shown: new ProviderError(message, { words }), ends: 'return' })
}

/** `error` parameter of the return URL after an administrator's consent. */
export const ADMIN_CONSENT = 'admin_consent'

/** An administrator approved the application for the organization. That connects no account. */
export function consentOfAdministrator(): FlowFailedError {
  const message =
    'An administrator has approved the application for the organization. That connects no account yet. Connect again. If it happens each time, the authorizationUrl of the definition is the page for administrators: set the one for users.'
  return new FlowFailedError({ error: ADMIN_CONSENT, shown: new ProviderError(message), ends: 'again' })
}

const EXCHANGE_FAILURES: Partial<Record<RefreshFailure, { error: string; message: string }>> = {
  INVALID_GRANT: {
    error: 'code_rejected',
    message: 'The provider rejected the authorization code. Connect again.',
  },
  INVALID_CLIENT: {
    error: 'invalid_client',
    message:
      'The provider rejected the OAuth client of this integration. Check its client id, its secret and its redirect URL.',
  },
  PROVIDER_UNAVAILABLE: {
    error: 'temporarily_unavailable',
    message: 'The provider cannot be reached now. Try again in a moment.',
  },
}

/** The token endpoint returned no token. */
export function exchangeFailed(cause: CredentialRefreshError): FlowFailedError {
  if (cause instanceof ClientHostError) return flowFailed(new ConflictError(cause.message), 'invalid_client')
  const known = EXCHANGE_FAILURES[cause.reason]
  const message = known?.message ?? "The provider's token response cannot be used. Connect again."
  const temporary = cause instanceof RenewalError && cause.reason === 'PROVIDER_UNAVAILABLE'
  return new FlowFailedError({
    error: known?.error ?? 'invalid_token_response',
    shown: new ProviderError(message, { words: cause.words, cause }),
    ends: temporary ? 'retry' : 'return',
  })
}

/** The token endpoint refused a client that Latchkey registered. */
export function registeredClientRefused({ failure }: FlowFailedError): FlowFailedError {
  const message =
    'The authorization server no longer accepts the OAuth client that was registered for this integration. Connect again: another one is registered if it is gone.'
  const words = failure.shown instanceof ProviderError ? failure.shown.words : {}
  return new FlowFailedError({ ...failure, shown: new ProviderError(message, { words, cause: failure.shown }) })
}

export function toSessionError(shown: LatchkeyError): SessionError {
  const { providerError, providerErrorDescription } = shown instanceof ProviderError ? shown.words : {}
  return { code: shown.code, message: shown.message, providerError, providerErrorDescription }
}
