import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Caller } from '../../../src/access/caller.ts'
import type { Database } from '../../../src/db/database.ts'
import { runInScope, type Scope } from '../../../src/db/scope.ts'
import { createLoaders } from '../../../src/graphql/kernel/loaders.ts'
import { metadataFilter } from '../../../src/graphql/kernel/metadata-filter.ts'
import type { Page } from '../../../src/graphql/kernel/page.ts'
import { statusConditions } from '../../../src/graphql/kernel/status-filter.ts'
import { newId } from '../../../src/kit/ids.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'

const TABLES = ['connection', 'end_user'] as const
type Table = (typeof TABLES)[number]

interface Options {
  /** Null: an operator. Default: the whole workspace. */
  scope?: Scope | null
  /** Workspaces whose lists are read at once. */
  parents?: string[]
  /** Rows of a page. */
  first?: number
  oneOf?: ReturnType<typeof statusConditions>
}

describeDatabases('metadataFilter', (open, kind) => {
  let test: TestDatabase
  let database: Database
  let inserted = 0
  const [workspaceId, otherId, integrationId, otherIntegrationId] = [newId(), newId(), newId(), newId()]
  beforeAll(async () => {
    test = await open()
    database = test.database
    for (const [id, integration] of [
      [workspaceId, integrationId],
      [otherId, otherIntegrationId],
    ]) {
      await database.sql.query('INSERT INTO workspace (id, name, slug) VALUES ($1::uuid, $1::text, $1::text)', [id])
      await database.sql.query(
        `INSERT INTO integration (id, workspace_id, slug, display_name, provider) VALUES ($1::uuid, $2::uuid, 'crm', 'crm', 'sandbox')`,
        [integration, id],
      )
    }
  })
  beforeEach(async () => {
    await database.sql.query('DELETE FROM connection')
    await database.sql.query('DELETE FROM end_user')
  })
  afterAll(() => test.close())

  /** Inserts a row as JSON text, as a process does that knows nothing of tokens. Its name stands for it in the tests. */
  async function insert(table: Table, name: string, metadata: string, workspace = workspaceId): Promise<string> {
    // In the order of the insertions, which is the order of lists.
    inserted += 1
    const id = `00000000-0000-7000-8000-${String(inserted).padStart(12, '0')}`
    if (table === 'end_user') {
      await database.sql.query(
        'INSERT INTO end_user (id, workspace_id, external_id, metadata) VALUES ($1::uuid, $2::uuid, $3::text, $4::jsonb)',
        [id, workspace, name, metadata],
      )
    } else {
      await database.sql.query(
        `INSERT INTO connection (id, workspace_id, integration_id, display_name, external_id, status, method, metadata)
         VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, $4::text, 'ACTIVE', 'SECRET', $5::jsonb)`,
        [id, workspace, workspace === workspaceId ? integrationId : otherIntegrationId, name, metadata],
      )
    }
    return id
  }

  const wholeWorkspace = { workspaceId, endUserId: null }
  /** Names of the rows that a filter selects, after a check of their number. */
  async function found(
    table: Table,
    filter: unknown,
    { scope = wholeWorkspace, parents = [workspaceId], first = 100, oneOf }: Options = {},
  ): Promise<string[]> {
    const caller = { kind: 'API_KEY', role: 'ADMIN', workspaceId: null, endUserId: null, ...scope } as Caller
    return runInScope(scope, async () => {
      const { lists } = createLoaders(database, caller)
      const names: string[] = []
      const pages = await Promise.all(
        parents.map(async (parent) => {
          const query = { table, parentColumn: 'workspace_id', ...metadataFilter(table, filter, ['metadata']), oneOf }
          for (let after: string | null = null; ; ) {
            const page: Page<{ id: string; externalId: string }> = await lists.page({ ...query, first, after }, parent)
            names.push(...page.nodes.map(({ externalId }) => externalId))
            const last = page.nodes.at(-1)
            if (!page.hasNextPage || last === undefined) return page.totalCount()
            after = page.cursorOf(last)
          }
        }),
      )
      expect(pages.reduce((sum, count) => sum + count, 0)).toBe(names.length)
      return names
    })
  }

  const tokensOf = async (table: Table) =>
    (
      await database.sql.query<{ row: string; token: string }>(
        `SELECT ${table}_id::text AS row, token::text AS token FROM ${table}_metadata ORDER BY 1, 2`,
      )
    ).map(({ row, token }) => `${row} ${token}`)
  const expectedTokens = async (table: Table) =>
    (
      await database.sql.query<{ row: string; token: string }>(
        `SELECT r.id::text AS row, t::text AS token FROM ${table} r, latchkey_metadata_tokens(r.metadata) AS t ORDER BY 1, 2`,
      )
    ).map(({ row, token }) => `${row} ${token}`)

  it.each(TABLES)('finds rows of %s by the exact value of each key', async (table) => {
    const rows: Record<string, string> = {
      one: '{"n": 1, "list": [1, {"a": 1.50}], "object": {"b": [], "a": {}}, "text": "grün 🗝", "no": null}',
      two: '{"n": 1.0, "list": [1.0, {"a": 1.5}], "object": {"a": {}, "b": []}, "text": "gru\u0308n 🗝", "no": false}',
      three: '{"n": "1", "list": [{"a": 1.5}, 1], "object": {}, "list2": [], "text": "grun 🗝", "no": "null"}',
      ten: '{"n": 10, "list": [10, {"a": 1.5}], "object": {"b": {}, "a": []}, "": "empty", "a.b": 0, "a0b": 0}',
      none: '{}',
    }
    for (const [name, metadata] of Object.entries(rows)) await insert(table, name, metadata)
    const cases: [unknown, string[]][] = [
      [{ n: 1 }, ['one', 'two']],
      [{ n: '1' }, ['three']],
      [{ n: 10 }, ['ten']],
      [{ n: 100 }, []],
      [{ list: [1, { a: 1.5 }] }, ['one', 'two']],
      [{ list: [{ a: 1.5 }, 1] }, ['three']],
      // Its tokens are those of `one`.
      [{ list: [10, { a: 1.5 }] }, ['ten']],
      [{ list: [1] }, []],
      [{ object: { a: {}, b: [] } }, ['one', 'two']],
      [{ object: { a: [], b: {} } }, ['ten']],
      [{ object: {} }, ['three']],
      [{ list2: [] }, ['three']],
      [{ list2: {} }, []],
      [{ text: 'grün 🗝' }, ['one']],
      [{ text: 'gru\u0308n 🗝' }, ['two']],
      [{ no: null }, ['one']],
      [{ no: false }, ['two']],
      [{ no: 'null' }, ['three']],
      [{ absent: null }, []],
      [{ '': 'empty' }, ['ten']],
      [{ 'a.b': 0 }, ['ten']],
      [{ n: 1, text: 'grün 🗝' }, ['one']],
      [{ n: 1, text: 'grun 🗝' }, []],
      [{ n: 1.0, list: [1, { a: 1.5 }], object: { a: {}, b: [] }, text: 'grün 🗝', no: null }, ['one']],
      [{ n: 1.0, list: [1, { a: 1.5 }], object: { a: {}, b: [] }, text: 'grün 🗝', no: true }, []],
      [{}, ['one', 'two', 'three', 'ten', 'none']],
      [null, ['one', 'two', 'three', 'ten', 'none']],
    ]
    for (const [filter, names] of cases) {
      expect([filter, await found(table, filter)]).toEqual([filter, names])
      expect([filter, await found(table, filter, { first: 1 })]).toEqual([filter, names])
    }
  })

  it('agrees with a comparison of all rows, for any metadata and filter', async () => {
    const value = fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.parse(JSON.stringify(json)))
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    const small = fc.oneof(fc.constantFrom<unknown>(0, 1, 10, true, null, '1', [], {}, [1], [10], { a: 1 }), value)
    const object = fc.dictionary(key, small, { maxKeys: 6 })
    // PostgreSQL and inputs refuse the rest.
    const stored = (json: unknown) => !/\\u0000|\\ud[89a-f]|__proto__/i.test(JSON.stringify(json))
    await fc.assert(
      fc.asyncProperty(
        fc.array(object.filter(stored), { minLength: 1, maxLength: 8 }),
        fc.array(key, { maxLength: 6 }),
        async (rows, keys) => {
          await database.sql.query('DELETE FROM connection')
          for (const [at, metadata] of rows.entries()) await insert('connection', `${at}`, JSON.stringify(metadata))
          const filter = Object.fromEntries(keys.filter((k) => k in (rows[0] ?? {})).map((k) => [k, rows[0]?.[k]]))
          const expected = await database.sql.query<{ name: string }>(
            `SELECT c.external_id AS name FROM connection c WHERE NOT EXISTS (
               SELECT FROM jsonb_each($1::jsonb) f WHERE c.metadata -> f.key IS DISTINCT FROM f.value) ORDER BY c.id`,
            [JSON.stringify(filter)],
          )
          expect(await found('connection', filter)).toEqual(expected.map(({ name }) => name))
          expect(await tokensOf('connection')).toEqual(await expectedTokens('connection'))
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each(TABLES)(
    'finds rows of %s after updates and deletions by processes that know nothing of tokens',
    async (table) => {
      const [first, second] = [await insert(table, 'first', '{"plan": "pro"}'), await insert(table, 'second', '{}')]
      const update = (id: string, metadata: string) =>
        database.sql.query(`UPDATE ${table} SET metadata = $2::jsonb WHERE id = $1::uuid`, [id, metadata])
      const both = async () => [await found(table, { plan: 'pro' }), await found(table, { plan: 'free' })]
      expect(await both()).toEqual([['first'], []])
      await update(first, '{"plan": "free", "seats": 5}')
      expect(await both()).toEqual([[], ['first']])
      await update(second, '{"plan": "free"}')
      expect(await both()).toEqual([[], ['first', 'second']])
      // Equal, so no token changes.
      await update(first, '{"seats": 5.0, "plan": "free"}')
      expect(await found(table, { plan: 'free', seats: 5 })).toEqual(['first'])
      expect(await tokensOf(table)).toEqual(await expectedTokens(table))
      await update(first, '{}')
      expect(await both()).toEqual([[], ['second']])
      await database.sql.query(`DELETE FROM ${table} WHERE id = $1::uuid`, [second])
      expect(await both()).toEqual([[], []])
      expect(await tokensOf(table)).toEqual([])
    },
  )

  it.each(TABLES)('finds rows of %s with more than 100 keys, which have one token', async (table) => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]))
    await insert(table, 'small', '{"k1": 1}')
    await insert(table, 'full', JSON.stringify(keys(100)))
    const id = await insert(table, 'over', JSON.stringify(keys(101)))
    await insert(table, 'later', '{"k1": 1}')
    expect(await found(table, { k1: 1 })).toEqual(['small', 'full', 'over', 'later'])
    expect(await found(table, { k1: 1 }, { first: 1 })).toEqual(['small', 'full', 'over', 'later'])
    expect(await found(table, { k1: 1, k99: 99 })).toEqual(['full', 'over'])
    expect(await found(table, { k1: 2 })).toEqual([])
    expect(await found(table, { k100: 100 })).toEqual(['over'])
    expect((await tokensOf(table)).filter((row) => row.startsWith(id))).toHaveLength(1)
    expect(await tokensOf(table)).toHaveLength(103)
    await database.sql.query(`UPDATE ${table} SET metadata = '{"k1": 2}' WHERE id = $1::uuid`, [id])
    expect(await found(table, { k1: 2 })).toEqual(['over'])
    expect(await found(table, { k100: 100 })).toEqual([])
    expect(await tokensOf(table)).toEqual(await expectedTokens(table))
  })

  it.each(TABLES)('finds rows of %s in the workspace alone, and in each of several', async (table) => {
    await insert(table, 'own', '{"plan": "pro"}')
    await insert(table, 'other', '{"plan": "pro"}', otherId)
    expect(await found(table, { plan: 'pro' })).toEqual(['own'])
    expect(await found(table, { plan: 'pro' }, { parents: [otherId] })).toEqual([])
    const operator = { scope: null, parents: [workspaceId, otherId] }
    expect((await found(table, { plan: 'pro' }, operator)).sort()).toEqual(['other', 'own'])
  })

  it('finds rows that an end user or a limited key may see', async () => {
    const [ada, bob] = [
      await insert('end_user', 'ada', '{"plan": "pro"}'),
      await insert('end_user', 'bob', '{"plan": "pro"}'),
    ]
    for (const [name, endUser] of [
      ['of-ada', ada],
      ['of-bob', bob],
    ] as const) {
      const id = await insert('connection', name, '{}')
      await database.sql.query('UPDATE connection SET end_user_id = $2::uuid WHERE id = $1::uuid', [id, endUser])
      // As the end user: the trigger writes tokens with the rights of the caller.
      await runInScope({ workspaceId, endUserId: endUser }, () =>
        database.sql.query(`UPDATE connection SET metadata = '{"plan": "pro"}'`),
      )
    }
    const asAda = { scope: { workspaceId, endUserId: ada } }
    expect(await found('connection', { plan: 'pro' })).toEqual(['of-ada', 'of-bob'])
    expect(await found('connection', { plan: 'pro' }, asAda)).toEqual(['of-ada'])
    expect(await found('end_user', { plan: 'pro' }, asAda)).toEqual(['ada'])
    const limited = (integrationIds: string[]) => ({ scope: { workspaceId, endUserId: null, integrationIds } })
    expect(await found('connection', { plan: 'pro' }, limited([integrationId]))).toEqual(['of-ada', 'of-bob'])
    expect(await found('connection', { plan: 'pro' }, limited([newId()]))).toEqual([])
  })

  it('is combined with a filter by statuses', async () => {
    for (const name of ['a', 'b', 'c']) await insert('connection', name, '{"plan": "pro"}')
    await database.sql.query(`UPDATE connection SET status = 'ERROR' WHERE external_id = 'b'`)
    await database.sql.query(`UPDATE connection SET status = 'DISABLED' WHERE external_id = 'c'`)
    const oneOf = statusConditions(['ERROR', 'ACTIVE'])
    expect(await found('connection', { plan: 'pro' }, { oneOf })).toEqual(['a', 'b'])
    expect(await found('connection', { plan: 'pro' }, { oneOf, first: 1 })).toEqual(['a', 'b'])
    expect(await found('connection', { plan: 'free' }, { oneOf })).toEqual([])
  })

  if (kind === 'embedded') return

  it('concurrent updates of a row leave the tokens of the last one', async () => {
    const id = await insert('connection', 'one', '{"n": 0}')
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        database.sql.query(
          `UPDATE connection SET metadata = jsonb_build_object('n', $2::int, 'k' || $2, 1) WHERE id = $1::uuid`,
          [id, n],
        ),
      ),
    )
    expect(await tokensOf('connection')).toEqual(await expectedTokens('connection'))
  })
})
