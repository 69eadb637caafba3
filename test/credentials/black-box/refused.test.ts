import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import {
  type Deployment,
  expired,
  type Gateway,
  messagesOf,
  type Outcome,
  openDeployment,
  scaled,
  tally,
} from './deployment.ts'
import { startRotatingProvider } from './rotating-provider.ts'

const CALLERS = 60
/** Token requests of callers whose access token the API refuses while the token endpoint fails. */
const FEW = 12
const CONNECTIONS = scaled(300, 60)
/** For how long the OAuth client is refused. */
const REFUSED_MS = scaled(90_000, 6_000)
/** Token requests of one refused OAuth client meanwhile: a backoff that doubles from a fraction of a second, in four processes. */
const FEW_OF_CLIENT = 100

describe.skipIf(!serverAnswers)('a refusal that concerns many callers', () => {
  let deployment: Deployment
  let gateways: Gateway[]
  beforeAll(async () => {
    deployment = await openDeployment()
    gateways = [deployment.gateway, await deployment.startGateway()]
  })
  afterAll(() => deployment[Symbol.asyncDispose]())

  it('(a 401 of the API while the token endpoint fails) makes a few token requests, not one for each caller', async () => {
    await using provider = await startRotatingProvider()
    provider.latency = () => ({ beforeMs: 20 })
    const integration = await deployment.integrate(provider)
    const connection = await integration.connect({ ...provider.issue(), expiresIn: 3_600 })
    provider.apiRefuses = true
    provider.fault = () => ({ status: 503 })
    const outcomes: Outcome[] = []
    // One after the other at each gateway, so that they cannot share a request that is under way.
    await Promise.all(
      gateways.map(async ({ call }) => {
        for (let called = 0; called < CALLERS / gateways.length; called += 1) outcomes.push(await call(connection))
      }),
    )
    process.stdout.write(`${JSON.stringify({ ...tally(outcomes), tokenRequests: provider.requests.length })}\n`)
    expect(outcomes).toHaveLength(CALLERS)
    expect(provider.requests.length).toBeGreaterThan(0)
    expect(provider.requests.length).toBeLessThanOrEqual(FEW)
    provider.apiRefuses = false
    provider.fault = () => undefined
    expect(await gateways[1]?.call(connection)).toMatchObject({ code: 'OK', status: 200 })
  })

  it('(invalid_client) makes a few token requests for all connections of the client, and ends with its secret', async () => {
    await using provider = await startRotatingProvider()
    const integration = await deployment.integrate(provider)
    const connections: string[] = []
    for (let made = 0; made < CONNECTIONS; made += 20) {
      const some = Array.from({ length: 20 }, () => integration.connect(expired(provider.issue())))
      connections.push(...(await Promise.all(some)))
    }
    const mended = `mended-${provider.clientSecret}`
    provider.clientSecret = mended
    await Promise.all([deployment.startWorker(), deployment.startWorker()])
    const outcomes: Outcome[] = []
    const end = performance.now() + REFUSED_MS
    const callAll = async ({ call }: Gateway) => {
      for (let nth = 0; performance.now() < end; nth += 1) {
        outcomes.push(await call(connections[nth % connections.length] ?? ''))
        await pause(50)
      }
    }
    await Promise.all(gateways.flatMap((gateway) => [callAll(gateway), callAll(gateway)]))
    const requests = provider.requests.length
    await deployment.cluster.mutate(
      deployment.gateway.client,
      'updateIntegration',
      { integrationId: integration.id, oauthClient: { clientId: provider.clientId, clientSecret: mended } },
      '__typename',
    )
    const after = await Promise.all(
      gateways.flatMap(({ call }, gateway) =>
        connections.filter((_, nth) => nth % gateways.length === gateway).map((id) => call(id)),
      ),
    )
    const [slowest] = after.map(({ tookMs }) => Math.round(tookMs)).toSorted((a, b) => b - a)
    process.stdout.write(
      `${JSON.stringify({
        connections: CONNECTIONS,
        refusedMs: REFUSED_MS,
        requests,
        during: tally(outcomes),
        after: tally(after),
        messagesAfter: messagesOf(after),
        slowest,
      })}\n`,
    )
    expect(tally(after)).toEqual({ 'OK 200': CONNECTIONS })
    expect(requests).toBeGreaterThan(0)
    expect(requests).toBeLessThanOrEqual(FEW_OF_CLIENT)
    expect(provider.revokedGrants).toEqual(new Set())
  })
})
