import { CONNECTION_HEADERS } from '../egress/request-headers.ts'
import { createSecretFinder, redactSecrets } from '../kit/redact.ts'

export type HeaderPair = readonly [name: string, value: string]

/** Who is asking is decided by the connection's credential alone. */
const CALLER_CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization'])

/** RFC 9110 section 7.6.1, and what of RFC 9112 and of proxies belongs to one hop. */
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

/** What a provider says about its own origin to a browser; passed on it would be said of ours. */
const ABOUT_THE_ORIGIN: ReadonlySet<string> = new Set([
  'alt-svc',
  'clear-site-data',
  'public-key-pins',
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
])

/** The longest value of a header that may hold a secret; what is longer is cut there. */
const MAX_REDACTED = 16_384

/**
 * The headers of a caller that go on to the provider: not those of the connection between us (RFC 9110 section 7.6.1),
 * nor those by which the caller would say who he is.
 */
export function passedRequestHeaders(headers: readonly HeaderPair[]): HeaderPair[] {
  const named = namedByConnection(headers)
  return headers.filter(([name]) => {
    const key = name.toLowerCase()
    return !CONNECTION_HEADERS.has(key) && !HOP_BY_HOP.has(key) && !CALLER_CREDENTIALS.has(key) && !named.has(key)
  })
}

/**
 * The headers of a provider's answer that go back to the caller: not those of the connection to the provider, nor those
 * that would speak for our origin. A credential that a provider echoes in one is taken out of it.
 */
export function passedResponseHeaders(headers: Headers, secrets: readonly string[]): HeaderPair[] {
  const pairs = [...headers]
  const named = namedByConnection(pairs)
  const passed = pairs.filter(([name]) => !HOP_BY_HOP.has(name) && !ABOUT_THE_ORIGIN.has(name) && !named.has(name))
  if (!finderOf(secrets)(passed.map(([, value]) => value).join('\n'))) return passed
  return passed.map(([name, value]) => [name, redactSecrets(value, secrets, MAX_REDACTED)])
}

const finders = new WeakMap<readonly string[], (text: string) => boolean>()

/** Most authenticators have one list of secrets for all of their requests. */
function finderOf(secrets: readonly string[]): (text: string) => boolean {
  const known = finders.get(secrets)
  if (known !== undefined) return known
  const finder = createSecretFinder(secrets)
  finders.set(secrets, finder)
  return finder
}

function namedByConnection(headers: readonly HeaderPair[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [name, value] of headers) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    for (const option of value.split(',')) names.add(option.trim().toLowerCase())
  }
  return names
}
