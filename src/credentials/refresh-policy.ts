import { createHash } from 'node:crypto'
import { BACKOFF, backoffMs } from '../wire/retry.ts'

/** A credential is renewed between these fractions of its lifetime. */
const EARLIEST = 0.5
const LATEST = 0.85
const MAX_MARGIN_MS = 30_000
/** A provider that asks for a longer wait is tried again after this time. */
const LONGEST_RETRY_AFTER_MS = 15 * 60_000

/** A fixed number in [0, 1) for each connection. It spreads the renewals of credentials that were issued together. */
function spreadOf(connectionId: string): number {
  return createHash('sha256').update(connectionId).digest().readUInt32BE() / 2 ** 32
}

interface Ends {
  connectionId: string
  /** By the database's clock. */
  now: Date
  /** When the access token expires. */
  expiresAt: Date | null
  /** When the refresh token expires. */
  refreshExpiresAt: Date | null
}

/**
 * The time at which a credential that is stored at `now` is renewed: after 50 to 85 % of the time until its access token or
 * its refresh token expires, whichever is earlier; at once when one of them has expired.
 * @returns null when neither expires
 */
export function nextRenewalAt({ connectionId, now, expiresAt, refreshExpiresAt }: Ends): Date | null {
  const ends = [expiresAt, refreshExpiresAt].flatMap((end) => end?.getTime() ?? [])
  if (ends.length === 0) return null
  const lifetimeMs = Math.max(0, Math.min(...ends) - now.getTime())
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
 * How long to wait after `failures` failed credential requests in a row: at least as long as the provider asks for, up to
 * 15 minutes.
 */
export function credentialBackoffMs(failures: number, retryAfterMs = 0): number {
  return Math.max(Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS), backoffMs(failures, BACKOFF.credential))
}
