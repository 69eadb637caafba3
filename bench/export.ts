/**
 * `npm run bench -- export`: records per second of `/export`, compared in the same run with a bare `COPY` of the same lines, made by
 * PostgreSQL from the same table and read by one connection without Latchkey. Both are read to the end and counted by line breaks.
 * DATABASE_URL: a server on which a database may be created. BENCH_RECORDS: default 500,000.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { globalIdOf, newId } from '../src/kit/ids.ts'
import { forgetPeak, memoryOf, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 500_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
/** Length of the text of a record, so that its JSON has about 250 bytes. */
const TEXT_LENGTH = 200

const { program, url, client, mutate, close } = await startUnderLoad('latchkey_bench_export')
const { workspace } = await mutate<{ workspace: { id: string } }>(
  'createWorkspace',
  { name: 'Bench' },
  'workspace { id }',
)
const { key } = await mutate<{ key: string }>(
  'createApiKey',
  { workspaceId: workspace.id, name: 'bench', role: 'READER' },
  'key',
)
const workspaceId = Buffer.from(workspace.id, 'base64url').toString().split(':')[1]
const [integrationId, connectionId] = [newId(), newId()]
await client.query(
  `INSERT INTO integration (id, workspace_id, slug, display_name, definition) VALUES ($1, $2, 'source', 'Source', '{}')`,
  [integrationId, workspaceId],
)
await client.query(
  `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method) VALUES ($1, $2, $3, 'c', 'ACTIVE', 'SECRET')`,
  [connectionId, workspaceId, integrationId],
)
await client.query(
  `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
   SELECT gen_random_uuid(), $1, $2, 'items', json_build_array(n::text), json_build_object('id', n, 'text', repeat('x', $3)), '\\x00'
   FROM generate_series(1, $4::int) n`,
  [workspaceId, connectionId, TEXT_LENGTH, RECORDS],
)
await client.query(
  `INSERT INTO stream_state (connection_id, workspace_id, name, record_count) VALUES ($1, $2, 'items', $3::int)`,
  [connectionId, workspaceId, RECORDS],
)
await client.query('VACUUM ANALYZE record')

/** Lines of a stream, which is read to its end. */
async function count(stream: Readable): Promise<number> {
  let lines = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
  }
  return lines
}

/** @returns records per second */
async function timed(read: () => Promise<number>): Promise<number> {
  const began = performance.now()
  const lines = await read()
  if (lines !== RECORDS) throw new Error(`${lines} lines instead of ${RECORDS}`)
  return RECORDS / ((performance.now() - began) / 1_000)
}

async function exported(encoding: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, 'accept-encoding': encoding }
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get(`${program.url}/export/${globalIdOf('Connection', connectionId)}`, { headers }, resolve).once('error', reject),
  )
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
  if (encoding === 'identity') return count(response)
  response.resume()
  await once(response, 'end')
  return Number(response.trailers['x-latchkey-records'])
}

/** The same fields in PostgreSQL's own JSON, read by psql. */
async function copied(): Promise<number> {
  const lines = `COPY (
    SELECT json_build_object('id', id, 'connectionId', connection_id, 'stream', stream, 'primaryKey', primary_key, 'data', data,
      'deleted', deleted, 'changedAt', changed_at, 'cursor', position, 'changeCursor', position)
    FROM record WHERE connection_id = '${connectionId}' AND NOT deleted ORDER BY position) TO STDOUT`
  const psql = spawn('psql', ['-X', '-q', url, '-c', lines], { stdio: ['ignore', 'pipe', 'inherit'] })
  return count(psql.stdout)
}

try {
  await timed(() => exported('identity'))
  await timed(copied)
  const rates: Record<string, number[]> = { identity: [], gzip: [], zstd: [], copy: [] }
  await forgetPeak(program.pid)
  const before = (await memoryOf(program.pid)).now
  for (let round = 0; round < ROUNDS; round += 1) {
    rates['copy']?.push(await timed(copied))
    for (const encoding of ['identity', 'gzip', 'zstd']) rates[encoding]?.push(await timed(() => exported(encoding)))
  }
  const { peak } = await memoryOf(program.pid)
  for (const encoding of ['identity', 'gzip', 'zstd']) {
    report({
      name: `export of ${RECORDS} records, ${encoding}`,
      unit: 'records/s',
      latchkey: rates[encoding] ?? [],
      reference: 'a bare COPY',
      other: rates['copy'] ?? [],
    })
  }
  report({ name: 'memory during exports', note: `at most ${Math.round(peak)} MiB (${Math.round(before)} MiB before)` })
} finally {
  await close()
}
