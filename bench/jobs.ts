/**
 * `npm run bench -- jobs`: 200 sync jobs of 10 pages each, whose source answers after 100 ms, compared with a bare loop that
 * requests the same pages, as many lists at once as the worker has places. And claims: queued jobs per second that are
 * chosen and claimed with their events, compared with a bare loop that takes rows by `UPDATE … FOR UPDATE SKIP LOCKED`.
 * Rounds alternate in one run. DATABASE_URL: a server on which a database may be created.
 */
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { openDatabase } from '../src/db/open-database.ts'
import { createLocalWakeBus } from '../src/db/wake-bus.ts'
import { createBacklog, type QueuedJob } from '../src/sync/jobs/backlog.ts'
import { claimJobs } from '../src/sync/jobs/claim.ts'
import { createPlaces } from '../src/sync/run/places.ts'
import { print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const CONCURRENCY = 50
const JOBS = 200
const PAGES = 10
const ANSWER_MS = 100
const CLAIMS = 5_000
const WORKSPACES = 50

const source = createServer(async (request, response) => {
  const page = Number(new URL(request.url ?? '/', 'http://source').searchParams.get('page'))
  await setTimeout(ANSWER_MS)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ data: page <= PAGES ? [{ id: page }] : [], more: page < PAGES }))
})
await new Promise<void>((resolve) => source.listen(0, '0.0.0.0', resolve))
const address = source.address()
const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

const latchkey = await startUnderLoad('latchkey_bench_jobs', {
  LATCHKEY_SYNC_CONCURRENCY: String(CONCURRENCY),
  LATCHKEY_EGRESS_ALLOW: '127.0.0.0/8',
})
const database = await openDatabase({ url: latchkey.url }, { onError: (error) => print(error.message) })

async function connect(): Promise<string[]> {
  const ids: string[] = []
  // Several workspaces and hosts, so that the caps of one do not count.
  for (let each = 0; each < 4; each += 1) {
    const { workspace } = await latchkey.mutate<{ workspace: { id: string } }>(
      'createWorkspace',
      { name: 'w' },
      'workspace { id }',
    )
    const definition = {
      displayName: 'Source',
      baseUrl: origin.replace('127.0.0.1', `127.0.0.${each + 1}`),
      auth: { type: 'none' },
      streams: [
        {
          name: 'items',
          path: '/items',
          primaryKey: ['id'],
          records: { path: ['data'] },
          pagination: { type: 'page', param: 'page', hasMore: ['more'] },
        },
      ],
    }
    const slug = `source-${each}`
    await latchkey.mutate('createIntegration', { workspaceId: workspace.id, slug, definition }, '__typename')
    for (let count = 0; count < JOBS / 4; count += 1) {
      const { connection } = await latchkey.mutate<{ connection: { id: string } }>(
        'createConnection',
        { workspaceId: workspace.id, integration: slug, credential: { fields: {} } },
        'connection { id }',
      )
      ids.push(connection.id)
    }
  }
  return ids
}

async function jobsPerSecond(connections: readonly string[]): Promise<number> {
  const begun = performance.now()
  await Promise.all(
    connections.map((connectionId) => latchkey.mutate('triggerSync', { connectionId }, 'syncJob { id }')),
  )
  for (;;) {
    const { rows } = await latchkey.client.query(`SELECT count(*)::int AS open FROM sync_job WHERE finished_at IS NULL`)
    if (rows[0].open === 0) break
    await setTimeout(50)
  }
  return (JOBS * 1000) / (performance.now() - begun)
}

async function bareListsPerSecond(): Promise<number> {
  const begun = performance.now()
  let left = JOBS
  const read = async () => {
    while (left-- > 0) {
      for (let page = 1; page <= PAGES; page += 1) await (await fetch(`${origin}/items?page=${page}`)).json()
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, read))
  return (JOBS * 1000) / (performance.now() - begun)
}

async function claimsPerSecond(): Promise<number> {
  await latchkey.client.query(
    `WITH w AS (INSERT INTO workspace (id, name, slug) SELECT gen_random_uuid(), 'w', gen_random_uuid()::text FROM generate_series(1, $1::int) RETURNING id),
      i AS (INSERT INTO integration (id, workspace_id, slug, display_name, definition) SELECT gen_random_uuid(), id, gen_random_uuid()::text, 'i', '{}' FROM w RETURNING id, workspace_id),
      c AS (INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method)
        SELECT gen_random_uuid(), workspace_id, id, 'c', 'ACTIVE', 'SECRET' FROM i, generate_series(1, $2::int) RETURNING id, workspace_id, integration_id)
     INSERT INTO sync_job (id, workspace_id, connection_id, integration_id, trigger, queued_at)
     SELECT gen_random_uuid(), workspace_id, id, integration_id, 'MANUAL', clock_timestamp() FROM c`,
    [WORKSPACES, CLAIMS / WORKSPACES],
  )
  const backlog = createBacklog(database)
  const bus = createLocalWakeBus()
  const begun = performance.now()
  let claimed = 0
  while (claimed < CLAIMS) {
    const places = createPlaces(CONCURRENCY)
    const chosen: QueuedJob[] = []
    for (;;) {
      const room = places.room()
      const mayTake = (job: QueuedJob) => !chosen.some(({ id }) => id === job.id) && room.mayTake(job)
      const job = await backlog.next({ ...room, mayTake })
      if (job === null) break
      places.take(job)
      chosen.push(job)
    }
    const groups = Map.groupBy(chosen, ({ workspaceId }) => workspaceId)
    for (const batch of [...groups.values()]) {
      claimed += (
        await claimJobs(
          database,
          bus,
          batch.map(({ id }) => id),
          10_000,
        )
      ).length
    }
    backlog.expire()
  }
  const rate = (CLAIMS * 1000) / (performance.now() - begun)
  await latchkey.client.query(`UPDATE sync_job SET status = 'CANCELLED', finished_at = now() WHERE finished_at IS NULL`)
  return rate
}

async function bareClaimsPerSecond(): Promise<number> {
  await latchkey.client.query(`INSERT INTO bare_job SELECT gen_random_uuid() FROM generate_series(1, $1::int)`, [
    CLAIMS,
  ])
  const begun = performance.now()
  for (let taken = 0; taken < CLAIMS; ) {
    const rows = await database.sql.query(
      `UPDATE bare_job SET running = true WHERE id IN (SELECT id FROM bare_job WHERE NOT running LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id`,
    )
    taken += rows.length
  }
  return (CLAIMS * 1000) / (performance.now() - begun)
}

try {
  const connections = await connect()
  const [ours, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await jobsPerSecond(connections))
    bare.push(await bareListsPerSecond())
  }
  report({ name: '200 jobs of 10 slow pages', unit: 'jobs/s', latchkey: ours, reference: 'bare loop', other: bare })
  // Its worker would claim jobs too.
  await latchkey.program.stop()
  await latchkey.client.query('CREATE TABLE bare_job (id uuid PRIMARY KEY, running boolean NOT NULL DEFAULT false)')
  await latchkey.client.query('CREATE INDEX ON bare_job (id) WHERE NOT running')
  const [claims, rows]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    claims.push(await claimsPerSecond())
    rows.push(await bareClaimsPerSecond())
  }
  report({ name: 'jobs claimed', unit: 'jobs/s', latchkey: claims, reference: 'bare table', other: rows })
} finally {
  await database.close()
  await latchkey.close()
  source.close()
}
