/**
 * `npm run bench -- subscriptions`: 5,000 subscribers of one workspace's events at one gateway, each with its own socket.
 * Measures memory per subscriber, and deliveries per second of a burst of events, compared with a bare `ws` broadcast of the
 * same message to the same clients in the same run. Every subscriber must receive every event once and in order.
 * DATABASE_URL: a server on which a database may be created. BENCH_PROFILE: folder for the CPU profile of the gateway.
 */
import { openDatabase } from '../src/db/open-database.ts'
import { createLocalWakeBus } from '../src/db/wake-bus.ts'
import { encodeEventCursor } from '../src/events/event-cursor.ts'
import { appendEvents, readLogBounds } from '../src/events/event-log.ts'
import { type RunningProcess, startProcess } from '../test/support/program.ts'
import { memoryOf, print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const SUBSCRIBERS = Number(process.env['BENCH_SUBSCRIBERS'] ?? 5_000)
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 200)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const profile = process.env['BENCH_PROFILE']

const { program, url, mutate, close } = await startUnderLoad('latchkey_bench_subscriptions', {
  LATCHKEY_ROLE: 'gateway',
  LATCHKEY_SUBSCRIPTION_LIMIT: String(SUBSCRIBERS),
  LATCHKEY_SOCKET_LIMIT: String(SUBSCRIBERS + 100),
  ...(profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
})
const database = await openDatabase({ url }, { onError: () => undefined })
const bus = createLocalWakeBus()
const broadcast = await startProcess({ args: ['bench/broadcast-server.ts'], ready: /ready on (\d+)/ })
const broadcastAt = `127.0.0.1:${broadcast.ready[1]}`

const { workspace } = await mutate<{ workspace: { id: string } }>(
  'createWorkspace',
  { name: 'Bench' },
  'workspace { id }',
)
const workspaceGlobalId = workspace.id
const workspaceId = Buffer.from(workspaceGlobalId, 'base64url').toString().split(':')[1] ?? ''
const input = { workspaceId: workspaceGlobalId, name: 'bench', role: 'ADMIN' }
const { key } = await mutate<{ key: string }>('createApiKey', input, 'key')
const { head } = await readLogBounds(database.sql, workspaceId)
const after = encodeEventCursor(workspaceId, head)

/** Appends events in one transaction, in another process than the gateway. */
async function append(first: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, index) => ({
    type: 'SYNC_PROGRESSED' as const,
    payload: { stream: 'contacts', recordsRead: first + index, recordsWritten: 1_000, pagesRead: 1, total: null },
  }))
  await database.bulkTransaction((tx) => appendEvents(tx, bus, workspaceId, events))
}

async function send(first: number, count: number): Promise<void> {
  await fetch(`http://${broadcastAt}/${first}/${count}`, { method: 'POST' })
}

async function subscribe(address: string): Promise<RunningProcess> {
  const own = [key, workspaceGlobalId, after]
  const args = ['bench/subscription-clients.ts', address, String(SUBSCRIBERS), String(EVENTS), ...own]
  return startProcess({ args, ready: /all are open/ })
}

/** Sends a burst. @returns deliveries per second */
async function burst(round: number, clients: RunningProcess, start: (first: number, count: number) => Promise<void>) {
  await start(1 + (round - 1) * EVENTS, EVENTS)
  const [, ms, wrong, bytes] = await clients.saw(
    new RegExp(`burst ${round} took (\\d+) ms, wrong (\\d+), bytes (\\d+)`),
  )
  if (wrong !== '0') throw new Error(`${wrong} events were repeated, missing or out of order.`)
  return { perSecond: (SUBSCRIBERS * EVENTS) / (Number(ms) / 1_000), bytes }
}

const clients: RunningProcess[] = []
try {
  const before = await memoryOf(program.pid)
  const ours = await subscribe(`${program.url.replace('http', 'ws')}/graphql`)
  clients.push(ours)
  await append(0, 1)
  await ours.saw(/all have the first/)
  const open = await memoryOf(program.pid)
  const each = ((open.now - before.now) * 1024) / SUBSCRIBERS
  print(
    `${SUBSCRIBERS} subscribers: ${each.toFixed(0)} KiB each (${before.now.toFixed(0)} MiB before, ${open.now.toFixed(0)} MiB after)`,
  )

  const bare = await subscribe(`ws://${broadcastAt}`)
  clients.push(bare)
  await send(0, 1)
  await bare.saw(/all have the first/)

  const [latchkey, plain]: [number[], number[]] = [[], []]
  for (let round = 1; round <= ROUNDS; round += 1) {
    const a = await burst(round, ours, append)
    const b = await burst(round, bare, send)
    latchkey.push(a.perSecond)
    plain.push(b.perSecond)
    print(
      `round ${round}: Latchkey ${Math.round(a.perSecond)}/s (${a.bytes} bytes), bare ${Math.round(b.perSecond)}/s (${b.bytes} bytes)`,
    )
  }
  report({
    name: `events to ${SUBSCRIBERS} subscribers, each once and in order, in bursts of ${EVENTS}`,
    unit: 'deliveries/s',
    latchkey,
    reference: 'a bare ws broadcast',
    other: plain,
  })
  report({
    name: `memory for each of ${SUBSCRIBERS} subscribers`,
    note: `${each.toFixed(0)} KiB; at most ${(await memoryOf(program.pid)).peak.toFixed(0)} MiB in all`,
  })
} finally {
  for (const each of clients) await each.stop()
  await broadcast.stop()
  await database.close()
  await close()
}
