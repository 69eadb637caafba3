import { beforeEach, describe, expect, it } from 'vitest'
import {
  createRenewalPlaces,
  type RenewalOutcome,
  type RenewalPlaces,
} from '../../../src/credentials/renewal-places.ts'

const TOTAL = 128
const MANY = 1_000

describe('createRenewalPlaces', () => {
  let clock = 0
  let places: RenewalPlaces
  let ends: { id: string; end: (outcome: RenewalOutcome) => void }[] = []
  beforeEach(() => {
    clock = 0
    places = createRenewalPlaces({ total: TOTAL, perIntegration: 64, now: () => clock })
    ends = []
  })

  /** Begins as many renewals as are allowed. @returns how many, by integration */
  function fill(waiting: Record<string, number>, limits: Record<string, number> = {}): Record<string, number> {
    const chosen = places.choose(new Map(Object.entries(waiting)), new Map(Object.entries(limits)))
    for (const [id, count] of chosen)
      for (let index = 0; index < count; index += 1) ends.push({ id, end: places.begin(id) })
    return Object.fromEntries(chosen)
  }

  /** Ends all running renewals of an integration. */
  function end(id: string, outcome: RenewalOutcome): void {
    const own = ends.filter((each) => each.id === id)
    ends = ends.filter((each) => each.id !== id)
    for (const each of own) each.end(outcome)
  }

  function runRounds(
    id: string,
    rounds: number,
    { tookMs = 50, outcome = 'renewed' as RenewalOutcome } = {},
  ): number[] {
    return Array.from({ length: rounds }, () => {
      const count = fill({ [id]: MANY })[id] ?? 0
      clock += tookMs
      end(id, outcome)
      return count
    })
  }

  it('lets an integration begin with few renewals, and with more while its provider answers quickly, up to a limit', () => {
    expect(runRounds('a', 7)).toEqual([4, 8, 16, 32, 64, 64, 64])
  })

  it('begins no more renewals per second than its rate, also after a pause', () => {
    places = createRenewalPlaces({ total: TOTAL, perIntegration: 64, perSecond: 150, now: () => clock })
    const begun = { first: 0, second: 0 }
    for (const second of ['first', 'second'] as const) {
      for (let step = 0; step < 20; step += 1) {
        begun[second] += runRounds('a', 1)[0] ?? 0
      }
    }
    // The first second contains the renewals that may begin at once at the start.
    expect(begun.first).toBeGreaterThanOrEqual(150)
    expect(begun.first).toBeLessThanOrEqual(165)
    expect(begun.second).toBeGreaterThanOrEqual(149)
    expect(begun.second).toBeLessThanOrEqual(151)
    clock += 60_000
    expect(runRounds('a', 1)[0]).toBeLessThanOrEqual(15)
  })

  it('begins no more than wait, and none beyond the limit of an integration', () => {
    runRounds('a', 4)
    expect(fill({ a: 3 })).toEqual({ a: 3 })
    expect(fill({ a: MANY }, { a: 4 })).toEqual({ a: 1 })
    expect(fill({ a: MANY, b: MANY }, { a: 0, b: 0 })).toEqual({})
  })

  it('halves the renewals of a provider that fails, once for all that were running, and then grows slowly', () => {
    expect(runRounds('a', 5).at(-1)).toBe(64)
    expect(runRounds('a', 1, { outcome: 'failed' })).toEqual([64])
    expect(runRounds('a', 3)).toEqual([32, 32, 33])
    expect(runRounds('a', 8, { outcome: 'failed' }).at(-1)).toBe(2)
  })

  it('does not grow while renewals take much longer than they took with few at once', () => {
    runRounds('a', 3)
    const [before] = runRounds('a', 1, { tookMs: 400 })
    expect(runRounds('a', 5, { tookMs: 400 })).toEqual(Array.from({ length: 5 }, () => before))
  })

  it('grows for a provider that always takes its time, unless it is slow', () => {
    expect(runRounds('a', 5, { tookMs: 900 })).toEqual([4, 8, 16, 32, 64])
    expect(runRounds('b', 5, { tookMs: 8_000 })).toEqual([4, 4, 4, 4, 4])
  })

  it('does not grow by refusals', () => {
    expect(runRounds('a', 3, { outcome: 'refused' })).toEqual([4, 4, 4])
  })

  it('shares the places evenly: an integration that comes later gets the next ones', () => {
    for (const id of ['a', 'b', 'c']) runRounds(id, 6)
    expect(fill({ a: MANY, b: MANY })).toEqual({ a: 64, b: 64 })
    expect(fill({ c: 10 })).toEqual({})
    for (const { end: free } of ends.filter(({ id }) => id === 'a').slice(0, 20)) free('renewed')
    expect(fill({ a: MANY, b: MANY, c: 10 })).toEqual({ c: 10, a: 10 })
  })

  it.each(['hang', 'fail'])('keeps half of the places from providers that %s, however many there are', (how) => {
    runRounds('good', 6)
    const dead = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`dead ${index}`, MANY]))
    if (how === 'fail') {
      for (let round = 0; round < 5; round += 1) {
        fill(dead)
        clock += 15_000
        for (const id of Object.keys(dead)) end(id, 'failed')
      }
    }
    const begun = fill(dead)
    expect(Object.values(begun).reduce((sum, count) => sum + count, 0)).toBe(TOTAL / 2)
    expect(fill({ ...dead, good: MANY })).toEqual({ good: 64 })
    // One that answers again is no longer held back.
    const [back = ''] = Object.keys(begun)
    clock += 50
    end('good', 'renewed')
    end(back, 'renewed')
    expect(fill({ [back]: MANY, ...dead })[back]).toBeGreaterThan(1)
  })

  it('knows the rate of busy times in quiet times, and forgets it slowly', () => {
    expect(places.rates().all).toBe(20)
    runRounds('a', 100)
    const busy = places.rates().all
    expect(busy).toBeGreaterThan(500)
    expect(places.rates().of('a')).toBeCloseTo(Math.min(busy, (64 * 1000) / 50))
    for (let second = 0; second < 60; second += 1) {
      clock += 900
      runRounds('b', 1)
    }
    expect(places.rates().all).toBeLessThan(busy)
    expect(places.rates().all).toBeGreaterThan(busy * 0.8)
    // A slow integration is slow, whatever the process can do.
    runRounds('slow', 20, { tookMs: 2_900 })
    expect(places.rates().of('slow')).toBeLessThan(30)
  })
})
