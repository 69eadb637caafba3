import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditConditions } from '../../src/access/audit.ts'
import type { Caller } from '../../src/access/caller.ts'
import type { Database } from '../../src/db/database.ts'
import { runInScope } from '../../src/db/scope.ts'
import { condition, type Row, type SqlRunner } from '../../src/db/sql.ts'
import { readEvents, readNewestEvents } from '../../src/events/event-log.ts'
import { createLoaders } from '../../src/graphql/kernel/loaders.ts'
import { metadataFilter } from '../../src/graphql/kernel/metadata-filter.ts'
import { statusConditions } from '../../src/graphql/kernel/status-filter.ts'
import { countRecords, type RecordScope, readRecords } from '../../src/sync/records/records.ts'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'

/** An id that is easy to recognise: of a kind, a workspace and a number. */
const id = (kind: number, workspace: number, n = 0) =>
  `${String(kind).padStart(8, '0')}-0000-0000-${String(workspace).padStart(4, '0')}-${String(n).padStart(12, '0')}`
const idSql = (kind: number, workspace: string, n = '0') =>
  `('${String(kind).padStart(8, '0')}-0000-0000-' || lpad((${workspace})::text, 4, '0') || '-' || lpad((${n})::text, 12, '0'))::uuid`

const WORKSPACES = 50
/** Connections of the collection in workspace 2. */
const COLLECTED = 2_000

/** Metadata of the connection `n`: a value of its own, a rare one, a common one, and 17 that are there for their number. */
const METADATA = `jsonb_build_object('customer', n, 'batch', n % 1000, 'plan', CASE WHEN n % 10 = 0 THEN 'pro' ELSE 'free' END)
  || (SELECT jsonb_object_agg('key' || k, n) FROM generate_series(1, 17) k)`

/**
 * 1,000,000 records of 50 workspaces, and about as many keys of metadata. Workspace 1 has one connection with a big stream and 20 small ones, workspace 2 a collection, the
 * others share the rest. Ids ascend, which fills the primary keys fast. The indexes of records are built afterwards for the same reason.
 */
