/**
 * `npm run bench -- herd`: how long callers with a fresh token wait while very many others are renewed by two workers, beside
 * how long they wait when nothing is renewed. Provider, workers, gateway and callers are processes of their own.
 * HERD_CONNECTIONS: how many are due at the same moment (10,000). DATABASE_URL: a server on which a database may be created.
 */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBroker } from '../src/credentials/broker.ts'
import { parseKeyring } from '../src/credentials/keyring.ts'
import { createVault } from '../src/credentials/vault.ts'
import { openDatabase } from '../src/db/database.ts'
import { createLocalWakeBus } from '../src/db/wake-bus.ts'
import { encodeGlobalId } from '../src/graphql/global-id.ts'
import { createEgress } from '../src/lib/egress/egress.ts'
import { createLogger } from '../src/lib/log.ts'
import { startProcess, startProgram } from '../test/support/program.ts'
import { addHerd } from './herd-connections.ts'
import { print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const CONNECTIONS = Number(process.env['HERD_CONNECTIONS'] ?? 10_000)
const WORKERS = 2
const INTEGRATIONS = 10
/** Between two calls of one caller: some hundred calls are enough for what the slowest of a hundred wait. */
const EVERY_MS = 10
const QUIET_MS = 15_000

const keys = `bench:${randomBytes(32).toString('base64')}`
const provider = await startProcess({ args: ['bench/token-server.ts'], ready: /ready on (\d+)/ })
const origin = `http://127.0.0.1:${provider.ready[1]}`
const env = { LATCHKEY_ENCRYPTION_KEYS: keys, LATCHKEY_OPERATOR_KEY: `operator-${randomBytes(24).toString('hex')}` }
const gateway = await startUnderLoad('latchkey_bench_herd', { ...env, LATCHKEY_ROLE: 'gateway' })
const database = await openDatabase({ url: gateway.url }, { onError: (error) => print(error.message) })
const vault = createVault(parseKeyring(keys))
const egress = createEgress({ allow: ['127.0.0.1'] })
const logger = createLogger({ level: 'error' })
const broker = createBroker({ database, egress, bus: createLocalWakeBus(), vault, logger })

const { fresh } = await addHerd(database, vault, { origin, count: CONNECTIONS, integrations: INTEGRATIONS })
const workers = await Promise.all(
  Array.from({ length: WORKERS }, () =>
    startProgram({
      env: {
        ...env,
        DATABASE_URL: gateway.url,
        LATCHKEY_ROLE: 'worker',
        LATCHKEY_LOG_LEVEL: 'error',
        LATCHKEY_EGRESS_ALLOW: '127.0.0.1',
      },
    }),
  ),
)

const QUERY = `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) { __typename
  ... on ExecuteRequestPayload { response { status } } ... on Error { message } } }`

async function execute(): Promise<void> {
  const input = { connectionId: encodeGlobalId('Connection', fresh), method: 'GET', path: '/' }
  const response = await fetch(gateway.program.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${env.LATCHKEY_OPERATOR_KEY}` },
    body: JSON.stringify({ query: QUERY, variables: { input } }),
  })
  const text = await response.text()
  if (!text.includes('"status":200')) throw new Error(text)
}

const callers: Record<string, () => Promise<unknown>> = {
  'bare SELECT by id': () => database.sql.query('SELECT * FROM credential WHERE connection_id = $1::uuid', [fresh]),
  'fresh credential': () => broker.open(fresh),
  executeRequest: execute,
}

/** How long each call took, in ms, until `over`. */
async function measure(over: Promise<unknown>): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(Object.keys(callers).map((name) => [name, []]))
  let ended = false
  void over.then(() => {
    ended = true
  })
  await Promise.all(
    Object.entries(callers).map(async ([name, call]) => {
      while (!ended) {
        const begun = performance.now()
        await call()
        times.get(name)?.push(performance.now() - begun)
        await sleep(EVERY_MS)
      }
    }),
  )
  return times
}

async function herd(): Promise<void> {
  await database.sql.query('UPDATE credential SET next_refresh_at = now() WHERE connection_id <> $1::uuid', [fresh])
  for (;;) {
    const [row] = await database.sql.query<{ left: number }>(
      'SELECT count(*)::int AS left FROM credential WHERE version = 1 AND connection_id <> $1::uuid',
      [fresh],
    )
    if (row?.left === 0) return
    await sleep(500)
  }
}

/** Processor time, in ms, of processes whose command line matches (Linux). */
async function cpuOf(pattern: RegExp | number): Promise<number> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  let ticks = 0
  for (const pid of names) {
    const matches =
      typeof pattern === 'number'
        ? Number(pid) === pattern
        : pattern.test(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
    if (!matches) continue
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    ticks += user + system
  }
  return ticks * 10
}

const processes = async () => [
  await cpuOf(workers[0]?.pid ?? 0),
  await cpuOf(workers[1]?.pid ?? 0),
  await cpuOf(/postgres:.*latchkey_bench_herd/),
  await cpuOf(provider.pid),
  await cpuOf(gateway.program.pid),
]

const at = (times: readonly number[], part: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN

try {
  await measure(sleep(5_000))
  const before = await measure(sleep(QUIET_MS))
  const cpuBefore = await processes()
  const begun = performance.now()
  const during = await measure(herd())
  const cpuAfter = await processes()
  print(
    `processor time of worker, worker, database, provider, gateway, ms for each renewal: ${cpuAfter.map((ms, nth) => ((ms - (cpuBefore[nth] ?? 0)) / CONNECTIONS).toFixed(2))}`,
  )
  const seconds = (performance.now() - begun) / 1000
  const after = await measure(sleep(QUIET_MS))
  print(`${CONNECTIONS} renewed in ${seconds.toFixed(1)} s: ${(CONNECTIONS / seconds).toFixed(0)} a second`)
  for (const name of Object.keys(callers)) {
    for (const part of [0.5, 0.95, 0.99]) {
      const of = (times: Map<string, number[]>) => at(times.get(name) ?? [], part)
      print(
        `${name} p${part * 100}: ${[before, during, after].map((times) => of(times).toFixed(1)).join(' / ')} ms before / during / after`,
      )
      const beside = 'without it, in µs'
      report({
        name: `${name}, ${part * 100} % of calls, while ${CONNECTIONS} are renewed`,
        unit: 'µs',
        latchkey: [of(during) * 1000],
        beside,
        other: [((of(before) + of(after)) / 2) * 1000],
      })
    }
  }
} finally {
  await Promise.all(workers.map((worker) => worker.stop()))
  await broker.drain()
  await egress.close()
  await database.close()
  await gateway.close()
  await provider.stop()
}
