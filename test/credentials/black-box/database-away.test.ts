import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { openTestDatabase, serverAnswers } from '../../support/databases.ts'
import { findPostgresBinaries, startOwnPostgres } from '../../support/own-postgres.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import {
  type Deployment,
  expectLive,
  expectServedOrRetryable,
  expired,
  type Gateway,
  LIMIT_MS,
  type Outcome,
  openDeployment,
  scaled,
  storedVersion,
  tally,
} from './deployment.ts'
import { type RotatingProvider, startRotatingProvider } from './rotating-provider.ts'
import { expectNoRepeat } from './token-log.ts'

const AWAY_MS = scaled(90_000, 6_000)
/** When the database is back, an answer is stored within this time. */
const STORED_WITHIN_MS = 15_000
/** Connections to a database that has just gone end within this time. */
const GOING_MS = 1_000
/** How much longer than the time limit the caller waits that was there when the database went away. */
const CALLER_SLACK_MS = 5_000
const binaries = await findPostgresBinaries()

/** A deployment whose database can go away. */
interface Outage extends AsyncDisposable {
  deployment: Deployment
  begin(): Promise<void>
  end(): Promise<void>
}

/** A network between the processes and the database that can be cut. */
async function openWithProxy(): Promise<Outage> {
  const test = await openTestDatabase('server', 'app')
  const url = new URL(test.url ?? '')
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) })
  url.host = `127.0.0.1:${proxy.port}`
  const deployment = await openDeployment({ test, databaseUrl: url.href })
  return {
    deployment,
    begin: proxy.cut,
    end: proxy.heal,
    async [Symbol.asyncDispose]() {
      await deployment[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

/** A server that can be stopped. */
async function openWithServer(): Promise<Outage> {
  const postgres = await startOwnPostgres(binaries ?? '')
  const deployment = await openDeployment({ test: await postgres.openDatabase() })
  return {
    deployment,
    begin: postgres.stopAtOnce,
    end: postgres.start,
    async [Symbol.asyncDispose]() {
      await deployment[Symbol.asyncDispose]()
      await postgres[Symbol.asyncDispose]()
    },
  }
}

async function untilStored({ database }: Deployment, connection: string): Promise<void> {
  await vi.waitFor(async () => expect(await storedVersion(database, connection)).toBe(2), {
    timeout: STORED_WITHIN_MS,
    interval: 50,
  })
}

/** Waits until the provider has sent its only answer. */
async function untilAnswered({ requests }: RotatingProvider): Promise<void> {
  await vi.waitFor(() => expect(requests.map(({ status }) => status)).toEqual([200]), { timeout: 10_000, interval: 20 })
}

/** Begins the renewal of a connection and takes the database away before the provider answers. */
async function renewDuringOutage(outage: Outage, provider: RotatingProvider, gateway: Gateway) {
  const answering = Promise.withResolvers<void>()
  provider.hold = () => answering.promise
  const integration = await outage.deployment.integrate(provider)
  const connection = await integration.connect(expired(provider.issue()))
  const called = gateway.call(connection)
  await vi.waitFor(() => expect(provider.requests).toHaveLength(1), { timeout: 10_000, interval: 10 })
  await outage.begin()
  answering.resolve()
  await untilAnswered(provider)
  return { connection, called }
}

describe.skipIf(!serverAnswers || binaries === null)('a database that goes away while the provider answers', () => {
  it.concurrent.each([
    ['its network is cut', openWithProxy],
    ['its server is stopped', openWithServer],
  ])(
    '(%s) has the answer when it is back, after one request. Callers meanwhile get UNAVAILABLE',
    async (_how, open) => {
      await using provider = await startRotatingProvider()
      await using outage = await open()
      const { deployment } = outage
      const { gateway } = deployment
      const other = await deployment.startGateway()
      const { connection, called } = await renewDuringOutage(outage, provider, gateway)
      const begunAt = performance.now()
      const outcomes: Outcome[] = []
      await pause(GOING_MS)
      while (performance.now() < begunAt + AWAY_MS) {
        outcomes.push(...(await Promise.all([gateway.call(connection), other.call(connection)])))
        await pause(200)
      }
      const [slowest] = outcomes.map(({ tookMs }) => Math.round(tookMs)).toSorted((a, b) => b - a)
      process.stdout.write(`${JSON.stringify({ awayMs: AWAY_MS, ...tally(outcomes), slowest })}\n`)
      expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set(['UNAVAILABLE']))
      await outage.end()
      await untilStored(deployment, connection)
      await vi.waitFor(async () => expect(await other.call(connection)).toMatchObject({ code: 'OK', status: 200 }), {
        timeout: 10_000,
        interval: 100,
      })
      expect(provider.requests).toHaveLength(1)
      await expectLive(gateway, connection)
      expectNoRepeat(provider.requests)
      // The first caller had waited for the renewal.
      const first = await called
      if (first.code !== 'UNAVAILABLE') expectServedOrRetryable(first)
      expect(first.tookMs).toBeLessThan(LIMIT_MS + CALLER_SLACK_MS)
    },
  )

  it('has the answer after SIGTERM and a start with the same data folder, which keeps it encrypted meanwhile', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-renewals-'))
    const ownData = { LATCHKEY_DATA_DIR: dataDir }
    try {
      await using provider = await startRotatingProvider()
      await using outage = await openWithProxy()
      const { deployment } = outage
      const stopping = await deployment.startGateway(ownData)
      const { connection } = await renewDuringOutage(outage, provider, stopping)
      await pause(GOING_MS)
      expect(await stopping.program.stop()).toBe(0)
      const folder = join(dataDir, 'renewals')
      const files = await readdir(folder)
      expect(files).toHaveLength(1)
      const kept = await readFile(join(folder, files[0] ?? ''))
      expect(kept.includes(provider.newestOf(provider.requests[0]?.refreshToken ?? '') ?? '')).toBe(false)
      await outage.end()
      expect(await storedVersion(deployment.database, connection)).toBe(1)
      const started = await deployment.startGateway(ownData)
      await untilStored(deployment, connection)
      await vi.waitFor(async () => expect(await readdir(folder)).toEqual([]), { timeout: 5_000, interval: 50 })
      expect(await started.call(connection)).toMatchObject({ code: 'OK', status: 200 })
      expect(provider.requests).toHaveLength(1)
      await expectLive(deployment.gateway, connection)
      expectNoRepeat(provider.requests)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
