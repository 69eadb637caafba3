import { createRequire } from 'node:module'
import type { ProviderGuide } from './guide.ts'

/** The slugs of the providers with a guide: one file in `guides/` for each, which exports `<slug in camel case>Guide`. */
export const GUIDES: readonly string[] = ['sandbox', 'slack']

const require = createRequire(import.meta.url)
const loaded = new Map<string, ProviderGuide>()

/**
 * The guide of a provider of the catalogue. Null: it has none.
 *
 * A guide is loaded when it is first needed, because all of them would add to the start of every process.
 */
export function findGuide(slug: string): ProviderGuide | null {
  if (!GUIDES.includes(slug)) return null
  const known = loaded.get(slug)
  if (known !== undefined) return known
  const name = slug.replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase())
  const guide: ProviderGuide = require(`./guides/${slug}.ts`)[`${name}Guide`]
  loaded.set(slug, guide)
  return guide
}
