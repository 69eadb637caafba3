import { EgressError } from './egress-error.ts'
import { toEgressError } from './map-failure.ts'

/** Node fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** A process that stood still finds its time over before it has read what came meanwhile: it gets to read it. */
const LAST_LOOK_MS = 20

/**
 * One call of `send`, through all its hops and the reading of the answer: its clock, its caller's signal, and whether
 * anything has left. Only this object knows enough to say how it failed.
 */
export class Attempt {
  /** Of the present hop; for messages. */
  host = 'the host'
  sentBytes = false
  /** Told once, when the attempt has to end. One hop at a time listens. */
  onAbort: ((reason: EgressError) => void) | undefined
  #reason: EgressError | undefined
  readonly #callersSignal: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number, callersSignal?: AbortSignal) {
    this.#callersSignal = callersSignal
    if (timeoutMs <= LONGEST_TIMER_MS) {
      // Unref: an answer that nobody reads must not keep the process alive; a socket that is waited for does.
      this.#timer = setTimeout(() => this.#lookOnceMore(timeoutMs), timeoutMs).unref()
    }
    if (callersSignal?.aborted) this.#onCallersAbort()
    else callersSignal?.addEventListener('abort', this.#onCallersAbort)
  }

  /** Why it has to end; undefined: it goes on. */
  get aborted(): EgressError | undefined {
    return this.#reason
  }

  fail(cause: unknown): EgressError {
    return toEgressError(cause, this.host, this.sentBytes)
  }

  /** No total time from here on; the caller's signal still counts. */
  stopClock(): void {
    clearTimeout(this.#timer)
  }

  finish(): void {
    this.stopClock()
    this.#callersSignal?.removeEventListener('abort', this.#onCallersAbort)
  }

  #onCallersAbort = (): void => {
    this.#end(new EgressError('aborted', `The request to ${this.host} was cancelled.`))
  }

  #end(reason: EgressError): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.onAbort?.(reason)
  }

  #lookOnceMore(timeoutMs: number): void {
    this.#timer = setTimeout(() => this.#outOfTime(timeoutMs), LAST_LOOK_MS).unref()
  }

  #outOfTime(timeoutMs: number): void {
    this.#end(new EgressError('timeout', `${this.host} took longer than ${timeoutMs / 1000} s.`))
    this.finish()
  }
}
