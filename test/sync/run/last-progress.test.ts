import { expect, it, vi } from 'vitest'
import { appendEvents } from '../../../src/events/event-log.ts'
import { systemClock } from '../../../src/kit/time.ts'
import { cancelOpenJobs, requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
import { describeDatabases } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import type { TestConnection } from '../sync-fixture.ts'
import { pageOf, syncSuite } from './sync-suite.ts'

describeDatabases('the last progress of a sync job that ends early', (open) => {
  const suite = syncSuite(open)

  /** A connection to two pages of two items. The argument handles the request for the third page. */
  async function connect(third: (() => Promise<void>) | 'broken' | 'refused') {
    const server = await suite.provider(async ({ url }, response) => {
      const page = pageOf(url)
      if (page > 2 && typeof third === 'function') await third()
      if (page > 2) return sendJson(response, { error: 'broken' }, {}, third === 'refused' ? 401 : 400)
      return sendJson(response, [{ id: 2 * page }, { id: 2 * page + 1 }])
    })
    return suite.fixture.connect(suite.paged(server))
  }

  const eventTypes = async (connection: TestConnection) =>
    (await connection.events()).map(({ type, payload: { recordsRead, pagesRead, percent } }) =>
      type === 'SYNC_PROGRESSED' ? { recordsRead, pagesRead, percent } : type,
    )
  const whole = { recordsRead: 4, recordsWritten: 4, pagesRead: 2 }
  const last = { recordsRead: 4, pagesRead: 2, percent: null }

  /** A job that has written two pages and waits for the third. */
  async function halfWay() {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const connection = await connect(() => released)
    suite.work()
    const id = await connection.sync()
    await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: 2 }), 20_000)
    return { connection, id, release }
  }

  it('is reported before the job fails', async () => {
    const connection = await connect('broken')
    suite.work()
    const id = await connection.sync()
    await suite.fixture.until(id, 'FAILED')
    const events = await connection.events()
    expect(events.slice(-2)).toMatchObject([
      { type: 'SYNC_PROGRESSED', syncJobId: id, payload: { stream: 'items', ...whole } },
      { type: 'SYNC_FAILED', syncJobId: id },
    ])
  })

  it('is reported before its worker cancels the job', async () => {
    const { connection, id, release } = await halfWay()
    await requestCancel(suite.fixture, id)
    release()
    await suite.fixture.until(id, 'CANCELLED')
    expect((await eventTypes(connection)).slice(-2)).toEqual([last, 'SYNC_CANCELLED'])
  })

  it('is reported before a job whose worker sends no heartbeats is cancelled', async () => {
    const { connection, id, release } = await halfWay()
    const { sql } = suite.fixture.database
    await sql.query(`UPDATE sync_job SET heartbeat_at = clock_timestamp() - interval '6 seconds' WHERE id = $1::uuid`, [
      id,
    ])
    expect(await requestCancel(suite.fixture, id)).toBe('CANCELLED')
    expect((await eventTypes(connection)).slice(-2)).toEqual([last, 'SYNC_CANCELLED'])
    release()
  })

  it('is reported before the job ends because its connection is deleted', async () => {
    const { connection, id, release } = await halfWay()
    const { connectionId, workspaceId } = connection
    const { database, bus } = suite.fixture
    await database.transaction(async (tx) => {
      const events = await cancelOpenJobs(tx, bus, { connectionIds: [connectionId] })
      await appendEvents(tx, bus, workspaceId, events)
    })
    expect(await suite.fixture.job(id)).toMatchObject({ status: 'CANCELLED' })
    expect((await eventTypes(connection)).slice(-2)).toEqual([last, 'SYNC_CANCELLED'])
    release()
  })

  it('is reported once, and not when nothing was read', async () => {
    const connection = await connect('refused')
    await suite.fixture.database.sql.query(
      `INSERT INTO sync_job (id, workspace_id, connection_id, trigger) VALUES ($1::uuid, $2::uuid, $3::uuid, 'MANUAL')`,
      [connection.connectionId, connection.workspaceId, connection.connectionId],
    )
    await requestCancel(suite.fixture, connection.connectionId)
    expect(await eventTypes(connection)).toEqual(['SYNC_CANCELLED'])
    // Each page takes longer than the interval between progress events.
    let now = 0
    const clock = {
      ...systemClock,
      now: () => {
        now += 1_000
        return now
      },
    }
    suite.work({ clock })
    await suite.fixture.until(await connection.sync(), 'FAILED')
    expect((await eventTypes(connection)).slice(3)).toEqual([
      { recordsRead: 2, pagesRead: 1, percent: null },
      last,
      'SYNC_FAILED',
    ])
  })
})
