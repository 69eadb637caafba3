import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOOPBACK_CERTIFICATE } from '../../egress/loopback-certificate.ts'
import { localId } from '../../program/cluster.ts'
import { serverAnswers } from '../../support/databases.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import {
  type Deployment,
  expectLive,
  expectServedOrRetryable,
  expired,
  type Gateway,
  type Outcome,
  openDeployment,
  QUIET_MS,
  SLACK_MS,
  scaled,
} from './deployment.ts'
import { type RotatingProvider, startRotatingProvider } from './rotating-provider.ts'
import { expectNoRepeat } from './token-log.ts'

const FROZEN_MS = scaled(40_000, 14_000)
/** PostgreSQL ends the session of a frozen process, and with it its lock, within this time. */
const LOCK_LOST_WITHIN_MS = 10_000
const SERVED_WITHIN_MS = Math.max(LOCK_LOST_WITHIN_MS, QUIET_MS) + SLACK_MS

describe.skipIf(!serverAnswers)('a process that is frozen before it sends its request', () => {
  let folder: string
  let deployment: Deployment
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-certificate-'))
    const certificatePath = join(folder, 'certificate.pem')
    await writeFile(certificatePath, LOOPBACK_CERTIFICATE)
    deployment = await openDeployment({ env: { NODE_EXTRA_CA_CERTS: certificatePath } })
  })
  afterAll(async () => {
    await deployment[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  /**
   * The process is frozen. Expects that callers elsewhere are served when its lock is lost and the quiet period is over, and that
   * it does not send the spent token when it continues.
   */
  async function expectTakenOver(
    { frozen, called, connection }: { frozen: Gateway; called: Promise<Outcome>; connection: string },
    provider: RotatingProvider,
  ): Promise<void> {
    const { gateway } = deployment
    const frozenAt = performance.now()
    let served: Outcome
    do {
      served = await gateway.call(connection)
      expectServedOrRetryable(served)
      await pause(50)
    } while (served.code !== 'OK' && performance.now() < frozenAt + FROZEN_MS)
    const servedAfterMs = Math.round(served.endedAt - frozenAt)
    process.stdout.write(`${JSON.stringify({ servedAfterMs, code: served.code })}\n`)
    expect(served).toMatchObject({ code: 'OK', status: 200 })
    expect(servedAfterMs).toBeLessThan(SERVED_WITHIN_MS)
    await pause(Math.max(0, frozenAt + FROZEN_MS - performance.now()))
    process.kill(frozen.program.pid, 'SIGCONT')
    // The operation of the frozen process may have taken too long.
    const own = await called
    if (own.code !== 'UNAVAILABLE') expectServedOrRetryable(own)
    expect(await frozen.call(connection)).toMatchObject({ code: 'OK', status: 200 })
    expect(provider.requests).toHaveLength(1)
    for (const each of [gateway, frozen]) await expectLive(each, connection)
    expectNoRepeat(provider.requests)
    expect(provider.revokedGrants).toEqual(new Set())
  }

  it.concurrent('between the record of its attempt and its request: it does not send it later', async () => {
    const url = new URL(deployment.test.url ?? '')
    await using proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) })
    url.host = `127.0.0.1:${proxy.port}`
    await using provider = await startRotatingProvider()
    const frozen = await deployment.startGateway({ DATABASE_URL: url.href })
    const integration = await deployment.integrate(provider)
    const connection = await integration.connect(expired(provider.issue()))
    const isFrozen = Promise.withResolvers<void>()
    // Before the process learns that its attempt is recorded.
    proxy.beforeForward = async (direction) => {
      if (direction === 'to server') return
      const [row] = await deployment.database.sql.query<{ begun: boolean }>(
        'SELECT attempt_id IS NOT NULL AS begun FROM credential WHERE connection_id = $1::uuid',
        [localId(connection)],
      )
      if (row?.begun !== true) return
      proxy.beforeForward = undefined
      process.kill(frozen.program.pid, 'SIGSTOP')
      isFrozen.resolve()
    }
    const called = frozen.call(connection)
    await isFrozen.promise
    expect(provider.requests).toHaveLength(0)
    await expectTakenOver({ frozen, called, connection }, provider)
  })

  it.concurrent('while it connects to the provider: it does not send it later', async () => {
    await using provider = await startRotatingProvider({ tls: true })
    await using proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(provider.origin).port) })
    const frozen = await deployment.startGateway()
    const integration = await deployment.integrate(provider, { tokenUrl: `https://127.0.0.1:${proxy.port}/token` })
    const connection = await integration.connect(expired(provider.issue()))
    const greeted = Promise.withResolvers<void>()
    const accepted = Promise.withResolvers<void>()
    proxy.beforeForward = () => {
      greeted.resolve()
      return accepted.promise
    }
    const called = frozen.call(connection)
    await greeted.promise
    process.kill(frozen.program.pid, 'SIGSTOP')
    proxy.beforeForward = undefined
    // The provider completes the connection while the process is frozen.
    accepted.resolve()
    expect(provider.requests).toHaveLength(0)
    await expectTakenOver({ frozen, called, connection }, provider)
  })
})
