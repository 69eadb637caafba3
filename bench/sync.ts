/**
 * `npm run bench -- sync`: records per second of a sync job, compared with a bare loop in the same run that fetches the same
 * pages and writes each by one multi-row upsert, without job, checkpoint, digest or progress. It also measures the peak
 * memory of the program for jobs of different sizes.
 * DATABASE_URL: a server on which a database may be created. BENCH_LARGE=1: adds a job of 1,000,000 records.
 */
import pg from 'pg'
import { startProcess } from '../test/support/program.ts'
import { forgetPeak, memoryOf, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 200_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const SIZES = [10_000, 200_000, ...(process.env['BENCH_LARGE'] === '1' ? [1_000_000] : [])]

const upstream = await startProcess({ args: ['bench/sync-upstream.ts'], ready: /ready on (\d+)/ })
const baseUrl = `http://127.0.0.1:${upstream.ready[1]}`
const { program, url, client, mutate, close } = await startUnderLoad('latchkey_bench_sync')

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
      streams: [...new Set([RECORDS, ...SIZES])].map((size) => ({
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

/** Gives each run the same start: an empty table, and no dirty pages of the run before. */
async function prepare(table: 'bare' | 'record' | null): Promise<void> {
  if (table !== null) await client.query(`TRUNCATE ${table}`)
  await client.query('CHECKPOINT')
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
  await bareLoop(20_000)
  await sync(await newConnection(), 10_000)

  const results = { bare: [], fresh: [], bareAgain: [], again: [] } as Record<string, number[]>
  for (let round = 0; round < ROUNDS; round += 1) {
    const connectionId = await newConnection()
    await prepare('bare')
    results['bare']?.push(await bareLoop(RECORDS))
    await prepare('record')
    results['fresh']?.push(await sync(connectionId, RECORDS))
    await prepare(null)
    results['bareAgain']?.push(await bareLoop(RECORDS))
    await prepare(null)
    results['again']?.push(await sync(connectionId, RECORDS))
  }
  const line = (name: string, ours: number[] = [], bare: number[] = []) =>
    report({
      name,
      unit: 'records/s',
      latchkey: ours.map(perSecond),
      reference: 'a bare loop',
      other: bare.map(perSecond),
    })
  line(`first sync of ${RECORDS} records`, results['fresh'], results['bare'])
  line(`full refresh of ${RECORDS} unchanged records`, results['again'], results['bareAgain'])
} finally {
  await pool.end()
  await close()
  await upstream.stop()
}
