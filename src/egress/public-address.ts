import ipaddr from 'ipaddr.js'

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
