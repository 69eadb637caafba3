import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { Row } from '../../src/db/sql.ts'
import { globalIdOf, newId } from '../../src/kit/ids.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'
import { repositoryRoot } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'

const page = await readFile(join(repositoryRoot, 'docs/sql.md'), 'utf8')
const [createRole = '', grant = '', contacts = '', ofConnection = '', failed = '', revoke = '', ...others] = blocksOf(
  page,
).flatMap(({ language, text }) => (language === 'sql' ? [text.replace(/;$/, '')] : []))
const ID_OF_DOCS = /'Q29ubmVjdGlvbj[^']*'/
/** What `jsonb` refuses. */
const REFUSED = [
  '{"nul": "\\u0000"}',
  '{"half": "\\ud83d"}',
  '{"large": 1e400000}',
  `{"digits": ${'9'.repeat(140_000)}}`,
]

describeDatabases('docs/sql.md', (open) => {
  let test: TestDatabase
  let database: Database
  // Roles belong to the server, which other tests use too.
  const reader = `reports_${randomBytes(6).toString('hex')}`
  const named = (statement: string) => statement.replaceAll('acme_reports', reader)
  const connections: Record<string, string> = {}
  beforeAll(async () => {
    test = await open()
    database = test.database
    for (const slug of ['acme', 'other']) connections[slug] = await createWorkspace(slug)
    await database.sql.query(named(createRole))
    await database.sql.query(named(grant))
  })
  afterAll(async () => {
    await database.sql.query(`DROP OWNED BY ${reader}`)
    await database.sql.query(`DROP ROLE ${reader}`)
    await test.close()
  })

  /** A workspace with a connection that has six records, one of them deleted, and a failed sync job. */
  async function createWorkspace(slug: string): Promise<string> {
    const [workspaceId, integrationId, endUserId, collectionId, connectionId] = [
      newId(),
      newId(),
      newId(),
      newId(),
      newId(),
    ]
    const statements: [string, unknown[]][] = [
      ['INSERT INTO workspace (id, name, slug) VALUES ($1::uuid, $2, $2)', [workspaceId, slug]],
      [
        `INSERT INTO integration (id, workspace_id, slug, display_name, definition) VALUES ($1::uuid, $2::uuid, 'crm', 'CRM', '{}')`,
        [integrationId, workspaceId],
      ],
      [
        `INSERT INTO end_user (id, workspace_id, external_id) VALUES ($1::uuid, $2::uuid, 'ada')`,
        [endUserId, workspaceId],
      ],
      [
        `INSERT INTO collection (id, workspace_id, name) VALUES ($1::uuid, $2::uuid, 'all')`,
        [collectionId, workspaceId],
      ],
      [
        `INSERT INTO connection (id, workspace_id, integration_id, end_user_id, collection_id, display_name, external_id, status, method)
         VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, 'c', 'crm-1', 'ACTIVE', 'SECRET')`,
        [connectionId, workspaceId, integrationId, endUserId, collectionId],
      ],
      [
        `INSERT INTO credential (connection_id, workspace_id, type, sealed, key_id, scopes)
         VALUES ($1::uuid, $2::uuid, 'bearer', 'secret', 'key', '{}')`,
        [connectionId, workspaceId],
      ],
      [
        `INSERT INTO sync_job (id, workspace_id, connection_id, trigger, status, error, finished_at)
         VALUES ($1::uuid, $2::uuid, $3::uuid, 'MANUAL', 'FAILED', '{"code": "PROVIDER", "message": "Broken."}', now())`,
        [newId(), workspaceId, connectionId],
      ],
    ]
    for (const [text, values] of statements) await database.sql.query(text, values)
    for (const [index, data] of ['{"id": 1, "name": "Ada"}', ...REFUSED, '{"id": 6, "name": "Bob"}'].entries()) {
      await database.sql.query(
        `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest, deleted)
         VALUES (gen_random_uuid(), $1::uuid, $2::uuid, 'contacts', json_build_array($3::text), $4::json, '', $5::boolean)`,
        [workspaceId, connectionId, String(index + 1), data, index === 5],
      )
    }
    return connectionId
  }

  const asReader = <R extends Row = Row>(...statements: string[]): Promise<R[]> =>
    database.bulkTransaction(async (tx) => {
      await tx.query(`SELECT set_config('role', $1, true)`, [reader])
      let rows: R[] = []
      for (const statement of statements) rows = await tx.query<R>(statement)
      return rows
    })

  it('has no snippets that this test does not run', () => {
    expect(others).toEqual([])
    expect([createRole, revoke].map((text) => text.includes('acme_reports'))).toEqual([true, true])
  })

  it('lets a user read the records, connections and sync jobs of its workspace, and of no other', async () => {
    expect(await asReader(contacts)).toEqual([
      { end_user: 'ada', id: '1', name: 'Ada' },
      ...REFUSED.map(() => ({ end_user: 'ada', id: null, name: null })),
    ])
    const idOf = (slug: string) =>
      ofConnection.replace(ID_OF_DOCS, `'${globalIdOf('Connection', connections[slug] ?? '')}'`)
    expect(await asReader(idOf('acme'))).toHaveLength(6)
    expect(await asReader(idOf('other'))).toEqual([])
    expect(await asReader(failed)).toMatchObject([
      { connection_id: connections['acme'], error_code: 'PROVIDER', error_message: 'Broken.' },
    ])
    for (const view of ['latchkey_records', 'latchkey_connections', 'latchkey_sync_jobs']) {
      expect([view, await asReader(`SELECT DISTINCT workspace FROM ${view}`)]).toEqual([view, [{ workspace: 'acme' }]])
      const columns = Object.keys((await asReader(`SELECT * FROM ${view}`))[0] ?? {})
      const [, listed = ''] = new RegExp(`^\\| \`${view}\` \\|[^|]*\\|(.*)\\|$`, 'm').exec(page) ?? []
      expect([view, columns]).toEqual([view, listed.match(/\w+/g)])
    }
    expect(await asReader('SELECT * FROM latchkey_connections')).toMatchObject([
      { external_id: 'crm-1', status: 'ACTIVE', integration: 'crm', collection: 'all', end_user: 'ada', metadata: {} },
    ])
  })

  it('shows the JSON of a record that jsonb cannot hold as text', async () => {
    const rows = await asReader<{ data: unknown; data_text: string; deleted: boolean }>(
      'SELECT data, data_text, deleted FROM latchkey_records ORDER BY position',
    )
    expect(rows.map(({ data }) => data)).toEqual([
      { id: 1, name: 'Ada' },
      null,
      null,
      null,
      null,
      { id: 6, name: 'Bob' },
    ])
    expect(rows.slice(1, 5).map(({ data_text }) => data_text)).toEqual(REFUSED)
    expect(rows.map(({ deleted }) => deleted)).toEqual([false, false, false, false, false, true])
  })

  it('gives the user no way to other workspaces, to secrets, or to change anything', async () => {
    const { workspaceId } = (
      await database.sql.query<{ workspaceId: string }>(
        `SELECT id AS "workspaceId" FROM workspace WHERE slug = 'other'`,
      )
    )[0] ?? { workspaceId: '' }
    expect(
      await asReader(
        `SELECT set_config('latchkey.workspace', '${workspaceId}', true)`,
        'SELECT DISTINCT workspace FROM latchkey_records',
      ),
    ).toEqual([{ workspace: 'acme' }])
    for (const statement of [
      'SELECT * FROM credential',
      'SELECT * FROM connection',
      'SELECT definition FROM integration',
      'SELECT email FROM end_user',
      'SELECT digest FROM record',
      'SELECT * FROM api_key',
      `SELECT latchkey_grant_reader('${reader}', 'other')`,
      'DELETE FROM record',
      `UPDATE connection SET display_name = 'x'`,
      'DELETE FROM latchkey_records',
    ]) {
      await expect(asReader(statement), statement).rejects.toThrow(/permission denied|cannot delete from view/)
    }
    const readable = await database.sql.query<{ name: string }>(
      `SELECT c.relname::text AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
         AND c.relkind IN ('r', 'p', 'v', 'm') AND has_any_column_privilege($1::name, c.oid, 'SELECT') ORDER BY 1`,
      [reader],
    )
    expect(readable.map(({ name }) => name)).toEqual([
      ...['collection', 'connection', 'end_user', 'integration', 'latchkey_connections', 'latchkey_records'],
      ...['latchkey_sync_jobs', 'record', 'sync_job', 'workspace'],
    ])
  })

  it('refuses users that could read everything, and workspaces and users that do not exist', async () => {
    const give = (user: string, slug: string) =>
      database.sql.query(`SELECT latchkey_grant_reader($1::name, $2)::text`, [user, slug])
    const [{ user } = { user: '' }] = await database.sql.query<{ user: string }>('SELECT current_user::text AS "user"')
    await expect(give(user, 'acme')).rejects.toThrow('could read all workspaces')
    await expect(give('latchkey_tenant', 'acme')).rejects.toThrow('could read all workspaces')
    await expect(give('nobody_at_all', 'acme')).rejects.toThrow('There is no user')
    await expect(give(reader, 'none')).rejects.toThrow('There is no workspace')
  })

  it('can give a user several workspaces, and take them back', async () => {
    const workspaces = async () =>
      (await asReader<{ workspace: string }>('SELECT workspace FROM latchkey_connections ORDER BY 1')).map(
        ({ workspace }) => workspace,
      )
    for (let times = 0; times < 2; times += 1) {
      await database.sql.query(named(grant).replace("'acme'", "'other'"))
      expect(await workspaces()).toEqual(['acme', 'other'])
    }
    await database.sql.query(named(revoke))
    await expect(workspaces()).rejects.toThrow('permission denied')
    expect(await database.sql.query(`SELECT 1 FROM pg_policies WHERE $1::name = ANY(roles)`, [reader])).toEqual([])
    await database.sql.query(named(grant))
    expect(await workspaces()).toEqual(['acme'])
  })
})