const FILL = [
  `INSERT INTO workspace (id, name, slug, redirect_urls) SELECT ${idSql(1, 'w')}, 'w' || w, 'w' || w, '{}' FROM generate_series(1, ${WORKSPACES}) w`,
  `INSERT INTO integration (id, workspace_id, slug, display_name, provider) SELECT ${idSql(2, 'w')}, ${idSql(1, 'w')}, 'crm', 'crm', 'sandbox'
   FROM generate_series(1, ${WORKSPACES}) w`,
  `INSERT INTO collection (id, workspace_id, name) VALUES ('${id(3, 2)}', '${id(1, 2)}', 'all')`,
  // Tokens of all connections at once are faster than those of a trigger, with a foreign key.
  'ALTER TABLE connection DISABLE TRIGGER metadata_inserted',
  'ALTER TABLE connection_metadata DISABLE TRIGGER ALL',
  `INSERT INTO connection (id, workspace_id, integration_id, collection_id, display_name, external_id, status, method, metadata)
   SELECT ${idSql(4, 'w', 'n')}, ${idSql(1, 'w')}, ${idSql(2, 'w')}, CASE WHEN w = 2 THEN '${id(3, 2)}'::uuid END, 'c' || n, 'external-' || n,
     (CASE WHEN n % 500 = 7 THEN 'NEEDS_REAUTH' ELSE 'ACTIVE' END)::connection_status, 'SECRET', ${METADATA}
   FROM generate_series(1, ${WORKSPACES}) w, generate_series(1, CASE WHEN w = 1 THEN 1 WHEN w = 2 THEN ${COLLECTED} ELSE 1000 END) n`,
  `INSERT INTO connection_metadata (workspace_id, token, connection_id)
   SELECT c.workspace_id, t.token, c.id FROM connection c, latchkey_metadata_tokens(c.metadata) AS t (token)`,
  'DROP INDEX record_connection_id_stream_position_idx',
  `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
   SELECT lpad(to_hex(n), 32, '0')::uuid, ${idSql(1, 'w')}, ${idSql(4, 'w', 'c')}, s, '["1"]', '{}', ''
   FROM generate_series(1, 1000000) n, LATERAL (SELECT
     CASE WHEN n % 10 < 7 THEN 1 WHEN n % 10 < 9 THEN 2 ELSE 3 + n / 10 % ${WORKSPACES - 2} END AS w,
     CASE WHEN n % 10 < 7 THEN 1 WHEN n % 10 < 9 THEN n / 10 % ${COLLECTED} + 1 ELSE n / 1000 % 1000 + 1 END AS c,
     CASE WHEN n % 10 < 7 AND n % 5000 = 1 THEN 'small' || n / 5000 % 20 WHEN n % 10 = 8 THEN 'others' ELSE 'items' END AS s) v`,
  'CREATE INDEX record_connection_id_stream_position_idx ON record (connection_id, stream, position)',
  `INSERT INTO stream_state (connection_id, name, workspace_id, record_count)
   SELECT connection_id, stream, workspace_id, count(*) FROM record GROUP BY 1, 2, 3`,
  `INSERT INTO sync_job (id, workspace_id, connection_id, trigger, status)
   SELECT ${idSql(5, 'w', 'n')}, ${idSql(1, 'w')}, ${idSql(4, 'w', `n / ${WORKSPACES} % 1000 + 1`)}, 'SCHEDULE',
     (CASE WHEN n % 2000 = 2 THEN 'FAILED' ELSE 'SUCCEEDED' END)::sync_job_status
   FROM generate_series(1, 200000) n, LATERAL (SELECT CASE WHEN n % 10 < 9 THEN 2 ELSE 3 + n / 10 % ${WORKSPACES - 2} END AS w) v`,
  `INSERT INTO event (workspace_id, position, id, type, connection_id, sync_job_id, occurred_at)
   SELECT ${idSql(1, `n % ${WORKSPACES} + 1`)}, n, ${idSql(6, '0', 'n')}, 'SYNC_PROGRESSED', ${idSql(4, `n % ${WORKSPACES} + 1`, 'n / 100 % 1000 + 1')},
     ${idSql(5, `n % ${WORKSPACES} + 1`, 'n')}, now() FROM generate_series(1, 100000) n`,
  `INSERT INTO audit_event (id, workspace_id, actor, actor_kind, action, outcome, trace_id)
   SELECT ${idSql(7, '0', 'n')}, ${idSql(1, `n % ${WORKSPACES} + 1`)}, 'key' || n % 7, 'API_KEY', 'createConnection',
     CASE WHEN n % 2000 = 1 THEN 'FORBIDDEN' ELSE 'OK' END, '' FROM generate_series(1, 100000) n`,
  `INSERT INTO webhook_endpoint (id, workspace_id, url, types, header_names, sealed, key_id, position)
   SELECT ${idSql(8, 'w')}, ${idSql(1, 'w')}, '', '{}', '{}', '', '', 0 FROM generate_series(1, ${WORKSPACES}) w`,
  `INSERT INTO webhook_delivery (id, workspace_id, endpoint_id, position, event_id, status, body)
   SELECT ${idSql(9, '0', 'n')}, ${idSql(1, `n % ${WORKSPACES} + 1`)}, ${idSql(8, `n % ${WORKSPACES} + 1`)}, n, ${idSql(6, '0', 'n')},
     (CASE WHEN n % 2000 = 1 THEN 'FAILED' ELSE 'DELIVERED' END)::webhook_delivery_status, '' FROM generate_series(1, 100000) n`,
  'ANALYZE',
]

const BIG = new Set([
  ...['record', 'connection', 'connection_metadata', 'sync_job', 'stream_state', 'event', 'audit_event'],
  'webhook_delivery',
])

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: PlanNode[]
}

