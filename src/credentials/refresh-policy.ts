import { createHash } from 'node:crypto'
import { addDuration, parseDuration } from '../kit/time.ts'
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

/** The time at which a credential that is issued at `now` is renewed: after 50 to 85 % of its lifetime. */
export function renewAheadAt(connectionId: string, now: Date, expiresAt: Date): Date {
  const lifetimeMs = Math.max(0, expiresAt.getTime() - now.getTime())
  return new Date(now.getTime() + lifetimeMs * (EARLIEST + (LATEST - EARLIEST) * spreadOf(connectionId)))
}

interface RefreshTokenLife {
  /** When the provider issued the refresh token, or accepted it for the last time. */
  now: Date
  /** When it expires, if the provider says so. */
  refreshExpiresAt?: Date | null | undefined
  /** How long it lives without being used, as an ISO 8601 duration. */
  lifetime?: string | undefined
}

/** When a refresh token expires if it is not used: the earlier of the two ends; undefined when neither is known. */
export function refreshTokenEnd({ now, refreshExpiresAt, lifetime }: RefreshTokenLife): Date | undefined {
  return earlier(refreshExpiresAt, lifetime === undefined ? undefined : addDuration(now, parseDuration(lifetime)))
}

interface CredentialEnds {
  connectionId: string
  now: Date
  /** When the access token expires. */
  expiresAt?: Date | null | undefined
  /** When the refresh token expires. */
  refreshExpiresAt?: Date | null | undefined
}

/**
 * The time at which a refreshable credential that is issued at `now` is renewed: ahead of the earlier of its two ends, since a
 * refresh token that has expired can no longer renew the access token. Null when neither end is known.
 */
export function nextRenewalAt({ connectionId, now, expiresAt, refreshExpiresAt }: CredentialEnds): Date | null {
  const end = earlier(expiresAt, refreshExpiresAt)
  return end === undefined ? null : renewAheadAt(connectionId, now, end)
}

function earlier(a: Date | null | undefined, b: Date | null | undefined): Date | undefined {
  if (a == null || b == null) return a ?? b ?? undefined
  return a < b ? a : b
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
