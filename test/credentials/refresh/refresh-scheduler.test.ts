import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoredOAuth2 } from '../../../src/auth/stored-credential.ts'
import { type Broker, createBroker } from '../../../src/credentials/broker.ts'
import { createCircuitBreaker } from '../../../src/credentials/circuit-breaker.ts'
import { createRefreshScheduler, type RefreshScheduler } from '../../../src/credentials/refresh-scheduler.ts'
import type { Database } from '../../../src/db/database.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress, type Egress } from '../../../src/egress/egress.ts'
import { newId } from '../../../src/kit/ids.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { credentialIdentity } from '../../../src/vault/identities.ts'
import { parseKeyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../../support/databases.ts'
import { startProcess } from '../../support/program.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'

const CONNECTIONS = Number(process.env['LATCHKEY_HERD_CONNECTIONS'] ?? 1_000)
const EXPIRES_IN_MS = 5 * 60_000
const INTEGRATIONS = 10
const CONCURRENCY = 20
const PER_INTEGRATION = 5
/** From the end of a claim until the renewal: the interval of the searches, on a machine that is busy with other tests. */
const RECOVERY_MS = 5_000

/** The requests at the token server, by path. `/token/3` belongs to the third integration. */
interface Load {
  inFlight: number
  most: number
  calls: number
}

describe.skipIf(!serverAnswers)('createRefreshScheduler', () => {
  let test: TestDatabase
  let provider: ProviderServer
  let egress: Egress
  const keys = `test:${randomBytes(32).toString('base64')}`
  const vault = createVault(parseKeyring(keys))
  const workspaceId = newId()
  const loads = new Map<string, Load>()
  const all: Load = { inFlight: 0, most: 0, calls: 0 }
  const released = Promise.withResolvers<void>()

  beforeAll(async () => {
    test = await openTestDatabase('server')
    await test.database.prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: 's', redirectUrls: [] } })
    egress = createEgress({ allow: ['127.0.0.1'] })
    provider = await startProvider(async ({ url, body }, response) => {
      const load = loads.get(url.pathname) ?? { inFlight: 0, most: 0, calls: 0 }
      loads.set(url.pathname, load)
      for (const each of [load, all]) {
        each.calls += 1
        each.inFlight += 1
        each.most = Math.max(each.most, each.inFlight)
      }
      let counted = true
      const leave = () => {
        if (counted) for (const each of [load, all]) each.inFlight -= 1
        counted = false
      }
      // A request that the client has aborted is no longer in flight.
      response.once('close', leave)
      if (url.pathname === '/token/no-such-client') {
        leave()
        return sendJson(response, { error: 'invalid_client' }, {}, 401)
      }
      if (url.pathname === '/token/hangs') await released.promise
      else await new Promise((resolve) => setTimeout(resolve, 10))
      leave()
      const refreshToken = new URLSearchParams(body).get('refresh_token')
      sendJson(response, {
        access_token: newId(),
        token_type: 'Bearer',
        expires_in: 3600,
        refresh_token: `${refreshToken}+`,
      })
    })
  })
  afterAll(async () => {
    released.resolve()
    await provider.close()
    await egress.close()
    await test.close()
  })

  /** Adds connections that expire in the same minute and are due for renewal. */
  async function addConnections(count: number, path: string, due = true): Promise<string[]> {
    const expiresAt = new Date(Date.now() + EXPIRES_IN_MS)
    const { prisma } = test.database
    const integrationId = newId()
    const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: `${provider.origin}${path}`, rotation: 'strict' }
    await prisma.integration.create({
      data: {
        id: integrationId,
        workspaceId,
        slug: integrationId,
        displayName: 'n',
        definition: { displayName: 'n', baseUrl: provider.origin, auth },
      },
    })
    const ids = Array.from({ length: count }, () => newId())
    await prisma.connection.createMany({
      data: ids.map((id) => ({
        id,
        workspaceId,
        integrationId,
        displayName: 'n',
        status: 'ACTIVE',
        method: 'TOKEN_INJECTION',
      })),
    })
    await prisma.credential.createMany({
      data: ids.map((connectionId) => {
        const stored: StoredOAuth2 = {
          type: 'oauth2',
          fields: { client_id: 'c', client_secret: 'a client secret' },
          accessToken: 'old',
          refreshToken: connectionId,
          expiresAt: expiresAt.toISOString(),
          scopes: [],
        }
        return {
          connectionId,
          workspaceId,
          type: 'oauth2',
          keyId: vault.currentKeyId,
          sealed: vault.seal({ ...stored }, credentialIdentity(workspaceId, connectionId, 1)),
          expiresAt,
          refreshable: true,
          nextRefreshAt: due ? new Date(Date.now() - 1_000) : null,
          scopes: [],
        }
      }),
    })
    return ids
  }

  function startScheduler(
    database: Database,
    { log = [], requestTimeoutMs = 10_000 }: { log?: string[]; requestTimeoutMs?: number } = {},
  ): { scheduler: RefreshScheduler; broker: Broker } {
    const logger = createLogger({ level: 'error', destination: { write: (line: string) => void log.push(line) } })
    const breaker = createCircuitBreaker()
    const broker = createBroker({
      database,
      bus: createLocalWakeBus(),
      vault,
      egress,
      logger,
      breaker,
      requestTimeoutMs,
    })
    const limits = { concurrency: CONCURRENCY, perIntegration: PER_INTEGRATION }
    const scheduler = createRefreshScheduler({
      database,
      broker,
      logger,
      breaker,
      quietMs: requestTimeoutMs + 1_000,
      ...limits,
    })
    scheduler.start()
    return { scheduler, broker }
  }

  const renewed = async () => {
    const rows = await test.database.sql.query<{ version: number; count: number }>(
      'SELECT version, count(*)::int AS count FROM credential GROUP BY version ORDER BY version',
    )
    return Object.fromEntries(rows.map(({ version, count }) => [version, count]))
  }

  it(`renews ${CONNECTIONS} credentials that expire in the same minute before they expire, once each, in two processes, within the limits and beside a provider that hangs (RF-11)`, async () => {
    const endOfFirst = Date.now() + EXPIRES_IN_MS
    for (let index = 0; index < INTEGRATIONS; index += 1)
      await addConnections(CONNECTIONS / INTEGRATIONS, `/token/${index}`)
    const stuck = await addConnections(20, '/token/hangs')
    const [fresh = ''] = await addConnections(1, '/token/fresh', false)
    const processes = [startScheduler(test.database), startScheduler(await test.openAnother())]
    const during: number[] = []
    while ((await renewed())[2] !== CONNECTIONS) {
      during.push(await timeOf(() => processes[0]?.broker.open(fresh)))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const tookMs = Date.now() - (endOfFirst - EXPIRES_IN_MS)
    // The renewals that hang have not delayed others and are still running.
    expect(loads.get('/token/hangs')?.inFlight).toBeGreaterThan(0)
    expect(await renewed()).toEqual({ 1: stuck.length + 1, 2: CONNECTIONS })
    for (let index = 0; index < INTEGRATIONS; index += 1) {
      expect(loads.get(`/token/${index}`)?.calls).toBe(CONNECTIONS / INTEGRATIONS)
    }
    expect(loads.has('/token/fresh')).toBe(false)
    // There are two processes, each with its own limits.
    // A response that may be late is read beyond the time limit of its renewal, which frees its place.
    const hanging = loads.get('/token/hangs')?.most ?? 0
    loads.delete('/token/hangs')
    for (const { most } of loads.values()) expect(most).toBeLessThanOrEqual(2 * PER_INTEGRATION)
    expect(all.most - hanging).toBeLessThanOrEqual(2 * CONCURRENCY)
    const late = await test.database.sql.query(
      'SELECT 1 AS one FROM credential WHERE version = 2 AND last_refreshed_at > $1::timestamptz',
      [new Date(endOfFirst)],
    )
    expect(late).toEqual([])
    const after: number[] = []
    for (let index = 0; index < during.length; index += 1) {
      after.push(await timeOf(() => processes[0]?.broker.open(fresh)))
    }
    process.stdout.write(
      `${JSON.stringify({ connections: CONNECTIONS, tookMs, freshTokenMs: { during: spread(during), after: spread(after) } })}\n`,
    )
    released.resolve()
    await Promise.all(processes.map(({ scheduler }) => scheduler.stop()))
    // The renewals that hang may have failed by now.
    const failed = await test.database.sql.query(
      'SELECT 1 AS one FROM credential WHERE failed_refreshes > 0 AND NOT connection_id = ANY($1::uuid[])',
      [stuck],
    )
    expect(failed).toEqual([])
  }, 480_000)

  it('marks none of 300 connections whose OAuth client is refused, and logs it once (RF-12)', async () => {
    const ids = await addConnections(300, '/token/no-such-client')
    const log: string[] = []
    const { scheduler } = startScheduler(test.database, { log })
    const tried = async () => {
      const [row] = await test.database.sql.query<{ tried: number; flagged: number }>(
        `SELECT count(*) FILTER (WHERE s.last_error ->> 'reason' = 'INVALID_CLIENT')::int AS tried,
                count(*) FILTER (WHERE c.status <> 'ACTIVE')::int AS flagged
         FROM credential s JOIN connection c ON c.id = s.connection_id WHERE c.id = ANY($1::uuid[])`,
        [ids],
      )
      return row
    }
    while ((await tried())?.tried !== ids.length) await new Promise((resolve) => setTimeout(resolve, 100))
    await scheduler.stop()
    expect((await tried())?.flagged).toBe(0)
    expect(loads.get('/token/no-such-client')?.most).toBeLessThanOrEqual(PER_INTEGRATION)
    expect(log).toEqual([expect.stringContaining("does not accept the integration's OAuth client")])
  }, 240_000)

  const renewedOf = async (ids: readonly string[]) => {
    const [row] = await test.database.sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM credential WHERE version > 1 AND connection_id = ANY($1::uuid[])',
      [ids],
    )
    return row?.count ?? 0
  }

  const unschedule = (ids: readonly string[]) =>
    test.database.sql.query('UPDATE credential SET next_refresh_at = NULL WHERE connection_id = ANY($1::uuid[])', [ids])

  it('renews few credentials of one integration beside many of another one that expire earlier', async () => {
    const many = await addConnections(600, '/token/many')
    const few = await addConnections(10, '/token/few')
    await test.database.sql.query(
      `UPDATE credential SET expires_at = expires_at + interval '1 hour' WHERE connection_id = ANY($1::uuid[])`,
      [few],
    )
    const { scheduler } = startScheduler(test.database)
    await expect.poll(() => renewedOf(few), { timeout: 60_000 }).toBe(few.length)
    const renewedOfMany = await renewedOf(many)
    await scheduler.stop()
    expect(renewedOfMany).toBeGreaterThan(0)
    expect(renewedOfMany).toBeLessThan(many.length / 2)
    await unschedule(many)
  }, 120_000)

  it('begins ahead of time when more will be due than can be renewed in time, but not before half of the lifetime', async () => {
    const dueInSeconds = 30
    const [old, young, failing] = [
      await addConnections(400, '/token/old', false),
      await addConnections(400, '/token/young', false),
      await addConnections(10, '/token/failing', false),
    ]
    await test.database.sql.query(
      `UPDATE credential SET next_refresh_at = now() + $2::int * interval '1 second', expires_at = now() + interval '4 minutes',
         last_refreshed_at = now() - CASE WHEN connection_id = ANY($3::uuid[]) THEN interval '1 minute' ELSE interval '5 minutes' END,
         failed_refreshes = CASE WHEN connection_id = ANY($4::uuid[]) THEN 1 ELSE 0 END
       WHERE connection_id = ANY($1::uuid[])`,
      [[...old, ...young, ...failing], dueInSeconds, young, failing],
    )
    const begun = performance.now()
    const { scheduler } = startScheduler(test.database)
    await expect.poll(() => renewedOf(old), { timeout: dueInSeconds * 1_000 }).toBeGreaterThan(50)
    await scheduler.stop()
    expect(performance.now() - begun).toBeLessThan(dueInSeconds * 1_000)
    expect(await renewedOf(young)).toBe(0)
    expect(await renewedOf(failing)).toBe(0)
    await test.database.sql.query(
      'UPDATE credential SET next_refresh_at = NULL WHERE connection_id = ANY($1::uuid[])',
      [[...old, ...young, ...failing]],
    )
  }, 120_000)

  it('takes over what a killed worker has claimed right after the quiet period (RF-02)', async () => {
    const requestTimeoutMs = 1_500
    const ids = await addConnections(5, '/token/taken-over')
    const dying = await startProcess({
      args: ['test/credentials/refresh/scheduler-process.ts', test.url ?? '', keys, String(requestTimeoutMs)],
      ready: /ready/,
    })
    expect(await dying.ended()).toBeNull()
    expect(loads.has('/token/taken-over')).toBe(false)
    const read = () =>
      test.database.sql.query<{ claimed_until: Date | null; last_refreshed_at: Date | null }>(
        'SELECT claimed_until, last_refreshed_at FROM credential WHERE connection_id = ANY($1::uuid[])',
        [ids],
      )
    const claimedUntil = Math.max(...(await read()).flatMap((row) => row.claimed_until?.getTime() ?? []))
    const { scheduler } = startScheduler(test.database, { requestTimeoutMs })
    await expect
      .poll(async () => (await read()).every((row) => row.last_refreshed_at !== null), { timeout: 30_000 })
      .toBe(true)
    await scheduler.stop()
    for (const { last_refreshed_at: at } of await read()) expect(at?.getTime()).toBeLessThan(claimedUntil + RECOVERY_MS)
    expect(loads.get('/token/taken-over')?.calls).toBe(ids.length)
  }, 60_000)
})

async function timeOf(work: () => Promise<unknown> | undefined): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

function spread(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) => Number((sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(1))
  return { p50: at(0.5), p99: at(0.99) }
}
