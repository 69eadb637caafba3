import type { Caller } from '../../access/caller.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { ApiKeyRoleRef } from './api-key.ts'
import { EndUserRef, WorkspaceRef } from './refs.ts'

const ViewerKindRef = builder.enumType('ViewerKind', {
  values: ['OPERATOR', 'API_KEY', 'CONNECT_SESSION', 'FEDERATED_USER'] as const,
})

const ViewerRef = builder.objectRef<Caller>('Viewer').implement({
  description: 'Who is calling.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ViewerKindRef }),
    role: t.field({ type: ApiKeyRoleRef, nullable: true, resolve: ({ role }) => role }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true }),
    workspace: t.field({
      type: WorkspaceRef,
      nullable: true,
      resolve: ({ workspaceId }, _args, context) =>
        workspaceId === null ? null : context.loaders.workspace.load(workspaceId),
    }),
    endUser: t.field({
      type: EndUserRef,
      nullable: true,
      resolve: ({ endUserId }, _args, context) => (endUserId === null ? null : context.loaders.endUser.load(endUserId)),
    }),
  }),
})

builder.queryField('viewer', (t) => t.field({ type: ViewerRef, resolve: (_root, _args, context) => callerOf(context) }))
