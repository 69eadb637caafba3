import type { LookupAddress } from 'node:dns'
import { lookup as dnsLookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector, type Dispatcher, Pool } from 'undici'
import { Attempt } from './attempt.ts'
import { ACCEPT_ENCODING } from './decode-body.ts'
import { EgressError } from './egress-error.ts'
import { createResponse, type EgressResponse } from './egress-response.ts'
import { exchange, type Hop } from './exchange.ts'
import { parseHostRules } from './host-rules.ts'
import {
  checkAddress,
  checkEndpoint,
  type EgressPolicy,
  type Endpoint,
  endpointOf,
  hostNameOf,
  parseRequestUrl,
} from './policy.ts'
import { checkHeaderNames, checkMethod, type HeadersInput, hasHeader } from './request-headers.ts'

export interface EgressOptions {
  /**
   * What may be reached although it is not public, over http too and at any port: a host name (wherever it resolves to),
   * an address, a CIDR, the first two perhaps with a port. Default: nothing.
   */
  allow?: readonly string[]
  /** What is never reached, in the same spelling; stronger than `allow`. For this deployment's own public addresses. */
  deny?: readonly string[]
  /** Ports of hosts that are not in `allow`. Default: 443, 80, 8443, 8080. */
  allowedPorts?: readonly number[]
  /** Unencrypted requests to hosts that are not in `allow`. Default: false. */
  allowHttp?: boolean
  /** Default: the system's resolver. */
  lookup?: Lookup
  /** Name resolution, TCP and TLS together. Default: 5,000. */
  connectTimeoutMs?: number
  /** Largest string or Uint8Array that is sent as a body. Default: 10 MiB. */
  maxRequestBytes?: number
  /** Sent when the request has no User-Agent. Default: `Latchkey`. */
  userAgent?: string
  /** PEM certificates of authorities to trust instead of the usual ones. */
  ca?: string | readonly string[]
}

export interface EgressRequest {
  method: string
  url: URL | string
  /** None of CONNECTION_HEADERS. */
  headers?: HeadersInput
  /** An iterable is streamed, with no limit of its own. */
  body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** Bytes of a streamed body, where they are known. Without it the body is sent in chunks, which some servers refuse. */
  contentLength?: number
  /** `follow` (default): at most 3 hops, each checked. `never`: a redirect is an error. `manual`: it is the answer. */
  redirect?: 'follow' | 'never' | 'manual'
  /** Headers that hold a credential, besides Authorization, Cookie and Proxy-Authorization: not sent to another origin. */
  credentialHeaders?: readonly string[]
  /** From the call to the last byte of the answer, or to the call of `stream()`. Default: 30,000. */
  timeoutMs?: number
  /** From the sent request to the headers of the answer. Default: 15,000. */
  headersTimeoutMs?: number
  /** Between two chunks of the answer. Default: 30,000. */
  idleTimeoutMs?: number
  /** Of the decoded body; Infinity is allowed. Default: 10 MiB. */
  maxResponseBytes?: number
  /** False: the body and its Content-Encoding are handed on as they came. Default: true. */
  decompress?: boolean
  /** True: not over a connection that was used before, which may have died unseen. Default: false. */
  freshConnection?: boolean
  signal?: AbortSignal
}

/** The only way out: every request to a third party goes through one of these. */
export interface Egress {
  /** Resolves, whatever the status, when the headers of the answer are here. Rejects with EgressError only. */
  send(request: EgressRequest): Promise<EgressResponse>
  /** Closes all connections. What is in flight fails with kind `aborted`. */
  close(): Promise<void>
}

export const DEFAULT_MAX_BYTES = 10 * 1024 * 1024
const MAX_REDIRECTS = 3
const CONNECTIONS_PER_ORIGIN = 256
const MAX_PASSED = 1_000
/** A server may ask for longer. */
const KEEP_ALIVE_MAX_MS = 60_000

/** Throws TypeError for an entry of `allow` or `deny` that cannot be read. */
export function createEgress(options: EgressOptions = {}): Egress {
  const policy: EgressPolicy = {
    allow: parseHostRules(options.allow ?? []),
    deny: parseHostRules(options.deny ?? []),
    allowedPorts: new Set(options.allowedPorts ?? [443, 80, 8443, 8080]),
    allowHttp: options.allowHttp ?? false,
  }
  const check = rememberedCheck(policy)
  const connector: ConnectorOptions = {
    lookup: options.lookup ?? systemLookup,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    ca: options.ca,
  }
  const reusing = createAgent(policy, connector, 1)
  const fresh = createAgent(policy, connector, 0)
  return {
    async send(request) {
      const attempt = new Attempt(request.timeoutMs ?? 30_000, request.signal)
      try {
        return await follow(request.freshConnection ? fresh : reusing, check, options, request, attempt)
      } catch (cause) {
        attempt.finish()
        throw attempt.fail(cause)
      }
    },
    async close() {
      await Promise.all([reusing.destroy(), fresh.destroy()])
    },
  }
}

