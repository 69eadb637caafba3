/** The subscription of all clients. `recordsRead` is the number of the event. */
export const SUBSCRIPTION = `subscription ($workspaceId: ID!, $after: Cursor) {
  workspaceEvents(workspaceId: $workspaceId, after: $after) {
    id cursor type occurredAt ... on SyncProgressed { stream recordsRead recordsWritten pagesRead total } } }`

/** A message as the program sends it for an event, with fixed ids. */
export function nextMessage(number: number): string {
  return JSON.stringify({
    id: '1',
    type: 'next',
    payload: {
      data: {
        workspaceEvents: {
          id: 'RXZlbnQ6MDE5ZjAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw',
          cursor: 'MDE5ZjAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwOjEyMzQ',
          type: 'SYNC_PROGRESSED',
          occurredAt: '2026-11-21T13:00:00.000Z',
          stream: 'contacts',
          recordsRead: number,
          recordsWritten: 1_000,
          pagesRead: 1,
          total: null,
        },
      },
    },
  })
}

/** Number of the event in a message; null when it contains no event. */
export function numberIn(message: string): number | null {
  const start = message.indexOf('"recordsRead":')
  return start < 0 ? null : Number.parseInt(message.slice(start + 14, start + 24), 10)
}
