import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { type OidcServer, startOidcServer } from '../../support/oidc-server.ts'
import {
  openRefreshFixture,
  REQUEST_TIMEOUT_MS,
  type RefreshFixture,
  type RefreshProcess,
  type Setting,
} from './refresh-fixture.ts'

/** Longer than the quiet period of the processes, so that a test can tell whether a renewal happened within it. */
const GRACE_SECONDS = 30
/** After a process was killed, the next caller renews within the timeout of a request plus this time. */
const RECOVERY_MS = 1_500
/** Factor for a machine that is busy with other tests. */
const SLOWER = 5

describe.skipIf(!serverAnswers)('A process that is killed during a renewal (RF-02, F9)', () => {
  let fixture: RefreshFixture
  let next: RefreshProcess
  beforeAll(async () => {
    fixture = await openRefreshFixture()
    next = await fixture.startProcess()
  })
  afterAll(() => fixture.close())

  async function killAt(step: string, oidc: OidcServer, setting: Partial<Setting> = {}): Promise<string> {
    const connectionId = await fixture.addConnection(oidc)
    const dying = await fixture.startProcess({ killAt: step, ...setting })
    dying.ask({ connectionId }).catch(() => undefined)
    await dying.exited
    return connectionId
  }
  const isServed = (answer: { token?: string } | undefined) => expect(answer?.token).toMatch(/^Bearer (?!the first)/)

  it('before it recorded its attempt: the next caller renews', async () => {
    await using oidc = await startOidcServer()
    const connectionId = await killAt('locked', oidc)
    expect((await fixture.credential(connectionId)).attempt_id).toBeNull()
    isServed((await next.ask({ connectionId }))[0])
    expect(oidc.tokenCalls).toBe(1)
  })

  it('before it recorded its attempt: the next caller renews without a wait, whatever the request timeout (F9)', async () => {
    await using oidc = await startOidcServer()
    // A wait for a lease or a quiet period would exceed the timeout of this test.
    const patient = { requestTimeoutMs: 600_000 }
    const connectionId = await killAt('locked', oidc, patient)
    const another = await fixture.startProcess(patient)
    isServed((await another.ask({ connectionId }))[0])
    expect(oidc.tokenCalls).toBe(1)
  })

  it('while the provider delayed its response: the next caller renews soon after the quiet period (F9)', async () => {
    const arrived = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    await using oidc = await startOidcServer({
      onToken: ({ number }) => {
        arrived.resolve()
        return number === 1 ? held.promise : undefined
      },
    })
    const connectionId = await fixture.addConnection(oidc)
    const dying = await fixture.startProcess()
    dying.ask({ connectionId }).catch(() => undefined)
    await arrived.promise
    const asked = next.ask({ connectionId })
    dying.child.kill('SIGKILL')
    isServed((await asked)[0])
    expect(oidc.tokenCalls).toBe(2)
    // From one attempt to the next, by the database's clock.
    const where = { connectionId, type: 'CREDENTIAL_REFRESH_STARTED' as const }
    const started = await fixture.database.prisma.event.findMany({ where, orderBy: { position: 'asc' } })
    const [first = 0, second = 0] = started.map(({ occurredAt }) => occurredAt.getTime())
    expect(started).toHaveLength(2)
    expect(second - first).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS)
    expect(second - first).toBeLessThan((REQUEST_TIMEOUT_MS + RECOVERY_MS) * SLOWER)
    held.resolve()
  })

  it('before its request was sent: the next caller waits for the quiet period and renews', async () => {
    await using oidc = await startOidcServer()
    const connectionId = await killAt('attempt written', oidc)
    expect((await fixture.credential(connectionId)).attempt_id).not.toBeNull()
    expect(oidc.tokenCalls).toBe(0)
    isServed((await next.ask({ connectionId }))[0])
    expect(oidc.tokenCalls).toBe(1)
    expect(oidc.revokedGrants).toEqual([])
    expect((await fixture.credential(connectionId)).attempt_id).toBeNull()
  })

  it('while its request was in flight: the connection recovers if the provider has a grace period', async () => {
    const arrived = Promise.withResolvers<void>()
    await using oidc = await startOidcServer({ graceSeconds: GRACE_SECONDS, onToken: () => arrived.resolve() })
    const connectionId = await fixture.addConnection(oidc)
    const dying = await fixture.startProcess()
    dying.ask({ connectionId }).catch(() => undefined)
    await arrived.promise
    dying.child.kill('SIGKILL')
    await dying.exited
    isServed((await next.ask({ connectionId }))[0])
    expect(oidc.revokedGrants).toEqual([])
  })

  it('after the response and before the commit: the connection recovers if the provider has a grace period', async () => {
    await using oidc = await startOidcServer({ graceSeconds: GRACE_SECONDS })
    const connectionId = await killAt('answered', oidc)
    isServed((await next.ask({ connectionId }))[0])
    expect(oidc.tokenCalls).toBe(2)
    expect(oidc.revokedGrants).toEqual([])
    expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
  })

  it('after the response, with a provider without a grace period: the connection becomes NEEDS_REAUTH with the reason LOST_IN_CRASH_WINDOW', async () => {
    await using oidc = await startOidcServer()
    const connectionId = await killAt('answered', oidc)
    expect((await next.ask({ connectionId }))[0]).toMatchObject({
      code: 'RECONNECT_REQUIRED',
      reason: 'LOST_IN_CRASH_WINDOW',
    })
    expect(await fixture.credential(connectionId)).toMatchObject({
      status: 'NEEDS_REAUTH',
      last_error: { reason: 'LOST_IN_CRASH_WINDOW' },
    })
    // No further request is sent.
    expect((await next.ask({ connectionId }))[0]?.code).toBe('RECONNECT_REQUIRED')
    expect(oidc.tokenCalls).toBe(2)
  })

  it('during the commit: either the old or the new credential is stored, and the next caller handles both', async () => {
    await using oidc = await startOidcServer({ graceSeconds: GRACE_SECONDS })
    const connectionId = await fixture.addConnection(oidc)
    const dying = await fixture.startProcess()
    const answered = dying.step('answered')
    const locked = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const attemptWritten = dying.step('attempt written')
    dying.ask({ connectionId }).catch(() => undefined)
    await attemptWritten
    // The row is locked, so that the commit waits in the middle of its statement.
    const holding = fixture.database.bulkTransaction(async (tx) => {
      await tx.query('SELECT 1 FROM credential WHERE connection_id = $1::uuid FOR UPDATE', [connectionId])
      locked.resolve()
      await release.promise
    })
    await Promise.all([locked.promise, answered])
    dying.child.kill('SIGKILL')
    await dying.exited
    release.resolve()
    await holding
    isServed((await next.ask({ connectionId }))[0])
    expect(oidc.revokedGrants).toEqual([])
    expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
  })

  it('after the commit: the next caller gets the stored token', async () => {
    await using oidc = await startOidcServer()
    const connectionId = await killAt('stored', oidc)
    isServed((await next.ask({ connectionId }))[0])
    expect(oidc.tokenCalls).toBe(1)
    expect(await fixture.credential(connectionId)).toMatchObject({ version: 2, attempt_id: null, status: 'ACTIVE' })
  })
})
