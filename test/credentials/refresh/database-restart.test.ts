import { describe, expect, it } from 'vitest'
import { startOidcServer } from '../../support/oidc-server.ts'
import { findPostgresBinaries, startOwnPostgres } from '../../support/own-postgres.ts'
import { openRefreshFixture } from './refresh-fixture.ts'

/** How long the database is stopped. */
const AWAY_MS = 4_000
const binaries = await findPostgresBinaries()

describe.skipIf(binaries === null)('A database that is stopped during a renewal', () => {
  it('stores the token once it is back, after one request and without another one meanwhile (F5, RF-04)', async () => {
    await using postgres = await startOwnPostgres(binaries ?? '')
    const stopped = Promise.withResolvers<void>()
    // The provider has processed the request and has not yet sent its response.
    await using oidc = await startOidcServer({ beforeAnswer: () => postgres.stopAtOnce().then(stopped.resolve) })
    const fixture = await openRefreshFixture(await postgres.openDatabase())
    try {
      const connectionId = await fixture.addConnection(oidc)
      // Longer than a server takes to stop on a busy machine.
      const patient = { requestTimeoutMs: 10_000 }
      const [worker, other] = await Promise.all([fixture.startProcess(patient), fixture.startProcess(patient)])
      const answered = worker.step('answered')
      const asked = worker.ask({ connectionId, callers: 20 })
      await Promise.all([stopped.promise, answered])
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS))
      await postgres.start()
      const others = other.ask({ connectionId, callers: 20 })
      const answers = [...(await asked), ...(await others)]
      expect(new Set(answers.map(({ token, code }) => token ?? code)).size).toBe(1)
      expect(answers[0]?.token).toMatch(/^Bearer (?!the first)/)
      expect(await fixture.credential(connectionId)).toMatchObject({ version: 2, attempt_id: null, status: 'ACTIVE' })
      expect(oidc.tokenCalls).toBe(1)
      expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
      expect(await fixture.events(connectionId)).toEqual(['CREDENTIAL_REFRESH_STARTED', 'CREDENTIAL_REFRESHED'])
    } finally {
      await fixture.close()
    }
  })
})
