import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'
import { type HostRules, parseHostRules } from './host-rules.ts'
import { endpointOf } from './policy.ts'

/** Where this process answers, as rules that deny requests to it. */
interface OwnAddresses extends HostRules {
  /** Sets the port when it was chosen at the start (`PORT=0`). */
  listensOn(port: number): void
}

/**
 * The addresses of this process: loopback and its own address at the port on which it listens, and the host and port of the public
 * URL. Requests to loopback addresses reach /metrics, which only this machine may read.
 * @param host an address or name to listen on; `0.0.0.0` and `::` stand for every address of the machine
 */
export function ownAddresses({
  host,
  port,
  publicUrl,
}: {
  host: string
  port: number
  publicUrl: string
}): OwnAddresses {
  const endpoint = endpointOf(new URL(publicUrl))
  // With PORT=0, the port of the public URL is the one that the start chooses.
  const named = parseHostRules(endpoint.port === 0 ? [] : [`${new URL(publicUrl).hostname}:${endpoint.port}`])
  let listening = port
  return {
    namesAddresses: true,
    listensOn(actual) {
      listening = actual
    },
    hasHost: (hostname, at) => named.hasHost(hostname, at),
    hasAddress(address, at) {
      if (named.hasAddress(address, at)) return true
      if (at !== listening || !ipaddr.isValid(address)) return false
      const target = ipaddr.process(address)
      if (['loopback', 'unspecified'].includes(target.range())) return true
      return listenAddresses(host).some((own) => ipaddr.process(own).toString() === target.toString())
    },
  }
}

/** A name may resolve to any address of the machine. The addresses of a machine change, so they are read each time. */
function listenAddresses(host: string): string[] {
  const only = isIP(host) !== 0 && ipaddr.process(host).range() !== 'unspecified'
  if (only) return [host]
  return Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address))
}
