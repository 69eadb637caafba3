import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { type Deployment, expectLive, expired, type Gateway, openDeployment, tally } from './deployment.ts'
import { startRotatingProvider } from './rotating-provider.ts'
import { expectNoRepeat } from './token-log.ts'

const ROTATIONS = 5
const CALLERS = 10

describe.skipIf(!serverAnswers)('a grant that is injected more than once', () => {
  let deployment: Deployment
  let gateways: [Gateway, Gateway]
  beforeAll(async () => {
    deployment = await openDeployment()
    gateways = [deployment.gateway, await deployment.startGateway()]
  })
  afterAll(() => deployment[Symbol.asyncDispose]())

  it('into two connections is renewed once for both, and both live', async () => {
    await using provider = await startRotatingProvider()
    provider.latency = () => ({ beforeMs: 100, afterMs: 100 })
    const integration = await deployment.integrate(provider)
    const tokens = expired(provider.issue())
    const twins = [await integration.connect(tokens), await integration.connect(tokens)] as const
    const callBoth = () =>
      Promise.all(
        gateways.flatMap(({ call }) => twins.flatMap((twin) => Array.from({ length: CALLERS }, () => call(twin)))),
      )
    const outcomes = await callBoth()
    expect(tally(outcomes)).toEqual({ 'OK 200': 4 * CALLERS })
    expect(provider.requests).toHaveLength(1)
    for (let rotation = 1; rotation <= ROTATIONS; rotation += 1) {
      const twin = twins[rotation % 2] ?? twins[0]
      const [refreshed, ...others] = await Promise.all([gateways[rotation % 2]?.refresh(twin), callBoth()])
      expect(refreshed).toMatchObject({ code: 'OK' })
      expect(tally(others.flat())).toEqual({ 'OK 200': 4 * CALLERS })
      expect(provider.requests).toHaveLength(1 + rotation)
    }
    // Renewals of both in both processes at the same moment.
    const forced = await Promise.all(gateways.flatMap(({ refresh }) => twins.map((twin) => refresh(twin))))
    expect(forced.map(({ code }) => code)).toEqual(['OK', 'OK', 'OK', 'OK'])
    for (const twin of twins) await expectLive(gateways[0], twin)
    expectNoRepeat(provider.requests)
    expect(provider.revokedGrants).toEqual(new Set())
  })

  it('is refused with CONFLICT when Latchkey has already spent its refresh token', async () => {
    await using provider = await startRotatingProvider()
    const integration = await deployment.integrate(provider)
    const tokens = expired(provider.issue())
    const first = await integration.connect(tokens)
    const second = await integration.connect(expired(provider.issue()))
    await expectLive(gateways[0], first)
    await expect(integration.connect(tokens)).rejects.toThrow('CONFLICT')
    expect(await gateways[1].replaceCredential(second, tokens)).toMatchObject({ code: 'CONFLICT' })
    for (const connection of [first, second]) await expectLive(gateways[1], connection)
    expectNoRepeat(provider.requests)
    expect(provider.revokedGrants).toEqual(new Set())
  })

  it('into its connection while it is renewed there, keeps the new token', async () => {
    await using provider = await startRotatingProvider()
    provider.latency = () => ({ afterMs: 1_000 })
    const integration = await deployment.integrate(provider)
    const tokens = expired(provider.issue())
    const connection = await integration.connect(tokens)
    const [first, second] = gateways
    const called = first.call(connection)
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1), { timeout: 10_000, interval: 10 })
    // The product cannot know that its token is being spent.
    const injected = await second.replaceCredential(connection, tokens)
    expect(['OK', 'CONFLICT']).toContain(injected.code)
    expect(await called).toMatchObject({ code: 'OK', status: 200 })
    expect(await second.call(connection)).toMatchObject({ code: 'OK', status: 200 })
    for (const gateway of gateways) await expectLive(gateway, connection)
    expectNoRepeat(provider.requests)
    expect(provider.revokedGrants).toEqual(new Set())
  })
})
