import type { IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * The IP address of the client that sent a request, in its canonical form; null when there is none, because the client has
 * disconnected or the server listens on a Unix socket.
 */
export type ClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string | null

/** An address of IPv4 as a socket of IPv6 shows it. */
const MAPPED = /^::ffff:([\d.]+)$/

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Proxies in front of this process, and no more headers are read than these would write. */
const MAX_HOPS = 20

/**
 * @param trustedProxies addresses and networks of the proxies whose `X-Forwarded-For` is believed. Empty: the header is ignored,
 * and the client is whoever opened the connection
 * @throws TypeError that names the invalid entry
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const networks = parseTrustedProxies(trustedProxies)
  const isTrusted = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
    networks.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))
  return ({ headers, socket }) => {
    const { remoteAddress } = socket
    if (networks.length === 0 && remoteAddress !== undefined) {
      // The system writes addresses of IPv4 in their canonical form.
      const ipv4 = MAPPED.exec(remoteAddress)?.[1] ?? remoteAddress
      if (isIPv4(ipv4)) return ipv4
    }
    let client = remoteAddress === undefined ? null : parseAddress(remoteAddress)
    if (client === null || networks.length === 0 || !isTrusted(client)) return client?.toString() ?? null
    // Each proxy appends the address from which it got the request. Only entries that a trusted proxy appended are true: the
    // client may have written everything before them.
    for (const entry of entriesOf(headers['x-forwarded-for']).reverse().slice(0, MAX_HOPS)) {
      const address = parseAddress(entry)
      // Whoever is behind this entry is unknown. The last proxy that is known stands for all of them.
      if (address === null) break
      client = address
      if (!isTrusted(address)) break
    }
    return client.toString()
  }
}

/**
 * Parses entries such as `10.0.0.1`, `10.0.0.0/8`, `::1` and `fd00::/8`.
 * @throws TypeError that names the invalid entry, or one that contains so many addresses that it trusts clients
 */
export function parseTrustedProxies(entries: readonly string[]): Network[] {
  const networks = entries.map((entry) => {
    const network = parseNetwork(entry)
    if (network === null) throw new TypeError(`"${entry}" is not an IP address or a network such as 10.0.0.0/8.`)
    if (isTooWide(network)) {
      throw new TypeError(
        `"${entry}" would trust clients of a large part of the internet, who could then pretend to be any other. Name the addresses of the proxies, or public networks of at most /${LEAST_V4_BITS} (IPv4) or /${LEAST_V6_BITS} (IPv6).`,
      )
    }
    return network
  })
  const widest = networks.reduce((sum, [base, bits]) => {
    const least = base.kind() === 'ipv4' ? LEAST_V4_BITS : LEAST_V6_BITS
    // Private networks of IPv6 may be wider.
    return sum + Math.min(1, 2 ** (least - bits))
  }, 0)
  if (widest > MAX_WIDEST)
    throw new TypeError(
      'its networks together contain so many addresses that clients are among them. Name the addresses of the proxies.',
    )
  return networks
}

/** No provider of proxies has wider networks: 8 bits are the widest that a registry gives to one owner, and private ones are within. */
const LEAST_V4_BITS = 8
const LEAST_V6_BITS = 16
/** So many of the widest networks, or as many addresses in smaller ones. IPv4 has about 220 public ones. */
const MAX_WIDEST = 16
/** fc00::/7 (RFC 4193) and fe80::/10 (RFC 4291) contain no clients of the internet. */
const PRIVATE_V6 = ['fc00::/7', 'fe80::/10'].map((cidr) => ipaddr.IPv6.parseCIDR(cidr))
/** A proxy names IPv4 clients by such addresses too (RFC 6052, RFC 3056). Wider than `/8` of the IPv4 address within is too wide. */
const TRANSLATIONS = [
  [ipaddr.IPv6.parse('64:ff9b::'), 96],
  [ipaddr.IPv6.parse('2002::'), 16],
] as const

function isTooWide([base, bits]: Network): boolean {
  if (base instanceof ipaddr.IPv4) return bits < LEAST_V4_BITS
  if (PRIVATE_V6.some(([network, least]) => bits >= least && base.match(network, least))) return false
  return (
    bits < LEAST_V6_BITS ||
    TRANSLATIONS.some(
      ([network, length]) => bits < length + LEAST_V4_BITS && base.match(network, Math.min(bits, length)),
    )
  )
}

function parseNetwork(entry: string): Network | null {
  if (isIP(entry) !== 0) {
    const address = ipaddr.process(entry)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  }
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(entry) && !ipaddr.IPv6.isValidCIDR(entry)) return null
  const [base, bits] = ipaddr.parseCIDR(entry)
  // Addresses are compared without the prefix ::ffff:0:0/96 of IPv4-mapped ones (RFC 4291 section 2.5.5.2).
  if (base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96) return [base.toIPv4Address(), bits - 96]
  return [base, bits]
}

function entriesOf(header: string | string[] | undefined): string[] {
  // Node joins several headers of this name with commas.
  return [header ?? []].flat().flatMap((text) => text.split(','))
}

/** Some proxies append the port: `192.0.2.1:4711` and `[2001:db8::1]:4711`. IPv4-mapped addresses become IPv4. */
function parseAddress(entry: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const text = entry.trim()
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text
  return isIP(bare) === 0 ? null : ipaddr.process(bare)
}
