import type { SessionError } from '../../connections/connect-session-state.ts'
import {
  type CredentialRefreshError,
  ForbiddenError,
  type LatchkeyError,
  ProviderError,
  type ProviderWords,
  type RefreshFailure,
} from '../../kit/errors.ts'
import { redactSecrets } from '../../kit/redact.ts'
import { RenewalError } from '../../wire/renewal-error.ts'

export interface FlowFailure {
  /** For the return URL: the provider's own code of RFC 6749 section 4.1.2.1, or one of ours in its manner. */
  error: string
  /** What callers and people are told. */
  told: LatchkeyError
  /**
   * `page`: the answer cannot be trusted to belong to this browser or this provider, so that the browser is sent nowhere;
   * `return`: it ends where it was to end; `retry`: the same answer may be exchanged later.
   */
  ends: 'page' | 'return' | 'retry'
}

/** Why a flow came to nothing. */
export class FlowFailedError extends Error {
  override readonly name = 'FlowFailedError'
  readonly failure: FlowFailure

  constructor(failure: FlowFailure) {
    super(failure.told.message, { cause: failure.told })
    this.failure = failure
  }
}

/** An answer that is not taken, whatever it says. `why` is a whole sentence. */
export function flowRefused(why: string, error = 'invalid_response'): FlowFailedError {
  const told = new ForbiddenError(`${why} Nothing was connected. Start connecting again.`)
  return new FlowFailedError({ error, told, ends: 'page' })
}

/** Something on our side, or of the set-up, that the browser may be told at the place where it was to end. */
export function failedBy(told: LatchkeyError, error = 'server_error'): FlowFailedError {
  return new FlowFailedError({ error, told, ends: 'return' })
}

/** The characters of RFC 6749 section 4.1.2.1. */
const ERROR_CODE = /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,100}$/

/** The provider, or the person there, said no (RFC 6749 section 4.1.2.1). */
export function saidNo(error: string, description: string | null, secrets: readonly string[]): FlowFailedError {
  const providerError = ERROR_CODE.test(error) ? redactSecrets(error, secrets, 100) : 'server_error'
  const words: ProviderWords = {
    providerError,
    ...(description === null || description.trim() === ''
      ? {}
      : { providerErrorDescription: redactSecrets(description, secrets) }),
  }
  const message =
    error === 'access_denied'
      ? 'Access was not granted at the provider. Start connecting again if that was a mistake.'
      : 'The provider did not agree. Start connecting again, and look at what it says.'
  return new FlowFailedError({ error: providerError, told: new ProviderError(message, { words }), ends: 'return' })
}

const EXCHANGE: Partial<Record<RefreshFailure, { error: string; message: string }>> = {
  INVALID_GRANT: {
    error: 'code_rejected',
    message: 'The provider did not accept the authorization. Start connecting again.',
  },
  INVALID_CLIENT: {
    error: 'invalid_client',
    message:
      'The provider refuses the OAuth client of this integration. Check its id and secret, and its redirect URL.',
  },
  PROVIDER_UNAVAILABLE: {
    error: 'temporarily_unavailable',
    message: 'The provider cannot be reached now. Try again in a moment.',
  },
}

/** A token endpoint gave no token. */
export function exchangeFailed(cause: CredentialRefreshError): FlowFailedError {
  const known = EXCHANGE[cause.reason]
  const message = known?.message ?? 'The provider answered with what cannot be used. Start connecting again.'
  const passing = cause instanceof RenewalError && cause.reason === 'PROVIDER_UNAVAILABLE'
  const told = new ProviderError(message, { words: cause.words, cause })
  return new FlowFailedError({
    error: known?.error ?? 'invalid_token_response',
    told,
    ends: passing ? 'retry' : 'return',
  })
}

/** How a connect session tells it. */
export function sessionErrorOf(told: LatchkeyError): SessionError {
  const { providerError, providerErrorDescription } = told instanceof ProviderError ? told.words : {}
  return { code: told.code, message: told.message, providerError, providerErrorDescription }
}
