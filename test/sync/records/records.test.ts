import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { readPath } from '../../../src/catalog/definition/path.ts'
import { newId } from '../../../src/kit/ids.ts'
import { isRawJson } from '../../../src/kit/json.ts'
import { type ClaimedJob, claimJob, sendHeartbeats } from '../../../src/sync/jobs/claim.ts'
import { finishJob } from '../../../src/sync/jobs/finish-job.ts'
import { START } from '../../../src/sync/read/page-position.ts'
import { prepareRecords } from '../../../src/sync/read/page-records.ts'
import {
  countRecords,
  decodeRecordCursor,
  encodeRecordCursor,
  type RecordScope,
  readNewestPosition,
  readRecords,
} from '../../../src/sync/records/records.ts'
import { compareRecords, writePages } from '../../../src/sync/records/write-page.ts'
import { continueReading } from '../../../src/sync/run/reading.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { createSyncFixture, type SyncFixture, type TestConnection } from '../sync-fixture.ts'

const definition: DefinitionInput = {
  displayName: 'Provider',
  baseUrl: 'https://provider.example',
  auth: { type: 'none' },
  streams: ['items', 'others'].map((name) => ({ name, path: `/${name}`, primaryKey: ['id'] })),
}

describeDatabases('records', (open, kind) => {
  let base: TestDatabase
  let fixture: SyncFixture
  beforeAll(async () => {
    base = await open()
    fixture = await createSyncFixture(base.database)
  }, 60_000)
  afterAll(async () => {
    await fixture.close()
    await base.close()
  })

  const sql = () => fixture.database.sql
  const keys = (rows: { primaryKey: string[]; deleted: boolean }[]) =>
    rows.map((row) => `${row.primaryKey.join()}${row.deleted ? ' deleted' : ''}`)

  async function begin(connection: TestConnection): Promise<ClaimedJob> {
    const job = await claimJob(fixture.database, fixture.bus, await connection.sync(), 60_000)
    if (job === null) throw new Error('The job was not claimed.')
    return job
  }

  async function write(job: ClaimedJob, items: unknown[], stream = 'items', inside = async () => {}): Promise<void> {
    const records = await prepareRecords(items, {
      connectionId: job.connectionId,
      recordIds: job.recordIds,
      stream: { name: stream, path: '/', primaryKey: [['id']] },
      page: 1,
    })
    const { changed, added } = await compareRecords(sql(), records)
    const checkpoint = continueReading(START, {
      definition: 'a',
      whole: true,
      deletes: true,
      newest: 0,
      since: null,
      before: 0,
      recordsRead: 0,
      inherited: false,
    })
    await fixture.database.bulkTransaction(async (tx) => {
      await writePages(tx, job, stream, {
        records: changed,
        added,
        recordsRead: records.read,
        pagesRead: 1,
        bytesRead: 1,
        total: null,
        checkpoint,
        met: new Float64Array(),
      })
      await inside()
    })
  }

  /** The positions of a list that is read page by page. */
  async function readAll(scope: RecordScope, options: Parameters<typeof readRecords>[2]): Promise<bigint[]> {
    const positions: bigint[] = []
    for (;;) {
      const rows = await readRecords(sql(), scope, { ...options, after: positions.at(-1) })
      positions.push(...rows.map(({ position }) => position))
      if (rows.length < options.limit) return positions
    }
  }

  it('of a connection are read with the last changed first, over several pages, with deleted ones only if asked', async () => {
    const connection = await fixture.connect(definition)
    const job = await begin(connection)
    await write(job, [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }])
    await write(job, [{ id: 'o' }], 'others')
    await write(job, [{ id: 'a', v: 2 }])
    await sql().query(
      `UPDATE record SET deleted = true WHERE connection_id = $1::uuid AND primary_key::text = '["c"]'`,
      [connection.connectionId],
    )
    const scope = { connectionId: connection.connectionId }
    const all = { newestFirst: true, stream: 'items', limit: 2 }
    const first = await readRecords(sql(), scope, all)
    expect(keys(first)).toEqual(['a', 'd'])
    const later = first.at(-1)?.position
    expect(keys(await readRecords(sql(), scope, { ...all, after: later }))).toEqual(['b'])
    const withDeleted = { ...all, includeDeleted: true, after: later }
    expect(keys(await readRecords(sql(), scope, withDeleted))).toEqual(['c deleted', 'b'])
    const changedAfter = (await readRecords(sql(), scope, { limit: 1, stream: 'others' }))[0]?.position
    const changes = await readRecords(sql(), scope, { newestFirst: true, changedAfter, limit: 10 })
    expect(keys(changes)).toEqual(['a'])
    const counted = await countRecords(sql(), scope, { stream: 'items', includeDeleted: true })
    expect(counted).toEqual({ count: 4, isExact: true })
  })

  it('of a connection are read page by page, in the order of their last change', async () => {
    const connection = await fixture.connect(definition)
    const job = await begin(connection)
    await write(job, [{ id: 'a' }, { id: 'b' }, { id: 'c' }])
    await write(job, [{ id: 'o', n: 1 }], 'others')
    await write(job, [{ id: 'a', v: 2 }, { id: 'b' }])
    const scope = { connectionId: connection.connectionId }
    const first = await readRecords(sql(), scope, { limit: 2 })
    expect(keys(first)).toEqual(['b', 'c'])
    const rest = await readRecords(sql(), scope, { limit: 10, after: first[1]?.position })
    expect(keys(rest)).toEqual(['o', 'a'])
    expect(rest[1]).toMatchObject({
      workspaceId: connection.workspaceId,
      connectionId: connection.connectionId,
      stream: 'items',
      data: { id: 'a', v: 2 },
      deleted: false,
      changedAt: expect.any(Date),
    })
    expect(keys(await readRecords(sql(), scope, { limit: 10, stream: 'others' }))).toEqual(['o'])
    expect(await countRecords(sql(), scope, {})).toEqual({ count: 4, isExact: true })
    expect(await countRecords(sql(), scope, { stream: 'items' })).toEqual({ count: 3, isExact: true })
  })

  it('are returned as they were stored, with keys and numbers that JavaScript cannot represent', async () => {
    const connection = await fixture.connect(definition)
    const job = await begin(connection)
    await write(job, [JSON.parse(String.raw`{"id":"\u0000\ud800"}`), { id: 'n', n: JSON.rawJSON('9007199254740993') }])
    const rows = await readRecords(sql(), { connectionId: connection.connectionId }, { limit: 10 })
    expect(rows[0]?.primaryKey).toEqual(['\0\ud800'])
    expect(rows[0]?.data).toEqual({ id: '\0\ud800' })
    const n = readPath(rows[1]?.data, ['n'])
    expect(isRawJson(n) && n.rawJSON).toBe('9007199254740993')
  })

  it('that were deleted are returned only as changes', async () => {
    const connection = await fixture.connect(definition)
    const scope = { connectionId: connection.connectionId }
    const job = await begin(connection)
    await write(job, [{ id: 1 }, { id: 2 }])
    const seen = (await readRecords(sql(), scope, { limit: 10 })).at(-1)?.changePosition ?? 0n
    await sql().query(
      `WITH gone AS (
         UPDATE record SET deleted = true, position = nextval('record_position_seq') WHERE data::text = '{"id":1}' AND connection_id = $1::uuid
       )
       UPDATE stream_state SET record_count = record_count - 1 WHERE connection_id = $1::uuid AND name = 'items'`,
      [connection.connectionId],
    )
    expect(keys(await readRecords(sql(), scope, { limit: 10 }))).toEqual(['2'])
    expect(keys(await readRecords(sql(), scope, { limit: 10, changedAfter: seen }))).toEqual(['1 deleted'])
    expect(keys(await readRecords(sql(), scope, { limit: 10, changedAfter: 0n }))).toEqual(['2', '1 deleted'])
    expect(await countRecords(sql(), scope, { changedAfter: 0n })).toEqual({ count: 2, isExact: true })
  })

  describe('of a collection', () => {
    async function collection(of = definition) {
      const collectionId = newId()
      const first = await fixture.connect(of, { collectionId })
      const second = await fixture.connect(of, { collectionId, workspaceId: first.workspaceId })
      return { collectionId, first, second }
    }

    it('are one list', async () => {
      const { collectionId, first, second } = await collection()
      const one = await begin(first)
      const two = await begin(second)
      await write(one, [{ id: 'a' }])
      await write(two, [{ id: 'b' }])
      await write(one, [{ id: 'c' }])
      const rows = await readRecords(sql(), { collectionId }, { limit: 2 })
      expect(keys(rows)).toEqual(['a', 'b'])
      expect(keys(await readRecords(sql(), { collectionId }, { limit: 2, after: rows[1]?.position }))).toEqual(['c'])
      expect(await countRecords(sql(), { collectionId }, {})).toEqual({ count: 3, isExact: true })
    })

    it('of many streams are read in one order, whatever the size of the page and wherever they begin', async () => {
      const streams = Array.from({ length: 12 }, (_, n) => `s${n}`)
      const { collectionId, first, second } = await collection({
        ...definition,
        streams: streams.map((name) => ({ name, path: `/${name}`, primaryKey: ['id'] })),
      })
      const jobs = [await begin(first), await begin(second)]
      // Some streams are written in runs, some in turn, some change later, and some have one record.
      for (const [n, stream] of streams.entries()) {
        for (const job of jobs)
          await write(
            job,
            Array.from({ length: 1 + ((n * 7) % 9) }, (_, id) => ({ id })),
            stream,
          )
      }
      for (const stream of ['s3', 's8', 's3', 's1']) {
        for (const job of jobs)
          await write(
            job,
            [
              { id: 0, at: Math.random() },
              { id: 'new', at: Math.random() },
            ],
            stream,
          )
      }
      for (const { id } of jobs) await sql().query(`UPDATE sync_job SET status = 'SUCCEEDED' WHERE id = $1::uuid`, [id])
      for (const [scope, ids] of [
        [{ connectionId: first.connectionId }, [first.connectionId]],
        [{ collectionId }, [first.connectionId, second.connectionId]],
      ] as const) {
        const stored = await sql().query<{ position: bigint; stream: string }>(
          'SELECT position, stream FROM record WHERE connection_id = ANY ($1::uuid[]) ORDER BY position',
          [ids],
        )
        for (const limit of [1, 2, 5, 13, 200]) {
          for (const stream of [undefined, 's3', 's5', 'unknown']) {
            const expected = stored.filter((each) => stream === undefined || each.stream === stream)
            expect(await readAll(scope, { stream, limit }), `${limit} of ${stream}`).toEqual(
              expected.map(({ position }) => position),
            )
            if (!('connectionId' in scope)) continue
            const reverse = await readAll(scope, { stream, limit, newestFirst: true })
            expect(reverse, `${limit} of ${stream} backwards`).toEqual(
              expected.map(({ position }) => position).reverse(),
            )
          }
        }
        const middle = stored[Math.floor(stored.length / 2)]?.position ?? 0n
        expect(await readAll(scope, { limit: 3, changedAfter: middle })).toEqual(
          stored.map(({ position }) => position).filter((position) => position > middle),
        )
      }
    })

    it('are returned as changes only up to the lowest position that a running job can still write', async () => {
      const { collectionId, first, second } = await collection()
      const slow = await begin(first)
      const fast = await begin(second)
      await write(fast, [{ id: 'b' }])
      // The slow job may be writing a page with lower positions.
      expect(await readRecords(sql(), { collectionId }, { limit: 10, changedAfter: 0n })).toEqual([])
      expect(await countRecords(sql(), { collectionId }, { changedAfter: 0n })).toEqual({ count: 0, isExact: true })
      // Without `changedAfter` all records are returned. The cursor says up to where they were complete.
      const [shown] = await readRecords(sql(), { collectionId }, { limit: 10 })
      expect(shown?.changePosition).toBe((await fixture.job(slow.id)).change_floor)
      expect(shown?.changePosition).toBeLessThan(shown?.position ?? 0n)

      expect((await sendHeartbeats(fixture.database, [slow])).get(slow.id)).toMatchObject({ status: 'RUNNING' })
      expect(keys(await readRecords(sql(), { collectionId }, { limit: 10, changedAfter: 0n }))).toEqual(['b'])
      await write(slow, [{ id: 'a' }])
      await finishJob(fixture, slow, { status: 'SUCCEEDED' })
      await finishJob(fixture, fast, { status: 'SUCCEEDED' })
      const all = await readRecords(sql(), { collectionId }, { limit: 10, changedAfter: shown?.changePosition })
      expect(keys(all)).toEqual(['b', 'a'])
      expect(all.map(({ position }) => position)).toEqual(all.map(({ changePosition }) => changePosition))
    })

    // PGlite has one session: its transactions cannot overlap.
    if (kind === 'embedded') return

    it('are never skipped by a reader of changes while jobs commit out of order', async () => {
      const { collectionId, first, second } = await collection()
      const one = await begin(first)
      const two = await begin(second)
      const met = new Set<string>()
      let after = 0n
      const read = async () => {
        for (const row of await readRecords(sql(), { collectionId }, { limit: 100, changedAfter: after })) {
          met.add(row.primaryKey.join())
          after = row.changePosition
        }
      }
      // The first job has a position but has not committed when the second one has committed a higher position.
      await write(one, [{ id: 'low' }], 'items', async () => {
        await write(two, [{ id: 'high' }])
        await read()
        expect([...met]).toEqual([])
        // The heartbeat of the writing job does not raise its floor before its page is committed.
        const beats = await sendHeartbeats(fixture.database, [one, two])
        expect([...beats.values()].map(({ status }) => status)).toEqual(['RUNNING', 'RUNNING'])
        await read()
        expect([...met]).toEqual([])
      })
      await read()
      await sendHeartbeats(fixture.database, [one, two])
      await read()
      expect([...met].sort()).toEqual(['high', 'low'])
    })
  })

  it('have cursors that are valid for one list and one kind of position only', async () => {
    const scope = newId()
    const newest = await readNewestPosition(sql())
    expect(newest).toBeGreaterThan(0n)
    const cursor = encodeRecordCursor('change', scope, newest)
    expect(decodeRecordCursor('change', cursor, scope, newest, ['changedAfter'])).toEqual({
      position: newest,
      purgesSeen: 0n,
    })
    const wrong = [
      () => decodeRecordCursor('list', cursor, scope, newest, ['after']),
      () => decodeRecordCursor('change', cursor, newId(), newest, ['changedAfter']),
      () => decodeRecordCursor('change', cursor, scope, newest - 1n, ['changedAfter']),
      () => decodeRecordCursor('change', `${cursor}=`, scope, newest, ['changedAfter']),
      () => decodeRecordCursor('change', 'nonsense', scope, newest, ['changedAfter']),
      () => decodeRecordCursor('change', encodeRecordCursor('change', scope, -1n), scope, newest, ['changedAfter']),
    ]
    for (const decode of wrong) expect(decode).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })
})
