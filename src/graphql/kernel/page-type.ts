import type { InterfaceRef, ObjectRef } from '@pothos/core'
import { builder } from './builder.ts'
import type { Page } from './page.ts'

type PothosTypes = typeof builder.$inferSchemaTypes

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
