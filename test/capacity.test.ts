import { describe, expect, it } from 'vitest'
import { capacityFor, DEFAULT_INPUTS, readInputs, type UnitCosts } from '../scripts/capacity.ts'

const cost = (appMs: number, databaseMs: number) => ({ appMs, databaseMs, walBytes: 1_000, statements: 10 })
const COSTS: UnitCosts = {
  costs: {
    job: cost(10, 5),
    newPage: cost(8, 4),
    unchangedPage: cost(4, 2),
    renewal: cost(5, 2),
    request: cost(1, 0.1),
    read: cost(2, 1),
    event: cost(1, 1),
    delivery: cost(0.01, 0),
  },
  bytes: { connection: 10_000, record: 2_000, event: 500, job: 500 },
  jobEvents: 4,
}

describe('scripts/capacity.ts', () => {
  it('multiplies costs with how often each unit of work happens', () => {
    const inputs = { ...DEFAULT_INPUTS, connections: 36_000, oauth: 0, subscribers: 0, requests: 0, reads: 0 }
    const { rates, workers, database } = capacityFor(inputs, COSTS)
    // 36,000 connections once an hour are ten jobs a second, of three pages each.
    expect(rates).toMatchObject({ job: 10, renewal: 0, delivery: 0 })
    expect([rates.newPage, rates.unchangedPage]).toEqual([expect.closeTo(3), expect.closeTo(27)])
    // (10 × 10 + 3 × 8 + 27 × 4) ms a second at half of a core.
    expect(workers.cores).toBeCloseTo(0.464)
    expect(database.cores).toBeCloseTo(0.232)
    expect(workers.jobsAtOnce).toBeCloseTo(9)
    expect(database.gigabytes['records']).toBeCloseTo(144)
  })

  it('names what is used most first, and says that it does not fit', () => {
    const small = capacityFor({ ...DEFAULT_INPUTS, connections: 100 }, COSTS)
    expect(small.limits.every(({ used }) => used < 0.2)).toBe(true)
    const large = capacityFor({ ...DEFAULT_INPUTS, connections: 100_000_000 }, COSTS)
    expect(large.limits[0]?.used).toBeGreaterThan(1)
    expect(large.limits.map(({ used }) => used)).toEqual(large.limits.map(({ used }) => used).toSorted((a, b) => b - a))
  })

  it.each([
    [['--connections', 'many'], '--connections must be a number'],
    [['--connections=-1'], '--connections must be a number'],
    [['--sync-minutes', '0'], '--sync-minutes must be above 0'],
    [['--tenants', '1'], 'tenants'],
  ])('refuses %j', (args, message) => {
    expect(() => readInputs(args)).toThrow(message)
  })
})
