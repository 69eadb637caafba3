/**
 * `npm run bench -- replay`: one subscriber resumes with 1,000,000 events behind. Measures events per second, the processor time
 * of the gateway for each event and its additional memory, and compares the rate with a bare `ws` server that sends the same
 * messages to the same client in the same run. Each event must arrive once and in order.
 * DATABASE_URL: a server on which a database may be created. BENCH_PROFILE: folder for the CPU profile of the gateway.
 */
import { encodeEventCursor } from '../src/events/event-cursor.ts'
import { startProcess } from '../test/support/program.ts'
import { cpuMsOf, forgetPeak, memoryOf, print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 1_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const profile = process.env['BENCH_PROFILE']

const { program, client, mutate, close } = await startUnderLoad('latchkey_bench_replay', {
  LATCHKEY_ROLE: 'gateway',
  ...(profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
})
const broadcast = await startProcess({ args: ['bench/broadcast-server.ts'], ready: /ready on (\d+)/ })
const broadcastAt = `127.0.0.1:${broadcast.ready[1]}`

/** Subscribes and takes all events. @returns events per second */
async function replay(url: string, [key, workspaceId, after]: string[], begin?: () => Promise<unknown>) {
  const args = ['bench/subscription-clients.ts', url, '1', String(EVENTS), key ?? '', workspaceId ?? '', after ?? '']
  const subscriber = await startProcess({ args, ready: /all are open/ })
  try {
    await begin?.()
    const [, ms, wrong] = await subscriber.saw(/burst 1 took (\d+) ms, wrong (\d+)/)
    if (wrong !== '0') throw new Error(`${wrong} events were repeated, missing or out of order.`)
    return EVENTS / (Number(ms) / 1_000)
  } finally {
    await subscriber.stop()
  }
}

try {
  const { workspace } = await mutate<{ workspace: { id: string } }>(
    'createWorkspace',
    { name: 'Bench' },
    'workspace { id }',
  )
  const workspaceId = Buffer.from(workspace.id, 'base64url').toString().split(':')[1] ?? ''
  const { key } = await mutate<{ key: string }>(
    'createApiKey',
    { workspaceId: workspace.id, name: 'bench', role: 'ADMIN' },
    'key',
  )
  await client.query(
    `INSERT INTO event (workspace_id, position, id, type, payload)
     SELECT $1, n, gen_random_uuid(), 'SYNC_PROGRESSED', jsonb_build_object('stream', 'contacts', 'recordsRead', n - 1,
       'recordsWritten', 1000, 'pagesRead', 1, 'total', NULL) FROM generate_series(1, $2::int) n`,
    [workspaceId, EVENTS + 1],
  )
  await client.query(
    'INSERT INTO event_log (workspace_id, head) VALUES ($1, $2) ON CONFLICT (workspace_id) DO UPDATE SET head = excluded.head',
    [workspaceId, EVENTS + 1],
  )
  await client.query('VACUUM ANALYZE event')
  const own = [key, workspace.id, encodeEventCursor(workspaceId, 0n)]

  const [latchkey, plain, cpu, memory]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let round = 1; round <= ROUNDS; round += 1) {
    const before = await memoryOf(program.pid)
    const cpuBefore = await cpuMsOf(program.pid)
    await forgetPeak(program.pid)
    latchkey.push(await replay(`${program.url.replace('http', 'ws')}/graphql`, own))
    cpu.push(((await cpuMsOf(program.pid)) - cpuBefore) / EVENTS)
    memory.push((await memoryOf(program.pid)).peak - before.now)
    plain.push(
      await replay(`ws://${broadcastAt}`, own, () =>
        fetch(`http://${broadcastAt}/0/${EVENTS + 1}`, { method: 'POST' }),
      ),
    )
    print(
      `round ${round}: Latchkey ${Math.round(latchkey.at(-1) ?? 0)}/s, ${((cpu.at(-1) ?? 0) * 1_000).toFixed(1)} µs of CPU each, ` +
        `${memory.at(-1)?.toFixed(0)} MiB more; bare ${Math.round(plain.at(-1) ?? 0)}/s`,
    )
  }
  report({
    name: `replay of ${EVENTS} events to one subscriber, each once and in order`,
    unit: 'events/s',
    latchkey,
    reference: 'a bare ws server that has the messages',
    other: plain,
  })
  report({
    name: `gateway during that replay`,
    note: `${(Math.min(...cpu) * 1_000).toFixed(1)} µs of processor time for each event, at most ${Math.max(...memory).toFixed(0)} MiB more memory`,
  })
} finally {
  await broadcast.stop()
  await close()
}
