import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { runInScope, type Scope } from '../../../src/db/scope.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { testVault } from './access-checks.ts'
import { createElsewhere, createTenant, type Tenant } from './two-tenants.ts'

/** Condition for the rows that end user $2 may see in workspace $1, by table. Tables that are missing are hidden. */
const OF_END_USER: Readonly<Record<string, string>> = {
  workspace: 'true',
  integration: 'true',
  integration_secret: 'true',
  event_log: 'true',
  end_user: 'id = $2::uuid',
  connect_session: 'end_user_id = $2::uuid',
  connection: 'end_user_id = $2::uuid',
  end_user_metadata: 'end_user_id = $2::uuid',
  event: 'end_user_id = $2::uuid',
  collection: 'id IN (SELECT collection_id FROM connection WHERE end_user_id = $2::uuid)',
  oauth_flow: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  pending_credential: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  credential: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  connection_metadata: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  record: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  action_key: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  stream_state: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  sync_job: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  sync_request: 'connection_id IN (SELECT id FROM connection WHERE end_user_id = $2::uuid)',
  sync_job_stream: `sync_job_id IN (SELECT j.id FROM sync_job j JOIN connection c ON c.id = j.connection_id
    WHERE c.end_user_id = $2::uuid)`,
  sync_job_token: `sync_job_id IN (SELECT j.id FROM sync_job j JOIN connection c ON c.id = j.connection_id
    WHERE c.end_user_id = $2::uuid)`,
}

/**
 * Condition for the rows of workspace $1 that a key which is limited to the integrations $2 may see, by table. Tables that are missing
 * belong to the whole workspace: code alone restricts them.
 */
const OF_LIMITED_KEY: Readonly<Record<string, string>> = {
  api_key: 'false',
  auth_provider: 'false',
  oidc_issuer: 'false',
  webhook_endpoint: 'false',
  webhook_delivery: 'false',
  audit_event: 'false',
  tool_session: 'integration_ids <@ $2::uuid[]',
  integration: 'id = ANY($2::uuid[])',
  ...Object.fromEntries(
    [
      ...['integration_secret', 'integration_pace', 'webhook_secret', 'webhook_receipt', 'connection', 'oauth_flow'],
      ...['revocation', 'event', 'initial_access_tokens'],
    ].map((name) => [name, 'integration_id = ANY($2::uuid[])']),
  ),
  ...Object.fromEntries(
    [
      ...['credential', 'pending_credential', 'sync_job', 'stream_state', 'parent_cursor', 'record', 'sync_request'],
      ...['action_key', 'met_records', 'connection_metadata', 'known_page'],
    ].map((name) => [name, 'connection_id IN (SELECT id FROM connection WHERE integration_id = ANY($2::uuid[]))']),
  ),
  ...Object.fromEntries(
    ['sync_job_stream', 'sync_job_token'].map((name) => [
      name,
      `sync_job_id IN (SELECT j.id FROM sync_job j JOIN connection c ON c.id = j.connection_id
        WHERE c.integration_id = ANY($2::uuid[]))`,
    ]),
  ),
}

/** Tables of the workspace as a whole, and of end users. */
const NOT_OF_INTEGRATIONS = ['workspace', 'end_user', 'end_user_metadata', 'collection', 'connect_session', 'event_log']

