import type { AuthKind } from './definition/auth.ts'
import type { IntegrationDefinition } from './definition/definition.ts'
import type { ProviderGuide } from './guide.ts'

/** A public page that the facts of a file are taken from. */
export interface Source {
  url: string
  /** When it was read, as `2026-11-29`. */
  read: string
  /** It is not the provider's own: the facts were checked against it. */
  second?: true
  /** Where it contradicts the provider's documentation, and why the file follows the documentation. */
  differs?: string
}

/** Parts of a file that may stay unverified. */
export const UNVERIFIED_PARTS = [
  'app',
  'webhook',
  'key',
  'scopes',
  'rateLimit',
  'hints',
  'tokens',
  'streams',
  'actions',
] as const
export type UnverifiedPart = (typeof UNVERIFIED_PARTS)[number]

/**
 * Everything that the catalogue knows about one provider: a file in `providers/`, named after the slug, exports it as `provider`. The
 * file is loaded when the provider is first needed. `generated/catalog-index.ts` has what lists and searches need.
 */
export interface ProviderFile {
  /**
   * What people type besides the name: former names, abbreviations, products. In lower case, without punctuation at the ends. The name,
   * the slug and the categories are found without.
   */
  aliases: readonly string[]
  /** Slug of the icon in simple-icons. Null: it has none, and the pages show a monogram. */
  logo: string | null
  /** Colour of the brand, as `#4a154b`. */
  color: string
  /** Pages of the provider's documentation, and pages that the facts were checked against. */
  sources: readonly Source[]
  /** Parts that no documentation confirms. They are shown as such, and nothing in them is guessed. */
  unverified?: readonly UnverifiedPart[]
  /** What programs need: authentication, addresses, streams, webhook and actions. */
  definition: IntegrationDefinition
  /** What people read, in English and German. */
  guide: ProviderGuide
}

/** What lists and searches need to know about a provider. That of a built-in provider is generated, so that its file stays unloaded. */
export interface CatalogEntry {
  slug: string
  displayName: string
  categories: readonly string[]
  aliases: readonly string[]
  auth: AuthKind
  hasStreams: boolean
  hasActions: boolean
  hasWebhook: boolean
  /** Null: not known. */
  color: string | null
  /** Changes with the image. Null: there is none, and a page shows a monogram. */
  logoVersion: string | null
}

/** @param file what is known besides the definition; a deployment's own providers have nothing else */
export function catalogEntryOf(
  slug: string,
  definition: IntegrationDefinition,
  { aliases = [], color = null }: Partial<Pick<CatalogEntry, 'aliases' | 'color'>> = {},
  logoVersion: string | null = null,
): CatalogEntry {
  const { displayName, categories = [], auth, streams = [], actions = [], webhook } = definition
  return {
    slug,
    displayName,
    categories,
    aliases,
    auth: auth.type,
    hasStreams: streams.length > 0,
    hasActions: actions.length > 0,
    hasWebhook: webhook !== undefined,
    color,
    logoVersion,
  }
}
