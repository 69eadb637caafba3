import { createHash, timingSafeEqual } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import type { Logger } from '../kit/log.ts'
import type { Metrics } from '../kit/metrics.ts'

/** One thing that must work for requests to be served. Throws when it does not. */
export type ReadinessCheck = () => Promise<unknown>

const TIMEOUT_MS = 3_000

/** `/healthz`: the process is alive. */
export function healthResponse(): Response {
  return Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } })
}

interface Readiness {
  checks: Readonly<Record<string, ReadinessCheck>>
  /** Whether the caller may know the parts; asked only once they were checked. */
  detailed: () => Promise<boolean>
  /** Hears which parts are away, for those who may not be told. */
  logger: Logger
}

/** `/readyz`: 503 when a part is away; each part by name for operators. Says nothing of hosts or causes. */
export async function readinessResponse({ checks, detailed, logger }: Readiness): Promise<Response> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await works(check)] as const),
  )
  const away = results.filter(([, ok]) => !ok).map(([name]) => name)
  if (away.length > 0) logger.warn({ away }, 'not ready')
  const parts = (await detailed()) ? Object.fromEntries(results.map(([name, ok]) => [name, word(ok)])) : {}
  return Response.json(
    { status: word(away.length === 0), ...parts },
    {
      status: away.length === 0 ? 200 : 503,
      headers: { 'cache-control': 'no-store', ...(away.length === 0 ? {} : { 'retry-after': '1' }) },
    },
  )
}

function word(ok: boolean): string {
  return ok ? 'ok' : 'unavailable'
}

async function works(check: ReadinessCheck): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => timeout.resolve(false), TIMEOUT_MS)
  try {
    return await Promise.race([check().then(() => true), timeout.promise])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}

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
