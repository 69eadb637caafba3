import type { LookupAddress } from 'node:dns'
import { lookup as dnsLookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector, type Dispatcher, Pool } from 'undici'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { Metrics } from '../kit/metrics.ts'
import { inSpan } from '../kit/tracing.ts'
import { Attempt } from './attempt.ts'
import { CertifiedAgents, type ClientCertificate, type UsableCertificate } from './client-certificate.ts'
import { ACCEPT_ENCODING } from './decode-body.ts'
import { EgressError } from './egress-error.ts'
import { createResponse, type EgressResponse } from './egress-response.ts'
import { exchange, type Hop } from './exchange.ts'
import { eitherRules, type HostRules, parseHostRules } from './host-rules.ts'
import { isUnder } from './join-url.ts'
import type { Meter } from './meter.ts'
import {
  checkAddress,
  checkEndpoint,
  checkScheme,
  type EgressPolicy,
  type Endpoint,
  endpointOf,
  hostNameOf,
  parseRequestUrl,
} from './policy.ts'
import { checkHeaderNames, checkMethod, type HeadersInput, hasHeader } from './request-headers.ts'

export interface EgressOptions {
  /**
   * Targets that are allowed although they are not public, also over http and at any port: a host name (whatever it resolves
   * to), an address or a CIDR; a name or an address may have a port. Default: none.
   */
  allow?: readonly string[]
  /** Targets that are never allowed, in the same format. Wins over `allow`. For this deployment's own public addresses. */
  deny?: readonly string[]
  /** Where this process itself answers. Never allowed, like `deny`. */
  own?: HostRules
  /** Allowed ports of hosts that are not in `allow`. Default: 443, 80, 8443, 8080. */
  allowedPorts?: readonly number[]
  /** Allows http to hosts that are not in `allow`. Default: false. */
  allowHttp?: boolean
  /** Default: the system's resolver. */
  lookup?: Lookup
  /** Name resolution, TCP and TLS together. Default: 5,000. */
  connectTimeoutMs?: number
  /** Largest string or Uint8Array that is sent as a body. Default: 10 MiB. */
  maxRequestBytes?: number
  /** Sent when the request has no User-Agent. Default: `Latchkey`. */
  userAgent?: string
  /** PEM certificates of the authorities to trust instead of the system's. */
  ca?: string | readonly string[] | undefined
  /** How many client certificates have open connections at most. Default: 500. */
  maxClientCertificates?: number
  /** How long the connections of a client certificate are kept after its last request began. Default: 60,000. */
  clientCertificateIdleMs?: number
}

export interface EgressRequest {
  method: string
  url: URL | string
  /** Without CONNECTION_HEADERS. */
  headers?: HeadersInput
  /** An iterable is streamed, without a size limit. */
  body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** Length of a streamed body in bytes. Without it the body is sent in chunks, which some servers refuse. */
  contentLength?: number
  /** `follow` (default): at most 3 hops, each checked. `never`: a redirect is an error. `manual`: a redirect is returned. */
  redirect?: 'follow' | 'never' | 'manual'
  /**
   * With `follow`: a redirect to the origin of this URL must lead to a path under it, so that a redirect cannot be used to
   * reach the rest of that origin with the credential.
   */
  within?: URL
  /** Headers that hold a credential, besides Authorization, Cookie and Proxy-Authorization: not sent to another origin. */
  credentialHeaders?: readonly string[]
  /** Presented to the origin of `url`, which must be https. Not presented after a redirect to another origin. Default: none. */
  clientCertificate?: ClientCertificate | undefined
  /** From the call to the last byte of the response, or to the call of `stream()`. Default: 30,000. */
  timeoutMs?: number
  /** From the sent request to the headers of the response. Default: 15,000. */
  headersTimeoutMs?: number
  /** Between two chunks of the response. Default: 30,000. */
  idleTimeoutMs?: number
  /** Largest decoded body; Infinity is allowed. Default: 10 MiB. */
  maxResponseBytes?: number
  /**
   * False: the body and its Content-Encoding are passed on unchanged. A function decides by the headers of the response. With
   * both, no Accept-Encoding is added to the request. Default: true.
   */
  decompress?: boolean | ((headers: Headers) => boolean)
  /** True: opens a new connection, because a used one may be dead without notice. Default: false. */
  freshConnection?: boolean
  /** Called when a connection is open, just before the request is written to it; throws EgressError to send nothing. */
  beforeSend?: () => void
  /** Counts the bytes of the response, and may slow it down. Default: they cost nothing. */
  meter?: Meter | undefined
  signal?: AbortSignal
}

