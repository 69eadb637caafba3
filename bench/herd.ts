/**
 * `npm run bench -- herd`: latency of calls with a fresh token while two workers renew thousands of other tokens, compared
 * with the latency when nothing is renewed. Provider, workers, gateway and callers are separate processes. Prints the rate of
 * the renewals, how many ran at once, the CPU time of each, and the ratio of the latencies.
 * HERD_CONNECTIONS: connections that are due at the same moment (default 10,000). HERD_WORKER_NICE: `nice` value of the
 * workers (default 10).
 * DATABASE_URL: a server on which a database may be created.
 */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBroker } from '../src/credentials/broker.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { createLocalWakeBus } from '../src/db/wake-bus.ts'
import { createEgress } from '../src/egress/egress.ts'
import { encodeGlobalId } from '../src/graphql/kernel/global-id.ts'
import { createLogger } from '../src/kit/log.ts'
import { parseKeyring } from '../src/vault/keyring.ts'
import { createVault } from '../src/vault/vault.ts'
import { startProcess, startProgram } from '../test/support/program.ts'
import { addHerd } from './herd-connections.ts'
import { print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const CONNECTIONS = Number(process.env['HERD_CONNECTIONS'] ?? 10_000)
const WORKERS = 2
/** Workers yield to the gateway, for which callers wait. */
const WORKER_NICE = Number(process.env['HERD_WORKER_NICE'] ?? 10)
const INTEGRATIONS = 10
/** Pause between two calls of one caller. A few hundred calls are enough for the 99th percentile. */
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

for (const worker of workers) setPriority(worker.pid, WORKER_NICE)

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

/** Duration of each call in milliseconds, by caller, until `over` resolves. */
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

/** Makes all tokens but the fresh one due, and waits until they are renewed. */
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

/** CPU time in ms, in steps of 10 ms, of all processes that `matches` selects (Linux, proc(5)). */
async function processorTime(matches: (pid: number, commandLine: string) => boolean): Promise<number> {
  let ticks = 0
  for (const name of await readdir('/proc')) {
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    if (!/^\d+$/.test(name) || !matches(Number(name), command)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // The command, in brackets, may contain spaces.
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    ticks += user + system
  }
  return ticks * 10
}

const processorTimes = async () => ({
  workers: await processorTime((pid) => workers.some((worker) => worker.pid === pid)),
  database: await processorTime((_pid, command) => /postgres:.*latchkey_bench_herd/.test(command)),
})

const at = (times: readonly number[], part: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN

try {
  await measure(sleep(5_000))
  const before = await measure(sleep(QUIET_MS))
  const timesBefore = await processorTimes()
  const begun = performance.now()
  const during = await measure(herd())
  const seconds = (performance.now() - begun) / 1000
  const timesAfter = await processorTimes()
  const after = await measure(sleep(QUIET_MS))
  const each = (name: 'workers' | 'database') =>
    `${((timesAfter[name] - timesBefore[name]) / CONNECTIONS).toFixed(1)} ms of the ${name}`
  const { requests, most } = (await (await fetch(`${origin}/load`)).json()) as { requests: number; most: number }
  const rate = `${CONNECTIONS} in ${seconds.toFixed(1)} s, ${(CONNECTIONS / seconds).toFixed(0)} a second, ${most} at once at most, ${requests} requests`
  report({ name: 'renewals', note: `${rate}; CPU time of each: ${each('workers')}, ${each('database')}` })
  for (const name of Object.keys(callers)) {
    for (const part of [0.5, 0.95, 0.99]) {
      const percentile = (times: Map<string, number[]>) => at(times.get(name) ?? [], part)
      const without = (percentile(before) + percentile(after)) / 2
      print(
        `${name} p${part * 100}: ${[before, during, after].map((times) => percentile(times).toFixed(1)).join(' / ')} ms before / during / after, ratio ${(percentile(during) / without).toFixed(2)}`,
      )
      report({
        name: `${name}, ${part * 100} % of calls, while ${CONNECTIONS} are renewed`,
        unit: 'µs',
        latchkey: [percentile(during) * 1000],
        reference: 'without them',
        other: [without * 1000],
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
