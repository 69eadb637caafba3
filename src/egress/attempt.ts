import { errors } from 'undici'
import { certificateAlert } from './client-certificate.ts'
import { EgressError } from './egress-error.ts'

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** After a pause of the process, data that arrived meanwhile is still read before the time-out takes effect. */
const GRACE_MS = 20

/**
 * The state of one call of `send`, through all its hops and the reading of the response: its time-out, its caller's signal,
 * and whether any byte was sent. Turns failures into EgressError.
 */
export class Attempt {
  /** Host of the current hop, for messages. */
  host = 'the host'
  sentBytes = false
  /** Whether the current hop presents a client certificate that its host has not accepted by a response yet. */
  presents = false
  /** `sentBytes` before the current hop. */
  #sentBefore = false
  /** See EgressRequest. */
  beforeSend: (() => void) | undefined
  /** Called once, when the attempt must end. Set by the current hop. */
  onAbort: ((reason: EgressError) => void) | undefined
  #reason: EgressError | undefined
  readonly #callersSignal: AbortSignal | undefined
  readonly #timeoutMs: number
  /** When the total time-out ends, in milliseconds of `performance.now()`; undefined: the clock is stopped. */
  #endsAt: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number, callersSignal?: AbortSignal) {
    this.#callersSignal = callersSignal
    this.#timeoutMs = timeoutMs
    this.#startClock(timeoutMs)
    if (callersSignal?.aborted) this.#onCallersAbort()
    else callersSignal?.addEventListener('abort', this.#onCallersAbort)
  }

  /** Why the attempt must end; undefined while it continues. */
  get aborted(): EgressError | undefined {
    return this.#reason
  }

  /** @param presents whether the hop presents a client certificate */
  beginHop(host: string, presents: boolean): void {
    this.host = host
    this.presents = presents
    this.#sentBefore = this.sentBytes
  }

  fail(cause: unknown): EgressError {
    const { host, presents, sentBytes } = this
    const alert = certificateAlert(codeOf(cause), host, presents)
    if (alert === undefined) return toEgressError(cause, host, sentBytes, presents)
    const { kind, message, retryable } = alert
    // The host has not processed what was sent.
    this.sentBytes = this.#sentBefore
    return new EgressError(kind, message, { sentBytes: this.sentBytes, retryable, cause })
  }

  /** Ends the total time-out. The caller's signal still applies. */
  stopClock(): void {
    clearTimeout(this.#timer)
    this.#endsAt = undefined
  }

  /** Waits for something that the host has no part in. The total time-out is longer by that time. */
  async withoutClock(wait: Promise<void>): Promise<void> {
    if (this.#endsAt === undefined) return wait
    const leftMs = Math.max(0, this.#endsAt - performance.now())
    this.stopClock()
    try {
      await wait
    } finally {
      if (this.#reason === undefined) this.#startClock(leftMs)
    }
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

  #startClock(leftMs: number): void {
    if (leftMs > LONGEST_TIMER_MS) return
    this.#endsAt = performance.now() + leftMs
    // Unref: a response that nobody reads must not keep the process alive. A socket that is awaited does.
    this.#timer = setTimeout(() => this.#startGrace(), leftMs).unref()
  }

  #startGrace(): void {
    this.#timer = setTimeout(() => this.#outOfTime(), GRACE_MS).unref()
  }

  #outOfTime(): void {
    this.#end(new EgressError('timeout', `${this.host} took longer than ${this.#timeoutMs / 1000} s.`))
    this.finish()
  }
}

/** By the error codes of undici and Node. */
const FAILURES_BY_CODE: Readonly<Record<string, (host: string) => EgressError>> = {
  UND_ERR_CONNECT_TIMEOUT: (host) => new EgressError('timeout', `${host} could not be reached in time.`),
  ETIMEDOUT: (host) => new EgressError('timeout', `${host} could not be reached in time.`),
  UND_ERR_HEADERS_TIMEOUT: (host) => new EgressError('timeout', `${host} did not respond in time.`),
  UND_ERR_BODY_TIMEOUT: (host) => new EgressError('timeout', `${host} stopped sending in the middle of its response.`),
  UND_ERR_HEADERS_OVERFLOW: (host) =>
    new EgressError('too_large', `The headers of the response of ${host} are too large.`),
  UND_ERR_DESTROYED: () => new EgressError('aborted', 'The client for outgoing requests is closed.'),
  UND_ERR_CLOSED: () => new EgressError('aborted', 'The client for outgoing requests is closed.'),
  UND_ERR_INVALID_ARG: (host) => new EgressError('refused_request', `The request to ${host} is not valid HTTP.`),
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: (host) =>
    new EgressError('refused_request', `The body of the request to ${host} does not have the declared length.`),
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH/
const TLS = /^ERR_(TLS|SSL)|^EPROTO$/

/**
 * Translates an error of undici, node:net, node:tls or the caller's body stream. The original is kept as `cause`, for the
 * log. Of an EgressError only `sentBytes` is updated.
 */
function toEgressError(cause: unknown, host: string, sentBytes: boolean, presents: boolean): EgressError {
  // The cause is dropped: it quotes what the server sent.
  if (cause instanceof errors.HTTPParserError) {
    // undici reports a response that is cut short so, on a connection that is not kept alive.
    if (/invalid EOF/i.test(cause.message)) return cutShort(host, presents)
    return new EgressError('bad_encoding', `The response of ${host} is not valid HTTP.`, { sentBytes })
  }
  const known = cause instanceof EgressError ? cause : translate(cause, host, sentBytes, presents)
  if (known.sentBytes === sentBytes && known === cause) return known
  const { kind, message, retryable } = known
  return new EgressError(kind, message, { sentBytes, retryable, cause: known === cause ? known.cause : cause })
}

function translate(cause: unknown, host: string, sentBytes: boolean, presents: boolean): EgressError {
  const code = codeOf(cause)
  const known = FAILURES_BY_CODE[code]
  if (known !== undefined) return known(host)
  if (sentBytes) return cutShort(host, presents)
  if (CERTIFICATE.test(code)) {
    return new EgressError('connect', `The certificate of ${host} is not valid (${code}).${authorityHint(code)}`, {
      retryable: false,
    })
  }
  const hint = presents ? ` ${MAYBE_REFUSED}` : ''
  if (TLS.test(code))
    return new EgressError('connect', `The TLS handshake with ${host} failed (${code}).${hint}`, { retryable: false })
  const isClosed = code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET'
  return new EgressError(
    'connect',
    `${host} could not be reached${code === '' ? '' : ` (${code})`}.${isClosed ? hint : ''}`,
  )
}

/** Some servers close the connection instead of sending an alert. */
const MAYBE_REFUSED = 'If this happens with every request, the host may not accept the client certificate.'

/** What to do about a server whose certificate was issued by an authority that is not known. */
function authorityHint(code: string): string {
  return /SELF_SIGNED|UNABLE_TO_/.test(code)
    ? ' If the service has an authority of its own, the operator can add its certificate with NODE_EXTRA_CA_CERTS.'
    : ''
}

function cutShort(host: string, presents: boolean): EgressError {
  const hint = presents ? ` ${MAYBE_REFUSED}` : ''
  return new EgressError('reset', `${host} closed the connection before its response was complete.${hint}`, {
    sentBytes: true,
  })
}

function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return ''
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof AggregateError ? codeOf(cause.errors[0]) : ''
}
