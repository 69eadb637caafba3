/**
 * `npm run bench -- reads`: three reads of a dashboard, beside PostGraphile 5 on the same database in the same run.
 * Latchkey has its tenant filter, row-level security, authentication, cursors and errors on; PostGraphile has none of them.
 * Many clients ask at the same time, as dashboards do that poll: Latchkey makes reads that wait for the same statement
 * together. Nothing is cached: every answer is read after its request came.
 * Wants DATABASE_URL of a server on which a database may be created.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createApiKey } from '../src/access/api-keys.ts'
import { createWorkspace } from '../src/connections/workspaces.ts'
import { migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { encodeGlobalId } from '../src/graphql/kernel/global-id.ts'
import { report } from './results.ts'
import { seed } from './seed.ts'

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
const { key } = await createApiKey(database, OPERATOR, {
  workspaceId: workspace.id,
  name: 'bench',
  role: 'ADMIN',
  expiresAt: null,
})
const { connectionIds } = await seed(database.sql, workspace.id)
await database.close()

const children: ChildProcess[] = []
async function start(args: string[], env: Record<string, string>, ready: RegExp): Promise<void> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.stdout.on('data', (chunk: Buffer) => ready.test(chunk.toString()) && resolve())
  child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}`)))
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

async function check(urlOf: string, headers: Record<string, string>, request: { body: string }): Promise<void> {
  const response = await fetch(urlOf, { method: 'POST', headers, body: request.body })
  const answer = (await response.json()) as { errors?: unknown; data?: unknown }
  if (answer.errors !== undefined || JSON.stringify(answer.data).length < 100)
    throw new Error(JSON.stringify(answer).slice(0, 1_000))
}
async function rate(
  urlOf: string,
  headers: Record<string, string>,
  requests: { body: string }[],
  seconds: number,
): Promise<number> {
  const result = await cannon({
    url: urlOf,
    method: 'POST',
    connections: CONNECTIONS,
    duration: seconds,
    headers,
    requests,
  })
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors, ${result.non2xx} bad answers`)
  return result.requests.average
}

try {
  const plain = { 'content-type': 'application/json' }
  const known = { ...plain, authorization: `Bearer ${key}` }
  for (const read of READS) {
    await check('http://127.0.0.1:4310/graphql', known, read.latchkey[0]!)
    await check('http://127.0.0.1:4311/graphql', plain, read.postgraphile[0]!)
    const ours: number[] = []
    const theirs: number[] = []
    await rate('http://127.0.0.1:4310/graphql', known, read.latchkey, 2)
    await rate('http://127.0.0.1:4311/graphql', plain, read.postgraphile, 2)
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await rate('http://127.0.0.1:4310/graphql', known, read.latchkey, SECONDS))
      theirs.push(await rate('http://127.0.0.1:4311/graphql', plain, read.postgraphile, SECONDS))
    }
    report({ name: read.name, unit: 'requests/s', latchkey: ours, beside: 'PostGraphile 5', other: theirs })
  }
} finally {
  for (const child of children) child.kill('SIGTERM')
  await admin.query('DROP DATABASE IF EXISTS latchkey_bench WITH (FORCE)')
  await admin.end()
}
