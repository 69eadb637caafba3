import { CONNECTION_HEADERS } from '../egress/request-headers.ts'
import { textRedactorOf } from '../kit/redactors.ts'

export type HeaderPair = readonly [name: string, value: string]

/** Headers that authenticate. Only the connection's credential may set them. */
const CALLER_CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization'])

/** Headers from which some servers (IIS, Symfony, Laminas) take the path of the request, which could be outside of the base URL. */
const PATH_OVERRIDE = /^x[-_](?:original|rewrite)[-_]ur[il]$/

/** Headers that belong to one hop: RFC 9110 section 7.6.1, RFC 9112, and those of proxies. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Headers that set a browser's state for the provider's origin. Passed on, they would affect Latchkey's origin. */
const ORIGIN_HEADERS: ReadonlySet<string> = new Set([
  'alt-svc',
  'clear-site-data',
  'public-key-pins',
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
])

/** A header value that is redacted is cut to this length. */
const MAX_REDACTED_LENGTH = 16_384

/**
 * The caller's headers that are sent to the provider: without those of the caller's connection (RFC 9110 section 7.6.1), and
 * without those that authenticate or that name another path.
 */
export function passedRequestHeaders(headers: readonly HeaderPair[]): HeaderPair[] {
  const named = namedByConnection(headers)
  return headers.filter(([name]) => {
    const key = name.toLowerCase()
    if (CALLER_CREDENTIALS.has(key) || PATH_OVERRIDE.test(key)) return false
    return !CONNECTION_HEADERS.has(key) && !HOP_BY_HOP.has(key) && !named.has(key)
  })
}

/**
 * The headers of a provider's response that are returned to the caller: without those of the connection to the provider, and
 * without those that affect the origin. A credential that the provider echoes in a header is redacted.
 */
export function passedResponseHeaders(headers: Headers, secrets: readonly string[]): HeaderPair[] {
  const connection = headers.get('connection')
  const named = connection === null ? NO_NAMES : optionsOf(connection)
  const passed: HeaderPair[] = []
  let values = ''
  for (const pair of headers) {
    const [name, value] = pair
    if (HOP_BY_HOP.has(name) || ORIGIN_HEADERS.has(name) || named.has(name)) continue
    passed.push(pair)
    values += `${value}\n`
  }
  const redactor = textRedactorOf(secrets)
  if (!redactor.finds(values)) return passed
  return passed.map(([name, value]) => [
    name,
    redactor.finds(value) ? redactor.redact(value, MAX_REDACTED_LENGTH) : value,
  ])
}

function namedByConnection(headers: readonly HeaderPair[]): ReadonlySet<string> {
  const values = headers.filter(([name]) => name.length === 10 && name.toLowerCase() === 'connection')
  return values.length === 0 ? NO_NAMES : optionsOf(values.map(([, value]) => value).join(','))
}

/** The options of a Connection header, in lower case. */
function optionsOf(connection: string): ReadonlySet<string> {
  return new Set(connection.split(',').map((option) => option.trim().toLowerCase()))
}

const NO_NAMES: ReadonlySet<string> = new Set()