/** The HTTP client for all requests to third parties. */
export interface Egress {
  /** Resolves with any status when the headers of the response arrive. Rejects only with EgressError. */
  send(request: EgressRequest): Promise<EgressResponse>
  /**
   * Checks a URL that is stored to be requested later, as far as it can be told before its host name is resolved: its form,
   * host, port and scheme. A name that may be requested over http must be in `allow` itself.
   * @throws EgressError `refused_url` or `refused_address`
   */
  check(url: URL | string): void
  /** Closes all connections. Requests in flight fail with kind `aborted`. */
  close(): Promise<void>
}

export const DEFAULT_MAX_BYTES = 10 * 1024 * 1024
const MAX_REDIRECTS = 3
const MAX_PASSED = 1_000
/** Longest keep-alive, even if a server offers more. */
const KEEP_ALIVE_MAX_MS = 60_000

/** @throws TypeError for an invalid entry of `allow` or `deny` */
export function createEgress(options: EgressOptions = {}): Egress {
  const denied = parseHostRules(options.deny ?? [])
  const policy: EgressPolicy = {
    allow: parseHostRules(options.allow ?? []),
    deny: options.own === undefined ? denied : eitherRules(denied, options.own),
    allowedPorts: new Set(options.allowedPorts ?? [443, 80, 8443, 8080]),
    allowHttp: options.allowHttp ?? false,
  }
  const check = cachedCheck(policy)
  const connector: ConnectorOptions = {
    lookup: options.lookup ?? systemLookup,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    ca: options.ca,
  }
  const reusing = createAgent(policy, connector, 1)
  const fresh = createAgent(policy, connector, 0)
  const certified = new CertifiedAgents({
    createAgent: (certificate, pipelining) => createAgent(policy, { ...connector, certificate }, pipelining),
    max: options.maxClientCertificates ?? 500,
    idleMs: options.clientCertificateIdleMs ?? KEEP_ALIVE_MAX_MS,
  })
  const dispatcherOf = ({ certificate, url }: Hop, isFresh: boolean): Dispatcher => {
    if (certificate === undefined) return isFresh ? fresh : reusing
    if (url.protocol === 'https:') return certified.agentFor(certificate, { fresh: isFresh })
    const message = `${hostNameOf(url)} must be requested over https, because a client certificate cannot be presented over http.`
    throw new EgressError('refused_url', message)
  }
  return {
    send: (request) => follow((hop) => dispatcherOf(hop, request.freshConnection === true), check, options, request),
    check(input) {
      const url = parseRequestUrl(input)
      check(url)
      checkScheme(policy, endpointOf(url))
    },
    async close() {
      await Promise.all([reusing.destroy(), fresh.destroy(), certified.destroy()])
    },
  }
}

/**
 * One connection pool for each origin, with a connector that enforces the policy. A pool has as many connections as there are
 * concurrent requests, so that those of one workspace never wait for a connection behind those of another one, and sync jobs and
 * renewals never behind callers. Whoever sends requests limits how many are open. `pipelining` 0 closes a connection after each
 * response.
 */
function createAgent(policy: EgressPolicy, connector: ConnectorOptions, pipelining: 0 | 1): Agent {
  return new Agent({
    factory: (origin) =>
      new Pool(origin, {
        connect: guardedConnector(policy, endpointOf(new URL(origin)), connector),
        keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
        allowH2: false,
        pipelining,
      }),
  })
}

/** Checks each origin once: the policy never changes. */
function cachedCheck(policy: EgressPolicy): (url: URL) => void {
  const passed = new BoundedMap<string, true>({ max: MAX_PASSED })
  return (url) => {
    const { origin } = url
    if (passed.has(origin)) return
    checkEndpoint(policy, endpointOf(url))
    passed.set(origin, true)
  }
}

