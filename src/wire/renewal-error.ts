import { CredentialRefreshError, type ProviderWords, type RefreshFailure } from '../kit/errors.ts'

const UNAVAILABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** Whether a status says that the provider is not available now, and that it has not done what was asked. */
export function saysUnavailable(status: number): boolean {
  return UNAVAILABLE.has(status)
}

export interface RenewalFailure {
  reason: RefreshFailure
  /** The same call may succeed later without the user's help. */
  retryable: boolean
  /** What the provider said. Default: nothing. */
  words?: ProviderWords
  /** See RenewalError. Default: false. */
  indeterminate?: boolean
  retryAfterMs?: number
  /** See RenewalError. Default: false. */
  unavailable?: boolean
  /** See RenewalError. Default: false. */
  finalAfterADay?: boolean
  /** See RenewalError. Default: false. */
  isLogin?: boolean
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
  /**
   * The request may be repeated at once: the provider answered that it is not available now (429, 502, 503, 504), or the request
   * is a login, which consumes nothing.
   */
  readonly unavailable: boolean
  /** The provider refused the request, but not in the words for a dead grant. It is believed when it lasts for a day. */
  readonly finalAfterADay: boolean
  /** The request is a login, which consumes nothing. */
  readonly isLogin: boolean

  constructor(message: string, failure: RenewalFailure) {
    const {
      indeterminate = false,
      retryAfterMs,
      unavailable = false,
      finalAfterADay = false,
      isLogin = false,
      ...rest
    } = failure
    super(message, rest)
    this.name = 'CredentialRefreshError'
    this.indeterminate = indeterminate
    this.retryAfterMs = retryAfterMs
    this.unavailable = unavailable
    this.finalAfterADay = finalAfterADay
    this.isLogin = isLogin
  }
}

const NOT_A_HOST_OF_THE_CLIENT =
  'The OAuth client of the integration may not be sent to this host, so nothing was sent. Connect with another host. If this host can be trusted with the secret of the client, add it to oauthClient.hosts of the integration (updateIntegration).'

/** An OAuth client would be sent to a host that is not one of its own. Nothing was sent. */
export class ClientHostError extends RenewalError {
  constructor() {
    super(NOT_A_HOST_OF_THE_CLIENT, { reason: 'INVALID_CLIENT', retryable: false })
  }
}
