/**
 * `npm run bench -- unit-costs`: what one job, page, renewal, request, event and delivery cost: processor time of Latchkey and of
 * PostgreSQL, bytes of WAL, and statements; and how many bytes a connection, a record, an event and a job take. Then all of it
 * happens side by side at an even pace, and what that costs is compared with the sum of its units. `scripts/capacity.ts` computes with these numbers.
 * DATABASE_URL: a server on this machine on which a database may be created, with pg_stat_statements, or there are no statements.
 * REDIS_URL: wakes the gateway; without, it looks for events every second and sends many at once, which costs less.
 * UNIT_COSTS: file for the numbers as JSON.
 */
import { readdir, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cost, UnitCosts, UnitName } from '../scripts/capacity.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { createLocalWakeBus, createRedisWakeBus } from '../src/db/wake-bus.ts'
import { encodeEventCursor } from '../src/events/event-cursor.ts'
import { appendEvents, readLogBounds } from '../src/events/event-log.ts'
import { decodeGlobalId } from '../src/graphql/kernel/global-id.ts'
import { startProcess } from '../test/support/program.ts'
import { cpuMsOf, print, processTimesOf, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const CONNECTIONS = Number(process.env['BENCH_CONNECTIONS'] ?? 300)
const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 50_000)
const REQUESTS = 3_000
const READS = 300
const EVENTS = 300
const SUBSCRIBERS = 50
/** In which the units of one kind are done, at an even pace: many at once share statements and writes, and so cost less. */
const PACE_SECONDS = 20
const PAGE = 100

const upstream = await startProcess({ args: ['bench/sync-upstream.ts'], ready: /ready on (\d+)/ })
const tokens = await startProcess({ args: ['bench/token-server.ts'], ready: /ready on (\d+)/ })
const redis = process.env['REDIS_URL']
const load = await startUnderLoad('latchkey_bench_unit_costs', {
  LATCHKEY_SUBSCRIPTION_LIMIT: String(SUBSCRIBERS),
  ...(redis === undefined ? {} : { REDIS_URL: redis }),
})
const { program, client, mutate } = load
const database = await openDatabase({ url: load.url }, { onError: () => undefined })
const bus = redis === undefined ? createLocalWakeBus() : createRedisWakeBus(redis, () => undefined)
const hasStatements = await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements').then(
  () =>
    client.query('SELECT 1 FROM pg_stat_statements LIMIT 1').then(
      () => true,
      () => false,
    ),
  () => false,
)

/** Processor time of the server and all of its processes. */
async function serverMs(): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const { parent } = await processTimesOf(rows[0]?.pid ?? 0)
  const { ms, childrenMs } = await processTimesOf(parent)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(pids.map((pid) => processTimesOf(pid).catch(() => ({ ms: 0, parent: 0 }))))
  return all.reduce((sum, each) => (each.parent === parent ? sum + each.ms : sum), ms + childrenMs)
}

async function totals(): Promise<Cost> {
  const { rows } = await client.query<{ wal: string; calls: string }>(
    `SELECT pg_current_wal_insert_lsn() - '0/0' AS wal,
       ${hasStatements ? '(SELECT sum(calls) FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))' : '0'} AS calls`,
  )
  return {
    appMs: await cpuMsOf(program.pid),
    databaseMs: await serverMs(),
    walBytes: Number(rows[0]?.wal),
    statements: Number(rows[0]?.calls),
  }
}

const ZERO: Cost = { appMs: 0, databaseMs: 0, walBytes: 0, statements: 0 }
const KEYS = ['appMs', 'databaseMs', 'walBytes', 'statements'] as const

function combine(a: Cost, b: Cost, of: (a: number, b: number) => number): Cost {
  const entries = KEYS.map((key) => [key, of(a[key], b[key])])
  return Object.fromEntries(entries) as unknown as Cost
}
const minus = (a: Cost, b: Cost) => combine(a, b, (x, y) => Math.max(0, x - y))
const plus = (a: Cost, b: Cost, times = 1) => combine(a, b, (x, y) => x + y * times)
const perUnit = (a: Cost, units: number) => combine(a, a, (x) => x / units)

/** What a second without work costs. */
let idle = ZERO

/** @returns what `work` costs beyond what the same time without work costs */
async function costOf(work: () => Promise<void>): Promise<Cost> {
  const before = await totals()
  const begun = performance.now()
  await work()
  const seconds = (performance.now() - begun) / 1_000
  return minus(minus(await totals(), before), perUnit(idle, 1 / seconds))
}

async function inParallel(count: number, atOnce: number, work: (nth: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await work(next++)
    }),
  )
}

/** Does `count` pieces of work, one after the other, spread over `PACE_SECONDS`. Those that are late do not wait. */
async function evenly(count: number, work: (nth: number) => Promise<unknown>): Promise<void> {
  const begun = performance.now()
  for (let nth = 0; nth < count; nth += 1) {
    await sleep(Math.max(0, begun + (nth * PACE_SECONDS * 1_000) / count - performance.now()))
    await work(nth)
  }
}

