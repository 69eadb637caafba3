import { assertOperator, assertWrites, type Caller, notFound } from '../access/caller.ts'
import type { Database } from '../db/database.ts'
import type { Workspace } from '../db/generated/client.ts'
import { conflictOn, isUniqueViolation } from '../db/violations.ts'
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

/** What is to be another; undefined stays as it is. */
interface WorkspaceChange {
  /** Null is refused: a workspace has a name. So have slug and confirmation. */
  name?: string | null | undefined
  slug?: string | null | undefined
  /** Null: none. */
  redirectUrls?: readonly string[] | null | undefined
  /** Null: none of the three. */
  branding?: BrandingChange | null | undefined
  confirmation?: 'REQUIRED' | 'NONE' | null | undefined
}

/** Null clears. */
interface BrandingChange {
  name?: string | null | undefined
  logoUrl?: string | null | undefined
  color?: string | null | undefined
}

const MAX_NAME = 200
const MAX_REDIRECT_URLS = 100
const VISIBLE_ASCII = /^[\x21-\x7e]*$/
const SLUG_TAKEN = 'A workspace with this slug exists already. Choose another slug.'
/** Of CSS: #rgb, #rgba, #rrggbb, #rrggbbaa, or a name. */
const COLOR = /^(?:#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z]{3,30})$/i

/** Creates a workspace. Its slug is made of its name where none is given. */
export async function createWorkspace(database: Database, caller: Caller, input: NewWorkspace): Promise<Workspace> {
  assertOperator(caller)
  const { name, redirectUrls, brandingName, brandingLogoUrl, brandingColor } = input
  const branding = { name: brandingName, logoUrl: brandingLogoUrl, color: brandingColor }
  const check = checkInput()
  checkWorkspace(check, { name, slug: input.slug ?? undefined, redirectUrls, branding })
  check.done()
  const id = newId()
  const create = (slug: string) => database.prisma.workspace.create({ data: { ...input, id, slug } })
  if (input.slug !== null) {
    const { slug } = input
    return conflictOn(() => create(slug), SLUG_TAKEN)
  }
  const slug = slugOf(name, id)
  try {
    return await create(slug)
  } catch (error) {
    // Names may be alike; a slug that nobody asked for gives way.
    if (isUniqueViolation(error)) return create(`${slug.slice(0, 54)}-${id.slice(-8)}`)
    throw error
  }
}

/**
 * Changes what is given of a workspace.
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
    ...(name == null ? {} : { name }),
    ...(slug == null ? {} : { slug }),
    ...(confirmation == null ? {} : { confirmation }),
    ...(redirectUrls === undefined ? {} : { redirectUrls: [...(redirectUrls ?? [])] }),
    ...brandingColumns(branding),
  }
  const [workspace] = await conflictOn(
    () => database.prisma.workspace.updateManyAndReturn({ where: { id: workspaceId, deletedAt: null }, data }),
    SLUG_TAKEN,
  )
  if (workspace === undefined) throw notFound('workspace')
  return workspace
}

function brandingColumns(branding: BrandingChange | null | undefined) {
  if (branding === undefined) return {}
  if (branding === null) return { brandingName: null, brandingLogoUrl: null, brandingColor: null }
  // Prisma leaves what is undefined as it is.
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
    // RFC 6749 section 3.1.2: what is added to the URL would end up in the fragment.
    if (url.includes('#')) check.wrong(path, 'Must not have a fragment.')
    // It goes into a header as it stands.
    if (!VISIBLE_ASCII.test(url)) check.wrong(path, 'Must hold visible ASCII characters only: percent-encode the rest.')
  }
  check.text(['input', 'branding', 'name'], branding?.name, MAX_NAME)
  check.url(['input', 'branding', 'logoUrl'], branding?.logoUrl)
  if (branding?.color != null && !COLOR.test(branding.color)) {
    check.wrong(['input', 'branding', 'color'], 'Must be a colour of CSS, such as #336699.')
  }
}
