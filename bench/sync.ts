/**
 * `npm run bench -- sync`: records per second of a sync job, compared with a bare loop in the same run that fetches the same
 * pages and writes each by one multi-row upsert, without job, checkpoint, digest or progress. A reading that meets only
 * unchanged records is compared with a loop that fetches and parses the pages and writes nothing. It also measures the bytes of
 * WAL that a record takes, and the peak memory of the program for jobs of different sizes.
 *
 * DATABASE_URL: a server on which a database may be created. WAL says something only with its default settings.
 * BENCH_RECORDS: records of the connection, default 200,000. BENCH_OTHERS: records of other connections that are in the table
 * already, default 0. BENCH_ROUNDS: default 3. BENCH_MEMORY=0: leaves out the memory. BENCH_LARGE=1: adds a job of 1,000,000
 * records to it. BENCH_PROFILE: folder for the CPU profile of the program.
 */
import pg from 'pg'
import { startProcess } from '../test/support/program.ts'
import { cpuMsOf, fillRecords, forgetPeak, memoryOf, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 200_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const OTHERS = Number(process.env['BENCH_OTHERS'] ?? 0)
const SIZES =
  process.env['BENCH_MEMORY'] === '0'
    ? []
    : [10_000, 200_000, ...(process.env['BENCH_LARGE'] === '1' ? [1_000_000] : [])]

const upstream = await startProcess({ args: ['bench/sync-upstream.ts'], ready: /ready on (\d+)/ })
const baseUrl = `http://127.0.0.1:${upstream.ready[1]}`
const profile = process.env['BENCH_PROFILE']
const { program, url, client, mutate, close } = await startUnderLoad(
  'latchkey_bench_sync',
  profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` },
)

type Node = { id: string }
const { workspace } = await mutate<{ workspace: Node }>('createWorkspace', { name: 'Bench' }, 'workspace { id }')
const workspaceId = workspace.id
await mutate(
  'createIntegration',
  {
    workspaceId,
    slug: 'source',
    definition: {
      displayName: 'Source',
      baseUrl,
      auth: { type: 'none' },
      streams: [...new Set([RECORDS, 10_000, ...SIZES])].map((size) => ({
        name: `items-${size}`,
        path: `/items/${size}`,
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['next'], param: 'cursor' },
      })),
    },
  },
  'integration { id }',
)

async function newConnection(): Promise<string> {
  const input = { workspaceId, integration: 'source', credential: { fields: {} } }
  const { connection } = await mutate<{ connection: Node }>('createConnection', input, 'connection { id }')
  return connection.id
}

/** Runs a sync. @returns its duration by the database's clock, in milliseconds */
async function sync(connectionId: string, size: number): Promise<number> {
  const input = { connectionId, streams: [`items-${size}`] }
  const { syncJob } = await mutate<{ syncJob: Node }>('triggerSync', input, 'syncJob { id }')
  const id = Buffer.from(syncJob.id, 'base64url').toString().split(':')[1]
  for (;;) {
    const { rows } = await client.query<{ status: string; error: unknown; ms: string; records_read: number }>(
      `SELECT status, error, records_read, extract(epoch FROM finished_at - started_at) * 1000 AS ms FROM sync_job
       WHERE id = $1 AND finished_at IS NOT NULL`,
      [id],
    )
    const [row] = rows
    if (row === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      continue
    }
    if (row.status !== 'SUCCEEDED' || row.records_read !== size) throw new Error(JSON.stringify(row))
    return Number(row.ms)
  }
}

const pool = new pg.Pool({ connectionString: url, max: 1 })
/** Reads and writes all records without Latchkey. @returns its duration in milliseconds */
async function bareLoop(size: number): Promise<number> {
  const began = performance.now()
  for (let cursor: number | null = 0; cursor !== null; ) {
    const response = await fetch(`${baseUrl}/items/${size}?cursor=${cursor}`)
    const body = (await response.json()) as { data: { id: string }[]; next: number | null }
    await pool.query({
      name: 'upsert',
      text: `INSERT INTO bare (id, data) SELECT * FROM unnest($1::text[], $2::json[])
             ON CONFLICT (id) DO UPDATE SET data = excluded.data`,
      values: [body.data.map(({ id }) => id), body.data.map((record) => JSON.stringify(record))],
    })
    cursor = body.next
  }
  return performance.now() - began
}

/** Fetches and parses all records, and writes nothing. @returns its duration in milliseconds */
async function bareReading(size: number): Promise<number> {
  const began = performance.now()
  for (let cursor: number | null = 0; cursor !== null; ) {
    const response = await fetch(`${baseUrl}/items/${size}?cursor=${cursor}`)
    const body = (await response.json()) as { data: unknown[]; next: number | null }
    cursor = body.next
  }
  return performance.now() - began
}

const OTHER_CONNECTION = '00000000-0000-7000-8000-000000000000'

/**
 * Gives each run the same start: a table with the records of other connections alone, no dirty pages of the run before, and a
 * page of WAL for each page that is changed first.
 */
async function prepare(table: 'bare' | 'record' | null): Promise<void> {
  if (table === 'record' && OTHERS > 0) {
    await client.query('DELETE FROM record WHERE connection_id <> $1', [OTHER_CONNECTION])
    await client.query('VACUUM record')
  } else if (table !== null) await client.query(`TRUNCATE ${table}`)
  await client.query('CHECKPOINT')
}

/** Fills the table with records of another connection. */
async function fillTable(): Promise<void> {
  await fillRecords(client, { workspaceId: OTHER_CONNECTION, connectionId: OTHER_CONNECTION, count: OTHERS })
  await client.query('VACUUM ANALYZE record')
}

/** Processor time of this process and of the program, in microseconds. */
async function cpuTime(): Promise<number> {
  const { user, system } = process.cpuUsage()
  return user + system + (await cpuMsOf(program.pid)) * 1_000
}

/** @returns the duration in milliseconds, and for each record the bytes of WAL and the processor time in microseconds */
async function withCosts(run: () => Promise<number>): Promise<{ ms: number; wal: number; cpu: number }> {
  const lsn = async () =>
    Number((await client.query("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes")).rows[0].bytes)
  const before = { lsn: await lsn(), cpu: await cpuTime() }
  const ms = await run()
  return { ms, wal: ((await lsn()) - before.lsn) / RECORDS, cpu: ((await cpuTime()) - before.cpu) / RECORDS }
}

const perSecond = (ms: number) => Math.round(RECORDS / (ms / 1_000))

try {
  // Memory first, from small to large: the heap of a process keeps its size after work.
  for (const size of SIZES) {
    await prepare('record')
    const connectionId = await newConnection()
    await forgetPeak(program.pid)
    const before = (await memoryOf(program.pid)).now
    await sync(connectionId, size)
    const { peak } = await memoryOf(program.pid)
    report({
      name: `memory for ${size} records`,
      note: `at most ${Math.round(peak)} MiB (${Math.round(before)} MiB before)`,
    })
  }

  await client.query('CREATE TABLE bare (id text PRIMARY KEY, data json)')
  await fillTable()
  await bareLoop(20_000)
  await sync(await newConnection(), 10_000)

  const results = { bare: [], fresh: [], bareReading: [], again: [] } as Record<string, number[]>
  const costs = { bare: [], fresh: [], bareReading: [], again: [] } as Record<string, { wal: number; cpu: number }[]>
  const measure = async (name: string, run: () => Promise<number>) => {
    const measured = await withCosts(run)
    results[name]?.push(measured.ms)
    costs[name]?.push(measured)
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const connectionId = await newConnection()
    await prepare('bare')
    await measure('bare', () => bareLoop(RECORDS))
    await prepare('record')
    await measure('fresh', () => sync(connectionId, RECORDS))
    await prepare(null)
    await measure('bareReading', () => bareReading(RECORDS))
    await prepare(null)
    await measure('again', () => sync(connectionId, RECORDS))
  }
  const line = (name: string, reference: string, ours: number[] = [], bare: number[] = []) =>
    report({ name, unit: 'records/s', latchkey: ours.map(perSecond), reference, other: bare.map(perSecond) })
  const beside = OTHERS === 0 ? '' : ` beside ${OTHERS} others`
  line(`first sync of ${RECORDS} records${beside}`, 'a bare loop', results['fresh'], results['bare'])
  line(
    `full refresh of ${RECORDS} unchanged records${beside}`,
    'a loop that fetches and parses',
    results['again'],
    results['bareReading'],
  )
  for (const [name, title] of [
    ['bare', 'the bare loop'],
    ['fresh', 'a first sync'],
    ['bareReading', 'a loop that fetches and parses'],
    ['again', 'a full refresh of unchanged records'],
  ] as const) {
    const list = (of: 'wal' | 'cpu') => (costs[name] ?? []).map((each) => each[of].toFixed(1)).join(', ')
    report({
      name: `costs of a record, ${title}${beside}`,
      note: `${list('wal')} bytes of WAL, ${list('cpu')} µs of CPU outside of PostgreSQL`,
    })
  }
  const { rows: tables } = await client.query<{ name: string; share: number }>(
    `SELECT relname AS name, round(100.0 * n_tup_hot_upd / greatest(n_tup_upd, 1))::int AS share FROM pg_stat_user_tables
     WHERE relname IN ('sync_job', 'sync_job_stream', 'stream_state') ORDER BY 1`,
  )
  const shares = tables.map(({ name, share }) => `${name} ${share} %`).join(', ')
  report({ name: 'updates that stay within their page (HOT)', note: shares })
} finally {
  await pool.end()
  await close()
  await upstream.stop()
}
