import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { newId } from '../../../src/kit/ids.ts'
import { createBacklog, type Room } from '../../../src/sync/jobs/backlog.ts'
import { describeDatabases } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { syncSuite } from '../run/sync-suite.ts'
import type { TestConnection } from '../sync-fixture.ts'

/** A worker that runs nothing. */
const EMPTY: Room = {
  mayTake: () => true,
  running: () => 0,
  fullIntegrations: [],
  fullHosts: [],
  fullWorkspaces: [],
}

describeDatabases('sync jobs of several workspaces', (open, kind) => {
  const suite = syncSuite(open)

  /** Creates queued jobs in one workspace, all with one statement. */
  async function fill(connection: TestConnection, count: number): Promise<void> {
    const { sql } = suite.fixture.database
    const ids = Array.from({ length: count }, newId)
    await sql.query(
      `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method)
       SELECT given.id, c.workspace_id, c.integration_id, 'c', 'ACTIVE', 'SECRET'
       FROM connection c, unnest($2::uuid[]) AS given (id) WHERE c.id = $1::uuid`,
      [connection.connectionId, ids],
    )
    await sql.query(
      `INSERT INTO sync_job (id, workspace_id, connection_id, trigger, queued_at)
       SELECT gen_random_uuid(), $1::uuid, given.id, 'MANUAL', clock_timestamp() FROM unnest($2::uuid[]) AS given (id)`,
      [connection.workspaceId, ids],
    )
  }

  it('are run in turns: thousands of jobs of one workspace do not delay the first job of another (QJ-07)', async () => {
    const many = kind === 'embedded' ? 2_000 : 10_000
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const busy = await suite.fixture.connect(suite.paged(server))
    await fill(busy, many)
    const quiet = [await suite.fixture.connect(suite.paged(server)), await suite.fixture.connect(suite.paged(server))]
    const ids = []
    for (const connection of quiet) ids.push(await connection.sync())
    const backlog = createBacklog(suite.fixture.database)
    const next = [await backlog.next(EMPTY), await backlog.next(EMPTY), await backlog.next(EMPTY)]
    expect(next.map((job) => job?.workspaceId)).toContain(busy.workspaceId)
    expect(next.map((job) => job?.id)).toEqual(expect.arrayContaining(ids))

    suite.work()
    for (const id of ids) await suite.fixture.until(id, 'SUCCEEDED')
    // The same holds while the worker runs the long queue.
    const later = await suite.fixture.connect(suite.paged(server))
    await suite.fixture.until(await later.sync(), 'SUCCEEDED')
    const [{ waiting } = { waiting: 0 }] = await suite.fixture.database.sql.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM sync_job WHERE status = 'QUEUED' AND workspace_id = $1::uuid`,
      [busy.workspaceId],
    )
    expect(waiting).toBeGreaterThan(many / 2)
    await suite.fixture.database.sql.query(
      `UPDATE sync_job SET status = 'CANCELLED' WHERE status = 'QUEUED' AND workspace_id = $1::uuid`,
      [busy.workspaceId],
    )
  }, 60_000)

  it('are chosen before those of schedules where a person waits for them, which still get one of four places', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const workspaceId = newId()
    const trigger = new Map<string, string>()
    for (const each of ['SCHEDULE', 'WEBHOOK', 'SCHEDULE', 'MANUAL', 'ON_CREATE', 'MANUAL', 'MANUAL'] as const) {
      const connection = await suite.fixture.connect(suite.paged(server), { workspaceId })
      trigger.set(await connection.sync({ trigger: each }), each)
    }
    const backlog = createBacklog(suite.fixture.database)
    const order: boolean[] = []
    const taken = new Set<string>()
    for (const _job of trigger) {
      const id = (await backlog.next({ ...EMPTY, mayTake: (job) => !taken.has(job.id) }))?.id ?? ''
      taken.add(id)
      order.push(['MANUAL', 'ON_CREATE'].includes(trigger.get(id) ?? ''))
    }
    expect(order).toEqual([true, true, true, false, true, false, false])
    await suite.fixture.database.sql.query(
      `UPDATE sync_job SET status = 'CANCELLED' WHERE status = 'QUEUED' AND workspace_id = $1::uuid`,
      [workspaceId],
    )
  })

  it('have one place each, which is free again when they end', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work({ concurrency: 4 })
    for (let each = 0; each < 6; each += 1) await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
  })

  it('leave the last place to a workspace that has no running job, however long the other jobs take', async () => {
    const release = Promise.withResolvers<void>()
    let slow = 0
    const server = await suite.provider(async (request, response) => {
      if (request.url.pathname === '/slow/items') {
        slow += 1
        await release.promise
      }
      sendJson(response, [])
    })
    const definition = suite.paged(server, 2, { baseUrl: `${server.origin}/slow` })
    const workspaceId = newId()
    const jobs = []
    for (let each = 0; each < 6; each += 1) {
      const connection = await suite.fixture.connect(definition, { workspaceId })
      jobs.push(await connection.sync())
    }
    suite.work({ concurrency: 3 })
    const other = await suite.fixture.connect(suite.paged(server))
    await suite.fixture.until(await other.sync(), 'SUCCEEDED')
    // Long enough for a third job to start if it were given the place.
    await setTimeout(100)
    expect(slow).toBe(2)
    release.resolve()
    for (const id of jobs) await suite.fixture.until(id, 'SUCCEEDED')
  })

  it.each(['workspace', 'integration', 'host'] as const)(
    'are run two at once where the cap by %s is two, and those of others beside them',
    async (of) => {
      const release = Promise.withResolvers<void>()
      const open = { capped: 0, others: 0 }
      const server = await suite.provider(async ({ url }, response) => {
        open[url.pathname.startsWith('/capped/') ? 'capped' : 'others'] += 1
        await release.promise
        sendJson(response, [])
      })
      const other = await suite.provider(async (_request, response) => {
        open.others += 1
        sendJson(response, [])
      })
      const definition = suite.paged(server, 2, { baseUrl: `${server.origin}/capped` })
      const shared = {
        workspace: { workspaceId: newId() },
        integration: { workspaceId: newId(), integrationId: newId() },
        host: {},
      }
      const jobs: string[] = []
      for (let each = 0; each < 5; each += 1) {
        jobs.push(await (await suite.fixture.connect(definition, shared[of])).sync())
      }
      suite.work({ concurrency: 10, caps: { [of]: 2 } })
      await suite.fixture.until(await (await suite.fixture.connect(suite.paged(other))).sync(), 'SUCCEEDED')
      // Long enough for a third job to start if it were given a place.
      await setTimeout(100)
      expect(open).toEqual({ capped: 2, others: 1 })
      release.resolve()
      for (const id of jobs) await suite.fixture.until(id, 'SUCCEEDED')
    },
  )

  it('are found by a worker that got no wake-up for them', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work({ times: { sweep: 20 } })
    await fill(connection, 3)
    await expect
      .poll(
        () =>
          suite.fixture.database.sql.query(
            `SELECT 1 AS open FROM sync_job WHERE workspace_id = $1::uuid AND status IN ('QUEUED', 'RUNNING')`,
            [connection.workspaceId],
          ),
        { timeout: 20_000 },
      )
      .toEqual([])
  })
})
