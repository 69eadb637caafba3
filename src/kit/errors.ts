/**
 * Every failure that a caller may be told of: one class a code, each with the HTTP status that REST clients of such
 * systems expect. What is not one of these is a defect, reaches nobody but the log, and is answered as INTERNAL.
 */

/** `details` of an error: plain JSON, never a secret, never a value that the caller sent. */
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
  /** Kept for the log only. */
  cause?: unknown
}

/** Base of all expected failures. `message` is for a person: what is wrong and what to do. */
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

/** The caller is not known: no credential, or one that is wrong, expired or revoked. */
export class UnauthenticatedError extends LatchkeyError {
  readonly code = 'UNAUTHENTICATED'
  readonly status = 401
}

/** One wrong field. `path` begins at the argument: `['input', 'credential', 'fields', 'api_key']`. */
export interface FieldError {
  path: string[]
  message: string
}

/** Carries every wrong field of the request at once. */
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

/** Absent, or another workspace's: the answer is the same for both. */
export class NotFoundError extends LatchkeyError {
  readonly code = 'NOT_FOUND'
  readonly status = 404
}

export class ForbiddenError extends LatchkeyError {
  readonly code = 'FORBIDDEN'
  readonly status = 403
}

/** The thing exists in the caller's own workspace but belongs to another end user or integration. */
export class ScopeMismatchError extends LatchkeyError {
  readonly code = 'SCOPE_MISMATCH'
  readonly status = 403
}

/** One of the connections that a resolution looked at, and why it was taken or not. */
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

/** The request is well formed, but this kind of thing cannot do it. */
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

/** What a provider said, in its own words, already without secrets and cut to 500 characters. */
export interface ProviderWords {
  providerStatus?: number
  providerError?: string
  providerErrorDescription?: string
}

/** A credential could not be renewed. `retryable`: the same call may work later without a person. */
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

/** Only a person can mend the connection, by connecting again. */
export class ReconnectRequiredError extends LatchkeyError {
  readonly code = 'RECONNECT_REQUIRED'
  readonly status = 400
  readonly connectionId: string
  readonly reconnectUrl: string | undefined
  /** Of the refusal that made it so; empty where it was known before. */
  readonly words: ProviderWords

  constructor(
    message: string,
    options: ErrorOptions & { connectionId: string; reconnectUrl?: string; words?: ProviderWords },
  ) {
    super(message, options)
    this.connectionId = options.connectionId
    this.reconnectUrl = options.reconnectUrl
    this.words = options.words ?? {}
  }
}

/** The third party refused, or answered what cannot be used. */
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

/** Something that we need ourselves is away: the database, the queue. The same call may work soon. */
export class UnavailableError extends LatchkeyError {
  readonly code = 'UNAVAILABLE'
  readonly status = 503
}

/** Gathers every wrong field, so that one answer names them all. */
export class FieldErrors {
  readonly list: FieldError[] = []

  add(path: readonly PropertyKey[], message: string): void {
    this.list.push({ path: path.map(String), message })
  }

  throwIfAny(): void {
    if (this.list.length > 0) throw new InvalidInputError(this.list)
  }
}
