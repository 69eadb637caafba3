import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import type { Egress } from '../../../src/egress/egress.ts'
import { readNewestPosition, readRecords } from '../../../src/sync/records/records.ts'
import { openTestDatabase, serverAnswers } from '../../support/databases.ts'
import {
  type Contact,
  type PostgraphileUpstream,
  postgraphileHome,
  startPostgraphile,
} from '../../support/postgraphile.ts'
import { testSender } from '../../support/test-sender.ts'
import { syncSuite } from '../run/sync-suite.ts'
import type { TestConnection } from '../sync-fixture.ts'

const SIZE = 20
const QUERY = `query ($first: Int!, $after: Cursor, $since: Datetime) {
  contactsSince(since: $since, first: $first, after: $after, orderBy: [UPDATED_AT_ASC, ROW_ID_ASC]) {
    nodes { rowId name updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}`

describe.skipIf(!serverAnswers || postgraphileHome === null)('A sync job of a database behind PostGraphile', () => {
  let databaseUrl = ''
  const suite = syncSuite(async () => {
    const test = await openTestDatabase('server')
    databaseUrl = test.url ?? ''
    return test
  })
  let upstream: PostgraphileUpstream
  beforeAll(async () => {
    upstream = await startPostgraphile(databaseUrl)
  })
  afterAll(() => upstream?.stop())

  const definition = (query = QUERY): DefinitionInput => ({
    displayName: 'PostGraphile',
    baseUrl: upstream.url,
    auth: { type: 'bearer' },
    responseErrors: [{ status: 200, path: 'errors', as: 'fail', message: 'errors.0.message' }],
    streams: [
      {
        name: 'contacts',
        path: '/',
        json: { query, variables: { first: SIZE } },
        recordsPath: 'data.contactsSince.nodes',
        primaryKey: ['rowId'],
        pagination: {
          type: 'cursor',
          in: 'json',
          param: 'variables.after',
          path: 'data.contactsSince.pageInfo.endCursor',
          hasMore: 'data.contactsSince.pageInfo.hasNextPage',
        },
        incremental: { in: 'json', param: 'variables.since', cursorField: 'updatedAt' },
      },
    ],
  })

  const connect = (token = upstream.token, query = QUERY) => suite.fixture.connect(definition(query), { token })

  /**
   * Runs a sync job to its end. `beforePage` changes the provider's data before a page is requested, by page number.
   */
  async function sync(
    connection: TestConnection,
    { fullRefresh = false, beforePage = {} }: { fullRefresh?: boolean; beforePage?: Record<number, string> } = {},
  ) {
    let page = 0
    const egress: Egress = {
      ...suite.fixture.egress,
      async send(request) {
        page += 1
        const statement = beforePage[page]
        if (statement !== undefined) await upstream.run(statement)
        return suite.fixture.egress.send(request)
      },
    }
    const worker = suite.fixture.worker({ sender: testSender(egress) })
    worker.start()
    const id = await connection.sync({ fullRefresh })
    const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
    await worker.stop()
    return job
  }

  async function stored(connection: TestConnection, deleted = false): Promise<Contact[]> {
    const records = (await connection.records()).filter((record) => record.deleted === deleted)
    return records.map(({ data }) => JSON.parse(data)).toSorted((a, b) => a.rowId - b.rowId)
  }

  const insert = (from: number, to: number) =>
    `INSERT INTO contact (id, name) SELECT n, 'Contact ' || n FROM generate_series(${from}, ${to}) n`

  it('has the same records as the database, whatever was added, changed and removed between jobs and during them', async () => {
    await upstream.run('DELETE FROM contact')
    await upstream.run(insert(1, 105))
    // Long before it is read: rows that change while they are read are read twice.
    await upstream.run(`ALTER TABLE contact DISABLE TRIGGER touch;
      UPDATE contact SET updated_at = updated_at - interval '1 hour'; ALTER TABLE contact ENABLE TRIGGER touch`)
    const connection = await connect()
    expect(await sync(connection)).toMatchObject({ status: 'SUCCEEDED', records_written: 105, pages_read: 6 })
    expect(await stored(connection)).toEqual(await upstream.contacts())
    const { sql } = suite.fixture.database
    const seen = await readNewestPosition(sql)

    await upstream.run(insert(106, 130))
    await upstream.run(`UPDATE contact SET name = 'Renamed ' || id WHERE id BETWEEN 1 AND 30`)
    await upstream.run('DELETE FROM contact WHERE id IN (40, 41)')
    // The row of the stored cursor is read again: 56.
    expect(await sync(connection)).toMatchObject({
      status: 'SUCCEEDED',
      records_written: 55,
      records_deleted: 0,
      pages_read: 3,
    })
    const live = (await stored(connection)).filter(({ rowId }) => ![40, 41].includes(rowId))
    expect(live).toEqual(await upstream.contacts())

    // Rows of pages that were read, and of pages that were not.
    const during = {
      2: `UPDATE contact SET name = 'Changed after its page' WHERE id IN (31, 32)`,
      3: 'DELETE FROM contact WHERE id IN (33, 90)',
      4: insert(131, 150),
      5: `UPDATE contact SET name = 'Changed before its page' WHERE id = 30`,
    }
    const whole = await sync(connection, { fullRefresh: true, beforePage: during })
    expect(whole).toMatchObject({ status: 'SUCCEEDED', records_deleted: 3 })
    // 33 was removed after it was read; all other records are as in the database.
    expect((await stored(connection)).filter(({ rowId }) => rowId !== 33)).toEqual(await upstream.contacts())
    expect((await stored(connection, true)).map(({ rowId }) => rowId)).toEqual([40, 41, 90])

    await upstream.run(`UPDATE contact SET name = 'Last' WHERE id = 150`)
    const incremental = { 1: insert(151, 175), 2: `UPDATE contact SET name = 'Again' WHERE id = 151` }
    expect(await sync(connection, { beforePage: incremental })).toMatchObject({ status: 'SUCCEEDED' })
    expect((await stored(connection)).filter(({ rowId }) => rowId !== 33)).toEqual(await upstream.contacts())

    expect(await sync(connection, { fullRefresh: true })).toMatchObject({
      status: 'SUCCEEDED',
      records_written: 0,
      records_deleted: 1,
    })
    expect(await stored(connection)).toEqual(await upstream.contacts())
    expect((await stored(connection, true)).map(({ rowId }) => rowId)).toEqual([33, 40, 41, 90])
    expect(await connection.state('contacts')).toMatchObject({ record_count: (await upstream.contacts()).length })

    // A client that follows changes has the same records.
    const changes = await readRecords(
      sql,
      { connectionId: connection.connectionId },
      { changedAfter: seen, limit: 1_000 },
    )
    expect(changes.filter(({ deleted }) => deleted).map(({ primaryKey }) => primaryKey[0])).toEqual([
      ...['40', '41', '90'],
      '33',
    ])
    const changed = new Set(changes.map(({ primaryKey }) => Number(primaryKey[0])))
    const untouched = (await upstream.contacts()).filter(({ name }) => /^Contact (3[4-9]|[4-9]\d|10[0-5])$/.test(name))
    for (const { rowId } of await upstream.contacts()) {
      expect([rowId, changed.has(rowId)]).toEqual([rowId, !untouched.some((each) => each.rowId === rowId)])
    }
  })

  it('fails with the words of GraphQL when the query is wrong, and with those of the API when the token is wrong', async () => {
    const wrong = await sync(await connect(upstream.token, QUERY.replace('name updatedAt', 'surname updatedAt')))
    expect(wrong).toMatchObject({
      status: 'FAILED',
      error: { code: 'PROVIDER', providerStatus: 200, providerMessage: expect.stringContaining('surname') },
    })
    const refused = await sync(await connect('not-its-token'))
    expect(refused).toMatchObject({
      status: 'FAILED',
      error: { providerStatus: 401, providerMessage: 'Unknown token.' },
    })
  })
})
