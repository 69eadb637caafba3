import { errors } from 'undici'
import { EgressError } from './egress-error.ts'

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
export function toEgressError(cause: unknown, host: string, sentBytes: boolean): EgressError {
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
