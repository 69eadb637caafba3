import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import {
  type Deployment,
  expectLive,
  expectServedOrRetryable,
  expired,
  type Gateway,
  LIMIT_MS,
  openDeployment,
  QUIET_MS,
  SLACK_MS,
  scaled,
  storedVersion,
} from './deployment.ts'
import { startRotatingProvider } from './rotating-provider.ts'
import { expectNoRepeat } from './token-log.ts'

/** One is longer than the quiet period, too. */
const ANSWERS_AFTER_MS = scaled([20_000, 60_000], [LIMIT_MS + 500, 2 * QUIET_MS])

describe.skipIf(!serverAnswers)('an answer of the provider that comes later than callers wait', () => {
  let deployment: Deployment
  let other: Gateway
  beforeAll(async () => {
    deployment = await openDeployment()
    other = await deployment.startGateway()
  })
  afterAll(() => deployment[Symbol.asyncDispose]())

  it.concurrent.each(ANSWERS_AFTER_MS)(
    'is stored when it comes (after %d ms). Callers get a retryable error at the time limit, and no other request is sent',
    async (answersAfterMs) => {
      await using provider = await startRotatingProvider()
      provider.latency = () => ({ afterMs: answersAfterMs })
      const integration = await deployment.integrate(provider)
      const connection = await integration.connect(expired(provider.issue()))
      const { gateway, database } = deployment
      const refused = await Promise.all([gateway, gateway, other, other].map(({ call }) => call(connection)))
      for (const outcome of refused) {
        expect(outcome).toMatchObject({ code: 'CREDENTIAL_REFRESH', retryable: true })
        expect(outcome.tookMs).toBeGreaterThan(LIMIT_MS - 1_000)
        expect(outcome.tookMs).toBeLessThan(LIMIT_MS + SLACK_MS)
      }
      // Callers come while the answer is still awaited.
      while ((await storedVersion(database, connection)) === 1) {
        expect(performance.now()).toBeLessThan((provider.requests[0]?.arrivedAt ?? 0) + answersAfterMs + SLACK_MS)
        const outcomes = await Promise.all([gateway.call(connection), other.call(connection)])
        for (const outcome of outcomes) {
          expectServedOrRetryable(outcome)
          expect(outcome.tookMs).toBeLessThan(LIMIT_MS + SLACK_MS)
        }
      }
      expect(provider.requests).toHaveLength(1)
      expect(provider.requests[0]).toMatchObject({ status: 200, closedAt: undefined })
      expect(await other.call(connection)).toMatchObject({ code: 'OK', status: 200 })
      provider.latency = () => ({})
      await expectLive(gateway, connection)
      expectNoRepeat(provider.requests)
    },
  )

  it('is awaited by the process alone when its callers have gone', async () => {
    await using provider = await startRotatingProvider()
    provider.latency = () => ({ afterMs: LIMIT_MS + 1_000 })
    const integration = await deployment.integrate(provider)
    const connection = await integration.connect(expired(provider.issue()))
    await deployment.gateway.call(connection)
    await vi.waitFor(async () => expect(await storedVersion(deployment.database, connection)).toBe(2), {
      timeout: 1_000 + SLACK_MS,
      interval: 50,
    })
    expectNoRepeat(provider.requests)
  })
})