/** Sends a request, and the requests that its redirects lead to. */
async function follow(
  dispatcherOf: (hop: Hop) => Dispatcher,
  check: (url: URL) => void,
  options: EgressOptions,
  request: EgressRequest,
): Promise<EgressResponse> {
  const attempt = new Attempt(request.timeoutMs ?? 30_000, request.signal)
  attempt.beforeSend = request.beforeSend
  const timeouts = {
    headersTimeoutMs: request.headersTimeoutMs ?? 15_000,
    idleTimeoutMs: request.idleTimeoutMs ?? 30_000,
  }
  try {
    let hop = firstHop(options, request)
    for (let redirects = 0; ; redirects += 1) {
      attempt.beginHop(hostNameOf(hop.url), hop.certificate !== undefined)
      check(hop.url)
      const raw = await exchange(dispatcherOf(hop), hop, attempt, timeouts)
      const location = request.redirect === 'manual' ? undefined : redirectTarget(raw.status, raw.headers)
      if (location === undefined) {
        return createResponse(raw, attempt, {
          url: hop.url,
          method: hop.method,
          redirected: redirects > 0,
          maxResponseBytes: request.maxResponseBytes ?? DEFAULT_MAX_BYTES,
          decompress: decompresses(request, raw.headers),
          meter: request.meter,
        })
      }
      raw.body.destroy()
      if (request.redirect === 'never') {
        throw new EgressError('redirect', `${attempt.host} answered with a redirect (${raw.status}).`)
      }
      if (redirects === MAX_REDIRECTS) {
        throw new EgressError('redirect', `${attempt.host} redirects more than ${MAX_REDIRECTS} times.`)
      }
      hop = nextHop(hop, raw.status, location, request.credentialHeaders ?? [])
      const { within } = request
      if (within !== undefined && hop.url.origin === within.origin && !isUnder(within, hop.url)) {
        throw new EgressError(
          'redirect',
          `${attempt.host} redirects to a path outside the base URL of the integration. Where this is intended, give the integration a base URL that contains both paths.`,
        )
      }
    }
  } catch (cause) {
    attempt.finish()
    throw attempt.fail(cause)
  }
}

function decompresses({ decompress = true }: EgressRequest, headers: Headers): boolean {
  return typeof decompress === 'boolean' ? decompress : decompress(headers)
}

function firstHop(options: EgressOptions, request: EgressRequest): Hop {
  const { body, contentLength } = request
  const maxBytes = options.maxRequestBytes ?? DEFAULT_MAX_BYTES
  const buffered = typeof body === 'string' || body instanceof Uint8Array
  if (buffered && Buffer.byteLength(body) > maxBytes) {
    throw new EgressError('too_large', `The body of the request is longer than ${maxBytes} bytes.`)
  }
  const headers = checkHeaderNames(request.headers ?? {})
  if (!hasHeader(headers, 'user-agent')) headers.push(['user-agent', options.userAgent ?? 'Latchkey'])
  if ((request.decompress ?? true) === true && !hasHeader(headers, 'accept-encoding')) {
    headers.push(['accept-encoding', ACCEPT_ENCODING])
  }
  if (body !== undefined && !buffered && contentLength !== undefined) {
    headers.push(['content-length', String(contentLength)])
  }
  return {
    method: checkMethod(request.method),
    url: parseRequestUrl(request.url),
    headers,
    body,
    certificate: request.clientCertificate,
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const CREDENTIALS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization']
const BODY_HEADERS: readonly string[] = ['content-encoding', 'content-language', 'content-location', 'content-type']

/** The Location of a redirect. A redirect without one is an ordinary response. */
function redirectTarget(status: number, headers: Headers): string | undefined {
  return REDIRECTS.has(status) ? (headers.get('location') ?? undefined) : undefined
}

/**
 * The request that follows a redirect (RFC 9110 section 15.4, with the choices of fetch): 303 becomes GET, a POST becomes GET
 * on 301 and 302, otherwise the method is kept. A redirect to another origin drops the credentials, the client certificate and the
 * body for all later hops. The query is that of the Location.
 *
 * @throws EgressError `redirect` or `refused_url`
 */
function nextHop(hop: Hop, status: number, location: string, credentialHeaders: readonly string[]): Hop {
  const from = hostNameOf(hop.url)
  const target = URL.parse(location, hop.url)
  if (target === null) throw new EgressError('redirect', `${from} redirects to an invalid URL.`)
  const url = parseRequestUrl(target)
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new EgressError('redirect', `${from} redirects from https to http (${hostNameOf(url)}).`)
  }
  const toGet = (status === 303 && hop.method !== 'HEAD') || (status <= 302 && hop.method === 'POST')
  const otherOrigin = url.origin !== hop.url.origin
  const body = toGet || otherOrigin ? undefined : hop.body
  if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new EgressError('redirect', `${from} redirects a request with a streamed body, which cannot be sent again.`)
  }
  const dropped = new Set([
    ...(otherOrigin ? [...CREDENTIALS, ...credentialHeaders.map((name) => name.toLowerCase())] : []),
    ...(hop.body !== undefined && body === undefined ? BODY_HEADERS : []),
  ])
  return {
    method: toGet ? 'GET' : hop.method,
    url,
    headers: hop.headers.filter(([name]) => !dropped.has(name.toLowerCase())),
    body,
    certificate: otherOrigin ? undefined : hop.certificate,
  }
}

