import type { GraphQLClient } from '../support/graphql-client.ts'
import type { LoggedEvent } from './cluster.ts'

/** The events that one subscriber received, in order. */
export interface Follower {
  positions: number[]
  types: string[]
  /** Time of arrival by this process's clock, in milliseconds since 1970. */
  arrivedAt: number[]
  /** Settles when the subscription ends or fails. */
  ended: Promise<void>
}

const DOCUMENT = `subscription ($workspaceId: ID!, $after: Cursor) {
  workspaceEvents(workspaceId: $workspaceId, after: $after) { cursor type } }`

interface WorkspaceEvent {
  workspaceEvents: { cursor: string; type: string }
}

/** Subscribes to a workspace's events: new ones only, or those after a cursor. */
export function followWorkspace(client: GraphQLClient, workspaceId: string, after: string | null): Follower {
  return follow(client.subscribe<WorkspaceEvent, object>(DOCUMENT, { workspaceId, after }))
}

export function follow(events: AsyncIterable<WorkspaceEvent>): Follower {
  const follower: Follower = { positions: [], types: [], arrivedAt: [], ended: Promise.resolve() }
  follower.ended = (async () => {
    for await (const { workspaceEvents } of events) {
      follower.positions.push(positionOf(workspaceEvents.cursor))
      follower.types.push(workspaceEvents.type)
      follower.arrivedAt.push(Date.now())
    }
  })()
  follower.ended.catch(() => undefined)
  return follower
}

export { DOCUMENT as WORKSPACE_EVENTS }

/** Position that a cursor contains. Cursors are opaque to clients. */
function positionOf(cursor: string): number {
  return Number(Buffer.from(cursor, 'base64url').toString('utf8').split('.').at(-1))
}

/** Cursor before the first event of a workspace. */
export function beginningOf(workspaceId: string): string {
  const local = Buffer.from(workspaceId, 'base64url').toString('utf8').split(':')[1]
  return Buffer.from(`e1.${local}.0`).toString('base64url')
}

/** Positions of the logged events: what a follower from the beginning must have received. */
export function positionsOf(log: readonly LoggedEvent[]): number[] {
  return log.map(({ position }) => Number(position))
}
