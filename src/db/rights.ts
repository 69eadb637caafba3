import pg from 'pg'
import { type Database, UnusableDatabaseError } from './database.ts'
import { Prisma } from './generated/client.ts'
import { migrate } from './migrate.ts'
import { openDatabase } from './open-database.ts'
import { TENANT_ROLE } from './scope.ts'
import type { SqlRunner } from './sql.ts'

/** The database user, or the role of tenants, lacks rights. */
export interface RightsProblem {
  /** A sentence. */
  message: string
  /** What an administrator of the server has to do; undefined: the next start corrects it. */
  remedy?: string | undefined
  /** Latchkey starts nevertheless, and fails later: with the next migration, or with some texts. */
  later?: boolean
  /** The tables cannot be read, or appear to be empty. */
  unreadable?: true
}

/**
 * Checks what a dump does not contain or a restore can lose: roles and their rights, and the owner of the tables. A user that
 * does not own the tables is subject to row-level security, and would see empty tables. Changes nothing.
 */
export async function checkRights({ sql }: Pick<Database, 'sql'>): Promise<RightsProblem[]> {
  return problemsOf(await readState(sql))
}

function problemsOf(state: State): RightsProblem[] {
  const ofUser = problemsOfUser(state)
  return state.foreign === null ? [...ofUser, ...problemsOfRole(state)] : ofUser
}

/**
 * Creates the role of tenants where it is missing, and restores its rights and policies as the applied migrations made them. A
 * dump that is restored into another cluster loses them. Must run before migrations, which need the role.
 * @returns a sentence for each problem that was corrected
 * @throws UnusableDatabaseError when the user may not do this, or does not own the tables
 */
export async function restoreRights(database: Database): Promise<string[]> {
  const state = await readState(database.sql)
  const problems = problemsOf(state)
  for (const { message, remedy, later } of problems) {
    if (remedy !== undefined && later !== true) throw new UnusableDatabaseError(message, remedy)
  }
  const lost = problems.filter(({ remedy }) => remedy === undefined)
  if (lost.length === 0) return []
  // Without the role, nothing of it was restored.
  const statements = state.role && state.bare.length === 0 ? [] : await statementsOfRights(database)
  await database.bulkTransaction(async (tx) => {
    // Processes that start at once take turns.
    await tx.query('SELECT pg_advisory_xact_lock($1)::text', [RIGHTS_LOCK])
    if (!(await readState(tx)).role) await tx.query(CREATE_ROLE)
    const { user, used, member, defaults, bare } = await readState(tx)
    if (!member) await tx.query(`GRANT ${TENANT_ROLE} TO ${pg.escapeIdentifier(user)}`)
    if (bare.length > 0) for (const statement of statements) await tx.query(statement)
    if (used && !defaults) await tx.query(RIGHTS_OF_SCHEMA)
  })
  return lost.map(({ message }) => message)
}

/**
 * The statements that give the role its rights and policies, for the tables that exist. They are read from an empty database
 * in memory, to which the same migrations are applied, so that the migrations stay the only place that defines them.
 */
