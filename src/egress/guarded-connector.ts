import type { LookupAddress } from 'node:dns'
import { lookup as dnsLookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { EgressError } from './egress-error.ts'
import { checkAddress, type EgressPolicy, type Endpoint } from './policy.ts'

/** All the addresses of a name. Rejects with a node:dns error, or answers an empty list, when there are none. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>

export interface ConnectorOptions {
  lookup: Lookup
  /** Name resolution, TCP and TLS together. */
  connectTimeoutMs: number
  /** PEM certificates of authorities to trust instead of the usual ones. */
  ca?: string | readonly string[]
}

/** What the system says, /etc/hosts included. */
export const systemLookup: Lookup = (hostname) => dnsLookup(hostname, { all: true })

/**
 * A connector (undici) for one endpoint that reaches only addresses which the policy permits. A name is resolved once,
 * refused if any of its addresses is, and connected to exactly those that were checked: there is no second look-up
 * that could say something else. The look-up is not called for IP literals, so these are checked on their own.
 */
export function guardedConnector(
  policy: EgressPolicy,
  endpoint: Endpoint,
  options: ConnectorOptions,
): buildConnector.connector {
  const connect = buildConnector({
    allowH2: false,
    timeout: options.connectTimeoutMs,
    rejectUnauthorized: true,
    lookup: guardedLookup(policy, endpoint, options.lookup),
    ...(options.ca === undefined ? {} : { ca: [options.ca].flat() }),
  })
  return (target, callback) => {
    const refusal = isIP(target.hostname) === 0 ? undefined : refusalOf(policy, endpoint, target.hostname)
    if (refusal !== undefined) {
      queueMicrotask(() => callback(refusal, null))
      return
    }
    connect(target, (error, socket) => {
      if (error !== null) return callback(error, null)
      // Where the socket really ended: holds even if all of the above is one day bypassed.
      const strayed = refusalOf(policy, endpoint, socket.remoteAddress ?? '')
      if (strayed === undefined) return callback(null, socket)
      socket.destroy()
      callback(strayed, null)
    })
  }
}

function guardedLookup(policy: EgressPolicy, endpoint: Endpoint, lookup: Lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(policy, endpoint, lookup, hostname).then(
      (addresses) => {
        const [first] = addresses
        if (options.all === true || first === undefined) callback(null, addresses)
        else callback(null, first.address, first.family)
      },
      (error) => callback(error, []),
    )
  }
}

async function resolve(
  policy: EgressPolicy,
  endpoint: Endpoint,
  lookup: Lookup,
  hostname: string,
): Promise<LookupAddress[]> {
  let addresses: readonly LookupAddress[]
  try {
    addresses = await lookup(hostname)
  } catch (cause) {
    // getaddrinfo's EAI_AGAIN is a resolver that is away; ENOTFOUND is its answer that there is no such name.
    const again = cause instanceof Error && 'code' in cause && cause.code !== 'ENOTFOUND' && cause.code !== 'ENODATA'
    throw new EgressError('dns', `The name ${hostname} could not be resolved.`, { retryable: again, cause })
  }
  if (addresses.length === 0) throw new EgressError('dns', `The name ${hostname} has no address.`)
  for (const { address } of addresses) checkAddress(policy, endpoint, address)
  return [...addresses]
}

function refusalOf(policy: EgressPolicy, endpoint: Endpoint, address: string): Error | undefined {
  try {
    checkAddress(policy, endpoint, address)
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('refused', { cause: error })
  }
}
