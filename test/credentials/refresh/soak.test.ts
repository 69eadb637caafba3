import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { type OidcServer, type OidcServerOptions, startOidcServer } from '../../support/oidc-server.ts'
import { openRefreshFixture, type RefreshFixture } from './refresh-fixture.ts'
import { type SoakOptions, type SoakReport, soak } from './soak.ts'

/** Duration of each test. A seed that failed can be set to repeat the test. */
const SECONDS = Number(process.env['LATCHKEY_SOAK_SECONDS'] ?? 5)
const SEED = Number(process.env['LATCHKEY_SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

describe.skipIf(!serverAnswers)(`Three processes that are ended and started at random, with seed ${SEED},`, () => {
  let fixture: RefreshFixture
  beforeEach(async () => {
    fixture = await openRefreshFixture()
  })
  afterEach(() => fixture.close())

  const timeoutMs = SECONDS * 1000 + 120_000

  async function run(options: OidcServerOptions, signal: SoakOptions['signal']): Promise<[SoakReport, OidcServer]> {
    const delayMs = 20
    const onToken = () => new Promise<void>((resolve) => setTimeout(resolve, delayMs))
    await using oidc = await startOidcServer({ accessTokenTtl: 4, onToken, ...options })
    const report = await soak(fixture, { oidc, seconds: SECONDS, signal, seed: SEED })
    const { ended, calls, commits, served, exposed, flagged } = report
    const numbers = { ended, calls, commits, served, exposed: exposed.length, flagged: flagged.size }
    process.stdout.write(`${JSON.stringify({ signal, graceSeconds: options.graceSeconds ?? 0, ...numbers })}\n`)
    return [report, oidc]
  }

  it(
    'lose no credential after kill -9 if the provider has a grace period (RF-05, F2)',
    async () => {
      const [report, oidc] = await run({ graceSeconds: SECONDS + 60 }, 'SIGKILL')
      expect(oidc.revokedGrants).toEqual([])
      expect(report.flagged).toEqual(new Map())
      expect(report.silentlyLost).toEqual([])
      expect(report.errors).toEqual([])
      // Only a token that a process was renewing when it was killed was requested twice.
      expect(report.calls - report.commits).toBeGreaterThanOrEqual(0)
      expect(report.calls - report.commits).toBeLessThanOrEqual(report.exposed.length)
      expect(report.commits).toBeGreaterThan(60)
    },
    timeoutMs,
  )

  it(
    'mark with LOST_IN_CRASH_WINDOW what kill -9 has lost if the provider has no grace period, and lose nothing else (RF-05, F3)',
    async () => {
      const [report] = await run({}, 'SIGKILL')
      expect(report.silentlyLost).toEqual([])
      expect([...report.flagged.values()].filter((reason) => reason !== 'LOST_IN_CRASH_WINDOW')).toEqual([])
      expect([...report.flagged.keys()].filter((id) => !report.exposed.includes(id))).toEqual([])
      expect(report.errors).toEqual([])
    },
    timeoutMs,
  )

  it(
    'lose no credential after SIGTERM, and store every response (RF-05, F4)',
    async () => {
      const [report, oidc] = await run({}, 'SIGTERM')
      expect(report.exposed).toEqual([])
      expect(report.flagged).toEqual(new Map())
      expect(report.silentlyLost).toEqual([])
      expect(report.errors).toEqual([])
      expect(oidc.revokedGrants).toEqual([])
      expect(report.commits).toBe(report.calls)
    },
    timeoutMs,
  )
})
