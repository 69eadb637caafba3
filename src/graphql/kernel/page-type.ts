import type { ArgBuilder, InterfaceRef, ObjectRef } from '@pothos/core'
import { builder, type PothosTypes } from './builder.ts'
import { DEFAULT_FIRST, MAX_FIRST, type Page } from './page.ts'

const PageInfoRef = builder.pageInfoRef()

/**
 * The types of one Relay cursor list: the page `<Owner><Field>Page` and its edge, such as `WorkspaceConnectionsPage`.
 * They are not named `…Connection`, because a connection is a type of its own in this API. Pothos has no hook for
 * these names, so its own connection types are not used.
 * @param items what the list holds, in the plural, for the descriptions: "connections of a workspace"
 */
export function pageType<Node, P extends Page<Node> = Page<Node>>(
  name: `${string}Page`,
  items: string,
  node: ObjectRef<PothosTypes, Node> | InterfaceRef<PothosTypes, Node>,
) {
  // For the compiler an interface differs here in its builder only.
  const nodeType = node as ObjectRef<PothosTypes, Node>
  const EdgeRef = builder.objectRef<{ cursor: string; node: Node }>(`${name}Edge`).implement({
    description: `An entry in a list of ${items}: the item and its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Cursor of this item: `after` continues behind it.' }),
      node: t.field({ type: nodeType, description: 'The item.', resolve: (edge) => edge.node as never }),
    }),
  })
  return builder.objectRef<P>(name).implement({
    description: `A page of the list of ${items}.`,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeRef],
        description: 'The items of this page, each with its cursor.',
        resolve: ({ nodes, cursorOf }) => nodes.map((node) => ({ cursor: cursorOf(node), node })),
      }),
      nodes: t.field({
        type: [nodeType],
        description: 'The items of this page, without cursors.',
        resolve: (page) => page.nodes as never,
      }),
      pageInfo: t.field({
        type: PageInfoRef,
        description: 'Cursors of this page, and whether there are further pages.',
        resolve: ({ nodes, cursorOf, hasNextPage, hasPreviousPage }) => {
          const [first, last] = [nodes[0], nodes.at(-1)]
          const info = (hasNext: boolean) => ({
            hasNextPage: hasNext,
            hasPreviousPage,
            startCursor: first === undefined ? null : cursorOf(first),
            endCursor: last === undefined ? null : cursorOf(last),
          })
          return typeof hasNextPage === 'boolean' ? info(hasNextPage) : hasNextPage().then(info)
        },
      }),
      totalCount: t.int({
        description: 'Number of items in the whole list that match its arguments, on this page or not.',
        resolve: (page) => page.totalCount(),
      }),
    }),
  })
}

/** The pagination arguments of every list: `args: pageArgs(t.arg)`. */
export function pageArgs(arg: ArgBuilder<PothosTypes>, after = AFTER) {
  return {
    first: arg.int({
      required: false,
      description: `Number of items to return, 0 to ${MAX_FIRST}; other numbers are INVALID_INPUT. Default: ${DEFAULT_FIRST}.`,
    }),
    after: arg.string({ required: false, description: after }),
  }
}

const AFTER =
  'Return the items behind this cursor: the `endCursor` of the page before, or the `cursor` of an edge. Anything that is not a cursor of this list is INVALID_INPUT. Default: from the start.'
