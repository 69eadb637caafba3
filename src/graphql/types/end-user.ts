import { upsertEndUser } from '../../connections/end-users.ts'
import type { EndUser } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { deleteEndUser } from '../../deletion/mark-deleted.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { pageType } from '../kernel/page-type.ts'
import { EndUserRef, WorkspaceRef } from './refs.ts'

builder.prismaObjectFields(EndUserRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('EndUser', id) }),
  externalId: t.exposeString('externalId'),
  displayName: t.exposeString('displayName', { nullable: true }),
  email: t.exposeString('email', { nullable: true }),
  metadata: t.field({ type: 'JSON', resolve: ({ metadata }) => metadata }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  workspace: t.field({
    type: WorkspaceRef,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
}))

const EndUsersPage = pageType<EndUser>('WorkspaceEndUsersPage', EndUserRef)

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  endUsers: t.field({
    type: EndUsersPage,
    args: {
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false }),
      search: t.arg.string({
        required: false,
        description: 'Part of the external id, the display name or the e-mail address, in any case.',
      }),
    },
    resolve: ({ id }, { first, after, search }, context) => {
      const pattern = search == null ? null : `%${search.replace(/[\\%_]/g, '\\$&')}%`
      const where =
        pattern === null
          ? []
          : [
              condition(
                't.external_id ILIKE ?::text OR t.display_name ILIKE ?::text OR t.email ILIKE ?::text',
                pattern,
                pattern,
                pattern,
              ),
            ]
      return context.loaders.lists.page<EndUser>(
        { table: 'end_user', parentColumn: 'workspace_id', where, first, after },
        id,
      )
    },
  }),
  endUser: t.field({
    type: EndUserRef,
    nullable: true,
    args: { externalId: t.arg.string() },
    resolve: ({ id }, { externalId }, context) =>
      context.loaders.rows.one<EndUser>('end_user', [
        condition('t.workspace_id = ?::uuid AND t.external_id = ?::text', id, externalId),
      ]),
  }),
}))

const UpsertEndUserInput = builder.inputType('UpsertEndUserInput', {
  fields: (t) => ({
    workspaceId: t.id(),
    externalId: t.string(),
    displayName: t.string({ required: false }),
    email: t.string({ required: false }),
    metadata: t.field({ type: 'JSON', required: false }),
  }),
})

mutation('upsertEndUser', {
  description: 'What is left out of an end user that exists stays as it is.',
  input: UpsertEndUserInput,
  payload: builder.objectRef<{ endUser: EndUser; created: boolean }>('UpsertEndUserPayload').implement({
    fields: (t) => ({ endUser: t.expose('endUser', { type: EndUserRef }), created: t.exposeBoolean('created') }),
  }),
  resolve: ({ workspaceId, ...change }, context) =>
    upsertEndUser(context.services.database, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      ...change,
    }),
})

const DeleteEndUserInput = builder.inputType('DeleteEndUserInput', { fields: (t) => ({ endUserId: t.id() }) })

mutation('deleteEndUser', {
  description: 'With all of his connections.',
  input: DeleteEndUserInput,
  payload: builder.objectRef<{ deletedId: string; deletedConnections: number }>('DeleteEndUserPayload').implement({
    fields: (t) => ({ deletedId: t.exposeID('deletedId'), deletedConnections: t.exposeInt('deletedConnections') }),
  }),
  resolve: async ({ endUserId }, context) => ({
    deletedId: endUserId,
    deletedConnections: await deleteEndUser(context.services, callerOf(context), decodeGlobalId('EndUser', endUserId)),
  }),
})
