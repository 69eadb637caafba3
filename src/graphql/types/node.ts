import { InvalidInputError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { loadNodes } from '../kernel/nodes.ts'
import { MAX_FIRST } from '../kernel/page.ts'

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'Anything by its global id; null for what does not exist or belongs to another workspace.',
    args: { id: t.arg.id() },
    resolve: async (_root, { id }, context) => (await loadNodes(context, [id]))[0] ?? null,
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    args: { ids: t.arg.idList() },
    resolve: (_root, { ids }, context) => {
      if (ids.length > MAX_FIRST) {
        throw new InvalidInputError([{ path: ['ids'], message: `Ask for at most ${MAX_FIRST} ids.` }])
      }
      return loadNodes(context, ids)
    },
  }),
}))
