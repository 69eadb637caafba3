import {
  CredentialRefreshError,
  type ErrorCode,
  LatchkeyError,
  ProviderError,
  type ProviderWords,
  ReconnectRequiredError,
} from '../../kit/errors.ts'
import type { FailureKind, ProviderFailure } from '../../requests/verdict.ts'

/** Why a sync job failed, as its row and its last event tell it. Plain JSON without a secret. */
export interface SyncError {
  code: ErrorCode
  message: string
  /** The HTTP status that stands for the code. */
  status: number
  providerStatus?: number
  /** The provider's own words. */
  providerMessage?: string
  stream?: string
}

/** Ends the job. The only error that a stream's reading and writing throw for what was to be expected. */
export class SyncFailedError extends Error {
  override readonly name = 'SyncFailedError'
  readonly error: SyncError

  constructor(error: SyncError) {
    super(error.message)
    this.error = error
  }
}

/** Why a worker lets go of a job that has neither succeeded nor failed. */
export type StopReason =
  /** The job was asked to stop. */
  | 'cancelled'
  /** This worker is stopping: another one goes on. */
  | 'handed_back'
  /** Another worker has the job, or it is gone: nothing may be written any more. */
  | 'lost'
  /** It has taken longer than a job may. */
  | 'timed_out'

export class RunStoppedError extends Error {
  override readonly name = 'RunStoppedError'
  readonly reason: StopReason

  constructor(reason: StopReason) {
    super(`The run was stopped: ${reason}.`)
    this.reason = reason
  }
}

/** The source answered what cannot be used. `message`: what was found, and where. */
export function badSource(stream: string, message: string): SyncFailedError {
  return new SyncFailedError({ code: 'PROVIDER', status: 502, message: `Stream ${stream}: ${message}`, stream })
}

const CONNECT_AGAIN = ' Connect the account again, or inject a new token.'

/** A request that has failed for good. */
export function requestFailed(stream: string, failure: ProviderFailure, tries: number): SyncFailedError {
  const { providerStatus, providerMessage } = failure
  const words = providerMessage === undefined ? '' : ` It says: ${providerMessage}`
  const after = tries > 1 ? ` Gave up after ${tries} tries.` : ''
  const advice = failure.as === 'auth' ? CONNECT_AGAIN : ''
  // The provider's words may end without a stop, or be cut.
  const stop = words === '' || after + advice === '' || /[.!?…]$/.test(words) ? '' : '.'
  return new SyncFailedError({
    ...codeOf(failure.as),
    message: `Stream ${stream}: ${failure.message}${words}${stop}${after}${advice}`,
    ...(providerStatus === undefined ? {} : { providerStatus }),
    ...(providerMessage === undefined ? {} : { providerMessage }),
    stream,
  })
}

/** The same failure of a job that ran on a token of its own: nothing is wrong with the connection. */
export function asJobTokenError(error: SyncError): SyncError {
  if (error.code !== 'RECONNECT_REQUIRED') return error
  const message = error.message.replace(CONNECT_AGAIN, ' Trigger the sync again with another token, or without one.')
  return { ...error, code: 'PROVIDER', status: 502, message }
}

/** What has been written stays; a job that reads only what changed begins again where the last good one ended. */
export function timeoutError(limitMs: number, stream: string | undefined): SyncError {
  const minutes = Math.max(1, Math.round(limitMs / 60_000))
  const limit = minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`
  return {
    code: 'PROVIDER',
    status: 502,
    message: `The job was ended because it had not come to its end within ${limit}, the longest that a job may take here. What it wrote is kept. Sync fewer streams at once, or allow more time (LATCHKEY_SYNC_TIMEOUT).`,
    ...(stream === undefined ? {} : { stream }),
  }
}

/** Workers that may be lost, one after another, over one job at one place. */
export const MAX_STARTS_WITHOUT_PROGRESS = 5

/** For a job that brings workers down, or takes them all their memory. */
export const GIVEN_UP_ERROR: SyncError = {
  code: 'INTERNAL',
  status: 500,
  message: `The job was given up: ${MAX_STARTS_WITHOUT_PROGRESS} workers in a row took it and were gone before they had written a page. Their logs may say why.`,
}

function codeOf(kind: FailureKind): { code: ErrorCode; status: number } {
  return kind === 'auth' ? { code: 'RECONNECT_REQUIRED', status: 400 } : { code: 'PROVIDER', status: 502 }
}

/** What a job's row says about an error. Undefined: it is a defect or the database is away, and no words for the caller. */
export function toSyncError(error: unknown, stream?: string): SyncError | undefined {
  if (error instanceof SyncFailedError) return error.error
  if (!(error instanceof LatchkeyError)) return undefined
  const words = syncErrorWords(error)
  const said = words.providerErrorDescription ?? words.providerError
  return {
    code: error.code,
    message: error.message,
    status: error.status,
    ...(words.providerStatus === undefined ? {} : { providerStatus: words.providerStatus }),
    ...(said === undefined ? {} : { providerMessage: said }),
    ...(stream === undefined ? {} : { stream }),
  }
}

function syncErrorWords(error: LatchkeyError): ProviderWords {
  const told =
    error instanceof CredentialRefreshError || error instanceof ReconnectRequiredError || error instanceof ProviderError
  return told ? error.words : {}
}

/** For what nobody expected: the log has the rest. */
export const INTERNAL_SYNC_ERROR: SyncError = {
  code: 'INTERNAL',
  status: 500,
  message: 'The job failed for a reason inside this server. Its log has more.',
}
