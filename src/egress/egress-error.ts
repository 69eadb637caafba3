type EgressFailure =
  /** The host is, or resolves to, an address that may not be reached. */
  | 'refused_address'
  /** The URL itself: scheme, port, user info, or leaving the base that it had to stay under. */
  | 'refused_url'
  /** The request cannot be sent as it is: method, headers, or a declared length that is not the body's. */
  | 'refused_request'
  | 'dns'
  | 'connect'
  | 'timeout'
  /** Of the request when `sentBytes` is false, else of the answer. */
  | 'too_large'
  /** The answer is not HTTP, or not what its Content-Encoding says. */
  | 'bad_encoding'
  | 'redirect'
  /** The connection ended before the answer did. */
  | 'reset'
  | 'aborted'

const TRANSIENT: ReadonlySet<EgressFailure> = new Set(['connect', 'timeout', 'reset'])

/**
 * An outgoing request that has no usable answer. `message` is for a person and names at most the host: never the path,
 * the query, user info, headers or a body, and never the address that a name resolved to.
 */
export class EgressError extends Error {
  readonly kind: EgressFailure
  /** The server may have seen the request (or, after a redirect, an earlier one of the chain). */
  readonly sentBytes: boolean
  /** Time alone may mend it. Whether repeating is *safe* is another question: see `sentBytes`, and the method. */
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
