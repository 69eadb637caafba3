/**
 * `npm run bench -- reads`: three queries of a dashboard, compared with PostGraphile 5 on the same database in the same run.
 * Latchkey runs with tenant filter, row-level security, authentication, cursors and errors; PostGraphile without them.
 * 16 clients send at the same time, as polling dashboards do. Latchkey combines reads that wait for the same statement; it
 * caches no results.
 * DATABASE_URL: a server on which a database may be created.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createApiKey } from '../src/access/api-keys.ts'
import { createWorkspace } from '../src/connections/workspaces.ts'
import { migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open-database.ts'
import type { SqlRunner } from '../src/db/sql.ts'
import { createLocalWakeBus } from '../src/db/wake-bus.ts'
import { encodeGlobalId } from '../src/graphql/kernel/global-id.ts'
import { report } from './results.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const CONNECTIONS = 16
const here = fileURLToPath(new URL('.', import.meta.url))

interface Load {
  url: string
  method: 'POST'
  connections: number
  duration: number
  headers: Record<string, string>
  requests: { body: string }[]
}
type Cannon = (
  load: Load,
) => Promise<{ requests: { average: number }; errors: number; non2xx: number; latency: { p99: number } }>
// Installed by `npm ci --prefix bench`, not with the product.
const cannon: Cannon = createRequire(`${here}package.json`)('autocannon')

const OPERATOR = {
  kind: 'OPERATOR',
  role: 'OPERATOR',
  workspaceId: null,
  endUserId: null,
  apiKeyId: null,
  connectSessionId: null,
  expiresAt: null,
} as const

const server = process.env['DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'
const admin = new pg.Client({ connectionString: server })
await admin.connect()
await admin.query('DROP DATABASE IF EXISTS latchkey_bench WITH (FORCE)')
await admin.query('CREATE DATABASE latchkey_bench')
const target = new URL(server)
target.pathname = '/latchkey_bench'
const url = target.href

const database = await openDatabase({ url }, { onError: () => undefined })
await migrate(database, { url })
const workspace = await createWorkspace(database, OPERATOR, {
  name: 'Bench',
  slug: null,
  redirectUrls: [],
  brandingName: null,
  brandingLogoUrl: null,
  brandingColor: null,
  confirmation: 'REQUIRED',
})
const { key } = await createApiKey(database, createLocalWakeBus(), OPERATOR, {
  workspaceId: workspace.id,
  name: 'bench',
  role: 'ADMIN',
  expiresAt: null,
  scopes: null,
  integrations: null,
  replaces: null,
})
const connectionIds = await seed(database.sql, workspace.id)
await database.close()

const children: ChildProcess[] = []
async function start(args: string[], env: Record<string, string>, ready: RegExp): Promise<void> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.stdout.on('data', (chunk: Buffer) => ready.test(chunk.toString()) && resolve())
  child.once('exit', (code) => reject(new Error(`${args[0]} exited with ${code}`)))
  await promise
  child.removeAllListeners('exit')
}
await start(
  [`${here}../src/main.ts`],
  {
    DATABASE_URL: url,
    LATCHKEY_ROLE: 'gateway',
    LATCHKEY_LOG_LEVEL: 'error',
    LATCHKEY_RATE_LIMIT: '0',
    LATCHKEY_DATA_DIR: '/tmp/latchkey-bench',
    PORT: '4310',
    GRAPHILE_ENV: 'production',
  },
  /Latchkey is running/,
)
await start([`${here}postgraphile-server.mjs`, url, '4311'], { GRAPHILE_ENV: 'production' }, /ready/)

const workspaceGlobalId = encodeGlobalId('Workspace', workspace.id)
const body = (query: string, variables: object) => ({ body: JSON.stringify({ query, variables }) })
const each = (query: string, variables: (id: string) => object) => connectionIds.map((id) => body(query, variables(id)))

const READS = [
  {
    name: 'one connection by id',
    latchkey: each(
      'query One($id: ID!) { node(id: $id) { ... on Connection { id displayName externalId status createdAt } } }',
      (id) => ({
        id: encodeGlobalId('Connection', id),
      }),
    ),
    postgraphile: each(
      'query One($id: UUID!) { connectionByRowId(rowId: $id) { id displayName externalId status createdAt } }',
      (id) => ({ id }),
    ),
  },
  {
    name: '50 connections with end user and last 3 jobs',
    latchkey: [
      body(
        `query Board($id: ID!) { workspace(id: $id) { connections(first: 50) { nodes { id displayName status
         endUser { externalId displayName } syncJobs(first: 3) { nodes { id status recordsRead finishedAt } } } } } }`,
        { id: workspaceGlobalId },
      ),
    ],
    postgraphile: [
      body(
        `query Board($id: UUID!) { workspaceByRowId(rowId: $id) { connectionsByWorkspaceId(first: 50) { nodes { id displayName status
         endUserByEndUserId { externalId displayName }
         syncJobsByConnectionId(first: 3, orderBy: [PRIMARY_KEY_DESC]) { nodes { id status recordsRead finishedAt } } } } } }`,
        { id: workspace.id },
      ),
    ],
  },
  {
    name: '100 end users with their connection counts',
    latchkey: [
      body(
        `query Users($id: ID!) { workspace(id: $id) { endUsers(first: 100) { nodes { id externalId displayName
         connections(first: 0) { totalCount } } } } }`,
        { id: workspaceGlobalId },
      ),
    ],
    postgraphile: [
      body(
        `query Users($id: UUID!) { workspaceByRowId(rowId: $id) { endUsersByWorkspaceId(first: 100) { nodes { id externalId displayName
         connectionsByEndUserId { totalCount } } } } }`,
        { id: workspace.id },
      ),
    ],
  },
]

/** Throws unless the response has data and no errors. */
async function check(endpoint: string, headers: Record<string, string>, request: { body: string }): Promise<void> {
  const response = await fetch(endpoint, { method: 'POST', headers, body: request.body })
  const answer = (await response.json()) as { errors?: unknown; data?: unknown }
  if (answer.errors !== undefined || JSON.stringify(answer.data).length < 100)
    throw new Error(JSON.stringify(answer).slice(0, 1_000))
}
/** Requests per second. */
async function rate(
  endpoint: string,
  headers: Record<string, string>,
  requests: { body: string }[],
  seconds: number,
): Promise<number> {
  const result = await cannon({
    url: endpoint,
    method: 'POST',
    connections: CONNECTIONS,
    duration: seconds,
    headers,
    requests,
  })
  if (result.errors > 0 || result.non2xx > 0)
    throw new Error(`${result.errors} errors, ${result.non2xx} responses that are not 2xx`)
  return result.requests.average
}

