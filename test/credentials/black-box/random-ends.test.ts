import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { randomOf } from '../../support/random.ts'
import {
  type Deployment,
  type Gateway,
  LIMIT_MS,
  type Outcome,
  openDeployment,
  QUIET_MS,
  scaled,
  settle,
  tally,
} from './deployment.ts'
import { type RotatingProvider, startRotatingProvider } from './rotating-provider.ts'
import { expectNoRepeat, expectQuietRepeats, repeatsIn } from './token-log.ts'

/** For how long processes are ended at random. A seed that failed can be set to repeat the test. */
const SECONDS = Number(process.env['LATCHKEY_SOAK_SECONDS'] ?? scaled(180, 6))
const SEED = Number(process.env['LATCHKEY_SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const CONNECTIONS = scaled(60, 30)
const GATEWAYS = scaled(2, 1)
const WORKERS = 2
/** Callers at each gateway, who call a connection at random after each pause. */
const CALLERS = 4
const PAUSE_MS = 20
/** Access tokens are renewed all the time, by callers and ahead of time by workers. */
const LIVES_SECONDS = 4
/** Pause between two ends, at random. */
const LEAST_PAUSE_MS = scaled(1_000, 500)
const MOST_PAUSE_MS = scaled(3_000, 1_500)
const SETTLES_WITHIN_MS = 4 * QUIET_MS + 15_000

describe.skipIf(!serverAnswers)(`gateways and workers that are ended and started at random, with seed ${SEED},`, () => {
  let deployment: Deployment
  beforeEach(async () => {
    deployment = await openDeployment()
  })
  afterEach(() => deployment[Symbol.asyncDispose]())

  const timeoutMs = SECONDS * 1000 + 180_000

  async function endAtRandom(provider: RotatingProvider, signal: 'SIGKILL' | 'SIGTERM') {
    const random = randomOf(SEED)
    const choose = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]
    const integration = await deployment.integrate(provider)
    const connections: string[] = []
    for (let made = 0; made < CONNECTIONS; made += 1) {
      connections.push(await integration.connect({ ...provider.issue(), expiresIn: LIVES_SECONDS }))
    }
    // Half of the answers come after the token was rotated, the others are rotated when they are sent.
    provider.latency = () => ({ beforeMs: random() * 200, afterMs: random() * 200 })
    const outcomes: Outcome[] = []
    let ending = true
    const call = async ({ call }: Gateway, isRunning: () => boolean) => {
      while (ending && isRunning()) {
        outcomes.push(await call(choose(connections) ?? ''))
        await pause(PAUSE_MS)
      }
    }

    /** Keeps a process of the role running until the time is over, and ends it at random. @returns how often it was ended */
    const keepEnding = async (role: 'gateway' | 'worker'): Promise<number> => {
      let ended = 0
      while (ending) {
        const gateway = role === 'gateway' ? await deployment.startGateway() : null
        const program = gateway?.program ?? (await deployment.startWorker())
        let running = true
        const callers = Array.from({ length: gateway === null ? 0 : CALLERS }, () =>
          gateway === null ? undefined : call(gateway, () => running),
        )
        // The random lifetime of a process is part of the test.
        await pause(LEAST_PAUSE_MS + random() * (MOST_PAUSE_MS - LEAST_PAUSE_MS))
        if (signal === 'SIGKILL') await program.kill9()
        else expect(await program.stop()).toBe(0)
        running = false
        ended += 1
        await Promise.all(callers)
      }
      return ended
    }
    const roles = [...Array<'gateway'>(GATEWAYS).fill('gateway'), ...Array<'worker'>(WORKERS).fill('worker')]
    const kept = Promise.all(roles.map(keepEnding))
    const steady = Array.from({ length: CALLERS }, () => call(deployment.gateway, () => true))
    await pause(SECONDS * 1000)
    ending = false
    const ended = (await kept).reduce((sum, each) => sum + each, 0)
    await Promise.all(steady)
    const settled = await settle(deployment.gateway, connections, SETTLES_WITHIN_MS)
    const { requests } = provider
    process.stdout.write(
      `${JSON.stringify({
        signal,
        graceMs: provider.graceMs,
        limitMs: LIMIT_MS,
        ended,
        requests: requests.length,
        repeats: repeatsIn(requests).length,
        live: settled.live.length,
        lost: settled.lost.length,
        calls: tally(outcomes),
      })}\n`,
    )
    expect(ended).toBeGreaterThan(2)
    expect(requests.length).toBeGreaterThan(CONNECTIONS)
    // Callers get a token, an error that they may retry, or learn that the account was lost. A process that ended answers nothing.
    const silent = outcomes.filter(
      ({ code, status, retryable }) =>
        !(
          (code === 'OK' && status === 200) ||
          (code === 'CREDENTIAL_REFRESH' && retryable === true) ||
          (code === 'RECONNECT_REQUIRED' && settled.lost.length > 0) ||
          code === 'NO_CONNECTION'
        ),
    )
    expect(tally(silent)).toEqual({})
    return settled
  }

  it(
    'lose no connection after kill -9 if the provider has a grace period (RF-05, F2)',
    async () => {
      await using provider = await startRotatingProvider({ graceMs: 4 * QUIET_MS, accessTokenSeconds: LIVES_SECONDS })
      const { lost } = await endAtRandom(provider, 'SIGKILL')
      expect(lost).toEqual([])
      expect(provider.revokedGrants).toEqual(new Set())
      expectQuietRepeats(provider.requests)
    },
    timeoutMs,
  )

  it(
    'say LOST_IN_CRASH_WINDOW for each connection that kill -9 has lost if the provider has no grace period (RF-05, F3)',
    async () => {
      await using provider = await startRotatingProvider({ accessTokenSeconds: LIVES_SECONDS })
      const { lost } = await endAtRandom(provider, 'SIGKILL')
      expectQuietRepeats(provider.requests)
      // Only what was sent again, after a process had ended, was lost.
      expect(provider.revokedGrants.size).toBe(lost.length)
      expect(lost.length).toBeLessThanOrEqual(repeatsIn(provider.requests).length)
    },
    timeoutMs,
  )

  it(
    'lose no connection after SIGTERM, and send no token twice (RF-05, F4)',
    async () => {
      await using provider = await startRotatingProvider({ accessTokenSeconds: LIVES_SECONDS })
      const { lost } = await endAtRandom(provider, 'SIGTERM')
      expect(lost).toEqual([])
      expect(provider.revokedGrants).toEqual(new Set())
      expectNoRepeat(provider.requests)
    },
    timeoutMs,
  )
})
