import { recordAudit } from '../access/audit.ts'
import { assertOperator, assertWrites, type Caller, notFound } from '../access/caller.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Prisma, Workspace } from '../db/generated/client.ts'
import { conflictOn, isUniqueViolation } from '../db/violations.ts'
import { ForbiddenError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, checkSlug, type InputCheck, slugOf } from '../kit/input.ts'

interface NewWorkspace {
  name: string
  slug: string | null
  redirectUrls: string[]
  brandingName: string | null
  brandingLogoUrl: string | null
  brandingColor: string | null
  confirmation: 'REQUIRED' | 'NONE'
}

/** Undefined keeps the stored value. */
interface WorkspaceChange {
  /** Null is an error for name, slug and confirmation. */
  name?: string | null | undefined
  slug?: string | null | undefined
  /** Null removes all of them. */
  redirectUrls?: readonly string[] | null | undefined
  /** Null clears all three fields. */
  branding?: BrandingChange | null | undefined
  confirmation?: 'REQUIRED' | 'NONE' | null | undefined
}

/** Null clears a field, undefined keeps it. */
interface BrandingChange {
  name?: string | null | undefined
  logoUrl?: string | null | undefined
  color?: string | null | undefined
}

const MAX_NAME = 200
const MAX_REDIRECT_URLS = 100
const VISIBLE_ASCII = /^[\x21-\x7e]*$/
const SLUG_TAKEN = 'A workspace with this slug already exists. Choose another slug.'
/** A CSS colour: #rgb, #rgba, #rrggbb, #rrggbbaa, or a name. */
const COLOR = /^(?:#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z]{3,30})$/i

/**
 * Creates a workspace. Without a slug in the input, the slug is derived from the name.
 * @throws InvalidInputError; ForbiddenError; ConflictError when the slug is taken
 */
export async function createWorkspace(database: Database, caller: Caller, input: NewWorkspace): Promise<Workspace> {
  assertOperator(caller)
  const { name, redirectUrls, brandingName, brandingLogoUrl, brandingColor } = input
  const branding = { name: brandingName, logoUrl: brandingLogoUrl, color: brandingColor }
  const check = checkInput()
  checkWorkspace(check, { name, slug: input.slug ?? undefined, redirectUrls, branding })
  check.done()
  const id = newId()
  const create = (slug: string) =>
    database.transaction(async (tx) => {
      const workspace = await tx.prisma.workspace.create({ data: { ...input, id, slug } })
      await recordAudit(tx, { type: 'Workspace', id, workspaceId: id })
      return workspace
    })
  if (input.slug !== null) {
    const { slug } = input
    return conflictOn(() => create(slug), SLUG_TAKEN)
  }
  const slug = slugOf(name, id)
  try {
    return await create(slug)
  } catch (error) {
    // The derived slug is taken: add the end of the id.
    if (isUniqueViolation(error)) return create(`${slug.slice(0, 54)}-${id.slice(-8)}`)
    throw error
  }
}

/**
 * Changes the given fields of a workspace. Only an operator may change the slug: it is unique in the deployment, so the answer
 * would say whether another workspace has it.
 * @throws InvalidInputError; NotFoundError; ForbiddenError; ConflictError when the slug is taken
 */
export async function updateWorkspace(
  database: Database,
  caller: Caller,
  workspaceId: string,
  change: WorkspaceChange,
): Promise<Workspace> {
  const check = checkInput()
  checkWorkspace(check, change)
  for (const field of ['name', 'slug', 'confirmation'] as const) {
    if (change[field] === null) check.wrong(['input', field], 'Must not be null. Leave it out to keep it.')
  }
  check.done()
  assertWrites(caller, workspaceId, 'workspace')
  const { name, slug, redirectUrls, branding, confirmation } = change
  const data = {
    name: name ?? undefined,
    slug: slug ?? undefined,
    confirmation: confirmation ?? undefined,
    redirectUrls: redirectUrls === undefined ? undefined : [...(redirectUrls ?? [])],
    ...brandingColumns(branding),
  }
  const writePlain = () => database.transaction((tx) => writeChange(tx, workspaceId, data))
  if (slug == null) return writePlain()
  const current = await database.prisma.workspace.findFirst({ where: { id: workspaceId, deletedAt: null } })
  if (current === null) throw notFound('workspace')
  if (slug === current.slug) return writePlain()
  if (caller.role !== 'OPERATOR') throw new ForbiddenError('Only an operator can change the slug of a workspace.')
  const write = () =>
    database.transaction(async (tx) => {
      const workspace = await writeChange(tx, workspaceId, data)
      // Tokens may name the workspace by its slug. What they have opened ends.
      await tx.query(
        `UPDATE oidc_issuer SET version = version + 1
         WHERE workspace_id = $1::uuid AND workspace_claim IS NOT NULL`,
        [workspaceId],
      )
      return workspace
    })
  return conflictOn(write, SLUG_TAKEN)
}

async function writeChange(tx: Tx, id: string, data: Prisma.WorkspaceUpdateManyMutationInput): Promise<Workspace> {
  const [workspace] = await tx.prisma.workspace.updateManyAndReturn({ where: { id, deletedAt: null }, data })
  if (workspace === undefined) throw notFound('workspace')
  await recordAudit(tx, { type: 'Workspace', id, workspaceId: id })
  return workspace
}

function brandingColumns(branding: BrandingChange | null | undefined) {
  if (branding === undefined) return {}
  if (branding === null) return { brandingName: null, brandingLogoUrl: null, brandingColor: null }
  // Prisma does not write undefined fields.
  return { brandingName: branding.name, brandingLogoUrl: branding.logoUrl, brandingColor: branding.color }
}

function checkWorkspace(check: InputCheck, { name, slug, redirectUrls, branding }: WorkspaceChange): void {
  check.text(['input', 'name'], name, MAX_NAME)
  if (slug != null) check.part(() => checkSlug(slug, ['input', 'slug']))
  const urls = redirectUrls ?? []
  if (urls.length > MAX_REDIRECT_URLS) check.wrong(['input', 'redirectUrls'], `Give at most ${MAX_REDIRECT_URLS} URLs.`)
  for (const [index, url] of urls.entries()) {
    const path = ['input', 'redirectUrls', String(index)]
    check.url(path, url)
    // RFC 6749 section 3.1.2. Parameters that are appended to the URL would become part of the fragment.
    if (url.includes('#')) check.wrong(path, 'Must not have a fragment.')
    // The URL is sent in a Location header.
    if (!VISIBLE_ASCII.test(url))
      check.wrong(path, 'Must contain visible ASCII characters only. Percent-encode the others.')
  }
  check.text(['input', 'branding', 'name'], branding?.name, MAX_NAME)
  check.url(['input', 'branding', 'logoUrl'], branding?.logoUrl)
  if (branding?.color != null && !COLOR.test(branding.color)) {
    check.wrong(['input', 'branding', 'color'], 'Must be a CSS colour such as #336699.')
  }
}
