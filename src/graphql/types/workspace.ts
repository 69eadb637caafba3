import { createWorkspace, updateWorkspace } from '../../connections/workspaces.ts'
import type { Workspace } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { deleteWorkspace } from '../../deletion/mark-deleted.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId, parseGlobalId } from '../kernel/global-id.ts'
import { nullIfGone } from '../kernel/loaders.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { WorkspaceRef } from './refs.ts'
import { DELETED_ID, IN_WORKSPACE, NODE_ID } from './wording.ts'

export const ConfirmationRef = builder.enumType('Confirmation', {
  description: 'Whether a connection made on the hosted connect page has to be confirmed before it is ACTIVE.',
  values: {
    REQUIRED: {
      description:
        "The product's backend must call `confirmConnection` with the handle that came back with the browser.",
    },
    NONE: { description: 'No confirmation. For connect links that are sent by mail.' },
  },
})

interface Branding {
  name: string | null
  logoUrl: string | null
  color: string | null
}

const BRANDING_NAME = 'Name on the hosted connect page, at most 200 characters.'
const LOGO_URL = 'URL of the logo. The hosted connect page shows https URLs only.'
const COLOR = 'CSS colour, hexadecimal or a name, such as `#336699`.'
const REDIRECT_URLS =
  'URLs to which a browser may be sent after connecting. A `redirectUrl` elsewhere must equal one of them exactly.'

const BrandingRef = builder.objectRef<Branding>('Branding').implement({
  description: 'How the hosted connect page presents the workspace.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: true, description: `${BRANDING_NAME} Null: not set.` }),
    logoUrl: t.exposeString('logoUrl', { nullable: true, description: `${LOGO_URL} Null: not set.` }),
    color: t.exposeString('color', { nullable: true, description: `${COLOR} Null: not set.` }),
  }),
})

builder.prismaObjectFields(WorkspaceRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('Workspace', id) }),
  name: t.exposeString('name', { description: 'Name of the workspace for people.' }),
  slug: t.exposeString('slug', { description: 'Short name for URLs and lookups, unique in the deployment.' }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the workspace was created.' }),
  redirectUrls: t.exposeStringList('redirectUrls', {
    description: `${REDIRECT_URLS} FORBIDDEN for callers that act for an end user.`,
    authScopes: { wholeWorkspace: true },
  }),
  confirmation: t.expose('confirmation', {
    type: ConfirmationRef,
    description:
      'Whether connections made on the hosted connect page have to be confirmed. FORBIDDEN for callers that act for an end user.',
    authScopes: { wholeWorkspace: true },
  }),
  branding: t.field({
    type: BrandingRef,
    description: 'How the hosted connect page presents the workspace.',
    resolve: ({ brandingName, brandingLogoUrl, brandingColor }) => ({
      name: brandingName,
      logoUrl: brandingLogoUrl,
      color: brandingColor,
    }),
  }),
}))

const WorkspacesPage = pageType('QueryWorkspacesPage', 'workspaces', WorkspaceRef)

builder.queryFields((t) => ({
  workspaces: t.field({
    type: WorkspacesPage,
    description:
      'Workspaces that the caller can see, oldest first: all of them for an operator, only their own for other callers.',
    args: pageArgs(t.arg),
    resolve: (_root, { first, after }, context) =>
      context.loaders.lists.page<Workspace>({ table: 'workspace', parentColumn: null, first, after }, null),
  }),
  workspace: t.field({
    type: WorkspaceRef,
    nullable: true,
    description:
      'Looks up a workspace by id or by slug. Null if it does not exist or the caller cannot see it. Both or none of the arguments is INVALID_INPUT.',
    args: {
      id: t.arg.id({ required: false, description: IN_WORKSPACE }),
      slug: t.arg.string({ required: false, description: 'Slug of the workspace.' }),
    },
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
  description: 'How the hosted connect page presents the workspace.',
  fields: (t) => ({
    name: t.string({ required: false, description: `${BRANDING_NAME} Null clears it.` }),
    logoUrl: t.string({ required: false, description: `${LOGO_URL} Null clears it.` }),
    color: t.string({ required: false, description: `${COLOR} Null clears it.` }),
  }),
})

const NAME = 'Name of the workspace for people, at most 200 characters.'
const SLUG =
  'Short name for URLs and lookups: 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Unique in the deployment; one that is taken is CONFLICT.'
const URLS = `${REDIRECT_URLS} At most 100, without fragments.`

const CreateWorkspaceInput = builder.inputType('CreateWorkspaceInput', {
  description: 'A new workspace.',
  fields: (t) => ({
    name: t.string({ description: NAME }),
    slug: t.string({ required: false, description: `${SLUG} Default: made from the name.` }),
    redirectUrls: t.stringList({ required: false, description: `${URLS} Default: none.` }),
    branding: t.field({
      type: BrandingInput,
      required: false,
      description: 'How the hosted connect page presents the workspace. Default: nothing set.',
    }),
    confirmation: t.field({
      type: ConfirmationRef,
      required: false,
      description: 'Whether connections made on the hosted connect page have to be confirmed. Default: REQUIRED.',
    }),
  }),
})

mutation('createWorkspace', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description: 'Creates a workspace. Operators only (FORBIDDEN).',
  input: CreateWorkspaceInput,
  names: () => null,
  payload: payloadType<{ workspace: Workspace }>('CreateWorkspacePayload', (t) => ({
    workspace: t.expose('workspace', { type: WorkspaceRef, description: 'The new workspace.' }),
  })),
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
  description: 'Changes to a workspace. Fields that are left out keep their value.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    name: t.string({ required: false, description: `${NAME} Null is INVALID_INPUT.` }),
    slug: t.string({
      required: false,
      description: `${SLUG} Null is INVALID_INPUT. Only an operator can change it; for other callers that is FORBIDDEN.`,
    }),
    redirectUrls: t.stringList({ required: false, description: `${URLS} Replaces the list. Null: none.` }),
    branding: t.field({
      type: BrandingInput,
      required: false,
      description: 'Changes the given fields of the branding. Null clears all of them.',
    }),
    confirmation: t.field({
      type: ConfirmationRef,
      required: false,
      description: 'Whether connections made on the hosted connect page have to be confirmed. Null is INVALID_INPUT.',
    }),
  }),
})

mutation('updateWorkspace', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description: 'Changes a workspace.',
  input: UpdateWorkspaceInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ workspace: Workspace }>('UpdateWorkspacePayload', (t) => ({
    workspace: t.expose('workspace', { type: WorkspaceRef, description: 'The changed workspace.' }),
  })),
  resolve: async ({ workspaceId, ...change }, context) => ({
    workspace: await updateWorkspace(
      context.services.database,
      callerOf(context),
      decodeGlobalId('Workspace', workspaceId),
      change,
    ),
  }),
})

const DeleteWorkspaceInput = builder.inputType('DeleteWorkspaceInput', {
  description: 'The workspace to delete.',
  fields: (t) => ({ workspaceId: t.id({ description: IN_WORKSPACE }) }),
})

mutation('deleteWorkspace', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Deletes a workspace and everything in it. It is invisible at once: its keys are refused, its subscriptions end and its slug is free. Data is removed in the background, and credentials are revoked at the provider where it supports that.',
  input: DeleteWorkspaceInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ deletedId: string }>('DeleteWorkspacePayload', (t) => ({
    deletedId: t.exposeID('deletedId', { description: DELETED_ID }),
  })),
  resolve: async ({ workspaceId }, context) => {
    await deleteWorkspace(context.services, callerOf(context), decodeGlobalId('Workspace', workspaceId))
    return { deletedId: workspaceId }
  },
})
