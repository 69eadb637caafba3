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

/** The target of a connection. Connections are pooled by it. */
export interface Endpoint {
  protocol: 'http:' | 'https:'
  /** A name without its final dot, or an address without brackets. */
  hostname: string
  port: number
}

/** Longest domain name, written as text (RFC 1035 section 2.3.4). */
const MAX_HOSTNAME_LENGTH = 253

/** Largest URL of a request, in characters. Servers accept 8,000 (RFC 9110 section 4.1), and few accept more than 32,000. */
export const MAX_URL_LENGTH = 64 * 1024

/**
 * Parses a URL to request: http or https, without user info, of at most `MAX_URL_LENGTH`. The fragment and a final dot of the host are removed. The error
 * does not repeat the URL, which may contain a secret.
 *
 * @returns `input` itself when it is a URL and nothing is removed
 */
export function parseRequestUrl(input: URL | string): URL {
  const text = typeof input === 'string' ? input : input.href
  if (text.length > MAX_URL_LENGTH)
    throw new EgressError('refused_url', `The URL has more than ${MAX_URL_LENGTH} characters.`)
  const url = typeof input === 'string' ? URL.parse(input) : input
  if (url === null) throw new EgressError('refused_url', 'The URL is not valid.')
  const { protocol, hostname } = url
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new EgressError('refused_url', `The URL must begin with https: or http:, not with ${protocol.slice(0, 20)}`)
  }
  if (text.includes('@') && (url.username !== '' || url.password !== '')) {
    throw new EgressError('refused_url', `The URL must not contain a user name or password (${hostNameOf(url)}).`)
  }
  if (withoutFinalDot(hostname).length > MAX_HOSTNAME_LENGTH) {
    throw new EgressError('refused_url', `The host name is too long (${hostNameOf(url)}).`)
  }
  const endsInDot = hostname.endsWith('.')
  if (!endsInDot && !text.includes('#')) return url
  const clean = new URL(url)
  if (endsInDot) clean.hostname = withoutFinalDot(clean.hostname)
  clean.hash = ''
  return clean
}

/** The host of a URL, for messages. */
export function hostNameOf(url: URL): string {
  return url.host.length > 80 ? `${url.host.slice(0, 80)}…` : url.host
}

export function endpointOf(url: URL): Endpoint {
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:'
  const port = url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { protocol, hostname: withoutBrackets(url.hostname), port }
}

/** Checks what can be checked before a name is resolved. Called for every hop, also when a connection is already open. */
export function checkEndpoint(policy: EgressPolicy, endpoint: Endpoint): void {
  const { hostname, port } = endpoint
  if (policy.deny.hasHost(hostname, port)) throw deniedAddress(hostname, port)
  if (isIP(hostname) !== 0) checkAddress(policy, endpoint, hostname)
  else if (!policy.allow.namesAddresses) checkPortAndScheme(policy, endpoint)
}

/**
 * Checks an address that the endpoint's name resolved to, that its URL contains, or that a socket is connected to. A host
 * that is allowed by name may have any address. A denied host or address is always refused.
 */
export function checkAddress(policy: EgressPolicy, endpoint: Endpoint, address: string): void {
  const { hostname, port } = endpoint
  if (policy.deny.hasAddress(address, port)) throw deniedAddress(hostname, port)
  if (policy.allow.hasHost(hostname, port) || policy.allow.hasAddress(address, port)) return
  if (!isPublicAddress(address)) throw refusedAddress(hostname)
  checkPortAndScheme(policy, endpoint)
}

function checkPortAndScheme(policy: EgressPolicy, { protocol, hostname, port }: Endpoint): void {
  if (policy.allow.hasHost(hostname, port)) return
  if (!policy.allowedPorts.has(port)) {
    const ports = [...policy.allowedPorts].join(', ')
    throw new EgressError('refused_url', `Port ${port} of ${hostname} is not allowed. Allowed ports: ${ports}.`)
  }
  if (protocol === 'http:' && !policy.allowHttp) throw refusedScheme(hostname)
}

/** Refuses http to a name that is not allowed by that name, whatever it resolves to. */
export function checkScheme(policy: EgressPolicy, { protocol, hostname, port }: Endpoint): void {
  if (protocol === 'https:' || policy.allowHttp || isIP(hostname) !== 0) return
  if (!policy.allow.hasHost(hostname, port)) throw refusedScheme(hostname)
}

function refusedScheme(hostname: string): EgressError {
  return new EgressError('refused_url', `${hostname} must be requested over https, not over http.`)
}

function deniedAddress(hostname: string, port: number): EgressError {
  return new EgressError(
    'refused_address',
    `Requests to ${hostname} at port ${port} are never allowed: Latchkey itself or a metadata service of the cloud answers there.`,
  )
}

function refusedAddress(hostname: string): EgressError {
  return new EgressError(
    'refused_address',
    `Requests to ${hostname} are not allowed: it is not an address of the public internet. ` +
      'The operator can allow it with LATCHKEY_EGRESS_ALLOW.',
  )
}

/** Addresses in public ranges that belong to services of the machine's own cloud. */
const CLOUD_SERVICES: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][] = [
  ipaddr.parseCIDR('168.63.129.16/32'), // Azure: DHCP, DNS, the host's agent
  ipaddr.parseCIDR('192.0.0.192/32'), // Oracle Cloud: metadata
  ipaddr.parseCIDR('100.100.100.200/32'), // Alibaba Cloud: metadata
]

/** The range of globally routed IPv6 (IANA). ipaddr.js also calls addresses outside it unicast, such as `::7f00:1`. */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether an address belongs to the public internet. Private, loopback, link-local, shared, documentation and reserved
 * ranges do not, nor does any form that contains an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo), nor a text that
 * is not an address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST_V6)) return false
  return !CLOUD_SERVICES.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))
}