// ---- what the units work on ------------------------------------------------------------------------------------------

type Node = { id: string }
const { workspace } = await mutate<{ workspace: Node }>('createWorkspace', { name: 'Bench' }, 'workspace { id }')
const workspaceId = workspace.id
const workspaceRow = decodeGlobalId('Workspace', workspaceId)
const { key } = await mutate<{ key: string }>('createApiKey', { workspaceId, name: 'bench', role: 'ADMIN' }, 'key')
const stream = (name: string, size: number) => ({
  name,
  path: `/items/${size}/${PAGE}`,
  recordsPath: ['data'],
  primaryKey: [['id']],
  pagination: { type: 'cursor', path: ['next'], param: 'cursor' },
})
await mutate(
  'createIntegration',
  {
    workspaceId,
    slug: 'oauth',
    definition: {
      displayName: 'Source',
      baseUrl: `http://127.0.0.1:${upstream.ready[1]}`,
      auth: { type: 'oauth2', grant: 'refresh_token', tokenUrl: `http://127.0.0.1:${tokens.ready[1]}/token` },
      streams: [stream('one', 1), stream('three', 3 * PAGE), stream('many', RECORDS)],
    },
  },
  'integration { id }',
)
const ids: string[] = []
for (let index = 0; index < CONNECTIONS; index += 1) {
  const oauthToken = {
    accessToken: `access-${index}`,
    refreshToken: `refresh-${index}`,
    expiresIn: 36_000,
    clientId: 'bench',
  }
  const input = { workspaceId, integration: 'oauth', credential: { oauthToken } }
  ids.push((await mutate<{ connection: Node }>('createConnection', input, 'connection { id }')).connection.id)
}
const at = (nth: number) => ids[nth % ids.length] ?? ''

async function waitForJobs(): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ open: number; failed: number }>(
      `SELECT count(*) FILTER (WHERE finished_at IS NULL)::int AS open, count(*) FILTER (WHERE status = 'FAILED')::int AS failed FROM sync_job`,
    )
    if ((rows[0]?.failed ?? 0) > 0) throw new Error('A sync job has failed.')
    if (rows[0]?.open === 0) return
    await sleep(100)
  }
}

const trigger = (nth: number, name: string) =>
  mutate('triggerSync', { connectionId: at(nth), streams: [name], fullRefresh: true }, 'syncJob { id }')

async function jobs(name: string): Promise<void> {
  await inParallel(CONNECTIONS, 16, (nth) => trigger(nth, name))
  await waitForJobs()
}

async function pacedJobs(name: string): Promise<void> {
  await evenly(CONNECTIONS, (nth) => trigger(nth, name))
  await waitForJobs()
}

async function manyPages(): Promise<void> {
  await trigger(0, 'many')
  await waitForJobs()
}

const renew = (nth: number) => mutate('refreshConnection', { connectionId: at(nth), force: true }, 'connection { id }')

async function request(nth: number): Promise<void> {
  const response = await fetch(`${program.url}/proxy/${at(nth)}/items/1/1`, {
    headers: { authorization: `Bearer ${key}` },
  })
  await response.arrayBuffer()
  if (response.status !== 200) throw new Error(`A request was answered with ${response.status}.`)
}
const requests = () => inParallel(REQUESTS, 16, request)

const READ = `query ($id: ID!) { node(id: $id) { ... on Workspace { connections(first: 50) { nodes { id status endUser { id } syncJobs(first: 3) { nodes { id status } } } } } } }`
async function read(): Promise<void> {
  const response = await fetch(program.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: READ, variables: { id: workspaceId } }),
  })
  const { errors } = (await response.json()) as { errors?: unknown }
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
}
const reads = () => inParallel(READS, 16, read)

let eventNumber = 0
/** Appends an event in a transaction of its own, in this process. */
async function append(): Promise<void> {
  const payload = { stream: 'many', recordsRead: eventNumber++, recordsWritten: 1_000, pagesRead: 1, total: null }
  await database.bulkTransaction((tx) => appendEvents(tx, bus, workspaceRow, [{ type: 'SYNC_PROGRESSED', payload }]))
}

async function deliveredEvents(): Promise<void> {
  await evenly(EVENTS, append)
  await sleep(2_000)
}

/** Subscribers of all events from now on, in a process of their own. */
async function startSubscribers(count: number) {
  const { head } = await readLogBounds(database.sql, workspaceRow)
  eventNumber = 0
  return startProcess({
    args: [
      'bench/subscription-clients.ts',
      `${program.url.replace('http', 'ws')}/graphql`,
      ...[String(count), String(EVENTS), key, workspaceId, encodeEventCursor(workspaceRow, head)],
    ],
    ready: /all are open/,
  })
}

