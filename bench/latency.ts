/**
 * `npm run bench -- latency`: the time from an event of a sync job to its arrival at a subscriber over graphql-ws, on one
 * machine. The database sets the time of an event when it is written, as the last statement of its transaction, so the
 * commit is included.
 * DATABASE_URL: a server on which a database may be created.
 */
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { startProcess } from '../test/support/program.ts'
import { startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const JOBS = Number(process.env['BENCH_JOBS'] ?? 60)
const SIZE = 5_000

const upstream = await startProcess({ args: ['bench/sync-upstream.ts'], ready: /ready on (\d+)/ })
const { program, mutate, close } = await startUnderLoad('latchkey_bench_latency')

type Node = { id: string }
interface WorkspaceEvent {
  workspaceEvents: { type: string; occurredAt: string }
}

const { workspace } = await mutate<{ workspace: Node }>('createWorkspace', { name: 'Bench' }, 'workspace { id }')
const workspaceId = workspace.id
const definition = {
  displayName: 'Source',
  baseUrl: `http://127.0.0.1:${upstream.ready[1]}`,
  auth: { type: 'none' },
  streams: [
    {
      name: 'items',
      path: `/items/${SIZE}`,
      recordsPath: ['data'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['next'], param: 'cursor' },
    },
  ],
}
await mutate('createIntegration', { workspaceId, slug: 'source', definition }, 'integration { id }')
const input = { workspaceId, integration: 'source', credential: { fields: {} } }
const { connection } = await mutate<{ connection: Node }>('createConnection', input, 'connection { id }')

const client = createClient({
  url: program.graphqlUrl.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${program.operatorKey}` },
})
const events = client.iterate<WorkspaceEvent & Record<string, unknown>>({
  query: 'subscription ($id: ID!) { workspaceEvents(workspaceId: $id) { type occurredAt } }',
  variables: { id: workspaceId },
})

const delays: number[] = []
try {
  const first = events.next()
  for (let job = 0; job < JOBS; job += 1) {
    await mutate('triggerSync', { connectionId: connection.id }, 'syncJob { id }')
    for (;;) {
      const { value } = job === 0 && delays.length === 0 ? await first : await events.next()
      const event = value?.data?.workspaceEvents
      if (event === undefined) throw new Error('The subscription has ended.')
      delays.push(Date.now() - Date.parse(event.occurredAt))
      if (event.type === 'SYNC_FAILED') throw new Error('A sync job has failed.')
      if (event.type === 'SYNC_SUCCEEDED') break
    }
  }
} finally {
  await client.dispose()
  await close()
  await upstream.stop()
}
const sorted = delays.toSorted((a, b) => a - b)
const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
report({
  name: 'from the transaction of an event to a subscriber',
  note: `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, of ${sorted.length} events of ${JOBS} sync jobs`,
})
