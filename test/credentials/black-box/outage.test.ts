import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { randomOf } from '../../support/random.ts'
import {
  type Gateway,
  messagesOf,
  type Outcome,
  openDeployment,
  QUIET_MS,
  SLACK_MS,
  scaled,
  settle,
  tally,
} from './deployment.ts'
import { type Fault, startRotatingProvider } from './rotating-provider.ts'
import { expectQuietRepeats, repeatsIn } from './token-log.ts'

const OUTAGE_MS = scaled(150_000, 6_000)
const CONNECTIONS = scaled(300, 40)
/** Callers at each of two gateways. Each calls connections at random, ten times a second. */
const CALLERS = 10
const PAUSE_MS = 100
/** All access tokens expire during the outage. */
const LIVES_SECONDS = scaled(60, 4)
/** When the outage has ended, no caller is refused after this time whose token request was answered. */
const REFUSED_UNTIL_MS = scaled(15_000, 5_000)
/** A request without an answer is repeated after the quiet period only. */
const UNANSWERED_UNTIL_MS = QUIET_MS + SLACK_MS
const WATCHED_MS = Math.max(REFUSED_UNTIL_MS, UNANSWERED_UNTIL_MS) + 1_000
/** Each process renews at most five connections of an integration ahead of time, and those whose callers wait. */
const MOST_IN_FLIGHT = 2 * 5 + 2 * CALLERS
const TIMEOUT_MS = OUTAGE_MS + WATCHED_MS + 240_000
const SEED = Number(process.env['LATCHKEY_SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const REFUSED: Fault[] = [{ status: 503 }, { status: 502 }, { status: 429 }, 'reset']

describe.skipIf(!serverAnswers)(`an outage of the token endpoint, with seed ${SEED},`, () => {
  it(
    'ends for all callers within seconds after the endpoint is healthy again, without a stampede',
    async () => {
      await using provider = await startRotatingProvider()
      await using deployment = await openDeployment()
      const random = randomOf(SEED)
      const choose = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]
      const gateways = [deployment.gateway, await deployment.startGateway()]
      await Promise.all([deployment.startWorker(), deployment.startWorker()])
      const integration = await deployment.integrate(provider)
      const connections: string[] = []
      /** The refresh token of each connection during the outage. */
      const tokenOf = new Map<string, string>()
      const connect = async () => {
        const tokens = provider.issue()
        const connection = await integration.connect({ ...tokens, expiresIn: LIVES_SECONDS })
        connections.push(connection)
        tokenOf.set(connection, tokens.refreshToken)
      }
      for (let made = 0; made < CONNECTIONS; made += 20) {
        await Promise.all(Array.from({ length: Math.min(20, CONNECTIONS - made) }, connect))
      }
      provider.latency = () => ({ beforeMs: 20 })
      provider.fault = () => choose(REFUSED)
      let calling = true
      const outcomes: (Outcome & { connection: string })[] = []
      const call = async ({ call }: Gateway) => {
        while (calling) {
          const connection = choose(connections) ?? ''
          outcomes.push({ ...(await call(connection)), connection })
          await pause(PAUSE_MS)
        }
      }
      const callers = gateways.flatMap((gateway) => Array.from({ length: CALLERS }, () => call(gateway)))
      await pause(OUTAGE_MS)
      const during = provider.requests.length
      provider.fault = () => undefined
      provider.mostInFlight = 0
      const endedAt = performance.now()
      await pause(WATCHED_MS)
      calling = false
      await Promise.all(callers)
      // A call that began during the outage may report it.
      const after = outcomes.filter((outcome) => outcome.endedAt - outcome.tookMs > endedAt)
      const refusals = after.filter(({ code }) => code !== 'OK')
      // The time of the last refusal whose token request the provider had answered, or had not.
      const lastMs = (answered: boolean) => {
        const times = refusals.flatMap(({ connection, endedAt: refusedAt }) => {
          const sent = provider.requests.findLast(
            ({ refreshToken, arrivedAt }) => refreshToken === tokenOf.get(connection) && arrivedAt < refusedAt,
          )
          return (sent?.status !== undefined) === answered ? [refusedAt - endedAt] : []
        })
        return Math.round(Math.max(0, ...times))
      }
      process.stdout.write(
        `${JSON.stringify({
          connections: CONNECTIONS,
          outageMs: OUTAGE_MS,
          requestsDuringOutage: during,
          callsAfter: tally(after),
          refusalsAfter: refusals.length,
          lastRefusalAfterMs: lastMs(true),
          lastOfUnansweredAfterMs: lastMs(false),
          messagesAfter: messagesOf(after),
          mostInFlightAfter: provider.mostInFlight,
        })}\n`,
      )
      expect(lastMs(true)).toBeLessThan(REFUSED_UNTIL_MS)
      expect(lastMs(false)).toBeLessThan(UNANSWERED_UNTIL_MS)
      expect(refusals.filter(({ code, retryable }) => code !== 'CREDENTIAL_REFRESH' || retryable !== true)).toEqual([])
      expect(provider.mostInFlight).toBeLessThanOrEqual(MOST_IN_FLIGHT)
      expect((await settle(deployment.gateway, connections, 30_000)).live).toHaveLength(CONNECTIONS)
      expect(provider.revokedGrants).toEqual(new Set())
      // A request that was answered may be repeated. One that was not may be on its way still.
      const unanswered = new Set(provider.requests.filter(({ status }) => status === undefined))
      expect(repeatsIn(provider.requests).filter(({ overlaps }) => overlaps)).toEqual([])
      expect(unanswered.size).toBeGreaterThan(0)
      for (const first of unanswered) {
        const next = provider.requests.find(
          ({ refreshToken, arrivedAt }) => refreshToken === first.refreshToken && arrivedAt > first.arrivedAt,
        )
        if (next !== undefined) expectQuietRepeats([first, next])
      }
    },
    TIMEOUT_MS,
  )
})
