import type { ServerResponse } from 'node:http'
import { expect, it, vi } from 'vitest'
import { INDEXES_ONLY } from '../../../src/db/database.ts'
import { requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
import { READ_POSITIONS } from '../../../src/sync/run/missing-records.ts'
import { describeDatabases } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { hurriedClock } from '../read/read-fixture.ts'
import type { JobRow, TestConnection } from '../sync-fixture.ts'
import { syncSuite } from './sync-suite.ts'

/** No heartbeat is ever sent, and no job is ever taken over. */
const NEVER = 2 ** 30
const SILENT = { heartbeat: NEVER, lease: NEVER, sweep: NEVER }

type Item = { id: number; v?: number }

const items = (first: number, last: number): Item[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({ id: first + index }))

describeDatabases('a reading that meets unchanged records', (open) => {
  const suite = syncSuite(open)
  const sql = () => suite.fixture.database.sql

  /** A source with the given pages, whose cursors do not contain a number of records. */
  async function sourceOf(pages: Item[][]) {
    const source = {
      pages,
      /** The page that is not answered; 0: none. */
      holds: 0,
      held: Promise.withResolvers<ServerResponse>(),
      asked: [] as number[],
      status: (_page: number) => 200,
      connection: undefined as unknown as TestConnection,
    }
    const token = (page: number) => 'x'.repeat(page + 2)
    const server = await suite.provider(({ url }, response) => {
      const page = Math.max(1, (url.searchParams.get('after') ?? '').length - 2)
      source.asked.push(page)
      if (page === source.holds) return source.held.resolve(response)
      const next = page < source.pages.length ? token(page + 1) : null
      sendJson(response, { data: source.pages[page - 1] ?? [], next }, {}, source.status(page))
    })
    const pagination = { type: 'cursor', path: 'next', param: 'after' } as const
    const streams = [{ name: 'items', path: '/items', primaryKey: ['id'], recordsPath: 'data', pagination }]
    source.connection = await suite.fixture.connect(suite.paged(server, 10, { streams }))
    return source
  }
  const work = (options: Parameters<typeof suite.work>[0] = {}) =>
    suite.work({ clock: hurriedClock().clock, ...options })
  const sync = async (connection: TestConnection): Promise<JobRow> =>
    suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
  const present = async (connection: TestConnection) =>
    (await connection.records())
      .filter(({ deleted }) => !deleted)
      .map(({ data }): number => JSON.parse(data).id)
      .toSorted((a, b) => a - b)
  /** The versions of all rows of the connection. */
  const versions = ({ connectionId }: TestConnection) =>
    sql().query<{ id: string; version: string }>(
      'SELECT id, concat(ctid, xmin, xmax) AS version FROM record WHERE connection_id = $1::uuid ORDER BY id',
      [connectionId],
    )
  const remembered = async ({ connectionId }: TestConnection) =>
    (await sql().query('SELECT 1 AS one FROM met_records WHERE connection_id = $1::uuid', [connectionId])).length
  const abandon = (id: string) =>
    sql().query(`UPDATE sync_job SET heartbeat_at = clock_timestamp() - interval '1 hour' WHERE id = $1::uuid`, [id])

  it('writes no record, counts each one, and forgets what it has met when it ends', async () => {
    const source = await sourceOf([items(1, 10), items(11, 20), items(21, 25)])
    work()
    await sync(source.connection)
    const before = await versions(source.connection)
    expect(await sync(source.connection)).toMatchObject({
      status: 'SUCCEEDED',
      ...{ records_read: 25, records_written: 0, records_deleted: 0, pages_read: 3 },
    })
    expect(await versions(source.connection)).toEqual(before)
    expect(await remembered(source.connection)).toBe(0)
    expect(await source.connection.state('items')).toMatchObject({ record_count: 25 })
  })

  it('deletes what is gone, and keeps records that it meets twice, also when they change in between', async () => {
    const source = await sourceOf([items(1, 5), items(6, 10)])
    work()
    await sync(source.connection)
    source.pages = [
      [{ id: 1 }, { id: 2 }, { id: 6 }],
      [{ id: 1 }, { id: 2, v: 2 }, { id: 7, v: 2 }],
      [{ id: 2, v: 2 }, { id: 7, v: 2 }, { id: 8 }],
      [{ id: 7, v: 3 }, { id: 6 }, { id: 11 }],
    ]
    expect(await sync(source.connection)).toMatchObject({
      ...{ records_read: 12, records_written: 4, records_deleted: 5, pages_read: 4 },
    })
    expect(await present(source.connection)).toEqual([1, 2, 6, 7, 8, 11])
    expect(await source.connection.state('items')).toMatchObject({ record_count: 6 })
  })

  it.each([2, 3, 4])(
    'commits its pages while the source does not answer, and loses nothing when its worker crashes at page %i',
    async (page) => {
      const source = await sourceOf([items(1, 10), items(11, 20), items(21, 30), items(31, 35)])
      const first = suite.fixture.worker({ times: SILENT })
      first.start()
      await sync(source.connection)
      source.pages = source.pages.map((each) => each.filter(({ id }) => id !== 3 && id !== 33))
      const left = source.pages.flat().map(({ id }) => id)
      source.holds = page
      const id = await source.connection.sync()
      const response = await source.held.promise
      await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: page - 1 }), 10_000)
      expect(await remembered(source.connection)).toBeGreaterThan(0)
      source.holds = 0
      source.asked.length = 0
      await abandon(id)
      work({ times: { sweep: 20 } })
      const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
      // The rest of the first reading, and a second one, because records may have moved between the two workers.
      expect(source.asked.slice(0, 6 - page)).toEqual([...Array.from({ length: 5 - page }, (_, at) => page + at), 1])
      expect(job).toMatchObject({ attempt: 2, records_read: 33, records_written: 0, records_deleted: 2, pages_read: 8 })
      expect(await present(source.connection)).toEqual(left)
      expect(await remembered(source.connection)).toBe(0)
      sendJson(response, { data: [], next: null })
      await first.stop()
      expect(await present(source.connection)).toEqual(left)
    },
  )

  it.each([2, 3])(
    'of pages that need no look loses nothing when its worker crashes at page %i, and deletes only what is gone',
    async (page) => {
      const pages = [items(1, 50), items(51, 100), items(101, 150)]
      const source = await sourceOf([...pages, items(151, 200)])
      const first = suite.fixture.worker({ times: SILENT })
      first.start()
      await sync(source.connection)
      const before = await versions(source.connection)
      expect(await sync(source.connection)).toMatchObject({ records_written: 0, records_deleted: 0 })
      expect(await source.connection.state('items')).toMatchObject({ known_pages_valid: true })
      source.pages = pages
      source.holds = page
      const id = await source.connection.sync()
      const response = await source.held.promise
      await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: page - 1 }), 10_000)
      source.holds = 0
      await abandon(id)
      work({ times: { sweep: 20 } })
      expect(await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')).toMatchObject({
        ...{ status: 'SUCCEEDED', attempt: 2, records_read: 150, records_written: 0, records_deleted: 50 },
      })
      expect(await present(source.connection)).toEqual(pages.flat().map((item) => item.id))
      expect(await source.connection.state('items')).toMatchObject({ record_count: 150 })
      sendJson(response, { data: [], next: null })
      await first.stop()
      // The records that are left were never written again.
      const after = await versions(source.connection)
      expect(after.filter(({ version }) => before.some((row) => row.version === version))).toHaveLength(150)
      expect(await sync(source.connection)).toMatchObject({ records_read: 150, records_written: 0, records_deleted: 0 })
    },
  )

  it('is committed when its worker stops, and when the source fails', async () => {
    const source = await sourceOf([items(1, 10), items(11, 20), items(21, 25)])
    const first = suite.fixture.worker()
    first.start()
    await sync(source.connection)
    source.holds = 2
    const id = await source.connection.sync()
    const response = await source.held.promise
    await first.stop()
    response.destroy()
    expect(await suite.fixture.job(id)).toMatchObject({ status: 'QUEUED', records_read: 10, pages_read: 1 })
    source.holds = 0
    source.status = (page) => (page === 3 ? 422 : 200)
    work()
    const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'FAILED', records_read: 20, pages_read: 2, records_deleted: 0 })
  })

  it('is forgotten when its job is cancelled', async () => {
    const source = await sourceOf([items(1, 10), items(11, 20)])
    work()
    await sync(source.connection)
    source.holds = 2
    const id = await source.connection.sync()
    const response = await source.held.promise
    await vi.waitFor(async () => expect(await remembered(source.connection)).toBe(1), 10_000)
    await requestCancel(suite.fixture, id)
    await suite.fixture.until(id, 'CANCELLED')
    expect(await remembered(source.connection)).toBe(0)
    response.destroy()
  })

  it('ends a stream by reading its own records alone, by their index', async () => {
    const { connectionId, workspaceId } = (await sourceOf([])).connection
    await sql().query(
      `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
       SELECT gen_random_uuid(), $2::uuid, $1::uuid, CASE WHEN n % 1000 = 0 THEN 'small' ELSE 'large' END, '[]', '{}', ''
       FROM generate_series(1, 20000) AS n`,
      [connectionId, workspaceId],
    )
    await sql().query('ANALYZE record')
    const [row] = await suite.fixture.database.bulkTransaction(
      (tx) =>
        tx.query<{ 'QUERY PLAN': unknown }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${READ_POSITIONS}`, [
          ...[connectionId, 'small', 0, 2 ** 40, 2 ** 40, 20_000],
        ]),
      INDEXES_ONLY,
    )
    const scans = JSON.stringify(row?.['QUERY PLAN']).match(
      /"Index Name":.*?"Actual Rows":[^,]*|"Rows Removed by Filter":[1-9]/g,
    )
    expect(scans).toHaveLength(1)
    expect(scans?.[0]).toMatch(/record_connection_id_stream_position_idx.*"Actual Rows":20(\.0+)?$/)
  })

  /** Statements of the version that marked the records which a reading met with its id. */
  const MARK =
    'UPDATE record SET seen_by = $3::uuid WHERE connection_id = $1::uuid AND stream = $2 AND id = ANY($4::uuid[])'
  const DELETE_UNMARKED = `UPDATE record SET deleted = true, position = nextval('record_position_seq')
    WHERE connection_id = $1::uuid AND stream = $2 AND NOT deleted AND seen_by IS DISTINCT FROM $3::uuid`
  const MAY_CONTINUE = `SELECT coalesce(checkpoint->'marked', checkpoint)->>'next' IS NOT NULL AS may FROM sync_job_stream
    WHERE sync_job_id = $1::uuid`
  const idsOf = async ({ connectionId }: TestConnection, ids: number[]) =>
    (
      await sql().query<{ id: string }>(
        `SELECT id FROM record WHERE connection_id = $1::uuid AND (data->>'id')::int = ANY($2::int[])`,
        [connectionId, ids],
      )
    ).map(({ id }) => id)

  it('is not continued by a worker of an earlier version, which then deletes only what is gone', async () => {
    const source = await sourceOf([items(1, 10), items(11, 20), items(21, 25)])
    const first = suite.fixture.worker()
    first.start()
    await sync(source.connection)
    source.pages = source.pages.map((each) => each.filter(({ id }) => id !== 3))
    source.holds = 3
    const id = await source.connection.sync()
    const response = await source.held.promise
    await first.stop()
    response.destroy()
    const { connectionId } = source.connection
    // The earlier version finds no checkpoint in this job, and reads all pages.
    expect(await sql().query(MAY_CONTINUE, [id])).toEqual([{ may: false }])
    const met = source.pages.flat().map((item) => item.id)
    await sql().query(MARK, [connectionId, 'items', id, await idsOf(source.connection, met)])
    await sql().query(DELETE_UNMARKED, [connectionId, 'items', id])
    expect(await present(source.connection)).toEqual(met)
  })

  it('does not continue the reading of an earlier version, whose marks it does not see', async () => {
    const source = await sourceOf([items(1, 10), items(11, 20), items(21, 25)])
    const first = suite.fixture.worker()
    first.start()
    await sync(source.connection)
    await first.stop()
    const id = await source.connection.sync()
    const { connectionId } = source.connection
    await sql().query(MARK, [
      connectionId,
      'items',
      id,
      await idsOf(
        source.connection,
        items(1, 10).map((item) => item.id),
      ),
    ])
    const [state] = await sql().query<{ definition: string }>(
      'SELECT definition FROM stream_state WHERE connection_id = $1::uuid',
      [connectionId],
    )
    const reading = {
      ...{ number: 1, id, definition: state?.definition, whole: true, since: null, before: 25, pages: 1, read: 10 },
      ...{ quarantined: 0, quarantinedAt: [], total: null, shrank: false, mayHide: false },
    }
    await sql().query(
      `UPDATE sync_job_stream SET checkpoint = $2::json, status = 'RUNNING', records_read = 10, pages_read = 1
       WHERE sync_job_id = $1::uuid`,
      [id, JSON.stringify({ next: { kind: 'cursor', json: '"xxxx"' }, highest: null, reading })],
    )
    source.pages = source.pages.map((each) => each.filter((item) => item.id !== 3 && item.id !== 23))
    source.asked.length = 0
    work()
    expect(await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')).toMatchObject({
      status: 'SUCCEEDED',
      records_deleted: 2,
    })
    expect(source.asked[0]).toBe(1)
    expect(await present(source.connection)).toEqual(source.pages.flat().map((item) => item.id))
  })
})
