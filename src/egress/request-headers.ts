import { EgressError } from './egress-error.ts'

export type HeadersInput = Readonly<Record<string, string>> | readonly (readonly [string, string])[]

/**
 * Belong to the connection, not to the request: how the message is framed and routed is decided here alone. Who passes
 * on a caller's headers takes these out first; a request that still has one is refused, not repaired in silence.
 */
export const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Checks the caller's headers (RFC 9110, section 5). Errors name the header, never its value. */
export function checkHeaderNames(input: HeadersInput): [string, string][] {
  const headers: [string, string][] = []
  for (const [name, value] of isList(input) ? input : Object.entries(input)) {
    if (!NAME.test(name)) throw new EgressError('refused_request', 'A header has a name that HTTP does not allow.')
    if (CONNECTION_HEADERS.has(name.toLowerCase())) {
      throw new EgressError('refused_request', `The header ${name} cannot be set.`)
    }
    if (!VALUE.test(value)) {
      throw new EgressError(
        'refused_request',
        `The value of the header ${name} has characters that HTTP does not allow.`,
      )
    }
    headers.push([name, value])
  }
  return headers
}

/** CONNECT would make a tunnel, and TRACE echoes credentials. */
export function checkMethod(method: string): string {
  const upper = method.toUpperCase()
  if (!NAME.test(method) || upper === 'CONNECT' || upper === 'TRACE') {
    throw new EgressError('refused_request', 'The method is not one that is sent.')
  }
  return upper
}

export function hasHeader(headers: readonly (readonly [string, string])[], name: string): boolean {
  return headers.some(([key]) => key.toLowerCase() === name)
}

function isList(input: HeadersInput): input is readonly (readonly [string, string])[] {
  return Array.isArray(input)
}
