import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { newId } from '../../../src/kit/ids.ts'
import { createJobRetention, removeOldJobs } from '../../../src/sync/jobs/job-retention.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { createSyncFixture, type SyncFixture, type TestConnection } from '../sync-fixture.ts'

const DAY_MS = 86_400_000
const DEFINITION = {
  displayName: 'Source',
  baseUrl: 'https://source.example',
  auth: { type: 'bearer' as const },
  streams: [
    { name: 'items', path: '/items' },
    { name: 'others', path: '/others' },
  ],
}

describeDatabases('sync jobs', (open, kind) => {
  let test: TestDatabase
  let fixture: SyncFixture
  beforeAll(async () => {
    test = await open()
    fixture = await createSyncFixture(test.database)
  })
  afterAll(async () => {
    await fixture?.close()
    await test?.close()
  })
  const sql = (text: string, values: unknown[]) => test.database.sql.query<Record<string, never>>(text, values)
  const before = () => new Date(Date.now() - 90 * DAY_MS)

  /** Jobs that began and ended so many days ago. @returns their ids, in the same order */
  async function addJobs(
    { workspaceId, connectionId }: TestConnection,
    days: readonly number[],
    { endedDaysAgo, status = 'SUCCEEDED' }: { endedDaysAgo?: number; status?: string } = {},
  ): Promise<string[]> {
    const ids: string[] = []
    for (const age of days) {
      const id = newId(Date.now() - age * DAY_MS)
      const ended = status === 'RUNNING' ? null : new Date(Date.now() - (endedDaysAgo ?? age) * DAY_MS)
      await sql(
        `INSERT INTO sync_job (id, workspace_id, connection_id, status, trigger, queued_at, finished_at)
         VALUES ($1::uuid, $2::uuid, $3::uuid, $4::sync_job_status, 'SCHEDULE', now() - $5::int * interval '1 day', $6::timestamptz)`,
        [id, workspaceId, connectionId, status, age, ended],
      )
      for (const [position, { name }] of DEFINITION.streams.entries()) {
        await sql(
          'INSERT INTO sync_job_stream (sync_job_id, name, workspace_id, position) VALUES ($1::uuid, $2, $3::uuid, $4::int)',
          [id, name, workspaceId, position],
        )
      }
      ids.push(id)
    }
    return ids
  }
  const jobsOf = async ({ connectionId }: TestConnection) =>
    (await sql('SELECT id FROM sync_job WHERE connection_id = $1::uuid ORDER BY id', [connectionId])).map(
      ({ id }) => id as unknown as string,
    )
  const streamsOf = async (ids: readonly string[]) =>
    (await sql('SELECT 1 AS one FROM sync_job_stream WHERE sync_job_id = ANY($1::uuid[])', [ids])).length
  const daysFrom = (oldest: number, count: number) => Array.from({ length: count }, (_, index) => oldest - index)

  it('that ended too long ago are removed with their streams; the newest 20 of a connection stay, however old', async () => {
    const [busy, quiet] = [await fixture.connect(DEFINITION), await fixture.connect(DEFINITION)]
    const old = await addJobs(busy, daysFrom(200, 30))
    const young = await addJobs(busy, daysFrom(50, 12))
    const few = await addJobs(quiet, daysFrom(400, 20))
    expect(await removeOldJobs(test.database, before())).toBe(22)
    expect(await jobsOf(busy)).toEqual([...old.slice(22), ...young])
    expect(await jobsOf(quiet)).toEqual(few)
    expect(await streamsOf(old)).toBe(8 * DEFINITION.streams.length)
    expect(await removeOldJobs(test.database, before())).toBe(0)

    // One more job makes the oldest of the 20 removable.
    const next = await addJobs(quiet, [1])
    expect(await removeOldJobs(test.database, before())).toBe(1)
    expect(await jobsOf(quiet)).toEqual([...few.slice(1), ...next])
  })

  it('that have not ended, or ended within the time, stay, although they began before it', async () => {
    const connection = await fixture.connect(DEFINITION)
    const [unfinished] = await addJobs(connection, [300], { status: 'RUNNING' })
    const [late] = await addJobs(connection, [299], { endedDaysAgo: 10 })
    await addJobs(connection, [298, 297])
    const newest = await addJobs(connection, daysFrom(30, 20))
    expect(await removeOldJobs(test.database, before())).toBe(2)
    expect(await jobsOf(connection)).toEqual([unfinished, late, ...newest])
  })

  it('of many connections and of more jobs than a batch are removed, and a stopped removal is continued later', async () => {
    const workspaceId = newId()
    const first = await fixture.connect(DEFINITION, { workspaceId })
    // 600 further connections with a young job, and 1,200 old jobs of one of them.
    await sql(
      `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method)
       SELECT gen_random_uuid(), c.workspace_id, c.integration_id, 'c', 'ACTIVE', 'SECRET'
       FROM connection c, generate_series(1, 600) WHERE c.id = $1::uuid`,
      [first.connectionId],
    )
    const last = await sql('SELECT id FROM connection ORDER BY id DESC LIMIT 1', [])
    const connectionId = last[0]?.['id'] ?? ''
    await sql(
      `INSERT INTO sync_job (id, workspace_id, connection_id, status, trigger, finished_at)
       SELECT overlay('01900000-0000-7000-8000-000000000000' placing lpad(n::text, 12, '0') from 25)::uuid, $1::uuid,
         $2::uuid, 'FAILED', 'SCHEDULE', '2024-07-01Z' FROM generate_series(1, 1220) n`,
      [workspaceId, connectionId],
    )
    const stop = new AbortController()
    stop.abort()
    expect(await removeOldJobs(test.database, before(), stop.signal)).toBe(0)
    expect(await removeOldJobs(test.database, before())).toBe(1_200)
    expect(await jobsOf({ ...first, connectionId })).toHaveLength(20)
  })

  it('are removed by themselves while the program runs', async () => {
    const connection = await fixture.connect(DEFINITION)
    const ids = await addJobs(connection, daysFrom(60, 21))
    const failures: unknown[] = []
    const retention = createJobRetention(test.database, 'P30D', (error) => failures.push(error), 10)
    retention.start()
    await vi.waitFor(async () => expect(await jobsOf(connection)).toEqual(ids.slice(1)), 20_000)
    await retention.stop()
    expect(failures).toEqual([])
  })

  if (kind === 'embedded') return

  it('are left alone while another process removes jobs', async () => {
    const connection = await fixture.connect(DEFINITION)
    await addJobs(connection, daysFrom(200, 21))
    const other = await test.openAnother()
    await other.bulkTransaction(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('latchkey retention of sync jobs', 0))::text`)
      expect(await removeOldJobs(test.database, before())).toBe(0)
    })
    expect(await removeOldJobs(test.database, before())).toBe(1)
  })
})
