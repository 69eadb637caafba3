import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { type ClaimedJob, claimJob, fencedTransaction, sendHeartbeats } from '../../../src/sync/jobs/claim.ts'
import { finishJob } from '../../../src/sync/jobs/finish-job.ts'
import { createSyncJob, requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { createSyncFixture, type SyncFixture, type TestConnection } from '../sync-fixture.ts'

/** No heartbeat is ever sent. */
const NEVER = 2 ** 30

describeDatabases('a sync job and its workers', (open) => {
  let base: TestDatabase
  let fixture: SyncFixture
  let server: ProviderServer
  /** Delayed responses, by page. */
  const held = new Map<number, ServerResponse[]>()
  let holdPage = 0
  const stops: (() => Promise<void>)[] = []

  /** How the provider answers a page beyond the third, which is the last one. */
  let beyond: 'empty' | 'repeats' | 'refuses' = 'empty'

  const answer = (page: number, response: ServerResponse) => {
    if (page > 3 && beyond === 'refuses') return sendJson(response, { detail: 'Invalid page.' }, {}, 404)
    const shown = beyond === 'repeats' ? Math.min(page, 3) : page
    return sendJson(response, shown <= 3 ? [{ id: shown * 2 }, { id: shown * 2 + 1 }] : [])
  }
  const work = (options: Parameters<SyncFixture['worker']>[0] = {}) => {
    const worker = fixture.worker(options)
    stops.push(() => worker.stop())
    worker.start()
    return worker
  }
  const connect = (): Promise<TestConnection> => {
    const definition: DefinitionInput = {
      displayName: 'Provider',
      baseUrl: server.origin,
      auth: { type: 'none' },
      streams: [
        { name: 'items', path: '/items', primaryKey: ['id'], pagination: { type: 'page', param: 'page', size: 2 } },
      ],
    }
    return fixture.connect(definition)
  }
  const pagesAsked = () => server.requests.map(({ url }) => url.searchParams.get('page'))

  beforeAll(async () => {
    base = await open()
    fixture = await createSyncFixture(base.database)
    server = await startProvider((request, response) => {
      const page = Number(request.url.searchParams.get('page'))
      if (page === holdPage) held.set(page, [...(held.get(page) ?? []), response])
      else answer(page, response)
    })
  }, 60_000)
  afterEach(async () => {
    holdPage = 0
    beyond = 'empty'
    for (const stop of stops.splice(0)) await stop()
    held.clear()
    server.requests.length = 0
  })
  afterAll(async () => {
    await fixture.close()
    await server.close()
    await base.close()
  })

  it('continues from its checkpoint when a worker crashes, and the crashed worker writes nothing more (QJ-01, QJ-02)', async () => {
    const connection = await connect()
    holdPage = 2
    work({ times: { heartbeat: NEVER, lease: NEVER, sweep: NEVER } })
    const id = await connection.sync()
    await vi.waitFor(async () => {
      expect(await fixture.job(id)).toMatchObject({ attempt: 1, pages_read: 1 })
      expect(held.get(2)).toHaveLength(1)
    }, 10_000)

    holdPage = 0
    await silence(id, '1 hour')
    work({ times: { sweep: 50 } })
    const job = await fixture.until(id, 'SUCCEEDED')
    expect(job).toMatchObject({ attempt: 2, records_read: 6, records_written: 6, pages_read: 4 })
    expect(pagesAsked()).toEqual(['1', '2', '2', '3', '4'])

    const [late] = held.get(2) ?? []
    if (late !== undefined) answer(2, late)
    await vi.waitFor(() => expect(fixture.log.join('')).toContain('Another worker has the sync job'), 10_000)
    expect(await fixture.job(id)).toEqual(job)
    expect(await connection.records()).toHaveLength(6)
    expect(await connection.state('items')).toMatchObject({ record_count: 6 })
    const started = (await connection.events()).filter(({ type }) => type === 'SYNC_STARTED')
    expect(started.map(({ payload }) => payload)).toEqual([
      { attempt: 1, pagesRead: 0, recordsDeleted: 0 },
      { attempt: 2, pagesRead: 1, recordsDeleted: 0 },
    ])
  })

  it.each(['repeats', 'refuses'] as const)(
    'knows after a crash which page was the last one: a provider that %s',
    async (how) => {
      beyond = how
      holdPage = 4
      const connection = await connect()
      work({ times: { heartbeat: NEVER, lease: NEVER, sweep: NEVER } })
      const id = await connection.sync()
      await vi.waitFor(async () => {
        expect(await fixture.job(id)).toMatchObject({ attempt: 1, pages_read: 3 })
        expect(held.get(4)).toHaveLength(1)
      }, 10_000)
      holdPage = 0
      await silence(id, '1 hour')
      work({ times: { sweep: 50 } })
      expect(await fixture.until(id, 'SUCCEEDED', 'FAILED')).toMatchObject({
        status: 'SUCCEEDED',
        attempt: 2,
        records_read: 6,
        records_written: 6,
      })
      expect(await connection.records()).toHaveLength(6)
    },
  )

  it('is handed back by a worker that stops, and continues in another one (QJ-09)', async () => {
    const connection = await connect()
    holdPage = 2
    const first = work()
    const id = await connection.sync()
    await vi.waitFor(() => expect(held.get(2)).toHaveLength(1), 10_000)
    await first.stop()
    expect(await fixture.job(id)).toMatchObject({ status: 'QUEUED', attempt: 1, pages_read: 1 })

    holdPage = 0
    work()
    expect(await fixture.until(id, 'SUCCEEDED')).toMatchObject({ attempt: 2, records_read: 6, pages_read: 4 })
    expect(pagesAsked()).toEqual(['1', '2', '2', '3', '4'])
    expect((await connection.events()).map(({ type }) => type).filter((type) => type !== 'SYNC_PROGRESSED')).toEqual([
      'SYNC_QUEUED',
      'SYNC_STARTED',
      'SYNC_QUEUED',
      'SYNC_STARTED',
      'SYNC_SUCCEEDED',
    ])
  })

  it('is found without its queue entry', async () => {
    const connection = await connect()
    const silent = { ...fixture.queue, enqueue: async () => undefined }
    const definition: DefinitionInput['streams'] = [{ name: 'items', path: '/items', primaryKey: [['id']] }]
    const { syncJobId } = await fixture.database.bulkTransaction((tx) =>
      createSyncJob(
        tx,
        { queue: silent, bus: fixture.bus },
        {
          workspaceId: connection.workspaceId,
          connectionId: connection.connectionId,
          definition: {
            displayName: 'x',
            baseUrl: server.origin,
            auth: { type: 'none' },
            streams: definition as never,
          },
          trigger: 'SCHEDULE',
        },
      ),
    )
    work({ times: { sweep: 20 } })
    await fixture.until(syncJobId, 'SUCCEEDED')
  })

  it('is cancelled by the next worker when its worker crashed while it was CANCELLING', async () => {
    const connection = await connect()
    const id = await connection.sync()
    await claimJob(fixture.database, fixture.bus, id, 10_000)
    expect(await requestCancel(fixture, id)).toBe('CANCELLING')
    work({ times: { lease: 100, sweep: 20 } })
    await fixture.until(id, 'CANCELLED')
    expect(server.requests).toEqual([])
  })

  it('is claimed once, however many workers try', async () => {
    const connection = await connect()
    const id = await connection.sync()
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => claimJob(fixture.database, fixture.bus, id, 10_000)),
    )
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1)
    expect(await fixture.job(id)).toMatchObject({ attempt: 1, status: 'RUNNING' })
  })

  it('rejects all transactions of an earlier worker', async () => {
    const connection = await connect()
    const id = await connection.sync()
    const stale = await claimed(id, 10_000)
    await fixture.database.sql.query(
      `UPDATE sync_job SET heartbeat_at = now() - interval '1 minute' WHERE id = $1::uuid`,
      [id],
    )
    const fresh = await claimed(id, 10_000)
    expect(fresh.attempt).toBe(2)
    const before = await fixture.job(id)
    let ran = false
    const attempt = fencedTransaction(fixture.database, stale, async () => {
      ran = true
    })
    await expect(attempt).rejects.toMatchObject({ name: 'RunStoppedError', reason: 'lost' })
    expect(ran).toBe(false)
    expect(await statusOf(stale)).toBe('LOST')
    await expect(finishJob(fixture, stale, { status: 'SUCCEEDED' })).rejects.toMatchObject({ reason: 'lost' })
    expect(await fixture.job(id)).toEqual(before)
    await finishJob(fixture, fresh, { status: 'SUCCEEDED' })
  })

  it('writes no page once it is CANCELLING (QJ-05)', async () => {
    const connection = await connect()
    const id = await connection.sync()
    const job = await claimed(id, 10_000)
    await requestCancel(fixture, id)
    const attempt = fencedTransaction(fixture.database, job, async () => undefined)
    await expect(attempt).rejects.toMatchObject({ reason: 'cancelled' })
    expect(await statusOf(job)).toBe('CANCELLING')
    await finishJob(fixture, job, { status: 'SUCCEEDED' })
    expect(await fixture.job(id)).toMatchObject({ status: 'CANCELLED' })
  })

  it('ends without an error when its connection is deleted, and writes nothing more', async () => {
    const connection = await connect()
    holdPage = 2
    work({ times: { heartbeat: 20 } })
    const id = await connection.sync()
    await vi.waitFor(async () => {
      expect(held.get(2)).toHaveLength(1)
      expect(await fixture.job(id)).toMatchObject({ pages_read: 1 })
    }, 10_000)
    const lines = fixture.log.length
    // The present records are removed by the deletion of the connection.
    const before = await connection.records()
    await fixture.database.sql.query('DELETE FROM connection WHERE id = $1::uuid', [connection.connectionId])
    await vi.waitFor(
      () => expect(fixture.log.slice(lines).join('')).toContain('Another worker has the sync job'),
      10_000,
    )
    expect(await connection.records()).toEqual(before)
  })

  it('is given up after five workers crashed before they saved a page (QJ-06)', async () => {
    const connection = await connect()
    const id = await connection.sync()
    for (let lost = 0; lost < 5; lost += 1) {
      await claimed(id, 0)
      await silence(id, '1 hour')
    }
    work({ times: { sweep: 20 } })
    expect(await fixture.until(id, 'FAILED')).toMatchObject({
      attempt: 6,
      error: { code: 'INTERNAL', message: expect.stringContaining('5 workers in a row') },
    })
    expect(server.requests).toEqual([])
  })

  it('is taken over later after each crash of a worker, and at once again when it made progress', async () => {
    const connection = await connect()
    const id = await connection.sync()
    for (let lost = 0; lost < 3; lost += 1) {
      await claimed(id, 0)
      await silence(id, '1 minute')
    }
    // A minute without a heartbeat is longer than one lease and shorter than two.
    expect(await claimJob(fixture.database, fixture.bus, id, 40_000)).toBeNull()
    await fixture.database.sql.query('UPDATE sync_job SET pages_read = pages_read + 1 WHERE id = $1::uuid', [id])
    expect(await claimed(id, 40_000)).toMatchObject({ attempt: 4, startsWithoutProgress: 0 })
  })

  async function statusOf(job: ClaimedJob): Promise<string | undefined> {
    return (await sendHeartbeats(fixture.database, [job])).get(job.id)?.status
  }

  async function silence(id: string, interval: string): Promise<void> {
    await fixture.database.sql.query(
      `UPDATE sync_job SET heartbeat_at = clock_timestamp() - $2::interval WHERE id = $1::uuid`,
      [id, interval],
    )
  }

  async function claimed(id: string, leaseMs: number): Promise<ClaimedJob> {
    const job = await claimJob(fixture.database, fixture.bus, id, leaseMs)
    if (job === null) throw new Error('The job was not claimed.')
    return job
  }
})
