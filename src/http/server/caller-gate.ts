import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { CallerAuthenticator } from '../../access/authenticate.ts'
import type { Caller } from '../../access/caller.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { LatchkeyError, RateLimitedError, UnauthenticatedError } from '../../kit/errors.ts'
import { createTokenBuckets } from './token-buckets.ts'

/** The caller, or why the caller could not be identified. */
export type Identity = { caller: Caller; callerError: null } | { caller: null; callerError: LatchkeyError }

export interface CallerGate {
  /**
   * @param authorization the Authorization header, or connectionParams.authorization of a WebSocket
   * @param address the client's IP address; null: the request comes from within the process
   * @param workspace the workspace that the request names, by global id or slug; default: none. Only for JWTs.
   */
  identify(
    authorization: string | null | undefined,
    address: string | null,
    workspace?: string | null,
  ): Promise<Identity>
}

/** Header that names the workspace whose OIDC issuers are to accept the token: its global id or its slug. */
export const WORKSPACE_HEADER = 'x-latchkey-workspace'

/** The workspace that a request names; null: none. */
export function namedWorkspace(header: string | string[] | null | undefined): string | null {
  const name = typeof header === 'string' ? header.trim() : ''
  return name === '' ? null : name
}

/** Failed attempts that one IP address may make per minute. */
const FAILURES_PER_MINUTE = 300
/** How long a credential that was accepted is exempt from the limit. */
const TRUSTED_MS = 10 * 60 * 1000
const MAX_TRUSTED = 10_000

/**
 * Identifies callers and limits guessing. An IP address with too many failed attempts is refused before its credential is
 * checked. Many callers can share an address behind a proxy, so a credential that was accepted within the last ten minutes
 * is always checked.
 */
export function createCallerGate(
  authenticator: CallerAuthenticator,
  { failuresPerMinute = FAILURES_PER_MINUTE } = {},
): CallerGate {
  const failures = createTokenBuckets({ capacity: failuresPerMinute, perSecond: failuresPerMinute / 60 })
  /** By SHA-256 of the credential. */
  const trusted = new BoundedMap<string, true>({ max: MAX_TRUSTED, ttlMs: TRUSTED_MS })
  return {
    async identify(authorization, address, workspace) {
      const bucket = bucketOf(address)
      const digest = createHash('sha256')
        .update(authorization ?? '')
        .digest('base64')
      const seconds = trusted.has(digest) ? null : failures.wait(bucket, 1)
      if (seconds !== null) return { caller: null, callerError: tooManyFailures(seconds) }
      try {
        const caller = await authenticator.authenticate(authorization, workspace)
        trusted.set(digest, true)
        return { caller, callerError: null }
      } catch (error) {
        if (!(error instanceof LatchkeyError)) throw error
        trusted.delete(digest)
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

/** The key of an address for counting: IPv4 as it is, IPv6 by its /64, because one client has at least a /64. */
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
