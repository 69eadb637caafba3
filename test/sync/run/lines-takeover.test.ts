import { describe, expect, it, vi } from 'vitest'
import { openTestDatabase } from '../../support/databases.ts'
import { syncSuite } from './sync-suite.ts'

const NEVER = 2 ** 30
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `{"id":${from + index}}\n`).join('')

describe('a page that is read line by line', () => {
  const suite = syncSuite(() => openTestDatabase('embedded'))

  it('is read again from its start when its worker crashes in the middle, without lost or repeated records', async () => {
    let hanging = true
    const server = await suite.provider(({ url }, response) => {
      const offset = Number(url.searchParams.get('offset'))
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      if (offset === 0) response.end(lines(0, 1_000))
      else if (offset > 1_000) response.end()
      else if (!hanging) response.end(lines(1_000, 3_500))
      // Two pieces of the second page, and then nothing more for the worker that will be lost.
      else response.write(lines(1_000, 3_010))
    })
    const connection = await suite.fixture.connect({
      displayName: 'Provider',
      baseUrl: server.origin,
      auth: { type: 'none' },
      streams: [
        {
          name: 'items',
          path: '/items',
          primaryKey: ['id'],
          pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 1_000 },
        },
      ],
    })
    const dead = suite.fixture.worker({ times: { heartbeat: NEVER, lease: NEVER, sweep: NEVER, stop: 10 } })
    dead.start()
    const id = await connection.sync()
    await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ records_written: 3_000 }), 20_000)

    hanging = false
    // As if the worker had sent no heartbeat for an hour.
    await suite.fixture.database.sql.query(
      `UPDATE sync_job SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE id = $1::uuid`,
      [id],
    )
    suite.work({ times: { sweep: 50 } })
    const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', attempt: 2, records_written: 3_500, records_read: 5_500 })
    expect(await connection.records()).toHaveLength(3_500)
    expect(await connection.state('items')).toMatchObject({ record_count: 3_500 })
    expect(server.requests.map(({ url }) => url.searchParams.get('offset'))).toEqual(['0', '1000', '1000', '3500'])
  })
})
