import { InvalidInputError } from '../../kit/errors.ts'

export const DEFAULT_FIRST = 20
export const MAX_FIRST = 100

/** One page of a Relay cursor list. */
export interface Page<Node> {
  nodes: readonly Node[]
  /** Called only for the nodes whose cursor the query selects. */
  cursorOf: (node: Node) => string
  /** A function if it costs a read: called only if the query selects it. */
  hasNextPage: boolean | (() => Promise<boolean>)
  hasPreviousPage: boolean
  /** Called only if the query selects it. */
  totalCount: () => Promise<number>
}

/**
 * The number of items to return.
 * @throws InvalidInputError outside 0 to 100. It is not clamped: a client would take the shorter page for the end.
 */
export function checkFirst(first: number | null | undefined): number {
  const count = first ?? DEFAULT_FIRST
  if (count < 0 || count > MAX_FIRST) {
    throw new InvalidInputError([{ path: ['first'], message: `Must be 0 to ${MAX_FIRST}.` }])
  }
  return count
}

/** @param rows one row more than `first`, if there is one: it shows that there is a next page */
export function toPage<Node>(
  rows: readonly Node[],
  first: number,
  after: unknown,
  cursorOf: (node: Node) => string,
  totalCount: () => Promise<number>,
): Page<Node> {
  return {
    nodes: rows.slice(0, first),
    cursorOf,
    hasNextPage: rows.length > first,
    hasPreviousPage: after !== null && after !== undefined,
    totalCount,
  }
}

/** The cursor of a list that is ordered by id. */
export function encodeIdCursor(id: string): string {
  return Buffer.from(`id:${id}`).toString('base64url')
}

const ID_CURSOR = /^id:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/**
 * The id in a cursor of a list that is ordered by id; null without a cursor.
 * @throws InvalidInputError for any other text
 */
export function decodeIdCursor(after: string | null | undefined): string | null {
  if (after == null) return null
  const id = ID_CURSOR.exec(Buffer.from(after, 'base64url').toString('utf8'))?.[1]
  if (id === undefined || encodeIdCursor(id) !== after) {
    throw new InvalidInputError([
      { path: ['after'], message: 'Not a cursor of this list. Use the endCursor of a page of this list.' },
    ])
  }
  return id
}
