import { describe, expect, it } from 'vitest'
import { nextRenewalAt, refreshTokenEnd, renewAheadAt } from '../../src/credentials/refresh-policy.ts'

const connectionId = '018f0000-0000-7000-8000-000000000001'
const now = new Date('2026-11-28T12:00:00Z')
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000)

describe('nextRenewalAt', () => {
  it('is ahead of the earlier of the two ends', () => {
    const [sooner, later] = [inSeconds(20), inSeconds(3_600)]
    const expected = renewAheadAt(connectionId, now, sooner)
    expect(nextRenewalAt({ connectionId, now, expiresAt: later, refreshExpiresAt: sooner })).toEqual(expected)
    expect(nextRenewalAt({ connectionId, now, expiresAt: sooner, refreshExpiresAt: later })).toEqual(expected)
    expect(nextRenewalAt({ connectionId, now, expiresAt: null, refreshExpiresAt: sooner })).toEqual(expected)
    expect(nextRenewalAt({ connectionId, now, expiresAt: sooner })).toEqual(expected)
    expect(expected.getTime()).toBeLessThan(sooner.getTime())
  })

  it('is at once when an end has passed, and null when neither is known', () => {
    expect(nextRenewalAt({ connectionId, now, expiresAt: inSeconds(60), refreshExpiresAt: inSeconds(-1) })).toEqual(now)
    expect(nextRenewalAt({ connectionId, now, expiresAt: null, refreshExpiresAt: null })).toBeNull()
  })
})

describe('refreshTokenEnd', () => {
  it('is the earlier one of what the provider says and of the lifetime', () => {
    expect(refreshTokenEnd({ now, refreshExpiresAt: inSeconds(20), lifetime: 'PT1M' })).toEqual(inSeconds(20))
    expect(refreshTokenEnd({ now, refreshExpiresAt: inSeconds(90), lifetime: 'PT1M' })).toEqual(inSeconds(60))
    expect(refreshTokenEnd({ now, refreshExpiresAt: null, lifetime: 'PT1M' })).toEqual(inSeconds(60))
    expect(refreshTokenEnd({ now, refreshExpiresAt: inSeconds(20) })).toEqual(inSeconds(20))
    expect(refreshTokenEnd({ now })).toBeUndefined()
  })
})
