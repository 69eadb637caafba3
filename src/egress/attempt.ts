import { errors } from 'undici'
import { EgressError } from './egress-error.ts'

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

type Said = (host: string) => EgressError

const FAILURES: Readonly<Record<string, Said>> = {
  UND_ERR_CONNECT_TIMEOUT: (host) => new EgressError('timeout', `${host} could not be reached in time.`),
  ETIMEDOUT: (host) => new EgressError('timeout', `${host} could not be reached in time.`),
  UND_ERR_HEADERS_TIMEOUT: (host) => new EgressError('timeout', `${host} did not begin to answer in time.`),
  UND_ERR_BODY_TIMEOUT: (host) => new EgressError('timeout', `${host} stopped in the middle of its answer.`),
  UND_ERR_HEADERS_OVERFLOW: (host) => new EgressError('too_large', `The headers that ${host} sent are too large.`),
  UND_ERR_DESTROYED: () => new EgressError('aborted', 'The client for outgoing requests is closed.'),
  UND_ERR_CLOSED: () => new EgressError('aborted', 'The client for outgoing requests is closed.'),
  UND_ERR_INVALID_ARG: (host) => new EgressError('refused_request', `The request to ${host} is not valid HTTP.`),
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: (host) =>
    new EgressError('refused_request', `The body of the request to ${host} is not as long as was declared.`),
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH/
const TLS = /^ERR_(TLS|SSL)|^EPROTO$/

/**
 * Says in our own words what undici, node:net, node:tls or the caller's body stream reported. The original is kept as
 * `cause`, for the log. An EgressError stays what it is, but for `sentBytes`.
 */
function toEgressError(cause: unknown, host: string, sentBytes: boolean): EgressError {
  // Without its cause, which quotes what the server sent.
  if (cause instanceof errors.HTTPParserError) {
    return new EgressError('bad_encoding', `What ${host} answered is not valid HTTP.`, { sentBytes })
  }
  const known = cause instanceof EgressError ? cause : translate(cause, host, sentBytes)
  if (known.sentBytes === sentBytes && known === cause) return known
  const { kind, message, retryable } = known
  return new EgressError(kind, message, { sentBytes, retryable, cause: known === cause ? known.cause : cause })
}

function translate(cause: unknown, host: string, sentBytes: boolean): EgressError {
  const code = codeOf(cause)
  const said = FAILURES[code]
  if (said !== undefined) return said(host)
  if (sentBytes) return new EgressError('reset', `${host} closed the connection before its answer was complete.`)
  if (CERTIFICATE.test(code)) {
    return new EgressError('connect', `The certificate of ${host} is not valid (${code}).`, { retryable: false })
  }
  if (TLS.test(code)) return new EgressError('connect', `No TLS with ${host} (${code}).`, { retryable: false })
  return new EgressError('connect', `${host} could not be reached${code === '' ? '' : ` (${code})`}.`)
}

function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return ''
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof AggregateError ? codeOf(cause.errors[0]) : ''
}
