import { expect, it, vi } from 'vitest'
import { CredentialRefreshError } from '../../../src/kit/errors.ts'
import { newId } from '../../../src/kit/ids.ts'
import { readQueue } from '../../../src/sync/jobs/backlog.ts'
import { claimJob } from '../../../src/sync/jobs/claim.ts'
import { requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
import { UnknownKeyError } from '../../../src/vault/envelope.ts'
import { describeDatabases } from '../../support/databases.ts'
import { brokerOf } from '../../support/opened-connection.ts'
import { sendJson } from '../../support/provider-server.ts'
import { pageOf, syncSuite } from './sync-suite.ts'

describeDatabases('a sync job that waits for its provider', (open) => {
  const suite = syncSuite(open)

  const waits = (id: string) =>
    vi.waitFor(
      async () => {
        const job = await suite.fixture.job(id)
        expect(job).toMatchObject({ status: 'QUEUED', not_before: expect.any(Date), wait: { putBack: true } })
        return job
      },
      { timeout: 20_000, interval: 15 },
    )
  /** Ends the wait by the database's clock. Workers find it out by themselves. */
  const elapse = (id: string) =>
    suite.fixture.database.sql.query('UPDATE sync_job SET not_before = clock_timestamp() WHERE id = $1::uuid', [id])
  const typesOf = async (connection: { events(): Promise<{ type: string }[]> }) =>
    (await connection.events()).map(({ type }) => type).filter((type) => type !== 'SYNC_PROGRESSED')

  it('is in the queue with its checkpoint, and goes on after the wait without another start', async () => {
    let limited = true
    const server = await suite.provider(({ url }, response) => {
      const page = pageOf(url)
      if (page === 2 && limited) return sendJson(response, { message: 'Slow down' }, { 'retry-after': '3600' }, 429)
      sendJson(response, page < 3 ? [{ id: page * 2 }, { id: page * 2 + 1 }] : [])
    })
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work()
    const id = await connection.sync()
    const waiting = await waits(id)
    expect(waiting).toMatchObject({ pages_read: 1, heartbeat_at: null, wait: { kind: 'rate_limit', stream: 'items' } })
    expect(waiting.wait?.reason).toContain('Slow down')
    const events = await connection.events()
    const retryAt = new Date(String(events.at(-1)?.payload['retryAt'])).getTime()
    expect(events.at(-1)).toMatchObject({ type: 'SYNC_RETRYING', payload: { attempt: 1 } })
    expect(Math.abs(retryAt - (waiting.not_before?.getTime() ?? 0))).toBeLessThan(10_000)
    expect(await readQueue(suite.fixture.database.sql, connection.workspaceId, [])).toEqual({
      running: 0,
      queued: 0,
      waiting: 1,
      oldestQueuedAt: null,
    })
    limited = false
    await elapse(id)
    const job = await suite.fixture.until(id, 'SUCCEEDED')
    expect(job).toMatchObject({ attempt: 2, records_written: 4, pages_read: 3, wait: null })
    expect(server.requests.map(({ url }) => pageOf(url))).toEqual([1, 2, 2, 3])
    expect(await typesOf(connection)).toEqual(['SYNC_QUEUED', 'SYNC_STARTED', 'SYNC_RETRYING', 'SYNC_SUCCEEDED'])
  })

  it('is cancelled at once', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, {}, { 'retry-after': '3600' }, 429))
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work()
    const id = await connection.sync()
    await waits(id)
    expect(await requestCancel(suite.fixture, id)).toBe('CANCELLED')
    expect((await connection.events()).at(-1)).toMatchObject({ type: 'SYNC_CANCELLED' })
  })

  it('fails after as many rate limits as without putting it back, however many workers continue it', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, {}, { 'retry-after': '3600' }, 429))
    const connection = await suite.fixture.connect(suite.paged(server))
    const id = await connection.sync()
    for (let limits = 1; limits <= 10; limits += 1) {
      const worker = suite.fixture.worker()
      worker.start()
      await vi.waitFor(async () => expect((await waits(id)).wait?.page?.limits).toBe(limits), 20_000)
      await worker.stop()
      await suite.fixture.endWait(id)
    }
    suite.work()
    expect((await suite.fixture.until(id, 'FAILED')).error).toMatchObject({ providerStatus: 429 })
    expect(server.requests).toHaveLength(11)
  })

  it('begins the counts of its retries anew with each page', async () => {
    let answered = 0
    const server = await suite.provider(({ url }, response) => {
      answered += 1
      // Each page is limited eight times, and then read.
      if (answered % 9 !== 0) return sendJson(response, {}, { 'retry-after': '3600' }, 429)
      sendJson(response, pageOf(url) < 3 ? [{ id: pageOf(url) }] : [])
    })
    const connection = await suite.fixture.connect(suite.paged(server, 1))
    suite.work()
    const id = await connection.sync()
    await vi.waitFor(
      async () => {
        await suite.fixture.endWait(id)
        expect(await suite.fixture.job(id)).toMatchObject({ status: 'SUCCEEDED' })
      },
      { timeout: 60_000, interval: 20 },
    )
    expect(answered).toBe(27)
  })

  it('waits for the renewal of its credential without a place, with its own count of tries', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const connection = await suite.fixture.connect(suite.paged(server))
    let opens = 0
    const broker = brokerOf(() => {
      opens += 1
      throw new CredentialRefreshError('The credential could not be renewed.', {
        reason: 'PROVIDER_UNAVAILABLE',
        retryable: true,
      })
    })
    suite.work({ broker, times: { putBack: 0 } })
    const id = await connection.sync()
    await vi.waitFor(
      async () => {
        await suite.fixture.endWait(id)
        expect(await suite.fixture.job(id)).toMatchObject({ status: 'FAILED', error: { code: 'CREDENTIAL_REFRESH' } })
      },
      { timeout: 20_000, interval: 20 },
    )
    expect(opens).toBe(5)
  })

  it('is left to another worker when its own lacks the encryption key, and says so in the log', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, [{ id: 1 }]))
    const stream = { name: 'items', path: '/items', primaryKey: ['id'] }
    const connection = await suite.fixture.connect(suite.paged(server, 1, { streams: [stream] }))
    const broker = brokerOf(() => {
      throw new UnknownKeyError('k2')
    })
    const lacking = suite.fixture.worker({ broker })
    lacking.start()
    const id = await connection.sync()
    expect(await waits(id)).toMatchObject({ error: null, wait: { kind: 'key', stream: 'items' } })
    await lacking.stop()
    const lines = suite.fixture.log.map((line) => JSON.parse(line)).filter(({ keyId }) => keyId === 'k2')
    expect(lines).toMatchObject([{ level: 'error', syncJobId: id, connectionId: connection.connectionId }])
    expect(lines[0].msg).toContain('LATCHKEY_ENCRYPTION_KEYS')
    suite.work()
    await elapse(id)
    expect(await suite.fixture.until(id, 'SUCCEEDED')).toMatchObject({ records_written: 1, error: null })
    expect(await typesOf(connection)).toEqual(['SYNC_QUEUED', 'SYNC_STARTED', 'SYNC_RETRYING', 'SYNC_SUCCEEDED'])
  })

  it('does not try the streams again that failed before the wait, and reports them in the end', async () => {
    let limited = true
    const server = await suite.provider(({ url }, response) => {
      if (url.pathname === '/bad') return sendJson(response, { message: 'Not allowed' }, {}, 403)
      if (limited) return sendJson(response, {}, { 'retry-after': '3600' }, 429)
      sendJson(response, [{ id: 1 }])
    })
    const streams = ['bad', 'good'].map((name) => ({ name, path: `/${name}`, primaryKey: ['id'] }))
    const connection = await suite.fixture.connect(suite.paged(server, 1, { streams }))
    suite.work()
    const id = await connection.sync()
    await waits(id)
    limited = false
    await elapse(id)
    const job = await suite.fixture.until(id, 'FAILED')
    expect(job).toMatchObject({ records_written: 1, error: { stream: 'bad', providerMessage: 'Not allowed' } })
    expect(server.requests.map(({ url }) => url.pathname)).toEqual(['/bad', '/good', '/good'])
  })

  it('keeps the slot of a rate limit, and is claimed in time for it', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const definition = suite.paged(server, 2, { rateLimit: { requestsPerSecond: 0.4 } })
    const connection = await suite.fixture.connect(definition)
    suite.work({ times: { putBack: 100 } })
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    // The second request has a slot 2.5 s after the first one.
    const id = await connection.sync()
    const { wait } = await waits(id)
    expect(wait).toMatchObject({ kind: 'pace', slotAt: expect.any(Number) })
    await suite.fixture.until(id, 'SUCCEEDED')
    const [first, second] = server.requests
    expect(server.requests).toHaveLength(2)
    expect(first?.url.pathname).toBe(second?.url.pathname)
    expect(Date.now()).toBeGreaterThanOrEqual((wait?.slotAt ?? Number.POSITIVE_INFINITY) - 50)
    expect(await typesOf(connection)).not.toContain('SYNC_RETRYING')
  })

  it('counts crashes of its workers over waits, and no wait as a crash', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, {}, { 'retry-after': '3600' }, 429))
    const connection = await suite.fixture.connect(suite.paged(server))
    const id = await connection.sync()
    const { database, bus } = suite.fixture
    const crash = async () => {
      const job = await claimJob(database, bus, id, 0)
      await database.sql.query(
        `UPDATE sync_job SET heartbeat_at = clock_timestamp() - interval '1 hour' WHERE id = $1::uuid`,
        [id],
      )
      return job?.startsWithoutProgress
    }
    expect([await crash(), await crash(), await crash()]).toEqual([0, 1, 2])
    const worker = suite.fixture.worker()
    worker.start()
    await waits(id)
    await worker.stop()
    await suite.fixture.endWait(id)
    expect([await crash(), await crash()]).toEqual([3, 4])
    suite.work({ times: { sweep: 20 } })
    expect((await suite.fixture.until(id, 'FAILED')).error).toMatchObject({ code: 'INTERNAL' })
  })

  it('leaves its place to jobs of other workspaces, and of other integrations of its own', async () => {
    let limitedRequests = 0
    const server = await suite.provider(({ url }, response) => {
      if (!url.pathname.startsWith('/limited/')) return sendJson(response, [])
      limitedRequests += 1
      sendJson(response, {}, { 'retry-after': '3600' }, 429)
    })
    const limited = suite.paged(server, 2, { baseUrl: `${server.origin}/limited` })
    const workspaces = [newId(), newId()]
    const jobs: string[] = []
    for (const workspaceId of workspaces) {
      for (let each = 0; each < 6; each += 1) {
        jobs.push(await (await suite.fixture.connect(limited, { workspaceId })).sync())
      }
    }
    suite.work({ concurrency: 2 })
    for (const id of jobs) await waits(id)
    expect(limitedRequests).toBe(12)
    const others = [
      await suite.fixture.connect(suite.paged(server)),
      await suite.fixture.connect(suite.paged(server), { workspaceId: workspaces[0] ?? '' }),
    ]
    for (const other of others) await suite.fixture.until(await other.sync(), 'SUCCEEDED')
    for (const id of jobs) await requestCancel(suite.fixture, id)
  })
})
