import { CredentialRefreshError, type ProviderWords, type RefreshFailure } from '../kit/errors.ts'

export interface RenewalFailure {
  reason: RefreshFailure
  /** The same call may work later without a person. */
  retryable: boolean
  /** Default: nothing was said. */
  words?: ProviderWords
  /** Default: false. */
  indeterminate?: boolean
  retryAfterMs?: number
  /** Kept for the log only. */
  cause?: unknown
}

/** How one attempt to renew a credential failed; an ordinary CredentialRefreshError to everybody but the broker. */
export class RenewalError extends CredentialRefreshError {
  /**
   * The request may have reached the provider, and nobody knows what it did: a refresh token may have been used up. Such
   * a token must not be sent again before the first request is surely over.
   */
  readonly indeterminate: boolean
  /** How long the provider asks us to wait. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, { indeterminate = false, retryAfterMs, ...failure }: RenewalFailure) {
    super(message, failure)
    this.name = 'CredentialRefreshError'
    this.indeterminate = indeterminate
    this.retryAfterMs = retryAfterMs
  }
}
