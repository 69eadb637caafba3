/**
 * `npm run bench -- takeover`: 1,000 subscribers of one workspace at a gateway that is killed while events are appended. Measures the
 * time until each of them has received an event that was appended after the kill, at another gateway, and every event before it
 * once and in order. Clients wait up to half a second before they reconnect.
 * DATABASE_URL: a server on which a database may be created. REDIS_URL: wake-ups; without, gateways look for events every second.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '../src/db/open-database.ts'
import { createLocalWakeBus, createRedisWakeBus } from '../src/db/wake-bus.ts'
import { appendEvents, readLogBounds } from '../src/events/event-log.ts'
import type { SubscribersOrder, SubscribersReport } from '../test/program/subscribers-process.ts'
import { type Program, startProgram } from '../test/support/program.ts'
import { cpuMsOf, print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const SUBSCRIBERS = Number(process.env['BENCH_SUBSCRIBERS'] ?? 1_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const redis = process.env['REDIS_URL']
const env: Record<string, string> = {
  LATCHKEY_ROLE: 'gateway',
  LATCHKEY_OPERATOR_KEY: 'bench-operator-key-0123456789abcdef0123456789',
  LATCHKEY_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  LATCHKEY_SUBSCRIPTION_LIMIT: String(SUBSCRIBERS),
  LATCHKEY_SOCKET_LIMIT: String(SUBSCRIBERS + 100),
  ...(redis === undefined ? {} : { REDIS_URL: redis }),
}
const key = env['LATCHKEY_OPERATOR_KEY'] ?? ''

const { url, mutate, close } = await startUnderLoad('latchkey_bench_takeover', env)
const database = await openDatabase({ url }, { onError: () => undefined })
const bus = redis === undefined ? createLocalWakeBus() : createRedisWakeBus(redis, () => undefined)
const start = () =>
  startProgram({ env: { DATABASE_URL: url, LATCHKEY_RATE_LIMIT: '0', LATCHKEY_LOG_LEVEL: 'error', ...env } })
const socketUrl = (of: Program) => of.graphqlUrl.replace('http', 'ws')
/** The first gateway, which `startUnderLoad` stops, gets no subscribers. */
const gateways: Program[] = []
let subscribers: ChildProcess | undefined

try {
  const { workspace } = await mutate<{ workspace: { id: string } }>(
    'createWorkspace',
    { name: 'Bench' },
    'workspace { id }',
  )
  const workspaceId = Buffer.from(workspace.id, 'base64url').toString().split(':')[1] ?? ''
  const append = (count: number) =>
    database.bulkTransaction((tx) =>
      appendEvents(
        tx,
        bus,
        workspaceId,
        Array.from({ length: count }, () => ({ type: 'SYNC_PROGRESSED' as const })),
      ),
    )
  const headOf = async () => Number((await readLogBounds(database.sql, workspaceId)).head)
  let current = await start()
  gateways.push(current)
  const order: SubscribersOrder = { url: socketUrl(current), key, workspaceId: workspace.id, count: SUBSCRIBERS }
  await append(1)
  subscribers = fork(fileURLToPath(new URL('../test/program/subscribers-process.ts', import.meta.url)), [
    JSON.stringify(order),
  ])
  const gone = once(subscribers, 'exit').then(() => Promise.reject(new Error('The subscribers have exited.')))
  gone.catch(() => undefined)
  await Promise.race([once(subscribers, 'message'), gone])

  const seconds: number[] = []
  for (let round = 1; round <= ROUNDS; round += 1) {
    const next = await start()
    gateways.push(next)
    subscribers.send({ next: socketUrl(next) })
    let writing = true
    const writer = (async () => {
      while (writing) {
        await append(1)
        await pause(50)
      }
    })()
    await pause(1_000)
    const cpuBefore = await cpuMsOf(next.pid)
    await current.kill9()
    const killedMs = performance.now()
    await append(1)
    const reported = once(subscribers, 'message')
    subscribers.send({ last: await headOf() })
    const [{ wrong, closed }] = (await Promise.race([reported, gone])) as [SubscribersReport]
    if (wrong > 0 || closed < SUBSCRIBERS * round) throw new Error(`${wrong} wrong events, ${closed} reconnects.`)
    seconds.push((performance.now() - killedMs) / 1_000)
    const cpuMs = (await cpuMsOf(next.pid)) - cpuBefore
    print(`round ${round}: all live again after ${seconds.at(-1)?.toFixed(2)} s; ${cpuMs} ms of CPU of the gateway`)
    writing = false
    await writer
    current = next
  }
  report({
    name: `takeover of ${SUBSCRIBERS} subscribers of a killed gateway`,
    note: `all live again after ${seconds.map((each) => each.toFixed(1)).join(', ')} s, each event once and in order`,
  })
} finally {
  subscribers?.kill('SIGKILL')
  for (const gateway of gateways) await gateway.kill9()
  await bus.close()
  await database.close()
  await close()
}
