import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { startOidcServer } from '../../support/oidc-server.ts'
import { openRefreshFixture, type RefreshFixture, type RefreshProcess } from './refresh-fixture.ts'

const ROUNDS = 30
const CALLERS = 100
/** Lifetime of the provider's access tokens. */
const ACCESS_TOKEN_MS = 3_600_000

describe.skipIf(!serverAnswers)('Three processes with callers of one expired credential', () => {
  let fixture: RefreshFixture
  let processes: RefreshProcess[]
  beforeAll(async () => {
    fixture = await openRefreshFixture()
    processes = await Promise.all([1, 2, 3].map(() => fixture.startProcess({ requestTimeoutMs: 10_000 })))
  })
  afterAll(() => fixture.close())

  const askAll = async (connectionId: string, options: { force?: boolean; refused?: boolean; callers?: number } = {}) =>
    (await Promise.all(processes.map((each) => each.ask({ connectionId, callers: CALLERS, ...options })))).flat()

  it(`renew it once in each of ${ROUNDS} rounds, and every caller gets the same new token (RF-01)`, async () => {
    await using oidc = await startOidcServer({ onToken: () => pause(100) })
    const connectionId = await fixture.addConnection(oidc)
    for (let round = 1; round <= ROUNDS; round += 1) {
      await fixture.expire(connectionId)
      const answers = await askAll(connectionId)
      expect(new Set(answers.map(({ token, code }) => token ?? code)).size).toBe(1)
      expect(answers[0]?.token).toMatch(/^Bearer /)
      expect(oidc.tokenCalls).toBe(round)
    }
    expect(oidc.revokedGrants).toEqual([])
    expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
    expect(await fixture.credential(connectionId)).toMatchObject({
      version: ROUNDS + 1,
      attempt_id: null,
      status: 'ACTIVE',
    })
  })

  it('wait for a token endpoint that takes five seconds, and call it once (RF-01)', async () => {
    await using oidc = await startOidcServer({ onToken: () => pause(5_000) })
    const connectionId = await fixture.addConnection(oidc)
    const answers = await askAll(connectionId)
    expect(new Set(answers.map(({ token, code }) => token ?? code)).size).toBe(1)
    expect(answers[0]?.token).toMatch(/^Bearer /)
    expect(oidc.tokenCalls).toBe(1)
    expect(oidc.revokedGrants).toEqual([])
  })

  it('share one forced renewal', async () => {
    await using oidc = await startOidcServer({ onToken: () => pause(300) })
    const connectionId = await fixture.addConnection(oidc, { expiresAt: new Date(Date.now() + 3_600_000) })
    const answers = await askAll(connectionId, { force: true })
    expect(answers.every(({ token }) => token?.startsWith('Bearer '))).toBe(true)
    // Callers that start after a renewal has ended begin another one.
    expect(oidc.tokenCalls).toBeLessThanOrEqual(processes.length)
    expect((await fixture.credential(connectionId)).version).toBe(oidc.tokenCalls + 1)
    expect(oidc.revokedGrants).toEqual([])
  })

  it('renew once when the API refuses the token of all callers, and not again immediately (RF-10)', async () => {
    await using oidc = await startOidcServer()
    const connectionId = await fixture.addConnection(oidc, { expiresAt: new Date(Date.now() + 3_600_000) })
    const answers = await askAll(connectionId, { refused: true })
    expect(new Set(answers.map(({ token }) => token))).toEqual(new Set(['version 2']))
    expect(oidc.tokenCalls).toBe(1)
    const again = await askAll(connectionId, { refused: true })
    expect(new Set(again.map(({ token }) => token))).toEqual(new Set(['none']))
    expect(oidc.tokenCalls).toBe(1)
  })

  it.each([5, 10])('use the database’s clock when their own is %i minutes off (RF-09)', async (minutes) => {
    await using oidc = await startOidcServer()
    const ahead = await fixture.startProcess({ clockOffsetMs: minutes * 60_000 })
    const behind = await fixture.startProcess({ clockOffsetMs: -minutes * 60_000 })
    const off = [ahead, behind]
    for (const each of off) {
      const fresh = await fixture.addConnection(oidc, { expiresAt: new Date(Date.now() + 4 * 60_000) })
      expect((await each.ask({ connectionId: fresh }))[0]?.token).toBe('Bearer the first access token')
    }
    expect(oidc.tokenCalls).toBe(0)
    for (const each of off) {
      const calls: number = oidc.tokenCalls
      const over = await fixture.addConnection(oidc, { expiresAt: new Date(Date.now() - 60_000) })
      const [renewed] = await each.ask({ connectionId: over })
      expect(renewed?.token).not.toContain('the first')
      // A credential that one process renewed is fresh for the others and expires when the provider said.
      for (const other of off) expect(await other.ask({ connectionId: over })).toEqual([renewed])
      expect(oidc.tokenCalls).toBe(calls + 1)
      const where = { connectionId: over }
      const { expiresAt } = await fixture.database.prisma.credential.findUniqueOrThrow({ where })
      const leftMs = (expiresAt?.getTime() ?? 0) - Date.now()
      expect(Math.abs(leftMs - ACCESS_TOKEN_MS)).toBeLessThan(60_000)
    }
  })

  it('call a provider that refuses only once for all waiting callers, who all get the reason', async () => {
    await using oidc = await startOidcServer()
    const connectionId = await fixture.addConnection(oidc)
    const provider = await oidc.provider.RefreshToken.find(await fixture.refreshToken(connectionId))
    await provider?.destroy()
    const answers = await askAll(connectionId)
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['RECONNECT_REQUIRED']))
    expect(oidc.tokenCalls).toBe(1)
    expect(await fixture.credential(connectionId)).toMatchObject({
      status: 'NEEDS_REAUTH',
      last_error: { reason: 'INVALID_GRANT' },
    })
    expect(await fixture.events(connectionId)).toEqual([
      'CREDENTIAL_REFRESH_STARTED',
      'CREDENTIAL_REFRESH_FAILED',
      'CONNECTION_NEEDS_REAUTH',
    ])
  })

  it('mark no connection when the provider refuses the OAuth client (RF-12)', async () => {
    await using oidc = await startOidcServer({ clients: [{ ...CLIENT, client_secret: 'another secret altogether' }] })
    const connections = await Promise.all(Array.from({ length: 20 }, () => fixture.addConnection(oidc)))
    for (const connectionId of connections) {
      const [answer] = (await processes[0]?.ask({ connectionId })) ?? []
      expect(answer).toMatchObject({ code: 'CREDENTIAL_REFRESH', reason: 'INVALID_CLIENT' })
      expect((await fixture.credential(connectionId)).status).not.toBe('NEEDS_REAUTH')
    }
  })
})

const CLIENT = {
  client_id: 'test-client',
  redirect_uris: ['https://latchkey.example.com/oauth/callback/1'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_post',
}

/** How slow the provider is. The test itself does not wait for it. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
