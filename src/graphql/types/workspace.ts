import { createWorkspace, updateWorkspace } from '../../connections/workspaces.ts'
import type { Workspace } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { deleteWorkspace } from '../../deletion/mark-deleted.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId, parseGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { nullIfGone } from '../kernel/nodes.ts'
import { pageType } from '../kernel/page-type.ts'
import { WorkspaceRef } from './refs.ts'

export const ConfirmationRef = builder.enumType('Confirmation', { values: ['REQUIRED', 'NONE'] as const })

interface Branding {
  name: string | null
  logoUrl: string | null
  color: string | null
}

const BrandingRef = builder.objectRef<Branding>('Branding').implement({
  fields: (t) => ({
    name: t.exposeString('name', { nullable: true }),
    logoUrl: t.exposeString('logoUrl', { nullable: true }),
    color: t.exposeString('color', { nullable: true }),
  }),
})

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('Workspace', id) }),
  name: t.exposeString('name'),
  slug: t.exposeString('slug'),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  redirectUrls: t.exposeStringList('redirectUrls', { authScopes: { wholeWorkspace: true } }),
  confirmation: t.expose('confirmation', { type: ConfirmationRef, authScopes: { wholeWorkspace: true } }),
  branding: t.field({
    type: BrandingRef,
    resolve: ({ brandingName, brandingLogoUrl, brandingColor }) => ({
      name: brandingName,
      logoUrl: brandingLogoUrl,
      color: brandingColor,
    }),
  }),
}))

const WorkspacesPage = pageType<Workspace>('QueryWorkspacesPage', WorkspaceRef)

builder.queryFields((t) => ({
  workspaces: t.field({
    type: WorkspacesPage,
    description: 'The workspaces that the caller sees: an operator all, others their own.',
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: (_root, { first, after }, context) =>
      context.loaders.lists.page<Workspace>({ table: 'workspace', parentColumn: null, first, after }, null),
  }),
  workspace: t.field({
    type: WorkspaceRef,
    nullable: true,
    description: 'By id or by slug: exactly one of the two.',
    args: { id: t.arg.id({ required: false }), slug: t.arg.string({ required: false }) },
    resolve: (_root, { id, slug }, context) => {
      if ((id == null) === (slug == null)) {
        throw new InvalidInputError([{ path: ['id'], message: 'Give exactly one of id and slug.' }])
      }
      if (id == null) return context.loaders.rows.one<Workspace>('workspace', [condition('t.slug = ?::text', slug)])
      const parsed = parseGlobalId(id)
      return parsed?.type === 'Workspace' ? nullIfGone(context.loaders.workspace.load(parsed.id)) : null
    },
  }),
}))

const BrandingInput = builder.inputType('BrandingInput', {
  fields: (t) => ({
    name: t.string({ required: false }),
    logoUrl: t.string({ required: false }),
    color: t.string({ required: false }),
  }),
})

const CreateWorkspaceInput = builder.inputType('CreateWorkspaceInput', {
  fields: (t) => ({
    name: t.string(),
    slug: t.string({ required: false }),
    redirectUrls: t.stringList({ required: false }),
    branding: t.field({ type: BrandingInput, required: false }),
    confirmation: t.field({ type: ConfirmationRef, required: false }),
  }),
})

mutation('createWorkspace', {
  input: CreateWorkspaceInput,
  payload: builder.objectRef<{ workspace: Workspace }>('CreateWorkspacePayload').implement({
    fields: (t) => ({ workspace: t.expose('workspace', { type: WorkspaceRef }) }),
  }),
  resolve: async ({ name, slug, redirectUrls, branding, confirmation }, context) => ({
    workspace: await createWorkspace(context.services.database, callerOf(context), {
      name,
      slug: slug ?? null,
      redirectUrls: redirectUrls ?? [],
      brandingName: branding?.name ?? null,
      brandingLogoUrl: branding?.logoUrl ?? null,
      brandingColor: branding?.color ?? null,
      confirmation: confirmation ?? 'REQUIRED',
    }),
  }),
})

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
