import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { startOidcServer } from '../../support/oidc-server.ts'
import { openRefreshFixture, REQUEST_TIMEOUT_MS, type RefreshFixture } from './refresh-fixture.ts'

describe.skipIf(!serverAnswers)('A renewal', () => {
  let fixture: RefreshFixture
  beforeAll(async () => {
    fixture = await openRefreshFixture()
  })
  afterAll(() => fixture.close())

  const isServed = (answer: { token?: string } | undefined) => expect(answer?.token).toMatch(/^Bearer (?!the first)/)

  it('sends no second request when its lock is lost during the request, five times (F7, RF-04)', async () => {
    const arrived: (() => void)[] = []
    await using oidc = await startOidcServer({
      onToken: async () => {
        arrived.shift()?.()
        await pause(700)
      },
    })
    const connectionId = await fixture.addConnection(oidc)
    const [first, second] = await Promise.all([fixture.startProcess(), fixture.startProcess()])
    for (let round = 1; round <= 5; round += 1) {
      await fixture.expire(connectionId)
      const sent = new Promise<void>((resolve) => arrived.push(resolve))
      const asked = first.ask({ connectionId })
      await sent
      await fixture.database.sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'latchkey-locks' AND datname = current_database()`,
      )
      const [own, others] = await Promise.all([asked, second.ask({ connectionId })])
      isServed(own[0])
      expect(others[0]).toEqual(own[0])
      expect(oidc.tokenCalls).toBe(round)
    }
    expect(oidc.revokedGrants).toEqual([])
  })

  it('stores the token once the database can be reached again, after one request (F5)', async () => {
    await using oidc = await startOidcServer()
    await using network = await startCuttable(fixture.test.url ?? '')
    const connectionId = await fixture.addConnection(oidc)
    const worker = await fixture.startProcess({ url: network.url })
    const answered = worker.step('answered')
    const asked = worker.ask({ connectionId })
    await worker.step('attempt written')
    network.cut()
    await answered
    // The caller does not wait for the database, but the response is kept.
    expect((await asked)[0]).toMatchObject({ code: 'UNAVAILABLE' })
    expect((await fixture.credential(connectionId)).version).toBe(1)
    network.mend()
    await stored(fixture, connectionId)
    expect(await fixture.credential(connectionId)).toMatchObject({ version: 2, attempt_id: null })
    expect(oidc.tokenCalls).toBe(1)
    expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
  })

  it('recovers within the provider’s grace period when the response is lost (RF-06)', async () => {
    await using oidc = await startOidcServer({
      graceSeconds: 30,
      beforeAnswer: ({ number }) => (number === 1 ? 'drop' : undefined),
    })
    const connectionId = await fixture.addConnection(oidc)
    const worker = await fixture.startProcess()
    expect((await worker.ask({ connectionId }))[0]).toMatchObject({
      code: 'CREDENTIAL_REFRESH',
      reason: 'PROVIDER_UNAVAILABLE',
    })
    await quietPeriod(fixture, connectionId)
    isServed((await worker.ask({ connectionId }))[0])
    expect(oidc.revokedGrants).toEqual([])
  })

  it('makes the connection NEEDS_REAUTH when the response is lost and the provider has no grace period (RF-06)', async () => {
    await using oidc = await startOidcServer({ beforeAnswer: ({ number }) => (number === 1 ? 'drop' : undefined) })
    const connectionId = await fixture.addConnection(oidc)
    const worker = await fixture.startProcess()
    await worker.ask({ connectionId })
    await quietPeriod(fixture, connectionId)
    expect((await worker.ask({ connectionId }))[0]).toMatchObject({ reason: 'LOST_IN_CRASH_WINDOW' })
  })

  it('stores a response that comes after the timeout, and sends no other request until then', async () => {
    const released = Promise.withResolvers<void>()
    await using oidc = await startOidcServer({ onToken: () => released.promise })
    const connectionId = await fixture.addConnection(oidc)
    const [worker, other] = await Promise.all([fixture.startProcess(), fixture.startProcess()])
    const answers = await worker.ask({ connectionId, callers: 50 })
    expect(new Set(answers.map(({ reason }) => reason))).toEqual(new Set(['PROVIDER_UNAVAILABLE']))
    const until = performance.now() + 3 * REQUEST_TIMEOUT_MS
    for (let rounds = 0; rounds < 10 || performance.now() < until; rounds += 1) {
      // Each is answered at once. Waiting for the response would exceed the timeout of this test.
      for (const each of [worker, other]) {
        expect((await each.ask({ connectionId }))[0]).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE' })
      }
      await pause(50)
    }
    expect(oidc.tokenCalls).toBe(1)
    released.resolve()
    await stored(fixture, connectionId)
    isServed((await other.ask({ connectionId }))[0])
    expect(oidc.tokenCalls).toBe(1)
    expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
  })

  it('gives up on a response that never comes, and asks again after the quiet period', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await using oidc = await startOidcServer({ onToken: ({ number }) => (number === 1 ? held : undefined) })
    const connectionId = await fixture.addConnection(oidc)
    const worker = await fixture.startProcess({ lateResponseMs: 2 * REQUEST_TIMEOUT_MS })
    const answers = await worker.ask({ connectionId, callers: 50 })
    expect(new Set(answers.map(({ reason }) => reason))).toEqual(new Set(['PROVIDER_UNAVAILABLE']))
    expect(oidc.tokenCalls).toBe(1)
    // Later callers fail at once without a request.
    expect((await worker.ask({ connectionId }))[0]).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE' })
    expect(oidc.tokenCalls).toBe(1)
    await quietPeriod(fixture, connectionId)
    isServed((await worker.ask({ connectionId }))[0])
    expect(oidc.tokenCalls).toBe(2)
    release()
  })

  it('uses no connection of the pool while the provider is slow (F6, RF-04)', async () => {
    const arrived = { count: 0, all: Promise.withResolvers<void>() }
    const release = Promise.withResolvers<void>()
    await using oidc = await startOidcServer({
      onToken: () => {
        arrived.count += 1
        if (arrived.count === 40) arrived.all.resolve()
        return release.promise
      },
    })
    const connections = await Promise.all(Array.from({ length: 40 }, () => fixture.addConnection(oidc)))
    const fresh = await fixture.addConnection(oidc, { expiresAt: new Date(Date.now() + 3_600_000) })
    const worker = await fixture.startProcess({ requestTimeoutMs: 10_000 })
    const before = await worker.selects(SELECTS)
    const asked = connections.map((connectionId) => worker.ask({ connectionId }))
    await arrived.all.promise
    // Forty requests are in flight and the pool has ten connections: other statements are as fast as before.
    expect((await worker.ask({ connectionId: fresh }))[0]?.token).toBe('Bearer the first access token')
    const during = await worker.selects(SELECTS)
    expect(middleOf(during) / middleOf(before)).toBeLessThan(10)
    release.resolve()
    for (const answers of await Promise.all(asked)) isServed(answers[0])
    expect(oidc.tokenCalls).toBe(40)
  })

  it('is finished before the process exits after SIGTERM (F4)', async () => {
    const arrived = Promise.withResolvers<void>()
    await using oidc = await startOidcServer({
      onToken: async () => {
        arrived.resolve()
        await pause(500)
      },
    })
    const connectionId = await fixture.addConnection(oidc)
    const worker = await fixture.startProcess()
    worker.ask({ connectionId }).catch(() => undefined)
    await arrived.promise
    worker.child.send('drain')
    await worker.exited
    expect(await fixture.credential(connectionId)).toMatchObject({ version: 2, attempt_id: null })
  })
})

const SELECTS = 300

function middleOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
}

async function stored(fixture: RefreshFixture, connectionId: string): Promise<void> {
  while ((await fixture.credential(connectionId)).version === 1) await pause(50)
}

/** Waits until the next attempt is due. */
async function quietPeriod(fixture: RefreshFixture, connectionId: string): Promise<void> {
  for (;;) {
    const rows = await fixture.database.sql.query(
      `SELECT 1 FROM credential WHERE connection_id = $1::uuid AND retry_at <= clock_timestamp()
         AND attempt_at < clock_timestamp() - ${REQUEST_TIMEOUT_MS + 1_000} * interval '1 millisecond'`,
      [connectionId],
    )
    if (rows.length > 0) return
    await pause(50)
  }
}

interface Cuttable extends AsyncDisposable {
  url: string
  cut(): void
  mend(): void
}

/** A TCP proxy to the database that can be cut: connections break and new ones are refused. */
async function startCuttable(url: string): Promise<Cuttable> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let open = true
  const server: Server = createServer((socket) => {
    if (!open) return void socket.destroy()
    const upstream = connect(Number(target.port || 5432), target.hostname)
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const through = new URL(url)
  through.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  const cut = () => {
    open = false
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: through.href,
    cut,
    mend: () => {
      open = true
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
    },
  }
}

/** How slow the provider is, or how long the test checks that nothing happens. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