describe.skipIf(!serverAnswers)('Plans under row-level security, at 1,000,000 records', () => {
  let base: TestDatabase
  beforeAll(async () => {
    base = await openTestDatabase('server')
    for (const statement of FILL) await base.database.sql.query(statement)
  }, 180_000)
  afterAll(() => base.close())

  /** Runs the statements of `read` under EXPLAIN, as a tenant. @returns the rows and the pages that they read of big tables */
  async function cost(workspace: number, read: (sql: SqlRunner) => unknown): Promise<{ rows: number; pages: number }> {
    const total = { rows: 0, pages: 0 }
    const add = (node: PlanNode) => {
      const relation = node['Relation Name'] ?? ''
      if (BIG.has(relation)) {
        expect(node['Node Type'], relation).not.toMatch(/Seq Scan/)
        total.rows += (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
      }
      node.Plans?.forEach(add)
    }
    const explained: SqlRunner = {
      query: async <R extends Row>(text: string, values?: readonly unknown[]) => {
        const rows = await base.database.sql.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values)
        const [{ Plan: plan }] = (rows[0] as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN']
        total.pages += plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
        add(plan)
        return [] as R[]
      },
    }
    await runInScope({ workspaceId: id(1, workspace), endUserId: null }, async () => read(explained))
    expect(total.pages).toBeGreaterThan(0)
    return total
  }

  const big: RecordScope = { connectionId: id(4, 1, 1) }
  const collection: RecordScope = { collectionId: id(3, 2) }

  it.each([
    ['a small stream', { stream: 'small3' }],
    ['a big stream', { stream: 'items' }],
    ['all streams', {}],
    ['all streams, newest first', { newestFirst: true }],
    ['all streams with deleted records', { includeDeleted: true }],
    ['changes', { changedAfter: 500_000n }],
  ])('records of %s of a connection cost a page', async (_name, options) => {
    const { rows, pages } = await cost(1, (sql) => readRecords(sql, big, { ...options, limit: 20 }))
    expect(rows).toBeLessThan(600)
    expect(pages).toBeLessThan(2_000)
  })

  it('records of a collection cost a look at each of its streams, and a page', async () => {
    for (const options of [{}, { after: 500_000n }, { stream: 'items' }]) {
      const { rows, pages } = await cost(2, (sql) => readRecords(sql, collection, { ...options, limit: 20 }))
      // The connection, its open job, the stream and the first record.
      expect(rows).toBeLessThan(4 * 2 * COLLECTED + 1_000)
      expect(pages).toBeLessThan(20 * 2 * COLLECTED)
    }
  })

  it('changes of a collection look only at streams that have changed', async () => {
    const newest = 1_000_000n
    await base.database.sql.query('UPDATE record SET position = nextval($2) WHERE connection_id = $1::uuid', [
      id(4, 2, 7),
      'record_position_seq',
    ])
    await base.database.sql.query(
      'UPDATE stream_state SET record_count = record_count WHERE connection_id = $1::uuid',
      [id(4, 2, 7)],
    )
    const looked = await cost(2, (sql) => readRecords(sql, collection, { changedAfter: newest, limit: 20 }))
    const rows = await runInScope({ workspaceId: id(1, 2), endUserId: null }, () =>
      readRecords(base.database.sql, collection, { changedAfter: newest, limit: 1_000 }),
    )
    expect(new Set(rows.map(({ connectionId }) => connectionId))).toEqual(new Set([id(4, 2, 7)]))
    expect(rows).toHaveLength(100)
    expect(looked.rows).toBeLessThan(2 * 2 * COLLECTED)
  })

  it('the number of changes is exact up to 10,000 and an estimate beyond, which reads no more', async () => {
    const { sql } = base.database
    expect(await countRecords(sql, big, { changedAfter: 990_000n })).toEqual({ count: 7_000, isExact: true })
    expect(await countRecords(sql, big, { changedAfter: 0n, stream: 'small3' })).toMatchObject({ isExact: true })
    const estimate = await countRecords(sql, big, { changedAfter: 500_000n })
    expect(estimate.isExact).toBe(false)
    expect(estimate.count).toBeGreaterThan(300_000)
    expect(estimate.count).toBeLessThan(400_000)
    expect(await countRecords(sql, big, { includeDeleted: true })).toEqual({ count: 700_000, isExact: false })
    expect(await countRecords(sql, big, {})).toEqual({ count: 700_000, isExact: true })
    const { rows } = await cost(1, (explained) => countRecords(explained, big, { changedAfter: 0n }))
    expect(rows).toBeLessThan(11_000)
    const collected = await cost(2, (explained) => countRecords(explained, collection, { changedAfter: 0n }))
    expect(collected.rows).toBeLessThan(11_000 + 5 * 2 * COLLECTED)
  })

  /** The cost of a list of the API, first page and page after. */
  async function costOfList(
    workspace: number,
    query: Omit<Parameters<ReturnType<typeof createLoaders>['lists']['page']>[0], 'first' | 'after'>,
    parentId: string,
  ) {
    const caller = { kind: 'API_KEY', role: 'ADMIN', workspaceId: id(1, workspace), endUserId: null } as Caller
    return cost(workspace, (sql) => createLoaders({ sql } as Database, caller).lists.page(query, parentId))
  }

  it.each([
    ['sync jobs', 'sync_job', undefined],
    ['failed sync jobs', 'sync_job', ['FAILED']],
    ['sync jobs that failed or run', 'sync_job', ['FAILED', 'RUNNING']],
    ['connections', 'connection', undefined],
    ['connections that need a person', 'connection', ['ERROR', 'NEEDS_REAUTH']],
  ] as const)('a list of %s costs a page', async (_name, table, statuses) => {
    const query = { table, parentColumn: 'workspace_id', newestFirst: true, oneOf: statusConditions(statuses) }
    // A status that no job has may be looked for among the workspace's connections.
    expect((await costOfList(2, query, id(1, 2))).rows).toBeLessThan(statuses === undefined ? 200 : COLLECTED + 200)
  })

  it.each([
    ['the only one of a customer', { customer: 1_234 }, undefined],
    ['a few', { batch: 234 }, undefined],
    ['most', { plan: 'free' }, undefined],
    ['a few, by a common value too', { plan: 'free', batch: 234 }, undefined],
    ['a few, by five keys', { plan: 'free', batch: 234, key1: 1_234, key2: 1_234, key3: 1_234 }, undefined],
    ['a few with a status', { batch: 7 }, ['NEEDS_REAUTH', 'ERROR']],
    ['none', { customer: 'nobody' }, undefined],
  ])('a list of connections by metadata costs a page: %s', async (_name, metadata, statuses) => {
    const filter = { ...metadataFilter('connection', metadata, []), oneOf: statusConditions(statuses) }
    const { rows, pages } = await costOfList(
      2,
      { table: 'connection', parentColumn: 'workspace_id', ...filter },
      id(1, 2),
    )
    expect(rows).toBeLessThan(200)
    expect(pages).toBeLessThan(500)
  })

  it('the number of connections by metadata costs as many rows as there are', async () => {
    const caller = { kind: 'API_KEY', role: 'ADMIN', workspaceId: id(1, 2), endUserId: null } as Caller
    const count = (sql: SqlRunner) => {
      const { lists } = createLoaders({ sql } as Database, caller)
      const query = { table: 'connection', parentColumn: 'workspace_id', first: 0 } as const
      const page = lists.page({ ...query, ...metadataFilter('connection', { batch: 234 }, []) }, id(1, 2))
      return Promise.resolve(page).then(({ totalCount }) => totalCount())
    }
    expect((await cost(2, count)).rows).toBeLessThan(20)
    const scope = { workspaceId: id(1, 2), endUserId: null }
    expect(await runInScope(scope, () => count(base.database.sql))).toBe(2)
  })

  it('a connection by its external id costs a row', async () => {
    const where = [condition('t.external_id = ?::text', 'external-1234')]
    const query = { table: 'connection', parentColumn: 'workspace_id', where } as const
    expect((await costOfList(2, query, id(1, 2))).rows).toBe(1)
  })

  it('a list of failed deliveries, and of the audit log by what it is filtered by, costs a page', async () => {
    const deliveries = { table: 'webhook_delivery', parentColumn: 'endpoint_id', newestFirst: true } as const
    const failed = { ...deliveries, oneOf: statusConditions(['FAILED']) }
    expect((await costOfList(2, failed, id(8, 2))).rows).toBeLessThan(200)
    for (const filter of [{ refused: true }, { actor: 'key3' }, { action: 'createConnection' }]) {
      const query = { table: 'audit_event', parentColumn: 'workspace_id', newestFirst: true } as const
      const { rows } = await costOfList(2, { ...query, where: auditConditions(filter) }, id(1, 2))
      expect(rows, JSON.stringify(filter)).toBeLessThan(1_500)
    }
  })

  it('events of a workspace, a connection and a sync job cost a page', async () => {
    const workspace = id(1, 2)
    for (const filter of [{}, { connectionId: id(4, 2, 11) }, { syncJobId: id(5, 2, 1_001) }]) {
      const forward = await cost(2, (sql) => readEvents(sql, workspace, 0n, filter, 20))
      const backward = await cost(2, (sql) => readNewestEvents(sql, workspace, null, filter, 20))
      expect(Math.max(forward.rows, backward.rows), JSON.stringify(filter)).toBeLessThan(100)
    }
  })

  it('statements are not compiled (JIT), however much they seem to cost', async () => {
    const [row] = await base.database.bulkTransaction(async (tx) => {
      await tx.query('SET LOCAL jit_above_cost = 0')
      return tx.query<{ 'QUERY PLAN': [object] }>('EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM event')
    })
    expect(row?.['QUERY PLAN'][0]).toHaveProperty('Plan')
    expect(row?.['QUERY PLAN'][0]).not.toHaveProperty('JIT')
  })
})
