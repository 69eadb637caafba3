import { EgressError } from './egress-error.ts'

export type HeadersInput = Readonly<Record<string, string>> | readonly (readonly [string, string])[]

/**
 * Headers that belong to the connection, not to the request: the egress alone decides how a message is framed and routed.
 * Code that passes on a caller's headers removes these first. A request that still has one is refused.
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

/** Checks headers (RFC 9110 section 5). Errors name the header, never its value. */
export function checkHeaderNames(input: HeadersInput): [string, string][] {
  const headers: [string, string][] = []
  for (const [name, value] of isList(input) ? input : Object.entries(input)) {
    if (!NAME.test(name))
      throw new EgressError('refused_request', 'The name of a header contains characters that HTTP does not allow.')
    if (CONNECTION_HEADERS.has(name.toLowerCase())) {
      throw new EgressError('refused_request', `The header ${name} cannot be set.`)
    }
    if (!VALUE.test(value)) {
      throw new EgressError(
        'refused_request',
        `The value of the header ${name} contains characters that HTTP does not allow.`,
      )
    }
    headers.push([name, value])
  }
  return headers
}

/** Checks a method. CONNECT would open a tunnel, and TRACE echoes credentials. */
export function checkMethod(method: string): string {
  const upper = method.toUpperCase()
  if (!NAME.test(method) || upper === 'CONNECT' || upper === 'TRACE') {
    throw new EgressError('refused_request', 'The HTTP method is not allowed.')
  }
  return upper
}

export function hasHeader(headers: readonly (readonly [string, string])[], name: string): boolean {
  return headers.some(([key]) => key.toLowerCase() === name)
}

function isList(input: HeadersInput): input is readonly (readonly [string, string])[] {
  return Array.isArray(input)
}
