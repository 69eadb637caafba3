import { isIPv4, isIPv6 } from 'node:net'
import type { CallerAuthenticator, Credential } from '../../access/authenticate.ts'
import type { Caller } from '../../access/caller.ts'
import { isJwt, type Limit } from '../../access/federated-callers.ts'
import { LatchkeyError, RateLimitedError, UnauthenticatedError } from '../../kit/errors.ts'
import { createLimiter } from '../../kit/limiter.ts'
import { createTokenBuckets } from './token-buckets.ts'

/** The caller, or why the caller could not be identified. */
export type Identity = { caller: Caller; callerError: null } | { caller: null; callerError: LatchkeyError }

export interface CallerGate {
  /**
   * Returns at once for a key that was found lately.
   *
   * @param authorization the Authorization header, connectionParams.authorization of a WebSocket, or the cookie of the console
   * @param address the client's IP address (`ClientAddress`); null: the request comes from within the process
   * @param workspace the workspace that the request names, by global id or slug; default: none. Only for JWTs.
   */
  identify(authorization: Credential, address: string | null, workspace?: string | null): Identity | Promise<Identity>
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
/** Concurrent steps of checking JWTs from one IP address that is over its limit: lookups of issuers, and verifications of signatures. */
const JWT_CHECKS = 8
/** JWTs of one IP address that are not decided yet: one for each connection that an address may have open by default. */
const JWTS_IN_FLIGHT = 5_000

interface CallerGateOptions {
  /** Failed attempts of one IP address in a minute. */
  failuresPerMinute?: number
  jwtsInFlight?: number
  /** Called for each credential that is refused without being decided. */
  onRefused?: (() => void) | undefined
}

/**
 * Identifies callers and counts failed attempts by IP address. Many callers can share an address behind a proxy, so a valid
 * credential is accepted however many invalid ones came from its address: each one is checked, which the authenticator keeps
 * cheap, and only invalid ones are counted and refused with 429. A JWT is decided up to seconds later, so each credential counts when it
 * arrives, and no longer when it is valid. Keys have too much entropy to be guessed, with or without a
 * limit.
 */
export function createCallerGate(
  authenticator: CallerAuthenticator,
  { failuresPerMinute = FAILURES_PER_MINUTE, jwtsInFlight = JWTS_IN_FLIGHT, onRefused }: CallerGateOptions = {},
): CallerGate {
  const refused = (error: RateLimitedError) => {
    onRefused?.()
    return error
  }
  const failures = createTokenBuckets({ capacity: failuresPerMinute, perSecond: failuresPerMinute / 60 })
  const checks = createLimiter(JWT_CHECKS)
  /** JWTs that are not decided, by address. */
  const undecided = new Map<string, number>()

  async function decide(
    bucket: string,
    authorization: Credential,
    workspace: string | null | undefined,
  ): Promise<Identity> {
    const isOver = failures.take(bucket, 1) !== null
    // A token that waits for the keys of its issuer takes no place, or slow issuers would block the valid tokens of the address.
    const limit: Limit | undefined = isOver ? (work) => checks.run(bucket, work) : undefined
    let failed = false
    try {
      const caller = await authenticator.authenticate(authorization, workspace, limit)
      return { caller, callerError: null }
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error
      if (!(error instanceof UnauthenticatedError)) return { caller: null, callerError: error }
      failed = true
      // Those that counted when this one arrived may have been valid.
      const seconds = isOver ? failures.take(bucket, 1) : null
      return { caller: null, callerError: seconds === null ? error : refused(tooManyFailures(seconds)) }
    } finally {
      if (!isOver && !failed) failures.charge(bucket, -1)
    }
  }

  async function decideJwt(
    bucket: string,
    authorization: Credential,
    workspace: string | null | undefined,
  ): Promise<Identity> {
    const count = undecided.get(bucket) ?? 0
    if (count >= jwtsInFlight) return { caller: null, callerError: refused(tooManyUndecided()) }
    undecided.set(bucket, count + 1)
    try {
      return await decide(bucket, authorization, workspace)
    } finally {
      const left = (undecided.get(bucket) ?? 1) - 1
      if (left === 0) undecided.delete(bucket)
      else undecided.set(bucket, left)
    }
  }

  return {
    identify(authorization, address, workspace) {
      // Most requests have a key that was found lately. A valid credential counts for nothing.
      const caller = authenticator.knownCaller?.(authorization)
      if (caller !== undefined) return { caller, callerError: null }
      const bucket = addressKey(address)
      const key = typeof authorization === 'string' ? authorization.replace(/^bearer +/i, '') : ''
      return (isJwt(key) ? decideJwt : decide)(bucket, authorization, workspace)
    },
  }
}

function tooManyUndecided(): RateLimitedError {
  return new RateLimitedError(
    'Too many tokens of this address are being checked. Wait for the answers to some of them.',
    {
      retryAfterSeconds: 3,
    },
  )
}

function tooManyFailures(seconds: number): RateLimitedError {
  return new RateLimitedError(`Too many requests without a valid credential. Try again in ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  })
}

/** The key of an address for counting: IPv4 as it is, IPv6 by its /64, because one client has at least a /64. */
export function addressKey(address: string | null): string {
  if (address === null) return 'process'
  if (isIPv4(address)) return address
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
