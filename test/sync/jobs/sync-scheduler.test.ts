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
  let scheduler: SyncScheduler
  const bus = createLocalWakeBus()
  const logger = createLogger({ level: 'silent' })
  let now = new Date(0)
  const queues: { stop(): Promise<void> }[] = []

  beforeAll(async () => {
    base = await open()
    scheduler = await createProcess()
  }, 60_000)
  beforeEach(() => base.database.sql.query('DELETE FROM connection'))
  afterAll(async () => {
    for (const queue of queues) await queue.stop()
    await base.close()
  })

  /** A scheduler with a database handle and a queue of its own, like one in another process. */
  async function createProcess(database = base.database) {
    const queue = createQueue(database, () => undefined)
    await queue.start()
    queues.push(queue)
    return createSyncScheduler({ database, queue, bus, logger, now: async () => now, random: () => 0.5 })
  }
  async function runAt(time: string | number): Promise<void> {
    now = new Date(time)
    await scheduler.createDueJobs()
  }

  interface Given {
    cron?: string
    intervalSeconds?: number
    timezone?: string
    due: string
    status?: string
    workspaceId?: string
    definition?: object
    /** Slug of a catalogue provider. */
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
  /**
   * Runs the scheduler every half hour, with jobs that end at once. @returns the number of jobs of each run that
   * created any
   */
  async function watch(connectionId: string, from: string, hours: number): Promise<string[]> {
    const runs: string[] = []
    for (let minutes = 0; minutes <= hours * 60; minutes += 30) {
      const before = (await jobsOf(connectionId)).length
      await runAt(new Date(from).getTime() + minutes * 60_000)
      const begun = (await jobsOf(connectionId)).length - before
      for (let each = 0; each < begun; each += 1) runs.push(now.toISOString())
      await end(connectionId)
    }
    return runs
  }

  it('create a job when they are due, and not before', async () => {
    const connectionId = await schedule({ intervalSeconds: 3_600, due: '2026-06-01T10:00:00Z' })
    await runAt('2026-06-01T09:59:59Z')
    expect(await jobsOf(connectionId)).toEqual([])
    await runAt('2026-06-01T10:00:01Z')
    expect(await jobsOf(connectionId)).toEqual([{ status: 'QUEUED', trigger: 'SCHEDULE' }])
    expect(await nextOf(connectionId)).toBe('2026-06-01T11:00:00.000Z')
  })

  it('create one job for all times that were missed (QJ-11)', async () => {
    const interval = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' })
    const cron = await schedule({ cron: '*/10 * * * *', due: '2026-06-01T10:00:00Z' })
    for (const at of ['2026-06-02T07:03:00Z', '2026-06-02T07:04:00Z']) {
      await runAt(at)
      await end(interval)
      await end(cron)
    }
    expect(await jobsOf(interval)).toHaveLength(1)
    expect(await jobsOf(cron)).toHaveLength(1)
    expect(await nextOf(interval)).toBe('2026-06-02T07:13:00.000Z')
    expect(await nextOf(cron)).toBe('2026-06-02T07:10:00.000Z')
  })

  it('create one job a day when clocks are set forward and back (QJ-11)', async () => {
    const zone = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
    const spring = await schedule({ ...zone, due: '2026-03-28T01:30:00Z' })
    // 02:30 does not exist on the 29th: the job is created at 03:00, the next time that exists.
    const inSpring = await watch(spring, '2026-03-28T01:00:00Z', 49)
    expect(inSpring.map((at) => at.slice(0, 10))).toEqual(['2026-03-28', '2026-03-29', '2026-03-30'])
    await base.database.sql.query('UPDATE connection SET next_run_at = NULL')
    const autumn = await schedule({ ...zone, due: '2026-10-24T00:30:00Z' })
    // 02:30 occurs twice on the 25th.
    const inAutumn = await watch(autumn, '2026-10-24T00:00:00Z', 50)
    expect(inAutumn.map((at) => at.slice(0, 10))).toEqual(['2026-10-24', '2026-10-25', '2026-10-26'])
  }, 60_000)

  it('handle no time twice when the clock jumps, and none stays later than its interval (QJ-11)', async () => {
    const cron = await schedule({ cron: '0 * * * *', due: '2026-06-01T10:00:00Z' })
    const interval = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' })
    const start = Date.parse('2026-06-01T10:00:00Z')
    const steps = [0, HOUR_MS + 60_000, 2 * 60_000, 12 * 60_000 + 1_000]
    for (const step of steps) {
      await runAt(start + step)
      await end(cron)
      await end(interval)
    }
    // At ten, and at eleven by the wrong clock, and not again at ten.
    expect(await jobsOf(cron)).toHaveLength(2)
    expect(await nextOf(cron)).toBe('2026-06-01T12:00:00.000Z')
    // At ten, at eleven, and ten minutes after the clock was corrected.
    expect(await jobsOf(interval)).toHaveLength(3)
  })

  it('skip a time while the connection has an unfinished job', async () => {
    const connectionId = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' })
    await runAt('2026-06-01T10:00:00Z')
    await runAt('2026-06-01T10:10:00Z')
    expect(await jobsOf(connectionId)).toHaveLength(1)
    expect(await nextOf(connectionId)).toBe('2026-06-01T10:20:00.000Z')
    await end(connectionId)
    await runAt('2026-06-01T10:20:00Z')
    expect(await jobsOf(connectionId)).toHaveLength(2)
  })

  it.each(['NEEDS_REAUTH', 'PENDING', 'DISABLED'])(
    'wait while the connection is %s, and create one job when it works again',
    async (status) => {
      const connectionId = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z', status })
      await runAt('2026-06-01T11:00:00Z')
      await runAt('2026-06-01T12:00:00Z')
      expect(await jobsOf(connectionId)).toEqual([])
      await base.database.sql.query(`UPDATE connection SET status = 'ACTIVE' WHERE id = $1::uuid`, [connectionId])
      await runAt('2026-06-01T12:00:01Z')
      await end(connectionId)
      await runAt('2026-06-01T12:00:02Z')
      expect(await jobsOf(connectionId)).toHaveLength(1)
      expect(await nextOf(connectionId)).toBe('2026-06-01T12:10:01.000Z')
    },
  )

  it('are not delayed by a connection whose job cannot be created', async () => {
    // Written by a version with more providers than this one.
    const broken = await schedule({ intervalSeconds: 600, due: '2026-06-01T09:00:00Z', provider: 'no-such' })
    const empty = await schedule({
      intervalSeconds: 600,
      due: '2026-06-01T09:00:00Z',
      definition: { ...DEFINITION, streams: [] },
    })
    const good = await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' })
    await runAt('2026-06-01T10:00:00Z')
    expect(await jobsOf(good)).toHaveLength(1)
    expect(await jobsOf(broken)).toEqual([])
    expect(await nextOf(broken)).toBe('2026-06-01T10:05:00.000Z')
    expect(await jobsOf(empty)).toEqual([])
    expect(await nextOf(empty)).toBe('2026-06-01T10:10:00.000Z')
  })

  it('are handled round-robin over workspaces, however many are due in one of them', async () => {
    const workspaceId = newId()
    for (let each = 0; each < 120; each += 1) {
      await schedule({ intervalSeconds: 600, due: '2026-06-01T09:00:00Z', workspaceId })
    }
    const other = await schedule({ intervalSeconds: 600, due: '2026-06-01T09:59:00Z' })
    await runAt('2026-06-01T10:00:00Z')
    const order = await base.database.sql.query<{ connection_id: string }>(
      'SELECT connection_id FROM sync_job ORDER BY queued_at, id',
    )
    expect(order).toHaveLength(121)
    expect(order.findIndex((job) => job.connection_id === other)).toBeLessThan(2)
  }, 60_000)

  // The embedded database has only one process.
  if (kind === 'server') {
    it('create one job for each time, however many processes run the scheduler', async () => {
      const connections: string[] = []
      for (let each = 0; each < 30; each += 1) {
        connections.push(await schedule({ intervalSeconds: 600, due: '2026-06-01T10:00:00Z' }))
      }
      const schedulers = [await createProcess(), await createProcess(await base.openAnother())]
      schedulers.push(await createProcess(await base.openAnother()))
      now = new Date('2026-06-01T10:00:05Z')
      await Promise.all(schedulers.map((scheduler) => scheduler.createDueJobs()))
      // Handles rows that one scheduler skipped because another one had locked them.
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
