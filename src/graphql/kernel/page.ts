import type { InterfaceRef, ObjectRef } from '@pothos/core'
import { InvalidInputError } from '../../kit/errors.ts'
import { builder } from './builder.ts'

type PothosTypes = typeof builder.$inferSchemaTypes

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

const PageInfoRef = builder.pageInfoRef()

/**
 * The types of one list: `<Owner><Field>Page` and its edge, such as `WorkspaceConnectionsPage`.
 * `Connection` is a thing here and not a list, and Pothos has no hook for the names of its own.
 */
export function pageType<Node>(
  name: `${string}Page`,
  node: ObjectRef<PothosTypes, Node> | InterfaceRef<PothosTypes, Node>,
) {
  // An interface differs here in its builder only.
  const nodeType = node as ObjectRef<PothosTypes, Node>
  const EdgeRef = builder.objectRef<{ cursor: string; node: Node }>(`${name}Edge`).implement({
    fields: (t) => ({
      cursor: t.exposeString('cursor'),
      node: t.field({ type: nodeType, resolve: (edge) => edge.node as never }),
    }),
  })
  return builder.objectRef<Page<Node>>(name).implement({
    fields: (t) => ({
      edges: t.field({
        type: [EdgeRef],
        resolve: ({ nodes, cursorOf }) => nodes.map((node) => ({ cursor: cursorOf(node), node })),
      }),
      nodes: t.field({ type: [nodeType], resolve: (page) => page.nodes as never }),
      pageInfo: t.field({
        type: PageInfoRef,
        resolve: ({ nodes, cursorOf, hasNextPage, hasPreviousPage }) => {
          const [first, last] = [nodes[0], nodes.at(-1)]
          const info = (has: boolean) => ({
            hasNextPage: has,
            hasPreviousPage,
            startCursor: first === undefined ? null : cursorOf(first),
            endCursor: last === undefined ? null : cursorOf(last),
          })
          return typeof hasNextPage === 'boolean' ? info(hasNextPage) : hasNextPage().then(info)
        },
      }),
      totalCount: t.int({ resolve: (page) => page.totalCount() }),
    }),
  })
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
