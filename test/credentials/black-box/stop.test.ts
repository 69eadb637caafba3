import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { type Deployment, expectLive, expired, openDeployment, SLACK_MS, storedVersion } from './deployment.ts'
import { startRotatingProvider } from './rotating-provider.ts'
import { expectNoRepeat } from './token-log.ts'

/** The real limit, in the short run too: the stop time depends on it. */
const LIMIT_MS = 15_000
/** A token that lives for so long is renewed ahead of time by a worker after a second. */
const LIVES_SECONDS = 2

describe.skipIf(!serverAnswers)('a process that receives SIGTERM while the provider has its request', () => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await openDeployment({ env: { LATCHKEY_TOKEN_TIMEOUT: `PT${LIMIT_MS / 1000}S` } })
  })
  afterAll(() => deployment[Symbol.asyncDispose]())

  async function stopDuringRequest(role: 'gateway' | 'worker', answersAfterMs: number): Promise<void> {
    await using provider = await startRotatingProvider()
    provider.latency = () => ({ afterMs: answersAfterMs })
    const integration = await deployment.integrate(provider)
    const tokens = provider.issue()
    const stopping = role === 'gateway' ? await deployment.startGateway() : await deployment.startWorker()
    const program = 'program' in stopping ? stopping.program : stopping
    const connection = await integration.connect(
      role === 'gateway' ? expired(tokens) : { ...tokens, expiresIn: LIVES_SECONDS },
    )
    if ('call' in stopping) void stopping.call(connection)
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1), { timeout: 20_000, interval: 10 })
    const begunAt = performance.now()
    expect(await program.stop()).toBe(0)
    const tookMs = performance.now() - begunAt
    process.stdout.write(`${JSON.stringify({ role, answersAfterMs, stoppedAfterMs: Math.round(tookMs) })}\n`)
    expect(tookMs).toBeLessThan(answersAfterMs + SLACK_MS)
    expect(provider.requests[0]).toMatchObject({ status: 200, closedAt: undefined })
    expect(await storedVersion(deployment.database, connection)).toBe(2)
    provider.latency = () => ({})
    await expectLive(deployment.gateway, connection)
    expectNoRepeat(provider.requests)
    expect(provider.revokedGrants).toEqual(new Set())
  }

  it.concurrent.each([5_000, 8_000, 12_000])(
    '(a gateway, with an answer after %d ms) stores the answer and exits with 0',
    (answersAfterMs) => stopDuringRequest('gateway', answersAfterMs),
  )

  // Not beside the gateways: the worker would renew their expired tokens before they do.
  it('(a worker, with an answer after 12000 ms) stores the answer and exits with 0', () =>
    stopDuringRequest('worker', 12_000))
})