describeDatabases('Row-level security', (open) => {
  let test: TestDatabase
  let database: Database
  let [ada, bob]: Tenant[] = []
  beforeAll(async () => {
    test = await open()
    database = test.database
    ada = await createTenant(database, testVault(), 'ada')
    bob = await createTenant(database, testVault(), 'bob')
    await requestSyncs()
  })
  afterAll(() => test.close())

  /** Not with the tenants: a scheduler would create the jobs. */
  const requestSyncs = () =>
    database.sql.query(
      `INSERT INTO sync_request (connection_id, workspace_id, streams) SELECT id, workspace_id, '{}' FROM connection
       ON CONFLICT DO NOTHING`,
    )
  const tables = async () =>
    database.sql.query<{ name: string; key: string }>(
      `SELECT c.relname AS name, CASE c.relname WHEN 'workspace' THEN 'id' ELSE 'workspace_id' END AS key
       FROM pg_class c WHERE c.relrowsecurity AND c.relnamespace = current_schema()::regnamespace ORDER BY 1`,
    )
  const count = async (name: string, where: string, values: unknown[]) =>
    (
      await database.sql.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${name} WHERE ${where}`, values)
    )[0]?.count ?? 0

  it('shows exactly the rows of the workspace, in every table', async () => {
    const scope: Scope = { workspaceId: ada?.workspaceId ?? '', endUserId: null }
    const [seen, expected]: Record<string, number>[] = [{}, {}]
    for (const { name, key } of await tables()) {
      Object.assign(seen ?? {}, { [name]: await runInScope(scope, () => count(name, 'true', [])) })
      Object.assign(expected ?? {}, { [name]: await count(name, `${key} = $1::uuid`, [scope.workspaceId]) })
      // There must be rows to hide.
      expect([name, await count(name, `${key} = $1::uuid`, [bob?.workspaceId])]).not.toEqual([name, 0])
    }
    expect(seen).toEqual(expected)
  })

  it('shows exactly the rows of the end user, in every table', async () => {
    const scope: Scope = { workspaceId: ada?.workspaceId ?? '', endUserId: ada?.own.endUserId ?? '' }
    const [seen, expected]: Record<string, number>[] = [{}, {}]
    for (const { name, key } of await tables()) {
      const own = OF_END_USER[name] ?? '$2::uuid IS NULL'
      const where = `${key} = $1::uuid AND ($2::uuid IS NULL OR ${own})`
      Object.assign(seen ?? {}, { [name]: await runInScope(scope, () => count(name, 'true', [])) })
      Object.assign(expected ?? {}, { [name]: await count(name, where, [scope.workspaceId, scope.endUserId]) })
    }
    expect(seen).toEqual(expected)
    expect(seen).toMatchObject({
      connection: 1,
      connection_metadata: 1,
      end_user_metadata: 1,
      record: 2,
      sync_job: 1,
      sync_job_stream: 1,
      event: 3,
      api_key: 0,
      oidc_issuer: 0,
    })
  })

  it('shows exactly the rows of the integrations to a key that is limited to them, in every table', async () => {
    if (ada === undefined) throw new Error('There is no tenant.')
    const { integrationId } = await createElsewhere(database, testVault(), ada)
    await requestSyncs()
    const scope: Scope = { workspaceId: ada.workspaceId, endUserId: null, integrationIds: [ada.integrationId] }
    const [seen, expected]: Record<string, number>[] = [{}, {}]
    for (const { name, key } of await tables()) {
      const limit = OF_LIMITED_KEY[name]
      expect([name, limit !== undefined || NOT_OF_INTEGRATIONS.includes(name)]).toEqual([name, true])
      const where = `${key} = $1::uuid AND ($2::uuid[] IS NULL OR ${limit ?? 'true'})`
      const rows = await count(name, where, [scope.workspaceId, [ada.integrationId]])
      Object.assign(seen ?? {}, { [name]: await runInScope(scope, () => count(name, 'true', [])) })
      Object.assign(expected ?? {}, { [name]: rows })
      // There must be rows to hide, and rows to see.
      if (limit === undefined || limit === 'false') continue
      expect([name, rows]).not.toEqual([name, 0])
      expect([name, await count(name, where, [scope.workspaceId, [integrationId]])]).not.toEqual([name, 0])
    }
    expect(seen).toEqual(expected)
  })

  it('refuses to write rows of another integration', async () => {
    if (ada === undefined) throw new Error('There is no tenant.')
    const scope: Scope = { workspaceId: ada.workspaceId, endUserId: null, integrationIds: [ada.integrationId] }
    const [other] = await database.sql.query<{ id: string }>(
      'SELECT id FROM integration WHERE workspace_id = $1::uuid AND id <> $2::uuid ORDER BY id DESC LIMIT 1',
      [ada.workspaceId, ada.integrationId],
    )
    const move = () =>
      database.sql.query('UPDATE connection SET integration_id = $1::uuid WHERE id = $2::uuid', [
        other?.id,
        ada?.own.connectionId,
      ])
    await expect(runInScope(scope, move)).rejects.toThrow(/row-level security/)
  })

  it('shows no rows without a workspace', async () => {
    for (const { name } of await tables()) {
      const rows = database.bulkTransaction(async (tx) => {
        await tx.query("SELECT set_config('role', 'latchkey_tenant', true)")
        return tx.query(`SELECT 1 AS one FROM ${name}`)
      })
      expect([name, await rows]).toEqual([name, []])
    }
  })
})
