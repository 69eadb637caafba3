import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createQueue } from '../../../src/db/queue.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { newId } from '../../../src/kit/ids.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { createSyncScheduler, type SyncScheduler } from '../../../src/sync/jobs/sync-scheduler.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'

const HOUR_MS = 60 * 60 * 1_000
const DEFINITION = {
  displayName: 'x',
  baseUrl: 'https://api.example.com',
  auth: { type: 'none' },
  streams: [{ name: 'items', path: '/items', primaryKey: [['id']] }],
}

describeDatabases('Schedules', (open, kind) => {
  let base: TestDatabase
  let process: SyncScheduler
  const bus = createLocalWakeBus()
  const logger = createLogger({ level: 'silent' })
  let now = new Date(0)
  const queues: { stop(): Promise<void> }[] = []

  beforeAll(async () => {
    base = await open()
    process = await createProcess()
  }, 60_000)
  beforeEach(() => base.database.sql.query('DELETE FROM connection'))
  afterAll(async () => {
    for (const queue of queues) await queue.stop()
    await base.close()
  })

  /** What another process would look with: a database handle and a queue of its own. */
  async function createProcess(database = base.database) {
    const queue = createQueue(database, () => undefined)
    await queue.start()
    queues.push(queue)
    return createSyncScheduler({ database, queue, bus, logger, now: async () => now, random: () => 0.5 })
  }
  async function lookAt(time: string | number): Promise<void> {
    now = new Date(time)
    await process.createDueJobs()
  }

  interface Given {
    cron?: string
    intervalSeconds?: number
    timezone?: string
    due: string
    status?: string
    workspaceId?: string
    definition?: object
    /** Of the catalogue. */
    provider?: string
  }
  async function schedule(given: Given): Promise<string> {
    const { sql } = base.database
    const [workspaceId, integrationId, connectionId] = [given.workspaceId ?? newId(), newId(), newId()]
    await sql.query(`INSERT INTO workspace (id, name, slug) VALUES ($1::uuid, 'w', $1::text) ON CONFLICT DO NOTHING`, [
      workspaceId,
    ])
    await sql.query(
      `INSERT INTO integration (id, workspace_id, slug, display_name, provider, definition)
       VALUES ($1::uuid, $2::uuid, $1::text, 'i', $3, $4::jsonb)`,
      [
        integrationId,
        workspaceId,
        given.provider ?? null,
        given.provider === undefined ? JSON.stringify(given.definition ?? DEFINITION) : null,
      ],
    )
    await sql.query(
      `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method, schedule_cron,
         schedule_interval_seconds, schedule_timezone, next_run_at)
       VALUES ($1::uuid, $2::uuid, $3::uuid, 'c', $4::connection_status, 'SECRET', $5, $6::int, $7, $8::timestamptz)`,
      [
        connectionId,
        workspaceId,
        integrationId,
        given.status ?? 'ACTIVE',
        given.cron ?? null,
        given.intervalSeconds ?? null,
        given.timezone ?? 'UTC',
        new Date(given.due),
      ],
    )
    return connectionId
  }
  async function jobsOf(connectionId: string): Promise<{ status: string; trigger: string }[]> {
    return base.database.sql.query(
      'SELECT status::text AS status, trigger::text AS trigger FROM sync_job WHERE connection_id = $1::uuid ORDER BY id',
      [connectionId],
    )
  }
  async function nextOf(connectionId: string): Promise<string | undefined> {
    const [row] = await base.database.sql.query<{ next_run_at: Date | null }>(
      'SELECT next_run_at FROM connection WHERE id = $1::uuid',
      [connectionId],
    )
    return row?.next_run_at?.toISOString()
  }
  const end = (connectionId: string) =>
    base.database.sql.query(`UPDATE sync_job SET status = 'SUCCEEDED' WHERE connection_id = $1::uuid`, [connectionId])
  /** Looks every half hour, with jobs that end at once. @returns how many jobs each look began, where any */
  async function watch(connectionId: string, from: string, hours: number): Promise<string[]> {
    const runs: string[] = []
    for (let minutes = 0; minutes <= hours * 60; minutes += 30) {
      const before = (await jobsOf(connectionId)).length
      await lookAt(new Date(from).getTime() + minutes * 60_000)
      const begun = (await jobsOf(connectionId)).length - before
      for (let each = 0; each < begun; each += 1) runs.push(now.toISOString())
      await end(connectionId)
    }
    return runs
  }

  it('begin a job when they are due, and not before', async () => {
    const connectionId = await schedule({ intervalSeconds: 3_600, due: '2026-06-01T10:00:00Z' })
    await lookAt('2026-06-01T09:59:59Z')
    expect(await jobsOf(connectionId)).toEqual([])
    await lookAt('2026-06-01T10:00:01Z')
    expect(await jobsOf(connectionId)).toEqual([{ status: 'QUEUED', trigger: 'SCHEDULE' }])
    expect(await nextOf(connectionId)).toBe('2026-06-01T11:00:00.000Z')
  })

  it('run once for all times that were missed (QJ-11)', async () => {
    const interval = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' })
    const cron = await schedule({ cron: '*/10 * * * *', due: '2026-06-01T10:00:00Z' })
    for (const at of ['2026-06-02T07:03:00Z', '2026-06-02T07:04:00Z']) {
      await lookAt(at)
      await end(interval)
      await end(cron)
    }
    expect(await jobsOf(interval)).toHaveLength(1)
    expect(await jobsOf(cron)).toHaveLength(1)
    expect(await nextOf(interval)).toBe('2026-06-02T07:13:00.000Z')
    expect(await nextOf(cron)).toBe('2026-06-02T07:10:00.000Z')
  })

  it('run once a day where clocks are set forward and back (QJ-11)', async () => {
    const zone = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
    const spring = await schedule({ ...zone, due: '2026-03-28T01:30:00Z' })
    // 02:30 is left out on the 29th: it runs at 03:00, the next time that there is.
    const inSpring = await watch(spring, '2026-03-28T01:00:00Z', 49)
    expect(inSpring.map((at) => at.slice(0, 10))).toEqual(['2026-03-28', '2026-03-29', '2026-03-30'])
    await base.database.sql.query('UPDATE connection SET next_run_at = NULL')
    const autumn = await schedule({ ...zone, due: '2026-10-24T00:30:00Z' })
    // 02:30 comes twice on the 25th.
    const inAutumn = await watch(autumn, '2026-10-24T00:00:00Z', 50)
    expect(inAutumn.map((at) => at.slice(0, 10))).toEqual(['2026-10-24', '2026-10-25', '2026-10-26'])
  }, 60_000)

  it('run no time twice when the clock jumps, and none is later than its interval for long (QJ-11)', async () => {
    const cron = await schedule({ cron: '0 * * * *', due: '2026-06-01T10:00:00Z' })
    const interval = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' })
    const start = Date.parse('2026-06-01T10:00:00Z')
    const steps = [0, HOUR_MS + 60_000, 2 * 60_000, 12 * 60_000 + 1_000]
    for (const step of steps) {
      await lookAt(start + step)
      await end(cron)
      await end(interval)
    }
    // At ten, at eleven by the clock that was wrong, and not again at ten.
    expect(await jobsOf(cron)).toHaveLength(2)
    expect(await nextOf(cron)).toBe('2026-06-01T12:00:00.000Z')
    // At ten, at eleven, and ten minutes after the clock was right again.
    expect(await jobsOf(interval)).toHaveLength(3)
  })

  it('skip a time while a job of the connection is not finished', async () => {
    const connectionId = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' })
    await lookAt('2026-06-01T10:00:00Z')
    await lookAt('2026-06-01T10:10:00Z')
    expect(await jobsOf(connectionId)).toHaveLength(1)
    expect(await nextOf(connectionId)).toBe('2026-06-01T10:20:00.000Z')
    await end(connectionId)
    await lookAt('2026-06-01T10:20:00Z')
    expect(await jobsOf(connectionId)).toHaveLength(2)
  })

  it.each(['NEEDS_REAUTH', 'PENDING', 'DISABLED'])(
    'wait while the connection is %s, and run once when it is healed',
    async (status) => {
      const connectionId = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z', status })
      await lookAt('2026-06-01T11:00:00Z')
      await lookAt('2026-06-01T12:00:00Z')
      expect(await jobsOf(connectionId)).toEqual([])
      await base.database.sql.query(`UPDATE connection SET status = 'ACTIVE' WHERE id = $1::uuid`, [connectionId])
      await lookAt('2026-06-01T12:00:01Z')
      await end(connectionId)
      await lookAt('2026-06-01T12:00:02Z')
      expect(await jobsOf(connectionId)).toHaveLength(1)
      expect(await nextOf(connectionId)).toBe('2026-06-01T12:10:01.000Z')
    },
  )

  it('are not held up by one that cannot be begun', async () => {
    // Of a version that had more providers than this one.
    const broken = await schedule({ intervalSeconds: 600, due: '2026-06-01T09:00:00Z', provider: 'no-such' })
    const empty = await schedule({
      intervalSeconds: 600,
      due: '2026-06-01T09:00:00Z',
      definition: { ...DEFINITION, streams: [] },
    })
    const good = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' })
    await lookAt('2026-06-01T10:00:00Z')
    expect(await jobsOf(good)).toHaveLength(1)
    expect(await jobsOf(broken)).toEqual([])
    expect(await nextOf(broken)).toBe('2026-06-01T10:05:00.000Z')
    expect(await jobsOf(empty)).toEqual([])
    expect(await nextOf(empty)).toBe('2026-06-01T10:10:00.000Z')
  })

  it('begin in turns over workspaces, however many are due in one of them', async () => {
    const workspaceId = newId()
    for (let each = 0; each < 120; each += 1) {
      await schedule({ intervalSeconds: 600, due: '2026-06-01T09:00:00Z', workspaceId })
    }
    const other = await schedule({ intervalSeconds: 600, due: '2026-06-01T09:59:00Z' })
    await lookAt('2026-06-01T10:00:00Z')
    const order = await base.database.sql.query<{ connection_id: string }>(
      'SELECT connection_id FROM sync_job ORDER BY queued_at, id',
    )
    expect(order).toHaveLength(121)
    expect(order.findIndex((job) => job.connection_id === other)).toBeLessThan(2)
  }, 60_000)

  // The embedded database is of one process.
  if (kind === 'server') {
    it('begin one job for each time, however many processes look', async () => {
      const connections: string[] = []
      for (let each = 0; each < 30; each += 1) {
        connections.push(await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' }))
      }
      const schedulers = [await createProcess(), await createProcess(await base.openAnother())]
      schedulers.push(await createProcess(await base.openAnother()))
      now = new Date('2026-06-01T10:00:05Z')
      await Promise.all(schedulers.map((scheduler) => scheduler.createDueJobs()))
      // What one of them left to another that was at it.
      await schedulers[0]?.createDueJobs()
      for (const connectionId of connections) {
        await end(connectionId)
        expect(await nextOf(connectionId)).toBe('2026-06-01T10:10:00.000Z')
      }
      await Promise.all(schedulers.map((scheduler) => scheduler.createDueJobs()))
      for (const connectionId of connections) expect(await jobsOf(connectionId)).toHaveLength(1)
    }, 60_000)
  }
})
