/**
 * The expected failures: one class for each code, with the HTTP status that REST clients expect. Any other error is a defect.
 * It is logged, and the caller gets INTERNAL without its message.
 */

/** The `details` of an error: plain JSON without secrets and without values that the caller sent. */
export type ErrorDetails = Record<string, unknown>

export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'SCOPE_MISMATCH'
  | 'AMBIGUOUS'
  | 'CONFLICT'
  | 'UNSUPPORTED'
  | 'CREDENTIAL_REFRESH'
  | 'RECONNECT_REQUIRED'
  | 'PROVIDER'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'INTERNAL'

interface ErrorOptions {
  details?: ErrorDetails
  /** For the log only. */
  cause?: unknown
}

/** Base of all expected failures. `message` says what is wrong and what to do. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: ErrorCode
  abstract readonly status: number
  readonly details: ErrorDetails | undefined
  readonly occurredAt = new Date()

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.details = options.details
  }
}

/** The request has no credential, or one that is wrong, expired or revoked. */
export class UnauthenticatedError extends LatchkeyError {
  readonly code = 'UNAUTHENTICATED'
  readonly status = 401
}

/** One invalid field. `path` begins at the argument: `['input', 'credential', 'fields', 'api_key']`. */
export interface FieldError {
  path: string[]
  message: string
}

/** Holds every invalid field of the request. */
export class InvalidInputError extends LatchkeyError {
  readonly code = 'INVALID_INPUT'
  readonly status = 422
  readonly fields: FieldError[]

  constructor(fields: FieldError[], message?: string, options?: ErrorOptions) {
    super(message ?? summary(fields), options)
    this.fields = fields
  }
}

function summary(fields: FieldError[]): string {
  const [first] = fields
  if (first === undefined) return 'The input is not valid.'
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : ''
  return `${first.path.join('.')}: ${first.message}${more}`
}

/** The object does not exist, or belongs to another workspace. Callers cannot tell the difference. */
export class NotFoundError extends LatchkeyError {
  readonly code = 'NOT_FOUND'
  readonly status = 404
}

export class ForbiddenError extends LatchkeyError {
  readonly code = 'FORBIDDEN'
  readonly status = 403
}

/** The object is in the caller's workspace but belongs to another end user or integration. */
export class ScopeMismatchError extends LatchkeyError {
  readonly code = 'SCOPE_MISMATCH'
  readonly status = 403
}

/** A connection that was considered, and why it was chosen or not. */
export interface Candidate {
  connectionId: string
  chosen: boolean
  reason: string
}

export class AmbiguousError extends LatchkeyError {
  readonly code = 'AMBIGUOUS'
  readonly status = 409
  readonly candidates: Candidate[]

  constructor(message: string, candidates: Candidate[]) {
    super(message)
    this.candidates = candidates
  }
}

export class ConflictError extends LatchkeyError {
  readonly code = 'CONFLICT'
  readonly status = 409
}

/** The request is valid, but this kind of object does not support it. */
export class UnsupportedError extends LatchkeyError {
  readonly code = 'UNSUPPORTED'
  readonly status = 400
}

export type RefreshFailure =
  | 'INVALID_GRANT'
  | 'INVALID_CLIENT'
  | 'PROVIDER_UNAVAILABLE'
  | 'MALFORMED_RESPONSE'
  | 'LOST_IN_CRASH_WINDOW'
  | 'REVOKED'

/** The error that a provider returned. Secrets are removed, and each text is cut to 500 characters. */
export interface ProviderWords {
  providerStatus?: number
  providerError?: string
  providerErrorDescription?: string
}

/** A credential could not be renewed. `retryable`: the same call may succeed later without anyone's action. */
export class CredentialRefreshError extends LatchkeyError {
  readonly code = 'CREDENTIAL_REFRESH'
  readonly status = 400
  readonly reason: RefreshFailure
  readonly retryable: boolean
  readonly words: ProviderWords

  constructor(
    message: string,
    options: ErrorOptions & { reason: RefreshFailure; retryable: boolean; words?: ProviderWords },
  ) {
    super(message, options)
    this.reason = options.reason
    this.retryable = options.retryable
    this.words = options.words ?? {}
  }
}

/** The account must be connected again. */
export class ReconnectRequiredError extends LatchkeyError {
  readonly code = 'RECONNECT_REQUIRED'
  readonly status = 400
  readonly connectionId: string
  /** The provider's error that led to this; empty when the state was known before the call. */
  readonly words: ProviderWords

  constructor(message: string, options: ErrorOptions & { connectionId: string; words?: ProviderWords }) {
    super(message, options)
    this.connectionId = options.connectionId
    this.words = options.words ?? {}
  }
}

/** The provider refused the request, or its response cannot be used. */
export class ProviderError extends LatchkeyError {
  readonly code = 'PROVIDER'
  readonly status = 502
  readonly words: ProviderWords

  constructor(message: string, options: ErrorOptions & { words?: ProviderWords } = {}) {
    super(message, options)
    this.words = options.words ?? {}
  }
}

export class RateLimitedError extends LatchkeyError {
  readonly code = 'RATE_LIMITED'
  readonly status = 429
  readonly retryAfterSeconds: number

  constructor(message: string, options: ErrorOptions & { retryAfterSeconds: number }) {
    super(message, options)
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Latchkey's database or queue is unavailable. The same call may succeed soon. */
export class UnavailableError extends LatchkeyError {
  readonly code = 'UNAVAILABLE'
  readonly status = 503
  /** A hint for callers: the earliest that a repetition is useful. */
  readonly retryAfterSeconds = 1
}

/** Collects the invalid fields of a request, so that one error names them all. */
export class FieldErrors {
  readonly list: FieldError[] = []

  add(path: readonly PropertyKey[], message: string): void {
    this.list.push({ path: path.map(String), message })
  }

  throwIfAny(): void {
    if (this.list.length > 0) throw new InvalidInputError(this.list)
  }
}
