/**
 * `npm run bench -- deletion`: how long a connection with many records takes to be deleted, and what other workspaces notice of it: their
 * reads and mutations while the records are removed, compared with the same before.
 * BENCH_RECORDS: records of the connection, default 3,000,000. BENCH_SECONDS: length of the quiet phase, default 20.
 * DATABASE_URL: a server on which a database may be created.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fillRecords, print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 3_000_000)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 20)
const EVERY_MS = 20
const OTHER_RECORDS = 2_000

const { program, client, mutate, close } = await startUnderLoad('latchkey_bench_deletion')

interface Tenant {
  key: string
  workspaceId: string
  connectionId: string
}

const idOf = (globalId: string) => Buffer.from(globalId, 'base64url').toString().split(':')[1] ?? ''

async function newTenant(name: string, records: number): Promise<Tenant> {
  const { workspace } = await mutate<{ workspace: { id: string } }>('createWorkspace', { name }, 'workspace { id }')
  const workspaceId = workspace.id
  const { key } = await mutate<{ key: string }>('createApiKey', { workspaceId, name, role: 'ADMIN' }, 'key')
  const definition = {
    displayName: 'Source',
    baseUrl: 'http://127.0.0.1:9',
    auth: { type: 'none' },
    streams: [{ name: 'items', path: '/items', primaryKey: ['id'] }],
  }
  await mutate('createIntegration', { workspaceId, slug: 'source', definition }, 'integration { id }')
  const input = { workspaceId, integration: 'source', credential: { fields: {} } }
  const { connection } = await mutate<{ connection: { id: string } }>('createConnection', input, 'connection { id }')
  await fillRecords(client, { workspaceId: idOf(workspaceId), connectionId: idOf(connection.id), count: records })
  return { key, workspaceId, connectionId: connection.id }
}

async function send(key: string, query: string, variables: object): Promise<number> {
  const startedMs = performance.now()
  const response = await fetch(program.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
  })
  const text = await response.text()
  if (!response.ok || text.includes('"message"')) throw new Error(text)
  return performance.now() - startedMs
}

const READ =
  'query ($id: ID!) { node(id: $id) { ... on Connection { status records(first: 20, stream: "items") { edges { node { data } } } } } }'
const WRITE = `mutation ($input: UpdateConnectionInput!) { updateConnection(input: $input) {
  __typename ... on Error { message } } }`

const DELETE = `mutation ($input: DeleteConnectionInput!) { deleteConnection(input: $input) {
  __typename ... on Error { message } } }`

/** Sends reads and mutations of a tenant at a constant pace. @returns the sorted durations in milliseconds */
async function watch({ key, connectionId: id }: Tenant, goesOn: () => Promise<boolean>): Promise<number[]> {
  const durations: number[] = []
  for (let nth = 0; await goesOn(); nth += 1) {
    const startedMs = performance.now()
    durations.push(
      nth % 4 === 0
        ? await send(key, WRITE, { input: { connectionId: id, displayName: `Name ${nth}` } })
        : await send(key, READ, { id }),
    )
    await sleep(Math.max(0, EVERY_MS - (performance.now() - startedMs)))
  }
  return durations.toSorted((a, b) => a - b)
}

const at = (sorted: readonly number[], part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN

try {
  const other = await newTenant('Other', OTHER_RECORDS)
  const large = await newTenant('Large', RECORDS)
  await client.query('VACUUM ANALYZE record')
  await client.query('CHECKPOINT')
  const forSeconds = (seconds: number) => {
    const endsAt = performance.now() + seconds * 1_000
    return async () => performance.now() < endsAt
  }
  await watch(other, forSeconds(5))
  const quiet = await watch(other, forSeconds(SECONDS))

  const startedMs = performance.now()
  const answeredMs = await send(large.key, DELETE, { input: { connectionId: large.connectionId } })
  let removed = false
  let askedMs = 0
  const during = await watch(other, async () => {
    if (performance.now() - askedMs > 500) {
      askedMs = performance.now()
      const { rows } = await client.query('SELECT 1 FROM connection WHERE id = $1', [idOf(large.connectionId)])
      removed = rows.length === 0
    }
    return !removed
  })
  const seconds = (performance.now() - startedMs) / 1_000
  print(`deleteConnection answered after ${answeredMs.toFixed(0)} ms`)
  report({
    name: `deleting a connection of ${RECORDS} records`,
    note:
      `${seconds.toFixed(0)} s. Another workspace: p50 ${at(during, 0.5).toFixed(0)} ms, p99 ${at(during, 0.99).toFixed(0)} ms, ` +
      `at most ${at(during, 0.999_999).toFixed(0)} ms; before: p50 ${at(quiet, 0.5).toFixed(0)} ms, p99 ${at(quiet, 0.99).toFixed(0)} ms`,
  })
} finally {
  await close()
}