/** All addresses of a name. Rejects with a node:dns error or resolves to an empty list when there are none. */
type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>

interface ConnectorOptions {
  lookup: Lookup
  /** Name resolution, TCP and TLS together. */
  connectTimeoutMs: number
  /** PEM certificates of the authorities to trust instead of the system's. */
  ca?: string | readonly string[] | undefined
  /** Presented in the TLS handshake. Default: none. */
  certificate?: UsableCertificate
}

/** The system's resolver, including /etc/hosts. */
const systemLookup: Lookup = (hostname) => dnsLookup(hostname, { all: true })

/**
 * An undici connector for one endpoint that connects only to addresses that the policy allows. A name is resolved once,
 * refused if any of its addresses is refused, and connected to exactly the checked addresses: there is no second look-up with
 * another result. The look-up is not called for IP literals, which are checked separately.
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
    ca: options.ca === undefined ? undefined : [options.ca].flat(),
    cert: options.certificate?.cert,
    key: options.certificate?.key,
  })
  return (target, callback) => {
    const refusal = isIP(target.hostname) === 0 ? undefined : refusalOf(policy, endpoint, target.hostname)
    if (refusal !== undefined) {
      queueMicrotask(() => callback(refusal, null))
      return
    }
    connect(target, (error, socket) => {
      if (error !== null) return callback(error, null)
      // After the handshake, node:tls tells of an alert and then ends the stream, whose end undici would report instead.
      socket.once('error', () => socket.destroy())
      // The address of the socket itself is checked too, in case the checks above are bypassed.
      const violation = refusalOf(policy, endpoint, socket.remoteAddress ?? '')
      if (violation === undefined) return callback(null, socket)
      socket.destroy()
      callback(violation, null)
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
    // getaddrinfo fails with EAI_AGAIN when the resolver is unavailable, and with ENOTFOUND when the name does not exist.
    const retryable =
      cause instanceof Error && 'code' in cause && cause.code !== 'ENOTFOUND' && cause.code !== 'ENODATA'
    throw new EgressError('dns', `The host name ${hostname} could not be resolved.`, { retryable, cause })
  }
  if (addresses.length === 0) throw new EgressError('dns', `The host name ${hostname} has no address.`)
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

/**
 * Adds metrics and traces to an egress: host, method and status, never path or query, which may contain secrets. The
 * measured time ends with the headers of the response.
 */
export function observedEgress(egress: Egress, metrics: Metrics): Egress {
  return {
    send(request) {
      const attributes = { 'server.address': hostOf(request), 'http.request.method': request.method }
      return inSpan(
        request.method,
        attributes,
        (span) => {
          const startedMs = performance.now()
          const ended = (outcome: string) => {
            metrics.outgoingRequests.inc({ outcome })
            metrics.outgoingRequestSeconds.observe((performance.now() - startedMs) / 1_000)
          }
          return egress.send(request).then(
            (response) => {
              const { status } = response
              ended(`${Math.floor(status / 100)}xx`)
              span.set({ 'http.response.status_code': status })
              if (status >= 400) span.fail(String(status))
              return response
            },
            (error: unknown) => {
              ended(error instanceof EgressError ? error.kind : 'unexpected')
              throw error
            },
          )
        },
        { kind: 'client' },
      )
    },
    check: (url) => egress.check(url),
    close: () => egress.close(),
  }
}

/** The host name; empty when the URL is not valid. */
function hostOf({ url }: EgressRequest): string {
  return (typeof url === 'string' ? URL.parse(url) : url)?.hostname ?? ''
}
