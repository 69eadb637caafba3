import ipaddr from 'ipaddr.js'

/** A parsed list of hosts, addresses and networks, each for all ports or for one. */
export interface HostRules {
  hasHost(hostname: string, port: number): boolean
  hasAddress(address: string, port: number): boolean
  /** Some rule is about addresses, so a name must be resolved before the rules can decide. */
  readonly namesAddresses: boolean
}

interface HostRule {
  hostname: string
  port: number | undefined
}

interface NetworkRule {
  network: [ipaddr.IPv4 | ipaddr.IPv6, number]
  port: number | undefined
}

/**
 * Parses entries such as `intranet.example`, `db.example:8443`, `10.1.2.3`, `10.0.0.0/8`, `[::1]:4000`, `fd00::/8`. A name
 * does not cover its subdomains.
 *
 * @throws TypeError that names the invalid entry
 */
export function parseHostRules(entries: readonly string[]): HostRules {
  const hosts: HostRule[] = []
  const networks: NetworkRule[] = []
  for (const entry of entries) {
    const rule = parseRule(entry.trim())
    if (rule === undefined) throw new TypeError(`"${entry}" is not a host, host:port, IP address or CIDR.`)
    if ('network' in rule) networks.push(rule)
    else hosts.push(rule)
  }
  return {
    namesAddresses: networks.length > 0,
    hasHost: (hostname, port) =>
      hosts.some((rule) => rule.hostname === withoutFinalDot(hostname) && covers(rule, port)),
    hasAddress(address, port) {
      if (!ipaddr.isValid(address)) return false
      // process() turns ::ffff:127.0.0.1 into 127.0.0.1: both reach the same host.
      const parsed = ipaddr.process(address)
      return networks.some(
        ({ network: [base, bits], port: only }) =>
          base.kind() === parsed.kind() && parsed.match(base, bits) && covers({ port: only }, port),
      )
    },
  }
}

/** The rules that cover what one of the two covers. */
export function eitherRules(one: HostRules, other: HostRules): HostRules {
  return {
    namesAddresses: one.namesAddresses || other.namesAddresses,
    hasHost: (hostname, port) => one.hasHost(hostname, port) || other.hasHost(hostname, port),
    hasAddress: (address, port) => one.hasAddress(address, port) || other.hasAddress(address, port),
  }
}

/**
 * Where clouds offer metadata of a machine, among them the credentials of its role: link-local addresses of IPv4 (AWS, Azure, Google,
 * Oracle, containers of AWS), and those with another address. In production, nothing allows requests to them.
 */
export const METADATA_NETWORKS: readonly string[] = [
  '169.254.0.0/16',
  'fd00:ec2::/32', // AWS
  'fd20:ce::254', // Google Cloud
  'fe80::a9fe:a9fe', // OpenStack
  '168.63.129.16', // Azure: DHCP, DNS, the host's agent
  '192.0.0.192', // Oracle Cloud
  '100.100.100.200', // Alibaba Cloud
]

/** The entries that contain nothing but metadata services. Entries that cannot be parsed are left out. */
function metadataEntries(entries: readonly string[]): string[] {
  const services = METADATA_NETWORKS.flatMap((entry) => {
    const rule = parseRule(entry)
    return rule !== undefined && 'network' in rule ? [rule.network] : []
  })
  return entries.filter((entry) => {
    const rule = parseRule(entry.trim())
    if (rule === undefined || 'hostname' in rule) return false
    const [base, bits] = unmapped(rule.network)
    return services.some(
      ([service, least]) => base.kind() === service.kind() && bits >= least && base.match(service, least),
    )
  })
}

/** An IPv4-mapped network as the IPv4 network that it stands for (RFC 4291 section 2.5.5.2). */
function unmapped([base, bits]: NetworkRule['network']): NetworkRule['network'] {
  return base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96
    ? [base.toIPv4Address(), bits - 96]
    : [base, bits]
}

/** Networks that reach every IPv4 address from inside IPv6: NAT64 (RFC 6052), 6to4 (RFC 3056) and mapped addresses. */
const TRANSLATIONS = ['64:ff9b::/96', '2002::/16', '::ffff:0:0/96'].map((cidr) => ipaddr.IPv6.parseCIDR(cidr))
/** Networks without public addresses that are wider than the limits below: fc00::/7 (RFC 4193) and fe80::/10 (RFC 4291). */
const PRIVATE_V6 = ['fc00::/7', 'fe80::/10'].map((cidr) => ipaddr.IPv6.parseCIDR(cidr))
const LEAST_V4_BITS = 8
const LEAST_V6_BITS = 16

/**
 * The entries that allow so much that they switch the protection off: everything, a half of it, or any network that is wider
 * than the widest private one. Entries that cannot be parsed are left out.
 */
