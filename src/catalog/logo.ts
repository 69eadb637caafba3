import { BRANDS } from './generated/brands.ts'

/** The logos are served below this path, as `<slug of the provider>.svg`. */
export const LOGOS_PATH = '/logos/'

/** Path and query of a provider's logo. They change with the image. Null: there is none, and a page shows a monogram. */
export function logoPathOf(provider: string | null): string | null {
  const logo = brandOf(provider)?.logo
  return logo == null ? null : `${LOGOS_PATH}${provider}.svg?v=${logo.version}`
}

/** The image itself. Null: the provider has none. */
export function logoSvgOf(provider: string): { svg: string; version: string } | null {
  return brandOf(provider)?.logo ?? null
}

/** Colour of a provider's brand, as `#4a154b`. Null: it is not known. */
export function colorOf(provider: string | null): string | null {
  return brandOf(provider)?.color ?? null
}

function brandOf(provider: string | null) {
  return provider !== null && Object.hasOwn(BRANDS, provider) ? BRANDS[provider] : undefined
}
