import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { findFaketime } from '../../support/services.ts'
import { type Deployment, type Gateway, openDeployment, scaled } from './deployment.ts'
import { startRotatingProvider } from './rotating-provider.ts'
import { expectNoRepeat } from './token-log.ts'

const WRONG_BY_SECONDS = 300
/** Lifetime of an access token without a refresh token. */
const LIVES_SECONDS = scaled(120, 8)
/** Lifetime of access tokens that are renewed ahead of time, and for how long that is watched. */
const RENEWED_SECONDS = scaled(40, 6)
const WATCHED_MS = scaled(180_000, 12_000)
/** A credential is renewed between these fractions of its lifetime. */
const EARLIEST = 0.5
const LATEST = 0.85
/** How much later than planned a busy worker begins a renewal. */
const LATE_MS = 5_000

const library = await findFaketime()

describe.skipIf(!serverAnswers || library === null)('processes whose clocks are five minutes slow and fast', () => {
  const clock = (seconds: number) => ({
    LD_PRELOAD: library ?? '',
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  })
  let deployment: Deployment
  let gateways: { slow: Gateway; fast: Gateway; right: Gateway }
  beforeAll(async () => {
    deployment = await openDeployment()
    const [slow, fast] = await Promise.all([
      deployment.startGateway(clock(-WRONG_BY_SECONDS)),
      deployment.startGateway(clock(WRONG_BY_SECONDS)),
      deployment.startWorker(clock(-WRONG_BY_SECONDS)),
      deployment.startWorker(clock(WRONG_BY_SECONDS)),
    ])
    gateways = { slow, fast, right: deployment.gateway }
    for (const [gateway, seconds] of [
      [slow, -WRONG_BY_SECONDS],
      [fast, WRONG_BY_SECONDS],
    ] as const) {
      const { headers } = await fetch(`${gateway.program.url}/healthz`)
      const wrongBy = (Date.parse(headers.get('date') ?? '') - Date.now()) / 1000
      expect(Math.abs(wrongBy - seconds)).toBeLessThan(10)
    }
  })
  afterAll(() => deployment[Symbol.asyncDispose]())

  it.concurrent.each(['slow', 'fast', 'right'] as const)(
    'a token with `expiresIn` and no refresh token works as long as it says, injected through the %s one',
    async (through) => {
      await using provider = await startRotatingProvider()
      const integration = await deployment.integrate(provider)
      const { accessToken } = provider.issue()
      const injectedAt = performance.now()
      const connection = await integration.connect({ accessToken, expiresIn: LIVES_SECONDS }, gateways[through])
      const end = injectedAt + LIVES_SECONDS * 1000
      while (performance.now() < end - 500) {
        const outcomes = await Promise.all(Object.values(gateways).map(({ call }) => call(connection)))
        if (performance.now() > end) break
        expect(outcomes.map(({ code, status }) => `${code} ${status}`)).toEqual(['OK 200', 'OK 200', 'OK 200'])
        await pause(200)
      }
      await pause(end + 1_000 - performance.now())
      for (const { call } of Object.values(gateways)) {
        expect(await call(connection)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
      }
      expect(provider.requests).toEqual([])
    },
  )

  it.concurrent('nothing is renewed early or late', async () => {
    await using provider = await startRotatingProvider({ accessTokenSeconds: RENEWED_SECONDS })
    const integration = await deployment.integrate(provider)
    const issuedAt = new Map<string, number>()
    for (const gateway of Object.values(gateways)) {
      for (let nth = 0; nth < 2; nth += 1) {
        const tokens = provider.issue()
        issuedAt.set(tokens.refreshToken, performance.now())
        await integration.connect({ ...tokens, expiresIn: RENEWED_SECONDS }, gateway)
      }
    }
    await pause(WATCHED_MS)
    const { requests } = provider
    const byGrant = Map.groupBy(requests, ({ grant }) => grant)
    const fractions = [...byGrant.values()].flatMap((own) =>
      own.map(({ arrivedAt, refreshToken }, index) => {
        const since = own[index - 1]?.answeredAt ?? issuedAt.get(refreshToken) ?? 0
        return (arrivedAt - since) / (RENEWED_SECONDS * 1000)
      }),
    )
    const [least, most] = [Math.min(...fractions), Math.max(...fractions)]
    process.stdout.write(`${JSON.stringify({ renewals: fractions.length, least, most })}\n`)
    expect(byGrant.size).toBe(issuedAt.size)
    expect(least).toBeGreaterThan(EARLIEST - 0.05)
    expect(most).toBeLessThan(LATEST + LATE_MS / (RENEWED_SECONDS * 1000))
    expectNoRepeat(requests)
  })
})
