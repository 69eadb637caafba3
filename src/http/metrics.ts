import { createHash, timingSafeEqual } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import type { Metrics } from '../kit/metrics.ts'

export interface MetricsAccess {
  metrics: Metrics
  /** Set: whoever sends it as a bearer token may read, from anywhere, and nobody else. */
  token: string | undefined
}

/** A proxy on this machine, for whom everybody would come from loopback, says one of these. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * `/metrics`: counters of this process for Prometheus. Without a token they are for this machine alone.
 * @param address where the request came from; null: from within the process
 */
export async function metricsResponse(
  request: Request,
  address: string | null,
  { metrics, token }: MetricsAccess,
): Promise<Response> {
  if (token !== undefined) {
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    if (given === undefined || !isSame(given, token)) {
      return refuse(401, 'Send the header "Authorization: Bearer <LATCHKEY_METRICS_TOKEN>".', {
        'www-authenticate': 'Bearer realm="metrics"',
      })
    }
  } else if (!isFromThisMachine(request, address)) {
    return refuse(403, 'Metrics are for this machine only, unless the operator sets LATCHKEY_METRICS_TOKEN.')
  }
  const { contentType, text } = await metrics.expose()
  return new Response(text, { headers: { 'content-type': contentType } })
}

/** The name in the URL counts too: a page in a browser on this machine can have its own name resolve to loopback. */
function isFromThisMachine(request: Request, address: string | null): boolean {
  if (PROXY_HEADERS.some((name) => request.headers.has(name))) return false
  const { hostname } = new URL(request.url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return (address === null || isLoopback(address)) && (host === 'localhost' || isLoopback(host))
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}

/** Takes as long for every wrong token, whatever its length. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function refuse(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}
