import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { startOidcServer } from '../../support/oidc-server.ts'
import { openRefreshFixture, REQUEST_TIMEOUT_MS, type RefreshFixture } from './refresh-fixture.ts'

/** Longer than the quiet period of the processes. */
const FROZEN_MS = REQUEST_TIMEOUT_MS + 2_000

describe.skipIf(!serverAnswers)('A process that is frozen during a renewal', () => {
  let fixture: RefreshFixture
  beforeAll(async () => {
    fixture = await openRefreshFixture()
  })
  afterAll(() => fixture.close())

  it.each([
    ['before it recorded its attempt', 'locked', 'RF-03'],
    ['just before its request', 'attempt written', 'F8, RF-03'],
    ['after the response and before the commit', 'answered', 'RF-03'],
  ])('%s (at %s) keeps its lock: one request, even beyond the quiet period (%s)', async (_when, stopAt) => {
    await using oidc = await startOidcServer()
    const connectionId = await fixture.addConnection(oidc)
    const frozen = await fixture.startProcess({ stopAt })
    const other = await fixture.startProcess()
    const asked = frozen.ask({ connectionId })
    await stopped(frozen.child.pid ?? 0)
    const calls = oidc.tokenCalls
    const others = other.ask({ connectionId })
    await pause(FROZEN_MS)
    expect(oidc.tokenCalls).toBe(calls)
    frozen.child.kill('SIGCONT')
    const [[own], [another]] = await Promise.all([asked, others])
    expect(own?.token).toMatch(/^Bearer (?!the first)/)
    expect(another).toEqual(own)
    expect(oidc.tokenCalls).toBe(1)
    expect(oidc.revokedGrants).toEqual([])
    expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
  })

  it('after the commit: other processes get the stored token without waiting (RF-03)', async () => {
    await using oidc = await startOidcServer()
    const connectionId = await fixture.addConnection(oidc)
    const frozen = await fixture.startProcess({ stopAt: 'stored' })
    const other = await fixture.startProcess()
    const asked = frozen.ask({ connectionId })
    await stopped(frozen.child.pid ?? 0)
    const [another] = await other.ask({ connectionId })
    frozen.child.kill('SIGCONT')
    expect(another?.token).toMatch(/^Bearer (?!the first)/)
    expect(await asked).toEqual([another])
    expect(oidc.tokenCalls).toBe(1)
  })

  it('during its request, beyond the timeout: the response that arrived meanwhile is stored (RF-03)', async () => {
    const answered = Promise.withResolvers<void>()
    let pid = 0
    await using oidc = await startOidcServer({
      onToken: async () => {
        process.kill(pid, 'SIGSTOP')
        await stopped(pid)
      },
      beforeAnswer: () => answered.resolve(),
    })
    const connectionId = await fixture.addConnection(oidc)
    const frozen = await fixture.startProcess()
    pid = frozen.child.pid ?? 0
    const asked = frozen.ask({ connectionId })
    await answered.promise
    await pause(FROZEN_MS)
    frozen.child.kill('SIGCONT')
    expect((await asked)[0]?.token).toMatch(/^Bearer (?!the first)/)
    expect(oidc.tokenCalls).toBe(1)
    expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
  })
})

/** Waits until the kernel reports that the process is stopped. */
async function stopped(pid: number): Promise<void> {
  while (!/^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8'))) await pause(20)
}

/** How long the process stays frozen. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
