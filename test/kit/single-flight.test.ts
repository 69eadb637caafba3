import { describe, expect, it } from 'vitest'
import { createSingleFlight } from '../../src/kit/single-flight.ts'

describe('createSingleFlight', () => {
  it('shares a running call among the callers of one key', async () => {
    const flight = createSingleFlight<number>()
    const gate = Promise.withResolvers<number>()
    let calls = 0
    const work = () => {
      calls += 1
      return gate.promise
    }
    const all = [flight.run('a', work), flight.run('a', work), flight.run('b', work)]
    expect([calls, flight.size]).toEqual([2, 2])
    expect([flight.get('a'), flight.get('c')]).toEqual([all[0], undefined])
    gate.resolve(7)
    expect(await Promise.all(all)).toEqual([7, 7, 7])
    expect(flight.get('a')).toBeUndefined()
  })

  it('begins a new call once the earlier one has ended, also when it failed', async () => {
    const flight = createSingleFlight<number>()
    await expect(flight.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(flight.size).toBe(0)
    expect(await flight.run('a', async () => 2)).toBe(2)
  })

  it('settled resolves when the running calls have ended, however they end', async () => {
    const flight = createSingleFlight<number>()
    const gate = Promise.withResolvers<number>()
    const failing = flight.run('a', () => gate.promise)
    const settled = flight.settled()
    gate.reject(new Error('no'))
    await expect(failing).rejects.toThrow('no')
    await settled
    expect(flight.size).toBe(0)
  })
})
