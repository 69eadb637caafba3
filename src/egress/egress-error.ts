type EgressFailure =
  /** The host is, or resolves to, an address that is not allowed. */
  | 'refused_address'
  /** The URL is not allowed: its scheme, port or user info, or it leads away from its base. */
  | 'refused_url'
  /** The request cannot be sent: its method, its headers, or a declared length that differs from the body's. */
  | 'refused_request'
  | 'dns'
  | 'connect'
  /** The client certificate cannot be used, or the host refused it. The host has not processed the request. */
  | 'client_certificate'
  | 'timeout'
  /** The request is too large when `sentBytes` is false, otherwise the response. */
  | 'too_large'
  /** The response is not HTTP, or does not match its Content-Encoding. */
  | 'bad_encoding'
  | 'redirect'
  /** The connection ended before the response was complete. */
  | 'reset'
  | 'aborted'

const TRANSIENT: ReadonlySet<EgressFailure> = new Set(['connect', 'timeout', 'reset'])

/**
 * An outgoing request without a usable response. `message` names at most the host: never the path, the query, user info,
 * headers or a body, and never the address that a name resolved to.
 */
export class EgressError extends Error {
  readonly kind: EgressFailure
  /** The server may have seen the request (or, after a redirect, an earlier one of the chain). */
  readonly sentBytes: boolean
  /** The same request may succeed later. Whether repeating it is safe depends on `sentBytes` and the method. */
  readonly retryable: boolean

  constructor(
    kind: EgressFailure,
    message: string,
    options: { sentBytes?: boolean; retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'EgressError'
    this.kind = kind
    this.sentBytes = options.sentBytes ?? false
    this.retryable = options.retryable ?? TRANSIENT.has(kind)
  }
}
