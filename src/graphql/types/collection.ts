import type { Collection, Connection } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { builder } from '../kernel/builder.ts'
import { encodeGlobalId } from '../kernel/global-id.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { CollectionRef, ConnectionRef, WorkspaceRef } from './refs.ts'
import { NODE_ID, WORKSPACE_OF } from './wording.ts'

const ConnectionsPage = pageType('CollectionConnectionsPage', 'connections of a collection', ConnectionRef)

builder.prismaObjectFields(CollectionRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('Collection', id) }),
  name: t.exposeString('name', { description: 'Name of the collection, unique in the workspace.' }),
  workspace: t.field({
    type: WorkspaceRef,
    description: WORKSPACE_OF,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
  connections: t.field({
    type: ConnectionsPage,
    description: 'Connections of the collection, oldest first.',
    args: pageArgs(t.arg),
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<Connection>({ table: 'connection', parentColumn: 'collection_id', ...args }, id),
  }),
}))

/** Bounds `Workspace.collections`, which has no pagination: a workspace has few collections. */
const MAX_COLLECTIONS = 1_000

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  collections: t.field({
    type: [CollectionRef],
    description: `Collections of the workspace, ordered by name, at most ${MAX_COLLECTIONS}. A caller that acts for an end user gets those with a connection of that end user.`,
    resolve: ({ id }, _args, context): Promise<Collection[]> =>
      context.loaders.rows.all('collection', [condition('t.workspace_id = ?::uuid', id)], {
        orderBy: 'name',
        limit: MAX_COLLECTIONS,
      }),
  }),
  collection: t.field({
    type: CollectionRef,
    nullable: true,
    description: 'The collection of this name. Null if there is none.',
    args: { name: t.arg.string({ description: 'Name of the collection.' }) },
    resolve: ({ id }, { name }, context) =>
      context.loaders.rows.one<Collection>('collection', [
        condition('t.workspace_id = ?::uuid AND t.name = ?::text', id, name),
      ]),
  }),
}))
