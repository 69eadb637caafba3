/** What an error of the API consists of. Types of errors with more fields have classes of their own. */
export interface ErrorData {
  message: string
  code: string
  /** The HTTP status that describes the error, also where the response of GraphQL has another one. */
  status?: number
  /** Finds the request in the log of the gateway. */
  traceId?: string
  /** RFC 3339. */
  occurredAt?: string
  /** Facts for programs; which ones depends on the error. */
  details?: unknown
}

/** An error of the API. Each code has a subclass, such as `NotFoundError`. */
export class LatchkeyError extends Error implements ErrorData {
  override readonly name: string = 'LatchkeyError'
  declare readonly code: string
  declare readonly status?: number
  declare readonly traceId?: string
  declare readonly occurredAt?: string
  declare readonly details?: unknown

  constructor({ message, ...data }: ErrorData, options?: ErrorOptions) {
    super(message, options)
    Object.assign(this, data)
  }
}

/** The gateway did not answer, or something in front of it answered in its place. */
export class TransportError extends LatchkeyError {
  override readonly name = 'TransportError'
  /** How long the server asks to wait, in seconds. */
  declare readonly retryAfterSeconds?: number

  /** @param data `status`: HTTP status of the answer; undefined: there was none */
  constructor(data: { message: string; status?: number; retryAfterSeconds?: number }, options?: ErrorOptions) {
    super({ code: 'TRANSPORT', ...data }, options)
  }
}