/** @returns units of work and what they cost together */
async function measured(units: number, work: () => Promise<void>): Promise<Cost> {
  return perUnit(await costOf(work), units)
}

try {
  const seconds = 5
  const still = await totals()
  await sleep(seconds * 1_000)
  idle = perUnit(minus(await totals(), still), seconds)

  // Warms up.
  await jobs('one')
  await requests()
  await reads()

  const costs = {} as Record<UnitName, Cost>
  const pages = RECORDS / PAGE
  const triggered = await measured(CONNECTIONS, () => pacedJobs('one'))
  costs.job = triggered
  costs.newPage = perUnit(minus(await costOf(manyPages), triggered), pages)
  costs.unchangedPage = perUnit(minus(await costOf(manyPages), triggered), pages)
  costs.renewal = await measured(CONNECTIONS, () => evenly(CONNECTIONS, renew))
  costs.request = await measured(REQUESTS, () => evenly(REQUESTS, request))
  costs.read = await measured(READS, () => evenly(READS, read))
  // An event is read once, however many subscribers it has.
  const one = await startSubscribers(1)
  costs.event = await measured(EVENTS, deliveredEvents)
  await one.stop()
  const clients = await startSubscribers(SUBSCRIBERS)
  const delivered = await costOf(deliveredEvents)
  costs.delivery = perUnit(minus(delivered, perUnit(costs.event, 1 / EVENTS)), (SUBSCRIBERS - 1) * EVENTS)

  // ---- everything side by side, beside the sum of its units -----------------------------------------------------------
  await jobs('three')
  const mixed = await costOf(async () => {
    await Promise.all([
      pacedJobs('three'),
      evenly(CONNECTIONS, renew),
      evenly(REQUESTS, request),
      evenly(READS, read),
      evenly(EVENTS, append),
    ])
    await sleep(2_000)
  })
  const { rows: counted } = await client.query<{ events: number }>(
    `SELECT count(*)::int AS events FROM event WHERE sync_job_id IN (SELECT id FROM sync_job ORDER BY id DESC LIMIT $1)`,
    [CONNECTIONS],
  )
  const expected = [
    [costs.job, CONNECTIONS],
    [costs.unchangedPage, CONNECTIONS * 3],
    [costs.renewal, CONNECTIONS],
    [costs.request, REQUESTS],
    [costs.read, READS],
    [costs.event, EVENTS],
    [costs.delivery, SUBSCRIBERS * (EVENTS + (counted[0]?.events ?? 0) + CONNECTIONS)],
  ].reduce((sum, [cost, units]) => plus(sum, cost as Cost, units as number), ZERO)
  await clients.stop()

  // Without what later updates leave behind until the next vacuum.
  await client.query('VACUUM FULL')
  const sizes = await client.query<{ name: 'connection' | 'record' | 'event' | 'job'; bytes: number }>(
    `SELECT name, (sum(pg_total_relation_size(relation)) / greatest(1, max(count)))::int AS bytes FROM (VALUES
       ('connection', 'connection', (SELECT count(*) FROM connection)), ('connection', 'credential', 0),
       ('record', 'record', (SELECT count(*) FROM record)), ('event', 'event', (SELECT count(*) FROM event)),
       ('job', 'sync_job', (SELECT count(*) FROM sync_job)), ('job', 'sync_job_stream', 0)) t (name, relation, count) GROUP BY name`,
  )
  const bytes = Object.fromEntries(sizes.rows.map((row) => [row.name, row.bytes])) as unknown as UnitCosts['bytes']
  const jobEvents = (counted[0]?.events ?? 0) / CONNECTIONS
  const result: UnitCosts = { costs, bytes, jobEvents }
  for (const [name, cost] of Object.entries(costs)) report({ name, note: textOf(cost) })
  report({ name: 'bytes with indexes', note: JSON.stringify(bytes) })
  report({ name: 'events of a job', note: jobEvents.toFixed(1) })
  report({ name: 'all side by side', note: textOf(mixed) })
  report({ name: 'the sum of its units', note: textOf(expected) })
  report({ name: 'ratio', note: textOf(combine(mixed, expected, (a, b) => a / b)) })
  const file = process.env['UNIT_COSTS']
  if (file !== undefined) await writeFile(file, `${JSON.stringify(result, null, 2)}\n`)
} catch (error) {
  print(program.stderr())
  throw error
} finally {
  await bus.close()
  await database.close()
  await load.close()
  await upstream.stop()
  await tokens.stop()
}

function textOf({ appMs, databaseMs, walBytes, statements }: Cost): string {
  return `${appMs.toFixed(3)} ms, database ${databaseMs.toFixed(3)} ms, WAL ${walBytes.toFixed(walBytes < 10 ? 2 : 0)} bytes, statements ${statements.toFixed(1)}`
}
