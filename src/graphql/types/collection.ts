import type { Collection, Connection } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { builder } from '../kernel/builder.ts'
import { encodeGlobalId } from '../kernel/global-id.ts'
import { pageType } from '../kernel/page-type.ts'
import { CollectionRef, ConnectionRef, WorkspaceRef } from './refs.ts'

const ConnectionsPage = pageType<Connection>('CollectionConnectionsPage', ConnectionRef)

builder.prismaObjectFields(CollectionRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('Collection', id) }),
  name: t.exposeString('name'),
  workspace: t.field({
    type: WorkspaceRef,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
  connections: t.field({
    type: ConnectionsPage,
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<Connection>({ table: 'connection', parentColumn: 'collection_id', ...args }, id),
  }),
}))

/** A named list without paging: a workspace has few collections. The bound keeps a mistake from becoming an outage. */
const MAX_COLLECTIONS = 1_000

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  collections: t.field({
    type: [CollectionRef],
    resolve: ({ id }, _args, context): Promise<Collection[]> =>
      context.loaders.rows.all('collection', [condition('t.workspace_id = ?::uuid', id)], {
        orderBy: 'name',
        limit: MAX_COLLECTIONS,
      }),
  }),
  collection: t.field({
    type: CollectionRef,
    nullable: true,
    args: { name: t.arg.string() },
    resolve: ({ id }, { name }, context) =>
      context.loaders.rows.one<Collection>('collection', [
        condition('t.workspace_id = ?::uuid AND t.name = ?::text', id, name),
      ]),
  }),
}))
