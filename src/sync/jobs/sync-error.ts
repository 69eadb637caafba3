import {
  CredentialRefreshError,
  type ErrorCode,
  InvalidInputError,
  LatchkeyError,
  ProviderError,
  type ProviderWords,
  ReconnectRequiredError,
} from '../../kit/errors.ts'
import { FAILURES, type ProviderFailure } from '../../wire/verdict.ts'

/** Why a sync job failed, as stored in its row and its last event. Plain JSON without secrets. */
export interface SyncError {
  code: ErrorCode
  message: string
  /** HTTP status for the code. */
  status: number
  /** HTTP status of the provider's response. */
  providerStatus?: number
  /** The provider's code of the error. */
  providerError?: string
  /** The provider's own error message. */
  providerMessage?: string
  stream?: string
  /** The trace id of the log lines of the attempt that failed. Undefined until the job ends, and in errors of older versions. */
  traceId?: string
}

/** The only error that reading and writing a stream throws for expected failures. */
export class SyncFailedError extends Error {
  override readonly name = 'SyncFailedError'
  readonly error: SyncError
  /** The same requests may succeed later, so that the next job continues where this one stopped. */
  readonly retryable: boolean
  /** The provider is unavailable, probably for its other streams too. */
  readonly unavailable: boolean

  constructor(error: SyncError, { retryable = false, unavailable = false } = {}) {
    super(error.message)
    this.error = error
    this.retryable = retryable
    this.unavailable = unavailable
  }
}

/**
 * The failure of one stream, after which the job continues with its next stream: what the source answered, what its answers
 * contain, or a request that cannot be made. Undefined for what ends the job: a refused credential, the end of the run, and
 * unexpected errors.
 */
export function streamFailure(error: unknown, stream: string): SyncError | undefined {
  const ofStream = error instanceof SyncFailedError || error instanceof InvalidInputError
  const failure = ofStream ? toSyncError(error, stream) : undefined
  return failure?.code === 'RECONNECT_REQUIRED' ? undefined : failure
}

/** Why a worker stops running a job that has neither succeeded nor failed. */
export type StopReason =
  /** The job was cancelled. */
  | 'cancelled'
  /** This worker is stopping; another one continues the job. */
  | 'handed_back'
  /** Another worker has the job, or the job is deleted: nothing may be written any more. */
  | 'lost'
  /** The job made no progress for too long. */
  | 'timed_out'

export class RunStoppedError extends Error {
  override readonly name = 'RunStoppedError'
  readonly reason: StopReason

  constructor(reason: StopReason) {
    super(`The run was stopped: ${reason}.`)
    this.reason = reason
  }
}

/**
 * The provider's response cannot be used.
 * @param message what was found, and where
 */
export function badSource(stream: string, message: string): SyncFailedError {
  return new SyncFailedError({ code: 'PROVIDER', status: 502, message: `Stream ${stream}: ${message}`, stream })
}

const RECONNECT_ADVICE = ' Connect the account again, or inject a new token.'

/** The error for a request that failed permanently. */
export function requestFailed(stream: string, failure: ProviderFailure, tries: number): SyncFailedError {
  const { providerStatus, providerError, providerMessage } = failure
  const words = providerMessage === undefined ? '' : ` It says: ${providerMessage}`
  const after = tries > 1 ? ` Gave up after ${tries} tries.` : ''
  const { credentialRefused, retryable } = FAILURES[failure.as]
  const advice = credentialRefused ? RECONNECT_ADVICE : ''
  // The provider's message may be cut or end without a full stop.
  const stop = words === '' || after + advice === '' || /[.!?…]$/.test(words) ? '' : '.'
  const error: SyncError = {
    ...(credentialRefused ? { code: 'RECONNECT_REQUIRED', status: 400 } : { code: 'PROVIDER', status: 502 }),
    message: `Stream ${stream}: ${failure.message}${words}${stop}${after}${advice}`,
    providerStatus,
    providerError,
    providerMessage,
    stream,
  }
  return new SyncFailedError(error, { retryable, unavailable: failure.unavailable })
}

/** The error of a job that ran to its end although some of its streams failed: that of the first one. */
export function failedStreamsError([first, ...others]: readonly [SyncError, ...SyncError[]]): SyncError {
  if (others.length === 0) return first
  const names = others.map(({ stream }) => stream).join(', ')
  const stop = /[.!?…]$/.test(first.message) ? '' : '.'
  return { ...first, message: `${first.message}${stop} Other streams that failed: ${names}.` }
}

/** The error of a job with its own access token: the connection's credential is not to blame. */
export function asJobTokenError(error: SyncError): SyncError {
  if (error.code !== 'RECONNECT_REQUIRED') return error
  const advice = ' Trigger the sync again with another token, or without one.'
  return { ...error, code: 'PROVIDER', status: 502, message: error.message.replace(RECONNECT_ADVICE, advice) }
}

/** The error of a job that made no progress for too long. What it wrote is kept. */
export function timeoutError(limitMs: number, stream: string | undefined): SyncError {
  const minutes = Math.max(1, Math.round(limitMs / 60_000))
  const limit = minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`
  return {
    code: 'PROVIDER',
    status: 502,
    message: `The job read no page within ${limit}, the time limit of sync jobs without progress. What it wrote is kept. Find out why the provider does not answer, or raise the limit (LATCHKEY_SYNC_TIMEOUT).`,
    stream,
  }
}

/** How often in a row workers may start a job and crash before it makes progress. */
export const MAX_STARTS_WITHOUT_PROGRESS = 5

/** For a job that crashes its workers, for example because it uses too much memory. */
export const GIVEN_UP_ERROR: SyncError = {
  code: 'INTERNAL',
  status: 500,
  message: `The job was given up: ${MAX_STARTS_WITHOUT_PROGRESS} workers in a row crashed before they saved its next page. Their logs may say why.`,
}

/** The error to store for a job. Undefined: a defect or a database failure, whose message is not for the caller. */
export function toSyncError(error: unknown, stream?: string): SyncError | undefined {
  if (error instanceof SyncFailedError) return error.error
  if (!(error instanceof LatchkeyError)) return undefined
  const words = providerWordsOf(error)
  return {
    code: error.code,
    message: error.message,
    status: error.status,
    providerStatus: words.providerStatus,
    providerError: words.providerError,
    providerMessage: words.providerErrorDescription ?? words.providerError,
    stream,
  }
}

function providerWordsOf(error: LatchkeyError): ProviderWords {
  const hasWords =
    error instanceof CredentialRefreshError || error instanceof ReconnectRequiredError || error instanceof ProviderError
  return hasWords ? error.words : {}
}

/** For unexpected errors, which are written to the log. */
export const INTERNAL_SYNC_ERROR: SyncError = {
  code: 'INTERNAL',
  status: 500,
  message: 'The job failed because of an internal error. The server log has the details.',
}
