import { isIP } from 'node:net'
import { EgressError } from './egress-error.ts'
import type { HostRules } from './host-rules.ts'
import { withoutBrackets, withoutFinalDot } from './host-rules.ts'
import { isPublicAddress } from './public-address.ts'

export interface EgressPolicy {
  allow: HostRules
  deny: HostRules
  allowedPorts: ReadonlySet<number>
  allowHttp: boolean
}

/** Where a connection would go: what connections are pooled by. */
export interface Endpoint {
  protocol: 'http:' | 'https:'
  /** A name without its final dot, or an address without brackets. */
  hostname: string
  port: number
}

/** Longest name that DNS can hold (RFC 1035, section 2.3.4), written out. */
const MAX_HOSTNAME_LENGTH = 253

/**
 * Reads a URL that is to be requested: http or https, no user info, no fragment, no final dot of the host. The message of
 * the error does not repeat the URL, which may hold a secret.
 */
export function parseRequestUrl(input: URL | string): URL {
  const url = URL.parse(String(input))
  if (url === null) throw new EgressError('refused_url', 'The URL is not valid.')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new EgressError('refused_url', `URLs that begin with ${url.protocol.slice(0, 20)} are not requested.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new EgressError('refused_url', `A URL with a user name or password is not requested (${nameOf(url)}).`)
  }
  if (withoutFinalDot(url.hostname).length > MAX_HOSTNAME_LENGTH) {
    throw new EgressError('refused_url', `The host name is too long (${nameOf(url)}).`)
  }
  if (url.hostname.endsWith('.')) url.hostname = withoutFinalDot(url.hostname)
  url.hash = ''
  return url
}

/** How a message names the host of a URL. */
export function nameOf(url: URL): string {
  return url.host.length > 80 ? `${url.host.slice(0, 80)}…` : url.host
}

export function endpointOf(url: URL): Endpoint {
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:'
  const port = url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { protocol, hostname: withoutBrackets(url.hostname), port }
}

/** Refuses what can be refused before a name is resolved. Asked for every hop, also when a connection is open already. */
export function checkEndpoint(policy: EgressPolicy, endpoint: Endpoint): void {
  const { hostname, port } = endpoint
  if (policy.deny.hasHost(hostname, port)) throw refusedAddress(hostname)
  if (isIP(hostname) !== 0) checkAddress(policy, endpoint, hostname)
  else if (!policy.allow.namesAddresses) checkPortAndScheme(policy, endpoint)
}

/**
 * Refuses an address that the endpoint's name resolved to, that its URL spells out, or that a socket is connected to.
 * A host that is allowed by name may be at any address; a denied one may be nowhere.
 */
export function checkAddress(policy: EgressPolicy, endpoint: Endpoint, address: string): void {
  const { hostname, port } = endpoint
  if (policy.deny.hasAddress(address, port)) throw refusedAddress(hostname)
  if (policy.allow.hasHost(hostname, port) || policy.allow.hasAddress(address, port)) return
  if (!isPublicAddress(address)) throw refusedAddress(hostname)
  checkPortAndScheme(policy, endpoint)
}

function checkPortAndScheme(policy: EgressPolicy, { protocol, hostname, port }: Endpoint): void {
  if (policy.allow.hasHost(hostname, port)) return
  if (!policy.allowedPorts.has(port)) {
    const ports = [...policy.allowedPorts].join(', ')
    throw new EgressError('refused_url', `Port ${port} of ${hostname} is not reached, only ${ports}.`)
  }
  if (protocol === 'http:' && !policy.allowHttp) {
    throw new EgressError('refused_url', `${hostname} is not requested over http, only over https.`)
  }
}

function refusedAddress(hostname: string): EgressError {
  return new EgressError(
    'refused_address',
    `${hostname} is not reached: it is not an address of the public internet. ` +
      'The operator can allow it with LATCHKEY_EGRESS_ALLOW.',
  )
}
