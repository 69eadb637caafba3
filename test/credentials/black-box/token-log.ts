import { expect } from 'vitest'
import { QUIET_MS } from './deployment.ts'
import type { TokenRequest } from './rotating-provider.ts'

/** Between an attempt that is recorded and its request, a process may be busy for this long. */
const LATENESS_MS = 1_000

/** Two requests with the same refresh token. */
interface Repeat {
  refreshToken: string
  /** From the arrival of the first to that of the second. */
  afterMs: number
  /** The first was neither answered nor closed when the second arrived. */
  overlaps: boolean
}

/** Finds the requests that send a refresh token again, each with the request before it. */
export function repeatsIn(requests: readonly TokenRequest[]): Repeat[] {
  const last = new Map<string, TokenRequest>()
  return requests.flatMap((request) => {
    const before = last.get(request.refreshToken)
    last.set(request.refreshToken, request)
    if (before === undefined) return []
    const endedAt = before.answeredAt ?? before.closedAt ?? Number.POSITIVE_INFINITY
    const { refreshToken, arrivedAt } = request
    return [{ refreshToken, afterMs: arrivedAt - before.arrivedAt, overlaps: endedAt > arrivedAt }]
  })
}

/** Expects that no refresh token was ever sent twice. */
export function expectNoRepeat(requests: readonly TokenRequest[]): void {
  expect(repeatsIn(requests)).toEqual([])
}

/** Expects that a refresh token was sent again only after the quiet period, and never while the first request was in flight. */
export function expectQuietRepeats(requests: readonly TokenRequest[]): void {
  const early = ({ afterMs, overlaps }: Repeat) => overlaps || afterMs < QUIET_MS - LATENESS_MS
  expect(repeatsIn(requests).filter(early)).toEqual([])
}
