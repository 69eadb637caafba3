import type { ConnectSession, ConnectSessionStatus } from '../db/generated/client.ts'
import type { ErrorCode } from '../kit/errors.ts'

/** Why a session failed. `message` is for a person. */
export interface SessionError {
  code: ErrorCode
  message: string
  /** The provider's own words, without secrets. */
  providerError?: string | undefined
  providerErrorDescription?: string | undefined
  /** What its redirectUrl gets as `error`: the same as that of `startOAuth` would. */
  returnError?: string | undefined
}

const FINAL: ReadonlySet<ConnectSessionStatus> = new Set(['COMPLETED', 'FAILED', 'EXPIRED', 'REVOKED'])

/** What of a session changes. */
type SessionState = Pick<ConnectSession, 'status' | 'expiresAt'>

/** The status as it is now: expiry is not written. */
export function sessionStatus({ status, expiresAt }: SessionState, now = new Date()): ConnectSessionStatus {
  return !FINAL.has(status) && expiresAt <= now ? 'EXPIRED' : status
}

/** Whether nothing can come of the session any more, or everything has. */
export function isSessionOver(session: SessionState, now = new Date()): boolean {
  return FINAL.has(sessionStatus(session, now))
}
