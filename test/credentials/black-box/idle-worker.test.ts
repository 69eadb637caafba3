import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { type Deployment, openDeployment, QUIET_MS, type Settled, SLACK_MS, scaled, settle } from './deployment.ts'
import { type RotatingProvider, startRotatingProvider } from './rotating-provider.ts'
import { expectQuietRepeats } from './token-log.ts'

const GRANTS = 3
/** Renewed ahead of time after half of it. */
const LIVES_SECONDS = 6
const GRACE_MS = scaled(30_000, 3 * QUIET_MS)
/** The provider has processed the request, and its answer takes longer than the worker lives. */
const ANSWERS_AFTER_MS = 10_000

describe.skipIf(!serverAnswers)('a worker that is killed while it renews connections that nobody uses', () => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await openDeployment()
  })
  afterAll(() => deployment[Symbol.asyncDispose]())

  /** Kills a worker that has just sent its requests, while another one runs. @returns what became of the connections */
  async function killWorker(provider: RotatingProvider): Promise<Settled> {
    provider.latency = () => ({ afterMs: ANSWERS_AFTER_MS })
    const integration = await deployment.integrate(provider)
    const [worker, other] = await Promise.all([deployment.startWorker(), deployment.startWorker()])
    // So that it is known which of the two sends the requests.
    process.kill(other.pid, 'SIGSTOP')
    const connections = await Promise.all(
      Array.from({ length: GRANTS }, () => integration.connect({ ...provider.issue(), expiresIn: LIVES_SECONDS })),
    )
    await vi.waitFor(() => expect(provider.requests).toHaveLength(GRANTS), { timeout: 20_000, interval: 20 })
    await worker.kill9()
    process.kill(other.pid, 'SIGCONT')
    provider.latency = () => ({})
    await vi.waitFor(() => expect(provider.requests.length).toBeGreaterThanOrEqual(2 * GRANTS), {
      timeout: QUIET_MS + SLACK_MS + 5_000,
      interval: 20,
    })
    const settled = await settle(deployment.gateway, connections, 10_000)
    // The next test has workers of its own.
    await other.stop()
    return settled
  }

  function expectSoonAfterQuietPeriod({ requests }: RotatingProvider): void {
    expectQuietRepeats(requests)
    for (const first of requests.slice(0, GRANTS)) {
      const [, second] = requests.filter(({ refreshToken }) => refreshToken === first.refreshToken)
      expect((second?.arrivedAt ?? Number.POSITIVE_INFINITY) - first.arrivedAt).toBeLessThan(QUIET_MS + SLACK_MS)
    }
  }

  it('costs the quiet period, and no grant where the provider has a grace period', async () => {
    await using provider = await startRotatingProvider({ graceMs: GRACE_MS })
    const { live } = await killWorker(provider)
    expectSoonAfterQuietPeriod(provider)
    expect(live).toHaveLength(GRANTS)
    expect(provider.revokedGrants).toEqual(new Set())
  })

  it('loses grants of a provider without a grace period, which say so after the quiet period', async () => {
    await using provider = await startRotatingProvider()
    const { lost } = await killWorker(provider)
    expectSoonAfterQuietPeriod(provider)
    expect(lost).toHaveLength(GRANTS)
  })
})
