import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { type Deployment, expectLive, expired, type Gateway, openDeployment, tally } from './deployment.ts'
import { type RotatingProvider, startRotatingProvider } from './rotating-provider.ts'

const FIFTEEN_MINUTES_MS = 15 * 60_000

describe.skipIf(!serverAnswers)('an answer of the token endpoint', () => {
  let deployment: Deployment
  let gateways: Gateway[]
  beforeAll(async () => {
    deployment = await openDeployment()
    gateways = [deployment.gateway, await deployment.startGateway()]
  })
  afterAll(() => deployment[Symbol.asyncDispose]())

  async function connect(provider: RotatingProvider): Promise<string> {
    const integration = await deployment.integrate(provider)
    return integration.connect(expired(provider.issue()))
  }

  it.each(['999999999', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'with Retry-After: %s is tried again within 15 minutes, and by refreshConnection at once',
    async (retryAfter) => {
      await using provider = await startRotatingProvider()
      const connection = await connect(provider)
      provider.fault = () => ({ status: 503, headers: { 'retry-after': retryAfter } })
      const [first, second] = gateways
      expect(await first?.call(connection)).toMatchObject({ code: 'CREDENTIAL_REFRESH', retryable: true })
      const { credential } = (await second?.state(connection)) ?? {}
      const inMs = Date.parse(credential?.nextRefreshAt ?? '') - Date.now()
      expect(inMs).toBeGreaterThan(0)
      expect(inMs).toBeLessThanOrEqual(FIFTEEN_MINUTES_MS)
      provider.fault = () => undefined
      // The provider asked to wait, so a caller does not send another request.
      expect(await second?.call(connection)).toMatchObject({ code: 'CREDENTIAL_REFRESH', retryable: true })
      expect(await second?.refresh(connection)).toMatchObject({ code: 'OK' })
      expect(await first?.call(connection)).toMatchObject({ code: 'OK', status: 200 })
    },
  )

  it.each([429, 502, 503, 504])('%d once, and then a token: every caller is served', async (status) => {
    await using provider = await startRotatingProvider()
    const connection = await connect(provider)
    provider.fault = () => (provider.requests.length === 1 ? { status } : undefined)
    const outcomes = await Promise.all(gateways.flatMap(({ call }) => [call(connection), call(connection)]))
    expect(tally(outcomes)).toEqual({ 'OK 200': 4 })
    expect(provider.requests.map((request) => request.status)).toEqual([status, 200])
    await expectLive(deployment.gateway, connection)
  })

  it('that says at first that the endpoint is unavailable, shortly: the next caller asks when the backoff is over', async () => {
    await using provider = await startRotatingProvider()
    const connection = await connect(provider)
    let healthy = false
    provider.fault = () => (healthy ? undefined : { status: 503 })
    const [first, second] = gateways
    expect(await first?.call(connection)).toMatchObject({ code: 'CREDENTIAL_REFRESH', retryable: true })
    healthy = true
    const healthyAt = performance.now()
    let refused = 0
    while ((await second?.call(connection))?.code !== 'OK') refused += 1
    const servedAfterMs = Math.round(performance.now() - healthyAt)
    process.stdout.write(`${JSON.stringify({ refused, servedAfterMs })}\n`)
    // No worker runs: only a caller can have asked.
    expect(servedAfterMs).toBeLessThan(10_000)
  })
})