function tooWideEntries(entries: readonly string[]): string[] {
  return entries.filter((entry) => {
    const rule = parseRule(entry.trim())
    if (rule === undefined || 'hostname' in rule) return false
    const [base, bits] = rule.network
    if (base instanceof ipaddr.IPv4) return bits < LEAST_V4_BITS
    const within = ([network, least]: [ipaddr.IPv6, number]) => bits >= least && base.match(network, least)
    if (PRIVATE_V6.some(within)) return false
    return bits < LEAST_V6_BITS || TRANSLATIONS.some(([network, least]) => bits <= least && network.match(base, bits))
  })
}

/**
 * What is wrong with the list of allowed targets, as a sentence; null: nothing.
 * @param production whether entries that switch the protection off are refused
 */
export function egressAllowProblem(list: readonly string[], production: boolean): string | null {
  const entries = list.flatMap((entry) => entry.trim() || [])
  try {
    parseHostRules(entries)
  } catch (error) {
    return `LATCHKEY_EGRESS_ALLOW cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
  if (!production) return null
  const wide = tooWideEntries(entries)
  const metadata = metadataEntries(entries)
  if (metadata.length > 0) {
    return `LATCHKEY_EGRESS_ALLOW must not contain ${[...wide, ...metadata].join(', ')} in production: the metadata of the cloud, such as 169.254.169.254, gives out credentials of this machine. Remove the entry.`
  }
  if (wide.length === 0) return null
  return `LATCHKEY_EGRESS_ALLOW must not contain ${wide.join(', ')} in production: every workspace could send requests into the private network and to the metadata of the cloud. Name the hosts or networks that are needed, such as 10.1.0.0/16.`
}

/**
 * Why a text is not a host to which an OAuth client may be sent: `example.com`, `example.com:8443`, or `*.example.com` for all
 * subdomains. Undefined: it is one.
 */
export function clientHostProblem(entry: string): string | undefined {
  const rest = entry.startsWith('*.') ? entry.slice(2) : entry
  const rule = rest.includes('/') ? undefined : parseRule(rest)
  if (rule === undefined || rest !== rest.trim()) {
    return 'must be a host name such as gitlab.example.com, with :port if only one port is meant, or *.example.com'
  }
  if (rest === entry) return undefined
  return 'hostname' in rule && rule.hostname.includes('.')
    ? undefined
    : 'must have a domain of at least two labels after *.'
}

/** Whether a URL is at one of the hosts. A host without a port stands for all of its ports, `*.example.com` not for `example.com`. */
export function hasClientHost(entries: readonly string[], url: URL): boolean {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const hostname = withoutFinalDot(url.hostname)
  return entries.some((entry) => {
    const wildcard = entry.startsWith('*.')
    const rule = parseRule(wildcard ? entry.slice(2) : entry)
    if (rule === undefined || !covers(rule, port)) return false
    if ('network' in rule) {
      const address = withoutBrackets(hostname)
      if (wildcard || !ipaddr.isValid(address)) return false
      const parsed = ipaddr.process(address)
      return parsed.kind() === rule.network[0].kind() && parsed.match(rule.network[0], rule.network[1])
    }
    return wildcard ? hostname.endsWith(`.${rule.hostname}`) : hostname === rule.hostname
  })
}

/** `example.com.` and `example.com` are the same host. */
export function withoutFinalDot(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
}

/** An IPv6 address from a URL, such as `[::1]`, without its brackets. */
export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname
}

function covers(rule: { port: number | undefined }, port: number): boolean {
  return rule.port === undefined || rule.port === port
}

function parseRule(entry: string): HostRule | NetworkRule | undefined {
  if (entry.includes('/')) return parseNetwork(entry)
  if (ipaddr.IPv6.isValid(entry)) return { network: [ipaddr.process(entry), bitsOf(entry)], port: undefined }
  const [, host = '', digits] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry) ?? []
  const port = digits === undefined ? undefined : Number(digits)
  if (host === '' || /[\s@?#\\*]/.test(host) || (port !== undefined && (port < 1 || port > 65_535))) return undefined
  const hostname = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : ''
  const address = withoutBrackets(hostname)
  if (hostname === '') return undefined
  if (ipaddr.isValid(address)) return { network: [ipaddr.process(address), bitsOf(address)], port }
  return { hostname: withoutFinalDot(hostname), port }
}

function parseNetwork(entry: string): NetworkRule | undefined {
  const cidr = entry.replace(/^\[(.*)\](\/\d+)$/, '$1$2')
  const valid = ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr) || ipaddr.IPv6.isValidCIDR(cidr)
  return valid ? { network: ipaddr.parseCIDR(cidr), port: undefined } : undefined
}

function bitsOf(address: string): number {
  return ipaddr.process(address).kind() === 'ipv4' ? 32 : 128
}
