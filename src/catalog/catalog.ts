import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { BoundedMap } from '../kit/bounded-map.ts'
import { type IntegrationDefinition, type Provider, parseDefinition } from './definition/definition.ts'
import { CATALOG_INDEX } from './generated/catalog-index.ts'
import type { ProviderGuide } from './guide.ts'
import { type CatalogEntry, catalogEntryOf, type ProviderFile } from './provider-file.ts'
import { SANDBOX_SLUG, sandboxFile } from './sandbox-provider.ts'

/** Which providers are offered. */
interface Offer {
  /** The sandbox runs in this deployment. Default: false. */
  sandbox?: boolean
}

/** Existing integrations may have every provider, also the sandbox where it does not run. */
const ALL: Offer = { sandbox: true }

const builtIn: ReadonlyMap<string, CatalogEntry> = new Map(CATALOG_INDEX.map((entry) => [entry.slug, entry]))

/** The providers of this deployment, by slug. */
let own: ReadonlyMap<string, Provider> = new Map()
/** The entries of the built-in providers and of those of this deployment, ordered by slug. */
let entries: readonly CatalogEntry[] = CATALOG_INDEX

/**
 * Adds the providers of `LATCHKEY_PROVIDERS_DIR` to the catalogue, instead of those that were added before. Called once, before the start.
 * @throws Error for the slug of a built-in provider
 */
export function setOwnProviders(providers: readonly Provider[]): void {
  const taken = providers.find(({ slug }) => isBuiltIn(slug))
  if (taken !== undefined) throw new Error(`The catalogue has a built-in provider ${taken.slug}.`)
  own = new Map(providers.map((provider) => [provider.slug, provider]))
  const ownEntries = providers.map(({ slug, definition }) => catalogEntryOf(slug, definition))
  entries = [...CATALOG_INDEX, ...ownEntries].sort((one, other) => (one.slug < other.slug ? -1 : 1))
}

/** Whether a slug is that of a built-in provider, whose definition a deployment cannot replace. */
export function isBuiltIn(slug: string): boolean {
  return slug === SANDBOX_SLUG || builtIn.has(slug)
}

/** The offered providers, ordered by slug, and the sandbox last. No file of a provider is loaded for them. */
export function catalogEntries(offer: Offer): readonly CatalogEntry[] {
  return offer.sandbox === true ? [...entries, sandboxEntry()] : entries
}

export function findEntry(slug: string, offer = ALL): CatalogEntry | null {
  if (slug === SANDBOX_SLUG) return offer.sandbox === true ? sandboxEntry() : null
  return builtIn.get(slug) ?? entries.find((entry) => entry.slug === slug) ?? null
}

function sandboxEntry(): CatalogEntry {
  const file = sandboxFile()
  return catalogEntryOf(SANDBOX_SLUG, file.definition, file)
}

/** Loads the file of a built-in provider, once. @param offer default: everything, as for the provider of an existing integration */
export function findProvider(slug: string, offer = ALL): Provider | null {
  if (slug === SANDBOX_SLUG && offer.sandbox !== true) return null
  const file = findProviderFile(slug)
  return file === null ? (own.get(slug) ?? null) : { slug, definition: file.definition }
}

/** @throws Error when this version does not have the provider */
export function providerDefinition(slug: string): IntegrationDefinition {
  const provider = findProvider(slug)
  if (provider === null) throw new Error(`The catalogue of this version has no provider "${slug}".`)
  return provider.definition
}

/** What people need to know about a provider. Null: a provider of this deployment has no guide. */
export function findGuide(slug: string): ProviderGuide | null {
  return findProviderFile(slug)?.guide ?? null
}

const require = createRequire(import.meta.url)
/** The files have the same extension as this one: `.ts`, or `.js` in the npm package. */
const EXTENSION = extname(import.meta.filename)

/**
 * The file of a built-in provider. Null: there is none.
 *
 * It is loaded when it is first needed, because start and memory must not grow with the catalogue. `require` loads an ECMAScript module
 * without waiting, and once.
 */
export function findProviderFile(slug: string): ProviderFile | null {
  if (slug === SANDBOX_SLUG) return sandboxFile()
  return builtIn.has(slug) ? require(`./providers/${slug}${EXTENSION}`).provider : null
}

/** The columns of an integration from which its definition is read. */
interface DefinitionSource {
  id: string
  updatedAt: Date
  /** Slug of a provider of the catalogue; null: the workspace has its own `definition`. */
  provider: string | null
  definition: unknown
}

const parsed = new BoundedMap<string, { updatedAt: number; definition: IntegrationDefinition }>({ max: 1_000 })

/**
 * The definition of an integration. It is parsed once for each version.
 * @throws Error when this version does not have the provider, or no longer accepts the definition
 */
export function definitionOf(source: DefinitionSource): IntegrationDefinition {
  if (source.provider !== null) return providerDefinition(source.provider)
  const known = parsed.get(source.id)
  if (known !== undefined && known.updatedAt === source.updatedAt.getTime()) return known.definition
  const definition = parseDefinition(source.definition, { isStored: true })
  parsed.set(source.id, { updatedAt: source.updatedAt.getTime(), definition })
  return definition
}
