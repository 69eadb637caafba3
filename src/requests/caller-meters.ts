import type { Caller } from '../access/caller.ts'
import type { Meter } from '../egress/meter.ts'

/** Bodies of fewer bytes are processed without `work`. What they take is less than what it takes to measure it. */
export const MEASURED_BYTES = 4_096

/** The meter of one request that a caller sends through a connection. */
export interface CallerMeter extends Meter {
  /** Does synchronous work, such as parsing a body, and charges its time to the caller. */
  work<T>(work: () => T): T
  /** The request has ended: its place and its memory are free. May be called more than once. */
  close(): void
}

/** Limits what callers send through connections: requests at once, bytes in memory, and the processor time of both. */
export interface CallerMeters {
  /**
   * Begins a request, when fewer than the limit of its caller and of its workspace are open: most at once.
   * @param signal ends the waits of `count`, because nobody reads the body any more. Default: never
   * @throws RateLimitedError when too many wait, or when none of them ends in time
   */
  open(caller: Caller, signal?: AbortSignal): CallerMeter | Promise<CallerMeter>
}
