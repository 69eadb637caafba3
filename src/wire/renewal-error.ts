import { CredentialRefreshError, type ProviderWords, type RefreshFailure } from '../kit/errors.ts'

export interface RenewalFailure {
  reason: RefreshFailure
  /** The same call may succeed later without the user's help. */
  retryable: boolean
  /** What the provider said. Default: nothing. */
  words?: ProviderWords
  /** See RenewalError. Default: false. */
  indeterminate?: boolean
  retryAfterMs?: number
  /** For the log only. */
  cause?: unknown
}

/** Why one attempt to obtain a credential failed. Only the broker distinguishes it from CredentialRefreshError. */
export class RenewalError extends CredentialRefreshError {
  /**
   * The request may have reached the provider, and its effect is unknown: the refresh token may have been consumed. The token
   * must not be sent again until the first request has certainly ended.
   */
  readonly indeterminate: boolean
  /** How long the provider asks to wait. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, { indeterminate = false, retryAfterMs, ...failure }: RenewalFailure) {
    super(message, failure)
    this.name = 'CredentialRefreshError'
    this.indeterminate = indeterminate
    this.retryAfterMs = retryAfterMs
  }
}
