import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import type { SqlRunner } from '../../src/db/sql.ts'
import { newId } from '../../src/kit/ids.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'

const prisma = fileURLToPath(new URL('../../prisma', import.meta.url))

describeDatabases('migrate', (open, kind) => {
  let test: TestDatabase
  let folder: string
  beforeAll(async () => {
    test = await open()
    folder = await mkdtemp(join(tmpdir(), 'latchkey-migrations-'))
    await cp(prisma, folder, { recursive: true })
  })
  afterAll(async () => {
    await test.close()
    await rm(folder, { recursive: true })
  })

  const write = async (name: string, sql: string) => {
    await mkdir(join(folder, 'migrations', name), { recursive: true })
    await writeFile(join(folder, 'migrations', name, 'migration.sql'), sql)
  }
  const run = () => migrate(test.database, { url: test.url ?? undefined, folder })
  const recorded = async (name: string) =>
    test.database.sql.query<{ finished: boolean; rolled_back: boolean }>(
      `SELECT finished_at IS NOT NULL AS finished, rolled_back_at IS NOT NULL AS rolled_back
       FROM _prisma_migrations WHERE migration_name = $1 ORDER BY started_at`,
      [name],
    )
  const tableExists = async (database: Database, name: string) =>
    (await database.sql.query('SELECT 1 FROM pg_tables WHERE tablename = $1', [name])).length > 0

  it('does not apply a migration twice', async () => {
    expect(await run()).toEqual([])
  })

  it('stops at a broken migration, which leaves nothing behind and is not recorded as applied', async () => {
    await write('30000000000000_broken', 'CREATE TABLE half_done (id int);\nSELECT no_such_function();\n')
    await write('30000000000001_next', 'CREATE TABLE after_broken (id int);\n')
    await expect(run()).rejects.toThrow(/30000000000000_broken[\s\S]*no_such_function/)
    expect((await recorded('30000000000000_broken')).every(({ finished }) => !finished)).toBe(true)
    expect(await recorded('30000000000001_next')).toEqual([])
    expect(await tableExists(test.database, 'half_done')).toBe(false)
    expect(await tableExists(test.database, 'after_broken')).toBe(false)
  })

  it('runs a broken migration again after it was corrected', async () => {
    await write('30000000000000_broken', 'CREATE TABLE half_done (id int);\n')
    expect(await run()).toEqual(['30000000000000_broken', '30000000000001_next'])
    expect(await tableExists(test.database, 'after_broken')).toBe(true)
    expect(await run()).toEqual([])
  })

  it('verifies the OIDC issuers that were there before issuers had to be verified', async () => {
    const { sql } = test.database
    const migration = '20261128141000_issuer_proofs'
    await sql.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [migration])
    await sql.query('DROP INDEX oidc_issuer_issuer_audience_idx, oidc_issuer_workspace_id_issuer_audience_key')
    await sql.query('CREATE UNIQUE INDEX oidc_issuer_issuer_audience_key ON oidc_issuer (issuer, audience)')
    await sql.query(
      'ALTER TABLE oidc_issuer DROP COLUMN approved_at, DROP COLUMN proved_at, DROP COLUMN workspace_claim',
    )
    const [workspaceId, id, later] = [newId(), newId(), newId()]
    await sql.query(`INSERT INTO workspace (id, name, slug) VALUES ($1::uuid, 'Acme', 'acme')`, [workspaceId])
    // The statement of an older process, which may run before and after the migration.
    const add = (issuerId: string, audience: string) =>
      sql.query(
        `INSERT INTO oidc_issuer (id, workspace_id, issuer, audience, allowed_algorithms)
         VALUES ($1::uuid, $2::uuid, 'https://issuer.example', $3::text, '{RS256}')`,
        [issuerId, workspaceId, audience],
      )
    await add(id, 'before')
    expect(await run()).toEqual([migration])
    await add(later, 'after')
    const rows = await test.database.prisma.oidcIssuer.findMany({ orderBy: { audience: 'desc' } })
    expect(rows.map(({ audience, provedAt, approvedAt }) => [audience, provedAt !== null, approvedAt])).toEqual([
      ['before', true, null],
      ['after', false, null],
    ])
  })

  it('makes the tokens of metadata that was there before, while older processes write', async () => {
    const { sql } = test.database
    const [structure, fill] = ['20261129160000_metadata_tokens', '20261129160100_fill_metadata_tokens']
    await sql.query('DELETE FROM _prisma_migrations WHERE migration_name = ANY($1::text[])', [[structure, fill]])
    await sql.query('DROP TABLE connection_metadata, end_user_metadata')
    await sql.query('DROP FUNCTION latchkey_connection_metadata, latchkey_end_user_metadata CASCADE')
    await sql.query('DROP FUNCTION latchkey_metadata_tokens, latchkey_metadata_token')
    const [workspaceId, integrationId] = [newId(), newId()]
    await sql.query(`INSERT INTO workspace (id, name, slug) VALUES ($1::uuid, 'Old', 'old')`, [workspaceId])
    await sql.query(
      `INSERT INTO integration (id, workspace_id, slug, display_name, provider) VALUES ($1::uuid, $2::uuid, 'crm', 'crm', 'sandbox')`,
      [integrationId, workspaceId],
    )
    // More than two batches.
    const numberOf = (id: string) => `('00000000-0000-0000-0000-' || lpad(${id}::text, 12, '0'))::uuid`
    await sql.query(
      `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method, metadata)
       SELECT ${numberOf('n')}, $1::uuid, $2::uuid, 'c', 'ACTIVE', 'SECRET',
         CASE WHEN n % 10 = 0 THEN '{}' ELSE jsonb_build_object('n', n, 'plan', 'pro') END FROM generate_series(1, 2500) n`,
      [workspaceId, integrationId],
    )
    await sql.query(
      `INSERT INTO end_user (id, workspace_id, external_id, metadata)
       SELECT ${numberOf('n')}, $1::uuid, n::text, jsonb_build_object('n', n) FROM generate_series(1, 1500) n`,
      [workspaceId],
    )
    const names = (await readdir(join(folder, 'migrations'))).filter((name) => name !== fill)
    const options = { url: test.url ?? undefined, folder }
    expect(await migrate(test.database, { ...options, only: new Set(names) })).toEqual([structure])
    const update = (client: SqlRunner, n: number, metadata: string) =>
      client.query(`UPDATE connection SET metadata = $1::jsonb WHERE id = ${numberOf(String(n))}`, [metadata])
    if (kind === 'server') {
      const older = await test.openAnother()
      const { filled } = await older.bulkTransaction(async (tx) => {
        await update(tx, 2_401, '{"plan": "free"}')
        const filled = run()
        const waits = async () =>
          (
            await sql.query(
              `SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'latchkey-migrate'
                 AND wait_event_type = 'Lock'`,
            )
          ).length > 0
        while (!(await waits())) await setImmediate()
        // The first batches are committed, and their rows can be written.
        await update(sql, 1, '{"plan": "free"}')
        await sql.query(`DELETE FROM connection WHERE id = ${numberOf('2')}`)
        // In an object: the transaction would wait for a promise.
        return { filled }
      })
      expect(await filled).toEqual([fill])
    } else expect(await run()).toEqual([fill])
    for (const table of ['connection', 'end_user']) {
      const [{ stored, expected } = {}] = await sql.query<{ stored: string[]; expected: string[] }>(
        `SELECT (SELECT array_agg(m::text ORDER BY m) FROM ${table}_metadata m) AS stored,
           (SELECT array_agg(e::text ORDER BY e) FROM (
             SELECT r.workspace_id, t.token, r.id FROM ${table} r, latchkey_metadata_tokens(r.metadata) AS t (token)) e) AS expected`,
      )
      expect(stored?.length).toBeGreaterThanOrEqual(1_500)
      expect(stored).toEqual(expected)
    }
    // It may run again.
    await sql.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [fill])
    expect(await run()).toEqual([fill])
  })

  if (kind === 'embedded') return

  it('applies a migration once when two processes start at once', async () => {
    const fresh = await open()
    await fresh.database.sql.query('DROP SCHEMA public CASCADE')
    await fresh.database.sql.query('CREATE SCHEMA public')
    const script = `
      import { openDatabase } from ${JSON.stringify(import.meta.resolve('../../src/db/open-database.ts'))}
      import { migrate } from ${JSON.stringify(import.meta.resolve('../../src/db/migrate.ts'))}
      const url = process.argv[1]
      const database = await openDatabase({ url }, { onError: () => undefined })
      process.stdout.write(JSON.stringify(await migrate(database, { url })))
      await database.close()`
    const outputs = await Promise.all([1, 2, 3].map(() => runNode(script, fresh.url ?? '')))
    const applied = outputs.flatMap((output) => JSON.parse(output))
    const list = await readFile(join(prisma, 'migrations', 'migration_lock.toml'), 'utf8')
    expect(list).toContain('postgresql')
    expect(applied.length).toBeGreaterThan(0)
    expect(new Set(applied).size).toBe(applied.length)
    const rows = await fresh.database.sql.query('SELECT migration_name FROM _prisma_migrations')
    expect(rows).toHaveLength(applied.length)
    await fresh.close()
  })
})

function runNode(script: string, argument: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, '--', argument])
  let [out, error] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    error += chunk
  })
  child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(error))))
  return promise
}
