import { createHash, timingSafeEqual } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import type { Logger } from '../kit/log.ts'
import type { Metrics } from '../kit/metrics.ts'

/** Checks one part that the server needs. Throws when the part does not work. */
export type ReadinessCheck = () => Promise<unknown>

const TIMEOUT_MS = 3_000

/** `/healthz`: the process is alive. */
export function healthResponse(): Response {
  return Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } })
}

interface Readiness {
  checks: Readonly<Record<string, ReadinessCheck>>
  /** Whether the caller may see the single parts. Called after the checks. */
  detailed: () => Promise<boolean>
  logger: Logger
}

/** `/readyz`: 503 when a part is unavailable. Operators see each part by name. Hosts and causes are never shown. */
export async function readinessResponse({ checks, detailed, logger }: Readiness): Promise<Response> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await succeeds(check)] as const),
  )
  const unavailable = results.filter(([, ok]) => !ok).map(([name]) => name)
  const ready = unavailable.length === 0
  if (!ready) logger.warn({ unavailable }, 'not ready')
  const parts = (await inTime(detailed)) ? Object.fromEntries(results.map(([name, ok]) => [name, statusWord(ok)])) : {}
  return Response.json(
    { status: statusWord(ready), ...parts },
    {
      status: ready ? 200 : 503,
      headers: { 'cache-control': 'no-store', ...(ready ? {} : { 'retry-after': '1' }) },
    },
  )
}

function statusWord(ok: boolean): string {
  return ok ? 'ok' : 'unavailable'
}

function succeeds(check: ReadinessCheck): Promise<boolean> {
  return inTime(() => check().then(() => true))
}

/** False when the work takes too long or fails. */
async function inTime(work: () => Promise<boolean>): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => timeout.resolve(false), TIMEOUT_MS)
  try {
    return await Promise.race([work(), timeout.promise])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

export interface MetricsAccess {
  metrics: Metrics
  /** The bearer token that is required; undefined: only requests from this machine are allowed. */
  token: string | undefined
}

/** Behind a proxy on this machine every request comes from loopback. Proxies add one of these headers. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * `/metrics`: the metrics of this process for Prometheus. Without a token only this machine may read them.
 *
 * @param address the client's IP address; null: the request comes from within the process
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
    return refuse(
      403,
      'Only this machine may read the metrics. Set LATCHKEY_METRICS_TOKEN to read them from elsewhere.',
    )
  }
  const { contentType, text } = await metrics.expose()
  return new Response(text, { headers: { 'content-type': contentType } })
}

/** Checks the host name too, because a web page can make its own host name resolve to loopback (DNS rebinding). */
function isFromThisMachine(request: Request, address: string | null): boolean {
  if (PROXY_HEADERS.some((name) => request.headers.has(name))) return false
  const { hostname } = new URL(request.url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return (address === null || isLoopback(address)) && (host === 'localhost' || isLoopback(host))
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}

/** Compares in constant time, whatever the length. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function refuse(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}
