import type { GraphQLClient } from '../support/graphql-client.ts'
import type { LoggedEvent } from './cluster.ts'

/** What one subscriber was told, in the order that it came. */
export interface Follower {
  positions: number[]
  types: string[]
  /** By this process' clock, in milliseconds. */
  arrivedAt: number[]
  /** Ends with the subscription; rejects as it does. */
  ended: Promise<void>
}

const DOCUMENT = `subscription ($workspaceId: ID!, $after: Cursor) {
  workspaceEvents(workspaceId: $workspaceId, after: $after) { cursor type } }`

interface Told {
  workspaceEvents: { cursor: string; type: string }
}

/** Follows a workspace's log from its beginning, or after a cursor. */
export function followWorkspace(client: GraphQLClient, workspaceId: string, after: string | null): Follower {
  return follow(client.subscribe<Told, object>(DOCUMENT, { workspaceId, after }))
}

export function follow(events: AsyncIterable<Told>): Follower {
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

/** What the cursor stands for; clients have no business with it. */
function positionOf(cursor: string): number {
  return Number(Buffer.from(cursor, 'base64url').toString('utf8').split('.').at(-1))
}

/** The cursor before a log's first event. */
export function beginningOf(workspaceId: string): string {
  const local = Buffer.from(workspaceId, 'base64url').toString('utf8').split(':')[1]
  return Buffer.from(`e1.${local}.0`).toString('base64url')
}

/** The positions of a log, which a follower from its beginning has to have been told. */
export function positionsOf(log: readonly LoggedEvent[]): number[] {
  return log.map(({ position }) => Number(position))
}
