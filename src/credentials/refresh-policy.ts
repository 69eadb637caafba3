import { createHash } from 'node:crypto'

/** A credential is renewed between these fractions of its lifetime. */
const EARLIEST = 0.5
const LATEST = 0.85
const MAX_MARGIN_MS = 30_000
const FIRST_BACKOFF_MS = 500
const MAX_BACKOFF_MS = 10 * 60_000

/** A fixed number in [0, 1) for each connection. It spreads the renewals of credentials that were issued together. */
function spreadOf(connectionId: string): number {
  return createHash('sha256').update(connectionId).digest().readUInt32BE() / 2 ** 32
}

/** The time at which a credential that is issued at `now` is renewed: after 50 to 85 % of its lifetime. */
export function renewAheadAt(connectionId: string, now: Date, expiresAt: Date): Date {
  const lifetimeMs = Math.max(0, expiresAt.getTime() - now.getTime())
  return new Date(now.getTime() + lifetimeMs * (EARLIEST + (LATEST - EARLIEST) * spreadOf(connectionId)))
}

interface Freshness {
  now: Date
  expiresAt: Date | null
  nextRefreshAt: Date | null
}

/**
 * Whether a credential can be used without a renewal. It must not expire within the next 30 seconds, or within half of the
 * time by which it is renewed early, where that is shorter.
 */
export function isFresh({ now, expiresAt, nextRefreshAt }: Freshness): boolean {
  if (expiresAt === null) return true
  const aheadMs = nextRefreshAt === null ? 0 : Math.max(0, expiresAt.getTime() - nextRefreshAt.getTime())
  return now.getTime() < expiresAt.getTime() - Math.min(MAX_MARGIN_MS, aheadMs / 2)
}

/**
 * How long to wait after a failed renewal: half a second, doubled for each earlier failure up to ten minutes, with jitter.
 * @param failures number of failures before this one
 * @param retryAfterMs the least wait, which the provider asked for
 */
export function backoffMs(failures: number, retryAfterMs = 0, random = Math.random): number {
  const ceilingMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 20))
  return Math.max(retryAfterMs, ceilingMs * (0.5 + random() / 2))
}
