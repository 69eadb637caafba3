import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import pg from 'pg'
import { repositoryRoot, startProcess } from './program.ts'

/** Folder whose node_modules contain PostGraphile; null: not installed, and its tests are skipped (in CI: an error). */
export const postgraphileHome = findHome()

/** A row as the API returns it. */
export interface Contact {
  rowId: number
  name: string
  updatedAt: string
}

/** A table on a PostgreSQL server and the GraphQL API that PostGraphile serves over it. */
export interface PostgraphileUpstream {
  url: string
  token: string
  /** Runs a statement on the table `contact (id, name)`. A trigger sets `updated_at`. */
  run(statement: string): Promise<void>
  /** All present rows, by id. */
  contacts(): Promise<Contact[]>
  stop(): Promise<void>
}

/** The API offers `contacts_since` as `contactsSince`, with cursor pagination. */
const TABLES = (schema: string) => `
  CREATE SCHEMA ${schema};
  SET search_path = ${schema};
  CREATE TABLE contact (id int PRIMARY KEY, name text NOT NULL, updated_at timestamptz NOT NULL);
  CREATE INDEX ON contact (updated_at, id);
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.updated_at := clock_timestamp(); RETURN NEW; END $$;
  CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE FUNCTION contacts_since(since timestamptz DEFAULT NULL) RETURNS SETOF ${schema}.contact LANGUAGE sql STABLE
    AS $$ SELECT * FROM ${schema}.contact WHERE since IS NULL OR updated_at >= since $$;
  COMMENT ON FUNCTION contacts_since IS '@behavior +order'`

/**
 * Creates the table in a new schema of the database at `databaseUrl`, and starts the API over it on a free port of
 * 127.0.0.1. The schema is dropped together with the database.
 */
export async function startPostgraphile(databaseUrl: string): Promise<PostgraphileUpstream> {
  if (postgraphileHome === null) throw new Error('PostGraphile is not installed.')
  const schema = `upstream_${randomBytes(4).toString('hex')}`
  const token = randomBytes(16).toString('hex')
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c TimeZone=UTC' })
  await client.connect()
  try {
    await client.query(TABLES(schema))
    const server = await startProcess({
      args: ['test/support/postgraphile-server.mjs', databaseUrl, schema, token, postgraphileHome],
      ready: /ready at (http:\S+)\n/,
    })
    return {
      url: server.ready[1] ?? '',
      token,
      async run(statement) {
        await client.query(statement)
      },
      async contacts() {
        const { rows } = await client.query<Contact>(
          `SELECT id AS "rowId", name, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00') AS "updatedAt"
           FROM contact ORDER BY id`,
        )
        return rows
      },
      async stop() {
        await server.stop()
        await client.end()
      },
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

function findHome(): string | null {
  const given = process.env['LATCHKEY_TEST_POSTGRAPHILE']
  const homes = [...(given === undefined ? [] : [given]), repositoryRoot, join(repositoryRoot, 'bench')]
  const found = homes.find((home) => has(home, ['@dataplan/pg', 'grafast', 'graphile-build', 'graphile-build-pg']))
  if (found !== undefined) return found
  const text = 'PostGraphile is not installed: npm ci, or npm ci --prefix bench, or set LATCHKEY_TEST_POSTGRAPHILE.'
  if (process.env['CI'] === 'true') throw new Error(text)
  process.stderr.write(`\n*** TESTS ARE SKIPPED. ${text}\n\n`)
  return null
}

function has(home: string, packages: readonly string[]): boolean {
  const require = createRequire(join(home, 'package.json'))
  try {
    for (const name of packages) require.resolve(name)
    return true
  } catch {
    return false
  }
}
