import { upsertEndUser } from '../../connections/end-users.ts'
import type { EndUser } from '../../db/generated/client.ts'
import { condition, containing } from '../../db/sql.ts'
import { deleteEndUser } from '../../deletion/mark-deleted.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { METADATA_FILTER, metadataFilter } from '../kernel/metadata-filter.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { EndUserRef, WorkspaceRef } from './refs.ts'
import { DELETED_ID, END_USER_ID, IN_WORKSPACE, METADATA, NODE_ID, WORKSPACE_OF } from './wording.ts'

const EXTERNAL_ID = "The product's own id of the end user, at most 255 characters. Unique in the workspace."

builder.prismaObjectFields(EndUserRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('EndUser', id) }),
  externalId: t.exposeString('externalId', { description: EXTERNAL_ID }),
  displayName: t.exposeString('displayName', {
    nullable: true,
    description: 'Name of the end user for people. Null: not set.',
  }),
  email: t.exposeString('email', { nullable: true, description: 'E-mail address. Null: not set.' }),
  metadata: t.field({ type: 'JSON', description: METADATA, resolve: ({ metadata }) => metadata }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the end user was created.' }),
  workspace: t.field({
    type: WorkspaceRef,
    description: WORKSPACE_OF,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
}))

const EndUsersPage = pageType('WorkspaceEndUsersPage', 'end users of a workspace', EndUserRef)

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  endUsers: t.field({
    type: EndUsersPage,
    description: 'End users of the workspace, oldest first. A caller that acts for an end user gets that one only.',
    args: {
      ...pageArgs(t.arg),
      search: t.arg.string({
        required: false,
        description:
          'Return the end users whose external id, display name or e-mail address contains this text, ignoring case. Default: all.',
      }),
      metadata: t.arg({
        type: 'JSON',
        required: false,
        description: `Return the end users that match this filter. Default: all. ${METADATA_FILTER}`,
      }),
    },
    resolve: ({ id }, { first, after, search, metadata }, context) => {
      const { where = [], ways } = metadataFilter('end_user', metadata, ['metadata'])
      return context.loaders.lists.page<EndUser>(
        {
          table: 'end_user',
          parentColumn: 'workspace_id',
          where: [...(search == null ? [] : [matches(search)]), ...where],
          ways,
          first,
          after,
        },
        id,
      )
    },
  }),
  endUser: t.field({
    type: EndUserRef,
    nullable: true,
    description: 'The end user with this external id. Null if there is none.',
    args: { externalId: t.arg.string({ description: "The product's own id of the end user." }) },
    resolve: ({ id }, { externalId }, context) =>
      context.loaders.rows.one<EndUser>('end_user', [
        condition('t.workspace_id = ?::uuid AND t.external_id = ?::text', id, externalId),
      ]),
  }),
}))

function matches(search: string) {
  const pattern = containing(search)
  const sql = 't.external_id ILIKE ?::text OR t.display_name ILIKE ?::text OR t.email ILIKE ?::text'
  return condition(sql, pattern, pattern, pattern)
}

const UpsertEndUserInput = builder.inputType('UpsertEndUserInput', {
  description: 'An end user by external id. If it exists, fields that are left out keep their value.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    externalId: t.string({ description: EXTERNAL_ID }),
    displayName: t.string({
      required: false,
      description: 'Name of the end user for people, at most 200 characters. Null clears it.',
    }),
    email: t.string({ required: false, description: 'E-mail address, at most 320 characters. Null clears it.' }),
    metadata: t.field({
      type: 'JSON',
      required: false,
      description: `${METADATA} Replaces the stored object. Null: an empty object.`,
    }),
  }),
})

mutation('upsertEndUser', {
  scope: 'CONNECT',
  description: 'Creates the end user with this external id, or changes it if it exists.',
  input: UpsertEndUserInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ endUser: EndUser; created: boolean }>('UpsertEndUserPayload', (t) => ({
    endUser: t.expose('endUser', { type: EndUserRef, description: 'The end user as it is stored now.' }),
    created: t.exposeBoolean('created', { description: 'True if the end user did not exist before.' }),
  })),
  resolve: ({ workspaceId, ...change }, context) =>
    upsertEndUser(context.services.database, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      ...change,
    }),
})

const DeleteEndUserInput = builder.inputType('DeleteEndUserInput', {
  description: 'The end user to delete.',
  fields: (t) => ({ endUserId: t.id({ description: END_USER_ID }) }),
})

mutation('deleteEndUser', {
  scope: 'CONNECT',
  wholeWorkspace: true,
  description:
    'Deletes an end user with all of their connections. Credentials are revoked at the provider where it supports that.',
  input: DeleteEndUserInput,
  names: ({ endUserId }) => endUserId,
  payload: payloadType<{ deletedId: string; deletedConnections: number }>('DeleteEndUserPayload', (t) => ({
    deletedId: t.exposeID('deletedId', { description: DELETED_ID }),
    deletedConnections: t.exposeInt('deletedConnections', {
      description: 'Number of connections that were deleted with the end user.',
    }),
  })),
  resolve: async ({ endUserId }, context) => ({
    deletedId: endUserId,
    deletedConnections: await deleteEndUser(context.services, callerOf(context), decodeGlobalId('EndUser', endUserId)),
  }),
})
