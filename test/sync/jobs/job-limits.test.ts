import type { ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { claimJob } from '../../../src/sync/jobs/claim.ts'
import { requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
import { describeDatabases } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { pageOf, syncSuite } from '../run/sync-suite.ts'

describeDatabases('a sync job with a time limit', (open) => {
  const suite = syncSuite(open)

  it('fails when the limit is exceeded: what it wrote is kept, and its request is aborted', async () => {
    const aborted = Promise.withResolvers<void>()
    const server = await suite.provider((request, response: ServerResponse) => {
      if (pageOf(request.url) === 1) sendJson(response, [{ id: 1 }, { id: 2 }])
      else response.on('close', aborted.resolve)
    })
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work({ times: { limit: 1_500 } })
    const job = await suite.fixture.until(await connection.sync(), 'FAILED')
    await aborted.promise
    expect(job).toMatchObject({ attempt: 1, error: { code: 'PROVIDER', status: 502, stream: 'items' } })
    expect(job.error?.message).toContain('the time limit of sync jobs')
    expect(await connection.records()).toHaveLength(2)
    expect((await connection.events()).at(-1)).toMatchObject({ type: 'SYNC_FAILED' })
  })

  it('is measured from its last page, also when another worker takes it over', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const connection = await suite.fixture.connect(suite.paged(server))
    const id = await connection.sync()
    await claimJob(suite.fixture.database, suite.fixture.bus, id, 10_000)
    await suite.fixture.database.sql.query(
      `UPDATE sync_job SET progress_at = progress_at - interval '7 hours', heartbeat_at = heartbeat_at - interval '1 hour'
       WHERE id = $1::uuid`,
      [id],
    )
    suite.work()
    const job = await suite.fixture.until(id, 'FAILED')
    expect(job).toMatchObject({ attempt: 2, error: { message: expect.stringContaining('within 6 h') } })
    expect(server.requests).toEqual([])
  })

  it('is cancelled at once when its worker sends no heartbeats', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const connection = await suite.fixture.connect(suite.paged(server))
    const id = await connection.sync()
    const job = await claimJob(suite.fixture.database, suite.fixture.bus, id, 10_000)
    expect(job).not.toBeNull()
    await suite.fixture.database.sql.query(
      `UPDATE sync_job SET heartbeat_at = heartbeat_at - interval '6 seconds' WHERE id = $1::uuid`,
      [id],
    )
    expect(await requestCancel(suite.fixture, id)).toBe('CANCELLED')
    expect(await suite.fixture.job(id)).toMatchObject({ status: 'CANCELLED', finished_at: expect.any(Date) })
    expect((await connection.events()).at(-1)).toMatchObject({ type: 'SYNC_CANCELLED' })
    // The next job can be created.
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
  })

  it('reports the percentage and the speed of a stream', async () => {
    const server = await suite.provider((request, response) => {
      const page = pageOf(request.url)
      sendJson(response, page <= 4 ? [{ id: page * 2 }, { id: page * 2 + 1 }] : [], { 'x-total-count': '8' })
    })
    const connection = await suite.fixture.connect(suite.paged(server))
    let now = Date.now()
    // This clock advances by half a second with each read, so progress is reported for every page.
    suite.work({ clock: { now: () => (now += 500), sleep: async () => undefined, random: () => 0.5 } })
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    const progress = (await connection.events()).filter(({ type }) => type === 'SYNC_PROGRESSED')
    const percents = progress.map(({ payload }) => payload['percent'] as number)
    expect(percents.at(-1)).toBe(100)
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
    expect(percents).toContain(50)
    for (const { payload } of progress) expect(payload['recordsPerSecond']).toBeGreaterThan(0)
  })
})