try {
  const plain = { 'content-type': 'application/json' }
  const authenticated = { ...plain, authorization: `Bearer ${key}` }
  for (const read of READS) {
    await check('http://127.0.0.1:4310/graphql', authenticated, read.latchkey[0]!)
    await check('http://127.0.0.1:4311/graphql', plain, read.postgraphile[0]!)
    const ours: number[] = []
    const theirs: number[] = []
    await rate('http://127.0.0.1:4310/graphql', authenticated, read.latchkey, 2)
    await rate('http://127.0.0.1:4311/graphql', plain, read.postgraphile, 2)
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await rate('http://127.0.0.1:4310/graphql', authenticated, read.latchkey, SECONDS))
      theirs.push(await rate('http://127.0.0.1:4311/graphql', plain, read.postgraphile, SECONDS))
    }
    report({ name: read.name, unit: 'requests/s', latchkey: ours, reference: 'PostGraphile 5', other: theirs })
  }
} finally {
  for (const child of children) child.kill('SIGTERM')
  await admin.query('DROP DATABASE IF EXISTS latchkey_bench WITH (FORCE)')
  await admin.end()
}

/** Creates 20,000 connections of 2,000 end users, with 5 jobs each. @returns ids of 1,000 connections */
async function seed(sql: SqlRunner, workspaceId: string): Promise<string[]> {
  await sql.query(
    `INSERT INTO integration (id, workspace_id, slug, display_name, definition)
     SELECT gen_random_uuid(), $1::uuid, 'bench', 'Bench', '{"displayName":"Bench","baseUrl":"https://api.example.com","auth":{"type":"bearer"}}'`,
    [workspaceId],
  )
  await sql.query(
    `INSERT INTO end_user (id, workspace_id, external_id, display_name, email)
     SELECT gen_random_uuid(), $1::uuid, 'user-' || n, 'User ' || n, 'user' || n || '@example.com' FROM generate_series(1, 2000) n`,
    [workspaceId],
  )
  await sql.query(
    `INSERT INTO connection (id, workspace_id, integration_id, end_user_id, display_name, external_id, status, method)
     SELECT gen_random_uuid(), $1::uuid, i.id, e.id, 'Connection ' || n, e.external_id || '-' || n, 'ACTIVE', 'SECRET'
     FROM integration i, end_user e, generate_series(1, 10) n WHERE i.workspace_id = $1::uuid AND e.workspace_id = $1::uuid`,
    [workspaceId],
  )
  await sql.query(
    `INSERT INTO sync_job (id, workspace_id, connection_id, trigger, status, records_read, finished_at)
     SELECT gen_random_uuid(), $1::uuid, c.id, 'MANUAL', 'SUCCEEDED', n, now() FROM connection c, generate_series(1, 5) n
     WHERE c.workspace_id = $1::uuid`,
    [workspaceId],
  )
  await sql.query('ANALYZE')
  const rows = await sql.query<{ id: string }>('SELECT id FROM connection WHERE workspace_id = $1::uuid LIMIT 1000', [
    workspaceId,
  ])
  return rows.map((row) => row.id)
}
