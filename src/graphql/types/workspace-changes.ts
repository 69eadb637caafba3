import { updateWorkspace } from '../../connections/workspaces.ts'
import type { Workspace } from '../../db/generated/client.ts'
import { deleteWorkspace } from '../../deletion/delete-workspace.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { WorkspaceRef } from './refs.ts'
import { BrandingInput, ConfirmationRef } from './workspace.ts'

const UpdateWorkspaceInput = builder.inputType('UpdateWorkspaceInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    workspaceId: t.id(),
    name: t.string({ required: false }),
    slug: t.string({ required: false }),
    redirectUrls: t.stringList({ required: false, description: 'Null: none.' }),
    branding: t.field({ type: BrandingInput, required: false, description: 'Null clears, as a whole or by field.' }),
    confirmation: t.field({ type: ConfirmationRef, required: false }),
  }),
})

mutation('updateWorkspace', {
  input: UpdateWorkspaceInput,
  payload: builder.objectRef<{ workspace: Workspace }>('UpdateWorkspacePayload').implement({
    fields: (t) => ({ workspace: t.expose('workspace', { type: WorkspaceRef }) }),
  }),
  resolve: async ({ workspaceId, ...change }, context) => ({
    workspace: await updateWorkspace(
      context.services.database,
      callerOf(context),
      decodeGlobalId('Workspace', workspaceId),
      change,
    ),
  }),
})

const DeleteWorkspaceInput = builder.inputType('DeleteWorkspaceInput', { fields: (t) => ({ workspaceId: t.id() }) })

mutation('deleteWorkspace', {
  description: 'It is gone for everybody at once, with its keys and subscriptions; its rows go in the background.',
  input: DeleteWorkspaceInput,
  payload: builder.objectRef<{ deletedId: string }>('DeleteWorkspacePayload').implement({
    fields: (t) => ({ deletedId: t.exposeID('deletedId') }),
  }),
  resolve: async ({ workspaceId }, context) => {
    await deleteWorkspace(context.services, callerOf(context), decodeGlobalId('Workspace', workspaceId))
    return { deletedId: workspaceId }
  },
})