/** One pool for each origin, each with a connector that knows where it may go. `pipelining` 0 closes after every answer. */
function createAgent(policy: EgressPolicy, connector: ConnectorOptions, pipelining: 0 | 1): Agent {
  return new Agent({
    factory: (origin) =>
      new Pool(origin, {
        connect: guardedConnector(policy, endpointOf(new URL(origin)), connector),
        connections: CONNECTIONS_PER_ORIGIN,
        keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
        allowH2: false,
        pipelining,
      }),
  })
}

/** The same origin has the same answer for as long as the policy is this one. */
function rememberedCheck(policy: EgressPolicy): (url: URL) => void {
  const passed = new Set<string>()
  return (url) => {
    const { origin } = url
    if (passed.has(origin)) return
    checkEndpoint(policy, endpointOf(url))
    if (passed.size >= MAX_PASSED) passed.clear()
    passed.add(origin)
  }
}

async function follow(
  dispatcher: Dispatcher,
  check: (url: URL) => void,
  options: EgressOptions,
  request: EgressRequest,
  attempt: Attempt,
): Promise<EgressResponse> {
  const timeouts = {
    headersTimeoutMs: request.headersTimeoutMs ?? 15_000,
    idleTimeoutMs: request.idleTimeoutMs ?? 30_000,
  }
  let hop = firstHop(options, request)
  for (let redirects = 0; ; redirects += 1) {
    attempt.host = hostNameOf(hop.url)
    check(hop.url)
    const answer = await exchange(dispatcher, hop, attempt, timeouts)
    const location = request.redirect === 'manual' ? undefined : redirectTarget(answer.status, answer.headers)
    if (location === undefined) {
      return createResponse(answer, attempt, {
        url: hop.url,
        method: hop.method,
        redirected: redirects > 0,
        maxResponseBytes: request.maxResponseBytes ?? DEFAULT_MAX_BYTES,
        decompress: request.decompress ?? true,
      })
    }
    answer.body.destroy()
    if (request.redirect === 'never') {
      throw new EgressError('redirect', `${attempt.host} answered with a redirect (${answer.status}).`)
    }
    if (redirects === MAX_REDIRECTS) {
      throw new EgressError('redirect', `${attempt.host} redirects more than ${MAX_REDIRECTS} times.`)
    }
    hop = nextHop(hop, answer.status, location, request.credentialHeaders ?? [])
  }
}

function firstHop(options: EgressOptions, request: EgressRequest): Hop {
  const { body, contentLength } = request
  const maxBytes = options.maxRequestBytes ?? DEFAULT_MAX_BYTES
  const buffered = typeof body === 'string' || body instanceof Uint8Array
  if (buffered && Buffer.byteLength(body) > maxBytes) {
    throw new EgressError('too_large', `A body of more than ${maxBytes} bytes is not sent.`)
  }
  const headers = checkHeaderNames(request.headers ?? {})
  if (!hasHeader(headers, 'user-agent')) headers.push(['user-agent', options.userAgent ?? 'Latchkey'])
  if (request.decompress !== false && !hasHeader(headers, 'accept-encoding')) {
    headers.push(['accept-encoding', ACCEPT_ENCODING])
  }
  if (body !== undefined && !buffered && contentLength !== undefined) {
    headers.push(['content-length', String(contentLength)])
  }
  return { method: checkMethod(request.method), url: parseRequestUrl(request.url), headers, body }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const CREDENTIALS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization']
const ABOUT_THE_BODY: readonly string[] = ['content-encoding', 'content-language', 'content-location', 'content-type']

/** The Location to go to, or undefined: a redirect without one is an answer like any other. */
function redirectTarget(status: number, headers: Headers): string | undefined {
  return REDIRECTS.has(status) ? (headers.get('location') ?? undefined) : undefined
}

/**
 * The request that follows a redirect (RFC 9110, section 15.4, with fetch's choices): 303 becomes GET, a POST becomes GET
 * on 301 and 302, else the method stays. At another origin there are no credentials and no body, and they do not come back
 * when a later hop returns. Of the query only what the Location says. Throws EgressError `redirect` or `refused_url`.
 */
function nextHop(hop: Hop, status: number, location: string, credentialHeaders: readonly string[]): Hop {
  const from = hostNameOf(hop.url)
  const target = URL.parse(location, hop.url)
  if (target === null) throw new EgressError('redirect', `${from} redirects to what is not a URL.`)
  const url = parseRequestUrl(target)
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new EgressError('redirect', `${from} redirects from https to http (${hostNameOf(url)}).`)
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

/** All the addresses of a name. Rejects with a node:dns error, or answers an empty list, when there are none. */
type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>

interface ConnectorOptions {
  lookup: Lookup
  /** Name resolution, TCP and TLS together. */
  connectTimeoutMs: number
  /** PEM certificates of authorities to trust instead of the usual ones. */
  ca?: string | readonly string[]
}

/** What the system says, /etc/hosts included. */
const systemLookup: Lookup = (hostname) => dnsLookup(hostname, { all: true })

/**
 * A connector (undici) for one endpoint that reaches only addresses which the policy permits. A name is resolved once,
 * refused if any of its addresses is, and connected to exactly those that were checked: there is no second look-up
 * that could say something else. The look-up is not called for IP literals, so these are checked on their own.
 */
function guardedConnector(
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
