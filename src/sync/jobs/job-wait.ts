import type { NewEvent } from '../../events/event-types.ts'
import type { RetryState } from '../../wire/retry.ts'
import type { SyncError } from './sync-error.ts'

/** Why a job waits. Label values of a metric. */
type WaitKind =
  /** The provider limits the number of requests. */
  | 'rate_limit'
  /** The provider cannot be reached, or answers that it is unavailable. */
  | 'unavailable'
  /** A request failed in another way that may pass. */
  | 'failure'
  /** The credential cannot be renewed at the moment. */
  | 'renewal'
  /** The definition limits the rate of requests. */
  | 'pace'
  /** The process does not have the encryption key of the credential. Another process may have it. */
  | 'key'
  /** The source is read again before records are deleted. */
  | 'second_reading'

/**
 * What a job waits for, and what the worker that continues it must know so that limits hold over the wait. Plain JSON in
 * `sync_job.wait`. It is valid until the job makes progress.
 */
export interface JobWait {
  kind: WaitKind
  stream: string
  /** For people. Contains no secret. */
  reason: string
  /** Retries of opening the connection. */
  open?: RetryState | undefined
  /** Retries of the first request. */
  page?: RetryState | undefined
  /** The slot of the integration's rate limit that the first request has, in milliseconds since 1970. */
  slotAt?: number | undefined
  /** Errors of the streams that failed before. They are not tried again. */
  failed: readonly SyncError[]
  /** The last of these streams failed because the provider is unavailable. */
  unavailable: boolean
}

/** The run of a job ends with a wait: the job goes back to the queue until then. */
export class JobWaitError extends Error {
  override readonly name = 'JobWaitError'
  readonly wait: Omit<JobWait, 'failed' | 'unavailable'>
  /** When the wait ends, in milliseconds of the run's clock. */
  readonly untilMs: number
  /** The event that tells of the wait; undefined: there is one already, or the wait needs none. */
  readonly event: NewEvent | undefined

  constructor(wait: JobWaitError['wait'], untilMs: number, event?: NewEvent) {
    super(`The job waits: ${wait.reason}`)
    this.wait = wait
    this.untilMs = untilMs
    this.event = event
  }
}
