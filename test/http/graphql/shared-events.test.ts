import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { appendEvents } from '../../../src/events/event-log.ts'
import { parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { openSocket, type TestSocket } from '../small-server.ts'

const DOCUMENT = `subscription ($id: ID!, $after: Cursor, $types: [EventType!], $more: Boolean = false) {
  workspaceEvents(workspaceId: $id, after: $after, types: $types) {
    cursor type workspace { id name @include(if: $more) } ... on SyncProgressed { recordsRead } } }`

describe('Subscribers of the same events', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.stop())

  const append = (workspaceId: string, numbers: readonly number[]) =>
    app.database.bulkTransaction((tx) =>
      appendEvents(
        tx,
        createLocalWakeBus(),
        parseGlobalId(workspaceId)?.id ?? '',
        numbers.map((recordsRead) => ({
          type: recordsRead === 0 ? ('CONNECTION_ACTIVATED' as const) : ('SYNC_PROGRESSED' as const),
          payload: { stream: 'contacts', recordsRead, recordsWritten: 0, pagesRead: 1, total: null },
        })),
      ),
    )

  async function subscribe(key: string, id: string, variables: Record<string, unknown>): Promise<TestSocket> {
    const socket = await openSocket(app.url)
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } })
    await socket.next()
    socket.send({ type: 'subscribe', id, payload: { query: DOCUMENT, variables } })
    return socket
  }
  const numbers = async (socket: TestSocket, id: string, count: number) => {
    const seen: unknown[] = []
    for (let index = 0; index < count; index += 1) {
      const message = await socket.next()
      expect(message).toMatchObject({ id, type: 'next' })
      seen.push(message.payload?.data.workspaceEvents.recordsRead ?? 0)
    }
    return seen
  }

  /** The cursor of the newest event. */
  async function newest(id: string): Promise<string> {
    const query = 'query ($id: ID!) { workspace(id: $id) { events(first: 100) { edges { cursor } } } }'
    const { data } = await app.request(query, { id })
    return data.workspace.events.edges.at(-1).cursor
  }

  it('each get their events once and in order, with their own operation id, cursor and filter', async () => {
    const { id, key } = await app.createWorkspace()
    await append(id, [0])
    const early = await newest(id)
    await append(id, [7])
    const late = await newest(id)
    const sockets = await Promise.all([
      subscribe(key, 'early', { id, after: early }),
      subscribe(key, 'late', { id, after: late }),
      subscribe(key, 'late', { id, after: late, types: ['SYNC_PROGRESSED'] }),
    ])
    const all = Array.from({ length: 450 }, (_, index) => index % 10)
    for (let from = 0; from < all.length; from += 150) await append(id, all.slice(from, from + 150))
    const [first, second, third] = sockets as [TestSocket, TestSocket, TestSocket]
    expect(await numbers(first, 'early', 451)).toEqual([7, ...all])
    expect(await numbers(second, 'late', 450)).toEqual(all)
    expect(await numbers(third, 'late', 405)).toEqual(all.filter((number) => number !== 0))
    for (const { socket } of sockets) socket.close()
  })

  it('get results for their own variables', async () => {
    const { id, key } = await app.createWorkspace('Ada')
    await append(id, [0])
    const after = await newest(id)
    const sockets = await Promise.all(
      [false, true, false].map((more, index) => subscribe(key, `${index}`, { id, more, after })),
    )
    await append(id, [1])
    const workspaces = await Promise.all(
      sockets.map(async (socket) => (await socket.next()).payload?.data.workspaceEvents.workspace),
    )
    expect(workspaces).toEqual([{ id }, { id, name: 'Ada' }, { id }])
    for (const { socket } of sockets) socket.close()
  })
})
