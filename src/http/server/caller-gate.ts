import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { CallerAuthenticator } from '../../access/authenticate.ts'
import type { Caller } from '../../access/caller.ts'
import { LatchkeyError, RateLimitedError, UnauthenticatedError } from '../../kit/errors.ts'
import { createTokenBuckets } from './token-buckets.ts'

/** Who is calling, or why that is not known. */
export type Identity = { caller: Caller; callerError: null } | { caller: null; callerError: LatchkeyError }

export interface CallerGate {
  /**
   * @param authorization value of the Authorization header, or of connectionParams.authorization
   * @param address where the request came from; null: from within the process
   */
  identify(authorization: string | null | undefined, address: string | null): Promise<Identity>
}

/** Attempts without a good credential that one address may make in a minute. */
const FAILURES_PER_MINUTE = 300
const GOOD_FOR_MS = 10 * 60 * 1000
const GOOD_SIZE = 10_000

/**
 * Finds out who is calling, and stops those who guess: an address that has failed too often is refused before its next
 * credential is looked at. Many callers share an address behind a proxy, so a credential that was good within the last
 * ten minutes is looked at all the same; a guess never is one of these.
 */
export function createCallerGate(
  authenticator: CallerAuthenticator,
  { failuresPerMinute = FAILURES_PER_MINUTE } = {},
): CallerGate {
  const failures = createTokenBuckets({ capacity: failuresPerMinute, perSecond: failuresPerMinute / 60 })
  const goodUntil = new Map<string, number>()
  return {
    async identify(authorization, address) {
      const bucket = bucketOf(address)
      const digest = createHash('sha256')
        .update(authorization ?? '')
        .digest('base64')
      const seconds = (goodUntil.get(digest) ?? 0) > Date.now() ? null : failures.wait(bucket, 1)
      if (seconds !== null) return { caller: null, callerError: tooManyFailures(seconds) }
      try {
        const caller = await authenticator.authenticate(authorization)
        if (goodUntil.size >= GOOD_SIZE) goodUntil.clear()
        goodUntil.set(digest, Date.now() + GOOD_FOR_MS)
        return { caller, callerError: null }
      } catch (error) {
        if (!(error instanceof LatchkeyError)) throw error
        goodUntil.delete(digest)
        if (error instanceof UnauthenticatedError) failures.take(bucket, 1)
        return { caller: null, callerError: error }
      }
    },
  }
}

function tooManyFailures(seconds: number): RateLimitedError {
  return new RateLimitedError(`Too many requests without a valid credential. Try again in ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  })
}

/** One holder of IPv6 addresses has at least a /64 of them. */
function bucketOf(address: string | null): string {
  if (address === null) return 'process'
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  return isIPv6(address) ? prefix64(address) : address
}

function prefix64(address: string): string {
  const [head = '', tail] = address.split('%')[0]?.toLowerCase().split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length)
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest].slice(0, 4).join(':')
}