async function statementsOfRights({ sql }: Database): Promise<string[]> {
  const [table] = await sql.query<{ exists: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`)
  if (table?.exists !== true) return []
  const applied = await sql.query<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  )
  const names = new Set(applied.map(({ name }) => name))
  const model = await openDatabase({ dataDir: null }, { onError: () => undefined })
  try {
    await migrate(model, { only: names })
    const rows = await model.sql.query<{ statement: string }>(STATEMENTS_OF_RIGHTS, [TENANT_ROLE])
    return rows.map(({ statement }) => statement)
  } finally {
    await model.close()
  }
}

const RIGHTS_OF_SCHEMA = `DO $$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${TENANT_ROLE}', current_schema());
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO ${TENANT_ROLE}', current_schema());
END $$`

/** Schema names are left out, because the tables may be in another schema than `public`. */
const STATEMENTS_OF_RIGHTS = `
  WITH relation AS (
    SELECT oid, relname AS name, relkind AS kind, relacl AS acl FROM pg_class WHERE relnamespace = current_schema()::regnamespace
  )
  SELECT format('DROP POLICY IF EXISTS %I ON %I', p.policyname, p.tablename) AS statement, 1 AS part
  FROM pg_policies p WHERE p.schemaname = current_schema() AND $1::name = ANY(p.roles)
  UNION ALL
  SELECT format('CREATE POLICY %I ON %I AS %s FOR %s TO %I', p.policyname, p.tablename, p.permissive, p.cmd, $1::name)
         || coalesce(' USING (' || p.qual || ')', '') || coalesce(' WITH CHECK (' || p.with_check || ')', ''), 2
  FROM pg_policies p WHERE p.schemaname = current_schema() AND $1::name = ANY(p.roles)
  UNION ALL
  SELECT format('GRANT %s ON %s %I TO %I', string_agg(g.privilege_type, ', '), CASE r.kind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                r.name, $1::name), 3
  FROM relation r CROSS JOIN aclexplode(r.acl) g WHERE g.grantee = (SELECT oid FROM pg_roles WHERE rolname = $1::name) GROUP BY r.kind, r.name
  UNION ALL
  SELECT format('GRANT %s (%I) ON TABLE %I TO %I', g.privilege_type, a.attname, r.name, $1::name), 3
  FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid CROSS JOIN aclexplode(a.attacl) g WHERE g.grantee = (SELECT oid FROM pg_roles WHERE rolname = $1::name)
  ORDER BY part, statement`

/** Another database of this server may be restored at the same moment. */
const CREATE_ROLE = `DO $$ BEGIN
  CREATE ROLE ${TENANT_ROLE} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$`

/** Key of the advisory lock. Nothing else in the database may use it. */
const RIGHTS_LOCK = 7_214_550_119n

/** Own tables. Every table has the snake_case of its model's name. */
const TABLES = Object.values(Prisma.ModelName).map((name) =>
  name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
)

interface State {
  user: string
  database: string
  /** Null: no schema of the search path exists. */
  schema: string | null
  /** Whether the user may create tables in the schema, and schemas in the database. */
  creates: boolean
  encoding: string
  /** Whether the tables exist. */
  used: boolean
  /** Tables, sequences and functions that the user does not own, and one owner of them. */
  foreign: { count: number; example: string; owner: string; owner_is_superuser: boolean } | null
  role: boolean
  /** The role ignores row-level security. */
  unbound: boolean
  /** Whether the user may become the role. */
  member: boolean
  mayCreateRole: boolean
  mayGrantRole: boolean
  /** Whether the role may use the sequences that later migrations of this user create. */
  defaults: boolean
  /** Tables without a policy or a right for the role. */
  bare: string[]
}

async function readState(sql: SqlRunner): Promise<State> {
  const [row] = await sql.query<{
    user: string
    database: string
    schema: string | null
    creates: boolean
    encoding: string
    version: number
    used: boolean
    superuser: boolean
    createrole: boolean
    role: boolean
    unbound: boolean
  }>(
    `SELECT current_user::text AS "user", current_database()::text AS database, current_schema()::text AS schema,
            coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AND (to_regnamespace('queue') IS NOT NULL
              OR has_database_privilege(current_database(), 'CREATE')) AS creates,
            current_setting('server_encoding') AS encoding, current_setting('server_version_num')::int / 10000 AS version,
            to_regclass('_prisma_migrations') IS NOT NULL AS used, u.rolsuper AS superuser, u.rolcreaterole AS createrole,
            r.oid IS NOT NULL AS role, coalesce(r.rolsuper OR r.rolbypassrls, false) AS unbound
     FROM pg_roles u LEFT JOIN pg_roles r ON r.rolname = $1 WHERE u.rolname = current_user`,
    [TENANT_ROLE],
  )
  if (row === undefined) throw new Error('The database returned no row.')
  const { version, superuser, createrole, ...state } = row
  const mayCreateRole = superuser || createrole
  if (!row.role)
    return {
      ...state,
      foreign: await foreignOf(sql),
      member: false,
      mayCreateRole,
      mayGrantRole: mayCreateRole,
      defaults: false,
      bare: [],
    }
  const [access] = await sql.query<{ member: boolean; admin: boolean; defaults: boolean; bare: string[] }>(
    `SELECT pg_has_role(current_user, $1::name, $2) AS member, pg_has_role(current_user, $1::name, 'MEMBER WITH ADMIN OPTION') AS admin,
            EXISTS (SELECT FROM pg_default_acl d CROSS JOIN aclexplode(d.defaclacl) g JOIN pg_roles r ON r.oid = g.grantee
                    WHERE d.defaclrole::regrole = current_user::regrole AND d.defaclnamespace = current_schema()::regnamespace
                      AND d.defaclobjtype = 'S' AND r.rolname = $1::name) AS defaults,
            ARRAY(SELECT c.relname::text FROM pg_class c
                  WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY($3::text[]) AND c.relrowsecurity
                    AND NOT (has_any_column_privilege($1::name, c.oid, 'SELECT') AND EXISTS
                      (SELECT FROM pg_policy p JOIN pg_roles r ON r.rolname = $1::name WHERE p.polrelid = c.oid AND r.oid = ANY(p.polroles))) ORDER BY 1) AS bare`,
    // Since version 16, a member may still not become the role.
    [TENANT_ROLE, version >= 16 ? 'SET' : 'MEMBER', TABLES],
  )
  return {
    ...state,
    foreign: await foreignOf(sql),
    member: access?.member ?? false,
    mayCreateRole,
    mayGrantRole: superuser || (access?.admin ?? false) || (createrole && version < 16),
    defaults: access?.defaults ?? false,
    bare: access?.bare ?? [],
  }
}

async function foreignOf(sql: SqlRunner): Promise<State['foreign']> {
  const [found] = await sql.query<{ count: number; example: string; owner: string; owner_is_superuser: boolean }>(
    `WITH own AS (
       SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || c.relname AS name, c.relowner AS owner
       FROM pg_class c WHERE c.relkind IN ('r', 'p', 'S') AND (c.relnamespace = to_regnamespace('queue')
         OR (c.relnamespace = current_schema()::regnamespace AND c.relname = ANY($1::text[])))
       UNION ALL
       SELECT 'function ' || p.proname, p.proowner FROM pg_proc p
       WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'latchkey\\_%'
       UNION ALL
       SELECT 'schema ' || n.nspname, n.nspowner FROM pg_namespace n WHERE n.nspname = 'queue'
     )
     SELECT (count(*) OVER ())::int AS count, own.name AS example, r.rolname::text AS owner, r.rolsuper AS owner_is_superuser
     FROM own JOIN pg_roles r ON r.oid = own.owner WHERE NOT pg_has_role(current_user, own.owner, 'USAGE')
     ORDER BY own.name DESC LIMIT 1`,
    [[...TABLES, '_prisma_migrations']],
  )
  return found ?? null
}

function problemsOfUser({ user, database, schema, creates, encoding, used, foreign }: State): RightsProblem[] {
  const name = pg.escapeIdentifier(user)
  if (foreign !== null) {
    const { count, example, owner, owner_is_superuser: superuser } = foreign
    const message = `The user ${user} does not own ${count} parts of the database of Latchkey, such as the ${example}, which belongs to ${owner}`
    const remedy = superuser
      ? `Drop this database, and restore the dump as the user ${user}: docs/backup.md describes how.`
      : `As an administrator, in this database: REASSIGN OWNED BY ${pg.escapeIdentifier(owner)} TO ${name}; or connect as ${owner}.`
    return [{ message, remedy, unreadable: true }]
  }
  const problems: RightsProblem[] = []
  if (encoding !== 'UTF8') {
    const message = `The encoding of the database ${database} is ${encoding}, which cannot hold or check every text`
    const remedy = `Use a database in UTF-8, as an administrator: CREATE DATABASE latchkey OWNER ${name} ENCODING 'UTF8' TEMPLATE template0;`
    // SQL_ASCII stores what it is sent.
    problems.push({ message, remedy, later: used || encoding === 'SQL_ASCII' })
  }
  if (schema === null || !creates) {
    const message = `The user ${user} may not create tables and schemas in the database ${database}`
    const remedy = `As an administrator, in this database: ALTER DATABASE ${pg.escapeIdentifier(database)} OWNER TO ${name}; GRANT CREATE ON SCHEMA public TO ${name};`
    problems.push({ message, remedy, later: used })
  }
  return problems
}

function problemsOfRole({
  user,
  used,
  role,
  unbound,
  member,
  mayCreateRole,
  mayGrantRole,
  defaults,
  bare,
}: State): RightsProblem[] {
  const create = `CREATE ROLE ${TENANT_ROLE} NOLOGIN;`
  const grant = `GRANT ${TENANT_ROLE} TO ${pg.escapeIdentifier(user)};`
  if (!role) {
    const message = `The role ${TENANT_ROLE} is missing${used ? ': a dump does not contain it, nor its rights' : ''}`
    if (!used && mayCreateRole) return []
    return [{ message, remedy: mayCreateRole ? undefined : `As an administrator: ${create} ${grant}` }]
  }
  if (unbound) {
    const message = `The role ${TENANT_ROLE} ignores row-level security, which separates workspaces`
    return [{ message, remedy: `As an administrator: ALTER ROLE ${TENANT_ROLE} NOSUPERUSER NOBYPASSRLS;` }]
  }
  const problems: RightsProblem[] = []
  if (!member) {
    const message = `The user ${user} may not become the role ${TENANT_ROLE}`
    problems.push({ message, remedy: mayGrantRole ? undefined : `As an administrator: ${grant}` })
  }
  if (bare.length > 0) {
    problems.push({
      message: `The role ${TENANT_ROLE} lacks rights or policies of ${bare.length} tables: ${bare.join(', ')}`,
    })
  } else if (used && !defaults) {
    problems.push({ message: `The role ${TENANT_ROLE} has no right to the sequences of later migrations` })
  }
  return problems
}
