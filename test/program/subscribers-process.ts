/**
 * A process with many subscribers of one workspace's events, each with its own socket, from the first event on. Each must
 * receive the positions 1, 2, 3, … once and in order. The message `{ last }` requests a report as soon as all subscribers
 * have received that position; with `next`, subscribers whose socket closes continue there, each behind its last event.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { beginningOf, WORKSPACE_EVENTS } from './follow.ts'

export interface SubscribersOrder {
  url: string
  key: string
  workspaceId: string
  count: number
}

/** A message to the process. */
export interface SubscribersRequest {
  last?: number
  /** URL. */
  next?: string
}

export interface SubscribersReport {
  /** Number of events that were not the next position. */
  wrong: number
  deliveries: number
  /** Time from the first event after all subscriptions were open to the last event. */
  seconds: number
  closed: number
}

const OPENING_AT_ONCE = 50
const MAX_REOPEN_PAUSE_MS = 500

const { url, key, workspaceId, count }: SubscribersOrder = JSON.parse(process.argv[2] ?? '')
const cursors: string[] = new Array(count).fill(beginningOf(workspaceId))
let next: string | undefined
const positions: number[] = new Array(count).fill(0)
let wrong = 0
let closed = 0
let deliveries = 0
let begunAt = 0
let endedAt = 0
let last = Number.POSITIVE_INFINITY
let finished = 0

function receive(index: number, cursor: string): void {
  const position = Number(Buffer.from(cursor, 'base64url').toString('utf8').split('.').at(-1))
  if (position !== (positions[index] ?? 0) + 1) wrong += 1
  positions[index] = position
  cursors[index] = cursor
  deliveries += 1
  endedAt = performance.now()
  if (begunAt === 0) begunAt = endedAt
  if (position === last) reportFinished(1)
}

/** Counts subscribers that have received the last position, and sends the report when all have. */
function reportFinished(subscribers: number): void {
  finished += subscribers
  if (finished < count) return
  const report: SubscribersReport = { wrong, deliveries, seconds: (endedAt - begunAt) / 1_000, closed }
  process.send?.(report)
}

function open(index: number, at = url): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = new WebSocket(at, 'graphql-transport-ws', { perMessageDeflate: false })
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }))
  })
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString())
    if (message.type === 'connection_ack') {
      const variables = { workspaceId, after: cursors[index] }
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WORKSPACE_EVENTS, variables } }))
    } else if (message.type === 'ping') {
      socket.send('{"type":"pong"}')
    } else if (message.type === 'next') {
      receive(index, message.payload.data.workspaceEvents.cursor)
      // The log already holds one event, so its arrival shows that the subscription is active.
      resolve()
    } else reject(new Error(data.toString()))
  })
  socket.on('close', () => {
    closed += 1
    if (next !== undefined) void reopen(index, next)
  })
  // `close` follows.
  socket.on('error', reject)
  return promise
}

/** Opens the subscription again. Like other clients, it waits a moment, and not all wait equally long. */
async function reopen(index: number, at: string): Promise<void> {
  await pause(Math.random() * MAX_REOPEN_PAUSE_MS)
  open(index, at).catch(() => undefined)
}

for (let opened = 0; opened < count; opened += OPENING_AT_ONCE) {
  await Promise.all(
    Array.from({ length: Math.min(OPENING_AT_ONCE, count - opened) }, (_, index) => open(opened + index)),
  )
}
deliveries = 0
begunAt = 0
process.on('message', (request: SubscribersRequest) => {
  next = request.next ?? next
  if (request.last === undefined) return
  last = request.last
  finished = 0
  reportFinished(positions.filter((position) => position >= last).length)
})
process.on('disconnect', () => process.exit(0))
process.send?.('all are open')
