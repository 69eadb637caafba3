/**
 * `npm run bench -- webhooks`: events per second that a writer appends to event logs, ten in a transaction, while 1,000 webhook
 * endpoints get them, compared with the same endpoints disabled. Once with all endpoints in one workspace, where each event is
 * 1,000 deliveries, and once with each in its own. Then 1,000 events per second, to see whether the log keeps up.
 * DATABASE_URL: a server on which a database may be created.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../src/db/open-database.ts'
import { createLocalWakeBus } from '../src/db/wake-bus.ts'
import { appendEvents } from '../src/events/event-log.ts'
import { startProcess } from '../test/support/program.ts'
import { print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4)
const ENDPOINTS = Number(process.env['BENCH_ENDPOINTS'] ?? 1_000)
const BATCH = 10
const RATE = 1_000

const latchkey = await startUnderLoad('latchkey_bench_webhooks')
const database = await openDatabase({ url: latchkey.url }, { onError: (error) => print(error.message) })
const receiver = await startProcess({ args: ['bench/webhook-receiver.ts'], ready: /at (http:\S+)\n/ })
const origin = receiver.ready[1] ?? ''
const bus = createLocalWakeBus()
const events = Array.from({ length: BATCH }, () => ({ type: 'CONNECTION_ACTIVATED' as const }))

const received = async () => Number(await (await fetch(origin)).text())
const enable = (enabled: boolean) =>
  latchkey.client.query(
    `UPDATE webhook_endpoint e SET enabled = $1, position = l.head FROM event_log l WHERE l.workspace_id = e.workspace_id`,
    [enabled],
  )

async function createWorkspace(): Promise<string> {
  const { workspace } = await latchkey.mutate<{ workspace: { id: string } }>(
    'createWorkspace',
    { name: 'Bench' },
    'workspace { id }',
  )
  return workspace.id
}

const idOf = (globalId: string) => Buffer.from(globalId, 'base64url').toString().split(':')[1] ?? ''

/** Appends for some seconds, at most at a rate. @returns events per second */
async function append(workspaceIds: readonly string[], rate = Number.POSITIVE_INFINITY): Promise<number> {
  const begun = performance.now()
  let appended = 0
  while (performance.now() - begun < SECONDS * 1000) {
    const early = (appended / rate) * 1000 - (performance.now() - begun)
    if (early > 1) await pause(early)
    const workspaceId = workspaceIds[(appended / BATCH) % workspaceIds.length] ?? ''
    await database.bulkTransaction((tx) => appendEvents(tx, bus, workspaceId, events))
    appended += BATCH
  }
  return (appended * 1000) / (performance.now() - begun)
}

async function measure(name: string, workspaces: number): Promise<void> {
  await latchkey.client.query('UPDATE webhook_endpoint SET enabled = false, deleted_at = now()')
  const ids: string[] = []
  for (let each = 0; each < workspaces; each += 1) ids.push(await createWorkspace())
  for (let start = 0; start < ENDPOINTS; start += 8) {
    const some = Array.from({ length: Math.min(8, ENDPOINTS - start) }, (_, index) => ids[(start + index) % ids.length])
    await Promise.all(
      some.map((workspaceId, index) =>
        latchkey.mutate('createWebhookEndpoint', { workspaceId, url: `${origin}/${start + index}` }, 'secret'),
      ),
    )
  }
  const workspaceIds = ids.map(idOf)
  const [on, off]: [number[], number[]] = [[], []]
  let delivered = 0
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    await enable(false)
    // Deliveries that run are finished.
    await pause(500)
    const without = await append(workspaceIds)
    await enable(true)
    const before = await received()
    const rate = await append(workspaceIds)
    if (round === 0) continue
    delivered += (await received()) - before
    off.push(without)
    on.push(rate)
  }
  report({
    name: `events appended, ${name}`,
    unit: 'events/s',
    latchkey: on,
    reference: 'endpoints disabled',
    other: off,
  })
  await enable(true)
  const before = await received()
  const paced = await append(workspaceIds, RATE)
  const during = (await received()) - before
  const note = `${Math.round(paced)} of ${RATE} events/s, ${Math.round(during / SECONDS)} deliveries/s meanwhile; unpaced ${Math.round(delivered / (ROUNDS * SECONDS))} deliveries/s`
  report({ name: `${RATE} events/s, ${name}`, note })
}

try {
  await measure(`${ENDPOINTS} endpoints in one workspace`, 1)
  await measure(`${ENDPOINTS} endpoints in as many workspaces`, ENDPOINTS)
} finally {
  await receiver.stop()
  await database.close()
  await latchkey.close()
}
