import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { EgressError } from './egress-error.ts'
import { type HostRules, withoutBrackets, withoutFinalDot } from './host-rules.ts'

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
    throw new EgressError('refused_url', `A URL with a user name or password is not requested (${hostNameOf(url)}).`)
  }
  if (withoutFinalDot(url.hostname).length > MAX_HOSTNAME_LENGTH) {
    throw new EgressError('refused_url', `The host name is too long (${hostNameOf(url)}).`)
  }
  if (url.hostname.endsWith('.')) url.hostname = withoutFinalDot(url.hostname)
  url.hash = ''
  return url
}

/** How a message names the host of a URL. */
export function hostNameOf(url: URL): string {
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

/** Addresses that look like any other but belong to the machine's own cloud. */
const CLOUD_SERVICES: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][] = [
  ipaddr.parseCIDR('168.63.129.16/32'), // Azure: DHCP, DNS, the host's agent
  ipaddr.parseCIDR('192.0.0.192/32'), // Oracle Cloud: metadata
  ipaddr.parseCIDR('100.100.100.200/32'), // Alibaba Cloud: metadata
]

/** All that is handed out as globally routed IPv6 (IANA). ipaddr.js calls the rest, `::7f00:1` too, unicast. */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether an address belongs to the public internet. Not: private, loopback, link-local, shared, documentation and
 * reserved ranges; forms that carry an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo), whatever they carry.
 * What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST_V6)) return false
  return !CLOUD_SERVICES.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))
}
