import { afterAll, describe, expect, it } from 'vitest'
import { createPointLimits, createSharedPoints } from '../../src/http/server/point-limits.ts'
import { hasRedisServer, startOwnRedis } from '../support/own-redis.ts'
import { hasRedis, REDIS_URL } from '../support/services.ts'
import { callerOf } from './reader-key.ts'

/** A workspace of its own for each test, because the points in Redis outlive a test. */
const newWorkspace = () => crypto.randomUUID()

describe('createPointLimits', async () => {
  it('limits a key, and a workspace with many keys', () => {
    const limits = createPointLimits({ perCaller: 600, perWorkspace: 900 })
    const workspace = newWorkspace()
    expect(limits.take(callerOf(workspace, 'first'), 100)).toBeNull()
    expect(limits.take(callerOf(workspace, 'first'), 1)).toMatchObject({ code: 'RATE_LIMITED' })
    expect(limits.take(callerOf(workspace, 'second'), 50)).toBeNull()
    expect(limits.take(callerOf(workspace, 'third'), 1)?.retryAfterSeconds).toBeGreaterThan(0)
    expect(limits.take(callerOf(newWorkspace(), 'fourth'), 100)).toBeNull()
  })

  it('charges what an operation took more, and gives back what it took less', () => {
    const limits = createPointLimits({ perCaller: 600 })
    const caller = callerOf(newWorkspace(), 'key')
    limits.take(caller, 90)
    limits.settle(caller, -80)
    expect(limits.take(caller, 80)).toBeNull()
    limits.settle(caller, 500)
    const refused = limits.take(caller, 1)
    // 490 points below zero, at ten points per second.
    expect(refused?.retryAfterSeconds).toBeGreaterThan(45)
  })

  it('refuses only operations that are not cheap when the process is busy', () => {
    const limits = createPointLimits({ perCaller: 6_000, perProcess: 600 })
    for (let nth = 0; nth < 10; nth += 1) expect(limits.take(callerOf(newWorkspace(), `${nth}`), 10)).toBeNull()
    const caller = callerOf(newWorkspace(), 'another')
    expect(limits.take(caller, 10)).toMatchObject({ code: 'RATE_LIMITED', message: expect.stringContaining('busy') })
    expect(limits.take(caller, 1)).toBeNull()
  })

  it('neither refuses nor delays a quiet workspace because others keep the process busy', () => {
    const limits = createPointLimits({ perCaller: 240_000, perProcess: 60_000 })
    const [noisy, quiet] = [callerOf(newWorkspace(), 'noisy'), callerOf(newWorkspace(), 'quiet')]
    for (let sent = 0; sent < 3_000; sent += 1) limits.take(noisy, 4.65)
    expect(limits.busyMs(noisy)).toBeGreaterThan(0)
    expect(limits.take(callerOf(noisy.workspaceId ?? '', 'another'), 10)).toMatchObject({ code: 'RATE_LIMITED' })
    expect(limits.take(quiet, 10)).toBeNull()
    expect(limits.busyMs(quiet)).toBe(0)
  })

  it('lets a process that is busy recover within seconds', () => {
    const limits = createPointLimits({ perCaller: 6_000, perProcess: 6_000 })
    const caller = callerOf(newWorkspace(), 'key')
    limits.settle(caller, 100_000)
    expect(limits.debtMs(caller)).toBeGreaterThan(100_000)
    expect(limits.busyMs(caller)).toBeLessThanOrEqual(1_000)
  })

  it('has no limits with 0', () => {
    const limits = createPointLimits({ perCaller: 0 })
    const caller = callerOf(newWorkspace(), 'key')
    for (let nth = 0; nth < 10; nth += 1) expect(limits.take(caller, 1_000_000)).toBeNull()
  })

  describe.skipIf(!(await hasRedis()) || !(await hasRedisServer()))('over Redis', () => {
    const errors: Error[] = []
    const opened: { close(): Promise<void> }[] = []
    afterAll(() => Promise.all(opened.map((each) => each.close())))
    const gatewayOf = (url: string) => {
      const limits = createPointLimits({
        perCaller: 600,
        shared: createSharedPoints(url, (error) => errors.push(error)),
      })
      opened.push(limits)
      return limits
    }

    it('counts what all gateways have charged, and leaves other workspaces alone', async () => {
      const [one, two] = [gatewayOf(REDIS_URL), gatewayOf(REDIS_URL)]
      const caller = callerOf(newWorkspace(), newWorkspace())
      // Each alone may use 100 in ten seconds, and 10 more in each further second.
      expect(one.take(caller, 90)).toBeNull()
      for (let nth = 0; nth < 5; nth += 1) {
        two.take(caller, 15)
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
      await expect.poll(() => two.take(caller, 0.1)?.code, { timeout: 5_000 }).toBe('RATE_LIMITED')
      expect(two.take(callerOf(newWorkspace(), newWorkspace()), 10)).toBeNull()
    })

    it('limits each gateway by itself while Redis is unavailable', async () => {
      await using redis = await startOwnRedis()
      const limits = gatewayOf(redis.url)
      const caller = callerOf(newWorkspace(), newWorkspace())
      expect(limits.take(caller, 50)).toBeNull()
      await redis.kill9()
      expect(limits.take(caller, 50)).toBeNull()
      expect(limits.take(caller, 10)).toMatchObject({ code: 'RATE_LIMITED' })
      await expect.poll(() => errors.length, { timeout: 5_000 }).toBeGreaterThan(0)
    })
  })
})
