/**
 * `npm run bench -- credentials`: the rate at which fresh credentials are opened, in process and through `executeRequest`
 * to an upstream that answers at once, compared with a bare SELECT of one row by id over the same pool; and the rate of
 * encryption and decryption, compared with node:crypto alone. Rounds alternate in one run.
 * DATABASE_URL: a server on which a database may be created.
 */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createBroker } from '../src/credentials/broker.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { createLocalWakeBus } from '../src/db/wake-bus.ts'
import { createEgress } from '../src/egress/egress.ts'
import { createLogger } from '../src/kit/log.ts'
import { parseKeyring } from '../src/vault/keyring.ts'
import { createVault } from '../src/vault/vault.ts'
import { measureEnvelope } from './envelope.ts'
import { print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 2)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const CONNECTIONS = 100
const BARE = 'bare SELECT by id'

measureEnvelope(ROUNDS, SECONDS)

const keys = `bench:${randomBytes(32).toString('base64')}`
const upstream = await startNullUpstream()
const latchkey = await startUnderLoad('latchkey_bench_credentials', {
  LATCHKEY_ROLE: 'gateway',
  LATCHKEY_ENCRYPTION_KEYS: keys,
})
const database = await openDatabase({ url: latchkey.url }, { onError: (error) => print(error.message) })
const egress = createEgress()
const broker = createBroker({
  database,
  egress,
  bus: createLocalWakeBus(),
  vault: createVault(parseKeyring(keys)),
  logger: createLogger({ level: 'error' }),
})

/** Creates OAuth connections with fresh tokens. @returns an API key, and the global ids and row ids */
async function connect(): Promise<{ key: string; globalIds: string[]; ids: string[] }> {
  const { workspace } = await latchkey.mutate<{ workspace: { id: string } }>(
    'createWorkspace',
    { name: 'Bench' },
    'workspace { id }',
  )
  const workspaceId = workspace.id
  const { key } = await latchkey.mutate<{ key: string }>(
    'createApiKey',
    { workspaceId, name: 'bench', role: 'ADMIN' },
    'key',
  )
  const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: `${upstream.origin}/token` }
  const definition = { displayName: 'Null', baseUrl: upstream.origin, auth }
  await latchkey.mutate('createIntegration', { workspaceId, slug: 'null', definition }, 'integration { id }')
  const globalIds: string[] = []
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const oauthToken = { accessToken: `access-${index}`, refreshToken: `refresh-${index}`, expiresIn: 36_000 }
    const { connection } = await latchkey.mutate<{ connection: { id: string } }>(
      'createConnection',
      { workspaceId, integration: 'null', credential: { oauthToken: { ...oauthToken, clientId: 'bench' } } },
      'connection { id }',
    )
    globalIds.push(connection.id)
  }
  const { rows } = await latchkey.client.query<{ id: string }>('SELECT id FROM connection ORDER BY id')
  return { key, globalIds, ids: rows.map(({ id }) => id) }
}

/** Starts an upstream that answers at once, as a process of its own. */
async function startNullUpstream(): Promise<{ origin: string; close(): Promise<void> }> {
  const child = fork(fileURLToPath(new URL('./proxy-servers.ts', import.meta.url)), ['null'])
  const [port] = await once(child, 'message')
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** Calls per second. Each of the concurrent callers makes one call after the other. */
async function rateOf(work: (nth: number) => Promise<unknown>, callers: number): Promise<number> {
  const begun = performance.now()
  let calls = 0
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() - begun < SECONDS * 1000) {
        calls += 1
        await work(calls)
      }
    }),
  )
  return (calls * 1000) / (performance.now() - begun)
}

function executeRequest(key: string, connectionId: string): Promise<unknown> {
  const query = `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) { __typename
    ... on ExecuteRequestPayload { response { status } } ... on Error { message } } }`
  return fetch(latchkey.program.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables: { input: { connectionId, method: 'GET', path: '/' } } }),
  }).then(async (response) => {
    const { data } = (await response.json()) as { data?: { executeRequest: { response?: { status: number } } } }
    if (data?.executeRequest.response?.status !== 200) throw new Error(JSON.stringify(data))
  })
}

try {
  const { key, globalIds, ids } = await connect()
  const at = <T>(list: readonly T[], nth: number) => list[nth % list.length] as T
  const subjects: Record<string, (nth: number) => Promise<unknown>> = {
    [BARE]: (nth) => database.sql.query('SELECT * FROM credential WHERE connection_id = $1::uuid', [at(ids, nth)]),
    'fresh credential': (nth) => broker.open(at(ids, nth)),
    'fresh credential, one connection': () => broker.open(at(ids, 0)),
    executeRequest: (nth) => executeRequest(key, at(globalIds, nth)),
  }
  for (const callers of [1, 8, 32]) {
    const rates = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]))
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [name, work] of Object.entries(subjects)) {
        const rate = await rateOf(work, callers)
        if (round > 0) rates.get(name)?.push(rate)
      }
    }
    const other = rates.get(BARE) ?? []
    for (const [name, latchkey] of rates) {
      const label = `${name}, ${callers} caller${callers === 1 ? '' : 's'}`
      if (name !== BARE) report({ name: label, unit: 'calls/s', latchkey, reference: BARE, other })
    }
  }
} finally {
  await broker.drain()
  await egress.close()
  await database.close()
  await latchkey.close()
  await upstream.close()
}
