import type { Logger } from '../kit/log.ts'

/** One thing that must work for requests to be served. Throws when it does not. */
export type ReadinessCheck = () => Promise<unknown>

const TIMEOUT_MS = 3_000

/** `/healthz`: the process is alive. */
export function healthResponse(): Response {
  return Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } })
}

export interface Readiness {
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
