import type { Caller } from '../../access/caller.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { ApiKeyRoleRef } from './api-key.ts'
import { EndUserRef, WorkspaceRef } from './refs.ts'

export const ViewerKindRef = builder.enumType('ViewerKind', {
  description: 'How a caller authenticates.',
  values: {
    OPERATOR: { description: 'An operator key, or an operator who signed in to the console, for all workspaces.' },
    API_KEY: { description: 'An API key of one workspace.' },
    CONNECT_SESSION: { description: 'The token of a connect session, which sees that session.' },
    FEDERATED_USER: { description: "An end user with a JWT of one of the workspace's OIDC issuers." },
  },
})

const ViewerRef = builder.objectRef<Caller>('Viewer').implement({
  description: 'The caller of this request.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ViewerKindRef, description: 'How the caller authenticates.' }),
    role: t.field({
      type: ApiKeyRoleRef,
      nullable: true,
      description:
        'What the caller may do. READER for a caller that acts for an end user; a FEDERATED_USER may also manage its own connections.',
      resolve: ({ role }) => role,
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the credential of the caller expires. Null: never.',
    }),
    workspace: t.field({
      type: WorkspaceRef,
      nullable: true,
      description: 'The workspace that the caller is limited to. Null: all workspaces, for an operator.',
      resolve: ({ workspaceId }, _args, context) =>
        workspaceId === null ? null : context.loaders.workspace.load(workspaceId),
    }),
    endUser: t.field({
      type: EndUserRef,
      nullable: true,
      description: 'The end user that the caller acts for. Null: the caller acts for the workspace or the deployment.',
      resolve: ({ endUserId }, _args, context) => (endUserId === null ? null : context.loaders.endUser.load(endUserId)),
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    description: 'The caller of this request.',
    resolve: (_root, _args, context) => callerOf(context),
  }),
)
