import { EgressError } from './egress-error.ts'
import type { Hop } from './exchange.ts'
import { nameOf, parseRequestUrl } from './policy.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const CREDENTIALS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization']
const ABOUT_THE_BODY: readonly string[] = ['content-encoding', 'content-language', 'content-location', 'content-type']

/** The Location to go to, or undefined: a redirect without one is an answer like any other. */
export function redirectTarget(status: number, headers: Headers): string | undefined {
  return REDIRECTS.has(status) ? (headers.get('location') ?? undefined) : undefined
}

/**
 * The request that follows a redirect (RFC 9110, section 15.4, with fetch's choices): 303 becomes GET, a POST becomes GET
 * on 301 and 302, else the method stays. At another origin there are no credentials and no body, and they do not come back
 * when a later hop returns. Of the query only what the Location says. Throws EgressError `redirect` or `refused_url`.
 */
export function nextHop(hop: Hop, status: number, location: string, credentialHeaders: readonly string[]): Hop {
  const from = nameOf(hop.url)
  const target = URL.parse(location, hop.url)
  if (target === null) throw new EgressError('redirect', `${from} redirects to what is not a URL.`)
  const url = parseRequestUrl(target)
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new EgressError('redirect', `${from} redirects from https to http (${nameOf(url)}).`)
  }
  const toGet = (status === 303 && hop.method !== 'HEAD') || (status <= 302 && hop.method === 'POST')
  const elsewhere = url.origin !== hop.url.origin
  const body = toGet || elsewhere ? undefined : hop.body
  if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new EgressError('redirect', `${from} redirects a body that was streamed and cannot be sent again.`)
  }
  const dropped = new Set([
    ...(elsewhere ? [...CREDENTIALS, ...credentialHeaders.map((name) => name.toLowerCase())] : []),
    ...(hop.body !== undefined && body === undefined ? ABOUT_THE_BODY : []),
  ])
  return {
    method: toGet ? 'GET' : hop.method,
    url,
    headers: hop.headers.filter(([name]) => !dropped.has(name.toLowerCase())),
    body,
  }
}
