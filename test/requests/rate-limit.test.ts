import { fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { runInScope } from '../../src/db/scope.ts'
import { RateLimitedError } from '../../src/kit/errors.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger } from '../../src/kit/log.ts'
import { systemClock } from '../../src/kit/time.ts'
import { createSharedRateLimiter } from '../../src/requests/rate-limit.ts'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { sendJson, startProvider } from '../support/provider-server.ts'
import type { PaceOrder } from './rate-limit-process.ts'

const { signal } = new AbortController()
const PROCESS = new URL('./rate-limit-process.ts', import.meta.url)

/** A clock that records waits and does not wait. */
function recordingClock() {
  const waitsMs: number[] = []
  const sleep = async (ms: number) => void waitsMs.push(ms)
  return { waitsMs, clock: { ...systemClock, sleep } }
}

describe.skipIf(!serverAnswers)('the rate of an integration', () => {
  let base: TestDatabase
  const log: string[] = []
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void log.push(line) } })
  beforeAll(async () => {
    base = await openTestDatabase('server')
  })
  afterAll(() => base.close())

  async function addIntegration(): Promise<{ workspaceId: string; integrationId: string }> {
    const [workspaceId, integrationId] = [newId(), newId()]
    const { sql } = base.database
    await sql.query(`INSERT INTO workspace (id, name, slug) VALUES ($1::uuid, 'w', $2)`, [workspaceId, workspaceId])
    await sql.query(
      `INSERT INTO integration (id, workspace_id, slug, display_name, definition) VALUES ($1::uuid, $2::uuid, 'i', 'i', '{}')`,
      [integrationId, workspaceId],
    )
    return { workspaceId, integrationId }
  }

  /** The rate limiter of one of several processes, with its own clock. */
  function limiterOf(database: Database = base.database) {
    const { clock, waitsMs } = recordingClock()
    return { rateLimiter: createSharedRateLimiter({ database, clock, logger }), waitsMs }
  }

  it('is kept by three processes together, which use all of it', async () => {
    const { integrationId } = await addIntegration()
    const arrivals: number[] = []
    const server = await startProvider((_request, response) => {
      arrivals.push(performance.now())
      sendJson(response, {})
    })
    const rate = 60
    const each = 80
    const order: PaceOrder = {
      databaseUrl: base.url ?? '',
      serverUrl: server.origin,
      integrationId,
      requestsPerSecond: rate,
      requests: each,
      atOnce: 10,
    }
    const processes = [1, 2, 3].map(() => fork(PROCESS, [JSON.stringify(order)], { stdio: 'inherit' }))
    await Promise.all(processes.map((child) => once(child, 'message')))
    const ended = processes.map((child) => once(child, 'exit'))
    const start = performance.now()
    for (const child of processes) child.send('go')
    expect((await Promise.all(ended)).map(([code]) => code)).toEqual([0, 0, 0])
    await server.close()
    expect(arrivals).toHaveLength(3 * each)
    // One batch of slots, and one additional request from each process.
    const burst = Math.floor(rate / 10) + 3
    const tooSoon = arrivals.filter((at, index) => index >= burst + (rate * (at - start)) / 1000)
    expect(tooSoon).toEqual([])
    // Slots that a busy machine misses are lost.
    const seconds = ((arrivals.at(-1) ?? 0) - start) / 1000
    expect((3 * each) / seconds).toBeGreaterThan(rate * 0.5)
  })

  it('is reserved in batches, so that not every request needs a statement', async () => {
    const { integrationId } = await addIntegration()
    let queries = 0
    const counting: Database = {
      ...base.database,
      sql: {
        query: (text, values) => {
          queries += 1
          return base.database.sql.query(text, values)
        },
      },
    }
    const { rateLimiter, waitsMs } = limiterOf(counting)
    await Promise.all(Array.from({ length: 500 }, () => rateLimiter.wait(integrationId, 1_000, signal)))
    expect(queries).toBeLessThanOrEqual(6)
    // The last slot is half a second away.
    expect(Math.max(...waitsMs)).toBeGreaterThan(350)
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(500)
  })

  it('applies to requests of a tenant, who cannot see its rows', async () => {
    const { workspaceId, integrationId } = await addIntegration()
    const scope = { workspaceId, endUserId: newId() }
    const [one, other] = [limiterOf(), limiterOf()]
    await one.rateLimiter.wait(integrationId, 0.1, signal)
    await runInScope(scope, () => other.rateLimiter.wait(integrationId, 0.1, signal))
    expect(other.waitsMs).toEqual([expect.closeTo(10_000, -3)])
    expect(await runInScope(scope, () => base.database.sql.query('SELECT * FROM integration_pace'))).toEqual([])
  })

  it('takes no slot for a request that would wait too long, and reports when to try again', async () => {
    const { integrationId } = await addIntegration()
    const [one, other] = [limiterOf(), limiterOf()]
    await one.rateLimiter.wait(integrationId, 0.05, signal)
    const refused = await other.rateLimiter.wait(integrationId, 0.05, signal, 5_000).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RateLimitedError)
    expect(refused).toMatchObject({
      retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 5 && seconds <= 20),
    })
    await other.rateLimiter.wait(integrationId, 0.05, signal)
    expect(other.waitsMs).toEqual([expect.toSatisfy((ms: number) => ms <= 20_000)])
  })

  it('pauses all processes when a provider asks one of them to wait, for a minute at most', async () => {
    const { integrationId } = await addIntegration()
    const [one, other] = [limiterOf(), limiterOf()]
    await one.rateLimiter.wait(integrationId, 100, signal)
    await one.rateLimiter.pause(integrationId, 100, 20_000)
    await other.rateLimiter.wait(integrationId, 100, signal)
    expect(other.waitsMs.at(-1)).toEqual(expect.closeTo(20_000, -3.5))
    await one.rateLimiter.wait(integrationId, 100, signal)
    expect(one.waitsMs.at(-1)).toBeGreaterThan(15_000)
    await one.rateLimiter.pause(integrationId, 100, 3_600_000)
    await other.rateLimiter.wait(integrationId, 100, signal)
    await other.rateLimiter.wait(integrationId, 0.001, signal)
    expect(Math.max(...other.waitsMs)).toBeLessThanOrEqual(61_000)
  })

  it('is unlimited if the definition has none', async () => {
    const { integrationId } = await addIntegration()
    const one = limiterOf()
    await one.rateLimiter.pause(integrationId, undefined, 20_000)
    await one.rateLimiter.wait(integrationId, undefined, signal)
    expect(one.waitsMs).toEqual([])
  })

  it.each([
    ['does not answer', () => new Promise<never>(() => undefined)],
    ['is away', () => Promise.reject(new Error('connection refused'))],
  ])('is kept by each process alone while the database %s', async (_name, query) => {
    const { integrationId } = await addIntegration()
    const { rateLimiter, waitsMs } = limiterOf({ ...base.database, sql: { query } })
    const startedMs = performance.now()
    await Promise.all(Array.from({ length: 5 }, () => rateLimiter.wait(integrationId, 10, signal)))
    // One second for all of them together.
    expect(performance.now() - startedMs).toBeLessThan(3_000)
    expect(waitsMs.map((ms) => Math.round(ms / 100))).toEqual([1, 2, 3, 4])
    expect(log.join('')).toContain('keeps the rate alone')
  })

  it('rejects a waiting request when its signal aborts', async () => {
    const { integrationId } = await addIntegration()
    const rateLimiter = createSharedRateLimiter({ database: base.database, clock: systemClock, logger })
    await rateLimiter.wait(integrationId, 0.01, signal)
    const stop = new AbortController()
    const waiting = rateLimiter.wait(integrationId, 0.01, stop.signal)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})
