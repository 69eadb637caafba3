import { InvalidInputError } from '../../kit/errors.ts'

export const DEFAULT_FIRST = 20
export const MAX_FIRST = 100

/** One page of a Relay cursor list. `totalCount` is asked for only when the query selects it. */
export interface Page<Node> {
  nodes: readonly Node[]
  /** Made only of those whose cursor the query selects. */
  cursorOf: (node: Node) => string
  /** A function where it is read only when the query selects it. */
  hasNextPage: boolean | (() => Promise<boolean>)
  hasPreviousPage: boolean
  totalCount: () => Promise<number>
}

/**
 * The number of items asked for.
 * @throws InvalidInputError outside 0 to 100: a list that is shorter than asked for would be taken for the end
 */
export function checkFirst(first: number | null | undefined): number {
  const count = first ?? DEFAULT_FIRST
  if (count < 0 || count > MAX_FIRST) {
    throw new InvalidInputError([{ path: ['first'], message: `Ask for 0 to ${MAX_FIRST} items.` }])
  }
  return count
}

/** Cuts the one row more that was read to learn whether there is a next page. */
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

/** @throws InvalidInputError for what is no cursor of such a list */
export function decodeIdCursor(after: string | null | undefined): string | null {
  if (after == null) return null
  const id = ID_CURSOR.exec(Buffer.from(after, 'base64url').toString('utf8'))?.[1]
  if (id === undefined || encodeIdCursor(id) !== after) {
    throw new InvalidInputError([
      { path: ['after'], message: 'This is no cursor of this list. Use an endCursor that you received.' },
    ])
  }
  return id
}
