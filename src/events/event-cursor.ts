import { InvalidInputError } from '../kit/errors.ts'
import type { LogBounds } from './event-log.ts'

const PREFIX = 'e1'

/**
 * The opaque form of a position in a workspace's log. It contains the workspace's id, so that it is not accepted for
 * another log.
 */
export function encodeEventCursor(workspaceId: string, position: bigint): string {
  return Buffer.from(`${PREFIX}.${workspaceId}.${position}`).toString('base64url')
}

/**
 * @param argument path of the argument in errors
 * @throws InvalidInputError when this log never had the position
 */
export function decodeEventCursor(cursor: string, workspaceId: string, bounds: LogBounds, argument: string[]): bigint {
  const [prefix, log, digits, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split('.')
  const wellFormed = prefix === PREFIX && log === workspaceId && rest.length === 0 && /^\d{1,18}$/.test(digits ?? '')
  const position = wellFormed ? BigInt(digits ?? '') : -1n
  // base64url decoding is lenient: accept only the canonical form.
  if (position < 0n || position > bounds.head || encodeEventCursor(workspaceId, position) !== cursor) {
    throw new InvalidInputError([
      {
        path: argument,
        message: 'This is not a cursor of this event log. Use the cursor of an event that you received.',
      },
    ])
  }
  return position
}
